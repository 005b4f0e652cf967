#!/usr/bin/env bash
# tools/find-secrets finds what it must, passes what it must, and never repeats what it found.
set -euo pipefail
tool=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/logs/ours" "$folder/logs/others"
secret="xyzzy""-4711-plugh" # in two parts: this script is no find

expect() { # exit code, what is tested, content, file
  rm -f "$folder"/logs/*/*
  printf '%s\n' "$3" >"$folder/logs/$4"
  local status=0 said
  said=$("$tool" "$folder/logs" 2>&1) || status=$?
  if [ "$status" -ne "$1" ]; then
    echo "$2: exit code $status, not $1: $said"
    exit 1
  fi
  if grep -q -- "$secret" <<<"$said"; then
    echo "$2: the find itself was printed"
    exit 1
  fi
}

expect 0 "a clean log" 'REGISTER sip:lab SIP/2.0' ours/phone.log
expect 1 "a password in a log" "password=$secret" ours/phone.log
expect 1 "a password in another program's output" "$secret" others/peer.out
expect 1 "a password between bytes that are no text" $'\x01\x02'"$secret"$'\x03' others/peer.out
expect 0 "a masked digest" 'Authorization: Digest username="7001", nonce=***, response=***, cnonce=***' ours/phone.log
expect 1 "a digest's answer" 'Authorization: Digest username="7001", response="0123456789abcdef"' ours/phone.log
expect 1 "a proxy's" 'proxy-authorization: Digest nonce="0123456789abcdef"' ours/phone.log
expect 0 "what a foreign program traces" 'Authorization: Digest response="0123456789abcdef"' others/peer.out
rm -f "$folder"/logs/*/*
status=0
"$tool" "$folder/logs" 2>/dev/null || status=$?
[ "$status" -eq 2 ] || { echo "nothing to search is no success"; exit 1; }
echo "find-secrets can fail"
