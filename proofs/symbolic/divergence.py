"""Lemmas that every theorem of the paper rests on: log x <= x - 1, KL(p || r) >= 0 with equality iff p = r, Jensen.

Generic in the number of outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .derivation import Equal, Signed, Smallest, Step, Tends, derivation, present
from .formulas import a, over_a

x = sp.Symbol("x", positive=True)
p = sp.IndexedBase("p", positive=True)
r = sp.IndexedBase("r", positive=True)
f = sp.IndexedBase("f", nonnegative=True)
y = sp.IndexedBase("y", positive=True)

ONE = ((over_a(p[a]), 1), (over_a(r[a]), 1))


def excess(t: Any) -> Any:
    """f(t) = t - 1 - log t."""
    return t - 1 - sp.log(t)


@derivation(
    "log x <= x - 1, with equality only at x = 1",
    plants={
        "log of base 2": {"gap": lambda t: t - 1 - sp.log(t) / sp.log(2)},
        "sign": {"gap": lambda t: 1 - t - sp.log(t)},
    },
)
def logarithm_below_its_tangent(gap: Any = excess) -> Iterator[Step]:
    """The one inequality of calculus that is used anywhere in these proofs."""
    yield Smallest(
        "f falls until 1 and rises after it, so f(x) = x - 1 - log x is positive except at 1",
        gap(x),
        x,
        sp.Integer(1),
        sp.Integer(0),
    )


@derivation(
    "KL(p || r) >= 0, with equality iff p = r (used in eq. 40, 42, 43, 44)",
    plants={
        "arguments exchanged inside": {"ratio": lambda u, v: v / u},
        "weights of the other distribution": {"weight": r},
    },
)
def divergence_is_nonnegative(ratio: Any = lambda u, v: u / v, weight: Any = p) -> Iterator[Step]:
    """KL is a sum of nonnegative terms p f(r/p), f(x) = x - 1 - log x; the sum is 0 only if every ratio r/p is 1."""
    divergence = over_a(p[a] * sp.log(ratio(p[a], r[a])))
    yield Equal(
        "Term by term, p f(r/p) = p log(p/r) + r - p",
        weight[a] * excess(r[a] / p[a]),
        p[a] * sp.log(ratio(p[a], r[a])) + r[a] - p[a],
    )
    yield Equal(
        "Summed, since both sum to 1, KL(p || r) = sum p f(r/p)",
        divergence,
        over_a(weight[a] * excess(r[a] / p[a])),
        given=ONE,
    )
    yield Signed("Every f is nonnegative by the lemma, so the sum is", over_a(weight[a] * f[a]))
    s, t = sp.symbols("s t", positive=True)
    yield Tends("A term with p = 0 counts r >= 0, its limit", s * excess(t / s), s, 0, t)


@derivation(
    "Jensen: sum p log y <= log sum p y, with equality iff y is constant (used in eq. 27)",
    plants={"mean of the logarithms inside": {"mean": sp.exp(over_a(p[a] * sp.log(y[a])))}},
)
def jensen_for_the_logarithm(mean: Any = over_a(p[a] * y[a])) -> Iterator[Step]:
    """What the logarithm of a mean exceeds the mean of the logarithms by is again a sum of p f."""
    m = sp.Symbol("m", positive=True)
    known = ((over_a(p[a]), 1), (over_a(p[a] * y[a]), m))
    yield Equal(
        "With m = sum p y: log m - sum p log y = sum p f(y/m)",
        sp.log(m) - over_a(p[a] * sp.log(y[a])),
        over_a(p[a] * excess(y[a] / m)),
        given=known,
    )
    yield Equal("and m is that mean", mean, m, given=known)
    yield Signed("Every f is nonnegative by the lemma", over_a(p[a] * f[a]))


if __name__ == "__main__":
    present(globals())
