"""Gambit's strategic game files (.nfg), read and written as text.

The format is described in the Gambit manual, "The strategic game (.nfg) file format, payoff version" and "outcome
version": a prologue, then the payoffs of every profile, or a list of outcomes and the outcome of every profile; the
first player's strategy changes fastest.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from typing import NoReturn, TypeVar

import numpy as np

from ..checks import FloatArray
from ..errors import FileFormatError, InputError
from .models import MatrixGame

__all__ = ["read_nfg", "write_nfg"]

T = TypeVar("T")

_TOKEN = re.compile(
    r'\s*+(?:(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<mark>[{},])|(?P<word>[^\s{},"]++)|(?P<end>\Z))',
    re.ASCII | re.DOTALL,
)
_NUMBER = re.compile(
    r"(?P<top>[+-]?[0-9]+)/(?P<bottom>[0-9]+)|[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
)
# A NumPy array has at most 64 axes, 32 before release 2, and the players take one.
_MAX_PLAYERS = 63 if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else 31


def read_nfg(text: str, path: str | None = None) -> MatrixGame:
    r"""The game that the text of an .nfg file describes, in its payoff or its outcome version.

    Decimals and fractions become the nearest double. Within a string, ``\"`` is a quote and ``\\`` a backslash; any
    other backslash stands for itself. Labels that occur more than once become ``label_1, label_2, ...``, as in Gambit
    17; the comment is not kept; an empty title is no name.

    Parameters
    ----------
    text : str
        The file's contents.
    path : str, optional
        The file's name, for the messages.

    Raises
    ------
    FileFormatError
        With the line and the column of the fault.

    Examples
    --------
    >>> game = read_nfg('NFG 1 R "Selten 1975, figure 2" { "I" "II" } { 3 2 }  1 1 0 2 0 2 1 1 0 3 2 0')
    >>> game.num_actions, game.payoffs[:, 2, 1]
    ((3, 2), array([2., 0.]))
    >>> read_nfg('NFG 1 R "" { "I" "II" } { 3 2 }\n1 1 0 2 0 2 1 1 0 3 2', path="f.nfg")
    Traceback (most recent call last):
        ...
    rommeo_exact.errors.FileFormatError: f.nfg:2:22: expected 6 payoffs for each of 2 players (12 numbers), found 11
    """
    tokens = _Tokens(text, path)
    for keywords in (("NFG",), ("1",), ("R", "D")):
        tokens.keyword(*keywords)
    name = tokens.string("the game's title")
    start = tokens.start
    players = tokens.block(lambda: tokens.string("a player's name or '}'"))
    if not 1 <= len(players) <= _MAX_PLAYERS:
        tokens.fail(f"the game has {len(players)} players, not 1 to {_MAX_PLAYERS}", start)
    start = tokens.start
    tokens.mark("{")
    entry: Callable[[], list[str] | int] = tokens.labels if tokens.at("{") else tokens.size
    strategies = tokens.items(entry)
    if len(strategies) != len(players):
        tokens.fail(f"strategies of {len(strategies)} players, but {len(players)} players are named", start)
    if tokens.kind == "string":
        tokens.advance()
    sizes = [len(given) if isinstance(given, list) else given for given in strategies]
    rows = (_outcome_rows if tokens.at("{") else _payoff_rows)(tokens, len(players), math.prod(sizes))
    labels = [given if isinstance(given, list) else [str(k + 1) for k in range(given)] for given in strategies]
    return MatrixGame(
        rows.reshape(*reversed(sizes), len(players)).T,
        players=_distinct(players),
        actions=[_distinct(texts) for texts in labels],
        name=name or None,
    )


def write_nfg(game: MatrixGame, *, labels: bool = True, exact: bool = False) -> str:
    r"""The game as the text of an .nfg file, in the payoff version.

    Gambit reads this text, within its own limits: release 16 takes labels of printable ASCII only, and neither 16.7 nor
    17.0 alpha reads an escaped backslash, which is written only for a backslash before a quote, before another one or
    at the end of a label. OpenSpiel's reader knows no strategy labels: it reads the text when every player's actions
    are labelled ``"1", "2", ...``, or with `labels` off, and no name contains a quote.

    Parameters
    ----------
    game : MatrixGame
    labels : bool
        Whether to write the actions' labels; without, only their numbers.
    exact : bool
        Write the doubles as fractions, for readers that take decimals at their word: Gambit reads 0.1 as 1/10. The
        sign of -0.0 is lost. By default they are the shortest decimals that read back to the same double, bit for bit.

    Raises
    ------
    InputError
        If the game is not a matrix game.

    Examples
    --------
    >>> print(write_nfg(MatrixGame.bimatrix([[3, 0], [5, 1]], [[3, 5], [0, 1]], actions=[["C", "D"]] * 2, name="PD")))
    NFG 1 R "PD" { "1" "2" }
    { { "C" "D" } { "C" "D" } }
    <BLANKLINE>
    3 3
    5 0
    0 5
    1 1
    <BLANKLINE>
    """
    if not isinstance(game, MatrixGame):
        raise InputError(f"an .nfg file holds a matrix game, not a {type(game).__name__}")
    numbered = all(texts == tuple(str(k + 1) for k in range(len(texts))) for texts in game.actions)
    if labels and not numbered:
        strategies = " ".join(_block(map(_quoted, texts)) for texts in game.actions)
    else:
        strategies = " ".join(map(str, game.num_actions))
    number = _fraction if exact else _decimal
    rows = game.payoffs.T.reshape(-1, game.num_players).tolist()
    body = "\n".join(" ".join(map(number, row)) for row in rows)
    prologue = f"NFG 1 R {_quoted(game.name or '')} {_block(map(_quoted, game.players))}"
    return f"{prologue}\n{{ {strategies} }}\n\n{body}\n"


class _Tokens:
    """The tokens of a text, one at a time: `kind` ("string", "mark", "word" or "end"), `token`, and its `start`."""

    def __init__(self, text: str, path: str | None) -> None:
        self._text, self._path, self._stop = text, path, 0
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self._text, self._stop)
        if match is None:
            self.fail("a string that is never closed", self._text.index('"', self._stop))
        self.kind = str(match.lastgroup)
        self.token, self.start = match[self.kind], match.start(self.kind)
        self._stop = match.end()

    def fail(self, message: str, start: int | None = None) -> NoReturn:
        start = self.start if start is None else start
        line = self._text.count("\n", 0, start) + 1
        raise FileFormatError(message, path=self._path, line=line, column=start - self._text.rfind("\n", 0, start))

    def expected(self, what: str) -> NoReturn:
        found = self.token if len(self.token) <= 40 else self.token[:37] + "..."
        self.fail(f"expected {what}, found {'the end of the file' if self.kind == 'end' else repr(found)}")

    def at(self, mark: str) -> bool:
        return self.kind == "mark" and self.token == mark

    def mark(self, mark: str) -> None:
        if not self.at(mark):
            self.expected(repr(mark))
        self.advance()

    def keyword(self, *keywords: str) -> None:
        if self.kind != "word" or self.token not in keywords:
            self.expected(" or ".join(map(repr, keywords)))
        self.advance()

    def string(self, what: str) -> str:
        if self.kind != "string":
            self.expected(what)
        text = re.sub(r'\\([\\"])', r"\1", self.token[1:-1])
        self.advance()
        return text

    def block(self, item: Callable[[], T]) -> list[T]:
        self.mark("{")
        return self.items(item)

    def items(self, item: Callable[[], T]) -> list[T]:
        """What stands before the closing brace, which is passed."""
        items = []
        while not self.at("}"):
            items.append(item())
        self.advance()
        return items

    def labels(self) -> list[str]:
        start = self.start
        texts = self.block(lambda: self.string("a strategy's label or '}'"))
        if not texts:
            self.fail("a player without strategies", start)
        return texts

    def size(self) -> int:
        start = self.start
        number = self.natural("a number of strategies or '}'")
        if number == 0:
            self.fail("a player without strategies", start)
        return number

    def natural(self, what: str) -> int:
        if self.kind != "word" or not re.fullmatch("[0-9]{1,9}", self.token):
            self.expected(what)
        value = int(self.token)
        self.advance()
        return value

    def number(self, what: str) -> float:
        """A double, and the comma that may follow it."""
        match = _NUMBER.fullmatch(self.token) if self.kind == "word" else None
        if match is None:
            self.expected(what)
        try:
            value = int(match["top"]) / int(match["bottom"]) if match["top"] else float(self.token)
        except ZeroDivisionError:
            self.fail(f"{self.token[:40]} divides by zero")
        except (OverflowError, ValueError):  # Python turns no more than some thousands of digits into an integer
            value = math.inf
        if math.isinf(value):
            self.fail(f"{self.token[:40]} is out of the range of doubles")
        self.advance()
        if self.at(","):
            self.advance()
        return value

    def body(self, item: Callable[[], T], needed: int, what: str) -> list[T]:
        """`needed` items and the end of the file. They are counted when they have been read: no header is trusted."""
        items: list[T] = []
        surplus = None
        while self.kind != "end":
            if len(items) == needed:
                surplus = self.start
            items.append(item())
        if len(items) != needed:
            self.fail(f"expected {what}, found {len(items)}", surplus)
        return items


def _payoff_rows(tokens: _Tokens, players: int, profiles: int) -> FloatArray:
    what = f"{profiles} payoffs for each of {players} players ({profiles * players} numbers)"
    return np.array(tokens.body(lambda: tokens.number("a payoff"), profiles * players, what))


def _outcome_rows(tokens: _Tokens, players: int, profiles: int) -> FloatArray:
    def outcome() -> list[float]:
        start = tokens.start
        tokens.mark("{")
        tokens.string("the outcome's name")
        payoffs = tokens.items(lambda: tokens.number("a payoff or '}'"))
        if len(payoffs) != players:
            tokens.fail(f"an outcome with {len(payoffs)} payoffs for {players} players", start)
        return payoffs

    outcomes = [[0.0] * players, *tokens.block(outcome)]

    def index() -> int:
        start = tokens.start
        number = tokens.natural("the number of an outcome")
        if number >= len(outcomes):
            tokens.fail(f"outcome {number}, but only {len(outcomes) - 1} are listed", start)
        return number

    return np.array(outcomes)[tokens.body(index, profiles, f"the outcomes of {profiles} profiles")]


def _distinct(labels: Sequence[str]) -> list[str]:
    """The labels, those that occur more than once numbered."""
    times, taken = Counter(labels), set(labels)
    numbers: defaultdict[str, count[int]] = defaultdict(lambda: count(1))

    def numbered(label: str) -> str:
        return next(text for k in numbers[label] if (text := f"{label}_{k}") not in taken)

    return [label if times[label] == 1 else numbered(label) for label in labels]


def _block(items: map[str]) -> str:
    return f"{{ {' '.join(items)} }}"


def _quoted(text: str) -> str:
    # Gambit's reader keeps a lone backslash as it is and knows only the escaped quote: no more than needed is escaped.
    return '"' + re.sub(r'\\(?=[\\"]|\Z)', r"\\\\", text).replace('"', '\\"') + '"'


def _decimal(value: float) -> str:
    # Gambit takes no plus sign in an exponent. "-0" is still the negative zero.
    return repr(value).removesuffix(".0").replace("e+", "e")


def _fraction(value: float) -> str:
    top, bottom = value.as_integer_ratio()
    return str(top) if bottom == 1 else f"{top}/{bottom}"
