"""Games whose actions are points of a box, with or without states; a reward is a Python function of arrays.

Shapes: n players, player i's action has d_i numbers, a state D numbers. A function gets one array for each player:
(...) where d_i is 1, else (..., d_i); where there are states, first the states (..., D).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..checks import BoolArray, FloatArray, first, frozen, integer, labels, real_array
from ..errors import InputError

__all__ = ["ContinuousGame", "Dynamics"]


@dataclass(frozen=True)
class Dynamics:
    """How the states of a continuous game begin and follow.

    Attributes
    ----------
    size : int
        D >= 1, the numbers of a state.
    initial : callable
        (runs, rng) to first states (runs, D).
    step : callable
        (states, *actions, rng) to the states that follow, (runs, D).
    ended : callable, optional
        States to whether they end the episode, (runs,); by default none does.
    """

    size: int
    initial: Callable[[int, np.random.Generator], Any]
    step: Callable[..., Any]
    ended: Callable[[FloatArray], Any] | None = None

    def __post_init__(self) -> None:
        integer(self.size, "dynamics.size", low=1)
        for name in ("initial", "step"):
            if not callable(getattr(self, name)):
                raise InputError(f"dynamics.{name} must be a function, not {type(getattr(self, name)).__name__}")
        if self.ended is not None and not callable(self.ended):
            raise InputError(f"dynamics.ended must be a function or None, not {type(self.ended).__name__}")


@dataclass(frozen=True, eq=False)
class ContinuousGame:
    """A game of n players on a box.

    Parameters
    ----------
    reward : callable
        Of one array per player, preceded by the states where there are any. Returns one array (...), which all players
        get, or a sequence of n of them. It is called with many joint actions at once.
    low, high : number, or sequence of n numbers or (d_i,) arrays
        The box. A number stands for one-dimensional actions of all players.
    dynamics : Dynamics, optional
        Without it there is one state, of no numbers.
    num_players : int
        By default as many as `low`, `high` or `players` has entries; 2 where none has any.
    players : sequence of str, optional
    name : str, optional

    Raises
    ------
    InputError
        Naming what is at fault.

    Examples
    --------
    >>> game = ContinuousGame(lambda a, b: -(a - b) ** 2, low=-1, high=1)
    >>> game.rewards([0.5, 1.0]).tolist()                                   # one joint action, both players
    [-0.25, -0.25]
    """

    reward: Callable[..., Any]
    low: tuple[FloatArray, ...]
    high: tuple[FloatArray, ...]
    dynamics: Dynamics | None
    players: tuple[str, ...]
    name: str
    sizes: tuple[int, ...] = field(repr=False)

    def __init__(
        self,
        reward: Callable[..., Any],
        low: Any,
        high: Any,
        *,
        dynamics: Dynamics | None = None,
        num_players: int | None = None,
        players: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        if not callable(reward):
            raise InputError(f"reward must be a function of arrays, not {type(reward).__name__}")
        if dynamics is not None and not isinstance(dynamics, Dynamics):
            raise InputError(f"dynamics must be a Dynamics, not {type(dynamics).__name__}")
        counts = [integer(num_players, "num_players", low=1)] if num_players is not None else []
        counts += [len(entries) for entries in (low, high) if _per_player(entries)]
        counts += [len(players)] if isinstance(players, Sequence) else [2]
        lows, highs = (_ends(ends, which, counts[0] or 2) for ends, which in ((low, "low"), (high, "high")))
        for i, (below, above) in enumerate(zip(lows, highs, strict=True)):
            if below.shape != above.shape:
                raise InputError(f"low[{i}] has {below.size} numbers, high[{i}] has {above.size}")
            if (below >= above).any():
                j = first(below >= above)[0]
                raise InputError(f"low[{i}][{j}] = {below[j]:g} is not below high[{i}][{j}] = {above[j]:g}")
            with np.errstate(over="ignore"):
                wide = ~np.isfinite(above - below)
            if wide.any():
                j = first(wide)[0]
                raise InputError(f"low[{i}][{j}] = {below[j]:g} and high[{i}][{j}] = {above[j]:g} are too far apart")
        for key, value in (
            ("reward", reward), ("low", lows), ("high", highs), ("dynamics", dynamics),
            ("players", labels(players, "players", len(lows))), ("name", name or "a continuous game"),
            ("sizes", tuple(int(below.size) for below in lows)),
        ):  # fmt: skip
            object.__setattr__(self, key, value)

    @property
    def num_players(self) -> int:
        return len(self.sizes)

    @property
    def state_size(self) -> int:
        """D; 0 where there is one state."""
        return 0 if self.dynamics is None else self.dynamics.size

    @property
    def centre(self) -> FloatArray:
        """The centre of the box, in the order of a joint action."""
        return (np.concatenate(self.low) + np.concatenate(self.high)) / 2.0

    @property
    def half(self) -> FloatArray:
        """Half of its widths."""
        return (np.concatenate(self.high) - np.concatenate(self.low)) / 2.0

    def slice(self, player: int) -> slice:
        """Where a player's numbers stand in a joint action."""
        start = sum(self.sizes[:player])
        return slice(start, start + self.sizes[player])

    def others(self, player: int) -> list[int]:
        """Where the other players' numbers stand in a joint action, in increasing order."""
        own = self.slice(player)
        return [j for j in range(sum(self.sizes)) if not own.start <= j < own.stop]

    def rewards(self, actions: Any, states: Any = None, entry: str = "entry") -> FloatArray:
        """Every player's reward for joint actions (..., d_1 + ... + d_n): (..., n). An error calls an index `entry`.

        Raises
        ------
        InputError
            Where the reward function does not take arrays, or returns another shape, or a number that is not finite: it
            says for which actions.
        """
        actions = np.asarray(actions, dtype=float)
        if actions.ndim == 0 or actions.shape[-1] != sum(self.sizes):
            raise InputError(f"actions must have {sum(self.sizes)} numbers on the last axis, not shape {actions.shape}")
        shape = actions.shape[:-1]
        arguments = self._arguments(actions, states)
        try:
            answer = self.reward(*arguments)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"reward fails on arrays of shape {shape}: {error}. Write it with NumPy, np.exp for math.exp and "
                "np.where for if, or wrap it in np.vectorize"
            ) from error
        per_player = answer if isinstance(answer, (tuple, list)) else [answer] * self.num_players
        if len(per_player) != self.num_players:
            raise InputError(f"reward returned {len(per_player)} arrays for {self.num_players} players")
        out = np.empty((*shape, self.num_players))
        for i, given in enumerate(per_player):
            try:
                values = np.asarray(given, dtype=float)
            except (TypeError, ValueError) as error:
                raise InputError(f"reward of player {i} is not an array of numbers: {error}") from None
            if values.shape not in (shape, ()):
                raise InputError(
                    f"reward of player {i} has shape {values.shape} for joint actions of shape {shape}: "
                    "it must work entry by entry"
                )
            out[..., i] = values
        finite = np.isfinite(out)
        if not finite.all():
            *where, i = first(~finite)
            at = ", ".join(f"{x:g}" for x in actions[tuple(where)])
            which = f", {entry} {', '.join(map(str, where))}" if where else ""
            raise InputError(f"reward of player {i} is {out[(*where, i)]} at actions ({at}){which}")
        return out

    def begin(self, runs: int, rng: np.random.Generator) -> FloatArray:
        """First states, (runs, D)."""
        if self.dynamics is None:
            return np.zeros((runs, 0))
        return _states(self.dynamics.initial(runs, rng), "dynamics.initial", (runs, self.dynamics.size))

    def follow(self, states: FloatArray, actions: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
        """The states that follow, (runs, D), and whether they end the episode, (runs,)."""
        runs = len(states)
        if self.dynamics is None:
            return states, np.zeros(runs, dtype=bool)
        following = self.dynamics.step(*self._arguments(actions, states), rng)
        after = _states(following, "dynamics.step", states.shape)
        if self.dynamics.ended is None:
            return after, np.zeros(runs, dtype=bool)
        ended = np.asarray(self.dynamics.ended(after))
        if ended.shape != (runs,) or ended.dtype != np.bool_:
            raise InputError(f"dynamics.ended must return ({runs},) booleans, not {ended.dtype} of {ended.shape}")
        return after, ended

    def _arguments(self, actions: FloatArray, states: Any) -> list[FloatArray]:
        parts = [actions[..., self.slice(i)].copy() for i in range(self.num_players)]  # a function may write into them
        split = [part[..., 0] if size == 1 else part for part, size in zip(parts, self.sizes, strict=True)]
        if self.dynamics is None:
            return split
        if states is None:
            raise InputError(f"{self.name} has states: rewards(actions, states)")
        states = np.array(states, dtype=float)
        if states.ndim == 0 or states.shape[-1] != self.dynamics.size:
            raise InputError(f"states must have {self.dynamics.size} numbers on the last axis, not {states.shape}")
        return [states, *split]


def _per_player(ends: Any) -> bool:
    return isinstance(ends, (list, tuple)) or (isinstance(ends, np.ndarray) and ends.ndim > 0)


def _ends(value: Any, name: str, count: int) -> tuple[FloatArray, ...]:
    """One end of the box, a vector per player."""
    if not _per_player(value):
        return (frozen(np.atleast_1d(real_array(value, name)).copy()),) * count
    if len(value) != count:
        raise InputError(f"{name} has {len(value)} entries for {count} players")
    ends = []
    for i, entry in enumerate(value):
        end = np.atleast_1d(real_array(entry, f"{name}[{i}]"))
        if end.ndim != 1 or end.size == 0:
            raise InputError(f"{name}[{i}] must be a number or a vector, not of shape {end.shape}")
        ends.append(frozen(end.copy()))
    return tuple(ends)


def _states(value: Any, name: str, shape: tuple[int, ...]) -> FloatArray:
    states = np.asarray(value, dtype=float)
    if states.shape != shape:
        raise InputError(f"{name} must return shape {shape}, not {states.shape}")
    if not np.isfinite(states).all():
        run, j = first(~np.isfinite(states))
        raise InputError(f"{name} returned {states[run, j]} for run {run}, number {j}")
    return states
