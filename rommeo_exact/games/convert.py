"""Games to and from the objects of other libraries.

Each library is imported when its function is called, and only then. Payoffs are copied bit for bit; what the other side
has no place for is said where it is lost.
"""

from __future__ import annotations

import importlib
import io
from typing import Any

import numpy as np

from ..checks import is_sparse
from ..errors import InputError
from .models import MatrixGame, View
from .nfg import read_nfg, write_nfg

__all__ = [
    "from_nashpy", "from_pygambit", "from_quantecon", "to_nashpy", "to_pygambit", "to_quantecon", "view_to_discrete_dp",
]  # fmt: skip


def to_nashpy(game: MatrixGame) -> Any:
    """The ``nashpy.Game`` of a two-player game. Labels are lost.

    Raises
    ------
    InputError
        If the game does not have two players.
    ImportError
        If nashpy is not installed.
    """
    _check(game)
    if game.num_players != 2:
        raise InputError(f"nashpy holds games of two players, not of {game.num_players}")
    return _library("nashpy").Game(*np.array(game.payoffs))


def from_nashpy(game: Any) -> MatrixGame:
    """The game of a ``nashpy.Game``.

    Raises
    ------
    InputError
        If the object has no ``payoff_matrices``, or they make no game.
    """
    return MatrixGame.bimatrix(*_attribute(game, "payoff_matrices", "nashpy.Game"))


def to_quantecon(game: MatrixGame) -> Any:
    """The ``quantecon.game_theory.NormalFormGame`` of a game.

    Each player's array has its own actions first, then those of the next players, cyclically. Labels are lost.

    Raises
    ------
    InputError
        If `game` is not a matrix game.
    ImportError
        If quantecon is not installed.
    """
    _check(game)
    library = _library("quantecon.game_theory")
    n = game.num_players
    arrays = (np.transpose(game.payoffs[i], _rotation(i, n)) for i in range(n))
    return library.NormalFormGame([library.Player(np.array(array, order="C")) for array in arrays])


def from_quantecon(game: Any) -> MatrixGame:
    """The game of a ``quantecon.game_theory.NormalFormGame``.

    Raises
    ------
    InputError
        If the object has no ``payoff_arrays``, or they make no game.
    """
    arrays = _attribute(game, "payoff_arrays", "quantecon.game_theory.NormalFormGame")
    n = len(arrays)
    return MatrixGame([np.transpose(array, np.argsort(_rotation(i, n))) for i, array in enumerate(arrays)])


def view_to_discrete_dp(view: View) -> Any:
    """The ``quantecon.markov.DiscreteDP`` in which one player chooses the joint action (a, b), as action ``a * B + b``.

    Its optimal value is that of the view at alpha = beta = 0 under a prior that leaves nothing out. Dense transitions
    make its product form, with R of shape (S, A*B) and Q of shape (S, A*B, S); sparse ones the form over the S*A*B
    state-action pairs, with a sparse Q. Terminal states become absorbing states without rewards. Rows are handed over
    as they are: quantecon does not normalise what rounding leaves.

    Raises
    ------
    InputError
        If `view` is not a view.
    ImportError
        If quantecon is not installed.
    """
    if not isinstance(view, View):
        raise InputError(f"a DiscreteDP is made of a view, not of a {type(view).__name__}")
    library = _library("quantecon.markov")
    states, joint = view.shape[0], view.shape[1] * view.shape[2]
    rewards = np.where(view.terminal[:, None], 0.0, view.rewards.reshape(states, joint))
    transitions: Any = view.transitions
    if not is_sparse(transitions):
        stay = np.broadcast_to(np.eye(states)[:, None], (states, joint, states))
        moves = np.where(view.terminal[:, None, None], stay, transitions.reshape(stay.shape))
        return library.DiscreteDP(rewards, moves, view.discount)
    from scipy import sparse

    state = np.repeat(np.arange(states), joint)
    ended = view.terminal[state]
    stays = sparse.csr_array((np.ones(ended.sum()), (np.flatnonzero(ended), state[ended])), shape=transitions.shape)
    rows = sparse.csr_matrix(sparse.diags_array(np.where(ended, 0.0, 1.0)) @ transitions + stays)
    return library.DiscreteDP(rewards.reshape(-1), rows, view.discount, state, np.tile(np.arange(joint), states))


def to_pygambit(game: MatrixGame) -> Any:
    """The ``pygambit.Game`` of a game: its payoffs are the doubles themselves, as rationals; the sign of -0.0 is lost.

    Raises
    ------
    InputError
        If pygambit cannot hold the game: it puts limits on labels, and release 16 takes printable ASCII only.
    ImportError
        If pygambit is not installed.
    """
    _check(game)
    library = _library("pygambit")
    try:
        made = library.read_nfg(io.StringIO(write_nfg(game, exact=True)))
    except ValueError as error:
        raise InputError(f"pygambit cannot hold this game: {error}") from None
    theirs = (made.players, *(player.strategies for player in made.players))
    for labels, holders in zip((game.players, *game.actions), theirs, strict=True):
        for label, holder in zip(labels, holders, strict=True):
            if label != holder.label:
                raise InputError(f"pygambit cannot hold the label {label!r}")
    return made


def from_pygambit(game: Any) -> MatrixGame:
    """The game of a ``pygambit.Game``; of an extensive game its reduced strategic form. Payoffs are rounded to doubles.

    Raises
    ------
    InputError
        If the object has no ``to_nfg``, or its payoffs leave the range of doubles.
    """
    return read_nfg(_attribute(game, "to_nfg", "pygambit.Game")())


def _library(name: str) -> Any:
    package = name.partition(".")[0]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        message = f'this conversion needs {package}, which is not installed: pip install "rommeo_exact[{package}]"'
        raise ImportError(message, name=package) from None


def _attribute(value: Any, name: str, kind: str) -> Any:
    if not hasattr(value, name):
        raise InputError(f"expected a {kind}, not a {type(value).__name__}")
    return getattr(value, name)


def _check(game: Any) -> None:
    if not isinstance(game, MatrixGame):
        raise InputError(f"only a matrix game can be converted, not a {type(game).__name__}")


def _rotation(player: int, count: int) -> list[int]:
    """The axes of a profile from the player's own on, cyclically."""
    return [(player + k) % count for k in range(count)]
