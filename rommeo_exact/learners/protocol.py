"""What a learner is: something that acts, and observes what came of it, in many independent runs at once.

A *recipe* (:class:`Recipe`) holds the settings and is frozen; ``recipe.start(task, rng)`` makes the learner of one
player. All of a learner's arrays have the runs as their first axis, K: a hundred runs cost little more than one.
Indices: states s in 0..S-1, own actions a in 0..A-1, joint actions b of the others in 0..B-1, as in a view.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..checks import FloatArray, real_number
from ..errors import InputError
from ..soft import normalised, sample

__all__ = [
    "Experience", "IntArray", "Learner", "Recipe", "Schedule", "Task", "boltzmann", "explored", "exponential",
    "greedy", "harmonic", "scheduled", "table",
]  # fmt: skip

IntArray: TypeAlias = NDArray[np.intp]
Schedule: TypeAlias = float | Callable[[int], float]
"""A number, or a function of the number of rounds played before."""


class Task(NamedTuple):
    """What a learner is told beforehand.

    Attributes
    ----------
    runs, states, own, joint : int
        K, S, A, B.
    discount : float
    """

    runs: int
    states: int
    own: int
    joint: int
    discount: float


class Experience(NamedTuple):
    """One round in every run, (K,) each: s, a, b, r, the next s, and whether the episode ended there."""

    state: IntArray
    action: IntArray
    others: IntArray
    reward: FloatArray
    following: IntArray
    ended: NDArray[np.bool_]


class Learner(ABC):
    """One player in many runs."""

    def __init__(self, task: Task, rng: np.random.Generator) -> None:
        self.task, self.rng = task, rng
        self.runs = np.arange(task.runs)
        self.round = 0

    @abstractmethod
    def policy(self) -> FloatArray:
        """What it plays, exploration included: (K, S, A)."""

    def opponent_model(self) -> FloatArray | None:
        """What it expects of the others, (K, S, B); None where it has no model of them."""
        return None

    def act(self, state: IntArray) -> IntArray:
        """An action for each run, drawn from its policy in its state (K,)."""
        chosen: IntArray = sample(self.policy()[self.runs, state], self.rng)
        return chosen

    def observe(self, seen: Experience) -> None:
        """Learn from one round."""
        self.learn(seen)
        self.round += 1

    @abstractmethod
    def learn(self, seen: Experience) -> None:
        """Update from one round."""


@dataclass(frozen=True)
class Recipe(ABC):
    """A learner's settings; numbers that may change with time are floats or functions of the round."""

    @property
    @abstractmethod
    def name(self) -> str:
        """For legends and tables."""

    @abstractmethod
    def start(self, task: Task, rng: np.random.Generator) -> Learner:
        """The learner of one player."""

    def check(self, **ranges: tuple[float, float]) -> None:
        """Raise InputError where a number is outside its range, at round 0 where it is scheduled."""
        for field in fields(self):
            if field.name in ranges:
                value = getattr(self, field.name)
                low, high = ranges[field.name]
                real_number(scheduled(value, 0), f"{type(self).__name__}.{field.name}", low=low, high=high)

    def check_choice(self, name: str, choices: tuple[str, ...]) -> None:
        if getattr(self, name) not in choices:
            known = ", ".join(map(repr, choices))
            raise InputError(f"{type(self).__name__}.{name} is {getattr(self, name)!r}, not one of {known}")


def scheduled(value: Schedule, k: int) -> float:
    """The value of a schedule before round k."""
    return float(value(k)) if callable(value) else float(value)


def exponential(start: float, rate: float, floor: float = 0.0) -> Callable[[int], float]:
    """The schedule start (1 - rate)^k + floor."""
    rate = real_number(rate, "rate", low=0.0, high=1.0)

    def value(k: int) -> float:
        return float(start * (1.0 - rate) ** k + floor)

    return value


def harmonic(start: float, half: float) -> Callable[[int], float]:
    """The schedule start half / (half + k): half of it after `half` rounds."""
    half = real_number(half, "half", low=1e-300)

    def value(k: int) -> float:
        return float(start * half / (half + k))

    return value


def boltzmann(values: FloatArray, temperature: float) -> FloatArray:
    """exp(values / temperature), normalised over the last axis; at 0 the greatest values."""
    return normalised(values / temperature) if temperature > 0.0 else greedy(values)


def greedy(values: FloatArray) -> FloatArray:
    """The greatest values, ties shared, over the last axis."""
    best: FloatArray = (values == values.max(axis=-1, keepdims=True)).astype(float)
    best /= best.sum(axis=-1, keepdims=True)
    return best


def explored(policy: FloatArray, epsilon: float) -> FloatArray:
    """With probability epsilon uniform over the actions, else `policy`."""
    return policy if epsilon == 0.0 else (1.0 - epsilon) * policy + epsilon / policy.shape[-1]


def table(task: Task, rng: np.random.Generator, initial: Any, *axes: int) -> FloatArray:
    """A first table (K, S, *axes): of one number, or drawn between two."""
    shape = (task.runs, task.states, *axes)
    if isinstance(initial, tuple):
        low, high = initial
        return rng.uniform(low, high, size=shape)
    return np.full(shape, float(initial))
