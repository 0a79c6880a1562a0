"""What happened: a replay buffer for every run, and counts of what the others did."""

from __future__ import annotations

import numpy as np

from ..checks import FloatArray
from .protocol import Experience, Task

__all__ = ["Memory"]


class Memory:
    """The last `capacity` rounds of every run, with the counts n(s, b) that they hold.

    Every run is as long as every other, so that one index serves all.
    """

    def __init__(self, task: Task, capacity: int, rng: np.random.Generator) -> None:
        self.capacity, self.rng = capacity, rng
        self.runs = np.arange(task.runs)
        self.counts = np.zeros((task.runs, task.states, task.joint))
        shape = (capacity, task.runs)
        state, action, others, following = (np.zeros(shape, dtype=np.intp) for _ in range(4))
        reward, ended = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        self.kept = Experience(state, action, others, reward, following, ended)
        self.seen = 0

    def add(self, seen: Experience) -> None:
        """Keep one round; forget the oldest where the buffer is full."""
        slot = self.seen % self.capacity
        if self.seen >= self.capacity:
            self.counts[self.runs, self.kept.state[slot], self.kept.others[slot]] -= 1.0
        self.counts[self.runs, seen.state, seen.others] += 1.0
        for column, entry in zip(self.kept, seen, strict=True):
            column[slot] = entry
        self.seen += 1

    def sample(self) -> Experience:
        """One round for each run, drawn evenly from what it kept, with replacement."""
        which = self.rng.integers(min(self.seen, self.capacity), size=len(self.runs))
        return Experience._make(column[which, self.runs] for column in self.kept)

    def prior(self, pseudo_count: float) -> FloatArray:
        """P(b|s) = (n(s,b) + pseudo_count/B) / (n(s) + pseudo_count); uniform where nothing was seen: (K, S, B)."""
        weights = self.counts + pseudo_count / self.counts.shape[-1]
        total = weights.sum(axis=-1, keepdims=True)
        return np.where(total > 0.0, weights / np.where(total > 0.0, total, 1.0), 1.0 / weights.shape[-1])
