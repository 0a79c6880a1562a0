"""The replay buffer of a continuous game: the last rounds of every run, with every player's action and reward."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..checks import FloatArray
from .networks import Array

__all__ = ["Batch", "Memory"]


class Batch(NamedTuple):
    """N rounds of each of K runs as one player sees them.

    Attributes
    ----------
    state, following : (K, N, D) array
    own, others : (K, N, d) and (K, N, e) array
        Actions in units of half a box, from its centre.
    reward, ended : (K, N) array
        `ended` is 1 where the episode ended in the state that follows.
    """

    state: Array
    own: Array
    others: Array
    reward: Array
    following: Array
    ended: Array


class Memory:
    """The last `capacity` rounds of K runs, which all go on in step."""

    def __init__(self, capacity: int, runs: int, states: int, actions: int, players: int, dtype: Any) -> None:
        self.capacity, self.seen, self.dtype = capacity, 0, dtype
        shape = (runs, capacity)
        self.columns = {
            "states": np.zeros((*shape, states), dtype), "actions": np.zeros((*shape, actions), dtype),
            "rewards": np.zeros((*shape, players), dtype), "following": np.zeros((*shape, states), dtype),
            "ended": np.zeros(shape, dtype),
        }  # fmt: skip

    def __len__(self) -> int:
        return min(self.seen, self.capacity)

    def add(self, states: FloatArray, actions: Array, rewards: FloatArray, following: FloatArray, ended: Any) -> None:
        """Keep one round; forget the oldest where the buffer is full."""
        for column, entry in zip(self.columns.values(), (states, actions, rewards, following, ended), strict=True):
            column[:, self.seen % self.capacity] = entry
        self.seen += 1

    def batch(self, index: Any, player: int, own: slice, others: list[int]) -> Batch:
        """Rounds at index, (K, N), as this player sees them."""
        row = np.arange(len(index))[:, None]
        states, actions, rewards, following, ended = (column[row, index] for column in self.columns.values())
        return Batch(states, actions[..., own], actions[..., others], rewards[..., player], following, ended)

    def drawn(self, count: int, rng: np.random.Generator) -> Any:
        """Indices of `count` rounds for each run, evenly, with replacement."""
        return rng.integers(len(self), size=(len(self.columns["ended"]), count))

    def recent(self, window: int, count: int, rng: np.random.Generator) -> Any:
        """Indices of `count` of the last `window` rounds for each run; all of those, once, where they are no more."""
        held = min(window, len(self))
        runs = len(self.columns["ended"])
        back = (
            np.broadcast_to(np.arange(held), (runs, held)) if held <= count else rng.integers(held, size=(runs, count))
        )
        return (self.seen - 1 - back) % self.capacity
