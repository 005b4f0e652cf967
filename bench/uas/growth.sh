#!/bin/bash
# What does not grow: CPU for a call from 1 to 10,000 live ones, memory that calls leave behind.
#   bench/uas/growth.sh BUILD_DIR
# Our server alone; memory is its heap in use (mallinfo2, with big blocks), counted when asked by SIGUSR1.
set -eu
build=$(realpath "${1:?build folder}")
load=$build/bench/load/sip_load
timers_s=33 # 64*T1 and a bit: then nothing of a call is left
work=$(mktemp -d)
cleanup() {
  kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
cpu_ns() { awk '{ns += $1} END {printf "%.0f\n", ns}' /proc/"$1"/task/*/schedstat; }
start_server() {
  port=$((15000 + RANDOM % 15000))
  taskset -c 0 "$build/bench/uas/bench_sip_uas" "$port" >"$work/server" 2>&1 &
  server=$!
  for _ in $(seq 100); do grep -qs ready "$work/server" && return; sleep 0.05; done
  return 1
}
stop_server() { kill "$server"; wait "$server" 2>/dev/null || true; }
heap() {
  local lines
  lines=$(grep -c '^heap' "$work/server" || true)
  kill -USR1 "$server"
  for _ in $(seq 100); do [ "$(grep -c '^heap' "$work/server")" -gt "$lines" ] && break; sleep 0.05; done
  grep '^heap' "$work/server" | tail -1 | awk '{print $2}'
}
rss_kb() { awk '/^VmRSS/ {print $2}' /proc/"$server"/status; }
calls() { taskset -c $(($(nproc) - 1)) "$load" "$port" "$@" >>"$work/load" 2>&1 || echo "  calls failed: $(tail -1 "$work/load")"; }

echo "CPU of the server in us for a call, at 1000 calls/s that live for so long"
for live in 1 10 100 1000 10000; do
  seconds=$((live >= 10000 ? 12 : 4))
  start_server
  before=$(cpu_ns "$server")
  calls 1000 "$seconds" calls "$live"
  after=$(cpu_ns "$server")
  stop_server
  awk -v live="$live" -v ns=$((after - before)) -v calls=$((1000 * seconds)) \
    'BEGIN {printf "  %6d live: %5.1f us\n", live, ns / 1000 / calls}'
done

echo
start_server
calls 1000 1
sleep $timers_s
heap_1000=$(heap)
rss_1000=$(rss_kb)
calls 2000 5 calls 7000 &
caller=$!
sleep 6
live=$(heap)
wait $caller
sleep $timers_s
base=$(heap)
calls 4500 20
left=$(heap)
count=$(grep '^heap' "$work/server" | tail -1 | awk '{print $6}')
sleep $timers_s
echo "Memory of the server's heap"
awk -v base="$heap_1000" -v live="$live" 'BEGIN {printf "  for a live call (one of 10,000): %.2f kB\n", (live - base) / 1024 / 10000}'
awk -v base="$base" -v left="$left" -v count="$count" \
  'BEGIN {printf "  that a finished call leaves until its timers end: %.2f kB (%d transactions)\n", (left - base) / 1024 / (count / 2), count}'
echo "  after 1,000 calls and their timers $((heap_1000 / 1024)) kB (resident $rss_1000 kB), after 100,000 more" \
  "$(($(heap) / 1024)) kB (resident $(rss_kb) kB)"
stop_server
