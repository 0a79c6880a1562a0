"""Building the proofs and asking Coq what was proved."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from . import source
from .source import Problem

INSTALL = """\
The proofs need Coq 8.16 or later, of which the programs coqc and coqchk are not on the path. To install it:
  Debian, Ubuntu   apt-get install coq
  macOS            brew install coq
  anywhere         opam install coq, or the installer of https://coq.inria.fr/download"""

LIBRARY = ("Coq.Reals.Rpower.ln", "Coq.Reals.Rcomplete.R_complete")
"""What of the standard library the proofs rest on: no axiom may be needed beyond those of these two."""

_TIMEOUT = 900.0


class BuildError(Exception):
    """Coq refused something; the message says what and where."""


def found() -> bool:
    """Whether Coq is here."""
    return shutil.which("coqc") is not None and shutil.which("coqchk") is not None


def version() -> str:
    """Coq's version, as in 8.16.1."""
    text = _run(["coqc", "--version"], Path.cwd())
    match = re.search(r"version (\S+)", text)
    return match[1] if match else "unknown"


def compile_file(folder: Path, file: str) -> None:
    """Compile one file; those that it requires are compiled."""
    _run(["coqc", "-q", "-Q", ".", "Rommeo", file], folder)


def ask(folder: Path, stated: Iterable[str], defined: Iterable[str]) -> dict[str, str]:
    """Check of every theorem, Print Assumptions of all, Print of every definition, by heading as in the record."""
    stated, defined = list(stated), list(defined)
    lines = [
        "From Coq Require Import Reals Rcomplete Rpower.",
        "From Rommeo Require Import Lists Definitions Games Statements.",
        "Open Scope R_scope.",
        "Set Printing Width 110.",
    ]

    def question(heading: str, command: str) -> None:
        lines.append(f'Goal True. idtac "@@ {heading}". Abort.\n{command}.')

    for name in LIBRARY:
        question(f"library {name}", f"Print Assumptions {name}")
    for name in defined:
        question(f"definition {name}", f"Print {name}")
    for name in stated:
        question(f"theorem {name}", f"Check @Statements.{name}")
    # one question for all theorems: Coq walks through the whole library for each
    lines.append(f"Definition every_theorem := ({', '.join(f'@Statements.{name}' for name in stated)}, tt).")
    question("assumptions", "Print Assumptions every_theorem")
    (folder / "Questions.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    answers: dict[str, str] = {}
    for block in re.split(r"^@@ ", _run(["coqc", "-q", "-Q", ".", "Rommeo", "Questions.v"], folder), flags=re.M)[1:]:
        heading, _, body = block.partition("\n")
        answers[heading.strip()] = body.strip()
    return answers


def axioms(answer: str) -> list[str]:
    """The names in an answer to Print Assumptions.

    >>> axioms("Axioms:\\nA.b : Prop\\nC.d\\n  : forall x : nat, x = x")
    ['A.b', 'C.d']
    >>> axioms("Closed under the global context")
    []
    """
    if answer.startswith("Closed under"):
        return []
    names = {match[1] for match in re.finditer(r"^([\w.']+)\s*(?=:|$)", answer, flags=re.M)}
    return sorted(names - {"Axioms"})


def record_of(answers: dict[str, str], notations: Iterable[str]) -> dict[str, str]:
    """The answers as the blocks of a record."""
    stated = [heading.removeprefix("theorem ") for heading in answers if heading.startswith("theorem ")]
    blocks = {"axioms": "\n".join(axioms(answers["assumptions"])), "notations": "\n".join(notations)}
    blocks |= {heading: body for heading, body in answers.items() if heading.startswith("definition ")}
    for name in stated:
        statement = re.sub(rf"^(Statements\.)?{re.escape(name)}\s*:\s*", "", answers[f"theorem {name}"])
        blocks[f"theorem {name}"] = _dedented(statement)
    return blocks


def compare(blocks: dict[str, str], recorded: dict[str, str], answers: dict[str, str]) -> list[Problem]:
    """What is proved against what is recorded, and the axioms against those of the standard library."""
    problems: list[Problem] = []
    allowed = set().union(*(axioms(answers[f"library {name}"]) for name in LIBRARY))
    problems += [
        Problem("Print Assumptions", 0, f"{name} is an axiom that Coq's own ln does not rest on")
        for name in blocks["axioms"].splitlines()
        if name not in allowed
    ]
    gone = [heading for heading in recorded if heading not in blocks]
    problems += [Problem(source.RECORD, 0, f"{heading} is recorded and gone") for heading in gone]
    for heading, body in blocks.items():
        if heading not in recorded:
            problems.append(Problem(source.RECORD, 0, f"{heading} is not recorded"))
        elif not source.same_text(body, recorded[heading]):
            both = f"  recorded: {recorded[heading]}\n  now:      {body}"
            problems.append(Problem(source.RECORD, 0, f"{heading} differs from the record\n{both}"))
    return problems


def check(folder: Path, allowed: Iterable[str]) -> list[Problem]:
    """Let coqchk, a second and smaller program, check all of it again, the standard library included."""
    text = _run(["coqchk", "-o", "-silent", "-Q", ".", "Rommeo", "Rommeo.Statements"], folder)
    problems: list[Problem] = []
    found_axioms = re.search(r"^\* Axioms:(.*?)^\*", text, flags=re.M | re.S)
    if found_axioms is None:
        return [Problem("coqchk", 0, f"an answer that is not understood:\n{text}")]
    ends = {name.rsplit(".", 1)[-1] for name in allowed}
    problems += [
        Problem("coqchk", 0, f"{name} is an axiom that is not recorded")
        for name in found_axioms[1].split()
        if name != "<none>" and name.rsplit(".", 1)[-1] not in ends
    ]
    unsafe = [
        line for line in re.findall(r"^\* (?:Constants|Inductives).*$", text, flags=re.M) if not line.endswith("<none>")
    ]
    problems += [Problem("coqchk", 0, line.strip("* ")) for line in unsafe]
    return problems


def _dedented(text: str) -> str:
    lines = text.splitlines()
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    cut = min(indents, default=0)
    return "\n".join([lines[0], *(line[cut:] for line in lines[1:])]) if lines else ""


def _run(command: list[str], folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COQ")} | {"LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", errors="replace",
            timeout=_TIMEOUT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise BuildError(f"{' '.join(command)} took more than {_TIMEOUT:.0f} s") from late
    except OSError as missing:
        raise BuildError(f"{command[0]} cannot be run: {missing}\n{INSTALL}") from missing
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout if command[0] != "coqchk" else done.stdout + done.stderr
