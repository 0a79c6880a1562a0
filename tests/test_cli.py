"""The command line: what it prints is what the solver found, and bad input ends in one line."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import cli, plots
from rommeo_exact.cli import page as text_page, solve as solve_command

CLIMBING = ["solve", "climbing", "--alpha", "1", "--discount", "0.9"]
ARRAYS = {
    "value": "value", "prior": "prior", "q": "q", "policy": "policy", "opponent_model": "opponent_model",
    "marginal_policy": "marginal_policy",
}  # fmt: skip
FIGURES = ("alpha", "beta", "tol", "error_bound", "residual", "iterations", "method", "converged")
OUTCOMES = """\
NFG 1 R "By hand" { "Row" "Column" }
{ { "up" "down" } { "left" "middle" "right" } }
"payoffs of Row and Column, player 1 fastest"
{
{ "first" 1, 2 }
{ "second" 1/2, 0.25 }
{ "third" -3e-1, 7 }
}
1 2 3 3 0 1
"""
BY_HAND = rx.MatrixGame(
    [[[1, -0.3, 0], [0.5, -0.3, 1]], [[2, 7, 0], [0.25, 7, 2]]],
    players=["Row", "Column"], actions=[["up", "down"], ["left", "middle", "right"]], name="By hand",
)  # fmt: skip


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(capsys):
    def run(*arguments, code=0):
        assert cli.main([str(argument) for argument in arguments]) == code
        written = capsys.readouterr()
        return written.err if code == 2 else written.out

    return run


def game_of_three(seed=0):
    rng = np.random.default_rng(seed)
    return rx.MatrixGame(
        rng.normal(size=(3, 2, 3, 4)).round(3), players=["Ann", "Bob", "Cy"],
        actions=[["u", "d"], ["x", "y", "z"], ["k", "l", "m", "n"]], name="Three",
    )  # fmt: skip


def process_of_two(states=5, seed=1, labels=True):
    """A stochastic game of 2 x 3 actions whose state 2 is terminal."""
    rng = np.random.default_rng(seed)
    return rx.StochasticGame(
        rng.normal(size=(2, states, 2, 3)), rng.dirichlet(np.ones(states), size=(states, 2, 3)), 0.9, terminal=[2],
        states=[f"room {k}" for k in range(states)] if labels else None,
        actions=[["go", "wait"], ["red", "green", "blue"]], name="Rooms",
    )  # fmt: skip


def saved(game, path):
    rx.save_game(game, path)
    return path


# Reading the printed page back ----------------------------------------------------------------------------------------


def cells(line):
    return re.split(r"\s{2,}", line.strip())


def printed_tables(text):
    """Every table of pi*(a|b), its blocks joined: a dict from row label to the row, and one of the column heads."""
    tables = []
    blocks = re.findall(r"(?:^  b, .*\n)+^  a, .*\n(?:^  .*\n)+?  prior P\(b\).*\n", text, re.MULTILINE)
    for block in blocks:
        lines = block.splitlines()
        stub = next(i for i, line in enumerate(lines) if line.startswith("  a, "))
        table = {}
        for line in [*lines[:stub], *lines[stub + 1 :]]:
            # a label may hold single spaces, so two of them end it
            label, *row = cells(line)
            table[label] = row
        if tables and "pi(a)" not in tables[-1]["head"]:
            for label, row in table.items():
                tables[-1][label] = tables[-1][label] + row
        else:
            tables.append(table)
        tables[-1]["head"] = tables[-1][list(tables[-1])[stub - 1]]
    return tables


def assert_table(table, solution, s, labels, digits=4):
    half = 0.5 * 10.0**-digits * (1 + 1e-9)

    def close(texts, values):
        assert len(texts) == len(values)
        for text, value in zip(texts, values, strict=True):
            assert abs(float(text) - value) <= (0.5 * value if "e" in text else half)
            assert (text == "0") == (value == 0.0)

    for a, label in enumerate(labels):
        *row, marginal = table[label]
        close(row, solution.policy[s, a])
        close([marginal], solution.marginal_policy[s, a : a + 1])
    close(table["rho*(b)"], solution.opponent_model[s])
    close(table["prior P(b)"], solution.prior[s])


# rommeo solve, for a person -------------------------------------------------------------------------------------------


def test_climbing(run):
    text = run(*CLIMBING)
    solution = rx.solve(rx.games.climbing(), alpha=1.0, discount=0.9)
    (table,) = printed_tables(text)
    assert_table(table, solution, 0, "ABC")
    assert table["b, player 2"] == ["A", "B", "C", "pi(a)"]
    assert text.startswith("Climbing game: 2 players, 3 x 3 actions\nAgent 1 of 2: player 1, choosing a;")
    assert "alpha = 1, beta = 1, discount = 0.9, prior P(b) uniform" in text
    assert re.search(r"Solved by auto in 1 iteration, [0-9.]+ ms\nResidual 0, tol 1e-10 met\n\Z", text)


def test_the_printed_value_is_within_the_printed_bound(run):
    text = run(*CLIMBING)
    value, bound = re.search(r"^V\* = (\S+), error at most (\S+)$", text, re.MULTILINE).groups()
    with mpmath.workdps(50):
        columns = ([11, -30, 0], [-30, 7, 0], [0, 6, 5])
        exact = mpmath.log(sum(mpmath.exp(r) for column in columns for r in column) / 3) / (1 - mpmath.mpf(0.9))
        assert abs(mpmath.mpf(value) - exact) <= mpmath.mpf(bound) <= 1e-11


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e300))
@settings(deadline=None)
def test_a_value_is_printed_with_a_bound_that_covers_its_rounding(value, bound):
    text, total = text_page.certified(value, bound)
    error = abs(Decimal(text) - Decimal(value)) + Decimal(bound)
    assert error <= Decimal(total)
    shown = Decimal("2.2") * Decimal(bound) + Decimal("1e-14") * abs(Decimal(value))
    assert Decimal(total) <= shown + Decimal("1e-323")


@given(st.floats(0, 1e308))
def test_bounds_are_rounded_up(bound):
    text = text_page.upper(bound)
    assert Decimal(bound) <= Decimal(text) <= Decimal("1.1") * Decimal(bound)
    assert len(re.sub("e.*|[.]", "", text).strip("0")) <= 2


def test_any_nfg_file_in_both_versions(run, tmp_path):
    by_hand = tmp_path / "outcomes.nfg"
    by_hand.write_text(OUTCOMES, encoding="utf-8")
    payoffs = saved(BY_HAND, tmp_path / "payoffs.nfg")
    assert rx.load_game(by_hand) == BY_HAND
    settings = ["--agent", 2, "--alpha", 0.5, "--prior", "0.2,0.8"]
    texts = [re.sub("[0-9.]+ ms", "", run("solve", path, *settings)) for path in (by_hand, payoffs)]
    assert texts[0] == texts[1]
    solution = rx.solve(BY_HAND, agent=1, alpha=0.5, prior=[0.2, 0.8])
    (table,) = printed_tables(texts[0])
    assert_table(table, solution, 0, ["left", "middle", "right"])
    assert "Agent 2 of 2: Column, choosing a; opponent: Row, choosing b" in texts[0]
    assert "prior P(b) as given" in texts[0]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("agent", [1, 2, 3])
def test_three_players_in_terminals_of_any_width(run, tmp_path, monkeypatch, width, agent):
    monkeypatch.setenv("COLUMNS", str(width))
    game = game_of_three()
    text = run("solve", saved(game, tmp_path / "three.nfg"), "--agent", agent, "--beta", "0.5")
    assert max(map(len, text.splitlines())) <= width
    solution = rx.solve(game, agent=agent - 1, beta=0.5)
    (table,) = printed_tables(text)
    assert_table(table, solution, 0, game.actions[agent - 1])
    others = [i for i in range(3) if i != agent - 1]
    joint = [head.split(",") for head in solution.view.opponent_actions]
    for j, i in enumerate(others):
        heads = table[f"b, {game.players[i]}"]
        assert heads[: len(joint)] == [labels[j] for labels in joint]
    assert len(re.findall("a, ", text)) == (1 if width == 200 else len(re.findall("prior P", text)) - 1)


def test_a_wrong_table_would_be_seen(run, tmp_path):
    game = game_of_three()
    (table,) = printed_tables(run("solve", saved(game, tmp_path / "three.nfg"), "--agent", 2))
    assert_table(table, rx.solve(game, agent=1), 0, game.actions[1])
    turned = rx.MatrixGame(game.payoffs[:, :, :, ::-1])
    for wrong in (rx.solve(game, agent=1, alpha=0.9), rx.solve(game, agent=1, beta=0.9), rx.solve(turned, agent=1)):
        with pytest.raises(AssertionError):
            assert_table(table, wrong, 0, game.actions[1])


@pytest.mark.parametrize(("agent", "index"), [("1", 0), ("2", 1), ("Ann", 0), ("Cy", 2), ("3", 2)])
def test_agents_by_number_from_one_or_by_name(run, tmp_path, agent, index):
    game = game_of_three()
    text = run("solve", saved(game, tmp_path / "three.nfg"), "--agent", agent)
    assert f"Agent {index + 1} of 3: {game.players[index]}, choosing a" in text


def test_a_number_is_a_number_before_it_is_a_name(run, tmp_path):
    game = rx.MatrixGame(game_of_three().payoffs, players=["3", "2", "7"])
    path = saved(game, tmp_path / "three.nfg")
    for agent, index in (("3", 2), ("2", 1), ("7", 2)):
        assert f"Agent {index + 1} of 3" in run("solve", path, "--agent", agent)


def test_one_player(run, tmp_path):
    game = rx.MatrixGame([[1.0, 2.0]], players=["me"], actions=[["left", "right"]])
    text = run("solve", saved(game, tmp_path / "alone.nfg"), "--digits", 6)
    assert "Agent 1 of 1: me, choosing a, alone" in text
    assert "rho*" not in text
    policy = rx.solve(game).policy[0, :, 0]
    assert [cells(line) for line in text.splitlines() if line.startswith("    ")][1:] == [
        [label, f"{p:.6f}"] for label, p in zip(["left", "right"], policy, strict=True)
    ]


@pytest.mark.parametrize("digits", [1, 2, 4, 9, 17])
def test_decimal_points_stand_in_line(run, tmp_path, monkeypatch, digits):
    monkeypatch.setenv("COLUMNS", "200")
    game = rx.MatrixGame.bimatrix([[40, 0, -3], [0, 1, 2]], np.zeros((2, 3)))
    text = run("solve", saved(game, tmp_path / "g.nfg"), "--digits", digits, "--prior", "1/2,0,1/2")
    (table,) = printed_tables(text)
    assert_table(table, rx.solve(game, prior=[0.5, 0, 0.5]), 0, "12", digits)
    rows = [line for line in text.splitlines() if re.match("    [12] |  rho|  prior P", line)]
    points = {match.end() for row in rows for match in re.finditer(r"\s[0-9]+(?=[.e ]|$)", row[13:])}
    assert len(rows) == 4
    assert len(points) == 4  # of the three columns and the margin


def test_probabilities_tell_small_from_nothing():
    page = text_page.Page(digits=4)
    chances = (0.0, 5e-324, 4.9e-5, 5.1e-5, 0.12345, 0.99999, 1.0)
    assert [page.probability(p) for p in chances] == ["0", "5e-324", "5e-05", "0.0001", "0.1235", "1.0000", "1.0000"]


def test_many_actions_are_cut_to_the_likeliest(run, tmp_path):
    rng = np.random.default_rng(3)
    game = rx.MatrixGame(rng.normal(size=(2, 50, 60)))
    text = run("solve", saved(game, tmp_path / "large.npz"), "--alpha", "0.2", "--beta", "0.2")
    solution = rx.solve(game, alpha=0.2, beta=0.2)
    (table,) = printed_tables(text)
    shown = [int(label) - 1 for label in table["b, player 2"][:-1]]
    model = solution.opponent_model[0]
    assert len(shown) == solve_command.MOST_ACTIONS
    assert shown == sorted(shown)
    assert model[shown].min() >= np.delete(model, shown).max()
    assert f"20 of 60 joint actions b are shown, the likeliest, {model[shown].sum():.4g} in all" in text
    assert "20 of 50 actions a are shown" in text


# Stochastic games -----------------------------------------------------------------------------------------------------


def test_few_states_are_all_printed(run, tmp_path):
    game = process_of_two(states=4)
    text = run("solve", saved(game, tmp_path / "rooms.npz"), "--agent", 2)
    solution = rx.solve(game, agent=1)
    tables = printed_tables(text)
    assert len(tables) == 3
    for s, table in zip((0, 1, 3), tables, strict=True):
        assert_table(table, solution, s, game.actions[1])
        assert f"\nState room {s}: V* = {solution.value[s]:.4f}\n" in text
    assert "Rooms: 2 players, 2 x 3 actions, 4 states, 1 terminal\n" in text
    listed = {label: row for label, *row in map(cells, text.splitlines()) if label.startswith("room")}
    assert listed["room 2"] == ["terminal", "-", "-", "-"]
    for s in (0, 1, 3):
        expected = [solution.value[s], *solution.marginal_policy[s]]
        assert listed[f"room {s}"] == [f"{x:.4f}" for x in expected]
    assert f"E V*(s) = {game.initial @ solution.value:.4f} from" in text


def test_of_many_states_the_first_are_printed(run):
    text = run("solve", "meeting", "--set", "absorbing=true")
    assert "81 states, 9 terminal" in text
    assert "69 of 81 states are not shown: --state S shows one, --out FILE.npz keeps all" in text
    assert "70 more tables: --state S shows one, --out FILE.npz keeps all" in text
    solution = rx.solve(rx.games.meeting(absorbing=True))
    for s, table in zip((1, 2), printed_tables(text), strict=True):
        assert_table(table, solution, s, solution.view.actions)
    assert len(text.splitlines()) < 60


def test_states_of_choice(run):
    game = rx.games.meeting(absorbing=True)
    text = run("solve", "meeting", "--set", "absorbing=true", "--state", "(1,0) (2,2)", "--state", "s=40")
    solution = rx.solve(game)
    (table,) = printed_tables(text)
    assert_table(table, solution, game.states.index("(1,0) (2,2)"), solution.view.actions)
    assert "State (1,1) (1,1): terminal, worth 0" in text
    assert "79 of 81 states are not shown" in text


def test_states_without_labels_and_games_that_are_over(run, tmp_path):
    text = run("solve", saved(process_of_two(labels=False), tmp_path / "rooms.npz"), "--state", "s=4")
    assert "\nState s=4: V* = " in text
    over = rx.StochasticGame(np.ones((1, 2, 1)), np.full((2, 1, 2), 0.5), 0.9, terminal=[0, 1])
    text = run("solve", saved(over, tmp_path / "over.npz"))
    assert "2 states, 2 terminal" in text
    assert "E V*(s) = 0.0000" in text
    assert "Policy pi*(a)" not in text


def test_prior_for_each_state(run, tmp_path):
    game = process_of_two()
    prior = np.random.default_rng(5).dirichlet(np.ones(3), size=5)
    file = tmp_path / "prior.csv"
    file.write_text("\ufeff" + "\n".join(",".join(map(repr, row)) for row in prior.tolist()) + "\n\n", encoding="utf-8")
    path = saved(game, tmp_path / "rooms.npz")
    record = json.loads(run("solve", path, "--prior", file, "--json"))
    assert record["prior"] == prior.tolist()
    assert record["value"] == rx.solve(game, prior=prior).value.tolist()
    file.write_text("1/7 2/7 4/7", encoding="utf-8")
    assert json.loads(run("solve", path, "--prior", file, "--json"))["prior"] == [[1 / 7, 2 / 7, 4 / 7]] * 5


# --json ---------------------------------------------------------------------------------------------------------------

CASES = {
    "matrix": (lambda: BY_HAND, ["--agent", "2", "--alpha", "0.3"], {"agent": 1, "alpha": 0.3}),
    "prior": (lambda: BY_HAND, ["--prior", "1/3, 1/6, 1/2"], {"prior": [1 / 3, 1 / 6, 1 / 2]}),
    "frozen": (lambda: BY_HAND, ["--beta", "inf", "--discount", "0.99"], {"beta": math.inf, "discount": 0.99}),
    "hard": (game_of_three, ["--agent", "Bob", "--alpha", "0", "--beta", "0"], {"agent": 1, "alpha": 0, "beta": 0}),
    "three": (game_of_three, ["--agent", "3", "--tol", "1e-6"], {"agent": 2, "tol": 1e-6}),
    "rooms": (process_of_two, ["--method", "newton", "--beta", "2/3"], {"method": "newton", "beta": 2 / 3}),
    "bare": (lambda: process_of_two(labels=False), ["--agent", "2", "--tol", "1e-9"], {"agent": 1, "tol": 1e-9}),
    "discount": (process_of_two, ["--discount", "0.5"], {"discount": 0.5}),
}


@pytest.mark.parametrize("case", CASES)
def test_json_is_what_the_solver_returns_bit_for_bit(run, tmp_path, case):
    make, arguments, keywords = CASES[case]
    game = make()
    text = run("solve", saved(game, tmp_path / "game.npz"), *arguments, "--json")
    record = json.loads(text, parse_constant=pytest.fail)
    solution = rx.solve(game, **keywords)
    for key in ARRAYS:
        array = np.array(record[key])
        assert array.shape == getattr(solution, key).shape
        assert array.tobytes() == getattr(solution, key).tobytes()
    for key in FIGURES:
        assert record[key] == ("inf" if getattr(solution, key) == math.inf else getattr(solution, key))
    agent = keywords.get("agent", 0)
    assert record["discount"] == solution.view.discount
    assert record["terminal"] == solution.view.terminal.tolist()
    assert record["game"] == game.name
    assert record["players"] == list(game.players)
    assert game.agent_index(record["agent"]) == agent
    assert record["actions"] == list(game.actions[agent])
    assert [",".join(labels) for labels in record["opponent_actions"]] == list(game.opponent_actions(agent))
    assert record["states"] == (list(game.states) if getattr(game, "states", None) else None)


def test_json_keys_are_documented(run):
    text = run("solve", "--help")
    keys = json.loads(run(*CLIMBING, "--json"))
    documented = text.partition("keys of --json")[2]
    assert [key for key in keys if not re.search(rf"\b{key}\b", documented)] == []


def test_a_tolerance_that_is_not_met(run, capsys):
    text = run(*CLIMBING, "--tol", "1e-30", code=1)
    assert "tol 1e-30 NOT MET: rounding allows no less" in text
    (table,) = printed_tables(text)
    assert_table(table, rx.solve(rx.games.climbing(), discount=0.9), 0, "ABC")
    text = run("solve", "meeting", "--method", "value_iteration", "--max-iterations", "3", code=1)
    assert "tol 1e-10 NOT MET: more --max-iterations would come nearer" in text
    assert cli.main(["solve", "meeting", "--max-iterations", "1", "--json"]) == 1
    written = capsys.readouterr()
    record = json.loads(written.out)
    assert record["converged"] is False
    assert record["error_bound"] > record["tol"] == 1e-10
    assert re.fullmatch(r"rommeo: tol 1e-10 was not met: the error bound is \S+\n", written.err)


# --out ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_out_round_trip(run, tmp_path, case):
    make, arguments, keywords = CASES[case]
    game, out = make(), tmp_path / "solution.npz"
    text = run("solve", saved(game, tmp_path / "game.npz"), *arguments, "--out", out)
    assert str(out) in re.sub(r"\n\s*", " ", text)
    solution = rx.solve(game, **keywords)
    record = json.loads(run("solve", tmp_path / "game.npz", *arguments, "--json"))
    with np.load(out, allow_pickle=False) as kept:
        for key in ARRAYS:
            assert kept[key].tobytes() == getattr(solution, key).tobytes()
            assert kept[key].shape == getattr(solution, key).shape
        for key in FIGURES:
            assert kept[key].item() == getattr(solution, key)
        assert set(kept) == {key for key, value in record.items() if value is not None}
        for key in ("players", "agent", "actions", "opponent_actions", "discount", "terminal", "game"):
            assert kept[key].tolist() == record[key]
    assert sorted(os.listdir(tmp_path)) == ["game.npz", "solution.npz"]


def test_out_does_not_overwrite(run, tmp_path, monkeypatch):
    out = tmp_path / "kept.npz"
    out.write_bytes(b"precious")
    with monkeypatch.context() as patch:
        early = "the work was done before the file was looked at"
        patch.setattr(solve_command, "solve", lambda *_, **__: pytest.fail(early))
        assert "the file exists; --force replaces it" in run(*CLIMBING, "--out", out, code=2)
    assert out.read_bytes() == b"precious"
    run(*CLIMBING, "--out", out, "--force")
    with np.load(out) as kept:
        assert kept["value"] == rx.solve(rx.games.climbing(), discount=0.9).value


def test_out_does_not_overwrite_what_came_meanwhile(run, tmp_path, monkeypatch):
    out = tmp_path / "kept.npz"

    def slow(*arguments, **keywords):
        out.write_bytes(b"another's")
        return rx.solve(*arguments, **keywords)

    monkeypatch.setattr(solve_command, "solve", slow)
    assert "the file exists" in run(*CLIMBING, "--out", out, code=2)
    assert out.read_bytes() == b"another's"


def test_no_file_is_left_half_written(run, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / "kept.npz"
    monkeypatch.setattr(os, "fsync", full)
    assert f"rommeo: {out}: cannot be written: No space left on device\n" == run(*CLIMBING, "--out", out, code=2)
    assert os.listdir(tmp_path) == []


# --plot ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "suffix", "start"),
    [
        (["climbing"], ".png", b"\x89PNG"), (["three_player_coordination", "--agent", "3"], ".SVG", b"<?xml"),
        (["meeting", "--state", "(0,0) (2,2)"], ".pdf", b"%PDF"),
    ],
)  # fmt: skip
def test_plot_and_out_and_json_at_once(run, tmp_path, arguments, suffix, start):
    picture, out = tmp_path / f"picture{suffix}", tmp_path / "arrays.npz"
    text = run("solve", *arguments, "--plot", picture, "--out", out)
    assert f"The picture is in {picture}" in re.sub(r"\n\s*", " ", text)
    assert picture.read_bytes().startswith(start)
    record = run("solve", *arguments, "--plot", picture, "--json", "--force")
    assert json.loads(record)["converged"] and sorted(tmp_path.iterdir()) == [out, picture]


def test_plot_draws_the_solution_of_the_agent_in_the_states_asked_for(run, tmp_path, monkeypatch):
    drawn = []

    def draw(*given):
        drawn.append(given)
        return plots.new()[0]

    monkeypatch.setattr(plots, "of_solution", draw)
    run("solve", "meeting", "--agent", 2, "--alpha", 0.5, "--state", "(0,0) (2,2)", "--plot", tmp_path / "a.png")
    ((game, solution, agent, states),) = drawn
    assert (agent, [game.states[s] for s in states]) == (1, ["(0,0) (2,2)"])
    np.testing.assert_array_equal(solution.value, rx.solve(rx.games.meeting(), 1, 0.5).value)


def test_plot_does_not_overwrite_and_looks_before_the_work(run, tmp_path, monkeypatch):
    file = tmp_path / "kept.svg"
    large = saved(rx.MatrixGame.common_payoff(np.zeros((21, 20))), tmp_path / "large.npz")
    ended = rx.StochasticGame(np.zeros((1, 1, 2)), np.ones((1, 2, 1)), 0.5, terminal=[0])
    over = saved(ended, tmp_path / "over.npz")
    file.write_bytes(b"precious")
    with monkeypatch.context() as patch:
        patch.setattr(solve_command, "solve", lambda *_, **__: pytest.fail("the work was done first"))
        exists = run(*CLIMBING, "--plot", file, code=2)
        assert f"--plot {file}: the file exists; --force replaces it" in exists
        assert "must end in .png or .svg or .pdf" in run(*CLIMBING, "--plot", tmp_path / "a.gif", code=2)
        assert "there is no such folder" in run(*CLIMBING, "--plot", tmp_path / "no" / "a.png", code=2)
        assert "a table of 420 cells, and 400" in run("solve", large, "--plot", tmp_path / "b.png", code=2)
        assert "each of the states is terminal" in run("solve", over, "--plot", tmp_path / "c.png", code=2)
    assert file.read_bytes() == b"precious" and len(list(tmp_path.iterdir())) == 3
    run(*CLIMBING, "--plot", file, "--force")
    assert file.read_bytes().startswith(b"<?xml")


def test_plot_does_not_overwrite_what_came_meanwhile(run, tmp_path, monkeypatch):
    file, out = tmp_path / "kept.png", tmp_path / "out.npz"

    def slow(*arguments, **keywords):
        file.write_bytes(b"another's")
        return rx.solve(*arguments, **keywords)

    monkeypatch.setattr(solve_command, "solve", slow)
    assert "the file exists" in run(*CLIMBING, "--plot", file, "--out", out, code=2)
    assert file.read_bytes() == b"another's" and not out.exists()


def test_plot_without_matplotlib_says_what_to_install(run, tmp_path, monkeypatch):
    def missing():
        raise rx.MissingPackageError("plots", "matplotlib", "plots")

    monkeypatch.setattr("rommeo_exact.plots.style._matplotlib", missing)
    monkeypatch.setattr(solve_command, "solve", lambda *_, **__: pytest.fail("the work was done first"))
    assert 'pip install "rommeo_exact[plots]"' in run(*CLIMBING, "--plot", tmp_path / "a.png", code=2)
    assert list(tmp_path.iterdir()) == []


def test_bad_input_writes_no_file(run, tmp_path):
    run(*CLIMBING, "--prior", "1,1,1", "--out", tmp_path / "kept.npz", code=2)
    assert os.listdir(tmp_path) == []


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND; see rommeo --help"),
        (["slove"], "invalid choice: 'slove'"),
        (["solve"], "the following arguments are required: GAME; see rommeo solve --help"),
        (["solve", "climbin"], "unknown game 'climbin'; did you mean climbing? (a file must exist, and"),
        (["games", "zzz"], "unknown game 'zzz'; known: battle_of_the_sexes, chicken"),
        (["solve", "missing.nfg"], "missing.nfg: cannot be read: "),
        (["solve", "game.txt"], "the suffix '.txt' is not known; known: .nfg, .npz"),
        (["solve", "climbing", "--agent", "0"], "--agent 0: there is no such player; the game has 1, 2"),
        (["solve", "climbing", "--agent", "3"], "--agent 3: there is no such player"),
        (["solve", "matching_pennies", "--agent", "odd"], "there is no such player; the game has 1 (Even), 2 (Odd)"),
        (["solve", "climbing", "--alpha", "-1"], "alpha is -1.0, not a finite number >= 0"),
        (["solve", "climbing", "--alpha", "inf"], "alpha is inf"),
        (["solve", "climbing", "--beta", "nan"], "beta is nan"),
        (["solve", "climbing", "--alpha", "1/0"], "argument --alpha: '1/0' is not a number"),
        (["solve", "climbing", "--alpha", "one"], "argument --alpha: 'one' is not a number; see rommeo solve --help"),
        (["solve", "climbing", "--alpha", f"{'9' * 400}/7"], "is not a number"),
        (["solve", "climbing", "--discount", "1"], "discount is 1.0, not in [0, 1)"),
        (["solve", "climbing", "--discount", "-0.1"], "discount is -0.1"),
        (["solve", "climbing", "--tol", "-1"], "tol is -1.0"),
        (["solve", "climbing", "--tol", "nan"], "tol is nan"),
        (["solve", "climbing", "--method", "newtn"], "unknown method 'newtn'; did you mean newton?"),
        (["solve", "climbing", "--max-iterations", "0"], "max_iterations is 0"),
        (["solve", "climbing", "--max-iterations", "2.5"], "'2.5' is not an integer"),
        (["solve", "climbing", "--digits", "0"], "--digits is 0, not in [1, 17]"),
        (["solve", "climbing", "--digits", "18"], "--digits is 18"),
        (["solve", "climbing", "--prior", "0.5,0.5"], "--prior: 2 numbers for 3 joint actions of the opponents"),
        (["solve", "climbing", "--prior", "0.5,x,0.5"], "--prior: entry 2, 'x' is not a number"),
        (["solve", "climbing", "--prior", "0.5,,0.5"], "--prior: entry 2, '' is not a number"),
        (["solve", "climbing", "--prior", ""], "--prior: 0 numbers"),
        (["solve", "climbing", "--prior", "0.5,0.5,0.5"], "prior sums to 1.5, not to 1"),
        (["solve", "climbing", "--prior", "1.5,-0.5,0"], "prior[b=1] is -0.5, a negative probability"),
        (["solve", "climbing", "--prior", "nan,0,1"], "prior[b=0] is nan"),
        (["solve", "climbing", "--prior", "missing.csv"], "missing.csv: cannot be read: "),
        (["solve", "penalty", "--set", "k=3"], "k is 3.0"),
        (["solve", "penalty", "--set", "k=low"], "--set k: 'low' is not a number"),
        (["solve", "penalty", "--set", "k"], "--set k: expected NAME=VALUE"),
        (["solve", "penalty", "--set", "j=1"], "penalty has no parameter 'j'; it has k"),
        (["solve", "matching_pennies", "--set", "j=1"], "matching_pennies has no parameter 'j'; it has none"),
        (["solve", "climbing", "--set", "variant=papr"], "unknown variant 'papr'; did you mean paper?"),
        (["games", "meeting", "--set", "size=2.5"], "--set size: '2.5' is not an integer"),
        (["games", "meeting", "--set", "absorbing=maybe"], "--set absorbing: 'maybe' is neither true nor false"),
        (["games", "--set", "k=1"], "--set k=1: which GAME?"),
        (["solve", "any.nfg", "--set", "k=1"], "--set k=1: only the games of the catalogue have parameters"),
        (["solve", "climbing", "--state", "s=0"], "--state: a matrix game has no states"),
        (["solve", "meeting", "--state", "here"], "--state here: there is no such state; they are named from s=0 to"),
        (["solve", "climbing", "--out", "answer.txt"], "--out answer.txt: the name must end in .npz"),
        (["solve", "climbing", "--out", "no/such/answer.npz"], "there is no such folder"),
        (["solve", "climbing", "--alp", "1"], "unrecognized arguments: --alp 1"),
        (["solve", "climbing", "--bogus\nline"], "unrecognized arguments: --bogus\\nline"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_two(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith("rommeo: ")
    assert written.err.count("\n") == 1
    assert message in written.err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('NFG 1 R "t" { "a" "b" } { 2 2 }\n1 2 3 4 5 6 7', "2:14: expected 4 payoffs for each of 2 players"),
        ('NFG 1 R "t" { "a" "b" } { 2 2 }\n1 2 3 x', "2:7: expected a payoff"),
        ('NFG 2 R "t"', "1:5: expected '1'"),
    ],
)
def test_a_bad_game_file_is_named_with_line_and_column(run, tmp_path, text, place):
    path = tmp_path / "bad.nfg"
    path.write_text(text, encoding="utf-8")
    assert run("solve", path, code=2).startswith(f"rommeo: {path}:{place}")
    path = tmp_path / "bad.npz"
    path.write_bytes(b"PK\x03\x04 cut short")
    assert run("solve", path, code=2).startswith(f"rommeo: {path}: not a whole .npz file")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.5,0.5,0\n0.1,0.9\n", ":2: 2 numbers for 3 joint actions of the opponents"),
        ("\n1 0 zero\n", ":2: entry 3, 'zero' is not a number"),
        ("1,0,0\n" * 4, ": 4 lines of numbers for 5 states"),
        ("", ": 0 lines of numbers for 5 states"),
        ("1,0,0\n" * 4 + "1,0,1", "prior[s=4] sums to 2, not to 1"),
        ("\udcff", ": cannot be read: it is not UTF-8 text"),
    ],
)
def test_a_bad_prior_file_is_named_with_its_line(run, tmp_path, text, message):
    path = tmp_path / "prior.txt"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    error = run("solve", saved(process_of_two(), tmp_path / "rooms.npz"), "--prior", path, code=2)
    assert error.startswith(f"rommeo: {path}{message}" if message[0] == ":" else f"rommeo: {message}")


def test_a_lack_of_memory_is_an_error_message(run, monkeypatch):
    def hungry(*_, **__):
        raise MemoryError

    monkeypatch.setattr(solve_command, "solve", hungry)
    assert run(*CLIMBING, code=2) == "rommeo: not enough memory\n"


# Labels and terminals -------------------------------------------------------------------------------------------------

ODD = [
    "two words", 'a "quoted" one', "naïve", "猫", "", "line\nbreak",
    "\x1b[31mred", "tab\there", "a,b", "\\", "9", "\u202eright",
]  # fmt: skip


def odd_game():
    payoffs = np.random.default_rng(4).normal(size=(2, 6, 6))
    return rx.MatrixGame(payoffs, players=["Äpfel", "x\ty"], actions=[ODD[:6], ODD[6:]], name="\x07 ½")


def test_odd_labels(run, tmp_path):
    game, solution = odd_game(), rx.solve(odd_game())
    text = run("solve", saved(game, tmp_path / "odd.npz"))
    assert all(c == "\n" or c.isprintable() for c in text)
    (table,) = printed_tables(text)
    assert_table(table, solution, 0, ["two words", 'a "quoted" one', "naïve", "猫", '""', r"line\nbreak"])
    heads = table[r"b, x\ty"]
    assert heads == [r"\x1b[31mred", r"tab\there", "a,b", "\\", "9", r"\u202eright", "pi(a)"]
    record = json.loads(run("solve", tmp_path / "odd.npz", "--json"))
    assert record["actions"] == ODD[:6]
    assert record["opponent_actions"] == [[label] for label in ODD[6:]]
    assert "½" in run("games", tmp_path / "odd.npz")


def test_wide_characters_keep_the_columns_in_line(run, tmp_path):
    game = rx.MatrixGame(np.arange(8.0).reshape(2, 2, 2), actions=[["猫猫", "x"], ["犬犬犬犬", "yy"]])
    text = run("solve", saved(game, tmp_path / "wide.nfg"))
    rows = [line for line in text.splitlines() if re.match("    (猫|x)|  (b,|rho|prior P)", line)]
    ends = [len(row) + len(re.findall("[猫犬]", row)) for row in rows]  # each takes two columns of the terminal
    assert ends == [ends[0]] * 3 + [ends[0] - len("    0.5000")] * 2


def test_no_block_of_a_table_is_left_with_a_stray_column(run, tmp_path):
    path = saved(rx.MatrixGame(np.random.default_rng(6).normal(size=(2, 2, 8))), tmp_path / "eight.nfg")
    text = run("solve", path)
    assert [len(cells(line)) - 1 for line in text.splitlines() if line.startswith("  b, ")] == [5, 4]
    assert [len(cells(line)) - 1 for line in text.splitlines() if line.startswith("  rho")] == [5, 3]


def test_long_labels_are_cut_but_told_apart(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    long = [f"{'very ' * 20}{middle}{' long' * 20}" for middle in ("one", "two")]
    game = rx.MatrixGame(np.arange(8.0).reshape(2, 2, 2), actions=[long, ["unique " * 9 + "A", "unique " * 9 + "B"]])
    text = run("solve", saved(game, tmp_path / "long.nfg"))
    assert max(map(len, text.splitlines())) <= 60
    assert re.findall(r"^    (\d):very ", text, re.MULTILINE)[:2] == ["1", "2"]
    assert "unique A" in text
    assert "unique B" in text


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(1, 80))
def test_blocks_of_columns(widths, room):
    room = max(room, *widths)
    blocks = text_page._blocks(widths, room)
    assert [k for block in blocks for k in range(len(widths))[block]] == list(range(len(widths)))
    totals = [sum(widths[block]) for block in blocks]
    assert max(totals) <= room
    assert all(total + widths[block.start] > room for total, block in zip(totals, blocks[1:], strict=False))


@given(st.text(max_size=30), st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252", "cp437"]))
def test_any_text_becomes_one_printable_line(text, encoding):
    shown = text_page._printable(text, encoding)
    assert shown.isprintable()
    assert shown.encode(encoding).decode(encoding) == shown
    if text.isprintable() and text.isascii():
        assert shown == text


def rommeo(*arguments, **settings):
    command = [sys.executable, "-m", "rommeo_exact", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False, **settings)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "ascii:strict"])
def test_output_in_any_encoding(tmp_path, encoding):
    path = saved(odd_game(), tmp_path / "odd.npz")
    done = rommeo("solve", path, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding.partition(":")[0])
    assert ("naïve" if encoding in ("utf-8", "cp1252") else r"na\xefve") in text
    assert ("猫" if encoding == "utf-8" else r"\u732b") in text
    (table,) = printed_tables(text.replace("\r", ""))
    assert len([row for row in table if row not in ("head",)]) == 9


@pytest.mark.skipif(sys.platform == "win32", reason="head")
def test_a_reader_that_leaves_early_is_no_error():
    command = f'"{sys.executable}" -m rommeo_exact solve meeting --set size=5 --json | head -c 1'
    done = subprocess.run(command, shell=True, capture_output=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == (b"{", b"")
    command = f'"{sys.executable}" -m rommeo_exact solve --help | true'
    assert subprocess.run(command, shell=True, capture_output=True, timeout=120, check=False).stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_an_error_message():
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "rommeo_exact", "games"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"rommeo: cannot write to standard output: ")
    assert done.stderr.count(b"\n") == 1


def test_version_and_help(run):
    assert run("--version") == f"rommeo_exact {rx.__version__}\n"
    for arguments in (["--help"], ["solve", "--help"], ["games", "--help"]):
        text = run(*arguments)
        assert text.startswith("usage: rommeo")
        assert max(map(len, text.splitlines())) <= 80
    assert "sum_t gamma^t [ R(s,a,b) + alpha H(pi(.|s,b)) - beta KL(rho(.|s) || P(.|s)) ]" in run("solve", "--help")


def test_the_examples_of_help_run(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "path" / "to").mkdir(parents=True)
    for path in ("game.nfg", "path/to/game.nfg"):
        saved(rx.MatrixGame(BY_HAND.payoffs.transpose(0, 2, 1)), path)
    lines = [
        line.strip() for command in ("solve", "games") for line in run(command, "--help").splitlines()
        if line.startswith("  rommeo ")
    ]  # fmt: skip
    assert len(lines) == 8
    for line in lines:
        run(*(part.strip('"') for part in re.findall(r'"[^"]*"|\S+', line)[1:]))
    assert (tmp_path / "meeting.npz").exists()


# rommeo games ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_catalogue_is_listed(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    text = run("games")
    assert max(map(len, text.splitlines())) <= max(width, 80)
    assert re.findall("^  ([a-z_]+)  ", text, re.MULTILINE) == list(rx.games.names())
    assert re.search(r"climbing +3 x 3\s+The climbing game: both players want \(A, A\)", text)
    assert re.search(r"meeting +5 x 5, 81 states", text)


@pytest.mark.parametrize("name", rx.games.names())
def test_every_game_of_the_catalogue_is_shown_and_solved(run, name):
    text = run("games", name)
    assert max(map(len, text.splitlines())) <= 80
    assert "What is known" in text
    assert rx.games.facts(name).citation.split(",")[0] in text
    solution = rx.solve(rx.games.get(name), agent=1)
    table = printed_tables(run("solve", name.replace("_", "-"), "--agent", 2))[0]
    assert_table(table, solution, 0, solution.view.actions)


def test_payoffs_and_facts(run):
    text = run("games", "climbing", "--set", "variant=paper")
    assert "Parameters: variant = paper" in text
    rows = re.findall(r"^    [ABC] +(.*)$", text, re.MULTILINE)
    assert [re.split(r"\s{2,}", row) for row in rows] == [
        ["11, 11", "-30, -30", "0, 0"], ["-30, -30", "7, 7", "6, 6"], ["0, 0", "0, 0", "5, 3"],
    ]  # fmt: skip
    assert re.search(r"pure equilibria +\(A, A\), \(B, B\)\n", text)
    assert re.search(r"mixed equilibrium +player 1: 3/14 A \+ 11/14 C; player 2: 5/16 A \+ 11/16 C\n", text)
    assert re.search(r"best for every player +\(A, A\)\n", text)
    text = run("games", "penalty", "--set", "k=-50")
    assert "Payoffs, the same to player 1 and player 2" in text
    assert re.search(r"A +10 +0 +-50\n", text)
    assert re.search(r"symmetry +A -> C, C -> A\n", text)
    text = run("games", "three-player-matching-pennies")
    assert "player 3 ->" in text
    assert "player 3's Heads -> Tails, Tails -> Heads" in re.sub(r"\s+", " ", text)


def test_payoffs_of_a_file(run, tmp_path):
    game = game_of_three()
    text = run("games", saved(game, tmp_path / "three.nfg"))
    assert "What is known" not in text
    blocks = re.findall(r"^  Bob +(.*)\n  Cy +(.*)$", text, re.MULTILINE)
    columns = [pair for bob, cy in blocks for pair in zip(bob.split(), cy.split(), strict=True)]
    assert columns == [(b, c) for b in "xyz" for c in "klmn"]
    for a, label in enumerate("ud"):
        row = " ".join(re.findall(rf"^    {label} (.*)$", text, re.MULTILINE))
        numbers = [float(x) for x in row.replace(",", " ").split()]
        assert numbers == game.payoffs[:, a].reshape(3, -1).T.ravel().tolist()


def test_a_stochastic_game_is_described(run, tmp_path):
    text = run("games", saved(process_of_two(), tmp_path / "rooms.npz"))
    assert "Actions of player 2: red, green, blue" in text
    assert "transitions dense" in re.sub(r"\s+", " ", text)
    rows = sparse.csr_array(np.ones((2, 1)))
    game = rx.StochasticGame(np.zeros((1, 1, 2)), rows, 0.5)
    assert "payoffs from 0 to 0; transitions sparse, 2 entries" in run("games", saved(game, tmp_path / "one.npz"))


# Files that others wrote ----------------------------------------------------------------------------------------------


def outcome_version(game):
    """A game's outcome version, made of its rationals by hand: an outcome for each profile, in reverse."""
    arrays = game.to_arrays()
    sizes = " ".join(str(len(player.strategies)) for player in game.players)
    players = " ".join(json.dumps(player.label) for player in game.players)
    profiles = [index[::-1] for index in np.ndindex(arrays[0].shape[::-1])]
    outcomes = [f'{{ "" {", ".join(str(array[profile]) for array in arrays)} }}' for profile in reversed(profiles)]
    indices = " ".join(map(str, range(len(profiles), 0, -1)))
    title = json.dumps(game.title, ensure_ascii=False)
    return f"NFG 1 R {title} {{ {players} }} {{ {sizes} }}\n{{\n" + "\n".join(outcomes) + f"\n}}\n{indices}\n"


def test_gambits_catalogue_in_both_versions(run, tmp_path):
    gambit = pytest.importorskip("pygambit")
    from rommeo_exact.games.convert import from_pygambit

    titles = list(gambit.catalog.games()["Game"])
    assert len(titles) >= 38
    for title in titles:
        theirs = gambit.catalog.load(title)
        mine = from_pygambit(theirs)
        last = mine.num_players
        solution = rx.solve(mine, agent=last - 1, alpha=0.5)
        payoffs, outcomes = tmp_path / "payoffs.nfg", tmp_path / "outcomes.nfg"
        outcomes.write_text(outcome_version(theirs), encoding="utf-8")
        rx.save_game(mine, payoffs)
        for path in (payoffs, outcomes):
            text = run("solve", path, "--agent", last, "--alpha", "0.5")
            assert max(map(len, text.splitlines())) <= 80
            labels = rx.load_game(path).actions[-1]
            if last > 1:
                (table,) = printed_tables(text)
                assert_table(table, solution, 0, labels)
            record = json.loads(run("solve", path, "--agent", last, "--alpha", "0.5", "--json"))
            assert record["value"] == solution.value.tolist()
            assert record["policy"] == solution.policy.tolist()


def test_output_goes_to_a_stream_without_an_encoding(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert stream.encoding is None
    assert cli.main(["games", "climbing"]) == 0
    assert "Climbing game" in stream.getvalue()
