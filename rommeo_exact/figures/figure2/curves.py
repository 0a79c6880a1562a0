"""Figure 2, computed from scratch: learning curves, one run's path and means, each held against what the paper shows;
and what was learnt against what is exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...actor_critic import ContinuousHistory, ContinuousRecipe, train_continuous
from ...checks import BoolArray, FloatArray, frozen, integer
from ...errors import InputError, UnknownNameError
from ...games.continuous import ContinuousGame
from ...games.differential import max_of_two_quadratics
from ...plots.averages import confidence
from ..verdicts import PART, Check, Verdict, end
from .published import (
    CENTRE_ERROR,
    CURVES,
    EPISODES,
    FIRST_EPISODES,
    LEARNERS,
    MEANS,
    OPTIMUM,
    ROUNDS,
    SUBOPTIMUM,
    TIME_ERROR,
    Reading,
)
from .settings import FAMILIES, Preset, presets

__all__ = ["Curve", "Figure2", "OneRun", "check_counts", "compute", "forms_of", "judge", "play", "settled"]

NEAR, FAR = 0.5, 1.0
"""How near to an optimum, in each action, a run counts as ended there: the lower hill is wide."""

BLOCK = 20
"""Runs at once: more only need more memory."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A learner in self-play, in E episodes and K runs.

    Attributes
    ----------
    learner, family, form : str
        As in :data:`~.published.LEARNERS` and :data:`~.settings.FAMILIES`; `form` of the reward, "printed" or
        "released".
    preset : Preset
    rewards : (E, K) array
        Mean reward of a round, per episode.
    centres : (E, K, 2) array
        Mean of what each player would play at the end of each episode, without exploration.
    models : (E, K, 2) array or None
        Mean of what each player expects of the other.
    """

    learner: str
    family: str
    form: str
    preset: Preset
    rewards: FloatArray
    centres: FloatArray
    models: FloatArray | None

    @property
    def episodes(self) -> int:
        return int(self.rewards.shape[0])

    @property
    def runs(self) -> int:
        return int(self.rewards.shape[1])

    @classmethod
    def of(cls, parts: Sequence[ContinuousHistory], learner: str, family: str, form: str, preset: Preset) -> Curve:
        """From the histories of blocks of runs."""
        models = None
        if parts[0].model_mean[0] is not None:
            found = [np.concatenate([m for m in part.model_mean if m is not None], axis=2) for part in parts]
            models = frozen(np.concatenate(found, axis=1))
        rewards = frozen(np.concatenate([part.rewards[..., 0] for part in parts], axis=1))
        centres = frozen(np.concatenate([part.policy_mean for part in parts], axis=1))
        return cls(learner, family, form, preset, rewards, centres, models)

    def ended(self, point: tuple[float, float], distance: float) -> BoolArray:
        """Which runs end within `distance` of a joint action, in each number: (K,)."""
        return np.asarray((np.abs(end(self.centres) - np.asarray(point)) <= distance).all(axis=1))

    @property
    def optimal(self) -> float:
        """The share of runs that end within 1/2 of (5, 5)."""
        return float(self.ended(OPTIMUM, NEAR).mean())

    @property
    def suboptimal(self) -> float:
        """The share of runs that end within 1 of (-5, -5)."""
        return float(self.ended(SUBOPTIMUM, FAR).mean())

    @property
    def quiet(self) -> FloatArray:
        """The reward of the centres, (E, K): that of a round without exploration or spread."""
        return max_of_two_quadratics(self.form).rewards(self.centres)[..., 0]  # type: ignore[arg-type]

    @property
    def arrival(self) -> float:
        """The median of the episodes, from 1, in which the runs that end at (5, 5) are first there; NaN without any."""
        near = (np.abs(self.centres - np.asarray(OPTIMUM)) <= NEAR).all(axis=2)
        there = self.ended(OPTIMUM, NEAR) & near.any(axis=0)
        return float(np.median(near[:, there].argmax(axis=0) + 1)) if there.any() else float("nan")

    def band(self) -> tuple[FloatArray, FloatArray]:
        """The mean over runs, and half its 95 % confidence band: (E,) each."""
        return confidence(self.rewards)


def judge(curve: Curve, readings: tuple[Reading, ...] | None = None) -> Verdict:
    """Hold a learning curve against the readings of Figure 2b, by default those of the same learner."""
    other = Verdict.of_length(curve.episodes, EPISODES, TIME_ERROR)
    if other is not None:
        return other
    readings = CURVES[curve.learner] if readings is None else readings
    checks = [Check.of(curve.rewards, reading, EPISODES, TIME_ERROR) for reading in readings]
    wrong = [
        f"{c.found:.1f} {'at the end' if c.reading.episode == EPISODES else f'near episode {c.reading.episode}'}, "
        f"not {c.reading.value:.1f}"
        for c in checks
        if not c.agrees
    ]
    return Verdict.of(wrong, checks, curve.runs)


@dataclass(frozen=True, eq=False)
class OneRun:
    """Figures 2a and 2c: one run of ROMMEO-AC, and in how many runs the same is seen.

    The run is the typical one: of those that end at (5, 5), the one whose four means are nearest, in the mean over
    episodes of their distance, to the median ones of these runs.

    Attributes
    ----------
    family, form : str
    run : int
        Its number, from 0; -1 where no run ends at (5, 5), and the typical one of all is shown.
    actions : (E, R, 2) array
    policies, models : (E, 2) array
        Means of pi^1, pi^2, and of rho^1, rho^2; rho^i is what agent i expects of the other.
    dipped : float
        Share of the runs ending at (5, 5) in which all four means are below -3 + 1 at some time before they arrive.
    ahead : float
        Share of the pairs (model, policy that it models) of these runs in which the model arrives within 1/2 of 5, to
        stay, no later than the policy; `before`: in which it does so earlier.
    lead : float
        Median over these pairs of the episodes by which the model is earlier.
    """

    family: str
    form: str
    run: int
    actions: FloatArray
    policies: FloatArray
    models: FloatArray
    dipped: float
    ahead: float
    before: float
    lead: float

    @property
    def arrivals(self) -> dict[str, float]:
        """For each mean of this run the episode, from 1, from which it stays within 1/2 of 5; infinite if it never
        does."""
        tables = {"rho^1": self.models[:, 0], "rho^2": self.models[:, 1],
                  "pi^1": self.policies[:, 0], "pi^2": self.policies[:, 1]}  # fmt: skip
        return {name: float(settled(table[:, None])[0] + 1.0) for name, table in tables.items()}

    @property
    def verdict(self) -> Verdict:
        """Whether all four dip, and arrive, as in Figure 2c: within a twentieth of its axes."""
        other = Verdict.of_length(len(self.policies), EPISODES, TIME_ERROR)
        if other is not None:
            return other
        wrong = []
        for name, found in self.arrivals.items():
            table = (self.models if name.startswith("rho") else self.policies)[:, int(name[-1]) - 1]
            low, high = MEANS[name].dip
            dip = float(table[:FIRST_EPISODES].min())
            if not low - CENTRE_ERROR <= dip <= high + CENTRE_ERROR:
                wrong.append(
                    f"{name} is nowhere below {dip:.1f}, in the figure it dips to between {low:g} and {high:g}"
                )
            if abs(found - MEANS[name].arrival) > PART * FIRST_EPISODES:
                when = f"at 5 by episode {found:g}" if np.isfinite(found) else "not at 5 at the end"
                wrong.append(f"{name} is {when}, in the figure by {MEANS[name].arrival}")
        return Verdict.of(wrong)


def settled(table: FloatArray) -> FloatArray:
    """From which episode on, from 0, a mean (E, K) stays within 1/2 of 5: (K,); infinite where it is not there last."""
    away = np.abs(table - OPTIMUM[0]) > NEAR
    last_away = np.where(away.any(axis=0), len(table) - 1 - away[::-1].argmax(axis=0), -1)
    return np.where(away[-1], np.inf, last_away + 1.0)


def _one_run(curve: Curve, actions: FloatArray) -> OneRun:
    if curve.models is None:
        raise InputError(f"{curve.learner} has no opponent model")
    policies, models = curve.centres, curve.models
    four = np.concatenate([policies, models], axis=2)
    arrived = curve.ended(OPTIMUM, NEAR)
    among = np.flatnonzero(arrived) if arrived.any() else np.arange(curve.runs)
    distance = np.abs(four[:, among] - np.median(four[:, among], axis=1, keepdims=True)).mean(axis=(0, 2))
    run = int(among[np.argmin(distance)])
    pairs = [(settled(policies[:, among, 1 - i]), settled(models[:, among, i])) for i in (0, 1)]
    there, first = (np.concatenate(part) for part in zip(*pairs, strict=True))
    both = np.isfinite(there) & np.isfinite(first) & arrived.any()
    lead = there[both] - first[both]
    low = four[:, among].min(axis=0).max(axis=1) < -3.0 + CENTRE_ERROR

    def share(which: BoolArray) -> float:
        return float(which.mean()) if which.size else float("nan")

    return OneRun(
        curve.family, curve.form, run if arrived.any() else -1, frozen(actions[:, :, run].copy()),
        frozen(policies[:, run].copy()), frozen(models[:, run].copy()), share(low if arrived.any() else low[:0]),
        share(lead >= 0.0), share(lead > 0.0), float(np.median(lead)) if lead.size else float("nan"),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Figure2:
    """Everything that :func:`compute` found.

    Attributes
    ----------
    curves : tuple of Curve
        By form of the reward, then family, in the order of :data:`~.published.LEARNERS`.
    verdicts : tuple of Verdict
        One for each curve.
    one_runs : tuple of OneRun
        One for each form and family.
    episodes, runs, seed : int
    """

    curves: tuple[Curve, ...]
    verdicts: tuple[Verdict, ...]
    one_runs: tuple[OneRun, ...]
    episodes: int
    runs: int
    seed: int

    def find(self, learner: str, family: str, form: str) -> tuple[Curve, Verdict] | None:
        for curve, verdict in zip(self.curves, self.verdicts, strict=True):
            if (curve.learner, curve.family, curve.form) == (learner, family, form):
                return curve, verdict
        return None


def forms_of(form: str) -> tuple[str, ...]:
    """The forms of the reward that "printed", "released" or "both" stands for."""
    choices = {"printed": ("printed",), "released": ("released",), "both": ("released", "printed")}
    if form not in choices:
        raise InputError(f"form is {form!r}, not one of {', '.join(map(repr, choices))}")
    return choices[form]


def check_counts(episodes: int, runs: int, seed: int) -> None:
    """That they are integers, and no less than 1, 1 and 0."""
    for name, value, low in (("episodes", episodes, 1), ("runs", runs, 1), ("seed", seed, 0)):
        integer(value, name, low=low)


def compute(
    settings: str = "both",
    form: str = "released",
    episodes: int = EPISODES,
    runs: int = 20,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    *,
    learners: tuple[str, ...] = LEARNERS,
) -> Figure2:
    """Compute Figure 2: every learner with itself on the Max of Two Quadratics, episodes of 25 rounds.

    Parameters
    ----------
    settings : {"own", "released", "both"}
        The families of :mod:`~.settings`.
    form : {"printed", "released", "both"}
        Of the reward: the figure's contours are those of the released one.
    episodes, runs, seed : int
        The same seed gives the same figure; every curve has random numbers of its own.
    progress : callable, optional
        Told what is being computed.
    learners : tuple of str

    Raises
    ------
    InputError
    UnknownNameError
    """
    for learner in learners:
        if learner not in LEARNERS:
            raise UnknownNameError("learner", learner, LEARNERS)
    families = FAMILIES if settings == "both" else (settings,)
    check_counts(episodes, runs, seed)
    curves, ones = [], []
    for chosen in forms_of(form):
        number = forms_of("both").index(chosen)
        game = max_of_two_quadratics(chosen)  # type: ignore[arg-type]
        for family in families:
            found = presets(family)
            for k, learner in enumerate(LEARNERS):
                if learner not in learners:
                    continue
                key = (seed, number, list(FAMILIES).index(family), k)
                what = f"{learner}, {FAMILIES[family]}, {chosen} reward"
                parts = play(game, found[learner].recipe, episodes, runs, key, what, progress)
                curve = Curve.of(parts, learner, family, chosen, found[learner])
                curves.append(curve)
                if learner == LEARNERS[0]:
                    ones.append(_one_run(curve, np.concatenate([part.actions for part in parts], axis=2)))
    return Figure2(tuple(curves), tuple(map(judge, curves)), tuple(ones), episodes, runs, seed)


def play(
    game: ContinuousGame,
    recipe: ContinuousRecipe,
    episodes: int,
    runs: int,
    key: tuple[int, ...],
    what: str,
    progress: Callable[[str], None] | None = None,
    discount: float | None = None,
) -> list[ContinuousHistory]:
    """Self-play in blocks of runs, each with random numbers of its own."""
    parts = []
    for block in range(0, runs, BLOCK):

        def told(done: int, of: int, before: int = block) -> None:
            if progress is not None:
                some = f", from run {before + 1}" if runs > BLOCK else ""
                progress(f"{what}{some}: episode {done} of {of}")

        count = min(BLOCK, runs - block)
        rng = np.random.default_rng([*key, block])
        parts.append(train_continuous(game, [recipe] * 2, episodes, ROUNDS, count, discount, rng=rng, progress=told))
    return parts
