"""``rommeo verify``: what it prints, in three formats, and its exit code."""

from __future__ import annotations

import io
import json
import re
import sys

import numpy as np
import pytest

import rommeo_exact as rx
from rommeo_exact import claims, cli
from rommeo_exact.claims import LEDGER, Claim, Gap

SOME = ["--claim", "thm4", "--claim", "eq61", "--claim", "rommeo_ac.pr2_ac", "--games", "20"]


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(capsys):
    def run(*arguments, code=0):
        assert cli.main(["verify", *map(str, arguments)]) == code
        return capsys.readouterr()

    return run


@pytest.fixture
def broken(monkeypatch):
    """An entry that is recorded as true and is not, and one whose check rejects nothing."""
    usual = {"title": "Broken", "statement": "0 = 1", "where": "Nowhere", "method": "identity", "recorded": "holds"}
    wrong, right = (lambda here: Gap(1.0)), (lambda here: Gap(0.0))
    for id, form, planted in (("broken.false", wrong, wrong), ("broken.idle", right, right)):
        monkeypatch.setitem(LEDGER, id, Claim(id=id, form=form, planted={"sign": planted}, **usual))


def test_table(run):
    out = run(*SOME).out
    assert max(map(len, out.splitlines())) <= 80
    assert re.search(r"^  thm4 +38  holds$", out, re.MULTILINE)
    assert re.search(r"^  eq61 +61  false as stated$", out, re.MULTILINE)
    assert re.search(r"^\d+ entries: holds \d+, .*false as stated 1, not decidable here 1$", out, re.MULTILINE)
    assert "All as recorded" in out and "!" not in out


def test_an_open_entry(run, monkeypatch):
    """None of the ledger's is open at present; one would be shown with what it waits for."""
    claim = Claim(
        id="waiting", title="Waiting", statement="0 = 0", where="Nowhere", method="experiment", recorded="open",
        missing="a run of it",
    )  # fmt: skip
    monkeypatch.setitem(LEDGER, "waiting", claim)
    assert re.search(r"^  waiting +open$", run("--claim", "waiting").out, re.MULTILINE)
    out = run("--claim", "waiting", "--claim", "eq61", "--games", "5", "--details").out
    assert re.search(r"^2 entries: false as stated 1, open 1$", out, re.MULTILINE)
    assert "missing: a run of it" in out and "All as recorded" in out
    assert "missing" not in run("--claim", "eq61", "--games", "5", "--details").out


def test_a_wide_table_has_a_line_for_each_entry(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    lines = run("--claim", "climbing").out.splitlines()
    assert sum(line.startswith("  climbing.") for line in lines) == 8
    assert any("false as stated  The Nash equilibria of the climbing game" in line for line in lines)


def test_details(run):
    out = " ".join(run(*SOME, "--details").out.split())
    claim = LEDGER["eq61"]
    example = claim.counterexample()
    for text in (claim.statement, claim.corrected, example.game, example.true, *claim.planted):
        assert " ".join(text.split()) in out
    assert f"missing: {LEDGER['rommeo_ac.pr2_ac'].missing}" in out


def test_json(run):
    found = json.loads(run(*SOME, "--format", "json").out)
    report = claims.verify(["thm4", "eq61", "rommeo_ac.pr2_ac"], games=20)
    assert found == json.loads(json.dumps(report.as_dict()))
    by_id = {entry["id"]: entry for entry in found["entries"]}
    assert by_id["eq61"]["equations"] == [61] and by_id["eq61"]["verdict"] == "false as stated"
    assert by_id["thm4"]["planted"]["passed"] == [] and by_id["rommeo_ac.pr2_ac"]["missing"]
    assert all(entry["statement"] for entry in found["entries"])


def test_markdown(run):
    out = run(*SOME, "--format", "markdown").out
    assert "| [eq61](#eq61) | 61 | false as stated |" in out
    assert "### thm4\n" in out and "Checked on 20 games, seed 0." in out


@pytest.mark.parametrize("arguments", [("--workers", "2"), ("--seed", "0")])
def test_the_result_does_not_depend_on_the_workers(run, arguments):
    one = run(*SOME, "--format", "json").out
    assert run(*SOME, "--format", "json", *arguments).out == one


@pytest.mark.parametrize("format", ["table", "json", "markdown"])
def test_what_is_not_as_recorded_makes_exit_code_1(run, broken, format):
    written = run("--claim", "broken", "--games", "5", "--format", format, code=1)
    text = written.out if format == "table" else written.err
    assert "as recorded: broken.false, broken.idle" in text
    if format == "table":
        assert "! broken.false    refuted\n" in text
        assert "the ledger records: holds" in text
        assert "the form 'true' fails on 5 of 5, first on 0" in text
        assert "planted errors that passed: sign" in text


def test_one_that_is_not_as_recorded_among_many(run, broken):
    assert "NOT as recorded: broken.idle" in run("--claim", "eq8", "--claim", "broken.idle", code=1).out


def test_a_game_of_the_users(run, tmp_path):
    file = tmp_path / "any.nfg"
    rx.save_game(rx.MatrixGame(np.random.default_rng(2).normal(size=(2, 2, 3)).round(1), name="Any"), file)
    out = run("--game", file, "--discount", "0.5", "--games", "4").out
    assert out.startswith("Any: 2 players, 2 x 3 actions\n")
    assert "hold on this game, 0 refuted" in out and "climbing" not in out
    found = json.loads(run("--game", "penalty", "--set", "k=-3", "--games", "2", "--format", "json").out)
    assert found["as_recorded"] and {"true"} <= {name for e in found["entries"] for name in e["outcomes"]}


def test_a_game_that_refutes_a_statement(run, monkeypatch, tmp_path):
    claim = Claim(
        id="broken", title="Payoffs are positive", statement="R > 0", where="Nowhere", method="identity",
        recorded="holds", planted={"sign": lambda here: Gap(1.0)},
        form=lambda here: Gap(float(max(0.0, -here.view.rewards.min()))),
    )  # fmt: skip
    monkeypatch.setitem(LEDGER, "broken", claim)
    assert "1 refuted" in run("--claim", "broken", "--game", "climbing", "--games", "2", code=1).out
    assert "1 hold on this game, 0 refuted" in run("--claim", "broken", "--game", "harmony", "--games", "2").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--claim", "thm44"], "unknown claim 'thm44'; did you mean thm4"),
        (["--games", "0"], "games"),
        (["--games", "many"], "'many' is not an integer"),
        (["--seed", "-1"], "seed"),
        (["--workers", "0"], "--workers is 0"),
        (["--format", "xml"], "xml"),
        (["--game", "climbin"], "did you mean climbing"),
        (["--game", "climbing", "--discount", "1"], "discount"),
        (["--game", "climbing", "--claim", "climbing"], "nothing to check on one game"),
        (["--discount", "0.5"], "there is none"),
        (["--set", "k=1"], "there is none"),
    ],
)
def test_bad_input_ends_in_one_line(run, arguments, message):
    written = run(*arguments, code=2)
    assert message in written.err and written.err.count("\n") == 1 and written.out == ""


def test_a_progress_bar_where_standard_error_is_a_terminal(run, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run("--claim", "eq8", "--games", "20")
    text = terminal.getvalue()
    assert "  0 %" in text and " 50 %" in text and "100 %" in text
    assert text.endswith("\r") and "\n" not in text


def test_no_bar_elsewhere(run):
    assert run("--claim", "eq8", "--games", "5").err == ""


def test_help_teaches(run):
    out = run("--help").out
    for word in ("misprint", "false as stated", "planted errors", "rommeo verify --claim thm4", "exit code: 0"):
        assert word in out
    for line in out.splitlines():
        if line.strip().startswith("rommeo verify ") and ">" not in line:
            assert set(line.split()[2:]) & {"--claim", "--game"}
