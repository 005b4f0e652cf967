#!/bin/bash
# CPU time that calls and transactions cost a user agent server: ours and the packaged stacks in one run, each
# process on a core of its own, the load generator on the other.
#   bench/uas/uas_cpu.sh BUILD_DIR [SECONDS_PER_ROUND]
# A round is measured on a fresh server. A stack that fails calls or that could not keep up (more than 1 in 100
# messages repeated) is not asked for higher rates.
set -eu
build=$(realpath "${1:?build folder}")
seconds=${2:-3}
load=$build/bench/load/sip_load
stacks=(sip sofia osip libre belle)
last_core=$(($(nproc) - 1))
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

cpu_ns() { awk '{ns += $1} END {printf "%.0f\n", ns}' /proc/"$1"/task/*/schedstat; }
field() { grep -o "$1 [0-9.]*" "$work/load" | awk '{print $NF}'; }
# The peers' servers do not count theirs.
repeated_by_server() { awk '{for (i = 1; i < NF; ++i) if ($i == "retransmitted") n = $(i + 1)} END {print n + 0}' "$work/server"; }
is_there() { [ -x "$build/bench/uas/bench_$1_uas" ]; }

start_server() {  # stack
  port=$((15000 + RANDOM % 15000))
  taskset -c 0 "$build/bench/uas/bench_$1_uas" "$port" >"$work/server" 2>&1 &
  server=$!
  for _ in $(seq 100); do grep -qs ready "$work/server" && return; sleep 0.05; done
  cat "$work/server" >&2
  return 1
}
stop_server() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}

# Sets us (CPU per call), failed, repeated (by both sides), p99 (ms).
round() {  # stack, rate, mode, hold_ms
  start_server "$1"
  local before after
  before=$(cpu_ns "$server")
  taskset -c "$last_core" "$load" "$port" "$2" "$seconds" "$3" "$4" >"$work/load" 2>&1 || true
  after=$(cpu_ns "$server")
  stop_server
  us=$(awk -v ns=$((after - before)) -v calls="$(field started)" 'BEGIN {printf "%.1f", ns / 1000 / calls}')
  failed=$(field failed)
  repeated=$(($(field retransmitted) + $(repeated_by_server)))
  p99=$(field '99%')
}

echo "CPU of the server in us for a call (INVITE, 200, ACK, BYE, 200) at calls/s; failed/repeated messages (the peers' own not counted); 99 % of"
echo "answers within ms. Rounds of $seconds s."
printf '%-7s' stack
for rate in 1000 3000 6000; do printf '%32s' "$rate/s"; done
echo
for stack in "${stacks[@]}"; do
  is_there "$stack" || continue
  printf '%-7s' "$stack"
  for rate in 1000 3000 6000; do
    round "$stack" "$rate" calls 0
    printf '%32s' "$us us, $failed/$repeated, $p99 ms"
    [ "$failed" -eq 0 ] && [ "$repeated" -le $((rate * seconds / 33)) ] || break
  done
  echo
done

echo
echo "Transactions per second that the CPU time of one core would carry (1 s / CPU of one), at 1000/s; us of one."
printf '%-7s %28s %28s\n' stack 'non-INVITE (OPTIONS, 200)' 'INVITE (INVITE, 486, ACK)'
for stack in "${stacks[@]}"; do
  is_there "$stack" || continue
  printf '%-7s' "$stack"
  for mode in options busy; do
    round "$stack" 1000 "$mode" 0
    printf ' %28s' "$(awk -v us="$us" 'BEGIN {printf "%d/s (%.1f us)", 1e6 / us, us}')"
  done
  echo
done

echo
echo "Highest clean rate of ours: calls/s, failed/repeated, us of the server, us of the generator for a call"
for rate in 8000 10000 13000 16000 20000; do
  round sip "$rate" calls 0
  echo "  $rate/s: $failed/$repeated, $us us, $(field 'client us') us"
  [ "$failed" -eq 0 ] && [ "$repeated" -le $((rate * seconds / 33)) ] || break
done

command -v sipp >/dev/null || exit 0
echo
echo "Our generator beside SIPp, on our server: us of the server for a call, failed, repeated"
for rate in 1000 3000 6000; do
  round sip "$rate" calls 0
  line="$us us, $failed, $repeated"
  start_server sip
  before=$(cpu_ns "$server")
  taskset -c "$last_core" sipp -sn uac "127.0.0.1:$port" -i 127.0.0.1 -r "$rate" -m $((rate * seconds)) -d 0 -nostdin \
    -timeout 60 >"$work/sipp" 2>&1 || true
  after=$(cpu_ns "$server")
  stop_server
  failed=$(grep 'Failed call' "$work/sipp" | tail -1 | awk '{print $NF}')
  repeated=$(repeated_by_server)
  echo "  $rate/s: own $line; SIPp $(((after - before) / 1000 / (rate * seconds))) us, ${failed:-?}, $repeated (server's)"
done
