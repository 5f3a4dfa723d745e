"""Starting and ending Python in every way that a program ends, with work in flight: no abort, no hang, the right status.

`make test` tries each ending once, `make test-all` six times (LINESHAFT_STARTS: so often), 114 starts in all, in as many processes at once as
there are cores.
"""

import concurrent.futures
import dataclasses
import os
import random
import signal
import subprocess
import sys
import time

import pytest

STARTS = int(os.environ.get("LINESHAFT_STARTS", 6))  # of each ending
SECONDS = 300  # a start that takes longer hangs, even on a machine that does much else
# What the C++ runtime, glibc and Python say when a process aborts.
ABORTS = ("terminate called", "Fatal Python error", "corrupted", "free():", "pure virtual", "Segmentation", "leaked")


@dataclasses.dataclass
class Ending:
    program: str
    status: tuple[int, ...] = (0,)
    says: str = ""  # what the error stream must have
    interrupt: float | None = None  # SIGINT up to so many seconds after the program says that it is ready


# A shell's background process ignores SIGINT, and so would what it starts.
PRELUDE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import lineshaft_torch, torch
"""

WORK = """
x = torch.ones(256, 256).to("lineshaft")
for _ in range(200):
    x = x * 0.5 + x
"""

TRAINING = """
model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.GELU(), torch.nn.Linear(64, 8)).to("lineshaft")
optimizer = torch.optim.AdamW(model.parameters())
x = torch.randn(32, 64).to("lineshaft")

def step():
    optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()
    return loss

step()
"""

BACKWARD = """
x = torch.randn(64, 64).to("lineshaft").requires_grad_()
y = x
for _ in range(20):
    y = (y @ x).tanh()
y.sum().backward()
"""

RECORDING_THREADS = """
import threading

def work():
    x = torch.ones(64, 64).to("lineshaft")
    while True:
        x = x * 0.5 + 1

for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
x = torch.ones(64, 64).to("lineshaft") + 1
"""

READING_THREADS = """
import threading

def work():
    x = torch.ones(256, 256).to("lineshaft")
    while True:
        x = x * 0.5 + 1
        x.cpu()

for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
x = torch.ones(64, 64).to("lineshaft").sum().item()
"""

# Calls that keep the GIL while they use a device are among these.
ALL_KINDS_OF_THREADS = """
import threading

x = torch.ones(64, 64).to("lineshaft")
i = torch.tensor([1, 2]).to("lineshaft")
host = torch.ones(64, 64)

def put():
    x[3] = 1

def put_mask():
    x[x > 0.5] = 1

def work(what):
    while True:
        what()

for what in (
    put, put_mask, lambda: x[i].tolist(), lambda: x.sum().item(), lambda: str(x), lambda: bool(x[0, 0] > 0),
    lambda: torch.randn(3, device="lineshaft"), lambda: torch.tensor([1.0], device="lineshaft"), lambda: x.copy_(host),
    torch.accelerator.memory_allocated, torch.accelerator.empty_cache, torch.lineshaft.synchronize,
):
    threading.Thread(target=work, args=(what,), daemon=True).start()
(x + 1).sum().item()
"""

# The interpreter itself waits for these.
JOINED_THREADS = """
import threading

def work():
    x = torch.ones(64, 64).to("lineshaft")
    for _ in range(500):
        x = x * 0.5 + 1
    assert abs(x.mean().item() - 2) < 1e-3
    for _ in range(50):
        x = x + 1

for _ in range(3):
    threading.Thread(target=work).start()
"""

TRAINING_THREAD = (
    TRAINING
    + """
import threading

def train():
    while True:
        step()

threading.Thread(target=train, daemon=True).start()
"""
)

UNFINISHED_COPY = """
host = torch.empty(256, 256, pin_memory=True)
x = torch.ones(256, 256).to("lineshaft")
for _ in range(100):
    x = x * 0.5 + 1
    host.copy_(x, non_blocking=True)
    x.to("cpu", non_blocking=True)
event = torch.lineshaft.Event()
event.record()
"""

EXCEPTION = WORK + "raise ValueError('a mistake of the program')"
EXCEPTION_IN_BACKWARD = """
class Fails(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        raise ValueError("a mistake in backward")

x = torch.ones(64, 64).to("lineshaft").requires_grad_()
Fails.apply(x * 3).tanh().sum().backward()
"""

FOREVER = (
    TRAINING
    + """
print("ready", flush=True)
while True:
    step()
"""
)
WAITING = (
    TRAINING
    + """
print("ready", flush=True)
while True:
    step().item()
"""
)
AT_THE_END = WORK + "print('ready', flush=True)"

INTERRUPTED = -signal.SIGINT
ENDINGS = {
    "unused": Ending(""),
    "in_flight": Ending(WORK),
    "backward": Ending(BACKWARD),
    "training": Ending(TRAINING + "for _ in range(10): step()"),
    "recording_threads": Ending(RECORDING_THREADS),
    "reading_threads": Ending(READING_THREADS),
    "all_kinds_of_threads": Ending(ALL_KINDS_OF_THREADS),
    "training_thread": Ending(TRAINING_THREAD),
    "joined_threads": Ending(JOINED_THREADS),
    "unfinished_copy": Ending(UNFINISHED_COPY),
    "sys_exit": Ending(WORK + "import sys; sys.exit(5)", (5,)),
    "os_exit": Ending(WORK + "import os; os._exit(6)", (6,)),
    "os_exit_with_threads": Ending(READING_THREADS + "import os; os._exit(6)", (6,)),
    "exception": Ending(EXCEPTION, (1,), says="ValueError: a mistake of the program"),
    "exception_in_backward": Ending(EXCEPTION_IN_BACKWARD, (1,), says="ValueError: a mistake in backward"),
    "exception_with_threads": Ending(RECORDING_THREADS + "raise ValueError('oh')", (1,), says="ValueError: oh"),
    "interrupted": Ending(FOREVER, (INTERRUPTED,), says="KeyboardInterrupt", interrupt=0.05),
    "interrupted_waiting": Ending(WAITING, (INTERRUPTED,), says="KeyboardInterrupt", interrupt=0.05),
    # Python may be past the point where it minds.
    "interrupted_at_the_end": Ending(AT_THE_END, (0, 1, INTERRUPTED), interrupt=0.03),
}


def start(name: str) -> float:
    """Seconds that one start and exit takes; raises AssertionError for one that does not end as it should."""
    ending = ENDINGS[name]
    begin = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + ending.program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ, LINESHAFT_FALLBACK="error"),
    )
    try:
        if ending.interrupt is not None:
            assert process.stdout.readline() == "ready\n", process.communicate(timeout=SECONDS)[1]
            time.sleep(random.uniform(0, ending.interrupt))
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(
            f"{name} hangs: not ended after {SECONDS} s; it said: {process.communicate()[1]}"
        ) from None
    assert process.returncode in ending.status, f"{name} ended with {process.returncode}, not {ending.status}\n{said}"
    assert ending.says in said, f"{name} does not say {ending.says!r}\n{said}"
    assert not any(text in said for text in ABORTS), f"{name} aborts\n{said}"
    return time.monotonic() - begin


def outcome(name: str) -> float | str:
    try:
        return start(name)
    except AssertionError as error:
        return str(error)


@pytest.mark.parametrize("name", ENDINGS)
def test_start_and_exit(name):
    start(name)


@pytest.mark.long
@pytest.mark.parametrize("name", ENDINGS)
def test_many_starts_and_exits(name, capsys):
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        outcomes = list(pool.map(outcome, [name] * STARTS))
    seconds = [each for each in outcomes if isinstance(each, float)]
    wrong = [each for each in outcomes if isinstance(each, str)]
    with capsys.disabled():
        mean = sum(seconds) / max(1, len(seconds))
        print(f"\n{name}: {len(seconds)} of {STARTS} clean, {mean:.1f} s each, at most {max(seconds, default=0):.1f}")
    assert not wrong, "\n".join(wrong[:3])
