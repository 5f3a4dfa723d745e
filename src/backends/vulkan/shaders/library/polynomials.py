"""Writes polynomials_f32.glsl and polynomials_f64.glsl: near-minimax polynomials (Chebyshev interpolation in high precision) for math.glsl.

Run by hand when a degree changes: python3 polynomials.py (needs mpmath).
"""

import mpmath as mp

mp.mp.dps = 60


def log_rest(z):
    """R / z with log((1 + s) / (1 - s)) = 2 s + s R, z = s * s."""
    z = mp.mpf(z)
    return sum(2 * z**k / (2 * k + 3) for k in range(60))


def exp_rest(r):
    return sum(mp.mpf(r) ** k / mp.factorial(k + 2) for k in range(40))


def exp2_rest(r):
    a = mp.mpf(r) * mp.log(2)
    return mp.log(2) * sum(a**k / mp.factorial(k + 1) for k in range(40))


def sin_rest(z):
    return sum((-1) ** (k + 1) * mp.mpf(z) ** k / mp.factorial(2 * k + 3) for k in range(30))


def cos_rest(z):
    return sum((-1) ** k * mp.mpf(z) ** k / mp.factorial(2 * k + 4) for k in range(30))


def asin_rest(z):
    z = mp.mpf(z)
    return mp.mpf(1) / 6 if z < mp.mpf(10) ** -30 else (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z


def atan_rest(z):
    return sum((-1) ** (k + 1) * mp.mpf(z) ** k / (2 * k + 3) for k in range(200))


def erf_rest(z):
    z = mp.mpf(z)
    return sum((-1) ** k * z**k / mp.factorial(k) / (2 * k + 1) for k in range(80)) * 2 / mp.sqrt(mp.pi) - 1


def erfcx_scaled(k):
    def f(t):
        x = k * (1 + mp.mpf(t)) / (1 - mp.mpf(t))
        if x > 200:
            scaled = (1 - 1 / (2 * x * x) + 3 / (4 * x**4) - 15 / (8 * x**6)) / (x * mp.sqrt(mp.pi))
        else:
            scaled = mp.exp(x * x) * mp.erfc(x)
        return (1 + 2 * x) * scaled

    return f


def lgamma_rest(x):
    x = mp.mpf(x)
    if abs(x - 1) < mp.mpf(10) ** -25:
        return mp.euler
    if abs(x - 2) < mp.mpf(10) ** -25:
        return 1 - mp.euler
    return mp.loggamma(x) / ((x - 1) * (x - 2))


def fit(f, low, high, count):
    return [mp.mpf(c) for c in mp.chebyfit(f, [mp.mpf(low), mp.mpf(high)], count)]


half_ln2 = mp.log(2) / 2 * mp.mpf("1.01")
s2 = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.01")
quarter = (mp.pi / 4 * mp.mpf("1.01")) ** 2
TABLE = [  # name, function, interval, coefficients for f32 and f64, shift of the argument
    ("P_EXP", exp_rest, -half_ln2, half_ln2, 6, 12),
    ("P_EXP2", exp2_rest, -0.505, 0.505, 7, 15),
    ("P_LOG", log_rest, 0, s2, 4, 8),
    ("P_SIN", sin_rest, 0, quarter, 4, 8),
    ("P_COS", cos_rest, 0, quarter, 4, 8),
    ("P_ASIN", asin_rest, 0, 0.25, 7, 16),
    ("P_ATAN", atan_rest, 0, (mp.sqrt(2) - 1) ** 2 * mp.mpf("1.01"), 6, 13),
    ("P_ERF", erf_rest, 0, 1, 9, 18),
    ("P_ERFCX", None, None, None, 12, 26),
    ("P_LGAMMA", lambda t: lgamma_rest(t + mp.mpf("1.75")), -1.26, 1.26, 18, 42),
]

for bits, column in ((32, 4), (64, 5)):
    with open(f"polynomials_f{bits}.glsl", "w") as out:
        out.write("// Made by polynomials.py. Each is a polynomial in x by Horner's rule.\n")
        for row in TABLE:
            name, f, low, high = row[:4]
            if name == "P_ERFCX":
                k, far = (2, 10.5) if bits == 32 else (4, 28)
                f, low, high = erfcx_scaled(k), -1, mp.mpf(far - k) / (far + k)
            coefficients = fit(f, low, high, row[column])
            suffix, digits = ("", 9) if bits == 32 else ("lf", 17)

            def text(c):
                t = mp.nstr(c, digits, min_fixed=0, max_fixed=0)
                return t + suffix

            expression = text(coefficients[0])
            for c in coefficients[1:]:
                expression = f"({expression} * (x) + {text(c)})"
            out.write(f"#define {name}(x) {expression}\n")
            worst = max(
                abs(
                    mp.polyval(coefficients, low + (high - low) * i / 200) / f(low + (high - low) * mp.mpf(i) / 200) - 1
                )
                for i in range(201)
            )
            print(bits, name, mp.nstr(worst, 3))
