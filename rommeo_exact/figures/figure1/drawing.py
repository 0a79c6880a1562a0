"""Pictures of what :mod:`~.curves` and :mod:`~.sensitivity` found, beside the values read off the paper."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ... import plots
from ...learners import CrossPlay
from ...plots import styled
from ...plots.training import curve_band, episode_ticks
from ..marks import learners_legend, paper_column
from .curves import Figure1, OneRun
from .published import CURVES, EPISODES, LEARNERS, ONE_RUN, PROBABILITY_ERROR, TIME_ERROR
from .sensitivity import SHORT, Scan, Sensitivity
from .settings import FAMILIES

__all__ = ["draw", "draw_cross_play", "draw_sensitivity"]

WINDOW = 10
"""Episodes of the running mean in 1a."""

LOOKS: dict[str, tuple[str, Any, str]] = {
    learner: (colour, dash, marker)
    for learner, colour, dash, marker in zip(
        LEARNERS, (plots.COLOURS[k] for k in (1, 0, 2, 5, 4, 3)),
        ("-", (0, (6, 2)), (0, (5, 2, 1, 2)), (0, (1, 1.2)), (0, (3, 1.5)), (0, (6, 2, 1, 2, 1, 2))), "osD^vP",
        strict=True,
    )
}  # fmt: skip
"""Colour, dashes and marker of each learner."""

RUN_LOOKS: tuple[tuple[str, str, int, str, Any, str], ...] = (
    ("ρ¹", "rho", 0, plots.COLOURS[2], "-", "o"), ("ρ²", "rho", 1, plots.COLOURS[1], (0, (6, 1.5)), "s"),
    ("π¹", "pi", 0, plots.COLOURS[0], (0, (1, 1.2)), "^"), ("π²", "pi", 1, plots.COLOURS[5], (0, (3, 1.5)), "D"),
)  # fmt: skip


@styled
def draw(result: Figure1) -> Any:
    """Figures 1a, 1b and 1c, a row for each family of settings; marks are the paper's values, with reading errors.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingPackageError
    """
    figure, axes = plots.new(len(result.families), 3, width=7.6, height=5.6)
    for row, (family, one) in enumerate(zip(result.families, result.one_runs, strict=True)):
        _curves(result, family, "reward", axes[row, 0])
        _curves(result, family, "optimum", axes[row, 1])
        _one_run(one, axes[row, 2])
        axes[row, 0].set_title(f"1a: reward, {FAMILIES[family]}", loc="left")
        axes[row, 1].set_title("1b: P(A, A)", loc="left")
        which = f"run {one.run + 1} of {result.runs}" if one.run >= 0 else "a run"
        axes[row, 2].set_title(f"1c: ROMMEO-Q, {which}", loc="left")
    learners_legend(figure, LOOKS, fontsize=17)
    return figure


def _curves(result: Figure1, family: str, quantity: Literal["reward", "optimum"], ax: Any) -> None:
    for k, learner in enumerate(LEARNERS):
        found = result.find(learner, family)
        if found is None:
            continue
        colour, _, marker = LOOKS[learner]
        mean, half = found[0].band(quantity, WINDOW if quantity == "reward" else 1)
        curve_band(ax, mean, half, LOOKS[learner], 6 + 5 * k)
        for reading in CURVES[learner].readings:
            if reading.quantity != quantity or reading.episode > result.episodes:
                continue
            end = reading.episode == EPISODES
            place = reading.episode + (9 + 8 * k) * (result.episodes / EPISODES) if end else reading.episode
            ax.errorbar(
                place, reading.value, yerr=reading.error, xerr=None if end else TIME_ERROR, color=colour,
                marker=marker if end else "x", markersize=7.5, markerfacecolor=plots.PAPER, markeredgewidth=2,
                elinewidth=1.6, capsize=3, zorder=6, clip_on=False,
            )  # fmt: skip
    ax.set(xlabel="episode", xlim=(0, 1.2 * result.episodes))
    ax.set_ylabel(f"mean reward of {WINDOW} episodes" if quantity == "reward" else "probability of (A, A)")
    ax.set_ylim((-31.0, 13.0) if quantity == "reward" else (-0.06, 1.06))
    episode_ticks(ax, result.episodes)
    if result.episodes >= EPISODES - TIME_ERROR:
        paper_column(ax, result.episodes)


def _one_run(one: OneRun, ax: Any) -> None:
    length = len(one.policies)
    episodes = np.arange(1, length + 1)
    for k, (name, kind, i, colour, dash, marker) in enumerate(RUN_LOOKS):
        table = one.models if kind == "rho" else one.policies
        label = f"{name}, model of {'πρ'[0]}{'²¹'[i]}" if kind == "rho" else f"{name}, policy"
        ax.plot(
            episodes, table[:, i], linestyle=dash, color=colour, marker=marker, markersize=6.5,
            markevery=(8 + 9 * k, max(1, length // 6)), label=label,
        )  # fmt: skip
    for kind, fill in (("rho", plots.INK), ("pi", plots.PAPER)):
        shown = False
        for episode, value in ONE_RUN[kind]:
            if episode > length:
                continue
            ax.errorbar(
                episode + (4 if kind == "pi" else -4 if episode < length else 0), value, yerr=PROBABILITY_ERROR,
                xerr=TIME_ERROR, color=plots.INK, marker="X", markersize=8, markerfacecolor=fill, elinewidth=1.3,
                capsize=3, linestyle="none", zorder=6, label=None if shown else f"paper, {'ρπ'[kind == 'pi']}",
            )  # fmt: skip
            shown = True
    ax.set(xlabel="episode", ylabel="probability of A", xlim=(0, 1.06 * length), ylim=(-0.06, 1.06))
    episode_ticks(ax, length)
    ax.legend(loc="center right", handlelength=3.2, fontsize=13)


@styled
def draw_cross_play(tables: dict[str, tuple[tuple[str, ...], CrossPlay]]) -> Any:
    """What the learner of the row earns with that of the column, a heat map for each family of settings.

    Parameters
    ----------
    tables : dict
        By family, what :func:`~.curves.pairings` returns.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingPackageError
    """
    figure, axes = plots.new(1, len(tables), width=9.0, height=7.0)
    image = None
    for ax, (family, (names, played)) in zip(axes[0], tables.items(), strict=True):
        mean = played.mean
        image = ax.imshow(mean, cmap=plots.HEAT, vmin=-30.0, vmax=11.0, aspect="auto")
        for i, j in np.ndindex(mean.shape):
            text = f"{mean[i, j]:.1f}".replace("-", "−")
            colour = "#ffffff" if mean[i, j] < -13.0 else "#1a1a1a"
            ax.text(j, i, text, ha="center", va="center", fontsize=16, color=colour)
        ax.set_xticks(range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(len(names)), names)
        ax.set(xlabel="second player", ylabel="first player")
        ax.set_title(f"reward of both, {FAMILIES[family]}")
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=list(axes[0]), shrink=0.85, pad=0.02)
    bar.set_label("mean reward of the last tenth")
    return figure


SCAN_LOOKS: dict[str, tuple[str, Any, str]] = {
    "own": (plots.COLOURS[0], "-", "o"), "released": (plots.COLOURS[1], (0, (5, 2)), "s"),
    "initial Q = 0": (plots.COLOURS[2], (0, (5, 2, 1, 2)), "D"),
    SHORT: (plots.COLOURS[6], "-", "v"), "initial Q = 12": (plots.COLOURS[3], (0, (1, 1.2)), "^"),
}  # fmt: skip


@styled
def draw_sensitivity(found: Sensitivity) -> Any:
    """P(A, A) at the end along each setting, with 95 % confidence bars.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingPackageError
    """
    panels = found.panels
    columns = 3
    figure, axes = plots.new(math.ceil(len(panels) / columns), columns, width=6.6, height=4.3)
    for ax, (setting, scans) in zip(axes.flat, panels.items(), strict=False):
        for scan in scans:
            colour, dash, marker = SCAN_LOOKS[scan.line]
            label = {"own": "8 gradient steps a round", "released": "as released"}.get(scan.line, scan.line)
            bars = np.where(np.isfinite(scan.error), 1.96 * scan.error, 0.0)
            ax.errorbar(
                _places(scan), scan.mean, yerr=bars, color=colour, linestyle=dash, marker=marker, markersize=7.5,
                capsize=3, label=label,
            )  # fmt: skip
        ax.set(xlabel=setting, ylim=(-0.05, 1.08))
        values = scans[0].values
        ax.set_xticks(_places(scans[0]), [f"{x:g}".replace("-", "−") for x in values])
        ax.set_ylabel("P(A, A) at the end")
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax in axes.flat[: len(panels)]:
        ax.legend(loc="best", handlelength=3.0)
    return figure


def _places(scan: Scan) -> Any:
    """Values spread by factors stand evenly."""
    return np.arange(len(scan.values)) if scan.log else scan.values
