"""Pictures of what :mod:`~.curves`, :mod:`~.distributions` and :mod:`~.ingredients` found, beside the paper's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import plots
from ...games.differential import max_of_two_quadratics
from ...plots import legend_line, styled
from ...plots.training import curve_band, episode_ticks
from ..marks import learners_legend, paper_column
from ..verdicts import PART
from .curves import Figure2, OneRun
from .distributions import READINGS, Distributions
from .ingredients import Ingredients
from .published import CENTRE_ERROR, CURVES, EPISODES, FIRST_EPISODES, LEARNERS, MEANS, RETURN_ERROR, START, TIME_ERROR
from .settings import FAMILIES

__all__ = ["draw", "draw_distributions", "draw_ingredients"]

LEVELS = tuple(range(-30, 10, 4))
"""Figure 2a has -2, -6, -10 and so on."""
LOWEST = -22.0
"""Where the axis of 2b begins."""

LOOKS: dict[str, tuple[str, Any, str]] = {
    learner: (colour, dash, marker)
    for learner, colour, dash, marker in zip(
        LEARNERS, (plots.COLOURS[k] for k in (1, 2, 5, 4, 0, 3)),
        ("-", (0, (5, 2, 1, 2)), (0, (1, 1.2)), (0, (3, 1.5)), (0, (6, 2)), (0, (6, 2, 1, 2, 1, 2))), "oDs^vP",
        strict=True,
    )
}  # fmt: skip

RUN_LOOKS: tuple[tuple[str, str, str, Any, str], ...] = (
    ("rho^1", "ρ¹, of agent 2", plots.COLOURS[2], "-", "o"),
    ("rho^2", "ρ², of agent 1", plots.COLOURS[1], (0, (6, 1.5)), "s"),
    ("pi^1", "π¹", plots.COLOURS[0], (0, (1, 1.2)), "^"), ("pi^2", "π²", plots.COLOURS[5], (0, (3, 1.5)), "D"),
)  # fmt: skip


@styled
def draw(result: Figure2) -> Any:
    """Figures 2a, 2b and 2c, a row for each form of the reward and family of settings; marks are the paper's values.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingPackageError
    """
    rows = list(dict.fromkeys((curve.form, curve.family) for curve in result.curves))
    figure, axes = plots.new(len(rows), 3, width=7.4, height=5.8)
    ones = {(one.form, one.family): one for one in result.one_runs}
    for row, (form, family) in enumerate(rows):
        one = ones.get((form, family))
        if one is None:
            for k in (0, 2):
                axes[row, k].set_axis_off()
        else:
            _path(one, axes[row, 0])
            _means(one, axes[row, 2])
            which = f"run {one.run + 1} of {result.runs}" if one.run >= 0 else "a run"
            axes[row, 0].set_title(f"2a: ROMMEO-AC, {which}, {FAMILIES[family]}", loc="left", fontsize=13.5)
            axes[row, 2].set_title("2c: means in that run", loc="left", fontsize=13.5)
        _curves(result, family, form, axes[row, 1])
        axes[row, 1].set_title(f"2b: reward, {form} form, {FAMILIES[family]}", loc="left", fontsize=13.5)
    learners_legend(figure, LOOKS, fontsize=15)
    return figure


def _path(one: OneRun, ax: Any) -> None:
    """All rounds; the published picture has the first 1000, in which its run arrives. Its star is hollow here."""
    game = max_of_two_quadratics(one.form)  # type: ignore[arg-type]
    plots.surface(game, ax, one.actions, levels=LEVELS)
    ax.plot(
        *START, marker="*", markersize=15, color=plots.COLOURS[1], markerfacecolor=plots.PAPER, markeredgewidth=2,
        zorder=5, gid="published start",
    )  # fmt: skip


def _curves(result: Figure2, family: str, form: str, ax: Any) -> None:
    for k, learner in enumerate(LEARNERS):
        found = result.find(learner, family, form)
        if found is None:
            continue
        colour, _, marker = LOOKS[learner]
        mean, half = found[0].band()
        curve_band(ax, mean, half, LOOKS[learner], 4 + 5 * k, gid=learner)
        for reading in CURVES[learner]:
            if reading.episode > result.episodes:
                continue
            last = reading.episode == EPISODES
            place = reading.episode + (7 + 5 * k) * (result.episodes / EPISODES) if last else reading.episode + k - 3
            ax.errorbar(
                place, reading.value, yerr=RETURN_ERROR, xerr=None if last else TIME_ERROR, color=colour,
                marker=marker if last else "x", markersize=7.5, markerfacecolor=plots.PAPER, markeredgewidth=2,
                elinewidth=1.4, capsize=3, zorder=6, clip_on=False,
            )  # fmt: skip
    ax.set(xlabel="episode", ylabel="mean reward of a round", xlim=(0, 1.2 * result.episodes), ylim=(LOWEST, 12.0))
    episode_ticks(ax, result.episodes)
    if result.episodes >= EPISODES - TIME_ERROR:
        paper_column(ax, result.episodes)


def _means(one: OneRun, ax: Any) -> None:
    arrivals = [x for x in one.arrivals.values() if np.isfinite(x)]
    length = min(len(one.policies), max(FIRST_EPISODES, round(1.25 * max(arrivals, default=0))))
    episodes = np.arange(1, length + 1)
    ax.axhline(5.0, color=plots.COLOURS[6], linewidth=0.9, linestyle=":")
    for k, (name, label, colour, dash, marker) in enumerate(RUN_LOOKS):
        table = (one.models if name.startswith("rho") else one.policies)[:length, int(name[-1]) - 1]
        ax.plot(
            episodes, table, linestyle=dash, color=colour, marker=marker, markersize=6.5,
            markevery=(3 + 2 * k, max(1, length // 6)), label=label, gid=name,
        )  # fmt: skip
        if MEANS[name].arrival <= length:
            ax.errorbar(
                MEANS[name].arrival, 5.0, yerr=CENTRE_ERROR, xerr=PART * FIRST_EPISODES, color=colour, marker=marker,
                markersize=8, markerfacecolor=plots.PAPER, markeredgewidth=2, elinewidth=1.4, capsize=3, zorder=6,
            )  # fmt: skip
    ax.set(xlabel="episode", ylabel="mean of the distribution", xlim=(0, 1.03 * length), ylim=(-10.5, 10.5))
    episode_ticks(ax, length)
    ax.legend(loc="lower right" if one.run >= 0 else "upper right", handlelength=3.2, fontsize=13)


@styled
def draw_ingredients(found: Ingredients) -> Any:
    """The share of runs that end at the optimum, a line for each setting and a mark for each form of the reward.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingPackageError
    """
    variants = list(dict.fromkeys(row.variant for row in found.rows))
    figure, axes = plots.new(1, 1, width=10.0, height=1.6 + 0.34 * len(variants))
    ax = axes[0, 0]
    names = [f"{v.ingredient}: {v.value}" if v.value else v.ingredient for v in variants]
    forms = list(dict.fromkeys(row.form for row in found.rows))
    for k, form in enumerate(forms):
        rows = [row for row in found.rows if row.form == form]
        shift = 0.16 * (2 * k - (len(forms) - 1))
        places = np.array([variants.index(row.variant) for row in rows]) + shift
        for points, label, marker, colour in (
            ("optimal", f"ends at (5, 5), {form} form", "os"[k], plots.COLOURS[k]),
            ("suboptimal", f"ends at (−5, −5), {form} form", "x+"[k], plots.COLOURS[6]),
        ):
            ax.plot(
                [100.0 * getattr(row.curve, points) for row in rows], places, linestyle="none", marker=marker,
                color=colour, markersize=8, markeredgewidth=2, label=label, gid=f"{points} {form}",
            )  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.axhline(0.5, color=plots.COLOURS[6], linewidth=0.9, linestyle=":")
    ax.set(xlabel=f"runs of {found.runs}, in per cent", xlim=(-4.0, 104.0))
    ax.grid(axis="y", color="#dddddd", linewidth=0.7)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@styled
def draw_distributions(found: Distributions) -> Any:
    """Player 1's learnt densities of every run, thin, beside the exact ones; a row for each form and reading of
    equation 19, a column for each temperature.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingPackageError
    """
    rows = list(dict.fromkeys((c.form, c.action) for c in found.found))
    alphas = list(dict.fromkeys(c.alpha for c in found.found))
    figure, axes = plots.new(len(rows), len(alphas), width=6.2, height=4.4)
    for row, (form, action) in enumerate(rows):
        for column, alpha in enumerate(alphas):
            ax = axes[row, column]
            top, left = 0.0, 0.0
            for which, colour, dash in (("pi", plots.COLOURS[0], "-"), ("rho", plots.COLOURS[1], (0, (5, 2)))):
                key = (form, action, alpha, which, 0)
                chosen = next(c for c in found.found if (c.form, c.action, c.alpha, c.which, c.player) == key)
                for density in chosen.learnt:
                    ax.plot(chosen.grid, density, color=colour, linestyle=dash, linewidth=0.7, alpha=0.35)
                ax.plot(chosen.grid, chosen.exact, color=plots.INK, linestyle=dash, linewidth=2.2, gid=f"exact {which}")
                top = max(top, float(chosen.exact.max()))
                left = -10.0 if (chosen.moments(chosen.learnt).mean < 2.5).any() else left
            ax.set(xlim=(left, 10.0), ylim=(0.0, 1.35 * top), xlabel="action", ylabel="density")
            ax.set_title(f"α = {alpha:g}, {READINGS[action]}", loc="left", fontsize=14)
    handles = [
        legend_line("exact π", "-", plots.INK), legend_line("exact ρ", (0, (5, 2)), plots.INK),
        legend_line("learnt π, every run", "-", plots.COLOURS[0]),
        legend_line("learnt ρ, every run", (0, (5, 2)), plots.COLOURS[1]),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=4, handlelength=3.4, fontsize=14)
    return figure
