"""Running the ledger: cases in chunks of a fixed size, on any executor, with the same result on one process or many."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..checks import integer, real_number
from ..errors import InputError, UnknownNameError
from ..games.models import Game, MatrixGame, StochasticGame
from .cases import Case, case, case_of
from .ledger import Claim, Counterexample
from .paper import LEDGER

__all__ = ["Entry", "Outcome", "Report", "verify"]

CHUNK, MOST_CHUNKS = 5, 2000
"""Cases that one call to a worker runs, at least, and calls, about at most. Outcomes add up the same in any split."""

Job: TypeAlias = tuple[tuple[str, ...], int, int, int, Game | None, float | None]
"""Ids, the seed, the first case and the one after the last, a game of the user's and its discount."""

FURTHER = 400
"""Games on which a wrong form is tried besides, until it fails."""


@dataclass(frozen=True)
class Outcome:
    """What one form of one claim did on the cases.

    Attributes
    ----------
    cases, failures : int
    worst : float
        The largest violation as a multiple of what rounding may account for, among the cases where the form holds.
    first : int
        Index of the first case on which it failed, or -1.
    """

    cases: int = 0
    failures: int = 0
    worst: float = 0.0
    first: int = -1

    def __add__(self, other: Outcome) -> Outcome:
        first = min((i for i in (self.first, other.first) if i >= 0), default=-1)
        worst = max(self.worst, other.worst)
        return Outcome(self.cases + other.cases, self.failures + other.failures, worst, first)


@dataclass(frozen=True)
class Entry:
    """One claim with what its check found.

    Attributes
    ----------
    claim : Claim
    verdict : str
        Computed; ``"refuted"`` where the form that is recorded as true fails, and ``"unconfirmed"`` where the printed
        form, recorded as wrong, never failed.
    outcomes : dict of str to Outcome
        By form: "true", "general", "printed", "planted: NAME".
    counterexample : Counterexample or None
    """

    claim: Claim
    verdict: str
    outcomes: dict[str, Outcome]
    counterexample: Counterexample | None

    @property
    def rejected(self) -> tuple[str, ...]:
        """The planted errors that the check rejected."""
        return tuple(name[9:] for name, o in self.outcomes.items() if name.startswith("planted: ") and o.failures)

    @property
    def passed(self) -> tuple[str, ...]:
        """The planted errors that it let through."""
        return tuple(name[9:] for name, o in self.outcomes.items() if name.startswith("planted: ") and not o.failures)

    @property
    def as_recorded(self) -> bool:
        """The computed verdict is the recorded one, and the check rejected every planted error."""
        return self.verdict == self.claim.recorded and not self.passed

    def as_dict(self) -> dict[str, Any]:
        """For ``--format json``."""
        claim = self.claim
        return {
            "id": claim.id, "equations": list(claim.equations), "verdict": self.verdict, "recorded": claim.recorded,
            "as_recorded": self.as_recorded, "title": claim.title, "statement": claim.statement,
            "hypotheses": claim.hypotheses, "where": claim.where, "method": claim.method, "beyond": claim.beyond,
            "corrected": claim.corrected, "generalised": claim.generalised, "confirmed_by": list(claim.confirmed_by),
            "missing": claim.missing,
            "counterexample": vars(self.counterexample) if self.counterexample else None,
            "planted": {"rejected": list(self.rejected), "passed": list(self.passed)},
            "outcomes": {
                name: {**vars(o), "worst": o.worst if math.isfinite(o.worst) else None}
                for name, o in self.outcomes.items()
            },
            "evidence": {"symbolic": claim.symbolic, "tests": claim.tests, "formal": claim.formal},
        }  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What :func:`verify` found, in the order of the ledger.

    Attributes
    ----------
    entries : tuple of Entry
    games, seed : int
    """

    entries: tuple[Entry, ...]
    games: int
    seed: int

    @property
    def as_recorded(self) -> bool:
        return all(entry.as_recorded for entry in self.entries)

    def __getitem__(self, id: str) -> Entry:
        for entry in self.entries:
            if entry.claim.id == id:
                return entry
        raise UnknownNameError("claim", id, [entry.claim.id for entry in self.entries])

    def as_dict(self) -> dict[str, Any]:
        entries = [entry.as_dict() for entry in self.entries]
        return {"as_recorded": self.as_recorded, "games": self.games, "seed": self.seed, "entries": entries}


def verify(
    claims: str | Sequence[str] | None = None,
    *,
    games: int = 100,
    seed: int = 0,
    game: Game | None = None,
    discount: float | None = None,
    executor: Any = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Run the ledger of the paper's claims and compute the verdicts.

    Parameters
    ----------
    claims : str or sequence of str, optional
        Ids, such as "eq61" or "thm4"; a prefix up to a dot names all that it begins ("alg1"). All by default.
    games : int
        Random games for each claim. What is wrong and has not failed on these is tried on some more.
    seed : int
        The same seed gives the same report, whatever the executor.
    game : MatrixGame or StochasticGame, optional
        A game of your own in the place of random ones: each applicable statement is checked on it, through the eyes of
        every agent in turn, with random priors, weights and pairs. Payoffs are measured in a unit in which none is
        beyond 10.
    discount : float, optional
        For a matrix game of your own; 0.9 by default.
    executor : optional
        Anything with the ``map`` of a :mod:`concurrent.futures` executor, Dask's ``client.get_executor()`` included.
    progress : callable, optional
        Told how many chunks are done, and of how many.

    Returns
    -------
    Report

    Raises
    ------
    UnknownNameError
        For an id that no claim has.

    Examples
    --------
    >>> report = verify("eq61", games=20)
    >>> report["eq61"].verdict, report.as_recorded
    ('false as stated', True)
    """
    chosen = select(claims)
    games, seed = integer(games, "games", low=1), integer(seed, "seed", low=0)
    if game is not None and not isinstance(game, (MatrixGame, StochasticGame)):
        raise InputError(f"game must be a MatrixGame or a StochasticGame, not {type(game).__name__}")
    if game is not None and isinstance(game, StochasticGame) and game.terminal.any():
        raise InputError("the claims are about games without terminal states; this one has some")
    if discount is not None and not isinstance(game, MatrixGame):
        raise InputError("discount is for a matrix game of your own; random and stochastic games have theirs")
    if isinstance(game, MatrixGame):
        discount = 0.9 if discount is None else real_number(discount, "discount", low=0.0, high=1.0)
        if discount == 1.0:
            raise InputError("discount is 1, not in [0, 1)")
    total: dict[str, dict[str, Outcome]] = {claim.id: {} for claim in chosen}
    fixed = [] if game is not None else _groups([claim for claim in chosen if claim.once], executor is not None)
    jobs: list[Job] = [(ids, seed, 0, 1, None, None) for ids in fixed]
    ids = tuple(claim.id for claim in chosen if not claim.once)
    if ids:
        chunk = max(CHUNK, games // MOST_CHUNKS)
        starts = range(0, games, chunk)
        jobs += [(ids, seed, start, min(start + chunk, games), game, discount) for start in starts]
    results: Iterable[Any] = map(run, jobs) if executor is None else executor.map(run, jobs)
    for done, found in enumerate(results, start=1):
        for id, outcomes in found.items():
            for name, outcome in outcomes.items():
                total[id][name] = total[id].get(name, Outcome()) + outcome
        if progress is not None:
            progress(done, len(jobs))
    if game is None:
        for claim in chosen:
            _seek(claim, total[claim.id], seed, games)
    return Report(tuple(_entry(claim, total[claim.id], game is None) for claim in chosen), games, seed)


def _groups(claims: list[Claim], shared: bool) -> list[tuple[str, ...]]:
    """Claims that are checked once, the longest first: one by one, or, where workers share them, those that are about
    runs together, as a worker keeps its runs for the next of them, and the others."""
    runs, others = (
        [claim.id for claim in claims if (claim.method == "experiment") == about] for about in (True, False)
    )
    groups = [tuple(runs), tuple(others)] if shared else [(id,) for id in runs + others]
    return [group for group in groups if group]


def _seek(claim: Claim, outcomes: dict[str, Outcome], seed: int, games: int) -> None:
    """Look on further games for one on which a wrong form fails that has not failed on the first `games`.

    A few games need not tell every wrong form from the right one; that is no reason to doubt the check.
    """
    for name, form in claim.forms.items():
        if name in ("true", "general") or claim.once:
            continue
        for index in range(games, games + FURTHER):
            if outcomes[name].failures:
                break
            outcomes[name] += _outcome(form, case(seed, index), index)


def select(claims: str | Sequence[str] | None) -> list[Claim]:
    """The claims of these ids or prefixes, in the order of the ledger."""
    if claims is None:
        return list(LEDGER.values())
    wanted = [claims] if isinstance(claims, str) else claims
    if not isinstance(wanted, Sequence) or not wanted:
        raise InputError(f"claims must be ids of the ledger, not {claims!r}")
    for name in wanted:
        if not any(_named(id, name) for id in LEDGER):
            raise UnknownNameError("claim", name, tuple(LEDGER))
    return [claim for id, claim in LEDGER.items() if any(_named(id, name) for name in wanted)]


def _named(id: str, name: str) -> bool:
    return id == name or id.startswith(f"{name}.")


def run(job: Job) -> dict[str, dict[str, Outcome]]:
    """One chunk of cases, every claim on each: what a worker does."""
    ids, seed, start, stop, game, discount = job
    found: dict[str, dict[str, Outcome]] = {id: {} for id in ids}
    for index in range(start, stop):
        here = _case(seed, index, game, discount)
        for id in ids:
            for name, form in LEDGER[id].forms.items():
                if game is not None and name not in ("true", "general"):
                    continue  # what is wrong need not fail on each game
                found[id][name] = found[id].get(name, Outcome()) + _outcome(form, here, index)
    return found


def _case(seed: int, index: int, game: Game | None, discount: float | None) -> Case:
    if game is None:
        return case(seed, index)
    return case_of(game, index % len(game.players), seed, index, discount)


def _outcome(form: Any, here: Case, index: int) -> Outcome:
    with np.errstate(all="ignore"):  # a planted error may divide by 0: then it has failed
        gap = form(here)
    return Outcome(1, 0, gap.ratio, -1) if gap.holds else Outcome(1, 1, 0.0, index)


def _entry(claim: Claim, outcomes: dict[str, Outcome], random: bool) -> Entry:
    example = claim.counterexample() if claim.counterexample is not None else None
    return Entry(claim, _verdict(claim, outcomes, example, random), outcomes, example)


def _verdict(claim: Claim, outcomes: dict[str, Outcome], example: Counterexample | None, random: bool) -> str:
    if claim.form is None:
        return claim.recorded
    ran = outcomes.get("true")
    if ran is None:  # not about games: nothing to do on a game of the user's
        return claim.recorded
    if ran.failures or outcomes.get("general", Outcome()).failures:
        return "refuted"
    if not random:
        return claim.recorded
    if claim.printed is not None:
        if not outcomes["printed"].failures or example is None or not example.refutes:
            return "unconfirmed"
        return "misprint" if claim.confirmed_by else "false as stated"
    return "holds more generally" if claim.general is not None else "holds"
