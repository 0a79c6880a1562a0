"""The ranges of self-play over boxes of log-ratios: see :mod:`rommeo_exact.certificates.fixed_points`.

Everything is computed in floats, many boxes at once, and widened by a bound on what rounding does.
"""

from __future__ import annotations

import itertools

import numpy as np

from ..checks import BoolArray, FloatArray
from ..errors import InputError
from ..population.rounds import Population
from .balls import above, below, sums, working
from .krawczyk import Round, precisions

__all__ = ["Ranges"]

UNIT = 2.0**-53

INFLATION = 1.0 / 32.0
"""A box is looked at with so much of its width around it, so that points on faces are inside of something."""

COARSE = 1e-6
"""Log-ratios that rounding changes by more are left alone."""

MOST_CORNERS = 1 << 12
"""Vertices of a box of what one player's answer depends on."""


class Ranges:
    """The ranges of G and J over boxes of log-ratios, in floats that are rounded outwards."""

    def __init__(self, population: Population) -> None:
        self.sizes = population.sizes
        self.width = sum(self.sizes) - len(self.sizes)
        self.tables: list[FloatArray] = []  # log A_i (A, B), the kept b
        self.counts: list[FloatArray] = []  # (B, N): 1 where (j, c) is in b
        self.corners: list[FloatArray] = []  # (V, N): 1 where a vertex is at the upper end
        starts = np.cumsum([0, *(size - 1 for size in self.sizes)])
        self.rows = [slice(starts[i], starts[i + 1]) for i in population.players]
        bits = precisions(population)[0]
        with working(bits):
            a_round = Round(population, bits)
            ends = []
            for i, logs in enumerate(a_round.log_responses):
                self.tables.append(np.array([[float(x.mid()) for x in row] for row in logs]))
                counts = np.zeros((len(a_round.profiles[i]), self.width))
                for b, profile in enumerate(a_round.profiles[i]):
                    for j, c in zip(a_round.others[i], profile, strict=True):
                        if c > 0:
                            counts[b, starts[j] + c - 1] = 1.0
                self.counts.append(counts)
                moving = np.flatnonzero(counts.any(axis=0))
                if 1 << len(moving) > MOST_CORNERS:
                    raise InputError(f"game is too large: a box has 2^{len(moving)} vertices for player={i}")
                corners = np.zeros((1 << len(moving), self.width))
                corners[:, moving] = list(itertools.product((0.0, 1.0), repeat=len(moving)))
                self.corners.append(corners)
                for row in logs[1:]:
                    differences = [x - z for x, z in zip(row, logs[0], strict=True)]
                    ends.append([min(map(below, differences)), max(map(above, differences))])
        self.low, self.high = np.array(ends).reshape(-1, 2).T.copy()
        magnitude = max(float(np.abs(table).max()) for table in self.tables)
        magnitude += 1.0 + sum(np.maximum(-self.low, self.high).tolist())
        widest = max(len(counts) for counts in self.counts)
        self.slack = 8.0 * UNIT * ((len(self.sizes) + 8.0) * magnitude + 4.0 * widest + 32.0)
        """Bound on the error of each log-ratio of G and of each entry of J, from those of :func:`sums`."""

        self.scale = 1.0 + float(np.maximum(-self.low, self.high).max(initial=0.0))
        self.least_margin = 2.0**-40 * self.scale

    @property
    def tell(self) -> bool:
        """Whether floats are precise enough for these payoffs and weights."""
        return bool(self.slack < COARSE)

    @property
    def entries(self) -> int:
        """Numbers that one box takes."""
        return max(table.size * len(corners) for table, corners in zip(self.tables, self.corners, strict=True))

    def over(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Bounds of G (K, N) and of J (K, N, N) over boxes from `low` to `high`."""
        count, width = low.shape
        answers, slopes = np.empty((2, count, width)), np.zeros((2, count, width, width))
        for table, counts, corners, rows in zip(self.tables, self.counts, self.corners, self.rows, strict=True):
            at = np.where(corners > 0.0, high[:, None], low[:, None]) @ counts.T
            logs, shares = sums(table + at[:, :, None])
            ratios = logs[..., 1:] - logs[..., :1]
            answers[0][:, rows], answers[1][:, rows] = ratios.min(axis=1), ratios.max(axis=1)
            beliefs = shares @ counts
            least, most = beliefs.min(axis=1), beliefs.max(axis=1)
            slopes[0][:, rows], slopes[1][:, rows] = least[:, 1:] - most[:, :1], most[:, 1:] - least[:, :1]
        for found in (answers, slopes):
            found[0] -= self.slack
            found[1] += self.slack
        return answers[0], answers[1], slopes[0], slopes[1]

    def answer(self, y: FloatArray) -> FloatArray:
        """G (K, N) to within the slack."""
        found = np.empty_like(y)
        for table, counts, rows in zip(self.tables, self.counts, self.rows, strict=True):
            logs, _ = sums(table + (y @ counts.T)[:, None])
            found[:, rows] = logs[:, 1:] - logs[:, :1]
        return found

    def around(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Boxes with the margin that :meth:`narrowed` looks at with them."""
        margin = INFLATION * (high - low) + self.least_margin
        return low - margin, high + margin

    def narrowed(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray, FloatArray]:
        """Where in boxes (K, N) fixed points can be: the intersection with G's range and with Krawczyk's operator.

        Also where that operator proves that the box, with a margin around it, holds exactly one, and by how much each
        coordinate counts (K, N), for cutting. What comes out empty has low > high.
        """
        wide_low, wide_high = self.around(low, high)
        g_low, g_high, j_low, j_high = self.over(wide_low, wide_high)
        middle = 0.5 * (wide_low + wide_high)
        radius = np.nextafter(np.maximum(wide_high - middle, middle - wide_low), np.inf)
        slope = 0.5 * (j_low + j_high)
        spread = np.nextafter(0.5 * (j_high - j_low), np.inf) + 8.0 * UNIT
        identity = np.eye(self.width)
        tangent = identity - slope
        inverse = _inverses(tangent)
        gap = self.answer(middle) - middle
        # K(Y) = m + C gap + (I - C (I - J)) (Y - m): each product of floats within `part` of the product of sizes
        with np.errstate(over="ignore", invalid="ignore"):
            part = 8.0 * UNIT * (self.width + 4)
            sizes = np.abs(inverse)
            rest = np.abs(identity - inverse @ tangent) + sizes @ spread
            rest += part * (identity + sizes @ np.abs(tangent) + rest)
            step = (inverse @ gap[..., None])[..., 0]
            loose = (sizes @ (self.slack + part * (np.abs(gap) + np.abs(middle)))[..., None])[..., 0]
            reach = (rest @ radius[..., None])[..., 0] + 2.0 * loose
            reach += part * (reach + np.abs(step) + np.abs(middle))
            k_low, k_high = middle + step - reach, middle + step + reach
        one = np.isfinite(reach).all(axis=1) & ((k_low > wide_low) & (k_high < wide_high)).all(axis=1)
        count = (high - low) * np.abs(tangent).max(axis=1)
        # fmax and fmin: what overflowed to NaN says nothing
        new_low, new_high = np.fmax(low, np.fmax(g_low, k_low)), np.fmin(high, np.fmin(g_high, k_high))
        return new_low, new_high, np.asarray(one), count


def _inverses(matrices: FloatArray) -> FloatArray:
    """Inverses, or of what is singular to rounding anything finite: every matrix does for Krawczyk's operator."""
    try:
        inverses = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        inverses = np.linalg.pinv(matrices)
    return np.where(np.isfinite(inverses).all(axis=(1, 2), keepdims=True), inverses, np.eye(matrices.shape[-1]))
