"""Tensors of two devices never meet in one operator: a buffer of one device is none of the other, and its number may be another
tensor's there. Each operator of OpInfo is given one of its tensors on the other device, or on the CPU. It raises, or gives what it gives
of tensors of one device: those that copy one tensor into another do, or that read a number, and those that run on the CPU."""

import os
import subprocess
import sys
import warnings

import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils._pytree import tree_flatten, tree_unflatten

LIMIT = 3  # tensors of a sample that are moved


def samples_of(op):
    """The first sample with two tensors or more, flat."""
    try:
        for sample in op.sample_inputs("cpu", torch.float32):
            flat, spec = tree_flatten((sample.input, sample.args, sample.kwargs))
            tensors = [i for i, x in enumerate(flat) if isinstance(x, torch.Tensor) and x.layout == torch.strided]
            if len(tensors) > 1 and all(x.numel() for x in flat if isinstance(x, torch.Tensor)):
                yield flat, spec, tensors[:LIMIT]
                return
    except Exception:  # PyTorch's own sample does not come about
        return


def results_of(op, flat, spec, place):
    """The results on the host, or the error. A dtype that the device lacks gives None."""
    try:
        placed = [x.detach().to(place(i)) if isinstance(x, torch.Tensor) else x for i, x in enumerate(flat)]
    except TypeError:
        return None
    first, args, kwargs = tree_unflatten(placed, spec)
    torch.manual_seed(0)
    try:
        leaves = tree_flatten(op.op(first, *args, **kwargs))[0]
        return [x.detach().cpu() if isinstance(x, torch.Tensor) else x for x in leaves]
    except Exception as error:
        return error


def alike(a, b):
    return len(a) == len(b) and all(
        torch.allclose(x, y, rtol=1e-4, atol=1e-5, equal_nan=True) if isinstance(x, torch.Tensor) else x == y
        for x, y in zip(a, b)
    )


def wrong(home, away):
    """(operator, number of the tensor, text) for all that give something else with that tensor on `away`, the others being on `home`."""
    found = []
    for op in op_db:
        for flat, spec, tensors in samples_of(op):
            for moved in tensors:
                print("trying", op.name, moved, flush=True)
                expected = results_of(op, flat, spec, lambda i: home)
                results = results_of(op, flat, spec, lambda i: away if i == moved else home)
                if isinstance(results, Exception):
                    text = str(results)
                    if "is out of range" in text or "internal" in text.lower() or "lineshaft:-1" in text:
                        found.append((op.name, moved, text))
                elif isinstance(expected, list) and results is not None and not alike(results, expected):
                    found.append((op.name, moved, "other values"))
    return found


def wrong_out(home, away):
    """(operator, 0, text) for all that take an output on `away` and leave anything but their result in it."""
    for op in op_db:
        if not op.supports_out:
            continue
        for flat, spec, _ in samples_of(op):
            print("trying", op.name, "out", flush=True)
            expected = results_of(op, flat, spec, lambda i: home)
            if (
                expected is None
                or isinstance(expected, Exception)
                or len(expected) != 1
                or not isinstance(expected[0], torch.Tensor)
            ):
                continue
            placed = [x.detach().to(home) if isinstance(x, torch.Tensor) else x for x in flat]
            first, args, kwargs = tree_unflatten(placed, spec)
            out = torch.zeros_like(expected[0], device=away)
            try:
                op.op(first, *args, **kwargs, out=out)
            except (RuntimeError, TypeError, NotImplementedError):
                continue
            if not alike([out.cpu()], expected):
                yield op.name, 0, "an output on another device is taken and not written"


def wrong_lists(home, away):
    """(operator, 0, text) for list operators that take what lies on `away` beside parameters on `home`."""
    x, g, m, v = (torch.ones(3, device=home) for _ in range(4))
    one, there = (torch.ones(1, device=d) for d in (home, away))
    adam = {
        "lr": 0.1,
        "beta1": 0.9,
        "beta2": 0.9,
        "weight_decay": 0.0,
        "eps": 1e-8,
        "amsgrad": False,
        "maximize": False,
    }
    sgd = {
        "weight_decay": 0.0,
        "momentum": 0.9,
        "dampening": 0.0,
        "nesterov": False,
        "maximize": False,
        "is_first_step": False,
    }
    calls = {
        "found_inf": lambda: torch._amp_foreach_non_finite_check_and_unscale_([g], there, one),
        "inv_scale": lambda: torch._amp_foreach_non_finite_check_and_unscale_([g], one, there),
        "Adam's steps": lambda: torch._fused_adam_([x], [g], [m], [v], [], [there], **adam),
        "Adam's scale": lambda: torch._fused_adam_([x], [g], [m], [v], [], [one], **adam, grad_scale=there),
        "Adam's found": lambda: torch._fused_adam_([x], [g], [m], [v], [], [one], **adam, found_inf=there),
        "SGD's rate": lambda: torch._fused_sgd_([x], [g], [m], lr=there, **sgd),
    }
    for name, call in calls.items():
        print("trying", name, flush=True)
        try:
            call()
        except RuntimeError:
            continue
        yield name.replace(" ", "_"), 0, "what lies on another device is taken"


def run(away, mode="tensors", least=150):
    environment = dict(os.environ, LINESHAFT_DEVICES="cpu,vulkan", PYTHONWARNINGS="ignore")
    environment.pop("LINESHAFT_SERVER", None)
    child = subprocess.run(
        [sys.executable, __file__, away, mode], env=environment, capture_output=True, text=True, timeout=1200
    )
    lines = child.stdout.splitlines()
    assert child.returncode == 0, f"{lines[-1] if lines else ''}\n{child.stderr[-3000:]}"
    tried = {line.split()[1] for line in lines if line.startswith("trying ")}
    assert len(tried) > least, "OpInfo's samples have not come about"
    return [line.removeprefix("wrong ") for line in lines if line.startswith("wrong ")]


@pytest.fixture(scope="module")
def two_devices():
    probe = "import lineshaft_torch, torch; print(torch.lineshaft.device_count())"
    environment = dict(os.environ, LINESHAFT_DEVICES="cpu,vulkan")
    asked = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True)
    if asked.returncode != 0 or asked.stdout.strip() != "2":
        pytest.skip("there are no two devices here")


def test_operators_refuse_tensors_of_two_devices(two_devices):
    assert run("lineshaft:1") == []


def test_operators_refuse_a_tensor_of_the_cpu_beside_the_devices(two_devices):
    assert run("cpu") == []


def test_operators_write_no_output_on_another_device(two_devices):
    assert run("lineshaft:1", "outputs", 100) == []


def test_lists_refuse_what_lies_on_another_device(two_devices):
    assert run("lineshaft:1", "lists", 3) == []


def main():
    import lineshaft_torch  # noqa: F401

    warnings.simplefilter("ignore")
    look = {"tensors": wrong, "outputs": wrong_out, "lists": wrong_lists}[sys.argv[2]]
    for name, number, text in look("lineshaft:0", sys.argv[1]):
        print("wrong", name, number, text)


if __name__ == "__main__":
    main()
