"""Continuous games that have a name: the paper's, and others of the literature on learning in differential games."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ..checks import real_number
from ..errors import InputError
from .continuous import ContinuousGame, Dynamics

__all__ = [
    "beauty_contest", "cournot", "max_of_two_quadratics", "meeting_point", "product_game", "push", "rotational",
    "trigonometric",
]  # fmt: skip


def max_of_two_quadratics(form: Literal["printed", "released"] = "printed") -> ContinuousGame:
    """The Max of Two Quadratics (Wei et al. 2018; Section 5.2), a common payoff max(f_1, f_2) on [-10, 10]^2.

    f_1 is a wide hill with its top, 0, at (-5, -5); f_2 a narrow one with its top, 10, at (5, 5). The paper prints
    ((a + 5)/3)^2 in f_1; the released code has (a + 5)^2/3, three times as steep, and so has Figure 2a: see
    `differential.formula` in the ledger.

    >>> [max_of_two_quadratics(form).rewards([-4.0, -5.0])[0].round(4) for form in ("printed", "released")]
    [np.float64(-0.0889), np.float64(-0.2667)]
    """
    if form not in ("printed", "released"):
        raise InputError(f"form must be 'printed' or 'released', not {form!r}")
    width = 9.0 if form == "printed" else 3.0

    def reward(a: Any, b: Any) -> Any:
        wide = -0.8 / width * ((a + 5.0) ** 2 + (b + 5.0) ** 2)
        return np.maximum(wide, 10.0 - (a - 5.0) ** 2 - (b - 5.0) ** 2)

    return ContinuousGame(reward, -10.0, 10.0, name=f"Max of Two Quadratics ({form})")


def meeting_point(target: float = 0.0, pull: float = 1.0, half_width: float = 10.0) -> ContinuousGame:
    """A common payoff -(a - b)^2 - pull ((a - target)^2 + (b - target)^2): two players meet, and at a place they like.

    Quadratic, so that on a wide box all of its soft solutions are Gaussian.
    """
    target, pull = real_number(target, "target"), real_number(pull, "pull", low=0.0)
    half = real_number(half_width, "half_width", low=1e-6)
    return ContinuousGame(
        lambda a, b: -((a - b) ** 2) - pull * ((a - target) ** 2 + (b - target) ** 2), -half, half, name="Meeting point"
    )


def product_game() -> ContinuousGame:
    """Rewards a b and -a b on [-1, 1]^2: zero-sum, its equilibrium (0, 0) a centre of the gradients' flow (a matching
    of pennies with continuous actions; Balduzzi et al. 2018)."""
    return ContinuousGame(lambda a, b: (a * b, -a * b), -1.0, 1.0, name="Product game")


def rotational() -> ContinuousGame:
    """Rewards a^2/2 + 10 a b and b^2/2 - 10 a b on [-1, 1]^2 (Hemmat et al. 2020): gradients rotate around (0, 0)."""
    return ContinuousGame(
        lambda a, b: (0.5 * a * a + 10.0 * a * b, 0.5 * b * b - 10.0 * a * b), -1.0, 1.0, name="Rotational game"
    )


def trigonometric() -> ContinuousGame:
    """Rewards a cos(b) and b sin(a) on [-pi, pi]^2, general-sum."""
    return ContinuousGame(
        lambda a, b: (np.cos(b) * a, np.sin(a) * b), -math.pi, math.pi, name="Trigonometric game"
    )


def cournot(num_players: int = 2, price: float = 3.0, cost: float = 1.0) -> ContinuousGame:
    """Quantities a_i in [0, price], reward a_i (price - cost - sum_j a_j): Cournot's oligopoly (1838). Its one
    equilibrium has a_i = (price - cost)/(n + 1); half the monopoly's quantity each would be better for two.

    >>> cournot().rewards([2 / 3, 2 / 3]).round(3).tolist()
    [0.444, 0.444]
    """
    price, cost = real_number(price, "price", low=1e-9), real_number(cost, "cost", low=0.0)

    def reward(*quantities: Any) -> tuple[Any, ...]:
        margin = price - cost - sum(quantities)
        return tuple(quantity * margin for quantity in quantities)

    return ContinuousGame(reward, 0.0, price, num_players=num_players, name="Cournot oligopoly")


def beauty_contest(num_players: int = 3, p: float = 0.7) -> ContinuousGame:
    """Numbers a_i in [0, 1], reward -(a_i - p mean(a))^2: the p-beauty contest of Keynes (1936) and Moulin (1986) in
    the form that learners are tried on (Wen et al. 2019). For p < 1 all play 0.

    >>> beauty_contest().rewards([0.3, 0.3, 0.3]).round(4).tolist()
    [-0.0081, -0.0081, -0.0081]
    """
    p = real_number(p, "p")

    def reward(*numbers: Any) -> tuple[Any, ...]:
        aim = p * sum(numbers) / len(numbers)
        return tuple(-((number - aim) ** 2) for number in numbers)

    return ContinuousGame(reward, 0.0, 1.0, num_players=num_players, name="Beauty contest")


def push(friction: float = 0.5, effort: float = 0.1, noise: float = 0.05) -> ContinuousGame:
    """Two players push a mass on a line towards 0, from a place drawn in [-2, 2]; a common payoff with states.

    Place x, forces a and b in [-1, 1]: x' = x + friction (a + b) + noise N(0, 1), kept within [-4, 4]; reward
    -x^2 - effort (a^2 + b^2).
    """
    friction, effort, noise = (
        real_number(v, name, low=0.0) for v, name in ((friction, "friction"), (effort, "effort"), (noise, "noise"))
    )

    def step(x: Any, a: Any, b: Any, rng: np.random.Generator) -> Any:
        return np.clip(x + friction * (a + b)[:, None] + noise * rng.standard_normal(x.shape), -4.0, 4.0)

    return ContinuousGame(
        lambda x, a, b: -(x[..., 0] ** 2) - effort * (a * a + b * b), -1.0, 1.0, name="Push",
        dynamics=Dynamics(1, lambda runs, rng: rng.uniform(-2.0, 2.0, size=(runs, 1)), step),
    )  # fmt: skip
