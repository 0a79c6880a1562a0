"""What happened: a replay buffer for every run, and counts of what the others did."""

from __future__ import annotations

import numpy as np

from ..checks import FloatArray
from .protocol import Experience, IntArray, Task

__all__ = ["Memory"]


class Memory:
    """The last `capacity` rounds of every run, with the counts n(s, b) that they hold."""

    def __init__(self, task: Task, capacity: int, rng: np.random.Generator) -> None:
        self.capacity, self.rng = capacity, rng
        self.counts = np.zeros((task.runs, task.states, task.joint))
        self.seen = np.zeros(task.runs, dtype=np.intp)
        self.kept = self._empty(min(capacity, 64))

    def _empty(self, rows: int) -> Experience:
        shape = (rows, len(self.seen))
        run, state, action, others, following = (np.zeros(shape, dtype=np.intp) for _ in range(5))
        return Experience(run, state, action, others, np.zeros(shape), following, np.zeros(shape, dtype=np.bool_))

    def add(self, seen: Experience) -> None:
        """Keep one round; forget the oldest where the buffer is full."""
        rows = len(self.kept.state)
        if rows < self.capacity and self.seen.max() >= rows:
            more = self._empty(min(rows, self.capacity - rows))
            self.kept = Experience._make(np.concatenate(pair) for pair in zip(self.kept, more, strict=True))
        run = seen.run
        slot = self.seen[run] % self.capacity
        full = self.seen[run] >= self.capacity
        old, place = run[full], (slot[full], run[full])
        self.counts[old, self.kept.state[place], self.kept.others[place]] -= 1.0
        self.counts[run, seen.state, seen.others] += 1.0
        for column, entry in zip(self.kept, seen, strict=True):
            column[slot, run] = entry
        self.seen[run] += 1

    def sample(self, run: IntArray) -> Experience:
        """One round for each of some runs, drawn evenly from what it kept, with replacement."""
        which = self.rng.integers(np.minimum(self.seen[run], self.capacity))
        return Experience._make(column[which, run] for column in self.kept)

    def prior(self, pseudo_count: float) -> FloatArray:
        """P(b|s) = (n(s,b) + pseudo_count/B) / (n(s) + pseudo_count); uniform where nothing was seen: (K, S, B)."""
        weights = self.counts + pseudo_count / self.counts.shape[-1]
        total = weights.sum(axis=-1, keepdims=True)
        return np.where(total > 0.0, weights / np.where(total > 0.0, total, 1.0), 1.0 / weights.shape[-1])
