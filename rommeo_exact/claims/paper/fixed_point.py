"""Appendix C.3: eq. 56 to 61, the optimal pair, the operator and its contraction."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from ... import soft
from .. import written_out
from ..cases import Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, never_above

__all__ = ["CLAIMS"]

WHERE = "Appendix C.3"


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
        return every(equal(pi, here.solution.policy, allowance), equal(pi.sum(axis=1), 1.0, allowance))

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
    return every(_eq57(1)(here), _eq57(2)(here))


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
    return every(best, never_above(here.pair.value, written_out.value(here.pair.q, here.prior, here.alpha), here.noise))


def _eq59(starred: bool = True, last: bool = False) -> Form:
    def form(here: Case) -> Gap:
        best, view = here.solution, here.view
        pi, rho = (best.policy, best.opponent_model) if starred else (here.policy, here.model)
        q = best.q if starred else here.pair.q
        inner = written_out.worth(q, pi, rho, here.prior, here.alpha)
        line = view.rewards + view.discount * written_out.next_value(view, inner)
        end = view.rewards + view.discount * written_out.next_value(view, best.value)
        return every(equal(best.q, line, here.noise), equal(best.q, end, here.noise))

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
        return every(*gaps)

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


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq56",
        equations=(56,),
        title="The optimal policy, again",
        statement="pi*(a|s,b) = (1/alpha) exp(Q*(s,a,b)) / sum_a' exp(Q*(s,a',b)/alpha)",
        where=WHERE,
        method="identity",
        recorded="misprint",
        form=_eq56(),
        printed=_eq56("as printed"),
        corrected="exp(Q*(s,a,b)/alpha) in the numerator",
        confirmed_by=("eq10", "eq38"),
        counterexample=_eq56_example,
        planted={"exponent without 1/alpha": _eq56("exponent without 1/alpha")},
        symbolic=("proofs/symbolic/soft_value.py",),
        formal=("proofs/formal/Statements.v::eq10", "proofs/formal/Statements.v::eq56_printed_fails"),
    ),
    Claim(
        id="eq57",
        equations=(57,),
        title="The optimal opponent model, again",
        statement="rho*(b|s) = P(b|s) (sum_a exp(Q*(s,a,b)))^alpha / exp(V*(s))",
        where=WHERE,
        method="identity",
        recorded="misprint",
        form=_eq57_both,
        printed=_eq57(2, "as printed"),
        corrected="exp(Q*(s,a,b)/alpha) inside the sum; the line above it, with E_pi* Q* + alpha H(pi*), is right",
        confirmed_by=("eq11", "eq58"),
        counterexample=_eq57_example,
        planted={"entropy dropped": _eq57(1, "entropy dropped")},
        symbolic=("proofs/symbolic/soft_value.py",),
        formal=(
            "proofs/formal/Statements.v::best_model_of_soft_policy",
            "proofs/formal/Statements.v::eq11",
            "proofs/formal/Statements.v::eq57_printed_fails",
        ),
    ),
    Claim(
        id="eq58",
        equations=(58,),
        title="The soft value of a table",
        statement="V(s) = log sum_b P(b|s) (sum_a exp(Q(s,a,b)/alpha))^alpha is V* at Q*; at Q^{pi,rho} it is at least "
        "V^{pi,rho}, not equal to it as the superscripts may suggest",
        where=WHERE,
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
        formal=(
            "proofs/formal/Statements.v::eq9",
            "proofs/formal/Statements.v::gibbs_bound",
            "proofs/formal/Statements.v::eq58_is_not_the_value_of_the_pair",
        ),
    ),
    Claim(
        id="eq59",
        equations=(59,),
        title="The soft Bellman equation, derived",
        statement="Q*(s,a,b) = R + gamma E_{s'}(E_{rho,pi}[alpha H(pi)] - KL(rho || P) + E_{rho,pi} Q^{pi,rho}) "
        "= R + gamma E V*(s')",
        where=WHERE,
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
        formal=("proofs/formal/Statements.v::theorem1_attained", "proofs/formal/Statements.v::eq59_printed_fails"),
    ),
    Claim(
        id="eq60",
        equations=(60,),
        title="The operator",
        statement="(T Q)(s,a,b) = R(s,a,b) + gamma E_{s'} log sum_b' P(b'|s') (sum_a' exp(Q(s',a',b')/alpha))^alpha, "
        "which is what `soft.bellman` computes",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq60(),
        planted={
            "1/alpha dropped": _eq60("1/alpha dropped"), "power dropped": _eq60("power dropped"),
            "prior dropped": _eq60("prior dropped"), "a and b exchanged": _eq60("a and b exchanged"),
        },
        symbolic=("proofs/symbolic/contraction.py",),
        formal=("proofs/formal/Statements.v::eq60",),
    ),
    Claim(
        id="eq61",
        equations=(61,),
        title="The contraction bound",
        statement="V_{Q1} <= alpha eps + V_{Q2} with eps = |Q1 - Q2|, since Q1/alpha <= Q2/alpha + eps",
        where=WHERE,
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
        formal=(
            "proofs/formal/Statements.v::eq61_corrected",
            "proofs/formal/Statements.v::bellman_contracts",
            "proofs/formal/Statements.v::modulus_attained",
            "proofs/formal/Statements.v::eq61_printed_for_large_alpha",
            "proofs/formal/Statements.v::eq61_printed_fails",
        ),
    ),
)
