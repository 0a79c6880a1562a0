"""Figure 1, computed from scratch: learning curves, P(A, A), and one run, each held against what the paper shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...checks import BoolArray, FloatArray, frozen, integer
from ...errors import InputError
from ...games.catalogue import climbing
from ...learners import CrossPlay, History, Recipe, cross_play, train
from ...plots.averages import confidence, standard_error
from ..verdicts import NEAR_END, Check, Verdict, end
from .published import CURVES, EPISODES, LEARNERS, ONE_RUN, PROBABILITY_ERROR, TIME_ERROR, Published, Reading
from .settings import FAMILIES, Preset, presets

__all__ = ["Check", "Curve", "Figure1", "OneRun", "Verdict", "compute", "families_of", "judge", "pairings"]

Progress = Callable[[str], None]

@dataclass(frozen=True, eq=False)
class Curve:
    """A learner in self-play, in E episodes and K runs.

    Attributes
    ----------
    learner, family : str
        As in :data:`~.published.LEARNERS` and :data:`~.settings.FAMILIES`.
    preset : Preset
    rewards : (E, K) array
        The reward of each episode's round, which both players get.
    optimum : (E, K) array
        P(A, A), the probability that both play A.
    """

    learner: str
    family: str
    preset: Preset
    rewards: FloatArray
    optimum: FloatArray

    @property
    def episodes(self) -> int:
        return int(self.rewards.shape[0])

    @property
    def runs(self) -> int:
        return int(self.rewards.shape[1])

    def of(self, quantity: Literal["reward", "optimum"]) -> FloatArray:
        return self.rewards if quantity == "reward" else self.optimum

    def end(self, quantity: Literal["reward", "optimum"]) -> FloatArray:
        """The mean of each run over the last tenth of the episodes: (K,)."""
        return end(self.of(quantity))

    def band(self, quantity: Literal["reward", "optimum"], window: int = 1) -> tuple[FloatArray, FloatArray]:
        """The mean over runs of the running mean of so many episodes, and half its 95 % confidence band: (E,) each."""
        return confidence(self.of(quantity), window)


# --- verdicts ---


def judge(curve: Curve, published: Published | None = None) -> Verdict:
    """Hold a curve against the readings of the paper's.

    Parameters
    ----------
    curve : Curve
    published : Published, optional
        By default the paper's curve of the same learner.
    """
    published = CURVES[curve.learner] if published is None else published
    other = Verdict.of_length(curve.episodes, EPISODES, TIME_ERROR)
    if other is not None:
        return other
    checks = tuple(_check(curve, reading) for reading in published.readings)
    wrong = [_words(check) for check in checks if not check.agrees]
    if published.rising and not _rises(curve):
        wrong.append("P(A,A) does not rise in the second half")
    return Verdict.of(wrong, checks, curve.runs)


def _check(curve: Curve, reading: Reading) -> Check:
    window = TIME_ERROR if reading.quantity == "reward" else 1  # rewards of single episodes are too noisy
    return Check.of(curve.of(reading.quantity), reading, EPISODES, TIME_ERROR, window)


def _rises(curve: Curve) -> bool:
    """P(A, A) is higher at the end than half-way, by more than two standard errors of the difference."""
    half, part = curve.episodes // 2, max(1, curve.episodes // NEAR_END)
    gain = curve.end("optimum") - curve.optimum[half - part // 2 : half + part - part // 2].mean(axis=0)
    return bool(gain.mean() > 0.0 and (curve.runs < 2 or gain.mean() > 2.0 * standard_error(gain)))


def _words(check: Check) -> str:
    what, digits = ("reward", 1) if check.reading.quantity == "reward" else ("P(A,A)", 2)
    where = "at the end" if check.reading.episode == EPISODES else f"near episode {check.reading.episode}"
    return f"{what} {check.found:.{digits}f} {where}, not {check.reading.value:.{digits}f}"


# --- one run ---


@dataclass(frozen=True, eq=False)
class OneRun:
    """Figure 1c: P(A) in one run of ROMMEO-Q.

    The run is the typical one: of those that end with both policies above 1/2 at A, the one whose four curves are
    nearest, in the mean over episodes of their absolute distance, to the median curves of these runs.

    Attributes
    ----------
    family : str
    run : int
        Its number, from 0; -1 where no run ends at A, and the typical one of all is shown.
    policies, models : (E, 2) array
        pi^1(A), pi^2(A), and rho^1(A), rho^2(A): rho^i is what agent i expects of the other.
    arrived : float
        Share of runs that end at A.
    dropped : float
        Share of runs in which all four curves fall below 1/20 by episode 15 + 15 and then end at A.
    models_first : float
        Share of runs ending at A, NaN where none does, in which the mean of the models is above 0.9 before that of the
        policies.
    ahead : float
        Share of runs ending at A in which no model is below the policy that it models by more than 1/20, once it was
        above 1/2.
    """

    family: str
    run: int
    policies: FloatArray
    models: FloatArray
    arrived: float
    dropped: float
    models_first: float
    ahead: float

    def checks(self) -> list[tuple[str, int, float, float]]:
        """(curves, episode, the paper's P(A), the farthest of the two curves'), within what an episode may miss."""
        found = []
        for name, readings in ONE_RUN.items():
            table = self.models if name == "rho" else self.policies
            for episode, value in readings:
                if episode > len(table):
                    continue
                near = table[max(0, episode - 1 - TIME_ERROR) : episode + TIME_ERROR]
                nearest = near[np.abs(near - value).argmin(axis=0), [0, 1]]
                found.append((name, episode, value, float(nearest[np.abs(nearest - value).argmax()])))
        return found

    @property
    def verdict(self) -> Verdict:
        other = Verdict.of_length(len(self.policies), EPISODES, TIME_ERROR)
        if other is not None:
            return other
        wrong = [
            f"{name} comes to {found:.2f} near episode {episode}, not {value:.2f}"
            for name, episode, value, found in self.checks()
            if abs(found - value) > PROBABILITY_ERROR
        ]
        return Verdict.of(wrong)


def _one_run(family: str, history: History) -> OneRun:
    policies = np.stack([policy[..., 0] for policy in history.policies], axis=2)
    models = np.stack([model[..., 0] for model in history.opponent_models if model is not None], axis=2)
    four = np.concatenate([policies, models], axis=2)  # (E, K, 4)
    arrived = policies[-1].min(axis=1) > 0.5
    among = np.flatnonzero(arrived) if arrived.any() else np.arange(history.runs)
    distance = np.abs(four[:, among] - np.median(four[:, among], axis=1, keepdims=True)).mean(axis=(0, 2))
    run = int(among[np.argmin(distance)])
    fallen = four[: 2 * TIME_ERROR].min(axis=0).max(axis=1) < PROBABILITY_ERROR
    first: BoolArray = _first_above(models.mean(axis=2), 0.9) < _first_above(policies.mean(axis=2), 0.9)
    behind = models < policies[..., ::-1] - PROBABILITY_ERROR
    once = np.maximum.accumulate(models > 0.5, axis=0)
    ahead: BoolArray = ~np.asarray((behind & once).any(axis=(0, 2)))

    def share(which: BoolArray) -> float:
        return float(which[among].mean()) if arrived.any() else math.nan

    return OneRun(
        family, run if arrived.any() else -1, frozen(policies[:, run].copy()), frozen(models[:, run].copy()),
        float(arrived.mean()), float((fallen & arrived).mean()), share(first), share(ahead),
    )  # fmt: skip


def _first_above(table: FloatArray, level: float) -> FloatArray:
    above = table > level
    return np.where(above.any(axis=0), above.argmax(axis=0), math.inf)


# --- all of it ---


@dataclass(frozen=True, eq=False)
class Figure1:
    """Everything that :func:`compute` found.

    Attributes
    ----------
    curves : tuple of Curve
        By family, in the order of :data:`~.published.LEARNERS`.
    verdicts : tuple of Verdict
        One for each curve.
    one_runs : tuple of OneRun
        One for each of the families "own" and "released" that was asked for.
    episodes, runs, seed : int
    """

    curves: tuple[Curve, ...]
    verdicts: tuple[Verdict, ...]
    one_runs: tuple[OneRun, ...]
    episodes: int
    runs: int
    seed: int

    @property
    def families(self) -> tuple[str, ...]:
        """Those drawn."""
        return tuple(one.family for one in self.one_runs)

    def find(self, learner: str, family: str) -> tuple[Curve, Verdict] | None:
        for curve, verdict in zip(self.curves, self.verdicts, strict=True):
            if (curve.learner, curve.family) == (learner, family):
                return curve, verdict
        return None

    def explanation(self, learner: str) -> str:
        """What explains the paper's curve, from which settings reproduce it and which do not."""
        found = {family: self.find(learner, family) for family in FAMILIES}
        own, released, repaired = (None if pair is None else pair[1].outcome for pair in found.values())
        pair, mended = found["released"], found["repaired"]
        if pair is None or released != "reproduced":
            if mended is not None and repaired == "reproduced":
                return f"the released settings without their departure from its own paper: {mended[0].preset.note}"
            if own == "reproduced":
                return "this package's settings" if learner.startswith("ROMMEO") else "its own paper's settings"
            silent = pair is None or "undecided" in (own, released, repaired)
            return "" if silent else "no settings here reproduce it"
        note = pair[0].preset.note
        if repaired == "not reproduced":
            return f"the released settings, and only with their departure from its own paper: {note}"
        if mended is not None and repaired == "reproduced":
            return f"the released settings, also without their departure from its own paper: {mended[0].preset.note}"
        return f"the released settings: {note}" + ("; the own ones as well" if own == "reproduced" else "")


def families_of(settings: str) -> tuple[str, ...]:
    """The families that "own", "released" or "both" stands for.

    Raises
    ------
    InputError
    """
    choices = {"own": ("own",), "released": ("released",), "both": ("own", "released")}
    if settings not in choices:
        raise InputError(f"settings is {settings!r}, not one of {', '.join(map(repr, choices))}")
    return choices[settings]


def compute(
    settings: str = "both",
    episodes: int = EPISODES,
    runs: int = 200,
    seed: int = 0,
    progress: Progress | None = None,
) -> Figure1:
    """Play Figure 1: every learner with itself on the climbing game, one round an episode.

    Parameters
    ----------
    settings : {"own", "released", "both"}
        With "released" those are played as well whose mistakes are repaired.
    episodes, runs : int
    seed : int
        The same seed gives the same numbers, whatever else is asked for.
    progress : callable, optional
        Told in words what is being done.

    Returns
    -------
    Figure1

    Raises
    ------
    InputError
    """
    asked = families_of(settings)
    integer(episodes, "episodes", low=1)
    integer(runs, "runs", low=1)
    integer(seed, "seed", low=0)
    game = climbing()
    curves, ones = [], []
    for number, family in enumerate(FAMILIES):
        if family not in asked and not (family == "repaired" and "released" in asked):
            continue
        found = presets(family, episodes)
        for k, learner in enumerate(LEARNERS):
            if learner not in found:
                continue
            if progress is not None:
                progress(f"{learner}, {FAMILIES[family]}")
            preset = found[learner]
            rng = np.random.default_rng([seed, number, k])
            history = train(game, [preset.recipe] * 2, episodes, runs=runs, rng=rng)
            rewards, optimum = history.rewards[..., 0], history.joint_probability((0, 0))
            curves.append(Curve(learner, family, preset, frozen(rewards.copy()), frozen(optimum)))
            if learner == LEARNERS[0]:
                ones.append(_one_run(family, history))
    return Figure1(tuple(curves), tuple(map(judge, curves)), tuple(ones), episodes, runs, seed)


def pairings(
    family: str, episodes: int = EPISODES, runs: int = 200, seed: int = 0, progress: Progress | None = None
) -> tuple[tuple[str, ...], CrossPlay]:
    """Every learner of a family with every one, as first and as second player; arguments as :func:`compute`."""
    found = presets(family, episodes)
    recipes: Sequence[Recipe] = [preset.recipe for preset in found.values()]
    told = None
    if progress is not None:
        say = progress

        def told(done: int, of: int) -> None:
            say(f"cross-play, {FAMILIES[family]}: {done} of {of}")

    rng = np.random.default_rng([seed, 100 + list(FAMILIES).index(family)])
    return tuple(found), cross_play(climbing(), recipes, episodes, runs=runs, rng=rng, progress=told)
