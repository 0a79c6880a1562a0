"""Which fixed point self-play comes to from where, and in how many rounds: a grid of starts, played all at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from ..checks import FloatArray, frozen, integer, real_number
from ..errors import InputError
from ..games.models import Game, MatrixGame, StochasticGame
from .equilibria import Equilibrium, SelfPlayEquilibria, self_play_equilibria
from .paths import Update, following
from .rounds import Play, Population

__all__ = ["Basins", "basins", "is_symmetric"]

Kind = Literal["square", "line", "simplex"]

_SUPPORTED = (
    "starts form a grid for two players where the prior is over 2 or 3 actions, and for more players who are "
    "interchangeable and have 2 or 3 actions each"
)


@dataclass(frozen=True, eq=False)
class Basins:
    """Where a grid of starts ends.

    Attributes
    ----------
    kind : {"square", "line", "simplex"}
        Of the grid: two probabilities of a first action, one such, or distributions over three actions.
    starts : (K, 2), (K, 2) or (K, 3) array
        In a square the probability that player 1's prior gives the first action of player 2, and that player 2's gives
        the first of player 1; else the distribution that varies.
    varies : str
        What that distribution is, in words.
    player : int
        Of two players, whose prior it is.
    endpoint : (K,) int array
        The index in `points` of the fixed point that was reached; -1 where none was within `max_rounds`.
    rounds : (K,) int array
        After how many rounds what everyone plays was within `tol` of it, in Hilbert's metric; -1 where it never was.
    points : tuple of Equilibrium
    """

    kind: Kind
    starts: FloatArray
    varies: str
    player: int
    endpoint: Any
    rounds: Any
    points: tuple[Equilibrium, ...]
    resolution: int
    update: Update
    max_rounds: int
    tol: float
    game: Game = field(repr=False)

    def __len__(self) -> int:
        return len(self.endpoint)


def basins(
    game: Game,
    alpha: Any = 1.0,
    beta: Any = 1.0,
    *,
    resolution: int = 41,
    update: Update = "simultaneous",
    rounds: int = 1000,
    tol: float = 1e-6,
    player: int = 0,
    found: SelfPlayEquilibria | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Basins:
    """Play from every point of a grid of first priors, and see which fixed point is reached.

    Two players with two actions each: both priors vary. Two players otherwise: `player`'s prior varies, over the 2 or 3
    actions of the other, whose own prior is uniform. More players, interchangeable and with 2 or 3 actions: all think
    alike of everyone, and the common marginal varies. The rounds tell where play lingers.

    Parameters
    ----------
    game : MatrixGame
    alpha, beta : float, or sequence of n
        As of :func:`~.equilibria.self_play_equilibria`.
    resolution : int
        Points of the grid along an edge, at least 2.
    update : {"simultaneous", "alternating"}, float or callable
        As of :func:`~.paths.self_play`.
    rounds : int
        At most so many are played.
    tol : float
        The Hilbert distance, > 0, at which a fixed point counts as reached.
    player : int
        Whose prior varies where only one does.
    found : SelfPlayEquilibria, optional
        The fixed points, where they are known already.
    progress : callable, optional
        Told how many starts have ended, and of how many.

    Returns
    -------
    Basins

    Raises
    ------
    InputError
        Also where no grid of starts can be drawn.

    Examples
    --------
    >>> from rommeo_exact.games import three_player_coordination
    >>> result = basins(three_player_coordination(), alpha=0.5, beta=0.5, resolution=11)
    >>> [float(result.points[k].marginals[0][0].round(2)) for k in result.endpoint[[0, -1]]]
    [0.19, 0.81]
    """
    integer(resolution, "resolution", low=2)
    integer(rounds, "rounds", low=0)
    if not real_number(tol, "tol", low=0.0) > 0.0:
        raise InputError("tol is 0: rounding would keep every start from it")
    population = Population.of(game, alpha, beta)
    follow = following(population, update, joint=True)
    grid = _grid(population, resolution, integer(player, "player", low=0, high=len(population.sizes)))
    if found is None:
        found = self_play_equilibria(game, alpha, beta)
    tell = progress or (lambda done, of: None)
    count = len(grid.starts)
    endpoint, needed = np.full(count, -1), np.full(count, -1)
    active, priors = np.arange(count), grid.priors
    for k in range(rounds + 1):
        marginals = tuple(population.answer(p, i) for i, p in enumerate(priors))
        nearest, distance = _nearest(population, marginals, found.points)
        ended = distance <= tol
        endpoint[active[ended]], needed[active[ended]] = nearest[ended], k
        active = active[~ended]
        tell(count - active.size, count)
        if not active.size or k == rounds:
            break
        priors, marginals = (tuple(x[~ended] for x in play) for play in (priors, marginals))
        priors = follow(k, priors, marginals)
    return Basins(
        grid.kind, frozen(grid.starts), grid.varies, player, frozen(endpoint), frozen(needed), found.points,
        resolution, update, rounds, tol, game,
    )  # fmt: skip


def is_symmetric(game: MatrixGame) -> bool:
    """Whether the players are interchangeable: exchanging two, and their actions, exchanges their payoffs only."""
    if len(set(game.num_actions)) > 1:
        return False
    for i in range(game.num_players - 1):
        order = list(range(game.num_players))
        order[i], order[i + 1] = i + 1, i
        exchanged = game.payoffs[order].swapaxes(i + 1, i + 2)
        if not np.array_equal(exchanged, game.payoffs):
            return False
    return True


def grid_supported(game: Game, player: int = 0) -> str | None:
    """Why no grid of starts can be drawn, or None where one can."""
    sizes = game.num_actions
    if isinstance(game, StochasticGame):
        return f"the game is stochastic: {_SUPPORTED}, in one state"
    if len(sizes) == 2:
        if sizes == (2, 2) or sizes[1 - player] in (2, 3):
            return None
        return f"the prior of player {player + 1} is over {sizes[1 - player]} actions: {_SUPPORTED}"
    if len(sizes) == 1:
        return f"the game has one player: {_SUPPORTED}"
    if sizes[0] in (2, 3) and is_symmetric(game):
        return None
    why = "who are not interchangeable" if not is_symmetric(game) else f"with {sizes[0]} actions"
    return f"the game has {len(sizes)} players {why}: {_SUPPORTED}"


class _Grid(NamedTuple):
    kind: Kind
    starts: FloatArray
    varies: str
    priors: Play


def _grid(population: Population, resolution: int, player: int) -> _Grid:
    game, sizes = population.game, population.sizes
    reason = grid_supported(game, player)
    if reason is not None:
        raise InputError(reason)
    if sizes == (2, 2):
        p = np.linspace(0.0, 1.0, resolution)
        starts = np.stack([x.ravel() for x in np.meshgrid(p, p, indexing="ij")], axis=1)
        priors = [np.stack([starts[:, i], 1.0 - starts[:, i]], axis=1) for i in (0, 1)]
        return _Grid("square", starts, "each player's prior", _logs(priors))
    if len(sizes) == 2:
        other = sizes[1 - player]
        starts = _distributions(other, resolution)
        uniform = np.full((len(starts), sizes[player]), 1.0 / sizes[player])
        priors = [starts, uniform] if player == 0 else [uniform, starts]
        text = f"what {_who(game, player)} expects of {_who(game, 1 - player)}"
        return _Grid(_kind(other), starts, text, _logs(priors))
    for name in ("alpha", "beta"):
        if len(set(getattr(population, name))) > 1:
            raise InputError(f"{name} differs from player to player: {len(sizes)} players must be interchangeable")
    starts = _distributions(sizes[0], resolution)
    joint = starts
    for _ in range(len(sizes) - 2):
        joint = (joint[:, :, None] * starts[:, None, :]).reshape(len(starts), -1)
    return _Grid(_kind(sizes[0]), starts, "what everyone expects of everyone else", _logs([joint] * len(sizes)))


def _kind(actions: int) -> Kind:
    return "line" if actions == 2 else "simplex"


def _who(game: Game, i: int) -> str:
    name = game.players[i]
    return f"player {name}" if name.isdecimal() else name


def _distributions(actions: int, resolution: int) -> FloatArray:
    """A regular grid of distributions over 2 or 3 actions, (K, actions)."""
    n = resolution - 1
    rows = [(*kept, n - sum(kept)) for kept in itertools.product(range(n + 1), repeat=actions - 1) if sum(kept) <= n]
    return np.array(rows) / n


def _logs(priors: list[FloatArray]) -> Play:
    with np.errstate(divide="ignore"):
        return tuple(np.log(x)[:, None, :] for x in priors)


def _nearest(population: Population, play: Play, points: tuple[Equilibrium, ...]) -> tuple[Any, FloatArray]:
    """Which fixed point is nearest to each of many plays, and how near."""
    if not points:
        return np.full(len(play[0]), -1), np.full(len(play[0]), math.inf)
    apart = np.stack([population.distance(play, tuple(x[None, None] for x in p.log_marginals)) for p in points])
    return apart.argmin(axis=0), apart.min(axis=0)
