"""The ledger: every number of the paper is in it, every verdict is what the checks find, every check can fail."""

from __future__ import annotations

import ast
import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from planted import share

import rommeo_exact as rx
from rommeo_exact import claims, strategies
from rommeo_exact.claims import LEDGER, Claim, Counterexample, Gap, rendering
from rommeo_exact.claims.cases import Case, case, case_of
from rommeo_exact.claims.ledger import equal, every, never_above
from rommeo_exact.claims.paper import actor_critic_runs
from rommeo_exact.errors import InputError, UnknownNameError

ROOT = Path(__file__).parent.parent
GAMES, SEED = 40, 1
FEW = ["eq9", "thm4", "eq61", "climbing", "beyond.contraction"]
RIGHT, WRONG = Gap(0.0), Gap(1.0)


@pytest.fixture
def ledger(monkeypatch):
    """Adds entries to the ledger for one test."""

    def add(**settings):
        claim = made(**settings)
        monkeypatch.setitem(LEDGER, claim.id, claim)
        return claim

    return add


def made(**settings):
    """An entry that is as it should be, but for these settings."""
    usual = {
        "id": "made", "title": "Made", "statement": "0 = 0", "where": "Nowhere", "method": "identity",
        "recorded": "holds", "form": lambda here: RIGHT, "planted": {"wrong": lambda here: WRONG},
    }  # fmt: skip
    return Claim(**(usual | settings))


def erring(**settings):
    """An entry for something that is false as it is printed."""
    usual = {
        "recorded": "false as stated", "printed": lambda here: WRONG, "corrected": "0 = 0",
        "counterexample": lambda: Counterexample("a game", "0 = 1", "0 = 0", True),
    }  # fmt: skip
    return usual | settings


# What the ledger covers


def test_every_numbered_equation_is_in_the_ledger():
    covered = {number for claim in LEDGER.values() for number in claim.equations}
    assert covered == set(range(1, 62))


@pytest.mark.parametrize("id", ["thm1", "thm2", "thm3", "thm4", "thm5", "def1", "alg1.*", "alg2.*", "climbing.*"])
def test_theorems_definitions_and_algorithms_are_in_the_ledger(id):
    assert any(name == id or (id.endswith("*") and name.startswith(id[:-1])) for name in LEDGER)


def test_entries_of_equations_are_named_by_one_of_their_numbers():
    for id, claim in LEDGER.items():
        assert claim.id == id
        if id.startswith("eq") and "." not in id:
            assert int(id[2:].partition(".")[0]) in claim.equations


def test_what_is_open_says_what_it_waits_for_and_is_the_smaller_part():
    open_ = [claim for claim in LEDGER.values() if claim.form is None]
    assert all(claim.missing for claim in open_)
    assert len(open_) < len(LEDGER) / 4


@pytest.mark.parametrize("claim", LEDGER.values(), ids=LEDGER)
def test_evidence_is_there(claim):
    for evidence in (*claim.symbolic, *claim.tests, *claim.formal):
        file, _, name = evidence.partition("::")
        assert (ROOT / file).is_file(), file
        if file.endswith(".v"):
            assert f"Theorem {name} " in (ROOT / file).read_text(encoding="utf-8"), evidence
        elif name:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, evidence


# What the checks find


TRAINED = [claim.id for claim in actor_critic_runs.CLAIMS]
"""Entries that share runs which take long: checked together, so that no other process trains them again."""


@pytest.mark.parametrize(
    "ids",
    [pytest.param(TRAINED, marks=pytest.mark.slow), *([id] for id in LEDGER if id not in TRAINED)],
    ids=lambda ids: ids[0],
)
def test_the_verdict_is_as_recorded_and_planted_errors_are_rejected(ids):
    report = claims.verify(ids, games=GAMES, seed=SEED)
    for id in ids:
        entry = report[id]
        assert entry.verdict == LEDGER[id].recorded, id
        assert entry.passed == () and set(entry.rejected) == set(LEDGER[id].planted), id
        assert entry.as_recorded
        if entry.claim.counterexample is not None:
            assert entry.counterexample.refutes, id
    assert report.as_recorded


@pytest.mark.parametrize("file", ["two.nfg", "three.nfg"])
def test_a_game_of_the_users(file, tmp_path):
    rng = np.random.default_rng(3)
    shape = (2, 2, 3) if file == "two.nfg" else (3, 2, 2, 2)
    rx.save_game(rx.MatrixGame(rng.normal(size=shape).round(2)), tmp_path / file)
    report = claims.verify(game=rx.load_game(tmp_path / file), games=6, discount=0.6)
    assert report.as_recorded
    ran = [entry for entry in report.entries if entry.outcomes]
    assert len(ran) > 30
    assert all(set(entry.outcomes) <= {"true", "general"} for entry in ran)
    assert not any(entry.outcomes for entry in report.entries if entry.claim.once)


def test_a_stochastic_game_of_the_users_dense_or_sparse():
    from scipy import sparse

    rng = np.random.default_rng(4)
    moves = rng.dirichlet(np.ones(3), size=(3, 2, 2))
    dense = rx.StochasticGame(rng.normal(size=(2, 3, 2, 2)), moves, 0.8)
    rows = rx.StochasticGame(dense.payoffs, sparse.csr_array(moves.reshape(-1, 3)), 0.8)
    one, two = (claims.verify(game=game, games=4).as_dict() for game in (dense, rows))
    assert one == two and one["as_recorded"]


def test_a_game_of_the_users_sees_every_player():
    seen = set()

    def look(here):
        seen.add(here.view.shape)
        return RIGHT

    game = rx.MatrixGame(np.random.default_rng(0).normal(size=(3, 2, 3, 4)))
    for index in range(3):
        look(case_of(game, index % 3, 0, index, 0.5))
    assert seen == {(1, 2, 12), (1, 3, 8), (1, 4, 6)}


@given(view=strategies.views(max_states=3, max_opponent_actions=3, magnitude=10.0, max_discount=0.9), data=st.data())
@share(0.25)
def test_what_is_true_is_true_of_games_priors_and_policies_in_the_corners(view, data):
    draw = data.draw
    view = dense(view)
    prior = draw(strategies.priors(view))
    alpha, beta = (draw(strategies.temperatures(min_value=0.5, max_value=20.0)) for _ in range(2))
    full = draw(st.booleans())
    pi, other_pi = (draw(strategies.policies(view, full_support=full)) for _ in range(2))
    rho, other_rho = (draw(strategies.opponent_models(view, prior=prior, full_support=full)) for _ in range(2))
    q, other_q = (draw(strategies.payoff_arrays(view.shape, magnitude=10.0)) for _ in range(2))
    here = Case(view, prior, alpha, beta, pi, other_pi, rho, other_rho, q, other_q, (draw(st.integers(0, 99)),))
    for id, claim in LEDGER.items():
        # what is estimated from samples needs a chance for every action
        if claim.once or not (full or claim.where.startswith(("Section 3.1", "Appendix B", "Appendix C", "beyond"))):
            continue
        for name in claim.forms.keys() & {"true", "general"}:
            with np.errstate(all="ignore"):
                gap = claim.forms[name](here)
            assert gap.holds, (id, name, gap)


def dense(view):
    """The view with its moves in one array, and no terminal states."""
    moves = view.transitions
    if hasattr(moves, "toarray"):
        moves = moves.toarray().reshape(*view.shape, view.shape[0])
    return rx.View(view.rewards, moves, view.discount)


# How it runs


def test_the_executor_makes_no_difference():
    report = claims.verify(FEW, games=12)
    with ThreadPoolExecutor(3) as threads:
        assert claims.verify(FEW, games=12, executor=threads).as_dict() == report.as_dict()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert claims.verify(FEW, games=12, executor=processes).as_dict() == report.as_dict()


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_makes_no_difference():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = claims.verify(FEW, games=12, executor=client.get_executor())
    assert found.as_dict() == claims.verify(FEW, games=12).as_dict()


def test_the_seed_names_the_cases():
    one, same, other = (claims.verify("thm4", games=10, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one["thm4"].outcomes != other["thm4"].outcomes


def test_a_longer_run_begins_with_the_shorter_one():
    assert case(0, 7).view == case(0, 7).view or np.array_equal(case(0, 7).view.rewards, case(0, 7).view.rewards)
    short, long = (claims.verify("eq61", games=games)["eq61"].outcomes["printed"] for games in (10, 30))
    assert short.first == long.first >= 0
    assert short.failures <= long.failures <= short.failures + 20


def test_progress_is_told():
    told = []
    claims.verify("eq8", games=23, progress=lambda done, of: told.append((done, of)))
    assert told == [(k, 5) for k in range(1, 6)]


def test_names():
    ids = [entry.claim.id for entry in claims.verify("climbing", games=1).entries]
    assert ids == [id for id in LEDGER if id.startswith("climbing.")]
    ids = [entry.claim.id for entry in claims.verify(["eq61", "eq8"], games=1).entries]
    assert ids == [id for id in LEDGER if id.partition(".")[0] in ("eq8", "eq61")]
    with pytest.raises(UnknownNameError, match="did you mean thm4"):
        claims.verify("thm44")
    with pytest.raises(UnknownNameError, match="unknown claim 'clim'"):
        claims.verify(["thm4", "clim"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"games": 0}, "games"),
        ({"seed": -1}, "seed"),
        ({"game": "climbing"}, "game must be a MatrixGame or a StochasticGame, not str"),
        ({"game": rx.StochasticGame(np.zeros((2, 1, 2, 2)), np.ones((1, 2, 2, 1)), 0.5, terminal=[0])}, "terminal"),
    ],
)
def test_what_cannot_be_run(settings, message):
    with pytest.raises(InputError, match=message):
        claims.verify("eq8", **settings)


# What would be noticed


def test_a_false_statement_is_refuted(ledger):
    ledger(form=lambda here: equal(here.q, here.other_q, 0.0))
    report = claims.verify("made", games=5)
    assert report["made"].verdict == "refuted" and not report.as_recorded


def test_a_statement_that_fails_seldom_is_refuted(ledger):
    ledger(form=lambda here: WRONG if here.view.shape[2] == 1 else RIGHT)
    entry = claims.verify("made", games=50)["made"]
    assert entry.verdict == "refuted"
    first = entry.outcomes["true"].first
    assert case(0, first).view.shape[2] == 1 and case(0, first - 1).view.shape[2] > 1


def test_a_stronger_statement_that_is_false_is_refuted(ledger):
    ledger(recorded="holds more generally", general=lambda here: WRONG, generalised="0 = 1")
    assert claims.verify("made", games=5)["made"].verdict == "refuted"


def test_a_check_that_cannot_fail_is_noticed(ledger):
    ledger(planted={"wrong": lambda here: RIGHT, "too": lambda here: WRONG})
    entry = claims.verify("made", games=5)["made"]
    assert entry.verdict == "holds" and entry.passed == ("wrong",) and entry.rejected == ("too",)
    assert not entry.as_recorded


def test_a_not_a_number_does_not_hold(ledger):
    ledger(form=lambda here: Gap(math.nan, math.inf))
    assert claims.verify("made", games=2)["made"].verdict == "refuted"
    for relation in (equal, never_above):
        for left, right in ((math.nan, 0.0), (0.0, math.nan), ([1.0, math.nan], [1.0, 1.0])):
            assert not relation(left, right, 1.0).holds
            assert not every(Gap(0.0), relation(left, right, 1.0), Gap(0.5, 1.0)).holds


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({}, "false as stated"),
        ({"recorded": "misprint", "confirmed_by": ("eq1",)}, "misprint"),
        ({"printed": lambda here: RIGHT}, "unconfirmed"),
        ({"counterexample": lambda: Counterexample("a game", "0 = 1", "0 = 0", False)}, "unconfirmed"),
        ({"form": lambda here: WRONG}, "refuted"),
    ],
)
def test_what_is_wrong_as_printed_fails_and_has_a_counterexample(settings, verdict, ledger):
    ledger(**erring(**settings))
    entry = claims.verify("made", games=5)["made"]
    assert entry.verdict == verdict
    assert entry.as_recorded == (verdict in ("false as stated", "misprint"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"form": None}, "has a form unless"),
        ({"recorded": "open", "missing": "a run"}, "has a form unless"),
        ({"missing": "a run"}, "says what is missing"),
        ({"recorded": "open", "form": None}, "says what is missing"),
        ({"printed": lambda here: WRONG}, "beside the corrected one"),
        (erring(printed=None), "beside the corrected one"),
        (erring(corrected=""), "corrected statement is given"),
        (erring(counterexample=None), "has a counterexample"),
        (erring(recorded="misprint"), "confirmed by the paper"),
        (erring(confirmed_by=("eq1",)), "confirmed by the paper"),
        ({"recorded": "holds more generally"}, "stronger form"),
        ({"general": lambda here: RIGHT}, "stronger form"),
        ({"planted": {}}, "no planted error"),
    ],
)
def test_entries_that_contradict_themselves(settings, message):
    with pytest.raises(InputError, match=f"'made'.*{message}"):
        made(**settings)


def test_gaps():
    assert equal([1.0, 2.0], [1.0, 2.5], 0.5).holds and not equal([1.0, 2.0], [1.0, 2.5], 0.4).holds
    assert never_above(1.0, 2.0, 0.0).holds and never_above(1.0, 2.0, 0.0).excess == 0.0
    assert not never_above([1.0, 3.0], 2.0, 0.5).holds
    assert every(Gap(1.0, 2.0), Gap(3.0, 4.0)).excess == 3.0
    assert not every(Gap(0.0), Gap(1.0, 0.5)).holds
    assert not every(Gap(1e9, 1e10), Gap(math.nan, 1.0)).holds
    assert Gap(0.0).ratio == 0.0 and Gap(1.0).ratio == math.inf


def test_cases_have_corners_and_pairs_in_the_support():
    cases = [case(5, index) for index in range(64)]
    assert {1} < {c.view.shape[0] for c in cases} and {1} < {c.view.shape[1] for c in cases}
    assert any((c.prior == 0.0).any() for c in cases) and any(c.view.discount == 0.0 for c in cases)
    assert any(c.alpha < 1 for c in cases) and any(c.alpha > 1 for c in cases)
    for c in cases:
        assert (c.model[c.prior == 0.0] == 0.0).all() and (c.other_model[c.prior == 0.0] == 0.0).all()
        np.testing.assert_allclose(c.policy.sum(axis=1), 1.0)
        assert replace(c).rng.random() == c.rng.random()


# Pages


def test_the_pages_are_as_the_ledger_has_them():
    assert rendering.main([str(ROOT / "docs"), "--check"]) == 0


def test_a_stale_page_is_noticed(tmp_path, capsys, ledger):
    assert rendering.main([str(tmp_path), "--check"]) == 1
    assert rendering.main([str(tmp_path)]) == 0
    written = (tmp_path / "claims.md").read_bytes()
    assert rendering.main([str(tmp_path), "--check"]) == 0
    ledger()
    assert rendering.main([str(tmp_path), "--check"]) == 1
    assert "claims.md is stale" in capsys.readouterr().err
    assert b"### made" not in written


def test_the_pages_have_every_entry_and_the_errata_what_is_wrong():
    items = rendering.recorded()
    pages = rendering.claims_page(items), rendering.errata_page(items)
    for claim in LEDGER.values():
        wrong = claim.recorded in ("misprint", "false as stated")
        assert f"### {claim.id}\n" in pages[0]
        assert (f"### {claim.id}\n" in pages[1]) == wrong
    assert pages[1].count("**Counterexample**") == pages[1].count("### ") == pages[1].count("**Corrected**")


def test_markdown_is_escaped():
    page = rendering.claims_page(rendering.recorded([made(statement="Q* | pi~ <= a_b [c]", equations=(3, 1, 2, 7))]))
    assert r"Q\* \| pi\~ \<= a\_b \[c\]" in page
    assert "| [made](#made) | 1-3, 7 | holds | Made |" in page


@pytest.mark.parametrize("scale", [1e-9, 1e3, 1e6, 1e12])
def test_payoffs_of_any_size_are_no_reason_to_refute(scale):
    """A game's unit is not what a statement is about, though the paper's KL weight is 1 in each."""
    game = rx.MatrixGame(scale * np.random.default_rng(5).standard_normal((2, 2, 3)))
    report = claims.verify(game=game, games=20)
    assert [entry.claim.id for entry in report.entries if entry.verdict == "refuted"] == []
    assert sum(entry.outcomes["true"].cases == 20 for entry in report.entries if entry.outcomes) > 60


def test_arguments_that_mean_nothing_are_refused():
    with pytest.raises(InputError, match="discount is for a matrix game"):
        claims.verify("eq61", games=1, discount=0.5)
    for wrong in (5, [], {"eq61"}):
        with pytest.raises(InputError, match="claims must be ids"):
            claims.verify(wrong)
    with pytest.raises(UnknownNameError, match="did you mean eq61"):
        claims.verify("eq61", games=1)["eq16"]
