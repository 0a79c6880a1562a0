"""What the commands that draw figures share: parts played one after the other, and files written at the end."""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from .. import plots
from ..errors import InputError
from ..games.files import write_atomically
from .page import Page, as_json, clock, telling

__all__ = ["Found", "Play", "Rows", "run_parts"]

PICTURES = ("png", "svg", "pdf")

Rows: TypeAlias = list[Sequence[Any]]
"""Of a table; the first names the columns."""

Found: TypeAlias = tuple[Any, dict[str, Any], dict[str, Rows]]
"""A figure, arrays by name, and tables by the names of their files."""

Play: TypeAlias = Callable[[argparse.Namespace, Page, dict[str, Any], Callable[[str], None]], Found]
"""Plays a part: given the arguments, the page and the record to add to, and whom to tell how far it is."""


def run_parts(
    arguments: argparse.Namespace,
    parts: Mapping[str, Play],
    settings: Sequence[str],
    more: Mapping[str, Sequence[str]],
    usual: Sequence[str] | None = None,
) -> int:
    """Play the parts that are asked for, and write a picture, arrays and tables of each.

    Parameters
    ----------
    settings : sequence of str
        The names of the arguments that belong in the record.
    more : mapping
        Tables of a part besides the one of its own name.
    usual : sequence of str, optional
        The parts played where none is asked for; by default all.
    """
    if arguments.only is not None and arguments.only not in parts:
        raise InputError(f"--only {arguments.only}: the parts are {', '.join(parts)}")
    chosen = tuple(usual or parts) if arguments.only is None else (arguments.only,)
    kinds = tuple(dict.fromkeys(kind.strip().lower() for kind in arguments.format.split(",")))
    for kind in kinds:
        if kind not in PICTURES:
            raise InputError(f"--format {arguments.format}: {kind!r} is not one of {', '.join(PICTURES)}")
    for name, low in (("runs", 1), ("episodes", 1), ("seed", 0)):
        if getattr(arguments, name) < low:
            raise InputError(f"--{name} is {getattr(arguments, name)}, and must be at least {low}")
    folder = Path(arguments.out)
    names = [f"{part}.{kind}" for part in chosen for kind in (*kinds, "npz", "csv")]
    _check_free(folder, [*names, *(name for part in chosen for name in more.get(part, ()))], arguments.force)
    plots.new()  # raises where Matplotlib is missing, before the work
    start = time.perf_counter()
    page, record, files = Page(2), {name: getattr(arguments, name) for name in settings}, {}
    with telling() as tell:
        for part in chosen:
            figure, arrays, tables = parts[part](arguments, page, record, tell)
            tell(f"drawing {part}")
            for kind in kinds:
                files[f"{part}.{kind}"] = plots.written(figure, kind)
            files[f"{part}.npz"] = _npz(arrays)
            files |= {name: _csv(rows) for name, rows in tables.items()}
    _check_free(folder, files, arguments.force)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {arguments.out}: {error.strerror}") from None
    for name, data in files.items():
        write_atomically(folder / name, data)
    if arguments.json:
        sys.stdout.write(as_json(record))
    else:
        page.say(f"{page.listed(sorted(files))} are in {page.label(arguments.out)}")
        page.say(f"{arguments.runs} runs of {arguments.episodes} episodes, seed {arguments.seed}, "
                 f"in {clock(time.perf_counter() - start)}")  # fmt: skip
        sys.stdout.write(str(page))
    return 0


def _check_free(folder: Path, names: Iterable[str], force: bool) -> None:
    """That the files can be written, before the work and again after it."""
    if os.path.lexists(folder):
        if not folder.is_dir():
            raise InputError(f"--out {folder}: it is not a folder")
    elif not folder.absolute().parent.is_dir():
        raise InputError(f"--out {folder}: there is no folder to make it in")
    for name in names:
        if os.path.lexists(folder / name) and not force:
            raise InputError(f"--out {folder}: {name} exists; --force replaces it")


def _npz(arrays: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode("utf-8")
