#!/usr/bin/env bash
# Installed, the program finds its G.729 module. Without the module G.729 is not offered, and the log says why, once.
set -euo pipefail
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null
module=$(find "$work/prefix" -name sidetone-g729.so)
[ -n "$module" ] || { echo "the module is not installed"; exit 1; }
[ -f "${module%.so}.LICENSE.md" ] || { echo "the module's licence is not installed"; exit 1; }

# Nobody answers at the discard port: what is offered is in the log.
call() {
  "$work/prefix/bin/sidetone" call 1 --server 127.0.0.1:9 --no-register --audio none --patience 1 \
    --codecs "$2" --log "$work/$1.log" --debug >"$work/$1.out" 2>&1 || true
}
call with g729,pcmu
grep -q 'm=audio [0-9]* RTP/AVP 18 0 101' "$work/with.log" || { echo "G.729 is not offered"; cat "$work/with.log"; exit 1; }
if grep -q 'G.729 is not available' "$work/with.log"; then echo "warned with the module there"; exit 1; fi

rm "$module"
call without g729,pcmu
grep -q 'm=audio [0-9]* RTP/AVP 0 101' "$work/without.log" || { echo "PCMU alone is not offered"; exit 1; }
said=$(grep -c 'G.729 is not available' "$work/without.log")
[ "$said" -eq 1 ] || { echo "the log says it $said times"; cat "$work/without.log"; exit 1; }
call nobody_asked pcmu
if grep -q 'G.729' "$work/nobody_asked.log"; then echo "it is missed though nobody enabled it"; exit 1; fi
call alone g729
grep -q 'none of the enabled audio codecs' "$work/alone.out" || { cat "$work/alone.out"; exit 1; }
