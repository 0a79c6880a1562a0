"""Eq. 9, 56, 57, 58: the soft value is the normaliser that is left when pi* is put into rho*.

Generic in A and B for beta = 1, the paper's case; eq. 56 and 57 as printed against it, on one or two numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Step, derivation, present
from .formulas import (
    P,
    Q,
    a,
    alpha,
    b,
    distribution,
    expected_value,
    levels,
    over_a,
    over_b,
    soft_maximum,
    soft_opponent_model,
    soft_policy,
    soft_value,
    table,
)  # fmt: skip

Z = over_a(sp.exp(Q[a, b] / alpha))


def policy_56(q: Any, z: Any) -> Any:
    """exp(Q/alpha) / Z: eq. 10, and eq. 56 corrected."""
    return sp.exp(q / alpha) / z


def printed_56(q: Any, z: Any) -> Any:
    """(1/alpha) exp(Q) / Z: eq. 56 as printed."""
    return sp.exp(q) / alpha / z


def weight_57(z: Any) -> Any:
    """(sum_a exp(Q/alpha))^alpha: the numerator of eq. 11, and of eq. 57 corrected, without P."""
    return z**alpha


@derivation(
    "Eq. 57, 58: substituting pi* into rho* leaves P Z^alpha / exp(V), and V is eq. 9",
    plants={
        "eq. 56 as printed": {"policy": printed_56},
        "eq. 57 as printed, without 1/alpha": {"power": lambda z: over_a(sp.exp(Q[a, b])) ** alpha},
        "power dropped": {"power": lambda z: z},
        "1/alpha as the power": {"power": lambda z: z ** (1 / alpha)},
    },
)
def value_is_the_normaliser(policy: Any = policy_56, power: Any = weight_57) -> Iterator[Step]:
    """Generic in A and B."""
    best = policy(Q[a, b], Z)
    yield Equal("pi* sums to 1 for every b", over_a(best), 1)
    exponent = over_a(best * Q[a, b]) - alpha * over_a(best * sp.log(best)) + sp.log(P[b])
    yield Equal(
        "The exponent of rho*, line 1 of eq. 57, is alpha log Z(b) + log P(b)",
        exponent,
        alpha * sp.log(Z) + sp.log(P[b]),
    )
    yield Equal("Its exponential", sp.exp(alpha * sp.log(Z) + sp.log(P[b])), P[b] * power(Z))
    value = sp.log(over_b(P[b] * power(Z)))
    yield Equal(
        "The normaliser is exp(V) with V of eq. 58, so rho* sums to 1", over_b(P[b] * Z**alpha / sp.exp(value)), 1
    )


def one_column(power: Any, q: Any, prior: Any, temperature: Any) -> list[Any]:
    """P (sum_a exp(...))^alpha of a table."""
    return [p * power(q.col(j), temperature) for j, p in enumerate(prior)]


def _power(column: Any, temperature: Any) -> Any:
    return sum(sp.exp(x / temperature) for x in column) ** temperature


def printed_57(column: Any, temperature: Any) -> Any:
    """(sum_a exp(Q))^alpha: eq. 57 as printed."""
    return sum(sp.exp(x) for x in column) ** temperature


@derivation(
    "Eq. 56 as printed is no distribution unless alpha = 1",
    plants={"printed": {"policy": lambda q, t: sp.exp(q) / t / sp.exp(q / t)}},
)
def printed_56_fails(policy: Any = lambda q, t: sp.exp(q / t) / sp.exp(q / t)) -> Iterator[Step]:
    """Smallest counterexample: A = 1, Q = 0, alpha = 2. One action has to have probability 1; as printed it has 1/2."""
    zero, two = sp.Integer(0), sp.Integer(2)
    yield Equal("Corrected, it has probability 1", policy(zero, two), 1, name=r"\pi^*(1)")
    printed = printed_56(zero, sp.exp(zero / alpha)).subs(alpha, two)
    yield Equal("As printed, it has 1/2", printed, sp.Rational(1, 2), name=r"\pi^*_{\text{printed}}(1)")
    yield Equal(
        "At alpha = 1 both agree",
        printed_56(Q[a, b], Z).subs(alpha, 1),
        policy_56(Q[a, b], Z).subs(alpha, 1),
        name=r"\pi^*_{\text{printed}}",
    )
    q = sp.Matrix([0, sp.log(4)])
    z = sum(sp.exp(x / 2) for x in q)
    total = sum(printed_56(x, z).subs(alpha, 2) for x in q)
    yield Equal(
        "With two actions, Q = (0, log 4), alpha = 2",
        total,
        sp.Rational(5, 6),
        name=r"\sum_a \pi^*_{\text{printed}}(a)",
    )
    odds = printed_56(q[1], z) / printed_56(q[0], z)
    yield Equal("and its odds are those of temperature 1, 4 : 1, not 2 : 1", odds, 4, name=r"\pi(2) / \pi(1)")


@derivation(
    "Eq. 57 as printed, exp(Q*) without 1/alpha, is no distribution unless alpha = 1",
    plants={"printed": {"power": printed_57}},
)
def printed_57_fails(power: Any = _power) -> Iterator[Step]:
    """Smallest counterexample: A = B = 1, alpha = 2, Q = log 2. With B = 2 it fails even after normalising."""
    two, half = sp.Integer(2), sp.Rational(1, 2)
    q, prior = sp.Matrix([[sp.log(2)]]), [sp.Integer(1)]
    value = soft_value(q, prior, two)
    yield Equal("V by eq. 58", value, sp.log(2), name="V")
    yield Equal("Corrected, rho*(1) = 1", one_column(power, q, prior, two)[0] / sp.exp(value), 1, name=r"\rho^*(1)")
    yield Equal(
        "As printed, rho*(1) = 2",
        one_column(printed_57, q, prior, two)[0] / sp.exp(value),
        2,
        name=r"\rho^*_{\text{printed}}(1)",
    )
    q, prior = sp.Matrix([[0, sp.log(2)]]), [half, half]
    right, printed = (one_column(f, q, prior, two) for f in (power, printed_57))
    yield Equal(
        "A = 1, B = 2, Q = (0, log 2), P uniform: corrected and normalised",
        right[0] / sum(right),
        sp.Rational(1, 3),
        name=r"\rho^*(1)",
    )
    yield Equal(
        "printed and normalised", printed[0] / sum(printed), sp.Rational(1, 5), name=r"\rho^*_{\text{printed}}(1)"
    )
    policy = sp.Matrix([[1, 1]])
    best, worse = (expected_value(q, policy, [w / sum(ws) for w in ws], prior, two) for ws in (right, printed))
    yield Less("and it is worth less", worse, best)


@derivation(
    "Eq. 58's V is the value of (pi, rho) only where the pair is the optimum of its own Q",
    plants={"a pair that is optimal": {"policy": sp.Matrix([sp.Rational(1, 2), sp.Rational(1, 2)])}},
)
def value_of_a_pair_is_less(policy: Any = sp.Matrix([1, 0])) -> Iterator[Step]:
    """Eq. 58 carries the superscript (pi, rho), and eq. 12 uses it at the optimum only, which is right.

    Smallest counterexample to reading it as the value of the pair: A = 2, B = 1, Q = 0, alpha = 1, pi = (1, 0).
    """
    q, prior, one = sp.zeros(2, 1), [sp.Integer(1)], sp.Integer(1)
    worth = expected_value(q, policy, prior, prior, one)
    yield Equal("The pair is worth E_pi Q + alpha H(pi)", worth, 0, name=r"V^{\pi,\rho}")
    yield Equal("Eq. 58 gives", soft_value(q, prior, one), sp.log(2), name="V")
    yield Less("which is more", worth, soft_value(q, prior, one))


@derivation(
    "Eq. 57, 58 for A = B = 2, a symbol for every entry",
    plants={
        "alpha dropped": {"value": lambda q, prior: soft_value(q, prior, sp.Integer(1))},
        "payoffs transposed": {"value": lambda q, prior: soft_value(q.T, prior)},
        "prior dropped": {"value": lambda q, prior: soft_value(q, [sp.Integer(1)] * 2)},
    },
)
def value_small(value: Any = soft_value) -> Iterator[Step]:
    """The normaliser of line 1 of eq. 57 at pi* is exp(V), and rho* is what eq. 11 says."""
    q, prior = table("Q", 2, 2, real=True), distribution("P", 2)
    best = soft_maximum(q)
    for j, bracket in enumerate(levels(q, soft_policy(q))):
        yield Equal(f"At pi* the exponent of rho* for b = {j + 1} is L({j + 1}) + log P({j + 1})", bracket, best[j])
    numerators = [sp.exp(m + sp.log(p)) for p, m in zip(prior, best, strict=True)]
    yield Equal("Normaliser", sum(numerators), sp.exp(value(q, prior)))
    yield Equal("rho*(1)", numerators[0] / sp.exp(value(q, prior)), soft_opponent_model(q, prior)[0])
    yield Signed(
        "rho*(1) is positive",
        soft_opponent_model(q, [sp.Symbol("P_1", positive=True), sp.Symbol("P_2", positive=True)])[0],
        strict=True,
    )


if __name__ == "__main__":
    present(globals())
