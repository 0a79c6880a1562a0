"""What a learner of a continuous game is: it acts, and learns from a memory, in many independent runs at once.

As in :mod:`rommeo_exact.learners`, a *recipe* holds the settings and is frozen, ``recipe.start(task, rng)`` makes the
learner of one player, and numbers that may change with time are floats or functions of the round. Actions are in units
of half a box from its centre, so that a box is [-1, 1].
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..checks import integer
from ..errors import InputError
from ..games.continuous import ContinuousGame
from ..learners.protocol import Recipe
from .memory import Batch, Memory
from .networks import MLP, Activation, Array, Trained

__all__ = ["ContinuousLearner", "ContinuousRecipe", "ContinuousTask", "joined"]


class ContinuousTask(NamedTuple):
    """What a learner is told beforehand: the game, which player it is, how many runs, the discount, and the precision
    it computes in."""

    game: ContinuousGame
    player: int
    runs: int
    discount: float
    dtype: Any

    @property
    def own(self) -> int:
        """d, the numbers of its own action."""
        return self.game.sizes[self.player]

    @property
    def others(self) -> int:
        """e, those of the others' joint action."""
        return sum(self.game.sizes) - self.own


def joined(*parts: Array) -> Array:
    """A network's input: points (K, N, .) side by side."""
    return np.concatenate(parts, axis=-1)


class ContinuousLearner(ABC):
    """One player in K runs."""

    def __init__(self, recipe: ContinuousRecipe, task: ContinuousTask, rng: np.random.Generator) -> None:
        self.task, self.rng, self.round = task, rng, 0
        self.networks: dict[str, Trained] = {}
        self.hidden, self.activation, self.batch_size = tuple(recipe.hidden), recipe.activation, recipe.batch

    def network(
        self, name: str, inputs: int, outputs: int, last: float = 1.0, target: bool = False, bias: float | Array = 0.0
    ) -> Trained:
        """A new network, saved with the learner; `bias` is added to what it puts out at first."""
        net = MLP((inputs, *self.hidden, outputs), self.activation)
        parameters = net.initial(self.task.runs, self.rng, last, self.task.dtype)
        list(net.layers(parameters))[-1][1][...] += bias
        self.networks[name] = Trained(name, net, parameters, target)
        return self.networks[name]

    def noise(self, *shape: int) -> Array:
        """Standard normal numbers (K, *shape)."""
        return self.rng.standard_normal((self.task.runs, *shape), dtype=self.task.dtype)

    def seen(self, memory: Memory, index: Any) -> Batch:
        """Rounds of the memory through this player's eyes."""
        game, player = self.task.game, self.task.player
        return memory.batch(index, player, game.slice(player), game.others(player))

    def backed_up(self, batch: Batch, following: Array) -> Array:
        """y = r + gamma V(s'), r where the episode ended; V (K, N)."""
        target: Array = batch.reward + self.task.discount * (1.0 - batch.ended) * following
        return target

    @abstractmethod
    def act(self, states: Array, explore: bool = True) -> Array:
        """Actions (K, N, d) in states (K, N, D); without `explore` as it would play if it had learnt enough."""

    def imagine(self, states: Array) -> Array | None:
        """Actions of the others (K, N, e) drawn from its model of them; None where it has none."""
        return None

    @abstractmethod
    def learn(self, memory: Memory, others: Sequence[ContinuousLearner]) -> None:
        """One update; `others` are all players' learners in their order, at which only centralised training looks."""

    def arrays(self) -> dict[str, Array]:
        """All that changes but the generator, by name."""
        kept = {f"{name}.{k}": v for name, trained in self.networks.items() for k, v in trained.arrays().items()}
        return kept | {"round": np.array(self.round)}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        for name, trained in self.networks.items():
            trained.restore({k.split(".", 1)[1]: v for k, v in arrays.items() if k.startswith(f"{name}.")})
        self.round = int(arrays["round"])


@dataclass(frozen=True)
class ContinuousRecipe(Recipe):
    """Settings that all learners of continuous games share.

    Attributes
    ----------
    hidden : tuple of int
        Sizes of the hidden layers of every network.
    activation : {"relu", "tanh"}
    batch : int
        N, the rounds that an update looks at.
    target_rate : float
        tau, the share of the way that targets move in every update.
    """

    hidden: tuple[int, ...] = (32, 32)
    activation: Activation = "relu"
    batch: int = 32
    target_rate: float = 0.01

    SCHEDULED: ClassVar[frozenset[str]] = frozenset({"alpha", "noise"})
    SHARED: ClassVar[Mapping[str, tuple[float, float]]] = {"target_rate": (0.0, 1.0)}

    def __post_init__(self) -> None:
        name = type(self).__name__
        if not isinstance(self.hidden, tuple):
            raise InputError(f"{name}.hidden must be a tuple of layer sizes such as (32, 32), not {self.hidden!r}")
        for i, size in enumerate(self.hidden):
            integer(size, f"{name}.hidden[{i}]", low=1)
        integer(self.batch, f"{name}.batch", low=1)
        self.check_choice("activation", ("relu", "tanh"))
        super().__post_init__()

    @abstractmethod
    def start(self, task: ContinuousTask, rng: np.random.Generator) -> ContinuousLearner:  # type: ignore[override]
        """The learner of one player."""


POSITIVE = (1e-12, 1e12)
NOT_NEGATIVE = (0.0, 1e12)
