"""``python -m proofs.formal``: build all proofs from clean and compare what is proved with what is recorded.

Exit code 0: every theorem that the ledger names is proved, in exactly the recorded words, from the axioms of Coq's own
real numbers and no other. 1: not so; the messages say what and where.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from . import build, source
from .mutations import MUTATIONS, Mutation
from .source import Problem

CLAIMS = source.FOLDER.parent.parent / "rommeo_exact" / "claims" / "paper"


def files(folder: Path) -> dict[str, str]:
    """The Coq files of a folder with their text."""
    paths = [path for path in sorted(folder.glob("*.v")) if path.name != "Questions.v"]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def read(texts: dict[str, str], claims: Path, recorded: dict[str, str]) -> list[Problem]:
    """All that is refused without asking Coq."""
    problems = [problem for file, text in texts.items() for problem in source.scan(file, text)]
    if source.STATEMENTS not in texts:
        return [*problems, Problem(source.STATEMENTS, 0, "there is no such file")]
    statements = texts[source.STATEMENTS]
    problems += source.scan_statements(source.STATEMENTS, statements)
    if recorded:
        names = [heading.removeprefix("theorem ") for heading in recorded if heading.startswith("theorem ")]
        problems += source.compare_names(source.theorems(statements), source.named(claims), names)
        problems += source.compare_comments(statements, source.entries(claims))
        noted = [line for file in source.READ for line in source.notations(texts.get(file, ""))]
        if noted != recorded.get("notations", "").splitlines():
            problems.append(Problem("Definitions.v", 0, "the notations differ from the record"))
    return problems


def prove(folder: Path, texts: dict[str, str], built: Sequence[str] = ()) -> dict[str, str]:
    """Compile, without those that are built, and ask."""
    for file in source.order(texts):
        if file not in built:
            build.compile_file(folder, file)
    defined = [f"{file[:-2]}.{name}" for file in source.READ for name in source.definitions(texts[file])]
    return build.ask(folder, source.theorems(texts[source.STATEMENTS]), defined)


def blocks_of(answers: dict[str, str], texts: dict[str, str]) -> dict[str, str]:
    """What a record of this would hold."""
    return build.record_of(answers, [line for file in source.READ for line in source.notations(texts[file])])


def gate(folder: Path, claims: Path, again: bool = True) -> list[Problem]:
    """The whole gate, in a temporary copy of the folder; again: coqchk as well."""
    path = folder / source.RECORD
    recorded = source.read_record(path.read_text(encoding="utf-8")) if path.is_file() else {}
    texts = files(folder)
    problems = read(texts, claims, recorded)
    if not recorded:
        problems.append(Problem(source.RECORD, 0, "there is no record: --record writes one"))
    if problems:
        return problems
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        _copy(texts, scratch)
        try:
            answers = prove(scratch, texts)
            blocks = blocks_of(answers, texts)
            problems = build.compare(blocks, recorded, answers)
            with_coq = source.version_of(path.read_text(encoding="utf-8"))
            if problems and with_coq != build.version():
                note = f"recorded with Coq {with_coq}, and this is {build.version()}, which may print otherwise"
                problems.append(Problem(source.RECORD, 0, note))
            if again and not problems:
                problems = build.check(scratch, blocks["axioms"].splitlines())
        except build.BuildError as failed:
            problems = [Problem("build", 0, str(failed))]
    if not problems:
        print(f"{len(source.theorems(texts[source.STATEMENTS]))} theorems, {len(texts)} files, as recorded")
        print("They rest on the axioms of Coq's real numbers alone:")
        for axiom in blocks["axioms"].splitlines():
            print(f"  {axiom}")
    return problems


def record(folder: Path, claims: Path) -> list[Problem]:
    """Write down what is proved, as it is now, and the map of it in README.md."""
    texts = files(folder)
    problems = [problem for file, text in texts.items() for problem in source.scan(file, text)]
    problems += source.scan_statements(source.STATEMENTS, texts[source.STATEMENTS])
    if problems:
        return problems
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        _copy(texts, scratch)
        try:
            blocks = blocks_of(prove(scratch, texts), texts)
        except build.BuildError as failed:
            return [Problem("build", 0, str(failed))]
    text = source.write_record(blocks, build.version())
    (folder / source.RECORD).write_text(text, encoding="utf-8", newline="\n")
    readme = folder / "README.md"
    drawn = source.with_map(readme.read_text(encoding="utf-8"), texts[source.STATEMENTS], source.entries(claims))
    readme.write_text(drawn, encoding="utf-8", newline="\n")
    print(f"{folder / source.RECORD} written; look at the difference before you commit it")
    return []


def mutations(folder: Path, claims: Path, chosen: Sequence[Mutation] = MUTATIONS) -> list[Problem]:
    """Apply each planted error to a copy; the gate has to refuse it, for the expected reason."""
    recorded = source.read_record((folder / source.RECORD).read_text(encoding="utf-8"))
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as name:
        clean = Path(name) / "clean"
        clean.mkdir()
        texts = files(folder)
        _copy(texts, clean)
        prove(clean, texts)
        for number, mutation in enumerate(chosen):
            spoiled = Path(name) / f"spoiled{number}"
            shutil.copytree(clean, spoiled)
            ledger = spoiled / "claims"
            shutil.copytree(claims, ledger, ignore=shutil.ignore_patterns("__pycache__"))
            reasons = _spoil(mutation, spoiled, ledger, recorded)
            verdict = "rejected" if any(mutation.reason in reason for reason in reasons) else "NOT REJECTED AS EXPECTED"
            print(f"{verdict}: {mutation.title}")
            for reason in reasons[:1]:
                print("    " + reason.splitlines()[0])
            if verdict != "rejected":
                said = f"expected '{mutation.reason}', got {reasons}"
                problems.append(Problem("mutations", 0, f"{mutation.title}: {said}"))
            shutil.rmtree(spoiled)
    if not problems:
        print(f"{len(chosen)} planted errors rejected")
    return problems


def _spoil(mutation: Mutation, folder: Path, claims: Path, recorded: dict[str, str]) -> list[str]:
    before = files(folder)
    mutation.apply(folder, claims)
    texts = files(folder)
    problems = read(texts, claims, recorded)
    if problems:
        return [str(problem) for problem in problems]
    # what comes after the first changed file is built anew
    order = source.order(texts)
    changed = [i for i, file in enumerate(order) if before.get(file) != texts[file]]
    built = order[: min(changed)] if changed else order
    try:
        answers = prove(folder, texts, built)
    except build.BuildError as failed:
        return [str(failed)]
    return [str(problem) for problem in build.compare(blocks_of(answers, texts), recorded, answers)]


def _copy(texts: dict[str, str], folder: Path) -> None:
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m proofs.formal", description=__doc__.split("\n\n")[0])
    parser.add_argument("--folder", type=Path, default=source.FOLDER, help="where the Coq files are")
    parser.add_argument("--claims", type=Path, default=CLAIMS, help="where the ledger's modules are")
    parser.add_argument("--quick", action="store_true", help="leave coqchk out")
    parser.add_argument(
        "--record", action="store_true", help="write statements.txt and the map of README.md anew, instead of comparing"
    )
    parser.add_argument("--mutations", action="store_true", help="plant errors in copies; each has to be rejected")
    arguments = parser.parse_args(argv)
    if not build.found():
        print(build.INSTALL, file=sys.stderr)
        return 1
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    start = time.perf_counter()
    if arguments.record:
        problems = record(arguments.folder, arguments.claims)
    elif arguments.mutations:
        problems = mutations(arguments.folder, arguments.claims)
    else:
        problems = gate(arguments.folder, arguments.claims, not arguments.quick)
    for problem in problems:
        print(problem, file=sys.stderr)
    verdict = "REFUSED" if problems else "Done" if arguments.mutations or arguments.record else "All is proved"
    print(f"{verdict}, {time.perf_counter() - start:.0f} s")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
