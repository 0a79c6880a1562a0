"""Eq. 15 and the V-bar of Algorithms 1 and 2: what the sampled values estimate, and a corrected Algorithm 1.

Generic in A and B where a sum stands; single samples are generic anyway. KL weight beta; beta = 1 is the paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Less, Signed, Smallest, Step, Tends, derivation, present
from .formulas import (
    P,
    Q,
    a,
    alpha,
    b,
    beta,
    distribution,
    expected_value,
    over_a,
    over_b,
    pi,
    rho,
    soft_opponent_model,
    soft_policy,
    soft_value,
    table,
    unit,
)  # fmt: skip

Z = over_a(sp.exp(Q[a, b] / alpha))
ONES = ((over_a(pi[a, b]), 1), (over_b(rho[b]), 1))


def sample_15(q: Any, own: Any, model: Any, prior: Any) -> Any:
    """Q - beta log rho - alpha log pi + beta log P: eq. 15 with the weight beta."""
    return q - beta * sp.log(model) - alpha * sp.log(own) + beta * sp.log(prior)


@derivation(
    "Eq. 15: with pi = pi_Q and rho = rho_Q every sample is V_Q, without variance; else the mean is the pair's value",
    plants={
        "alpha dropped": {"sample": lambda q, own, model, prior: q - beta * sp.log(model / prior) - sp.log(own)},
        "prior dropped": {"sample": lambda q, own, model, prior: q - beta * sp.log(model) - alpha * sp.log(own)},
        "sign of the entropy": {
            "sample": lambda q, own, model, prior: q - beta * sp.log(model / prior) + alpha * sp.log(own)
        },
    },
)
def sampled_value(sample: Any = sample_15) -> Iterator[Step]:
    """One sample with any L and V; then all four of A = B = 2 against eq. 9; then the mean for any pair."""
    q, level, v = sp.symbols("Q L V", real=True)
    prior = sp.Symbol("P", positive=True)
    own, model = sp.exp((q - level) / alpha), prior * sp.exp((level - v) / beta)
    yield Equal(
        "One sample at pi_Q = exp((Q - L)/alpha), rho_Q = P exp((L - V)/beta)",
        sample(q, own, model, prior),
        v,
        name=r"\bar V",
    )
    q, prior = table("Q", 2, 2, real=True), distribution("P", 2)
    policy, model = soft_policy(q), soft_opponent_model(q, prior, weight=beta)
    for i in range(2):
        for j in range(2):
            yield Equal(
                f"A = B = 2, sample ({i + 1}, {j + 1})",
                sample(q[i, j], policy[i, j], model[j], prior[j]),
                soft_value(q, prior, weight=beta),
            )
    columns, model = [distribution("pi", 2), distribution("sigma", 2)], distribution("rho", 2)
    mean = sum(
        model[j] * columns[j][i] * sample(q[i, j], columns[j][i], model[j], prior[j])
        for i in range(2)
        for j in range(2)
    )
    policy = sp.Matrix(2, 2, lambda i, j: columns[j][i])
    yield Equal(
        "The mean over any (pi, rho) is E[Q + alpha H] - beta KL",
        mean,
        expected_value(q, policy, model, prior, weight=beta),
        given=unit(model, prior, *columns),
    )


@derivation(
    "Algorithm 2: V-bar with a and b drawn from another pair than the one in its logarithms is too high by divergences",
    plants={
        "alpha dropped": {"price": sp.Integer(1)},
        "arguments exchanged": {"divergence": lambda u, v: v * sp.log(v / u)},
    },
)
def drawn_from_another_pair(price: Any = alpha, divergence: Any = lambda u, v: u * sp.log(u / v)) -> Iterator[Step]:
    """Printed are b from g of phi^-i, a from f of theta-bar, and the logarithms of phi^i and theta.

    Generic in A and B: (sigma, tau) draws, (pi, rho) is in the logarithms. Then an example above the maximum V_Q.
    """
    sigma, tau = sp.IndexedBase("sigma", positive=True), sp.IndexedBase("tau", positive=True)
    given = ((over_a(sigma[a, b]), 1), (over_b(tau[b]), 1))
    drawn = over_b(tau[b] * over_a(sigma[a, b] * sample_15(Q[a, b], pi[a, b], rho[b], P[b])))
    own = over_b(tau[b] * over_a(sigma[a, b] * sample_15(Q[a, b], sigma[a, b], tau[b], P[b])))
    yield Equal(
        "The mean less what (sigma, tau) is worth",
        drawn - own,
        price * over_b(tau[b] * over_a(divergence(sigma[a, b], pi[a, b]))) + beta * over_b(divergence(tau[b], rho[b])),
        given=given,
    )
    draws, logs = (sp.Rational(1, 2), sp.Rational(1, 2)), (sp.Rational(1, 4), sp.Rational(3, 4))
    mean = sum(x * -sp.log(y) for x, y in zip(draws, logs, strict=True))
    yield Equal(
        "A = 2, B = 1, Q = 0, alpha = 1, a drawn from (1/2, 1/2), the logarithm of (1/4, 3/4)",
        mean,
        2 * sp.log(2) - sp.log(3) / 2,
        name=r"\mathbb{E} \bar V",
    )
    yield Less("No pair is worth as much: V_Q = log 2", sp.log(2), mean)


def printed_sample(q: Any, own: Any, model: Any, prior: Any) -> Any:
    """(P^(1/alpha) exp(Q/alpha))^alpha / (pi rho): the summand of Algorithm 1."""
    return (prior ** (1 / alpha) * sp.exp(q / alpha)) ** alpha / (own * model)


@derivation(
    "Algorithm 1 as printed estimates log sum_{a,b} P exp(Q): the soft value of temperature 1, whatever alpha is",
    plants={
        "power dropped": {
            "sample": lambda q, own, model, prior: prior ** (1 / alpha) * sp.exp(q / alpha) / own / model
        },
        "rho dropped": {"sample": lambda q, own, model, prior: prior * sp.exp(q) / own},
        "corrected": {"sample": lambda q, own, model, prior: prior / model * (sp.exp(q / alpha) / own) ** alpha},
    },
)
def printed_algorithm_1(sample: Any = printed_sample) -> Iterator[Step]:
    """Importance weights are right for sums, but here the power alpha is inside the sum over a, not around it."""
    one = sample(Q[a, b], pi[a, b], rho[b], P[b])
    yield Equal("The two powers cancel", one, P[b] * sp.exp(Q[a, b]) / (pi[a, b] * rho[b]))
    mean = over_b(rho[b] * over_a(pi[a, b] * one))
    yield Equal("The mean of a sample, any (pi, rho)", mean, over_b(P[b] * over_a(sp.exp(Q[a, b]))), given=ONES)
    level, v = sp.symbols("L V", real=True)
    q, p = sp.Symbol("Q", real=True), sp.Symbol("P", positive=True)
    own, model = sp.exp((q - level) / alpha), p * sp.exp(level - v)
    yield Equal(
        "At (pi_Q, rho_Q), beta = 1, a sample is exp(V) pi^(alpha - 1): free of noise at alpha = 1 only",
        sample(q, own, model, p),
        sp.exp(v) * own ** (alpha - 1),
    )


@derivation(
    "Algorithm 1 as printed is false unless alpha = 1",
    plants={"alpha = 1": {"temperature": sp.Integer(1)}},
)
def printed_algorithm_1_fails(temperature: Any = sp.Integer(2)) -> Iterator[Step]:
    """Smallest counterexample: A = 2, B = 1, Q = 0, alpha = 2, K to infinity. (With A = 1 the two coincide.)"""
    q, prior = sp.zeros(2, 1), [sp.Integer(1)]
    printed = sp.log(sum(sp.exp(x) for x in q))
    right = soft_value(q, prior, temperature)
    yield Equal("Printed", printed, sp.log(2), name=r"\bar V_{\text{printed}}")
    yield Equal("Eq. 9", right, 2 * sp.log(2), name="V")
    yield Less("which is more", printed, right)
    only = sp.Matrix([sp.Symbol("Q", real=True)])
    yield Equal("A = B = 1: eq. 9 is Q, as printed", soft_value(only, prior), only[0], name="V")


def corrected_sample(q: Any, own: Any, model: Any, prior: Any) -> Any:
    """(P / rho) (exp(Q/alpha) / pi)^(alpha/beta): pi belongs inside the power."""
    return prior / model * (sp.exp(q / alpha) / own) ** (alpha / beta)


@derivation(
    "Algorithm 1 corrected: beta log (1/K) sum_k (P/rho) (exp(Q/alpha)/pi)^(alpha/beta)",
    plants={
        "pi outside the power, as printed": {
            "sample": lambda q, own, model, prior: prior / model * sp.exp(q / beta) / own
        },
        "prior inside the power": {
            "sample": lambda q, own, model, prior: (prior * sp.exp(q / alpha) / own) ** (alpha / beta) / model
        },
        "alpha dropped": {"sample": lambda q, own, model, prior: prior / model * (sp.exp(q) / own) ** (1 / beta)},
    },
)
def corrected_algorithm_1(sample: Any = corrected_sample) -> Iterator[Step]:
    """With pi = pi_Q: unbiased for exp(V/beta) under every rho > 0; with rho = rho_Q as well, exact in every sample.

    Algorithm 1 computes both from Q, so this costs it nothing.
    """
    own = sp.exp(Q[a, b] / alpha) / Z
    one = sample(Q[a, b], own, rho[b], P[b])
    yield Equal("At pi = pi_Q the sample does not depend on a", one, P[b] * Z ** (alpha / beta) / rho[b], name="X")
    total = over_b(P[b] * Z ** (alpha / beta))
    yield Equal(
        "Its mean under rho is exp(V/beta), for every rho", over_b(rho[b] * over_a(own * one)), total, given=ONES
    )
    model = P[b] * Z ** (alpha / beta) / total
    yield Equal("At rho = rho_Q as well it is exp(V/beta) itself", sample(Q[a, b], own, model, P[b]), total, name="X")
    yield Equal(
        "Hence the estimate is V for every K and every draw",
        beta * sp.log(sample(Q[a, b], own, model, P[b])),
        beta * sp.log(total),
        name=r"\hat V",
    )
    yield Equal(
        "For another pi, exp(Q/alpha)/pi still has mean Z(b): take the mean over several a before the power",
        over_a(pi[a, b] * sp.exp(Q[a, b] / alpha) / pi[a, b]),
        Z,
        name=r"\mathbb{E}_\pi [e^{Q/\alpha} / \pi]",
    )


@derivation(
    "The corrected estimate for another pi: too high on average for alpha > 1, too low for alpha < 1",
    plants={"pi = pi_Q": {"own": (sp.Rational(1, 2), sp.Rational(1, 2))}},
)
def corrected_algorithm_1_needs_pi_q(own: Any = (sp.Rational(1, 4), sp.Rational(3, 4))) -> Iterator[Step]:
    """A = 2, B = 1, Q = 0, beta = 1, pi = (1/4, 3/4) where pi_Q = (1/2, 1/2): with target networks the two differ."""

    def mean(temperature: Any) -> Any:
        return sum(p * (1 / p) ** temperature for p in own)

    yield Equal("alpha = 2", mean(2), sp.Rational(16, 3), name=r"\mathbb{E} X")
    yield Less("exp(V) = 4 is less", sp.Integer(4), mean(2))
    yield Less("alpha = 1/2: exp(V) = 2^(1/2) is more", mean(sp.Rational(1, 2)), sp.sqrt(2))
    yield Equal("alpha = 1: no bias", mean(1), 2, name=r"\mathbb{E} X")


@derivation(
    "Algorithm 1 as printed fits Q(s_{t+1}, a_t, b_t) to the target of Q(s_t, a_t, b_t)",
    plants={"printed": {"here": False}},
)
def regression_is_at_the_first_state(here: bool = True) -> Iterator[Step]:
    """Smallest counterexample: two states in turn, A = B = 1, R(1) = 1, R(2) = 0, gamma = 1/2; then V = Q.

    The step descends on (y - Q(s_{t+1}, .))^2 with y = r_t + gamma V(s_{t+1}); eq. 13 and 14 have Q(s_t, .).
    """
    q1, q2 = sp.symbols("Q_1 Q_2", real=True)
    rate = sp.Rational(1, 2)
    targets = (1 + rate * q2, rate * q1)
    fitted = (q1, q2) if here else (q2, q1)
    right = sp.solve([y - q for y, q in zip(targets, fitted, strict=True)], [q1, q2])
    printed = sp.solve([y - q for y, q in zip(targets, (q2, q1), strict=True)], [q1, q2])
    yield Equal("Eq. 13: Q(1)", right[q1], sp.Rational(4, 3), name="Q(1)")
    yield Equal("Eq. 13: Q(2)", right[q2], sp.Rational(2, 3), name="Q(2)")
    yield Equal("it solves the Bellman equation in state 1", right[q1], 1 + rate * right[q2], name="Q(1)")
    yield Equal("Printed: Q(1)", printed[q1], 0, name=r"Q_{\text{printed}}(1)")
    yield Equal("Printed: Q(2)", printed[q2], 2, name=r"Q_{\text{printed}}(2)")
    yield Less("The better state", right[q2], right[q1])
    yield Less("comes out as the worse", printed[q1], printed[q2])


def cross_entropy(p: Any, psi: Any) -> Any:
    """-sum_b P(b) log P_psi(b), P once."""
    return -p * sp.log(psi) - (1 - p) * sp.log(1 - psi)


@derivation(
    "Algorithm 2: the prior is the arg min of the cross-entropy; as printed it is an arg max, and P is weighed twice",
    plants={
        "log-likelihood": {"loss": lambda p, psi: p * sp.log(psi) + (1 - p) * sp.log(1 - psi)},
        "P twice": {"loss": lambda p, psi: -(p**2) * sp.log(psi) - (1 - p) ** 2 * sp.log(1 - psi)},
    },
)
def prior_by_likelihood(loss: Any = cross_entropy) -> Iterator[Step]:
    """B = 2, observed frequencies (p, 1 - p). Printed: arg max E_D[-P log P_psi], where E_D averages with P already."""
    p, psi, odds, s = sp.symbols("p psi odds s", positive=True)
    cross = loss(p, psi)
    yield Tends("It has no maximum: it tends to infinity where psi tends to 0", cross, psi, 0, sp.oo)
    yield Equal("Its slope is 0 at psi = p", sp.diff(cross, psi).subs(psi, p), 0, name=r"\partial_\psi")
    yield Signed(
        "and it is strictly convex", sp.diff(cross, psi, 2), strict=True, where={p: 1 / (1 + s), psi: 1 / (1 + odds)}
    )
    half = sp.Rational(1, 2)
    in_odds = sp.expand_log(sp.simplify(loss(half, psi).subs(psi, odds / (1 + odds))))
    yield Smallest(
        "In odds psi/(1 - psi), p = 1/2: smallest at even odds, not largest", in_odds, odds, sp.Integer(1), sp.log(2)
    )
    twice = -(p**2) * sp.log(psi) - (1 - p) ** 2 * sp.log(1 - psi)
    yield Tends("With P twice there is no maximum either", twice, psi, 0, sp.oo)
    least = p**2 / (p**2 + (1 - p) ** 2)
    yield Equal(
        "and the slope is 0 where psi is in proportion to p^2",
        sp.diff(twice, psi).subs(psi, least),
        0,
        name=r"\partial_\psi",
    )
    yield Equal(
        "Frequencies (1/3, 2/3) would give (1/5, 4/5)",
        least.subs(p, sp.Rational(1, 3)),
        sp.Rational(1, 5),
        name=r"\psi",
    )


if __name__ == "__main__":
    present(globals())
