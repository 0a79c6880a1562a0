"""What ROMMEO-AC has learnt at the end of training, beside the exact fixed point of self-play at the same weights.

Equation 19 draws a from the replay buffer, as it is printed, or from pi, as Theorem 5 has it. The former draws the
model to the exact rho only once pi is the exact one, and so comes to it later.
"""

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

__all__ = ["ALPHAS", "READINGS", "Comparison", "Distributions", "distributions"]

ALPHAS = (0.5, 1.0, 4.0)

READINGS = {"replay": "a in eq. 19 from the replay buffer", "policy": "a in eq. 19 from π"}
"""Of :class:`~rommeo_exact.actor_critic.RommeoAC`'s `action`."""

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
    action : {"replay", "policy"}
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
    action: str
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
    """All comparisons, by form of the reward, reading of equation 19, temperature, player, and pi before rho."""

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
        exact = [self_play_continuous(game, alpha, base.beta) for alpha in alphas]
        low, high = float(game.low[0][0]), float(game.high[0][0])
        grid = np.linspace(low, high, POINTS)
        for action in READINGS:
            for k, alpha in enumerate(alphas):

                def told(done: int, of: int, what: str = f"alpha = {alpha:g}, {READINGS[action]}, {form}") -> None:
                    if progress is not None:
                        progress(f"distributions, {what}: episode {done} of {of}")

                rng = np.random.default_rng([seed, 400, number, k])
                recipe = replace(base, alpha=alpha, action=action)  # type: ignore[arg-type]
                training = Training(game, [recipe] * 2, ROUNDS, runs, rng=rng)
                training.advance(episodes, told)
                arrived = training.history().near(OPTIMUM, NEAR)
                for player, (learner, solution) in enumerate(zip(training.learners, exact[k].solutions, strict=True)):
                    learnt = learner.densities(grid[:, None], grid[:, None])  # type: ignore[attr-defined]
                    true = solution.marginal, solution.opponent_model
                    for which, density, wanted in zip(("pi", "rho"), learnt, (law(grid) for law in true), strict=True):
                        distance = 0.5 * np.abs(density - wanted).sum(axis=1) * (high - low) / (POINTS - 1)
                        found.append(Comparison(
                            form, action, alpha, which, player, frozen(grid), frozen(density), frozen(wanted),
                            frozen(distance), arrived,
                        ))  # fmt: skip
    return Distributions(tuple(found), episodes, runs, seed)
