"""Where play goes from where it is: on the simplex of what a player plays, and from all of its starts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..checks import FloatArray, integer
from ..errors import InputError
from ..games.models import Game, MatrixGame
from ..population import Basins, Equilibrium, SelfPlayPath
from ..population.attraction import is_symmetric
from ..population.rounds import Population
from ..soft import normalised
from .style import COLOURS, DASHES, HEAT, INK, PAPER, patch, plain_ticks, short, styled, who

__all__ = ["basins", "drawable", "responses", "simplex"]

LEVEL = -0.06
"""Where the arrows of a round are drawn below its curve."""


@styled
def simplex(
    game: Game, ax: Any, alpha: Any = 1.0, beta: Any = 1.0, *, player: int = 0, paths: Iterable[Any] = (),
    points: Iterable[Equilibrium] = (), resolution: int = 13,
) -> Any:  # fmt: skip
    """What one round does to what a player plays: arrows on a triangle for three actions; for two a curve, and arrows
    below it.

    Of two players, one answers and then the other; of more, who must be interchangeable, all play alike.

    Parameters
    ----------
    game : MatrixGame
    ax : matplotlib.axes.Axes
    alpha, beta : float, or sequence of n
    player : int
        Whose simplex it is.
    paths : iterable of SelfPlayPath or of (T + 1, A) arrays
        Drawn as lines through the player's marginals.
    points : iterable of Equilibrium
        Full where stable, else empty.
    resolution : int
        Arrows along an edge.

    Raises
    ------
    InputError
    """
    if not isinstance(game, MatrixGame):
        raise InputError(f"game must be a MatrixGame, not {type(game).__name__}")
    population = Population.of(game, alpha, beta)
    integer(player, "player", low=0, high=game.num_players)
    integer(resolution, "resolution", low=2)
    if game.num_actions[player] not in (2, 3):
        raise InputError(f"player {player + 1} has {game.num_actions[player]} actions; a simplex is drawn of 2 or 3")
    _interchangeable(game)
    lines = [np.asarray(x.marginals[player] if isinstance(x, SelfPlayPath) else x) for x in paths]
    if game.num_actions[player] == 2:
        return _cobweb(population, ax, player, lines, _alike(game, points), resolution)
    starts = _inside(3, resolution)
    ends = _step(population, starts, player)
    _triangle(ax, [short(label) for label in game.actions[player]])
    x, shown = _plane(starts), _compressed(_plane(ends) - _plane(starts)) * 0.09
    ax.quiver(
        *x.T, *shown.T, angles="xy", scale_units="xy", scale=1.0, color=INK, alpha=0.6, width=0.004, headwidth=4.5,
        zorder=2, gid="flow",
    )  # fmt: skip
    for k, line in enumerate(lines):
        ax.plot(*_plane(line).T, "-o", color=COLOURS[(1 + k) % len(COLOURS)], markersize=4, zorder=3, gid="path")
    for point in _alike(game, points):
        x, y = _plane(np.asarray(point.marginals[player]))
        _dot(ax, x, y, point)
    return ax


@styled
def responses(
    game: Game, ax: Any, alpha: Any = 1.0, beta: Any = 1.0, *, points: Iterable[Equilibrium] = (),
    paths: Iterable[Any] = (),
) -> Any:  # fmt: skip
    """What each of two players with two actions plays in answer to what it believes of the other: two curves.

    Across is the probability of player 1's first action, upwards that of player 2's: player 2's curve goes over what it
    believes of player 1, player 1's over what it believes of player 2, and they cross where each plays what the other
    believes, at the fixed points. Of more players, who must be interchangeable, the answer of one to all the others,
    who play alike, crosses the diagonal.

    Parameters
    ----------
    game : MatrixGame
    ax : matplotlib.axes.Axes
    alpha, beta : float, or sequence of n
    points : iterable of Equilibrium
        Full where stable, else empty; of interchangeable players those in which all play alike.
    paths : iterable of SelfPlayPath
        Drawn as lines through what is played.

    Raises
    ------
    InputError
    """
    if not isinstance(game, MatrixGame):
        raise InputError(f"game must be a MatrixGame, not {type(game).__name__}")
    population = Population.of(game, alpha, beta)
    if set(game.num_actions) != {2} or game.num_players < 2:
        raise InputError(f"responses are drawn of players with 2 actions each, and these have {game.num_actions}")
    _interchangeable(game)
    p = np.linspace(0.0, 1.0, 501)
    beliefs = np.stack([p, 1.0 - p], axis=1)
    if game.num_players == 2:
        one, other = _answer(population, beliefs, 0)[:, 0], _answer(population, beliefs, 1)[:, 0]
        ax.plot(one, p, color=COLOURS[1], linestyle=DASHES[1], label=f"{who(game, 0)} answers", gid="player 0")
        ax.plot(p, other, color=COLOURS[0], label=f"{who(game, 1)} answers", gid="player 1")
        names = [f"P({who(game, i)} plays {short(game.actions[i][0])})" for i in range(2)]
        ax.set(xlabel=names[0], ylabel=names[1])
    else:
        answer, name = _step(population, beliefs, 0)[:, 0], short(game.actions[0][0])
        ax.plot([0, 1], [0, 1], color=COLOURS[6], linewidth=1.0, linestyle=DASHES[2], label="all alike", gid="alike")
        ax.plot(p, answer, color=COLOURS[0], label=f"{who(game, 0)} answers", gid="player 0")
        ax.set(xlabel=f"P({name}) of each of the others", ylabel=f"P({name}) in answer")
    for k, played in enumerate(paths):
        line = _places_of(game, played)
        ax.plot(
            *line, "-D", color=COLOURS[7], markersize=5, linewidth=1.2, label=None if k else "path", zorder=4,
            gid="path",
        )  # fmt: skip
    shown = _alike(game, points)
    for point in shown:
        _dot(ax, float(point.marginals[0][0]), float(point.marginals[1][0]), point)
    for gid in dict.fromkeys("stable" if point.stable else "unstable" for point in shown):
        next(line for line in ax.lines if line.get_gid() == gid).set_label(gid)
    _unit_square(ax)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, handlelength=2.6, columnspacing=1.2)
    return ax


def _interchangeable(game: MatrixGame) -> None:
    if game.num_players != 2 and not is_symmetric(game):
        raise InputError(f"{game.num_players} players must be interchangeable, and these are not")


def _places_of(game: MatrixGame, played: SelfPlayPath) -> tuple[FloatArray, FloatArray]:
    """A path where responses are drawn: what two play, or what all alike play and then answer."""
    tables = [table[:, 0] for table in played.marginals]
    if game.num_players == 2:
        return tables[0], tables[1]
    if any(np.abs(table - tables[0]).max() > 1e-6 for table in tables):
        raise InputError("paths: a path on which not all play alike has no place among responses to all alike")
    return tables[0][:-1], tables[0][1:]


def _alike(game: MatrixGame, points: Iterable[Equilibrium]) -> list[Equilibrium]:
    """Of more than two players, the points in which all play alike: the others have no place among such plays."""
    if game.num_players == 2:
        return list(points)
    return [p for p in points if all(np.abs(m - p.marginals[0]).max() < 1e-6 for m in p.marginals)]


def _answer(population: Population, belief: FloatArray, player: int) -> FloatArray:
    """What one of two plays (K, A) in answer to what it believes of the other (K, B)."""
    with np.errstate(divide="ignore"):
        return np.asarray(normalised(population.answer(np.log(belief)[:, None, :], player))[:, 0])


def _unit_square(ax: Any) -> None:
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.set_aspect("equal")


def _step(population: Population, play: FloatArray, player: int) -> FloatArray:
    """What `player` plays (K, A) after a round: of two, the other answers first; of more, all play `play`."""
    with np.errstate(divide="ignore"):
        logs = np.log(play)[:, None, :]
    if len(population.sizes) == 2:
        return np.asarray(normalised(population.answer(population.answer(logs, 1 - player), player))[:, 0])
    return np.asarray(normalised(population.round((logs,) * len(population.sizes))[player])[:, 0])


def _compressed(moves: FloatArray) -> FloatArray:
    """Arrows (K, d) in their direction, with the square root of their length: a step may cross everything."""
    length = np.linalg.norm(moves, axis=1, keepdims=True)
    return np.asarray(moves / np.maximum(length, 1e-300) * np.sqrt(length))


def _cobweb(
    population: Population, ax: Any, player: int, lines: list[FloatArray], points: list[Equilibrium], resolution: int
) -> Any:
    p = np.linspace(0.0, 1.0, max(201, resolution))
    after = _step(population, np.stack([p, 1.0 - p], axis=1), player)[:, 0]
    ax.plot([0, 1], [0, 1], color=COLOURS[6], linewidth=1.0, linestyle=DASHES[2])
    ax.plot(p, after, color=COLOURS[0], gid="curve")
    starts = np.linspace(0.0, 1.0, resolution)
    moves = _step(population, np.stack([starts, 1.0 - starts], axis=1), player)[:, 0] - starts
    ax.axhline(LEVEL, color=COLOURS[6], linewidth=0.8)
    ax.quiver(
        starts, np.full(resolution, LEVEL), _compressed(moves[:, None])[:, 0] * 0.14, np.zeros(resolution), angles="xy",
        scale_units="xy", scale=1.0, color=INK, alpha=0.8, width=0.006, headwidth=5, zorder=2, gid="flow",
    )  # fmt: skip
    for k, line in enumerate(lines):
        stairs = np.repeat(line[:, 0], 2)
        ax.plot(stairs[:-1], stairs[1:], color=COLOURS[1 + k % 3], linewidth=1.3, gid="path")
    for point in points:
        x = float(point.marginals[player][0])
        _dot(ax, x, x, point)
    name = short(population.game.actions[player][0])
    ax.set(xlabel=f"P({name}) now", ylabel=f"P({name}) a round later")
    _unit_square(ax)
    ax.set_ylim(2.0 * LEVEL, 1.02)
    return ax


def _dot(ax: Any, x: float, y: float, point: Equilibrium) -> None:
    face = COLOURS[0] if point.stable else PAPER
    edge = INK if point.stable else COLOURS[1]
    ax.plot(
        x, y, "o", markersize=12, markerfacecolor=face, markeredgecolor=edge, markeredgewidth=2, zorder=6,
        clip_on=False, gid="stable" if point.stable else "unstable",
    )  # fmt: skip


def _inside(actions: int, resolution: int) -> FloatArray:
    n = resolution - 1
    rows = [(i, j, n - i - j) for i in range(n + 1) for j in range(n + 1 - i)]
    table = np.array(rows, dtype=float) + 1e-3
    return np.asarray(table / table.sum(axis=1, keepdims=True))


CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(0.75)]])


def _plane(distributions: FloatArray) -> FloatArray:
    """Places in the triangle whose corners are the three pure actions."""
    return np.asarray(distributions @ CORNERS)


def _triangle(ax: Any, names: Sequence[str]) -> None:
    ax.plot(*CORNERS[[0, 1, 2, 0]].T, color=INK, linewidth=1.2, zorder=1)
    for k, (name, side, rise) in enumerate(zip(names, ("right", "left", "center"), (-0.03, -0.03, 0.04), strict=True)):
        x, y = CORNERS[k]
        ax.text(x + (-0.02, 0.02, 0.0)[k], y + rise, name, ha=side, va="top" if rise < 0 else "bottom", fontsize=16)
    ax.set_aspect("equal")
    ax.set_xlim(-0.12, 1.12)
    ax.set_ylim(-0.14, 1.0)
    ax.set_axis_off()


@styled
def basins(result: Basins, ax: Any) -> Any:
    """Where play ends from where it starts; where there is one end, how many rounds it takes.

    Ends are numbered as in `result.points`, and their places are marked: full where stable, else empty.

    Raises
    ------
    InputError
    """
    import matplotlib
    from matplotlib.colors import ListedColormap, LogNorm, Normalize

    game = result.game
    ends = sorted(set(result.endpoint.tolist()) - {-1})
    one = len(ends) <= 1
    scale: dict[str, Any]
    if one:
        values = np.where(result.rounds < 0, np.nan, np.maximum(result.rounds, 1)).astype(float)
        top = np.nanmax(values) if np.isfinite(values).any() else 1.0
        low = np.nanmin(values) if np.isfinite(values).any() else 1.0
        heat = matplotlib.colormaps[HEAT].with_extremes(bad=COLOURS[3])
        limits = low, max(top, low * 1.5)
        scale = {"cmap": heat, "norm": LogNorm(*limits)}
    else:
        values = result.endpoint.astype(float)
        pale = [_pale(k) for k in range(-1, len(result.points))]
        limits = -1.5, len(result.points) - 0.5
        scale = {"cmap": ListedColormap(pale), "norm": Normalize(*limits)}
    if result.kind == "line":
        return _line_of_starts(result, ax, ends)
    if result.kind == "square":
        n = result.resolution
        image = ax.pcolormesh(
            *np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n)), values.reshape(n, n).T, shading="nearest",
            rasterized=True, gid="starts", **scale,
        )  # fmt: skip
        names = [f"{who(game, i)} expects {short(game.actions[1 - i][0])}" for i in (0, 1)]
        ax.set(xlabel=f"P({names[0]})", ylabel=f"P({names[1]})", xlim=(0, 1), ylim=(0, 1))
        ax.set_aspect("equal")
        places = [(float(p.priors[0][0]), float(p.priors[1][0])) for p in result.points]
    else:
        image = _hexagons(result, ax, values, scale, limits)
        places = [tuple(_plane(_shown(result, p))) for p in result.points]
    for k, (point, (x, y)) in enumerate(zip(result.points, places, strict=True)):
        _dot(ax, x, y, point)
        if not one:
            ax.annotate(
                f"{k + 1}", (x, y), (9, 9), textcoords="offset points", fontsize=15, fontweight="bold", zorder=7,
                color="#1a1a1a", annotation_clip=False,
            )  # fmt: skip
    if one:
        if ends:
            _colour_bar(ax, image)
        if (result.rounds < 0).any():
            ax.legend(handles=[patch(f"more than {result.max_rounds}", COLOURS[3])], loc="upper left")
    else:
        handles = [patch(_ending(k), _pale(k)) for k in ends]
        if (result.endpoint < 0).any():
            handles.append(patch("none reached", _pale(-1)))
        ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def _ending(k: int) -> str:
    return f"ends at point {k + 1}"


def _pale(k: int) -> str:
    """Fillings that differ in how light they are as well."""
    return ("#4d4d4d", "#9ecae9", "#e07b39", "#d7e8c8", "#b289b8", "#fff1b8", "#7aa68f")[(k + 1) % 7 if k < 6 else 0]


def _shown(result: Basins, point: Equilibrium) -> FloatArray:
    """What varies along the starts, at a fixed point."""
    if result.game.num_players > 2:
        return np.asarray(point.marginals[0])
    return np.asarray(point.priors[result.player])


def _hexagons(result: Basins, ax: Any, values: FloatArray, scale: dict[str, Any], limits: Any) -> Any:
    from matplotlib.collections import PolyCollection
    from matplotlib.path import Path

    _triangle(ax, [short(label) for label in _varied(result)])
    radius = 1.02 / (result.resolution - 1) / math.sqrt(3.0)
    angles = np.pi / 6 + np.arange(6) * np.pi / 3
    corner = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    tiles: Any = _plane(result.starts)[:, None, :] + corner
    cells = PolyCollection(tiles, zorder=0, linewidths=0.4, edgecolors="face", gid="starts", **scale)
    cells.set_array(np.ma.masked_invalid(values))
    cells.set_clim(limits)
    ax.add_collection(cells)
    cells.set_clip_path(Path(CORNERS[[0, 1, 2, 0]]), ax.transData)
    return cells


def _line_of_starts(result: Basins, ax: Any, ends: list[int]) -> Any:
    """Rounds along a line of starts, with a shape for each end."""
    x = result.starts[:, 0]
    for k in [*ends, -1]:
        here = result.endpoint == k
        if here.any():
            rounds = np.where(result.rounds[here] < 0, result.max_rounds, np.maximum(result.rounds[here], 1))
            label = _ending(k) if k >= 0 else f"none within {result.max_rounds}"
            colour, shape = (COLOURS[k % 8], "osD^vP"[k % 6]) if k >= 0 else (COLOURS[6], "x")
            ax.plot(x[here], rounds, shape, color=colour, markersize=7, label=label, gid=f"end {k}")
    ax.set_yscale("log")
    plain_ticks(ax.yaxis, *ax.get_ylim())
    ax.set(xlabel=f"P({short(_varied(result)[0])}) at first", ylabel="rounds needed", xlim=(-0.02, 1.02))
    ax.legend(loc="best")
    return ax


def _varied(result: Basins) -> Sequence[str]:
    """The actions of the distribution that varies."""
    return result.game.actions[0 if result.game.num_players > 2 else 1 - result.player]


def _colour_bar(ax: Any, image: Any) -> None:
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.85, pad=0.03)
    bar.set_label("rounds needed")
    low, high = image.get_clim()
    plain_ticks(bar.ax.yaxis, low, high, most=6)


def drawable(game: Game) -> bool:
    """Whether a round acts on the simplex of the first player, and :func:`simplex` can draw it."""
    if not isinstance(game, MatrixGame) or game.num_actions[0] not in (2, 3) or game.num_players < 2:
        return False
    return game.num_players == 2 or is_symmetric(game)
