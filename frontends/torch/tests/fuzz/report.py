"""What a run says: a find as a file that can be replayed and as Python that stands alone, and the summary of it all."""

import collections
import inspect
import json
import math
import re
import types
from pathlib import Path

from fuzz import specials, tensors, values

HEAD = """# {text}
# {origin}; replay: python frontends/torch/tests/fuzz/run.py {backend}--replay {file}
import math

import torch

import lineshaft_torch  # noqa: F401

{helpers}
def program(device):
{body}
    return {results}


for device in ("cpu", "lineshaft"):
    try:
        print(device, program(device))
    except Exception as error:
        print(device, repr(error))
"""
INLINE = 256
TESTS = Path(__file__).resolve().parents[1]


def write(folder, name, program, answer, backend):
    """NAME.json and NAME.py in the folder; gives the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    kept = dict(program, find={k: answer[k] for k in ("kind", "label", "text", "call") if k in answer})
    path.write_text(json.dumps(kept, indent=1) + "\n")
    path.with_suffix(".py").write_text(snippet(program, answer, backend, path))
    return path


def snippet(program, answer, backend, path):
    helpers, body = {}, []
    for i, data in enumerate(program["tensors"]):
        body += tensor_lines(i, data, helpers)
    for i, step in enumerate(program["steps"]):
        body.append(f"r{i} = {call_text(step, helpers)}")
    results = ", ".join(
        [f"r{i}" for i in range(len(program["steps"]))] + [f"t{i}" for i in range(len(program["tensors"]))]
    )
    if program.get("autocast"):
        body = [
            f"with torch.autocast(torch.device(device).type, torch.{program['autocast']}):",
            *("    " + line for line in body),
        ]
    return HEAD.format(
        text=answer["text"].replace("\n", " ")[:400],
        origin=program.get("origin", "by hand"),
        backend=f"--device {backend} ",
        file=path,
        helpers="\n".join(helpers.values()) + "\n" if helpers else "",
        body="\n".join("    " + line for line in body),
        results=results or "None",
    )


def tensor_lines(i, data, helpers):
    dtype, shape = f"torch.{data['dtype']}", tuple(data["shape"])
    lines = [f"t{i} = {values_text(data, dtype, shape, helpers)}.to(device)"]
    if "strides" in data:
        strides, offset = tuple(data["strides"]), data.get("offset", 0)
        sizes = [1 if s == 0 else n for n, s in zip(shape, strides)]
        filler = "True" if data["dtype"] == "bool" else str(tensors.FILLER)
        lines.append(f"s{i} = torch.full(({tensors.extent(data)},), {filler}, dtype={dtype}, device=device)")
        first = ", ".join(":1" if s == 0 and n > 1 else ":" for n, s in zip(shape, strides))
        lines.append(f"s{i}.as_strided({tuple(sizes)}, {strides}, {offset}).copy_(t{i}[{first}])")
        lines.append(f"t{i} = s{i}.as_strided({shape}, {strides}, {offset})")
    if data.get("grad"):
        lines.append(f"t{i}.requires_grad_()")
    return lines


def values_text(data, dtype, shape, helpers):
    described, count = data["values"], math.prod(shape)
    if described["kind"] == "full":
        return f"torch.full({shape}, {python(described['value'])}, dtype={dtype})"
    if described["kind"] == "tile":
        listed = ", ".join(python(x) for x in described["list"])
        times = -(-count // max(1, len(described["list"])))
        return f"torch.tensor([{listed}], dtype={dtype}).repeat({times})[:{count}].reshape({shape})"
    if count <= INLINE:
        made = values.make(described, shape, tensors.DTYPES[data["dtype"]])
        listed = ", ".join(python(x) for x in made.reshape(-1).tolist())
        return f"torch.tensor([{listed}], dtype={dtype}).reshape({shape})"
    for function in (values.specials_of, values.generate, values._number, values.make):
        helpers.setdefault(function.__name__, inspect.getsource(function))
    helpers.setdefault(
        "SPECIAL",
        "import base64\nimport zlib\n\n"
        + f"SPECIAL = [math.nan, math.inf, -math.inf, {', '.join(map(str, values.SPECIAL[3:]))}]\n",
    )
    return f"make({described!r}, {shape}, {dtype})"


def python(x):
    if isinstance(x, str) or (isinstance(x, float) and not math.isfinite(x)):
        return f"float({str(x)!r})"
    return repr(x)


def call_text(step, helpers):
    name, args = step["call"], [argument(a) for a in step["args"]]
    named = [f"{k}={argument(v)}" for k, v in step.get("kwargs", {}).items()]
    if name.startswith("Tensor."):
        attribute = name.removeprefix("Tensor.")
        return f"torch.Tensor.{attribute}({', '.join(args + named)})"
    if name.startswith("opinfo:"):
        helpers["opinfo"] = (
            "from torch.testing._internal.common_methods_invocations import op_db\n\n"
            'opinfo = {op.name + ("." + op.variant_test_name if op.variant_test_name else ""): op.op for op in op_db}\n'
        )
        return f"opinfo[{name.removeprefix('opinfo:')!r}]({', '.join(args + named)})"
    if name.startswith("special."):
        function = specials.REGISTRY[name.removeprefix("special.")]
        collect(function, helpers)
        return f"{function.__name__}({', '.join(args + named)})"
    return f"{name}({', '.join(args + named)})"


def collect(function, helpers):
    """The source of a special call and of what it uses in its module."""
    if function.__name__ in helpers:
        return
    module = inspect.getmodule(function)
    helpers[function.__name__] = ""
    source = inspect.getsource(function)
    for used in re.findall(r"[A-Za-z_]\w*", source):
        found = getattr(module, used, None)
        if (
            used != "special"
            and isinstance(found, types.FunctionType | type)
            and getattr(found, "__module__", "").startswith("fuzz")
        ):
            collect(found, helpers)
        elif found is not None and not used.startswith("__") and used not in ("torch", "special"):
            where = (
                f"import {found.__name__} as {used}"
                if isinstance(found, types.ModuleType)
                else f"from {module.__name__} import {used}"
            )
            if "fuzz" in where:
                helpers.setdefault("path", f"import sys\n\nsys.path.insert(0, {str(TESTS)!r})\n")
            helpers.setdefault("import " + used, where + "\n")
    del helpers[function.__name__]
    helpers[function.__name__] = source.removeprefix("@special\n") + "\n"


def argument(data):
    if isinstance(data, list):
        return "[" + ", ".join(argument(x) for x in data) + "]"
    if not isinstance(data, dict):
        return python(data) if isinstance(data, float) else repr(data)
    if "tensor" in data:
        return f"t{data['tensor']}"
    if "result" in data:
        return f"r{data['result']}" + (f"[{data['item']}]" if "item" in data else "")
    (kind, inner) = next(iter(data.items()))
    if kind == "tuple":
        return "(" + "".join(argument(x) + ", " for x in inner) + ")"
    if kind == "dict":
        return "{" + ", ".join(f"{k!r}: {argument(v)}" for k, v in inner.items()) + "}"
    if kind == "slice":
        return "slice(" + ", ".join(argument(x) for x in inner) + ")"
    simple = {
        "float": f"float({inner!r})",
        "ellipsis": "...",
        "device": "device",
        "torch": f"torch.{inner}",
        "dtype": f"torch.{inner}",
    }
    return simple[kind]


class Tally:
    """Counts of a run."""

    def __init__(self):
        self.outcomes, self.operators = collections.Counter(), collections.Counter()
        self.missing, self.families, self.reasons = collections.Counter(), collections.Counter(), collections.Counter()
        self.skipped, self.pending = collections.Counter(), collections.Counter()

    def add(self, answer):
        outcome = answer["outcome"]
        self.outcomes[outcome] += 1
        if "family" in answer:
            self.families[answer["family"]] += 1
        if outcome == "missing":
            self.missing[answer["text"]] += 1
        elif outcome == "justified":
            self.reasons[answer["text"]] += 1
        elif outcome == "pending":
            self.pending[answer["fault"]] += 1
        elif outcome == "skipped":
            self.skipped[answer["text"][:100]] += 1
        if outcome in ("pass", "find", "justified", "pending"):
            self.operators.update(set(answer.get("operators", ())))

    def print(self, everything, seconds, verbose=False):
        o = self.outcomes
        ran = o.total() - o["none"]
        covered = [n for n in everything if self.operators[n]]
        print(
            f"{ran} programs in {seconds:.0f} s: {o['pass']} equal, {o['find']} finds, {o['justified']} with a known reason, {o['pending']} of a known fault, "
            f"{o['missing']} of a missing operator, {o['skipped']} not comparable"
        )
        print(
            f"{len(covered)} of OpInfo's {len(everything)} operators compared, and {len(self.operators.keys() - set(everything))} others; "
            f"families: {', '.join(f'{k} {n}' for k, n in sorted(self.families.items()))}"
        )
        if self.missing:
            print("missing: " + ", ".join(f"{k} {n}" for k, n in sorted(self.missing.items())))
        for reason, n in sorted(self.reasons.items()):
            print(f"known {n} times: {reason}")
        for fault, n in sorted(self.pending.items()):
            print(f"to be mended, {n} times: {fault}")
        if verbose:
            print("not compared: " + ", ".join(n for n in everything if not self.operators[n]))
            print("compared: " + ", ".join(f"{k} {n}" for k, n in sorted(self.operators.items())))
            for text, n in self.skipped.most_common():
                print(f"skipped {n} times: {text}")


def default_folder():
    return Path(__file__).resolve().parents[4] / "build" / "fuzz-torch"
