"""``rommeo games``: the catalogue, and what is known of a game."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import games
from ..checks import is_sparse
from ..errors import InputError
from ..games.models import Game, MatrixGame, StochasticGame
from .arguments import add_game, load
from .page import Page, aligned, shortest, times, title
from .solve import MOST_ACTIONS

WIDE = 120  # a terminal of so many columns holds a game of the catalogue and what it is on one line

_GAMES_MORE = """\
examples:
  rommeo games
  rommeo games climbing --set variant=paper
  rommeo games path/to/game.nfg
"""


def add_games(commands: Any) -> None:
    about = "List the catalogue, or show one game's payoffs and what is known of it."
    parser = commands.add_parser("games", help="list or show games", description=about, epilog=_GAMES_MORE)
    add_game(parser, nargs="?")
    parser.set_defaults(run=_run_games)


def _run_games(arguments: argparse.Namespace) -> int:
    page = Page()
    if arguments.game is None:
        if arguments.set:
            raise InputError(f"--set {arguments.set[0]}: which GAME?")
        _list_games(page)
    else:
        game, key, parameters = load(arguments.game, arguments.set)
        _show_game(page, game, key, parameters)
    sys.stdout.write(str(page))
    return 0


def _list_games(page: Page) -> None:
    page.say("Games of the catalogue: rommeo games NAME shows one, rommeo solve NAME solves it")
    page.say()
    entries = []
    for key in games.names():
        game = games.get(key)
        states = f", {game.num_states} states" if isinstance(game, StochasticGame) else ""
        entries.append((key, times(game.num_actions) + states, _summary(key)))
    width, size = (max(len(entry[k]) for entry in entries) for k in (0, 1))
    for key, actions, summary in entries:
        line = f"{key:{width}}  {actions:{size}}"
        if page.width >= WIDE:
            page.say(f"{line}  {summary}", "  ", " " * (width + size + 6))
        else:
            page.say(line, "  ")
            page.say(summary, "      ", "      ")


def _summary(key: str) -> str:
    """What the docstring of the game's function says first; nothing where docstrings are stripped."""
    text = inspect.getdoc(getattr(games, key)) or ""
    return " ".join(text.partition("\n\n")[0].replace("`", "").split()).removesuffix(".")


def _show_game(page: Page, game: Game, key: str | None, parameters: dict[str, Any]) -> None:
    page.say(title(page, game))
    if key is not None:
        page.say(_summary(key))
        defaults = {p.name: p.default for p in inspect.signature(getattr(games, key)).parameters.values()}
        if defaults:
            page.say("Parameters: " + ", ".join(f"{name} = {value}" for name, value in (defaults | parameters).items()))
    page.say()
    if isinstance(game, MatrixGame):
        _payoff_table(page, game)
    else:
        for i in range(game.num_players):
            page.say(f"Actions of {page.player(game, i)}: {', '.join(page.labels(game.actions[i]))}")
        transitions: Any = game.transitions
        kind = f"sparse, {transitions.nnz} entries" if is_sparse(transitions) else "dense"
        low, high = (shortest(float(end)) for end in (game.payoffs.min(), game.payoffs.max()))
        page.say(f"Discount {shortest(game.discount)}; payoffs from {low} to {high}; transitions {kind}")
    if key is not None:
        page.say()
        _list_facts(page, game, games.facts(key, **parameters))


def _payoff_table(page: Page, game: MatrixGame) -> None:
    """Player 1's actions in rows, the others' joint actions in columns; one payoff in a cell where all are the same."""
    players = [page.player(game, i) for i in range(game.num_players)]
    payoffs = game.payoffs.reshape(game.num_players, game.num_actions[0], -1)
    common = bool((payoffs == payoffs[0]).all())
    own, joint = (range(min(size, MOST_ACTIONS)) for size in payoffs.shape[1:])
    shown = payoffs[: 1 if common else None, : len(own), : len(joint)]
    labels = [page.labels(names) for names in game.actions]
    columns = []
    for b in joint:
        profile = np.unravel_index(b, game.num_actions[1:]) if len(players) > 1 else ()
        heads = [names[int(k)] for names, k in zip(labels[1:], profile, strict=True)]
        cells = [", ".join(map(shortest, pay)) for pay in shown[:, :, b].T.tolist()]
        columns.append([*heads, "", *(aligned(cells) if common else cells)])
    page.say(f"Payoffs, the same to {page.listed(players)}" if common else f"Payoffs to {page.listed(players)}")
    page.table([*players[1:], players[0], *(f"  {labels[0][a]}" for a in own)], columns)
    if payoffs[0].size > len(own) * len(joint):
        page.say(f"{len(own)} x {len(joint)} of {times(payoffs.shape[1:])} profiles are shown", "  ")


def _list_facts(page: Page, game: Game, facts: games.Facts) -> None:
    def profiles(indices: Iterable[tuple[int, ...]]) -> str:
        named = (", ".join(game.actions[i][a] for i, a in enumerate(profile)) for profile in indices)
        return ", ".join(f"({labels})" for labels in named) or "none"

    def mixed(profile: Sequence[Sequence[Any]]) -> str:
        sides = [
            " + ".join(f"{chance} {label}" for chance, label in zip(chances, game.actions[i], strict=True) if chance)
            for i, chances in enumerate(profile)
        ]
        if len(set(sides)) == 1:
            return f"each {sides[0]}"
        return "; ".join(f"{page.player(game, i)}: {side}" for i, side in enumerate(sides))

    kinds = {"common payoff": facts.common_payoff, "zero sum": facts.zero_sum, "exact potential": facts.potential}
    entries = [("kind", ", ".join(name for name, holds in kinds.items() if holds) or "general sum")]
    if facts.pure_equilibria is not None:
        entries.append(("pure equilibria", profiles(facts.pure_equilibria)))
    if facts.mixed_equilibria is not None:
        entries += [("mixed equilibrium", mixed(profile)) for profile in facts.mixed_equilibria]
    if facts.optima is not None:
        entries.append(("best for every player", profiles(facts.optima)))
    symmetries = [_relabelling(page, game, symmetry) for symmetry in facts.symmetries]
    entries += [("symmetry", text) for text in symmetries or ["none"]]
    entries.append(("source", facts.citation))
    page.say("What is known")
    for name, text in entries:
        page.say(f"{name:22}{text}", "  ", " " * 24)


def _relabelling(page: Page, game: Game, symmetry: games.Symmetry) -> str:
    """A symmetry in words: who takes whose place, and which actions change their label."""
    moves = [f"{page.player(game, i)} -> {page.player(game, j)}" for i, j in enumerate(symmetry.players) if i != j]
    sides = []
    for i, (j, actions) in enumerate(zip(symmetry.players, symmetry.actions, strict=True)):
        pairs = ((label, game.actions[j][k]) for label, k in zip(game.actions[i], actions, strict=True))
        sides.append(", ".join(f"{old} -> {new}" for old, new in pairs if old != new))
    if len(set(sides)) == 1:
        moves += [sides[0]] * bool(sides[0])
    else:
        moves += [f"{page.player(game, i)}'s {side}" for i, side in enumerate(sides) if side]
    return "; ".join(moves) + "; the states accordingly" * (symmetry.states is not None)
