r"""Fixed points along the temperature: branches, and where they turn or part.

A branch is a curve of fixed points (y, log10 alpha), followed by pseudo-arclength, so that it may turn back in alpha (a
*fold*) without being lost. Where an eigenvalue of the round's derivative passes 1 and the branch goes on, others cross
it: a *pitchfork* where they exist on one side only, else a *crossing*. The first branch starts at a temperature so high
that it is alone; others are looked for where it is crossed, and by :func:`~.search.search` at some temperatures,
because a branch may be connected to no other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from ..checks import BoolArray, FloatArray, frozen, real_array
from ..errors import InputError
from ..games.models import Game
from ..soft import normalised
from .equilibria import COARSE, Equilibrium, index_of, point_of
from .rounds import Population
from .search import newton, search
from .uniqueness import contraction, error_bound, two_players

__all__ = ["Branch", "Event", "SelfPlayBranches", "self_play_branches"]

Weights: TypeAlias = float | Sequence[float] | Callable[[float], Any]

LONGEST, SHORTEST = 0.05, 1e-7
"""Steps along a branch, in decades of alpha."""

MOST_STEPS = 4000

NEAR = 0.2
"""How far, relatively, a point may be from the line between two of a branch's and be tried as one of it."""

SWITCH = 1e-2
"""How far from a crossing the branches that cross are looked for, in log-ratios."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A curve of fixed points, in the order in which it was followed.

    Attributes
    ----------
    alphas : (K,) array
        Temperatures; not monotone where the branch folds.
    marginals : tuple of (K, S, A_i) arrays
        One per player; without S in a matrix game.
    spectral_radius : (K,) array
    stable, stable_averaged : (K,) bool arrays
        Under simultaneous play, and under averaged play with small steps.
    index : (K,) int array
    expected_returns : (K, n) array
    error_bounds : (K,) array
        In Hilbert's metric, as of :class:`~.equilibria.Equilibrium`; inf where no theorem gives one.
    resolved : (K,) bool array
        Whether these numbers say where the point is, as of :class:`~.equilibria.Equilibrium`.
    """

    alphas: FloatArray
    marginals: tuple[FloatArray, ...]
    spectral_radius: FloatArray
    stable: BoolArray
    stable_averaged: BoolArray
    index: Any
    expected_returns: FloatArray
    error_bounds: FloatArray
    resolved: BoolArray
    coordinates: FloatArray = field(repr=False)

    def __len__(self) -> int:
        return len(self.alphas)


@dataclass(frozen=True, eq=False)
class Event:
    """A temperature at which the number of fixed points changes, or branches cross.

    Attributes
    ----------
    kind : {"fold", "pitchfork", "crossing"}
    low, high : float
        alpha is between them. A pitchfork or crossing has an eigenvalue below 1 on one side of the bracket and above it
        on the other; a fold is the extreme temperature of its branch, to rounding.
    marginals : tuple of (S, A_i) arrays
        The fixed point there.
    branch : int
        Which branch it was found on.
    """

    kind: Literal["fold", "pitchfork", "crossing"]
    low: float
    high: float
    marginals: tuple[FloatArray, ...]
    branch: int


@dataclass(frozen=True, eq=False)
class SelfPlayBranches:
    """What :func:`self_play_branches` followed.

    Attributes
    ----------
    branches : tuple of Branch
    events : tuple of Event
        By falling temperature.
    complete : bool
        A theorem says that there are no others: two players in one state.
    """

    branches: tuple[Branch, ...]
    events: tuple[Event, ...]
    complete: bool
    game: Game = field(repr=False)
    beta: Any = field(repr=False)
    discount: float | None = field(repr=False)

    def at(self, alpha: float) -> tuple[Equilibrium, ...]:
        """The fixed points of these branches at one temperature."""
        population = _population(self.game, alpha, self.beta, self.discount)
        found: list[Equilibrium] = []
        for branch in self.branches:
            for y in _crossings(branch.coordinates, np.log10(branch.alphas), math.log10(alpha)):
                end, _ = newton(population, y[None])
                play = population.play_of(end)
                if all(population.distance(play, _play(population, other))[0] > 1e-6 for other in found):
                    bound = error_bound(population, play, contraction(population, play)) if self.complete else math.inf
                    found.append(point_of(population, play, bound))
        return tuple(found)

    def __iter__(self) -> Iterator[Branch]:
        return iter(self.branches)

    def __len__(self) -> int:
        return len(self.branches)


def self_play_branches(
    game: Game,
    alphas: Any,
    beta: Weights = 1.0,
    discount: float | None = None,
    *,
    starts: int = 16,
    rng: np.random.Generator | None = None,
    progress: Callable[[str], None] | None = None,
) -> SelfPlayBranches:
    """The fixed points of exact self-play along the temperature, the same for all players.

    Parameters
    ----------
    game : MatrixGame or StochasticGame
    alphas : (K,) array
        Temperatures, > 0. Two players in one state have one fixed point at each; else branches are followed between
        the least and the greatest, with steps no longer than those of `alphas`.
    beta : float, sequence of n, or callable
        KL weights, or a function of alpha that gives them: ``lambda alpha: alpha`` keeps beta at alpha.
    discount : float, optional
        By default the game's own; 0 for a matrix game.
    starts : int
        Random starts of the search for branches that are connected to no other, at each of five temperatures.
    rng : numpy.random.Generator, optional
    progress : callable, optional
        Told in words what is being done.

    Returns
    -------
    SelfPlayBranches

    Raises
    ------
    InputError

    Examples
    --------
    >>> from rommeo_exact.games import climbing
    >>> found = self_play_branches(climbing(), np.geomspace(0.5, 20.0, 50))
    >>> len(found), found.branches[0].marginals[0][[0, -1], 0].round(3)       # P(A): selected, then forgotten
    (1, array([1.   , 0.279]))
    """
    grid = np.unique(real_array(alphas, "alphas", ndim=1))
    if not grid.size or grid[0] <= 0.0:
        raise InputError("alphas must be positive temperatures, at least one")
    tell = progress or (lambda text: None)
    follower = _Follower(game, beta, discount, math.log10(grid[0]), math.log10(grid[-1]), tell)
    top = follower.population(math.log10(grid[-1]))
    if top.stateless and len(top.sizes) == 2:
        return SelfPlayBranches((_curve(follower, np.log10(grid)),), (), True, game, beta, discount)
    if len(grid) > 1:
        follower.longest = min(LONGEST, float(np.diff(np.log10(grid)).max()))
    follower.follow_all(starts, np.random.default_rng(0) if rng is None else rng)
    branches, events = follower.results()
    return SelfPlayBranches(branches, events, False, game, beta, discount)


def _population(game: Game, alpha: float, beta: Weights, discount: float | None) -> Population:
    return Population.of(game, alpha, beta(alpha) if callable(beta) else beta, discount)


def _play(population: Population, point: Equilibrium) -> tuple[FloatArray, ...]:
    return tuple(x[None, None] if population.stateless else x[None] for x in point.log_marginals)


def _curve(follower: _Follower, taus: FloatArray) -> Branch:
    """The only branch of two players in one state, point by point."""
    rows, bounds = [], []
    for tau in taus:
        population = follower.population(float(tau))
        play, bound = two_players(population)
        rows.append(population.flat(play)[0])
        bounds.append(bound)
    return follower.branch(np.array(rows), taus, np.array(bounds))


class _Point(NamedTuple):
    """A point of a branch with its unit tangent, and how many real eigenvalues exceed 1."""

    y: FloatArray
    tau: float
    tangent: FloatArray
    above: int


class _Follower:
    """Follows branches in z = (y, tau), tau = log10 alpha, and keeps what it found."""

    def __init__(
        self, game: Game, beta: Weights, discount: float | None, low: float, high: float, tell: Callable[[str], None]
    ) -> None:
        self.game, self.beta, self.discount = game, beta, discount
        self.low, self.high, self.top, self.tell = low, high, high, tell
        self.longest = LONGEST
        self.lines: list[tuple[FloatArray, FloatArray]] = []
        self.found: list[tuple[str, float, float, FloatArray, int]] = []
        self.memory: dict[float, Population] = {}

    def population(self, tau: float) -> Population:
        if tau not in self.memory:
            if len(self.memory) > 64:
                self.memory.clear()
            self.memory[tau] = _population(self.game, 10.0**tau, self.beta, self.discount)
        return self.memory[tau]

    # --- the equations ---

    def gap(self, y: FloatArray, tau: float) -> FloatArray:
        population = self.population(tau)
        return np.asarray(population.flat(population.round(population.play_of(y[None])))[0] - y)

    def jacobian(self, y: FloatArray, tau: float) -> FloatArray:
        population = self.population(tau)
        matrix: FloatArray = population.jacobian(population.play_of(y[None]))[0]
        return matrix

    def slope(self, y: FloatArray, tau: float) -> FloatArray:
        """The derivative of the gap by tau."""
        h = 1e-5
        return np.asarray((self.gap(y, tau + h) - self.gap(y, tau - h)) / (2.0 * h))

    def metric(self, y: FloatArray) -> FloatArray:
        """Weights of the coordinates (y, tau) in the length of a step: log-ratios count relatively."""
        return np.append(1.0 / (math.sqrt(len(y)) * (1.0 + np.abs(y))), 1.0)

    def tangent(self, y: FloatArray, tau: float, along: FloatArray) -> FloatArray:
        """The unit tangent that goes along `along`."""
        weights = self.metric(y)
        matrix = np.zeros((len(y) + 1, len(y) + 1))
        matrix[:-1, :-1] = self.jacobian(y, tau) - np.eye(len(y))
        matrix[:-1, -1] = self.slope(y, tau)
        matrix[-1] = along * weights**2
        right = np.zeros(len(y) + 1)
        right[-1] = 1.0
        try:
            direction = np.linalg.solve(matrix, right)
        except np.linalg.LinAlgError:
            direction = along
        return np.asarray(direction / np.linalg.norm(direction * weights))

    def corrected(self, y: FloatArray, tau: float, row: FloatArray, level: float) -> tuple[FloatArray, float] | None:
        """The fixed point near (y, tau) with row . (y, tau) = level, by Newton's method."""
        slope = None
        for _ in range(12):
            gap = np.append(self.gap(y, tau), row @ np.append(y, tau) - level)
            if float(np.abs(gap[:-1]).max(initial=0.0)) < 1e-12 * (1.0 + float(np.abs(y).max(initial=0.0))):
                return y, tau
            slope = self.slope(y, tau) if slope is None else slope
            matrix = np.zeros((len(y) + 1, len(y) + 1))
            matrix[:-1, :-1] = self.jacobian(y, tau) - np.eye(len(y))
            matrix[:-1, -1] = slope
            matrix[-1] = row
            try:
                step = np.linalg.solve(matrix, -gap)
            except np.linalg.LinAlgError:
                return None
            if not np.isfinite(step).all() or abs(step[-1]) > 1.0:
                return None
            y, tau = y + step[:-1], tau + float(step[-1])
        gap_left = float(np.abs(self.gap(y, tau)).max(initial=0.0))
        return (y, tau) if gap_left < 1e-9 * (1.0 + float(np.abs(y).max(initial=0.0))) else None

    def point(self, y: FloatArray, tau: float, along: FloatArray) -> _Point:
        values = np.linalg.eigvals(self.jacobian(y, tau)) if len(y) else np.zeros(0)
        above = int(((values.imag == 0.0) & (values.real > 1.0)).sum())
        return _Point(y, tau, self.tangent(y, tau, along), above)

    def step(self, here: _Point, length: float) -> _Point | None:
        weights = self.metric(here.y)
        row = here.tangent * weights**2
        z = np.append(here.y, here.tau) + length * here.tangent
        end = self.corrected(z[:-1], float(z[-1]), row, float(row @ z))
        if end is None:
            return None
        moved = np.linalg.norm((np.append(*end) - np.append(here.y, here.tau)) * weights)
        if moved > 3.0 * abs(length):
            return None
        there = self.point(*end, here.tangent)
        turned = float((there.tangent * weights**2) @ here.tangent)
        return there if turned > 0.7 else None

    # --- following ---

    def follow_all(self, starts: int, rng: np.random.Generator) -> None:
        y, self.top = self.alone()
        self.follow(y, self.top, self.along(y, -1.0))
        for tau in np.linspace(self.low, self.high, 5):
            population = self.population(float(tau))
            self.tell(f"searching at alpha = {10.0**tau:.3g}")
            points, _ = search(population, starts, rng, np.empty((0, len(y))))
            for row in points:
                if not self.known(row, float(tau)):
                    self.follow(row, float(tau), self.along(row, 1.0))
                    self.follow(row, float(tau), self.along(row, -1.0), other=True)

    @staticmethod
    def along(y: FloatArray, sign: float) -> FloatArray:
        """The direction of growing or falling tau."""
        return np.append(np.zeros(len(y)), sign)

    def alone(self) -> tuple[FloatArray, float]:
        """A fixed point at a temperature at which it is the only one, or far above the payoffs."""
        tau = self.high
        spread = max(float(np.ptp(view.rewards)) / (1.0 - view.discount) for view in self.population(tau).views)
        far = max(tau, math.log10(20.0 * spread)) if spread > 0.0 else tau
        while True:
            population = self.population(tau)
            y, size = newton(population, population.flat(population.uniform()))
            alone = contraction(population, population.play_of(y)).theorem is not None
            if (alone or tau >= far) and size[0] < 1e-9:
                return y[0], tau
            tau += 0.2
            if tau > far + 10.0:
                raise InputError("no temperature is found at which there is one fixed point: payoffs are too large")

    def follow(
        self, y: FloatArray, tau: float, along: FloatArray, *, crossing: _Point | None = None, other: bool = False
    ) -> None:
        """Follow a branch from a point, or from where it crosses another; `other`: go on with the last one.

        What crosses it is followed in its turn.
        """
        here = self.point(y, tau, along)
        points, length = [here], self.longest / 4.0
        crossings: list[tuple[_Point, _Point]] = []
        noted = False
        if crossing is not None:
            points.insert(0, crossing)
        number = len(self.lines) - 1 if other else len(self.lines)
        self.tell(f"following branch {number + 1}")
        while len(points) < MOST_STEPS:
            there = self.step(here, length)
            changes = 0 if there is None else int(there.above != here.above) + int(self.turned(here, there))
            if there is None or (changes and length > SHORTEST * 100.0 and length > self.longest / 16.0):
                length /= 2.0
                if length < SHORTEST:
                    break
                continue
            if self.turned(here, there):
                low, high = self.bisected(here, length, lambda a, b: self.turned(a, b))
                self.note("fold", low, high, number)
                noted = True
            elif there.above != here.above:
                low, high = self.bisected(here, length, lambda a, b: a.above != b.above)
                crossings.append((low, high))
            if not self.low <= there.tau <= self.top:
                edge = self.low if there.tau < self.low else self.top
                ending = self.corrected(there.y, edge, np.append(np.zeros(len(y)), 1.0), edge)
                if ending is not None:
                    points.append(self.point(*ending, here.tangent))
                break
            points.append(there)
            here, length = there, min(1.5 * length, self.longest)
            if len(points) % 8 == 0 and self.known(here.y, here.tau):
                if not crossings and not noted:
                    return  # a stretch of another branch
                break
        ys, taus = np.array([p.y for p in points]), np.array([p.tau for p in points])
        if other:
            before, taus_before = self.lines[-1]
            self.lines[-1] = np.concatenate([before[::-1], ys[1:]]), np.concatenate([taus_before[::-1], taus[1:]])
        else:
            self.lines.append((ys, taus))
        for low, high in crossings:
            self.switch(low, high, number)

    @staticmethod
    def turned(here: _Point, there: _Point) -> bool:
        return bool(here.tangent[-1] * there.tangent[-1] < 0.0)

    def bisected(
        self, here: _Point, length: float, changed: Callable[[_Point, _Point], bool]
    ) -> tuple[_Point, _Point]:
        """Two points of the branch, one after the other, between which something changes."""
        there = self.step(here, length)
        assert there is not None
        low, high, near, far = here, there, 0.0, length
        while far - near > 1e-9:
            middle = self.step(here, (near + far) / 2.0)
            if middle is None:
                break
            if changed(low, middle):
                high, far = middle, (near + far) / 2.0
            else:
                low, near = middle, (near + far) / 2.0
        return low, high

    def note(self, kind: str, low: _Point, high: _Point, number: int) -> None:
        scale = 1.0 + float(np.abs(low.y).max(initial=0.0))
        met = (abs(tau - low.tau) < 1e-6 and np.abs(y - low.y).max() < 1e-3 * scale for _, tau, _, y, _ in self.found)
        if not any(met):
            slack = 1e-12 if kind == "fold" else 0.0  # both points are on one side of a fold
            taus = [min(low.tau, high.tau) - slack, max(low.tau, high.tau) + slack]
            self.found.append((kind, taus[0], taus[1], low.y, number))

    def switch(self, low: _Point, high: _Point, number: int) -> None:
        """Follow what crosses a branch between two of its points."""
        matrix = self.jacobian(low.y, low.tau) - np.eye(len(low.y))
        _, values, rows = np.linalg.svd(matrix)
        null = list(rows[values < 1e-4 * max(1.0, float(values[0]))]) or [rows[-1]]
        directions = [*null, *(a + s * b for i, a in enumerate(null) for b in null[:i] for s in (1.0, -1.0))]
        sides: set[bool] = set()
        seeds = []
        for phi in directions:
            unit = phi / np.linalg.norm(phi)
            row = np.append(unit, 0.0)
            for sign in (1.0, -1.0):
                start = low.y + sign * SWITCH * unit
                end = self.corrected(start, low.tau, row, float(row @ np.append(start, low.tau)))
                if end is None or abs(end[1] - low.tau) > 0.5 or self.known(*end):
                    continue
                sides.add(bool(end[1] > high.tau))
                seeds.append((*end, np.append(sign * unit, 0.0)))
        self.note("pitchfork" if len(sides) == 1 else "crossing", low, high, number)
        for y, tau, towards in seeds:
            if self.low <= tau <= self.top and not self.known(y, tau):
                self.follow(y, tau, towards, crossing=low)

    def known(self, y: FloatArray, tau: float) -> bool:
        """Whether a point is on a branch that has been followed."""
        scale = 1.0 + float(np.abs(y).max(initial=0.0))
        for ys, taus in self.lines:
            for between in _crossings(ys, taus, tau):
                if np.abs(between - y).max(initial=0.0) > NEAR * scale:
                    continue
                end, size = newton(self.population(tau), between[None])
                if size[0] < 1e-8 * scale and np.abs(end[0] - y).max(initial=0.0) < 1e-5 * scale:
                    return True
        return False

    # --- what is returned ---

    def branch(self, ys: FloatArray, taus: FloatArray, bounds: FloatArray | None = None) -> Branch:
        """With the points' bounds where a theorem says that they attract everything."""
        rows = []
        for y, tau in zip(ys, taus, strict=True):
            population = self.population(float(tau))
            play = population.play_of(y[None])
            values = np.linalg.eigvals(population.jacobian(play)[0]) if len(y) else np.zeros(0)
            marginals = [normalised(x)[0] for x in play]
            radius = float(np.abs(values).max(initial=0.0))
            index = index_of(values)
            averaged = bool((values.real < 1.0).all())
            shaped = [population.shaped(x) for x in marginals]
            rows.append((shaped, radius, averaged, index, population.expected_return(marginals)))
        radii = np.array([row[1] for row in rows])
        if bounds is not None:
            every, resolved = np.ones(len(rows), dtype=bool), bounds <= COARSE
            rows = [(row[0], row[1], True, 1, row[4]) for row in rows]
        else:
            every, bounds, resolved = radii < 1.0, np.full(len(rows), np.inf), np.ones(len(rows), dtype=bool)
        stacked = tuple(frozen(np.stack(x)) for x in zip(*(row[0] for row in rows), strict=True))
        return Branch(
            frozen(10.0**taus), stacked, frozen(radii), frozen(every), frozen(np.array([r[2] for r in rows])),
            frozen(np.array([r[3] for r in rows])), frozen(np.stack([r[4] for r in rows])), frozen(bounds),
            frozen(resolved), frozen(ys),
        )  # fmt: skip

    def results(self) -> tuple[tuple[Branch, ...], tuple[Event, ...]]:
        branches: list[Branch] = []
        renumbered: dict[int, int] = {}
        slack = 1e-12
        for number, (ys, taus) in enumerate(self.lines):
            inside = (taus >= self.low - slack) & (taus <= self.high + slack)
            if self.top > self.high:  # down to where it enters, exactly
                for k in np.flatnonzero(np.diff(inside.astype(int))):
                    edge = self.corrected(ys[k], self.high, np.append(np.zeros(ys.shape[1]), 1.0), self.high)
                    if edge is not None:
                        k = k if inside[k + 1] else k + 1
                        ys, taus = ys.copy(), taus.copy()
                        ys[k], taus[k] = edge
                        inside[k] = True
            if inside.any():
                renumbered[number] = len(branches)
                branches.append(self.branch(ys[inside], taus[inside]))
        events = []
        for kind, low, high, y, number in sorted(self.found, key=lambda event: -event[1]):
            if self.low <= low <= self.high and number in renumbered:
                population = self.population(low)
                marginals = tuple(frozen(population.shaped(normalised(x)[0])) for x in population.play_of(y[None]))
                widened = 10.0**low * (1.0 - 1e-15), 10.0**high * (1.0 + 1e-15)
                events.append(Event(kind, *widened, marginals, renumbered[number]))  # type: ignore[arg-type]
        return tuple(branches), tuple(events)


def _crossings(ys: FloatArray, taus: FloatArray, tau: float) -> Iterator[FloatArray]:
    """Where a line through the points of a branch passes tau."""
    for k in range(len(taus) - 1):
        one, two = taus[k] - tau, taus[k + 1] - tau
        if one * two <= 0.0 and one != two:
            yield ys[k] + (ys[k + 1] - ys[k]) * (one / (one - two))
        elif one == two == 0.0:
            yield ys[k]
    if len(taus) == 1 and taus[0] == tau:
        yield ys[0]
