"""Exact self-play: many games of two in one call, branches along the temperature, and large games.

No other package computes the fixed points of self-play. The nearest solver that there is, game by game, is pygambit's
for logit quantal response equilibria at the precision 1 / alpha: another object, of the same size and from the same
payoffs. What is the same object is a Perron vector by ``numpy.linalg.eig``, without bounds or anything else that
belongs to a fixed point; it must agree with ours.
"""

from __future__ import annotations

import importlib
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rommeo_exact as rx
from benchmarks.interleaved import interleaved
from rommeo_exact.population import two_player_points

Array = NDArray[np.float64]
Row = dict[str, Any]
Way = Callable[[], Any]

ALIKE = 1e-10
"""How far, at most, the marginals of two ways may be apart."""

QUICKEST = {"first_step": 1.0, "max_accel": 3.0}
"""Steps of pygambit: the fastest that were found with which its answers keep to within 1e-8 of their own equation."""

_OURS, _SINGLY, _LOOP = "ours: one call", "ours: a call each", "NumPy, eig, game by game"
_LAMBDA, _BRANCH = "pygambit: logit_solve_lambda", "pygambit: logit_solve_branch"


def self_play_rows(quick: bool, repeats: int) -> Iterator[Row]:
    """All rows; a quick run has the same, of small problems."""
    gambit = _gambit()
    yield from _many(gambit, 1_000 if quick else 100_000, 20 if quick else 200, repeats)
    climbing, matching = rx.games.climbing(), rx.MatrixGame(_matching())
    if quick:
        yield from _along("climbing", gambit, climbing, np.geomspace(0.1, 20.0, 20), repeats)
        yield from _along("2 x 2 x 2", gambit, matching, np.geomspace(0.4, 0.6, 5), repeats)
    else:
        yield from _along("climbing", gambit, climbing, np.geomspace(0.1, 20.0, 200), repeats)
        yield from _along("2 x 2 x 2", gambit, matching, np.geomspace(0.1, 5.0, 200), repeats)
    for size in (10, 50) if quick else (10, 100, 400):
        yield from _one(size, repeats)


def _gambit() -> Any:
    try:
        return importlib.import_module("pygambit")
    except ImportError:
        return None


def _missing(problem: str) -> Row:
    return {"problem": problem, "solver": "pygambit", "note": "not installed, so not measured: pip install pygambit"}


def _matching() -> list[Array]:
    """Three players, all paid 1 where they choose the same."""
    table = np.zeros((2, 2, 2))
    table[0, 0, 0] = table[1, 1, 1] = 1.0
    return [table] * 3


def _peak(run: Way) -> float:
    """MiB that a run allocates at most at one time, besides what it is given."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


# --- many games ---


def _many(gambit: Any, games: int, sample: int, repeats: int) -> Iterator[Row]:
    """CPU seconds a game; what takes long runs on the first games only."""
    payoffs = np.random.default_rng(7).standard_normal((games, 2, 3, 3))
    some = payoffs[:sample]
    together = partial(two_player_points, payoffs)
    ways: dict[str, Way] = {
        _OURS: together,
        _SINGLY: lambda: [two_player_points(game) for game in some],
        _LOOP: lambda: [_by_eig(first, second) for first, second in payoffs],
    }
    counts = {_OURS: games, _SINGLY: sample, _LOOP: games, _LAMBDA: sample}
    calls: list[float] = []
    if gambit:
        tables = [gambit.Game.from_arrays(first, second) for first, second in some]
        ways[_LAMBDA] = lambda: [_clocked(calls, gambit, table) for table in tables]
    cpu, answers = interleaved(ways, repeats)
    del calls[:sample]  # of the run that does not count
    ours = answers[_OURS]
    apart = max(
        _apart(ours.marginals, [np.array(x) for x in zip(*answers[_LOOP], strict=True)]),
        _apart([x[:sample] for x in ours.marginals], [np.stack(x) for x in zip(*_marginals(answers), strict=True)]),
    )
    each = {way: [seconds / counts[way] for seconds in runs] for way, runs in cpu.items()}
    medians = {way: float(np.median(runs)) for way, runs in each.items()}
    notes = {
        _OURS: f"{1.0 / medians[_OURS]:.3g} games a second; {_times(medians, _LOOP)} the loop; "
        f"bounds at most {ours.error_bound.max():.1e}; peak {_peak(together):.0f} MiB besides the payoffs",
        _SINGLY: f"{sample} games",
        _LOOP: f"exp(R), eig; {games} games; marginals within {apart:.1e} of ours",
    }
    if gambit:
        notes[_OURS] += f"; {_times(medians, _LAMBDA)} pygambit"
        notes[_LAMBDA] = (
            f"another object: logit QRE at precision 1; {sample} games; one call {np.median(calls):.3g}, "
            f"{min(calls):.3g} - {max(calls):.3g}; within {_off(some, answers[_LAMBDA]):.1e} of its own equation"
        )
    problem = f"{games} games 3 x 3, each"
    for way in ways:
        row: Row = {"problem": problem, "solver": way, "cpu": each[way], "note": notes[way]}
        if gambit and way in (_OURS, _SINGLY):
            row["ratio"] = medians[way] / medians[_LAMBDA]
        yield row
    if not gambit:
        yield _missing(problem)


def _times(medians: dict[str, float], other: str) -> str:
    return f"{medians[other] / medians[_OURS]:.3g} times as fast as"


def _marginals(answers: dict[str, Any]) -> list[tuple[Array, Array]]:
    return [found.marginals for found in answers[_SINGLY]]


def _by_eig(first: Array, second: Array) -> tuple[Array, Array]:
    """Both marginals at alpha = beta = 1, where the positive matrix of a round is exp(R): NumPy's least work."""
    one, two = np.exp(first), np.exp(second)
    values, vectors = np.linalg.eig(one @ two.T)
    mine = np.abs(vectors[:, values.real.argmax()])
    mine /= mine.sum()
    theirs = mine @ two
    return mine, theirs / theirs.sum()


def _apart(ours: Any, others: Any) -> float:
    apart = max(float(np.abs(mine - other).max()) for mine, other in zip(ours, others, strict=True))
    if not apart <= ALIKE:
        raise ArithmeticError(f"the marginals of two ways are {apart:.1e} apart")
    return apart


def _clocked(calls: list[float], gambit: Any, table: Any) -> Any:
    started = time.process_time()
    answer = gambit.qre.logit_solve_lambda(table, 1.0, **QUICKEST)
    calls.append(time.process_time() - started)
    return answer


def _off(payoffs: Array, found: list[Any]) -> float:
    """How far the answers of pygambit are from the logit responses to themselves."""
    play = np.array([_profile(answer[-1]) for answer in found]).reshape(-1, 2, 3)
    one = np.exp(np.einsum("gab,gb->ga", payoffs[:, 0], play[:, 1]))
    two = np.exp(np.einsum("gab,ga->gb", payoffs[:, 1], play[:, 0]))
    responses = np.stack([x / x.sum(axis=1, keepdims=True) for x in (one, two)], axis=1)
    return float(np.abs(responses - play).max())


def _profile(point: Any) -> list[float]:
    return [float(chance) for _, chance in point.profile]


# --- branches ---


def _along(name: str, gambit: Any, game: rx.MatrixGame, alphas: Array, repeats: int) -> Iterator[Row]:
    """Branches along the temperature; of pygambit along the precision, by its own steps and at every 1 / alpha."""
    ours = "ours: self_play_branches"
    ways: dict[str, Way] = {ours: lambda: rx.self_play_branches(game, alphas)}
    precisions = [float(x) for x in 1.0 / alphas[::-1]]
    if gambit:
        table = gambit.Game.from_arrays(*game.payoffs)
        ways[_BRANCH] = lambda: gambit.qre.logit_solve_branch(table, **QUICKEST)
        ways[_LAMBDA] = lambda: gambit.qre.logit_solve_lambda(table, precisions, **QUICKEST)
    cpu, answers = interleaved(ways, repeats)
    found = answers[ours]
    complete = False
    notes = {ours: f"branches of {', '.join(str(len(branch)) for branch in found)} points"}
    for event in found.events:
        notes[ours] += f"; {event.kind} at {event.low:.6f}"
    if found.complete:
        notes[ours] += "; there is no other"
    if gambit:
        points, asked = answers[_BRANCH], answers[_LAMBDA]
        ended = sum(abs(point.lam - x) <= 1e-6 * x for point, x in zip(asked, precisions, strict=True))
        notes[_BRANCH] = f"another object: logit QRE; precision 0 to {points[-1].lam:.4g}, points: {len(points)}"
        notes[_LAMBDA] = f"another object: logit QRE; {len(asked)} points, {ended} of them at the precision asked for"
        complete = ended == len(asked)
        if not complete:
            notes[_LAMBDA] += f", the last at {asked[-1].lam:.4g} instead of {precisions[-1]:.4g}"
    problem = f"{name}, {len(alphas)} alphas {alphas[0]:g} - {alphas[-1]:g}"
    for way in ways:
        row: Row = {"problem": problem, "solver": way, "cpu": cpu[way], "note": notes[way]}
        if complete and way == ours:
            row["ratio"] = float(np.median(cpu[ours]) / np.median(cpu[_LAMBDA]))
        yield row
    if not gambit:
        yield _missing(problem)


# --- one game ---


def _one(size: int, repeats: int) -> Iterator[Row]:
    payoffs = np.random.default_rng(size).standard_normal((2, size, size))
    game = rx.MatrixGame(list(payoffs))
    ours, eig = "ours: self_play_equilibria", "NumPy, eig"
    whole = partial(rx.self_play_equilibria, game)
    cpu, answers = interleaved({ours: whole, eig: lambda: _by_eig(*payoffs)}, repeats)
    point = answers[ours].points[0]
    apart = _apart(point.marginals, answers[eig])
    notes = {
        ours: f"bound {point.error_bound:.1e}; peak {_peak(whole):.2g} MiB; with policies, models, returns, stability",
        eig: f"the marginals alone, without a bound; within {apart:.1e} of ours",
    }
    for way, note in notes.items():
        row: Row = {"problem": f"one game {size} x {size}", "solver": way, "cpu": cpu[way], "note": note}
        if way == ours:
            row["ratio"] = float(np.median(cpu[ours]) / np.median(cpu[eig]))
        yield row
