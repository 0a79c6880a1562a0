"""Appendix A: Algorithms 1 and 2, line by line where a line says something about numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ... import soft
from ...checks import FloatArray
from ...games.models import View
from ...solvers import solve
from .. import written_out
from ..cases import UNIT, Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, never_above
from .actor_critic import derivatives, log, of_logarithms, others_gradient, own_gradient, pathwise, sample_value

__all__ = ["CLAIMS"]

FIRST, SECOND = "Appendix A, Algorithm 1", "Appendix A, Algorithm 2"
_ESTIMATORS, _GRADIENTS = ("proofs/symbolic/estimators.py",), ("proofs/symbolic/gradients.py",)


def _spare(here: Case, key: int) -> np.random.Generator:
    return np.random.default_rng((*here.rng_seed, key))


# --- Algorithm 1: acting ---------------------------------------------------------------------------------------------


def _rho(wrong: str = "") -> Form:
    """The line's opponent model is what, with pi_Q, makes one step worth V_Q, the most that it can be worth."""

    def form(here: Case) -> Gap:
        q, alpha, prior = here.q, here.alpha, here.prior
        if wrong == "prior dropped":
            prior = np.where(prior > 0.0, 1.0, 0.0)
        weights = prior * np.exp(alpha * _log_sum(q / (1.0 if wrong == "1/alpha dropped" else alpha), shifted=True))
        if wrong == "power dropped":
            weights = prior * np.exp(_log_sum(q / alpha, shifted=True))
        rho = weights / weights.sum(axis=1, keepdims=True)
        attained = written_out.worth(q, soft.soft_policy(q, alpha), rho, here.prior, alpha)
        return every(
            equal(attained, soft.soft_value(q, here.prior, alpha), 4.0 * of_logarithms(here)),
            equal(rho, soft.soft_opponent_model(q, here.prior, alpha), here.noise_of(min(1.0, alpha))),
        )

    return form


def _log_sum(x: FloatArray, shifted: bool = False) -> FloatArray:
    """log sum_a exp x, (S, B); `shifted` leaves out what is the same for all b."""
    top = x.max(axis=1, keepdims=True)
    level: FloatArray = (top + np.log(np.exp(x - top).sum(axis=1, keepdims=True)))[:, 0]
    return level - level.max(axis=1, keepdims=True) if shifted else level


def _pi(wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        q, alpha = here.q, here.alpha
        pi = written_out.policy(q, 1.0 if wrong == "1/alpha dropped" else alpha)
        if wrong == "sign":
            pi = written_out.policy(-q, alpha)
        if wrong == "normalised over a and b":
            weights = np.exp((q - q.max(axis=(1, 2), keepdims=True)) / alpha)
            pi = weights / weights.sum(axis=(1, 2), keepdims=True)
        rho = soft.soft_opponent_model(q, here.prior, alpha)
        return every(
            equal(pi, soft.soft_policy(q, alpha), here.noise_of(alpha)),
            equal(written_out.worth(q, pi, rho, here.prior, alpha), soft.soft_value(q, here.prior, alpha),
                  4.0 * of_logarithms(here)),
        )  # fmt: skip

    return form


def _marginal(wrong: str = "") -> Form:
    """The sum over b is the law of a where b is drawn from rho first, and a from pi(.|s,b) then."""

    def form(here: Case) -> Gap:
        states, own, joint = here.view.shape
        drawn = np.zeros((states, own))
        for b in range(joint):
            for a in range(own):
                drawn[:, a] += here.model[:, b] * here.policy[:, a, b]
        played = soft.marginal_policy(here.policy, here.model)
        if wrong == "b from the prior":
            played = soft.marginal_policy(here.policy, here.prior)
        if wrong == "every b alike":
            played = here.policy.mean(axis=2)
        if wrong == "reply to the likeliest b":
            played = np.take_along_axis(here.policy, here.model.argmax(axis=1)[:, None, None], axis=2)[:, :, 0]
        allowance = 16.0 * UNIT * (own + joint)
        return every(equal(played, drawn, allowance), equal(played.sum(axis=1), 1.0, allowance))

    return form


# --- Algorithm 1: the prior ------------------------------------------------------------------------------------------


def _replay(here: Case) -> tuple[Any, Any]:
    """States and the others' actions of a replay buffer."""
    rng = _spare(here, 11)
    states, _, joint = here.view.shape
    return rng.integers(states, size=24), rng.integers(joint, size=24)


def _frequencies(here: Case, wrong: str = "") -> tuple[FloatArray, FloatArray]:
    """P(b|s) as counted, (S, B), and how often each state was visited, (S,); rows that were not visited are uniform."""
    s, b = _replay(here)
    states, _, joint = here.view.shape
    counts = np.zeros((states, joint))
    np.add.at(counts, (s, b), 1.0)
    visits = counts.sum(axis=1)
    if wrong == "one more of each":
        counts += 1.0
    total = np.full(states, float(len(s))) if wrong == "over all of M" else counts.sum(axis=1)
    if wrong == "state dropped":
        counts = np.broadcast_to(counts.sum(axis=0), counts.shape)
        total = counts.sum(axis=1)
    frequencies = counts / np.where(total > 0.0, total, 1.0)[:, None]
    frequencies[visits == 0.0] = 1.0 / joint
    return frequencies, visits


def _counted(wrong: str = "") -> Form:
    """sum_m log P(b_m|s_m) exceeds that of any other table by sum_s n(s) KL(P || other): the maximum likelihood."""

    def form(here: Case) -> Gap:
        s, b = _replay(here)
        prior, visits = _frequencies(here, wrong)
        gaps = [equal(prior.sum(axis=1), 1.0, 64.0 * UNIT)]
        for row in _spare(here, 12).dirichlet(np.ones(prior.shape[1]), (3, len(prior))):
            more = log(prior)[s, b].sum() - np.log(row)[s, b].sum()
            apart = float((visits * written_out.divergence(prior, row)).sum())
            size = float(np.abs(np.log(row)).max()) + 4.0
            gaps.append(equal(more, apart, 256.0 * UNIT * len(s) * size))
        return every(*gaps)

    return form


# --- Algorithm 1: the target -----------------------------------------------------------------------------------------


def _log_ratio(here: Case, pi: FloatArray, rho: FloatArray, alpha: float, wrong: str = "") -> FloatArray:
    """The logarithm of what is averaged over the samples in V bar, for each (s, a, b)."""
    prior = log(here.prior)[:, None]
    inside = prior / alpha + here.q / (1.0 if wrong == "Q not divided" else alpha)
    if wrong == "P to the power 1":
        inside = prior + here.q / alpha
    if wrong == "as printed":
        return alpha * inside - log(pi) - log(rho)[:, None]
    if wrong == "rho inside too":
        return alpha * (inside - log(pi) - log(rho)[:, None])
    return alpha * (inside - log(pi)) - log(rho)[:, None]


def _log_mean(log_ratio: FloatArray, pi: FloatArray, rho: FloatArray) -> FloatArray:
    """log E exp over a and b, (S,): what K samples come to as K grows."""
    joint = rho[:, None] * pi
    logs = np.where(joint > 0.0, log_ratio + log(joint), -np.inf).reshape(len(rho), -1)
    mean: FloatArray = np.logaddexp.reduce(logs, axis=1)
    return mean


def _wide(here: Case) -> FloatArray:
    """The case's model, with mass wherever the prior has some."""
    share: FloatArray = (here.model + here.prior) / 2.0
    return share


def _broad(pi: FloatArray) -> FloatArray:
    """A policy that plays everything, half of the time as `pi` does."""
    share: FloatArray = (pi + 1.0 / pi.shape[1]) / 2.0
    return share


def _vbar(wrong: str = "") -> Form:
    """With pi inside the bracket each sample is V_Q at (pi_Q, rho_Q), and the mean is for any rho, under pi_Q."""

    def form(here: Case) -> Gap:
        alpha, q, prior = here.alpha, here.q, here.prior
        value = soft.soft_value(q, prior, alpha)
        pi, rho = soft.soft_policy(q, alpha), soft.soft_opponent_model(q, prior, alpha)
        allowance = 4.0 * of_logarithms(here)
        if wrong == "as printed":
            return equal(_log_mean(_log_ratio(here, pi, rho, alpha, wrong), pi, rho), value, allowance)
        samples = _log_ratio(here, pi, rho, alpha, wrong)
        sampled = np.broadcast_to((rho > 0.0)[:, None], samples.shape)
        wide = _wide(here)
        gaps = [
            equal((samples - value[:, None, None])[sampled], 0.0, allowance),
            equal(_log_mean(_log_ratio(here, pi, wide, alpha, wrong), pi, wide), value, allowance),
        ]
        if not wrong:  # at alpha = 1 the line is right as it is printed, whatever the pair
            any_pi = _broad(here.policy)
            log_mean = _log_mean(_log_ratio(here, any_pi, wide, 1.0, "as printed"), any_pi, wide)
            gaps.append(equal(log_mean, soft.soft_value(q, prior, 1.0), allowance))
        return every(*gaps)

    return form


def _vbar_example() -> Counterexample:
    alpha, own = 2, 2
    pi = Fraction(1, own)
    printed, true = 1 / pi, (1 / pi) ** alpha
    return Counterexample(
        "1 state, A = 2, B = 1, alpha = 2, Q = 0, so that pi = (1/2, 1/2), rho = P = 1, exp V = (1 + 1)^2 = 4",
        f"each sample of exp V bar is (P^(1/2) exp(0))^2 / (pi rho) = {printed}",
        f"exp V = {own**alpha}, and each sample of (P^(1/2) exp(0) / pi)^2 / rho = {true}",
        printed != true == own**alpha,
    )


def _ending(here: Case) -> tuple[View, FloatArray]:
    """The case's game with a terminal state, come to with probability 0.3 in each step; and its prior."""
    states, own, joint = here.view.shape
    rewards = np.concatenate([here.view.rewards, np.zeros((1, own, joint))])
    transitions = np.zeros((states + 1, own, joint, states + 1))
    transitions[:-1, ..., :-1] = 0.7 * written_out.next_value(here.view, np.eye(states))
    transitions[:-1, ..., -1] = 0.3
    transitions[-1, ..., -1] = 1.0
    prior = np.concatenate([here.prior, np.full((1, joint), 1.0 / joint)])
    return View(rewards, transitions, here.view.discount, [states]), prior


def _target(wrong: str = "") -> Form:
    """With the target r where the game ends, the mean of the target at Q* is Q*."""

    def form(here: Case) -> Gap:
        view, prior = _ending(here)
        best = solve(view, alpha=here.alpha, prior=prior, tol=0.0, on_failure="return", workers=1)
        after = best.value.copy()
        after[-1] = 0.0
        level = here.alpha * np.log(view.shape[1])
        if wrong == "value of a zero table":
            after[-1] = level
        if wrong == "an absorbing state that pays 0":
            after[-1] = level / (1.0 - view.discount)
        target = view.rewards + view.discount * written_out.next_value(view, after)
        if wrong == "no reward at the end":
            target = target - 0.3 * view.rewards
        return equal(target[:-1], best.q[:-1], here.noise)

    return form


def _regression(next_state: bool = False, wrong: str = "") -> Form:
    """The mean of (target - Q*) over a replay buffer with all states alike is 0 at every entry that is regressed."""

    def form(here: Case) -> Gap:
        view, best = here.view, here.solution
        moves = written_out.next_value(view, np.eye(view.shape[0]))  # (s, a, b, s')
        gamma = 1.0 if wrong == "discount dropped" else view.discount
        target = view.rewards[..., None] + gamma * best.value
        if wrong == "target of the next reward":
            target = view.rewards.mean(axis=0)[None, ..., None] + gamma * best.value
        if next_state:
            lack = np.einsum("sabt,sabt->tab", moves, target - np.moveaxis(best.q, 0, -1))
        else:
            lack = (moves * (target - best.q[..., None])).sum(axis=3)
        return equal(lack, 0.0, here.noise)

    return form


def _regression_example() -> Counterexample:
    gamma, rewards = Fraction(1, 2), (Fraction(1), Fraction(0))
    true = (rewards[0] + gamma * rewards[1]) / (1 - gamma**2), (rewards[1] + gamma * rewards[0]) / (1 - gamma**2)
    printed = rewards[1] / (1 - gamma), rewards[0] / (1 - gamma)  # Q(s') is fitted to r(s) + gamma Q(s')
    return Counterexample(
        "2 states that follow each other in turn, A = B = 1, R = (1, 0), gamma = 1/2",
        f"Q(s_2) is fitted to r_1 + gamma Q(s_2), Q(s_1) to r_2 + gamma Q(s_1): Q = ({printed[0]}, {printed[1]})",
        f"Q(s_1) = r_1 + gamma Q(s_2), Q(s_2) = r_2 + gamma Q(s_1): Q = ({true[0]}, {true[1]})",
        printed != true and true[0] == rewards[0] + gamma * true[1] and true[1] == rewards[1] + gamma * true[0],
    )


def _copies(wrong: str = "") -> Form:
    """C steps of rate l towards T Q', then Q' <- Q: the error falls by 1 - k (1 - gamma), k = 1 - (1 - l)^C."""

    def form(here: Case) -> Gap:
        rate, steps, rounds = 0.3, 5, 6
        best, view = here.solution.q, here.view
        q, target = here.q, here.other_q
        before = max(float(np.abs(table - best).max()) for table in (q, target))
        for _ in range(rounds):
            fitted = soft.bellman(view, target, here.prior, 1.0 if wrong == "alpha dropped" else here.alpha)
            for _ in range(steps):
                q = q + rate * (fitted - q)
            target = target if wrong == "never reset" else q
        reached = 1.0 - (1.0 - rate) ** steps
        factor = 1.0 - reached * (1.0 - view.discount)
        if wrong == "gamma for each step":
            factor = view.discount**steps
        return never_above(float(np.abs(q - best).max()), factor**rounds * before, here.noise)

    return form


# --- Algorithm 2 -----------------------------------------------------------------------------------------------------


def _sampling(wrong: str = "") -> Form:
    """b drawn from the model whose logarithm is taken: the mean of V bar is what the pair is worth, at most V_Q."""

    def form(here: Case) -> Gap:
        q, pi, rho, prior, alpha = here.q, here.policy, here.model, here.prior, here.alpha
        drawn = {"another model": here.other_model, "prior": prior}.get(wrong, rho)
        samples = sample_value(q, pi, rho, prior, alpha)
        if wrong == "log of another model":
            samples = sample_value(q, pi, _wide(here), prior, alpha)
        mean = (drawn[:, None] * pi * samples).sum(axis=(1, 2))
        allowance = of_logarithms(here)
        return every(
            equal(mean, written_out.worth(q, pi, rho, prior, alpha), allowance),
            never_above(mean, soft.soft_value(q, prior, alpha), allowance),
        )

    return form


def _sampling_example() -> Counterexample:
    prior, rho = Fraction(1, 2), Fraction(1, 3)  # of the second action
    ratio = prior / rho
    return Counterexample(
        "1 state, A = 1, B = 2, Q = 0, P = (1/2, 1/2), rho = (2/3, 1/3); the other model plays the second action",
        f"the mean of V bar is log(P/rho) at the second action = log {ratio}",
        "no pair is worth more than V = 0, and rho is worth -KL(rho || P) < 0",
        ratio > 1,
    )


def _fitted(wrong: str = "") -> Form:
    """E_D log P_psi(b|s) exceeds nothing at the frequencies p: it lacks E KL(p || P_psi) elsewhere."""

    def form(here: Case) -> Gap:
        rng = _spare(here, 13)
        counts = rng.integers(1, 6, size=here.prior.shape).astype(float)
        p = counts / counts.sum(axis=1, keepdims=True)
        visits = counts.sum(axis=1) / counts.sum()
        rivals = [np.stack([row / row.sum() for row in p**2]), np.stack([row / row.sum() for row in p**0.5])]
        rivals += list(rng.dirichlet(np.ones(p.shape[1]), (2, len(p))))
        rivals.append(np.stack([row / row.sum() for row in p ** np.where(np.arange(p.shape[1]) == 0, 9.0, 1.0)]))

        def score(table: FloatArray) -> float:
            weight = p if wrong in ("as printed", "argmin") else 1.0
            total = float((visits[:, None] * p * weight * log(table)).sum())
            return -total if wrong == "as printed" else total

        size = 1.0 + max(float(np.abs(log(rival)).max()) for rival in rivals)
        gaps = []
        for rival in rivals:
            more = score(p) - score(rival)
            gaps.append(never_above(0.0, more, 64.0 * UNIT * p.shape[1] * size))
            if wrong in ("", "states alike"):
                weights = visits if not wrong else np.full_like(visits, 1.0 / len(visits))
                apart = float((weights * written_out.divergence(p, rival)).sum())
                gaps.append(equal(more, apart, 256.0 * UNIT * p.size * size))
        return every(*gaps)

    return form


def _fitted_example() -> Counterexample:
    p = (Fraction(2, 3), Fraction(1, 3))
    far = (Fraction(999, 1000), Fraction(1, 1000))
    # 9 E_D[-P log P_psi] = 4 log(1/P_psi(b1)) + log(1/P_psi(b2)), compared by its exponential
    here, there = ((1 / first) ** 4 / second for first, second in (p, far))
    squares = [share**2 for share in p]
    least = [square / sum(squares) for square in squares]
    return Counterexample(
        "1 state, B = 2, the second action seen once in three times: p = (2/3, 1/3)",
        f"E_D[-P log P_psi] is log({here})/9 at p, more at (999/1000, 1/1000), and without bound as P_psi(b2) falls to "
        f"0; its minimum is at P_psi = ({least[0]}, {least[1]}), since P is there twice, in D and as a weight",
        f"E_D[log P_psi] has its maximum at p = ({p[0]}, {p[1]})",
        there > here and tuple(least) != p,
    )


def _critic(wrong: str = "") -> Form:
    """At Q* each sample of V bar is V*, and the target's mean Q*; at Q^{pi,rho} its mean is Q^{pi,rho}."""

    def form(here: Case) -> Gap:
        view, prior, alpha, best, pair = here.view, here.prior, here.alpha, here.solution, here.pair
        weight = 1.0 if wrong == "alpha dropped" else alpha
        gaps, allowance = [], 4.0 * of_logarithms(here)
        for q, pi, rho in ((best.q, best.policy, best.opponent_model), (pair.q, here.policy, here.model)):
            samples = sample_value(q, pi, rho, prior, weight)
            if wrong == "prior dropped":
                samples = samples - log(prior)[:, None]
            if wrong == "log rho added":
                samples = samples + 2.0 * log(rho)[:, None]
            mean = (rho[:, None] * pi * samples).sum(axis=(1, 2))
            gaps.append(equal(view.rewards + view.discount * written_out.next_value(view, mean), q, allowance))
            if q is best.q:
                sampled = np.broadcast_to((rho > 0.0)[:, None], samples.shape)
                gaps.append(equal((samples - best.value[:, None, None])[sampled], 0.0, allowance))
        return every(*gaps)

    return form


def _target_policy(wrong: str = "") -> Form:
    """a ~ pi' and log pi: the mean of V bar is what (pi', rho) is worth plus alpha E_rho KL(pi' || pi).

    As printed it is to be what the pair is worth: (pi', rho) or (pi, rho), whichever is nearer.
    """

    def form(here: Case) -> Gap:
        q, pi, rho, prior, alpha = here.q, _broad(here.policy), here.model, here.prior, here.alpha
        allowance, other = of_logarithms(here), _broad(here.other_policy)

        def mean(acting: FloatArray, logged: FloatArray) -> FloatArray:
            total: FloatArray = (rho[:, None] * acting * sample_value(q, logged, rho, prior, alpha)).sum(axis=(1, 2))
            return total

        if wrong == "as printed":
            pairs = (written_out.worth(q, acting, rho, prior, alpha) for acting in (other, pi))
            return min((equal(mean(other, pi), worth, allowance) for worth in pairs), key=lambda gap: gap.ratio)
        one, two = (other, pi) if wrong != "divergence reversed" else (pi, other)
        kl = written_out.divergence(np.moveaxis(one, 1, 2), np.moveaxis(two, 1, 2))
        excess = (1.0 if wrong == "alpha dropped" else alpha) * (rho * kl).sum(axis=1)
        soft_pi, soft_rho = soft.soft_policy(q, alpha), soft.soft_opponent_model(q, prior, alpha)
        still = (soft_rho[:, None] * other * sample_value(q, soft_pi, soft_rho, prior, alpha)).sum(axis=(1, 2))
        return every(
            equal(mean(pi, pi), written_out.worth(q, pi, rho, prior, alpha), allowance),
            equal(mean(other, pi), written_out.worth(q, other, rho, prior, alpha) + excess, allowance),
            equal(still, soft.soft_value(q, prior, alpha), allowance),
        )

    return form


def _target_policy_example() -> Counterexample:
    logged = Fraction(1, 4)
    mean, most = 1 / logged, 2
    return Counterexample(
        "1 state, A = 2, B = 1, alpha = 1, Q = 0, pi = (1/4, 3/4), and pi' plays its first action",
        f"the mean of V bar is -log pi(a1) = log {mean}, as the value of a pair",
        f"no pair is worth more than V = log {most}, and (pi', rho) is worth 0",
        mean > most,
    )


def _descent(twice: bool = False, moving: bool = False) -> Form:
    """grad (Q_w - y)^2 / 2 = grad Q_w (Q_w - y) for each sample, with y held still; Q_w = w_1 Q_1 + w_2^2 Q_2."""

    def form(here: Case) -> Gap:
        rng = _spare(here, 14)
        w = rng.standard_normal(2)
        ends = rng.random(here.q.shape) < 0.3
        after = written_out.next_value(here.view, written_out.worth(here.q, here.policy, here.model, here.prior,
                                                                    here.alpha))  # fmt: skip
        target = here.view.rewards + here.view.discount * np.where(ends, 0.0, after)

        def table(w: Any) -> Any:
            return w[0] * here.q + w[1] ** 2 * here.other_q

        def loss(w: Any) -> Any:
            return 0.5 * (table(w) - target - (0.5 * (table(w) - table(w).real) if moving else 0.0)) ** 2

        slope = np.stack([here.q, 2.0 * w[1] * here.other_q])
        estimate = (2.0 if twice else 1.0) * slope * (table(w) - target)
        size = float(np.abs(slope).max()) * (1.0 + float(np.abs(w).max())) ** 2
        return equal(estimate, derivatives(loss, w), 4.0 * size * here.noise)

    return form


def _gradients(**spoilt: Form) -> Form:
    """All three lines; `spoilt` puts another form in the place of one."""
    lines = {"q": _descent(), "pi": pathwise(own_gradient), "rho": pathwise(others_gradient)} | spoilt
    return lambda here: every(*(line(here) for line in lines.values()))


def _slope(here: Case, pi: FloatArray, alpha: float) -> FloatArray:
    """The gradient of (18) in the logits of pi, for each (s, b): pi (g - E_pi g) with g = alpha log pi - Q."""
    g = alpha * log(pi) - here.q
    slope: FloatArray = pi * (g - (pi * g).sum(axis=1, keepdims=True))
    return slope


def _rates(factor: float = 1.0, wrong: str = "") -> Form:
    """Descent on (18) rests at pi_Q for the temperature in (18), whatever its rate, and at no other policy."""

    def form(here: Case) -> Gap:
        pi = written_out.policy(here.q, here.alpha)
        if wrong == "any policy":
            pi = here.policy
        return equal(_slope(here, pi, factor * here.alpha), 0.0, 4.0 * of_logarithms(here))

    return form


def _rates_example() -> Counterexample:
    weights = {1: (4, 1), 2: (2, 1)}  # exp(Q / alpha)
    shares = {alpha: [Fraction(w, sum(pair)) for w in pair] for alpha, pair in weights.items()}
    return Counterexample(
        "1 state, A = 2, B = 1, Q = (log 4, 0), alpha = 1 and alpha = 2",
        "a learning rate: the policy that descent comes to is the same for both",
        f"it is ({shares[1][0]}, {shares[1][1]}) for alpha = 1 and ({shares[2][0]}, {shares[2][1]}) for alpha = 2",
        shares[1] != shares[2],
    )


def _polyak(wrong: str = "") -> Form:
    """Q' <- b T Q' + (1 - b) Q': the error falls by 1 - b (1 - gamma); b = 1 is the copy of Algorithm 1."""

    def form(here: Case) -> Gap:
        share, view, best = here.beta / (1.0 + here.beta), here.view, here.solution.q
        rounds, target = 5, here.other_q
        before = float(np.abs(target - best).max())
        for _ in range(rounds):
            fitted = soft.bellman(view, target, here.prior, here.alpha)
            kept = {"old target whole": 1.0, "old target dropped": 0.0}.get(wrong, 1.0 - share)
            target = share * fitted + kept * target
        factor = 1.0 - share * (1.0 - view.discount)
        if wrong == "as fast as a copy":
            factor = view.discount
        return never_above(float(np.abs(target - best).max()), factor**rounds * before, here.noise)

    return form


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="alg1.rho",
        title="Algorithm 1: the opponent model",
        statement="rho(b|s) is proportional to P(b|s) (sum_a exp(Q(s,a,b)/alpha))^alpha, which is (11) for the current "
        "Q",
        where=FIRST,
        method="identity",
        recorded="holds",
        form=_rho(),
        planted={
            "power alpha dropped": _rho("power dropped"), "prior dropped": _rho("prior dropped"),
            "1/alpha dropped": _rho("1/alpha dropped"),
        },
        symbolic=("proofs/symbolic/gibbs_opponent_model.py",),
        formal=("proofs/formal/Statements.v::eq11", "proofs/formal/Statements.v::soft_model_is_model"),
    ),
    Claim(
        id="alg1.pi",
        title="Algorithm 1: the conditional policy",
        statement="pi(a|s,b) is proportional to exp(Q(s,a,b)/alpha), which is (10) for the current Q",
        where=FIRST,
        method="identity",
        recorded="holds",
        form=_pi(),
        planted={
            "1/alpha dropped": _pi("1/alpha dropped"), "sign": _pi("sign"),
            "normalised over a and b": _pi("normalised over a and b"),
        },
        symbolic=("proofs/symbolic/gibbs_policy.py",),
        formal=("proofs/formal/Statements.v::eq10", "proofs/formal/Statements.v::soft_policy_is_policy"),
    ),
    Claim(
        id="alg1.marginal",
        title="Algorithm 1: what the agent plays",
        statement="pi(a|s) = sum_b pi(a|s,b) rho(b|s) is a policy: that of drawing b from rho and a from pi(.|s,b)",
        where=FIRST,
        method="exact enumeration",
        recorded="holds",
        form=_marginal(),
        planted={
            name: _marginal(name) for name in ("b from the prior", "every b alike", "reply to the likeliest b")
        },
        tests=("tests/test_soft.py::test_marginal_policy_by_loops",),
        formal=("proofs/formal/Statements.v::marginal_is_law", "proofs/formal/Statements.v::marginal_is_answer"),
    ),
    Claim(
        id="alg1.prior",
        title="Algorithm 1: the prior",
        statement="P(b|s) = n(s,b) / n(s), counted in the replay buffer, sums to 1 over b and is the table of the "
        "greatest likelihood",
        where=f"{FIRST}; also below eq. 7",
        hypotheses="states that have been visited; for others it is 0/0, and for b that have not been seen P = 0, so "
        "that rho = 0 there by (11), whatever they would pay",
        method="identity",
        recorded="holds",
        form=_counted(),
        planted={name: _counted(name) for name in ("over all of M", "one more of each", "state dropped")},
        formal=("proofs/formal/Statements.v::prior_by_counts",),
    ),
    Claim(
        id="alg1.vbar",
        title="Algorithm 1: the sampled value",
        statement="V bar(s') = log (1/K) sum_k (P^(1/alpha)(b_k|s') exp(Q(s',a_k,b_k)/alpha))^alpha / (pi(a_k|s',b_k) "
        "rho(b_k|s')) estimates V(s') of (9)",
        where=FIRST,
        hypotheses="as printed any alpha; when corrected, pi is pi_Q of the table Q that is sampled",
        method="exact enumeration",
        recorded="misprint",
        form=_vbar(),
        printed=_vbar("as printed"),
        corrected="pi(a_k|s',b_k) inside the bracket that is raised to the power alpha: then every sample is V(s') at "
        "the pi and rho that the lines above give for the same table, and for any other rho the mean of the samples is "
        "exp V(s'). With pi of another table, as Q_omega is another than the target Q_omega-bar until it is copied, "
        "the mean is off for alpha other than 1: alpha = 2, A = 2, B = 1, target 0, pi = (1/4, 3/4) give 16/3 for 4. "
        "As printed the mean is sum_{a,b} P exp(Q), that of alpha = 1, whatever alpha is",
        confirmed_by=("eq15", "eq17"),
        counterexample=_vbar_example,
        planted={
            "Q not divided by alpha": _vbar("Q not divided"), "P to the power 1": _vbar("P to the power 1"),
            "rho inside the bracket too": _vbar("rho inside too"),
        },
        symbolic=_ESTIMATORS,
        formal=(
            "proofs/formal/Statements.v::algorithm1_corrected",
            "proofs/formal/Statements.v::algorithm1_corrected_average",
            "proofs/formal/Statements.v::algorithm1_corrected_mean",
            "proofs/formal/Statements.v::algorithm1_printed_is_alpha_one",
            "proofs/formal/Statements.v::algorithm1_printed_fails",
            "proofs/formal/Statements.v::example_estimators",
        ),
    ),
    Claim(
        id="alg1.target",
        title="Algorithms 1 and 2: the target where the game ends",
        statement="y = r for terminal s', r + gamma V bar(s') otherwise: at Q* the mean of y is Q*",
        where=f"{FIRST} and 2",
        hypotheses="a terminal state has the value 0: it is not an absorbing state that pays 0, whose soft value is "
        "alpha log A / (1 - gamma)",
        method="identity",
        recorded="holds",
        form=_target(),
        planted={
            name: _target(name)
            for name in ("value of a zero table", "an absorbing state that pays 0", "no reward at the end")
        },
        symbolic=("proofs/symbolic/bellman.py",),
    ),
    Claim(
        id="alg1.gradient",
        title="Algorithm 1: the gradient step",
        statement="gradient descent on (y - Q(s_{t+1},a_t,b_t))^2: Q* is where it rests",
        where=FIRST,
        hypotheses="a table for Q; y held still",
        method="identity",
        recorded="misprint",
        form=_regression(),
        printed=_regression(next_state=True),
        corrected="Q(s_t,a_t,b_t): y = r_t + gamma V bar(s_{t+1}) belongs to the state before",
        confirmed_by=("eq14", "eq20"),
        counterexample=_regression_example,
        planted={
            "discount dropped": _regression(wrong="discount dropped"),
            "any state's reward": _regression(wrong="target of the next reward"),
        },
        symbolic=_ESTIMATORS,
        formal=(
            "proofs/formal/Statements.v::algorithm1_regression",
            "proofs/formal/Statements.v::algorithm1_regression_printed_fails",
        ),
    ),
    Claim(
        id="alg1.copies",
        title="Algorithm 1: targets that are copied every C steps",
        statement="C gradient steps of rate l on a table, then a copy: the error of Q falls by 1 - k (1 - gamma) from "
        "copy to copy, k = 1 - (1 - l)^C, so that Q comes to Q*, from any first tables Q and Q'",
        where=FIRST,
        hypotheses="a table for Q, steps of 0 < l <= 1 on every (s,a,b), targets in the mean",
        method="inequality over random games",
        recorded="holds",
        form=_copies(),
        planted={name: _copies(name) for name in ("never reset", "alpha dropped", "gamma for each step")},
        symbolic=("proofs/symbolic/contraction.py",),
        formal=(
            "proofs/formal/Statements.v::copied_targets",
            "proofs/formal/Statements.v::copied_targets_first",
        ),
    ),
    Claim(
        id="alg2.sampling",
        title="Algorithm 2: whose model b is drawn from",
        statement="b is drawn with g of phi^{-i}, the others' parameters, while V bar has log rho of phi^i: its mean "
        "is what (pi, rho) is worth",
        where=SECOND,
        method="exact enumeration",
        recorded="misprint",
        form=_sampling(),
        printed=_sampling("another model"),
        corrected="g of phi^i: b is drawn from agent i's own opponent model, as in the line of the gradients. The "
        "others' models are about agent i's actions, and hidden from it",
        confirmed_by=("eq15", "eq19"),
        counterexample=_sampling_example,
        planted={"b from the prior": _sampling("prior"), "log of another model": _sampling("log of another model")},
        symbolic=_ESTIMATORS,
        formal=(
            "proofs/formal/Statements.v::eq15_mean",
            "proofs/formal/Statements.v::eq15_model_drawn_from_another",
            "proofs/formal/Statements.v::algorithm2_sampling_printed_fails",
        ),
    ),
    Claim(
        id="alg2.prior",
        title="Algorithm 2: the prior",
        statement="argmax_psi E_D[-P(b|s) log P_psi(b|s)] is the empirical distribution",
        where=SECOND,
        hypotheses="P_psi can be any table",
        method="identity",
        recorded="misprint",
        form=_fitted(),
        printed=_fitted("as printed"),
        corrected="argmax_psi E_D[log P_psi(b|s)], which lacks E KL(p || P_psi) elsewhere (or argmin of the cross "
        "entropy -sum_b P log P_psi, P once). As printed there is no maximum; with argmin P is weighed twice, in D and "
        "as a factor, and the minimiser is proportional to p^2",
        confirmed_by=("alg1.prior", "eq7"),
        counterexample=_fitted_example,
        planted={"argmin, P twice": _fitted("argmin"), "states weighed alike": _fitted("states alike")},
        symbolic=_ESTIMATORS,
        formal=("proofs/formal/Statements.v::prior_by_likelihood",),
    ),
    Claim(
        id="alg2.vbar",
        title="Algorithm 2: the sampled value",
        statement="y = r + gamma (Q(s',a',b') - alpha log pi - log rho + log P) has the mean Q* at Q*, pi*, rho*, "
        "where each sample of the bracket is V*(s'), and the mean Q^{pi,rho} at the Q of any pair",
        where=SECOND,
        hypotheses="b' ~ rho, a' ~ pi(.|s',b')",
        method="exact enumeration",
        recorded="holds",
        form=_critic(),
        planted={name: _critic(name) for name in ("alpha dropped", "prior dropped", "log rho added")},
        symbolic=_ESTIMATORS,
        formal=("proofs/formal/Statements.v::eq15", "proofs/formal/Statements.v::eq15_mean"),
    ),
    Claim(
        id="alg2.target_policy",
        title="Algorithm 2: a target policy that is never set",
        statement="a' is drawn with f of theta bar while log pi is that of theta: the mean of V bar is what the pair "
        "is worth",
        where=SECOND,
        hypotheses="theta bar is neither initialised nor updated anywhere in the algorithm",
        method="exact enumeration",
        recorded="misprint",
        form=_target_policy(),
        printed=_target_policy("as printed"),
        corrected="f of theta: one policy in both places. With two the mean exceeds the worth of (pi', rho) by "
        "alpha E_rho KL(pi' || pi), and may exceed V; only where pi = pi_Q and rho = rho_Q is it V, whatever pi' is",
        confirmed_by=("eq15", "eq18"),
        counterexample=_target_policy_example,
        planted={
            "divergence reversed": _target_policy("divergence reversed"),
            "alpha dropped": _target_policy("alpha dropped"),
        },
        symbolic=_ESTIMATORS,
        formal=(
            "proofs/formal/Statements.v::eq15_drawn_from_another",
            "proofs/formal/Statements.v::algorithm2_target_policy_printed_fails",
        ),
    ),
    Claim(
        id="alg2.gradients",
        title="Algorithm 2: the three gradients",
        statement="grad Q (Q - y), and the lines for theta and phi, are the gradients of (Q - y)^2 / 2 with y held "
        "still, of (18) and of (19), sample by sample: (20), (21) and (22) again",
        where=SECOND,
        hypotheses="as for eq. 20 to 22",
        method="identity",
        recorded="holds",
        form=_gradients(),
        planted={
            "factor 2 for Q": _gradients(q=_descent(twice=True)), "y moves with Q": _gradients(q=_descent(moving=True)),
            "sign of Q for pi": _gradients(pi=pathwise(own_gradient, {"Q": -1.0})),
            "prior dropped for rho": _gradients(rho=pathwise(others_gradient, {"P": 0.0})),
        },
        symbolic=_GRADIENTS,
        formal=(
            "proofs/formal/Statements.v::eq21_sample",
            "proofs/formal/Statements.v::eq22_sample",
            "proofs/formal/Statements.v::eq20_sample",
        ),
    ),
    Claim(
        id="alg2.rates",
        title="Algorithm 2: alpha among the learning rates",
        statement="lambda_V, lambda_Q, lambda_pi, lambda_phi and alpha are learning rates: they change how fast "
        "descent comes to a policy, not to which",
        where=SECOND,
        hypotheses="a table of logits for pi. lambda_V is used nowhere, since there is no V to learn",
        method="identity",
        recorded="misprint",
        form=_rates(),
        printed=_rates(2.0),
        corrected="alpha is the temperature, not a rate: descent on (18) rests at exp(Q/alpha)/Z, which depends on it",
        confirmed_by=("eq10", "eq18"),
        counterexample=_rates_example,
        planted={"any policy rests": _rates(wrong="any policy")},
        symbolic=("proofs/symbolic/gibbs_policy.py",),
        formal=(
            "proofs/formal/Statements.v::eq18_least",
            "proofs/formal/Statements.v::algorithm2_alpha_is_no_rate",
        ),
    ),
    Claim(
        id="alg2.polyak",
        title="Algorithm 2: targets that are averaged",
        statement="Q' <- beta Q + (1 - beta) Q', Q = T Q': the error falls by 1 - beta (1 - gamma) each time. This "
        "beta, in (0, 1], is a step length, and no weight of the KL divergence; 1 is the copy of Algorithm 1",
        where=SECOND,
        hypotheses="a table for Q, which T Q' is fitted to in between; averaged parameters of another function are no "
        "average of its values",
        method="inequality over random games",
        recorded="holds",
        form=_polyak(),
        planted={name: _polyak(name) for name in ("old target whole", "old target dropped", "as fast as a copy")},
        symbolic=("proofs/symbolic/contraction.py",),
        formal=("proofs/formal/Statements.v::averaged_targets",),
    ),
)
