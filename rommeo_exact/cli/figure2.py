"""``rommeo figures 2``: what it plays, draws, writes and says."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import UnknownNameError
from ..figures.figure2 import (
    CURVES,
    EPISODES,
    FAMILIES,
    LEARNERS,
    MEANS,
    Curve,
    Figure2,
    compute,
    distributions,
    draw,
    draw_distributions,
    draw_ingredients,
    forms_of,
    ingredients,
)
from ..figures.verdicts import end
from ..plots.averages import standard_error
from .drawn import Found, Play, Rows, run_parts
from .page import Page, aligned

VERDICTS = "verdicts.csv"
RUNS = 20


def run_figure2(arguments: argparse.Namespace) -> int:
    if arguments.episodes is None:
        arguments.episodes = EPISODES
    if arguments.runs is None:
        arguments.runs = RUNS
    if arguments.settings not in (*FAMILIES, "both"):
        raise UnknownNameError("--settings", arguments.settings, (*FAMILIES, "both"))
    forms_of(arguments.form)
    parts: dict[str, Play] = {"curves": _curves, "distributions": _distributions, "ingredients": _ingredients}
    settings = ("figure", "form", "runs", "episodes", "seed", "settings")
    return run_parts(arguments, parts, settings, {"curves": (VERDICTS,)}, ("curves", "distributions"))


def _number(value: float, digits: int = 1) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


# --- the curves ---


def _curves(arguments: argparse.Namespace, page: Page, record: dict[str, Any], tell: Callable[[str], None]) -> Found:
    result = compute(arguments.settings, arguments.form, arguments.episodes, arguments.runs, arguments.seed, tell)
    arrays: dict[str, Any] = {}
    for curve in result.curves:
        name = f"{curve.form}/{curve.family}/{curve.learner}"
        arrays |= {f"{name}/reward": curve.rewards, f"{name}/policies": curve.centres}
        if curve.models is not None:
            arrays[f"{name}/models"] = curve.models
    for one in result.one_runs:
        arrays[f"{one.form}/{one.family}/one run/actions"] = one.actions
    record["curves"] = [_record(curve, verdict.outcome, verdict.text) for curve, verdict in _judged(result)]
    record["one_runs"] = [
        {
            "form": one.form, "settings": one.family, "run": one.run + 1, "outcome": one.verdict.outcome,
            "verdict": one.verdict.text, "arrivals": one.arrivals, "dipped": one.dipped, "ahead": one.ahead,
            "before": one.before, "lead": one.lead,
        }
        for one in result.one_runs
    ]  # fmt: skip
    _say(page, result)
    rows: Rows = [("learner", "form", "settings", "episode", "reward", "half_band")]
    for curve in result.curves:
        for episode, (mean, half) in enumerate(zip(*curve.band(), strict=True), start=1):
            rows.append((curve.learner, curve.form, curve.family, episode, f"{mean:.6g}", f"{half:.6g}"))
    names = list(record["curves"][0])
    cells = [[x if isinstance(x, str) else f"{x:.6g}" for x in entry.values()] for entry in record["curves"]]
    return draw(result), arrays, {"curves.csv": rows, VERDICTS: [names, *cells]}


def _judged(result: Figure2) -> list[tuple[Curve, Any]]:
    return list(zip(result.curves, result.verdicts, strict=True))


def _record(curve: Curve, outcome: str, text: str) -> dict[str, Any]:
    ends = end(curve.rewards)
    return {
        "learner": curve.learner, "form": curve.form, "settings": curve.family, "note": curve.preset.note,
        "paper_reward": CURVES[curve.learner][0].value, "reward": float(ends.mean()),
        "reward_spread": float(ends.std(ddof=1)) if len(ends) > 1 else math.inf,
        "quiet_reward": float(end(curve.quiet).mean()),
        "optimal": curve.optimal, "suboptimal": curve.suboptimal, "arrival": curve.arrival,
        "outcome": outcome, "verdict": text,
    }  # fmt: skip


def _say(page: Page, result: Figure2) -> None:
    for form, family in dict.fromkeys((curve.form, curve.family) for curve in result.curves):
        page.say(f"Figure 2b, {form} form of the reward, {FAMILIES[family]}: mean reward of a round in the last tenth")
        found = [(x, result.find(x, family, form)) for x in LEARNERS]
        shown = [(x, pair[0]) for x, pair in found if pair is not None]
        ends = {x: end(curve.rewards) for x, curve in shown}
        errors = {x: float(standard_error(table)) for x, table in ends.items()}
        columns = [
            ["paper", *aligned([f"{CURVES[x][0].value:.1f}" for x, _ in shown])],
            ["here", *(f"{ends[x].mean():.1f} ± {errors[x]:.1f}" for x, _ in shown)],
            ["quiet", *aligned([f"{end(curve.quiet).mean():.1f}" for _, curve in shown])],
            ["at (5, 5)", *(f"{100 * curve.optimal:.0f} %" for _, curve in shown)],
            ["at (-5, -5)", *(f"{100 * curve.suboptimal:.0f} %" for _, curve in shown)],
            ["there by", *(_number(curve.arrival, 0) for _, curve in shown)],
        ]
        page.table(["learner", *(x for x, _ in shown)], columns)
        page.say("quiet: the reward of the means of what both play, without exploration or spread", "  ")
        page.say()
        for learner, pair in found:
            if pair is not None:
                page.say(f"{learner}: {pair[1].text}", "  ", "    ")
        for one in result.one_runs:
            if (one.form, one.family) != (form, family):
                continue
            which = f"run {one.run + 1}" if one.run >= 0 else "no run ends at (5, 5); one of them"
            page.say(f"Figure 2c, {which}: {one.verdict.text}", "  ", "    ")
            arrivals = ", ".join(
                f"{name} {f'at {x:.0f}' if math.isfinite(x) else 'never'} ({MEANS[name].arrival})"
                for name, x in one.arrivals.items()
            )
            page.say(f"at 5, to stay, by episode (in the paper): {arrivals}", "    ", "    ")
            if not math.isnan(one.ahead):
                page.say(
                    f"of all runs that end at (5, 5): a model is there no later than the policy that it models in "
                    f"{100 * one.ahead:.0f} %, earlier in {100 * one.before:.0f} %, by {one.lead:g} episodes in the "
                    "median",
                    "    ", "    ",
                )  # fmt: skip
        page.say()


# --- ingredients ---


def _ingredients(
    arguments: argparse.Namespace, page: Page, record: dict[str, Any], tell: Callable[[str], None]
) -> Found:
    found = ingredients(forms_of(arguments.form), arguments.episodes, arguments.runs, arguments.seed, tell)
    rows: Rows = [("ingredient", "value", "form", "optimal", "suboptimal", "arrival", "reward")]
    arrays: dict[str, Any] = {}
    for variant, form, curve in ((row.variant, row.form, row.curve) for row in found.rows):
        name = f"{variant.ingredient} {variant.value}".strip()
        arrays |= {f"{form}/{name}/reward": curve.rewards, f"{form}/{name}/policies": curve.centres}
        last = float(end(curve.rewards).mean())
        rows.append((
            variant.ingredient, variant.value, form, f"{curve.optimal:.6g}", f"{curve.suboptimal:.6g}",
            f"{curve.arrival:.6g}", f"{last:.6g}",
        ))  # fmt: skip
    record["ingredients"] = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    for form in dict.fromkeys(row.form for row in found.rows):
        page.say(f"ROMMEO-AC, {form} form of the reward, {found.runs} runs: one setting at a time")
        curves = [(row.variant, row.curve) for row in found.rows if row.form == form]
        stub = [f"{variant.ingredient}: {variant.value}".removesuffix(": ") for variant, _ in curves]
        page.table(
            ["", *stub],
            [
                ["at (5, 5)", *(f"{100 * curve.optimal:.0f} %" for _, curve in curves)],
                ["at (-5, -5)", *(f"{100 * curve.suboptimal:.0f} %" for _, curve in curves)],
                ["there by", *(_number(curve.arrival, 0) for _, curve in curves)],
                ["reward", *(f"{end(curve.rewards).mean():.1f}" for _, curve in curves)],
            ],
        )
        page.say()
    return draw_ingredients(found), arrays, {"ingredients.csv": rows}


# --- what was learnt, and what is exact ---


def _distributions(
    arguments: argparse.Namespace, page: Page, record: dict[str, Any], tell: Callable[[str], None]
) -> Found:
    found = distributions(forms_of(arguments.form), arguments.episodes, arguments.runs, arguments.seed, tell)
    rows: Rows = [(
        "form", "a_in_eq_19", "alpha", "player", "density", "mean", "exact_mean", "deviation", "exact_deviation",
        "total_variation", "total_variation_spread",
    )]  # fmt: skip
    arrays: dict[str, Any] = {}
    page.say(f"What ROMMEO-AC has learnt, and the exact fixed point of self-play: medians over {found.runs} runs,")
    page.say("with a in equation 19 from the replay buffer and from the policy")
    lines = []
    several = "{}, ".format if len(forms_of(arguments.form)) > 1 else "".format
    for c in found.found:
        name = f"{c.form}/{c.action}/{c.alpha:g}/player {c.player + 1}/{c.which}"
        arrays |= {f"{name}/learnt": c.learnt, f"{name}/exact": c.exact, f"{name}/grid": c.grid}
        learnt, exact = c.moments(c.learnt), c.moments(c.exact)
        numbers = (
            float(np.median(learnt.mean)), float(exact.mean),
            float(np.median(learnt.deviation)), float(exact.deviation), float(np.median(c.distance)),
            float(np.ptp(c.distance)),
        )  # fmt: skip
        law = (c.form, c.action, f"{c.alpha:g}", c.player + 1, c.which)
        rows.append((*law, *(f"{x:.6g}" for x in numbers)))
        name = f"{several(c.form)}{c.action}, alpha {c.alpha:g}, {c.which}^{c.player + 1}"
        lines.append((name, *(f"{x:.2f}" for x in numbers[:5])))
    heads = ("mean", "exact", "sd", "exact", "total variation")
    columns = [[head, *(line[k] for line in lines)] for k, head in enumerate(heads, start=1)]
    page.table(["", *(line[0] for line in lines)], columns)
    page.say()
    record["distributions"] = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return draw_distributions(found), arrays, {"distributions.csv": rows}
