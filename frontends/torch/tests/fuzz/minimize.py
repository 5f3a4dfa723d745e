"""Makes a find smaller while it stays one of its kind: fewer steps, plainer tensors, smaller sizes, simpler numbers."""

import copy
import json
import math
import time

from fuzz import mutate, tensors

NUMBERS = [0, 1, 2]


class Minimizer:
    """`still(program)` says whether a program shows the find. Ends after `seconds` or `tries`."""

    def __init__(self, still, seconds=60, tries=400):
        self.still, self.end, self.left = still, time.monotonic() + seconds, tries
        self.seen = set()

    def over(self):
        return self.left <= 0 or time.monotonic() > self.end

    def better(self, program, changed):
        """The changed program if it still shows the find, else None."""
        if changed is None or self.over():
            return None
        text = json.dumps(changed, sort_keys=True)
        if text in self.seen or text == json.dumps(program, sort_keys=True):
            return None
        self.seen.add(text)
        self.left -= 1
        return changed if self.still(changed) else None

    def smallest(self, program):
        passes = [modes, steps, results_to_inputs, arguments, plain, sizes, values, dtypes, literals]
        changing = True
        while changing and not self.over():
            changing = False
            for change in passes:
                # A pass gives candidates from the program as it is; after each success it begins anew.
                progress = True
                while progress and not self.over():
                    progress = False
                    for candidate in change(program):
                        smaller = self.better(program, candidate)
                        if smaller is not None:
                            program, progress, changing = smaller, True, True
                            break
        return program


def changed(program, change):
    made = copy.deepcopy(program)
    return made if change(made) is not False else None


def modes(program):
    for key in ("threads", "graph", "autocast", "huge", "keep"):
        if key in program:
            yield changed(program, lambda p: delete(p, [key]))


def references_of(step):
    return tensors.references([step["args"], list(step.get("kwargs", {}).values())])


def steps(program):
    """Without one step and what needs it; the last steps first."""
    for number in reversed(range(len(program["steps"]))):
        if len(program["steps"]) > 1:
            yield without(program, number)


def without(program, number):
    gone, steps_left, renumbered = {number}, [], {}
    for i, step in enumerate(program["steps"]):
        if i in gone or any(r.get("result") in gone for r in references_of(step)):
            gone.add(i)
            continue
        renumbered[i] = len(steps_left)
        steps_left.append(step)
    if not steps_left:
        return None
    return prune(dict(program, steps=[renumber(s, "result", renumbered) for s in steps_left]), renumbered)


def renumber(step, key, numbers):
    def change(r):
        return dict(r, **{key: numbers[r[key]]}) if key in r else r

    return dict(
        step, args=tensors.replace(step["args"], change), kwargs=tensors.replace(step.get("kwargs", {}), change)
    )


def prune(program, renumbered=None):
    """Tensors that nothing uses go; what is kept is named anew."""
    used = sorted({r["tensor"] for s in program["steps"] for r in references_of(s) if "tensor" in r})
    numbers = {old: new for new, old in enumerate(used)}
    made = copy.deepcopy(dict(program, tensors=[program["tensors"][i] for i in used]))
    made["steps"] = [renumber(s, "tensor", numbers) for s in made["steps"]]
    if renumbered is not None and "keep" in made:
        made["keep"] = [renumbered[k] for k in made["keep"] if k in renumbered] or [len(made["steps"]) - 1]
    return made


def results_to_inputs(program):
    """A step's result replaced by one of the tensors."""
    for number in range(len(program["steps"]) - 1):
        for i in range(len(program["tensors"])):

            def change(r):
                return {"tensor": i} if r.get("result") == number else r

            made = copy.deepcopy(program)
            for step in made["steps"]:
                step["args"], step["kwargs"] = (
                    tensors.replace(step["args"], change),
                    tensors.replace(step.get("kwargs", {}), change),
                )
            yield without(made, number)


def arguments(program):
    for number, step in enumerate(program["steps"]):
        for key in step.get("kwargs", {}):
            yield prune(changed(program, lambda p: delete(p, ["steps", number, "kwargs", key])))
        for i in reversed(range(1, len(step["args"]))):
            yield prune(changed(program, lambda p: delete(p, ["steps", number, "args", i])))
    # Elements of lists and dictionaries.
    for number, step in enumerate(program["steps"]):
        for path in holders(step["args"]):
            yield prune(changed(program, lambda p: delete(p["steps"][number]["args"], path)))


def holders(data, path=()):
    """Paths to elements inside of lists and dictionaries of arguments, not to the arguments themselves."""
    items = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    for key, value in items:
        if tensors.is_reference(value) or (
            isinstance(data, dict) and key in ("float", "dtype", "device", "torch", "ellipsis")
        ):
            continue
        if len(path) > 0 and not (isinstance(data, dict) and key in ("tuple", "dict", "slice")):
            yield (*path, key)
        yield from holders(value, (*path, key))


def delete(data, path):
    for key in path[:-1]:
        data = data[key]
    del data[path[-1]]


def plain(program):
    """No strides, no offsets, no gradients, one tensor for two."""
    for i, data in enumerate(program["tensors"]):
        if "strides" in data:
            yield changed(program, lambda p: delete(p, ["tensors", i, "strides"]))
            if data.get("offset"):
                yield changed(program, lambda p: p["tensors"][i].update(offset=0))
        elif "offset" in data:
            yield changed(program, lambda p: delete(p, ["tensors", i, "offset"]))
        if data.get("grad"):
            yield changed(program, lambda p: delete(p, ["tensors", i, "grad"]))


def sizes(program):
    """Each size, wherever it stands, made smaller; then each by itself; then an axis dropped."""
    present = sorted({n for data in program["tensors"] for n in data["shape"]}, reverse=True)
    for old in present:
        for new in smaller(old):
            yield changed(program, lambda p: resize(p, old, new))
    for i, data in enumerate(program["tensors"]):
        for axis, old in enumerate(data["shape"]):
            for new in smaller(old):
                yield changed(program, lambda p: resize(p, old, new, [i], axis))
            yield changed(program, lambda p: drop(p["tensors"][i], axis))


def smaller(n):
    tried = [0, 1, 2, 3, n // 2, n - n // 4, n - 1]
    return sorted({m for m in tried if 0 <= m < n})


def resize(program, old, new, among=None, only=None):
    for i in among if among is not None else range(len(program["tensors"])):
        data = program["tensors"][i]
        shape = [new if n == old and only in (None, axis) else n for axis, n in enumerate(data["shape"])]
        if shape == data["shape"]:
            continue
        cut(data, shape)


def cut(data, shape):
    """The part of the tensor that lies in the smaller shape."""
    from fuzz import values

    whole = values.make(data["values"], tuple(data["shape"]), tensors.DTYPES[data["dtype"]])
    part = whole[tuple(slice(0, n) for n in shape)]
    if math.prod(shape) <= values.LISTED or data["values"]["kind"] == "bytes":
        data["values"] = values.describe(part)
    data["shape"] = shape
    if "strides" not in data:
        return


def drop(data, axis):
    if data["shape"][axis] != 1:
        return False
    del data["shape"][axis]
    if "strides" in data:
        del data["strides"][axis]
    return None


def values(program):
    """Plainer numbers: all alike, then halves of the elements, then one by one."""
    for i, data in enumerate(program["tensors"]):
        described = data["values"]
        plainer = [{"kind": "full", "value": n} for n in NUMBERS if data["dtype"] != "bool" or n < 2]
        if described["kind"] not in ("full", "list"):
            plainer.append({"kind": "normal", "seed": 0})
        if data["dtype"] == "bool":
            plainer = [{"kind": "full", "value": v} for v in (True, False)]
        if described["kind"] != "full":
            for simple in plainer:
                yield changed(program, lambda p: p["tensors"][i].update(values=simple))
        if described["kind"] != "list" or not described["list"]:
            continue
        listed = described["list"]
        simple = [n for n in (0, 1) if data["dtype"] != "bool"] or [False]
        size = len(listed)
        while size >= 1:
            for start in range(0, len(listed), size):
                part = listed[start : start + size]
                for n in simple:
                    if any(x != n for x in part) and not (size == 1 and part[0] in simple):
                        made = listed[:start] + [n] * len(part) + listed[start + size :]
                        yield changed(program, lambda p: p["tensors"][i]["values"].update(list=made))
            size //= 2


def dtypes(program):
    """float32 and int64 are the plainest."""
    present = {data["dtype"] for data in program["tensors"]}
    for old in sorted(present - {"float32", "bool", "int64"}):
        new = "float32" if old in mutate.FLOATS else "int64"

        def change(p):
            for data in p["tensors"]:
                if data["dtype"] == old:
                    if data["values"]["kind"] == "bytes":
                        return False
                    data["dtype"] = new
            return None

        yield changed(program, change)


def literals(program):
    """Numbers among the arguments."""
    places = []
    mutate.collect([[s["args"], s.get("kwargs", {})] for s in program["steps"]], places)
    for k, (holder, key) in enumerate(places):
        value = holder[key]
        if isinstance(value, bool):
            tried = [False] if value else []
        elif isinstance(value, int):
            tried = [n for n in (0, 1, 2, value // 2) if abs(n) < abs(value)]
        else:
            tried = [n for n in (0.0, 1.0, 2.0) if value != n and value not in (0.0, 1.0)]
        for n in tried:

            def change(p):
                found = []
                mutate.collect([[s["args"], s.get("kwargs", {})] for s in p["steps"]], found)
                found[k][0][found[k][1]] = n

            yield changed(program, change)
