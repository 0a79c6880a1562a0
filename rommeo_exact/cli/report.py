"""The page of ``rommeo self-play --report``: one HTML file, which needs nothing from elsewhere."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, product
from typing import Any

import numpy as np

from .. import __version__, plots
from ..games.models import Game, MatrixGame, StochasticGame
from ..population import (
    Equilibrium,
    SelfPlayBranches,
    SelfPlayEquilibria,
    SelfPlayPath,
    basins,
)
from ..population.attraction import grid_supported
from .page import Page, state_name, title, unit, upper
from .profiles import best_together, common_payoff, mixed_equilibria, pure_equilibria
from .words import (
    bracket,
    extent,
    index,
    optimality,
    outcome,
    rate,
    returns,
    shrinking,
    stability,
    stable_parts,
    verdict,
)

__all__ = ["report"]

MOST_POINTS, MOST_ROWS, MOST_COLUMNS = 12, 24, 20

STYLE = """
:root { color-scheme: light dark; --paper: #fffffe; --ink: #1a1a1b; --soft: #5a5a60; --line: #d5d5da; --tint: #f2f4f7;
  --accent: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --paper: #16171a; --ink: #ececf0; --soft: #a8a8b0; --line: #3a3b42;
  --tint: #212329; --accent: #63b7ea; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.05rem/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.2rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.8rem 0 0.2rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 0.6rem; padding-top: 0.8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 1.6rem 0 0.4rem; }
p, ul, dl { margin: 0.5rem 0; max-width: 46rem; }
.quiet { color: var(--soft); font-size: 0.95rem; }
.verdict { border-left: 4px solid var(--accent); background: var(--tint); padding: 0.6rem 0.9rem; }
.wide { overflow-x: auto; margin: 0.6rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 0.95rem; padding-bottom: 0.2rem; }
th, td { padding: 0.28rem 0.7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; }
td.text { white-space: normal; text-align: left; min-width: 11rem; }
thead th { border-bottom: 2px solid var(--line); }
figure { margin: 0.8rem 0; }
figure svg { width: 100%; height: auto; max-width: 44rem; display: block; }
figcaption { color: var(--soft); font-size: 0.95rem; max-width: 46rem; }
dt { font-weight: 600; margin-top: 0.7rem; } dd { margin: 0.1rem 0 0 1.1rem; }
"""

TERMS = (
    (
        "Prior P",
        "What an agent believes of the others' next actions before it thinks about them.",
    ),
    (
        "Temperature α",
        "How loosely an agent picks its own action. Near 0 it takes the best one; the larger α is, the nearer"
        " its play is to picking uniformly. α is in the unit of the payoffs: actions that differ by α have "
        "odds of e, about 2.7, to 1.",
    ),
    (
        "Weight β",
        "How firmly an agent's opponent model is held to its prior. Near 0 it expects what would suit it; β ="
        " ∞ means that it expects what the prior says. β = 1 is the paper by Tian et al. (2019).",
    ),
    (
        "Opponent model ρ*",
        "What the agent then expects of the others, between its prior and what would suit it.",
    ),
    (
        "Play m",
        "The probabilities with which an agent acts, whatever the others do: its policy averaged over ρ*.",
    ),
    (
        "Self-play",
        "Every agent takes what the others play for its prior, answers, and again. The computation is exact: "
        "nothing is sampled, there is no noise.",
    ),
    (
        "Fixed point",
        "A play of all agents that is everyone's answer to itself: self-play stays there.",
    ),
    (
        "Stable",
        "Play that is moved a little comes back. It may do so when all answer at once (simultaneous), only "
        "when they answer in turn (alternating), or only when they move a little at a time (averaged). What "
        "is unstable does not last where there is the least disturbance.",
    ),
    (
        "Spectral radius",
        "By what factor a small distance from the fixed point changes in each round, in the long run. Below 1"
        " it shrinks.",
    ),
    (
        "Index",
        "+1 or −1. Over all fixed points of a game the indices sum to 1, so a different sum says that one was"
        " not found.",
    ),
    (
        "Residual, error bound",
        "The residual is how far a play is from the answer to it. It is no error. The error bound is how far "
        "the computed point is from the true one, rounding included, where a theorem gives one. Both are in "
        "Hilbert's metric, the largest logarithm of the ratio of two odds: 0.01 means that no ratio of two "
        "probabilities is off by over 1 %.",
    ),
    (
        "Fold, pitchfork, crossing",
        "Temperatures at which the number of fixed points changes. At a fold two meet and are gone; at a "
        "pitchfork one splits, where symmetry has to be broken; at a crossing two pass through each other and"
        " exchange stability.",
    ),
    (
        "Nash equilibrium",
        "A play in which nobody gains by changing its own part alone. A fixed point of ROMMEO's self-play "
        "need not be near one: its agents plan with an opponent model that leans towards what suits them.",
    ),
)


def report(
    game: Game, found: SelfPlayEquilibria, path: SelfPlayPath, along: SelfPlayBranches | None, beta: Any, uniform: bool,
    update: Any, digits: int, tell: Callable[[str], None],
) -> str:  # fmt: skip
    """The page about a game's fixed points at one temperature, a path there, and their branches, if followed."""
    page = Page(digits)
    alpha, weight = found.alpha[0], found.beta[0]
    tell("drawing")
    parts = [
        _head(page, game, alpha, weight, beta, path),
        _section("The payoffs", _payoffs(page, game, found)),
        _section("Nash equilibria, for contrast", _nash(page, game)),
        _section("ROMMEO's fixed points along the temperature", _along(page, along, alpha)),
        _section(f"The fixed points at α = {alpha:.4g}", _points(page, game, found, path)),
        _section("From the first priors", _path(game, found, path, uniform, update)),
        _section("From everywhere else", _basins(game, found, alpha, weight, update, tell)),
        _section("The terms", "<dl>" + "".join(f"<dt>{_e(t)}</dt><dd>{_e(d)}</dd>" for t, d in TERMS) + "</dl>"),
    ]
    name = _e(page.label(game.name or "Game without a name"))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Self-play: {name}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


# --- pieces of HTML ---


def _e(text: str) -> str:
    return html.escape(text.replace("\xa0", " "))


def _section(name: str, body: str) -> str:
    return f"<section>\n<h2>{_e(name)}</h2>\n{body}\n</section>"


def _p(*texts: str, kind: str = "") -> str:
    start = f'<p class="{kind}">' if kind else "<p>"
    return "".join(f"{start}{_e(text)}</p>\n" for text in texts)


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{_e(head)}</th>' for head in heads)
    lines = "".join(
        f'<tr><th scope="row">{_e(row[0])}</th>' + "".join(_cell(cell) for cell in row[1:]) + "</tr>\n"
        for row in rows
    )
    text = f"<caption>{_e(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{text}<thead><tr>{top}</tr></thead><tbody>\n{lines}</tbody></table></div>\n'


def _cell(text: str) -> str:
    return f"<td class='text'>{_e(text)}</td>" if len(text) > 22 else f"<td>{_e(text)}</td>"


def _figure(figure: Any, name: str, caption: str) -> str:
    """The picture inside the page; its ink is the page's, and its ids are its own."""
    text = plots.written(figure, "svg").decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    for before in ('id="', "url(#", 'href="#'):
        text = text.replace(before, f"{before}{name}-")
    text = text.replace(plots.INK, "var(--ink)").replace(plots.PAPER, "var(--paper)")
    text = text.replace("<svg", f'<svg role="img" aria-label="{_e(caption)}"', 1)
    return f"<figure>\n{text}<figcaption>{_e(caption)}</figcaption>\n</figure>\n"


# --- sections ---


def _head(page: Page, game: Game, alpha: float, weight: float, beta: Any, path: SelfPlayPath) -> str:
    name = page.label(game.name or "Game without a name")
    sizes = title(page, game).removeprefix(f"{name}: ")
    kept = " (kept at α)" if callable(beta) else ""
    shown = "∞" if weight == math.inf else f"{weight:.4g}"
    return f"<h1>{_e(name)}</h1>\n" + _p(
        f"Exact self-play of ROMMEO agents: {sizes}, α = {alpha:.4g}, β = {shown}{kept}, discount "
        f"{path.population.discount:g}. Computed by rommeo_exact {__version__}.",
        kind="quiet",
    )


def _payoffs(page: Page, game: Game, found: SelfPlayEquilibria) -> str:
    if isinstance(game, StochasticGame):
        return _p(f"The game has {game.num_states} states, each with a table of payoffs of its own.")
    if game.num_actions[0] * math.prod(game.num_actions[1:]) > plots.MOST_CELLS:
        return _p("The table of payoffs is too large to be shown.")
    rows, columns = game.num_actions[0], math.prod(game.num_actions[1:])
    width = min(12.0, max(5.0, 1.1 * columns + 1.5))
    figure, axes = plots.new(width=width, height=min(9.0, max(3.0, 0.7 * rows + 1.0)))
    plots.payoffs(game, axes[0, 0], found.points[0].marginals if found.points else None)
    what = "What everyone earns." if common_payoff(game) else "What the players earn, in their order."
    return _figure(figure, "payoffs", f"{what} The darker a cell, the likelier its profile at point 1 below.")


def _profile(game: MatrixGame, profile: Sequence[int]) -> str:
    return f"({', '.join(game.actions[i][a] for i, a in enumerate(profile))})"


def _nash(page: Page, game: Game) -> str:
    if isinstance(game, StochasticGame):
        return _p("Nash equilibria are listed for matrix games only.")
    pure = pure_equilibria(game)
    text = _p("In a Nash equilibrium nobody gains by changing its own part alone. No temperature plays a role in it.")
    rows = [[_profile(game, p), *(f"{game.payoffs[(i, *p)]:.6g}" for i in range(game.num_players))] for p in pure]
    players = [page.player(game, i) for i in range(game.num_players)]
    if pure:
        text += _table(f"All pure ones, by enumeration: {len(pure)}", ["profile", *players], rows[:MOST_ROWS])
        if len(pure) > MOST_ROWS:
            text += _p(f"{len(pure) - MOST_ROWS} more are not shown.", kind="quiet")
    else:
        text += _p("There is no pure one.")
    mixed, word = mixed_equilibria(game)
    if mixed:
        lines = [[f"{k}, {who}", *map(page.probability, x)] for k, pair in enumerate(mixed[:MOST_ROWS], 1)
                 for who, x in zip(players, pair, strict=True)]  # fmt: skip
        if game.actions[0] == game.actions[1]:
            text += _table(f"Mixed ones: {len(mixed)}", ["", *game.actions[0]], lines)
        else:
            for i in (0, 1):
                text += _table(f"Mixed ones, {players[i]}: {len(mixed)}", ["", *game.actions[i]], lines[i::2])
    elif mixed is not None:
        text += _p("No mixed one was found.")
    return text + _p(word, kind="quiet")


def _along(page: Page, found: SelfPlayBranches | None, alpha: float) -> str:
    if found is None:
        return _p("The game is too large to follow its points for this page; rommeo self-play with a range does.")
    text = ""
    shown: tuple[tuple[str, dict[str, Any]], ...] = (
        ("play", plots.changing(found)), ("earned", {"quantity": "expected_return"})
    )  # fmt: skip
    for name, quantity in shown:
        figure, axes = plots.new()
        plots.branches(found, axes[0, 0], **quantity)
        axes[0, 0].axvline(alpha, color=plots.COLOURS[3], linewidth=1.4, zorder=0.5)
        caption = f"Each line is a fixed point as the temperature changes. The upright line is α = {alpha:.4g}."
        text += _figure(figure, name, caption if name == "play" else f"What {page.player(found.game, 0)} earns there.")
    if found.complete:
        text += _p("Two players in one state have one fixed point at each temperature.", kind="verdict")
    else:
        text += _p("No theorem says that these are all branches.", kind="verdict")
    rows = [[f"{k}", extent(b).removeprefix("alpha "), stable_parts(b)] for k, b in enumerate(found, 1)]
    text += _table("Branches", ["branch", "α", "in simultaneous play"], rows[:MOST_ROWS])
    if found.events:
        lines = [[e.kind, *bracket(e.low, e.high), str(e.branch + 1)] for e in found.events]
        text += _table("Events, by falling temperature", ["", "α at least", "at most", "branch"], lines[:MOST_ROWS])
    return text


def _points(page: Page, game: Game, found: SelfPlayEquilibria, path: SelfPlayPath) -> str:
    text = _p(*verdict(found), kind="verdict")
    discount = path.population.discount
    own = game.discount if isinstance(game, StochasticGame) else 0.0
    best = best_together(game) if discount == own else math.nan
    for k, point in enumerate(found.points[:MOST_POINTS], 1):
        text += f"<h3>Point {k}: {_e(stability(point))}</h3>\n" + _marginals(page, game, point)
        facts = "".join(f"<li>{_e(line)}</li>\n" for line in _facts(page, game, point, discount, best))
        text += f"<ul>{facts}</ul>\n"
    if len(found) > MOST_POINTS:
        text += _p(f"{len(found) - MOST_POINTS} more points are not shown.", kind="quiet")
    return text


def _facts(page: Page, game: Game, point: Equilibrium, discount: float, best: float) -> Iterable[str]:
    players = [page.player(game, i) for i in range(game.num_players)]
    if isinstance(game, StochasticGame):
        values = page.decimals([float(game.initial @ value) for value in point.values])
    else:
        values = page.decimals([float(value) for value in point.values])
    pairs = ", ".join(f"{who} {value}" for who, value in zip(players, values, strict=True))
    yield f"Optimum V* of each agent's own objective: {pairs}"
    earned = page.decimals(returns(game, point.expected_return))
    pairs = ", ".join(f"{who} {x}" for who, x in zip(players, earned, strict=True))
    yield f"Earned on average {unit(discount)}: {pairs}"
    yield from optimality(game, point, best, list, page.probability)
    yield f"Simultaneous play: {shrinking(point.spectral_radius)} (spectral radius {point.spectral_radius:.4g})"
    bound = upper(point.error_bound) if math.isfinite(point.error_bound) else "none, as no theorem gives one"
    yield f"Index {index(point)}, residual {upper(point.residual)}, error bound {bound}"


def _marginals(page: Page, game: Game, point: Equilibrium) -> str:
    text = ""
    for i in range(game.num_players):
        who, marginal = page.player(game, i), point.marginals[i]
        if isinstance(game, StochasticGame):
            live = np.flatnonzero(~game.terminal)[:MOST_ROWS].tolist()
            heads = ["state", *game.actions[i][:MOST_COLUMNS]]
            lines = [[state_name(game, s), *map(page.probability, marginal[s, :MOST_COLUMNS])] for s in live]
            text += _table(f"What {who} plays", heads, lines)
            continue
        rows = [["plays m", *map(page.probability, marginal[:MOST_COLUMNS])]]
        if game.num_players == 2:
            model = point.opponent_models[1 - i]
            rows.append([f"{page.player(game, 1 - i)} expects ρ*", *map(page.probability, model[:MOST_COLUMNS])])
        text += _table("", [who, *game.actions[i][:MOST_COLUMNS]], rows)
        if game.num_players > 2:
            others = [game.actions[j] for j in range(game.num_players) if j != i]
            joint = [", ".join(b) for b in islice(product(*others), MOST_COLUMNS)]
            expected = [f"{who} expects ρ*", *map(page.probability, point.opponent_models[i][:MOST_COLUMNS])]
            prior = ["prior P", *map(page.probability, point.priors[i][:MOST_COLUMNS])]
            text += _table("", ["the others", *joint], [expected, prior])
    return text


def _path(game: Game, found: SelfPlayEquilibria, path: SelfPlayPath, uniform: bool, update: Any) -> str:
    text = _p(*outcome(found, path, uniform, update), kind="verdict")
    if path.rounds:
        figure, axes = plots.new()
        plots.path(path, axes[0, 0])
        text += _figure(figure, "path", "What everyone plays, round by round.")
        figure, axes = plots.new()
        speed = rate(found, path, update)
        plots.convergence(path, axes[0, 0], rate=speed)
        caption = "How far the priors are from what the others play."
        if speed is not None:
            caption += f" The eigenvalues at the point foretell that in the long run a round leaves {speed:.3g} of it."
        text += _figure(figure, "rate", caption)
    if plots.drawable(game):
        figure, axes = plots.new(width=6.2, height=5.4)
        plots.simplex(game, axes[0, 0], found.alpha, found.beta, paths=[path], points=found.points)
        what = "A round of two: the other player answers, and then this one." if game.num_players == 2 else ""
        text += _figure(
            figure, "round", f"What one round makes of each play of {Page().player(game, 0)}. Full dots are stable "
            f"fixed points, empty ones unstable. {what}",
        )  # fmt: skip
    return text


def _basins(
    game: Game, found: SelfPlayEquilibria, alpha: float, weight: float, update: Any, tell: Callable[[str], None]
) -> str:
    reason = grid_supported(game)
    if reason is not None:
        return _p(f"No picture of all first priors: {reason}.")
    result = basins(
        game, alpha, weight, update=update, found=found, resolution=41,
        progress=lambda done, of: tell(f"drawing: from {done} of {of} starts"),
    )  # fmt: skip
    figure, axes = plots.new(width=7.4, height=5.4)
    plots.basins(result, axes[0, 0])
    ends = len(set(result.endpoint.tolist()) - {-1})
    what = "How many rounds it takes from each start" if ends <= 1 else "Which point is reached from each start"
    text = _figure(figure, "starts", f"{what}; what varies is {result.varies}.")
    missed = int((result.endpoint < 0).sum())
    if missed:
        text += _p(f"From {missed} of {len(result)} starts no point was reached in {result.max_rounds} rounds.")
    else:
        text += _p(f"Rounds needed: {result.rounds.min()} to {result.rounds.max()}, to within {result.tol:g}.")
    return text
