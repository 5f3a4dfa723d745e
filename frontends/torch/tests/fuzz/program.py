"""Programs as data, and how one runs on a device.

A program is {"tensors": [...], "steps": [...]} and, where wanted, "keep" (the steps whose results are compared, all by
default; others are let go after their last use, so that fusion may drop them), "random" (results are not compared by value),
"autocast" (a dtype), "threads" (a number), "graph" (true), "origin" (a text). A step is {"call", "args", "kwargs"}: calls.py
tells what is called, tensors.py what arguments are.
"""

import contextlib
import dataclasses
import json
import warnings

import numpy
import torch
from torch.utils import _pytree as pytree

from fuzz import calls, tensors

DEVICE = "lineshaft"


@dataclasses.dataclass
class Failure:
    step: int  # the number of steps where the error came at the end's wait
    type: str
    message: str

    def __str__(self):
        return f"{self.type}: {self.message.splitlines()[0][:300] if self.message else ''}"


@dataclasses.dataclass
class Seen:
    """A tensor among the results, read back."""

    value: torch.Tensor
    strides: tuple
    offset: int
    requires_grad: bool
    device: str


@dataclasses.dataclass
class Outcome:
    failure: Failure | None
    results: dict  # "step 2, result 0", "input 1" or "storage 1" to Seen or a Python object
    overlaps: bool = False  # an operator in place read what it wrote by another view


def steps_kept(program):
    return program.get("keep", range(len(program["steps"])))


def load(path):
    with open(path) as file:
        return json.load(file)


def operators_of(program):
    return [calls.operator_of(step["call"]) for step in program["steps"]]


def run(program, device, reference=False, noise=None, wait=False):
    """Runs the program on a device. `reference` computes in float64; `wait` waits after each step."""
    made = Run(program, device, reference, noise)
    return made.everything(wait)


class Run:
    """A program's tensors on a device and the results of its steps."""

    def __init__(self, program, device, reference=False, noise=None):
        self.program, self.device = program, device
        self.dtype = torch.float64 if reference else None
        self.noise = noise
        self.inputs, self.bases, self.results = [], [], {}
        self.overlaps = False
        self.own = self.coarsest()
        for data in program["tensors"]:
            tensor, base = tensors.build(data, device, self.dtype, noise)
            self.inputs.append(tensor)
            self.bases.append(base)
        self.last_use = {}
        for number, step in enumerate(program["steps"]):
            for reference in tensors.references([step["args"], list(step.get("kwargs", {}).values())]):
                if "result" in reference:
                    self.last_use[reference["result"]] = number

    def coarsest(self):
        """The floating dtype of the program with the fewest digits."""
        floats = [tensors.DTYPES[data["dtype"]] for data in self.program["tensors"] if "float" in data["dtype"]]
        return max(floats, key=lambda d: torch.finfo(d).eps, default=torch.float32)

    def look_up(self, reference):
        if "tensor" in reference:
            return self.inputs[reference["tensor"]]
        found = self.results[reference["result"]]
        return found[reference["item"]] if "item" in reference else found

    def autocast(self):
        dtype = self.program.get("autocast")
        if not dtype or self.dtype is not None:
            return contextlib.nullcontext()
        return torch.autocast(self.device.split(":")[0], dtype=tensors.DTYPES[dtype])

    def steps(self, wait=False):
        kept = set(steps_kept(self.program))
        for number, step in enumerate(self.program["steps"]):
            self.at = number
            args = tensors.decode(step["args"], self.look_up, self.device, self.dtype)
            kwargs = {
                k: tensors.decode(v, self.look_up, self.device, self.dtype) for k, v in step.get("kwargs", {}).items()
            }
            self.overlaps |= reads_what_it_writes(step["call"], args)
            self.results[number] = calls.resolve(step["call"])(*args, **kwargs)
            if self.noise is not None:
                self.disturb(self.results[number])
            if wait and self.device != "cpu":
                torch.lineshaft.synchronize()
            for old in list(self.results):
                if old not in kept and self.last_use.get(old, old) <= number:
                    del self.results[old]

    def disturb(self, result):
        """What a step rounds moves the steps after it too."""
        inputs = {t.untyped_storage().data_ptr() for t in self.inputs}
        for leaf in pytree.tree_leaves(result):
            if isinstance(leaf, torch.Tensor) and leaf.dtype.is_floating_point and leaf._base is None:
                if leaf.untyped_storage().data_ptr() not in inputs and 0 not in leaf.stride():
                    leaf.data.copy_(self.noise(leaf.data, self.own))

    def everything(self, wait=False):
        failure = None
        seed(self.program)
        self.at = 0
        try:
            with warnings.catch_warnings(), self.autocast(), default_dtype(self.dtype):
                warnings.simplefilter("ignore")
                self.steps(wait)
                self.at = len(self.program["steps"])
                if self.device != "cpu":
                    torch.lineshaft.synchronize()
            return Outcome(None, self.read(), self.overlaps)
        except Exception as error:
            failure = Failure(self.at, type(error).__name__, str(error))
        if self.device != "cpu" and failure.step < len(self.program["steps"]):
            # What the device still has to say of this program must not meet the next one.
            with contextlib.suppress(Exception):
                torch.lineshaft.synchronize()
        return Outcome(failure, {})

    def read(self):
        found = {}
        for number in sorted(self.results):
            if number in steps_kept(self.program):
                for i, leaf in enumerate(pytree.tree_leaves(self.results[number])):
                    found[f"step {number}, result {i}"] = read_leaf(leaf)
        for i, (data, tensor, base) in enumerate(zip(self.program["tensors"], self.inputs, self.bases)):
            found[f"input {i}"] = read_leaf(tensor)
            if "strides" in data:
                found[f"storage {i}"] = read_leaf(base)
        return found


def overlaps_itself(tensor):
    """Whether two elements lie in one place, which PyTorch looks at for expanded tensors only."""
    if tensor.numel() > 1 << 16 or tensor.is_contiguous():
        return False
    offsets = torch.zeros((), dtype=torch.int64)
    for size, stride in zip(tensor.shape, tensor.stride()):
        offsets = offsets[..., None] + torch.arange(size) * stride
    return offsets.unique().numel() < offsets.numel()


def reads_what_it_writes(call, args):
    """Whether an operator in place is given another view of the memory that it writes, or a batch norm one tensor twice: it
    reads weights and writes statistics in an order of its own."""
    if "batch_norm" in call:
        places = [leaf.untyped_storage().data_ptr() for leaf in args if isinstance(leaf, torch.Tensor) and leaf.numel()]
        return len(set(places)) < len(places)
    if not call.endswith("_") or call.endswith("__") or not args or not isinstance(args[0], torch.Tensor):
        return False
    target = args[0]
    # Writing one value to a place twice is as good as once.
    idempotent = calls.operator_of(call) in ("fill", "zero")
    if target.layout == torch.strided and not idempotent and overlaps_itself(target):
        return True

    def differs(other):
        if not isinstance(other, torch.Tensor) or other.layout != torch.strided or other.numel() == 0:
            return False
        same = (other.shape, other.stride(), other.storage_offset()) == (
            target.shape,
            target.stride(),
            target.storage_offset(),
        )
        return other.untyped_storage().data_ptr() == target.untyped_storage().data_ptr() and not same

    return target.layout == torch.strided and any(differs(leaf) for leaf in pytree.tree_leaves(args[1:]))


@contextlib.contextmanager
def default_dtype(dtype):
    """What integers become where they meet floats: float64 for a reference."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype or before)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def read_leaf(leaf):
    if not isinstance(leaf, torch.Tensor):
        return leaf
    strides = tuple(leaf.stride()) if leaf.layout == torch.strided else ()
    offset = leaf.storage_offset() if leaf.layout == torch.strided else 0
    value = leaf.detach().cpu()
    return Seen(
        value if leaf.device.type != "cpu" else value.clone(), strides, offset, leaf.requires_grad, leaf.device.type
    )


def seed(program):
    """The same random numbers whatever ran before."""
    number = program.get("seed", 0)
    torch.manual_seed(number)
    numpy.random.seed(number)
