"""What an entry of the ledger is: a statement of the paper, how it is decided, and what the check must reject.

An entry has *forms*. A form is a statement made checkable: a function of a :class:`~.cases.Case`, one random game with
a pair (pi, rho) and whatever else a statement speaks of, that measures by how much the statement is violated there. The
form that is true stands beside the one that is printed, where they differ, and beside planted wrong ones. The verdict
is not written down but computed, from which of them fail:

    printed and true form are one and it never fails                            holds
    a stronger form never fails either                                          holds more generally
    the printed form fails, the corrected one does not, and another equation
    of the paper has the corrected one                                          misprint
    the printed form fails, the corrected one does not                          false as stated
    what would decide it is not there yet                                       open
    nothing here can decide it                                                  not decidable here
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..errors import InputError
from .cases import Case

__all__ = ["Claim", "Counterexample", "Form", "Gap", "Method", "Verdict", "equal", "every", "fixed", "never_above"]

Verdict = Literal["holds", "holds more generally", "misprint", "false as stated", "open", "not decidable here"]
Method = Literal[
    "definition", "identity", "inequality over random games", "exact enumeration", "symbolic derivation", "enclosure",
    "experiment", "reading of the figure",
]  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """By how much a form is violated in one case, and how much of that rounding may account for."""

    excess: float
    allowance: float = 0.0

    @property
    def holds(self) -> bool:
        return self.excess <= self.allowance  # a NaN does not

    @property
    def ratio(self) -> float:
        """The excess as a multiple of what rounding may account for; at most 1 where the form holds."""
        if self.allowance > 0.0 and not math.isnan(self.excess):
            return self.excess / self.allowance
        return 0.0 if self.holds else math.inf


Form = Callable[[Case], Gap]


@dataclass(frozen=True)
class Counterexample:
    """One game, as small as it gets, on which the printed form fails, worked out exactly.

    Attributes
    ----------
    game : str
        The game and whatever else is needed, in words and exact numbers.
    printed, true : str
        What the printed statement says there, and what is so.
    refutes : bool
        Computed: whether the two differ as they should.
    """

    game: str
    printed: str
    true: str
    refutes: bool


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One entry of the ledger.

    Attributes
    ----------
    id : str
        Carries the number: ``eq61``, ``thm4``, ``alg1.vbar``.
    equations : tuple of int
        The numbered equations of the paper that the entry covers.
    title, statement : str
        In a few words, and in this project's notation.
    where : str
        Where it stands in the paper.
    hypotheses : str
        What it assumes; "none" where it needs nothing.
    method : str
        How it is decided.
    recorded : str
        The verdict that the ledger records; :func:`~.verification.verify` computes it afresh.
    form : Form, optional
        What is true: the statement as printed, or as corrected. Without it the entry is open or not decidable here.
    general : Form, optional
        A stronger statement that is true as well.
    printed : Form, optional
        The statement as printed, where it is not true.
    planted : mapping of str to Form
        Wrong versions; the check has to reject each.
    corrected, generalised : str
        The corrected statement, and the stronger one, in words.
    confirmed_by : tuple of str
        What in the paper has the corrected form: this makes a misprint of it.
    counterexample : callable, optional
        Works the smallest counterexample out.
    missing : str
        What an open entry waits for, or why nothing here decides it.
    symbolic, tests, formal : tuple of str
        Evidence besides: files of ``proofs/``, and tests as ``file::name``.
    once : bool
        The forms do not depend on the case.
    beyond : bool
        Not a statement of the paper, but a stronger one that stands beside it.
    """

    id: str
    title: str
    statement: str
    where: str
    method: Method
    recorded: Verdict
    equations: tuple[int, ...] = ()
    hypotheses: str = "none"
    form: Form | None = None
    general: Form | None = None
    printed: Form | None = None
    planted: Mapping[str, Form] = field(default_factory=dict)
    corrected: str = ""
    generalised: str = ""
    confirmed_by: tuple[str, ...] = ()
    counterexample: Callable[[], Counterexample] | None = None
    missing: str = ""
    symbolic: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    formal: tuple[str, ...] = ()
    once: bool = False
    beyond: bool = False

    def __post_init__(self) -> None:
        undecided = self.recorded in ("open", "not decidable here")
        wrong = self.recorded in ("misprint", "false as stated")
        for bad, why in (
            (undecided == (self.form is not None), "an entry has a form unless it is open or not decidable here"),
            (undecided != bool(self.missing), "an entry without a verdict says what is missing, and no other does"),
            (wrong != (self.printed is not None), "the printed form stands beside the corrected one where it fails"),
            (wrong != bool(self.corrected), "the corrected statement is given where the printed one fails"),
            (wrong and self.counterexample is None, "what fails as printed has a counterexample"),
            ((self.recorded == "misprint") != bool(self.confirmed_by), "a misprint is confirmed by the paper itself"),
            ((self.recorded == "holds more generally") != (self.general is not None), "a stronger form is checked"),
            (self.form is not None and not self.planted, "a check that rejects no planted error is none"),
        ):
            if bad:
                raise InputError(f"claim {self.id!r}: {why}")

    @property
    def forms(self) -> dict[str, Form]:
        """The forms by name; planted ones as ``planted: NAME``."""
        named = {"true": self.form, "general": self.general, "printed": self.printed}
        forms = {name: form for name, form in named.items() if form is not None}
        return forms | {f"planted: {name}": form for name, form in self.planted.items()}


def equal(left: Any, right: Any, allowance: float) -> Gap:
    """The statement left = right, entry by entry; `allowance` bounds what rounding does to an entry."""
    difference = np.abs(np.asarray(left, dtype=float) - np.asarray(right, dtype=float))
    return Gap(float(difference.max(initial=0.0)), allowance)


def never_above(left: Any, right: Any, allowance: float) -> Gap:
    """The statement left <= right, entry by entry."""
    difference = np.asarray(left, dtype=float) - np.asarray(right, dtype=float)
    return Gap(float(difference.max(initial=0.0)), allowance)


def every(*gaps: Gap) -> Gap:
    """The conjunction: a gap that does not hold, or else the one that uses most of its allowance."""
    return max(gaps, key=lambda gap: gap.ratio)


def fixed(gap: Callable[[], Gap]) -> Form:
    """A form that is about one given game or figure, and not about the case."""
    return lambda here: gap()
