"""How P(A, A) depends on ROMMEO-Q's settings, one at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ...checks import FloatArray, frozen
from ...games.catalogue import climbing
from ...learners import RommeoQ, exponential, train
from ...plots.averages import standard_error
from ..verdicts import NEAR_END
from .published import EPISODES
from .settings import RELEASED_ROMMEO_Q

__all__ = ["Scan", "Sensitivity", "sensitivity"]

ROUNDS = 10
SHORT = f"{ROUNDS} rounds an episode"
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


class _Base(NamedTuple):
    """A recipe, and how its temperature falls from 500: by which share in a round, and to what."""

    recipe: RommeoQ
    rate: float
    floor: float


class _Varied(NamedTuple):
    """A setting, the values that it takes, and what it makes of a base."""

    setting: str
    values: tuple[float, ...]
    of: Callable[[_Base, float], RommeoQ]
    lines: tuple[str, ...] = ("own", "released")
    rounds: int = 1
    log: bool = True


_BASES = {
    "own": _Base(RommeoQ(), 0.08, 0.5),
    "released": _Base(RELEASED_ROMMEO_Q, 1.0 - math.e**-0.1, 0.1),
    "initial Q = 0": _Base(replace(RELEASED_ROMMEO_Q, initial=0.0), 0.0, 0.0),
    "initial Q = 12": _Base(replace(RELEASED_ROMMEO_Q, initial=12.0), 0.0, 0.0),
    SHORT: _Base(replace(RELEASED_ROMMEO_Q, value="sampled"), 0.0, 0.0),
}

_VARIED = (
    _Varied(
        "constant temperature", (0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0),
        lambda base, x: replace(base.recipe, alpha=x), ("initial Q = 0", "initial Q = 12"),
    ),
    _Varied("cooling per round", (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64),
            lambda base, x: replace(base.recipe, alpha=exponential(500.0, x, base.floor))),
    _Varied("temperature in the end", (0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
            lambda base, x: replace(base.recipe, alpha=exponential(500.0, base.rate, x))),
    _Varied("learning rate", (0.01, 0.03, 0.1, 0.3, 0.6, 1.0), lambda base, x: replace(base.recipe, learning_rate=x)),
    _Varied("batch N", (1, 2, 4, 8, 16), lambda base, x: replace(base.recipe, batch=int(x))),
    _Varied("initial Q", (-30.0, -15.0, 0.0, 6.0, 12.0, 20.0), lambda base, x: replace(base.recipe, initial=x),
            log=False),
    _Varied("pseudo-count of the prior", (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0),
            lambda base, x: replace(base.recipe, pseudo_count=x)),
    _Varied("samples K", (1, 4, 16, 64), lambda base, x: replace(base.recipe, samples=int(x)), (SHORT,), ROUNDS),
    _Varied("target interval C", (1, 4, 16, 64), lambda base, x: replace(base.recipe, interval=int(x)), (SHORT,),
            ROUNDS),
)  # fmt: skip


def sensitivity(
    episodes: int = EPISODES, runs: int = 100, seed: int = 0, progress: Callable[[str], None] | None = None
) -> Sensitivity:
    """Vary one setting of ROMMEO-Q at a time on the climbing game, from the settings of both families.

    K and C matter only where something follows a round: there an episode has 10 rounds, the episodes are as many
    fewer, and V bar is sampled as in Algorithm 1 (corrected). Arguments as :func:`~.curves.compute`.

    Raises
    ------
    InputError
    """
    game, scans = climbing(), []
    for number, (setting, values, of, lines, rounds, log) in enumerate(_VARIED):
        for line in lines:
            if progress is not None:
                progress(f"sensitivity: {setting}, {line}")
            ends = []
            for k, value in enumerate(values):
                rng = np.random.default_rng([seed, 200 + number, k])
                count = max(1, episodes // rounds)
                history = train(game, [of(_BASES[line], value)] * 2, count, rounds, runs, rng=rng)
                ends.append(history.joint_probability((0, 0))[-max(1, count // NEAR_END) :].mean(axis=0))
            table = np.stack(ends)
            scans.append(Scan(
                setting, line, frozen(np.array(values, dtype=float)), frozen(table.mean(axis=1)),
                frozen(standard_error(table)), log,
            ))  # fmt: skip
    return Sensitivity(tuple(scans), episodes, runs, seed)
