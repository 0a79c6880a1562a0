"""``rommeo self-play``: what it prints is what the package finds, and bad input ends in one line."""

from __future__ import annotations

import io
import json
import math
import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

import rommeo_exact as rx
from rommeo_exact import cli, population
from rommeo_exact.cli import profiles, words
from rommeo_exact.cli.page import Page

RANGE = ["three_player_coordination", "--alpha", "0.3:1.2:log8", "--beta", "alpha", "--starts", "2"]


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(capsys):
    def run(*arguments, code=0):
        assert cli.main(["self-play", *map(str, arguments)]) == code
        written = capsys.readouterr()
        return written.err if code == 2 else written.out

    return run


def minority(tmp_path):
    """Three players of whom one who is alone with its choice earns 1: all answering at once, they never agree."""
    table = np.zeros((3, 2, 2, 2))
    for a in np.ndindex(2, 2, 2):
        for i in range(3):
            table[(i, *a)] = sum(x != a[i] for x in a) == 2
    path = tmp_path / "minority.nfg"
    rx.save_game(rx.MatrixGame(table, name="Minority", actions=[["in", "out"]] * 3), path)
    return path


def rooms(tmp_path):
    rng = np.random.default_rng(1)
    game = rx.StochasticGame(
        rng.normal(size=(2, 3, 2, 2)), rng.dirichlet(np.ones(3), size=(3, 2, 2)), 0.5, terminal=[2],
        states=["hall", "attic", "street"], actions=[["go", "wait"], ["red", "green"]], name="Rooms",
    )  # fmt: skip
    rx.save_game(game, tmp_path / "rooms.npz")
    return game, tmp_path / "rooms.npz"


def unwrapped(text):
    return " ".join(text.split())


# At one temperature, for a person -------------------------------------------------------------------------------------


def test_climbing(run):
    text = run("climbing", "--alpha", "1")
    (point,) = rx.self_play_equilibria(rx.games.climbing())
    assert text.startswith("Climbing game: 2 players, 3 x 3 actions\n")
    assert max(map(len, text.splitlines())) <= 80
    assert "ONE fixed point, and there is no other." in text and "Perron" in text
    rows = re.findall(r"^    plays m\(a\) +(\S+) +(\S+) +(\S+)$", text, re.MULTILINE)
    for row, marginal in zip(rows, point.marginals, strict=True):
        for cell, chance in zip(row, marginal, strict=True):
            assert abs(float(cell) - chance) <= max(0.5 * chance * ("e" in cell), 0.5e-4)
    flat = unwrapped(text)
    assert "a small distance shrinks to 0.0195 of it in a round, to half in 1 round" in flat
    assert "Optimum: each earns 10.9996 of at most 11" in flat
    assert "Optimal profile (A, A): played with probability 1 - 3e-05" in flat
    assert "The likeliest profile, (A, A), is a pure Nash equilibrium" in flat
    assert "Index +1, error in Hilbert's metric at most" in flat
    assert re.search(r"From uniform priors, simultaneous play comes to point 1 in 11 rounds \(residual \S+\)", flat)


def test_priors_of_each_player(run, tmp_path):
    (tmp_path / "b.csv").write_text("0,1,0\n", encoding="utf-8")
    inline = run("climbing", "--prior", "1:0,1,0", "--prior", "2:0,1,0", "--json")
    file = run("climbing", "--prior", f"1:{tmp_path / 'b.csv'}", "--prior", "2:0,1,0", "--json")
    assert inline == file
    path = rx.self_play(rx.games.climbing(), prior=[[0, 1, 0], [0, 1, 0]])
    np.testing.assert_array_equal(json.loads(inline)["path_marginals_1"], path.marginals[0])
    one = json.loads(run("climbing", "--prior", "2:1/2,1/4,1/4", "--json"))
    path = rx.self_play(rx.games.climbing(), prior=[[1 / 3] * 3, [0.5, 0.25, 0.25]])
    np.testing.assert_array_equal(one["path_marginals_2"], path.marginals[1])
    assert "first priors as given" in run("climbing", "--prior", "2:1/2,1/4,1/4")


def test_several_points_are_counted_by_their_indices(run):
    text = run("three_player_coordination", "--alpha", "0.5")
    assert "3 fixed points found" in text and "no theorem says that these are all" in unwrapped(text)
    assert "Their indices sum to 1" in text
    assert text.count("stable in simultaneous, alternating and averaged play") == 3
    assert "Point 3 of 3: unstable" in text and "a small distance grows by 1.02" in text
    assert "That point is unstable: the least disturbance would lead away from it" in unwrapped(text)


def test_a_point_that_is_missing_makes_exit_code_1(run, monkeypatch):
    real = rx.self_play_equilibria

    def one_short(*args, **kwargs):
        found = real(*args, **kwargs)
        return population.SelfPlayEquilibria(
            found.points[1:], False, False, None, found.contraction, 9, found.game, found.alpha, found.beta
        )

    monkeypatch.setattr("rommeo_exact.cli.self_play.self_play_equilibria", one_short)
    text = unwrapped(run("three_player_coordination", "--alpha", "0.5", code=1))
    assert "Their indices sum to 0, those of all points to 1: A POINT IS MISSING" in text


def test_an_oscillation_and_what_tames_it(run, tmp_path):
    game = minority(tmp_path)
    text = run(game, "--alpha", "0.3", "--prior", "1:0.5,0.2,0.2,0.1", "--rounds", 300)
    assert "does not settle: it OSCILLATES, and repeats every 2 rounds" in unwrapped(text)
    assert "round 299" in text and "round 300" in text
    assert "Point 1: stable in alternating and averaged play, unstable in simultaneous play" in unwrapped(text)
    assert "Averaged play comes back for steps below" in text
    tamed = unwrapped(run(game, "--alpha", "0.3", "--prior", "1:0.5,0.2,0.2,0.1", "--update", "0.3"))
    assert "averaged play with steps of 0.3 comes to point 1" in tamed


def test_play_that_has_not_settled(run):
    text = unwrapped(run("chicken", "--update", "mean", "--rounds", "20"))
    assert "the mean of all that was played, has NOT settled after 20 rounds" in text
    assert "The nearest is point 1: no probability is further from its than" in text


def test_states(run, tmp_path):
    game, path = rooms(tmp_path)
    text = run(path, "--alpha", "0.5")
    (point,) = rx.self_play_equilibria(game, 0.5)
    for name, s in (("hall", 0), ("attic", 1)):
        rows = re.findall(rf"^  {name} +(\S+) +(\S+)$", text, re.MULTILINE)
        assert [[float(x) for x in row] for row in rows] == [m[s].round(4).tolist() for m in point.marginals]
    assert "street" not in text
    flat = unwrapped(text)
    best = profiles.best_together(game)
    assert f"Optimum: together they earn {point.expected_return.sum():.6g} of at most {best:.6g}" in flat
    assert "E V* from the initial distribution" in flat


def test_a_discount_of_ones_own_leaves_the_optimum_out(run, tmp_path):
    _, path = rooms(tmp_path)
    assert "Optimum" not in run(path, "--discount", "0.1", "--alpha", "0.5")


def test_what_earns_nothing_but_rounding_is_0(run):
    assert "each 0.0000" in unwrapped(run("three_player_matching_pennies", "--alpha", "0.5"))


def test_an_eigenvalue_of_1_to_rounding_is_decided_by_the_theorem(run, tmp_path):
    table = [[1e6, 0.0], [0.0, 2e6]]
    rx.save_game(rx.MatrixGame.common_payoff(table), tmp_path / "huge.npz")
    text = unwrapped(run(tmp_path / "huge.npz", "--alpha", "0.4", "--beta", "inf", code=1))
    assert "Point 1: stable in simultaneous, alternating and averaged play" in text
    assert "NOT RESOLVED: there is one point" in text and "plays m(a)" not in text
    text = unwrapped(run("penalty", "--alpha", "0.2"))  # beyond float64, within more digits
    assert re.search(r"plays m\(a\) 0.5000 2e-22 0.5000", text)


# For a program --------------------------------------------------------------------------------------------------------


def test_json_and_npz_hold_the_same(run, tmp_path):
    out = tmp_path / "kept.npz"
    found = json.loads(run("three_player_coordination", "--alpha", "0.5", "--json", "--out", out))
    points = rx.self_play_equilibria(rx.games.three_player_coordination(), 0.5, rng=np.random.default_rng(0))
    with np.load(out) as kept:
        assert set(kept) == {key for key, value in found.items() if value is not None}
        for key in kept:
            value = [math.inf if x == "inf" else x for x in found[key]] if key == "error_bound" else found[key]
            np.testing.assert_array_equal(kept[key], value)
        for i in range(3):
            np.testing.assert_array_equal(kept[f"marginals_{i + 1}"], [p.marginals[i] for p in points])
            np.testing.assert_array_equal(kept[f"opponent_models_{i + 1}"], [p.opponent_models[i] for p in points])
        np.testing.assert_array_equal(kept["stable"], [p.stable for p in points])
    assert found["index_sum"] == 1 and found["unique"] is False and found["theorem"] is None
    assert found["reached"] == 3 and found["settled_after"] == 0


def test_json_of_branches(run, tmp_path):
    out = tmp_path / "kept.npz"
    found = json.loads(run(*RANGE, "--json", "--out", out))
    assert found["beta"] == "alpha" and found["branches"] == 3 and found["complete"] is False
    assert found["event_kind"] == ["pitchfork"]
    assert found["event_low"][0] <= 1.0 / math.log(5.0) <= found["event_high"][0]
    with np.load(out) as kept:
        np.testing.assert_array_equal(kept["branch_2_marginals_3"], found["branch_2_marginals_3"])
        assert kept["branch_1_alphas"].max() == pytest.approx(1.2)


# Along a range --------------------------------------------------------------------------------------------------------


def test_branches_and_events(run):
    text = run(*RANGE)
    assert max(map(len, text.splitlines())) <= 80
    assert "alpha from 0.3 to 1.2, beta = alpha, discount = 0" in text
    low, high = re.search(r"^  pitchfork +(\S+) +(\S+) +1$", text, re.MULTILINE).groups()
    assert float(low) <= 1.0 / math.log(5.0) <= float(high) and float(high) - float(low) < 1e-6
    assert len(re.findall(r"^Branch \d: alpha from", text, re.MULTILINE)) == 3
    assert re.search(r"^Branch 1: alpha from 1.2 to 0.3; stable from 1.2 to 0.6\d+, unstable from", text, re.MULTILINE)


def test_two_players_have_one_branch(run):
    text = run("climbing", "--alpha", "1:4:5")
    assert "1 branch, and there is no other" in text and "Events" not in text
    found = population.self_play_branches(rx.games.climbing(), np.linspace(1, 4, 5))
    rows = re.findall(r"^    at alpha = (\S+) +(\S+) +\S+ +\S+$", text, re.MULTILINE)
    first = [row[1] for row in rows[:2]]
    assert [float(x) for x in first] == found.branches[0].marginals[0][[0, -1], 0].round(4).tolist()


def test_a_branch_that_turns_back_says_so(run):
    table = np.zeros((2, 2, 2))
    table[0, 0, 0], table[1, 1, 1] = 1.0, 1.2
    game = rx.MatrixGame.common_payoff(table)
    found = population.self_play_branches(game, np.geomspace(0.1, 2.0, 20), beta=lambda alpha: alpha, starts=4)
    folds = [event for event in found.events if event.kind == "fold"]
    assert folds and any("turning back at" in words.extent(branch) for branch in found)


def test_brackets_are_rounded_outward():
    low, high = words.bracket(0.62133493493, 0.62133493507)
    assert float(low) <= 0.62133493493 < 0.62133493507 <= float(high)
    assert words.bracket(1.0, 1.0)[0] == "1"


# Certificates ---------------------------------------------------------------------------------------------------------


def test_certificates_of_all_points_and_that_these_are_all(run):
    text = unwrapped(run("climbing", "--alpha", "2", "--certify"))
    assert "CERTIFIED: Each payoff, alpha and beta is the binary64 number that is written" in text
    assert "There is no other fixed point" in text
    text = unwrapped(run("three_player_coordination", "--alpha", "0.5", "--beta", "alpha", "--certify"))
    assert "3 FIXED POINTS, and there are no others" in text and text.count(" CERTIFIED: ") == 3
    found = json.loads(run("climbing", "--alpha", "2", "--certify", "--json"))
    assert found["enclosed"] == [True] and found["unique_within"] == ["inf"]


# Pictures and the page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "suffix", "start"),
    [
        (["climbing"], ".png", b"\x89PNG"), (RANGE, ".svg", b"<?xml"),
        (["three_player_matching_pennies", "--alpha", "0.5"], ".pdf", b"%PDF"),
    ],
)  # fmt: skip
def test_plots(run, tmp_path, arguments, suffix, start):
    file = tmp_path / f"picture{suffix}"
    text = run(*arguments, "--plot", file)
    assert file.read_bytes().startswith(start) and "The picture is in" in text


class Reader(HTMLParser):
    """The text of a page, its ids, and whether its tags close."""

    VOID = frozenset({"meta", "path", "use", "rect", "image"})

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.ids, self.tags, self.links = [], [], [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "xlink:href"):
                self.links.append(value)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_data(self, data):
        self.texts.append(data)


def read(file):
    reader = Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


def test_the_report_is_one_page_that_needs_nothing_else(run, tmp_path):
    file = tmp_path / "climbing.html"
    run("climbing", "--report", file)
    page = read(file)
    assert len(page.ids) == len(set(page.ids)) and "script" not in page.tags
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    source = file.read_text(encoding="utf-8")
    assert not re.search(r"url\((?!#)|@import|src=.http", source)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert set(re.findall(r"url\(#([^)]*)\)", source)) <= set(page.ids)
    text = " ".join(" ".join(page.texts).split())
    for piece in (
        "Nash equilibria, for contrast", "(A, A)", "0.3125", "ONE fixed point", "Temperature α", "Hilbert",
        "Rounds needed: 7 to 12", "The eigenvalues at the point foretell",
    ):  # fmt: skip
        assert piece in text
    assert "prefers-color-scheme: dark" in source and "width=device-width" in source
    assert "#1a1a1b" not in source.replace("--ink: #1a1a1b", "")


def test_labels_are_escaped(run, tmp_path):
    game = rx.MatrixGame.common_payoff(
        np.eye(2), players=["<b>Ann</b>", "Bob & \"co\""], actions=[["<script>x</script>", "b"], ["$c$", "d"]],
        name="</title><script>alert(1)</script>",
    )  # fmt: skip
    rx.save_game(game, tmp_path / "evil.npz")
    run(tmp_path / "evil.npz", "--report", tmp_path / "evil.html")
    page = read(tmp_path / "evil.html")
    assert not {"script", "b"} & page.tags
    assert any("<b>Ann</b>" in text for text in page.texts)


@pytest.mark.parametrize("arguments", [RANGE, ["three_player_matching_pennies", "--alpha", "0.5"]])
def test_reports_of_three_players(run, tmp_path, arguments):
    file = tmp_path / "page.html"
    run(*arguments, "--starts", "2", "--report", file)
    text = unwrapped(" ".join(read(file).texts))
    assert "Mixed ones are listed for two players only" in text
    assert ("Events, by falling temperature" in text) == (arguments is RANGE)


@pytest.mark.slow
def test_a_report_of_states(run, tmp_path):
    _, path = rooms(tmp_path)
    run(path, "--alpha", "1:1.1:2", "--starts", "0", "--report", tmp_path / "rooms.html")
    text = unwrapped(" ".join(read(tmp_path / "rooms.html").texts))
    assert "hall" in text and "No picture of all first priors: the game is stochastic" in text


# Nash equilibria and optima -------------------------------------------------------------------------------------------


def test_pure_equilibria_are_those_from_which_nobody_moves():
    rng = np.random.default_rng(4)
    for _ in range(30):
        game = rx.MatrixGame(rng.integers(0, 4, size=(3, 2, 3, 2)).astype(float))
        found = profiles.pure_equilibria(game)
        for a in np.ndindex(2, 3, 2):
            stays = all(
                game.payoffs[(i, *a)] >= game.payoffs[(i, *a[:i], x, *a[i + 1 :])]
                for i in range(3)
                for x in range(game.num_actions[i])
            )
            assert (a in found) == stays == profiles.is_nash(game, a)


def test_mixed_equilibria_of_climbing_are_exact():
    (pair,), word = profiles.mixed_equilibria(rx.games.climbing())
    np.testing.assert_array_equal(pair, [[5 / 16, 0, 11 / 16]] * 2)
    assert "no sign" in word


def test_mixed_equilibria_leave_nothing_to_gain_and_are_odd_in_number():
    rng = np.random.default_rng(5)
    for _ in range(20):
        game = rx.MatrixGame(rng.normal(size=(2, 3, 3)))
        mixed, word = profiles.mixed_equilibria(game)
        for x, y in mixed:
            assert (game.payoffs[0] @ y).max() <= x @ game.payoffs[0] @ y + 1e-12
            assert (x @ game.payoffs[1]).max() <= x @ game.payoffs[1] @ y + 1e-12
        assert (len(mixed) + len(profiles.pure_equilibria(game))) % 2 == 1 and "no sign" in word


def test_a_degenerate_game_is_said_to_be_one():
    game = rx.MatrixGame.bimatrix([[1, 1], [0, 0]], [[1, 1], [2, 3]])
    assert "degenerate" in profiles.mixed_equilibria(game)[1] and "no sign" not in profiles.mixed_equilibria(game)[1]
    assert profiles.mixed_equilibria(rx.games.three_player_coordination())[0] is None
    assert profiles.mixed_equilibria(rx.MatrixGame.common_payoff(np.eye(6)))[0] is None


def test_the_best_that_players_can_do_together():
    game = rx.games.chicken()
    assert profiles.best_profiles(game) == [(0, 0)] and profiles.best_together(game) == 12.0
    one_state = rx.StochasticGame(game.payoffs[:, None], np.ones((1, 2, 2, 1)), 0.9)
    assert profiles.best_together(one_state) == pytest.approx(120.0)


def test_words_for_rates():
    def said(radius):
        return words.shrinking(radius).replace("\xa0", " ")

    assert said(0.5).endswith("to half in 1 round") and said(0.9).endswith("to half in 7 rounds")
    assert said(1e-320).endswith("to half in 1 round")
    assert "grows by 1.5" in said(1.5) and "gone" in said(0.0)


def test_rates_of_each_kind_of_play():
    game = rx.games.climbing()
    found = rx.self_play_equilibria(game, 3.0)
    for update in ("simultaneous", "alternating", 0.5):
        path = rx.self_play(game, 3.0, update=update)
        seen = path.residuals[path.residuals > 1e-11]
        assert seen[-1] / seen[-3] == pytest.approx(words.rate(found, path, update) ** 2, rel=0.05)
    assert words.rate(found, path, lambda k: 0.5) is None


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--alpha", "0"], "--alpha 0: 0 is not a positive temperature"),
        (["--alpha", "inf"], "not a positive temperature"),
        (["--alpha", "warm"], "'warm' is not a number"),
        (["--alpha", "1:2"], "LOW:HIGH:N"),
        (["--alpha", "2:1:5"], "the range must rise"),
        (["--alpha", "1:2:1"], "1 temperatures"),
        (["--alpha", "1:2:x"], "'x' is neither"),
        (["--alpha", "0:2:5"], "0 is not a positive"),
        (["--beta", "-1"], "--beta is -1"),
        (["--beta", "gamma"], "nor the word alpha"),
        (["--prior", "0.5,0.5"], "expected WHO:P"),
        (["--prior", "3:0.5,0.5"], "there is no such player"),
        (["--prior", "1:0.5,0.5", "--prior", "1:0.5,0.5"], "has a prior already"),
        (["--prior", "2:0.5,0.2,0.3"], "--prior of player 2: 3 numbers for 2"),
        (["--prior", "2:0.5,x"], "--prior of player 2: entry 2"),
        (["--prior", "2:0.5,0.2"], "--prior of player 2 sums to 0.7, not to 1"),
        (["--update", "sometimes"], "--update sometimes"),
        (["--update", "0"], "a step must be in (0, 1]"),
        (["--update", "1.5"], "a step must be in (0, 1]"),
        (["--rounds", "-1"], "--rounds is -1"),
        (["--starts", "-1"], "--starts is -1"),
        (["--seed", "-1"], "--seed is -1"),
        (["--digits", "0"], "--digits is 0"),
        (["--discount", "1"], "discount"),
        (["--plot", "picture.gif"], "must end in .png or .svg or .pdf"),
        (["--report", "page.txt"], "--report page.txt: the name must end in .html"),
        (["--out", "kept.txt"], "--out kept.txt: the name must end in .npz"),
        (["--out", "/nowhere/kept.npz"], "there is no such folder"),
        (["--alpha", "1:2:3", "--prior", "1:0.5,0.5"], "--prior is for one temperature"),
        (["--alpha", "1:2:3", "--update", "mean"], "--update is for one temperature"),
    ],
)
def test_bad_input_ends_in_one_line(run, arguments, message):
    error = run("stag_hunt", *arguments, code=2)
    assert message in error and error.count("\n") == 1


def test_certificates_that_are_not_there(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    assert 'pip install "rommeo_exact[certify]"' in run("climbing", "--certify", code=2)


@pytest.mark.parametrize(("option", "name"), [("--out", "a.npz"), ("--plot", "a.svg"), ("--report", "a.html")])
def test_files_are_replaced_with_force_only(run, tmp_path, option, name):
    file = tmp_path / name
    file.write_bytes(b"mine")
    assert f"{option} {file}: the file exists; --force replaces it" in run("stag_hunt", option, file, code=2)
    assert file.read_bytes() == b"mine"
    run("stag_hunt", option, file, "--force")
    assert file.read_bytes() != b"mine" and list(tmp_path.iterdir()) == [file]


def test_without_matplotlib_nothing_is_begun(run, tmp_path, monkeypatch):
    def missing():
        raise rx.MissingPackageError("plots", "matplotlib", "plots")

    monkeypatch.setattr("rommeo_exact.plots.style._matplotlib", missing)
    monkeypatch.setattr("rommeo_exact.cli.self_play.self_play_equilibria", None)
    assert "rommeo_exact[plots]" in run("climbing", "--plot", tmp_path / "a.png", code=2)


def test_words_on_a_terminal(run, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    run(*RANGE)
    said = sys.stderr.getvalue()
    assert "following branch 1" in said and "searching at alpha" in said and said.endswith("\r") and "\n" not in said


def test_help_teaches(run):
    text = run("--help")
    assert max(map(len, text.splitlines())) <= 80
    for word in ("fixed point", "opponent model", "index", "pitchfork", "exit code", "--prior 1:0,1,0", "logN"):
        assert word in text


@pytest.mark.parametrize("width", [40, 60, 120])
def test_pages_of_any_width(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    three = ["three_player_coordination", "--alpha", "0.5", "--starts", "2"]
    for arguments in (three, ["climbing", "--alpha", "1:2:3"]):
        assert max(map(len, run(*arguments).splitlines())) <= width
    assert Page().width == width
