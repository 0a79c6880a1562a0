"""Eq. 4 to 7 and Appendix B, eq. 23 to 32: the variational bound, what it drops, and when it is tight.

P(o = 1 | o, s, a, b) = exp(R)/K with one constant K >= max exp(R), since it is a probability; P(a | b, s, o) = 1/A.
Everything is enumerated. Single trajectories and the divergence are generic; sums over trajectories are for T = 2,
S = A = B = 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Step, derivation, present
from .divergence import excess
from .formulas import (
    A,
    P,
    a,
    b,
    distribution,
    expected_value,
    kl_divergence,
    over_a,
    over_b,
    soft_opponent_model,
    soft_policy,
    soft_value,
    table,
    unit,
)  # fmt: skip

K = sp.Symbol("K", positive=True)
ONE = sp.Integer(1)


@derivation(
    "Eq. 27 to 31 corrected: log P(o, tau)/q(tau) = sum_t (R - log pi - log rho/P) - T log A - T log K",
    plants={
        "log 1 for log 1/A, as printed": {"constant": sp.log(K)},
        "K taken for 1": {"constant": sp.log(A)},
        "sign of the entropy": {"entropy_sign": 1},
        "q with dynamics of its own": {"dynamics": sp.Symbol("q_2", positive=True)},
    },
)
def one_trajectory(
    constant: Any = sp.log(A) + sp.log(K), entropy_sign: int = -1, dynamics: Any = None
) -> Iterator[Step]:
    """One trajectory of T = 1, 2 steps, a symbol for every factor, any sizes. Initial state and transitions cancel."""
    for horizon in (1, 2):
        joint, q, total = sp.Symbol("p_1", positive=True), sp.Symbol("p_1", positive=True), sp.Integer(0)
        for k in range(1, horizon + 1):
            reward = sp.Symbol(f"R_{k}", real=True)
            own, model, prior = (sp.Symbol(f"{name}_{k}", positive=True) for name in ("pi", "rho", "P"))
            moving = sp.Symbol(f"p_{k}", positive=True) if k > 1 else ONE
            joint *= moving * (1 / A) * prior * sp.exp(reward) / K
            q *= (dynamics if dynamics is not None and k > 1 else moving) * own * model
            total += reward + entropy_sign * sp.log(own) - sp.log(model / prior)
        yield Equal(f"T = {horizon}", sp.log(joint / q), total - horizon * constant)


@derivation(
    "Eq. 31 -> 32: the average over trajectories is a sum over steps of averages over (s_t, a_t, b_t)",
    plants={
        "second step averaged from the first state's moves alone": {"marginal": False},
        "alpha on the divergence": {"weight": sp.Integer(2)},
    },
)
def sum_over_steps(marginal: bool = True, weight: Any = ONE) -> Iterator[Step]:
    """T = 2, S = 2, four joint actions: 32 trajectories; w = pi rho, and u = R - log pi - log rho/P any numbers."""
    w1 = distribution("w", 4)
    u1 = [sp.Symbol(f"u_{k + 1}", real=True) for k in range(4)]
    moves = [distribution(f"d_{k + 1}", 2) for k in range(4)]
    w2 = [distribution(f"w_{s + 1}", 4) for s in range(2)]
    u2 = [[sp.Symbol(f"u_{s + 1}{m + 1}", real=True) for m in range(4)] for s in range(2)]
    whole = sum(
        w1[k] * moves[k][s] * w2[s][m] * (u1[k] + u2[s][m]) for k, s, m in product(range(4), range(2), range(4))
    )
    reached = [sum(w1[k] * moves[k][s] for k in range(4)) if marginal else moves[0][s] for s in range(2)]
    parts = sum(x * y for x, y in zip(w1, u1, strict=True)) + sum(
        reached[s] * w2[s][m] * u2[s][m] for s, m in product(range(2), range(4))
    )
    yield Equal("The sum over 32 trajectories", whole, parts, given=unit(w1, *moves, *w2))
    q, model, prior = table("R", 2, 2, real=True), distribution("rho", 2), distribution("P", 2)
    columns = [distribution("pi", 2), distribution("sigma", 2)]
    policy = sp.Matrix(2, 2, lambda i, j: columns[j][i])
    step = sum(
        columns[j][i] * model[j] * (q[i, j] - sp.log(columns[j][i]) - sp.log(model[j]) + sp.log(prior[j]))
        for i, j in product(range(2), range(2))
    )
    yield Equal(
        "One step's average is E[R + H(pi)] - KL(rho || P)",
        step,
        expected_value(q, policy, model, prior, ONE, weight),
        given=unit(model, prior, *columns),
    )


def bound_6(j: Any, horizon: int, actions: int, scale: Any) -> Any:
    """J - T log A - T log K: what eq. 27 gives when nothing is dropped."""
    return j - horizon * sp.log(actions) - horizon * sp.log(scale)


def printed_6(j: Any, horizon: int, actions: int, scale: Any) -> Any:
    """J: eq. 6 as printed."""
    return j


@derivation(
    "Eq. 6, 32 as printed is no lower bound: it is off by T log A and by T log K",
    plants={"printed": {"bound": printed_6}},
)
def printed_6_fails(bound: Any = bound_6) -> Iterator[Step]:
    """Smallest counterexamples, T = B = 1.

    For log A: A = 2, R = 0, K = 1, optimality is certain, pi = (1/2, 1/2). For K: A = 1, R = 1, K = e, again certain.
    """
    q, one, half = sp.zeros(2, 1), [ONE], sp.Rational(1, 2)
    j = expected_value(q, sp.Matrix([half, half]), one, one, ONE)
    evidence = sp.log(2 * half * sp.exp(0) / 1)
    yield Equal("A = 2: log P(o) = log sum_a (1/2) exp(0)", evidence, 0, name=r"\log P(o)")
    yield Equal("J(pi, rho) = H(pi)", j, sp.log(2), name=r"\mathcal{J}")
    yield Less("so eq. 6 fails: a log-probability is below its 'lower bound'", evidence, printed_6(j, 1, 2, 1))
    yield Equal(
        "With log A taken off it holds, with equality", bound(j, 1, 2, 1), evidence, name=r"\mathcal{J} - \log A"
    )
    reward = sp.Integer(1)
    evidence = sp.log(sp.exp(reward) / sp.E)
    j = expected_value(sp.Matrix([reward]), sp.Matrix([1]), one, one, ONE)
    yield Equal("A = 1, R = 1: log P(o)", evidence, 0, name=r"\log P(o)")
    yield Less("J = 1 is more", evidence, printed_6(j, 1, 1, sp.E))
    yield Equal(
        "With log K taken off it holds, with equality", bound(j, 1, 1, sp.E), evidence, name=r"\mathcal{J} - \log K"
    )


@derivation(
    "Eq. 27: the gap of the bound is KL(q || posterior), for any q",
    plants={
        "arguments exchanged": {"divergence": lambda u, v: v * sp.log(v / u)},
        "joint for posterior": {"normaliser": ONE},
    },
)
def gap_is_a_divergence(
    divergence: Any = lambda u, v: u * sp.log(u / v), normaliser: Any = sp.Symbol("P_o", positive=True)
) -> Iterator[Step]:
    """Generic in the number of trajectories (here the index a): joint p(tau, o), q(tau), evidence P_o = sum p."""
    joint, q = sp.IndexedBase("p", positive=True), sp.IndexedBase("q", positive=True)
    evidence = sp.Symbol("P_o", positive=True)
    given = ((over_a(joint[a]), evidence), (over_a(q[a]), 1))
    bound = over_a(q[a] * sp.log(joint[a] / q[a]))
    yield Equal(
        "log P(o) less the bound",
        sp.log(evidence) - bound,
        over_a(divergence(q[a], joint[a] / normaliser)),
        given=given,
    )
    yield Equal(
        "which is sum q f(posterior/q), f(x) = x - 1 - log x",
        sp.log(evidence) - bound,
        over_a(q[a] * excess(joint[a] / evidence / q[a])),
        given=given,
    )
    f = sp.IndexedBase("f", nonnegative=True)
    yield Signed("a sum of nonnegative terms, 0 only where q is the posterior", over_a(q[a] * f[a]))


@derivation(
    "T = 1, and T = 2 with deterministic dynamics: the posterior is pi* rho* with alpha = 1, and the gap closes",
    plants={
        "future forgotten": {"ahead": sp.Integer(0)},
        "prior dropped": {"model": lambda prior, level, value: sp.exp(level - value)},
    },
)
def deterministic_is_tight(
    ahead: Any = sp.Symbol("V_2", real=True), model: Any = lambda prior, level, value: prior * sp.exp(level - value)
) -> Iterator[Step]:
    """T = 1 for A = B = 2; T = 2 along any one trajectory, any sizes, with V_2 the value of the state that it meets."""
    q, prior = table("R", 2, 2, real=True), distribution("P", 2)
    joint = sp.Matrix(2, 2, lambda i, j: prior[j] * sp.exp(q[i, j]) / 2 / K)
    evidence = sum(joint)
    yield Equal("log P(o) = V - log A - log K", sp.log(evidence), soft_value(q, prior, ONE) - sp.log(2) - sp.log(K))
    policy, tilt = soft_policy(q, ONE), soft_opponent_model(q, prior, ONE)
    yield Equal("Posterior of (1, 1)", joint[0, 0] / evidence, policy[0, 0] * tilt[0])
    r1, r2, l1, l2, v1, v2 = sp.symbols("R_1 R_2 L_1 L_2 V_1 V_2", real=True)
    p1, p2 = sp.symbols("P_1 P_2", positive=True)
    first = sp.exp(r1 + ahead - l1) * model(p1, l1, v1)
    second = sp.exp(r2 - l2) * model(p2, l2, v2)
    yield Equal(
        "T = 2: pi* rho* pi* rho* is the posterior of the trajectory",
        first * second,
        p1 * sp.exp(r1) * p2 * sp.exp(r2) / sp.exp(v1),
    )
    rewards, met = sp.IndexedBase("R", real=True), sp.IndexedBase("V", real=True)
    yield Equal(
        "and exp(V_1) is its normaliser: summing the second step first leaves exp(V) of the state that (a, b) leads to",
        sp.exp(sp.log(over_b(P[b] * over_a(sp.exp(rewards[a, b] + met[a, b]))))),
        over_b(P[b] * over_a(sp.exp(rewards[a, b]) * sp.exp(met[a, b]))),
    )


def fixed_dynamics(chances: Any, rewards: Any) -> Any:
    """The bound where q keeps the dynamics: E_p R."""
    return sum(p * x for p, x in zip(chances, rewards, strict=True))


HALF = sp.Rational(1, 2)
FIRST_PRIOR, SECOND_PRIOR = (sp.Rational(1, 3), sp.Rational(2, 3)), (HALF, HALF)
FIRST = sp.Matrix([[1, 2], [3, 1]])
"""exp(R) of the first step, a by b."""
SECOND = (sp.Matrix([[HALF, HALF / 2], [HALF, 3 * HALF / 2]]), sp.Matrix([[2, 1], [2, 3]]))
"""exp(R) of the second step in state 1 and in state 2; sum_b P sum_a exp(R) is 1 and 4."""
CERTAIN = {(0, 0): (1, 0), (0, 1): (1, 0), (1, 0): (0, 1), (1, 1): (0, 1)}
UNCERTAIN = {(0, 0): (HALF, HALF), (0, 1): (1, 0), (1, 0): (0, 1), (1, 1): (HALF, HALF)}
"""The chances of state 1 and 2 after the joint action (a, b)."""
PAIRS = tuple(product(range(2), range(2)))


def _logs(weights: Any) -> Any:
    return weights.applyfunc(sp.log)


def look_ahead(dynamics: Any) -> Any:
    """Q of the first step, R + sum_s' p V(s'), with the V of eq. 58."""
    values = [soft_value(_logs(weights), SECOND_PRIOR, ONE) for weights in SECOND]
    return sp.Matrix(
        2, 2, lambda i, j: sp.log(FIRST[i, j]) + sum(p * v for p, v in zip(dynamics[i, j], values, strict=True))
    )


def expected_exponential(dynamics: Any) -> Any:
    """R + log sum_s' p exp(V(s')): what the posterior looks ahead by, in place of :func:`look_ahead`."""
    values = [soft_value(_logs(weights), SECOND_PRIOR, ONE) for weights in SECOND]
    return sp.Matrix(
        2,
        2,
        lambda i, j: sp.log(FIRST[i, j] * sum(p * sp.exp(v) for p, v in zip(dynamics[i, j], values, strict=True))),
    )


def trajectories(dynamics: Any, q_first: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Of every trajectory (a, b, s', a', b') that can happen: the joint probability with o = 1, q*, and another q.

    K = 4; the other q has pi uniform and rho = P.
    """
    policy, model = soft_policy(q_first, ONE), soft_opponent_model(q_first, FIRST_PRIOR, ONE)
    for (i, j), s, (k, m) in product(PAIRS, range(2), PAIRS):
        chance = dynamics[i, j][s]
        if chance == 0:
            continue
        later = _logs(SECOND[s])
        own, other = soft_policy(later, ONE), soft_opponent_model(later, SECOND_PRIOR, ONE)
        joint = chance * HALF**2 * FIRST_PRIOR[j] * SECOND_PRIOR[m] * FIRST[i, j] * SECOND[s][k, m] / 4**2
        best = policy[i, j] * model[j] * chance * own[k, m] * other[m]
        yield joint, best, HALF * FIRST_PRIOR[j] * chance * HALF * SECOND_PRIOR[m]


@derivation(
    "T = 2, S = A = B = 2, every trajectory enumerated, with certain and with uncertain dynamics",
    plants={
        "constants dropped, as printed": {"constant": sp.Integer(0)},
        "log K dropped": {"constant": 2 * sp.log(2)},
        "log E exp(V) for E V in the bound's optimum": {"ahead": expected_exponential},
        "rewards transposed": {"ahead": lambda dynamics: look_ahead(dynamics).T},
    },
)
def enumerated(constant: Any = 2 * sp.log(2) + 2 * sp.log(4), ahead: Any = look_ahead) -> Iterator[Step]:
    """A = 2 and K = 4, so T log A + T log K = 6 log 2. q* is pi* rho* pi* rho* with alpha = 1."""
    for dynamics, evidence_weight, bound_weight in (
        (CERTAIN, sp.Rational(25, 3), sp.Rational(25, 3)),
        (UNCERTAIN, sp.Rational(47, 6), sp.Rational(22, 3)),
    ):
        kind = "certain" if dynamics is CERTAIN else "uncertain"
        q_first = ahead(dynamics)
        paths = list(trajectories(dynamics, q_first))
        total = sum(joint for joint, _, _ in paths)
        evidence, j = sp.log(total), soft_value(q_first, FIRST_PRIOR, ONE)
        yield Equal(
            f"Dynamics {kind}: log P(o), from {len(paths)} trajectories",
            evidence,
            sp.log(evidence_weight) - 6 * sp.log(2),
        )
        yield Equal("q* sums to 1", sum(q for _, q, _ in paths), 1, name=r"\sum_\tau q^*(\tau)")
        yield Equal("J at the optimum is the V of eq. 58", j, sp.log(bound_weight), name=r"\mathcal{J}^*")
        bound = sum(q * sp.log(joint / q) for joint, q, _ in paths)
        yield Equal("Eq. 27 at q* is J less the constants", bound, j - constant)
        gap = sum(q * sp.log(q * total / joint) for joint, q, _ in paths)
        yield Equal(
            "log P(o) less eq. 27 is KL(q*, posterior)", gap, sp.log(evidence_weight / bound_weight), name=r"\Delta"
        )
        yield Less("J itself is above log P(o): eq. 6 as printed fails", evidence, j)
        if dynamics is CERTAIN:
            yield Equal(
                "The gap is closed: q* is the posterior, here of one trajectory",
                paths[0][1],
                paths[0][0] / total,
                name="q^*(\\tau)",
            )
        else:
            yield Less("The gap is open", j - 6 * sp.log(2), evidence)
        other = sum(q * sp.log(joint / q) for joint, _, q in paths)
        yield Less("Another q, pi uniform and rho = P, is below the optimum", other, j - 6 * sp.log(2))


@derivation(
    "T = 2: at one (s, a, b) the optimum of the bound lacks KL(p || p tilted by exp(V)), 0 iff V is constant on p",
    plants={
        "arguments exchanged": {"tilted": lambda chance, value, mean: chance * mean / value},
        "tilted by V, not by exp(V)": {"tilted": lambda chance, value, mean: chance * sp.log(value) / mean},
    },
)
def gap_of_the_dynamics(tilted: Any = lambda chance, value, mean: chance * value / mean) -> Iterator[Step]:
    """Any number of successors (here the index a): p(s'), z(s') = exp(V(s')), m = sum p z.

    The evidence has log m where the bound has sum p log z. The same holds for the start, with P(s_1).
    """
    chance, z = sp.IndexedBase("p", positive=True), sp.IndexedBase("z", positive=True)
    m = sp.Symbol("m", positive=True)
    given = ((over_a(chance[a]), 1), (over_a(chance[a] * z[a]), m))
    lack = sp.log(m) - over_a(chance[a] * sp.log(z[a]))
    yield Equal("The tilted dynamics sum to 1", over_a(tilted(chance[a], z[a], m)), 1, given=given)
    yield Equal(
        "What the bound lacks",
        lack,
        over_a(chance[a] * sp.log(chance[a] / tilted(chance[a], z[a], m))),
        given=given,
    )
    yield Equal(
        "which is sum p f(z/m), 0 only where every z is m", lack, over_a(chance[a] * excess(z[a] / m)), given=given
    )
    f = sp.IndexedBase("f", nonnegative=True)
    yield Signed("and never negative", over_a(chance[a] * f[a]))


@derivation(
    "Stochastic dynamics or start: the optimum of the bound is strictly below log P(o)",
    plants={"dynamics that are certain": {"rewards": (sp.log(3), sp.log(3))}},
)
def stochastic_is_loose(rewards: Any = (sp.Integer(0), sp.log(3))) -> Iterator[Step]:
    """Smallest: A = B = 1, one state drawn from two with probability 1/2 each, R = 0 in one and log 3 in the other.

    It is s_2 with T = 2 and no reward before, or s_1 with T = 1: eq. 24 keeps P(s_1) as well. q is determined, so the
    best bound is the only one. Both sides are shown without log K, for which K = 3 would do.
    """
    half = sp.Rational(1, 2)
    chances = [half, half]
    evidence = sp.log(sum(p * sp.exp(x) for p, x in zip(chances, rewards, strict=True)))
    bound = fixed_dynamics(chances, rewards)
    yield Equal("log P(o) + log K", evidence, sp.log(2), name=r"\log P(o) + \log K")
    yield Equal("The bound", bound, sp.log(3) / 2, name=r"\mathcal{J}^*")
    yield Less("is strictly below", bound, evidence)
    posterior = [p * sp.exp(x) / sp.exp(evidence) for p, x in zip(chances, rewards, strict=True)]
    yield Equal("The posterior of the better state", posterior[1], sp.Rational(3, 4), name=r"P(s_2 | o)")
    yield Equal(
        "The gap is KL(dynamics || posterior dynamics)",
        evidence - bound,
        kl_divergence(chances, posterior),
        name=r"\Delta",
    )
    yield Equal(
        "If q may change the dynamics to the posterior, at the price KL(q || p), it closes",
        fixed_dynamics(posterior, rewards) - kl_divergence(posterior, chances),
        evidence,
        name=r"\mathbb{E}_q R - D_{\mathrm{KL}}(q \| p)",
    )


@derivation(
    "Stochastic dynamics: the exact posterior is risk-seeking where the bound's optimum is not",
    plants={"safe reward too high": {"safe": sp.log(3)}, "safe reward too low": {"safe": sp.log(sp.Rational(3, 2))}},
)
def posterior_seeks_risk(safe: Any = sp.log(sp.Rational(7, 4))) -> Iterator[Step]:
    """A = 2, B = 1, T = 2: 'safe' leads to a state worth log(7/4), 'risky' to 0 or log 3 with probability 1/2 each."""
    half = sp.Rational(1, 2)
    exact = half * 1 + half * 3
    bound = sp.exp(fixed_dynamics([half, half], [0, sp.log(3)]))
    yield Equal("Weight of 'risky' in the posterior: E exp(R)", exact, 2, name=r"\mathbb{E} e^R")
    yield Equal("Weight of 'risky' in pi*: exp(E R)", bound**2, 3, name=r"(e^{\mathbb{E} R})^2")
    yield Less("The posterior prefers 'risky'", sp.exp(safe), exact)
    yield Less("pi* prefers 'safe'", bound, sp.exp(safe))


@derivation(
    "The log A that is dropped is a constant only if every state met has as many actions",
    plants={"as many actions": {"sizes": (2, 2)}},
)
def dropped_constant_can_matter(sizes: tuple[int, int] = (1, 2)) -> Iterator[Step]:
    """Beyond the paper, which has one action set: T = 2, R = 0, B = 1; 'left' leads to 1 action, 'right' to 2."""
    left, right = (soft_value(sp.zeros(n, 1), [ONE], ONE) for n in sizes)
    yield Equal(
        "Odds right : left at the optimum of the printed J",
        sp.exp(right) / sp.exp(left),
        2,
        name=r"\pi^*(\text{right}) / \pi^*(\text{left})",
    )
    true = [sum([sp.Rational(1, n)] * n) for n in sizes]
    yield Equal("Odds in the posterior, with P(a) = 1/A(s)", true[1] / true[0], 1, name="P")


if __name__ == "__main__":
    present(globals())
