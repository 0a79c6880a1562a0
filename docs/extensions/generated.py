"""What is made afresh at every build, in ``docs/generated``: the notebooks, the help of each command, the pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sphinx.application import Sphinx

import rommeo_exact as rx
from rommeo_exact.cli import COMMANDS
from rommeo_exact.cli.arguments import Parser

ROOT = Path(__file__).parent.parent.parent
INK_ON_DARK, PAPER_IN_DARK = "#d5d7da", "#131416"
"""The theme's own, for what is drawn with :data:`rommeo_exact.plots.INK` on :data:`rommeo_exact.plots.PAPER`."""


def command_line() -> str:
    """The page of all commands: what ``--help`` prints, at 80 columns."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "80"
    try:
        parser = Parser(prog="rommeo")
        commands = parser.add_subparsers()
        for add in COMMANDS:
            add(commands)
        helps = {name: command.format_help() for name, command in commands.choices.items()}
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
    parts = [f"## rommeo {name}\n\n```text\n{text.rstrip()}\n```\n" for name, text in helps.items()]
    heading = "# The command line\n\nWhat `--help` prints. `python -m rommeo_exact` does the same as `rommeo`.\n"
    return "\n".join([heading, *parts])


def lectures(names: Sequence[str]) -> str:
    """The page of the lectures: a list of the notebooks, or a word where there are none."""
    text = "# Lectures\n\nNotebooks that are run as they stand; the repository has them in `notebooks/`.\n"
    if not names:
        return text.replace("Notebooks that are run as they stand; the repository has them", "There are none yet")
    entries = "\n".join(f"notebooks/{name.removesuffix('.ipynb')}" for name in sorted(names, key=in_order))
    return f"{text}\n```{{toctree}}\n:maxdepth: 1\n\n{entries}\n```\n"


def in_order(name: str) -> tuple[int, str]:
    """By the number before the name: 2 comes before 10."""
    number = re.match(r"\d+", name)
    return int(number[0]) if number else 10**9, name


def pictures() -> dict[str, Any]:
    """Name and figure of the pictures of the first page: the climbing game, and how self-play comes to its optimum."""
    game = rx.games.climbing()
    stuck = [[0, 1, 0], [0, 1, 0]]
    points = rx.self_play_equilibria(game, alpha=1.0).points
    table, ax = rx.plots.new(width=6.4, height=4.4)
    rx.plots.payoffs(game, ax[0, 0], points[0].marginals)
    ax[0, 0].set_title("payoffs, and what is played in the end")
    way, ax = rx.plots.new(width=6.4, height=4.4)
    rx.plots.path(rx.self_play(game, alpha=1.0, prior=np.array(stuck)), ax[0, 0])
    ax[0, 0].set_title("self-play from mutual trust in B")
    return {"climbing": table, "path": way}


def in_the_dark(svg: str) -> str:
    """The picture for a dark page. Its inks are equal to no other colour, and the letters in cells stay."""
    return svg.replace(rx.plots.INK, INK_ON_DARK).replace(rx.plots.PAPER, PAPER_IN_DARK)


def write(path: Path, text: str) -> None:
    """Write, unless this is what is there: Sphinx reads again what is newer than its last build."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def moved(notebook: str) -> str:
    """The notebook with its links to files of the repository as they are seen from ``docs/generated/notebooks``."""
    return re.sub(r"\]\(\.\./(docs/)?", lambda found: "](../../" if found[1] else "](../../../", notebook)


def copy_notebooks(folder: Path, notebooks: Path) -> None:
    """Bring the notebooks to where Sphinx finds them, with a page that lists them."""
    there = {path.name: moved(path.read_text(encoding="utf-8")) for path in sorted(notebooks.glob("*.ipynb"))}
    for name, text in there.items():
        write(folder / "notebooks" / name, text)
    for stale in (folder / "notebooks").glob("*.ipynb"):
        if stale.name not in there:
            stale.unlink()
    write(folder / "lectures.md", lectures(list(there)))


def generate(folder: Path) -> None:
    """Write all of it into `folder`."""
    write(folder / "command_line.md", command_line())
    for name, figure in pictures().items():
        svg = rx.plots.written(figure, "svg").decode()
        write(folder / f"{name}.light.svg", svg)
        write(folder / f"{name}.dark.svg", in_the_dark(svg))
    copy_notebooks(folder, ROOT / "notebooks")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", lambda app: generate(Path(app.srcdir) / "generated"))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
