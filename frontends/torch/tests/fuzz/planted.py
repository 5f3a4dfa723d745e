"""Faults planted into the device, to see that the fuzzer finds each: `python planted.py` prints what became of them as JSON.

Each fault replaces an operator where it gets tensors of the device. The programs are those of that operator's samples.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

import lineshaft_torch  # noqa: E402, F401
import torch  # noqa: E402
from torch.utils import _pytree as pytree  # noqa: E402

from fuzz import calls  # noqa: E402
from fuzz.judge import Judge, same_find  # noqa: E402
from fuzz.minimize import Minimizer  # noqa: E402

MOST = 400  # programs


def on_device(*arguments):
    return any(isinstance(x, torch.Tensor) and x.device.type == "lineshaft" for x in pytree.tree_leaves(arguments))


def wrong_element(original, x, *args, **kwargs):
    """The last of more than 20 elements is one off."""
    result = original(x, *args, **kwargs)
    if result.numel() > 20 and result.is_contiguous():
        result.detach().view(-1)[-1].add_(1)
    return result


def lost_nan(original, x, *args, **kwargs):
    return original(torch.where(x == x, x, 0) if x.dtype.is_floating_point else x, *args, **kwargs)


def wrong_dtype(original, x, *args, **kwargs):
    result = original(x, *args, **kwargs)
    return result.to(torch.int32) if result.dtype == torch.int64 else result


def dropped_write(original, x, *args, **kwargs):
    """Writes to what is not contiguous are lost."""
    original(x if x.is_contiguous() else x.clone(), *args, **kwargs)
    return x


def swallowed(original, x, *args, **kwargs):
    try:
        result = original(x, *args, **kwargs)
        torch.lineshaft.synchronize()
    except Exception:
        return x
    return result


def lost_sign(original, x, *args, **kwargs):
    """A unit in the last place and the sign of zeros: rounding, but not of what moves data."""
    return original(x, *args, **kwargs) + 0


def crashing(original, x, *args, **kwargs):
    if x.dim() > 1:
        os.abort()
    return original(x, *args, **kwargs)


def hanging(original, x, *args, **kwargs):
    if x.dim() > 1:
        time.sleep(3600)
    return original(x, *args, **kwargs)


# Fault: the operator of OpInfo, the calls that it changes, the kinds of find that it may show as, seconds a program.
FAULTS = {
    "wrong element": (wrong_element, "cumsum", ["torch.cumsum"], ["values"], 60),
    "lost NaN": (lost_nan, "exp", ["torch.exp", "Tensor.exp"], ["nan"], 60),
    "wrong dtype": (wrong_dtype, "sum", ["torch.sum", "Tensor.sum"], ["dtype"], 60),
    "dropped write": (dropped_write, "add", ["Tensor.add_"], ["values"], 60),
    "swallowed error": (
        swallowed,
        "index_select",
        ["torch.index_select", "Tensor.index_select"],
        ["error missing"],
        60,
    ),
    "lost sign": (lost_sign, "flip", ["torch.flip", "Tensor.flip"], ["values", "dtype"], 60),
    "crash": (crashing, "tril", ["torch.tril", "Tensor.tril", "Tensor.tril_"], ["crash"], 60),
    "hang": (hanging, "triu", ["torch.triu", "Tensor.triu", "Tensor.triu_"], ["hang"], 3),
}


def plant(fault, names):
    def prepare():
        for name in names:
            original = calls.resolve(name)

            def standing_in(*args, original=original, **kwargs):
                return fault(original, *args, **kwargs) if on_device(args, kwargs) else original(*args, **kwargs)

            calls.replaced[name] = standing_in

    return prepare


def look_for(fault, operator, names, kinds, seconds):
    judge, found = Judge(seconds=seconds, prepare=plant(fault, names)), None
    for number in range(MOST):
        request = {"do": "both", "seed": 1, "number": number, "only": [operator]}
        answer = judge.ask(request)
        if answer["outcome"] == "find" and answer["kind"] in kinds and answer["call"] in [*names, ""]:
            program, found = answer.get("program") or judge.program(request), answer
            break
    if found is None:
        judge.close()
        return {"found": False}

    def still(candidate):
        got = judge.check(candidate)
        return same_find(got, found) and got["call"] in [*names, ""]

    small = Minimizer(still, seconds=30, tries=60 if seconds > 10 else 4).smallest(program)
    judge.close()
    return {"found": True, "programs": number + 1, "kind": found["kind"], "program": small}


def main():
    os.environ.setdefault("LINESHAFT_FALLBACK", "error")
    os.environ.setdefault("LINESHAFT_THREADS", "1")
    torch.set_num_threads(1)
    wanted = sys.argv[1:] or list(FAULTS)
    print(json.dumps({name: look_for(*FAULTS[name]) for name in wanted}))


if __name__ == "__main__":
    main()
