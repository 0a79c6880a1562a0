"""``rommeo figures 1``: what it plays, draws, writes and says."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from ..figures.figure1 import (
    CURVES,
    EPISODES,
    FAMILIES,
    LEARNERS,
    Figure1,
    Sensitivity,
    compute,
    draw,
    draw_cross_play,
    draw_sensitivity,
    pairings,
    sensitivity,
)
from ..figures.figure1.curves import families_of
from ..learners import CrossPlay
from ..plots.averages import standard_error
from .drawn import Found, Play, Rows, run_parts
from .page import Page, aligned

QUANTITIES: tuple[Literal["reward", "optimum"], ...] = ("reward", "optimum")
VERDICTS = "verdicts.csv"
RUNS = 200
MOST_SCANNED = 100
"""Runs of each value in the sensitivity scans, at most."""


def run_figure1(arguments: argparse.Namespace) -> int:
    if arguments.episodes is None:
        arguments.episodes = EPISODES
    if arguments.runs is None:
        arguments.runs = RUNS
    families_of(arguments.settings)
    parts: dict[str, Play] = {"curves": _curves, "cross-play": _cross_play, "sensitivity": _sensitivity}
    return run_parts(arguments, parts, ("figure", "runs", "episodes", "seed", "settings"), {"curves": (VERDICTS,)})


# --- the curves ---


def _curves(arguments: argparse.Namespace, page: Page, record: dict[str, Any], tell: Callable[[str], None]) -> Found:
    result = compute(arguments.settings, arguments.episodes, arguments.runs, arguments.seed, tell)
    arrays: dict[str, Any] = {}
    for curve in result.curves:
        arrays[f"{curve.family}/{curve.learner}/reward"] = curve.rewards
        arrays[f"{curve.family}/{curve.learner}/optimum"] = curve.optimum
    for one in result.one_runs:
        arrays |= {f"{one.family}/one run/policies": one.policies, f"{one.family}/one run/models": one.models}
    record["curves"] = [_curve_record(result, k) for k in range(len(result.curves))]
    record["one_runs"] = [
        {
            "settings": one.family, "run": one.run + 1, "outcome": one.verdict.outcome, "verdict": one.verdict.text,
            "arrived": one.arrived, "dropped": one.dropped, "models_first": one.models_first, "ahead": one.ahead,
        }
        for one in result.one_runs
    ]  # fmt: skip
    record["explanations"] = {learner: result.explanation(learner) for learner in LEARNERS}
    _say_curves(page, result)
    return draw(result), arrays, {"curves.csv": _curve_rows(result), VERDICTS: _verdict_rows(record["curves"])}


def _ends(result: Figure1, k: int) -> dict[str, float]:
    """Means over runs at the end, their standard errors, and how far single runs are spread."""
    curve, found = result.curves[k], dict[str, float]()
    for name in QUANTITIES:
        ends = curve.end(name)
        found[name] = float(ends.mean())
        found[f"{name}_spread"] = float(ends.std(ddof=1)) if len(ends) > 1 else math.inf
        found[f"{name}_error"] = found[f"{name}_spread"] / float(np.sqrt(len(ends)))
    return found


def _curve_record(result: Figure1, k: int) -> dict[str, Any]:
    curve, verdict = result.curves[k], result.verdicts[k]
    reward, optimum = (reading.value for reading in CURVES[curve.learner].readings[:2])
    return {
        "learner": curve.learner, "settings": curve.family, "note": curve.preset.note, "paper_reward": reward,
        "paper_optimum": optimum, **_ends(result, k), "outcome": verdict.outcome, "verdict": verdict.text,
        "checks": [
            {"quantity": check.reading.quantity, "episode": check.reading.episode, "paper": check.reading.value,
             "allowed": check.reading.error, "found": check.found, "standard_error": check.sampling}
            for check in verdict.checks
        ],
    }  # fmt: skip


def _curve_rows(result: Figure1) -> Rows:
    """For each episode and curve its means and half their confidence bands."""
    rows: Rows = [
        ("learner", "settings", "episode", "reward", "reward_half_band", "optimum", "optimum_half_band")
    ]
    for curve in result.curves:
        columns = [column for name in QUANTITIES for column in curve.band(name)]
        for episode, values in enumerate(zip(*columns, strict=True), start=1):
            rows.append((curve.learner, curve.family, episode, *(f"{value:.6g}" for value in values)))
    return rows


def _verdict_rows(records: list[dict[str, Any]]) -> Rows:
    names = [name for name in records[0] if name != "checks"]
    return [names, *([x if isinstance(x, str) else f"{x:.6g}" for x in map(r.get, names)] for r in records)]


def _say_curves(page: Page, result: Figure1) -> None:
    page.say("Figure 1, at the end: what the paper shows, and means over runs with their standard errors")
    page.say()
    shown = list(dict.fromkeys(curve.family for curve in result.curves))
    for k, (name, what, digits) in enumerate((("reward", "reward", 1), ("optimum", "P(A,A)", 2))):
        columns = [["paper", *aligned([f"{CURVES[x].readings[k].value:.{digits}f}" for x in LEARNERS])]]
        for family in shown:
            cells = []
            for learner in LEARNERS:
                index = [(c.learner, c.family) for c in result.curves]
                if (learner, family) not in index:
                    cells.append("")
                    continue
                ends = _ends(result, index.index((learner, family)))
                cells.append(f"{ends[name]:.{digits}f} ± {ends[f'{name}_error']:.{digits}f}")
            columns.append([family, *cells])
        page.table([what, *LEARNERS], columns)
        page.say()
    for learner in LEARNERS:
        page.say(f"{learner}:")
        for family in shown:
            found = result.find(learner, family)
            if found is not None:
                page.say(f"{family}: {found[1].text}", "  ", "    ")
        explained = result.explanation(learner)
        if explained:
            page.say(f"explained by: {explained}", "  ", "    ")
    for one in result.one_runs:
        which = f"run {one.run + 1}" if one.run >= 0 else "no run ends at A; one of them"
        page.say(f"Figure 1c, {one.family}, {which}: {one.verdict.text}")
        first, ahead = (f"{100 * share:.0f} %" for share in (one.models_first, one.ahead))
        said = f"{100 * one.arrived:.0f} % of the runs end at A"
        if one.arrived > 0.0:
            said += (
                f"; all four curves drop below 0.05 first in {100 * one.dropped:.1f} %. Of those that end at A the "
                f"models are above 0.9 before the policies in {first}, and nowhere behind them on the way in {ahead}"
            )
        page.say(f"{said}.", "  ", "  ")
    page.say()


# --- cross-play and sensitivity ---


def _cross_play(
    arguments: argparse.Namespace, page: Page, record: dict[str, Any], tell: Callable[[str], None]
) -> Found:
    tables: dict[str, tuple[tuple[str, ...], CrossPlay]] = {}
    arrays: dict[str, Any] = {}
    rows: Rows = [("settings", "first", "second", "reward", "standard_error")]
    for family in families_of(arguments.settings):
        names, played = pairings(family, arguments.episodes, arguments.runs, arguments.seed, tell)
        tables[family] = names, played
        rewards = played.rewards[..., 0]
        errors = standard_error(rewards)
        arrays |= {f"{family}/rewards": played.rewards, f"{family}/learners": np.array(names)}
        for i, j in np.ndindex(errors.shape):
            rows.append((family, names[i], names[j], f"{played.mean[i, j]:.6g}", f"{errors[i, j]:.6g}"))
        record[f"cross_play_{family}"] = {"learners": list(names), "reward": played.mean.tolist()}
        page.say(f"Cross-play, {FAMILIES[family]}: reward of both at the end, first player by row")
        page.table(
            ["", *names], [[name, *aligned([f"{x:.1f}" for x in played.mean[:, j]])] for j, name in enumerate(names)]
        )
        page.say()
    return draw_cross_play(tables), arrays, {"cross-play.csv": rows}


def _sensitivity(
    arguments: argparse.Namespace, page: Page, record: dict[str, Any], tell: Callable[[str], None]
) -> Found:
    found: Sensitivity = sensitivity(arguments.episodes, min(arguments.runs, MOST_SCANNED), arguments.seed, tell)
    arrays: dict[str, Any] = {}
    rows: Rows = [("setting", "line", "value", "optimum", "standard_error")]
    page.say(f"ROMMEO-Q, P(A,A) at the end along each setting ({found.runs} runs)")
    for scan in found.scans:
        for name in ("values", "mean", "error"):
            arrays[f"{scan.setting}/{scan.line}/{name}"] = getattr(scan, name)
        for value, mean, error in zip(scan.values, scan.mean, scan.error, strict=True):
            rows.append((scan.setting, scan.line, f"{value:g}", f"{mean:.6g}", f"{error:.6g}"))
    for setting, scans in found.panels.items():
        cells = [[f"{x:g}" for x in scans[0].values], *([f"{mean:.2f}" for mean in scan.mean] for scan in scans)]
        page.table([setting, *(f"  {scan.line}" for scan in scans)], list(zip(*cells, strict=True)))
    record["sensitivity"] = [
        {"setting": scan.setting, "line": scan.line, "values": scan.values.tolist(), "optimum": scan.mean.tolist()}
        for scan in found.scans
    ]
    page.say()
    return draw_sensitivity(found), arrays, {"sensitivity.csv": rows}
