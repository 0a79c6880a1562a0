"""Eq. 11, 39, 42, 44 and Theorem 5's first observation: the best opponent model is the prior, tilted.

KL weight beta; beta = 1 is the paper. Generic in the number B of opponents' joint actions, for one state; the last
derivation in A and B. M(b) stands for the bracket E_pi Q(.,b) + alpha H(pi(.|b)), any numbers at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Step, derivation, present
from .divergence import excess
from .formulas import (
    P,
    Q,
    a,
    alpha,
    b,
    beta,
    distribution,
    expected_value,
    kl_divergence,
    levels,
    over_a,
    over_b,
    pi,
    rho,
    soft_maximum,
    soft_opponent_model,
    soft_policy,
    soft_value,
    table,
    unit,
)  # fmt: skip

M = sp.IndexedBase("M", real=True)
ONE = ((over_b(rho[b]), 1), (over_b(P[b]), 1))
W = over_b(P[b] * sp.exp(M[b] / beta))


def tilted(prior: Any, level: Any) -> Any:
    """rho~(b) = P(b) exp(M(b) / beta) / sum_b P(b) exp(M(b) / beta): eq. 39."""
    return prior * sp.exp(level / beta) / W


PLANTS = {
    "prior dropped": {"improved": lambda prior, level: sp.exp(level / beta) / W},
    "beta dropped": {"improved": lambda prior, level: prior * sp.exp(level) / W},
    "sign of the level": {"improved": lambda prior, level: prior * sp.exp(-level / beta) / W},
    "prior itself": {"improved": lambda prior, level: prior},
}


@derivation(
    "Eq. 44: E_rho M - beta KL(rho || P) = beta log sum_b P exp(M/beta) - beta KL(rho || rho~)",
    plants={
        **PLANTS,
        "sum over b without P": {"normaliser": over_b(sp.exp(M[b] / beta))},
        "sign of the divergence": {"weight": -beta},
        "beta dropped before the divergence": {"weight": sp.Integer(1)},
    },
)
def model_gap(improved: Any = tilted, normaliser: Any = W, weight: Any = beta) -> Iterator[Step]:
    """Eq. 44 with the KL weight beta; the sum over b carries P, which the paper writes as exp(log P)."""
    new = improved(P[b], M[b])
    yield Equal(
        "For each b, beta log(rho~/P) = M - beta log sum_b P exp(M/beta)",
        beta * sp.log(new / P[b]),
        M[b] - beta * sp.log(normaliser),
    )
    yield Equal(
        "Hence, for each b",
        M[b] - weight * sp.log(rho[b] / P[b]),
        beta * sp.log(normaliser) - beta * sp.log(rho[b] / new),
    )
    yield Equal(
        "Averaged over rho, which sums to 1",
        over_b(rho[b] * M[b]) - weight * over_b(rho[b] * sp.log(rho[b] / P[b])),
        beta * sp.log(normaliser) - beta * over_b(rho[b] * sp.log(rho[b] / new)),
        given=ONE,
    )
    yield Equal(
        "With the prior inside the exponential, as the paper writes it",
        over_b(sp.exp(M[b] / beta + sp.log(P[b]))),
        W,
        name=r"\sum_b e^{M(b)/\beta + \log P(b)}",
    )


@derivation("Eq. 39: rho~ is a distribution and attains the maximum", plants=PLANTS)
def model_attains(improved: Any = tilted) -> Iterator[Step]:
    """The right side of eq. 42, evaluated."""
    new = improved(P[b], M[b])
    yield Equal("rho~ sums to 1", over_b(new), 1, given=ONE)
    yield Signed("and is positive where the prior is", new, strict=True)
    yield Equal(
        "It attains beta log sum_b P exp(M/beta)",
        over_b(new * M[b]) - beta * over_b(new * sp.log(new / P[b])),
        beta * sp.log(W),
        given=ONE,
    )


@derivation("Eq. 42: no opponent model does better than rho~, and only rho~ does as well", plants=PLANTS)
def model_improves(improved: Any = tilted) -> Iterator[Step]:
    """The right side minus the left side is beta sum_b rho f(rho~/rho) with f(x) = x - 1 - log x >= 0, 0 only at 1."""
    new = improved(P[b], M[b])
    right = over_b(new * M[b]) - beta * over_b(new * sp.log(new / P[b]))
    left = over_b(rho[b] * M[b]) - beta * over_b(rho[b] * sp.log(rho[b] / P[b]))
    yield Equal("Right side minus left side", right - left, beta * over_b(rho[b] * excess(new / rho[b])), given=ONE)
    f = sp.IndexedBase("f", nonnegative=True)
    yield Signed("a sum of nonnegative terms, each 0 only where rho = rho~", beta * over_b(rho[b] * f[b]))


L = sp.IndexedBase("L", real=True)
V = sp.Symbol("V", real=True)


@derivation(
    "Eq. 6, 10, 11: what any pair lacks is alpha E_rho KL(pi || pi*) + beta KL(rho || rho*)",
    plants={
        "alpha dropped before the divergence": {"price": sp.Integer(1)},
        "alpha dropped in pi*": {"best": lambda q, level: sp.exp(q - level)},
        "exp(V) without 1/beta": {"model": lambda prior, level: prior * sp.exp(level / beta - V)},
        "averaged over the prior": {"outer": P},
    },
)
def pair_gap(
    best: Any = lambda q, level: sp.exp((q - level) / alpha),
    model: Any = lambda prior, level: prior * sp.exp((level - V) / beta),
    price: Any = alpha,
    outer: Any = rho,
) -> Iterator[Step]:
    """Generic in A and B: the joint optimum of the one-step objective, in one identity.

    L(b) and V are any numbers here; that they are the soft maximum and the soft value makes pi* and rho* sum to 1, and
    then both divergences are nonnegative.
    """
    known = ((over_a(pi[a, b]), 1), *ONE)
    policy, tilt = best(Q[a, b], L[b]), model(P[b], L[b])
    inner = over_a(pi[a, b] * Q[a, b]) - alpha * over_a(pi[a, b] * sp.log(pi[a, b]))
    yield Equal(
        "For each b, eq. 43",
        inner,
        L[b] - price * over_a(pi[a, b] * sp.log(pi[a, b] / policy)),
        given=known,
    )
    yield Equal(
        "Over b as well, eq. 43 and 44 together",
        over_b(rho[b] * inner) - beta * over_b(rho[b] * sp.log(rho[b] / P[b])),
        V
        - price * over_b(outer[b] * over_a(pi[a, b] * sp.log(pi[a, b] / policy)))
        - beta * over_b(rho[b] * sp.log(rho[b] / tilt)),
        given=known,
    )


@derivation(
    "Eq. 11, 39 at pi = pi* for A = B = 2, a symbol for every entry",
    plants={
        "alpha dropped": {"model": lambda q, prior: soft_opponent_model(q, prior, sp.Integer(1), beta)},
        "payoffs transposed": {"model": lambda q, prior: soft_opponent_model(q.T, prior, weight=beta)},
        "prior uniform": {"model": lambda q, prior: soft_opponent_model(q, [sp.Rational(1, 2)] * 2, weight=beta)},
        "sum over b before the power": {"model": lambda q, prior: soft_opponent_model(q, prior, weight=alpha)},
    },
)
def model_small(model: Any = lambda q, prior: soft_opponent_model(q, prior, weight=beta)) -> Iterator[Step]:
    """Eq. 39 with the Gibbs policy is eq. 11, and the pair is worth the soft value."""
    q, prior = table("Q", 2, 2, real=True), distribution("P", 2)
    policy, new = soft_policy(q), model(q, prior)
    best = soft_maximum(q)
    for j, bracket in enumerate(levels(q, policy)):
        yield Equal(f"At pi* the bracket of eq. 39 for b = {j + 1} is L({j + 1})", bracket, best[j])
    weights = [p * sp.exp(m / beta) for p, m in zip(prior, best, strict=True)]
    yield Equal(
        "The odds of b = 1 that eq. 39 gives at pi* are those of eq. 11", weights[0] * new[1], weights[1] * new[0]
    )
    yield Equal("They sum to 1", sum(new), 1)
    yield Equal(
        "The pair is worth V = beta log sum_b P(b) (sum_a exp(Q/alpha))^(alpha/beta)",
        expected_value(q, policy, new, prior, weight=beta),
        soft_value(q, prior, weight=beta),
        given=unit(prior),
    )


def _brackets_of_39(q: Any, policy: Any) -> list[Any]:
    """The exponent of eq. 39 with the entropy of pi(.|s, b), which depends on b."""
    return levels(q, policy, sp.Integer(1))


def brackets_of_39_as_printed(q: Any, policy: Any) -> list[Any]:
    """The exponent of eq. 39 with H(pi(s)): no function of b, so any constant; here 0."""
    return [sum(x * y for x, y in zip(policy.col(j), q.col(j), strict=True)) for j in range(q.cols)]


@derivation(
    "Eq. 39, 55 as printed: H(pi(s)) has to be H(pi(.|s, b))",
    plants={"printed": {"brackets": brackets_of_39_as_printed}},
)
def printed_39_misses_b(brackets: Any = _brackets_of_39) -> Iterator[Step]:
    """Smallest counterexample: Q = 0, A = B = 2, alpha = beta = 1, P uniform, pi(.|1) = (1, 0), pi(.|2) = (1/2, 1/2).

    An entropy that does not depend on b drops out of the normalised rho~, which then is P here.
    """
    half, one = sp.Rational(1, 2), sp.Integer(1)
    q, policy, prior = sp.zeros(2, 2), sp.Matrix([[1, half], [0, half]]), [half, half]
    weights = [p * sp.exp(m) for p, m in zip(prior, brackets(q, policy), strict=True)]
    right = [w / sum(weights) for w in weights]
    yield Equal("rho~(1) with H(pi(.|b))", right[0], sp.Rational(1, 3), name=r"\tilde\rho(1)")
    constant = [p * sp.exp(m) for p, m in zip(prior, brackets_of_39_as_printed(q, policy), strict=True)]
    printed = [w / sum(constant) for w in constant]
    yield Equal("rho~(1) as printed", printed[0], half, name=r"\tilde\rho_{\text{printed}}(1)")
    best = expected_value(q, policy, right, prior, one)
    worse = expected_value(q, policy, printed, prior, one)
    yield Equal("The objective at the first", best, sp.log(sp.Rational(3, 2)), name=r"\mathcal{J}(\tilde\rho)")
    yield Equal("The objective at the second", worse, sp.log(2) / 2, name=r"\mathcal{J}(\tilde\rho_{\text{printed}})")
    yield Less("which is smaller, so eq. 42 fails for the printed rho~", worse, best)
    yield Equal(
        "by exactly the divergence of eq. 44", best - worse, kl_divergence(printed, right), name=r"\Delta\mathcal{J}"
    )


if __name__ == "__main__":
    present(globals())
