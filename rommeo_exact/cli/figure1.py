"""``rommeo figures 1``: what it plays, draws, writes and says."""

from __future__ import annotations

import argparse
import csv
import io
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .. import plots
from ..errors import InputError
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
from ..figures.verdicts import standard_error
from ..games.files import write_atomically
from ..learners import CrossPlay
from .page import Page, aligned, as_json, clock, telling

PARTS = ("curves", "cross-play", "sensitivity")
QUANTITIES: tuple[Literal["reward", "optimum"], ...] = ("reward", "optimum")
PICTURES = ("png", "svg", "pdf")
VERDICTS = "verdicts.csv"
MOST_SCANNED = 100
"""Runs of each value in the sensitivity scans, at most."""


def run_figure1(arguments: argparse.Namespace) -> int:
    if arguments.episodes is None:
        arguments.episodes = EPISODES
    families_of(arguments.settings)
    if arguments.only is not None and arguments.only not in PARTS:
        raise InputError(f"--only {arguments.only}: the parts are {', '.join(PARTS)}")
    parts = PARTS if arguments.only is None else (arguments.only,)
    kinds = tuple(dict.fromkeys(kind.strip().lower() for kind in arguments.format.split(",")))
    for kind in kinds:
        if kind not in PICTURES:
            raise InputError(f"--format {arguments.format}: {kind!r} is not one of {', '.join(PICTURES)}")
    for name, low in (("runs", 1), ("episodes", 1), ("seed", 0)):
        if getattr(arguments, name) < low:
            raise InputError(f"--{name} is {getattr(arguments, name)}, and must be at least {low}")
    folder = Path(arguments.out)
    names = [f"{part}.{kind}" for part in parts for kind in (*kinds, "npz", "csv")]
    _check_free(folder, [*names, *(VERDICTS for part in parts if part == "curves")], arguments.force)
    plots.new()  # raises where Matplotlib is missing, before the work
    start = time.perf_counter()
    page, record, files = Page(2), _settings(arguments), {}
    with telling() as tell:
        for part in parts:
            figure, arrays, tables = _PLAY[part](arguments, page, record, tell)
            tell(f"drawing {part}")
            for kind in kinds:
                files[f"{part}.{kind}"] = plots.written(figure, kind)
            files[f"{part}.npz"] = _npz(arrays)
            files |= {name: _csv(rows) for name, rows in tables.items()}
    _check_free(folder, files, arguments.force)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {arguments.out}: {error.strerror}") from None
    for name, data in files.items():
        write_atomically(folder / name, data)
    if arguments.json:
        sys.stdout.write(as_json(record))
    else:
        page.say(f"{page.listed(sorted(files))} are in {page.label(arguments.out)}")
        page.say(f"{arguments.runs} runs of {arguments.episodes} episodes, seed {arguments.seed}, "
                 f"in {clock(time.perf_counter() - start)}")  # fmt: skip
        sys.stdout.write(str(page))
    return 0


def _check_free(folder: Path, names: Iterable[str], force: bool) -> None:
    """That the files can be written, before the work and again after it."""
    if os.path.lexists(folder):
        if not folder.is_dir():
            raise InputError(f"--out {folder}: it is not a folder")
    elif not folder.absolute().parent.is_dir():
        raise InputError(f"--out {folder}: there is no folder to make it in")
    for name in names:
        if os.path.lexists(folder / name) and not force:
            raise InputError(f"--out {folder}: {name} exists; --force replaces it")


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in ("figure", "runs", "episodes", "seed", "settings")}


Rows = list[Sequence[Any]]
"""Of a table; the first names the columns."""

Found = tuple[Any, dict[str, Any], dict[str, Rows]]
"""A figure, arrays by name, and tables by the names of their files."""


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


_PLAY: dict[str, Callable[[argparse.Namespace, Page, dict[str, Any], Callable[[str], None]], Found]] = {
    "curves": _curves, "cross-play": _cross_play, "sensitivity": _sensitivity,
}  # fmt: skip


def _npz(arrays: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode("utf-8")
