"""Theorems 4 and 5, eq. 45 to 55: improving pi or rho for Q^{pi,rho} raises Q^{pi,rho} everywhere.

The chain of eq. 45 to 53 is a telescope: V' - V = sum_t (gamma M')^t gap = (I - gamma M')^-1 gap, where M' is the
state-to-state matrix of the new pair and gap(s) >= 0 is the divergence that the new pair closes in one step. The chain
is generic in the number S of states; the resolvent in closed form is for S = 2, with a symbol for every probability.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Step, derivation, present
from .formulas import (
    a,
    alpha,
    beta,
    distribution,
    expected_value,
    gamma,
    kl_divergence,
    levels,
    over_a,
    soft_opponent_model,
    soft_policy,
    soft_value,
    table,
    unit,
)  # fmt: skip

S = sp.Symbol("S", integer=True, positive=True)
M = sp.MatrixSymbol("M'", S, S)
C = sp.MatrixSymbol("c'", S, 1)
V_OLD = sp.MatrixSymbol("V", S, 1)
V_NEW = sp.MatrixSymbol("V'", S, 1)


def evaluation(v: Any, reward: Any, moves: Any) -> Any:
    """One step of eq. 34 to 36 on state values: c + gamma M v."""
    return reward + gamma * moves * v


@derivation(
    "Eq. 45 to 53: each link of the chain adds (gamma M')^t gap",
    plants={
        "discount dropped": {"step": lambda v, reward, moves: reward + moves * v},
        "reward discounted too": {"step": lambda v, reward, moves: gamma * (2 * reward + moves * v)},
    },
)
def telescope(step: Any = evaluation) -> Iterator[Step]:
    """Generic in S. T'v = c' + gamma M' v is the evaluation of the new pair; gap = T'V - V; V' = T'V'."""
    gap = evaluation(V_OLD, C, M) - V_OLD
    before, after = V_OLD, step(V_OLD, C, M)
    yield Equal("The first link: T'V - V = gap, the observation (eq. 40 or 42)", after - before, gap, name="T'V - V")
    power: Any = gap
    for n in (1, 2, 3):
        before, after = after, step(after, C, M)
        power = gamma * M * power
        yield Equal(f"Link {n + 1}: T'^{n + 1} V - T'^{n} V = (gamma M')^{n} gap", after - before, power)
    v, u = sp.MatrixSymbol("v", S, 1), sp.MatrixSymbol("u", S, 1)
    yield Equal(
        "Any further link, by induction: T'v - T'u = gamma M'(v - u)",
        step(v, C, M) - step(u, C, M),
        gamma * M * (v - u),
    )
    chance, gain = sp.IndexedBase("p", nonnegative=True), sp.IndexedBase("g", nonnegative=True)
    yield Signed(
        "No link is negative: an entry of gamma M' v is gamma sum p v, with v >= 0", gamma * over_a(chance[a] * gain[a])
    )
    yield Equal(
        "The chain ends in V' = T'V': what is left shrinks as (gamma M')^n, T'V - V' = gamma M'(V - V')",
        step(V_OLD, C, M) - V_NEW,
        gamma * M * (V_OLD - V_NEW) + (step(V_NEW, C, M) - V_NEW),
    )
    old, new, reward = sp.IndexedBase("V", real=True), sp.IndexedBase("V'", real=True), sp.Symbol("R", real=True)
    yield Equal(
        "Q^{pi~,rho~} - Q^{pi,rho} = gamma sum_s' p (V' - V), nonnegative where V' - V is",
        (reward + gamma * over_a(chance[a] * new[a])) - (reward + gamma * over_a(chance[a] * old[a])),
        gamma * over_a(chance[a] * (new[a] - old[a])),
    )
    yield Equal(
        "All links together: (I - gamma M')(V' - V) = gap where V' = T'V'",
        (V_NEW - V_OLD) - gamma * M * (V_NEW - V_OLD),
        gap + (V_NEW - step(V_NEW, C, M)),
    )


m1, m2 = sp.symbols("m_1 m_2", positive=True)
g, x1, x2 = sp.symbols("g x_1 x_2", positive=True)
PROPER = {gamma: 1 / (1 + g), m1: 1 / (1 + x1), m2: 1 / (1 + x2)}
"""gamma and the two probabilities of moving, anywhere strictly between 0 and 1."""


def moves() -> Any:
    """A 2 x 2 stochastic matrix: state 1 is left with probability m_1, state 2 with m_2."""
    return sp.Matrix([[1 - m1, m1], [m2, 1 - m2]])


@derivation(
    "Eq. 52, 53: the resolvent (I - gamma M')^-1 has no negative entry",
    plants={
        "transposed": {"matrix": lambda: moves().T},
        "rows that do not sum to 1": {"matrix": lambda: moves() + sp.Matrix([[0, 1], [1, 0]])},
    },
)
def resolvent_is_nonnegative(matrix: Any = moves) -> Iterator[Step]:
    """S = 2, every stochastic matrix with positive entries; the others are limits of those."""
    moving = matrix()
    ones = sp.ones(2, 1)
    for s, row in enumerate(moving * ones):
        yield Equal(f"Row {s + 1} of M' sums to 1", row, 1, name=rf"\sum_{{s'}} M'_{{{s + 1} s'}}")
    inverse = (sp.eye(2) - gamma * moving).inv()
    for i in range(2):
        for j in range(2):
            entry = sp.factor(inverse[i, j])
            yield Signed(f"Entry ({i + 1}, {j + 1})", entry, strict=True, where=PROPER)
        yield Equal(f"Row {i + 1} sums to 1/(1 - gamma)", inverse[i, 0] + inverse[i, 1], 1 / (1 - gamma))


def _game() -> tuple[Any, Any, list[Any], list[Any], list[Any]]:
    """One state, A = B = 2: Q, pi, rho, P and the columns of pi, a symbol for every entry."""
    q = table("Q", 2, 2, real=True)
    columns = [distribution("pi", 2), distribution("sigma", 2)]
    policy = sp.Matrix(2, 2, lambda i, j: columns[j][i])
    return q, policy, distribution("rho", 2), distribution("P", 2), columns


@derivation(
    "Theorem 4, eq. 46 to 48: the gap of pi~ is alpha E_rho KL(pi || pi~)",
    plants={
        "alpha dropped": {"improved": lambda q: soft_policy(q, sp.Integer(1))},
        "payoffs transposed": {"improved": lambda q: soft_policy(q.T)},
        "averaged over the prior": {"prior_for_model": True},
    },
)
def policy_gap_of_a_state(improved: Any = soft_policy, prior_for_model: bool = False) -> Iterator[Step]:
    """A = B = 2 in one state, a symbol for every entry of Q^{pi,rho}, pi, rho and P; KL weight beta."""
    q, policy, model, prior, columns = _game()
    new = improved(q)
    weights = prior if prior_for_model else model
    gap = expected_value(q, new, model, prior, weight=beta) - expected_value(q, policy, model, prior, weight=beta)
    divergences = [kl_divergence(columns[j], list(new.col(j))) for j in range(2)]
    yield Equal(
        "T'V - V where rho stays",
        gap,
        alpha * sum(w * d for w, d in zip(weights, divergences, strict=True)),
        given=unit(*columns, model, prior),
    )
    d1, d2 = sp.symbols("d_1 d_2", nonnegative=True)
    r1, r2 = sp.symbols("rho_1 rho_2", nonnegative=True)
    yield Signed("a sum of nonnegative terms: rho >= 0, KL = d >= 0", alpha * (r1 * d1 + r2 * d2))


@derivation(
    "Theorem 5, eq. 42, 44: the gap of rho~ is beta KL(rho || rho~)",
    plants={
        "beta dropped": {"weight": sp.Integer(1)},
        "prior dropped": {"uniform": True},
        "entropy dropped from the bracket (eq. 39 as printed)": {"temperature": sp.Integer(0)},
    },
)
def model_gap_of_a_state(weight: Any = beta, uniform: bool = False, temperature: Any = alpha) -> Iterator[Step]:
    """A = B = 2 in one state, a symbol for every entry; rho~ for the bracket of pi as it stands."""
    q, policy, model, prior, columns = _game()
    brackets = levels(q, policy, temperature)
    base = [sp.Rational(1, 2)] * 2 if uniform else prior
    tilt = [p * sp.exp(m / weight) for p, m in zip(base, brackets, strict=True)]
    new = [x / sum(tilt) for x in tilt]
    normaliser = beta * sp.log(sum(p * sp.exp(m / beta) for p, m in zip(prior, levels(q, policy), strict=True)))
    m = sp.symbols("M_1 M_2", real=True)
    abstract = [p * sp.exp(x / beta) for p, x in zip(prior, m, strict=True)]
    after = sum(x * y for x, y in zip([k / sum(abstract) for k in abstract], m, strict=True)) - beta * kl_divergence(
        [k / sum(abstract) for k in abstract], prior
    )
    yield Equal(
        "rho~ attains the normaliser, for any brackets M", after, beta * sp.log(sum(abstract)), given=unit(prior)
    )
    before = expected_value(q, policy, model, prior, weight=beta)
    yield Equal(
        "T'V - V where pi stays",
        normaliser - before,
        beta * kl_divergence(model, new),
        given=unit(*columns, model, prior),
    )


def _alternative() -> tuple[Any, Any, list[Any], list[Any]]:
    """Q = 0, A = B = 2, P = rho uniform; pi(.|1) = (1, 0), pi(.|2) = (1/2, 1/2)."""
    half = sp.Rational(1, 2)
    return sp.zeros(2, 2), sp.Matrix([[1, half], [0, half]]), [half, half], [half, half]


@derivation(
    "Eq. 48, 49: after pi -> pi~ the chain needs the rho~ of pi~ (eq. 55), not that of pi (eq. 39)",
    plants={"rho~ of pi~": {"against": lambda q, policy: soft_policy(q, sp.Integer(1))}},
)
def order_of_the_chain(against: Any = lambda q, policy: policy) -> Iterator[Step]:
    """The printed chain improves pi first and rho second.

    Smallest counterexample to its second inequality with the rho~ of eq. 39, made for the old pi: Q = 0, A = B = 2,
    alpha = beta = 1, P = rho = (1/2, 1/2), pi(.|1) = (1, 0), pi(.|2) = (1/2, 1/2). The conclusion of the chain is true
    all the same: improve rho against pi first, then pi.
    """
    one = sp.Integer(1)
    q, policy, model, prior = _alternative()
    new = soft_policy(q, one)
    brackets = levels(q, against(q, policy), one)
    tilt = [p * sp.exp(m) for p, m in zip(prior, brackets, strict=True)]
    model_new = [x / sum(tilt) for x in tilt]
    yield Equal("rho~ of the old pi", model_new[0], sp.Rational(1, 3), name=r"\tilde\rho(1)")
    values = {
        "old": expected_value(q, policy, model, prior, one),
        "pi": expected_value(q, new, model, prior, one),
        "both": expected_value(q, new, model_new, prior, one),
        "rho": expected_value(q, policy, model_new, prior, one),
    }
    yield Less("First inequality, pi -> pi~: true", values["old"], values["pi"])
    yield Less("Second inequality, rho -> rho~ after it: false", values["both"], values["pi"])
    yield Equal(
        "by exactly a divergence", values["pi"] - values["both"], kl_divergence(model_new, model), name=r"\Delta"
    )
    yield Less("In the other order: rho -> rho~ first", values["old"], values["rho"])
    yield Less("then pi -> pi~", values["rho"], values["both"])
    yield Equal(
        "The two improvements together",
        values["both"] - values["old"],
        sp.log(3) - sp.Rational(7, 6) * sp.log(2),
        name=r"\Delta",
    )


@derivation(
    "Eq. 54, 55, Theorem 1: a pair that no improvement changes solves the soft Bellman equation",
    plants={
        "alpha dropped in V": {"value": lambda q, prior: soft_value(q, prior, sp.Integer(1), beta)},
        "beta dropped in V": {"value": lambda q, prior: soft_value(q, prior)},
        "payoffs transposed": {"value": lambda q, prior: soft_value(q.T, prior, weight=beta)},
    },
)
def no_gap_means_optimal(value: Any = lambda q, prior: soft_value(q, prior, weight=beta)) -> Iterator[Step]:
    """V_Q - V^{pi,rho} = alpha E_rho KL(pi || pi*) + beta KL(rho || rho*) in every state, A = B = 2.

    If no improvement changes the pair, it is 0, so V^{pi,rho} = V_Q and Q^{pi,rho} = T Q^{pi,rho}; the contraction of
    eq. 61 corrected has one fixed point. Nothing about the number of optima of the game is used.
    """
    q, policy, model, prior, columns = _game()
    best, tilt = soft_policy(q), soft_opponent_model(q, prior, weight=beta)
    lack = value(q, prior) - expected_value(q, policy, model, prior, weight=beta)
    inner = sum(r * kl_divergence(columns[j], list(best.col(j))) for j, r in enumerate(model))
    yield Equal(
        "What a pair lacks in one state",
        lack,
        alpha * inner + beta * kl_divergence(model, tilt),
        given=unit(*columns, model, prior),
    )
    d = sp.symbols("d_1 d_2 d_3", nonnegative=True)
    r1, r2 = sp.symbols("rho_1 rho_2", nonnegative=True)
    yield Signed("is a sum of nonnegative terms", alpha * (r1 * d[0] + r2 * d[1]) + beta * d[2])


if __name__ == "__main__":
    present(globals())
