"""Trains a small convolutional network on Fashion-MNIST through torch.device("lineshaft"): what `make train` runs.

Ctrl-C ends cleanly after the step that runs and keeps a checkpoint; --resume goes on from it, with the same result as a run
that was never interrupted.
"""

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make train", description=__doc__, epilog='example: make train ARGS="--epochs 1"'
    )
    parser.add_argument("--epochs", type=int, default=3, help="passes over the images (3)")
    parser.add_argument("--images", type=int, default=60000, help="how many of the 60,000 training images to use")
    parser.add_argument("--batch", type=int, default=100, help="images a step (100)")
    parser.add_argument("--lr", type=float, default=2e-3, help="the highest learning rate (0.002)")
    parser.add_argument("--seed", type=int, default=1, help="of the weights, the order of images and the dropout (1)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--out", type=Path, default=Path("runs/fashion-mnist"), help="where the results go")
    parser.add_argument("--data", help="the folder of the four Fashion-MNIST files")
    parser.add_argument("--threads", type=int, help="threads of the CPU backend (all cores)")
    parser.add_argument(
        "--device", default="lineshaft", help="a torch device: lineshaft, lineshaft:1, or cpu to compare"
    )
    arguments = parser.parse_args()
    for name in ("epochs", "images", "batch"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} takes 1 or more")
    return arguments


# Read before torch loads the device.
arguments = parse_arguments() if __name__ == "__main__" else None
if arguments and arguments.threads:
    os.environ["LINESHAFT_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

import fashion_mnist  # noqa: E402
import torch  # noqa: E402
from network import make_network  # noqa: E402
from pictures import draw_curves, draw_predictions  # noqa: E402
from progress import Progress  # noqa: E402
from torch import nn  # noqa: E402


def describe_device(name: str) -> str:
    """The device's own name; says first why a GPU that may be expected is not used."""
    try:
        kind = torch.device(name).type
    except RuntimeError as error:
        sys.exit(
            f"{str(error).splitlines()[0]}\nIf it is lineshaft: `lineshaft doctor` says why PyTorch has no such device"
        )
    if kind != "lineshaft":
        return f"PyTorch's own {name} device"
    answer = subprocess.run([sys.executable, "-m", "lineshaft", "devices", "--json"], capture_output=True, text=True)
    if not answer.stdout:
        sys.exit(answer.stderr.strip() or "`lineshaft devices` failed")
    found = json.loads(answer.stdout)
    if found["error"]:
        sys.exit(found["error"])
    number = torch.device(name).index or 0
    chosen = next((device for device in found["devices"] if device["number"] == number), None)
    if chosen is None:
        sys.exit(f"there is no device {name}; `lineshaft devices` lists what there is")
    if "GPU" not in chosen["class"]:
        for finding in found["findings"]:
            print(f"{finding['what']}: {finding['problem']}\n  {finding['remedy']}")
    return f"{chosen['id']}: {chosen['name']} ({chosen['class']}, {chosen['memory'] / 2**30:.1f} GiB)"


def describe_place() -> str:
    """Where this process runs: what a guest has is lent."""
    if os.path.exists("/run/.containerenv") or os.path.exists("/.dockerenv"):
        return "in a container"
    if Path("/sys/class/dmi/id/sys_vendor").exists() and "QEMU" in Path("/sys/class/dmi/id/sys_vendor").read_text():
        return "in a virtual machine"
    return "on this machine"


def open_device(name: str) -> torch.device:
    try:
        return torch.empty(1, device=name).device
    except (RuntimeError, ImportError) as error:
        sys.exit(f'the device "{name}" does not open: {error}\n`lineshaft doctor` says what is missing')


def rate(progress: float) -> float:
    """The learning rate's part of its highest value: up over the first fifth of the run, then down along a cosine."""
    return 0.04 + 0.96 * (progress / 0.2 if progress < 0.2 else 0.5 + 0.5 * math.cos(math.pi * (progress - 0.2) / 0.8))


def on_cpu(state):
    """A copy of a state dictionary, its tensors moved to the CPU."""
    if torch.is_tensor(state):
        return state.cpu()
    if isinstance(state, dict):
        return {name: on_cpu(value) for name, value in state.items()}
    return [on_cpu(value) for value in state] if isinstance(state, list) else state


class Run:
    """A training run: its network, where it stands, what it saw. Saved and loaded whole."""

    def __init__(self, arguments: argparse.Namespace, device: torch.device, images: torch.Tensor, labels: torch.Tensor):
        self.arguments, self.device = arguments, device
        self.images, self.labels = images, labels
        self.steps = (len(images) + arguments.batch - 1) // arguments.batch
        torch.manual_seed(arguments.seed)
        self.network = make_network().to(device)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=arguments.lr)
        total = arguments.epochs * self.steps
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: rate(step / total))
        self.epoch = self.step = 0  # what is done
        self.history = {"losses": [], "epochs": []}
        self.stop = False

    def save(self) -> None:
        """Everything moved to the CPU, so that stock PyTorch loads it."""
        state = {
            "network": on_cpu(self.network.state_dict()),
            "optimizer": on_cpu(self.optimizer.state_dict()),
            "schedule": self.schedule.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
            "history": self.history,
            "arguments": {name: getattr(self.arguments, name) for name in ("epochs", "images", "batch", "lr", "seed")},
        }
        self.arguments.out.mkdir(parents=True, exist_ok=True)
        path = self.arguments.out / "checkpoint.pt"
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self) -> None:
        path = self.arguments.out / "checkpoint.pt"
        if not path.exists():
            sys.exit(f"--resume: there is no checkpoint {path}; run without --resume first")
        state = torch.load(path, map_location="cpu", weights_only=True)
        for name, value in state["arguments"].items():
            if getattr(self.arguments, name) != value:
                sys.exit(
                    f"--resume: {path} was made with --{name} {value}, this run has {getattr(self.arguments, name)}"
                )
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.epoch, self.step, self.history = state["epoch"], state["step"], state["history"]

    def train_epoch(self) -> None:
        """The rest of the current epoch, or up to the step at which self.stop is set."""
        arguments = self.arguments
        order = torch.randperm(
            len(self.images), generator=torch.Generator().manual_seed(arguments.seed * 1000 + self.epoch)
        )
        progress = Progress(f"epoch {self.epoch + 1}/{arguments.epochs}", len(order))
        self.network.train()
        since_read = []
        while self.step < self.steps and not self.stop:
            # The dropout of a step depends on its number alone, so that a resumed run does the same.
            torch.manual_seed((arguments.seed * 1000 + self.epoch) * 100000 + self.step)
            chosen = order[self.step * arguments.batch : (self.step + 1) * arguments.batch]
            batch = fashion_mnist.normalized(self.images[chosen].to(self.device))
            loss = nn.functional.cross_entropy(self.network(batch), self.labels[chosen].to(self.device))
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            self.step += 1
            since_read.append(loss.detach())
            # Reading a loss waits for the device, so it is done now and then.
            if len(since_read) == 20 or self.step == self.steps:
                mean = torch.stack(since_read).mean().item()
                since_read.clear()
                seen = self.epoch * len(order) + min(self.step * arguments.batch, len(order))
                self.history["losses"].append((seen, mean))
                progress.update(min(self.step * arguments.batch, len(order)), f"loss {mean:.3f}")
        progress.close()

    @torch.no_grad()
    def scores(self, images: torch.Tensor) -> torch.Tensor:
        self.network.eval()
        parts = [self.network(fashion_mnist.normalized(part.to(self.device))) for part in images.split(500)]
        return torch.cat(parts).cpu()

    def accuracy(self, images: torch.Tensor, labels: torch.Tensor) -> float:
        return (self.scores(images).argmax(1) == labels).float().mean().item()


def memory_text(device: torch.device) -> str:
    if device.type == "cpu":
        return "memory not counted"
    peak = torch.accelerator.max_memory_allocated(device) / 2**20
    reserved = torch.accelerator.max_memory_reserved(device) / 2**20
    return f"at most {peak:.0f} MiB in tensors, {reserved:.0f} MiB reserved"


def main(arguments: argparse.Namespace) -> int:
    try:
        images, labels = fashion_mnist.load(arguments.data, "train", arguments.images)
        test_images, test_labels = fashion_mnist.load(arguments.data, "t10k")
    except fashion_mnist.DatasetMissing as error:
        sys.exit(str(error))
    title = describe_device(arguments.device)
    device = open_device(arguments.device)
    run = Run(arguments, device, images, labels)
    if arguments.resume:
        run.load()
        print(f"going on after epoch {run.epoch}, step {run.step}")

    def interrupt(*_):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the second one ends at once
        run.stop = True

    signal.signal(signal.SIGINT, interrupt)
    print(f"training {describe_place()} on {title}")
    print(f"{len(images)} images, {arguments.epochs} epochs, {arguments.batch} images a step", flush=True)
    start = time.monotonic()
    while run.epoch < arguments.epochs:
        began = time.monotonic()
        run.train_epoch()
        if run.stop and run.step < run.steps:
            run.save()
            print(
                f"stopped in epoch {run.epoch + 1} after step {run.step} of {run.steps}; checkpoint: {arguments.out}/checkpoint.pt"
            )
            print("--resume goes on from here")
            return 130
        run.epoch, run.step = run.epoch + 1, 0
        row = {
            "epoch": run.epoch,
            "loss": run.history["losses"][-1][1],
            "train_accuracy": run.accuracy(images[:5000], labels[:5000]),
            "test_accuracy": run.accuracy(test_images, test_labels),
            "seconds": time.monotonic() - began,
        }
        run.history["epochs"].append(row)
        run.save()
        print(
            f"epoch {run.epoch}/{arguments.epochs}: loss {row['loss']:.3f}, test accuracy {100 * row['test_accuracy']:.2f} %, "
            f"{row['seconds']:.0f} s, {memory_text(device)}",
            flush=True,
        )
        if run.stop:
            print("stopped between epochs; --resume goes on from here")
            return 130
    seconds = time.monotonic() - start

    draw_curves(run.history, f"Fashion-MNIST on {title}", arguments.out / "curves.png")
    draw_predictions(
        test_images[:32], test_labels[:32], run.scores(test_images[:32]), arguments.out / "predictions.png"
    )
    (arguments.out / "history.json").write_text(json.dumps(run.history, indent=1))
    final = run.history["epochs"][-1]["test_accuracy"]
    print(f"results in {arguments.out}: checkpoint.pt, curves.png, predictions.png, history.json")
    print(f"trained on {title}: test accuracy {100 * final:.2f} % after {arguments.epochs} epochs in {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(arguments))
