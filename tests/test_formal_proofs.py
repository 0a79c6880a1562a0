"""The formal proofs: what can be said of them without Coq; and, where Coq is, that the gate accepts them alone."""

from __future__ import annotations

import doctest
import fnmatch
import re
import subprocess
import sys

import pytest

from proofs.formal import __main__ as command, build, mutations, source
from rommeo_exact.claims import LEDGER

TEXTS = command.files(source.FOLDER)
RECORD = source.read_record((source.FOLDER / source.RECORD).read_text(encoding="utf-8"))
STATED = source.theorems(TEXTS[source.STATEMENTS])
ENTRIES = source.entries(command.CLAIMS)
README = (source.FOLDER / "README.md").read_text(encoding="utf-8")
ROOT = source.FOLDER.parent.parent

needs_coq = pytest.mark.skipif(not build.found(), reason="Coq is not installed")


# The files as they are


def test_nothing_is_refused():
    assert command.read(TEXTS, command.CLAIMS, RECORD) == []


def test_every_theorem_is_recorded_and_no_other():
    assert [f"theorem {name}" for name in STATED] == [heading for heading in RECORD if heading.startswith("theorem ")]
    assert len(STATED) == len(set(STATED)) >= 100


def test_every_definition_is_recorded():
    defined = [f"{file[:-2]}.{name}" for file in source.READ for name in source.definitions(TEXTS[file])]
    assert {f"definition {name}" for name in defined} == {head for head in RECORD if head.startswith("definition ")}


def test_the_axioms_are_those_of_the_real_numbers():
    assert RECORD["axioms"].split() == [
        "ClassicalDedekindReals.sig_forall_dec", "ClassicalDedekindReals.sig_not_dec", "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    ]  # fmt: skip


@pytest.mark.parametrize("claim", [claim for claim in LEDGER.values() if claim.formal], ids=lambda claim: claim.id)
def test_each_theorem_that_the_ledger_names_is_stated(claim):
    for link in claim.formal:
        assert link.startswith(source.LINK)
        assert link.removeprefix(source.LINK) in STATED


def test_each_theorem_is_named_by_the_ledger_or_supports():
    named = {link.removeprefix(source.LINK) for claim in LEDGER.values() for link in claim.formal}
    assert named == set(source.named(command.CLAIMS)) & set(STATED)
    assert set(STATED) == named | set(source.SUPPORTING)
    assert not named & set(source.SUPPORTING)


def test_comments_name_entries_of_the_ledger():
    ids = re.findall(r"\[([a-z_0-9., ]+)\]", TEXTS[source.STATEMENTS])
    assert len(ids) > 50
    for each in ids:
        assert set(each.split(", ")) <= set(LEDGER), each


def test_the_entries_that_name_a_theorem_are_read_off_the_ledger():
    named = {(link.removeprefix(source.LINK), claim.id) for claim in LEDGER.values() for link in claim.formal}
    assert {(name, each) for name, ids in ENTRIES.items() for each in ids} == named


def test_comments_name_the_entries_that_name_their_theorems():
    assert source.compare_comments(TEXTS[source.STATEMENTS], ENTRIES) == []
    assert [name for _, stated in source.chapters(TEXTS[source.STATEMENTS]) for name, _, _ in stated] == STATED


@pytest.mark.parametrize(
    ("comment", "ids", "expected"),
    [
        ("[thm2]", {"t": ["thm2"], "u": []}, []),
        ("[thm2, eq9]", {"t": ["thm2"], "u": ["eq9"]}, []),
        ("[thm2, eq9]", {"t": ["thm2"]}, ["t, u: the comment names ['eq9', 'thm2']"]),
        ("nothing", {"u": ["thm2"]}, ["t, u: the comment names []"]),
    ],
)
def test_a_comment_that_names_other_entries_is_refused(comment, ids, expected):
    proof = "Theorem {0} : True.\nProof. exact (Logic.I). Qed.\n"
    text = f"(* 1. One *)\n(* {comment} *)\n{proof.format('t')}\n{proof.format('u')}"
    problems = [str(problem) for problem in source.compare_comments(text, ids)]
    assert len(problems) == len(expected)
    assert all(words in problem for words, problem in zip(expected, problems, strict=True))


def test_the_map_of_the_readme_is_that_of_the_ledger():
    assert source.with_map(README, TEXTS[source.STATEMENTS], ENTRIES) == README
    assert all(f"`{name}`" in README for name in STATED)


def test_entries_without_a_theorem_are_accounted_for():
    guide = (source.FOLDER.parent / "README.md").read_text(encoding="utf-8")
    listed = guide.partition("## What Coq does not carry")[2].partition("Narrower than")[0]
    patterns = [each for each in re.findall(r"`([\w.*]+)`", listed) if fnmatch.filter(LEDGER, each)]
    decided = {name: claim for name, claim in LEDGER.items() if claim.form is not None}
    accounted = {name for name in decided for each in patterns if fnmatch.fnmatch(name, each)}
    assert accounted == {name for name, claim in decided.items() if not claim.formal}


def test_files_come_after_what_they_require():
    order = source.order(TEXTS)
    assert order.index("Definitions.v") < order.index("Gibbs.v") < order.index("Statements.v") == len(order) - 1


@pytest.mark.parametrize("module", [source, build])
def test_examples_in_the_docstrings(module):
    assert doctest.testmod(module).failed == 0


# The scanner


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Lemma l : True.\nProof.\nAdmitted.\n", "'Admitted'"),
        ("Lemma l : True.\nProof. admit. Qed.\n", "'admit'"),
        ("Lemma l : True.\nProof. - give_up. Qed.\n", "'give_up'"),
        ("Lemma l : True.\nAbort.\n", "'Abort'"),
        ("Axiom a : False.\n", "'Axiom'"),
        ("  Local\n  Parameter a : False.\n", "'Parameter'"),
        ("Conjecture a : False.\n", "'Conjecture'"),
        ("Hypothesis a : False.\n", "outside a section"),
        ("Section S.\nEnd S.\nVariable a : False.\n", "outside a section"),
        ("Context (a : False).\n", "outside a section"),
        ("Unset Guard Checking.\n", "'Unset'"),
        ("Unset  Positivity\nChecking.\n", "'Unset'"),
        ("#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n.\n", "'bypass_check'"),
        ("#[universes(polymorphic)] Definition d := Type.\n", "attribute"),
        ("(* -type-in-type *) Set Universe Checking.\n", "'Set'"),
        ("Declare ML Module \"m\".\n", "'Declare'"),
        ("Module M.\nEnd M.\n", "'Module'"),
        ("Section S.\n", "not closed"),
    ],
)  # fmt: skip
def test_the_scanner_refuses(text, reason):
    assert any(reason in str(problem) for problem in source.scan("F.v", text)), source.scan("F.v", text)


@pytest.mark.parametrize(
    "text",
    [
        "(* Axiom a : False. (* Admitted. *) Abort. *)\nLemma l : True.\nProof. exact I. Qed.\n",
        "Section S.\nVariable n : nat.\nHypothesis h : n = n.\nEnd S.\n",
        '(* "(*" *)\nLemma admitted_to_be : True.\nProof. exact I. Qed.\n',
        "#[export] Hint Rewrite plus_n_O : tidy.\n",
    ],
)
def test_the_scanner_lets_pass(text):
    assert source.scan("F.v", text) == []


def test_a_comment_does_not_hide_what_follows_it():
    assert source.scan("F.v", '(* "*)" *)\nAxiom a : False.\n')[0].line == 2


def test_lines_are_counted():
    found = [(each.text, each.line) for each in source.sentences("a.\n\n(* c.\n *) b\n c. d.")]
    assert found == [("a", 1), ("b c", 4), ("d", 5)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Lemma l : True.\nProof. exact I. Qed.\n", "no statement: 'Lemma"),
        ("Theorem t : True.\nProof. auto. Qed.\n", "'exact' should stand here"),
        ("Theorem t : True.\nProof. exact I. Defined.\n", "'Qed' should stand here"),
        ("Theorem t : True.\nTheorem u : True.\n", "'Proof' should stand here"),
        ("Definition d := 0.\n", "no statement"),
        ("Section S.\nHypothesis h : False.\nEnd S.\n", "no statement"),
        ("Open Scope nat_scope.\n", "no statement"),
        ("Qed.\n", "without a theorem"),
    ],
)
def test_the_file_of_statements_has_statements_only(text, reason):
    assert any(reason in str(problem) for problem in source.scan_statements("Statements.v", text))


def test_names_are_compared():
    known = {"a": ["x.py"]}
    assert not [p for p in source.compare_names(["a"], known, ["a"]) if "supporting" not in str(p)]
    assert "named by the ledger" in str(source.compare_names([], known, [])[0])
    assert "renamed or dropped" in str(source.compare_names(["b"], {}, ["a"])[0])
    assert any("stated twice" in str(p) for p in source.compare_names(["a", "a"], known, ["a"]))
    assert any("not recorded" in str(p) for p in source.compare_names(["a", "b"], known, ["a"]))


def test_the_record_is_read_as_it_was_written():
    blocks = {"axioms": "A.b\nC.d", "notations": "", "theorem t": "forall x,\n  x = x"}
    assert source.read_record(source.write_record(blocks, "8.16.1")) == blocks


def test_blanks_do_not_matter_and_words_do():
    assert source.same_text("a  b\nc", "a b c\n") and not source.same_text("a < b", "a <= b")


def answers(**more):
    library = {f"library {name}": "Axioms:\nR.one : Prop" for name in build.LIBRARY}
    return library | {"assumptions": "Axioms:\nR.one : Prop", "theorem t": "Statements.t\n     : 0 = 0"} | more


def test_what_differs_from_the_record_is_said():
    recorded = build.record_of(answers(), [])
    assert recorded["theorem t"] == "0 = 0" and recorded["axioms"] == "R.one"
    assert build.compare(recorded, recorded, answers()) == []
    weaker = answers(**{"theorem t": "t : 0 <= 0"})
    assert "theorem t differs" in str(build.compare(build.record_of(weaker, []), recorded, weaker)[0])
    wishful = answers(assumptions="Axioms:\nR.one : Prop\nwish : False")
    assert "wish is an axiom" in str(build.compare(build.record_of(wishful, []), recorded, wishful)[0])
    assert "is recorded and gone" in str(build.compare({"axioms": ""}, recorded, answers())[0])


def test_without_coq_the_gate_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.setattr(build, "found", lambda: False)
    assert command.main([]) == 1
    assert "apt-get install coq" in capsys.readouterr().err


def test_planted_errors_have_titles_and_reasons():
    assert len(mutations.MUTATIONS) >= 20
    assert len({mutation.title for mutation in mutations.MUTATIONS}) == len(mutations.MUTATIONS)
    assert all(mutation.reason for mutation in mutations.MUTATIONS)


@pytest.mark.parametrize("mutation", mutations.MUTATIONS, ids=lambda mutation: mutation.title)
def test_planted_errors_still_fit_the_files(mutation, tmp_path):
    for file, text in TEXTS.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    claims = tmp_path / "claims"
    claims.mkdir()
    for path in command.CLAIMS.glob("*.py"):
        (claims / path.name).write_bytes(path.read_bytes())
    mutation.apply(tmp_path, claims)
    changed = command.files(tmp_path) != TEXTS
    assert changed or source.named(claims) != source.named(command.CLAIMS)


# With Coq


@needs_coq
@pytest.mark.slow
def test_the_gate_accepts_the_proofs():
    done = subprocess.run(
        [sys.executable, "-m", "proofs.formal", "--quick"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"{len(STATED)} theorems" in done.stdout


@needs_coq
@pytest.mark.slow
def test_the_gate_rejects_planted_errors():
    few = [m for m in mutations.MUTATIONS if "hypothesis is added" in m.title or "false statement" in m.title]
    assert command.mutations(source.FOLDER, command.CLAIMS, few) == []
