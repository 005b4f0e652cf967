#!/bin/bash
# 10,000 lines in one process (2,000 are added each second) against a registrar in another: memory for a line, CPU while idle, and what happens
# when the registrar dies and comes back.
#   bench/load/lines.sh BUILD_DIR [LINES]
set -eu
build=$(realpath "${1:?build folder}")
lines=${2:-10000}
program=$build/bench/load/sip_lines
port=$((15000 + RANDOM % 15000))
down_s=25
work=$(mktemp -d)
cleanup() {
  kill "$registrar" "$phones" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
await() {  # file, text, how often, seconds
  for _ in $(seq $(($4 * 10))); do [ "$(grep -c "$2" "$1")" -ge "$3" ] && return; sleep 0.1; done
  echo "  waited $4 s in vain for: $2"
}
ask() {  # pid, file, text
  local before
  before=$(grep -c "$3" "$2" || true)
  kill -USR1 "$1"
  await "$2" "$3" $((before + 1)) 10
  grep "$3" "$2" | tail -1
}
start_registrar() {
  "$program" registrar "$port" >"$work/$1" 2>&1 &
  registrar=$!
  await "$work/$1" ready 1 10
}

start_registrar first
"$program" lines "$port" "$lines" >"$work/lines" 2>&1 &
phones=$!
await "$work/lines" 'all registered' 1 120
echo "$lines lines: $(grep 'all registered' "$work/lines" | tail -1)"
sleep 34 # finished transactions have gone: what is left is the lines'
ask "$phones" "$work/lines" '^lines'
sleep 10
echo "ten seconds later (idle: no refresh is due yet):"
ask "$phones" "$work/lines" '^lines'
ask "$registrar" "$work/first" '^registrar' | cut -c1-100
kill "$registrar"
wait "$registrar" 2>/dev/null || true
sleep $down_s
before=$(grep -c 'all registered' "$work/lines")
start_registrar second
back=$(date +%s)
await "$work/lines" 'all registered' $((before + 1)) 150
echo "registrar away for $down_s s; all registered $(($(date +%s) - back)) s after its return; REGISTERs in each second:"
ask "$registrar" "$work/second" '^registrar' | fold -w 160
