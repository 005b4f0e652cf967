#!/usr/bin/env bash
# The packaged WebRTC library names some eighty shared libraries; none of the heavy ones may become a need.
set -euo pipefail
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work" >/dev/null
found=0
while read -r file; do
  found=$((found + 1))
  needed=$(objdump -p "$file" 2>/dev/null | awk '/NEEDED/ {print $2}')
  if bad=$(grep -E '^lib(X11|avcodec|gio)' <<<"$needed"); then
    echo "$file needs $bad"
    exit 1
  fi
  echo "$(basename "$file"): $(wc -w <<<"$needed") needed libraries"
done < <(find "$work" -type f \( -path '*/bin/*' -o -name '*.so*' \))
[ "$found" -ge 3 ] || { echo "only $found installed binaries found"; exit 1; }
