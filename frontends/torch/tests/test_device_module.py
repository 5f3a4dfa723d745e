"""What PyTorch asks of a device's Python module by name is there: the names are read from the sources of the installed PyTorch, so
that a new version's new question fails here by its name."""

import ast
import functools
from pathlib import Path

import lineshaft_torch
import pytest
import torch

D = "lineshaft"
PYTORCH = Path(torch.__file__).parent
# Modules of other devices, and of tests.
OTHERS = ("cuda", "mps", "mtia", "testing", "xpu")

# Names that PyTorch asks for and that torch.lineshaft does not have, each with the reason.
LEFT_OUT = {
    "__name__": "every module has it",
    "_lazy_call": "optional: what is not there is called at once, which is right where nothing is lazy",
    "set_rng_ctx": "asked of the device hpu only",
    "unset_rng_ctx": "asked of the device hpu only",
    "sparse": "optional: legacy classes of sparse tensors, for Tensor.type()",
    "rsplit": "a string's",
    "MemPool": "asked of cuda and xpu only",
    "use_mem_pool": "asked for symmetric memory between GPUs, which a program chooses",
    "_inductor_backend_init": "optional: brings in a code generator of Inductor's, which the device does not have yet",
    "Scheduling": "optional: a code generator of Inductor's, which the device does not have yet",
    "PythonWrapperCodegen": "as above",
    "CppWrapperCodegen": "as above",
    "WrapperFxCodegen": "as above",
}
# Names that are put together where they are asked for: what they become.
COMPUTED = {
    "_bad_fork_name": ["_is_in_bad_fork"],
    "_seed_all_name": ["manual_seed_all"],
    "_get_device_index": ["current_device"],
    "func": ["get_amp_supported_dtype"],
    "func_name": [],  # _get_custom_mod_func: its callers are searched
    "storage_name": [],  # legacy storage classes; a missing one is None
    "__name__": [],  # legacy tensor classes; as above
    "name": [],  # wrappers that hand on what they are asked
}
# Where PyTorch asks the class that the module gives to torch.compile, and not the module.
COMPILE = ("torch/_dynamo/", "torch/_inductor/", "torch/utils/_triton.py")
GIVE_MODULES = {
    "get_device_module",
    "_get_device_module",
    "_get_device_handle",
    "from_device",
    "get_interface_for_device",
}
CALLED = {"device_module", "device_mod", "custom_device_mod", "device_handle", "_device_handle", "_device_module"}


def name_of(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def gives_a_module(node):
    """torch.get_device_module(...), getattr(torch, device.type) and their like."""
    if isinstance(node, ast.IfExp):
        return gives_a_module(node.body) or gives_a_module(node.orelse)
    if not isinstance(node, ast.Call):
        return False
    if name_of(node.func) in GIVE_MODULES:
        return True
    if name_of(node.func) != "getattr" or name_of(node.args[0]) != "torch" or isinstance(node.args[1], ast.Constant):
        return False
    named = ast.unparse(node.args[1])
    return any(word in named for word in ("device", "backend", "acc"))


def asked_in(source):
    """(name, line) of all that a file asks of device modules."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    modules = set(CALLED)
    for node in nodes:
        if isinstance(node, ast.Assign | ast.NamedExpr | ast.AnnAssign) and node.value and gives_a_module(node.value):
            modules |= {name_of(t) for t in (node.targets if isinstance(node, ast.Assign) else [node.target])}

    def is_module(node):
        return gives_a_module(node) or name_of(node) in modules

    for node in nodes:
        if isinstance(node, ast.Attribute) and is_module(node.value):
            yield node.attr, node.lineno
        if not isinstance(node, ast.Call):
            continue
        called = name_of(node.func)
        if called in ("getattr", "hasattr") and len(node.args) > 1 and is_module(node.args[0]):
            name = node.args[1]
            if isinstance(name, ast.Constant):
                yield name.value, node.lineno
            else:
                for each in COMPUTED.get(name_of(name), [f"computed: {ast.unparse(name)}"]):
                    yield each, node.lineno
        if called == "_get_custom_mod_func" and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value, node.lineno
        if called == "_get_device_attr" and isinstance(node.args[0], ast.Lambda):
            parameter = node.args[0].args.args[0].arg
            for inner in ast.walk(node.args[0]):
                if isinstance(inner, ast.Attribute) and name_of(inner.value) == parameter:
                    yield inner.attr, inner.lineno


@functools.cache
def asked():
    """Each name with the places that ask for it."""
    found = {}
    words = GIVE_MODULES | CALLED | {"getattr(torch,", "_get_custom_mod_func", "_get_device_attr"}
    for path in sorted(PYTORCH.rglob("*.py")):
        inside = path.relative_to(PYTORCH)
        if inside.parts[0] in OTHERS:
            continue
        source = path.read_text(encoding="utf-8")
        if any(word in source for word in words):
            for name, line in asked_in(source):
                found.setdefault(name, []).append(f"torch/{inside}:{line}")
    return found


def test_the_search_finds_what_is_known():
    assert {"_initialized", "get_rng_state", "manual_seed_all", "current_stream", "get_amp_supported_dtype"} <= set(
        asked()
    )
    assert any("utils/checkpoint.py" in place for place in asked()["_initialized"])
    example = (
        "m = torch.get_device_module(d)\nm.new_question()\nif hasattr(getattr(torch, device.type), 'another'): pass"
    )
    assert sorted(name for name, _ in asked_in(example)) == ["another", "new_question"]


def test_the_module_has_all_that_is_asked():
    from torch._dynamo.device_interface import get_interface_for_device

    def is_there(name, places):
        compiling = all(place.startswith(COMPILE) for place in places)
        return hasattr(torch.lineshaft, name) or (compiling and hasattr(get_interface_for_device(D), name))

    missing = {n: places[:3] for n, places in asked().items() if n not in LEFT_OUT and not is_there(n, places)}
    assert not missing, (
        "PyTorch asks the device's module for names that it lacks; add them, or to LEFT_OUT with the reason"
    )


def test_nothing_is_left_out_that_is_there():
    assert not [name for name in LEFT_OUT if name != "__name__" and hasattr(torch.lineshaft, name)]


# What the device leaves as the tracer's base class has it.
INHERITED = {
    "get_device_properties": "asks the Worker, which the device gives",
    "is_triton_capable": "no: Triton has no code generator for the device",
    "is_gpu": "no: what Inductor does for GPUs is their code generators'",
    "raise_if_triton_unavailable": "says that it is",
    "get_cpp_device_options": "none: Inductor builds no C++ for the device",
    "get_multi_processor_count": "asked by Inductor's heuristics for its code generators; says that there is none",
    "get_cache_system_info": "none: nothing compiled for the device is kept",
    "exposes_streams": "yes, as the device has its own Stream",
}


def test_the_tracer_gets_what_it_asks():
    from torch._dynamo.device_interface import DeviceInterface, get_interface_for_device

    interface = get_interface_for_device(torch.device(D, 0))
    inherited = {name for name in vars(DeviceInterface) if not name.startswith("__") and name not in vars(interface)}
    assert inherited <= set(INHERITED), "the base class raises NotImplementedError for these"
    assert interface.current_device() == torch.lineshaft.current_device()
    assert interface.get_device_properties(0).id == torch.lineshaft.get_device_properties(0).id
    assert interface.is_dtype_supported(torch.bfloat16) and not interface.is_dtype_supported(torch.complex64)
    assert interface.get_raw_stream(0) and interface.memory_allocated() >= 0
    with interface.device(0):
        interface._set_stream_by_id(0, 0, torch.Stream(device=D).device_type)
    interface.synchronize()
    assert not interface.is_triton_capable()


def test_each_operator_that_is_implemented_is_one_of_pytorchs():
    """One that a release renames would go to the CPU, or nowhere, without a word."""
    nameless = {text.splitlines()[0].removeprefix("name: ") for text in torch._C._dispatch_find_dangling_impls()}
    assert nameless <= {"aten::cholesky", "aten::cholesky.out"}  # gone from 2.14 on


def test_devices_are_named_as_pytorch_names_them():
    index = torch.lineshaft._utils._get_device_index
    assert index("lineshaft:0", True) == index(torch.device(D), True) == index(0) == index() == 0
    assert index("cpu", allow_cpu=True) == -1
    with pytest.raises(ValueError, match="expected a lineshaft device, got cpu"):
        index("cpu")
    with pytest.raises(ValueError, match="with its number"):
        index(D, optional=False)
    assert torch.lineshaft._get_generator(torch.device(D)) is torch.lineshaft.default_generators[0]
    assert torch.lineshaft.exchange_device(0) == 0 and torch.lineshaft.maybe_exchange_device(-1) == 0
    assert "live tensors" in torch.lineshaft.memory_summary() and "\n" in torch.lineshaft.memory_summary(
        abbreviated=True
    )


def test_optimizers_take_the_device_as_one_of_their_own():
    from torch.optim.optimizer import _get_capturable_supported_devices
    from torch.utils import _foreach_utils

    assert D in _foreach_utils._get_fused_kernels_supported_devices()
    assert D in _foreach_utils._get_foreach_kernels_supported_devices()
    assert D in _get_capturable_supported_devices()
    lineshaft_torch.set_fallback("error")
    parameter = torch.nn.Parameter(torch.ones(3, device=D))
    optimizer = torch.optim.AdamW([parameter], lr=0.1, capturable=True)
    parameter.sum().backward()
    optimizer.step()
    assert optimizer.state[parameter]["step"].device.type == D and parameter.max().item() < 1
