"""torch.accelerator.Graph: a captured step runs again, on new data, with the bits and random numbers of eager code."""

import copy
import threading

import pytest
import torch
import torch.utils.checkpoint
from lineshaft_torch import _C, set_fallback
from torch import nn

pytestmark = pytest.mark.skipif(not hasattr(torch.accelerator, "Graph"), reason="this torch has no accelerator graphs")

DEVICE = torch.device("lineshaft")

# From 2.15 on PyTorch captures no optimizer that takes this and is made without it.
CAPTURABLE = {"capturable": True} if tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 15) else {}


class Trainer:
    """A network, its optimizer and static tensors; `step` is what is captured."""

    def __init__(self, network, optimizer):
        torch.manual_seed(1)
        self.network = copy.deepcopy(network).to(DEVICE)
        self.optimizer = optimizer(self.network.parameters())
        self.images = torch.zeros(16, 1, 12, 12, device=DEVICE)
        self.labels = torch.zeros(16, dtype=torch.int64, device=DEVICE)
        self.loss = None

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss = nn.functional.cross_entropy(self.network(self.images), self.labels)
        self.loss.backward()
        self.optimizer.step()

    def load(self, batch):
        images, labels = batch
        self.images.copy_(images)
        self.labels.copy_(labels)


def network(dropout):
    return nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(200, 10),
    )


def batches(count):
    generator = torch.Generator().manual_seed(3)
    return [
        (torch.randn(16, 1, 12, 12, generator=generator), torch.randint(10, (16,), generator=generator))
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
        lambda p: torch.optim.Adam(p, lr=0.01, capturable=True),
        lambda p: torch.optim.AdamW(p, lr=0.01, capturable=True, fused=True),
        lambda p: torch.optim.Adam(p, lr=0.01, fused=True, **CAPTURABLE),
        lambda p: torch.optim.RMSprop(p, lr=0.01, **CAPTURABLE),
        lambda p: torch.optim.Adadelta(p, lr=0.1, **CAPTURABLE),
        lambda p: torch.optim.Adagrad(p, lr=0.01),
        lambda p: torch.optim.Adagrad(p, lr=0.01, lr_decay=0.1, fused=True),
    ],
    ids=["sgd", "adam", "adamw-fused", "adam-fused", "rmsprop", "adadelta", "adagrad", "adagrad-fused"],
)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_training_by_replays_gives_the_bits_of_eager_training(optimizer, dropout):
    model, data = network(dropout), batches(8)
    eager, graphed = Trainer(model, optimizer), Trainer(model, optimizer)
    torch.manual_seed(7)
    expected = []
    for batch in data:
        eager.load(batch)
        eager.step()
        expected.append(eager.loss.item())
    torch.manual_seed(7)
    got = []
    for batch in data[:2]:  # optimizers make their states in the first step
        graphed.load(batch)
        graphed.step()
        got.append(graphed.loss.item())
    graph = torch.accelerator.Graph()
    with graph:
        graphed.step()
    for batch in data[2:]:
        graphed.load(batch)
        graph.replay()
        got.append(graphed.loss.item())
    assert got == expected
    for a, b in zip(eager.network.state_dict().values(), graphed.network.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def graph_of_a_step(optimizer):
    """After one step without it."""
    trainer = Trainer(network(0.0), optimizer)
    trainer.step()
    graph = torch.accelerator.Graph()
    with graph:
        trainer.step()
    return graph


@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"])
def test_an_optimizer_that_counts_on_the_host_is_not_captured(name):
    make = getattr(torch.optim, name)
    with pytest.raises(RuntimeError, match=f"the step of {name} cannot be captured .* make it with capturable=True"):
        graph_of_a_step(lambda p: make(p, lr=0.01))
    graph_of_a_step(lambda p: make(p, lr=0.01, capturable=True)).replay()


def test_nor_is_adagrad_with_a_learning_rate_that_decays():
    with pytest.raises(RuntimeError, match="the step of Adagrad cannot be captured .* make it with fused=True"):
        graph_of_a_step(lambda p: torch.optim.Adagrad(p, lr_decay=0.1))


def test_a_graph_that_was_given_up_and_parameters_elsewhere_leave_optimizers_alone():
    graph = torch.accelerator.Graph()
    graph.capture_begin()
    host = torch.nn.Parameter(torch.ones(2))
    host.grad = torch.ones(2)
    if not CAPTURABLE:  # PyTorch itself asks no more than whether something is captured
        torch.optim.Adam([host], lr=0.1).step()
    del graph
    Trainer(network(0.0), torch.optim.Adam).step()
    assert not host.isnan().any()


def test_random_numbers_go_on_from_run_to_run():
    torch.manual_seed(5)
    expected = [torch.rand(100, device=DEVICE).cpu() for _ in range(4)]
    out = torch.empty(100, device=DEVICE)
    torch.manual_seed(5)
    graph = torch.accelerator.Graph()
    with graph:
        out.uniform_()
    got = []
    for _ in range(3):
        graph.replay()
        got.append(out.cpu())
    got.append(torch.rand(100, device=DEVICE).cpu())
    assert all(torch.equal(a, b) for a, b in zip(expected, got, strict=True))
    torch.manual_seed(5)
    graph.replay()
    assert torch.equal(out.cpu(), expected[0])


def test_a_generator_of_ones_own_goes_on_too():
    mine, twin = torch.Generator(DEVICE).manual_seed(9), torch.Generator(DEVICE).manual_seed(9)
    out = torch.empty(2, 50, device=DEVICE)
    graph = torch.accelerator.Graph()
    with graph:
        out[0].normal_(generator=mine)
        out[1].uniform_()
    for _ in range(3):
        graph.replay()
        assert torch.equal(out[0].cpu(), torch.empty(50, device=DEVICE).normal_(generator=twin).cpu())


def test_attention_with_dropout_draws_anew():
    torch.manual_seed(2)
    query = torch.randn(2, 4, 16, 8, device=DEVICE, requires_grad=True)

    def attend():
        query.grad = None
        out = nn.functional.scaled_dot_product_attention(query, query, query, dropout_p=0.3)
        out.square().sum().backward()
        return out

    torch.manual_seed(11)
    expected = [(attend().detach().cpu(), query.grad.cpu()) for _ in range(3)]
    torch.manual_seed(11)
    graph = torch.accelerator.Graph()
    with graph:
        out = attend()
    for values, gradient in expected:
        graph.replay()
        assert torch.equal(out.detach().cpu(), values)
        assert torch.equal(query.grad.cpu(), gradient)


def test_memory_of_temporaries_is_planned_and_given_back():
    x = torch.ones(1 << 18, device=DEVICE)
    torch.accelerator.synchronize()
    before = torch.accelerator.memory_allocated()
    graph = torch.accelerator.Graph()
    with graph:
        y = x
        for _ in range(20):
            y = torch.cumsum(y, 0) / y.sum()
    used = torch.accelerator.memory_allocated() - before
    assert used <= 5 * x.nbytes, (
        f"{used} bytes for a graph whose values of {x.nbytes} bytes live two or three at a time"
    )
    graph.replay()
    eager = x
    for _ in range(20):
        eager = torch.cumsum(eager, 0) / eager.sum()
    assert torch.equal(y.cpu(), eager.cpu())
    del y, eager
    graph.reset()
    assert torch.accelerator.memory_allocated() == before


def test_what_cannot_be_captured_says_so():
    x = torch.ones(4, device=DEVICE)
    graph = torch.accelerator.Graph()
    with pytest.raises(RuntimeError, match="holds no capture"):
        graph.replay()
    with pytest.raises(RuntimeError, match="captures nothing"):
        graph.capture_end()
    with graph:
        with pytest.raises(RuntimeError, match="a value cannot be read while a graph is captured"):
            (x * 2).sum().item()
        with pytest.raises(RuntimeError, match="cannot be waited for"):
            torch.accelerator.synchronize()
        with pytest.raises(RuntimeError, match="captured on .* already"):
            torch.accelerator.Graph().capture_begin()
        x += 1
    with pytest.raises(RuntimeError, match="holds a capture already"):
        graph.capture_begin()
    graph.replay()
    assert x.tolist() == [2, 2, 2, 2]


def test_a_graph_can_be_read(tmp_path):
    x = torch.ones(4, device=DEVICE)
    graph = torch.accelerator.Graph()
    with pytest.raises(RuntimeError, match="enable_debug_mode"):
        graph.debug_dump(str(tmp_path / "graph.txt"))
    graph.enable_debug_mode()
    with graph:
        x @ x
        x.add_(3)
    graph.debug_dump(str(tmp_path / "graph.txt"))
    assert "map" in (tmp_path / "graph.txt").read_text()


def test_a_graph_outlives_the_tensors_that_it_names():
    x, y = torch.ones(1000, device=DEVICE), torch.zeros(1000, device=DEVICE)
    graph = torch.accelerator.Graph()
    with graph:
        y.add_(x)
    del x
    other = torch.full((1000,), 50.0, device=DEVICE)
    graph.replay()
    graph.replay()
    assert y.sum().item() == 2000 and other.sum().item() == 50000


def test_a_capture_that_is_given_up_lets_the_device_go_on():
    x = torch.ones(4, device=DEVICE)
    graph = torch.accelerator.Graph()
    graph.capture_begin()
    x += 1
    del graph
    assert x.tolist() == [1, 1, 1, 1]
    assert torch.rand(2, device=DEVICE).shape == (2,)


def test_what_runs_on_the_cpu_is_not_captured():
    was_error = _C.is_fallback_error()
    set_fallback("warn")
    graph = torch.accelerator.Graph()
    try:
        with graph, pytest.raises(NotImplementedError, match="cannot be captured in a graph"):
            torch.linalg.eigvalsh(torch.ones(3, 3, device=DEVICE))
    finally:
        set_fallback("error" if was_error else "warn")


@pytest.mark.skipif(not hasattr(torch.Stream, "is_capturing"), reason="PyTorch before 2.13")
def test_a_stream_says_whether_it_is_captured():
    stream = torch.accelerator.current_stream()
    assert not stream.is_capturing()
    with torch.accelerator.Graph():
        assert stream.is_capturing()
    assert not stream.is_capturing()


def reentrant(function, x, use_reentrant):
    return torch.utils.checkpoint.checkpoint(function, x, use_reentrant=use_reentrant)


@pytest.mark.parametrize("use_reentrant", [False, True])
def test_activation_checkpoints_in_a_graph_draw_one_mask_twice(use_reentrant):
    drop = nn.Dropout(0.5)
    x = torch.ones(1000, device=DEVICE, requires_grad=True)

    def step():
        x.grad = None
        y = reentrant(lambda t: drop(t) * 1, x, use_reentrant)
        y.sum().backward()
        return y

    step()
    graph = torch.accelerator.Graph()
    with graph:
        y = step()
    masks = []
    for _ in range(3):
        graph.replay()
        assert torch.equal(y.detach().cpu(), x.grad.cpu())
        masks.append(y.detach().cpu())
    assert not torch.equal(masks[0], masks[1])
    later = torch.rand(1000, device=DEVICE)  # what the graph has drawn is not drawn again
    assert not torch.equal((later < 0.5).cpu(), masks[2] != 0)


def test_states_that_are_taken_in_a_capture_hold_there_only():
    generator = torch.Generator(DEVICE)
    graph = torch.accelerator.Graph()
    with graph:
        state = generator.get_state()
        a = torch.rand(8, device=DEVICE, generator=generator)
        generator.set_state(state)
        b = torch.rand(8, device=DEVICE, generator=generator)
    graph.replay()
    assert torch.equal(a.cpu(), b.cpu())
    with pytest.raises(RuntimeError, match="means nothing outside of it"):
        generator.set_state(state)
    ordinary = generator.get_state()
    for seed in (lambda: generator.manual_seed(1), lambda: torch.manual_seed(1), lambda: generator.set_state(ordinary)):
        with pytest.raises(RuntimeError, match="each replay's"):
            with torch.accelerator.Graph():
                seed()
    assert torch.rand(3, device=DEVICE).shape == (3,)


def test_another_thread_adds_nothing_to_a_graph():
    x, y = torch.ones(4, device=DEVICE), torch.zeros(4, device=DEVICE)
    told = []

    def other():
        for call in (
            lambda: torch.full((4,), 7.0).to(DEVICE),
            lambda: y.add_(1),
            lambda: torch._foreach_add_([y], 1.0),
        ):
            try:
                call()
            except RuntimeError as error:
                told.append(str(error))

    graph = torch.accelerator.Graph()
    with graph:
        z = x * 2
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        z.add_(1)
    assert len(told) == 3 and all("by another thread" in text for text in told), told
    graph.replay()
    assert z.tolist() == [3.0] * 4 and y.tolist() == [0.0] * 4


def test_what_a_replay_does_not_read_again_is_told():
    x = torch.zeros(4, device=DEVICE)
    pinned, loose = torch.ones(4).pin_memory(), torch.ones(4)
    with pytest.raises(RuntimeError, match="pinned memory again"):
        with torch.accelerator.Graph():
            x.copy_(pinned, non_blocking=True)
    with pytest.warns(UserWarning, match="does not read it again"):
        torch.set_warn_always(True)
        try:
            with torch.accelerator.Graph():
                x.copy_(loose)
        finally:
            torch.set_warn_always(False)
    graph = torch.accelerator.Graph()
    with graph:
        x.mul_(torch.tensor(3.0, device=DEVICE))  # a number
    x.fill_(2)
    graph.replay()
    assert x.tolist() == [6.0] * 4
