"""MADDPG, multi-agent deep deterministic policy gradient, of Lowe et al. (2017): critics that see all, trained where
all actors are at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import InputError
from .densities import squashed
from .exploration import DeterministicLearner, DeterministicRecipe, slope
from .memory import Batch, Memory
from .networks import Array
from .protocol import ContinuousLearner, ContinuousTask, joined

__all__ = ["MADDPG", "MADDPGLearner"]


@dataclass(frozen=True)
class MADDPG(DeterministicRecipe):
    """A critic Q_i(s,a,b) that sees what the others do, whose target asks the others' slow actors.

    Where another player has no slow actor, it is asked for what it would play.
    """

    RANGES: ClassVar = DeterministicRecipe.RATES

    @property
    def name(self) -> str:
        return "MADDPG"

    def start(self, task: ContinuousTask, rng: np.random.Generator) -> MADDPGLearner:  # type: ignore[override]
        return MADDPGLearner(self, task, rng)


class MADDPGLearner(DeterministicLearner):
    """Networks of one player in K runs."""

    def __init__(self, recipe: MADDPG, task: ContinuousTask, rng: np.random.Generator) -> None:
        super().__init__(recipe, task, rng)
        self.value = self.network("Q", task.game.state_size + task.own + task.others, 1, target=True)

    def improve(self, memory: Memory, others: Sequence[ContinuousLearner]) -> None:
        batch = self.seen(memory, memory.drawn(self.batch_size, self.rng))
        self.fit_value(self.value, joined(batch.state, batch.own, batch.others), self.target(batch, others))
        self.improve_policy(batch)
        self.follow()

    def target(self, batch: Batch, others: Sequence[ContinuousLearner]) -> Array:
        """y = r + gamma Q'(s', mu'_1(s'), ..., mu'_n(s')), equation 6; `others` are all learners, in the players'
        order.

        Raises
        ------
        InputError
            Where they are not as many as the players.
        """
        if self.task.discount == 0.0:
            return batch.reward
        players = self.task.game.num_players
        if len(others) != players:
            raise InputError(f"MADDPG learns where all players' learners are at hand: {len(others)} of {players} are")
        after = batch.following
        theirs = [
            other.intended(after) if isinstance(other, DeterministicLearner) else other.act(after, explore=False)
            for player, other in enumerate(others)
            if player != self.task.player
        ]
        value = self.value.at_target(joined(after, self.intended(after), *theirs))
        return self.backed_up(batch, value[..., 0])

    def improve_policy(self, batch: Batch) -> None:
        """Equation 5: up Q(s, mu(s), b) with b from the memory."""
        outputs, tape = self.policy(batch.state)
        action = squashed(outputs)
        self.climb(tape, action, slope(self.value, batch.state, action, batch.others, by=1))
