#!/bin/bash
# CPU time and memory that one call costs a user agent server: ours and the packaged stacks in one run.
# SIPp calls over UDP on loopback at a fixed rate, in rounds that take turns, so that a busy machine is
# unfair to all alike; the median round counts.
#
#   bench/uas/uas_cpu.sh BUILD_DIR [calls_per_second [seconds_per_round [rounds]]]
#
# Memory: resident size after the last round, and again when every timer (64*T1 = 32 s) has run out, each
# less the resident size after a warm-up round, per call in between.
set -eu
build=${1:?build folder}
rate=${2:-500}
seconds=${3:-10}
rounds=${4:-3}
calls=$((rate * seconds))
base_port=${UAS_PORT:-15060}
settle=${UAS_SETTLE_SECONDS:-40}

declare -A pid port rss_warm rss_loaded
names=()
cleanup() {
  for name in "${names[@]}"; do kill "${pid[$name]}" 2>/dev/null || true; done
  wait
  cat "$work"/*.log
  rm -rf "$work"
}
work=$(mktemp -d)
trap cleanup EXIT

cpu_ns() { awk '{ns += $1} END {printf "%.0f\n", ns}' /proc/"$1"/task/*/schedstat; }
rss_kb() { awk '/^VmRSS/ {print $2}' /proc/"$1"/status; }

# A stack that cannot keep up loses calls: said, not hidden, and its figure is of the calls that were made.
load() {  # name, calling port (a new one each time: the branches of the last run still linger), calls
  local status=0
  sipp -sn uac "127.0.0.1:${port[$1]}" -i 127.0.0.1 -p "$2" -r "$rate" -m "$3" -d 0 -nostdin \
    -timeout 120 >"$work/sipp.out" 2>&1 || status=$?
  [ "$status" -eq 0 ] && return
  grep -m1 'Failed call' "$work/sipp.out" | awk -v name="$1" '{print name ": calls that failed: " $NF}'
  grep -q 'Successful call .* 0 *$' "$work/sipp.out" && { tail -40 "$work/sipp.out"; exit 1; }
  return 0
}

for name in sip sofia osip; do
  program=$build/bench/uas/bench_${name}_uas
  [ -x "$program" ] || continue
  port[$name]=$((base_port + ${#names[@]}))
  "$program" "${port[$name]}" >"$work/$name.log" 2>&1 &
  pid[$name]=$!
  names+=("$name")
  for _ in $(seq 100); do grep -qs ready "$work/$name.log" && break; sleep 0.05; done
done

call_port=$((base_port + 100))
for name in "${names[@]}"; do
  load "$name" $((call_port++)) "$rate"
  rss_warm[$name]=$(rss_kb "${pid[$name]}")
done
for round in $(seq "$rounds"); do
  for name in "${names[@]}"; do
    before=$(cpu_ns "${pid[$name]}")
    load "$name" $((call_port++)) "$calls"
    after=$(cpu_ns "${pid[$name]}")
    echo $(((after - before) / calls)) >>"$work/$name.ns"
    rss_loaded[$name]=$(rss_kb "${pid[$name]}")
  done
done
echo "waiting $settle s for the last timers" >&2
sleep "$settle"

median() { sort -n "$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
[ -s "$work/sip.ns" ] && ours=$(median "$work/sip.ns") || ours=$(median "$work/${names[0]}.ns")
total=$((calls * rounds))
printf '%d calls/s, %d rounds of %d calls\n' "$rate" "$rounds" "$calls"
printf '%-7s %14s %8s %10s %18s %18s   %s\n' stack 'us CPU/call' 'ratio' 'RSS kB' 'kB/call at end' \
  'kB/call settled' rounds
for name in "${names[@]}"; do
  ns=$(median "$work/$name.ns")
  rss=$(rss_kb "${pid[$name]}")
  awk -v name="$name" -v ns="$ns" -v ours="$ours" -v rss="$rss" -v warm="${rss_warm[$name]}" \
    -v loaded="${rss_loaded[$name]}" -v total="$total" -v all="$(tr '\n' ' ' <"$work/$name.ns")" 'BEGIN {
    printf "%-7s %14.1f %8.2f %10d %18.2f %18.2f   %s\n", name, ns / 1000, ns / ours, rss,
           (loaded - warm) / total, (rss - warm) / total, all }'
done
