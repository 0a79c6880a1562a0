"""How P(A, A) depends on ROMMEO-Q's settings, one at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..checks import FloatArray, frozen
from ..games.catalogue import climbing
from ..learners import RommeoQ, exponential, train
from .figure1 import NEAR_END, standard_error
from .published import EPISODES
from .settings import RELEASED_ROMMEO_Q

__all__ = ["Scan", "Sensitivity", "sensitivity"]

ROUNDS = 10
"""Of an episode, where the value of the next state matters: with one round nothing follows."""


class Scan(NamedTuple):
    """P(A, A) at the end along one setting.

    Attributes
    ----------
    setting : str
    line : str
        What the other settings are.
    values : (V,) array
    mean, error : (V,) array
        Of P(A, A) in the last tenth of the episodes, over runs, and its standard error.
    log : bool
        Whether the values are spread by factors.
    """

    setting: str
    line: str
    values: FloatArray
    mean: FloatArray
    error: FloatArray
    log: bool


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """All scans; panels are those with the same setting."""

    scans: tuple[Scan, ...]
    episodes: int
    runs: int
    seed: int

    @property
    def panels(self) -> dict[str, list[Scan]]:
        found: dict[str, list[Scan]] = {}
        for scan in self.scans:
            found.setdefault(scan.setting, []).append(scan)
        return found


class _Asked(NamedTuple):
    setting: str
    line: str
    values: tuple[float, ...]
    recipe: Callable[[Any], RommeoQ]
    rounds: int = 1
    log: bool = True


def _asked() -> list[_Asked]:
    released = RELEASED_ROMMEO_Q
    bases = {"own": RommeoQ(), "released": released}
    asked = []
    temperatures = (0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0)
    for start, line in ((0.0, "initial Q = 0"), (12.0, "initial Q = 12")):
        asked.append(_Asked(
            "constant temperature", line, temperatures, lambda x, q=start: replace(released, alpha=x, initial=q)
        ))  # fmt: skip
    starts = {"own": (0.08, 0.5), "released": (1.0 - math.e**-0.1, 0.1)}
    for name, base in bases.items():
        rate, floor = starts[name]
        asked += [
            _Asked("cooling per round", name, (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64),
                   lambda x, b=base, f=floor: replace(b, alpha=exponential(500.0, x, f))),
            _Asked("temperature in the end", name, (0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
                   lambda x, b=base, r=rate: replace(b, alpha=exponential(500.0, r, x))),
            _Asked("learning rate", name, (0.01, 0.03, 0.1, 0.3, 0.6, 1.0), lambda x, b=base: replace(b, learning_rate=x)),
            _Asked("batch N", name, (1, 2, 4, 8, 16), lambda x, b=base: replace(b, batch=int(x))),
            _Asked("initial Q", name, (-30.0, -15.0, 0.0, 6.0, 12.0, 20.0), lambda x, b=base: replace(b, initial=x),
                   log=False),
            _Asked("pseudo-count of the prior", name, (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0),
                   lambda x, b=base: replace(b, pseudo_count=x)),
        ]  # fmt: skip
        short = replace(base, value="sampled")
        asked += [
            _Asked("samples K", name, (1, 4, 16, 64), lambda x, b=short: replace(b, samples=int(x)), ROUNDS),
            _Asked("target interval C", name, (1, 4, 16, 64), lambda x, b=short: replace(b, interval=int(x)), ROUNDS),
        ]
    order = list(dict.fromkeys(item.setting for item in asked))
    return sorted(asked, key=lambda item: order.index(item.setting))


def sensitivity(
    episodes: int = EPISODES, runs: int = 100, seed: int = 0, progress: Callable[[str], None] | None = None
) -> Sensitivity:
    """Vary one setting of ROMMEO-Q at a time on the climbing game, from the settings of both families.

    K and C matter only where something follows a round: there an episode has 10 rounds, the episodes are as many
    fewer, and V bar is sampled as in Algorithm 1 (corrected). Arguments as :func:`~.figure1.compute`.

    Raises
    ------
    InputError
    """
    game, scans = climbing(), []
    for number, (setting, line, values, recipe, rounds, log) in enumerate(_asked()):
        if progress is not None:
            progress(f"sensitivity: {setting}, {line}")
        ends = []
        for k, value in enumerate(values):
            rng = np.random.default_rng([seed, 200 + number, k])
            count = max(1, episodes // rounds)
            history = train(game, [recipe(value)] * 2, count, rounds, runs, rng=rng)
            ends.append(history.joint_probability((0, 0))[-max(1, count // NEAR_END) :].mean(axis=0))
        table = np.stack(ends)
        scans.append(Scan(
            setting, line, frozen(np.array(values, dtype=float)), frozen(table.mean(axis=1)),
            frozen(standard_error(table)), log,
        ))  # fmt: skip
    return Sensitivity(tuple(scans), episodes, runs, seed)
