"""How pictures look, and what all of them use: colours, letters, ticks, labels, files.

Colours are those of Okabe and Ito (2008), which people with any colour vision tell apart, and none of them carries a
meaning alone: lines differ in their dashes as well, and points in their shapes, so that a picture in grey says the
same.
"""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable
from typing import Any, ParamSpec

from ..errors import InputError, MissingPackageError
from ..games.models import Game

__all__ = [
    "COLOURS", "DASHES", "HEAT", "INK", "PAPER", "SHAPES", "STYLE", "legend_line", "new", "patch", "plain_ticks",
    "short", "state_name", "styled", "who", "written",
]  # fmt: skip

INK, PAPER = "#1a1a1b", "#fffffe"
"""Of lines and letters, and of what is behind them: no other colour is equal to them, so a page may change them."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#6a6a6a", "#8a5a00")
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)))
SHAPES = "osD^v<>P"
HEAT = "cividis"

SCREEN = 80
"""Dots per inch of what a notebook shows."""

STYLE: dict[str, Any] = {
    "font.size": 14.0, "axes.titlesize": 15.0, "axes.labelsize": 15.0, "xtick.labelsize": 13.0, "ytick.labelsize": 13.0,
    "legend.fontsize": 12.5, "figure.titlesize": 17.0, "lines.linewidth": 2.4, "axes.linewidth": 1.1,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "legend.frameon": False,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.facecolor": PAPER, "figure.facecolor": PAPER, "savefig.facecolor": PAPER, "savefig.dpi": 160,
    "svg.fonttype": "path", "svg.hashsalt": "rommeo_exact", "pdf.fonttype": 42, "axes.unicode_minus": True,
}  # fmt: skip


def new(rows: int = 1, columns: int = 1, *, width: float = 7.0, height: float = 4.8) -> tuple[Any, Any]:
    """A figure of rows x columns axes, each so many inches wide and high, with letters for a lecture hall.

    A notebook shows the figure where it is a cell's last value. Lines, legends and titles of your own look alike where
    the function that adds them is decorated with :func:`styled`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : (rows, columns) array of matplotlib.axes.Axes

    Raises
    ------
    MissingPackageError
        If Matplotlib is not installed.
    """
    matplotlib = _matplotlib()
    with matplotlib.rc_context(STYLE):
        figure = matplotlib.figure.Figure(figsize=(width * columns, height * rows), layout="constrained")
        figure._repr_png_ = lambda: written(figure, "png", dpi=SCREEN)  # what notebooks show
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
        return figure, figure.subplots(rows, columns, squeeze=False)


def written(figure: Any, format: str, *, dpi: float | None = None) -> bytes:
    """The bytes of a figure's file, ``"png"``, ``"svg"`` or ``"pdf"``: the same figure gives the same bytes."""
    matplotlib = _matplotlib()
    stream = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    if format not in undated:
        raise InputError(f"format is {format!r}, not 'png', 'svg' or 'pdf'")
    with matplotlib.rc_context(STYLE):
        figure.savefig(stream, format=format, metadata=undated[format], dpi=dpi or STYLE["savefig.dpi"])
    return stream.getvalue()


def _matplotlib() -> Any:
    try:
        import matplotlib
        import matplotlib.figure
    except ImportError:
        raise MissingPackageError("plots", "matplotlib", "plots") from None
    return matplotlib


P = ParamSpec("P")


def styled(draw: Callable[P, Any]) -> Callable[P, Any]:
    """The function with Matplotlib at hand and :data:`STYLE` in force."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Any:
        with _matplotlib().rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn


def plain_ticks(axis: Any, low: float, high: float, most: int = 8) -> None:
    """Numbers such as 0.5, 1, 2 on a logarithmic axis, not powers of ten."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{k}e{e}") for e in exponents for k in steps if low <= float(f"{k}e{e}") <= high]
        if len(ticks) <= most:
            break
    while len(ticks) > most:
        ticks = ticks[::2]
    if len(ticks) < 2:
        whole = high - low >= 2.0 and low >= 1.0
        some = (math.ceil(low), round(math.sqrt(low * high)), math.floor(high)) if whole else (low, high)
        ticks = sorted({float(f"{x:.3g}") for x in some})
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.4g}"))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def who(game: Game, i: int) -> str:
    name = game.players[i]
    return f"player {name}" if name.isdecimal() else short(name)


def state_name(game: Any, s: int) -> str:
    return f"s={s}" if game.states is None else short(game.states[s])


def short(text: str, limit: int = 18) -> str:
    """A label on one line, with nothing that Matplotlib would take for mathematics."""
    text = "".join(c if c.isprintable() else " " for c in text)
    text = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return text.replace("$", r"\$")


def legend_line(label: str, dash: Any, colour: str, marker: str = "") -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle=dash, color=colour, label=label, marker=marker, linewidth=2.4, markersize=5.5)


def patch(label: str, colour: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor=INK, label=label, linewidth=0.8)
