"""A tensor of more bytes than the server's device binds as one buffer, in a guest."""

import json
import os
import sys
from pathlib import Path

import pytest
import torch

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(Path(__file__).parent), str(TESTS)]
from test_ranges import two_steps  # noqa: E402

from server import Server  # noqa: E402

TRAIN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from test_ranges import two_steps
losses, rows = two_steps("lineshaft")
print(json.dumps([losses.tolist(), rows[::20].tolist()]))
"""


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path, LINESHAFT_DEVICES=os.environ.get("LINESHAFT_DEVICES", "cpu"))
    yield running
    if running.process.poll() is None:
        running.stop()


def test_an_embedding_and_head_of_gpt2s_size_train_as_on_the_cpu(server):
    losses, rows = json.loads(server.run(TRAIN, str(TESTS)))
    wanted_losses, wanted_rows = two_steps("cpu")
    torch.testing.assert_close(torch.tensor(losses), wanted_losses, rtol=2e-4, atol=2e-5)
    torch.testing.assert_close(torch.tensor(rows), wanted_rows[::20], rtol=2e-4, atol=2e-5)
