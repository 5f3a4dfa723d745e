"""The main job end to end, on few images: it trains, an interrupted run goes on to the same weights, and stock PyTorch loads the checkpoint."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

EXAMPLES = Path(__file__).resolve().parent
sys.path.insert(0, str(EXAMPLES))
import fashion_mnist  # noqa: E402

FLAGS = ["--images", "400", "--epochs", "2", "--batch", "50"]


@pytest.fixture(autouse=True)
def data():
    try:
        fashion_mnist.find(None)
    except fashion_mnist.DatasetMissing as error:
        pytest.skip(str(error))


def start(*flags, script="train.py"):
    command = [sys.executable, EXAMPLES / script, *map(str, flags)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})


def finish(process):
    out, error = process.communicate(timeout=300)
    return process.returncode, out, error


def weights(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)["network"]


def test_interrupted_and_resumed_is_the_same_as_one_run(tmp_path):
    status, out, error = finish(start(*FLAGS, "--out", tmp_path / "whole"))
    assert status == 0, error
    assert "test accuracy" in out.splitlines()[-1]
    for name in ("checkpoint.pt", "curves.png", "predictions.png", "history.json"):
        assert (tmp_path / "whole" / name).stat().st_size > 0

    process = start(*FLAGS, "--out", tmp_path / "parts")
    while "images a step" not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    status, out, error = finish(process)
    assert status == 130, out + error
    assert "--resume" in out
    status, out, error = finish(start(*FLAGS, "--out", tmp_path / "parts", "--resume"))
    assert status == 0, error

    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(whole[name], parts[name]) for name in whole)

    status, out, error = finish(start("--out", tmp_path / "whole", script="evaluate.py"))
    assert status == 0, out + error


def test_what_is_wrong_is_said(tmp_path):
    status, _, error = finish(start(*FLAGS, "--out", tmp_path, "--resume"))
    assert status == 1 and "no checkpoint" in error
    status, _, error = finish(start(*FLAGS, "--out", tmp_path, "--data", tmp_path))
    assert status == 1 and "dataset-fashion-mnist" in error
    status, _, error = finish(start(*FLAGS, "--out", tmp_path, "--device", "lineshaft:77"))
    assert status == 1 and "lineshaft devices" in error
