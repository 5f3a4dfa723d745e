"""Runs one program on the CPU and on the device and judges: the whole of what a find is."""

import hashlib
import re
import threading

import torch

from fuzz import classes, compare, ledger, pending, program, tensors
from fuzz.compare import Find

MISSING = re.compile(r"lineshaft has no kernel for (\S+?),|(\S+) is not there yet|lineshaft does not compute in (\w+)")
# PyTorch's CPU has no such kernel: nothing to compare with.
CPU_LACKS = re.compile(
    r"not implemented for|not implemented on|No operator found|not supported (on|for) CPU|Unsupported dtype"
)
CAPTURE = "captured"
OVERLAP = "more than one element of the written-to tensor refers to a single memory location"


class Verdict(dict):
    """{"outcome": pass, find, missing, justified, pending or skipped} with "kind", "label", "text", "digest" where they say something."""


def check(prog, device=program.DEVICE, say=lambda phase: None, fused=True):
    """`say` is told what runs, so that a crash can be laid at a door; `fused`: also run with a wait after each step."""
    say("cpu")
    expected = program.run(prog, "cpu")
    say("device")
    actual = program.run(prog, device)
    say("compare")
    verdict = judge(prog, expected, actual)
    say("device, after an error")
    if actual.failure and (trouble := canary(device)):
        verdict = found(prog, trouble)
    if verdict["outcome"] != "pass" or actual.failure:
        return verdict
    if fused and not prog.get("random"):
        say("device, waiting after each step")
        trouble = unequal(program.run(prog, device, wait=True), actual, "fusion", "a wait after each step")
        if trouble:
            return found(prog, trouble)
    for mode, run in (("threads", run_threads), ("graph", run_graph)):
        if prog.get(mode):
            say(mode)
            if trouble := run(prog, device, actual):
                return found(prog, trouble)
    if not prog.get("random"):
        verdict["digest"] = digest(actual)
    return verdict


def judge(prog, expected, actual):
    """The verdict over two outcomes."""
    if actual.failure and (missing := MISSING.search(actual.failure.message)):
        return Verdict(outcome="missing", text=next(filter(None, missing.groups())))
    if actual.failure and actual.failure.type == "OutOfMemoryError":
        return Verdict(outcome="skipped", text=str(actual.failure))
    if expected.failure and CPU_LACKS.search(expected.failure.message):
        return Verdict(outcome="skipped", text=str(expected.failure))
    if expected.overlaps and (not actual.failure or OVERLAP in actual.failure.message):
        return Verdict(outcome="skipped", text="an operator in place is given another view of what it writes")
    if alias(prog, expected):
        return Verdict(
            outcome="skipped", text="an output that is resized, or that more than elements depend on, is an input too"
        )
    if expected.failure or actual.failure:
        find = compare_failures(prog, expected.failure, actual.failure)
    else:
        find = compare.compare(prog, actual, expected)
    return found(prog, find) if find else Verdict(outcome="pass")


def alias(prog, outcome):
    """Whether an output is an input too where it may not be: what is read after the first elements are written, or after it
    was resized, is anyone's guess."""
    references = [
        r["tensor"]
        for s in prog["steps"]
        for r in tensors.references([s["args"], list(s["kwargs"].values())])
        if "tensor" in r
    ]
    outs = [r["tensor"] for s in prog["steps"] for r in tensors.references([s["kwargs"].get("out")]) if "tensor" in r]
    for i in outs:
        seen = outcome.results.get(f"input {i}")
        if references.count(i) > 1 and (
            not classes.elementwise(prog) or seen is None or list(seen.value.shape) != prog["tensors"][i]["shape"]
        ):
            return True
    return False


def compare_failures(prog, expected, actual):
    last = len(prog["steps"]) - 1
    failed = f"step {min((expected or actual).step, last)}"
    if actual is None:
        return Find("error missing", failed, f"the device raises nothing, the CPU {expected}")
    if expected is None:
        return Find("error unexpected", failed, f"the device raises {actual}")
    if actual.type == "OutOfMemoryError" and "can't allocate memory" in expected.message:
        return None
    if actual.type != expected.type:
        return Find("error class", failed, f"the device raises {actual}, the CPU {expected}")
    # An error that the device finds later comes at a later step.
    if actual.step < expected.step:
        return Find(
            "error unexpected",
            f"step {actual.step}",
            f"the device raises {actual}, the CPU only at step {expected.step}: {expected}",
        )
    return None


def found(prog, find):
    verdict = Verdict(outcome="find", kind=find.kind, label=find.label, text=find.text, call=culprit(prog, find))
    if reason := ledger.reason(prog, verdict):
        return Verdict(outcome="justified", text=reason)
    if fault := pending.reason(prog, verdict):
        return Verdict(verdict, outcome="pending", fault=fault)
    return verdict


def culprit(prog, find):
    """The call that the find is at, or the last one."""
    number = find.step()
    if number is None or number >= len(prog["steps"]):
        number = len(prog["steps"]) - 1
    return prog["steps"][number]["call"] if prog["steps"] else "copy"


def canary(device):
    """After an error the device goes on."""
    try:
        got = (torch.arange(6, device=device).reshape(2, 3) * 2 + 1).sum(0).tolist()
    except Exception as error:
        return Find("error unexpected", "afterwards", f"after the error the device raises {error}")
    return (
        None
        if got == [8, 12, 16]
        else Find("values", "afterwards", f"after the error the device gives {got} for [8, 12, 16]")
    )


def unequal(outcome, expected, kind, what):
    """Another run of a program gives the same bits."""
    if outcome.failure:
        return Find(kind, f"step {outcome.failure.step}", f"with {what} the device raises {outcome.failure}")
    for label, leaf in expected.results.items():
        other = outcome.results.get(label)
        if not isinstance(leaf, program.Seen):
            if leaf != other and leaf == leaf:
                return Find(kind, label, f"with {what}: {other!r}, without: {leaf!r}")
            continue
        if leaf.value.shape != other.value.shape or leaf.value.dtype != other.value.dtype:
            return Find(kind, label, f"with {what}: another shape or dtype")
        same = compare.same_bits(other.value, leaf.value)
        if not bool(same.all()):
            return Find(kind, label, f"with {what}: {compare.difference(other.value, leaf.value, ~same)}")
    return None


def run_threads(prog, device, expected):
    """The same program in several threads at once, each with tensors of its own."""
    outcomes = [None] * prog["threads"]
    barrier = threading.Barrier(len(outcomes))

    def work(number):
        barrier.wait()
        outcomes[number] = program.run(prog, device)

    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(len(outcomes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    troubles = (unequal(outcome, expected, "threads", f"{len(outcomes)} threads") for outcome in outcomes)
    return next(filter(None, troubles), None)


def run_graph(prog, device, expected):
    """Captured and replayed twice; what the first replay wrote into the inputs is put back."""
    made = program.Run(prog, device)
    before = [base.detach().clone() for base in made.bases]
    if any(seen.value.shape != kept.shape for seen, kept in zip(sized(expected), before)):
        return None
    graph = torch.accelerator.Graph()
    try:
        with graph, made.autocast():
            made.steps()
        for _ in range(2):
            for base, kept in zip(made.bases, before):
                base.detach().copy_(kept)
            graph.replay()
        outcome = program.Outcome(None, made.read())
    except Exception as error:
        if CAPTURE in str(error):
            return None
        outcome = program.Outcome(program.Failure(made.at, type(error).__name__, str(error)), {})
    return unequal(outcome, expected, "graph", "a captured graph")


def sized(outcome):
    """The storages, or where there are none the inputs, after a program that may have resized them."""
    inputs = [outcome.results[k] for k in sorted(k for k in outcome.results if k.startswith("input "))]
    return [outcome.results.get(f"storage {i}", seen) for i, seen in enumerate(inputs)]


def digest(outcome):
    """A text that is the same if all results are, bit by bit."""
    total = hashlib.sha256()
    for label, leaf in outcome.results.items():
        total.update(label.encode())
        if isinstance(leaf, program.Seen):
            value = leaf.value.contiguous()
            total.update(str(value.dtype).encode())
            if value.dtype.is_floating_point:
                value = torch.where(torch.isnan(value), torch.full_like(value, float("nan")), value)
            total.update(value.as_strided((value.numel(),), (1,)).view(torch.uint8).numpy().tobytes())
        else:
            total.update(repr(leaf).encode())
    return total.hexdigest()[:16]
