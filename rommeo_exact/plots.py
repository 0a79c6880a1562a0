"""Pictures of games and of self-play: each function draws one result on the axes that it is given, and returns them.

Matplotlib is imported when something is drawn, and only then. Colours are those of Okabe and Ito (2008), which people
with any colour vision tell apart, and none of them carries a meaning alone: lines differ in their dashes as well, and
points in their shapes, so that a picture in grey says the same.
"""

from __future__ import annotations

import functools
import io
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, ParamSpec

import numpy as np

from .checks import BoolArray, FloatArray, integer
from .errors import InputError, MissingPackageError
from .games.continuous import ContinuousGame
from .games.models import Game, MatrixGame
from .population import Basins, Equilibrium, SelfPlayBranches, SelfPlayEquilibria, SelfPlayPath
from .population.attraction import is_symmetric
from .population.rounds import Population
from .soft import normalised

__all__ = [
    "INK", "PAPER", "basins", "branches", "changing", "convergence", "drawable", "new", "of_branches", "of_play",
    "path", "payoffs", "simplex", "surface", "written",
]  # fmt: skip

INK, PAPER = "#1a1a1b", "#fffffe"
"""Of lines and letters, and of what is behind them: no other colour is equal to them, so a page may change them."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#6a6a6a", "#8a5a00")
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)))
CLASSES = (("stable", "-", COLOURS[0]), ("stable if averaged", (0, (6, 2, 1, 2)), COLOURS[2]),
           ("unstable", (0, (3, 2)), COLOURS[1]))  # fmt: skip
MARKERS = {"fold": "s", "pitchfork": "o", "crossing": "X"}
HEAT = "cividis"

MOST_ACTIONS = 8
"""Lines for each player in a picture of a path: its likeliest actions."""

MOST_CELLS = 400
"""Of a table of payoffs."""

STYLE: dict[str, Any] = {
    "font.size": 14.0, "axes.titlesize": 15.0, "axes.labelsize": 15.0, "xtick.labelsize": 13.0, "ytick.labelsize": 13.0,
    "legend.fontsize": 12.5, "figure.titlesize": 17.0, "lines.linewidth": 2.4, "axes.linewidth": 1.1,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "legend.frameon": False,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.facecolor": PAPER, "figure.facecolor": PAPER, "savefig.facecolor": PAPER, "savefig.dpi": 160,
    "svg.fonttype": "path", "svg.hashsalt": "rommeo_exact", "pdf.fonttype": 42, "axes.unicode_minus": True,
}  # fmt: skip


def new(rows: int = 1, columns: int = 1, *, width: float = 7.0, height: float = 4.8) -> tuple[Any, Any]:
    """A figure of rows x columns axes, each so many inches wide and high, with letters for a lecture hall.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : (rows, columns) array of matplotlib.axes.Axes

    Raises
    ------
    MissingPackageError
        If Matplotlib is not installed.
    """
    matplotlib = _matplotlib()
    with matplotlib.rc_context(STYLE):
        figure = matplotlib.figure.Figure(figsize=(width * columns, height * rows), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
        return figure, figure.subplots(rows, columns, squeeze=False)


def written(figure: Any, format: str) -> bytes:
    """The bytes of a figure's file, ``"png"``, ``"svg"`` or ``"pdf"``: the same figure gives the same bytes."""
    matplotlib = _matplotlib()
    stream = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    if format not in undated:
        raise InputError(f"format is {format!r}, not 'png', 'svg' or 'pdf'")
    with matplotlib.rc_context(STYLE):
        figure.savefig(stream, format=format, metadata=undated[format])
    return stream.getvalue()


def _matplotlib() -> Any:
    try:
        import matplotlib
        import matplotlib.figure
    except ImportError:
        raise MissingPackageError("plots", "matplotlib", "plots") from None
    return matplotlib


P = ParamSpec("P")


def styled(draw: Callable[P, Any]) -> Callable[P, Any]:
    """The function with Matplotlib at hand and :data:`STYLE` in force."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Any:
        with _matplotlib().rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn


# --- what is played for ---


@styled
def surface(
    game: ContinuousGame, ax: Any, actions: Any = None, player: int = 0, levels: Sequence[float] | None = None,
    limits: Sequence[float] | None = None,
) -> Any:  # fmt: skip
    """A player's reward over the joint actions of two, as contours, and what was played, coloured by step.

    Parameters
    ----------
    game : ContinuousGame
        Of one state and two players with one number each.
    ax : matplotlib.axes.Axes
    actions : (..., 2) array, optional
        Joint actions in the order in which they were played. The first is a star, the mean of the last twentieth a
        disc.
    player : int
        Whose reward.
    levels : sequence of numbers, optional
        Of the contours; by default twelve, denser near the greatest reward.
    limits : (low, high), optional
        Of both axes; by default the box.

    Raises
    ------
    InputError
    """
    if game.sizes != (1, 1) or game.state_size:
        raise InputError(f"{game.name}: a surface needs two players with one number each, and one state")
    integer(player, "player", low=0, high=2)
    across, up = (
        (float(game.low[i][0]), float(game.high[i][0])) if limits is None else (limits[0], limits[1]) for i in (0, 1)
    )
    a, b = (np.linspace(ends[0], ends[1], 241) for ends in (across, up))
    height = game.rewards(np.stack(np.meshgrid(a, b), axis=-1))[..., player]
    top = float(height.max())
    if levels is None:
        span = top - float(height.min())
        levels = sorted({top - span * (k / 12.0) ** 2 for k in range(1, 12)})
    lines = ax.contour(a, b, height, levels=sorted(levels), colors=COLOURS[6], linewidths=1.0, linestyles="-")
    ax.clabel(lines, fontsize=10, fmt=lambda x: f"{x:.0f}".replace("-", "−"), inline_spacing=2)
    if actions is not None:
        steps = np.asarray(actions, dtype=float).reshape(-1, 2)
        dots = ax.scatter(*steps.T, c=np.arange(1, len(steps) + 1), cmap=HEAT, s=9, linewidths=0, zorder=3, gid="steps")
        ax.figure.colorbar(dots, ax=ax, shrink=0.85, pad=0.03).set_label("step")
        last = steps[-max(1, len(steps) // 20) :].mean(axis=0)
        ax.plot(*steps[0], marker="*", markersize=17, color=COLOURS[1], markeredgecolor=PAPER, zorder=5, gid="start")
        ax.plot(*last, marker="o", markersize=11, color=COLOURS[1], markeredgecolor=PAPER, zorder=5, gid="end")
    ax.set(xlabel="$a^1$", ylabel="$a^2$", xlim=across, ylim=up, aspect="equal")
    return ax


@styled
def payoffs(game: Game, ax: Any, policies: Sequence[Any] | None = None) -> Any:
    """The table of payoffs, and how often each profile is played as the darkness of its cell.

    Parameters
    ----------
    game : MatrixGame
        Rows are player 1's actions, columns the joint actions of the others.
    ax : matplotlib.axes.Axes
    policies : sequence of (A_i,) arrays, optional
        What everyone plays, independently. Without it all cells are alike.

    Raises
    ------
    InputError
    """
    if not isinstance(game, MatrixGame):
        raise InputError(f"game must be a MatrixGame, not {type(game).__name__}: each state has a table of its own")
    rows = game.num_actions[0]
    columns = math.prod(game.num_actions[1:])
    if rows * columns > MOST_CELLS:
        raise InputError(f"game has {rows * columns} profiles, more than a table of {MOST_CELLS} cells can show")
    play = np.zeros((rows, columns))
    if policies is not None:
        play = _joint(game, policies)
    tables = game.payoffs.reshape(game.num_players, rows, columns)
    shown = tables[:1] if np.array_equal(tables, np.broadcast_to(tables[:1], tables.shape)) else tables
    ax.imshow(play, cmap="Blues", vmin=0.0, vmax=1.15, aspect="auto")
    between = ", " if len(shown) < 3 else "\n"  # of many players one below the other
    numbers = [[[f"{x:.4g}".replace("-", "−") for x in cell] for cell in row] for row in shown.transpose(1, 2, 0)]
    texts = [[between.join(cell) for cell in row] for row in numbers]
    lines = [line for row in texts for text in row for line in text.split("\n")]
    place, (wide, high) = ax.get_position(), ax.figure.get_size_inches()
    room = 72.0 * wide * place.width / columns, 72.0 * high * place.height / rows  # of a cell, in points
    tall = 1.0 if len(shown) < 3 else len(shown)
    size = max(3.0, min(18.0, room[0] / (0.7 * max(map(len, lines))), 0.5 * room[1] / (0.5 + 0.5 * tall)))
    for a, b in itertools.product(range(rows), range(columns)):
        colour = "white" if play[a, b] > 0.55 else "#1a1a1a"
        ax.text(b, a, texts[a][b], ha="center", va="center", fontsize=size, color=colour)
    ax.set_xticks(range(columns), [_short(", ".join(x)) for x in itertools.product(*game.actions[1:])])
    ax.set_yticks(range(rows), [_short(x) for x in game.actions[0]])
    if columns > 6:
        ax.tick_params(axis="x", rotation=60)
    others = ", ".join(_who(game, i) for i in range(1, game.num_players))
    ax.set(xlabel=others or "alone", ylabel=_who(game, 0))
    ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#4a4a4a", linewidth=0.8)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(True)
    return ax


def _joint(game: MatrixGame, policies: Sequence[Any]) -> FloatArray:
    if len(policies) != game.num_players:
        raise InputError(f"policies must hold {game.num_players} distributions, one for each player")
    joint: FloatArray = np.ones((1, 1))
    for i, (policy, size) in enumerate(zip(policies, game.num_actions, strict=True)):
        if np.shape(policy) != (size,):
            raise InputError(f"policies[player={i}] must have shape ({size},), not {np.shape(policy)}")
        joint = joint[..., None] * np.asarray(policy)
    return joint.reshape(game.num_actions[0], -1)


# --- along the temperature ---


@styled
def branches(
    found: SelfPlayBranches, ax: Any, player: int = 0, action: int = 0,
    quantity: Literal["probability", "expected_return"] = "probability", state: int = 0,
) -> Any:  # fmt: skip
    """Fixed points along the temperature: lines that are solid where play is stable, and dashed where it is not.

    Dashes and dots are between: stable under averaged play with small steps, not where all answer at once. Events are
    marked, and named above the axes.

    Parameters
    ----------
    found : SelfPlayBranches
    ax : matplotlib.axes.Axes
    player, action, state : int
        Whose probability of what, and where.
    quantity : {"probability", "expected_return"}

    Raises
    ------
    InputError
    """
    game = found.game
    integer(player, "player", low=0, high=game.num_players)
    integer(action, "action", low=0, high=game.num_actions[player])
    if quantity not in ("probability", "expected_return"):
        raise InputError(f"quantity is {quantity!r}, not 'probability' or 'expected_return'")
    stateless = isinstance(game, MatrixGame)
    integer(state, "state", low=0, high=1 if stateless else game.num_states)  # type: ignore[union-attr]
    used = set()
    curves = []
    for branch in found:
        table = branch.marginals[player]
        y = table[:, action] if stateless else table[:, state, action]
        if quantity == "expected_return":
            y = branch.expected_returns[:, player]
        y = np.where(branch.resolved, y, np.nan)
        curves.append(y)
        for kind, run in _runs(branch.stable, branch.stable_averaged):
            _, dash, colour = CLASSES[kind]
            used.add(kind)
            mark = "" if len(branch) > 1 else "o"
            ax.plot(branch.alphas[run], y[run], linestyle=dash, color=colour, marker=mark, gid=f"class {kind}")
    for event in found.events:
        branch, y = found.branches[event.branch], curves[event.branch]
        marginal = event.marginals[player]
        height = marginal[action] if stateless else marginal[state, action]
        if quantity == "expected_return":
            height = y[int(np.argmin(np.abs(np.log(branch.alphas) - math.log(event.low))))]
        ax.plot(event.low, height, MARKERS[event.kind], color=INK, markersize=9, zorder=5, gid="event")
    ax.set_xscale("log")
    _plain_ticks(ax.xaxis, *ax.get_xlim())
    at = "" if stateless else f" in {_state(game, state)}"
    who = _who(game, player)
    if quantity == "probability":
        ax.set_ylim(-0.03, 1.03)
        ax.set_ylabel(f"P({who} plays {_short(game.actions[player][action])}{at})")
    else:
        ax.set_ylabel(f"what {who} earns")
    ax.set_xlabel("temperature α" + (" (β = α)" if callable(found.beta) else ""))
    _name_events(found, ax)
    handles = [legend_line(label, dash, colour) for k, (label, dash, colour) in enumerate(CLASSES) if k in used]
    ax.legend(handles=handles, loc="best", handlelength=3.2)
    return ax


def _runs(stable: BoolArray, averaged: BoolArray) -> Iterator[tuple[int, slice]]:
    """The stretches of a branch that are of one class, each with the first point of the next, so that they join."""
    classes = np.where(stable, 0, np.where(averaged, 1, 2))
    starts = [0, *(np.flatnonzero(np.diff(classes)) + 1).tolist()]
    for start, stop in zip(starts, [*starts[1:], len(classes)], strict=True):
        yield int(classes[start]), slice(start, min(stop + 1, len(classes)))


def _name_events(found: SelfPlayBranches, ax: Any) -> None:
    """Names above the axes, one for all events that would be on top of each other."""
    if not found.events:
        return
    low, high = (f(f(b.alphas) for b in found) for f in (min, max))
    width = math.log(high / low) or 1.0
    groups: list[list[Any]] = []
    for event in sorted(found.events, key=lambda event: event.low):
        if groups and math.log(event.low / groups[-1][0].low) < 0.22 * width:
            groups[-1].append(event)
        else:
            groups.append([event])
    for group in groups:
        for event in group:
            ax.axvline(event.low, color=INK, linewidth=0.8, linestyle=":", zorder=0)
        first, last = f"{group[0].low:.4g}", f"{group[-1].low:.4g}"
        where = first if first == last else f"{first}, {last}" if len(group) == 2 else f"{first} to {last}"
        kinds = [event.kind for event in group]
        counts = [f"{kinds.count(k)} {_plural(k)}" if kinds.count(k) > 1 else k for k in MARKERS if k in kinds]
        middle = math.sqrt(group[0].low * group[-1].low)
        place = math.log(middle / low) / width
        side = "left" if place < 0.12 else "right" if place > 0.88 else "center"
        ax.annotate(
            f"{', '.join(counts)}\nα = {where}", (middle, 1.0), (0, 4), xycoords=ax.get_xaxis_transform(),
            textcoords="offset points", ha=side, va="bottom", fontsize=12, annotation_clip=False, gid="event name",
        )  # fmt: skip


def _plural(kind: str) -> str:
    return f"{kind}s"


def _plain_ticks(axis: Any, low: float, high: float, most: int = 8) -> None:
    """Numbers such as 0.5, 1, 2 on a logarithmic axis, not powers of ten."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{k}e{e}") for e in exponents for k in steps if low <= float(f"{k}e{e}") <= high]
        if len(ticks) <= most:
            break
    while len(ticks) > most:
        ticks = ticks[::2]
    if len(ticks) < 2:
        whole = high - low >= 2.0 and low >= 1.0
        some = (math.ceil(low), round(math.sqrt(low * high)), math.floor(high)) if whole else (low, high)
        ticks = sorted({float(f"{x:.3g}") for x in some})
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.4g}"))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


# --- round by round ---


@styled
def path(played: SelfPlayPath, ax: Any, state: int = 0) -> Any:
    """What everyone plays, round by round: a colour and a shape for each action, a kind of dashes for each player.

    Of more than eight actions the likeliest are drawn.

    Raises
    ------
    InputError
    """
    game = played.population.game
    integer(state, "state", low=0, high=played.population.states)
    from matplotlib.ticker import MaxNLocator

    shown: dict[str, int] = {}
    long = played.rounds > 200
    every: Any = max(1, played.rounds // 12)
    if long:
        every = [0, *np.unique(np.geomspace(1, played.rounds, 12).astype(int)).tolist()]
    rounds = np.arange(played.rounds + 1)
    for i, table in enumerate(played.marginals):
        chances = table if played.population.stateless else table[:, state]
        kept = np.sort(np.argsort(-chances.max(axis=0), kind="stable")[:MOST_ACTIONS])
        for a in kept:
            label = game.actions[i][a]
            k = shown.setdefault(label, len(shown))
            ax.plot(
                rounds, chances[:, a], color=COLOURS[k % len(COLOURS)], linestyle=DASHES[i % len(DASHES)],
                marker="osD^v<>P"[k % 8], markersize=5.5, markevery=every, alpha=0.9,
                gid=f"player {i}, action {a}",
            )  # fmt: skip
    if long:
        ax.set_xscale("symlog", linthresh=10, linscale=0.8)
        ax.set_xlim(0, played.rounds * 1.05)
    else:
        ax.set_xlim(-0.03 * max(played.rounds, 1), 1.03 * max(played.rounds, 1))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="round", ylabel="probability", ylim=(-0.03, 1.03))
    handles = [
        legend_line(_short(label), "-", COLOURS[k % len(COLOURS)], marker="osD^v<>P"[k % 8])
        for label, k in shown.items()
    ]
    if game.num_players > 1:
        handles += [legend_line(_who(game, i), DASHES[i % len(DASHES)], INK) for i in range(game.num_players)]
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=2.8)
    return ax


@styled
def convergence(path_or_residuals: Any, ax: Any, bound: float | None = None, rate: float | None = None) -> Any:
    """How far the priors are from what the others play, round by round, in decades.

    Parameters
    ----------
    path_or_residuals : SelfPlayPath, or (T + 1,) array
        Residuals of 0, and infinite ones, have no place on the axis.
    ax : matplotlib.axes.Axes
    bound : float, optional
        By what a theorem says that a round shrinks distances at least.
    rate : float, optional
        By what small distances shrink in the long run: a spectral radius.

    Raises
    ------
    InputError
    """
    residuals = np.asarray(getattr(path_or_residuals, "residuals", path_or_residuals), dtype=float)
    if residuals.ndim != 1 or not residuals.size:
        raise InputError(f"residuals must have one axis, not shape {residuals.shape}")
    from matplotlib.ticker import MaxNLocator

    rounds = np.arange(len(residuals))
    good = np.isfinite(residuals) & (residuals > 0.0)
    ax.set_yscale("log")
    mark = "o" if len(rounds) <= 100 else ""
    ax.plot(
        rounds[good], residuals[good], marker=mark, color=COLOURS[0], markersize=4.5, label="residual", gid="residual"
    )
    lines = [("theorem", bound, COLOURS[2], DASHES[2]), ("in the long run", rate, COLOURS[1], DASHES[1])]
    floor = max(residuals[good].min(), 1e-300) if good.any() else 1.0
    for what, factor, colour, dash in lines:
        if factor is None or not 0.0 < factor < 1.0 or not good.any():
            continue
        start = 0 if what == "theorem" else _straight(residuals, good, factor)
        first = int(np.flatnonzero(good)[0]) if what == "theorem" else start
        y = residuals[first] * factor ** (rounds[first:] - first)
        kept = y >= floor * 1e-2
        label = f"{what}: × {factor:.3g} a round"
        ax.plot(rounds[first:][kept], y[kept], linestyle=dash, color=colour, label=label, gid=what)
    ax.set_xlim(-0.03 * max(rounds[-1], 1), 1.03 * max(rounds[-1], 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if not good.any():
        ax.text(0.5, 0.5, "no residual above 0", transform=ax.transAxes, ha="center", fontsize=14)
        ax.set_yticks([])
    ax.set(xlabel="round", ylabel="residual (Hilbert's metric)")
    ax.legend(loc="best", handlelength=2.8)
    return ax


def _straight(residuals: FloatArray, good: BoolArray, factor: float) -> int:
    """The round from which a line of the long run's slope is nearest to the last residuals above rounding."""
    above = np.flatnonzero(good & (residuals > 1e-11))
    return int(above[len(above) // 2]) if above.size else int(np.flatnonzero(good)[0])


# --- where play goes ---


@styled
def simplex(
    game: Game, ax: Any, alpha: Any = 1.0, beta: Any = 1.0, *, player: int = 0, paths: Iterable[Any] = (),
    points: Iterable[Equilibrium] = (), resolution: int = 13,
) -> Any:  # fmt: skip
    """What one round does to what a player plays: arrows on a triangle for three actions, a curve for two.

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
    if game.num_players != 2 and not is_symmetric(game):
        raise InputError(f"{game.num_players} players must be interchangeable, and these are not")
    lines = [np.asarray(x.marginals[player] if isinstance(x, SelfPlayPath) else x) for x in paths]
    if game.num_actions[player] == 2:
        return _cobweb(population, ax, player, lines, list(points), resolution)
    starts = _inside(3, resolution)
    ends = _step(population, starts, player)
    _triangle(ax, [_short(label) for label in game.actions[player]])
    x, dx = _plane(starts), _plane(ends) - _plane(starts)
    length = np.linalg.norm(dx, axis=1, keepdims=True)
    # direction as it is, length compressed: a step may cross the triangle
    shown = dx / np.maximum(length, 1e-300) * np.sqrt(length) * 0.09
    ax.quiver(
        *x.T, *shown.T, angles="xy", scale_units="xy", scale=1.0, color=INK, alpha=0.6, width=0.004, headwidth=4.5,
        zorder=2, gid="flow",
    )  # fmt: skip
    for k, line in enumerate(lines):
        ax.plot(*_plane(line).T, "-o", color=COLOURS[(1 + k) % len(COLOURS)], markersize=4, zorder=3, gid="path")
    for point in points:
        x, y = _plane(np.asarray(point.marginals[player]))
        _dot(ax, x, y, point)
    return ax


def _step(population: Population, play: FloatArray, player: int) -> FloatArray:
    """What `player` plays (K, A) after a round: of two, the other answers first; of more, all play `play`."""
    with np.errstate(divide="ignore"):
        logs = np.log(play)[:, None, :]
    if len(population.sizes) == 2:
        return np.asarray(normalised(population.answer(population.answer(logs, 1 - player), player))[:, 0])
    return np.asarray(normalised(population.round((logs,) * len(population.sizes))[player])[:, 0])


def _cobweb(
    population: Population, ax: Any, player: int, lines: list[FloatArray], points: list[Equilibrium], resolution: int
) -> Any:
    p = np.linspace(0.0, 1.0, max(201, resolution))
    after = _step(population, np.stack([p, 1.0 - p], axis=1), player)[:, 0]
    ax.plot([0, 1], [0, 1], color=COLOURS[6], linewidth=1.0, linestyle=DASHES[2])
    ax.plot(p, after, color=COLOURS[0], gid="flow")
    for k, line in enumerate(lines):
        stairs = np.repeat(line[:, 0], 2)
        ax.plot(stairs[:-1], stairs[1:], color=COLOURS[1 + k % 3], linewidth=1.3, gid="path")
    for point in points:
        x = float(point.marginals[player][0])
        _dot(ax, x, x, point)
    name = _short(population.game.actions[player][0])
    ax.set(xlabel=f"P({name}) now", ylabel=f"P({name}) a round later", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.set_aspect("equal")
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
        names = [f"{_who(game, i)} expects {_short(game.actions[1 - i][0])}" for i in (0, 1)]
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
            ax.legend(handles=[_patch(f"more than {result.max_rounds}", COLOURS[3])], loc="upper left")
    else:
        handles = [_patch(_ending(k), _pale(k)) for k in ends]
        if (result.endpoint < 0).any():
            handles.append(_patch("none reached", _pale(-1)))
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

    _triangle(ax, [_short(label) for label in _varied(result)])
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
    _plain_ticks(ax.yaxis, *ax.get_ylim())
    ax.set(xlabel=f"P({_short(_varied(result)[0])}) at first", ylabel="rounds needed", xlim=(-0.02, 1.02))
    ax.legend(loc="best")
    return ax


def _varied(result: Basins) -> Sequence[str]:
    """The actions of the distribution that varies."""
    return result.game.actions[0 if result.game.num_players > 2 else 1 - result.player]


def _colour_bar(ax: Any, image: Any) -> None:
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.85, pad=0.03)
    bar.set_label("rounds needed")
    low, high = image.get_clim()
    _plain_ticks(bar.ax.yaxis, low, high, most=6)


# --- several at once ---


def of_play(game: Game, found: SelfPlayEquilibria, played: SelfPlayPath, rate: float | None = None) -> Any:
    """A figure of a path, how fast it settles, and, where that can be drawn, what one round does to a play.

    Raises
    ------
    MissingPackageError
    """
    triangle = drawable(game)
    figure, axes = new(1, 3 if triangle else 2)
    path(played, axes[0, 0])
    convergence(played, axes[0, 1], rate=rate)
    if triangle:
        simplex(game, axes[0, 2], found.alpha, found.beta, paths=[played], points=found.points)
        axes[0, 2].set_title(f"what a round does to {_who(game, 0)}")
    return figure


def drawable(game: Game) -> bool:
    """Whether a round acts on the simplex of the first player, and :func:`simplex` can draw it."""
    if not isinstance(game, MatrixGame) or game.num_actions[0] not in (2, 3) or game.num_players < 2:
        return False
    return game.num_players == 2 or is_symmetric(game)


def of_branches(found: SelfPlayBranches) -> Any:
    """A figure of the first player's play along the temperature, and of what it earns.

    The action, and the state, are those in which its play differs most.

    Raises
    ------
    MissingPackageError
    """
    figure, axes = new(1, 2)
    branches(found, axes[0, 0], **changing(found))
    branches(found, axes[0, 1], quantity="expected_return")
    return figure


def changing(found: SelfPlayBranches) -> dict[str, Any]:
    """The state and the action in which the first player's play differs most along the branches."""
    tables = np.concatenate([branch.marginals[0].reshape(len(branch), -1) for branch in found])
    state, action = divmod(int(np.argmax(np.ptp(tables, axis=0).round(9))), found.game.num_actions[0])
    return {"state": state, "action": action}


# --- words and handles ---


def _who(game: Game, i: int) -> str:
    name = game.players[i]
    return f"player {name}" if name.isdecimal() else _short(name)


def _state(game: Any, s: int) -> str:
    return f"s={s}" if game.states is None else _short(game.states[s])


def _short(text: str, limit: int = 18) -> str:
    """A label on one line, with nothing that Matplotlib would take for mathematics."""
    text = "".join(c if c.isprintable() else " " for c in text)
    text = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return text.replace("$", r"\$")


def legend_line(label: str, dash: Any, colour: str, marker: str = "") -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle=dash, color=colour, label=label, marker=marker, linewidth=2.4, markersize=5.5)


def _patch(label: str, colour: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor=INK, label=label, linewidth=0.8)
