#!/usr/bin/env bash
# with_server.sh DEVICES COMMAND [ARGUMENT...]: runs the command as a guest of a `lineshaft serve` that lends DEVICES.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
folder=$(mktemp -d "${TMPDIR:-/tmp}/lineshaft.XXXXXX")
devices=$1
shift
command=$build/bin/lineshaft
[ -x "$command" ] || command=$venv/bin/lineshaft
LINESHAFT_DEVICES=$devices "$command" serve --config /dev/null --socket "$folder/lineshaft.sock" 2>"$folder/serve.log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 100); do
  [ -S "$folder/lineshaft.sock" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/serve.log" >&2; die "the server does not start; see above"; }
  sleep 0.1
done
status=0
LINESHAFT_SERVER=unix:$folder/lineshaft.sock "$@" || status=$?
[ "$status" = 0 ] || { echo "the server's log:"; tail -20 "$folder/serve.log"; } >&2
exit "$status"
