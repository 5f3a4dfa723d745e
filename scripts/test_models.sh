#!/usr/bin/env bash
# Trains models of other people's packages on every local device and compares with PyTorch's CPU device: `make test-models`. The packages
# are installed into an environment of their own, beside the one that has torch and Lineshaft. test_models.sh [run.py's flags]
set -uo pipefail
source "$(dirname "$0")/lib.sh"
folder=$root/tests/packages
models_venv=${LINESHAFT_MODELS_VENV:-$root/.venv-models}
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
key=$(cat "$folder"/requirements*.txt "$0" | sha256sum | cut -d' ' -f1)
stamp=$models_venv/.lineshaft-models
if [ "$(cat "$stamp" 2>/dev/null)" != "$key" ]; then
  say "installing the packages whose models are trained (about 1.5 GB) into ${models_venv#"$root"/}"
  "$python" -m venv --clear "$models_venv" || die "the venv module failed"
  # What is installed there comes first; torch and the device are the other environment's.
  echo "$site" >"$models_venv/$(realpath --relative-to="$venv" "$site")/lineshaft_base.pth"
  constraints=$(mktemp)
  "$python" -m pip list --format=freeze 2>/dev/null | grep -iE '^(torch|numpy)==' >"$constraints"
  pip() { "$models_venv/bin/python" -m pip --no-input -q "$@" </dev/null 2> >(grep -v '^WARNING: Location' >&2); }
  retry pip install -c "$constraints" -r "$folder/requirements.txt" &&
    retry pip install --no-deps -r "$folder/requirements-alone.txt" || die "pip could not install them; see above"
  rm -f "$constraints"
  printf '%s' "$key" >"$stamp"
fi
status=0
vulkan=$("$venv/bin/lineshaft" devices --json | "$python" -c 'import json, sys; print(any(d["id"].startswith("vulkan") for d in json.load(sys.stdin)["devices"]))')
devices=${LINESHAFT_DEVICES:-cpu $([ "$vulkan" = True ] && echo vulkan)}
for device in $devices; do
  say "models of other packages, $device"
  LINESHAFT_DEVICES=$device "$models_venv/bin/python" "$folder/run.py" --results "$root/build/models.$device.jsonl" "$@" || status=1
done
exit $status
