"""The command line: ``rommeo COMMAND``, also as ``python -m rommeo_exact COMMAND``.

Exit codes: 0 done; 1 the tolerance was not met, and what was reached is printed; 2 bad input, in one line on standard
error; 130 interrupted; 141 the reader of standard output has gone. A command is a function that adds its parser, in
:data:`COMMANDS`, and one that runs it and returns the exit code.
"""

from __future__ import annotations

import argparse
import errno
import inspect
import io
import json
import math
import os
import re
import shutil
import sys
import textwrap
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, Context, Decimal
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from . import __version__, games
from .checks import FloatArray, is_sparse
from .errors import FileFormatError, InputError, UnknownNameError
from .games.files import load_game, write_atomically
from .games.models import MatrixGame, StochasticGame
from .solvers import Solution, solve
from .solvers.methods import METHODS

__all__ = ["main"]

Game = MatrixGame | StochasticGame

FEW_STATES = 4  # of so many states every table is printed, of more the first
MOST_STATES = 12  # lines of the list of states
MOST_ACTIONS = 40  # rows and columns of a table
WIDE = 120  # a terminal of so many columns holds a game of the catalogue and what it is on one line


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line, by default the process's own, and return its exit code."""
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except OSError as error:  # of standard output: whatever reads or writes files raises InputError
        # What is buffered still must not be written at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL
            return 141
        _complain(f"cannot write to standard output: {error.strerror}")
        return 2


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        return int(arguments.run(arguments))
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except (InputError, MemoryError) as error:
        _complain(str(error) or "not enough memory")
        return 2
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130


def _complain(message: str) -> None:
    print(f"rommeo: {_printable(message, sys.stderr.encoding)}", file=sys.stderr)


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


# The arguments --------------------------------------------------------------------------------------------------------

_ABOUT = """\
Exact answers for ROMMEO (Tian et al. 2019): how an agent plays a game, and what it
expects of the others, when it jointly improves a conditional policy and an opponent
model that is held near a prior.
"""

_SOLVE = """\
Solve a game through the eyes of one agent. It picks a, the others together pick b;
over pi(a|s,b) and rho(b|s), in every state s, it maximises the expectation of

  sum_t gamma^t [ R(s,a,b) + alpha H(pi(.|s,b)) - beta KL(rho(.|s) || P(.|s)) ]

alpha  is the temperature of the agent's policy, in the unit of the payoffs: large is
       near uniform, 0 is the hard maximum over a.
beta   is the weight, in the same unit, that holds the opponent model rho to the prior P:
       1 is the paper, 0 the most optimistic model that P allows, inf freezes rho = P.
       (Other values than 1 are this project's generalisation.)

What is printed: the value V* with a bound on its error; pi*(a|b), one column for each b;
rho*(b) beside the prior P(b); and the marginal policy pi(a) = sum_b rho*(b) pi*(a|b),
which is what the agent plays. Probabilities are rounded, 0 is exactly 0.
"""

_SOLVE_MORE = """\
examples:
  rommeo solve climbing --alpha 1 --discount 0.9
  rommeo solve game.nfg --agent 2 --alpha 0.5 --prior 1/6,1/3,1/2
  rommeo solve penalty --set k=-50 --beta inf --json
  rommeo solve meeting --set size=4 --state "(0,0) (3,3)" --out meeting.npz

b is a joint action of the other players, in increasing order; in --prior and in the
arrays the last of them changes fastest: (1,1), (1,2), ..., (2,1), ...

keys of --json, and names of the arrays in --out (S states, A own actions, B joint
actions b):
  value (S)                  prior, opponent_model (S, B)     q, policy (S, A, B)
  marginal_policy (S, A)     terminal (S)                     alpha, beta, discount
  error_bound (|value - V*| is at most this in every state), tol, converged, residual,
  iterations, method, game (its name), players, agent (the player's name), actions (A),
  opponent_actions (B, the other players), states (S labels)
JSON numbers read back to the same doubles; an infinite one is the string "inf"; a game
without a name or without labelled states has null there, and no such array.

exit code: 0 solved, 1 tol not met (what was reached is printed), 2 bad input
"""

_GAMES_MORE = """\
examples:
  rommeo games
  rommeo games climbing --set variant=paper
  rommeo games path/to/game.nfg
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are InputErrors and whose options are not abbreviated."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def _parser() -> _Parser:
    parser = _Parser(prog="rommeo", description=_ABOUT)
    parser.add_argument("--version", action="version", version=f"rommeo_exact {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for add in COMMANDS:
        add(commands)
    return parser


def _add_solve(commands: Any) -> None:
    parser = commands.add_parser("solve", help="solve a game for one agent", description=_SOLVE, epilog=_SOLVE_MORE)
    add = parser.add_argument
    _add_game(parser)
    add("--agent", default="1", metavar="WHO", help="the agent: its number, from 1, or its name (Python counts from 0)")
    add("--alpha", type=_number, default=1.0, metavar="X", help="temperature of the policy (default 1)")
    add("--beta", type=_number, default=1.0, metavar="X", help="weight of KL(rho || P) (default 1); inf is allowed")
    add(
        "--prior",
        metavar="P",
        help="P(b): B numbers or fractions between commas; or a .csv or .txt file with one such line, or one for each "
        "state (default uniform)",
    )
    add("--discount", type=_number, metavar="G", help="gamma, in [0, 1) (default the game's own; 0 for a matrix game)")
    add("--method", default="auto", metavar="M", help=f"one of {', '.join(METHODS)} (default auto)")
    add("--tol", type=_number, metavar="X", help="bound to reach on the value's error (default 1e-10, or what doubles hold)")
    add("--max-iterations", type=_integer, default=100_000, metavar="N", help="default 100000")
    add("--state", action="append", metavar="S", help="print this state: its label, or s=0, s=1, ...; may be repeated")
    add("--digits", type=_integer, default=4, metavar="N", help="decimals of probabilities and of lists (default 4)")
    add("--json", action="store_true", help="print JSON, with everything")
    add("--out", metavar="FILE.npz", help="keep the arrays, with everything, in a new file for numpy.load")
    add("--force", action="store_true", help="replace the file of --out if there is one")
    parser.set_defaults(run=_run_solve)


def _add_games(commands: Any) -> None:
    about = "List the games of the catalogue; or print one game's payoffs and what is known of it."
    parser = commands.add_parser("games", help="list the catalogue, or show a game", description=about, epilog=_GAMES_MORE)
    _add_game(parser, nargs="?")
    parser.set_defaults(run=_run_games)


COMMANDS: tuple[Callable[[Any], None], ...] = (_add_solve, _add_games)


def _add_game(parser: argparse.ArgumentParser, **settings: Any) -> None:
    where = "a name of the catalogue (rommeo games lists it), or a file that ends in .nfg or .npz"
    parser.add_argument("game", metavar="GAME", help=where, **settings)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of a catalogue game; may be repeated"
    )


def _number(text: str) -> float:
    """A decimal, inf, or a fraction such as 1/3."""
    fraction = re.fullmatch(r"\s*([+-]?\d+)\s*/\s*(\d+)\s*", text)
    try:
        return int(fraction[1]) / int(fraction[2]) if fraction else float(text)
    except (ValueError, ArithmeticError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer") from None


def _load(text: str, settings: Iterable[str]) -> tuple[Game, str | None, dict[str, Any]]:
    """The game that the command line names; of a catalogue game also its name there and its parameters."""
    key = text.lower().replace("-", "_").replace(" ", "_")
    if key in games.names():
        parameters = _parameters(key, settings)
        return games.get(key, **parameters), key, parameters
    if Path(text).suffix or Path(text).name != text:
        for setting in settings:
            raise InputError(f"--set {setting}: only the games of the catalogue have parameters")
        return load_game(text), None, {}
    unknown = UnknownNameError("game", text, games.names())
    raise InputError(f"{unknown}; a file must exist, and its name end in .nfg or .npz")


def _parameters(key: str, settings: Iterable[str]) -> dict[str, Any]:
    """The values of --set NAME=VALUE, each of the type of the parameter's default."""
    signature = inspect.signature(getattr(games, key)).parameters
    parameters = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise InputError(f"--set {setting}: expected NAME=VALUE")
        if name not in signature:
            games.get(key, **{name: text})  # raises, and lists those that there are
        kind = type(signature[name].default)
        read: Callable[[str], Any] = {bool: _truth, int: _integer, float: _number}.get(kind, str)
        try:
            parameters[name] = read(text)
        except argparse.ArgumentTypeError as error:
            raise InputError(f"--set {name}: {error}") from None
    return parameters


def _truth(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return words[text.lower()]


def _agent(game: Game, text: str) -> int:
    if re.fullmatch("[0-9]{1,9}", text) and 1 <= int(text) <= game.num_players:
        return int(text) - 1
    if text not in game.players:
        known = ", ".join(f"{k} ({name})" if name != str(k) else name for k, name in enumerate(game.players, 1))
        raise InputError(f"--agent {text}: there is no such player; the game has {known}")
    return game.agent_index(text)


def _prior(text: str, game: Game, agent: int) -> list[float] | list[list[float]]:
    """P(b) or P(b|s) from numbers between commas, or from the lines of a file."""
    counts = [size for i, size in enumerate(game.num_actions) if i != agent]
    joint = math.prod(counts)
    if Path(text).suffix.lower() not in (".csv", ".txt"):
        return _row(text, joint, lambda message: InputError(f"--prior: {message}"))
    try:
        lines = Path(text).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise FileFormatError(f"cannot be read: {reason}", path=text) from None
    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            rows.append(_row(line, joint, partial(FileFormatError, path=text, line=number)))
    if len(rows) == 1:
        return rows[0]
    states = game.num_states if isinstance(game, StochasticGame) else 1
    if len(rows) != states:
        raise FileFormatError(f"{len(rows)} lines of numbers for {states} states", path=text)
    return rows


def _row(text: str, count: int, error: Callable[[str], InputError]) -> list[float]:
    row = []
    for k, entry in enumerate(text.split(",") if "," in text else text.split(), 1):
        try:
            row.append(_number(entry))
        except argparse.ArgumentTypeError as reason:
            raise error(f"entry {k}, {reason}") from None
    if len(row) != count:
        raise error(f"{len(row)} numbers for {count} joint actions of the opponents")
    return row


# rommeo solve ---------------------------------------------------------------------------------------------------------


def _run_solve(arguments: argparse.Namespace) -> int:
    game, _, _ = _load(arguments.game, arguments.set)
    agent = _agent(game, arguments.agent)
    states = _states(game, arguments.state)
    if not 1 <= arguments.digits <= 17:
        raise InputError(f"--digits is {arguments.digits}, not in [1, 17]")
    prior = None if arguments.prior is None else _prior(arguments.prior, game, agent)
    _check_free(arguments.out, arguments.force)
    start = time.perf_counter()
    solution = solve(
        game, agent, arguments.alpha, arguments.beta, prior, arguments.discount, arguments.method, arguments.tol,
        arguments.max_iterations, on_failure="return",
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if arguments.out is not None:
        _check_free(arguments.out, arguments.force)
        write_atomically(arguments.out, _npz(_record(game, agent, solution)))
    if arguments.json:
        _write(_json(_record(game, agent, solution)))
    else:
        _write(_report(game, agent, solution, states, arguments, seconds))
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
            label = "" if game.states is None else f" by labels such as {game.states[0]!r}, or"
            raise InputError(f"--state {text}: there is no such state; they are named{label} from s=0 to s={game.num_states - 1}")
    return [names[text] for text in wanted]


def _check_free(out: str | None, force: bool) -> None:
    """That --out can be written, before the work and again after it."""
    if out is None:
        return
    if Path(out).suffix.lower() != ".npz":
        raise InputError(f"--out {out}: the name must end in .npz")
    if not Path(out).parent.is_dir():
        raise InputError(f"--out {out}: there is no such folder")
    if os.path.lexists(out) and not force:
        raise InputError(f"--out {out}: the file exists; --force replaces it")


def _record(game: Game, agent: int, solution: Solution) -> dict[str, Any]:
    """Everything about a solution, under the names that --json and --out share."""
    others = [labels for i, labels in enumerate(game.actions) if i != agent]
    return {
        "game": game.name,
        "players": game.players,
        "agent": game.players[agent],
        "actions": game.actions[agent],
        "opponent_actions": list(product(*others)),
        "states": game.states if isinstance(game, StochasticGame) else None,
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


def _json(record: dict[str, Any]) -> str:
    """One key a line, so that the short ones can be read."""

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value.tolist() if np.isfinite(value).all() else [plain(entry) for entry in value.tolist()]
        if isinstance(value, list):
            return [plain(entry) for entry in value]
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value

    lines = (f"  {json.dumps(key)}: {json.dumps(plain(value), allow_nan=False)}" for key, value in record.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _report(
    game: Game, agent: int, solution: Solution, wanted: list[int] | None, arguments: argparse.Namespace, seconds: float
) -> str:
    """What `rommeo solve` prints for a person."""
    page = _Page()
    view, digits = solution.view, arguments.digits
    given = "" if isinstance(game, MatrixGame) else "|s"
    others = [page.player(game, i) for i in range(game.num_players) if i != agent]
    rest = f"; {page.listed(others)} {'picks' if len(others) == 1 else 'pick'} b" if others else ", alone"
    page.say(_title(page, game))
    page.say(f"Agent {agent + 1} of {game.num_players}: {page.player(game, agent)}, who picks a{rest}")
    page.say(
        f"alpha = {_shortest(solution.alpha)}, beta = {_shortest(solution.beta)}, "
        f"discount = {_shortest(view.discount)}, prior P(b{given}) {'uniform' if arguments.prior is None else 'as given'}"
    )
    page.say()
    if isinstance(game, MatrixGame):
        value, bound = _certified(float(solution.value[0]), solution.error_bound)
        page.say(f"V* = {value}, error at most {bound}")
        page.say(_unit(view.discount), "     ")
        page.say()
        page.say(_PAIR if others else "Policy pi*(a)")
        _pair_table(page, game, agent, solution, 0, digits)
    else:
        _state_tables(page, game, agent, solution, wanted, digits)
    page.say()
    for line in _how(solution, seconds):
        page.say(line)
    if arguments.out is not None:
        page.say(f"Arrays and settings are in {page.label(arguments.out)}")
    return str(page)


def _title(page: _Page, game: Game) -> str:
    players = "1 player" if game.num_players == 1 else f"{game.num_players} players"
    title = f"{page.label(game.name or 'Game without a name')}: {players}, {' x '.join(map(str, game.num_actions))} actions"
    if isinstance(game, StochasticGame):
        ends = int(game.terminal.sum())
        title += f", {game.num_states} state{'s' * (game.num_states != 1)}" + f" ({ends} terminal, worth 0)" * bool(ends)
    return title


def _unit(discount: float) -> str:
    return f"(in the unit of the payoffs, {'discounted and summed over all rounds' if discount else 'one round'})"


def _how(solution: Solution, seconds: float) -> tuple[str, str]:
    actions = Counter(step.action for step in solution.history[:-1])
    detail = ", ".join(f"{action} {count}" for action, count in actions.items())
    count = f"{solution.iterations} iteration{'s' * (solution.iterations != 1)}" + f" ({detail})" * bool(detail)
    clock = f"{seconds:.1f} s" if seconds >= 1.0 else f"{1000.0 * seconds:.1f} ms"
    verdict = "met"
    if not solution.converged:
        more = solution.history[-1].action == "exhausted"
        verdict = f"NOT MET: {'more --max-iterations would come nearer' if more else 'rounding allows no less'}"
    reached = f"residual {_upper(solution.residual)}, error bound {_upper(solution.error_bound)}, tol {solution.tol:g} {verdict}"
    return f"Solved by {solution.method} in {count}, {clock}", reached


def _state_tables(
    page: _Page, game: StochasticGame, agent: int, solution: Solution, wanted: list[int] | None, digits: int
) -> None:
    """The states' values and marginal policies in a list, then the tables of some."""
    live = np.flatnonzero(~game.terminal)
    listed = list(range(min(game.num_states, MOST_STATES))) if wanted is None else wanted
    tables = live[: FEW_STATES if len(live) <= FEW_STATES else 2].tolist() if wanted is None else wanted
    expected = _decimals([float(game.initial @ solution.value)], digits)[0]
    page.say(f"V*(s): error at most {_upper(solution.error_bound)} in every state")
    page.say(_unit(solution.view.discount), "       ")
    page.say(f"E V*(s) = {expected} from the game's initial distribution")
    page.say()
    _state_list(page, game, agent, solution, listed, digits)
    if len(listed) < game.num_states:
        left = f"{game.num_states - len(listed)} of {game.num_states} states are not shown"
        page.say(f"{left}: --state S shows one, --out FILE.npz keeps all", "  ")
    page.say()
    page.say(_PAIR if game.num_players > 1 else "Policy pi*(a)")
    for s in tables:
        page.say()
        value = _decimals([float(solution.value[s])], digits)[0]
        end = game.terminal[s]
        page.say(f"State {page.label(_state(game, s))}: " + ("terminal, worth 0" if end else f"V* = {value}"))
        if not end:
            _pair_table(page, game, agent, solution, s, digits)
    if wanted is None and len(tables) < len(live):
        page.say()
        page.say(f"{len(live) - len(tables)} more tables: --state S shows one, --out FILE.npz keeps all")


def _state_list(
    page: _Page, game: StochasticGame, agent: int, solution: Solution, listed: list[int], digits: int
) -> None:
    page.say("Value V*(s), and marginal policy pi(a|s) in a column for each a")
    ends = game.terminal[listed]
    values = _decimals(solution.value[listed], digits)
    marginal = solution.marginal_policy[listed]
    own, kept = page.labels(game.actions[agent]), _largest(marginal.sum(axis=0))
    columns = [["V*(s)", *_aligned(["terminal" if end else text for end, text in zip(ends, values, strict=True)])]]
    for a in kept:
        chances = ["-" if end else _probability(p, digits) for end, p in zip(ends, marginal[:, a], strict=True)]
        columns.append([own[a], *_aligned(chances)])
    page.table(["s", *page.labels([_state(game, s) for s in listed])], columns)
    if len(kept) < len(own):
        page.say(f"{len(kept)} of {len(own)} actions a are shown, the likeliest; --out FILE.npz keeps all", "  ")


_PAIR = "Policy pi*(a|b), marginal policy pi(a), opponent model rho*(b)"


def _state(game: StochasticGame, s: int) -> str:
    return f"s={s}" if game.states is None else game.states[s]


def _pair_table(page: _Page, game: Game, agent: int, solution: Solution, s: int, digits: int) -> None:
    """pi*(a|b) with its marginal in the margin, and rho*(b) above the prior."""
    policy, model, prior = solution.policy[s], solution.opponent_model[s], solution.prior[s]
    marginal = solution.marginal_policy[s]
    others = [i for i in range(game.num_players) if i != agent]
    own, theirs = page.labels(game.actions[agent]), [page.labels(game.actions[i]) for i in others]
    rows, columns = _largest(marginal), _largest(model)

    def cells(values: Iterable[float]) -> list[str]:
        return _aligned([_probability(p, digits) for p in values])

    stub = [f"b, {page.player(game, i)}" for i in others] or [""]
    blank = [""] * (len(stub) - 1)
    stub += [f"a, {page.player(game, agent)}", *(f"  {own[a]}" for a in rows)]
    margin = [*blank, "  pi(a)", "", *(f"  {cell}" for cell in cells(marginal[rows]))]
    if not others:
        page.table(stub, [["pi*(a)", "", *cells(policy[rows, 0])]])
        return
    table = []
    for b in columns:
        joint = np.unravel_index(b, [len(labels) for labels in theirs])
        heads = [labels[int(k)] for labels, k in zip(theirs, joint, strict=True)]
        table.append([*heads, "", *cells([*policy[rows, b], model[b], prior[b]])])
    page.table([*stub, "rho*(b)", "prior P(b)"], [*table, [*margin, "", ""]])
    for name, kept, chances in (("actions a", rows, marginal), ("joint actions b", columns, model)):
        if len(kept) < len(chances):
            page.say(
                f"{len(kept)} of {len(chances)} {name} are shown, the likeliest, {chances[kept].sum():.4g} in all; "
                "--out FILE.npz keeps all",
                "  ",
            )


def _largest(weights: FloatArray) -> list[int]:
    """Where the largest MOST_ACTIONS of the weights are, in increasing order."""
    return sorted(np.argsort(-weights, kind="stable")[:MOST_ACTIONS].tolist())


# rommeo games ---------------------------------------------------------------------------------------------------------


def _run_games(arguments: argparse.Namespace) -> int:
    page = _Page()
    if arguments.game is None:
        _list_games(page)
    else:
        game, key, parameters = _load(arguments.game, arguments.set)
        _show_game(page, game, key, parameters)
    _write(str(page))
    return 0


def _list_games(page: _Page) -> None:
    page.say("Games of the catalogue: rommeo games NAME shows one, rommeo solve NAME solves it")
    page.say()
    entries = []
    for key in games.names():
        game = games.get(key)
        states = f", {game.num_states} states" if isinstance(game, StochasticGame) else ""
        entries.append((key, " x ".join(map(str, game.num_actions)) + states, _summary(key)))
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


def _show_game(page: _Page, game: Game, key: str | None, parameters: dict[str, Any]) -> None:
    page.say(_title(page, game))
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
        kind = f"sparse, {game.transitions.nnz} entries" if is_sparse(game.transitions) else "dense"
        low, high = (_shortest(float(end)) for end in (game.payoffs.min(), game.payoffs.max()))
        page.say(f"Discount {_shortest(game.discount)}; payoffs from {low} to {high}; transitions {kind}")
    if key is not None:
        page.say()
        _list_facts(page, game, games.facts(key, **parameters))


def _payoff_table(page: _Page, game: MatrixGame) -> None:
    """Player 1's actions in rows, the others' joint actions in columns; a cell holds one payoff where all are the same."""
    players = [page.player(game, i) for i in range(game.num_players)]
    payoffs = game.payoffs.reshape(game.num_players, game.num_actions[0], -1)
    common = bool((payoffs == payoffs[0]).all())
    own, joint = (range(min(size, MOST_ACTIONS)) for size in payoffs.shape[1:])
    shown = payoffs[: 1 if common else None, : len(own), : len(joint)]
    texts = [[[_shortest(x) for x in row] for row in matrix] for matrix in shown.tolist()]
    widths = [max(len(text) for row in matrix for text in row) for matrix in texts]
    labels = [page.labels(names) for names in game.actions]
    columns = []
    for b in joint:
        profile = np.unravel_index(b, game.num_actions[1:]) if len(players) > 1 else ()
        heads = [names[int(k)] for names, k in zip(labels[1:], profile, strict=True)]
        cells = [", ".join(matrix[a][b].rjust(width) for matrix, width in zip(texts, widths, strict=True)) for a in own]
        columns.append([*heads, "", *cells])
    page.say(f"Payoffs, the same to {page.listed(players)}" if common else f"Payoffs to {page.listed(players)}")
    page.table([*players[1:], players[0], *(f"  {labels[0][a]}" for a in own)], columns)
    if payoffs[0].size > len(own) * len(joint):
        page.say(f"{len(own)} x {len(joint)} of {payoffs.shape[1]} x {payoffs.shape[2]} profiles are shown", "  ")


def _list_facts(page: _Page, game: Game, facts: games.Facts) -> None:
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
    entries += [("symmetry", _relabelling(page, game, symmetry)) for symmetry in facts.symmetries] or [("symmetry", "none")]
    entries.append(("source", facts.citation))
    page.say("What is known")
    for name, text in entries:
        page.say(f"{name:22}{text}", "  ", " " * 24)


def _relabelling(page: _Page, game: Game, symmetry: games.Symmetry) -> str:
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


# Text -----------------------------------------------------------------------------------------------------------------


class _Page:
    """Lines for a person, as wide as the terminal, in characters that standard output has."""

    def __init__(self) -> None:
        self.width = max(30, shutil.get_terminal_size().columns)
        self.lines: list[str] = []

    def __str__(self) -> str:
        return "".join(f"{line.rstrip()}\n" for line in self.lines)

    def label(self, text: str) -> str:
        """A label of a game, on one line."""
        return _printable(text, sys.stdout.encoding) or '""'

    def labels(self, texts: Sequence[str]) -> list[str]:
        """Labels cut in the middle where they are too long, and numbered where they would then be the same."""
        limit = max(10, self.width // 3)
        cut = [_cut(self.label(text), limit) for text in texts]
        if len(set(cut)) == len(cut):
            return cut
        return [_cut(f"{k}:{self.label(text)}", limit) for k, text in enumerate(texts, 1)]

    def player(self, game: Game, i: int) -> str:
        name = game.players[i]
        return f"player {name}" if name.isdecimal() else self.labels([name])[0]

    def listed(self, texts: Sequence[str]) -> str:
        return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)

    def say(self, text: str = "", indent: str = "", hang: str | None = None) -> None:
        """A paragraph, wrapped; without a text an empty line."""
        wrap = textwrap.TextWrapper(
            self.width, initial_indent=indent, subsequent_indent=indent + "  " if hang is None else hang,
            break_on_hyphens=False, break_long_words=False,
        )  # fmt: skip
        self.lines += wrap.wrap(text) or [""]

    def table(self, stub: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
        """Columns flush right beside the stub, in as many blocks as the width needs."""
        left = _padded([f"  {text}" for text in stub], str.ljust)
        blocks: list[list[list[str]]] = [[]]
        room = self.width - _columns(left[0])
        for column in columns:
            cells = ["  " + cell for cell in _padded(column, str.rjust)]
            if blocks[-1] and _columns(cells[0]) > room:
                blocks.append([])
                room = self.width - _columns(left[0])
            blocks[-1].append(cells)
            room -= _columns(cells[0])
        for k, block in enumerate(blocks):
            if k > 0:
                self.say()
            self.lines += ["".join(parts) for parts in zip(left, *block, strict=True)]


def _printable(text: str, encoding: str | None) -> str:
    """The text with what cannot be printed, or is no character of the encoding, as escapes: one line, no control codes."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text.encode(encoding or "utf-8", "backslashreplace").decode(encoding or "utf-8")


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _padded(texts: Sequence[str], fill: Callable[[str, int], str]) -> list[str]:
    width = max(map(_columns, texts))
    return [fill(text, width + len(text) - _columns(text)) for text in texts]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit // 2 - 1]}..{text[len(text) - (limit - limit // 2 - 1) :]}"


def _aligned(cells: Sequence[str]) -> list[str]:
    """Numbers padded so that their decimal points stand one below the other; other texts flush right."""
    heads = [cell[: len(cell) - len(cell.lstrip("-0123456789"))] for cell in cells]
    tails = [cell[len(head) :] for cell, head in zip(cells, heads, strict=True)]
    left = max(map(len, heads))
    right = max((len(tail) for head, tail in zip(heads, tails, strict=True) if head), default=0)
    return [
        head.rjust(left) + tail.ljust(right) if head else tail.rjust(left + right)
        for head, tail in zip(heads, tails, strict=True)
    ]


def _probability(chance: float, digits: int) -> str:
    """Fixed decimals; what they would round to 0 shows its size, and 0 is exactly 0."""
    if chance == 0.0:
        return "0"
    return f"{chance:.0e}" if chance < 0.5 * 10.0**-digits else f"{chance:.{digits}f}"


def _decimals(values: Iterable[float], digits: int) -> list[str]:
    """Values with fixed decimals, or all with exponents where those would be too long or all be zeros."""
    numbers = list(values)
    top = max(map(abs, numbers), default=0.0)
    style = "f" if top == 0.0 or 10.0**-digits <= top < 1e9 else "e"
    return [f"{x:.{digits}{style}}" for x in numbers]


def _shortest(value: float) -> str:
    return repr(value).removesuffix(".0")


def _upper(bound: float | Decimal) -> str:
    """A bound to two digits, rounded up."""
    exact = Decimal(bound)
    return f"{Context(prec=2, rounding=ROUND_CEILING).plus(exact):.1e}" if exact.is_finite() and exact else f"{bound:g}"


def _certified(value: float, bound: float) -> tuple[str, str]:
    """A value to the digits that its bound certifies, and the bound with what that rounding adds."""
    if not math.isfinite(value) or not math.isfinite(bound):
        return f"{value:g}", f"{bound:g}"
    decimals = 17 if bound == 0.0 else max(0, math.ceil(-math.log10(bound)))
    size = 0 if value == 0.0 else math.floor(math.log10(abs(value)))
    if -5 <= size < 16:
        text = f"{value:.{min(decimals, 16 - size)}f}"
    else:
        text = f"{value:.{min(16, max(0, decimals + size))}e}"
    return text, _upper(Decimal(bound) + abs(Decimal(text) - Decimal(value)))
