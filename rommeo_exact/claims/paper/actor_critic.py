"""Section 3.2: eq. 14 to 22, the actor-critic's losses and gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ... import soft
from ...checks import FloatArray
from .. import written_out
from ..cases import UNIT, Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, never_above

__all__ = [
    "CLAIMS", "derivatives", "log", "of_logarithms", "others_gradient", "own_gradient", "pathwise", "sample_value",
]  # fmt: skip

WHERE = "Section 3.2"
TINY = 1e-30
"""Step of a complex-step derivative, Im f(x + i h) / h: nothing cancels, so h may be far below the rounding of x."""
_ESTIMATORS, _GRADIENTS = ("proofs/symbolic/estimators.py",), ("proofs/symbolic/gradients.py",)


def log(p: FloatArray) -> FloatArray:
    """log p; 0 at 0, where nothing is ever weighed with it."""
    return np.log(p, out=np.zeros(p.shape), where=p > 0.0)


def of_logarithms(here: Case) -> float:
    """What rounding may do to Q - alpha log pi - log rho + log P, for probabilities that exponentials made."""
    return here.noise + here.alpha * here.noise_of(here.alpha) + 2.0 * here.noise_of(1.0)


def sample_value(q: FloatArray, pi: FloatArray, rho: FloatArray, prior: FloatArray, alpha: float) -> FloatArray:
    """V bar of eq. 15 for each sample (a, b) in each state, (S, A, B)."""
    samples: FloatArray = q - alpha * log(pi) + (log(prior) - log(rho))[:, None]
    return samples


def _best_pair(here: Case) -> tuple[FloatArray, FloatArray]:
    """pi_Q and rho_Q of the case's table."""
    return soft.soft_policy(here.q, here.alpha), soft.soft_opponent_model(here.q, here.prior, here.alpha)


def _draws(here: Case, *shape: int) -> FloatArray:
    """Shares of a replay buffer, all positive, that sum to 1 over the last axis."""
    rng = np.random.default_rng((*here.rng_seed, 3))
    shares: FloatArray = 0.1 / shape[-1] + 0.9 * rng.dirichlet(np.ones(shape[-1]), shape[:-1])
    return shares


# --- eq. 14 and 15 ---------------------------------------------------------------------------------------------------


def _eq14(wrong: str = "") -> Form:
    """With V bar in the mean over pi_Q and rho_Q of the target table, the only minimiser is T of that table."""

    def form(here: Case) -> Gap:
        view, q, alpha = here.view, here.q, here.alpha
        pi, rho = _best_pair(here)
        samples = sample_value(q, pi, rho, here.prior, 1.0 if wrong == "alpha dropped" else alpha)
        if wrong == "prior dropped":
            samples = samples - log(here.prior)[:, None]
        value = (rho[:, None] * pi * samples).sum(axis=(1, 2))
        gamma = 1.0 if wrong == "discount dropped" else view.discount
        after = value[:, None, None] if wrong == "this state's value" else written_out.next_value(view, value)
        target = view.rewards + gamma * after
        return equal(target, soft.bellman(view, q, here.prior, alpha), of_logarithms(here))

    return form


def _eq14_sampled(here: Case) -> Gap:
    """E_D E_{s'} (Q - R - gamma V(s'))^2 / 2 exceeds (14) by gamma^2 E_D Var V(s') / 2, whatever Q is."""
    view, gamma = here.view, here.view.discount
    value = soft.soft_value(here.other_q, here.prior, here.alpha)
    weights = _draws(here, int(np.prod(view.shape))).reshape(view.shape)
    mean = written_out.next_value(view, value)
    variance = written_out.next_value(view, value**2) - mean**2
    gaps = []
    for q in (here.q, here.other_q, here.solution.q):
        inside = 0.5 * (weights * (q - view.rewards - gamma * mean) ** 2).sum()
        rest = q - view.rewards
        outside = 0.5 * (weights * (rest**2 - 2.0 * rest * gamma * mean + gamma**2 * (variance + mean**2))).sum()
        apart = inside + 0.5 * gamma**2 * (weights * variance).sum()
        gaps.append(equal(outside, apart, 8.0 * here.noise * here.size))
    return every(*gaps, _eq14()(here))


def _eq15(wrong: str = "") -> Form:
    """At pi_Q and rho_Q every sample of V bar is V_Q: an estimate without variance, for any alpha."""

    def form(here: Case) -> Gap:
        q, alpha, prior = here.q, here.alpha, here.prior
        pi, rho = _best_pair(here)
        samples = sample_value(q, pi, rho, prior, 1.0 if wrong == "alpha dropped" else alpha)
        if wrong == "prior dropped":
            samples = samples - log(prior)[:, None]
        if wrong == "rho added":
            samples = samples + 2.0 * log(rho)[:, None]
        if wrong == "alpha on both":
            samples = samples + (1.0 - alpha) * (log(rho) - log(prior))[:, None]
        value = soft.soft_value(q, prior, alpha)
        sampled = np.broadcast_to((rho > 0.0)[:, None], samples.shape)
        return equal(samples[sampled], np.broadcast_to(value[:, None, None], samples.shape)[sampled],
                     of_logarithms(here))  # fmt: skip

    return form


def _eq15_mean(here: Case) -> Gap:
    """For any pair the mean of V bar is E_rho[E_pi Q + alpha H(pi)] - KL(rho || P), which is at most V_Q."""
    gaps, value = [_eq15()(here)], soft.soft_value(here.q, here.prior, here.alpha)
    for pi, rho in ((here.policy, here.model), (here.other_policy, here.other_model)):
        samples = sample_value(here.q, pi, rho, here.prior, here.alpha)
        mean = (rho[:, None] * pi * samples).sum(axis=(1, 2))
        worth = written_out.worth(here.q, pi, rho, here.prior, here.alpha)
        gaps += [equal(mean, worth, of_logarithms(here)), never_above(mean, value, of_logarithms(here))]
    return every(*gaps)


# --- eq. 16 and 17 ---------------------------------------------------------------------------------------------------


def _loss16(here: Case, pi: FloatArray) -> float:
    """eq. 16, b from the case's model (made positive)."""
    target = written_out.policy(here.q, here.alpha)
    kl = written_out.divergence(np.moveaxis(pi, 1, 2), np.moveaxis(target, 1, 2))
    return float((_visits(here) * kl).sum())


def _visits(here: Case) -> FloatArray:
    """D(s) rho(b|s), (S, B), all positive."""
    states, _, joint = here.view.shape
    rho = (here.model + 1.0 / joint) / 2.0
    visits: FloatArray = _draws(here, states)[:, None] * rho
    return visits


def _eq16(wrong: str = "") -> Form:
    """(16) is 0 at (10) and (38), and at least |pi - pi_Q|^2 / 2 elsewhere (Pinsker's inequality)."""

    def form(here: Case) -> Gap:
        q, alpha = here.q, here.alpha
        best = soft.improve_policy(q, alpha)
        if wrong == "1/alpha dropped":
            best = soft.soft_policy(q, 1.0)
        if wrong == "maximum":
            best = soft.soft_policy(q, 0.0)
        if wrong == "of the mean over b":
            best = np.broadcast_to(soft.soft_policy(q.mean(axis=2, keepdims=True), alpha), q.shape)
        allowance = 8.0 * here.noise_of(alpha)
        gaps = [equal(_loss16(here, best), 0.0, allowance)]
        for pi in (here.policy, here.other_policy):
            apart = np.abs(pi - written_out.policy(q, alpha)).sum(axis=1)
            gaps.append(never_above((_visits(here) * apart**2).sum() / 2.0, _loss16(here, pi), allowance))
        return every(*gaps)

    return form


def _levels(here: Case, pi: FloatArray) -> FloatArray:
    """log of the bracket of eq. 17 to the power alpha, Q(s,a,b) - alpha log pi(a|s,b), (S, A, B)."""
    levels: FloatArray = here.q - here.alpha * log(pi)
    return levels


def _loss17(here: Case, pi: FloatArray, rho: FloatArray, weights: FloatArray) -> float:
    """eq. 17 with (s, a) from `weights` (S, A): KL(rho || P bracket^alpha / Z(s, a)), from the logarithms."""
    allowed = here.prior > 0.0
    target = np.where(allowed[:, None], _levels(here, pi) + log(here.prior)[:, None], -np.inf)
    target = target - np.logaddexp.reduce(target, axis=2, keepdims=True)
    gained = log(rho)[:, None] - np.where(allowed[:, None], target, 0.0)
    return float((weights * (rho[:, None] * gained).sum(axis=2)).sum())


def _inner17(here: Case, pi: FloatArray, rho: FloatArray, weights: FloatArray) -> float:
    """The same with a from pi(.|s,b), in the exponent, up to what rho has no part in."""
    per_b = written_out.divergence(rho, here.prior) - (rho * (pi * _levels(here, pi)).sum(axis=1)).sum(axis=1)
    return float((weights.sum(axis=1) * per_b).sum())


Loss17 = Callable[[Case, FloatArray, FloatArray, FloatArray], float]


def _minimises(here: Case, loss: Loss17, pi: FloatArray, level: FloatArray, prior: FloatArray) -> Gap:
    """loss(rho) - loss(best) = E_D KL(rho || best) for any rho, with best = P exp(level) / Z: the one minimiser."""
    states, own, _ = here.view.shape
    weights = _draws(here, states)[:, None] * _draws(here, states, own)
    allowed = prior > 0.0
    log_best = np.where(allowed, level + log(prior), -np.inf)
    log_best = log_best - np.logaddexp.reduce(log_best, axis=1, keepdims=True)
    least, gaps = loss(here, pi, np.exp(log_best), weights), []
    for rho in (here.model, here.other_model, here.prior):
        kl = (rho * (log(rho) - np.where(allowed, log_best, 0.0))).sum(axis=1)
        more = loss(here, pi, rho, weights) - least
        gaps.append(equal(more, float((weights.sum(axis=1) * kl).sum()), 4.0 * of_logarithms(here)))
    return every(*gaps)


def _eq17(wrong: str = "") -> Form:
    """Minimised by (39) where a is drawn from pi(.|s,b); as printed, for any D, where pi is pi_Q."""

    def form(here: Case) -> Gap:
        q, pi, alpha, prior = here.q, here.policy, here.alpha, here.prior
        gained, entropy = (pi * q).sum(axis=1), written_out.entropy(pi, 1)
        level = gained + alpha * entropy
        if wrong == "as printed":
            return _minimises(here, _loss17, pi, level, prior)
        if wrong == "entropy dropped":
            level = gained
        if wrong == "prior dropped":
            prior = np.where(prior > 0.0, 1.0, 0.0)
        if wrong == "power dropped":
            level = gained / alpha + entropy
        best = soft.soft_policy(q, alpha)
        return every(
            _minimises(here, _inner17, pi, level, prior),
            _minimises(here, _loss17, best, written_out.brackets(q, alpha), here.prior),
        )

    return form


def _eq17_example() -> Counterexample:
    """exp of the entropy of (1/4, 3/4) is 4 / 27^(1/4), below 2, that of (1/2, 1/2)."""
    shares = [Fraction(1, 2), Fraction(1, 4)]
    weights = [1 / share for share in shares]
    printed = [weight / sum(weights) for weight in weights]
    first = 2.0 / (2.0 + 4.0 / 27.0**0.25)
    return Counterexample(
        "1 state, A = B = 2, alpha = 1, Q = 0, P uniform, pi(a1|b1) = 1/2, pi(a1|b2) = 1/4, and D holds a1 alone",
        f"the minimiser is proportional to 1 / pi(a1|b) = (2, 4): ({printed[0]}, {printed[1]})",
        f"(39) is proportional to exp H(pi(.|b)) = (2, 4/27^(1/4)): ({first:.4f}, {1.0 - first:.4f})",
        printed[0] < Fraction(1, 2) and Fraction(4**4, 3**3) < 2**4,  # exp(4 H) on either side
    )


# --- eq. 18 and 19 ---------------------------------------------------------------------------------------------------


def _eq18(factor: bool = True, constant: bool = True, wrong: str = "") -> Form:
    """alpha (16) = (18) + E_D alpha log Z(s, b): the same minimiser, and gradients that differ by the factor alpha."""

    def form(here: Case) -> Gap:
        q, alpha, visits = here.q, here.alpha, _visits(here)
        gaps = []
        for pi in (here.policy, here.other_policy):
            table = q / alpha if wrong == "Q over alpha" else q
            weight = 1.0 if wrong == "alpha dropped" else alpha
            loss = float((visits * (pi * (weight * log(pi) - table)).sum(axis=1)).sum())
            added = float((visits * written_out.brackets(q, alpha)).sum()) if constant else 0.0
            left = (alpha if factor else 1.0) * _loss16(here, pi)
            gaps.append(equal(left, loss + added, 4.0 * of_logarithms(here)))
        return every(*gaps)

    return form


def _eq19(constant: bool = True, wrong: str = "") -> Form:
    """(17) = (19) + E_D log Z(s, a)."""

    def form(here: Case) -> Gap:
        q, alpha, pi, prior = here.q, here.alpha, here.policy, here.prior
        states, own, _ = here.view.shape
        weights = _draws(here, states)[:, None] * _draws(here, states, own)
        log_weights = np.where(prior > 0.0, log(prior), -np.inf)[:, None] + _levels(here, pi)
        partition = np.logaddexp.reduce(log_weights, axis=2)
        gaps = []
        for rho in (here.model, here.other_model):
            weight = {"alpha dropped": 1.0, "pi subtracted": -alpha}.get(wrong, alpha)
            inner = (log(rho) - log(prior))[:, None] - q + weight * log(pi)
            if wrong == "prior dropped":
                inner = inner + log(prior)[:, None]
            loss = float((weights[..., None] * rho[:, None] * inner).sum())
            added = float((weights * partition).sum()) if constant else 0.0
            gaps.append(equal(_loss17(here, pi, rho, weights), loss + added, 4.0 * of_logarithms(here)))
        return every(*gaps)

    return form


# --- eq. 20 to 22: gradients -----------------------------------------------------------------------------------------


def derivatives(f: Callable[[Any], Any], at: FloatArray) -> FloatArray:
    """df/dx_k at real x, for f analytic in each of the k parameters: (K, ...)."""
    steps = [np.asarray(at + 1j * TINY * (np.arange(len(at)) == k)) for k in range(len(at))]
    slopes: FloatArray = np.array([np.imag(f(x)) / TINY for x in steps])
    return slopes


def _eq20(wrong: str = "") -> Form:
    """The mean of (20) over (s, a, b) from D, s' and the sample of V bar is the gradient of (14), target held still.

    Q_w = w_1 Q_1 + w_2^2 Q_2, which is not linear in its parameters.
    """

    def form(here: Case) -> Gap:
        view, gamma, pi, rho = here.view, here.view.discount, here.policy, here.model
        w = np.random.default_rng((*here.rng_seed, 4)).standard_normal(2)
        weights = _draws(here, math.prod(view.shape)).reshape(view.shape)
        joint = rho[:, None] * pi

        def table(w: Any) -> Any:
            return w[0] * here.q + w[1] ** 2 * here.other_q

        samples = sample_value(table(w), pi, rho, here.prior, here.alpha)
        mean = (joint * samples).sum(axis=(1, 2))

        def loss(w: Any) -> Any:
            value = mean
            if wrong == "target moves":
                value = mean + (joint * (table(w) - table(w).real)).sum(axis=(1, 2))
            return 0.5 * (weights * (table(w) - view.rewards - gamma * written_out.next_value(view, value)) ** 2).sum()

        slope = np.stack([here.q, 2.0 * w[1] * here.other_q])
        after = mean[:, None, None] if wrong == "this state's value" else written_out.next_value(view, mean)
        lack = table(w) - view.rewards - gamma * after
        if wrong == "twice":
            lack = 2.0 * lack
        estimate = (weights * slope * lack).sum(axis=(1, 2, 3))
        size = float(np.abs(slope).max()) * (1.0 + float(np.abs(w).max())) ** 2
        return equal(estimate, derivatives(loss, w), 4.0 * size * of_logarithms(here))

    return form


@dataclass(frozen=True)
class Sampled:
    """A loss under reparameterised noise, and the parts of its gradient as the paper writes it, at each node of e.

    Attributes
    ----------
    at : (K,) array
        The parameters.
    each, mean : callables
        The loss at each node, and its mean over e in closed form, as functions of the parameters.
    explicit : (K, N) array
        The derivative of the log-density for a fixed action.
    inner : dict of (N,) arrays
        What (21) and (22) have in brackets, by term.
    path : (K, N) array
        The derivative of the action.
    """

    at: FloatArray
    each: Callable[[Any], Any]
    mean: Callable[[Any], Any]
    explicit: FloatArray
    inner: dict[str, FloatArray]
    path: FloatArray


NODES, SHARES = np.polynomial.hermite_e.hermegauss(8)
"""Gauss-Hermite quadrature: exact for the polynomials in e that occur here."""
SHARES = SHARES / SHARES.sum()
HALF_LOG = 0.5 * math.log(2.0 * math.pi)


def _normal(x: Any, mean: Any, log_width: Any) -> Any:
    """The log-density of a normal law."""
    return -0.5 * ((x - mean) / np.exp(log_width)) ** 2 - log_width - HALF_LOG


def _moments(mean: Any, log_width: Any) -> list[Any]:
    """E x^k for k up to 3."""
    variance = np.exp(2.0 * log_width)
    return [1.0, mean, mean**2 + variance, mean**3 + 3.0 * mean * variance]


def _cubic(rng: np.random.Generator) -> list[tuple[float, int, int]]:
    """Q(a, b) = sum c a^i b^j, all terms of degree 3 at most."""
    return [(float(rng.standard_normal()), i, j) for i in range(4) for j in range(4 - i)]


def own_gradient(here: Case) -> Sampled:
    """pi(a|b) is N(m + k b, s), a = m + k b + s e; the parameters are m, k and log s; b is given."""
    rng = np.random.default_rng((*here.rng_seed, 21))
    theta, b, q, alpha = rng.normal(0.0, 0.5, 3), float(rng.standard_normal()), _cubic(rng), here.alpha

    def drawn(p: Any) -> Any:
        return p[0] + p[1] * b + np.exp(p[2]) * NODES

    def each(p: Any) -> Any:
        a = drawn(p)
        return alpha * _normal(a, p[0] + p[1] * b, p[2]) - sum(c * a**i * b**j for c, i, j in q)

    def mean(p: Any) -> Any:
        moments = _moments(p[0] + p[1] * b, p[2])
        return -alpha * (0.5 + p[2] + HALF_LOG) - sum(c * moments[i] * b**j for c, i, j in q)

    a, width = drawn(theta), math.exp(theta[2])
    z = (a - theta[0] - theta[1] * b) / width
    inner = {"pi": -alpha * z / width, "Q": -sum(c * i * a ** max(0, i - 1) * b**j for c, i, j in q)}
    path = np.stack([np.ones_like(a), b * np.ones_like(a), width * NODES])
    return Sampled(theta, each, mean, alpha * np.stack([z / width, b * z / width, z**2 - 1.0]), inner, path)


def others_gradient(here: Case) -> Sampled:
    """rho(b) is N(n, t), b = n + t e; the parameters are n and log t; the prior is normal, pi as above, a is given."""
    rng = np.random.default_rng((*here.rng_seed, 22))
    phi, prior, a, q, alpha = rng.normal(0.0, 0.5, 2), rng.normal(0.0, 0.5, 2), rng.normal(), _cubic(rng), here.alpha
    middle, slope, log_spread = rng.normal(0.0, 0.5, 3)
    spread = math.exp(log_spread)

    def drawn(p: Any) -> Any:
        return p[0] + np.exp(p[1]) * NODES

    def each(p: Any) -> Any:
        b = drawn(p)
        played = alpha * _normal(a, middle + slope * b, log_spread) - sum(c * a**i * b**j for c, i, j in q)
        return _normal(b, p[0], p[1]) - _normal(b, prior[0], prior[1]) + played

    def mean(p: Any) -> Any:
        moments = _moments(p[0], p[1])
        from_prior = moments[2] - 2.0 * prior[0] * moments[1] + prior[0] ** 2
        log_prior = -0.5 * from_prior / math.exp(2.0 * prior[1]) - prior[1] - HALF_LOG
        away = (a - middle) ** 2 - 2.0 * (a - middle) * slope * moments[1] + slope**2 * moments[2]
        played = alpha * (-0.5 * away / spread**2 - log_spread - HALF_LOG)
        return -(0.5 + p[1] + HALF_LOG) - log_prior + played - sum(c * a**i * moments[j] for c, i, j in q)

    b, width = drawn(phi), math.exp(phi[1])
    z = (b - phi[0]) / width
    inner = {
        "rho": -z / width,
        "P": (b - prior[0]) / math.exp(2.0 * prior[1]),
        "Q": -sum(c * a**i * j * b ** max(0, j - 1) for c, i, j in q),
        "pi": alpha * slope * (a - middle - slope * b) / spread**2,
    }
    path = np.stack([np.ones_like(b), width * NODES])
    return Sampled(phi, each, mean, np.stack([z / width, z**2 - 1.0]), inner, path)


def pathwise(sampled: Callable[[Case], Sampled], scale: dict[str, float] | None = None, alpha: bool = True) -> Form:
    """eq. 21 or 22 at each node of e, and in the mean over e, against complex-step derivatives of the loss.

    `scale` spoils terms by name ("explicit", "path", or one of the brackets); without `alpha` the policy's is divided
    by it.
    """

    def form(here: Case) -> Gap:
        loss, factors = sampled(here), scale or {}
        inner = {name: factors.get(name, 1.0) * term for name, term in loss.inner.items()}
        if not alpha:
            inner["pi"] = inner["pi"] / here.alpha
        estimate = factors.get("explicit", 1.0) * loss.explicit
        estimate = estimate + factors.get("path", 1.0) * sum(inner.values()) * loss.path
        sizes = np.abs(loss.explicit) + sum(np.abs(term) for term in loss.inner.values()) * np.abs(loss.path)
        allowance = 1024.0 * UNIT * float(1.0 + sizes.max())
        one = equal(estimate, derivatives(loss.each, loss.at), allowance)
        return every(one, equal(estimate @ SHARES, derivatives(loss.mean, loss.at), allowance))

    return form


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq14",
        equations=(14,),
        title="The loss of the Q-function",
        statement="with V bar of eq. 15 at pi_Q' and rho_Q' of the target table Q', the minimiser of "
        "E_D (Q - R - gamma E_{s'} V bar)^2 / 2 is Q = T Q', the step of the Q-iteration",
        where=WHERE,
        hypotheses="a table for Q, D with mass on every (s, a, b), the target held still",
        method="identity",
        recorded="holds more generally",
        form=_eq14(),
        general=_eq14_sampled,
        generalised="with E_{s'} outside the square, as single transitions have it, the loss exceeds the printed one "
        "by gamma^2 E_D Var V(s') / 2, which does not depend on Q: the minimiser is the same",
        planted={
            "alpha dropped": _eq14("alpha dropped"), "prior dropped": _eq14("prior dropped"),
            "discount dropped": _eq14("discount dropped"), "this state's value": _eq14("this state's value"),
        },
        symbolic=_GRADIENTS,
        formal=("proofs/formal/Statements.v::eq14", "proofs/formal/Statements.v::eq14_single_transitions"),
    ),
    Claim(
        id="eq15",
        equations=(15,),
        title="The sampled soft value",
        statement="Q(s,a,b) - log rho(b|s) - alpha log pi(a|s,b) + log P(b|s) is V(s) for every a and b, at the pi and "
        "rho of (10) and (11)",
        where=WHERE,
        hypotheses="pi = pi_Q and rho = rho_Q of the same table; any alpha > 0",
        method="identity",
        recorded="holds more generally",
        form=_eq15(),
        general=_eq15_mean,
        generalised="for any pair its mean is E_rho[E_pi Q + alpha H(pi)] - KL(rho || P), at most V(s)",
        planted={
            "alpha dropped": _eq15("alpha dropped"), "prior dropped": _eq15("prior dropped"),
            "log rho added": _eq15("rho added"), "alpha on rho and P too": _eq15("alpha on both"),
        },
        symbolic=_ESTIMATORS,
        formal=("proofs/formal/Statements.v::eq15", "proofs/formal/Statements.v::eq15_mean"),
    ),
    Claim(
        id="eq16",
        equations=(16,),
        title="The loss of the conditional policy",
        statement="E_{s~D, b~rho} KL(pi(.|s,b) || exp(Q/alpha)/Z) is 0 at the pi of (10) and (38), and at no other",
        where=WHERE,
        hypotheses="a table for pi; D and rho with mass on every (s, b): elsewhere pi is not determined",
        method="identity",
        recorded="holds",
        form=_eq16(),
        planted={
            "1/alpha dropped": _eq16("1/alpha dropped"), "maximum over a": _eq16("maximum"),
            "blind to b": _eq16("of the mean over b"),
        },
        symbolic=("proofs/symbolic/gibbs_policy.py", *_GRADIENTS),
        formal=("proofs/formal/Statements.v::eq16", "proofs/formal/Statements.v::divergence_zero"),
    ),
    Claim(
        id="eq17",
        equations=(17,),
        title="The loss of the opponent model",
        statement="E_{(s,a)~D} KL(rho(.|s) || P(.|s) (exp(Q(s,a,.)/alpha)/pi(a|s,.))^alpha / Z(s)) is least at the "
        "best opponent model for pi, (39)",
        where=WHERE,
        hypotheses="as printed: a from the replay buffer, any pi on the way to (10)",
        method="identity",
        recorded="false as stated",
        form=_eq17(),
        printed=_eq17("as printed"),
        corrected="with a ~ pi(.|s,b) in the place of a ~ D, averaged in the exponent; or as printed where pi = pi_Q, "
        "since then the bracket does not depend on a. Otherwise the minimiser is P exp(E_{a~D}[Q - alpha log pi]), "
        "which weighs the own actions by how often they were played; and Z depends on a as well as on s",
        counterexample=_eq17_example,
        planted={
            "entropy dropped": _eq17("entropy dropped"), "prior dropped": _eq17("prior dropped"),
            "power alpha dropped": _eq17("power dropped"),
        },
        symbolic=("proofs/symbolic/gibbs_opponent_model.py", *_GRADIENTS),
        tests=("tests/test_soft.py::test_improved_model_is_the_best_against_its_policy",),
        formal=("proofs/formal/Statements.v::eq17_corrected", "proofs/formal/Statements.v::eq17_printed_fails"),
    ),
    Claim(
        id="eq18",
        equations=(18,),
        title="The loss of the conditional policy, reparameterised",
        statement="alpha times (16) is E[alpha log pi(a|s,b) - Q(s,a,b)] + E alpha log Z(s,b), whose last term does "
        "not depend on pi: the same minimiser ((18) and (16) are one symbol in the paper; they differ by that term and "
        "the factor alpha)",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq18(),
        planted={
            "equal as they stand": _eq18(factor=False, constant=False), "factor alpha dropped": _eq18(factor=False),
            "alpha dropped": _eq18(wrong="alpha dropped"), "Q over alpha": _eq18(wrong="Q over alpha"),
        },
        symbolic=_GRADIENTS,
        formal=(
            "proofs/formal/Statements.v::eq18",
            "proofs/formal/Statements.v::eq18_least",
        ),
    ),
    Claim(
        id="eq19",
        equations=(19,),
        title="The loss of the opponent model, reparameterised",
        statement="(17) is E[log rho(b|s) - log P(b|s) - Q(s,a,b) + alpha log pi(a|s,b)] + E_D log Z(s,a), whose last "
        "term does not depend on rho",
        where=WHERE,
        hypotheses="Z(s,a) normalises the bracket of (17) for each a",
        method="identity",
        recorded="holds",
        form=_eq19(),
        planted={
            "equal as they stand": _eq19(constant=False), "alpha dropped": _eq19(wrong="alpha dropped"),
            "log pi subtracted": _eq19(wrong="pi subtracted"), "prior dropped": _eq19(wrong="prior dropped"),
        },
        symbolic=_GRADIENTS,
        formal=("proofs/formal/Statements.v::eq19",),
    ),
    Claim(
        id="eq20",
        equations=(20,),
        title="The gradient for the Q-function",
        statement="the mean of grad Q_w (Q_w - R - gamma V bar(s')) over D, s' and the sample of V bar is the gradient "
        "of (14)",
        where=WHERE,
        hypotheses="the target Q' held still: with Q' = Q_w the gradient of (14) has a second term",
        method="identity",
        recorded="holds",
        form=_eq20(),
        planted={
            "target moves with w": _eq20("target moves"), "factor 2": _eq20("twice"),
            "this state's value": _eq20("this state's value"),
        },
        symbolic=_GRADIENTS,
        formal=("proofs/formal/Statements.v::eq20",),
    ),
    Claim(
        id="eq21",
        equations=(21,),
        title="The gradient for the conditional policy",
        statement="d/dtheta [alpha log pi(f(e)|s,b) - Q(s,f(e),b)] = d_theta alpha log pi + d_theta f (d_a alpha log "
        "pi - d_a Q) for each e, and its mean over e is the gradient of (18)",
        where=WHERE,
        hypotheses="actions on a line, pi and Q smooth: checked for normal laws and polynomials of degree 3",
        method="identity",
        recorded="holds",
        form=pathwise(own_gradient),
        planted={
            "sign of Q": pathwise(own_gradient, {"Q": -1.0}), "alpha dropped": pathwise(own_gradient, alpha=False),
            "explicit part dropped": pathwise(own_gradient, {"explicit": 0.0}),
            "path dropped": pathwise(own_gradient, {"path": 0.0}),
        },
        symbolic=_GRADIENTS,
        formal=(
            "proofs/formal/Statements.v::eq21_sample",
            "proofs/formal/Statements.v::mean_gradient",
            "proofs/formal/Statements.v::example_partials",
        ),
    ),
    Claim(
        id="eq22",
        equations=(22,),
        title="The gradient for the opponent model",
        statement="d/dphi [log rho(g(e)) - log P(g(e)) - Q(s,a,g(e)) + alpha log pi(a|s,g(e))] = d_phi log rho + "
        "(d_b log rho - d_b log P - d_b Q + d_b alpha log pi) d_phi g for each e, and its mean over e is the gradient "
        "of (19)",
        where=WHERE,
        hypotheses="as for eq. 21",
        method="identity",
        recorded="holds",
        form=pathwise(others_gradient),
        planted={
            "sign of Q": pathwise(others_gradient, {"Q": -1.0}),
            "alpha dropped": pathwise(others_gradient, alpha=False),
            "prior dropped": pathwise(others_gradient, {"P": 0.0}),
            "pi dropped": pathwise(others_gradient, {"pi": 0.0}),
            "explicit part dropped": pathwise(others_gradient, {"explicit": 0.0}),
        },
        symbolic=_GRADIENTS,
        formal=(
            "proofs/formal/Statements.v::eq22_sample",
            "proofs/formal/Statements.v::mean_gradient",
            "proofs/formal/Statements.v::example_partials",
        ),
    ),
)
