"""Eq. 14, 16 to 22: the losses of ROMMEO-AC, their reparameterised forms, and their gradients.

Losses: generic in A and B. Chain rules: for any smooth functions, given by their Taylor coefficients at a point (all
first and second ones; a first derivative sees no others).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Step, derivation, present
from .formulas import P, Q, a, alpha, b, expected_value, over_a, over_b, pi, rho, soft_policy

Z = over_a(sp.exp(Q[a] / alpha))
ZB = over_a(sp.exp(Q[a, b] / alpha))


@derivation(
    "Eq. 16 <-> 18: alpha times the divergence is E[alpha log pi - Q] plus a constant",
    plants={
        "factor alpha forgotten": {"factor": sp.Integer(1)},
        "constant forgotten": {"constant": sp.Integer(0)},
        "alpha dropped in the target": {"target": sp.exp(Q[a]) / over_a(sp.exp(Q[a]))},
    },
)
def policy_loss(
    factor: Any = alpha, constant: Any = alpha * sp.log(Z), target: Any = sp.exp(Q[a] / alpha) / Z
) -> Iterator[Step]:
    """Generic in A. The two losses differ by the factor alpha and by alpha log Z, which no theta enters."""
    given = ((over_a(pi[a]), 1),)
    yield Equal(
        "alpha (16) = (18) + alpha log Z",
        factor * over_a(pi[a] * sp.log(pi[a] / target)),
        over_a(pi[a] * (alpha * sp.log(pi[a]) - Q[a])) + constant,
        given=given,
    )


own = sp.IndexedBase("pi", positive=True)
q = sp.IndexedBase("Q", real=True)


@derivation(
    "Eq. 17 <-> 19 for one a: the divergence is E_rho[log rho - log P - Q + alpha log pi] plus a constant",
    plants={
        "power alpha dropped": {"power": sp.Integer(1)},
        "sign of log pi": {"sign": -1},
        "prior dropped": {"prior": sp.Integer(1)},
    },
)
def model_loss(power: Any = alpha, sign: int = 1, prior: Any = P[b]) -> Iterator[Step]:
    """Generic in B; own(b) = pi(a|b) for the one a, any positive numbers, which sum to nothing in particular over b."""
    tilt = prior * (sp.exp(q[b] / alpha) / own[b]) ** power
    total = over_b(P[b] * (sp.exp(q[b] / alpha) / own[b]) ** alpha)
    yield Equal(
        "(17) = (19) + log Z",
        over_b(rho[b] * sp.log(rho[b] / (tilt / total))),
        over_b(rho[b] * (sp.log(rho[b]) - sp.log(P[b]) - q[b] + sign * alpha * sp.log(own[b]))) + sp.log(total),
        given=((over_b(rho[b]), 1),),
    )


d = sp.IndexedBase("d", positive=True)


@derivation(
    "Eq. 17: its minimiser is eq. 11 for every replayed a if pi = pi_Q, and in general only if pi/pi_Q is free of b",
    plants={
        "alpha dropped in pi_Q": {"best": sp.exp(Q[a, b]) / ZB},
        "alpha dropped before log pi": {"temperature": sp.Integer(1)},
    },
)
def replayed_action(best: Any = sp.exp(Q[a, b] / alpha) / ZB, temperature: Any = alpha) -> Iterator[Step]:
    """Eq. 19 averaged over a ~ d is E_rho[log rho/P - M_d] with M_d(b) = sum_a d(a) (Q - alpha log pi(a|b)).

    By eq. 44 it is least for rho proportional to P exp(M_d); a constant in M_d drops out.
    """
    level = alpha * sp.log(ZB)
    given = ((over_a(d[a]), 1), (over_a(pi[a, b]), 1))
    yield Equal(
        "At pi = pi_Q the bracket Q - alpha log pi is L(b), whatever a is", Q[a, b] - temperature * sp.log(best), level
    )
    yield Equal(
        "so M_d is L and the minimiser is eq. 11, for every d",
        over_a(d[a] * (Q[a, b] - temperature * sp.log(best))),
        level,
        given=given,
    )
    yield Equal(
        "For another pi, M_d differs from L by alpha times an average of log(pi_Q/pi): eq. 11 iff that is free of b",
        over_a(d[a] * (Q[a, b] - temperature * sp.log(pi[a, b]))) - level,
        alpha * over_a(d[a] * sp.log(best / pi[a, b])),
        given=given,
    )
    m, norms = sp.Symbol("M", real=True), sp.symbols("W_M W_L", positive=True)
    least = sp.Symbol("L", real=True)
    yield Equal(
        "since the minimisers' log-ratio is M_d - L less a number: they agree iff M_d - L is free of b",
        sp.log(P[b] * sp.exp(m) / norms[0]) - sp.log(P[b] * sp.exp(least) / norms[1]),
        m - least - sp.log(norms[0] / norms[1]),
    )
    yield Equal(
        "With a ~ pi(.|b) in place of the replayed a, it is the bracket of eq. 39",
        over_a(pi[a, b] * (Q[a, b] - temperature * sp.log(pi[a, b]))),
        over_a(pi[a, b] * Q[a, b]) - alpha * over_a(pi[a, b] * sp.log(pi[a, b])),
        given=given,
    )


@derivation(
    "Eq. 17 with a replayed a is not eq. 39 for pi other than pi_Q",
    plants={"pi = pi_Q": {"second": (sp.Rational(1, 2), sp.Rational(1, 2))}},
)
def replayed_action_fails(second: Any = (sp.Rational(1, 4), sp.Rational(3, 4))) -> Iterator[Step]:
    """Smallest counterexample: Q = 0, A = B = 2, alpha = 1, P uniform, pi(.|1) = (1/2, 1/2), pi(.|2) = (1/4, 3/4)."""
    half, one = sp.Rational(1, 2), sp.Integer(1)
    policy = sp.Matrix([[half, second[0]], [half, second[1]]])
    found = []
    for i, value in ((0, sp.Rational(1, 3)), (1, sp.Rational(3, 5))):
        weights = [1 / policy[i, j] for j in range(2)]
        found.append(weights[0] / sum(weights))
        yield Equal(f"The minimiser of eq. 17 for a = {i + 1}", found[-1], value, name=r"\rho(1)")
    yield Equal("Eq. 11, and eq. 39 at pi_Q", half * 2 / (half * 2 + half * 2), half, name=r"\rho^*(1)")
    same = [1 / sp.Rational(1, 4) for _ in range(2)]
    yield Equal(
        "pi(.|b) = (1/4, 3/4) for both b is not pi_Q either, but pi/pi_Q is free of b: eq. 17 for a = 1 is eq. 11",
        same[0] / sum(same),
        half,
        name=r"\rho(1)",
    )
    prior, zeros = [half, half], sp.zeros(2, 2)
    for i, first in enumerate(found):
        pair = [first, 1 - first]
        with_best = expected_value(zeros, soft_policy(zeros, one), pair, prior, one)
        yield Less(f"a = {i + 1}: worth less than eq. 11 with pi_Q", with_best, sp.log(2))
        with_pi, stay = (expected_value(zeros, policy, model, prior, one) for model in (pair, prior))
        yield Less(f"a = {i + 1}: against pi worth less than the prior, so eq. 42 fails for it", with_pi, stay)


@derivation(
    "Eq. 14 -> 20: the gradient, one sample of the next state at a time",
    plants={
        "factor 1/2 forgotten": {"factor": sp.Integer(1)},
        "target differentiated too": {"moving": sp.Symbol("V_bar'", real=True)},
        "discount dropped": {"rate": sp.Integer(1)},
    },
)
def critic_gradient(factor: Any = sp.Rational(1, 2), moving: Any = sp.Integer(0), rate: Any = None) -> Iterator[Step]:
    """The loss is linear in V-bar after differentiation, so eq. 20 with one s' is unbiased; two states s' shown."""
    w, gamma, r = sp.symbols("omega gamma R", real=True)
    q0, q1, q2, v1, v2 = sp.symbols("Q_0 Q_1 Q_2 V_1 V_2", real=True)
    p = sp.Symbol("p", positive=True)
    rate = gamma if rate is None else rate
    value = q0 + q1 * w + q2 * w**2 / 2
    target = p * v1 + (1 - p) * v2 + moving * w
    slope = sp.diff(factor * (value - r - gamma * target) ** 2, w).subs(w, 0)
    yield Equal(
        "d/d omega of eq. 14 is the average over s' of eq. 20",
        slope,
        p * q1 * (q0 - r - rate * v1) + (1 - p) * q1 * (q0 - r - rate * v2),
    )


def jet(name: str, *steps: Any) -> Any:
    """A smooth function near a point, as its Taylor polynomial of second order in the `steps`."""
    first = [sp.Symbol(f"{name}_{k + 1}", real=True) for k in range(len(steps))]
    second = [
        [sp.Symbol(f"{name}_{min(i, j) + 1}{max(i, j) + 1}", real=True) for j in range(len(steps))]
        for i in range(len(steps))
    ]
    linear = sum(c * x for c, x in zip(first, steps, strict=True))
    square = sum(second[i][j] * steps[i] * steps[j] for i in range(len(steps)) for j in range(len(steps)))
    return sp.Symbol(f"{name}_0", real=True) + linear + square / 2


def _increment(function: Any, name: str) -> Any:
    return function - sp.Symbol(f"{name}_0", real=True)


t = sp.Symbol("t", real=True)


@derivation(
    "Eq. 18 -> 21: the chain rule through a = f_theta, and the score",
    plants={
        "score forgotten": {"score": 0},
        "sign of Q": {"sign": 1},
        "alpha dropped": {"temperature": sp.Integer(1)},
    },
)
def policy_gradient(score: int = 1, sign: int = -1, temperature: Any = alpha) -> Iterator[Step]:
    """l(theta, a) = log pi_theta(a|s,b) and Q(a); theta moves by t, a by f(t) - f(0)."""
    moved = _increment(jet("f", t), "f")
    loss = alpha * jet("l", t, moved) - jet("Q", moved)
    l_theta, l_a, q_a, f_theta = sp.symbols("l_1 l_2 Q_1 f_1", real=True)
    yield Equal(
        "d/d theta = alpha d_theta log pi + d_theta f (alpha d_a log pi - d_a Q): eq. 21",
        sp.diff(loss, t).subs(t, 0),
        score * alpha * l_theta + f_theta * (temperature * l_a + sign * q_a),
    )
    x, y = sp.IndexedBase("x", real=True), sp.IndexedBase("y", real=True)
    total = over_a(sp.exp(x[a] + t * y[a]))
    family = sp.exp(x[a] + t * y[a]) / total
    yield Equal(
        "The score has mean 0 (softmax family along any line, generic A), so leaving it out would not bias eq. 21",
        over_a(family * sp.diff(sp.log(family), t)),
        0,
    )
    mu, noise, k = sp.symbols("mu epsilon k", real=True)
    sigma, action = sp.Symbol("sigma", positive=True), sp.Symbol("a", real=True)
    log_pi = -((action - mu) ** 2) / (2 * sigma**2) - sp.log(sigma)
    drawn = mu + sigma * noise
    part = [sp.diff(log_pi, z).subs(action, drawn) for z in (mu, action)]
    yield Equal(
        "Gaussian, a = mu + sigma epsilon: the score of mu is epsilon/sigma, of mean 0",
        part[0],
        noise / sigma,
        name=r"\partial_\mu \log \pi",
    )
    yield Equal(
        "and the entropy's path term takes it back in every sample",
        part[0] + part[1],
        0,
        name=r"\partial_\mu \log \pi + \partial_\mu f\, \partial_a \log \pi",
    )
    sample = alpha * (part[0] + part[1]) + 2 * k * drawn
    mean = sum(sp.Poly(sample, noise).coeff_monomial(noise**n) * moment for n, moment in ((0, 1), (1, 0), (2, 1)))
    whole = sp.diff(k * (mu**2 + sigma**2), mu)
    yield Equal(
        "With Q = -k a^2 the mean of eq. 21 is d/d mu of E[alpha log pi - Q]",
        mean,
        whole,
        name=r"\mathbb{E}\, \nabla_\mu",
    )


@derivation(
    "Eq. 19 -> 22: the chain rule through b = g_phi; one term more if a is drawn after b",
    plants={
        "sign of log pi": {"sign": -1},
        "prior's gradient forgotten": {"prior": 0},
        "a drawn after b": {"follows": True},
    },
)
def model_gradient(sign: int = 1, prior: int = 1, follows: bool = False) -> Iterator[Step]:
    """r(phi, b) = log rho, P(b) = log P, l(a, b) = log pi, Q(a, b); phi moves by t, b by g(t) - g(0).

    With the replayed a of eq. 19, a stays. With a = f(b) drawn from pi(.|b), as eq. 39 needs, a moves as well.
    """
    moved = _increment(jet("g", t), "g")

    def loss(own_move: Any) -> Any:
        return jet("r", t, moved) - jet("P", moved) - jet("Q", own_move, moved) + alpha * jet("l", own_move, moved)

    r_phi, r_b, p_b, q_a, q_b, l_a, l_b, g_phi, f_b = sp.symbols("r_1 r_2 P_1 Q_1 Q_2 l_1 l_2 g_1 f_1", real=True)
    printed = r_phi + g_phi * (r_b - prior * p_b - q_b + sign * alpha * l_b)
    drawn = _increment(jet("f", moved), "f")
    fixed = sp.diff(loss(drawn if follows else sp.Integer(0)), t).subs(t, 0)
    yield Equal("a replayed: eq. 22", fixed, printed)
    yield Equal(
        "a = f(b): eq. 22 lacks d_phi g d_b f (alpha d_a log pi - d_a Q)",
        sp.diff(loss(drawn), t).subs(t, 0) - printed,
        g_phi * f_b * (alpha * l_a - q_a),
    )
    action, level = sp.symbols("a L", real=True)
    value = sp.Function("Q", real=True)(action)
    yield Equal(
        "At pi = pi_Q that term is 0, since alpha log pi - Q = -L(b) is free of a",
        sp.diff(alpha * sp.log(sp.exp((value - level) / alpha)) - value, action),
        0,
        name=r"\partial_a (\alpha \log \pi_Q - Q)",
    )


if __name__ == "__main__":
    present(globals())
