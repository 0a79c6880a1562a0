"""Appendix B: eq. 23 to 32, the variational lower bound, on every trajectory of a game that is small enough to list."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ... import soft
from ...checks import FloatArray
from .. import written_out
from ..cases import UNIT, Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, never_above

__all__ = ["CLAIMS", "Paths", "log_sum", "paths"]

WHERE = "Appendix B.1"
MOST = 1000
"""Trajectories of one list, at most, unless the game has more triples (s, a, b) than that."""
_SYMBOLIC = ("proofs/symbolic/lower_bound.py",)


# --- every trajectory ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Paths:
    """Every (s_1, a_1, b_1, ..., s_T, a_T, b_T) that the dynamics and the prior allow.

    The chance of optimality in a step is exp(R - max R), the greatest that eq. 4 leaves (see its entry); P(a|b,s) is
    1/A, what "proportional to 1" means for a probability.

    Attributes
    ----------
    here : Case
    start : (S,) array
        P(s_1), drawn anew for each case.
    s, a, b : (N, T) arrays
    moves : (N,) array
        log P(s_1) + sum_{t < T} log P(s_{t+1}|s_t, a_t, b_t).
    """

    here: Case
    start: FloatArray
    s: NDArray[np.intp]
    a: NDArray[np.intp]
    b: NDArray[np.intp]
    moves: FloatArray

    @property
    def horizon(self) -> int:
        return int(self.s.shape[1])

    @property
    def chance(self) -> FloatArray:
        """log P(o = 1|o^-, s, a, b) = R - max R, (S, A, B)."""
        rewards = self.here.view.rewards
        log_chance: FloatArray = rewards - rewards.max()
        return log_chance

    @property
    def constant(self) -> float:
        """log c = -max R, what eq. 4 leaves open."""
        return -float(self.here.view.rewards.max())

    @property
    def width(self) -> float:
        """log A."""
        return math.log(self.here.view.shape[1])

    def total(self, table: FloatArray) -> FloatArray:
        """The sum over t of table(s_t, a_t, b_t) or table(s_t, b_t), (N,)."""
        entries = table[self.s, self.b] if table.ndim == 2 else table[self.s, self.a, self.b]
        summed: FloatArray = entries.sum(axis=1)
        return summed

    @property
    def before(self) -> FloatArray:
        """log P(a, b, s|o^-) of eq. 23, (N,)."""
        return self.moves - self.horizon * self.width + self.total(_log(self.here.prior))

    def after(self, pi: FloatArray, rho: FloatArray) -> FloatArray:
        """log q of eq. 25, (N,); -inf where q has no mass."""
        return self.moves + self.total(_log(pi)) + self.total(_log(rho))

    @property
    def evidence(self) -> float:
        """log P(o_{1:T}|o^-_{1:T}), the right side of eq. 26."""
        return log_sum(self.before + self.total(self.chance))

    def shares(self, log_law: FloatArray, t: int) -> FloatArray:
        """P(s_t, a_t, b_t) under a law of the trajectories, (S, A, B)."""
        shape = self.here.view.shape
        index = np.ravel_multi_index((self.s[:, t], self.a[:, t], self.b[:, t]), shape)
        counts = np.bincount(index, np.exp(log_law), minlength=math.prod(shape))
        shares: FloatArray = np.asarray(counts, dtype=np.float64).reshape(shape)
        return shares

    def allowance(self, *laws: FloatArray) -> float:
        """What rounding may do to a mean of sums of T terms, or to the logarithm of a sum, over N trajectories."""
        view = self.here.view
        logs = [np.abs(law[np.isfinite(law)]).max(initial=0.0) for law in laws]
        terms = float(np.abs(view.rewards).max()) + self.width + float(np.abs(_finite_log(self.here.prior)).max())
        size = 1.0 + 4.0 * self.horizon * terms + 4.0 * float(sum(logs))
        return UNIT * (len(self.s) + 64 * self.horizon) * size


@lru_cache(maxsize=1)
def paths(here: Case) -> Paths:
    """All trajectories of a horizon of at most 3, as many as :data:`MOST` allows."""
    view = here.view
    shape = view.shape
    triples = math.prod(shape)
    horizon = max(1, max(t for t in range(4) if triples**t <= MOST))
    start = here.rng.dirichlet(np.ones(shape[0]))
    flat = np.stack(np.unravel_index(np.arange(triples**horizon), (triples,) * horizon), axis=1)
    s, a, b = np.unravel_index(flat, shape)
    moves = _log(start)[s[:, 0]]
    if horizon > 1:
        steps = _log(written_out.next_value(view, np.eye(shape[0])))
        moves = moves + steps[s[:, :-1], a[:, :-1], b[:, :-1], s[:, 1:]].sum(axis=1)
    kept = np.isfinite(moves) & (here.prior[s, b] > 0.0).all(axis=1)
    return Paths(here, start, s[kept], a[kept], b[kept], moves[kept])


def log_sum(logs: FloatArray) -> float:
    """log sum exp."""
    top = float(logs.max())
    return top + math.log(float(np.exp(logs - top).sum()))


def _log(p: FloatArray) -> FloatArray:
    """log p; -inf at 0."""
    return np.log(p, out=np.full(p.shape, -np.inf), where=p > 0.0)


def _finite_log(p: FloatArray) -> FloatArray:
    logs: FloatArray = np.log(p[p > 0.0])
    return logs


def _mean(log_law: FloatArray, values: FloatArray) -> float:
    """The mean of `values` under a law that may leave some out."""
    kept = np.isfinite(log_law)
    return float((np.exp(log_law[kept]) * values[kept]).sum())


def _pairs(here: Case) -> list[tuple[FloatArray, FloatArray]]:
    """Three pairs: any two, and the one that is best for a single step."""
    best = soft.optimum(here.view.rewards, here.prior)
    return [
        (here.policy, here.model), (here.other_policy, here.other_model), (best.policy, best.opponent_model)
    ]  # fmt: skip


# --- eq. 23 to 25: the two laws --------------------------------------------------------------------------------------


def _law(model: bool, wrong: str = "") -> Form:
    """A law of trajectories: it sums to 1, has the conditionals that are named, and moves as the pair's chain does."""

    def form(here: Case) -> Gap:
        all_paths = paths(here)
        own = here.view.shape[1]
        uniform = np.full(here.view.shape, 1.0 / own)
        pi, rho = (uniform, here.prior) if model else (here.policy, here.model)
        log_law = all_paths.before if model else all_paths.after(pi, rho)
        if wrong == "proportional to 1 is 1":
            log_law = log_law + all_paths.horizon * all_paths.width
        if wrong == "agents apart":  # q(a|s) q(b|s)
            apart = np.broadcast_to((rho[:, None] * pi).sum(axis=2, keepdims=True), pi.shape)
            log_law = all_paths.after(apart, rho)
        if wrong == "policy in the model":
            log_law = all_paths.after(here.policy, rho)
        if wrong == "prior in q":
            log_law = all_paths.after(pi, here.prior)
        if wrong == "no transitions":
            log_law = log_law - all_paths.moves + _log(all_paths.start)[all_paths.s[:, 0]]
        gaps = [equal(np.exp(log_law).sum(), 1.0, all_paths.allowance(log_law))]
        occupied, moves = all_paths.start, written_out.chain(here.view, pi, rho)
        for t in range(all_paths.horizon):
            shares = all_paths.shares(log_law, t)
            named = occupied[:, None, None] * rho[:, None] * pi
            gaps.append(equal(shares, named, all_paths.allowance(log_law)))
            occupied = occupied @ moves
        return every(*gaps)

    return form


def _given(tilted: bool = True, wrong: str = "") -> Form:
    """The law of trajectories given o^-_{1:T} = 1, where that has the chance l(s, b) in each step.

    Bayes on the list of trajectories, against a product of conditionals: those given all of o^-, or those of eq. 23.
    """

    def form(here: Case) -> Gap:
        all_paths = paths(here)
        s, a, b = all_paths.s, all_paths.a, all_paths.b
        states, own, joint = here.view.shape
        chance = np.random.default_rng((*here.rng_seed, 1)).uniform(0.05, 1.0, (states, joint))
        posterior = all_paths.before + all_paths.total(_log(chance))
        posterior = posterior - log_sum(posterior)
        ahead = np.ones(states)  # P(o^-_{t+1:T} = 1|s_{t+1}), from the end
        product = np.zeros(len(s))
        for t in range(all_paths.horizon - 1, -1, -1):
            weight = here.prior * chance
            then = np.ones(here.view.shape)
            if tilted and t + 1 < all_paths.horizon:
                then = written_out.next_value(here.view, ahead)
            hence = weight * then.mean(axis=1)
            now = hence.sum(axis=1)
            product += np.log((weight[:, None] * then / own / now[:, None, None])[s[:, t], a[:, t], b[:, t]])
            if tilted and t + 1 < all_paths.horizon:
                product += np.log(ahead[s[:, t + 1]] / then[s[:, t], a[:, t], b[:, t]])
            ahead = np.ones(states) if wrong == "only the present" else now
        first = all_paths.start * ahead if tilted and wrong != "first state" else all_paths.start
        product += np.log((first / first.sum() / all_paths.start)[s[:, 0]]) + all_paths.moves
        return equal(np.exp(posterior), np.exp(product), all_paths.allowance(posterior, product))

    return form


def _given_example() -> Counterexample:
    start, chance = [Fraction(1, 2)] * 2, [Fraction(1), Fraction(1, 2)]
    both = [p * c for p, c in zip(start, chance, strict=True)]
    after = [p / sum(both) for p in both]
    return Counterexample(
        "T = 1, 2 states, A = B = 1, P(s_1) = (1/2, 1/2), P(o^- = 1|s) = (1, 1/2)",
        f"P(s_1|o^- = 1) = P(s_1) = ({start[0]}, {start[1]})",
        f"P(s_1|o^- = 1) = ({after[0]}, {after[1]})",
        after != start,
    )


# --- eq. 26 to 30 ----------------------------------------------------------------------------------------------------


def _eq26(wrong: str = "") -> Form:
    """The sum over trajectories is what a backward recursion gives, step by step."""

    def form(here: Case) -> Gap:
        all_paths = paths(here)
        log_chance, width, view = all_paths.chance, all_paths.width, here.view
        then = np.zeros(view.shape)
        value = np.zeros(view.shape[0])
        for t in range(all_paths.horizon):
            if t and wrong == "mean of the logarithm":
                then = written_out.next_value(view, value)
            elif t:
                then = np.logaddexp.reduce(_log(written_out.next_value(view, np.eye(len(value)))) + value, axis=3)
            value = soft.soft_value(log_chance + then, here.prior) - (0.0 if wrong == "1/A dropped" else width)
            if wrong == "mean of the chances' logarithms":
                value = ((log_chance + then).mean(axis=1) * here.prior).sum(axis=1)
        recursion = log_sum(_log(all_paths.start) + value)
        return equal(all_paths.evidence, recursion, all_paths.allowance(all_paths.before))

    return form


def _eq27(wrong: str = "") -> Form:
    """log P(o|o^-) - E_q log(P(o, .)/q) = KL(q || posterior), hence >= 0, and 0 at the posterior."""

    def form(here: Case) -> Gap:
        all_paths = paths(here)
        both = all_paths.before + all_paths.total(all_paths.chance)
        evidence = all_paths.evidence
        posterior = both - evidence
        gaps = []
        laws = [all_paths.after(pi, rho) for pi, rho in _pairs(here)]
        for law in [*laws, posterior]:
            bound = _mean(law, both - law)
            allowance = all_paths.allowance(both, law)
            distance = _mean(law, law - posterior)
            if wrong == "divergence reversed":
                distance = _mean(posterior, posterior - law)
            if wrong == "without o":
                bound = _mean(law, all_paths.before - law)
            if wrong == "other way round":
                gaps.append(never_above(evidence, bound, allowance))
                continue
            gaps += [never_above(bound, evidence, allowance), equal(evidence - bound, distance, allowance)]
        return every(*gaps)

    return form


def _terms(
    all_paths: Paths, pi: FloatArray, rho: FloatArray, transitions: bool = True, prior: bool = True,
    uniform: bool = True,
) -> FloatArray:  # fmt: skip
    """The bracket of (28) to (30) on each trajectory; with some of its terms left out."""
    bracket = all_paths.total(all_paths.chance) - all_paths.total(_log(pi)) - all_paths.total(_log(rho))
    bracket = bracket + (all_paths.total(_log(all_paths.here.prior)) if prior else 0.0)
    bracket = bracket - (all_paths.horizon * all_paths.width if uniform else 0.0)
    return bracket + (0.0 if transitions else all_paths.moves)


def _eq28(transitions: bool = True, prior: bool = True, uniform: bool = True) -> Form:
    def form(here: Case) -> Gap:
        all_paths, gaps = paths(here), []
        both = all_paths.before + all_paths.total(all_paths.chance)
        for pi, rho in _pairs(here):
            law = all_paths.after(pi, rho)
            terms = _terms(all_paths, pi, rho, transitions, prior, uniform)
            gaps.append(equal(_mean(law, both - law), _mean(law, terms), all_paths.allowance(both, law)))
        return every(*gaps)

    return form


# --- eq. 31 and 32 ---------------------------------------------------------------------------------------------------


def _bound(all_paths: Paths, pi: FloatArray, rho: FloatArray) -> float:
    """E_q sum_t [R - log pi - log(rho/P)], eq. 31, on the trajectories."""
    prior = all_paths.total(_log(all_paths.here.prior))
    logs = all_paths.total(_log(pi)) + all_paths.total(_log(rho)) - prior
    return _mean(all_paths.after(pi, rho), all_paths.total(all_paths.here.view.rewards) - logs)


def _eq31(wide: float = -1.0, constant: float = 1.0, once: bool = False) -> Form:
    """(30) = (31) + T (constant log c + wide log A)."""

    def form(here: Case) -> Gap:
        all_paths, gaps = paths(here), []
        steps = 1 if once else all_paths.horizon
        for pi, rho in _pairs(here):
            law = all_paths.after(pi, rho)
            left = _mean(law, _terms(all_paths, pi, rho))
            right = _bound(all_paths, pi, rho) + steps * (constant * all_paths.constant + wide * all_paths.width)
            gaps.append(equal(left, right, all_paths.allowance(law)))
        return every(*gaps)

    return form


def _eq31_example() -> Counterexample:
    actions, reward = 2, 0
    ratio = Fraction(1, actions) / Fraction(1, actions)  # P(a|b,s) / pi(a|b,s); exp(R) = 1
    printed = 1 / Fraction(1, actions)
    return Counterexample(
        f"T = 1, S = 1, A = {actions}, B = 1, R = {reward}, so that exp(R) = 1 is a probability, pi = (1/2, 1/2)",
        f"(30) = (31) = E[0 - log(1/2) + log 1] = log {printed}",
        f"(30) = E[0 - log(1/2) + log(1/2)] = log {ratio} = 0",
        printed != ratio == 1,
    )


def _eq32(wrong: str = "") -> Form:
    """(31), on trajectories, is a sum over t of expectations under the law of s_t alone."""

    def form(here: Case) -> Gap:
        all_paths, gaps = paths(here), []
        for pi, rho in _pairs(here):
            moves = written_out.chain(here.view, pi, rho)
            weight = -1.0 if wrong == "sign of KL" else 1.0
            step = written_out.worth(here.view.rewards, pi, rho, here.prior, 1.0, weight)
            if wrong == "entropy of the marginal":
                played = (rho[:, None] * pi).sum(axis=2)
                step = step + written_out.entropy(played, 1) - (rho * written_out.entropy(pi, 1)).sum(axis=1)
            if wrong == "entropy under the prior":
                step = step + ((here.prior - rho) * written_out.entropy(pi, 1)).sum(axis=1)
            occupied, summed = all_paths.start, 0.0
            for t in range(all_paths.horizon):
                summed += float(occupied @ step) * (here.view.discount**t if wrong == "discounted" else 1.0)
                occupied = occupied @ moves
            allowance = all_paths.allowance(all_paths.after(pi, rho))
            gaps.append(equal(_bound(all_paths, pi, rho), summed, allowance))
        return every(*gaps)

    return form


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq23",
        equations=(23,),
        title="The model's law of trajectories",
        statement="P(s_1) prod_t P(s_{t+1}|s_t,a_t,b_t) P(a_t|b_t,s_t) P(b_t|s_t) is a law with these conditionals, "
        "where P(a|b,s), proportional to 1, is 1/A",
        where=WHERE,
        hypotheses="finitely many actions (no law on an unbounded set is proportional to 1); as a definition of the "
        "law, not as what it becomes given o^-: see eq23.given",
        method="exact enumeration",
        recorded="holds",
        form=_law(model=True),
        planted={
            "proportional to 1 read as 1": _law(True, "proportional to 1 is 1"),
            "pi in the place of 1/A": _law(True, "policy in the model"),
            "transitions left out": _law(True, "no transitions"),
        },
        symbolic=_SYMBOLIC,
        formal=("proofs/formal/Statements.v::eq23",),
    ),
    Claim(
        id="eq23.given",
        title="The law of trajectories given that the others play optimally",
        statement="given o^-_{1:T} = 1 a trajectory has the law P(s_1) prod_t P(s_{t+1}|s_t,a_t,b_t) "
        "P(a_t|b_t,s_t,o^-_t) P(b_t|s_t,o^-_t), with the initial and transition probabilities of the game",
        where=WHERE,
        hypotheses="as printed none; for q the paper says that the transitions are assumed to be the game's, for P not",
        method="exact enumeration",
        recorded="false as stated",
        form=_given(),
        printed=_given(tilted=False),
        corrected="given o^-_{1:T} = 1 all four factors depend on what is still to come: P(s_1) and "
        "P(s_{t+1}|s_t,a_t,b_t) are tilted by h_t(s) = P(o^-_{t:T} = 1|s_t = s), and P(a_t|.) and P(b_t|.) by its mean "
        "over s_{t+1}. (23) is right where h_t is the same in every state, as with one state, and is otherwise an "
        "assumption",
        counterexample=_given_example,
        planted={
            "only the present counts": _given(wrong="only the present"),
            "first state not tilted": _given(wrong="first state"),
        },
        formal=(
            "proofs/formal/Statements.v::eq23_given",
            "proofs/formal/Statements.v::eq23_given_the_same_chance",
            "proofs/formal/Statements.v::eq23_given_printed_fails",
        ),
    ),
    Claim(
        id="eq24",
        equations=(24, 25),
        title="The variational law of trajectories",
        statement="q = P(s_1) prod_t P(s_{t+1}|s_t,a_t,b_t) pi(a_t|s_t,b_t) rho(b_t|s_t) is a law, with the "
        "conditionals pi and rho and the game's transitions",
        where=f"Section 2.2 and {WHERE}",
        method="exact enumeration",
        recorded="holds",
        form=_law(model=False),
        planted={
            "agents act apart": _law(False, "agents apart"), "prior in the place of rho": _law(False, "prior in q"),
            "transitions left out": _law(False, "no transitions"),
        },
        symbolic=_SYMBOLIC,
        formal=("proofs/formal/Statements.v::eq24",),
    ),
    Claim(
        id="eq26",
        equations=(26,),
        title="The likelihood of optimality is a sum over trajectories",
        statement="log P(o_{1:T}|o^-_{1:T}) = log sum P(o_{1:T}, a_{1:T}, b_{1:T}, s_{1:T}|o^-_{1:T}); the sum is also "
        "what T steps of a soft backup with alpha = 1 give that has log E exp V in the place of E V, less log A each",
        where=WHERE,
        hypotheses="the law of eq. 23; P(o = 1|.) = c exp(R), a probability",
        method="exact enumeration",
        recorded="holds",
        form=_eq26(),
        planted={
            "E V for log E exp V": _eq26("mean of the logarithm"), "1/A dropped": _eq26("1/A dropped"),
            "mean of log P(o|.)": _eq26("mean of the chances' logarithms"),
        },
        symbolic=_SYMBOLIC,
        formal=("proofs/formal/Statements.v::eq26",),
    ),
    Claim(
        id="eq27",
        equations=(27,),
        title="Jensen's inequality",
        statement="log P(o|o^-) >= E_q log(P(o, .|o^-)/q); what is lacking is KL(q || P(.|o, o^-)), and nothing at the "
        "posterior itself",
        where=WHERE,
        hypotheses="q has no mass where the prior has none",
        method="exact enumeration",
        recorded="holds",
        form=_eq27(),
        planted={
            "other way round": _eq27("other way round"), "divergence reversed": _eq27("divergence reversed"),
            "o left out of the numerator": _eq27("without o"),
        },
        symbolic=_SYMBOLIC,
        formal=(
            "proofs/formal/Statements.v::eq27",
            "proofs/formal/Statements.v::eq27_gap",
            "proofs/formal/Statements.v::eq27_any_law",
            "proofs/formal/Statements.v::eq27_at_the_posterior",
        ),
    ),
    Claim(
        id="eq28",
        equations=(28, 29, 30),
        title="Initial state and transitions cancel",
        statement="E_q log(P(o, .|o^-)/q) = E_q[sum_t log P(o_t|o^-_t,s_t,a_t,b_t) - log pi - log(rho/P) + "
        "log P(a_t|s_t,b_t,o^-_t)]",
        where=WHERE,
        method="exact enumeration",
        recorded="holds",
        form=_eq28(),
        planted={
            "transitions do not cancel": _eq28(transitions=False), "prior dropped": _eq28(prior=False),
            "P(a|s,b) dropped": _eq28(uniform=False),
        },
        symbolic=_SYMBOLIC,
        formal=("proofs/formal/Statements.v::eq30",),
    ),
    Claim(
        id="eq31",
        equations=(31,),
        title="log P(a|s,b) taken as log 1, log P(o|.) as R",
        statement="(30) = E_q sum_t [R - log pi - log(rho/P) + log 1]",
        where=WHERE,
        hypotheses="P(a|s,b,o^-) proportional to 1, P(o|.) proportional to exp(R)",
        method="exact enumeration",
        recorded="false as stated",
        form=_eq31(),
        printed=_eq31(wide=0.0, constant=0.0),
        corrected="(30) = (31) + T (log c - log A): a probability proportional to 1 is 1/A, and log P(o|.) = R + log c "
        "with c <= exp(-max R). With A actions in every state both are constants: the maximising pair is the same, the "
        "bound is not",
        counterexample=_eq31_example,
        planted={
            "log A dropped": _eq31(wide=0.0), "log c dropped": _eq31(constant=0.0), "log A added": _eq31(wide=1.0),
            "once instead of T times": _eq31(once=True),
        },
        symbolic=_SYMBOLIC,
        formal=(
            "proofs/formal/Statements.v::eq31_corrected",
            "proofs/formal/Statements.v::eq31_printed_fails",
        ),
    ),
    Claim(
        id="eq32",
        equations=(32,),
        title="From trajectories to steps",
        statement="(31) = sum_t E_{s_t}[E_rho[E_pi R + H(pi(.|s_t,b_t))] - KL(rho(.|s_t) || P(.|s_t))]",
        where=WHERE,
        method="exact enumeration",
        recorded="holds",
        form=_eq32(),
        planted={
            "entropy of the marginal policy": _eq32("entropy of the marginal"), "divergence sign": _eq32("sign of KL"),
            "entropy under the prior": _eq32("entropy under the prior"), "discounted": _eq32("discounted"),
        },
        symbolic=_SYMBOLIC,
        formal=("proofs/formal/Statements.v::eq32",),
    ),
)
