"""Fixed points that no theorem gives: damped Newton steps in log-ratios, from many starts.

What is found is a fixed point; what is not found may exist all the same. The index theorem tells when something is
missing: over all regular fixed points the signs of det(I - J) sum to 1.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from ..checks import FloatArray
from ..errors import ConvergenceError
from .perron import UNIT
from .rounds import Play, Population

__all__ = ["newton", "search", "starts"]

PROFILES, PROFILES_OF_STATES = 256, 16
"""Pure profiles to start from, at most, without and with states; of more, as many at random."""

SAME, NEAR = 1e-7, 1e-3
"""Log-ratios this near are one point; this near, they may be one that is not regular."""

REACHED = 1e-10
"""A gap of so much, relative to the coordinates, is a fixed point's."""

SATURATED = 1e-3
"""What a pure profile leaves to the other actions, to start from."""


def starts(population: Population, count: int, rng: np.random.Generator) -> FloatArray:
    """Plays to start from, as coordinates (K, N): uniform, every pure profile, and `count` at random of two kinds."""
    sizes, states = population.sizes, population.states
    total = math.prod(sizes)
    most = PROFILES if population.stateless else PROFILES_OF_STATES
    if total <= most:
        profiles = list(itertools.product(*map(range, sizes)))
    else:
        profiles = [tuple(int(rng.integers(size)) for size in sizes) for _ in range(most)]
    play = []
    for i, size in enumerate(sizes):
        pure = np.full((len(profiles), states, size), SATURATED / size)
        pure[np.arange(len(profiles)), :, [profile[i] for profile in profiles]] += 1.0 - SATURATED
        inside = np.maximum(rng.dirichlet(np.ones(size), size=(count, states)), 1e-300)
        far = rng.normal(scale=10.0, size=(count, states, size))
        uniform = np.zeros((1, states, size))
        play.append(np.concatenate([uniform, np.log(pure), np.log(inside), far]))
    return population.flat(tuple(play))


def newton(population: Population, y: FloatArray, *, steps: int = 60) -> tuple[FloatArray, FloatArray]:
    """Damped Newton steps for y = round(y) from each row of y (K, N); where they end, and |round(y) - y| there."""
    y = y.copy()
    gap = _gap(population, y)
    size = _size(gap)
    active = np.arange(len(y))
    for _ in range(steps):
        floor = 1e-14 * (1.0 + np.abs(y[active]).max(axis=1, initial=0.0))
        active = active[size[active] > floor]
        if not active.size:
            break
        here = population.play_of(y[active])
        matrix = np.eye(y.shape[1]) - population.jacobian(here)
        step = _solve(matrix, gap[active])
        left = np.arange(len(active))
        moved = np.zeros(len(active), dtype=bool)
        length = 1.0
        while left.size and length > 1e-3:
            rows = active[left]
            trial = y[rows] + length * step[left]
            trial_gap = _gap(population, trial)
            trial_size = _size(trial_gap)
            good = trial_size < (1.0 - 0.25 * length) * size[rows]
            y[rows[good]], gap[rows[good]], size[rows[good]] = trial[good], trial_gap[good], trial_size[good]
            moved[left[good]] = True
            left, length = left[~good], length / 4.0
        stuck = active[~moved]
        near = size[stuck] < 1e-9  # rounding allows no less
        stuck = stuck[~near]
        if stuck.size:
            y[stuck] += 0.5 * gap[stuck]
            gap[stuck] = _gap(population, y[stuck])
            size[stuck] = _size(gap[stuck])
        active = np.concatenate([active[moved], stuck])
    return y, size


def _gap(population: Population, y: FloatArray) -> FloatArray:
    return population.flat(population.round(population.play_of(y))) - y


def _size(gap: FloatArray) -> FloatArray:
    size = np.abs(gap).max(axis=1, initial=0.0)
    return np.where(np.isfinite(size), size, np.inf)


def _solve(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Newton's step; of singular matrices the least squares one."""
    try:
        return np.asarray(np.linalg.solve(matrix, right[..., None])[..., 0])
    except np.linalg.LinAlgError:
        return np.stack([_solve_one(one, r) for one, r in zip(matrix, right, strict=True)])


def _solve_one(matrix: FloatArray, right: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, right, rcond=1e-12)[0])


def averaged(population: Population, play: Play, rounds: int, step: float = 0.5) -> Play:
    """Some rounds of averaging in log-ratios, towards what is stable."""
    y = population.flat(play)
    for _ in range(rounds):
        y = y + step * _gap(population, y)
    return population.play_of(y)


def search(
    population: Population, count: int, rng: np.random.Generator, known: FloatArray
) -> tuple[FloatArray, int]:
    """`known` fixed points (M, N) with the further ones that Newton reaches, and from how many starts.

    Where an eigenvalue of the derivative is 1 to rounding, ends lie anywhere in a valley: one stands for all of them.
    """
    first = starts(population, count, rng)
    second = population.flat(averaged(population, population.play_of(first), 20))
    ends, size = newton(population, np.concatenate([second, first]))
    reached = np.flatnonzero(size < REACHED * (1.0 + np.abs(ends).max(axis=1, initial=0.0)))
    points = list(known)
    unsettled: FloatArray | None = None
    for k in reached[np.argsort(size[reached], kind="stable")]:
        if not _settled(population, ends[k]):
            unsettled = ends[k] if unsettled is None else unsettled
        elif not any(_one(population, ends[k], other) for other in points):
            points.append(ends[k])
    if unsettled is not None and not any(not _settled(population, other) for other in points):
        points.append(unsettled)
    return np.array(points).reshape(len(points), first.shape[1]), 2 * len(first)


def slowly(population: Population, y: FloatArray) -> FloatArray:
    """A fixed point by averaging for long, where Newton's steps found none: (1, N)."""
    for _ in range(50):
        y = population.flat(averaged(population, population.play_of(y), 200))
        end, size = newton(population, y)
        if size[0] < REACHED * (1.0 + float(np.abs(end).max(initial=0.0))):
            return end
    raise ConvergenceError(
        f"no fixed point was found, though there is one: from the uniform play, answers still differ by {size[0]:.3g} "
        "in a log-ratio after ten thousand averaged rounds. Ask for more starts, or for a higher temperature",
        population.play_of(end),
    )


def _settled(population: Population, y: FloatArray) -> bool:
    """Whether rounding leaves no room to move: no valley whose floor float64 cannot see."""
    matrix = np.eye(len(y)) - population.jacobian(population.play_of(y[None]))[0]
    scale = 1.0 + float(np.abs(y).max(initial=0.0))
    gap = float(_size(_gap(population, y[None]))[0]) + 64.0 * UNIT * scale
    try:
        room = float(np.abs(np.linalg.inv(matrix)).sum(axis=1).max(initial=0.0)) * gap
    except np.linalg.LinAlgError:
        return False
    return room <= 1e-5 * scale


def _one(population: Population, y: FloatArray, z: FloatArray) -> bool:
    """Whether two fixed points are the same to rounding; where they are about to meet, so is everything between."""
    apart = float(np.abs(y - z).max(initial=0.0)) / (1.0 + float(np.abs(y).max(initial=0.0)))
    if apart <= SAME:
        return True
    return apart < NEAR and float(_size(_gap(population, (y + z)[None] / 2.0))[0]) < 100.0 * REACHED
