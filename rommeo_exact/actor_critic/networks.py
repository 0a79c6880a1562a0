"""Small multilayer perceptrons with their vector-Jacobian products, many runs at once, and Adam.

Shapes: K runs, N points, P parameters. Each run has parameters of its own, one row of a (K, P) array, so that an
optimiser's step is one line; a layer sees its weights in it as a (K, in, out) view.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import DivergenceError

__all__ = ["MLP", "Activation", "Array", "Trained", "product"]

Array: TypeAlias = NDArray[Any]
"""Of float32 or float64; complex in tests of derivatives."""

Activation: TypeAlias = Literal["relu", "tanh"]


_AT_ONCE = 2**18
"""Multiplications up to which OpenBLAS takes a product for too small to start threads."""


def product(a: Array, b: Array, out: Array | None = None) -> Array:
    """a @ b of stacks (K, m, l) and (K, l, n), some rows at a time: threads cost more than they save on products of
    this size, and many times as much where other processes want the cores."""
    rows = max(1, _AT_ONCE // max(1, b.shape[1] * b.shape[2]))
    if a.shape[1] <= rows:
        return np.matmul(a, b, out=out)
    filled = np.empty((*a.shape[:2], b.shape[2]), np.result_type(a, b)) if out is None else out
    for start in range(0, a.shape[1], rows):
        np.matmul(a[:, start : start + rows], b, out=filled[:, start : start + rows])
    return filled


@dataclass(frozen=True)
class MLP:
    """Layers of these sizes, inputs first, with an activation between them and none at the end.

    With no inputs it is a constant: the same outputs at every point.
    """

    sizes: tuple[int, ...]
    activation: Activation = "relu"

    @property
    def count(self) -> int:
        """P."""
        return sum((a + 1) * b for a, b in pairwise(self.sizes))

    def layers(self, parameters: Array) -> Iterator[tuple[Array, Array]]:
        """Views of the weights (K, in, out) and biases (K, 1, out) in parameters (K, P)."""
        start = 0
        for a, b in pairwise(self.sizes):
            weights = parameters[:, start : start + a * b].reshape(len(parameters), a, b)
            start += a * b
            yield weights, parameters[:, None, start : start + b]
            start += b

    def initial(self, runs: int, rng: np.random.Generator, last: float = 1.0, dtype: Any = np.float64) -> Array:
        """First parameters (K, P): weights uniform within sqrt(6/(in + out)) (Glorot and Bengio 2010), those of the
        last layer times `last`, and biases 0."""
        parameters = np.zeros((runs, self.count), dtype)
        layers = list(self.layers(parameters))
        for i, (weights, _) in enumerate(layers):
            bound = np.sqrt(6.0 / (weights.shape[1] + weights.shape[2])) * (last if i == len(layers) - 1 else 1.0)
            weights[...] = rng.uniform(-bound, bound, size=weights.shape)
        return parameters

    def forward(self, parameters: Array, x: Array) -> tuple[Array, list[Array]]:
        """Outputs (K, N, out) at inputs (K, N, in), and what the derivatives need: the inputs of every layer."""
        points = x.shape[1]
        h = x if self.sizes[0] else x[:, :1]
        tape = []
        *inner, (weights, bias) = self.layers(parameters)
        for w, b in inner:
            tape.append(h)
            h = product(h, w)
            h += b
            h = np.tanh(h, out=h) if self.activation == "tanh" else _positive(h)
        tape.append(h)
        y = product(h, weights)
        y += bias
        return (y if self.sizes[0] else np.broadcast_to(y, (*y.shape[:1], points, *y.shape[2:]))), tape

    def gradient(self, parameters: Array, tape: list[Array], gy: Array) -> Array:
        """The vector-Jacobian product by the parameters, (K, P): gy (K, N, out) times the derivatives of the outputs,
        summed over points."""
        gradient = np.empty((len(gy), self.count), gy.dtype)
        into = list(self.layers(gradient))
        for i, g in self._sweep(parameters, tape, gy):
            product(tape[i].swapaxes(1, 2), g, into[i][0])
            g.sum(axis=1, keepdims=True, out=into[i][1])
        return gradient

    def by_inputs(self, parameters: Array, tape: list[Array], gy: Array) -> Array:
        """The vector-Jacobian product by the inputs, (K, N, in)."""
        if not self.sizes[0]:
            return np.zeros((*gy.shape[:2], 0), gy.dtype)
        *_, (_, g) = self._sweep(parameters, tape, gy)
        weights, _ = next(self.layers(parameters))
        return product(g, weights.swapaxes(1, 2))

    def _sweep(self, parameters: Array, tape: list[Array], gy: Array) -> Iterator[tuple[int, Array]]:
        """From the last layer to the first, the derivatives by what it puts out before its activation."""
        g = gy if self.sizes[0] else gy.sum(axis=1, keepdims=True)
        layers = list(self.layers(parameters))
        for i in range(len(layers) - 1, -1, -1):
            yield i, g
            if i > 0:
                h = tape[i]
                g = product(g, layers[i][0].swapaxes(1, 2))
                g *= (1.0 - h * h) if self.activation == "tanh" else (h.real > 0.0)


def _positive(h: Array) -> Array:
    """The positive part, in place; of a complex number by its real part, as derivatives by complex steps need it."""
    if np.iscomplexobj(h):
        h *= h.real > 0.0
        return h
    return np.maximum(h, 0.0, out=h)


class Trained:
    """A network with parameters that learn: Adam (Kingma and Ba 2015), and a slow copy where there is a target.

    Attributes
    ----------
    net : MLP
    parameters : (K, P) array
    target : (K, P) array or None
        Follows the parameters, Algorithm 2's omega bar.
    """

    def __init__(self, name: str, net: MLP, parameters: Array, target: bool = False) -> None:
        self.name, self.net, self.parameters = name, net, parameters
        self.target = parameters.copy() if target else None
        self.first, self.second = np.zeros_like(parameters), np.zeros_like(parameters)
        self.steps = 0

    def __call__(self, x: Array) -> tuple[Array, list[Array]]:
        return self.net.forward(self.parameters, x)

    def at_target(self, x: Array) -> Array:
        return self.net.forward(self.parameters if self.target is None else self.target, x)[0]

    def by_inputs(self, tape: list[Array], gy: Array) -> Array:
        """gy times the derivatives by the inputs."""
        return self.net.by_inputs(self.parameters, tape, gy)

    def descend(self, tape: list[Array], gy: Array, rate: float) -> None:
        """One step of Adam down the loss whose derivatives by the outputs are gy."""
        self.step(self.net.gradient(self.parameters, tape, gy), rate)

    def step(
        self, gradient: Array, rate: float, decay: tuple[float, float] = (0.9, 0.999), small: float = 1e-8
    ) -> None:
        """One step of Adam.

        Raises
        ------
        DivergenceError
            Where a gradient is not finite, before anything is changed.
        """
        sums = gradient.sum(axis=1)
        if not np.isfinite(sums).all():
            run = int(np.flatnonzero(~np.isfinite(sums))[0])
            raise DivergenceError(f"the gradient of {self.name} is not finite in run {run}")
        self.steps += 1
        d1, d2 = decay
        self.first *= d1
        self.first += (1.0 - d1) * gradient
        self.second *= d2
        gradient *= gradient
        gradient *= 1.0 - d2
        self.second += gradient
        change = np.sqrt(self.second, out=gradient)
        change *= 1.0 / np.sqrt(1.0 - d2**self.steps)
        change += small
        np.divide(self.first, change, out=change)
        change *= rate / (1.0 - d1**self.steps)
        self.parameters -= change

    def follow(self, share: float) -> None:
        """The target moves this share of the way to the parameters."""
        if self.target is not None:
            self.target += share * (self.parameters - self.target)

    def arrays(self) -> dict[str, Array]:
        """All that changes, by name: to be saved."""
        kept = {
            "parameters": self.parameters,
            "first": self.first,
            "second": self.second,
            "steps": np.array(self.steps),
        }
        return kept if self.target is None else kept | {"target": self.target}

    def restore(self, arrays: dict[str, Array]) -> None:
        self.parameters, self.first, self.second = (arrays[k].copy() for k in ("parameters", "first", "second"))
        self.steps = int(arrays["steps"])
        if self.target is not None:
            self.target = arrays["target"].copy()
