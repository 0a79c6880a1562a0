"""What ROMMEO-AC has learnt at the end of training, beside the exact fixed point of self-play at the same weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ...actor_critic import RommeoAC, Training, self_play_continuous
from ...checks import FloatArray, frozen
from ...errors import InputError
from ...games.differential import max_of_two_quadratics
from .curves import NEAR
from .published import EPISODES, LEARNERS, OPTIMUM, ROUNDS
from .settings import presets

__all__ = ["ALPHAS", "Comparison", "Distributions", "distributions"]

ALPHAS = (0.5, 1.0, 2.0, 4.0)

POINTS = 4001
"""On the box, evenly: a step of 0.005, where no density here is narrower than 0.1."""


class Moments(NamedTuple):
    """Mean and standard deviation of a density, (...) each."""

    mean: Any
    deviation: Any


@dataclass(frozen=True, eq=False)
class Comparison:
    """One player's pi(a) or rho(b) at one temperature: learnt in K runs, and exact.

    Attributes
    ----------
    form : str
    alpha : float
    which : {"pi", "rho"}
    player : int
    grid : (M,) array
    learnt : (K, M) array
        Densities on the grid.
    exact : (M,) array
    distance : (K,) array
        Total variation between each run's and the exact one.
    arrived : (K,) bool array
        Which runs end at (5, 5).
    """

    form: str
    alpha: float
    which: str
    player: int
    grid: FloatArray
    learnt: FloatArray
    exact: FloatArray
    distance: FloatArray
    arrived: Any

    def moments(self, density: FloatArray) -> Moments:
        """Of densities (..., M) on the grid."""
        shares = density / density.sum(axis=-1, keepdims=True)
        mean = shares @ self.grid
        spread = (shares * (self.grid - np.asarray(mean)[..., None]) ** 2).sum(axis=-1)
        return Moments(mean, np.sqrt(spread))


@dataclass(frozen=True, eq=False)
class Distributions:
    """All comparisons, by form of the reward, temperature, player, and pi before rho."""

    found: tuple[Comparison, ...]
    episodes: int
    runs: int
    seed: int


def distributions(
    forms: tuple[str, ...] = ("released",),
    episodes: int = EPISODES,
    runs: int = 20,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    *,
    alphas: tuple[float, ...] = ALPHAS,
) -> Distributions:
    """Train ROMMEO-AC's default at several fixed temperatures, and compare; arguments as of :func:`~.curves.compute`.

    The exact fixed point has for prior what the other plays; the learner's is a Gaussian fitted to what was played of
    late, and its policies are Gaussian given b: what the distance is made of.

    Raises
    ------
    InputError
    """
    base = presets("own")[LEARNERS[0]].recipe
    if not isinstance(base, RommeoAC):
        raise InputError("the first learner is not ROMMEO-AC")
    found = []
    for number, form in enumerate(forms):
        game = max_of_two_quadratics(form)  # type: ignore[arg-type]
        low, high = float(game.low[0][0]), float(game.high[0][0])
        grid = np.linspace(low, high, POINTS)
        for k, alpha in enumerate(alphas):

            def told(done: int, of: int, what: str = f"alpha = {alpha:g}, {form} reward") -> None:
                if progress is not None:
                    progress(f"distributions, {what}: episode {done} of {of}")

            rng = np.random.default_rng([seed, 400, number, k])
            training = Training(game, [replace(base, alpha=alpha)] * 2, ROUNDS, runs, rng=rng)
            training.advance(episodes, told)
            arrived = training.history().near(OPTIMUM, NEAR)
            exact = self_play_continuous(game, alpha, base.beta)
            for player, learner in enumerate(training.learners):
                learnt = learner.densities(grid[:, None], grid[:, None])  # type: ignore[attr-defined]
                solution = exact.solutions[player]
                for which, density, true in zip(
                    ("pi", "rho"), learnt, (solution.marginal, solution.opponent_model), strict=True
                ):
                    wanted = np.asarray(true(grid))
                    step = (high - low) / (POINTS - 1)
                    distance = 0.5 * np.abs(density - wanted).sum(axis=1) * step
                    found.append(Comparison(
                        form, alpha, which, player, frozen(grid), frozen(density), frozen(wanted), frozen(distance),
                        arrived,
                    ))  # fmt: skip
    return Distributions(tuple(found), episodes, runs, seed)
