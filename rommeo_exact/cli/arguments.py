"""What the commands share on the command line: the game, its parameters, the agent, the prior."""

from __future__ import annotations

import argparse
import inspect
import math
import os
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from .. import games, plots
from ..errors import FileFormatError, InputError, UnknownNameError
from ..games.files import load_game
from ..games.models import Game, StochasticGame


class Parser(argparse.ArgumentParser):
    """A parser whose errors are InputErrors and whose options are not abbreviated."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def add_game(parser: argparse.ArgumentParser, **settings: Any) -> None:
    where = "a name of the catalogue (rommeo games lists it), or a file that ends in .nfg or .npz"
    parser.add_argument("game", metavar="GAME", help=where, **settings)
    what = "a parameter of a catalogue game; may be repeated"
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=what)


def add_problem(parser: argparse.ArgumentParser) -> None:
    """Whose problem it is, and its weights: what makes an agent's problem of a game."""
    add = parser.add_argument
    add("--agent", default="1", metavar="WHO", help="the agent: its number, from 1, or its name (Python counts from 0)")
    add("--alpha", type=number, default=1.0, metavar="X", help="temperature of the policy (default 1)")
    add("--beta", type=number, default=1.0, metavar="X", help="weight of KL(rho || P) (default 1); inf is allowed")
    add(
        "--prior",
        metavar="P",
        help="P(b): B numbers or fractions between commas; or a .csv or .txt file with one such line, or one for each "
        "state (default uniform)",
    )
    add("--discount", type=number, metavar="G", help="gamma, in [0, 1) (default the game's own; 0 for a matrix game)")


PLOTS = (".png", ".svg", ".pdf")
"""How the names of pictures end."""


def add_plot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plot", metavar="FILE", help="draw it: a new .png, .svg or .pdf file")


def check_plot(plot: str | None, force: bool) -> None:
    """That --plot can be drawn and written, before the work."""
    check_free(plot, force, *PLOTS, option="--plot")
    if plot is not None:
        plots.new()  # raises where Matplotlib is missing


def picture(figure: Any, plot: str) -> bytes:
    """What the file of --plot holds."""
    return plots.written(figure, Path(plot).suffix.lower()[1:])


def check_free(out: str | None, force: bool, *suffixes: str, option: str = "--out") -> None:
    """That --out can be written, before the work and again after it."""
    if out is None:
        return
    if Path(out).suffix.lower() not in suffixes:
        raise InputError(f"{option} {out}: the name must end in {' or '.join(suffixes)}")
    if not os.path.isdir(Path(out).parent):
        raise InputError(f"{option} {out}: there is no such folder")
    if os.path.lexists(out) and not force:
        raise InputError(f"{option} {out}: the file exists; --force replaces it")


def number(text: str) -> float:
    """A decimal, inf, or a fraction such as 1/3."""
    fraction = re.fullmatch(r"\s*([+-]?\d+)\s*/\s*(\d+)\s*", text)
    try:
        return int(fraction[1]) / int(fraction[2]) if fraction else float(text)
    except (ValueError, ArithmeticError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer") from None


def load(text: str, settings: Iterable[str]) -> tuple[Game, str | None, dict[str, Any]]:
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
    raise InputError(f"{unknown} (a file must exist, and its name end in .nfg or .npz)")


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
        read: Callable[[str], Any] = {bool: _truth, int: integer, float: number}.get(kind, str)
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


def agent_index(game: Game, text: str, option: str = "--agent") -> int:
    if re.fullmatch("[1-9][0-9]{0,2}", text) and int(text) <= game.num_players:
        return int(text) - 1
    if text not in game.players:
        known = ", ".join(f"{k} ({name})" if name != str(k) else name for k, name in enumerate(game.players, 1))
        raise InputError(f"{option} {text}: there is no such player; the game has {known}")
    return game.agent_index(text)


def prior_of(text: str, game: Game, agent: int, option: str = "--prior") -> list[float] | list[list[float]]:
    """P(b) or P(b|s) from numbers between commas, or from the lines of a file."""
    counts = [size for i, size in enumerate(game.num_actions) if i != agent]
    joint = math.prod(counts)
    if Path(text).suffix.lower() not in (".csv", ".txt"):
        return _row(text, joint, lambda message: InputError(f"{option}: {message}"))
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
            row.append(number(entry))
        except argparse.ArgumentTypeError as reason:
            raise error(f"entry {k}, {reason}") from None
    if len(row) != count:
        raise error(f"{len(row)} numbers for {count} joint actions of the opponents")
    return row
