"""What a learner is: something that acts, and observes what came of it, in many independent runs at once.

A *recipe* (:class:`Recipe`) holds the settings and is frozen; ``recipe.start(task, rng)`` makes the learner of one
player. All of a learner's arrays have the runs as their first axis, K: a hundred runs cost little more than one.
Indices: states s in 0..S-1, own actions a in 0..A-1, joint actions b of the others in 0..B-1, as in a view.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..checks import FloatArray, real_number
from ..errors import InputError
from ..games.chance import sample
from ..soft import normalised

__all__ = [
    "Experience", "Exponential", "Harmonic", "IntArray", "Learner", "Recipe", "Schedule", "Task", "boltzmann",
    "checked_recipes", "explored", "exponential", "greedy", "harmonic", "table",
]  # fmt: skip

IntArray: TypeAlias = NDArray[np.intp]
Schedule: TypeAlias = float | Callable[[int], float]
"""A number, or a function of the number of rounds before, episodes that ended early counted in full."""

LARGEST = 1e300


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
    """One round in those runs that are at play, k <= K of them: which runs, s, a, b, r, the next s, and whether the
    episode ended there; (k,) arrays."""

    run: IntArray
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

    def act(self, state: IntArray, run: IntArray | None = None) -> IntArray:
        """An action for each of some runs, by default all, drawn from its policy in its state."""
        chosen: IntArray = sample(self.policy()[self.runs if run is None else run, state], self.rng)
        return chosen

    def begin(self, clock: int) -> None:
        """An episode begins, at this reading of the clock that schedules go by."""
        self.round = clock

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

    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = {}
    """What each number may be."""

    SCHEDULED: ClassVar[frozenset[str]] = frozenset(
        {"alpha", "temperature", "learning_rate", "epsilon", "winning", "losing"}
    )
    """Those that may be functions of the round."""

    def __post_init__(self) -> None:
        for name in self.RANGES:
            value = getattr(self, name)
            if callable(value) and name not in self.SCHEDULED:
                raise InputError(f"{type(self).__name__}.{name} must be a number, not a function of the round")
            self.at(name, 0)
        _check_initial(getattr(self, "initial", 0.0), f"{type(self).__name__}.initial")

    def at(self, name: str, k: int) -> float:
        """The number of this name before round k, checked."""
        value = getattr(self, name)
        low, high = self.RANGES[name]
        where = f"{type(self).__name__}.{name}"
        return real_number(value(k), f"{where} in round {k}", low=low, high=high) if callable(value) else real_number(
            value, where, low=low, high=high
        )  # fmt: skip

    def check_choice(self, name: str, choices: tuple[str, ...]) -> None:
        if getattr(self, name) not in choices:
            known = ", ".join(map(repr, choices))
            raise InputError(f"{type(self).__name__}.{name} is {getattr(self, name)!r}, not one of {known}")


def _check_initial(value: Any, name: str) -> None:
    if isinstance(value, list):
        raise InputError(f"{name} is a list: a pair of ends is a tuple")
    if not isinstance(value, tuple):
        real_number(value, name, low=-LARGEST, high=LARGEST)
        return
    if len(value) != 2:
        raise InputError(f"{name} must be a number or a pair of them, not {value!r}")
    low, high = (real_number(end, f"{name}[{k}]", low=-LARGEST, high=LARGEST) for k, end in enumerate(value))
    if low > high:
        raise InputError(f"{name} is {value!r}: its ends are exchanged")


R = TypeVar("R", bound=Recipe)


def checked_recipes(
    recipes: Any, kind: type[R], examples: tuple[str, str], called: str, players: int | None = None
) -> tuple[R, ...]:
    """The recipes as a tuple: all of this kind, and one for each player where their number is given.

    Raises
    ------
    InputError
        With `examples` of what was wanted; `called` is what one is called.
    """
    if not isinstance(recipes, Sequence) or isinstance(recipes, str):
        raise InputError(f"recipes must be a sequence of recipes such as [{', '.join(examples)}], not {recipes!r}")
    for i, recipe in enumerate(recipes):
        if not isinstance(recipe, kind):
            raise InputError(f"recipes[{i}] must be {called} such as {examples[0]}, not {type(recipe).__name__}")
    if players is not None and len(recipes) != players:
        raise InputError(f"recipes has {len(recipes)} entries, the game has {players} players")
    return tuple(recipes)


@dataclass(frozen=True)
class Exponential:
    """A schedule: start ratio^k + floor."""

    start: float
    ratio: float
    floor: float = 0.0

    def __call__(self, k: int) -> float:
        return float(self.start * self.ratio**k + self.floor)


@dataclass(frozen=True)
class Harmonic:
    """A schedule: start half / (half + k)."""

    start: float
    half: float

    def __call__(self, k: int) -> float:
        return float(self.start * self.half / (self.half + k))


def exponential(start: float, rate: float, floor: float = 0.0) -> Exponential:
    """The schedule start (1 - rate)^k + floor."""
    start, floor = (real_number(x, name, low=0.0) for x, name in ((start, "start"), (floor, "floor")))
    return Exponential(start, 1.0 - real_number(rate, "rate", low=0.0, high=1.0), floor)


def harmonic(start: float, half: float) -> Harmonic:
    """The schedule start half / (half + k): half of it after `half` rounds."""
    return Harmonic(real_number(start, "start", low=0.0), real_number(half, "half", low=1e-300))


def boltzmann(values: FloatArray, temperature: float) -> FloatArray:
    """exp(values / temperature), normalised over the last axis; at 0 the greatest values."""
    if temperature == 0.0:
        return greedy(values)
    with np.errstate(over="ignore"):
        return normalised((values - values.max(axis=-1, keepdims=True)) / temperature)


def greedy(values: FloatArray) -> FloatArray:
    """The greatest values, ties shared, over the last axis."""
    best: FloatArray = (values == values.max(axis=-1, keepdims=True)).astype(float)
    best /= best.sum(axis=-1, keepdims=True)
    return best


def explored(policy: FloatArray, epsilon: float) -> FloatArray:
    """With probability epsilon uniform over the actions, else `policy`."""
    return policy.copy() if epsilon == 0.0 else (1.0 - epsilon) * policy + epsilon / policy.shape[-1]


def table(task: Task, rng: np.random.Generator, initial: Any, *axes: int) -> FloatArray:
    """A first table (K, S, *axes): of one number, or drawn between two."""
    shape = (task.runs, task.states, *axes)
    if isinstance(initial, tuple):
        low, high = initial
        return rng.uniform(low, high, size=shape)
    return np.full(shape, float(initial))
