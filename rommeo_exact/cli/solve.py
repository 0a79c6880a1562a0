"""``rommeo solve``: a game through the eyes of one agent."""

from __future__ import annotations

import argparse
import io
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import plots
from ..checks import FloatArray
from ..errors import InputError
from ..games.files import write_atomically
from ..games.models import Game, MatrixGame, StochasticGame
from ..solvers import Solution, solve
from ..solvers.methods import METHODS
from .arguments import (
    add_game,
    add_plot,
    add_problem,
    agent_index,
    check_free,
    check_plot,
    integer,
    load,
    number,
    picture,
    prior_of,
)
from .page import Page, aligned, as_json, certified, clock, complain, count, heading, named, state_name, unit, upper

FEW_STATES = 4  # of so many states every table is printed, of more the first
MOST_STATES = 12  # lines of the list of states
MOST_ACTIONS = 20  # rows and columns of a table

_SOLVE = """\
Solve a game through the eyes of one agent. It picks a, the others together pick
b; over pi(a|s,b) and rho(b|s), from every state s, it maximises the expected

  sum_t gamma^t [ R(s,a,b) + alpha H(pi(.|s,b)) - beta KL(rho(.|s) || P(.|s)) ]

alpha  is the temperature of the agent's policy, in the unit of the payoffs: the
       larger, the nearer to uniform; 0 is the hard maximum over a.
beta   is the weight, in the same unit, that holds the opponent model rho to the
       prior P: 1 is the paper, 0 the most optimistic model that P allows, inf
       freezes rho = P. (Values other than 1 are this project's generalisation.)

It prints the value V* with a bound on its error; pi*(a|b), one column for each
b; rho*(b) above the prior P(b); and in the margin the marginal policy
pi(a) = sum_b rho*(b) pi*(a|b), which is what the agent plays. Probabilities are
rounded, but 0 is exactly 0.
"""

_SOLVE_MORE = """\
examples:
  rommeo solve climbing --alpha 1 --discount 0.9
  rommeo solve game.nfg --agent 2 --alpha 0.5 --prior 1/6,1/3,1/2
  rommeo solve penalty --set k=-50 --beta inf --json
  rommeo solve meeting --state "(0,0) (2,2)" --out meeting.npz
  rommeo solve climbing --alpha 2 --plot climbing.svg

b is a joint action of the other players, in increasing order. In --prior, and
in arrays, the last of them changes fastest: (1,1), (1,2), ..., (2,1), ...

--plot draws, cells the darker the more probable: of a matrix game the payoffs,
with how probable the agent thinks each profile, pi*(a|b) rho*(b), and the table
of pi*(a|b) with pi, rho* and P in its margins; of a stochastic game that table
for the states of --state, or the first two, and the bound on the error of V*
by iteration. It needs Matplotlib: pip install "rommeo_exact[plots]".

keys of --json, arrays of --out (S states, A own actions, B joint actions b):
  value (S)                  V*
  error_bound                |value - V*| is at most this in every state
  q, policy (S, A, B)        Q*(s,a,b), pi*(a|s,b)
  opponent_model (S, B)      rho*(b|s)
  prior (S, B)               P(b|s)
  marginal_policy (S, A)     pi(a|s)
  terminal (S)               whether the state ends the game
  actions (A), opponent_actions (B, other players), players, states (S): labels
  game, agent                names of the game and of the agent's player
  alpha, beta, discount, tol, converged, residual, iterations, method
JSON numbers read back to the same doubles; an infinite one is the string "inf".
Where a game has no name, or no labels of states, there is null, and no array.

exit code: 0 solved, 1 tol not met (what was reached is printed), 2 bad input
"""


def add_solve(commands: Any) -> None:
    parser = commands.add_parser("solve", help="solve a game for one agent", description=_SOLVE, epilog=_SOLVE_MORE)
    add = parser.add_argument
    add_game(parser)
    add_problem(parser)
    add("--method", default="auto", metavar="M", help=f"one of {', '.join(METHODS)} (default auto)")
    add("--tol", type=number, metavar="X", help="bound on V*'s error to reach (default 1e-10, or what doubles hold)")
    add("--max-iterations", type=integer, default=100_000, metavar="N", help="default 100000")
    add("--state", action="append", metavar="S", help="print this state: its label, or s=0, s=1, ...; may be repeated")
    add("--digits", type=integer, default=4, metavar="N", help="decimals of probabilities and of lists (default 4)")
    add("--json", action="store_true", help="print JSON, with everything")
    add("--out", metavar="FILE.npz", help="keep the arrays, with everything, in a new file for numpy.load")
    add_plot(parser)
    add("--force", action="store_true", help="replace the files of --out and --plot if there are any")
    parser.set_defaults(run=_run_solve)


def _run_solve(arguments: argparse.Namespace) -> int:
    game, _, _ = load(arguments.game, arguments.set)
    agent = agent_index(game, arguments.agent)
    states = _states(game, arguments.state)
    if not 1 <= arguments.digits <= 17:
        raise InputError(f"--digits is {arguments.digits}, not in [1, 17]")
    prior = None if arguments.prior is None else prior_of(arguments.prior, game, agent)
    check_free(arguments.out, arguments.force, ".npz")
    check_plot(arguments.plot, arguments.force)
    if arguments.plot is not None:
        _check_picture(game, states)
    start = time.perf_counter()
    solution = solve(
        game, agent, arguments.alpha, arguments.beta, prior, arguments.discount, arguments.method, arguments.tol,
        arguments.max_iterations, on_failure="return",
    )  # fmt: skip
    seconds = time.perf_counter() - start
    files = {}
    if arguments.out is not None:
        files[arguments.out] = _npz(_record(game, agent, solution))
    if arguments.plot is not None:
        files[arguments.plot] = picture(plots.of_solution(game, solution, agent, states), arguments.plot)
    check_free(arguments.out, arguments.force, ".npz")
    check_plot(arguments.plot, arguments.force)
    for name, data in files.items():
        write_atomically(name, data)
    if arguments.json:
        sys.stdout.write(as_json(_record(game, agent, solution)))
        if not solution.converged:
            complain(f"tol {solution.tol:g} was not met: the error bound is {upper(solution.error_bound)}")
    else:
        sys.stdout.write(_report(game, agent, solution, states, arguments, seconds))
    return 0 if solution.converged else 1


def _states(game: Game, wanted: Iterable[str] | None) -> list[int] | None:
    """The states of --state, as indices."""
    if wanted is None:
        return None
    if isinstance(game, MatrixGame):
        raise InputError("--state: a matrix game has no states")
    names = {f"s={k}": k for k in range(game.num_states)} | {label: k for k, label in enumerate(game.states or ())}
    for text in wanted:
        if text not in names:
            labels = "" if game.states is None else f", and by labels such as {game.states[0]!r}"
            known = f"they are named from s=0 to s={game.num_states - 1}{labels}"
            raise InputError(f"--state {text}: there is no such state; {known}")
    return [names[text] for text in wanted]


def _check_picture(game: Game, states: list[int] | None) -> None:
    """That the picture of --plot has something to show, and room for it."""
    cells = math.prod(game.num_actions)
    if cells > plots.MOST_CELLS:
        raise InputError(f"--plot: a table of {cells} cells, and {plots.MOST_CELLS} can be shown; --out keeps all")
    if isinstance(game, StochasticGame) and bool(game.terminal[slice(None) if states is None else states].all()):
        raise InputError("--plot: each of the states is terminal, and nothing is played there")


def _record(game: Game, agent: int, solution: Solution) -> dict[str, Any]:
    """Everything about a solution, under the names that --json and --out share."""
    return {
        **named(game, agent),
        "alpha": solution.alpha,
        "beta": solution.beta,
        "discount": solution.view.discount,
        "method": solution.method,
        "iterations": solution.iterations,
        "converged": solution.converged,
        "tol": solution.tol,
        "error_bound": solution.error_bound,
        "residual": solution.residual,
        "terminal": solution.view.terminal,
        "value": solution.value,
        "marginal_policy": solution.marginal_policy,
        "prior": solution.prior,
        "opponent_model": solution.opponent_model,
        "policy": solution.policy,
        "q": solution.q,
    }


def _npz(record: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    texts = ("players", "actions", "opponent_actions", "states")
    arrays: dict[str, Any] = {
        key: np.array(value, dtype=str if key in texts else None) for key, value in record.items() if value is not None
    }
    np.savez(stream, **arrays)
    return stream.getvalue()


def _report(
    game: Game, agent: int, solution: Solution, wanted: list[int] | None, arguments: argparse.Namespace, seconds: float
) -> str:
    """What `rommeo solve` prints for a person."""
    page, view = Page(arguments.digits), solution.view
    heading(page, game, agent, (solution.alpha, solution.beta, view.discount), arguments.prior is None)
    page.say()
    if isinstance(game, MatrixGame):
        value, bound = certified(float(solution.value[0]), solution.error_bound)
        page.say(f"V* = {value}, error at most {bound}")
        page.say(unit(view.discount), "     ")
        page.say()
        page.say(_PAIR if game.num_players > 1 else "Policy pi*(a)")
        _pair_table(page, game, agent, solution, 0)
    else:
        _state_tables(page, game, agent, solution, wanted)
    page.say()
    for line in _how(solution, seconds):
        page.say(line)
    if arguments.out is not None:
        page.say(f"Arrays and settings are in {page.label(arguments.out)}")
    if arguments.plot is not None:
        page.say(f"The picture is in {page.label(arguments.plot)}")
    return str(page)


def _how(solution: Solution, seconds: float) -> tuple[str, str]:
    actions = Counter(step.action for step in solution.history[:-1])
    detail = ", ".join(f"{action} {count}" for action, count in actions.items())
    method = f"Solved by {solution.method} in {count(solution.iterations, 'iteration')}"
    verdict = "met"
    if not solution.converged:
        more = solution.history[-1].action == "exhausted"
        verdict = f"NOT MET: {'more --max-iterations would come nearer' if more else 'rounding allows no less'}"
    reached = f"Residual {upper(solution.residual)}, tol {solution.tol:g} {verdict}"
    return f"{method}{f' ({detail})' * bool(detail)}, {clock(seconds)}", reached


def _state_tables(page: Page, game: StochasticGame, agent: int, solution: Solution, wanted: list[int] | None) -> None:
    """The states' values and marginal policies in a list, then the tables of some."""
    live = np.flatnonzero(~game.terminal)
    listed = list(range(min(game.num_states, MOST_STATES))) if wanted is None else wanted
    tables = live[: FEW_STATES if len(live) <= FEW_STATES else 2].tolist() if wanted is None else wanted
    expected = page.decimals([float(game.initial @ solution.value)])[0]
    page.say(f"V*(s): error at most {upper(solution.error_bound)} in every state")
    page.say(unit(solution.view.discount), "       ")
    page.say(f"E V*(s) = {expected} from the game's initial distribution")
    page.say()
    _state_list(page, game, agent, solution, listed)
    if len(listed) < game.num_states:
        left = f"{game.num_states - len(listed)} of {game.num_states} states are not shown"
        page.say(f"{left}: --state S shows one, --out FILE.npz keeps all", "  ")
    if tables:
        page.say()
        page.say(_PAIR if game.num_players > 1 else "Policy pi*(a)")
    for s in tables:
        page.say()
        value = page.decimals([float(solution.value[s])])[0]
        end = game.terminal[s]
        page.say(f"State {page.label(state_name(game, s))}: " + ("terminal, worth 0" if end else f"V* = {value}"))
        if not end:
            _pair_table(page, game, agent, solution, s)
    if wanted is None and len(tables) < len(live):
        page.say()
        page.say(f"{len(live) - len(tables)} more tables: --state S shows one, --out FILE.npz keeps all")


def _state_list(page: Page, game: StochasticGame, agent: int, solution: Solution, listed: list[int]) -> None:
    ends = game.terminal[listed]
    page.say(f"Value V*(s){' (0 where terminal)' * bool(ends.any())} and marginal policy pi(a|s), a column for each a")
    values = page.decimals(solution.value[listed])
    marginal = solution.marginal_policy[listed]
    own, kept = page.labels(game.actions[agent]), _largest(marginal.sum(axis=0))
    columns = [["V*(s)", *aligned(["terminal" if end else text for end, text in zip(ends, values, strict=True)])]]
    for a in kept:
        chances = ["-" if end else page.probability(p) for end, p in zip(ends, marginal[:, a], strict=True)]
        columns.append([own[a], *aligned(chances)])
    page.table(["s", *page.labels([state_name(game, s) for s in listed])], columns)
    if len(kept) < len(own):
        page.say(f"{len(kept)} of {len(own)} actions a are shown, the likeliest; --out FILE.npz keeps all", "  ")


_PAIR = "Policy pi*(a|b), marginal policy pi(a), opponent model rho*(b)"


def _pair_table(page: Page, game: Game, agent: int, solution: Solution, s: int) -> None:
    """pi*(a|b) with its marginal in the margin, and rho*(b) above the prior."""
    policy, model, prior = solution.policy[s], solution.opponent_model[s], solution.prior[s]
    marginal = solution.marginal_policy[s]
    others = [i for i in range(game.num_players) if i != agent]
    own, theirs = page.labels(game.actions[agent]), [page.labels(game.actions[i]) for i in others]
    rows, columns = _largest(marginal), _largest(model)

    def cells(chances: Iterable[float]) -> list[str]:
        return aligned([page.probability(p) for p in chances])

    stub = [f"a, {page.player(game, agent)}", *(f"  {own[a]}" for a in rows)]
    if not others:
        page.table(stub, [["pi*(a)", *cells(policy[rows, 0])]])
    else:
        table = []
        for b in columns:
            joint = np.unravel_index(b, [len(labels) for labels in theirs])
            heads = [labels[int(k)] for labels, k in zip(theirs, joint, strict=True)]
            table.append([*heads, "", *cells([*policy[rows, b], model[b], prior[b]])])
        margin = ["pi(a)", "", *cells(marginal[rows]), "", ""]
        table.append([*[""] * (len(others) - 1), *(f"  {cell}" for cell in margin)])
        page.table([*(f"b, {page.player(game, i)}" for i in others), *stub, "rho*(b)", "prior P(b)"], table)
    for name, kept, chances in (("actions a", rows, marginal), ("joint actions b", columns, model)):
        if len(kept) < len(chances):
            mass = f"{len(kept)} of {len(chances)} {name} are shown, the likeliest, {chances[kept].sum():.4g} in all"
            page.say(f"{mass}; --out FILE.npz keeps all", "  ")


def _largest(weights: FloatArray) -> list[int]:
    """Where the largest MOST_ACTIONS of the weights are, in increasing order."""
    return sorted(np.argsort(-weights, kind="stable")[:MOST_ACTIONS].tolist())
