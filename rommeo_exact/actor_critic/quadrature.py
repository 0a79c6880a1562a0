r"""Adaptive quadrature of exp(f) in log space: Gauss-Legendre panels, halved where two halves tell another story.

Two drivers, both of many things at once. :func:`integrals` gives log of the integral of exp(f(r, x)) over x for many
rows r, each with panels of its own: a kink that runs across a plane is met by every row where it is. :func:`resolved`
finds panels on which a function is a polynomial to a given accuracy, and keeps it as one.

A panel is halved until four things hold. Its integral is that of its two halves, to `tol` of the whole, and not by
chance, as happens to a few of many panels with a kink: the polynomial through its nodes, too, passes near f at those of
its halves, to NODES times `tol`. It passes through f at the very ends, beyond the outermost nodes, where the kink of a
whole stack of rows may hide. No two neighbouring nodes differ so much that f, were it to go on so, would pass what is
known as its maximum: so a peak that is narrow in exp(f) but broad in f is found from its flanks. Where a function is
kept, the polynomial through the nodes of a panel passes through those of its halves everywhere. What remains after
:data:`DEPTH` halvings, as at a jump, is counted in the error.

What lies between all nodes of a row is not seen in that row: a piece of f, say, that is the highest on a very short
way. But no piece is as short in all rows, and where it ends, the integral is not smooth in r: there :func:`resolved`
halves its own panels, again and again. So neighbouring rows halve what one of them must, and those in the halves of an
outer panel what those in the whole had to, and in the panels beside: what is seen somewhere is followed to where it
ends. Unseen stays what all rows miss, a feature narrower than about a 300th of the interval everywhere, unless flanks
lead to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..checks import FloatArray
from ..soft import density, log_sum

__all__ = ["Integrals", "Panels", "Piecewise", "integrals", "resolved"]

NODES = 16
"""Nodes of a panel."""

START = 16
"""Panels to start from."""

DEPTH = 44
"""How often a panel is halved at most: a jump is then within 1e-13 of the box."""

HEADROOM = 5.0
"""By how much f, in nats, may be expected above its known maximum before one looks closer."""

ROUGHEST = 1e-6
"""How far from a function its polynomial may be where hardly any mass is."""

NARROW = 1e-6
"""Part of the interval below which a panel may be the rougher the narrower it is: where a jump turns, rounding of the
function itself is seen."""

EPS = float(np.finfo(np.float64).eps)

TOGETHER = 128
"""Rows that are integrated at once: their panels stay in the cache."""

COMMON = (4, 10)
"""So often a panel is halved in all neighbouring rows where it must be in one: at first, and at most. It is once more
each time that an outer panel is halved: its rows are then nearer, and so are the peaks of exp(f) in them."""

GROUP = np.int64(1 << 32)
"""Names of panels are below it."""

X, W = (np.asarray(part) for part in np.polynomial.legendre.leggauss(NODES))
LOG_W = np.log(W)
COEFFICIENTS = (np.polynomial.legendre.legvander(X, NODES - 1) * W[:, None]).T * (np.arange(NODES) + 0.5)[:, None]
"""From values at the nodes to Legendre coefficients."""

HALVES = np.polynomial.legendre.legvander(np.concatenate([(X - 1.0) / 2.0, (X + 1.0) / 2.0]), NODES - 1) @ COEFFICIENTS
"""From values at the nodes of a panel to those at the nodes of its halves, (2 NODES, NODES)."""

ENDS = np.array([-1.0, 1.0]) * (1.0 - 1e-7)
"""The very ends of a panel, and yet inside: what jumps or is infinite just there is not asked."""

AT_ENDS = np.polynomial.legendre.legvander(ENDS, NODES - 1) @ COEFFICIENTS
"""From values at the nodes of a panel to those at its ends, (2, NODES)."""

GAP = float(1.0 - X[-1])
"""From an end to the first node, in halves of a panel."""


def _points(low: FloatArray, high: FloatArray, at: FloatArray = X) -> FloatArray:
    """Points (k,) of each panel (n,), from -1 to 1, the nodes unless told: (n, k)."""
    return (low + high)[:, None] / 2.0 + (high - low)[:, None] / 2.0 * at


def _ends(low: FloatArray, high: FloatArray) -> FloatArray:
    """The very ends of panels (n,), and yet inside: (n, 2)."""
    inside = np.nextafter(low, high), np.nextafter(high, low)
    return np.clip(_points(low, high, ENDS), inside[0][:, None], inside[1][:, None])


def _log_masses(values: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """log of the integral of exp(values) over each panel."""
    return log_sum(values + LOG_W) + np.log((high - low) / 2.0)


def _reach(values: FloatArray) -> FloatArray:
    """Where f would come to in each panel if it went on for another node as it did between two: (n,)."""
    left, right = values[:, :-1], values[:, 1:]
    reach: FloatArray = (np.maximum(left, right) + np.abs(left - right)).max(axis=1)
    return reach


def _halved(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The halves of panels, one after the other: 2 n lower and upper ends."""
    middle = (low + high) / 2.0
    return np.stack([low, middle], axis=1).ravel(), np.stack([middle, high], axis=1).ravel()


class Told(NamedTuple):
    """What groups of neighbouring rows are told when they are integrated.

    Attributes
    ----------
    halved : (groups,) array of arrays of ints
        Which panels were halved for rows near those of each group, as :attr:`Integrals.halved`, or empty.
    depth : int
        How often the outer panel was halved that each group is from.
    """

    halved: Any
    depth: int


NOTHING = Told((), 0)


class Integrals(NamedTuple):
    """log of integrals of exp(f) by rows.

    Attributes
    ----------
    log_value : (R,) array
    error : (R,) array
        Estimate of the relative error: four times what halving changed in all panels together, as with a kink it need
        not change less each time, and rounding.
    row, low, high : (m,) arrays
        The panels that were used, where they are kept.
    values : (m, NODES) array
        log f at their nodes.
    halved : (groups,) array of arrays of ints
        Of each group of neighbours, which panels were halved in all its rows because of rows of its own. The panels to
        start from are n, ..., 2 n - 1, the halves of k are 2 k and 2 k + 1.
    """

    log_value: FloatArray
    error: FloatArray
    row: Any
    low: FloatArray
    high: FloatArray
    values: FloatArray
    halved: Any

    def points(self, part: slice) -> tuple[Any, FloatArray, FloatArray]:
        """Of some of the panels: the row of each node, the node, and log of its part of the row."""
        low, high, row = self.low[part], self.high[part], self.row[part]
        shares = self.values[part] + LOG_W + (np.log((high - low) / 2.0) - self.log_value[row])[:, None]
        return np.repeat(row, NODES), _points(low, high).ravel(), shares.ravel()


def integrals(
    log_f: Callable[[Any, FloatArray], FloatArray],
    rows: int,
    edges: FloatArray,
    tol: float,
    *,
    neighbours: int = NODES,
    told: Told = NOTHING,
    keep: bool = False,
) -> Integrals:
    """log of the integral of exp(log_f(r, x)) over x, for the rows r = 0 ... rows - 1.

    Parameters
    ----------
    log_f : callable
        Of rows (m,) and points (m, k): (m, k), finite.
    edges : (n + 1,) array
        Of the panels to start from.
    tol : float
        A panel is done where its halves change it by less than this part of its row.
    neighbours : int
        So many rows, one after the other, are a group.
    told : Told
        What was halved for rows nearby, and is halved here as well.
    keep : bool
        Whether the panels are returned.
    """
    groups = max(1, TOGETHER // neighbours)
    parts = [
        _integrals(
            log_f, np.arange(k * neighbours, min((k + groups) * neighbours, rows)), edges, tol, neighbours,
            told._replace(halved=told.halved[k : k + groups]), keep,
        )
        for k in range(0, -(-rows // neighbours), groups)
    ]  # fmt: skip
    return Integrals(*(np.concatenate(x) for x in zip(*parts, strict=True)))


def _integrals(
    log_f: Any, rows: Any, edges: FloatArray, tol: float, neighbours: int, told: Told, keep: bool
) -> Integrals:
    count, first = len(rows), rows[0]
    row = np.repeat(np.arange(count), len(edges) - 1)
    low, high = np.tile(edges[:-1], count), np.tile(edges[1:], count)
    name = np.tile(np.arange(len(edges) - 1, 2 * len(edges) - 2, dtype=np.int64), count)  # its halves are 2 k, 2 k + 1
    given = [g * GROUP + names for g, names in enumerate(told.halved)]
    common = min(COMMON[0] + told.depth, COMMON[1])
    shared: list[Any] = []
    values = log_f(row + first, _points(low, high))
    mass = _log_masses(values, low, high)
    top, done, error = np.full(count, -np.inf), np.full(count, -np.inf), np.zeros(count)
    np.maximum.at(top, row, values.max(axis=1))
    kept: list[tuple[Any, ...]] = []
    for depth in range(DEPTH + 1):
        lows, highs = _halved(low, high)
        twice = np.repeat(row, 2)
        finer = log_f(twice + first, _points(lows, highs))
        halves = _log_masses(finer, lows, highs)
        np.maximum.at(top, twice, finer.max(axis=1))
        total = _total(done, halves, twice)
        share = density(halves - total[twice]).reshape(-1, 2).sum(axis=1)
        height = finer.reshape(-1, 2 * NODES)
        miss = np.minimum(np.abs(values @ HALVES.T - height), 1.0).reshape(finer.shape)
        parts = density(finer + LOG_W + (np.log((highs - lows) / 2.0) - total[twice])[:, None])
        apart = np.einsum("ij,ij->i", parts, miss).reshape(-1, 2).sum(axis=1)
        ends = log_f(row + first, _ends(low, high))
        guess = values @ AT_ENDS.T
        off = np.minimum(np.abs(guess - ends), 1.0)
        either = np.maximum(np.minimum(guess, top[row][:, None]), ends)  # a step down is as much as a step up
        gaps = density(either + (np.log(GAP * (high - low) / 2.0) - total[row])[:, None])
        beyond = np.einsum("ij,ij->i", gaps, off)
        change = np.maximum(np.maximum(np.abs(density(mass - total[row]) - share), apart / NODES), beyond)
        noise = 4.0 * EPS * (1.0 + np.abs(height).max(axis=1)) * share
        fine = (change <= np.maximum(tol, noise)) & (_reach(height) <= top[row] + HEADROOM)
        if depth < common:
            panel = row // neighbours * GROUP + name
            shared.append(np.unique(panel[~fine]))
            fine &= ~np.isin(panel, np.concatenate([shared[-1], *given]))
            name = np.stack([2 * name[~fine], 2 * name[~fine] + 1], axis=1).ravel()
        if depth == DEPTH:
            fine[:] = True
        error += 4.0 * np.bincount(row[fine], change[fine], count)
        both = np.repeat(fine, 2)
        done = _total(done, halves[both], twice[both])
        if keep:
            kept.append((twice[both] + first, lows[both], highs[both], finer[both]))
        if both.all():
            break
        row, low, high, values, mass = twice[~both], lows[~both], highs[~both], finer[~both], halves[~both]
    error += 8.0 * EPS * (1.0 + np.abs(top))
    if not keep:
        kept = [(np.empty(0, dtype=int), np.empty(0), np.empty(0), np.empty((0, NODES)))]
    row, low, high, values = (np.concatenate(part) for part in zip(*kept, strict=True))
    return Integrals(done, error, row, low, high, values, _by_groups(shared, count, neighbours))


def _by_groups(shared: list[Any], rows: int, neighbours: int) -> Any:
    """What was halved depth by depth, and all that it is a part of: (groups,) arrays of names."""
    for deep, whole in itertools.pairwise(reversed(range(len(shared)))):
        group, name = np.divmod(shared[deep], GROUP)
        shared[whole] = np.union1d(shared[whole], group * GROUP + name // 2)
    group, name = np.divmod(np.unique(np.concatenate(shared)), GROUP)
    groups = np.empty(-(-rows // neighbours), dtype=object)
    for g in range(len(groups)):
        groups[g] = name[group == g]
    return groups


def _total(done: FloatArray, masses: FloatArray, row: Any) -> FloatArray:
    """log(exp(done) + sum of exp(masses) by rows)."""
    top = done.copy()
    np.maximum.at(top, row, masses)
    safe = np.where(np.isneginf(top), 0.0, top)
    sums = np.bincount(row, density(masses - safe[row]), len(done)) + density(done - safe)
    with np.errstate(divide="ignore"):
        total: FloatArray = safe + np.log(sums)
    return total


@dataclass(frozen=True, eq=False)
class Panels:
    """Panels that cover an interval, in order.

    Attributes
    ----------
    edges : (n + 1,) array
    """

    edges: FloatArray

    @property
    def low(self) -> FloatArray:
        return self.edges[:-1]

    @property
    def high(self) -> FloatArray:
        return self.edges[1:]

    @cached_property
    def nodes(self) -> FloatArray:
        """(n NODES,) in increasing order."""
        return _points(self.low, self.high).ravel()

    @cached_property
    def weights(self) -> FloatArray:
        """(n NODES,); they sum to the length of the interval."""
        return (np.diff(self.edges)[:, None] / 2.0 * W).ravel()

    def place(self, x: FloatArray) -> tuple[Any, FloatArray]:
        """The panel of each point, and where it is in it, from -1 to 1."""
        panel = np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, len(self.edges) - 2)
        low, high = self.edges[panel], self.edges[panel + 1]
        return panel, (2.0 * x - low - high) / (high - low)

    def basis(self, x: FloatArray) -> tuple[Any, FloatArray]:
        """The panels of points (m,), and the Lagrange polynomials of these panels there, (m, NODES)."""
        panel, at = self.place(x)
        return panel, np.asarray(np.polynomial.legendre.legvander(at, NODES - 1) @ COEFFICIENTS)


@dataclass(frozen=True, eq=False)
class Piecewise:
    """A function that is a polynomial in each panel, by its values (n NODES,) at the nodes."""

    panels: Panels
    values: FloatArray

    @cached_property
    def _coefficients(self) -> FloatArray:
        return np.ascontiguousarray((self.values.reshape(-1, NODES) @ COEFFICIENTS.T).T)

    def __call__(self, x: Any) -> FloatArray:
        x = np.asarray(x, dtype=float)
        panel, at = self.panels.place(x)
        one, two = np.zeros(x.shape), np.zeros(x.shape)  # Clenshaw's recurrence
        for k in range(NODES - 1, 0, -1):
            one, two = self._coefficients[k][panel] + (2 * k + 1) / (k + 1) * at * one - (k + 1) / (k + 2) * two, one
        value: FloatArray = self._coefficients[0][panel] + at * one - 0.5 * two
        return value


def _beside(halved: Any) -> Any:
    """What was halved for panels (n,), and for the two beside each: arrays of ints, as they are given."""
    together = np.empty(len(halved), dtype=object)
    for k in range(len(halved)):
        together[k] = np.unique(np.concatenate(list(halved[max(0, k - 1) : k + 2])))
    return together


class Resolved(NamedTuple):
    """What :func:`resolved` found.

    Attributes
    ----------
    panels : Panels
    values : (n NODES,) array
        Of the function, at the nodes.
    weights : (n NODES,) array
        log of the density by which panels matter, at the nodes.
    noise : (n NODES,) array
        What the function was said to be off.
    miss : float
        How far the polynomials are from the function, each panel counted by its part of the mass.
    worst : float
        The same at the worst point.
    change : float
        What halving all panels changes in the mass, relative.
    """

    panels: Panels
    values: FloatArray
    weights: FloatArray
    noise: FloatArray
    miss: float
    worst: float
    change: float


def resolved(
    function: Callable[[FloatArray, Told], tuple[FloatArray, FloatArray, FloatArray, Any]],
    edges: FloatArray,
    tol: float,
    roughest: float = ROUGHEST,
) -> Resolved:
    """Panels on which `function` is a polynomial, to `tol` weighted by mass.

    Parameters
    ----------
    function : callable
        Of points (n, k), k in each of n panels: its values, the log of the density by which they matter, and how far
        values may be off, (n, k) each; and what :func:`integrals` halved for it. That of the panels, and of those
        beside, it is told when it is asked for points of their halves.
    edges : (n + 1,) array
        Of the panels to start from.
    tol : float
    roughest : float
        How far the polynomials may be from the function where hardly any mass is.
    """
    low, high = edges[:-1], edges[1:]

    *found, halved = function(_points(low, high), NOTHING)
    parts = np.stack(found)
    mass, top = _log_masses(parts[1], low, high), float(parts[1].max())
    done = np.full(1, -np.inf)
    kept: list[tuple[FloatArray, ...]] = []
    for depth in range(DEPTH + 1):
        lows, highs = _halved(low, high)
        inside = _points(lows, highs).reshape(-1, 2 * NODES)
        *found, halved = function(np.concatenate([_ends(low, high), inside], axis=1), Told(_beside(halved), depth))
        ends, finer = np.split(np.stack(found), [2], axis=2)
        finer = finer.reshape(3, -1, NODES)
        halves = _log_masses(finer[1], lows, highs)
        top = max(top, float(finer[1].max()))
        total = float(_total(done, halves, np.zeros(len(halves), dtype=int))[0])
        share = density(halves - total).reshape(-1, 2).sum(axis=1)
        change = np.abs(density(mass - total) - share)
        height, truth = (finer[k].reshape(-1, 2 * NODES) for k in (1, 0))
        miss = np.abs(parts[0] @ HALVES.T - truth).max(axis=1)
        miss = np.maximum(miss, np.abs(parts[0] @ AT_ENDS.T - ends[0]).max(axis=1))
        floor = 64.0 * EPS * (1.0 + np.abs(truth).max(axis=1)) + 4.0 * finer[2].reshape(-1, 2 * NODES).max(axis=1)
        rough = roughest * np.maximum(1.0, NARROW * (edges[-1] - edges[0]) / (high - low)) ** 2
        allowed = np.maximum(tol / np.maximum(share, tol / rough), floor)
        rounding = 4.0 * EPS * (1.0 + np.abs(height).max(axis=1)) * share
        fine = (miss <= allowed) & (change <= np.maximum(tol, rounding)) & (_reach(height) <= top + HEADROOM)
        if depth == DEPTH:
            fine[:] = True
        kept.append((low[fine], high[fine], *(part[fine] for part in parts), miss[fine], change[fine]))
        both = np.repeat(fine, 2)
        mine = np.zeros(int(both.sum()), dtype=int)
        done = _total(done, halves[both], mine)
        if both.all():
            break
        low, high, parts, mass = lows[~both], highs[~both], finer[:, ~both], halves[~both]
        halved = np.repeat(halved[~fine], 2, axis=0)
    lows, highs, values, weights, noise, miss, change = (np.concatenate(x) for x in zip(*kept, strict=True))
    order = np.argsort(lows)
    panels = Panels(np.append(lows[order], highs[order][-1]))
    shares = density(_log_masses(weights, lows, highs) - done[0])
    values, weights, noise = (part[order].ravel() for part in (values, weights, noise))
    return Resolved(panels, values, weights, noise, float(shares @ miss), float(miss.max()), float(change.sum()))
