"""Appendix C: eq. 33 to 61, Theorems 4 and 5."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np

from ... import soft
from ...checks import FloatArray
from ...evaluation import evaluate
from ...games.models import View
from .. import written_out
from ..cases import Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, never_above

__all__ = ["CLAIMS"]

C1, C2, C3 = "Appendix C.1", "Appendix C.2", "Appendix C.3"


def _all(*gaps: Gap) -> Gap:
    """The conjunction: the first that does not hold, or the one that uses most of its allowance."""
    return max(gaps, key=lambda gap: gap.ratio)


# --- C.1: eq. 33 to 37 -----------------------------------------------------------------------------------------------


def _eq33(alpha: float = 1.0, beta: float = 1.0, start: int = 1, swapped: bool = False) -> Form:
    """The series, with weights and first term as given."""

    def form(here: Case) -> Gap:
        pi, rho = (here.other_policy, here.other_model) if swapped else (here.policy, here.model)
        summed = written_out.series(here.view, pi, rho, here.prior, alpha * here.alpha, beta, start)
        return equal(here.pair.q, summed, here.noise)

    return form


def _eq34(order: int, wrong: str = "") -> Form:
    """One step, then Q^{pi,rho}: the expectation over (a', b') at once (34), over a' first (35), all named (36)."""

    def form(here: Case) -> Gap:
        view, pi, rho, alpha, q = here.view, here.policy, here.model, here.alpha, here.pair.q
        entropy, price = written_out.entropy(pi, 1), written_out.divergence(rho, here.prior)
        weight = here.prior if wrong == "b' from the prior" else rho
        if wrong == "entropy of the marginal":
            entropy = np.broadcast_to(written_out.entropy((rho[:, None] * pi).sum(axis=2), 1)[:, None], entropy.shape)
        if wrong == "divergence sign":
            price = -price
        if wrong == "alpha dropped":
            alpha = 1.0
        joint = weight[:, None] * pi
        if order == 34:  # every term inside one expectation over (a', b')
            inner = (joint * (alpha * entropy[:, None] - price[:, None, None] + q)).sum(axis=(1, 2))
        elif order == 35:
            inner = (weight * (alpha * entropy - price[:, None] + (pi * q).sum(axis=1))).sum(axis=1)
        else:
            inner = (weight * alpha * entropy).sum(axis=1) - price + (joint * q).sum(axis=(1, 2))
        if wrong == "this state's":
            return equal(q, view.rewards + view.discount * inner[:, None, None], here.noise)
        return equal(q, view.rewards + view.discount * written_out.next_value(view, inner), here.noise)

    return form


def _one_value(here: Case) -> FloatArray:
    return written_out.worth(here.pair.q, here.policy, here.model, here.prior, here.alpha)


def _eq37(here: Case) -> Gap:
    """J, started in s, is E_rho[E_pi Q + alpha H] - KL at the first state alone."""
    return equal(here.pair.value, _one_value(here), here.noise)


def _eq37_printed(here: Case) -> Gap:
    """J is the discounted sum over t of the same in s_t."""
    moves = written_out.chain(here.view, here.policy, here.model)
    states = len(moves)
    summed = np.linalg.solve(np.eye(states) - here.view.discount * moves, _one_value(here))
    return equal(here.pair.value, summed, here.noise / (1.0 - here.view.discount))


def _eq37_example() -> Counterexample:
    gamma = Fraction(1, 2)
    q = 1 / (1 - gamma)
    summed = q / (1 - gamma)
    return Counterexample(
        "1 state, A = B = 1, R = 1, gamma = 1/2: J = sum_t gamma^t = 2, and Q = 2",
        f"sum_t gamma^t E[Q + alpha H - KL] = {summed} (without the discount: infinite)",
        f"J = E[Q + alpha H - KL] at t = 0 alone = {q}: Q has the future in it already",
        summed != q,
    )


# --- C.2: Theorems 4 and 5, eq. 38 to 55 -----------------------------------------------------------------------------


def _best_reply(q: FloatArray, pi: FloatArray, prior: FloatArray, alpha: float) -> FloatArray:
    """rho~ of eq. 39."""
    return written_out.opponent_model((pi * q).sum(axis=1) + alpha * written_out.entropy(pi, 1), prior)


def _pairs(here: Case) -> list[tuple[FloatArray, FloatArray]]:
    """Pairs to improve: any, and the optimal one, which leaves no room."""
    best = here.solution
    return [(here.policy, here.model), (best.policy, best.opponent_model), (here.other_policy, here.prior)]


def _improved(here: Case, pi: FloatArray, rho: FloatArray, new: tuple[FloatArray, FloatArray]) -> Gap:
    return never_above(here.evaluated(pi, rho).q, here.evaluated(*new).q, here.noise)


def _theorem4(wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        gaps = []
        for pi, rho in _pairs(here):
            q = here.evaluated(pi, rho).q
            temperature = {"sign": -here.alpha, "alpha doubled": 2.0 * here.alpha}.get(wrong, here.alpha)
            new = written_out.policy(-q if wrong == "sign" else q, abs(temperature))
            if wrong == "normalised over b":
                new = np.moveaxis(written_out.policy(np.moveaxis(q, 1, 2), here.alpha), 1, 2)
                new = new / new.sum(axis=1, keepdims=True)
            gaps.append(_improved(here, pi, rho, (new, rho)))
        return _all(*gaps)

    return form


def _theorem5(wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        gaps = []
        for pi, rho in _pairs(here):
            q = here.evaluated(pi, rho).q
            prior, alpha = here.prior, here.alpha
            if wrong == "prior dropped":
                prior = np.where(prior > 0.0, 1.0, 0.0)
            if wrong == "entropy dropped":
                alpha = 0.0
            new = _best_reply(-q if wrong == "sign" else q, pi, prior, alpha)
            if wrong == "entropy of the marginal":
                new = written_out.opponent_model((pi * q).sum(axis=1), here.prior)
            gaps.append(_improved(here, pi, rho, (pi, new)))
        return _all(*gaps)

    return form


def _eq40(wrong: str = "") -> Form:
    """(38) maximises alpha H(pi) + E_pi Q for each (s, b)."""

    def worth(here: Case, pi: FloatArray) -> FloatArray:
        total: FloatArray = here.alpha * written_out.entropy(pi, 1) + (pi * here.q).sum(axis=1)
        return total

    def form(here: Case) -> Gap:
        best = written_out.policy(here.q, 1.0 if wrong == "alpha dropped" else here.alpha)
        if wrong == "of another table":
            best = written_out.policy(here.other_q, here.alpha)
        rivals = [here.policy, here.other_policy, soft.soft_policy(here.q, here.alpha)]
        return _all(*(never_above(worth(here, pi), worth(here, best), here.noise) for pi in rivals))

    return form


def _eq42(wrong: str = "") -> Form:
    """(39) maximises E_rho[E_pi Q + alpha H(pi)] - KL(rho || P)."""

    def form(here: Case) -> Gap:
        q, pi, alpha, prior = here.q, here.policy, here.alpha, here.prior
        best = _best_reply(q, pi, prior, 0.0 if wrong == "entropy dropped" else alpha)
        if wrong == "prior dropped":
            best = _best_reply(q, pi, np.where(prior > 0.0, 1.0, 0.0), alpha)
        if wrong == "pi taken as uniform":
            best = _best_reply(q, np.full_like(pi, 1.0 / pi.shape[1]), prior, alpha)
        most = written_out.worth(q, pi, best, prior, alpha)
        rivals = [here.model, here.other_model, prior, soft.improve_opponent_model(q, pi, prior, alpha)]
        return _all(*(never_above(written_out.worth(q, pi, rho, prior, alpha), most, here.noise) for rho in rivals))

    return form


def _eq43(wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        pi, q, alpha = here.policy, here.q, here.alpha
        best = written_out.policy(q, alpha)
        kl = written_out.divergence(np.moveaxis(pi, 1, 2), np.moveaxis(best, 1, 2))
        if wrong == "divergence reversed":
            kl = written_out.divergence(np.moveaxis(best, 1, 2), np.moveaxis(pi, 1, 2))
        level = written_out.brackets(q, alpha)
        weight = 1.0 if wrong == "alpha before KL dropped" else alpha
        if wrong == "alpha before log dropped":
            level = level / alpha
        left = alpha * written_out.entropy(pi, 1) + (pi * q).sum(axis=1)
        return equal(left, -weight * kl + level, here.noise)

    return form


def _eq44(conditioned_on: str = "b", wrong: str = "") -> Form:
    """The printed form conditions the entropy on a^i, which is not summed over: read as the first index of all."""

    def form(here: Case) -> Gap:
        pi, q, alpha, prior = here.policy, here.q, here.alpha, here.prior
        best = _best_reply(q, pi, prior, alpha)
        entropy = written_out.entropy(pi, 1)
        if conditioned_on == "a":
            entropy = np.broadcast_to(entropy[:, :1], entropy.shape)
        level = (pi * q).sum(axis=1) + alpha * entropy
        if wrong == "prior dropped":
            prior = np.where(prior > 0.0, 1.0, 0.0)
        top = level.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log((prior * np.exp(level - top)).sum(axis=1))
        sign = -1.0 if wrong == "divergence sign" else 1.0
        kl = written_out.divergence(here.model, best)
        if wrong == "divergence from the prior":
            kl = written_out.divergence(here.model, here.prior)
        return equal(written_out.worth(q, pi, here.model, here.prior, alpha), -sign * kl + total, here.noise)

    return form


def _eq44_example() -> Counterexample:
    left = math.log(2.0) / 2.0
    divergence = math.log(9.0 / 8.0) / 2.0  # of (1/2, 1/2) from (2/3, 1/3)
    printed, true = math.log(2.0) - divergence, math.log(1.5) - divergence
    return Counterexample(
        "1 state, A = B = 2, alpha = 1, Q = 0, P = rho = (1/2, 1/2), pi(.|b1) = (1/2, 1/2), pi(.|b2) = (1, 0)",
        f"with H(pi(.|s, a1)) read as that of the first column the right side is log 2 - log(9/8)/2 = {printed:.4f}",
        f"both sides are log(2)/2 = log(3/2) - log(9/8)/2 = {true:.4f}",
        abs(left - true) < 1e-12 and abs(left - printed) > 0.2,
    )


def _step(here: Case, q: FloatArray, pi: FloatArray, rho: FloatArray) -> FloatArray:
    """r + gamma E_{s'} (E_rho[E_pi Q + alpha H(pi)] - KL): a line of the chain."""
    inner = written_out.worth(q, pi, rho, here.prior, here.alpha)
    line: FloatArray = here.view.rewards + here.view.discount * written_out.next_value(here.view, inner)
    return line


def _chain(order: str) -> Form:
    """Each line at most the next, from Q^{pi,rho} to Q^{pi~,rho~}, both improved at the same Q (38, 39).

    As printed pi is exchanged first, then rho; the other order is the one that (40) and (42) support.
    """

    def form(here: Case) -> Gap:
        gaps = []
        pi_best = written_out.policy(here.view.rewards, here.alpha)
        replies = [here.model, _best_reply(here.view.rewards, pi_best, here.prior, here.alpha)]
        for rho in replies:
            q = here.evaluated(here.policy, rho).q
            new_pi = written_out.policy(q, here.alpha)
            new_rho = _best_reply(q, here.policy, here.prior, here.alpha)
            middle = (new_pi, rho) if order == "pi first" else (here.policy, new_rho)
            if order == "anti-improved":
                middle, new_pi = (written_out.policy(-q, here.alpha), rho), written_out.policy(-q, here.alpha)
            lines = [q, _step(here, q, *middle), _step(here, q, new_pi, new_rho), here.evaluated(new_pi, new_rho).q]
            gaps += [never_above(one, two, here.noise) for one, two in pairwise(lines)]
        return _all(*gaps)

    return form


def _chain_example() -> Counterexample:
    """One state; pi plays what hurts under b2, so that rho~ shuns b2, though pi~ would make the best of it."""
    rewards = np.array([[[0.0, -9.0], [0.0, 9.0]]])
    pi, prior = np.array([[[0.5, 1.0], [0.5, 0.0]]]), np.array([[0.5, 0.5]])
    view = View(rewards, np.ones((1, 2, 2, 1)), 0.5)
    better = written_out.policy(rewards, 1.0)  # Q and R differ by a constant, whatever the pair
    rho = _best_reply(rewards, better, prior, 1.0)
    q = evaluate(view, pi, rho, prior=prior).q
    reply = _best_reply(q, pi, prior, 1.0)
    first, second = (float(written_out.worth(q, better, r, prior, 1.0)[0]) for r in (rho, reply))
    return Counterexample(
        "1 state, A = B = 2, alpha = 1, gamma = 1/2, R = [[0, -9], [0, 9]], P uniform, pi(.|b1) uniform, "
        "pi(.|b2) = (1, 0), rho = the best reply to pi~",
        f"after pi -> pi~ the bracket is {first:.4f}, and no less with rho -> rho~ of (39), which has pi in it",
        f"it falls to {second:.4f}: rho~ is the best reply to pi, not to pi~",
        second < first - 1.0,
    )


def _eq54(wrong: str = "") -> Form:
    """Alternating steps (54), (55): Q^{pi_t,rho_t} never falls, and a pair that does not rise is optimal."""

    def form(here: Case) -> Gap:
        pi, rho, gaps = here.policy, here.model, []
        answer = here.evaluated(pi, rho)
        for _ in range(3):
            q = answer.q
            pi = written_out.policy(q, here.alpha) if wrong != "policy sign" else written_out.policy(-q, here.alpha)
            if wrong != "one Q for both":
                q = here.evaluated(pi, rho).q
            reply = here.policy if wrong == "rho from the first pi" else pi
            prior = np.where(here.prior > 0.0, 1.0, 0.0) if wrong == "prior dropped" else here.prior
            rho = _best_reply(q, reply, prior, here.alpha)
            before, answer = answer, here.evaluated(pi, rho)
            gaps.append(never_above(before.q, answer.q, here.noise))
            risen = float((answer.value - before.value).max())
            short = float((here.solution.value - before.value).max())
            # V_{t+1} >= T V_t, so max(V* - V) falls to gamma times itself, and V rises by the rest where it was largest
            least = (1.0 - here.view.discount) * short - 4.0 * here.noise
            gaps.append(Gap(max(0.0, least - risen), here.noise))
        return _all(*gaps)

    return form


# --- C.3: eq. 56 to 61 -----------------------------------------------------------------------------------------------


def _eq56(wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        q, alpha = here.solution.q, here.alpha
        top = q.max(axis=1, keepdims=True)
        total = np.exp((q - top) / alpha).sum(axis=1, keepdims=True)
        pi = np.exp((q - top) / alpha) / total
        if wrong == "as printed":  # the shift by the maximum is undone: exp(Q) / alpha over sum exp(Q / alpha)
            pi = np.exp(q - top / alpha) / alpha / total
        if wrong == "exponent without 1/alpha":
            pi = written_out.policy(q, 1.0)
        allowance = here.noise_of(alpha)
        return _all(equal(pi, here.solution.policy, allowance), equal(pi.sum(axis=1), 1.0, allowance))

    return form


def _eq56_example() -> Counterexample:
    alpha, actions = Fraction(2), 2
    share = 1 / alpha / actions  # exp(0) = 1 throughout
    return Counterexample(
        "1 state, A = 2, B = 1, alpha = 2, Q* = 0",
        f"each action has probability (1/alpha) exp(0) / (exp(0) + exp(0)) = {share}: together {share * actions}",
        "each has probability 1/2",
        share * actions != 1,
    )


def _eq57(line: int = 1, wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        best, alpha, prior = here.solution, here.alpha, here.prior
        q = best.q
        allowance = here.noise_of(min(alpha, 1.0))
        if line == 1:
            pi = best.policy
            entropy = 0.0 if wrong == "entropy dropped" else alpha * written_out.entropy(pi, 1)
            rho = written_out.opponent_model((pi * q).sum(axis=1) + entropy, prior)
            return equal(rho, best.opponent_model, allowance)
        level = written_out.brackets(q, alpha)
        if wrong == "as printed":
            level = alpha * written_out.brackets(q, 1.0)  # (sum_a exp(Q))^alpha
        with_value = prior * np.exp(level - written_out.value(q, prior, alpha)[:, None])
        return equal(with_value, best.opponent_model, allowance)

    return form


def _eq57_both(here: Case) -> Gap:
    return _all(_eq57(1)(here), _eq57(2)(here))


def _eq57_example() -> Counterexample:
    true = [Fraction(1, 2) * (1 + 1) ** 2, Fraction(1, 2) * (2 + 1) ** 2]  # exp(Q / 2) is 1, 1 and 2, 1
    printed = [Fraction(1, 2) * (1 + 1) ** 2, Fraction(1, 2) * (4 + 1) ** 2]  # exp(Q) is 1, 1 and 4, 1
    total = sum(true)
    shares = [weight / total for weight in printed]
    return Counterexample(
        "1 state, A = B = 2, alpha = 2, P uniform, Q(., b1) = (0, 0), Q(., b2) = (log 4, 0), so exp V = 13/2",
        f"rho = ({shares[0]}, {shares[1]}), which sums to {sum(shares)}",
        f"rho = ({true[0] / total}, {true[1] / total})",
        sum(shares) != 1,
    )


def _eq58(here: Case) -> Gap:
    """V_Q at Q* is V*; at the Q of any pair it is what the best one-step pair gets, so no less than V^{pi,rho}."""
    best = equal(written_out.value(here.solution.q, here.prior, here.alpha), here.solution.value, here.noise)
    return _all(best, never_above(here.pair.value, written_out.value(here.pair.q, here.prior, here.alpha), here.noise))


def _eq59(starred: bool = True, last: bool = False) -> Form:
    def form(here: Case) -> Gap:
        best, view = here.solution, here.view
        pi, rho = (best.policy, best.opponent_model) if starred else (here.policy, here.model)
        q = best.q if starred else here.pair.q
        inner = written_out.worth(q, pi, rho, here.prior, here.alpha)
        line = view.rewards + view.discount * written_out.next_value(view, inner)
        end = view.rewards + view.discount * written_out.next_value(view, best.value)
        return _all(equal(best.q, line, here.noise), equal(best.q, end, here.noise))

    return form


def _eq59_example() -> Counterexample:
    best = 2.0 * math.log(2.0)  # V* = log 2 / (1 - gamma)
    return Counterexample(
        "1 state, A = 2, B = 1, R = 0, gamma = 1/2, alpha = 1, and pi plays its first action",
        "Q* = gamma V^{pi,rho} = 0 with the pi and rho that the right side names, without stars",
        f"Q* = gamma V* = log 2 = {best / 2.0:.4f}",
        best > 1.0,
    )


def _eq60(wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        view, q, alpha, prior = here.view, here.q, here.alpha, here.prior
        if wrong == "1/alpha dropped":
            v = written_out.value(q * alpha, prior, alpha)
        elif wrong == "power dropped":
            level = written_out.brackets(q, alpha) / alpha
            v = np.log((prior * np.exp(level)).sum(axis=1))
        elif wrong == "prior dropped":
            v = written_out.value(q, np.where(prior > 0.0, 1.0, 0.0), alpha)
        elif wrong == "a and b exchanged" and view.shape[1] == view.shape[2]:
            v = written_out.value(np.moveaxis(q, 1, 2), prior, alpha)
        else:
            v = written_out.value(q, prior, alpha)
        line = view.rewards + view.discount * written_out.next_value(view, v)
        return equal(soft.bellman(view, q, prior, alpha), line, here.noise)

    return form


def _eq61(bound: str) -> Form:
    """V_{Q1} <= V_{Q2} + bound * |Q1 - Q2|, both ways, and the bound is attained at Q1 = Q2 + c."""

    def form(here: Case) -> Gap:
        one, two, prior, alpha = here.q, here.other_q, here.prior, here.alpha
        factor = {"1": 1.0, "alpha": alpha, "half": 0.5, "0": 0.0}[bound]
        near = two + 0.1 * (one - two)
        gaps = []
        for q in (one, near, two + 0.5):
            distance = float(np.abs(q - two).max())
            v, w = (written_out.value(table, prior, alpha) for table in (q, two))
            gaps += [
                never_above(v, w + factor * distance, here.noise),
                never_above(w - factor * distance, v, here.noise),
            ]
        if bound == "1":
            gaps.append(equal(written_out.value(two + 0.5, prior, alpha) - written_out.value(two, prior, alpha), 0.5,
                              here.noise))  # fmt: skip
            change = np.abs(soft.bellman(here.view, one, prior, alpha) - soft.bellman(here.view, two, prior, alpha))
            gaps.append(never_above(change, here.view.discount * float(np.abs(one - two).max()), here.noise))
        return _all(*gaps)

    return form


def _eq61_example() -> Counterexample:
    alpha, one, two = Fraction(1, 2), Fraction(1), Fraction(0)
    distance = abs(one - two)  # with A = B = 1 the value of a table is its entry
    return Counterexample(
        "1 state, A = B = 1, alpha = 1/2, Q1 = 1, Q2 = 0: V_Q = Q, and the distance is 1",
        f"V_1 <= alpha * distance + V_2 = {alpha * distance + two}",
        f"V_1 = {one}",
        one > alpha * distance + two,
    )


def _bounded(wrong: str = "") -> Form:
    """Every iterate, and the Q of every pair, is bounded by what the rewards, the entropy and the prior allow."""

    def form(here: Case) -> Gap:
        view, alpha = here.view, here.alpha
        rewards = np.abs(view.rewards).max()
        room = rewards + view.discount * alpha * math.log(view.shape[1])
        rarest = float(here.prior[here.prior > 0.0].min())
        low = rewards + view.discount * math.log(1.0 / rarest)
        if wrong == "entropy forgotten":
            room = rewards
        if wrong == "discount forgotten":
            room, low = room * (1.0 - view.discount), low * (1.0 - view.discount)
        top = here.solution.q
        gap = never_above(top, room / (1.0 - view.discount), here.noise)
        return _all(gap, never_above(-here.pair.q, low / (1.0 - view.discount), here.noise))

    return form


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq33",
        equations=(33,),
        title="Q of a pair, as a series",
        statement="Q^{pi,rho}(s,a,b) = R + E sum_{l>=1} gamma^l [R + alpha H(pi(.|s,b)) - KL(rho(.|s) || P(.|s))]",
        where=C1,
        method="identity",
        recorded="holds",
        form=_eq33(),
        planted={
            "alpha dropped": _eq33(alpha=0.0), "divergence sign": _eq33(beta=-1.0), "sum from 0": _eq33(start=0),
            "another pair": _eq33(swapped=True),
        },
        symbolic=("proofs/symbolic/bellman.py",),
    ),
    Claim(
        id="eq34",
        equations=(34,),
        title="Q of a pair, one step",
        statement="Q^{pi,rho} = E[R + gamma (alpha H(pi(.|s',b')) - KL(rho || P) + Q^{pi,rho}(s',a',b'))]",
        where=C1,
        method="identity",
        recorded="holds",
        form=_eq34(34),
        planted={
            "b' from the prior": _eq34(34, "b' from the prior"), "alpha dropped": _eq34(34, "alpha dropped"),
            "divergence sign": _eq34(34, "divergence sign"), "this state's": _eq34(34, "this state's"),
        },
        symbolic=("proofs/symbolic/bellman.py",),
    ),
    Claim(
        id="eq35",
        equations=(35,),
        title="Q of a pair, one step, a' taken first",
        statement="Q^{pi,rho} = E_{s',b'}[R + gamma (alpha H(pi(.|s',b')) - KL(rho || P) + E_{a'~pi} Q^{pi,rho})]",
        where=C1,
        method="identity",
        recorded="holds",
        form=_eq34(35),
        planted={
            "b' from the prior": _eq34(35, "b' from the prior"),
            "entropy of the marginal": _eq34(35, "entropy of the marginal"),
            "divergence sign": _eq34(35, "divergence sign"),
        },
        symbolic=("proofs/symbolic/bellman.py",),
    ),
    Claim(
        id="eq36",
        equations=(36,),
        title="Q of a pair, one step, every expectation named",
        statement="Q^{pi,rho} = E_{s'}[R + gamma (E_rho alpha H(pi) - KL(rho || P) + E_{rho,pi} Q^{pi,rho})]",
        where=C1,
        method="identity",
        recorded="holds",
        form=_eq34(36),
        planted={
            "entropy of the marginal": _eq34(36, "entropy of the marginal"),
            "alpha dropped": _eq34(36, "alpha dropped"), "this state's": _eq34(36, "this state's"),
        },
        symbolic=("proofs/symbolic/bellman.py",),
    ),
    Claim(
        id="eq37",
        equations=(37,),
        title="The objective in terms of Q",
        statement="J(pi, rho) = sum_t E[Q^{pi,rho}(s_t,a_t,b_t) + alpha H(pi) - KL(rho || P)]",
        where=C1,
        hypotheses="alpha = 1 as printed; any alpha when corrected",
        method="identity",
        recorded="false as stated",
        form=_eq37,
        printed=_eq37_printed,
        corrected="J(pi, rho) = E_{s_0} E[Q^{pi,rho}(s_0,a,b) + alpha H(pi) - KL(rho || P)]: the first state alone, "
        "without the sum over t, since Q holds the future already",
        counterexample=_eq37_example,
        planted={
            "entropy dropped": lambda here: equal(
                here.pair.value, written_out.worth(here.pair.q, here.policy, here.model, here.prior, 0.0), here.noise
            ),
            "divergence sign": lambda here: equal(
                here.pair.value,
                written_out.worth(here.pair.q, here.policy, here.model, here.prior, here.alpha, -1.0),
                here.noise,
            ),
        },
        symbolic=("proofs/symbolic/bellman.py",),
    ),
    Claim(
        id="thm4",
        equations=(38,),
        title="Policy improvement",
        statement="pi~ proportional to exp(Q^{pi,rho}/alpha) has Q^{pi~,rho} >= Q^{pi,rho} in every entry",
        where=C2,
        hypotheses="alpha > 0; the boundedness that is assumed is automatic on finite games (thm4.bounded)",
        method="inequality over random games",
        recorded="holds",
        form=_theorem4(),
        planted={
            "sign": _theorem4("sign"), "alpha doubled": _theorem4("alpha doubled"),
            "normalised over b": _theorem4("normalised over b"),
        },
        symbolic=("proofs/symbolic/improvement.py",),
        tests=("tests/test_evaluation.py::test_theorem_4",),
    ),
    Claim(
        id="thm4.bounded",
        title="The boundedness that Theorem 4 assumes",
        statement="Q and sum_a Q are bounded for pi and pi~",
        where=C2,
        hypotheses="finite S, A, B",
        method="inequality over random games",
        recorded="holds",
        form=_bounded(),
        planted={
            "entropy forgotten": _bounded("entropy forgotten"), "discount forgotten": _bounded("discount forgotten"),
        },
    ),
    Claim(
        id="thm5",
        equations=(39,),
        title="Opponent model improvement",
        statement="rho~(b|s) proportional to P(b|s) exp(E_pi Q^{pi,rho}(s,.,b) + alpha H(pi(.|s,b))) has "
        "Q^{pi,rho~} >= Q^{pi,rho} in every entry (where (39) writes H(pi(s)), the entropy is that of pi(.|s,b))",
        where=C2,
        hypotheses="the boundedness that is assumed is automatic on finite games (thm4.bounded)",
        method="inequality over random games",
        recorded="holds",
        form=_theorem5(),
        planted={
            "sign": _theorem5("sign"), "prior dropped": _theorem5("prior dropped"),
            "entropy dropped": _theorem5("entropy dropped"),
            "H(pi(s)) taken as the marginal's": _theorem5("entropy of the marginal"),
        },
        symbolic=("proofs/symbolic/improvement.py",),
        tests=("tests/test_evaluation.py::test_theorem_5",),
    ),
    Claim(
        id="eq40",
        equations=(40,),
        title="pi~ is the best reply to Q",
        statement="alpha H(pi) + E_pi Q <= alpha H(pi~) + E_pi~ Q for each (s, b)",
        where=C2,
        method="inequality over random games",
        recorded="holds",
        form=_eq40(),
        planted={"alpha dropped": _eq40("alpha dropped"), "of another table": _eq40("of another table")},
        symbolic=("proofs/symbolic/gibbs_policy.py",),
    ),
    Claim(
        id="eq42",
        equations=(41, 42),
        title="rho~ is the best reply to Q and pi",
        statement="E_rho[alpha H(pi) + E_pi Q] - KL(rho || P) <= E_rho~[alpha H(pi) + E_pi Q] - KL(rho~ || P)",
        where=C2,
        method="inequality over random games",
        recorded="holds",
        form=_eq42(),
        planted={
            "entropy dropped": _eq42("entropy dropped"), "prior dropped": _eq42("prior dropped"),
            "pi taken as uniform": _eq42("pi taken as uniform"),
        },
        symbolic=("proofs/symbolic/gibbs_opponent_model.py",),
    ),
    Claim(
        id="eq43",
        equations=(43,),
        title="What a policy lacks is a divergence",
        statement="alpha H(pi) + E_pi Q = -alpha KL(pi || pi~) + alpha log sum_a exp(Q/alpha)",
        where=C2,
        method="identity",
        recorded="holds",
        form=_eq43(),
        planted={
            "alpha before KL dropped": _eq43("alpha before KL dropped"),
            "alpha before log dropped": _eq43("alpha before log dropped"),
            "divergence reversed": _eq43("divergence reversed"),
        },
        symbolic=("proofs/symbolic/gibbs_policy.py",),
        tests=("tests/test_soft.py::test_policy_gap_is_a_divergence",),
    ),
    Claim(
        id="eq44",
        equations=(44,),
        title="What an opponent model lacks is a divergence",
        statement="E_rho[alpha H(pi) + E_pi Q] - KL(rho || P) = -KL(rho || rho~) "
        "+ log sum_b P(b|s) exp(E_pi Q + alpha H(pi(.|s,a)))",
        where=C2,
        method="identity",
        recorded="misprint",
        form=_eq44(),
        printed=_eq44("a"),
        corrected="H(pi(.|s,b)) in the place of H(pi(.|s,a)), whose a is summed over nowhere",
        confirmed_by=("eq39", "eq42"),
        counterexample=_eq44_example,
        planted={
            "prior dropped": _eq44(wrong="prior dropped"), "divergence sign": _eq44(wrong="divergence sign"),
            "divergence from the prior": _eq44(wrong="divergence from the prior"),
        },
        symbolic=("proofs/symbolic/gibbs_opponent_model.py",),
        tests=("tests/test_soft.py::test_opponent_gap_is_a_divergence",),
    ),
    Claim(
        id="eq45",
        equations=(45, 46, 47, 48, 49, 50, 51, 52, 53),
        title="The chain that proves Theorems 4 and 5 at once",
        statement="Q^{pi,rho} <= R + gamma E(E_rho[alpha H(pi~) + E_pi~ Q] - KL(rho || P)) "
        "<= R + gamma E(E_rho~[alpha H(pi~) + E_pi~ Q] - KL(rho~ || P)) <= ... <= Q^{pi~,rho~}, "
        "with pi~ of (38) and rho~ of (39), both from Q^{pi,rho} and pi",
        where=C2,
        method="inequality over random games",
        recorded="false as stated",
        form=_chain("rho first"),
        printed=_chain("pi first"),
        corrected="the end Q^{pi~,rho~} >= Q^{pi,rho} holds, but the second step does not follow from (42), whose rho~ "
        "is the best reply to pi: exchange rho first, under pi (42), and then pi, under rho~ (40)",
        counterexample=_chain_example,
        planted={"anti-improved": _chain("anti-improved")},
        symbolic=("proofs/symbolic/improvement.py",),
    ),
    Claim(
        id="eq54",
        equations=(54, 55),
        title="The alternating iteration",
        statement="pi_{t+1} proportional to exp(Q^{pi_t,rho_t}/alpha), rho_{t+1} proportional to "
        "P exp(E_{pi_{t+1}} Q^{pi_{t+1},rho_t} + alpha H(pi_{t+1})): Q^{pi_t,rho_t} never falls, and rises for every "
        "pair that is not optimal ((54) prints the index i for t)",
        where=C2,
        method="inequality over random games",
        recorded="holds",
        form=_eq54(),
        planted={
            "policy sign": _eq54("policy sign"), "rho from the first pi": _eq54("rho from the first pi"),
            "prior dropped": _eq54("prior dropped"),
        },
        symbolic=("proofs/symbolic/improvement.py",),
        tests=("tests/test_evaluation.py::test_alternating_improvement_rises_to_the_optimum",),
    ),
    Claim(
        id="eq56",
        equations=(56,),
        title="The optimal policy, again",
        statement="pi*(a|s,b) = (1/alpha) exp(Q*(s,a,b)) / sum_a' exp(Q*(s,a',b)/alpha)",
        where=C3,
        method="identity",
        recorded="misprint",
        form=_eq56(),
        printed=_eq56("as printed"),
        corrected="exp(Q*(s,a,b)/alpha) in the numerator",
        confirmed_by=("eq10", "eq38"),
        counterexample=_eq56_example,
        planted={"exponent without 1/alpha": _eq56("exponent without 1/alpha")},
        symbolic=("proofs/symbolic/soft_value.py",),
    ),
    Claim(
        id="eq57",
        equations=(57,),
        title="The optimal opponent model, again",
        statement="rho*(b|s) = P(b|s) (sum_a exp(Q*(s,a,b)))^alpha / exp(V*(s))",
        where=C3,
        method="identity",
        recorded="misprint",
        form=_eq57_both,
        printed=_eq57(2, "as printed"),
        corrected="exp(Q*(s,a,b)/alpha) inside the sum; the line above it, with E_pi* Q* + alpha H(pi*), is right",
        confirmed_by=("eq11", "eq58"),
        counterexample=_eq57_example,
        planted={"entropy dropped": _eq57(1, "entropy dropped")},
        symbolic=("proofs/symbolic/soft_value.py",),
    ),
    Claim(
        id="eq58",
        equations=(58,),
        title="The soft value of a table",
        statement="V(s) = log sum_b P(b|s) (sum_a exp(Q(s,a,b)/alpha))^alpha is V* at Q*; at Q^{pi,rho} it is at least "
        "V^{pi,rho}, not equal to it as the superscripts may suggest",
        where=C3,
        method="identity",
        recorded="holds",
        form=_eq58,
        planted={
            "value of the pair itself": lambda here: equal(
                here.pair.value, written_out.value(here.pair.q, here.prior, here.alpha), here.noise
            ),
            "power dropped": lambda here: equal(
                written_out.value(here.solution.q, here.prior, 1.0), here.solution.value, here.noise
            ),
        },
        symbolic=("proofs/symbolic/soft_value.py",),
    ),
    Claim(
        id="eq59",
        equations=(59,),
        title="The soft Bellman equation, derived",
        statement="Q*(s,a,b) = R + gamma E_{s'}(E_{rho,pi}[alpha H(pi)] - KL(rho || P) + E_{rho,pi} Q^{pi,rho}) "
        "= R + gamma E V*(s')",
        where=C3,
        method="identity",
        recorded="misprint",
        form=_eq59(),
        printed=_eq59(starred=False),
        corrected="pi* and rho* throughout the middle: for any other pair the two sides differ",
        confirmed_by=("eq8", "eq12"),
        counterexample=_eq59_example,
        planted={
            "entropy dropped": lambda here: equal(
                here.solution.q,
                here.view.rewards
                + here.view.discount
                * written_out.next_value(
                    here.view,
                    written_out.worth(
                        here.solution.q, here.solution.policy, here.solution.opponent_model, here.prior, 0.0
                    ),
                ),
                here.noise,
            ),
        },
        symbolic=("proofs/symbolic/bellman.py",),
    ),
    Claim(
        id="eq60",
        equations=(60,),
        title="The operator",
        statement="(T Q)(s,a,b) = R(s,a,b) + gamma E_{s'} log sum_b' P(b'|s') (sum_a' exp(Q(s',a',b')/alpha))^alpha, "
        "which is what `soft.bellman` computes",
        where=C3,
        method="identity",
        recorded="holds",
        form=_eq60(),
        planted={
            "1/alpha dropped": _eq60("1/alpha dropped"), "power dropped": _eq60("power dropped"),
            "prior dropped": _eq60("prior dropped"), "a and b exchanged": _eq60("a and b exchanged"),
        },
        symbolic=("proofs/symbolic/contraction.py",),
    ),
    Claim(
        id="eq61",
        equations=(61,),
        title="The contraction bound",
        statement="V_{Q1} <= alpha eps + V_{Q2} with eps = |Q1 - Q2|, since Q1/alpha <= Q2/alpha + eps",
        where=C3,
        hypotheses="as printed any alpha > 0, a symmetric game and one optimum; alpha = 1 only in the last line",
        method="inequality over random games",
        recorded="false as stated",
        form=_eq61("1"),
        printed=_eq61("alpha"),
        corrected="Q1/alpha <= Q2/alpha + eps/alpha, so V_{Q1} <= eps + V_{Q2} for every alpha: T is a "
        "gamma-contraction in the sup norm for every alpha, without symmetry, and the modulus is attained at "
        "Q1 = Q2 + c. The printed bound fails for alpha < 1, and is right but not sharp for alpha > 1",
        counterexample=_eq61_example,
        planted={"half of the bound": _eq61("half"), "no change at all": _eq61("0")},
        symbolic=("proofs/symbolic/contraction.py",),
        tests=("tests/test_soft.py::test_bellman_contracts",),
    ),
)
