#!/usr/bin/env bash
# usage: idle_phone.sh BUILD_FOLDER: what an idle, registered phone costs, beside baresip and linphonec.
set -euo pipefail
exec python3 "$(dirname "$0")/idle_phone.py" "$1/apps/sidetone/sidetone"
