"""Beyond the paper: the limits of alpha and beta, the span contraction and MacQueen's bounds.

Derivatives and bounds are generic in A and B; limits are for two actions, q and q - d with any d > 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Signed, Step, Tends, derivation, present
from .formulas import P, Q, a, alpha, b, beta, gamma, over_a, over_b

Z = over_a(sp.exp(Q[a] / alpha))
L = sp.IndexedBase("L", real=True)
W = over_b(P[b] * sp.exp(L[b] / beta))
d = sp.Symbol("d", positive=True)
p, p2 = sp.symbols("P_1 P_2", positive=True)


def soft_of_two(temperature: Any, distance: Any) -> Any:
    """L - max for Q = (q, q - d): alpha log(1 + exp(-d/alpha))."""
    return temperature * sp.log(1 + sp.exp(-distance / temperature))


@derivation(
    "L rises with alpha at the rate H(pi*), from the maximum at alpha = 0; it is within alpha log A of it",
    plants={
        "alpha dropped outside": {"level": sp.log(Z), "pair": lambda t, x: sp.log(1 + sp.exp(-x / t))},
        "mean for sum": {"level": alpha * sp.log(Z) - alpha * sp.log(sp.Symbol("A", integer=True, positive=True))},
    },
)
def own_temperature(level: Any = alpha * sp.log(Z), pair: Any = soft_of_two) -> Iterator[Step]:
    """alpha -> 0 and alpha -> infinity."""
    best = sp.exp(Q[a] / alpha) / Z
    yield Equal("d/d alpha L = H(pi*), generic A", sp.diff(level, alpha), -over_a(best * sp.log(best)))
    share = sp.IndexedBase("pi", positive=True)
    u = sp.IndexedBase("u", nonnegative=True)
    total = over_a(share[a] * u[a])
    yield Signed("which is a sum of pi times -log pi = u >= 0", total)
    yield Tends("Two actions, the better one ahead by d: L - max tends to 0", pair(alpha, d), alpha, 0, 0)
    yield Tends(
        "and alpha -> infinity: L - alpha log 2 - max tends to the mean's -d/2",
        pair(alpha, d) - alpha * sp.log(2),
        alpha,
        sp.oo,
        -d / 2,
        "-",
    )
    yield Tends("The worse action's probability tends to 0", 1 / (1 + sp.exp(d / alpha)), alpha, 0, 0)
    yield Equal(
        "A tie, d = 0: L - max = alpha log 2 exactly, the bound alpha log A is attained",
        pair(alpha, sp.Integer(0)),
        alpha * sp.log(2),
        name=r"L - \max_a Q",
    )
    gap = sp.IndexedBase("g", nonnegative=True)
    yield Equal(
        "Generic A: with Q = max - g, L - max = alpha log sum_a exp(-g/alpha)",
        alpha * sp.log(over_a(sp.exp((sp.Symbol("m", real=True) - gap[a]) / alpha))) - sp.Symbol("m", real=True),
        alpha * sp.log(over_a(sp.exp(-gap[a] / alpha))),
    )
    s = sp.Symbol("s", nonnegative=True)
    below = 1 - sp.exp(-s)
    yield Equal("1 - exp(-s) is 0 at s = 0", below.subs(s, 0), 0, name="1 - e^{-0}")
    yield Signed("and rises, so no term exceeds 1", sp.diff(below, s), strict=True)
    yield Equal(
        "A less the sum is a sum of such: with a term 1 where g = 0, the sum is between 1 and A",
        sp.Symbol("A", integer=True, positive=True) - over_a(sp.exp(-gap[a])),
        over_a(below.subs(s, gap[a])),
    )


@derivation(
    "V falls with beta at the rate KL(rho* || P), from the maximum over the support to the prior's mean",
    plants={
        "beta dropped outside": {"value": sp.log(W)},
        "prior dropped": {"value": beta * sp.log(over_b(sp.exp(L[b] / beta)))},
    },
)
def model_weight(value: Any = beta * sp.log(W)) -> Iterator[Step]:
    """beta -> 0: the most optimistic opponent. beta -> infinity: rho = P, the ablation ROMMEO-Q-EMP."""
    given = ((over_b(P[b]), 1),)
    tilt = P[b] * sp.exp(L[b] / beta) / W
    yield Equal("d/d beta V = -KL(rho* || P), generic B", sp.diff(value, beta), -over_b(tilt * sp.log(tilt / P[b])))
    yield Equal(
        "V - sum_b P L = beta KL(P || rho*), the gap of rho = P in eq. 44: V is at least the prior's mean",
        value - over_b(P[b] * L[b]),
        beta * over_b(P[b] * sp.log(P[b] / tilt)),
        given=given,
    )
    pair = beta * sp.log(p + p2 * sp.exp(-d / beta))
    yield Tends("Two joint actions, the better one ahead by d, beta -> 0: V - max tends to 0", pair, beta, 0, 0)
    x = sp.Symbol("x", positive=True)
    even = sp.log((1 - p2) + p2 * sp.exp(-d * x)) / x
    yield Tends("beta = 1/x -> infinity: V - max tends to -P_2 d, the mean under the prior", even, x, 0, -p2 * d)
    odds = p2 / p * sp.exp(-d / beta)
    yield Tends("The worse joint action's odds tend to 0 for beta -> 0", odds, beta, 0, 0)
    yield Tends("and to the prior's for beta -> infinity", odds, beta, sp.oo, p2 / p, "-")


w = sp.IndexedBase("w", nonnegative=True)
h = sp.IndexedBase("h", real=True)
low, high = sp.symbols("m M", real=True)
excess = sp.IndexedBase("e", nonnegative=True)


@derivation(
    "Span: min h <= V(Q + h) - V(Q) <= max h, so span(TQ1 - TQ2) <= gamma span(Q1 - Q2)",
    plants={"weights that sum to 2": {"total": sp.Integer(2)}, "discount dropped": {"rate": sp.Integer(1)}},
)
def span_contracts(total: Any = sp.Integer(1), rate: Any = gamma) -> Iterator[Step]:
    """The slope of V is an average of h with the weights w = rho* pi*; m <= h <= M."""
    given = ((over_a(w[a]), total),)
    yield Equal(
        "M less an average of h is an average of M - h",
        high - over_a(w[a] * h[a]),
        over_a(w[a] * (high - h[a])),
        given=given,
    )
    yield Equal(
        "and an average less m is one of h - m", over_a(w[a] * h[a]) - low, over_a(w[a] * (h[a] - low)), given=given
    )
    yield Signed("Averages of nonnegative numbers e", over_a(w[a] * excess[a]))
    top, bottom, r1, r2 = sp.symbols("Delta_M Delta_m R_1 R_2", real=True)
    first, second = sp.symbols("V_1 V_2", real=True)
    entries = [r1 + rate * (first + top) - (r1 + gamma * first), r2 + rate * (second + bottom) - (r2 + gamma * second)]
    yield Equal(
        "The rewards drop out of TQ1 - TQ2, and two of its entries differ by gamma times a difference of changes of V",
        entries[0] - entries[1],
        gamma * (top - bottom),
    )


@derivation(
    "MacQueen: TV + gamma/(1 - gamma) min(TV - V) <= V* <= TV + gamma/(1 - gamma) max(TV - V)",
    plants={
        "gamma forgotten in the numerator": {"shift": lambda x: x / (1 - gamma)},
        "1 + gamma in the denominator": {"shift": lambda x: gamma * x / (1 + gamma)},
        "squared discount": {"shift": lambda x: gamma**2 * x / (1 - gamma)},
    },
)
def macqueen(shift: Any = lambda x: gamma * x / (1 - gamma)) -> Iterator[Step]:
    """T is monotone and T(V + c) = TV + gamma c (eq. 61 corrected). With M = max(TV - V), TV <= V + M.

    Hence T(TV) <= TV + gamma M. U = TV + k with k = gamma M/(1 - gamma) has TU <= U, so U >= TU >= T^2 U >= ... -> V*.
    """
    k = shift(high)
    tv = sp.Symbol("TV", real=True)
    upper = tv + k
    image = (tv + gamma * high) + gamma * k
    yield Equal("The bound on TU, T(TV) + gamma k <= TV + gamma M + gamma k, is U itself", image, upper)
    yield Equal("Each further step keeps it: k is the fixed point of x -> gamma (M + x)", gamma * (high + k), k)
    reward = sp.Symbol("R", real=True)
    fixed = reward / (1 - gamma)
    yield Equal("Attained: one state, one action, V = 0, TV = R", reward + shift(reward), fixed)
    s = sp.Symbol("s", positive=True)
    gap = sp.Symbol("Delta", nonnegative=True)
    yield Signed(
        "The bounds are gamma/(1 - gamma) span(TV - V) apart, and in this order",
        gamma * gap / (1 - gamma),
        where={gamma: 1 / (1 + s)},
    )
    yield Equal("namely", shift(high) - shift(low), gamma * (high - low) / (1 - gamma))


if __name__ == "__main__":
    present(globals())
