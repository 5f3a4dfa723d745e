"""The table, the picture and the file of a benchmark run."""

import dataclasses
import json
import math
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from harness import Result


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def row(result: Result) -> str:
    rate = f"{result.rate:8.1f} {result.unit}/s" if result.unit else " " * 13
    memory = f"  {result.memory.text()}" if result.memory else ""
    wrong = "" if result.agrees else f"  RESULTS DIFFER by {result.error:.1e}"
    return f"{result.name:48} {result.reference_ms:10.3f} {result.device_ms:10.3f} {result.ratio:7.2f} {rate}{memory}{wrong}"


HEADING = f"{'case':48} {'PyTorch ms':>10} {'device ms':>10} {'ratio':>7} {'rate':>13}"


def summary(results: list[Result]) -> str:
    steps = [result.ratio for result in results if result.group == "training"]
    text = f"geometric mean of {len(results)} ratios: {geometric_mean([result.ratio for result in results]):.2f}"
    if steps:
        text += f"; of training steps: {geometric_mean(steps):.2f}, the lowest {min(steps):.2f}"
    return text


def save(results: list[Result], machine: dict, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**dataclasses.asdict(result), "ratio": round(result.ratio, 3)} for result in results]
    path.with_suffix(".json").write_text(json.dumps({"machine": machine, "results": rows}, indent=1) + "\n")
    draw(results, machine, path.with_suffix(".png"))


def draw(results: list[Result], machine: dict, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(9, 1.2 + 0.3 * len(results)), layout="constrained")
    names = [result.name for result in results][::-1]
    ratios = [result.ratio for result in results][::-1]
    axes.barh(names, ratios, color=["#1f5fa8" if ratio >= 1 else "#b3541e" for ratio in ratios])
    axes.axvline(1, color="#222", lw=1)
    axes.set_xscale("log")
    axes.set_xlabel("PyTorch's CPU time over Lineshaft's (log scale): right of 1 Lineshaft is faster")
    for place, ratio in enumerate(ratios):
        axes.annotate(
            f"{ratio:.2f}", (ratio, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes.set_title(f"{machine['device']}, {machine['threads']} threads", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    figure.savefig(path, dpi=100)
    plt.close(figure)
