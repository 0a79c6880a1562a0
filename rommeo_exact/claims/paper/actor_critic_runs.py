"""Sections 5.2 and 6, the statements about runs: ROMMEO-AC and its baselines on the Max of Two Quadratics.

What a run does depends on its settings, which the paper does not give. These entries are about the recipes of
:mod:`~rommeo_exact.actor_critic`, by default as they stand there. The runs are few, so that the ledger is checked in
minutes, and the shares asked for leave room for that: three in four runs, where nearly all of a hundred do it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from ...actor_critic import MADDPG, MASQL, Annealed, ContinuousRecipe, RommeoAC
from ...checks import FloatArray
from ...figures.figure2.curves import NEAR, Curve, forms_of, play, settled
from ...figures.figure2.published import LEARNERS, OPTIMUM, START, SUBOPTIMUM
from ...figures.figure2.settings import Preset, presets
from ...figures.verdicts import end
from ...games.differential import max_of_two_quadratics
from ...learners import Recipe, RommeoQ
from ..ledger import Claim, Counterexample, Form, Gap, every, fixed, never_above
from .tabular_runs import RUNS as TABULAR_RUNS, share_at_optimum

__all__ = ["CLAIMS"]

SURFACE = "Section 5.2"
RUNS = 8
EPISODES = 120
"""The paper has 200."""
SEED = 31
BEST = LEARNERS[0]
OWN: Mapping[str, ContinuousRecipe] = {name: preset.recipe for name, preset in presets("own").items()}

HUNDRED = "tests/test_figure2.py::test_a_hundred_runs_come_to_the_optimum"
TWENTY = "tests/test_figure2.py::test_other_fixed_temperatures_come_to_the_optimum"
COOLER, NARROW = RommeoAC(alpha=0.5), RommeoAC(spread=0.1)
STAGED, STAGE_EPISODES = MADDPG(explore=2000, noise=0.25), 200
SLOW = MASQL(alpha=Annealed(rate=0.003))
MOST = 0.75
HALF = (RUNS - 1) / (2 * RUNS)
"""Less than half of the runs."""


# --- runs ------------------------------------------------------------------------------------------------------------


def _trained(recipe: ContinuousRecipe, form: str = "printed", episodes: int = EPISODES, runs: int = RUNS) -> Curve:
    return _kept(recipe, form, episodes, runs)


@cache
def _kept(recipe: ContinuousRecipe, form: str, episodes: int, runs: int) -> Curve:
    """Trained once, however it was asked for."""
    parts = play(max_of_two_quadratics(form), recipe, episodes, runs, (SEED,), recipe.name)  # type: ignore[arg-type]
    return Curve.of(parts, recipe.name, "own", form, Preset(recipe, ""))


def _both() -> tuple[Curve, ...]:
    """ROMMEO-AC with its defaults, on both forms of the reward."""
    return tuple(_trained(RommeoAC(), form) for form in forms_of("both"))


# --- what they show --------------------------------------------------------------------------------------------------


def _arrives(curve: Curve, point: tuple[float, float] = OPTIMUM, by: float = 100.0) -> Gap:
    """From (0,0), up to a twentieth of the box in the mean, most runs end at a point, and are at (5,5) by an episode in
    the median."""
    return every(
        never_above(np.abs(curve.centres[0].mean(axis=0) - np.asarray(START)), 1.0, 0.0),
        never_above(MOST, curve.ended(point, NEAR).mean(), 0.0),
        never_above(curve.arrival, by, 0.0),
    )


def _converges(point: tuple[float, float] = OPTIMUM, by: float = 100.0) -> Form:
    return fixed(lambda: every(*(_arrives(curve, point, by) for curve in _both())))


def _arrival(means: FloatArray, stays: bool) -> FloatArray:
    """The first episode in which a mean (E, K) is within 1/2 of 5, at all or to stay; E where there is none."""
    if stays:
        return np.minimum(settled(means), len(means))
    near = np.abs(means - OPTIMUM[0]) <= NEAR
    return np.where(near.any(axis=0), near.argmax(axis=0), len(means)).astype(float)


def _pairs(curve: Curve) -> list[tuple[FloatArray, FloatArray]]:
    """The means of rho^i and of the policy that it models, (E, K) each."""
    assert curve.models is not None
    return [(curve.models[..., i], curve.centres[..., 1 - i]) for i in (0, 1)]


def _leads(stays: bool) -> FloatArray:
    """By how many episodes the model arrives sooner than the policy that it models, in each pair of each run."""
    pairs = [pair for curve in _both() for pair in _pairs(curve)]
    return np.concatenate([_arrival(policy, stays) - _arrival(model, stays) for model, policy in pairs])


def _reaches_first(lead: float = 10.0, exchanged: bool = False, stays: bool = False) -> Form:
    """The model is the first at 5 in most pairs, by so many episodes in the median; to stay, in half at most."""

    def gap() -> Gap:
        first = -_leads(stays=False) if exchanged else _leads(stays=False)
        stay = (_leads(stays=True) >= 0.0).mean()
        return every(
            never_above(MOST, (first > 0.0).mean(), 0.0),
            never_above(lead, np.median(first), 0.0),
            never_above(MOST, stay, 0.0) if stays else never_above(stay, 0.5, 0.0),
        )

    return fixed(gap)


def _behind(curve: Curve) -> FloatArray:
    """By how much models are further from 5 than what they model, in the mean over pairs and runs: (E,)."""
    far = [np.abs(model - OPTIMUM[0]) - np.abs(policy - OPTIMUM[0]) for model, policy in _pairs(curve)]
    return np.asarray(np.mean(far, axis=(0, 2)))


def _always_ahead() -> Gap:
    return every(*(never_above(_behind(curve).max(), 0.0, 0.0) for curve in _both()))


def _ahead_example() -> Counterexample:
    curve = _trained(RommeoAC(), episodes=90, runs=4)
    last = slice(-10, None)
    model, policy = (np.mean([pair[k][last] for pair in _pairs(curve)]) for k in (0, 1))
    return Counterexample(
        "the reward as printed, four runs, episodes 81 to 90, in the mean over runs, episodes and both pairs",
        "the mean of rho is nearer to 5 than that of pi",
        "the mean of rho is beyond 5.5, and that of pi between 4 and 5",
        bool(model > 5.5 and 4.0 < policy < 5.0 and (_behind(curve)[last] > 0.0).all()),
    )


def _outperforms(best: str = BEST, **instead: ContinuousRecipe) -> Form:
    """It earns more at the end than each other by two standard errors, and ends at (5,5) in most runs; each other does
    so in fewer than half, and most others end at (-5,-5) in half at least."""

    def gap() -> Gap:
        curves = {name: _trained(instead.get(name, recipe)) for name, recipe in OWN.items()}
        mine, gaps = end(curves[best].rewards), [never_above(MOST, curves[best].optimal, 0.0)]
        others = [curve for name, curve in curves.items() if name != best]
        for curve in others:
            theirs = end(curve.rewards)
            error = math.sqrt(float(mine.var(ddof=1) + theirs.var(ddof=1)) / RUNS)
            gaps.append(never_above(theirs.mean() + 2.0 * error, mine.mean(), 0.0))
            gaps.append(never_above(curve.optimal, HALF, 0.0))
        return every(*gaps, never_above(0.5, np.median([curve.suboptimal for curve in others]), 0.0))

    return fixed(gap)


def _alone(*recipes: ContinuousRecipe, point: tuple[float, float] = OPTIMUM) -> Form:
    """In most runs these end at a point, without a stage of exploration, noise or annealing."""
    return fixed(lambda: every(*(never_above(MOST, _trained(r).ended(point, NEAR).mean(), 0.0) for r in recipes)))


def _required(*names: str, episodes: int = STAGE_EPISODES, staged: ContinuousRecipe = STAGED) -> Form:
    """Untuned and without a stage these end at (5,5) in fewer than half of the runs; MADDPG with one does so in a
    quarter more."""

    def gap() -> Gap:
        shares = {name: _trained(OWN[name]).optimal for name in names}
        helped = _trained(staged, episodes=episodes).optimal
        return every(never_above(max(shares.values()), HALF, 0.0), never_above(shares["MADDPG"] + 0.25, helped, 0.0))

    return fixed(gap)


def _sensitive(good: ContinuousRecipe, bad: ContinuousRecipe) -> Form:
    """Most runs end at (5,5) with one schedule, and half of all runs do not do so with the other."""

    def gap() -> Gap:
        one, two = (_trained(recipe).optimal for recipe in (good, bad))
        return every(never_above(MOST, one, 0.0), never_above(two + 0.5, one, 0.0))

    return fixed(gap)


def _self_play(matrix: Recipe, point: tuple[float, float] = OPTIMUM) -> Form:
    def gap() -> Gap:
        shares = [curve.ended(point, NEAR).mean() for curve in _both()]
        return every(never_above(0.95, share_at_optimum(matrix, 1), 0.0), never_above(MOST, min(shares), 0.0))

    return fixed(gap)


# --- entries ---------------------------------------------------------------------------------------------------------


def _experiment(id: str, title: str, statement: str, form: Form, planted: Mapping[str, Form], **more: Any) -> Claim:
    settings: dict[str, Any] = {"where": SURFACE, "method": "experiment", "recorded": "holds", "once": True}
    return Claim(id=id, title=title, statement=statement, form=form, planted=planted, **(settings | more))


_DEFAULTS = f"the defaults of RommeoAC, {RUNS} runs of {EPISODES} episodes on each form of f_1"
_RIVALS = (
    f"all with their defaults, {RUNS} runs of {EPISODES} episodes on the reward as printed, where the published "
    "curves are flat from 60 on, MASQL's from 100"
)

CLAIMS: tuple[Claim, ...] = (
    _experiment(
        "fig2c.ahead",
        "In Figure 2c, too, models are ahead",
        "the means of rho always learn to approach the optimum ahead of those of pi",
        _reaches_first(),
        {
            "the policy reaches it first": _reaches_first(exchanged=True),
            "by sixty episodes": _reaches_first(lead=60.0),
            "the model stays first": _reaches_first(stays=True),
        },
        recorded="false as stated",
        printed=fixed(_always_ahead),
        corrected="rho is the first within 1/2 of 5, in three of four pairs and by ten episodes in the median at "
        "least; then it goes beyond, and is further away than pi: in half of the pairs at most it is no later to "
        "stay there",
        counterexample=_ahead_example,
        hypotheses="read as a mean of rho that at no episode is further from 5 than the mean of the policy that it "
        f"models, in the mean over runs; {_DEFAULTS}. In the figure rho^1 is at 5 at episode 11 and pi^2 at 13, rho^2 "
        "at 15 and pi^1 at 16, which are differences smaller than what readings of an axis of 50 episodes may miss, "
        "2.5",
    ),
    _experiment(
        "rommeo_ac.converges",
        "ROMMEO-AC converges to the global optimum",
        "on the Max of Two Quadratics ROMMEO-AC converges to (5,5) from (0,0) in a limited number of steps: three of "
        "four runs at least end within 1/2 of it, and are there by episode 100 in the median",
        _converges(),
        {"to (-5,-5)": _converges(SUBOPTIMUM), "by episode 25": _converges(by=25.0)},
        hypotheses=f"{_DEFAULTS}. The test has a hundred runs on each, of which at least 95 end there. The figure's "
        "run is at 5 by episode 17, which these settings are not",
        tests=(HUNDRED,),
    ),
    _experiment(
        "rommeo_ac.outperforms",
        "ROMMEO-AC outperforms all baselines",
        "on the Max of Two Quadratics ROMMEO-AC comes to the optimum and earns more at the end than DDPG, DDPG-OM, "
        "MADDPG, MASQL and PR2-AC, by two standard errors; most baselines only reach the suboptimal point: each ends "
        "within 1/2 of (5,5) in fewer than half of the runs, and most within 1 of (-5,-5) in half at least",
        _outperforms(),
        {
            "MADDPG for the best": _outperforms("MADDPG"),
            "PR2-AC for the best": _outperforms("PR2-AC"),
            "MASQL annealed slowly": _outperforms(MASQL=SLOW),
        },
        where=f"abstract, {SURFACE}",
        hypotheses=f"{_RIVALS}. MASQL annealed thirty times as slowly does as well: baselines.annealing. That PR2-AC "
        "reaches the optimum later is rommeo_ac.pr2_ac",
    ),
    Claim(
        id="rommeo_ac.pr2_ac",
        title="PR2-AC reaches the optimum later",
        statement="on the Max of Two Quadratics PR2-AC reaches the optimum too, in many more steps than ROMMEO-AC",
        where=SURFACE,
        method="experiment",
        recorded="not decidable here",
        missing="the settings of that curve: with the defaults of PR2AC, with a quarter of their noise, and with a "
        "stage of 2000 uniform rounds besides, at most one of twelve runs was found to end at (5,5), on the reward as "
        "printed, and most at (-5,-5); that no others would do cannot be concluded. What the figure shows is "
        "fig2b.speed",
    ),
    _experiment(
        "rommeo_ac.exploration",
        "No separate exploration, no delicate annealing",
        "ROMMEO-AC needs no separate exploration stage at the beginning and no delicately designed annealing scheme "
        "for alpha: with alpha fixed at 1/2 or 1, actions drawn from pi and learning from the first round on, three "
        "of four runs at least end within 1/2 of (5,5)",
        _alone(RommeoAC(), COOLER),
        {
            "to (-5,-5)": _alone(RommeoAC(), point=SUBOPTIMUM),
            "from a narrow policy": _alone(NARROW),
            "MADDPG": _alone(OWN["MADDPG"]),
        },
        hypotheses=f"the other defaults of RommeoAC, {RUNS} runs of {EPISODES} episodes on the reward as printed. It "
        "explores by a first policy and model that fill the box (spread 1; from 0.1 it fails) and learn a tenth as "
        "fast as Q; rommeo figures 2 --only ingredients varies these. The test has twenty runs with alpha 1/2 and 2",
        tests=(TWENTY,),
    ),
    _experiment(
        "baselines.exploration",
        "Baselines need it",
        "fine tuning of the exploration noise, or a separate exploration stage, is required for MADDPG, DDPG, "
        "DDPG-OM and PR2-AC: without either each ends within 1/2 of (5,5) in fewer than half of the runs; MADDPG, "
        "with 2000 uniformly random rounds first and less noise, in a quarter more than without",
        _required("MADDPG", "DDPG", "DDPG-OM", "PR2-AC"),
        {
            "ROMMEO-AC too": _required("MADDPG", BEST),
            "without a stage": _required("MADDPG", episodes=EPISODES, staged=OWN["MADDPG"]),
        },
        hypotheses=f"{_RIVALS}, MADDPG's with the stage {STAGE_EPISODES}; Ornstein-Uhlenbeck noise as published for "
        "DDPG, and after the stage a quarter of it. Required is not enough: with the same stage and noise at most one "
        "of twelve runs of DDPG, DDPG-OM and PR2-AC each was found there",
    ),
    _experiment(
        "baselines.annealing",
        "MASQL is sensitive to annealing",
        "what MASQL learns is extremely sensitive to the annealing scheme of its temperature: with alpha = 0.1 + 500 "
        "exp(-r max(k - 10, 0)) most runs end within 1/2 of (5,5) for r = 0.003, and in half of all runs fewer for r "
        "= 0.1",
        _sensitive(SLOW, OWN["MASQL"]),
        {
            "one scheme": _sensitive(SLOW, SLOW),
            "ROMMEO-AC to its temperature": _sensitive(OWN[BEST], COOLER),
        },
        hypotheses=f"the other defaults of MASQL, {RUNS} runs of {EPISODES} episodes on the reward as printed",
    ),
    _experiment(
        "conclusion.self_play",
        "Convergence to the optimum in self-play",
        "in self-play ROMMEO-Q and ROMMEO-AC converge to the optimum of the game, in the games of Sections 5.1 and "
        "5.2: in at least 95 of 100 runs to (A,A), and in three of four at least to (5,5)",
        _self_play(RommeoQ()),
        {
            "ROMMEO-Q at a temperature of 1/2": _self_play(RommeoQ(alpha=0.5)),
            "to (-5,-5)": _self_play(RommeoQ(), SUBOPTIMUM),
        },
        where="Section 6",
        hypotheses=f"the defaults of RommeoQ, {TABULAR_RUNS} runs, and of RommeoAC, {RUNS} on each form of f_1; a "
        "statement about these games and settings: with others neither need do so (rommeo_q.temperature), and no "
        "theorem says that they do (conclusion.guarantee)",
        tests=(HUNDRED,),
    ),
)
