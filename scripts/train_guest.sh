#!/usr/bin/env bash
# The main job inside a guest, to which a server lends this machine's devices (LINESHAFT_DEVICES): the training runs where there is no GPU and no network.
#   train_guest.sh container [train.py's arguments]: in a podman container over this machine's own root file system, which stays as it is
#   train_guest.sh vm [...]: in a QEMU virtual machine over the same root file system, with a server and a window of its own (guest_vm.py)
set -euo pipefail
source "$(dirname "$0")/lib.sh"
kind=${1:-}
shift || true

# Podman as it is set up here, else with runc, cgroupfs and explicit limits, which work where capabilities are restricted.
podman_works() { podman run --rm --network=none --rootfs /:O true >/dev/null 2>&1; }
find_podman() {
  command -v podman >/dev/null || die "podman is not installed; on Debian and Ubuntu: apt-get install podman"
  podman_works && return
  export CONTAINERS_CONF=$root/scripts/containers.conf
  podman_works || die "podman cannot run a container over this machine's root file system:
$(podman run --rm --network=none --rootfs /:O true 2>&1 | tail -3)"
}

in_container() {
  find_podman
  mkdir -p "$root/runs"
  local terminal=()
  [ -t 1 ] && terminal=(-t)
  exec podman run --rm -i "${terminal[@]}" --network=none --cap-drop=all --security-opt no-new-privileges --workdir "$root" \
    -v "${LINESHAFT_SERVER#unix:}:/run/lineshaft/lineshaft.sock" -v "$root/runs:$root/runs" \
    -e LINESHAFT_SERVER=unix:/run/lineshaft/lineshaft.sock -e HOME=/tmp --rootfs /:O "$python" examples/train.py "$@"
}

case $kind in
  container) exec "$root/scripts/with_server.sh" "${LINESHAFT_DEVICES:-}" "$root/scripts/train_guest.sh" lent-container "$@" ;;
  lent-container) in_container "$@" ;;
  vm) mkdir -p "$root/runs" && exec env -u LINESHAFT_SERVER "$python" "$root/scripts/guest_vm.py" --lineshaft "$venv/bin/lineshaft" --writable "$root/runs" -- \
    "$python" examples/train.py "$@" ;;
  *) die "GUEST=$kind is not known; it is container or vm" ;;
esac
