"""What can be said of the Coq files by reading them: no Coq is needed here.

The files are cut into sentences, without comments. A sentence that leaves a proof out, assumes something outside a
section or turns a check off is refused; so is anything in ``Statements.v`` but statements with one line of proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
RECORD = "statements.txt"
STATEMENTS = "Statements.v"
READ = ("Lists.v", "Definitions.v", "Games.v")
"""The files, besides the statements, whose definitions a reader has to trust."""

LINK = "proofs/formal/Statements.v::"
"""How the ledger names a theorem."""

SUPPORTING: Mapping[str, str] = {
    "divergence_nonnegative": "used with eq. 40, 42 and the lower bound",
    "best_model_is_model": "(39) is an opponent model for every Q and pi",
    "backup_contracts": "the contraction, for values in the place of tables",
    "residual_bound": "the solver's bound from a residual",
    "greedy_loss": "the solver's bound on what the pair of a table loses",
    "greedy_loss_values": "the same from the differences of a backup",
    "alpha_to_zero": "the limits of the soft value that `soft` and the solvers have as cases of their own",
    "alpha_to_zero_value": "the same for V",
    "alpha_to_zero_optimum": "the same for Q*",
    "alpha_to_zero_exists": "there is such a table",
    "alpha_to_infinity": "the other end of alpha",
    "beta_to_zero": "the same for beta, V alone: the ledger has V* and names what is said of that",
    "beta_to_infinity": "the other end of beta, V alone",
    "temperature": "V* rises with alpha, as it falls with beta",
}
"""Theorems that no entry of the ledger names, and why they are there."""

_FORBIDDEN: tuple[tuple[str, str], ...] = (
    (r"\b(Admitted|admit|give_up)\b", "leaves a proof out"),
    (r"\bAdmit\s+Obligations\b", "leaves a proof out"),
    (r"\bAbort\b", "gives a proof up"),
    (r"\b(Axioms?|Parameters?|Conjectures?|Primitive)\b", "assumes something"),
    (r"\bbypass_check\b|\btype[-_]in[-_]type\b|\bindices_matter\b", "turns a check off"),
    (r"^(Unset|Set|Local\s+Set|Local\s+Unset|Global\s+Set|Global\s+Unset)\b", "changes how Coq checks or reads"),
    (r"^(Module|Declare|Load|Cd|Drop|Add|Register|Extract\w*|Redirect|Opaque|Transparent)\b", "has no place here"),
)
_ATTRIBUTE = re.compile(r"^#\[\s*(?!export\s*\]|local\s*\]|global\s*\])")
_ASSUMPTION = re.compile(r"^(Local\s+)?(Variables?|Hypothes[ie]s|Context)\b")
_NOTATION = re.compile(
    r"^(#\[\w+\]\s*)?(Local\s+|Global\s+)?(Notation|Infix|Reserved|Tactic\s+Notation|Coercion|Canonical)\b"
)
_STATEMENT_FORMS = tuple(
    re.compile(form)
    for form in (
        r"^From \w+ Require( Import)?( \w+)+$", r"^Open Scope R_scope$", r"^Section \w+$", r"^End \w+$",
        r"^Variables? \w+ : \w+$", r"^Implicit Types? ", r"^Theorem \w+ ", r"^Proof$", r"^exact ", r"^Qed$",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Sentence:
    """One sentence of Coq, without comments, with one blank between words."""

    text: str
    line: int


@dataclass(frozen=True)
class Problem:
    """What is refused, and where."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.message}"


def without_comments(text: str) -> str:
    """The text with comments, nested ones too, and the insides of strings blanked; lines stay where they are.

    >>> without_comments('a (* b (* c *) *) "d" e')
    'a                 " " e'
    """
    out: list[str] = []
    depth, quoted, i = 0, False, 0
    while i < len(text):
        pair = text[i : i + 2]
        if not quoted and pair == "(*":
            depth, out, i = depth + 1, [*out, "  "], i + 2
            continue
        if depth and not quoted and pair == "*)":
            depth, out, i = depth - 1, [*out, "  "], i + 2
            continue
        character = text[i]
        if character == '"':
            quoted = not quoted
            out.append(" " if depth else '"')
        else:
            out.append(character if (not depth and not quoted) or character == "\n" else " ")
        i += 1
    return "".join(out)


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a file, which end with a full stop before a blank."""
    plain, start = without_comments(text), 0
    for stop in re.finditer(r"\.(?=\s|$)", plain):
        piece = plain[start : stop.start()]
        words = " ".join(piece.split())
        if words:
            lead = len(piece) - len(piece.lstrip())
            yield Sentence(words, plain.count("\n", 0, start + lead) + 1)
        start = stop.end()
    rest = " ".join(plain[start:].split())
    if rest:
        yield Sentence(rest, plain.count("\n", 0, start) + 1)


def scan(file: str, text: str) -> list[Problem]:
    """What is refused in a file of proofs."""
    problems: list[Problem] = []
    open_sections: list[str] = []
    for sentence in sentences(text):
        words = re.sub(r"^[-+*{}\s]+", "", sentence.text)  # bullets
        for pattern, why in _FORBIDDEN:
            found = re.search(pattern, words)
            if found:
                problems.append(Problem(file, sentence.line, f"'{found.group().strip()}' {why}"))
        if _ATTRIBUTE.search(words):
            problems.append(Problem(file, sentence.line, "an attribute other than export, local or global"))
        section = re.match(r"^(Section|End)\s+(\w+)$", words)
        if section and section[1] == "Section":
            open_sections.append(section[2])
        elif section and open_sections and open_sections[-1] == section[2]:
            open_sections.pop()
        assumed = _ASSUMPTION.match(words)
        if assumed and not open_sections:
            problems.append(Problem(file, sentence.line, f"'{assumed[2]}' outside a section assumes something"))
    problems += [Problem(file, 0, f"section {name} is not closed") for name in open_sections]
    return problems


def scan_statements(file: str, text: str) -> list[Problem]:
    """What in the file of statements is not a statement with one line of proof."""
    problems: list[Problem] = []
    expected = ""
    for sentence in sentences(text):
        words = sentence.text
        if expected and not words.startswith(expected):
            problems.append(Problem(file, sentence.line, f"'{expected}' should stand here: one line of proof, no more"))
        elif not any(form.match(words) for form in _STATEMENT_FORMS):
            problems.append(Problem(file, sentence.line, f"no statement: '{words[:60]}'"))
        head = words.split(" ", 1)[0]
        if not expected and head in ("Proof", "exact", "Qed"):
            problems.append(Problem(file, sentence.line, f"'{head}' without a theorem"))
        expected = {"Theorem": "Proof", "Proof": "exact", "exact": "Qed"}.get(head, "")
    return problems


def notations(text: str) -> list[str]:
    """The sentences that change how a file is read, with the insides of strings."""
    found: list[str] = []
    for sentence in sentences(text):
        if _NOTATION.match(sentence.text):
            first = text.splitlines()[sentence.line - 1].strip()
            found.append(" ".join(first.split()))
    return found


def theorems(text: str) -> list[str]:
    """The names of the theorems of the file of statements, in order."""
    return [found[1] for each in sentences(text) if (found := re.match(r"Theorem (\w+)", each.text))]


def definitions(text: str) -> list[str]:
    """The names that a file defines, in order; lemmas are no definitions."""
    pattern = re.compile(r"(?:Definition|Fixpoint|Record|Inductive)\s+(\w+)")
    return [found[1] for each in sentences(text) if (found := pattern.match(each.text))]


def order(texts: Mapping[str, str]) -> list[str]:
    """The files, each after those that it requires."""
    needs: dict[str, set[str]] = {}
    for file, text in texts.items():
        needed: set[str] = set()
        for sentence in sentences(text):
            found = re.match(r"From Rommeo Require (?:Import |Export )?(.*)$", sentence.text)
            if found:
                needed |= {f"{name}.v" for name in found[1].split()}
        needs[file] = needed & set(texts)
    done: list[str] = []
    while len(done) < len(needs):
        ready = sorted(file for file in needs if file not in done and needs[file] <= set(done))
        if not ready:
            raise ValueError(f"these files require each other: {', '.join(sorted(set(needs) - set(done)))}")
        done += ready
    return done


def named(claims: Path) -> dict[str, list[str]]:
    """The theorems that the ledger names, with the files that do."""
    names: dict[str, list[str]] = {}
    for path in sorted(claims.glob("*.py")):
        for name in re.findall(re.escape(LINK) + r"(\w+)", path.read_text(encoding="utf-8")):
            names.setdefault(name, []).append(path.name)
    return names


def entries(claims: Path) -> dict[str, list[str]]:
    """The theorems that the ledger names, with the ids of the entries that do, in the order of the files."""
    ids: dict[str, list[str]] = {}
    for path in sorted(claims.glob("*.py")):
        entry = ""
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(rf'\bid="([\w.]+)"|_claim\(\s*"(\w+)"|{re.escape(LINK)}(\w+)', text):
            if found[3]:
                ids.setdefault(found[3], []).append(entry)
            else:
                entry = found[1] or f"self_play.{found[2]}"
    return ids


def chapters(text: str) -> list[tuple[str, list[tuple[str, set[str], str]]]]:
    """The file of statements by its headings: each theorem with the ids in the comment above it and where it is proved.

    One comment may stand above several theorems.
    """
    parts: list[tuple[str, list[tuple[str, set[str], str]]]] = []
    said: set[str] = set()
    for found in re.finditer(r"\(\*(.*?)\*\)|^Theorem (\w+).*?^Proof\. exact (.*?) Qed\.$", text, flags=re.M | re.S):
        if found[2]:
            proof = re.search(r"(\w+)\.\w", found[3])
            parts[-1][1].append((found[2], said, f"{proof[1]}.v" if proof else "here"))
            continue
        said = {each for ids in re.findall(r"\[([a-z_0-9.,\s]+)\]", found[1]) for each in ids.replace(",", " ").split()}
        heading = re.match(r"\s*(\d+\. .*\S)\s*$", found[1])
        if heading:
            parts.append((heading[1], []))
    return parts


def the_map(text: str, ids: Mapping[str, list[str]]) -> str:
    """The map of README.md: of each theorem the entries that name it and the file of its proof."""
    lines: list[str] = []
    for heading, stated in chapters(text):
        lines += [f"### {heading}", "", "| theorem | entries of the ledger | proved in |", "| --- | --- | --- |"]
        for name, _, file in stated:
            named_by = ", ".join(f"`{each}`" for each in ids.get(name, [])) or "supporting"
            lines.append(f"| `{name}` | {named_by} | `{file}` |")
        lines.append("")
    return "\n".join(lines)


def with_map(readme: str, text: str, ids: Mapping[str, list[str]]) -> str:
    """README.md with the map as it should be, between its two marks."""
    before, _, rest = readme.partition("<!-- map -->\n")
    return (
        f"{before}<!-- map -->\n\n{the_map(text, ids)}\n<!-- end of map -->{rest.partition('<!-- end of map -->')[2]}"
    )


def compare_comments(text: str, ids: Mapping[str, list[str]]) -> list[Problem]:
    """Whether the comment above some theorems names the entries that name these, and no other."""
    problems: list[Problem] = []
    for _, stated in chapters(text):
        blocks: dict[int, tuple[set[str], list[str]]] = {}
        for name, said, _ in stated:
            blocks.setdefault(id(said), (said, []))[1].append(name)
        for said, names in blocks.values():
            linked = {each for name in names for each in ids.get(name, [])}
            if linked != said:
                words = f"the comment names {sorted(said)}, and the ledger has them in {sorted(linked)}"
                problems.append(Problem(STATEMENTS, 0, f"{', '.join(names)}: {words}"))
    return problems


def compare_names(stated: Iterable[str], ledger: Mapping[str, list[str]], recorded: Iterable[str]) -> list[Problem]:
    """Whether the statements, the ledger, the record and the list of supporting theorems speak of the same names."""
    stated, recorded = list(stated), list(recorded)
    twice = sorted(name for name in set(stated) if stated.count(name) > 1)
    problems = [Problem(STATEMENTS, 0, f"{name} is stated twice") for name in twice]
    for name, files in ledger.items():
        if name not in stated:
            problems.append(Problem(STATEMENTS, 0, f"{name} is named by the ledger ({files[0]}) and not stated"))
    lost = [name for name in recorded if name not in stated]
    problems += [Problem(STATEMENTS, 0, f"{name} is recorded and not stated: renamed or dropped") for name in lost]
    for name in stated:
        if name not in recorded:
            problems.append(Problem(STATEMENTS, 0, f"{name} is stated and not recorded"))
        if name not in ledger and name not in SUPPORTING:
            problems.append(Problem(STATEMENTS, 0, f"{name} is neither named by the ledger nor supporting"))
        if name in ledger and name in SUPPORTING:
            problems.append(Problem("source.py", 0, f"{name} is listed as supporting and named by the ledger"))
    lost = [name for name in SUPPORTING if name not in stated]
    problems += [Problem("source.py", 0, f"{name} is listed as supporting and not stated") for name in lost]
    return problems


# --- the record ------------------------------------------------------------------------------------------------------


def read_record(text: str) -> dict[str, str]:
    """The blocks of the record by heading: ``theorem NAME``, ``definition NAME``, ``notations``, ``axioms``."""
    blocks: dict[str, str] = {}
    for block in re.split(r"^== ", text, flags=re.M)[1:]:
        heading, _, body = block.partition("\n")
        blocks[heading.strip()] = body.strip()
    return blocks


def version_of(text: str) -> str:
    """The version of Coq that a record was written with.

    >>> version_of("What Coq 8.16.1 answers to Check")
    '8.16.1'
    """
    found = re.match(r"What Coq (\S+) answers", text)
    return found[1] if found else "unknown"


def write_record(blocks: Mapping[str, str], version: str) -> str:
    """The record as text."""
    head = (
        f"What Coq {version} answers to Check, Print and Print Assumptions. proofs.formal --record writes it, and the\n"
        "gate compares it with what is proved, so that a statement cannot change unnoticed.\n"
    )
    return head + "".join(f"\n== {heading}\n{body}\n" for heading, body in blocks.items())


def same_text(left: str, right: str) -> bool:
    """Equal but for blanks and line ends."""
    return left.split() == right.split()
