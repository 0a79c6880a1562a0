"""The command line: ``rommeo COMMAND``, also as ``python -m rommeo_exact COMMAND``.

Exit codes: 0 done; 1 the tolerance was not met, and what was reached is printed, or a claim is not proven or a verdict
not as recorded; 2 bad input, in one line on standard error; 130 interrupted; 141 the reader of standard output has
gone. A command is a module of its own: a function that adds its parser, listed in :data:`COMMANDS`, and one that runs
it and returns the exit code.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .. import __version__
from ..errors import InputError
from .arguments import Parser
from .certify import add_certify
from .figures import add_figures
from .games import add_games
from .page import complain
from .self_play import add_self_play
from .solve import add_solve
from .verify import add_verify

__all__ = ["main"]

_ABOUT = """\
Exact answers for ROMMEO (Tian et al. 2019): how an agent plays a game, and what
it expects of the others, when it jointly improves a conditional policy and an
opponent model that is held near a prior.
"""

COMMANDS: tuple[Callable[[Any], None], ...] = (
    add_solve, add_certify, add_self_play, add_verify, add_figures, add_games,
)  # fmt: skip


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
        complain(f"cannot write to standard output: {error.strerror}")
        return 2


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        return int(arguments.run(arguments))
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except (InputError, MemoryError) as error:
        complain(str(error) or "not enough memory")
        return 2
    except KeyboardInterrupt:
        complain("interrupted")
        return 130


def _parser() -> Parser:
    parser = Parser(prog="rommeo", description=_ABOUT)
    parser.add_argument("--version", action="version", version=f"rommeo_exact {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for add in COMMANDS:
        add(commands)
    return parser
