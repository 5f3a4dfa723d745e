"""Fits the coefficients of src/backends/cpu/simd/elementary_tables.h and prints them. Needs numpy and mpmath.

Each polynomial has the least largest error, weighted, by Lawson's iteration; coefficients are rounded to f32 one after
the other, the lowest first, and those after it are fitted anew.
"""

import mpmath
import numpy

mpmath.mp.dps = 30


def fit(function, low, high, degree, fixed=(), weight=None):
    """Coefficients c with sum c[k] x^k near function(x) on low..high; the first ones may be given."""
    points = numpy.cos(numpy.pi * (numpy.arange(100) + 0.5) / 100) * (high - low) / 2 + (high + low) / 2
    values = numpy.array([float(function(mpmath.mpf(float(x)))) for x in points])
    weights = (
        1 / numpy.abs(values) if weight is None else numpy.array([float(weight(mpmath.mpf(float(x)))) for x in points])
    )
    unit = max(abs(low), abs(high))
    found = list(fixed)
    while len(found) <= degree:
        powers = range(len(found), degree + 1)
        matrix = numpy.stack([(points / unit) ** k for k in powers], 1) * weights[:, None]
        wanted = (values - sum(c * points**k for k, c in enumerate(found))) * weights
        importance = numpy.full(len(points), 1 / len(points))
        for _ in range(60):
            root = numpy.sqrt(importance)
            solution = numpy.linalg.lstsq(matrix * root[:, None], wanted * root, rcond=None)[0]
            importance *= numpy.abs(matrix @ solution - wanted) + 1e-18
            importance /= importance.sum()
        found.append(float(numpy.float32(solution[0] / unit ** len(found))))
    return found


def show(name, rows):
    print(f"alignas(64) inline constexpr float {name}[{len(rows)}][{len(rows[0])}] = {{")
    for row in rows:
        print("    {" + ", ".join(literal(value) for value in row) + "},")
    print("};")


def literal(value):
    text = numpy.format_float_scientific(numpy.float32(value), unique=True, trim="0")
    return f"{text}f"


def erf_segments():
    """Sixteen of equal width, each in the distance from its center; the last one ends at 1."""
    width, rows = 0.265625, []
    for i in range(16):
        fixed = [0.0] if i == 0 else [1.0] if i == 15 else []
        rows.append(fit(lambda d, c=i * width: mpmath.erf(c + d), -width / 2 if i else 0.0, width / 2, 5, fixed))
    return [list(column) for column in zip(*rows, strict=True)]


def tanh_segments():
    """Eight for each octave of 1 + x / 0.609375, each in the distance from its start, by the lowest bits of the exponent."""
    unit, rows = 0.609375, [[]] * 32
    for octave in range(4):
        for part in range(8):
            start, end = (2**octave * (1 + k / 8) for k in (part, part + 1))
            fixed = [0.0, 1.0] if start == 1 else []
            rows[(127 + octave) % 4 * 8 + part] = fit(
                lambda d, c=(start - 1) * unit: mpmath.tanh(c + d), 0.0, (end - start) * unit, 5, fixed
            )
    return [list(column) for column in zip(*rows, strict=True)]


def main():
    half = float(mpmath.log(2) / 2) * 1.001
    exp_rest = fit(lambda r: (mpmath.expm1(r) - r) / r**2, -half, half, 4, weight=lambda r: r**2 / mpmath.exp(r))
    expm1_rest = fit(lambda r: (mpmath.expm1(r) - r) / r**2, -half, half, 4, weight=lambda r: r**2 / mpmath.expm1(r))
    near = fit(
        lambda s: mpmath.erf(mpmath.sqrt(s)) / mpmath.sqrt(s) - 1, 1e-9, 0.81, 5,
        weight=lambda s: mpmath.sqrt(s) / mpmath.erf(mpmath.sqrt(s)),
    )  # fmt: skip
    far = fit(
        lambda t: -mpmath.log(mpmath.erfc(t)) / t, 0.9, 4.0, 5, weight=lambda t: t * mpmath.erfc(t) / mpmath.erf(t)
    )
    for name, row in (("kExp", exp_rest), ("kExpm1", expm1_rest), ("kErfNear", near), ("kErfFar", far)):
        print(f"inline constexpr float {name}[] = {{{', '.join(map(literal, row))}}};")
    show("kErf", erf_segments())
    show("kTanh", tanh_segments())


if __name__ == "__main__":
    main()
