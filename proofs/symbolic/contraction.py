"""Theorem 3, eq. 13, 60, 61: the soft value iteration operator is a gamma-contraction in the sup norm.

Generic in A and B and in the weights alpha and beta. The paper's chain for eq. 61 holds at alpha = 1 only; the proof
here is by the slope of V along the line from Q2 to Q1, which is an average under (pi*, rho*). It uses neither symmetry
nor a single optimum.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Step, derivation, present
from .formulas import P, Q, a, alpha, b, beta, distribution, gamma, over_a, over_b, soft_value, table

h = sp.IndexedBase("h", real=True)
t, c = sp.symbols("t c", real=True)
eps = sp.Symbol("varepsilon", positive=True)

Z = sp.IndexedBase("Z", positive=True)
V = sp.Symbol("V", real=True)


def moved(amount: Any) -> Any:
    """Z(b) of Q + t h."""
    return over_a(sp.exp((Q[a, b] + amount * h[a, b]) / alpha))


@derivation(
    "Eq. 61: V(Q + c) = V(Q) + c for every alpha and beta",
    plants={
        "eq. 61 as printed: c added to Q/alpha": {"shifted": lambda q: sp.exp(q / alpha + c)},
        "alpha dropped": {"shifted": lambda q: sp.exp(q + c)},
        "exp(c)^alpha = alpha c": {"by": alpha * c},
    },
)
def value_of_a_shift(shifted: Any = lambda q: sp.exp((q + c) / alpha), by: Any = c) -> Iterator[Step]:
    """The step of eq. 61 that moves epsilon out, with epsilon where it belongs: inside the 1/alpha."""
    yield Equal(
        "The inner sum: Z of Q + c is exp(c/alpha) Z of Q",
        over_a(shifted(Q[a, b])),
        sp.exp(c / alpha) * over_a(sp.exp(Q[a, b] / alpha)),
    )
    yield Equal(
        "The outer sum, with Z(b) for the inner one of Q",
        over_b(P[b] * (sp.exp(c / alpha) * Z[b]) ** (alpha / beta)),
        sp.exp(c / beta) * over_b(P[b] * Z[b] ** (alpha / beta)),
    )
    yield Equal(
        "Hence V(Q + c) = V(Q) + c",
        beta * sp.log(sp.exp(c / beta) * over_b(P[b] * Z[b] ** (alpha / beta))),
        by + beta * sp.log(over_b(P[b] * Z[b] ** (alpha / beta))),
    )
    q, prior = table("Q", 2, 2, real=True), distribution("P", 2)
    factor = sp.Symbol("k", positive=True)
    yield Equal(
        "The same for A = B = 2, a symbol for every entry, with c = alpha log k",
        soft_value(q + sp.ones(2, 2) * alpha * sp.log(factor), prior, weight=beta),
        soft_value(q, prior, weight=beta) + alpha * sp.log(factor),
    )


@derivation(
    "Eq. 60, 61: the slope of V along Q + t h is the average of h under (pi*, rho*) of Q + t h",
    plants={
        "alpha dropped in pi*": {"policy": lambda q, z: sp.exp(q) / z},
        "beta dropped in rho*": {"model": lambda p, z, v: p * z**alpha / sp.exp(v)},
        "prior dropped": {"model": lambda p, z, v: z ** (alpha / beta) / sp.exp(v / beta)},
    },
)
def slope_of_the_value(
    policy: Any = lambda q, z: sp.exp(q / alpha) / z,
    model: Any = lambda p, z, v: p * z ** (alpha / beta) / sp.exp(v / beta),
) -> Iterator[Step]:
    """Generic in A and B. V is differentiable, and its derivative is a stochastic kernel."""
    z = moved(t)
    value = beta * sp.log(over_b(P[b] * z ** (alpha / beta)))
    best, tilt = policy(Q[a, b] + t * h[a, b], z), model(P[b], z, value)
    yield Equal("pi* of Q + t h sums to 1", over_a(best), 1)
    yield Equal("rho* of Q + t h sums to 1", over_b(tilt), 1)
    yield Signed("both are positive", best * tilt, strict=True)
    yield Equal(
        "d/dt V(Q + t h) = sum_b rho*(b) sum_a pi*(a|b) h(a,b)",
        sp.diff(value, t),
        over_b(tilt * over_a(best * h[a, b])),
    )


w = sp.IndexedBase("w", nonnegative=True)
slack = sp.IndexedBase("d", nonnegative=True)


@derivation(
    "Eq. 61 corrected: |V(Q1) - V(Q2)| <= epsilon = ||Q1 - Q2||, so T contracts with modulus gamma, which is attained",
    plants={
        "alpha epsilon for epsilon": {"bound": alpha * eps},
        "weights that do not sum to 1": {"total": sp.Integer(2)},
        "undiscounted": {"step": lambda r, v: r + v},
    },
)
def contraction(bound: Any = eps, total: Any = sp.Integer(1), step: Any = lambda r, v: r + gamma * v) -> Iterator[Step]:
    """With h = Q1 - Q2, V(Q1) - V(Q2) is the integral over t from 0 to 1 of averages of h; one average is bounded here.

    w is the joint weight rho*(b) pi*(a|b) in one index; an average of h between -epsilon and epsilon lies there too.
    """
    given = ((over_a(w[a]), total),)
    g = sp.IndexedBase("h", real=True)
    yield Equal("epsilon less an average of h", eps - over_a(w[a] * g[a]), over_a(w[a] * (bound - g[a])), given=given)
    yield Equal("and the average plus epsilon", eps + over_a(w[a] * g[a]), over_a(w[a] * (bound + g[a])), given=given)
    yield Signed(
        "Where every h <= epsilon, epsilon - h = d >= 0 and the first is nonnegative; likewise the second",
        over_a(w[a] * slack[a]),
    )
    yield Signed("Monotone: where h = d >= 0 so is the slope of V", over_b(w[b] * over_a(w[a] * slack[a])))
    reward, v1, v2 = sp.symbols("R v_1 v_2", real=True)
    yield Equal(
        "One entry of TQ1 - TQ2 where the next state is certain", step(reward, v1) - step(reward, v2), gamma * (v1 - v2)
    )
    yield Equal(
        "A constant c is passed on as gamma c, so the modulus gamma is attained",
        step(reward, v1 + c) - step(reward, v1),
        gamma * c,
    )
    p = sp.IndexedBase("p", nonnegative=True)
    yield Equal(
        "Where it is not, the next state's average of epsilon - (v1 - v2) is left",
        gamma * eps - (step(reward, over_a(p[a] * Q[a])) - step(reward, over_a(p[a] * (Q[a] - g[a])))),
        gamma * over_a(p[a] * (eps - g[a])),
        given=((over_a(p[a]), 1),),
    )


@derivation(
    "Eq. 61 as printed: Q2/alpha + epsilon in place of (Q2 + epsilon)/alpha",
    plants={
        "the inner epsilon corrected": {"inside": lambda q: (q + eps) / alpha},
        "its last line epsilon + V": {"last": eps},
    },
)
def printed_61_is_a_shift_by_alpha_epsilon(
    inside: Any = lambda q: q / alpha + eps, last: Any = alpha * eps
) -> Iterator[Step]:
    """Lines 2 to 4 of the printed chain are true equalities: they say that V(Q2 + alpha eps) = V(Q2) + alpha eps."""
    yield Equal(
        "Line 2 is line 1 for Q2 + alpha epsilon", sp.exp(inside(Q[a, b])), sp.exp((Q[a, b] + alpha * eps) / alpha)
    )
    yield Equal(
        "Line 2 to line 3",
        over_a(sp.exp(inside(Q[a, b]))),
        over_a(sp.exp(Q[a, b] / alpha)) * sp.exp(eps),
    )
    yield Equal(
        "Line 3 to line 4",
        sp.log(over_b(P[b] * (Z[b] * sp.exp(eps)) ** alpha)),
        last + sp.log(over_b(P[b] * Z[b] ** alpha)),
    )
    yield Equal(
        "Line 1 to line 2 needs Q1/alpha <= Q2/alpha + epsilon; known is only + epsilon/alpha. The difference is",
        eps - eps / alpha,
        eps * (alpha - 1) / alpha,
    )
    s = sp.Symbol("s", positive=True)
    yield Signed("which is nonnegative for alpha = 1 + s", eps * (alpha - 1) / alpha, where={alpha: 1 + s})
    yield Signed(
        "and negative for alpha = 1/(1 + s)", -eps * (alpha - 1) / alpha, strict=True, where={alpha: 1 / (1 + s)}
    )


@derivation(
    "Eq. 61 as printed: alpha epsilon is false as a bound for alpha < 1, and loose for alpha > 1",
    plants={"epsilon itself as the bound": {"bound": lambda temperature, distance: distance}},
)
def printed_61_fails(bound: Any = lambda temperature, distance: temperature * distance) -> Iterator[Step]:
    """Smallest counterexample: A = B = 1, alpha = 1/2, Q1 = 1, Q2 = 0. At alpha = 2, gamma = 9/10 nothing follows."""
    one, half, two, rate = sp.Integer(1), sp.Rational(1, 2), sp.Integer(2), sp.Rational(9, 10)
    for temperature in (half, two):
        v1 = soft_value(sp.Matrix([[1]]), [one], temperature)
        v2 = soft_value(sp.Matrix([[0]]), [one], temperature)
        name = "V(Q_1) - V(Q_2)"
        yield Equal(f"The distance of the values at alpha = {temperature}; epsilon is 1", v1 - v2, 1, name=name)
    yield Less("Printed bound at alpha = 1/2: too small", bound(half, one), one)
    yield Less("Printed bound at alpha = 2: too large", one, bound(two, one))
    yield Less("With gamma = 9/10 it does not even give a contraction", one, rate * bound(two, one))
    yield Equal("At alpha = 1 it is the right one", bound(one, eps), eps, name=r"\alpha\varepsilon")


if __name__ == "__main__":
    present(globals())
