"""Appendix C.1: eq. 33 to 37, what a pair (pi, rho) is worth."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ...checks import FloatArray
from .. import written_out
from ..cases import Case
from ..ledger import Claim, Counterexample, Form, Gap, equal

__all__ = ["CLAIMS"]

WHERE = "Appendix C.1"


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


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="eq33",
        equations=(33,),
        title="Q of a pair, as a series",
        statement="Q^{pi,rho}(s,a,b) = R + E sum_{l>=1} gamma^l [R + alpha H(pi(.|s,b)) - KL(rho(.|s) || P(.|s))]",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq33(),
        planted={
            "alpha dropped": _eq33(alpha=0.0), "divergence sign": _eq33(beta=-1.0), "sum from 0": _eq33(start=0),
            "another pair": _eq33(swapped=True),
        },
        symbolic=("proofs/symbolic/bellman.py",),
        formal=("proofs/formal/Statements.v::eq33",),
    ),
    Claim(
        id="eq34",
        equations=(34,),
        title="Q of a pair, one step",
        statement="Q^{pi,rho} = E[R + gamma (alpha H(pi(.|s',b')) - KL(rho || P) + Q^{pi,rho}(s',a',b'))]",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq34(34),
        planted={
            "b' from the prior": _eq34(34, "b' from the prior"), "alpha dropped": _eq34(34, "alpha dropped"),
            "divergence sign": _eq34(34, "divergence sign"), "this state's": _eq34(34, "this state's"),
        },
        symbolic=("proofs/symbolic/bellman.py",),
        formal=(
            "proofs/formal/Statements.v::eq34",
            "proofs/formal/Statements.v::pair_Q_exists",
            "proofs/formal/Statements.v::pair_Q_unique",
        ),
    ),
    Claim(
        id="eq35",
        equations=(35,),
        title="Q of a pair, one step, a' taken first",
        statement="Q^{pi,rho} = E_{s',b'}[R + gamma (alpha H(pi(.|s',b')) - KL(rho || P) + E_{a'~pi} Q^{pi,rho})]",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq34(35),
        planted={
            "b' from the prior": _eq34(35, "b' from the prior"),
            "entropy of the marginal": _eq34(35, "entropy of the marginal"),
            "divergence sign": _eq34(35, "divergence sign"),
        },
        symbolic=("proofs/symbolic/bellman.py",),
        formal=(
            "proofs/formal/Statements.v::eq34",
            "proofs/formal/Statements.v::pair_Q_exists",
            "proofs/formal/Statements.v::pair_Q_unique",
        ),
    ),
    Claim(
        id="eq36",
        equations=(36,),
        title="Q of a pair, one step, every expectation named",
        statement="Q^{pi,rho} = E_{s'}[R + gamma (E_rho alpha H(pi) - KL(rho || P) + E_{rho,pi} Q^{pi,rho})]",
        where=WHERE,
        method="identity",
        recorded="holds",
        form=_eq34(36),
        planted={
            "entropy of the marginal": _eq34(36, "entropy of the marginal"),
            "alpha dropped": _eq34(36, "alpha dropped"), "this state's": _eq34(36, "this state's"),
        },
        symbolic=("proofs/symbolic/bellman.py",),
        formal=("proofs/formal/Statements.v::pair_Q_exists", "proofs/formal/Statements.v::pair_Q_unique"),
    ),
    Claim(
        id="eq37",
        equations=(37,),
        title="The objective in terms of Q",
        statement="J(pi, rho) = sum_t E[Q^{pi,rho}(s_t,a_t,b_t) + alpha H(pi) - KL(rho || P)]",
        where=WHERE,
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
        formal=("proofs/formal/Statements.v::eq37_corrected", "proofs/formal/Statements.v::eq37_printed_fails"),
    ),
)
