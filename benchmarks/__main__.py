"""``python -m benchmarks``: one table of CPU seconds, ours and the peers', with the errors that they end with."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ours import AUTO, METHODS, OURS, PAIR
from benchmarks.peers import PEERS
from benchmarks.race import PASS, SUITES, Entry, Limits, Result, race

_HARD, _SOFT = (0.0, 0.0), (1.0, 1.0)
_COLUMNS = (
    ("problem", 24),
    ("discount", 8),
    ("solver (alpha, beta)", 40),
    ("CPU s", 9),
    ("min-max", 18),
    ("passes", 9),
    ("iterations", 10),
    ("true error", 10),
    ("ratio", 6),
    ("note", 0),
)
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main(arguments: list[str] | None = None) -> None:
    """Run the suites that the command line names and print their rows as each problem is done."""
    options = _parser().parse_args(arguments)
    suites = options.suite or ["dense", "sparse", "rings"]
    if options.quick:
        options.repeats, options.cap = 1, options.cap or 10.0
    if options.threads:
        os.environ.update(dict.fromkeys(_THREADS, str(options.threads)))
    rows: list[dict[str, Any]] = []
    for suite in suites:
        limits = Limits(options.cap or (30.0 if suite == "auto" else 120.0), int(options.memory * 2**30))
        if suite == "batch":
            from benchmarks.batch import batch_rows

            found = iter(batch_rows(1_000 if options.quick else 100_000, options.repeats))
        elif suite == "self-play":
            from benchmarks.self_play import self_play_rows

            found = self_play_rows(options.quick, options.repeats)
        elif suite == "learners":
            from benchmarks.learners import learner_rows

            found = learner_rows(options.quick, options.repeats)
        elif suite == "actor-critic":
            from benchmarks.actor_critic import actor_critic_rows

            found = actor_critic_rows(options.quick, options.repeats)
        elif suite == "auto":
            found = _auto_rows(options, limits)
        else:
            found = _peer_rows(suite, options, limits)
        print(f"\n{suite}\n\n{_header()}", flush=True)
        for row in found:
            print(_line(row), flush=True)
            rows.append({"suite": suite, **row})
    if options.json:
        _write_json(options.json, rows, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    choices = ("dense", "sparse", "rings", "large", "batch", "self-play", "learners", "actor-critic", "auto")
    parser.add_argument("--suite", action="append", choices=choices, help="repeatable; default: dense, sparse, rings")
    parser.add_argument("--problem", default="", help="only problems whose name contains this")
    parser.add_argument("--discount", type=float, help="only problems with this discount")
    parser.add_argument("--peers", default="", help="only peers whose name contains this; 'none' for no peer")
    parser.add_argument("--repeats", type=int, default=5, help="rounds; a solver stops when its runs add up to the cap")
    parser.add_argument("--cap", type=float, help="CPU seconds that one solve may take; default: 120, in auto 30")
    parser.add_argument("--memory", type=float, default=10.0, help="GiB of address space that one process may take")
    parser.add_argument("--threads", type=int, help="threads of BLAS and numba; default: theirs")
    parser.add_argument("--quick", action="store_true", help="one round, no heavy problem, by default a cap of 10 s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure, run by run")
    return parser


def _wanted(suite: str, options: argparse.Namespace) -> Iterator[int]:
    """Indices of the problems of a suite that the options let through."""
    for index, problem in enumerate(SUITES[suite]):
        if options.problem not in problem.name or options.discount not in (None, problem.discount):
            continue
        if not (options.quick and problem.heavy):
            yield index


def _peers(suite: str, options: argparse.Namespace) -> list[Entry]:
    names = [name for name in PEERS if options.peers in name]
    if suite in ("sparse", "large"):
        # The classes of mdptoolbox share one constructor, which is what takes the time and the memory here.
        names = [name for name in names if name == "mdptoolbox VI" or not name.startswith("mdptoolbox")]
    return [Entry(name) for name in names]


def _peer_rows(suite: str, options: argparse.Namespace, limits: Limits) -> Iterator[dict[str, Any]]:
    """Ours by `auto`, hard and soft, against the peers; among the rings also by the methods that it chooses from."""
    methods = (AUTO, PAIR, *METHODS) if suite == "rings" else (AUTO, PAIR)
    ours = [Entry(method, *temperatures) for temperatures in (_HARD, _SOFT) for method in methods]
    for index in _wanted(suite, options):
        problem = SUITES[suite][index]
        results = race(suite, index, [Entry(PASS), *ours, *_peers(suite, options)], options.repeats, limits)
        rivals = [result for entry, result in results.items() if entry.solver in PEERS and not result.failure]
        best = min((rival.median for rival in rivals if rival.within(problem.tol)), default=None)
        nearest = min(rivals, key=lambda rival: rival.error, default=None)
        for entry, result in results.items():
            row = _row(problem, entry, result, results[Entry(PASS)].median)
            if entry.solver in OURS and not result.failure:
                row["ratio"] = result.median / best if best else None
                if not best:
                    _note(row, "no peer within tol")
                if not nearest:
                    _note(row, f"{result.median / limits.seconds:.2g} of the cap")
                elif not best:
                    _note(row, f"{result.median / nearest.median:.2f} of the nearest, off by {nearest.error:.1e}")
            if suite == "large" and result.peak_bytes:
                _note(row, f"peak {result.peak_bytes / 2**30:.2f} GiB")
            yield row


def _auto_rows(options: argparse.Namespace, limits: Limits) -> Iterator[dict[str, Any]]:
    """`auto` against each fixed method; the ratio is to the fastest of them that ends within the problem's tol."""
    for suite in ("tuning", "held-out"):
        ratios: dict[str, float] = {}
        for index in _wanted(suite, options):
            problem = SUITES[suite][index]
            entries = [Entry(method, problem.alpha, problem.beta) for method in (AUTO, *METHODS)]
            results = race(suite, index, [Entry(PASS), *entries], options.repeats, limits)
            auto = results[entries[0]]
            best = min((results[e].median for e in entries[1:] if results[e].within(problem.tol)), default=None)
            for entry, result in results.items():
                row = _row(problem, entry, result, results[Entry(PASS)].median)
                if result is auto:
                    row["ratio"] = auto.median / best if best and auto.within(problem.tol) else None
                    _note(row, "ratio to the best fixed method")
                    ratios[f"{problem.name} at {problem.discount:g}"] = row["ratio"] or float("inf")
                yield row
        if ratios:
            worst = max(ratios, key=lambda name: ratios[name])
            middle = float(np.median(list(ratios.values())))
            note = f"median {middle:.2f}, worst {ratios[worst]:.2f} ({worst}), over {len(ratios)} problems"
            yield {"problem": f"auto, {suite}", "ratio": middle, "note": note}


def _row(problem: Any, entry: Entry, result: Result, one_pass: float) -> dict[str, Any]:
    temperatures = f" ({entry.alpha:g}, {entry.beta:g})"
    row: dict[str, Any] = {
        "problem": problem.name,
        "discount": problem.discount,
        "solver": f"ours: {entry.solver}{temperatures}" if entry.solver in OURS else entry.solver,
        "cpu": result.cpu,
        "wall": result.wall,
        "passes": result.median / one_pass,
        "iterations": result.iterations if entry.solver != PASS else None,
        "bound": result.bound,
        "error": result.error,
        "reference_bound": result.reference_bound,
        "peak_bytes": result.peak_bytes,
        "note": result.failure,
    }
    if entry.solver == PASS or result.value is None:
        return row
    if np.isfinite(result.bound):
        _note(row, f"bound {result.bound:.1e}")
    if not np.isfinite(result.error):
        _note(row, "error not known")
    elif result.error > problem.tol:
        _note(row, f"MISSES {problem.tol:g}")
    if result.error > result.bound + result.reference_bound:
        _note(row, "ERROR ABOVE ITS OWN BOUND")
    return row


def _note(row: dict[str, Any], text: str) -> None:
    row["note"] = f"{row['note']}; {text}" if row["note"] else text


def _header() -> str:
    names = " | ".join(name.ljust(width) for name, width in _COLUMNS)
    return f"| {names} |\n|" + "|".join("-" * (width + 2) for _, width in _COLUMNS) + "|"


def _line(row: dict[str, Any]) -> str:
    cpu, ratio, error = row.get("cpu"), row.get("ratio"), row.get("error", float("nan"))
    cells = (
        row["problem"],
        f"{row['discount']:g}" if "discount" in row else "",
        row.get("solver", ""),
        f"{np.median(cpu):.4g}" if cpu else "",
        f"{min(cpu):.3g} - {max(cpu):.3g}" if cpu else "",
        f"{row['passes']:.1f}" if cpu and "passes" in row else "",
        str(row.get("iterations") or ""),
        f"{error:.1e}" if np.isfinite(error) else "",
        f"{ratio:.2f}" if ratio else "",
        row.get("note", ""),
    )
    return "| " + " | ".join(cell.ljust(width) for cell, (_, width) in zip(cells, _COLUMNS, strict=True)) + " |"


def _write_json(path: Path, rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    packages = ("rommeo_exact", "numpy", "scipy", "numba", "quantecon", "pymdptoolbox", "pygambit", "open_spiel", "jax")
    versions = {distribution.name: distribution.version for distribution in metadata.distributions()}
    report = {
        "python": sys.version.split()[0],
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "packages": {name: versions.get(name) for name in packages},
        "options": {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items()},
        "rows": rows,
    }
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(report, indent=1, default=float).replace("NaN", "null"), encoding="utf-8")
    os.replace(beside, path)


if __name__ == "__main__":
    main()
