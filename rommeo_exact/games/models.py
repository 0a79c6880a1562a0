"""Games as arrays, and a game through one agent's eyes.

Shapes: n players; S states; the k-th player has A_k actions. In the view of agent i, A = A_i is its own actions and B
the opponents' joint actions: the other players in increasing order, flattened in C order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..checks import (
    BoolArray,
    FloatArray,
    distribution,
    frozen,
    integer,
    is_sparse,
    labels,
    place,
    plain,
    real_array,
    real_number,
    row_defect,
    stochastic_rows,
)
from ..errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from scipy import sparse

    Transitions: TypeAlias = FloatArray | sparse.csr_array

__all__ = ["Game", "MatrixGame", "StochasticGame", "View"]


@dataclass(frozen=True, eq=False)
class View:
    """A stochastic game as one agent sees it: what the operators and the solvers work on.

    Build one with :meth:`MatrixGame.view` or :meth:`StochasticGame.view`, or directly from arrays, which are checked
    and copied.

    Parameters
    ----------
    rewards : (S, A, B) array
        R(s, a, b), in nats of optimality where alpha = 1.
    transitions : (S, A, B, S) array or sparse (S*A*B, S) matrix
        p(s'|s, a, b); sparse rows in C order of (s, a, b). Rows sum to 1; what rounding leaves is normalised away.
    discount : float
        gamma, in [0, 1).
    terminal : (S,) bool array or integer indices, optional
        States that end the game: their value is 0 and their rewards and transitions are not looked at.
    actions, opponent_actions : sequences of str, optional
        Labels of the A own and the B joint opponent actions.

    Attributes
    ----------
    row_defect : float
        How far a row of `transitions` is from summing to 1, at most: what rounding left.

    Raises
    ------
    InputError
        Naming the array and the index at fault.
    """

    rewards: FloatArray
    transitions: Transitions
    discount: float
    terminal: BoolArray
    actions: tuple[str, ...]
    opponent_actions: tuple[str, ...]
    row_defect: float

    def __init__(
        self,
        rewards: Any,
        transitions: Any,
        discount: float,
        terminal: Any = None,
        *,
        actions: Sequence[str] | None = None,
        opponent_actions: Sequence[str] | None = None,
    ) -> None:
        rewards = real_array(rewards, "rewards", ndim=3, where=place("rewards", "s", "a", "b"))
        shape = rewards.shape
        _check_sizes(shape, "rewards", ("states", "actions", "opponents' actions"))
        transitions, row_defect = _transitions(transitions, shape, lambda index: f"a={index[0]}, b={index[1]}")
        self._fill(
            rewards=rewards,
            transitions=transitions,
            row_defect=row_defect,
            discount=_discount(discount),
            terminal=_mask(terminal, shape[0]),
            actions=labels(actions, "actions", shape[1]),
            opponent_actions=labels(opponent_actions, "opponent_actions", shape[2]),
        )

    def _fill(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @classmethod
    def _of(cls, **fields: Any) -> View:
        """A view of arrays that a game has checked already, shared with it."""
        view = cls.__new__(cls)
        view._fill(**fields)
        return view

    @property
    def shape(self) -> tuple[int, int, int]:
        """(S, A, B)."""
        states, own, joint = self.rewards.shape
        return states, own, joint

    def with_discount(self, discount: float | None) -> View:
        """The same view under another discount factor; None leaves it as it is."""
        if discount is None or discount == self.discount:
            return self
        return View._of(**{**vars(self), "discount": _discount(discount)})

    def __repr__(self) -> str:
        kind = "sparse" if is_sparse(self.transitions) else "dense"
        return f"View(shape={self.shape}, {kind} transitions, discount={self.discount:g})"


class _Game:
    """What matrix and stochastic games share: payoffs with the player axis first, and names."""

    payoffs: FloatArray
    players: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    name: str | None
    num_actions: tuple[int, ...]

    def _name_players(self, players: Any, actions: Any, name: str | None) -> None:
        count = len(self.num_actions)
        self.players = labels(players, "players", count)
        if isinstance(actions, str) or not isinstance(actions, (Sequence, type(None))):
            raise InputError(f"actions must be a sequence of sequences of labels, not {actions!r}")
        given = [None] * count if actions is None else list(actions)
        if len(given) != count:
            raise InputError(f"actions has labels for {len(given)} players, the game has {count}")
        self.actions = tuple(
            labels(texts, f"actions[player={i}]", size)
            for i, (texts, size) in enumerate(zip(given, self.num_actions, strict=True))
        )
        self.name = None if name is None else str(name)

    @property
    def num_players(self) -> int:
        """n."""
        return len(self.num_actions)

    def agent_index(self, agent: int | str) -> int:
        """The index, from 0, of an agent given by index or by the player's name."""
        if isinstance(agent, str):
            if agent not in self.players:
                raise UnknownNameError("player", agent, self.players)
            return self.players.index(agent)
        return integer(agent, "agent", low=0, high=self.num_players)

    def opponent_actions(self, agent: int | str) -> tuple[str, ...]:
        """Labels of the B joint actions of everyone but `agent`, in the order of the views; joined by commas."""
        i = self.agent_index(agent)
        others = (texts for j, texts in enumerate(self.actions) if j != i)
        return tuple(",".join(texts) for texts in product(*others)) if self.num_players > 1 else ("-",)

    def _fields(self) -> dict[str, Any]:
        return dict(vars(self))

    def __eq__(self, other: object) -> bool:
        """Same class, same labels, and arrays equal bit for bit."""
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = self._fields(), other._fields()
        return all(_same(mine[key], theirs[key]) for key in mine)

    __hash__ = None  # type: ignore[assignment]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in vars(self):
            raise AttributeError(f"{type(self).__name__}.{name} is read-only")
        object.__setattr__(self, name, value)


class MatrixGame(_Game):
    """A game in strategic form: n players choose at once, payoffs follow.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        ``payoffs[i]`` is player i's payoff at each action profile; the player axis comes first and is never rotated.
    players : sequence of str, optional
        Names of the players; ``"1", "2", ...`` by default.
    actions : sequence of sequences of str, optional
        Labels of each player's actions; ``"1", "2", ...`` by default.
    name : str, optional

    Raises
    ------
    InputError
        Naming the entry at fault.

    Examples
    --------
    >>> game = MatrixGame.bimatrix([[3, 0], [5, 1]], [[3, 5], [0, 1]], actions=[["C", "D"]] * 2)
    >>> game.num_players, game.num_actions
    (2, (2, 2))
    >>> game.view(1).rewards[0, 1]   # player 2 defects: against C, against D
    array([5., 1.])
    """

    def __init__(
        self,
        payoffs: Any,
        players: Sequence[str] | None = None,
        actions: Sequence[Sequence[str]] | None = None,
        name: str | None = None,
    ) -> None:
        self.payoffs = real_array(payoffs, "payoffs", where=_profile("payoffs"))
        _check_player_axis(self.payoffs.shape, self.payoffs.shape[1:])
        self.num_actions = self.payoffs.shape[1:]
        self._name_players(players, actions, name)

    @classmethod
    def common_payoff(cls, payoffs: Any, **names: Any) -> MatrixGame:
        """The game in which every player receives ``payoffs``, an (A_1, ..., A_n) array."""
        shared = real_array(payoffs, "payoffs")
        return cls(np.broadcast_to(shared, (shared.ndim, *shared.shape)), **names)

    @classmethod
    def bimatrix(cls, row: Any, column: Any, **names: Any) -> MatrixGame:
        """The two-player game of two (A_1, A_2) payoff matrices, the row player's and the column player's."""
        first = real_array(row, "row", ndim=2)
        second = real_array(column, "column", shape=first.shape)
        return cls(np.stack([first, second]), **names)

    def view(self, agent: int | str, discount: float = 0.0) -> View:
        """The game repeated for ever under `discount`, through `agent`'s eyes: one state, S = 1."""
        i = self.agent_index(agent)
        own = self.num_actions[i]
        rewards = np.moveaxis(self.payoffs[i], i, 0).reshape(1, own, -1)
        return View._of(
            rewards=frozen(np.ascontiguousarray(rewards)),
            transitions=frozen(np.ones((*rewards.shape, 1))),
            discount=_discount(discount),
            row_defect=0.0,
            terminal=frozen(np.zeros(1, dtype=bool)),
            actions=self.actions[i],
            opponent_actions=self.opponent_actions(i),
        )

    def __repr__(self) -> str:
        title = "" if self.name is None else f"{self.name!r}, "
        return f"MatrixGame({title}num_actions={self.num_actions})"


class StochasticGame(_Game):
    """A discounted n-player stochastic game with finitely many states (Shapley 1953).

    Parameters
    ----------
    payoffs : (n, S, A_1, ..., A_n) array
        Rewards of each player in each state at each action profile.
    transitions : (S, A_1, ..., A_n, S) array or sparse (S * A_1 * ... * A_n, S) matrix
        p(s'|s, a_1, ..., a_n); sparse rows in C order. Rows sum to 1.
    discount : float
        gamma, in [0, 1).
    terminal : (S,) bool array or integer indices, optional
        States that end the game: worth 0, whatever their payoffs and transitions say.
    initial : (S,) array, optional
        Distribution of the first state; uniform over the states that are not terminal by default.
    players, actions, name
        As in :class:`MatrixGame`.
    states : sequence of str, optional
        Labels of the states; None where they have none.

    Raises
    ------
    InputError
        Naming the entry at fault: ``transitions[s=1, a=(0, 1)] sums to 1.1, not to 1``.
    """

    transitions: Transitions
    row_defect: float
    discount: float
    terminal: BoolArray
    initial: FloatArray
    states: tuple[str, ...] | None

    def __init__(
        self,
        payoffs: Any,
        transitions: Any,
        discount: float,
        terminal: Any = None,
        initial: Any = None,
        *,
        players: Sequence[str] | None = None,
        actions: Sequence[Sequence[str]] | None = None,
        states: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        self.payoffs = real_array(payoffs, "payoffs", where=_profile("payoffs", "s"))
        _check_player_axis(self.payoffs.shape, self.payoffs.shape[2:], states=1)
        self.num_actions = self.payoffs.shape[2:]
        shape = self.payoffs.shape[1:]
        self.transitions, self.row_defect = _transitions(transitions, shape, lambda index: f"a={index}")
        self.discount = _discount(discount)
        self.terminal = _mask(terminal, shape[0])
        if initial is None:
            live = ~self.terminal if not self.terminal.all() else np.ones(shape[0], dtype=bool)
            self.initial = frozen(live / live.sum())
        else:
            self.initial = distribution(initial, "initial", where=place("initial", "s"), shape=(shape[0],))
        self.states = None if states is None else labels(states, "states", shape[0])
        self._name_players(players, actions, name)

    @property
    def num_states(self) -> int:
        """S."""
        return int(self.payoffs.shape[1])

    def view(self, agent: int | str, discount: float | None = None) -> View:
        """The game through `agent`'s eyes; `discount` overrides the game's own."""
        i = self.agent_index(agent)
        size, own = self.num_states, self.num_actions[i]
        rewards = np.moveaxis(self.payoffs[i], 1 + i, 1).reshape(size, own, -1)
        transitions: Any = self.transitions
        if is_sparse(transitions):
            rows = np.arange(transitions.shape[0]).reshape(size, *self.num_actions)
            if i > 0:
                transitions = transitions[np.moveaxis(rows, 1 + i, 1).reshape(-1)]
            for part in (transitions.data, transitions.indices, transitions.indptr):
                frozen(part)
        else:
            moved = np.moveaxis(transitions, 1 + i, 1).reshape(*rewards.shape, size)
            transitions = frozen(np.ascontiguousarray(moved))
        return View._of(
            rewards=frozen(np.ascontiguousarray(rewards)),
            transitions=transitions,
            discount=self.discount if discount is None else _discount(discount),
            row_defect=self.row_defect,
            terminal=self.terminal,
            actions=self.actions[i],
            opponent_actions=self.opponent_actions(i),
        )

    def __repr__(self) -> str:
        title = "" if self.name is None else f"{self.name!r}, "
        return f"StochasticGame({title}num_states={self.num_states}, num_actions={self.num_actions})"


Game: TypeAlias = MatrixGame | StochasticGame


def _profile(name: str, *axes: str) -> Any:
    """Names payoffs[player=0, s=1, a=(0, 1)]."""

    def where(index: tuple[int, ...]) -> str:
        named = [f"{axis}={i}" for axis, i in zip(("player", *axes), index, strict=False)]
        actions = index[1 + len(axes) :]
        return f"{name}[{', '.join([*named, f'a={actions}'])}]" if index else name

    return where


def _check_sizes(shape: tuple[int, ...], name: str, axes: Sequence[str]) -> None:
    for size, axis in zip(shape, axes, strict=True):
        if size == 0:
            raise InputError(f"{name} has shape {shape}: no {axis}")


def _check_player_axis(shape: tuple[int, ...], actions: tuple[int, ...], states: int = 0) -> None:
    wanted = "(n, S, A_1, ..., A_n)" if states else "(n, A_1, ..., A_n)"
    if len(shape) < 2 + states or shape[0] != len(actions):
        raise InputError(f"payoffs must have shape {wanted}, not {shape}")
    _check_sizes(shape, "payoffs", ["players", *["states"] * states, *["actions of a player"] * len(actions)])


def _discount(value: Any) -> float:
    discount = real_number(value, "discount", low=0.0, high=1.0)
    if discount == 1.0:
        raise InputError("discount is 1.0, not in [0, 1): an undiscounted game needs not have a value")
    return discount


def _mask(terminal: Any, states: int) -> BoolArray:
    mask = np.zeros(states, dtype=bool)
    if terminal is not None:
        given = plain(terminal, "terminal")
        if given.dtype == bool:
            if given.shape != (states,):
                raise InputError(f"terminal must have shape ({states},), not {given.shape}")
            mask |= given
        else:
            if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
                raise InputError("terminal must be a bool array of shape (S,) or a list of state indices")
            for i, state in enumerate(given.tolist()):
                mask[integer(state, f"terminal[{i}]", low=0, high=states)] = True
    return frozen(mask)


def _transitions(value: Any, shape: tuple[int, ...], actions: Any) -> Any:
    """Checked transitions from every (s, a...) in `shape`, and how far their rows are from summing to 1.

    `actions` renders the action part of an index.
    """

    def where(index: tuple[int, ...]) -> str:
        if not index:
            return "transitions"
        target = f", s'={index[len(shape)]}" if len(index) > len(shape) else ""
        return f"transitions[s={index[0]}, {actions(index[1 : len(shape)])}{target}]"

    if is_sparse(value):
        if value.shape[0] != math.prod(shape):
            wanted = f"{math.prod(shape)} rows, one per state and profile"
            raise InputError(f"transitions must have {wanted}, not {value.shape[0]}")

        def row(index: tuple[int, ...]) -> str:
            return where(tuple(int(i) for i in np.unravel_index(index[0], shape)))

        matrix = stochastic_rows(value, "transitions", where=row, columns=shape[0])
        return matrix, row_defect(matrix)
    array = distribution(value, "transitions", where=where, shape=(*shape, shape[0]))
    return array, row_defect(array)


def _same(one: Any, two: Any) -> bool:
    if is_sparse(one) and is_sparse(two):
        return one.shape == two.shape and all(
            np.array_equal(getattr(one, part), getattr(two, part)) for part in ("data", "indices", "indptr")
        )
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return one.shape == two.shape and one.tobytes() == two.tobytes()
    return bool(type(one) is type(two) and one == two)
