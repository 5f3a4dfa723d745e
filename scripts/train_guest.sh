#!/usr/bin/env bash
# The main job inside a guest: `lineshaft serve` on this machine lends its devices, and the training runs where there is no GPU and no network.
#   train_guest.sh container [train.py's arguments]: in a podman container over this machine's own root file system, which stays as it is
#   train_guest.sh vm [...]: in a QEMU virtual machine (scripts/guest_vm.sh)
set -euo pipefail
source "$(dirname "$0")/lib.sh"
kind=${1:-}
shift || true
folder=$(mktemp -d "${TMPDIR:-/tmp}/lineshaft.XXXXXX")
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

serve() {
  "$venv/bin/lineshaft" serve --socket "$folder/lineshaft.sock" "$@" 2>"$folder/serve.log" &
  server=$!
  local try
  for try in $(seq 100); do
    [ -S "$folder/lineshaft.sock" ] && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$folder/serve.log" >&2
  die "the server does not start; see above"
}

# Podman as it is set up here, else with runc, cgroupfs and explicit limits, which work where capabilities are restricted.
podman_works() { podman "$@" run --rm --network=none --rootfs /:O true >/dev/null 2>&1; }
find_podman() {
  command -v podman >/dev/null || die "podman is not installed; on Debian and Ubuntu: apt-get install podman"
  podman_works && return
  printf '%s\n' '[containers]' 'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]' '[engine]' 'runtime = "runc"' \
    'cgroup_manager = "cgroupfs"' 'events_logger = "file"' >"$folder/containers.conf"
  export CONTAINERS_CONF=$folder/containers.conf
  podman_works || die "podman cannot run a container over this machine's root file system:
$(podman run --rm --network=none --rootfs /:O true 2>&1 | tail -3)"
}

in_container() {
  find_podman
  serve
  mkdir -p "$root/runs"
  local terminal=()
  [ -t 1 ] && terminal=(-t)
  podman run --rm -i "${terminal[@]}" --network=none --cap-drop=all --security-opt no-new-privileges --workdir "$root" \
    -v "$folder/lineshaft.sock:/run/lineshaft/lineshaft.sock" -v "$root/runs:$root/runs" \
    -e LINESHAFT_SERVER=unix:/run/lineshaft/lineshaft.sock -e LINESHAFT_THREADS="${LINESHAFT_THREADS:-}" -e HOME=/tmp \
    --rootfs /:O "$python" examples/train.py "$@"
}

case $kind in
  container) in_container "$@" ;;
  vm) exec "$root/scripts/guest_vm.sh" "$@" ;;
  *) die "GUEST=$kind is not known; it is container or vm" ;;
esac
