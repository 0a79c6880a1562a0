"""The ledger as Markdown: ``python -m rommeo_exact.claims.rendering docs`` writes ``docs/claims.md`` and
``docs/errata.md``, and with ``--check`` says whether they are as the ledger has it.

What it writes depends on the ledger alone: the verdicts are the recorded ones, and ``rommeo verify`` says whether they
are also the computed ones.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from .ledger import Claim, Counterexample, Verdict
from .paper import LEDGER
from .verification import Entry

__all__ = ["Item", "claims_page", "errata_page", "grouped", "main", "numbers", "recorded", "tally", "verified"]


@dataclass(frozen=True)
class Item:
    """What is written about one claim.

    Attributes
    ----------
    claim : Claim
    verdict : str
    rejected : tuple of str
        Planted errors.
    counterexample : Counterexample or None
    """

    claim: Claim
    verdict: str
    rejected: tuple[str, ...]
    counterexample: Counterexample | None


def recorded(claims: Iterable[Claim] | None = None) -> list[Item]:
    """The claims with what the ledger records of them; by default all."""
    chosen = LEDGER.values() if claims is None else claims
    return [
        Item(claim, claim.recorded, tuple(claim.planted), claim.counterexample() if claim.counterexample else None)
        for claim in chosen
    ]


def verified(entries: Iterable[Entry]) -> list[Item]:
    """The entries of a report with what their checks found."""
    return [Item(entry.claim, entry.verdict, entry.rejected, entry.counterexample) for entry in entries]


def grouped(items: Sequence[Item]) -> dict[str, list[Item]]:
    """By where they stand in the paper, in the order of the ledger; what stands beside the paper comes last."""
    groups: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda item: item.claim.beyond):
        place = "Beyond the paper" if item.claim.beyond else item.claim.where
        groups.setdefault(place[0].upper() + place[1:], []).append(item)
    return groups


def numbers(equations: Sequence[int]) -> str:
    """Numbers of equations with runs of three and more drawn together.

    >>> numbers((45, 46, 47, 54, 55))
    '45-47, 54, 55'
    """
    runs: list[list[int]] = []
    for number in sorted(equations):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def tally(verdicts: Iterable[str]) -> list[tuple[str, int]]:
    """How often each verdict occurs, in their order in the ledger's own list; others after them."""
    counts = Counter(verdicts)
    order = [*get_args(Verdict), *sorted(set(counts) - set(get_args(Verdict)))]
    return [(verdict, counts[verdict]) for verdict in order if counts[verdict]]


# --- pages -----------------------------------------------------------------------------------------------------------

_CLAIMS = """\
# The claims of the paper

Every numbered statement of Tian et al. (IJCAI 2019), and what the text and the figures say besides, each with a verdict
that is computed and not only written down: a check runs on random games, and has to reject the planted errors that are
listed with it. `rommeo verify` runs them all, and with `--game` on a game of your own. What is wrong as printed is in
[errata.md](errata.md), with the smallest counterexamples.

R is the agent's reward, pi(a|s,b) its conditional policy, rho(b|s) its opponent model, P(b|s) the prior, alpha the
temperature. A misprint is what another place in the paper corrects; what is false as stated, none does.
"""

_ERRATA = """\
# Errata

What does not hold as printed in Tian et al. (IJCAI 2019), what does hold, and the smallest game found that tells them
apart. `rommeo verify` checks each: the printed form fails, the corrected one does not. All entries are in
[claims.md](claims.md).
"""

_NOTE = "<!-- Written by python -m rommeo_exact.claims.rendering docs, from the ledger; not by hand. -->\n"


def claims_page(items: Sequence[Item], heading: str = _CLAIMS) -> str:
    """All that is to be said of these claims."""
    parts = [heading, _table(["verdict", "entries"], [[v, str(n)] for v, n in tally(i.verdict for i in items)])]
    for place, members in grouped(items).items():
        parts.append(f"## {_plain(place)}\n")
        rows = [
            [f"[{i.claim.id}](#{_anchor(i.claim.id)})", numbers(i.claim.equations), i.verdict, _plain(i.claim.title)]
            for i in members
        ]
        parts.append(_table(["id", "eq.", "verdict", "title"], rows))
        parts += [_section(item) for item in members]
    return "\n".join(parts)


def errata_page(items: Sequence[Item]) -> str:
    """What is wrong as printed."""
    parts = [_ERRATA]
    for verdict, heading in (("false as stated", "False as stated"), ("misprint", "Misprints")):
        wrong = [item for item in items if item.verdict == verdict]
        parts.append(f"## {heading}\n")
        parts += [_erratum(item) for item in wrong]
    return "\n".join(parts)


def _section(item: Item) -> str:
    claim = item.claim
    evidence = [*map(_link, (*claim.symbolic, *claim.tests, *claim.formal))]
    return _entry(
        item,
        ("Verdict", item.verdict),
        ("Equations", numbers(claim.equations)),
        ("Where", _plain(claim.where)),
        ("Statement", _plain(claim.statement)),
        ("Corrected", _plain(claim.corrected)),
        ("More generally", _plain(claim.generalised)),
        ("Hypotheses", _plain(claim.hypotheses)),
        ("Decided by", claim.method),
        ("Missing", _plain(claim.missing)),
        *_counterexample(item),
        ("Confirmed by", _plain("; ".join(claim.confirmed_by))),
        ("Planted errors rejected", _plain("; ".join(item.rejected))),
        ("Evidence", ", ".join(evidence)),
    )


def _erratum(item: Item) -> str:
    claim = item.claim
    return _entry(
        item,
        ("Where", _plain(f"{claim.where}{f', eq. {numbers(claim.equations)}' * bool(claim.equations)}")),
        ("Printed", _plain(claim.statement)),
        ("Hypotheses", _plain("" if claim.hypotheses == "none" else claim.hypotheses)),
        ("Corrected", _plain(claim.corrected)),
        *_counterexample(item),
        ("Confirmed by", _plain("; ".join(claim.confirmed_by))),
    )


def _counterexample(item: Item) -> list[tuple[str, str]]:
    example = item.counterexample
    if example is None:
        return []
    text = f"{example.game}. As printed: {example.printed}. In truth: {example.true}"
    return [("Counterexample", _plain(text))]


def _entry(item: Item, *fields: tuple[str, str]) -> str:
    lines = [f"- **{name}**: {text}\n" for name, text in fields if text]
    return f"### {item.claim.id}\n\n{_plain(item.claim.title)}.\n\n{''.join(lines)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _plain(text: str) -> str:
    """The text with a backslash before whatever Markdown would not print as it stands."""
    return re.sub(r"([\\`*_\[\]<>|~])", r"\\\1", text)


def _anchor(heading: str) -> str:
    """The name that a heading has in the page's address."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _link(evidence: str) -> str:
    """A file of the repository, or a test in one, seen from docs/."""
    file, _, name = evidence.partition("::")
    return f"[{_plain(name or Path(file).name)}](../{file})"


PAGES: dict[str, Callable[[Sequence[Item]], str]] = {"claims.md": claims_page, "errata.md": errata_page}


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pages, or compare them: 0, or 1 where one is not as the ledger has it."""
    parser = argparse.ArgumentParser(prog="python -m rommeo_exact.claims.rendering", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pages are")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is stale")
    arguments = parser.parse_args(argv)
    items, stale = recorded(), 0
    for name, page in PAGES.items():
        path, text = arguments.folder / name, _NOTE + page(items)
        if arguments.check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                print(f"{path} is stale: {parser.prog} {arguments.folder} writes it anew", file=sys.stderr)
                stale += 1
        else:
            arguments.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    return int(stale > 0)


if __name__ == "__main__":
    sys.exit(main())
