"""Section 2: Definition 1 and eq. 1 to 7, what is maximised."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ... import soft
from ...checks import FloatArray
from ...evaluation import evaluate, improve, objective
from ...games.models import View
from ...solvers import solve
from .. import written_out
from ..cases import UNIT, Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, never_above
from .lower_bound import Paths, log_sum, paths

__all__ = ["CLAIMS"]

STOCHASTIC, BOUND = "Section 2.1", "Section 2.2"
PROFILES = 1000
"""Deterministic stationary profiles that a check lists; of larger games it takes the best one alone."""


# --- eq. 1, eq. 2 and Definition 1 -----------------------------------------------------------------------------------


def _returns(here: Case, joint: FloatArray, first: int, power: int = 1) -> float:
    """sum_{t >= first} gamma^(power t) E R(s_t, a_t, b_t) with (a_t, b_t) from joint(s, a, b) and s_first drawn.

    The series itself, 2^k terms after k doublings, until the rest is below rounding.
    """
    view, gamma = here.view, here.view.discount**power
    total = (joint * view.rewards).sum(axis=(1, 2))
    moves = gamma * written_out.chain(view, joint, np.ones((view.shape[0], view.shape[2])))
    terms = 1
    while gamma > 0.0 and terms * math.log(gamma) > -40.0:
        total, moves, terms = total + moves @ total, moves @ moves, 2 * terms
    return gamma**first * float(paths(here).start @ total)


def _eq1(first: int = 1, correlated: bool = False, power: int = 1) -> Form:
    """eq. 1 is gamma times the usual sum, which has a factor 1 in the first step, and bounded as a series is."""

    def form(here: Case) -> Gap:
        view, gamma = here.view, here.view.discount
        own = (here.model[:, None] * here.policy).sum(axis=2)
        apart = own[:, :, None] * here.model[:, None]
        summed = _returns(here, here.model[:, None] * here.policy if correlated else apart, first, power)
        policy = np.broadcast_to(own[:, :, None], view.shape)
        usual = objective(view, policy, here.model, paths(here).start, alpha=0.0, prior=here.model)
        limit = gamma / (1.0 - gamma) * float(np.abs(view.rewards).max())
        return every(equal(summed, gamma * usual, here.noise), never_above(abs(summed), limit, here.noise))

    return form


def _values(view: View, rewards: FloatArray, a: NDArray[np.intp], b: NDArray[np.intp]) -> FloatArray:
    """The discounted sum of R from every state, (N, S), under the deterministic profiles a, b (N, S)."""
    states = np.arange(view.shape[0])
    moves = written_out.next_value(view, np.eye(len(states)))[states, a, b]
    left, right = np.eye(len(states)) - view.discount * moves, rewards[states, a, b][..., None]
    values: FloatArray = np.asarray(np.linalg.solve(left, right)[..., 0], dtype=np.float64)
    return values


def _profiles(view: View) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All deterministic stationary profiles (N, S), or none where they are too many."""
    states, own, joint = view.shape
    if (own * joint) ** states > PROFILES:
        return np.zeros((0, states), dtype=np.intp), np.zeros((0, states), dtype=np.intp)
    chosen = np.array(list(product(range(own * joint), repeat=states)), dtype=np.intp)
    a, b = np.unravel_index(chosen, (own, joint))
    return a, b


def _best(view: View) -> tuple[FloatArray, FloatArray]:
    """The greatest discounted sum over all joint policies, (S,), and the Q that belongs to it: alpha = beta = 0."""
    best = solve(view, alpha=0.0, beta=0.0, tol=0.0, on_failure="return", workers=1)
    return best.value, best.q


def _definition1(here: Case) -> Gap:
    """A deterministic profile attains, from every state at once, what no profile exceeds."""
    view = here.view
    best, q = _best(view)
    top = q.reshape(len(q), -1).argmax(axis=1)
    a, b = np.unravel_index(top, view.shape[1:])
    gaps = [equal(_values(view, view.rewards, a[None], b[None])[0], best, here.noise)]
    every_a, every_b = _profiles(view)
    if len(every_a):
        values = _values(view, view.rewards, every_a, every_b)
        gaps += [never_above(values, best, here.noise), equal(values.max(axis=0), best, here.noise)]
    for pi, rho in ((here.policy, here.model), (here.other_policy, here.other_model)):
        own = np.broadcast_to((rho[:, None] * pi).sum(axis=2, keepdims=True), view.shape)
        gaps.append(never_above(evaluate(view, own, rho, alpha=0.0, prior=rho).value, best, here.noise))
    return every(*gaps)


def _definition1_general_sum(here: Case) -> Gap:
    """The same for two players with payoffs of their own: some deterministic profile is best for both at once.

    If any profile were, each joint action it may take where it may come would be best for both, and one of them could
    be picked in each state: deterministic profiles decide.
    """
    view, start = here.view, paths(here).start
    a, b = _profiles(view)
    lack = [
        start @ _best(View(rewards, view.transitions, view.discount))[0] - _values(view, rewards, a, b) @ start
        for rewards in (view.rewards, here.other_q)
    ]
    return Gap(float(np.maximum(*lack).min()), here.noise)


def _definition1_equilibria(here: Case) -> Gap:
    """Every profile from which no agent gains by itself is an optimum."""
    view = here.view
    a, b = _profiles(view)
    states = np.arange(view.shape[0])
    values = _values(view, view.rewards, a, b)
    q = view.rewards + view.discount * np.einsum("sabt,nt->nsab", written_out.next_value(view, np.eye(len(states))),
                                                 values)  # fmt: skip
    index = np.arange(len(a))[:, None]
    gain = np.maximum(q[index, states, :, b].max(axis=2), q[index, states, a].max(axis=2)) - values
    stable = (gain <= here.noise).all(axis=1)
    return equal(values[stable], np.broadcast_to(_best(view)[0], values[stable].shape), here.noise)


def _together(optima: int, parts: str = "of one", counted: int = 0) -> Form:
    """Games with one or two optima, (0, 0) and the last actions in every state: their parts, put together.

    `counted` is how many optima a state is said to have.
    """

    def form(here: Case) -> Gap:
        view = here.view
        states, own, joint = view.shape
        most = float(view.rewards.max()) + 1.0
        rewards = view.rewards.copy()
        rewards[:, 0, 0] = most
        last = (own - 1, joint - 1) if optima == 2 else (0, 0)
        rewards[:, last[0], last[1]] = most
        b = last[1] if parts == "of two" else 0
        profile = np.zeros((1, states), dtype=np.intp)
        value = _values(view, rewards, profile, profile + b)[0]
        allowance = here.noise + 64.0 * UNIT * most / (1.0 - view.discount) ** 2
        gaps = [equal(value, most / (1.0 - view.discount), allowance)]
        every_a, every_b = _profiles(view)
        if parts == "of one" and len(every_a):
            values = _values(view, rewards, every_a, every_b)
            best = (values >= most / (1.0 - view.discount) - allowance).all(axis=1)
            gaps.append(equal(best.sum(), (counted or optima) ** states, 0.0))
        return every(*gaps)

    return form


def _together_example() -> Counterexample:
    payoffs = [[1, 0], [0, 1]]
    most = max(map(max, payoffs))
    optima = [(a, b) for a, b in product(range(2), repeat=2) if payoffs[a][b] == most]
    mixed = payoffs[optima[0][0]][optima[1][1]]
    return Counterexample(
        "the common payoff [[1, 0], [0, 1]]: both (1, 1) and (2, 2) are optima in the sense of Definition 1",
        f"agent 1's part of the first and agent 2's part of the second give the maximum, {most}",
        f"together they give {mixed}",
        len(optima) == 2 and mixed < most,
    )


# --- eq. 3 and 4 -----------------------------------------------------------------------------------------------------


def _eq3(wrong: str = "") -> Form:
    """With P(o|a) = pi*(a), what has been optimal is distributed as pi*; and a came from pi* with that chance."""

    def form(here: Case) -> Gap:
        best = here.solution.marginal_policy
        own = best.shape[1]
        rng = np.random.default_rng((*here.rng_seed, 2))
        taken = rng.dirichlet(np.ones(own), len(best)) if wrong == "uneven" else np.full(best.shape, 1.0 / own)
        given = taken * best
        given = given / given.sum(axis=1, keepdims=True)
        share = 0.5 if wrong == "half the time" else 1.0 / own
        others = np.full(best.shape, 1.0 / own) if wrong else (1.0 - best) / max(1, own - 1)
        both = share * best + (1.0 - share) * others
        allowance = 64.0 * UNIT * own
        gaps = [equal(given, best, allowance), never_above(best, 1.0, allowance), never_above(0.0, best, 0.0)]
        if wrong != "uneven":
            gaps.append(equal(share * best, best * both, allowance))
        return every(*gaps)

    return form


def _eq4(wrong: str = "") -> Form:
    """log P(o|.) - R is one constant, and P(o|.) is a probability."""

    def form(here: Case) -> Gap:
        rewards = here.view.rewards
        log_chance = rewards - rewards.max()
        if wrong == "constant 1":
            log_chance = rewards
        if wrong == "normalised over a":
            log_chance = rewards - written_out.brackets(rewards, 1.0)[:, None]
        if wrong == "sign":
            log_chance = -rewards + rewards.min()
        allowance = 64.0 * UNIT * float(np.abs(rewards).max())
        one = equal(log_chance - rewards, (log_chance - rewards).flat[0], allowance)
        return every(one, never_above(log_chance, 0.0, allowance))

    return form


# --- eq. 5 -----------------------------------------------------------------------------------------------------------


def _eq5(wrong: str = "") -> Form:
    """P(max) <= P(o|o^-) <= P(max) + (1 - P(max)) exp(-k gap) for the rewards k R; the gap is the least loss."""

    def form(here: Case) -> Gap:
        all_paths = paths(here)
        law, chance = all_paths.before, all_paths.chance
        loss = -chance[chance < 0.0]
        gap = float(loss.min(initial=math.inf)) if wrong != "the largest loss" else float(loss.max(initial=0.0))
        lost = all_paths.total(chance)
        sure = float(np.exp(law[all_paths.total((chance < 0.0).astype(float)) == 0.0]).sum())
        gaps = []
        for scale in (1.0, 4.0, 16.0, max(1.0, 50.0 / gap) if gap > 0.0 else 1.0):
            shift = all_paths.horizon * scale * all_paths.constant if wrong == "constant dropped" else 0.0
            likely = math.exp(min(700.0, log_sum(law + scale * lost) - shift))
            allowance = all_paths.allowance(law) * scale + 64.0 * UNIT
            if wrong == "as printed":
                gaps.append(equal(likely, sure, allowance))
                break
            if wrong == "at most":
                gaps.append(never_above(likely, sure, allowance))
                continue
            gaps += [
                never_above(sure, likely, allowance),
                never_above(likely, sure + (1.0 - sure) * math.exp(-scale * gap), allowance),
            ]
        return every(*gaps)

    return form


def _eq5_example() -> Counterexample:
    chances = [Fraction(1), Fraction(1, 2)]  # exp(R - max R)
    optimal = sum(chances) / len(chances)
    highest = Fraction(sum(chance == max(chances) for chance in chances), len(chances))
    return Counterexample(
        "T = 1, 1 state, A = 2, B = 1, R = (0, -log 2), P(a) = (1/2, 1/2), P(o = 1|a) = exp(R)",
        f"P(o = 1|o^- = 1) = P(R = max R) = {highest}",
        f"P(o = 1|o^- = 1) = (1 + 1/2)/2 = {optimal}",
        optimal != highest,
    )


# --- eq. 6 and 7 -----------------------------------------------------------------------------------------------------


def _pairs(here: Case) -> list[tuple[FloatArray, FloatArray]]:
    best = soft.optimum(here.view.rewards, here.prior)
    return [(here.policy, here.model), (here.other_policy, here.prior), (best.policy, best.opponent_model)]


def _sum(all_paths: Paths, pi: FloatArray, rho: FloatArray, step: FloatArray) -> float:
    """sum_t E step(s_t) under the pair."""
    moves = written_out.chain(all_paths.here.view, pi, rho)
    occupied, summed = all_paths.start, 0.0
    for _ in range(all_paths.horizon):
        summed += float(occupied @ step)
        occupied = occupied @ moves
    return summed


def _eq6(wide: float = -1.0, entropy: float = 1.0, divergence: float = 1.0, constant: bool = True) -> Form:
    """J(pi, rho) + T (log c + wide log A) <= log P(o|o^-); for T = 1, from any state, some pair attains it."""

    def form(here: Case) -> Gap:
        all_paths, gaps = paths(here), []
        rewards = here.view.rewards
        shift = (all_paths.constant if constant else 0.0) + wide * all_paths.width
        allowance = all_paths.allowance(all_paths.before)
        for pi, rho in _pairs(here):
            step = written_out.worth(rewards, pi, rho, here.prior, entropy, divergence)
            bound = _sum(all_paths, pi, rho, step) + all_paths.horizon * shift
            gaps.append(never_above(bound, all_paths.evidence, allowance))
        pi, rho = _pairs(here)[-1]
        attained = written_out.worth(rewards, pi, rho, here.prior, entropy, divergence) + shift
        likely = written_out.value(all_paths.chance, here.prior, 1.0) - all_paths.width  # log E exp(R - max R)
        return every(*gaps, equal(attained, likely, allowance))

    return form


def _eq6_printed(here: Case) -> Gap:
    """J(pi, rho) <= log P(o|o^-), for rewards at most 0, whose exp is a probability as it stands (c = 1)."""
    all_paths, gaps = paths(here), []
    for pi, rho in _pairs(here):
        bound = _sum(all_paths, pi, rho, written_out.worth(all_paths.chance, pi, rho, here.prior, 1.0))
        gaps.append(never_above(bound, all_paths.evidence, all_paths.allowance(all_paths.before)))
    return every(*gaps)


def _eq6_example() -> Counterexample:
    actions, chance = 2, Fraction(1)
    likelihood = sum(chance / actions for _ in range(actions))
    bound = actions  # exp J: the entropy of the uniform policy is log A
    return Counterexample(
        f"T = 1, S = 1, A = {actions}, B = 1, R = 0, so that P(o = 1|.) = exp(R) = 1; pi = (1/2, 1/2)",
        f"log P(o|o^-) >= J(pi, rho) = R + H(pi) = log {bound} = {math.log(bound):.4f}",
        f"log P(o|o^-) = log {likelihood} = 0, and J - log A = 0",
        likelihood == 1 < bound,
    )


def _eq7(wrong: str = "") -> Form:
    """(6), one expectation over (s_t, a_t, b_t) of everything, is (7), nested and split in two."""

    def form(here: Case) -> Gap:
        all_paths, gaps = paths(here), []
        rewards = here.view.rewards
        for pi, rho in _pairs(here):
            log_law = all_paths.after(pi, rho)
            entropy, price = written_out.entropy(pi, 1), written_out.divergence(rho, here.prior)
            bracket = rewards + entropy[:, None] - price[:, None, None]
            one = sum(float((all_paths.shares(log_law, t) * bracket).sum()) for t in range(all_paths.horizon))
            inner = (pi * (rewards + entropy[:, None])).sum(axis=1)
            weight = here.prior if wrong == "b from the prior" else rho
            maximum_entropy = (weight * inner).sum(axis=1)
            regulariser = (rho * price[:, None]).sum(axis=1)
            if wrong == "regulariser for each b":
                regulariser = price * rho.shape[1]
            if wrong == "regulariser added":
                regulariser = -regulariser
            if wrong == "entropy dropped":
                maximum_entropy = (rho[:, None] * pi * rewards).sum(axis=(1, 2))
            two = _sum(all_paths, pi, rho, maximum_entropy - regulariser)
            gaps.append(equal(one, two, all_paths.allowance(log_law)))
        return every(*gaps)

    return form


# --- Section 2.3: the opponent model without its regulariser ---------------------------------------------------------


def _em(wrong: str = "") -> Form:
    """Both maximised in turn without the divergence: the objective never falls, and the return comes near the optimum.

    Near: within alpha log A / (1 - gamma), the most that entropy is worth. As printed the modes are optimal.
    """

    def form(here: Case) -> Gap:
        view, alpha = here.view, here.alpha
        states, own, _ = view.shape
        path = improve(view, here.policy, here.model, 0, alpha, 0.0, steps=3).values
        found = solve(view, alpha=alpha, beta=0.0, tol=0.0, on_failure="return", workers=1)
        most, _ = _best(view)
        if wrong == "as printed":
            b = found.opponent_model.argmax(axis=1)
            a = found.policy[np.arange(states), :, b].argmax(axis=1)
            return equal(_values(view, view.rewards, a[None], b[None])[0], most, here.noise)
        gained = evaluate(view, found.policy, found.opponent_model, alpha=0.0, beta=0.0).value
        room = 0.0 if wrong == "exactly" else alpha * math.log(own) / (1.0 - view.discount)
        short = (found.value - path).max(axis=1)
        steps = path[::-1] if wrong == "backwards" else path
        return every(
            never_above(steps[:-1], steps[1:], here.noise),
            never_above(short[1:], view.discount * short[:-1], here.noise),
            never_above(most - room, gained, here.noise),
            never_above(gained, most, here.noise),
        )

    return form


def _em_example() -> Counterexample:
    weights = ((4, 1), (3, 3))  # exp R(., b) for the two b, alpha = 1
    levels = [sum(column) for column in weights]
    chosen = levels.index(max(levels))
    best = max(range(2), key=lambda b: max(weights[b]))
    return Counterexample(
        "1 state, A = B = 2, alpha = 1, common payoff R(., b1) = (log 4, 0), R(., b2) = (log 3, log 3)",
        f"rho comes to the opponent's optimal policy, b{best + 1}, and pi to agent i's, a1, which together pay log 4",
        f"E_pi R + H(pi) is log {levels[0]} at b1 and log {levels[1]} at b2: rho comes to b{chosen + 1}, where either "
        f"action pays log {max(weights[chosen])}",
        chosen != best,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq1",
        equations=(1,),
        title="The return",
        statement="eta(pi) = E sum_{t>=1} gamma^t R(s_t,a_t,b_t), a_t and b_t drawn apart, converges, and is gamma "
        "times the sum that gives the first step the factor 1",
        where=STOCHASTIC,
        hypotheses="0 <= gamma < 1, bounded rewards; for gamma = 0 it is 0 for every policy, as the usual sum is not",
        method="identity",
        recorded="holds",
        form=_eq1(),
        planted={
            "sum from 0": _eq1(first=0), "actions drawn together": _eq1(correlated=True),
            "gamma squared": _eq1(power=2),
        },
        tests=("tests/test_evaluation.py::test_objective_is_the_value_of_the_start",),
        formal=("proofs/formal/Statements.v::eq1",),
    ),
    Claim(
        id="def1",
        equations=(2,),
        title="Definition 1: the optimum of a cooperative game",
        statement="there is a profile whose return no profile exceeds, for any agent; a deterministic stationary one "
        "attains it, from every state at once",
        where=BOUND,
        hypotheses="a common payoff, which is how 'cooperative' has to be read: the paper assumes that the optimum "
        "exists; in a general-sum game, such as the battle of the sexes, it need not",
        method="exact enumeration",
        recorded="holds",
        form=_definition1,
        planted={
            "payoffs not common": _definition1_general_sum,
            "every equilibrium is an optimum": _definition1_equilibria,
        },
        formal=("proofs/formal/Statements.v::definition1",),
    ),
    Claim(
        id="def1.together",
        title="Agent i's optimal policy",
        statement="if all agents play optimal policies pi^{i*} they receive the maximum",
        where=BOUND,
        hypotheses="as printed none but a cooperative game",
        method="exact enumeration",
        recorded="false as stated",
        form=_together(1),
        printed=_together(2, "of two"),
        corrected="if all agents play their parts of one and the same optimum; or of any, where there is only one. "
        "pi^{i*} is not agent i's alone: it belongs to a profile",
        counterexample=_together_example,
        planted={"one optimum where there are two": _together(2, counted=1)},
        formal=("proofs/formal/Statements.v::parts_of_optima_fail",),
    ),
    Claim(
        id="eq3",
        equations=(3,),
        title="The chance of having been optimal",
        statement="P(o|a) = pi*(a): a probability; then the actions that were optimal are distributed as pi*, and "
        "pi*(a) is the chance that a was drawn from pi*",
        where=BOUND,
        hypotheses="P(a) is 1/A before o is known, as Appendix B.1 has it; where it is not, P(a|o) is proportional to "
        "P(a) pi*(a), and P(a came from pi*|a) is not pi*(a)",
        method="definition",
        recorded="holds",
        form=_eq3(),
        planted={"P(a) uneven": _eq3("uneven"), "from pi* half the time": _eq3("half the time")},
        formal=("proofs/formal/Statements.v::eq3",),
    ),
    Claim(
        id="eq4",
        equations=(4,),
        title="The chance of being optimal",
        statement="P(o = 1|o^- = 1, s, a, b) = c exp(R(s,a,b)) is a probability that rises with R",
        where=BOUND,
        hypotheses="one constant c <= exp(-max R), the same for all (s, a, b); c = 1 will do only where R <= 0",
        method="definition",
        recorded="holds",
        form=_eq4(),
        planted={
            "c = 1 for any R": _eq4("constant 1"), "normalised over a": _eq4("normalised over a"),
            "sign of R": _eq4("sign"),
        },
        formal=("proofs/formal/Statements.v::eq4",),
    ),
    Claim(
        id="eq5",
        equations=(5,),
        title="The likelihood of optimality as the probability of the maximum reward",
        statement="P(o_{1:T} = 1|o^-_{1:T} = 1) is the probability of obtaining the maximum reward",
        where=BOUND,
        hypotheses="P(o = 1|.) = c exp(R), eq. 4; actions and states as in eq. 23",
        method="exact enumeration",
        recorded="false as stated",
        form=_eq5(),
        printed=_eq5("as printed"),
        corrected="with c = exp(-max R) it lies between P(max R in every step) and 1, and for the rewards k R at most "
        "(1 - P(max R)) exp(-k gap) above the former, where gap is what the next best reward lacks: it tends to the "
        "probability of the maximum reward as the rewards are scaled up; another c multiplies it by a power of c",
        counterexample=_eq5_example,
        planted={
            "at most P(max R)": _eq5("at most"), "the largest loss for the least": _eq5("the largest loss"),
            "constant dropped": _eq5("constant dropped"),
        },
        formal=(
            "proofs/formal/Statements.v::eq5_corrected",
            "proofs/formal/Statements.v::eq5_scaled",
            "proofs/formal/Statements.v::eq5_at_most_one",
            "proofs/formal/Statements.v::eq5_another_constant",
            "proofs/formal/Statements.v::eq5_printed_fails",
        ),
    ),
    Claim(
        id="eq6",
        equations=(6,),
        title="The variational lower bound",
        statement="log P(o_{1:T}|o^-_{1:T}) >= J(pi,rho) = sum_t E_q[R + H(pi(.|s_t,b_t)) - "
        "KL(rho(.|s_t) || P(.|s_t))]",
        where=BOUND,
        hypotheses="eq. 4, and P(a|b,s) proportional to 1 (Appendix B.1)",
        method="exact enumeration",
        recorded="false as stated",
        form=_eq6(),
        printed=_eq6_printed,
        corrected="log P(o|o^-) >= J(pi,rho) - T log A + T log c, with P(a|b,s) = 1/A and P(o = 1|.) = c exp(R); "
        "attained for T = 1 from any state, at the pair of (10) and (11) with R for Q. As printed it holds for the sum "
        "of P(b|s) exp(R) over a that is counted, not weighed, and no probability",
        counterexample=_eq6_example,
        planted={
            "log A added": _eq6(wide=1.0), "log A dropped": _eq6(wide=0.0), "log c dropped": _eq6(constant=False),
            "divergence dropped": _eq6(divergence=0.0), "entropy twice": _eq6(entropy=2.0),
        },
        symbolic=("proofs/symbolic/lower_bound.py",),
        formal=(
            "proofs/formal/Statements.v::eq6_corrected",
            "proofs/formal/Statements.v::eq6_tight_for_one_step",
            "proofs/formal/Statements.v::eq6_printed_fails",
            "proofs/formal/Statements.v::example_lower_bound",
        ),
    ),
    Claim(
        id="eq7",
        equations=(7,),
        title="The objective as a maximum entropy objective with a regulariser",
        statement="J = sum_t E_{s_t}[E_{pi,rho}[R + H(pi(.|s_t,b_t))] - E_rho[KL(rho(.|s_t) || P(.|s_t))]]",
        where=f"{BOUND} and 2.3",
        method="exact enumeration",
        recorded="holds",
        form=_eq7(),
        planted={
            "b from the prior": _eq7("b from the prior"), "regulariser added": _eq7("regulariser added"),
            "regulariser for each b": _eq7("regulariser for each b"), "entropy dropped": _eq7("entropy dropped"),
        },
        symbolic=("proofs/symbolic/lower_bound.py",),
        formal=("proofs/formal/Statements.v::eq32",),
    ),
    Claim(
        id="sec2.em",
        title="Training without the regulariser",
        statement="maximised in turn over pi and rho without the KL divergence, the objective never falls, and rho "
        "comes to the opponents' optimal policies, pi to agent i's",
        where="Section 2.3",
        hypotheses="a common payoff; alpha = 1 in the paper's objective, any alpha > 0 here",
        method="inequality over random games",
        recorded="false as stated",
        form=_em(),
        printed=_em("as printed"),
        corrected="it never falls, and comes to its maximum, whose return lacks at most alpha log A / (1 - gamma) of "
        "the optimum: (pi, rho) is optimal as alpha falls to 0. For alpha > 0 rho goes where reward and entropy "
        "together are greatest, which need not be where the optimum is",
        counterexample=_em_example,
        planted={"the optimum exactly": _em("exactly"), "backwards": _em("backwards")},
        symbolic=("proofs/symbolic/soft_limits.py",),
        tests=("tests/test_evaluation.py::test_alternating_improvement_rises_to_the_optimum",),
        formal=(
            "proofs/formal/Statements.v::em_optimum",
            "proofs/formal/Statements.v::em_round",
            "proofs/formal/Statements.v::em_round_exists",
            "proofs/formal/Statements.v::em_return",
            "proofs/formal/Statements.v::em_printed_fails",
        ),
    ),
)
