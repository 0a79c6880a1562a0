"""What can go wrong, by name.

Every error about an input is an :class:`InputError`, hence a :class:`ValueError`, and says where the fault lies. Not
reaching a tolerance is no fault of the input: it is a :class:`ConvergenceError`, and it carries what was reached.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

__all__ = [
    "CertificateError", "ConvergenceError", "DivergenceError", "FileFormatError", "InputError", "MissingPackageError",
    "UnknownNameError",
]  # fmt: skip


class InputError(ValueError):
    """An argument or an array that cannot be used; the message names the argument and the index."""


class FileFormatError(InputError):
    """A file that cannot be read; the message names the file and, where the format has lines, line and column.

    Attributes
    ----------
    path : str or None
        The file, as it was given.
    line, column : int or None
        Counted from 1; None for binary formats.
    """

    def __init__(
        self, message: str, *, path: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {message}" if place else message)
        self.path, self.line, self.column = path, line, column


class UnknownNameError(InputError):
    """A name that is in no list of ours; the message offers the nearest names."""

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        known = sorted(known)
        spelt = {text.lower(): text for text in known}
        near = [spelt[text] for text in difflib.get_close_matches(str(name).lower(), spelt, n=3, cutoff=0.5)]
        offer = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known)}"
        super().__init__(f"unknown {kind} {str(name)!r}; {offer}")


class CertificateError(InputError):
    """A certificate that claims what does not follow from what it holds; the message names the claim."""


class MissingPackageError(InputError, ImportError):
    """A package that is only needed for one purpose, and is not installed; the message says how to install it."""

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(
            f'{purpose} need {package}, which is not installed: pip install "rommeo_exact[{extra}]"'
        )


class ConvergenceError(RuntimeError):
    """A solver stopped before its bound met the tolerance.

    Attributes
    ----------
    solution : Solution
        What was reached, with its bound.
    """

    def __init__(self, message: str, solution: Any) -> None:
        super().__init__(message)
        self.solution = solution


class DivergenceError(RuntimeError):
    """Training left the finite numbers: the message names the step, the player, the network and the run."""
