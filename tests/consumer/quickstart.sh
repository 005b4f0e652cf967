#!/usr/bin/env bash
# Installs to a private prefix, builds apps/quickstart against that copy alone, and makes a call with it.
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
lab=
trap '[ -z "$lab" ] || kill "$lab" 2>/dev/null || true; rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
flags=()
if grep -q '^SIDETONE_SANITIZE:STRING=..*' "$build/CMakeCache.txt"; then
  flags+=("-DCMAKE_CXX_FLAGS=-fsanitize=$(sed -n 's/^SIDETONE_SANITIZE:STRING=//p' "$build/CMakeCache.txt")")
fi
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_COMPILER="$compiler" "${flags[@]}" >"$work/configure.log"
cmake --build "$work/build" >"$work/build.log" || { cat "$work/build.log"; exit 1; }

# Only the SDK's own names may be visible.
foreign=$(nm -D --defined-only -C "$work"/prefix/lib*/libsidetone.so "$work"/prefix/lib/*/libsidetone.so 2>/dev/null |
  awk '$2 ~ /[TDBR]/ {$1=$2=""; print}' | grep -vE '^ *(sidetone::|typeinfo|vtable|guard|std::|__|_init|_fini)' | head -5 || true)
[ -z "$foreign" ] || { echo "libsidetone exports foreign names:"; echo "$foreign"; exit 1; }

mkfifo "$work/lab.out"
"$work/prefix/bin/sidetone-lab" --listen 127.0.0.1:0 --print-port >"$work/lab.out" 2>"$work/lab.err" &
lab=$!
read -r -t 10 port <"$work/lab.out"
"$work/build/quickstart" "7001@127.0.0.1:$port" 7101 1
