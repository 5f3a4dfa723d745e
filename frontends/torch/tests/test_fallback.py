"""What runs on the CPU and cannot come back says so: one sentence that names the operator, what it gives, and what to do."""

import os
import subprocess
import sys

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_warns():
    lineshaft_torch.set_fallback("warn")
    yield
    lineshaft_torch.reset_fallback_counts()


def ones(*sizes):
    return torch.ones(*sizes, device=D)


# Operators whose result has a dtype that the device lacks, with the dtype.
GIVE_OTHER_DTYPES = {
    "fft_r2c": (lambda: torch.fft.rfft(ones(8)), "ComplexFloat"),
    "linalg_eig": (lambda: torch.linalg.eig(ones(2, 2)), "ComplexFloat"),
    "stft": (lambda: torch.stft(ones(64), 16, window=ones(16), return_complex=True), "ComplexFloat"),
    "view_as_complex": (lambda: torch.view_as_complex(ones(3, 2)), "ComplexFloat"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", GIVE_OTHER_DTYPES)
def test_a_result_that_the_device_cannot_hold(name):
    call, dtype = GIVE_OTHER_DTYPES[name]
    with pytest.raises(TypeError) as error:
        call()
    said = str(error.value).splitlines()[0]
    assert said.startswith("lineshaft has no kernel for aten::") and f"what it gives on the CPU is {dtype}" in said
    assert ".cpu()" in said and len(said) < 300
    lineshaft_torch.set_fallback("error")
    with pytest.raises(NotImplementedError, match="lineshaft has no kernel for aten::.*LINESHAFT_FALLBACK=error"):
        call()
    assert (ones(2) + 1).sum().item() == 4


@pytest.mark.parametrize("dtype", [torch.complex64, torch.float8_e4m3fn, torch.uint16])
def test_a_dtype_that_the_device_lacks_is_said_where_it_is_asked_for(dtype):
    for call in (
        lambda: ones(2).to(dtype),
        lambda: torch.zeros(2, dtype=dtype, device=D),
        lambda: torch.ones(2).to(dtype).to(D),
        lambda: torch.nn.Linear(2, 2).to(D).register_buffer("b", torch.ones(2).to(dtype).to(D)),
    ):
        with pytest.raises(TypeError, match=r"lineshaft does not compute in \w+; it has float64.*\(aten::"):
            call()


def test_autocast_refuses_what_cuda_refuses():
    probability = torch.full((3,), 0.5, device=D, requires_grad=True)
    for dtype in (torch.float16, torch.bfloat16):
        with torch.autocast(D, dtype=dtype):
            for loss in (F.binary_cross_entropy, torch.nn.BCELoss()):
                with pytest.raises(RuntimeError, match="unsafe to autocast.*binary_cross_entropy_with_logits"):
                    loss(probability, ones(3))
            with torch.autocast(D, enabled=False):
                assert F.binary_cross_entropy(probability, ones(3)).item() == pytest.approx(0.6931, abs=1e-3)
            assert F.binary_cross_entropy_with_logits(probability, ones(3)).dtype == torch.float32
    F.binary_cross_entropy(probability, ones(3)).backward()


F64_ON_THE_HOST = """
import lineshaft_torch, torch
x = torch.ones(4, dtype=torch.float64, device="lineshaft")
lineshaft_torch.set_fallback("warn")
print((x * 3).sum().item())
print(*lineshaft_torch.fallback_counts(), sep=", ")
lineshaft_torch.set_fallback("error")
try:
    print((x * 5).sum().item())
except NotImplementedError as error:
    print("refused:", str(error).splitlines()[0])
"""


def test_what_the_engine_leaves_to_the_host_is_counted_and_forbidden_too():
    probe = "import lineshaft_torch, torch; print(torch.lineshaft.device_count())"
    environment = dict(os.environ, LINESHAFT_DEVICES="vulkan:0", LINESHAFT_VULKAN_MASK="f64")
    environment.pop("LINESHAFT_SERVER", None)
    asked = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True)
    if asked.returncode != 0:
        pytest.skip("there is no Vulkan device here")
    run = subprocess.run([sys.executable, "-c", F64_ON_THE_HOST], env=environment, capture_output=True, text=True)
    lines = run.stdout.splitlines()
    assert lines[0] == "12.0", run.stderr
    assert " in f64" in lines[1], lines
    assert lines[2].startswith("refused:") and "in f64" in lines[2], lines
