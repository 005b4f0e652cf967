#!/usr/bin/env bash
# usage: call_cost.sh BUILD_FOLDER [PART...]: CPU, capacity and memory of calls, beside baresip.
set -euo pipefail
exec python3 "$(dirname "$0")/call_cost.py" "$@"
