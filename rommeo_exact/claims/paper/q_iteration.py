"""Section 3.1: eq. 8 to 13, Theorems 1 to 3, what ROMMEO-Q converges to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ... import soft
from ...checks import FloatArray
from ...games.models import View
from ...solvers import solve
from .. import written_out
from ..cases import Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, never_above

__all__ = ["CLAIMS"]

WHERE = "Section 3.1"
_SYMBOLIC = "proofs/symbolic/soft_value.py"


# --- eq. 8 -----------------------------------------------------------------------------------------------------------


def _eq8(alpha: float = 1.0, beta: float = 1.0, start: int = 1) -> Form:
    def form(here: Case) -> Gap:
        best = here.solution
        series = written_out.series(
            here.view, best.policy, best.opponent_model, here.prior, alpha * here.alpha, beta, start
        )
        return equal(best.q, series, here.noise)

    return form


# --- eq. 9 to 11 -----------------------------------------------------------------------------------------------------


def _eq9(power: bool = True, prior: bool = True, inside: bool = True) -> Form:
    """V of eq. 9 is the largest that the one-step objective gets: at pi_Q and rho_Q it is V, and elsewhere less."""

    def form(here: Case) -> Gap:
        alpha = here.alpha
        weights = here.prior if prior else np.where(here.prior > 0.0, 1.0, 0.0)
        q = here.q if inside else alpha * here.q
        value = written_out.value(q, weights, alpha if power else 1.0)
        pi, rho = soft.soft_policy(here.q, alpha), soft.soft_opponent_model(here.q, here.prior, alpha)
        attained = equal(value, written_out.worth(here.q, pi, rho, here.prior, alpha), here.noise)
        other = never_above(written_out.worth(here.q, here.policy, here.model, here.prior, alpha), value, here.noise)
        return every(attained, other)

    return form


def _maximiser(policy: bool, wrong: str = "") -> Form:
    """eq. 10 or 11 for Q*: the formula, written out, is what maximises; a wrong one falls short somewhere."""

    def form(here: Case) -> Gap:
        q, alpha = here.solution.q, here.alpha
        level = written_out.brackets(q, alpha)
        pi = np.exp((q - level[:, None, :]) / alpha)
        rho = here.prior * np.exp(level - written_out.value(q, here.prior, alpha)[:, None])
        if wrong == "alpha dropped":
            pi = soft.soft_policy(q, 1.0)
            rho = soft.soft_opponent_model(q, here.prior, 1.0)
        if wrong == "prior dropped":
            rho = soft.soft_opponent_model(q, np.full(here.prior.shape, 1.0 / here.prior.shape[1]), alpha)
        if wrong == "summed over b":
            pi = np.exp((q - q.max()) / alpha)
            pi = pi / pi.sum(axis=2, keepdims=True)
        if wrong == "power dropped":
            rho = here.prior * np.exp((level - level.max(axis=1, keepdims=True)) / alpha)
            rho = rho / rho.sum(axis=1, keepdims=True)
        best = here.solution.policy if not policy else pi, here.solution.opponent_model if policy else rho
        attained = written_out.worth(q, *best, here.prior, alpha)
        one = equal(attained, soft.soft_value(q, here.prior, alpha), here.noise)
        sums = equal(pi.sum(axis=1) if policy else rho.sum(axis=1), 1.0, here.noise_of(min(alpha, 1.0)))
        return every(one, sums)

    return form


# --- Theorems 1 to 3, eq. 12 and 13 ----------------------------------------------------------------------------------


def _theorem1(here: Case) -> Gap:
    """V^{pi,rho} <= V* in every state, for any pair, and (10), (11) attain it."""
    best = here.solution
    others = [(here.policy, here.model), (here.other_policy, here.model), (best.policy, here.other_model)]
    attained = equal(here.evaluated(best.policy, best.opponent_model).value, best.value, here.noise)
    return every(attained, *(never_above(here.evaluated(*pair).value, best.value, here.noise) for pair in others))


def _theorem1_printed(here: Case) -> Gap:
    """(10) and (11) maximise eq. 6, which has a horizon (here 1) and no discount."""
    best = solve(here.view, alpha=1.0, prior=here.prior)
    one_step = soft.optimum(here.view.rewards, here.prior, 1.0, 1.0)
    value = written_out.worth(here.view.rewards, best.policy, best.opponent_model, here.prior, 1.0)
    return never_above(one_step.value, value, here.noise)


def _theorem1_example() -> Counterexample:
    """Now 0 or 1; the 0 is followed by 4 for ever, the 1 by 0."""
    rewards = np.array([[[0.0], [1.0]], [[4.0], [4.0]], [[0.0], [0.0]]])
    transitions = np.eye(3)[np.array([[[1], [2]], [[1], [1]], [[2], [2]]])]
    best = solve(View(rewards, transitions, 0.5), alpha=1.0)
    chosen, wanted = best.policy[0, 0, 0], 1.0 / (1.0 + math.exp(-3.0))
    myopic = soft.soft_policy(rewards, 1.0)[0, 0, 0]
    return Counterexample(
        "3 states, A = 2, B = 1, gamma = 1/2, alpha = 1, horizon T = 1: in state 0 the actions pay 0 and 1; the first "
        "leads to a state that pays 4 for ever, the second to one that pays 0 for ever",
        "(10) plays the action that pays 0 with probability 1 / (1 + exp(-3)) = 0.9526, as Q*(0, .) = (4, 1) + log 2",
        "with T = 1 the maximiser of eq. 6 plays it with probability 1 / (1 + e) = 0.2689",
        bool(abs(chosen - wanted) < 1e-9 and abs(myopic - 1.0 / (1.0 + math.e)) < 1e-9),
    )


def _eq12(wrong: str = "") -> Form:
    def form(here: Case) -> Gap:
        best, view = here.solution, here.view
        value = best.value
        gamma = view.discount
        if wrong == "discount dropped":
            gamma = 1.0
        if wrong == "of the prior":
            value = soft.expected_value(best.q, best.policy, here.prior, here.prior, here.alpha)
        if wrong == "next state for this one":
            return equal(best.q, view.rewards + gamma * value[:, None, None], here.noise)
        return equal(best.q, view.rewards + gamma * written_out.next_value(view, value), here.noise)

    return form


def _symmetric(here: Case) -> Case:
    """The case with its payoffs made symmetric in the two players, where the numbers of actions allow it."""
    rewards = here.view.rewards
    least = min(rewards.shape[1:])
    square = rewards[:, :least, :least]
    view = View(square + square.swapaxes(1, 2), _square(here.view.transitions, least), here.view.discount)
    prior = here.prior[:, :least] + 1e-3
    q = here.q[:, :least, :least]
    return replace(here, view=view, prior=prior / prior.sum(axis=1, keepdims=True), q=q)


def _square(transitions: Any, least: int) -> FloatArray:
    p: FloatArray = np.asarray(transitions)[:, :least, :least]
    return 0.5 * (p + p.swapaxes(1, 2))


def _one_optimum(here: Case) -> Case:
    """The case with one joint action made better than all others, and by much."""
    rewards = here.view.rewards.copy()
    rewards[:, 0, 0] += 1.0 + np.ptp(rewards)
    return replace(here, view=View(rewards, here.view.transitions, here.view.discount))


def _two_optima(here: Case) -> Case:
    """The case with its best payoff at two joint actions."""
    rewards = _one_optimum(here).view.rewards.copy()
    rewards[:, -1, -1] = rewards[:, 0, 0]
    return replace(here, view=View(rewards, here.view.transitions, here.view.discount))


def _on(change: Callable[[Case], Case], form: Form) -> Form:
    return lambda here: form(change(here))


def _iteration(wrong: str = "", general: bool = False) -> Form:
    """Soft value iteration from any table comes to Q*, by a factor gamma a step, without any hypothesis on the game."""

    def form(here: Case) -> Gap:
        beta = here.beta if general else 1.0
        best = here.solution_beta if general else here.solution
        view, q = here.view, here.q
        before = float(np.abs(q - best.q).max())
        steps = 6
        for _ in range(steps):
            if wrong == "alpha dropped":
                q = soft.bellman(view, q, here.prior, 1.0, beta)
            elif wrong == "maximum":
                q = soft.bellman(view, q, here.prior, 0.0, beta)
            elif wrong == "no discount":
                q = soft.bellman(view.with_discount(0.999), q, here.prior, here.alpha, beta)
            else:
                q = soft.bellman(view, q, here.prior, here.alpha, beta)
        after = float(np.abs(q - best.q).max())
        return never_above(after, view.discount**steps * before, here.noise)

    return form


def _bounded(factor: float = 1.0, entropy: bool = True) -> Form:
    """log of the sum, which is V*, is at most (max R + alpha log A) / (1 - gamma), and Q* is as bounded."""

    def form(here: Case) -> Gap:
        most = here.view.rewards.max() + (here.alpha * math.log(here.view.shape[1]) if entropy else 0.0)
        bound = factor * most / (1.0 - here.view.discount)
        return never_above(written_out.value(here.solution.q, here.prior, here.alpha), bound, here.noise)

    return form


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq8",
        equations=(8,),
        title="The soft Q-function of the optimum",
        statement="Q*(s,a,b) = R(s,a,b) + E sum_{l>=1} gamma^l [R + alpha H(pi*(.|s,b)) - KL(rho*(.|s) || P(.|s))]",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq8(),
        planted={"alpha dropped": _eq8(alpha=0.0), "divergence sign": _eq8(beta=-1.0), "sum from 0": _eq8(start=0)},
        symbolic=("proofs/symbolic/bellman.py",),
        formal=("proofs/formal/Statements.v::eq8",),
    ),
    Claim(
        id="eq9",
        equations=(9,),
        title="The soft value",
        statement="V(s) = log sum_b P(b|s) (sum_a exp(Q(s,a,b)/alpha))^alpha is the maximum of "
        "E_rho[E_pi Q + alpha H(pi)] - KL(rho || P) over all pairs (pi, rho)",
        where=WHERE,
        hypotheses="alpha > 0",
        method="identity",
        recorded="holds",
        form=_eq9(),
        planted={
            "power alpha dropped": _eq9(power=False), "prior dropped": _eq9(prior=False),
            "1/alpha dropped": _eq9(inside=False),
        },
        symbolic=(_SYMBOLIC,),
        tests=("tests/test_soft.py::test_no_pair_exceeds_the_value",),
        formal=(
            "proofs/formal/Statements.v::eq9",
            "proofs/formal/Statements.v::gibbs_bound",
            "proofs/formal/Statements.v::gibbs_attained",
            "proofs/formal/Statements.v::gibbs_gap",
            "proofs/formal/Statements.v::example_value",
            "proofs/formal/Statements.v::example_gap",
            "proofs/formal/Statements.v::example_temperature",
        ),
    ),
    Claim(
        id="eq10",
        equations=(10,),
        title="The optimal conditional policy",
        statement="pi*(a|s,b) = exp(Q*(s,a,b)/alpha) / sum_a' exp(Q*(s,a',b)/alpha)",
        where=WHERE,
        hypotheses="alpha > 0",
        method="identity",
        recorded="holds",
        form=_maximiser(True),
        planted={
            "1/alpha dropped": _maximiser(True, "alpha dropped"),
            "normalised over b": _maximiser(True, "summed over b"),
        },
        symbolic=("proofs/symbolic/gibbs_policy.py",),
        tests=("tests/test_soft.py::test_policy_gap_is_a_divergence",),
        formal=(
            "proofs/formal/Statements.v::eq10",
            "proofs/formal/Statements.v::gibbs_equality",
            "proofs/formal/Statements.v::gibbs_equality_positive_prior",
            "proofs/formal/Statements.v::example_policy",
        ),
    ),
    Claim(
        id="eq11",
        equations=(11,),
        title="The optimal opponent model",
        statement="rho*(b|s) = P(b|s) (sum_a exp(Q*(s,a,b)/alpha))^alpha / exp(V*(s))",
        where=WHERE,
        hypotheses="alpha > 0",
        method="identity",
        recorded="holds",
        form=_maximiser(False),
        planted={
            "1/alpha dropped": _maximiser(False, "alpha dropped"),
            "prior dropped": _maximiser(False, "prior dropped"),
            "power alpha dropped": _maximiser(False, "power dropped"),
        },
        symbolic=("proofs/symbolic/gibbs_opponent_model.py",),
        tests=("tests/test_soft.py::test_opponent_gap_is_a_divergence",),
        formal=(
            "proofs/formal/Statements.v::eq11",
            "proofs/formal/Statements.v::gibbs_equality",
            "proofs/formal/Statements.v::example_model",
            "proofs/formal/Statements.v::example_temperature",
        ),
    ),
    Claim(
        id="thm1",
        title="(10) and (11) are the optimal pair",
        statement="the pair (pi*, rho*) of eq. 10 and 11 maximises eq. 6",
        where=WHERE,
        hypotheses="none",
        method="inequality over random games",
        recorded="false as stated",
        form=_theorem1,
        printed=_theorem1_printed,
        corrected="(pi*, rho*) maximises the discounted objective E sum_t gamma^t [R + alpha H(pi) - KL(rho || P)] "
        "over an infinite horizon, from every state; eq. 6 has a horizon and no discount, and its maximiser depends on "
        "the time",
        counterexample=_theorem1_example,
        planted={
            "improves on the optimum": lambda here: never_above(
                here.solution.value + 1e-3 * here.alpha, here.solution.value, here.noise
            ),
            "any pair is as good": lambda here: equal(here.pair.value, here.solution.value, here.noise),
        },
        symbolic=("proofs/symbolic/bellman.py",),
        formal=(
            "proofs/formal/Statements.v::theorem1_attained",
            "proofs/formal/Statements.v::theorem1_Q",
            "proofs/formal/Statements.v::theorem1_V",
            "proofs/formal/Statements.v::theorem1_unique",
            "proofs/formal/Statements.v::no_improvement_is_optimal",
            "proofs/formal/Statements.v::theorem1_printed_fails",
            "proofs/formal/Statements.v::objective_converges",
            "proofs/formal/Statements.v::theorem1_objective",
        ),
    ),
    Claim(
        id="thm2",
        equations=(12,),
        title="The soft Bellman equation",
        statement="Q*(s,a,b) = R(s,a,b) + gamma E_{s'} V*(s')",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq12(),
        planted={
            "discount dropped": _eq12("discount dropped"),
            "value of the prior": _eq12("of the prior"),
            "this state's value": _eq12("next state for this one"),
        },
        symbolic=("proofs/symbolic/bellman.py",),
        formal=(
            "proofs/formal/Statements.v::optimal_Q_exists",
            "proofs/formal/Statements.v::optimal_Q_unique",
            "proofs/formal/Statements.v::example_optimum",
            "proofs/formal/Statements.v::theorem2",
        ),
    ),
    Claim(
        id="thm3",
        equations=(13,),
        title="ROMMEO Q-iteration converges",
        statement="the iteration Q <- R + gamma E V_Q converges to Q* from every bounded Q",
        where=WHERE,
        hypotheses="as printed: a symmetric game, one global optimum, bounded Q and V, a finite sum; none of them is "
        "needed for finitely many states and actions",
        method="inequality over random games",
        recorded="holds more generally",
        form=_iteration(),
        general=_iteration(general=True),
        generalised="for any game, symmetric or not, common-payoff or general-sum, with any number of optima and of "
        "players, any alpha, and any weight beta of the KL divergence: |Q_k - Q*| <= gamma^k |Q_0 - Q*|",
        planted={
            "alpha dropped": _iteration("alpha dropped"), "maximum over a": _iteration("maximum"),
            "discount dropped": _iteration("no discount"),
        },
        symbolic=("proofs/symbolic/contraction.py",),
        tests=("tests/test_soft.py::test_bellman_contracts",),
        formal=(
            "proofs/formal/Statements.v::theorem3_rate",
            "proofs/formal/Statements.v::theorem3_Q",
            "proofs/formal/Statements.v::theorem3_V",
            "proofs/formal/Statements.v::example_iteration",
        ),
    ),
    Claim(
        id="thm3.symmetric",
        title="Theorem 3's hypothesis: a symmetric game",
        statement="the iteration converges in a symmetric game",
        where=WHERE,
        hypotheses="symmetric payoffs and transitions",
        method="inequality over random games",
        recorded="holds more generally",
        form=_on(_symmetric, _iteration()),
        general=_iteration(),
        generalised="the game need not be symmetric: the random games are not",
        planted={"discount dropped": _on(_symmetric, _iteration("no discount"))},
        symbolic=("proofs/symbolic/contraction.py",),
        formal=("proofs/formal/Statements.v::theorem3_Q",),
    ),
    Claim(
        id="thm3.one_optimum",
        title="Theorem 3's hypothesis: one global optimum",
        statement="the iteration converges in a game with only one global optimum",
        where=WHERE,
        hypotheses="one joint action with the greatest payoff in each state",
        method="inequality over random games",
        recorded="holds more generally",
        form=_on(_one_optimum, _iteration()),
        general=_on(_two_optima, _iteration()),
        generalised="there may be any number of optima: with two that pay the same it converges as fast",
        planted={"discount dropped": _on(_one_optimum, _iteration("no discount"))},
        symbolic=("proofs/symbolic/contraction.py",),
        formal=("proofs/formal/Statements.v::theorem3_Q",),
    ),
    Claim(
        id="thm3.bounded",
        title="Theorem 3's hypothesis: finite sums",
        statement="sum_b P(b|s) (sum_a exp(Q*/alpha))^alpha is finite, and so are Q* and every iterate",
        where=WHERE,
        hypotheses="finitely many states and actions, alpha > 0",
        method="inequality over random games",
        recorded="holds",
        form=_bounded(),
        planted={"entropy forgotten": _bounded(entropy=False), "half of the bound": _bounded(0.5)},
        formal=(
            "proofs/formal/Statements.v::theorem3_bounded",
            "proofs/formal/Statements.v::theorem3_bounded_V",
        ),
    ),
)
