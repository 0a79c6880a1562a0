"""Appendix C.2: Theorems 4 and 5, eq. 38 to 55, how a pair improves."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from ... import soft
from ...checks import FloatArray
from ...evaluation import evaluate
from ...games.models import View
from .. import written_out
from ..cases import Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, never_above

__all__ = ["CLAIMS"]

WHERE = "Appendix C.2"


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
        return every(*gaps)

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
        return every(*gaps)

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
        return every(*(never_above(worth(here, pi), worth(here, best), here.noise) for pi in rivals))

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
        return every(*(never_above(written_out.worth(q, pi, rho, prior, alpha), most, here.noise) for rho in rivals))

    return form


def _eq39_example() -> Counterexample:
    entropies, best, printed = (0.0, math.log(2.0)), (1.0 / 3.0, 2.0 / 3.0), (0.5, 0.5)

    def worth(rho: tuple[float, float]) -> float:
        return sum(r * (h - math.log(2.0 * r)) for r, h in zip(rho, entropies, strict=True))

    return Counterexample(
        "1 state, A = B = 2, alpha = 1, Q = 0, P uniform, pi(.|b1) = (1, 0), pi(.|b2) = (1/2, 1/2)",
        f"rho~ = (1/2, 1/2), worth log(2)/2 = {worth(printed):.4f}",
        f"rho~ = (1/3, 2/3), worth log(3/2) = {worth(best):.4f}",
        abs(worth(best) - math.log(1.5)) < 1e-12 and worth(best) > worth(printed) + 0.05,
    )


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
        return every(*gaps)

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
        return every(*gaps)

    return form


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
        return every(gap, never_above(-here.pair.q, low / (1.0 - view.discount), here.noise))

    return form


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="thm4",
        equations=(38,),
        title="Policy improvement",
        statement="pi~ proportional to exp(Q^{pi,rho}/alpha) has Q^{pi~,rho} >= Q^{pi,rho} in every entry",
        where=WHERE,
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
        formal=("proofs/formal/Statements.v::theorem4", "proofs/formal/Statements.v::example_theorem4"),
    ),
    Claim(
        id="thm4.bounded",
        title="The boundedness that Theorem 4 assumes",
        statement="Q and sum_a Q are bounded for pi and pi~",
        where=WHERE,
        hypotheses="finite S, A, B; with infinitely many actions it is sum_a exp(Q/alpha) that has to be finite, for "
        "which a bounded sum of Q is no substitute",
        method="inequality over random games",
        recorded="holds",
        form=_bounded(),
        planted={
            "entropy forgotten": _bounded("entropy forgotten"), "discount forgotten": _bounded("discount forgotten"),
        },
        formal=("proofs/formal/Statements.v::theorem4_bounded",),
    ),
    Claim(
        id="thm5",
        title="Opponent model improvement",
        statement="rho~(b|s) proportional to P(b|s) exp(E_pi Q^{pi,rho}(s,.,b) + alpha H(pi(.|s,b))) has "
        "Q^{pi,rho~} >= Q^{pi,rho} in every entry (with the entropy of pi(.|s,b), where (39) writes H(pi(s)): eq39)",
        where=WHERE,
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
        formal=("proofs/formal/Statements.v::theorem5", "proofs/formal/Statements.v::example_theorem5"),
    ),
    Claim(
        id="eq39",
        equations=(39,),
        title="The improved opponent model",
        statement="rho~(b|s) proportional to exp(E_pi Q(s,.,b) + alpha H(pi(s)) + log P(b|s)) is the best reply to Q "
        "and pi: it maximises E_rho[alpha H(pi) + E_pi Q] - KL(rho || P)",
        where=WHERE,
        method="inequality over random games",
        recorded="misprint",
        form=_eq42(),
        printed=_eq42("entropy dropped"),
        corrected="H(pi(.|s,b)) in the place of H(pi(s)), which has no b and drops out when rho~ is normalised; (55) "
        "has the same slip",
        confirmed_by=("eq42", "eq57"),
        counterexample=_eq39_example,
        planted={
            "prior dropped": _eq42("prior dropped"), "pi taken as uniform": _eq42("pi taken as uniform"),
        },
        symbolic=("proofs/symbolic/gibbs_opponent_model.py",),
        tests=("tests/test_soft.py::test_improved_model_is_the_best_against_its_policy",),
        formal=(
            "proofs/formal/Statements.v::eq42",
            "proofs/formal/Statements.v::eq17_corrected",
            "proofs/formal/Statements.v::eq39_printed_fails",
        ),
    ),
    Claim(
        id="eq40",
        equations=(40,),
        title="pi~ is the best reply to Q",
        statement="alpha H(pi) + E_pi Q <= alpha H(pi~) + E_pi~ Q for each (s, b)",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_eq40(),
        planted={"alpha dropped": _eq40("alpha dropped"), "of another table": _eq40("of another table")},
        symbolic=("proofs/symbolic/gibbs_policy.py",),
        formal=("proofs/formal/Statements.v::eq40",),
    ),
    Claim(
        id="eq42",
        equations=(41, 42),
        title="rho~ is the best reply to Q and pi",
        statement="E_rho[alpha H(pi) + E_pi Q] - KL(rho || P) <= E_rho~[alpha H(pi) + E_pi Q] - KL(rho~ || P)",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_eq42(),
        planted={
            "entropy dropped": _eq42("entropy dropped"), "prior dropped": _eq42("prior dropped"),
            "pi taken as uniform": _eq42("pi taken as uniform"),
        },
        symbolic=("proofs/symbolic/gibbs_opponent_model.py",),
        formal=("proofs/formal/Statements.v::eq42",),
    ),
    Claim(
        id="eq43",
        equations=(43,),
        title="What a policy lacks is a divergence",
        statement="alpha H(pi) + E_pi Q = -alpha KL(pi || pi~) + alpha log sum_a exp(Q/alpha)",
        where=WHERE,
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
        formal=("proofs/formal/Statements.v::eq43",),
    ),
    Claim(
        id="eq44",
        equations=(44,),
        title="What an opponent model lacks is a divergence",
        statement="E_rho[alpha H(pi) + E_pi Q] - KL(rho || P) = -KL(rho || rho~) "
        "+ log sum_b P(b|s) exp(E_pi Q + alpha H(pi(.|s,a)))",
        where=WHERE,
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
        formal=("proofs/formal/Statements.v::eq44", "proofs/formal/Statements.v::eq44_printed_fails"),
    ),
    Claim(
        id="eq45",
        equations=(45, 46, 47, 48, 49, 50, 51, 52, 53),
        title="The chain that proves Theorems 4 and 5 at once",
        statement="Q^{pi,rho} <= R + gamma E(E_rho[alpha H(pi~) + E_pi~ Q] - KL(rho || P)) "
        "<= R + gamma E(E_rho~[alpha H(pi~) + E_pi~ Q] - KL(rho~ || P)) <= ... <= Q^{pi~,rho~}, "
        "with pi~ of (38) and rho~ of (39), both from Q^{pi,rho} and pi",
        where=WHERE,
        method="inequality over random games",
        recorded="false as stated",
        form=_chain("rho first"),
        printed=_chain("pi first"),
        corrected="the end Q^{pi~,rho~} >= Q^{pi,rho} holds, but the second step does not follow from (42), whose rho~ "
        "is the best reply to pi: exchange rho first, under pi (42), and then pi, under rho~ (40)",
        counterexample=_chain_example,
        planted={"anti-improved": _chain("anti-improved")},
        symbolic=("proofs/symbolic/improvement.py",),
        formal=(
            "proofs/formal/Statements.v::eq53",
            "proofs/formal/Statements.v::eq49_printed_fails",
            "proofs/formal/Statements.v::eq49_corrected",
        ),
    ),
    Claim(
        id="eq54",
        equations=(54, 55),
        title="The alternating iteration",
        statement="pi_{t+1} proportional to exp(Q^{pi_t,rho_t}/alpha), rho_{t+1} proportional to "
        "P exp(E_{pi_{t+1}} Q^{pi_{t+1},rho_t} + alpha H(pi_{t+1})): Q^{pi_t,rho_t} never falls, and rises for every "
        "pair that is not optimal ((54) prints the index i for t)",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_eq54(),
        planted={
            "policy sign": _eq54("policy sign"), "rho from the first pi": _eq54("rho from the first pi"),
            "prior dropped": _eq54("prior dropped"),
        },
        symbolic=("proofs/symbolic/improvement.py",),
        tests=("tests/test_evaluation.py::test_alternating_improvement_rises_to_the_optimum",),
        formal=(
            "proofs/formal/Statements.v::alternating_improvement",
            "proofs/formal/Statements.v::what_is_not_optimal_rises",
            "proofs/formal/Statements.v::alternating_exists",
            "proofs/formal/Statements.v::alternating_rises",
            "proofs/formal/Statements.v::alternating_rate",
            "proofs/formal/Statements.v::alternating_converges",
        ),
    ),
)
