"""Networks that sample: Stein variational gradient descent (Liu and Wang 2016), amortised (Haarnoja et al. 2017).

A network x = tanh(f(input, noise)) is trained until what it draws has a density proportional to exp(score's
potential). Shapes: K runs, N points, M particles at each, of d numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..checks import integer
from ..errors import InputError
from ..soft import log_sum
from .densities import radial, squashed
from .exploration import actor_gradient
from .networks import Array, Trained
from .protocol import joined

__all__ = [
    "Sampler", "bandwidth", "boltzmann_score", "check_particles", "repeated", "sampled_value", "stein_direction",
]  # fmt: skip

_LEAST = 1e-3
"""Below which a kernel's width is not taken."""

_SMALL = 1e-6
"""What keeps the score's correction finite at the ends of the box."""


def boltzmann_score(by_actions: Array, actions: Array, alpha: float, correction: bool = False) -> Array:
    """The derivative by x of the log of a density in proportion to exp(Q(x)/alpha), where `by_actions` is dQ/dx.

    With `correction` the density is exp(Q(x)/alpha) (1 - x^2): that of u in x = tanh(u), but as a function of x.
    """
    score: Array = by_actions / alpha
    if correction:
        score = score - 2.0 * actions / (1.0 - actions * actions + _SMALL)
    return score


def check_particles(count: int, name: str) -> None:
    """An even number of particles, 4 at least: half of them move the other half."""
    integer(count, name, low=4)
    if count % 2:
        raise InputError(f"{name} is {count}, not even: half of them move the other half")


def bandwidth(squared: Array, least: float = _LEAST) -> Array:
    """The median heuristic: h = median |x - y|^2 / log M for squared distances (..., M, M') of M >= 2 particles x from
    M' particles y; (...)."""
    median = np.median(squared.real, axis=(-2, -1))
    width: Array = np.maximum(median / math.log(squared.shape[-2]), least).astype(squared.real.dtype)
    return width


def stein_direction(fixed: Array, score: Array, moved: Array, width: Array | None = None) -> Array:
    """Where to move particles y (..., M', d) so that they come to follow a density with this score at x (..., M, d):
    the mean over x of k(x,y) score(x) + d k(x,y)/dx, with k(x,y) = exp(-|x - y|^2 / h); Haarnoja et al. (2017),
    equation 13. The width h (...) is by default that of :func:`bandwidth`.
    """
    squared = ((fixed[..., :, None, :] - moved[..., None, :, :]) ** 2).sum(axis=-1)
    h = (bandwidth(squared) if width is None else width)[..., None, None]
    kernel = radial(squared, h).swapaxes(-2, -1)
    pull = 2.0 / h
    direction: Array = kernel @ (score - pull * fixed) + pull * kernel.sum(axis=-1, keepdims=True) * moved
    direction /= fixed.shape[-2]
    return direction


def sampled_value(q: Array, alpha: float, numbers: int) -> Array:
    """alpha log of the integral of exp(Q/alpha) over a box [-1, 1]^d, d = `numbers`, estimated from Q (..., M) at M
    uniformly drawn points: the soft value of Haarnoja et al. (2017), equation 10. The density of a draw is 2^-d."""
    value: Array = alpha * (log_sum(q / alpha) - math.log(q.shape[-1]) + numbers * math.log(2.0))
    return value


def repeated(points: Array, particles: int) -> Array:
    """Points (K, N, D), each for M particles: (K, N M, D)."""
    return np.repeat(points, particles, axis=1)


class Sampler:
    """A sampling network with inputs (K, N, D), noise (K, N M, d) and actions (K, N M, d)."""

    def __init__(self, trained: Trained) -> None:
        self.trained = trained

    def draw(self, given: Array, noise: Array) -> tuple[Array, list[Array]]:
        """Actions, and what the derivatives need; `given` is repeated for every particle already."""
        outputs, tape = self.trained(joined(given, noise))
        return squashed(outputs), tape

    def gradient(self, fixed: Array, score: Array, moved: Array) -> Array:
        """Derivatives by the outputs, (K, N, M', d), of a loss that falls along :func:`stein_direction`; its mean over
        points is to be taken, and over the particles that move."""
        return actor_gradient(moved, stein_direction(fixed, score, moved))

    def improve(self, given: Array, noise: Array, score: Callable[[Array], Array], rate: float) -> None:
        """One step: half of the particles, with noise (K, N, M, d), say where the other half is to move.

        `score` maps actions (K, N M/2, d) to the derivatives of the log density there.
        """
        k, n, m, d = noise.shape
        half, shape = m // 2, (k, n * (m // 2), d)
        wide = repeated(given, half)
        fixed, _ = self.draw(wide, noise[:, :, :half].reshape(shape))
        moved, tape = self.draw(wide, noise[:, :, half:].reshape(shape))
        places = (k, n, half, d)
        gradient = self.gradient(fixed.reshape(places), score(fixed).reshape(places), moved.reshape(places))
        self.trained.descend(tape, gradient.reshape(shape) / shape[1], rate)
