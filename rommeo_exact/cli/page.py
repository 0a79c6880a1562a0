"""Text for a person: paragraphs, tables and numbers, as wide as the terminal, in the characters that it has."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from itertools import product
from typing import Any

import numpy as np

from ..checks import FloatArray
from ..games.models import Game, StochasticGame

GLUE = "\xa0"  # a space at which no line is broken


class Page:
    """Lines for a person, as wide as the terminal, in characters that standard output has."""

    def __init__(self, digits: int = 4) -> None:
        self.width, self.digits = max(30, shutil.get_terminal_size().columns), digits
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

    def probability(self, chance: float) -> str:
        """Fixed decimals; one that they would round to 0 shows its size, and 0 is exactly 0."""
        if chance == 0.0:
            return "0"
        return f"{chance:.0e}" if chance < 0.5 * 10.0**-self.digits else f"{chance:.{self.digits}f}"

    def decimals(self, values: Sequence[float] | FloatArray) -> list[str]:
        """Fixed decimals, or for all of them exponents where those would be too long or all be zeros."""
        top = float(np.abs(values).max(initial=0.0))
        style = "f" if top == 0.0 or 10.0**-self.digits <= top < 1e9 else "e"
        return [f"{x:.{self.digits}{style}}" for x in values]

    def say(self, text: str = "", indent: str = "", hang: str | None = None) -> None:
        """A paragraph, wrapped; without a text an empty line."""
        wrap = textwrap.TextWrapper(
            self.width, initial_indent=indent, subsequent_indent=indent + "  " if hang is None else hang,
            break_on_hyphens=False, break_long_words=False,
        )  # fmt: skip
        self.lines += [line.replace(GLUE, " ") for line in wrap.wrap(text) or [""]]

    def table(self, stub: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
        """Columns flush right beside the stub, in as few blocks as the width allows."""
        left = _padded([f"  {text}" for text in stub], str.ljust)
        padded = [["  " + cell for cell in _padded(column, str.rjust)] for column in columns]
        widths = [_columns(cells[0]) for cells in padded]
        room = max(self.width - _columns(left[0]), *widths)
        fewest = len(_blocks(widths, room))
        # blocks of much the same width, where the last could be a stray column
        even = next(limit for limit in range(max(widths), room + 1) if len(_blocks(widths, limit)) == fewest)
        for k, block in enumerate(_blocks(widths, even)):
            if k > 0:
                self.say()
            self.lines += ["".join(parts) for parts in zip(left, *padded[block], strict=True)]


def _blocks(widths: Sequence[int], room: int) -> list[slice]:
    """Runs of columns that fit into the room, each as long as can be."""
    starts, used = [0], 0
    for k, width in enumerate(widths):
        if k > starts[-1] and used + width > room:
            starts.append(k)
            used = 0
        used += width
    return [slice(start, stop) for start, stop in zip(starts, [*starts[1:], len(widths)], strict=True)]


def _printable(text: str, encoding: str | None) -> str:
    """The text on one line, with escapes for control codes and for what the encoding does not have."""
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


def aligned(cells: Sequence[str]) -> list[str]:
    """Numbers padded so that, flush right, their decimal points stand one below the other; other texts as they are."""
    tails = [cell.lstrip("-0123456789") for cell in cells]
    right = max((len(tail) for tail, cell in zip(tails, cells, strict=True) if tail != cell), default=0)
    return [cell if tail == cell else cell + " " * (right - len(tail)) for tail, cell in zip(tails, cells, strict=True)]


def shortest(value: float) -> str:
    return repr(value).removesuffix(".0")


def upper(bound: float | Decimal) -> str:
    """A bound to two digits, rounded up."""
    exact = Decimal(bound)
    if not exact or not exact.is_finite():
        return f"{float(exact):g}"
    return f"{Context(prec=2, rounding=ROUND_CEILING).plus(exact):.2g}"


def certified(value: float, bound: float) -> tuple[str, str]:
    """A value to the digits that its bound certifies, and the bound with what that rounding adds."""
    if not math.isfinite(value) or not math.isfinite(bound):
        return f"{value:g}", f"{bound:g}"
    size = Decimal(value).adjusted()
    certain = 17 if bound == 0.0 else min(17, max(1, size + 1 + math.ceil(-math.log10(bound))))
    if value == 0.0:
        text = "0"
    elif -5 <= size < 16:
        text = f"{value:.{max(0, certain - 1 - size)}f}"
    else:
        text = f"{value:.{certain - 1}e}"
    return text, upper(Decimal(bound) + abs(Decimal(text) - Decimal(value)))


def outward(lower: float, upper: float) -> tuple[str, str]:
    """Two bounds to 17 digits, the lower rounded down and the upper rounded up."""
    down, up = (Context(prec=17, rounding=rounding) for rounding in (ROUND_FLOOR, ROUND_CEILING))
    return _plain(down.create_decimal(Decimal(lower))), _plain(up.create_decimal(Decimal(upper)))


def _plain(number: Decimal) -> str:
    if not number.is_finite():
        return f"{float(number):g}"
    if not number:
        return "0"
    return f"{number:f}" if -5 <= number.adjusted() < 16 else f"{number:e}"


def as_json(record: dict[str, Any]) -> str:
    """One key a line, so that the short ones can be read."""

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value.tolist() if np.isfinite(value).all() else [plain(entry) for entry in value.tolist()]
        if isinstance(value, (list, tuple)):
            return [plain(entry) for entry in value]
        if isinstance(value, dict):
            return {key: plain(entry) for key, entry in value.items()}
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value

    lines = (f"  {json.dumps(key)}: {json.dumps(plain(value), allow_nan=False)}" for key, value in record.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def title(page: Page, game: Game) -> str:
    sizes = [count(game.num_players, "player"), f"{times(game.num_actions)}{GLUE}actions"]
    if isinstance(game, StochasticGame):
        ends = int(game.terminal.sum())
        sizes += [count(game.num_states, "state"), *[f"{ends}{GLUE}terminal"] * bool(ends)]
    return f"{page.label(game.name or 'Game without a name')}: {', '.join(sizes)}"


def heading(page: Page, game: Game, agent: int, weights: tuple[float, float, float], uniform: bool) -> None:
    """The game, whose eyes, and with what alpha, beta and discount."""
    given = "P(b|s)" if isinstance(game, StochasticGame) else "P(b)"
    others = [page.player(game, i) for i in range(game.num_players) if i != agent]
    opponents = f"; opponent{'s' * (len(others) != 1)}: {page.listed(others)}, choosing b" if others else ", alone"
    page.say(title(page, game))
    page.say(f"Agent {agent + 1} of {game.num_players}: {page.player(game, agent)}, choosing a{opponents}")
    page.say(f"{weighted(*weights)}, prior {given} {'uniform' if uniform else 'as given'}")


def weighted(alpha: float, beta: float, discount: float) -> str:
    return f"alpha = {shortest(alpha)}, beta = {shortest(beta)}, discount = {shortest(discount)}"


def unit(discount: float) -> str:
    return f"(in the unit of the payoffs, {'discounted and summed over all rounds' if discount else 'one round'})"


def state_name(game: StochasticGame, s: int) -> str:
    return f"s={s}" if game.states is None else game.states[s]


def clock(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1.0 else f"{1000.0 * seconds:.1f} ms"


def count(number: int, thing: str) -> str:
    return f"{number}{GLUE}{thing}{'s' * (number != 1)}"


def times(sizes: Iterable[int]) -> str:
    return f"{GLUE}x{GLUE}".join(map(str, sizes))


def complain(message: str) -> None:
    print(f"rommeo: {_printable(message, sys.stderr.encoding)}", file=sys.stderr)


def named(game: Game, agent: int) -> dict[str, Any]:
    """The names and labels of a game and of an agent's part in it, for a program."""
    others = [labels for i, labels in enumerate(game.actions) if i != agent]
    return {
        "game": game.name,
        "players": game.players,
        "agent": game.players[agent],
        "actions": game.actions[agent],
        "opponent_actions": list(product(*others)),
        "states": game.states if isinstance(game, StochasticGame) else None,
    }


@contextlib.contextmanager
def telling() -> Iterator[Callable[[str], None]]:
    """Words on standard error about what is being done, where somebody looks at it."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    widest = 0

    def tell(text: str) -> None:
        nonlocal widest
        widest = max(widest, len(text))
        sys.stderr.write(f"\r{text:{widest}}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write(f"\r{' ' * widest}\r")
        sys.stderr.flush()
