"""Fixed points along the temperature, paths round by round, and how fast they, or a solver, settle."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from ..checks import BoolArray, FloatArray, integer
from ..errors import InputError
from ..evaluation import Improvement
from ..games.models import MatrixGame
from ..population import SelfPlayBranches, SelfPlayPath
from ..solvers import Solution
from .style import COLOURS, DASHES, INK, SHAPES, legend_line, plain_ticks, short, state_name, styled, who

__all__ = ["MOST_ACTIONS", "branches", "changing", "convergence", "path"]

MOST_ACTIONS = 8
"""Lines for each player in a picture of a path: its likeliest actions."""

CLASSES = (("stable", "-", COLOURS[0]), ("stable if averaged", (0, (6, 2, 1, 2)), COLOURS[2]),
           ("unstable", (0, (3, 2)), COLOURS[1]))  # fmt: skip
MARKERS = {"fold": "s", "pitchfork": "o", "crossing": "X"}


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
    plain_ticks(ax.xaxis, *ax.get_xlim())
    at = "" if stateless else f" in {state_name(game, state)}"
    name = who(game, player)
    if quantity == "probability":
        ax.set_ylim(-0.03, 1.03)
        ax.set_ylabel(f"P({name} plays {short(game.actions[player][action])}{at})")
    else:
        ax.set_ylabel(f"what {name} earns")
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
                marker=SHAPES[k % 8], markersize=5.5, markevery=every, alpha=0.9,
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
        legend_line(short(label), "-", COLOURS[k % len(COLOURS)], marker=SHAPES[k % 8]) for label, k in shown.items()
    ]
    if game.num_players > 1:
        handles += [legend_line(who(game, i), DASHES[i % len(DASHES)], INK) for i in range(game.num_players)]
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=2.8)
    return ax


@styled
def convergence(result: Any, ax: Any, bound: Any = None, rate: float | None = None, *, errors: Any = None) -> Any:
    """How fast self-play, or a solver, settles: residuals, errors and bounds on them by round, in decades.

    Parameters
    ----------
    result : SelfPlayPath, Solution, Improvement or (T,) array
        Of a path, or of an array, the residuals: how far the priors are from what the others play. Of a solution the
        residuals, and by each iteration's bound how far its value may be from V*; of an improvement that bound. Zeros,
        and infinite numbers, have no place on the axis.
    ax : matplotlib.axes.Axes
    bound : float or (T,) array, optional
        By what a theorem says that a round shrinks distances at least: a line from the first of the errors, or bounds,
        or residuals; or what errors are bounded by, round by round.
    rate : float, optional
        By what small distances shrink in the long run: a spectral radius.
    errors : (T,) array, optional
        The true errors, where they are known.

    Raises
    ------
    InputError
    """
    lines = _settling(result)
    if errors is not None:
        lines["error"] = _one_axis(errors, "errors")
    if bound is not None and np.ndim(bound):
        lines["bound"] = _one_axis(bound, "bound")
        bound = None
    from matplotlib.ticker import MaxNLocator

    looks: dict[str, tuple[str, Any, str]] = {
        "residual": (COLOURS[0], "-", "o"), "error": (COLOURS[1], DASHES[3], "D"),
        "bound": (COLOURS[2], DASHES[1], "s"),
    }  # fmt: skip
    good = {name: np.isfinite(y) & (y > 0.0) for name, y in lines.items()}
    last = max(max(len(y) for y in lines.values()) - 1, 1)
    ax.set_yscale("log")
    for name, y in lines.items():
        colour, dash, mark = looks[name]
        shown = np.flatnonzero(good[name])
        every = max(1, len(shown) // 25)
        ax.plot(
            shown, y[shown], linestyle=dash, marker=mark, color=colour, markersize=5.5, markevery=every,
            label={"bound": "bound on the error"}.get(name, name), gid=name,
        )  # fmt: skip
    first = next((name for name in ("error", "bound", "residual") if name in lines and good[name].any()), None)
    if first is not None:
        y, kept = lines[first], good[first]
        floor = max(min(y[kept].min() for name, y in lines.items() if (kept := good[name]).any()), 1e-300)
        y, kept = lines[first], good[first]
        slopes = [("theorem", bound, COLOURS[6], DASHES[2]), ("in the long run", rate, COLOURS[3], DASHES[3])]
        for what, factor, colour, dash in slopes:
            if factor is None or not 0.0 < factor < 1.0:
                continue
            start = int(np.flatnonzero(kept)[0]) if what == "theorem" else _straight(y, kept)
            rounds = np.arange(start, last + 1)
            slope = y[start] * factor ** (rounds - start)
            here = slope >= floor * 1e-2
            label = f"{what}: × {factor:.3g} a round"
            ax.plot(rounds[here], slope[here], linestyle=dash, color=colour, label=label, gid=what)
    else:
        ax.text(0.5, 0.5, "no residual above 0", transform=ax.transAxes, ha="center", fontsize=14)
        ax.set_yticks([])
    ax.set_xlim(-0.03 * last, 1.03 * last)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel=_rounds_of(result), ylabel=_distance_of(result, lines))
    ax.legend(loc="best", handlelength=2.8)
    return ax


def _settling(result: Any) -> dict[str, FloatArray]:
    """What a result says of each of its rounds, under the names of lines."""
    if isinstance(result, Solution):
        steps = {"residual": [s.residual for s in result.history], "bound": [s.error_bound for s in result.history]}
        return {name: np.array(y) for name, y in steps.items()}
    if isinstance(result, Improvement):
        return {"bound": np.asarray(result.bounds)}
    return {"residual": _one_axis(getattr(result, "residuals", result), "residuals")}


def _rounds_of(result: Any) -> str:
    return "iteration" if isinstance(result, (Solution, Improvement)) else "round"


def _distance_of(result: Any, lines: dict[str, FloatArray]) -> str:
    if isinstance(result, (Solution, Improvement)):
        return "error of the value"
    if len(lines) > 1:
        return "distance"
    return "residual (Hilbert's metric)"


def _one_axis(values: Any, name: str) -> FloatArray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not array.size:
        raise InputError(f"{name} must have one axis, not shape {array.shape}")
    return array


def _straight(residuals: FloatArray, good: BoolArray) -> int:
    """The round from which a line of the long run's slope is nearest to the last residuals above rounding."""
    above = np.flatnonzero(good & (residuals > 1e-11))
    return int(above[len(above) // 2]) if above.size else int(np.flatnonzero(good)[0])


def changing(found: SelfPlayBranches) -> dict[str, Any]:
    """The state and the action in which the first player's play differs most along the branches."""
    tables = np.concatenate([branch.marginals[0].reshape(len(branch), -1) for branch in found])
    state, action = divmod(int(np.argmax(np.ptp(tables, axis=0).round(9))), found.game.num_actions[0])
    return {"state": state, "action": action}
