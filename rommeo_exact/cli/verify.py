"""``rommeo verify``: the ledger of the paper's claims, checked afresh."""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..games.models import Game, MatrixGame
from .arguments import integer, load, number
from .page import GLUE, Page, complain, count, title

if TYPE_CHECKING:  # the ledger takes longer to import than the other commands take to answer
    from ..claims import Entry, Report
    from ..claims.rendering import Item

BAR = 30  # characters of the progress bar
WIDE = 110  # a terminal of so many columns holds an entry and its title on one line

_VERIFY = """\
Check the paper's numbered statements: each one on random games, with random
priors, temperatures, policies and opponent models. Prints for each entry of the
ledger its name, the numbers of its equations, the verdict and a title:

  holds                  as printed
  holds more generally   and a stronger statement is checked as well
  misprint               fails as printed; another place in the paper has what
                         holds
  false as stated        fails as printed; the corrected statement holds
  open                   what would decide it is not there yet
  not decidable here     no computation of this project decides it

Verdicts are computed, and compared with those that the ledger records. Each
check is also run on planted errors (a dropped temperature, a sign, ...), which
it has to reject. An entry for which either is not so is marked with "!".
"""

_VERIFY_MORE = """\
examples:
  rommeo verify
  rommeo verify --claim thm4 --claim eq61 --details
  rommeo verify --claim alg1 --games 1000 --seed 7 --workers 4
  rommeo verify --game game.nfg --discount 0.95
  rommeo verify --format json > verdicts.json

A name up to a dot stands for all entries that begin with it: alg1, climbing.
With --game the statements that are true, as printed or as corrected, are
checked on that game through the eyes of each player in turn; what is false as
printed need not fail on each game, and so is not run. Payoffs are measured in a
unit in which none is beyond 10.
The same --seed gives the same result, with any number of --workers.

keys of --format json: as_recorded, games, seed, and entries, a list of
  id, equations, verdict, recorded, as_recorded, title, statement, hypotheses,
  where, method, beyond, corrected, generalised, confirmed_by, missing,
  counterexample (game, printed, true, refutes), planted (rejected, passed),
  outcomes (by form: cases, failures, worst as a multiple of what rounding may
  account for, first failing case or -1), evidence (symbolic, tests, formal)

exit code: 0 all verdicts are as recorded and all planted errors were rejected,
1 some are not, 2 bad input
"""


def add_verify(commands: Any) -> None:
    about = "check the paper's claims"
    parser = commands.add_parser("verify", help=about, description=_VERIFY, epilog=_VERIFY_MORE)
    add = parser.add_argument
    add("--claim", action="append", metavar="ID", help="check this entry only; may be repeated (default all)")
    add("--games", type=integer, default=100, metavar="N", help="random games for each entry (default 100)")
    add("--seed", type=integer, default=0, metavar="K", help="names the random games (default 0)")
    add("--game", metavar="GAME", help="check on this game: a name of the catalogue, or a .nfg or .npz file")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of a catalogue game")
    add("--discount", type=number, metavar="G", help="gamma of a matrix game of --game, in [0, 1) (default 0.9)")
    add("--format", choices=("table", "json", "markdown"), default="table", help="what to print (default table)")
    add("--workers", type=integer, default=1, metavar="N", help="processes to share the work (default 1)")
    add("--details", action="store_true", help="print statements, corrections, counterexamples and planted errors")
    parser.set_defaults(run=_run_verify)


def _run_verify(arguments: argparse.Namespace) -> int:
    from ..claims import verify

    game = None if arguments.game is None else load(arguments.game, arguments.set)[0]
    _check(arguments, game)
    start = time.perf_counter()
    with _executor(arguments.workers) as executor, _progress() as progress:
        report = verify(
            arguments.claim, games=arguments.games, seed=arguments.seed, game=game, discount=arguments.discount,
            executor=executor, progress=progress,
        )  # fmt: skip
    seconds = time.perf_counter() - start
    if game is not None and not any(entry.outcomes for entry in report.entries):
        raise InputError("none of these entries is about games in general, so there is nothing to check on one game")
    if arguments.format == "json":
        text = json.dumps(report.as_dict(), indent=2, allow_nan=False) + "\n"
    elif arguments.format == "markdown":
        text = _markdown(report)
    else:
        text = _table(report, game, arguments.details, seconds)
    sys.stdout.write(text)
    if not report.as_recorded and arguments.format != "table":
        complain(f"not as recorded: {', '.join(e.claim.id for e in report.entries if not e.as_recorded)}")
    return 0 if report.as_recorded else 1


def _check(arguments: argparse.Namespace, game: Game | None) -> None:
    if arguments.workers < 1:
        raise InputError(f"--workers is {arguments.workers}, and must be at least 1")
    if game is None:
        for name, value in (("--set", arguments.set[:1]), ("--discount", arguments.discount)):
            if value not in ([], None):
                raise InputError(f"{name} is for a game of --game, and there is none")
    elif arguments.discount is not None and not isinstance(game, MatrixGame):
        raise InputError("--discount: the game of --game has a discount of its own")


@contextlib.contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    if workers == 1:
        yield None
        return
    # "spawn" is what every platform has
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool
        except BaseException:  # what is not begun need not be done
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error, where somebody looks at it."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(done: int, of: int) -> None:
        full = BAR * done // of
        sys.stderr.write(f"\r[{'#' * full}{'.' * (BAR - full)}] {100 * done // of:3d} %")
        sys.stderr.flush()

    try:
        show(0, 1)
        yield show
    finally:
        sys.stderr.write(f"\r{' ' * (BAR + 9)}\r")
        sys.stderr.flush()


def _markdown(report: Report) -> str:
    from ..claims.rendering import claims_page, verified

    ending = f"\nChecked on {report.games} games, seed {report.seed}.\n"
    return claims_page(verified(report.entries), "# Verdicts on the claims of the paper\n" + ending)


def _table(report: Report, game: Game | None, details: bool, seconds: float) -> str:
    """What `rommeo verify` prints for a person."""
    from ..claims.rendering import grouped, numbers, verified

    page = Page()
    ran = {e.claim.id: e for e in report.entries if game is None or e.outcomes}
    if game is not None:
        page.say(title(page, game))
        page.say("What is true, as printed or as corrected, checked through the eyes of each player in turn")
        page.say()
    items = verified(ran.values())
    width = max((len(item.claim.id) for item in items), default=0)
    size = max((len(numbers(item.claim.equations)) for item in items), default=0)
    kind = max((len(item.verdict) for item in items), default=0)
    for place, members in grouped(items).items():
        page.say(place)
        for item in members:
            entry = ran[item.claim.id]
            line = f"{item.claim.id:{width}}  {numbers(item.claim.equations):>{size}}  {item.verdict:{kind}}"
            line = f"{' ' if entry.as_recorded else '!'} {line}".replace(" ", GLUE)
            if page.width >= WIDE:
                page.say(f"{line}  {item.claim.title}", "", " " * (width + size + kind + 8))
            else:
                page.say(line)
                page.say(item.claim.title, "      ", "      ")
            for note in _notes(entry):
                page.say(note, "      ", "        ")
            if details:
                _say_details(page, item)
        page.say()
    _say_summary(page, report, list(ran.values()), game, seconds)
    return str(page)


def _notes(entry: Entry) -> Iterator[str]:
    """What is not as it should be."""
    if entry.verdict != entry.claim.recorded:
        yield f"the ledger records: {entry.claim.recorded}"
        for name, outcome in entry.outcomes.items():
            if name in ("true", "general") and outcome.failures:
                yield f"the form {name!r} fails on {outcome.failures} of {outcome.cases}, first on {outcome.first}"
    if entry.passed:
        yield f"planted errors that passed: {'; '.join(entry.passed)}"


def _say_details(page: Page, item: Item) -> None:
    claim, example = item.claim, item.counterexample
    fields = [
        ("statement", claim.statement), ("hypotheses", claim.hypotheses), ("corrected", claim.corrected),
        ("more generally", claim.generalised), ("confirmed by", "; ".join(claim.confirmed_by)),
        ("missing", claim.missing), ("decided by", claim.method),
        ("planted errors rejected", "; ".join(item.rejected)),
    ]  # fmt: skip
    if example is not None:
        fields += [("counterexample", example.game), ("as printed", example.printed), ("in truth", example.true)]
    for name, text in fields:
        if text:
            page.say(f"{name}: {text}", "      ", "        ")
    page.say()


def _say_summary(page: Page, report: Report, ran: list[Entry], game: Game | None, seconds: float) -> None:
    from ..claims.rendering import tally

    entries = f"{len(ran)}{GLUE}{'entry' if len(ran) == 1 else 'entries'}"
    rejected = sum(len(entry.rejected) for entry in ran)
    off = [entry.claim.id for entry in ran if not entry.as_recorded]
    if game is None:
        counts = ", ".join(f"{verdict} {n}".replace(" ", GLUE) for verdict, n in tally(entry.verdict for entry in ran))
        page.say(f"{entries}: {counts}")
        page.say(f"Planted errors: {rejected} rejected, {sum(len(entry.passed) for entry in ran)} passed")
    else:
        bad = sum(entry.verdict == "refuted" for entry in ran)
        page.say(f"{entries}: {len(ran) - bad} hold on this game, {bad} refuted")
        left = len(report.entries) - len(ran)
        page.say(f"{left} more are open, or not about games in general, and were left out")
    page.say(f"NOT as recorded: {', '.join(off)}" if off else "All as recorded")
    clock = f"{seconds:.1f} s" if seconds >= 1.0 else f"{1000.0 * seconds:.1f} ms"
    what = "random game" if game is None else "draw"
    page.say(f"On {count(report.games, what)}, seed {report.seed}, in {clock}")
