"""Beyond the paper: stronger statements that stand beside the paper's own. KL weights beta other than 1 are ours."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ... import soft
from ...checks import FloatArray
from ...evaluation import improve, regret
from ...games.models import MatrixGame
from ...solvers import solve
from .. import written_out
from ..cases import Case
from ..ledger import Claim, Form, Gap, equal, every, never_above

__all__ = ["CLAIMS"]

WHERE = "beyond the paper"


def _span(x: FloatArray) -> float:
    return float(x.max() - x.min())


def _contraction(factor: float = 1.0, span: bool = False) -> Form:
    """|T Q1 - T Q2| <= gamma |Q1 - Q2| in the sup norm, or the span, for any alpha and beta."""

    def form(here: Case) -> Gap:
        gaps = []
        for beta in (here.beta, 0.0, np.inf):
            one, two = (soft.bellman(here.view, q, here.prior, here.alpha, beta) for q in (here.q, here.other_q))
            before, after = here.q - here.other_q, one - two
            size = _span if span else lambda x: float(np.abs(x).max())
            gaps.append(never_above(size(after), factor * here.view.discount * size(before), here.noise))
        return every(*gaps)

    return form


def _attained(factor: float = 1.0) -> Form:
    """T(Q + c) = T Q + gamma c: no modulus below gamma will do."""

    def form(here: Case) -> Gap:
        moved = soft.bellman(here.view, here.q + 1.0, here.prior, here.alpha, here.beta)
        still = soft.bellman(here.view, here.q, here.prior, here.alpha, here.beta)
        return equal(moved - still, factor * here.view.discount, here.noise)

    return form


def _monotone(wrong: bool = False) -> Form:
    """Q1 <= Q2 implies T Q1 <= T Q2."""

    def form(here: Case) -> Gap:
        more = here.q + np.abs(here.other_q)
        less = here.q if not wrong else here.q + 2.0 * np.abs(here.other_q).max()
        one, two = (soft.bellman(here.view, q, here.prior, here.alpha, here.beta) for q in (less, more))
        return never_above(one, two, here.noise)

    return form


def _macqueen(wrong: str = "") -> Form:
    """TV + gamma/(1 - gamma) min(TV - V) <= V* <= TV + gamma/(1 - gamma) max(TV - V), for any V."""

    def form(here: Case) -> Gap:
        view, gamma = here.view, here.view.discount
        v = here.q[:, 0, 0]
        q = view.rewards + gamma * written_out.next_value(view, v)
        backed_up = written_out.value(q, here.prior, here.alpha, here.beta)
        step = backed_up - v
        factor = gamma if wrong == "1/(1 - gamma) dropped" else gamma / (1.0 - gamma)
        low, high = float(step.min()), float(step.max())
        if wrong == "exchanged":
            low, high = high, low
        best = here.solution_beta.value
        return every(
            never_above(backed_up + factor * low, best, here.noise),
            never_above(best, backed_up + factor * high, here.noise),
        )

    return form


def _regret(wrong: str = "") -> Form:
    """V* - V^{pi,rho} is the discounted sum of alpha E_rho KL(pi || pi*) + beta KL(rho || rho*)."""

    def form(here: Case) -> Gap:
        best, pi, rho, beta = here.solution_beta, here.policy, here.model, here.beta
        own = written_out.divergence(np.moveaxis(pi, 1, 2), np.moveaxis(best.policy, 1, 2))
        other = written_out.divergence(rho, best.opponent_model)
        if wrong == "divergence reversed":
            other = written_out.divergence(best.opponent_model, np.where(rho > 0.0, rho, 1e-12))
        if wrong == "beta dropped":
            beta = 1.0
        weights = best.opponent_model if wrong == "under rho*" else rho
        lost = here.alpha * (weights * own).sum(axis=1) + beta * other
        moves = written_out.chain(here.view, pi, rho)
        if wrong == "undiscounted":
            total = lost
        else:
            total = np.linalg.solve(np.eye(len(moves)) - here.view.discount * moves, lost)
        lack = best.value - here.evaluated(pi, rho, here.beta).value
        allowance = here.noise / (1.0 - here.view.discount)
        gap = equal(lack, total, allowance)
        return gap if wrong else every(gap, equal(regret(best, pi, rho).total, total, allowance))

    return form


def _newton(wrong: bool = False) -> Form:
    """The value of (pi_Q, rho_Q), which soft policy iteration takes, is Newton's step from V."""

    def form(here: Case) -> Gap:
        view, v = here.view, here.q[:, 0, 0]
        q = view.rewards + view.discount * written_out.next_value(view, v)
        pi = written_out.policy(q, here.alpha)
        rho = written_out.opponent_model(written_out.brackets(q, here.alpha), here.prior, here.beta)
        step = written_out.value(q, here.prior, here.alpha, here.beta) - v
        moves = written_out.chain(view, pi, here.prior if wrong else rho)
        newton = v + np.linalg.solve(np.eye(len(v)) - view.discount * moves, step)
        return equal(newton, here.evaluated(pi, rho, here.beta).value, here.noise)

    return form


def _joint(wrong: bool = False) -> Form:
    """Both halves improved at once from the same Q: V never falls, and V* - V falls by gamma at each step."""

    def form(here: Case) -> Gap:
        path = improve(
            here.view, here.policy, here.model, 0, here.alpha, here.beta, here.prior, update="joint", steps=3
        ).values
        if wrong:
            path = path[::-1]
        short = (here.solution_beta.value - path).max(axis=1)
        fall = never_above(short[1:], here.view.discount * short[:-1], here.noise)
        return every(fall, never_above(path[:-1], path[1:], here.noise))

    return form


def _players(wrong: bool = False) -> Form:
    """Three players, general-sum: the others act as one whose actions are their joint ones."""

    def form(here: Case) -> Gap:
        rng = here.rng
        payoffs = rng.standard_normal((3, 2, 2, 3))
        game = MatrixGame(payoffs)
        prior = rng.dirichlet(np.ones(6))
        one = solve(game, agent=1, alpha=here.alpha, beta=here.beta, prior=prior, discount=0.5)
        own = np.moveaxis(payoffs[1], 1, 0).reshape(2, 6)
        if wrong:
            own = payoffs[1].reshape(2, 6)
        two = solve(MatrixGame([own, own]), alpha=here.alpha, beta=here.beta, prior=prior, discount=0.5)
        allowance = one.error_bound + two.error_bound
        shares = equal(one.opponent_model, two.opponent_model, 64.0 * allowance / min(here.alpha, here.beta))
        return every(equal(one.value, two.value, allowance), shares)

    return form


def _weights(wrong: bool = False) -> Form:
    """V* falls in beta: from the best over the support (0), through the paper's 1, to the prior's mean (inf)."""

    def form(here: Case) -> Gap:
        ladder = [0.0, 0.5, 1.0, 2.0, np.inf]
        values = [
            solve(here.view, alpha=here.alpha, beta=beta, prior=here.prior, tol=0.0, on_failure="return").value
            for beta in (ladder[::-1] if wrong else ladder)
        ]
        return every(*(never_above(low, high, here.noise) for high, low in pairwise(values)))

    return form


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="beyond.contraction",
        title="A contraction for every alpha and beta",
        statement="|T Q1 - T Q2| <= gamma |Q1 - Q2| in the sup norm, for every alpha and every beta from 0 to inf, "
        "with no hypothesis on the game (eq. 61 has alpha = 1)",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_contraction(),
        planted={"half of it": _contraction(0.5), "no change at all": _contraction(0.0)},
        symbolic=("proofs/symbolic/contraction.py",),
        tests=("tests/test_soft.py::test_bellman_contracts",),
        beyond=True,
        formal=(
            "proofs/formal/Statements.v::bellman_contracts",
            "proofs/formal/Statements.v::example_contraction",
            "proofs/formal/Statements.v::bellman_contracts_at_zero",
            "proofs/formal/Statements.v::bellman_contracts_at_infinity",
        ),
    ),
    Claim(
        id="beyond.modulus",
        title="The modulus gamma is attained",
        statement="T(Q + c) = T Q + gamma c, so that no modulus below gamma will do",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_attained(),
        planted={"half of it": _attained(0.5), "gamma dropped": _attained(2.0)},
        symbolic=("proofs/symbolic/contraction.py",),
        tests=("tests/test_soft.py::test_bellman_of_a_shift",),
        beyond=True,
        formal=(
            "proofs/formal/Statements.v::bellman_shift",
            "proofs/formal/Statements.v::value_shift",
            "proofs/formal/Statements.v::modulus_attained",
        ),
    ),
    Claim(
        id="beyond.monotone",
        title="T is monotone",
        statement="Q1 <= Q2 in every entry implies T Q1 <= T Q2",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_monotone(),
        planted={"without the hypothesis": _monotone(wrong=True)},
        symbolic=("proofs/symbolic/contraction.py",),
        tests=("tests/test_soft.py::test_bellman_is_monotone",),
        beyond=True,
        formal=("proofs/formal/Statements.v::bellman_monotone", "proofs/formal/Statements.v::value_monotone"),
    ),
    Claim(
        id="beyond.span",
        title="A contraction of the span",
        statement="max - min of T Q1 - T Q2 is at most gamma times that of Q1 - Q2: value iteration modulo constants",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_contraction(span=True),
        planted={"a tenth of it": _contraction(0.1, span=True), "no change at all": _contraction(0.0, span=True)},
        symbolic=("proofs/symbolic/soft_limits.py",),
        beyond=True,
        formal=("proofs/formal/Statements.v::span_contracts",),
    ),
    Claim(
        id="beyond.macqueen",
        title="MacQueen's bounds",
        statement="T V + gamma/(1 - gamma) min(T V - V) <= V* <= T V + gamma/(1 - gamma) max(T V - V) for any V",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_macqueen(),
        planted={
            "1/(1 - gamma) dropped": _macqueen("1/(1 - gamma) dropped"), "exchanged": _macqueen("exchanged"),
        },
        symbolic=("proofs/symbolic/soft_limits.py",),
        tests=("tests/test_solvers.py::test_macqueens_bounds_enclose_the_optimum",),
        beyond=True,
        formal=(
            "proofs/formal/Statements.v::macqueen_values",
            "proofs/formal/Statements.v::macqueen_tables",
            "proofs/formal/Statements.v::example_macqueen",
        ),
    ),
    Claim(
        id="beyond.regret",
        title="The regret of a pair is a discounted sum of divergences",
        statement="V* - V^{pi,rho} = E_{pi,rho} sum_t gamma^t [alpha KL(pi || pi*) + beta KL(rho || rho*)], exactly",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_regret(),
        planted={
            "divergence reversed": _regret("divergence reversed"), "beta dropped": _regret("beta dropped"),
            "under rho*": _regret("under rho*"), "undiscounted": _regret("undiscounted"),
        },
        symbolic=("proofs/symbolic/improvement.py",),
        tests=("tests/test_evaluation.py::test_regret_is_what_a_pair_lacks",),
        beyond=True,
        formal=("proofs/formal/Statements.v::regret",),
    ),
    Claim(
        id="beyond.newton",
        title="Soft policy iteration is Newton's method",
        statement="V^{pi_Q,rho_Q} = V + (I - gamma M)^-1 (T V - V), with M the transition matrix of (pi_Q, rho_Q)",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_newton(),
        planted={"the prior's transitions": _newton(wrong=True)},
        tests=("tests/test_solvers.py::test_a_newton_step_evaluates_the_best_pair",),
        beyond=True,
        formal=("proofs/formal/Statements.v::newton",),
    ),
    Claim(
        id="beyond.joint",
        title="Both halves may be improved at once",
        statement="with pi and rho both replaced from the same Q, V^{pi,rho} never falls, and max(V* - V) falls to at "
        "most gamma times itself at every step",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_joint(),
        planted={"backwards": _joint(wrong=True)},
        tests=("tests/test_evaluation.py::test_joint_improvement_rises_to_the_optimum",),
        beyond=True,
        formal=(
            "proofs/formal/Statements.v::joint_improvement",
            "proofs/formal/Statements.v::joint_improvement_rate",
            "proofs/formal/Statements.v::joint_improvement_values",
        ),
    ),
    Claim(
        id="beyond.players",
        title="Any number of players, general-sum",
        statement="n players are two: the agent, and the others with their joint actions; payoffs of the others do not "
        "enter",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_players(),
        planted={"player axes exchanged": _players(wrong=True)},
        beyond=True,
    ),
    Claim(
        id="beyond.weights",
        title="The price of optimism",
        statement="V* never rises in beta: from the most optimistic opponent model (0) to the prior itself (inf, the "
        "ablation ROMMEO-Q-EMP)",
        where=WHERE,
        method="inequality over random games",
        recorded="holds",
        form=_weights(),
        planted={"backwards": _weights(wrong=True)},
        symbolic=("proofs/symbolic/soft_limits.py",),
        beyond=True,
        formal=(
            "proofs/formal/Statements.v::weights",
            "proofs/formal/Statements.v::beta_to_zero_optimum",
            "proofs/formal/Statements.v::beta_to_infinity_optimum",
            "proofs/formal/Statements.v::beta_to_zero_exists",
            "proofs/formal/Statements.v::beta_to_infinity_exists",
        ),
    ),
)
