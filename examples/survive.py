"""Training in a guest that outlives its server: when the connection is lost, it waits for the server, loads the last checkpoint and goes on.

lineshaft serve &                                 # on the host; stop it and start it again while the example runs
lineshaft guest run -- python examples/survive.py
"""

import argparse
import io

import torch
from torch import nn


def make(device):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 1)).to(device)
    return model, torch.optim.AdamW(model.parameters(), lr=1e-3)


def train(device, steps, every, checkpoint):
    """Steps on until done. `checkpoint` holds the last state; a lost device is raised as RuntimeError."""
    model, optimizer = make(device)
    if checkpoint.getbuffer().nbytes:
        checkpoint.seek(0)
        state = torch.load(checkpoint, map_location="cpu")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        print(f"goes on from step {state['step']}", flush=True)
        first = state["step"]
    else:
        first = 0
    for step in range(first, steps):
        generator = torch.Generator().manual_seed(step)
        x = torch.randn(512, 64, generator=generator).to(device)
        loss = (model(x) - x[:, :1].sin()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % every == 0:
            print(f"step {step + 1}: loss {loss.item():.5f}", flush=True)
            saved = io.BytesIO()
            torch.save({"step": step + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, saved)
            checkpoint.seek(0)
            checkpoint.truncate()
            checkpoint.write(saved.getvalue())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints (100)")
    parser.add_argument("--device", default="lineshaft")
    arguments = parser.parse_args()
    checkpoint = io.BytesIO()  # a file, in a program of your own
    while True:
        try:
            return train(arguments.device, arguments.steps, arguments.every, checkpoint)
        except RuntimeError as error:
            if "torch.lineshaft.reconnect()" not in str(error):
                raise
            print(f"lost: {str(error).splitlines()[0]}", flush=True)
        torch.lineshaft.reconnect(timeout=120)


if __name__ == "__main__":
    main()
