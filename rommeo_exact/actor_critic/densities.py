"""Gaussians squashed into a box: a = centre + half tanh(u), u ~ N(mu, sigma^2), number by number.

A joint density of several numbers is the product, so that its logarithm is a sum over the last axis. All is written in
u: what an action is worth changes with the box, a ratio of two densities does not, as both have the same Jacobian.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .networks import Array

__all__ = ["LARGEST", "Gaussian", "density", "log_density", "log_slope", "radial", "raw", "squashed"]

LARGEST = 1.0 - 1e-6
"""How near to an end of the box an action may lie for its density: further out it is taken for this near."""

_SPREADS = (-5.0, 2.0)
"""Between which a logarithm of sigma is kept."""


def squashed(u: Array) -> Array:
    """tanh(u): the action in units of half a box, from its centre."""
    return np.tanh(u)


def raw(x: Array) -> Array:
    """The u of an action in units of half a box."""
    bounded: Array = np.arctanh(np.clip(x, -LARGEST, LARGEST))
    return bounded


def log_slope(u: Array) -> Array:
    """log(1 - tanh(u)^2), the logarithm of the derivative of tanh; its own derivative is -2 tanh(u)."""
    slope: Array = 2.0 * (math.log(2.0) - u - np.logaddexp(0.0, -2.0 * u))
    return slope


def radial(squared: Array, width: Array) -> Array:
    """exp(-squared / width), a Gaussian kernel of squared distances."""
    kernel: Array = np.exp(-squared / width)
    return kernel


class Gaussian(NamedTuple):
    """mu and log sigma, (..., d) each.

    Its derivatives are returned as one array (..., 2 d), first by mu, then by log sigma: what the network that computes
    them put out.
    """

    mean: Array
    log_deviation: Array

    @classmethod
    def of(cls, outputs: Array) -> Gaussian:
        """From a network's outputs (..., 2 d); log sigma is kept between -5 and 2."""
        d = outputs.shape[-1] // 2
        spread = outputs[..., d:]
        if np.iscomplexobj(outputs):
            inside = (spread.real > _SPREADS[0]) & (spread.real < _SPREADS[1])
            return cls(outputs[..., :d], np.where(inside, spread, np.clip(spread.real, *_SPREADS)))
        return cls(outputs[..., :d], np.clip(spread, *_SPREADS))

    @property
    def deviation(self) -> Array:
        sigma: Array = np.exp(self.log_deviation)
        return sigma

    def inside(self) -> Array:
        """Where log sigma is not held at an end: elsewhere its derivative is 0."""
        kept: Array = (self.log_deviation.real > _SPREADS[0]) & (self.log_deviation.real < _SPREADS[1])
        return kept

    def draw(self, noise: Array) -> Array:
        """u = mu + sigma noise: the reparametrised f_theta and g_phi of equations 18 and 19, before squashing."""
        u: Array = self.mean + self.deviation * noise
        return u

    def log_normal(self, u: Array) -> Array:
        """log N(u; mu, sigma^2), number by number."""
        z = (u - self.mean) / self.deviation
        log_p: Array = -0.5 * z * z - self.log_deviation - 0.5 * math.log(2.0 * math.pi)
        return log_p

    def by_outputs(self, by_mean: Array, by_log_deviation: Array) -> Array:
        """Derivatives by a network's outputs."""
        return np.concatenate([by_mean, by_log_deviation * self.inside()], axis=-1)

    def of_log_normal(self, u: Array) -> tuple[Array, Array]:
        """Derivatives of :meth:`log_normal` at a given u: by the outputs (..., 2 d), and by u (..., d)."""
        sigma = self.deviation
        z = (u - self.mean) / sigma
        return self.by_outputs(z / sigma, z * z - 1.0), -z / sigma

    def of_draw(self, noise: Array, by_u: Array) -> Array:
        """Derivatives by the outputs of what depends on them through u = mu + sigma noise, given those by u."""
        return self.by_outputs(by_u, by_u * self.deviation * noise)


def density(log_p: Array) -> Array:
    """exp(log p)."""
    p: Array = np.exp(log_p)
    return p


def log_density(gaussian: Gaussian, u: Array, half: Any = 1.0) -> Array:
    """log of the density of the action at u, summed over its numbers; `half` is half the width of the box (d,)."""
    total: Array = (gaussian.log_normal(u) - log_slope(u) - np.log(half)).sum(axis=-1)
    return total
