"""What runs on the CPU and cannot come back says so: one sentence that names the operator, what it gives, and what to do."""

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
