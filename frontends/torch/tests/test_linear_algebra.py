"""Factorizations, triangular systems and what follows from them, against the CPU: values, gradients, `out=` and errors."""

import lineshaft_torch
import pytest
import torch
from torch import linalg

D = "lineshaft"
TORCH = tuple(map(int, torch.__version__.split(".")[:2]))


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def matrices(*shape, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype) + 2 * torch.eye(*shape[-2:], dtype=dtype)


def positive_definite(*shape, dtype=torch.float32):
    a = torch.randn(*shape, dtype=dtype)
    return a @ a.mT / shape[-1] + torch.eye(shape[-1], dtype=dtype)


def outcome(function, tensors, device):
    """What the function gives, and the gradients of all that, by fixed weights."""
    leaves = [t.detach().to(device).requires_grad_(t.is_floating_point()) for t in tensors]
    results = function(*leaves)
    results = [results] if torch.is_tensor(results) else list(results)
    generator = torch.Generator().manual_seed(1)
    loss = sum(
        (r * torch.randn(r.shape, generator=generator, dtype=r.dtype).to(device)).sum()
        for r in results
        if r.requires_grad
    )
    wanted = [t for t in leaves if t.requires_grad]
    gradients = torch.autograd.grad(loss, wanted, allow_unused=True) if torch.is_tensor(loss) else []
    return [t if t is None else t.detach().cpu() for t in [*results, *gradients]]


def check(function, *tensors, tolerance=1):
    for mine, want in zip(outcome(function, tensors, D), outcome(function, tensors, "cpu"), strict=True):
        if want is None:
            assert mine is None
        elif want.dtype == torch.float64:
            torch.testing.assert_close(mine, want, rtol=1e-9 * tolerance, atol=1e-9 * tolerance)
        else:
            largest = want[want.isfinite()].abs().max().item() if want.isfinite().any() else 1  # digits cancel
            torch.testing.assert_close(mine, want, rtol=1e-3 * tolerance, atol=1e-4 * tolerance * max(largest, 1))


SIZES = [(0, 0), (1, 1), (4, 4), (33, 33), (3, 5, 5), (2, 0, 3, 3), (2, 3, 6, 6), (2, 0, 0)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_square_matrices(shape, dtype):
    a, spd = matrices(*shape, dtype=dtype), positive_definite(*shape, dtype=dtype)
    b = torch.randn(*shape[:-1], 3, dtype=dtype)
    for upper in (False, True):
        check(lambda x: linalg.cholesky(x, upper=upper), spd)  # noqa: B023
        check(lambda x: linalg.cholesky_ex(x, upper=upper), spd)  # noqa: B023
        check(lambda x, y: torch.cholesky_solve(y, linalg.cholesky(x, upper=upper), upper=upper), spd, b)  # noqa: B023
        check(lambda x: torch.cholesky_inverse(linalg.cholesky(x, upper=upper), upper=upper), spd)  # noqa: B023
        for unit in (False, True):
            t = a.triu() if upper else a.tril()
            check(lambda x, y: linalg.solve_triangular(x, y, upper=upper, unitriangular=unit), t, b)  # noqa: B023
            check(lambda x, y: linalg.solve_triangular(x, y.mT, upper=upper, left=False), t, b)  # noqa: B023
    check(linalg.solve, a, b)
    check(linalg.solve, a.mT, b)
    check(lambda x, y: linalg.solve(x, y.mT, left=False), a, b)
    check(linalg.inv, a)
    check(linalg.inv_ex, a)
    check(linalg.det, a)
    check(linalg.slogdet, a)
    check(torch.logdet, spd)
    check(lambda x, y: linalg.lu_solve(*linalg.lu_factor(x), y), a, b)
    check(lambda x, y: linalg.lu_solve(*linalg.lu_factor(x), y, adjoint=True), a, b)
    check(lambda x, y: linalg.lu_solve(*linalg.lu_factor(x), y.mT, left=False), a, b)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "shape", [(5, 3), (3, 5), (40, 33), (2, 4, 3), (0, 3), (3, 0), (2, 0, 4, 3), (6, 1), (1, 6)], ids=str
)
def test_rectangular_matrices(shape, dtype):
    a = torch.randn(*shape, dtype=dtype)
    check(linalg.lu, a)
    check(linalg.lu_factor_ex, a)
    check(lambda x: torch.lu_unpack(*linalg.lu_factor(x)), a)
    for mode in ("reduced", "complete", "r"):
        if mode == "reduced" and shape[-2] >= shape[-1]:  # else PyTorch has no derivative
            check(linalg.qr, a)
        mine, want = linalg.qr(a.to(D), mode=mode), linalg.qr(a, mode=mode)
        torch.testing.assert_close(mine.Q.cpu(), want.Q, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(mine.R.cpu(), want.R, rtol=1e-4, atol=1e-4)
    factors, tau = torch.geqrf(a)
    for mine, want in zip(torch.geqrf(a.to(D)), (factors, tau), strict=True):
        torch.testing.assert_close(mine.cpu(), want, rtol=1e-4, atol=1e-4)
    if shape[-2] >= shape[-1]:
        check(linalg.householder_product, factors, tau)
        other = torch.randn(*shape[:-1], 7, dtype=dtype)
        for transpose in (False, True):
            check(lambda x, t, y: torch.ormqr(x, t, y, transpose=transpose), factors, tau, other)  # noqa: B023
            check(lambda x, t, y: torch.ormqr(x, t, y.mT, left=False, transpose=transpose), factors, tau, other)  # noqa: B023


def test_sizes_of_many_panels():
    a, spd, b = matrices(300, 300).double(), positive_definite(300, 300).double(), torch.randn(300, 2).double()
    check(linalg.cholesky, spd)
    check(linalg.solve, a, b, tolerance=100)
    check(linalg.slogdet, a, tolerance=100)
    check(lambda x: linalg.qr(x).R.abs(), a[:, :70])


def test_batches_broadcast():
    a, b = matrices(3, 1, 4, 4), torch.randn(2, 4, 5)
    check(linalg.solve, a, b)
    check(lambda x, y: linalg.solve_triangular(x, y, upper=False), a.tril(), b)
    check(lambda x, y: torch.cholesky_solve(y, x), positive_definite(3, 1, 4, 4), b)
    check(linalg.solve, matrices(4, 3, 3), torch.randn(3))  # one vector for all
    check(linalg.solve, matrices(4, 3, 3), torch.randn(4, 3))  # a vector each


def test_deprecated_names():
    a, spd = matrices(2, 4, 4), positive_definite(2, 4, 4)
    if hasattr(torch.ops.aten, "cholesky"):  # which is gone from 2.14 on
        check(lambda x: torch.cholesky(x, upper=True), spd)
    check(lambda x, y: torch.triangular_solve(y, x, transpose=True, unitriangular=True), a, torch.randn(2, 4, 3))
    check(lambda x: linalg.matrix_power(x, -2), a)
    check(torch.lu_solve, torch.randn(2, 4, 3), *[t.detach() for t in linalg.lu_factor(a)])


def test_results_go_where_they_shall():
    spd = positive_definite(4, 4)
    mine, want = spd.to(D), linalg.cholesky(spd)
    factor = torch.empty(4, 4, device=D).T
    assert linalg.cholesky(mine, out=factor) is factor
    torch.testing.assert_close(factor.cpu(), want)
    torch.testing.assert_close(linalg.inv(mine, out=torch.empty(0, device=D)).cpu(), linalg.inv(spd))
    b = torch.randn(4, 2)
    x = b.to(D)
    linalg.solve_triangular(factor, x, upper=False, out=x)
    torch.testing.assert_close(x.cpu(), linalg.solve_triangular(want, b, upper=False))
    y = b.to(D)
    linalg.solve(mine, y, out=y)
    torch.testing.assert_close(y.cpu(), linalg.solve(spd, b))
    batch = positive_definite(2, 3, 4, 4)
    target = torch.empty(4, 4, 3, 2, device=D).permute(3, 2, 1, 0)  # batch axes that do not join
    linalg.cholesky(batch.to(D), out=target)
    torch.testing.assert_close(target.cpu(), linalg.cholesky(batch))
    linalg.cholesky(mine, out=mine)
    torch.testing.assert_close(mine.cpu(), want)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: linalg.cholesky(x - 2 * torch.eye(3, device=x.device)),
        lambda x: linalg.cholesky(torch.stack([x, x - 2 * torch.eye(3, device=x.device)])),
        lambda x: linalg.cholesky_ex(x * 0, check_errors=True),
        lambda x: linalg.inv(torch.stack([x, x * 0])),
        lambda x: linalg.solve(x * 0, x),
        lambda x: linalg.lu_factor(x * 0),
        lambda x: linalg.cholesky(x[:2]),
        lambda x: linalg.cholesky(x.half()),
        lambda x: linalg.cholesky(x.int()),
        lambda x: linalg.qr(x.bfloat16()),
        lambda x: linalg.qr(x, mode="whole"),
        lambda x: linalg.inv(x.half()),
        lambda x: linalg.solve(x.half(), x.half()),
        lambda x: linalg.solve_triangular(x.half(), x.half(), upper=True),
        lambda x: linalg.solve_triangular(x, x[:2], upper=True),
        lambda x: torch.ormqr(x, x[0], x[:2]),
        lambda x: linalg.householder_product(x[:2], x[0]),
        lambda x: linalg.householder_product(x, x),
        lambda x: torch.geqrf(x[0]),
    ],
)
def test_errors_are_pytorchs(call):
    with pytest.raises(Exception) as want:
        call(torch.eye(3))
    with pytest.raises(want.type) as mine:
        call(torch.eye(3).to(D))
    line = str(want.value).splitlines()[0].replace('_cpu"', '"')  # PyTorch names its CPU kernel
    assert str(mine.value).replace("lineshaft", "cpu").startswith(line), str(mine.value)


def test_factorizations_that_fail_tell_it():
    a = torch.stack([torch.eye(4), torch.eye(4)])
    a[1, 2, 2] = -1
    factor, info = linalg.cholesky_ex(a.to(D))
    assert info.tolist() == [0, 3]
    assert torch.equal(factor[0].cpu(), torch.eye(4))
    assert torch.equal(factor[1, :, :2].cpu(), torch.eye(4)[:, :2]) and factor[1, 2:, 2].isnan().all()
    assert linalg.inv_ex(torch.zeros(2, 3, 3, device=D)).info.tolist() == [1, 1]
    assert linalg.lu_factor_ex(torch.ones(3, 3, device=D)).info.item() == 2
    assert linalg.det(torch.ones(3, 3, device=D)).item() == 0
    assert [t.item() for t in linalg.slogdet(torch.zeros(3, 3, device=D))] == [0, float("-inf")]
    lu, pivots = linalg.lu_factor(torch.eye(3, device=D))
    with pytest.raises(IndexError):
        linalg.lu_solve(lu, pivots + 5, torch.eye(3, device=D)).cpu()


def test_lu_without_interchanges():
    a = matrices(2, 5, 5) + 5 * torch.eye(5)
    lu, pivots = linalg.lu_factor(a.to(D), pivot=False)
    assert pivots.tolist() == [[1, 2, 3, 4, 5]] * 2
    lower = lu.tril(-1) + torch.eye(5, device=D)
    torch.testing.assert_close((lower @ lu.triu()).cpu(), a, rtol=1e-4, atol=1e-4)
    p, lower, upper = linalg.lu(a.to(D), pivot=False)
    assert p.numel() == 0
    torch.testing.assert_close((lower @ upper).cpu(), a, rtol=1e-4, atol=1e-4)


def test_derivatives_are_those_of_differences():
    def double(*shape):
        return torch.randn(*shape, dtype=torch.float64, device=D, requires_grad=True)

    a, b = double(2, 3, 3), double(2, 3, 2)
    functions = [
        lambda x, _: linalg.cholesky(x @ x.mT + torch.eye(3, device=D, dtype=x.dtype)),
        lambda x, y: linalg.solve(x, y),
        lambda x, _: linalg.slogdet(x)[1],
        lambda x, _: linalg.det(x),
        lambda x, _: linalg.inv(x),
        lambda x, _: linalg.qr(x),
        lambda x, y: linalg.solve_triangular(x.tril() + 2 * torch.eye(3, device=D, dtype=x.dtype), y, upper=False),
    ]
    for function in functions:
        assert torch.autograd.gradcheck(function, (a, b))


def gaussian_process(device, steps):
    """The exact marginal likelihood of 200 points, as GPyTorch has it: a Cholesky factor, a solution, a determinant."""
    x = torch.linspace(0, 1, 200)
    y = (torch.sin(6 * x) + 0.1 * torch.randn(200, generator=torch.Generator().manual_seed(2))).to(device)
    x = x.to(device)
    scale, height, noise = (torch.tensor(v, device=device, requires_grad=True) for v in (-1.0, 0.0, -2.0))
    optimizer = torch.optim.Adam([scale, height, noise], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        distance = (x[:, None] - x[None]) / scale.exp()
        kernel = height.exp() * torch.exp(-0.5 * distance**2) + noise.exp() * torch.eye(200, device=device)
        distribution = torch.distributions.MultivariateNormal(
            torch.zeros(200, device=device), kernel, validate_args=False
        )
        loss = -distribution.log_prob(y) / 200
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack([*losses, scale.detach(), height.detach(), noise.detach()]).cpu()


def test_a_gaussian_process_trains():
    mine, want = gaussian_process(D, 8), gaussian_process("cpu", 8)
    torch.testing.assert_close(mine, want, rtol=2e-3, atol=2e-3)
    assert mine[7] < mine[0]


FACTORED = {
    "qr": lambda x: torch.linalg.qr(x @ x)[1],
    "cholesky": lambda x: torch.linalg.cholesky(x @ x.mT + torch.eye(5, device=x.device)),
    "solve": lambda x: torch.linalg.solve(x @ x, x),
    "inv": lambda x: torch.linalg.inv(x @ x),
    "det": lambda x: torch.linalg.det(x @ x),
    "slogdet": lambda x: torch.linalg.slogdet(x @ x)[1],
    "solve_triangular": lambda x: torch.linalg.solve_triangular((x @ x).triu(), x, upper=True),
    "lu_factor": lambda x: torch.linalg.lu_factor(x @ x)[0],
    "svd_lowrank": lambda x: torch.svd_lowrank(x @ x, 2)[1],
}


@pytest.mark.parametrize("name", FACTORED)
def test_factors_in_autocast(name):
    """Products in it are bfloat16; what they are factored in is float32, as on the CPU."""
    torch.manual_seed(0)
    x = torch.randn(5, 5) + 3 * torch.eye(5)
    with torch.autocast(D, torch.bfloat16):
        try:
            assert FACTORED[name](x.to(D)).dtype == torch.float32
        except NotImplementedError as error:
            assert name == "svd_lowrank" and "svd" in str(error)  # which is still missing


@pytest.mark.parametrize("dtype", (torch.float16, torch.bfloat16), ids=str)
def test_half_precision_is_refused_by_name(dtype):
    for call in (torch.linalg.qr, torch.geqrf, torch.linalg.cholesky, torch.linalg.lu_factor):
        with pytest.raises(NotImplementedError, match="float32 and float64") as error:
            call(torch.eye(3, dtype=dtype, device=D))
        assert "_cpu" not in str(error.value)


def test_unpacking_takes_as_many_pivots_as_a_matrix_has():
    """PyTorch's CPU reads no more of them than that, and from 2.14 on takes no more."""
    torch.manual_seed(0)
    lu, pivots = torch.randn(3, 17, 40), torch.randint(1, 18, (3, 40), dtype=torch.int32)
    if TORCH >= (2, 14):
        with pytest.raises(ValueError, match=r"Expected LU_pivots to have shape \[3, 17\]"):
            torch.lu_unpack(lu.to(D), pivots.to(D))
        return
    for actual, expected in zip(torch.lu_unpack(lu.to(D), pivots.to(D)), torch.lu_unpack(lu, pivots)):
        torch.testing.assert_close(actual.cpu(), expected)
    with pytest.raises(RuntimeError, match="it must have 17"):
        torch.lu_unpack(lu.to(D), pivots[:, :3].to(D))


def test_batches_into_new_memory_each_time():
    """A result's memory is made when it is first asked for, by whichever of the kernel's threads comes first."""
    a = torch.randn(512, 32, 32, generator=torch.Generator().manual_seed(1))
    a = (a @ a.mT + 32 * torch.eye(32)).to("lineshaft")
    first = torch.linalg.cholesky(a).cpu()
    for _ in range(200):
        result = torch.linalg.cholesky(a)
        torch.accelerator.synchronize()
        assert torch.equal(result.cpu(), first)
