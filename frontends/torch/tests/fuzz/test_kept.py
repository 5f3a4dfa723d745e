"""What the fuzzer has found stays mended: each file in kept/ is a program that once gave something else than PyTorch's CPU."""

from pathlib import Path

import lineshaft_torch
import pytest

from fuzz import check, program

KEPT = sorted((Path(__file__).parent / "kept").glob("*.json"))


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_find_stays_mended(path):
    verdict = check.check(program.load(path))
    if verdict["outcome"] == "pending":
        pytest.xfail(verdict["fault"])
    assert verdict["outcome"] in ("pass", "missing"), (
        f"{verdict}; replay: python {Path(__file__).parent}/run.py --replay {path}"
    )
