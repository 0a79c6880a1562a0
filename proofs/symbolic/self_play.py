"""Beyond the paper: exact self-play in one state (``docs/self_play.md``).

What is topology or analysis, Birkhoff's theorem and Brouwer's degree, is used and cited there; derived here is the
algebra around it: that a round is linear up to a factor, which matrix it is, and the numbers of the examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Step, derivation, present
from .formulas import P, Q, a, alpha, b, beta, distribution, over_a, partition, table

Z = sp.IndexedBase("Z", positive=True)
eps, theta = sp.symbols("varepsilon theta", positive=True)
w = sp.Symbol("w", positive=True)
g = sp.Symbol("g", positive=True)


@derivation(
    "A round is a positive matrix: m is A P, normalised, A(a,b) = exp(R/alpha) Z_b^(alpha/beta - 1)",
    plants={
        "Z^(alpha/beta)": {"entry": lambda r, z: sp.exp(r / alpha) * z ** (alpha / beta)},
        "alpha dropped": {"entry": lambda r, z: sp.exp(r) * z ** (alpha / beta - 1)},
        "rho held at P": {"model": lambda p, z: p},
    },
)
def round_is_linear(
    entry: Any = lambda r, z: sp.exp(r / alpha) * z ** (alpha / beta - 1),
    model: Any = lambda p, z: p * z ** (alpha / beta),
) -> Iterator[Step]:
    """Generic in A and B; R in the place of Q, which one state moves by a constant."""
    z = over_a(sp.exp(Q[a, b] / alpha))
    yield Equal(
        "rho(b) pi(a|b) is A(a,b) P(b), up to the normaliser of rho",
        model(P[b], Z[b]) * sp.exp(Q[a, b] / alpha) / Z[b],
        entry(Q[a, b], Z[b]) * P[b],
    )
    yield Equal("The columns of A sum to Z_b^(alpha/beta), so that A P sums to the normaliser",
                over_a(entry(Q[a, b], z)), z ** (alpha / beta))  # fmt: skip
    yield Signed("A is positive", entry(Q[a, b], z), strict=True)


@derivation(
    "A common payoff: N = D_2^(1/2) exp(R/alpha) D_1^(1/2) makes A_2 A_1 symmetric",
    plants={
        "without weights": {"half": lambda z: sp.Integer(1)},
        "the power alpha/beta": {"half": lambda z: z ** (alpha / beta / 2)},
    },
)
def common_payoff(half: Any = lambda z: z ** ((alpha / beta - 1) / 2)) -> Iterator[Step]:
    """A = B = 2, a symbol for every exp(R/alpha)."""
    kernel = table("E", 2, 2, positive=True)
    columns = [sum(kernel[i, j] for i in range(2)) for j in range(2)]
    rows = [sum(kernel[i, j] for j in range(2)) for i in range(2)]
    power = alpha / beta - 1
    one = kernel * sp.diag(*(z**power for z in columns))
    two = kernel.T * sp.diag(*(z**power for z in rows))
    scale = sp.diag(*map(half, columns))
    new = sp.diag(*map(half, rows)) * kernel * scale
    left, right = scale * two * one, new.T * new * scale
    for i in range(2):
        for j in range(2):
            yield Equal(f"entry ({i + 1}, {j + 1}) of D_1^(1/2) A_2 A_1 = N'N D_1^(1/2)", left[i, j], right[i, j])


@derivation(
    "beta = inf, a common payoff: the marginals of exp(R/alpha) / Z are a fixed point",
    plants={
        "the rows' sums for the columns'": {"prior": lambda e, j: sum(e[j, k] for k in range(2))},
        "uniform": {"prior": lambda e, j: sp.Rational(1, 2)},
    },
)
def gibbs_marginals(prior: Any = lambda e, j: sum(e[k, j] for k in range(2))) -> Iterator[Step]:
    """A = B = 2, a symbol for every exp(R/alpha), up to normalisation."""
    kernel = table("E", 2, 2, positive=True)
    columns = [sum(kernel[i, j] for i in range(2)) for j in range(2)]
    for i in range(2):
        play = sum(kernel[i, j] / columns[j] * prior(kernel, j) for j in range(2))
        text = f"player 1 plays a = {i + 1} as often as the joint distribution has it"
        yield Equal(text, play, sum(kernel[i, :]), name=rf"m_1({i + 1})")


@derivation(
    "The coordination game [[g, 0], [0, g]]: a round shrinks a log-ratio by tanh(g/(2 alpha)) = tanh(D/(4 alpha))",
    plants={
        "tanh(g/alpha)": {"factor": sp.tanh(g / alpha)},
        "D = g": {"difference": g},
    },
)
def coordination(factor: Any = sp.tanh(g / (2 * alpha)), difference: Any = 2 * g) -> Iterator[Step]:
    """Both columns have one sum, so that beta does not enter; the fixed point is uniform."""
    e = sp.exp(g / alpha)
    x = sp.Symbol("x", real=True)
    odds = sp.log((e * sp.exp(x) + 1) / (sp.exp(x) + e))
    yield Equal("at 0 the log-odds stay", odds.subs(x, 0), 0, name="f(0)")
    slope = sp.diff(odds, x).subs(x, 0)
    yield Equal("the derivative there is (e^(g/alpha) - 1)/(e^(g/alpha) + 1)", slope, (e - 1) / (e + 1))
    yield Equal("which is the factor", factor.rewrite(sp.exp), (e - 1) / (e + 1), name=r"\tanh\frac{g}{2\alpha}")
    payoff = sp.Matrix([[g, 0], [0, g]])
    second = payoff[0, 0] - payoff[0, 1] - payoff[1, 0] + payoff[1, 1]
    yield Equal("D is R(1,1) - R(1,2) - R(2,1) + R(2,2)", second, difference, name="D")
    bound = sp.tanh(second / (4 * alpha)).rewrite(sp.exp)
    yield Equal("so that Birkhoff's bound is attained", bound, (e - 1) / (e + 1), name=r"\tanh\frac{D}{4\alpha}")


@derivation(
    "Selection: g(w) = eps + (1 - eps) theta w/(1 - (1 - theta) w) has the fixed points 1 and eps/(1 - theta)",
    plants={
        "theta dropped": {"root": eps},
        "eps added twice": {"bound": lambda left: 2 * eps + (1 - eps) * left},
        "odds not normalised": {"model": lambda w: theta * w},
    },
)
def selection(
    root: Any = eps / (1 - theta),
    bound: Any = lambda left: eps + (1 - eps) * left,
    model: Any = lambda w: theta * w / (1 - w + theta * w),
) -> Iterator[Step]:
    """w: what a prior leaves to actions other than b*; the opponent model multiplies their odds by at most theta."""
    yield Equal("the odds of what rho leaves", model(w) / (1 - model(w)), theta * w / (1 - w))
    yield Equal("what the player leaves to a other than a*: eps of rho(b*), and at most all of the rest",
                bound(model(w)), eps * (1 - model(w)) + model(w))  # fmt: skip
    yield Equal("w = 1 stays", bound(model(sp.Integer(1))), 1, name="g(1)")
    yield Equal("and so does eps/(1 - theta)", bound(model(root)), root)
    room, left = sp.symbols("u v", positive=True)
    slope = sp.factor(sp.simplify(sp.diff(bound(model(w)), w)))
    inside = {eps: 1 / (1 + room), w: 1 / (1 + left)}
    yield Signed("for eps, w < 1 g rises: what is below a fixed point is mapped below it",
                 sp.simplify(slope.subs(inside)), strict=True)  # fmt: skip


@derivation(
    "Three players who gain r by agreeing, alpha = beta = 1: the uniform play loses its stability at r = ln 5",
    plants={
        "ln 4": {"critical": sp.log(4)},
        "two players": {"others": lambda p: p},
    },
)
def agreement(critical: Any = sp.log(5), others: Any = lambda p: p**2) -> Iterator[Step]:
    """The others each choose 1 with probability p; E = e^r - 1; odds of choosing 1, as a function of odds."""
    big, x = sp.Symbol("E", positive=True), sp.Symbol("x", real=True)
    p = sp.exp(x) / (1 + sp.exp(x))
    odds = sp.log(1 + big * others(p)) - sp.log(1 + big * others(1 - p))
    yield Equal("at 0 the log-odds stay", sp.simplify(odds.subs(x, 0)), 0, name="f(0)")
    slope = sp.simplify(sp.diff(odds, x).subs(x, 0))
    yield Equal("the derivative there", slope, 2 * big / (4 + big), name="f'(0)")
    yield Equal("which is 1 at r = ln 5", (2 * big / (4 + big)).subs(big, sp.exp(critical) - 1), 1, name="f'(0)")
    yield Less("and above 1 at r = 2", sp.Integer(1), (2 * big / (4 + big)).subs(big, sp.exp(2) - 1))
    yield Less("below at r = 3/2", (2 * big / (4 + big)).subs(big, sp.exp(sp.Rational(3, 2)) - 1), sp.Integer(1))


@derivation(
    "Averaged play: the ratios of a mean lie between means, so e^d' = e^d - w (e^d - e^(kappa d)) at most",
    plants={
        "weights exchanged": {"weight": lambda s, low, answer: (1 - s) * low / ((1 - s) * low + s * answer)},
        "e^d for e^(kappa d)": {"high": lambda low, answer, far, near: (low * far, answer * far)},
    },
)
def averaged(
    weight: Any = lambda s, low, answer: s * answer / ((1 - s) * low + s * answer),
    high: Any = lambda low, answer, far, near: (low * far, answer * near),
) -> Iterator[Step]:
    """low, answer: least ratios of a prior and of what is played to the fixed point; far = e^d, near = e^(kappa d)."""
    low, answer, near, more, step = sp.symbols("l m n k s", positive=True)
    far = near + more
    top = high(low, answer, far, near)
    mean = ((1 - step) * top[0] + step * top[1]) / ((1 - step) * low + step * answer)
    yield Equal("the span of the mean's ratios", mean, far - weight(step, low, answer) * (far - near))
    gap, rest = sp.symbols("u v", nonnegative=True)
    inside = {step: 1 / (1 + gap), low: 1 / (1 + rest), answer: 1 / (1 + sp.Symbol("y", nonnegative=True))}
    slack = (weight(step, low, answer) - step * answer).subs(inside)
    yield Signed("with s, l, m <= 1 the weight is at least s m", sp.simplify(slack))


@derivation(
    "Symmetric fixed points: the Perron root of A_s(V) is exp(V/beta), and Q + c makes it exp(c/beta) times as large",
    plants={
        "alpha for beta": {"root": lambda v: sp.exp(v / alpha)},
        "Z^(alpha/beta)": {"power": alpha / beta},
    },
)
def symmetric_values(root: Any = lambda v: sp.exp(v / beta), power: Any = alpha / beta - 1) -> Iterator[Step]:
    """A = B = 2. V is eq. 9's, so that exp(V/beta) = sum_b P(b) Z_b^(alpha/beta)."""
    q, prior = table("Q", 2, 2, real=True), distribution("P", 2)
    sums = partition(q)
    image = [sum(sp.exp(q[i, j] / alpha) * sums[j] ** power * prior[j] for j in range(2)) for i in range(2)]
    value = beta * sp.log(sum(p * z ** (alpha / beta) for p, z in zip(prior, sums, strict=True)))
    yield Equal("where A P = lambda P, lambda is the sum of A P: exp(V/beta)", sum(image), root(value))
    factor = sp.Symbol("k", positive=True)
    entry = sp.exp((Q[a, b] + alpha * sp.log(factor)) / alpha) * (factor * Z[b]) ** (alpha / beta - 1)
    yield Equal(
        "Q + alpha log k makes every entry k^(alpha/beta) times as large",
        entry,
        factor ** (alpha / beta) * sp.exp(Q[a, b] / alpha) * Z[b] ** (alpha / beta - 1),
    )
    slack = sp.Symbol("u", nonnegative=True)
    grown = sp.diff(sp.log(Z[b] ** (alpha / beta - 1)), Z[b]).subs(beta, alpha / (1 + slack))
    yield Signed("beta <= alpha: Z^(alpha/beta - 1) does not fall in Z, so A rises with Q", grown)


if __name__ == "__main__":
    present(globals())
