"""Calls that are more than an operator: autograd's ways, checkpointing, modules, random numbers. Each gives tensors that two
devices can compare, or facts (a name and a truth) that hold on any device.
"""

import copy
import io

import torch
import torch.nn.functional as F
from torch.autograd import forward_ad
from torch.utils import _pytree as pytree
from torch.utils.checkpoint import checkpoint

import fuzz.calls as calls
from fuzz import training

REGISTRY = dict(training.REGISTRY)


def special(function):
    REGISTRY[function.__name__] = function
    return function


def differentiable(tree):
    return [t for t in pytree.tree_leaves(tree) if isinstance(t, torch.Tensor) and t.requires_grad]


def weights_like(tensor, seed):
    """What comes in to a backward pass; the same numbers on every device, with the result's own strides."""
    generator = torch.Generator().manual_seed(seed)
    made = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
    return torch.empty_like(tensor).copy_(made.to(tensor.dtype))


@special
def gradients(outputs, inputs, seed, how="grad", skip=0):
    """The inputs' gradients. `how`: grad, backward, twice (retain_graph), accumulate (into .grad, two passes), second
    (the gradient's gradient), expanded (an incoming gradient of strides 0). The first `skip` of several outputs get none."""
    outs, ins = differentiable(outputs), differentiable(inputs)
    if skip and len(outs) > skip:
        outs = outs[skip:]
    weights = [weights_like(t, seed + i) for i, t in enumerate(outs)]
    if how == "expanded":
        weights = [torch.ones((), dtype=t.dtype, device=t.device).expand(t.shape) for t in outs]
    if how in ("backward", "accumulate"):
        leaves = [t for t in ins if t.is_leaf]
        torch.autograd.backward(outs, weights, retain_graph=how == "accumulate")
        if how == "accumulate":
            torch.autograd.backward(outs, weights)
        return [t.grad for t in leaves]
    first = torch.autograd.grad(
        outs, ins, weights, allow_unused=True, retain_graph=how != "grad", create_graph=how == "second"
    )
    if how == "twice":
        return [first, torch.autograd.grad(outs, ins, weights, allow_unused=True)]
    if how == "second":
        smooth = [g for g in first if g is not None and g.requires_grad]
        if smooth:
            again = [weights_like(g, seed + 100 + i) for i, g in enumerate(smooth)]
            return [first, torch.autograd.grad(smooth, ins, again, allow_unused=True)]
    return first


@special
def tangent(name, arguments, keywords, seed):
    """The result of a call and its forward-mode derivative."""
    with forward_ad.dual_level():
        duals = [
            forward_ad.make_dual(x, weights_like(x, seed + i))
            if isinstance(x, torch.Tensor) and x.dtype.is_floating_point
            else x
            for i, x in enumerate(arguments)
        ]
        return [tuple(forward_ad.unpack_dual(t)) for t in tensors_of(calls.resolve(name)(*duals, **keywords))]


def tensors_of(tree):
    return [t for t in pytree.tree_leaves(tree) if isinstance(t, torch.Tensor)]


class _Undefined(torch.autograd.Function):
    """Lets numbers through and no gradient back."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return None


@special
def undefined(tensor):
    """The tensor, whose backward pass gives an undefined gradient."""
    return _Undefined.apply(tensor)


@special
def getitem(tensor, index):
    return tensor[index]


@special
def setitem(tensor, index, value):
    tensor[index] = value
    return tensor


@special
def first_of(tree):
    """The first tensor of a result of several."""
    return next(t for t in pytree.tree_leaves(tree) if isinstance(t, torch.Tensor))


@special
def saved(tensor):
    """Through torch.save, torch.load, deepcopy and the CPU."""
    file = io.BytesIO()
    torch.save(tensor, file)
    file.seek(0)
    loaded = torch.load(file, map_location=tensor.device)
    return [loaded, copy.deepcopy(tensor.detach()), tensor.cpu().to(tensor.device)]


@special
def dropped(tensor, p, kind="dropout"):
    """Dropout's mask is one and the same in the result and in the gradient, and keeps the rest scaled."""
    x = torch.ones_like(tensor).requires_grad_()
    y = getattr(F, kind)(x, p)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    scaled = (y == 0) | ((y.double() - (1 / (1 - p) if p < 1 else 0)).abs() < 1e-2)
    many = y.numel() < 1000 or kind != "dropout" or abs((y != 0).double().mean().item() - (1 - p)) < 0.1
    return {"one mask": torch.equal(y.detach(), gradient), "scaled": bool(scaled.all()), "part": many}


@special
def checkpointed(tensor, p, reentrant=False, layers=1):
    """What is computed again in a checkpoint draws the same dropout masks, so the gradient is the plain formula's."""
    x = torch.full_like(tensor, 1.0).requires_grad_()

    def block(t):
        return F.dropout(t * t, p)

    y = x
    for _ in range(layers):
        y = checkpoint(block, y, use_reentrant=reentrant)
    (gradient,) = torch.autograd.grad(y.sum(), x) if not reentrant else _backward(y, x)
    # Every factor is 1 or its scale, so y is scale ** (2 ** layers - 1) or 0, and dy/dx is 2 ** layers * y.
    expected = y.detach() * 2**layers
    close = (gradient - expected).abs() <= 1e-2 * expected.abs()
    return {"the same masks": bool(close.all())}


def _backward(y, x):
    y.sum().backward()
    return (x.grad,)


@special
def drawn(weights, count, replacement):
    """Samples of torch.multinomial: of weights above zero only, no one twice where none is put back."""
    drawn = torch.multinomial(weights, count, replacement)
    picked = torch.gather(weights, -1, drawn)
    rows = drawn.reshape(-1, count)
    single = replacement or all(len(set(row)) == count for row in rows.tolist())
    return {"possible": bool((picked > 0).all()), "single": single, "shape": tuple(drawn.shape)}


RANGES = {
    "uniform_": ((-2.0, 3.0), lambda x: (x >= -2) & (x <= 3), 0.5),
    "normal_": ((1.0, 2.0), lambda x: (x - 1).abs() < 20, 1.0),
    "exponential_": ((2.0,), lambda x: x >= 0, 0.5),
    "bernoulli_": ((0.25,), lambda x: (x == 0) | (x == 1), 0.25),
    "random_": ((3, 9), lambda x: (x >= 3) & (x <= 8), 5.5),
    "log_normal_": ((0.0, 0.25), lambda x: x > 0, 1.0317),
    "geometric_": ((0.5,), lambda x: x >= 1, 2.0),
    "cauchy_": ((0.0, 1.0), lambda x: x == x, None),
}


@special
def sampled(tensor, name):
    """Numbers drawn in place lie in their range, with their mean; no two parts of a large tensor are alike."""
    arguments, inside, mean = RANGES[name]
    x = getattr(tensor.clone(), name)(*arguments).double()
    many = x.numel() >= 10_000
    half = x.numel() // 2
    flat = x.reshape(-1)
    return {
        "in range": bool(inside(x).all()),
        "mean": not many or mean is None or abs(x.mean().item() - mean) < 0.15,
        "fresh": not many or not torch.equal(flat[:half], flat[half : 2 * half]),
    }


@special
def moved(tensor, dtype):
    """A parameter through .data and .to keeps being itself."""
    parameter = torch.nn.Parameter(tensor.detach().clone())
    before = id(parameter)
    parameter.data = parameter.data.to(dtype)
    return {"same object": id(parameter) == before, "dtype": str(parameter.dtype), "leaf": parameter.is_leaf}
