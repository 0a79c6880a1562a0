"""Eq. 8, 12, 33 to 37, 59, 60, Theorem 2: the recursion of Q^{pi,rho}, and what eq. 37 should say.

Expectations over actions: A = B = 2, a symbol for every entry. Over states: S = 2 with a symbol for every probability,
and one step of the sum generic in S. In state s, e(s) = alpha H - KL averaged over rho, and r(s) the average reward.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Step, Tends, derivation, present
from .formulas import (
    alpha,
    beta,
    distribution,
    entropy,
    expected_value,
    gamma,
    kl_divergence,
    soft_opponent_model,
    soft_policy,
    soft_value,
    table,
    unit,
)  # fmt: skip
from .improvement import moves

ONES = sp.ones(2, 1)
r = sp.Matrix(sp.symbols("r_1 r_2", real=True))
e = sp.Matrix(sp.symbols("e_1 e_2", real=True))
start = sp.Matrix([distribution("p", 2)])


def value() -> Any:
    """V = (I - gamma M)^-1 (r + e): what the pair is worth from each of the two states."""
    return (sp.eye(2) - gamma * moves()).inv() * (r + e)


@derivation(
    "Eq. 34 = 35 = 36: the three ways to write the next step",
    plants={
        "divergence averaged over the prior too": {"twice": True},
        "alpha dropped in eq. 36": {"temperature": sp.Integer(1)},
        "sign of the divergence in eq. 35": {"sign": -1},
    },
)
def one_step(twice: bool = False, temperature: Any = alpha, sign: int = 1) -> Iterator[Step]:
    """The bracket at the next state, averaged over (pi, rho).

    H(pi(.|s,b)) does not depend on a, nor the divergence on a and b, so which average they are under does not matter.
    """
    q, model, prior = table("Q", 2, 2, real=True), distribution("rho", 2), distribution("P", 2)
    columns = [distribution("pi", 2), distribution("sigma", 2)]
    given = unit(model, prior, *columns)
    price = kl_divergence(model, prior) * (2 if twice else 1)
    entropies = [entropy(column) for column in columns]
    eq_34 = sum(model[j] * columns[j][i] * (alpha * entropies[j] - price + q[i, j]) for i in range(2) for j in range(2))
    eq_35 = sum(
        model[j]
        * (alpha * entropies[j] - sign * kl_divergence(model, prior) + sum(columns[j][i] * q[i, j] for i in range(2)))
        for j in range(2)
    )
    eq_36 = (
        sum(model[j] * temperature * entropies[j] for j in range(2))
        - kl_divergence(model, prior)
        + sum(model[j] * columns[j][i] * q[i, j] for i in range(2) for j in range(2))
    )
    yield Equal("Eq. 34 and 35", eq_34, eq_35, given=given)
    yield Equal("Eq. 35 and 36", eq_35, eq_36, given=given)
    policy = sp.Matrix(2, 2, lambda i, j: columns[j][i])
    yield Equal("They are the left side of eq. 44", eq_36, expected_value(q, policy, model, prior), given=given)


@derivation(
    "Eq. 33 -> 34: the discounted sum satisfies the recursion; its entropies start one step after the reward",
    plants={
        "entropy and divergence of the first step inside Q": {"first": True},
        "discount on r_t too": {"by": gamma},
        "moves transposed": {"matrix": moves().T},
    },
)
def sum_is_recursive(first: bool = False, by: Any = sp.Integer(1), matrix: Any = moves()) -> Iterator[Step]:
    """S = 2. Eq. 33 sums gamma^l (r + alpha H - KL) at step t + l for l >= 1 and adds r_t alone."""
    size = sp.Symbol("S", integer=True, positive=True)
    m, c = sp.MatrixSymbol("M", size, size), sp.MatrixSymbol("c", size, 1)
    partial = c
    for n in (1, 2, 3):
        longer = c
        power = c
        for _ in range(n):
            power = gamma * m * power
            longer = longer + power
        yield Equal(
            f"Generic S: {n + 1} terms are c + gamma M ({n} terms)",
            longer,
            c + gamma * m * partial,
            name=rf"\sum_{{l=0}}^{{{n}}} (\gamma M)^l c",
        )
        partial = longer
    ending, power = sp.Symbol("g", positive=True), sp.Symbol("n", positive=True)
    for s, row in enumerate(matrix * ONES):
        yield Equal(
            f"Row {s + 1} of M sums to 1: M 1 = 1, hence M^n 1 = 1", row, 1, name=rf"\sum_{{s'}} M_{{{s + 1} s'}}"
        )
    yield Tends(
        "The rest of the sum is at most gamma^n max |c| / (1 - gamma), with gamma = 1/(1 + g)",
        (1 + ending) ** (-power),
        power,
        sp.oo,
        0,
        "-",
    )
    v = value()
    future = matrix * v
    q_average = by * r + gamma * future + (e if first else sp.zeros(2, 1))
    for s in range(2):
        yield Equal(f"The whole sum solves V = r + e + gamma M V, state {s + 1}", v[s], (r + e + gamma * future)[s])
        yield Equal(f"The bracket of eq. 34 averaged over (pi, rho) in state {s + 1} is V", e[s] + q_average[s], v[s])


def printed_37(v: Any) -> Any:
    """sum_t gamma^(t-1) E[Q + alpha H - KL] = p (I - gamma M)^-1 V: eq. 37, discounted so that it converges."""
    return (start * (sp.eye(2) - gamma * moves()).inv() * v)[0]


@derivation(
    "Eq. 37 corrected: J = E[Q + alpha H - KL] at the first step alone; or with Q - gamma V' summed over all steps",
    plants={
        "eq. 37 as printed, discounted": {"corrected": printed_37},
        "summand r + gamma V'": {"own": lambda v: r + e + gamma * moves() * v},
    },
)
def objective(
    corrected: Any = lambda v: (start * v)[0], own: Any = lambda v: r + e + gamma * moves() * v - gamma * moves() * v
) -> Iterator[Step]:
    """S = 2, a symbol for every probability and reward; alpha and beta any, inside e."""
    inverse = (sp.eye(2) - gamma * moves()).inv()
    v = value()
    j = (start * inverse * (r + e))[0]
    yield Equal("J = sum_t gamma^(t-1) E[r + alpha H - KL]", j, corrected(v), name=r"\mathcal{J}")
    yield Equal(
        "Summed over all steps, the future has to be taken off", j, (start * inverse * own(v))[0], name=r"\mathcal{J}"
    )
    yield Equal(
        "The printed sum counts the step t not once but t times: it exceeds J by gamma p (I - gamma M)^-1 M V",
        printed_37(v) - j,
        gamma * (start * inverse * moves() * v)[0],
        name=r"\text{printed} - \mathcal{J}",
    )


@derivation(
    "Eq. 37 as printed is false: counterexamples with one state and one action each",
    plants={"reward at the last step only": {"rewards": (0, 1)}},
)
def printed_37_fails(rewards: tuple[int, int] = (1, 1)) -> Iterator[Step]:
    """Smallest: S = A = B = 1, R = 1, T = 2, gamma = alpha = 1, as in eq. 7. No entropy and no divergence is left."""
    first, second = (sp.Integer(x) for x in rewards)
    j = first + second
    q2, q1 = second, first + second
    yield Equal("Eq. 7", j, 2, name=r"\mathcal{J}")
    yield Equal("Eq. 37: Q_1 + Q_2", q1 + q2, 3, name="Q_1 + Q_2")
    yield Less("which is more", j, q1 + q2)
    rate, n = sp.Rational(1, 2), sp.Symbol("n", positive=True, integer=True)
    v = 1 / (1 - rate)
    yield Equal("With gamma = 1/2 and no end, J", v, 2, name=r"\mathcal{J}")
    yield Equal("Eq. 37 discounted, sum_t gamma^(t-1) Q", v / (1 - rate), 4, name=r"\sum_t \gamma^{t-1} Q")
    yield Tends("Eq. 37 as printed, not discounted, n terms of Q = 2", n * v, n, sp.oo, sp.oo, "-")


@derivation(
    "Eq. 12, 59, 60, Theorem 2: for (pi*, rho*) of Q the recursion of eq. 36 is the soft Bellman equation",
    plants={
        "alpha dropped": {"value_of": lambda q, prior: soft_value(q, prior, sp.Integer(1), beta)},
        "beta dropped": {"value_of": lambda q, prior: soft_value(q, prior)},
        "payoffs transposed": {"value_of": lambda q, prior: soft_value(q.T, prior, weight=beta)},
    },
)
def bellman(value_of: Any = lambda q, prior: soft_value(q, prior, weight=beta)) -> Iterator[Step]:
    """One successor of any number of them, A = B = 2, a symbol for every entry; expectations over s' are linear."""
    q, prior = table("Q", 2, 2, real=True), distribution("P", 2)
    pair = soft_policy(q), soft_opponent_model(q, prior, weight=beta)
    reward = sp.Symbol("R", real=True)
    yield Equal(
        "R + gamma (bracket of eq. 36 at the pair) = R + gamma V(s')",
        reward + gamma * expected_value(q, *pair, prior, weight=beta),
        reward + gamma * value_of(q, prior),
        given=unit(prior),
    )
    yield Signed("rho* is positive, so every b of the support counts", pair[1][0], strict=True)


@derivation(
    "Eq. 59 as printed lacks the stars on pi, rho and Q of the next step",
    plants={"with the star": {"policy": sp.Matrix([sp.Rational(1, 2)] * 2)}},
)
def printed_59_needs_its_stars(policy: Any = sp.Matrix([1, 0])) -> Iterator[Step]:
    """Smallest counterexample: one state, A = 2, B = 1, R = 0, alpha = 1, gamma = 1/2, pi = (1, 0)."""
    half, one = sp.Rational(1, 2), sp.Integer(1)
    q = sp.Matrix([sp.log(2), sp.log(2)])
    yield Equal(
        "Q* = (log 2, log 2) is the fixed point", half * soft_value(q, [one], one), sp.log(2), name=r"\gamma V^*"
    )
    worth = sp.Symbol("v", real=True)
    fixed = sp.solve(worth - expected_value(half * worth * sp.ones(2, 1), policy, [one], [one], one), worth)[0]
    yield Equal("The right side with pi = (1, 0)", half * fixed, 0, name=r"Q^{\pi,\rho}")
    yield Less("which is less than Q*", half * fixed, q[0])


if __name__ == "__main__":
    present(globals())
