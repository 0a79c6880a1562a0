"""Many two-player matrix games at once: a function of arrays, over any leading axes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..checks import FloatArray, place, real_array
from ..errors import InputError
from ..soft import log_product, log_response, log_sum, normalised, weight
from .perron import log_normalised, perron, subdominant
from .rounds import response_noise

__all__ = ["TwoPlayerPoints", "two_player_points"]


class TwoPlayerPoints(NamedTuple):
    """The fixed points of self-play in many games of two.

    Attributes
    ----------
    marginals : pair of (..., A_1) and (..., A_2) arrays
        What the players play.
    error_bound : (...) array
        In Hilbert's metric, rounding included; large, or inf, where float64 cannot tell and
        :func:`~.equilibria.self_play_equilibria` takes more digits.
    spectral_radius : (...) array
        By what a small distance shrinks in a round of simultaneous play, in the long run.
    """

    marginals: tuple[FloatArray, FloatArray]
    error_bound: FloatArray
    spectral_radius: FloatArray


def two_player_points(payoffs: Any, alpha: Any = 1.0, beta: Any = 1.0) -> TwoPlayerPoints:
    """The only fixed point of exact self-play in each of many two-player matrix games, as :func:`self_play_equilibria`.

    Parameters
    ----------
    payoffs : (..., 2, A_1, A_2) array
        ``payoffs[..., i, :, :]`` is player i's table.
    alpha, beta : float or (...) arrays
        Both players' temperature and KL weight, > 0.

    Returns
    -------
    TwoPlayerPoints

    Raises
    ------
    InputError

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = two_player_points(rng.normal(size=(1000, 2, 3, 3)), alpha=0.5)
    >>> found.marginals[0].shape, bool((found.error_bound < 1e-10).all())
    ((1000, 3), True)
    """
    tables = real_array(payoffs, "payoffs", where=place("payoffs"), copy=False)
    if tables.ndim < 3 or tables.shape[-3] != 2 or 0 in tables.shape[-2:]:
        raise InputError(f"payoffs must have shape (..., 2, A_1, A_2), not {tables.shape}")
    weights = weight(alpha, "alpha", finite=True), weight(beta, "beta")
    for name, value in zip(("alpha", "beta"), weights, strict=True):
        if np.any(np.equal(value, 0.0)):
            raise InputError(f"{name} must be positive: at 0 a game may have many fixed points")
    swapped = tables.shape[-2] < tables.shape[-1]  # the matrix is that of the player with fewer actions
    first, second = tables[..., 0, :, :], tables[..., 1, :, :].swapaxes(-1, -2)
    if swapped:
        first, second = second, first
    one, two = (log_response(table, *weights) for table in (first, second))
    noise = sum(response_noise(table, *weights) for table in (first, second))
    found = perron(log_product(two, one), noise)
    marginals = normalised(log_normalised(log_sum(one + found.vector[..., None, :]))), normalised(found.vector)
    radius = np.sqrt(subdominant(found.scaled))
    return TwoPlayerPoints(marginals[::-1] if swapped else marginals, found.error_bound + noise, radius)
