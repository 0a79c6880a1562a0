"""The code of pages in Markdown: its blocks, in order, and what they print."""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

from rommeo_exact import cli

FENCED = re.compile(r"^(?:<!-- needs: (\w+) -->\n\n)?```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ rommeo ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its language, its text, the number of its first line, and the package that it needs, if any."""

    language: str
    text: str
    line: int
    needs: str | None = None


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [
        Block(found[2], found[3], page.count("\n", 0, found.start(3)) + 1, found[1]) for found in FENCED.finditer(page)
    ]


def commands(block: str) -> list[tuple[list[str], str]]:
    """The lines ``$ rommeo ...`` of a block, each with what stands below it."""
    return [(shlex.split(line.replace("\\\n", " ")), printed) for line, printed in COMMAND.findall(block)]


def settled(text: str) -> str:
    """The text without what differs from run to run (time) and from machine to machine (the last digits of bounds)."""
    text = re.sub(r"[\d.]+ m?s$", "TIME", text, flags=re.MULTILINE)
    text = re.sub(r"within [\d.e-]+ of V\*, where its own bound is\s+[\d.e-]+", "within BOUND of V*", text)
    return re.sub(r"= ([\d.]{12})[\d.]*, error at most [\d.e-]+", r"= \1, error at most BOUND", text)


def run_command(arguments: list[str], printed: str) -> str | None:
    """What is wrong with a command and what is printed below it: None, or both of them; "..." stands for some lines."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = cli.main(arguments)
    want, got = settled(printed), settled(out.getvalue())
    if code == 0 and doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS):
        return None
    return f"rommeo {shlex.join(arguments)} (exit code {code})\nexpected:\n{want}\ngot:\n{got}"


def run_python(block: Block, names: dict[str, Any]) -> str | None:
    """What is wrong with a block of Python, with prompts or without; `names` are what earlier blocks defined."""
    if not block.text.lstrip().startswith(">>>"):
        try:
            exec(compile("\n" * (block.line - 1) + block.text, "<page>", "exec"), names)
        except Exception as error:
            return f"line {block.line}: {type(error).__name__}: {error}"
        return None
    test = doctest.DocTestParser().get_doctest(block.text, names, "page", None, block.line - 1)
    test.globs = names  # the parser copies them
    complaints: list[str] = []
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    doctest.DocTestRunner(verbose=False, optionflags=flags).run(test, out=complaints.append, clear_globs=False)
    return "".join(complaints) or None


def failures(page: str) -> Iterator[str]:
    """Run all Python and all commands of a page, in order and in the current folder, and say what is not as printed."""
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        if block.needs is not None and importlib.util.find_spec(block.needs) is None:
            continue
        if block.language == "python":
            found = [run_python(block, names)]
        elif block.language == "console":
            found = [run_command(*command) for command in commands(block.text)]
        else:
            found = []
        yield from (complaint for complaint in found if complaint)
