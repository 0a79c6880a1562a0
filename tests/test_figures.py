"""Figure 1 from scratch: what the result holds, verdicts that planted wrong curves do not get, and the command."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace

import numpy as np
import pytest

import rommeo_exact as rx
from rommeo_exact import cli, plots
from rommeo_exact.claims.paper.experiments import FIGURE_1
from rommeo_exact.figures import figure1 as figures
from rommeo_exact.figures.figure1.curves import _one_run
from rommeo_exact.figures.figure1.published import PROBABILITY_ERROR, REWARD_ERROR, TIME_ERROR
from rommeo_exact.figures.figure1.released import CountedPR2Q, GenerousFMQ, PlayedWolfPHC
from rommeo_exact.games import climbing
from rommeo_exact.learners import FMQ, Experience, Task, WolfPHC, train
from rommeo_exact.plots.averages import standard_error


@pytest.fixture(scope="module")
def released():
    return figures.compute("released", runs=100, seed=3)


def curve_of(result, learner, family="released"):
    return result.find(learner, family)[0]


def shifted(curve, episodes):
    """The curve so many episodes later; before it what it began with."""
    parts = {}
    for name in ("rewards", "optimum"):
        table = np.roll(getattr(curve, name), episodes, axis=0)
        if episodes > 0:
            table[:episodes] = table[episodes]
        elif episodes < 0:
            table[episodes:] = table[episodes - 1]
        parts[name] = table
    return replace(curve, **parts)


# --- what is computed ---


def test_the_readings_are_those_of_the_ledger():
    assert tuple(FIGURE_1) == figures.LEARNERS == tuple(figures.CURVES)
    for learner, published in figures.CURVES.items():
        reward, optimum, *moving = published.readings
        assert (reward.value, optimum.value) == FIGURE_1[learner]
        assert (reward.error, optimum.error) == (REWARD_ERROR, PROBABILITY_ERROR)
        assert all(0 < reading.episode < figures.EPISODES for reading in moving)


def test_every_learner_in_every_family():
    result = figures.compute(runs=3, episodes=8)
    assert [(curve.learner, curve.family) for curve in result.curves] == [
        (learner, family) for family in figures.FAMILIES for learner in figures.LEARNERS
        if learner in figures.presets(family)
    ]  # fmt: skip
    assert set(figures.presets("repaired")) < set(figures.presets("released")) == set(figures.LEARNERS)
    assert result.families == ("own", "released")
    for curve in result.curves:
        assert curve.rewards.shape == curve.optimum.shape == (8, 3)
        assert set(np.unique(curve.rewards)) <= set(np.unique(climbing().payoffs[0]))
        assert curve.optimum.min() >= 0.0 and curve.optimum.max() <= 1.0
        assert not curve.rewards.flags.writeable
        with pytest.raises(AttributeError):
            curve.rewards = None


def test_the_same_seed_gives_the_same_numbers_whatever_else_is_asked_for():
    both, one = figures.compute(runs=3, episodes=6), figures.compute("released", runs=3, episodes=6)
    for learner in figures.LEARNERS:
        np.testing.assert_array_equal(curve_of(both, learner).rewards, curve_of(one, learner).rewards)
    other = figures.compute("released", runs=3, episodes=6, seed=1)
    assert any((curve_of(one, x).rewards != curve_of(other, x).rewards).any() for x in figures.LEARNERS)


@pytest.mark.parametrize(
    "wrong", [{"settings": "their own"}, {"runs": 0}, {"episodes": 0}, {"seed": -1}, {"runs": 2.5}]
)
def test_bad_input(wrong):
    with pytest.raises(rx.InputError):
        figures.compute(**{"runs": 2, "episodes": 2, **wrong})
    with pytest.raises(rx.UnknownNameError, match="settings"):
        figures.presets("relased")


def test_bands_and_ends(released):
    curve = curve_of(released, "FMQ, c = 10")
    mean, half = curve.band("reward", 10)
    np.testing.assert_allclose(mean[-1], curve.rewards[-10:].mean())
    np.testing.assert_allclose(mean[3], curve.rewards[:4].mean())
    runs = curve.rewards[-10:].mean(axis=0)
    np.testing.assert_allclose(half[-1], 1.96 * runs.std(ddof=1) / math.sqrt(len(runs)))
    np.testing.assert_allclose(curve.end("optimum"), curve.optimum[-30:].mean(axis=0))
    assert standard_error(np.ones((4, 1))).tolist() == [math.inf] * 4


# --- verdicts ---


def test_the_released_settings_give_the_published_curves(released):
    for learner in figures.LEARNERS:
        assert released.find(learner, "released")[1].reproduced, learner
    assert not released.find("JAL", "repaired")[1].reproduced
    assert "only with their departure" in released.explanation("JAL")
    assert "WORST" in released.explanation("JAL")


@pytest.mark.parametrize("learner", ["ROMMEO-Q", "FMQ, c = 10"])
@pytest.mark.parametrize("episodes", [-30, 50])
def test_a_shifted_curve_is_not_reproduced(released, learner, episodes):
    curve = curve_of(released, learner)
    assert figures.judge(shifted(curve, 0)).reproduced
    verdict = figures.judge(shifted(curve, episodes))
    assert verdict.outcome == "not reproduced" and "near episode" in verdict.text


@pytest.mark.parametrize("learner", figures.LEARNERS)
def test_planted_wrong_curves_are_not_reproduced(released, learner):
    curve = curve_of(released, learner)
    higher = figures.judge(replace(curve, rewards=curve.rewards + 7.0))
    assert higher.outcome == "not reproduced" and "reward" in higher.text
    optimum = curve.optimum
    moved = replace(curve, optimum=optimum - 0.3 if optimum[-1].mean() > 0.4 else optimum + 0.3)
    assert figures.judge(moved).outcome == "not reproduced"
    for other in figures.LEARNERS:
        if other != learner:
            assert not figures.judge(replace(curve_of(released, other), learner=learner)).reproduced, other


def test_a_curve_that_falls_where_the_papers_rises_is_not_reproduced(released):
    curve = curve_of(released, "WoLF-PHC")
    # both ends within the readings, but flat in the second half
    flat = np.array(curve.optimum)
    flat[130:] = curve.optimum[-30:].mean(axis=0)
    verdict = figures.judge(replace(curve, optimum=flat))
    assert verdict.text == "not reproduced: P(A,A) does not rise in the second half"


def test_few_runs_and_other_lengths_are_undecided(released):
    curve = curve_of(released, "FMQ, c = 10")
    few = replace(curve, rewards=curve.rewards[:, :4], optimum=curve.optimum[:, :4])
    assert figures.judge(few).outcome in ("undecided", "not reproduced")
    mixed = np.tile([[1.0, 1.0, 0.0, 1.0]], (300, 1))
    mixed[:25] = 1.0 / 9.0
    even = replace(curve, rewards=np.full((300, 4), 9.0), optimum=mixed)
    assert figures.judge(even).text == "undecided: 4 runs are too few"
    short = replace(curve, rewards=curve.rewards[:100], optimum=curve.optimum[:100])
    assert figures.judge(short).text == "undecided: 100 episodes, the figure has 300"


def test_a_large_gap_is_no_question_of_runs(released):
    curve = curve_of(released, "JAL")
    two = replace(curve, rewards=curve.rewards[:, :2] + 25.0, optimum=curve.optimum[:, :2])
    assert figures.judge(two).outcome == "not reproduced"


def test_the_typical_run(released):
    (one,) = released.one_runs
    assert one.policies.shape == one.models.shape == (300, 2)
    assert one.arrived > 0.9 and one.run >= 0
    assert one.policies[-1].min() > 0.5
    np.testing.assert_allclose(
        one.policies.prod(axis=1), curve_of(released, "ROMMEO-Q").optimum[:, one.run], atol=1e-12
    )
    # with this cooling the policies cannot drop while they are nearly uniform
    assert one.verdict.text.startswith("not reproduced: pi comes to 0.3") and one.dropped == 0.0


def test_the_typical_run_is_nearest_to_the_median():
    recipe = figures.presets("released")["ROMMEO-Q"].recipe
    history = train(climbing(), [recipe] * 2, 60, runs=9, rng=np.random.default_rng(0))
    one = _one_run("released", history)
    four = np.concatenate(
        [np.stack([x[..., 0] for x in group], axis=2) for group in (history.policies, history.opponent_models)], axis=2
    )
    among = np.flatnonzero((four[-1, :, 0] > 0.5) & (four[-1, :, 1] > 0.5))
    distances = [np.abs(four[:, k] - np.median(four[:, among], axis=1)).mean() for k in among]
    assert one.run == among[np.argmin(distances)]


def test_a_run_like_the_papers_is_reproduced(released):
    (one,) = released.one_runs
    rho = np.interp(np.arange(1, 301), [1, 15, 18, 45, 300], [0.33, 0.0, 0.0, 0.9, 0.99])
    pi = np.interp(np.arange(1, 301), [1, 15, 25, 50, 100, 300], [0.33, 0.0, 0.0, 0.8, 0.95, 0.97])
    like = replace(one, models=np.stack([rho, rho], axis=1), policies=np.stack([pi, pi], axis=1))
    assert like.verdict.reproduced
    for k, name in enumerate(("policies", "models")):
        table = np.array(getattr(like, name))
        table[:, k] = np.maximum(table[:, k], 0.3)  # in one of the two
        assert replace(like, **{name: table}).verdict.outcome == "not reproduced"
    assert not replace(like, models=np.roll(like.models, 30, axis=0)).verdict.reproduced


# --- learners that differ ---


def test_what_the_released_learners_do_otherwise():
    task, zero = Task(2, 1, 3, 3, 0.9), np.zeros(2, dtype=np.intp)

    def seen(action, others, reward):
        pair = np.array([action, action])
        both, b, r = np.arange(2), np.array([others, others]), np.full(2, float(reward))
        return Experience(both, zero, pair, b, r, zero, np.ones(2, bool))

    both = [recipe.start(task, np.random.default_rng(0)) for recipe in (FMQ(), GenerousFMQ())]
    for learner in both:
        for reward in (-30.0, 5.0, 11.0):
            learner.observe(seen(0, 0, reward))
    # met 11 once in three rounds; not reset, 5 counts as well
    theirs, released = (learner.evaluation()[0, 0, 0] - learner.q[0, 0, 0] for learner in both)
    assert theirs == pytest.approx(10 * 11 / 3) and released == pytest.approx(10 * 11 * 2 / 3)
    failing = [recipe.start(task, np.random.default_rng(0)) for recipe in (FMQ(), GenerousFMQ())]
    for learner in failing:
        learner.observe(seen(0, 1, -30.0))
    theirs, released = (learner.evaluation()[0, 0, 0] for learner in failing)
    assert theirs == pytest.approx(-27.0 - 300.0) and released == pytest.approx(-27.0)

    wolf = PlayedWolfPHC(learning_rate=1.0, winning=0.1, losing=0.1).start(task, np.random.default_rng(0))
    before = wolf.climbing.copy()
    assert not np.allclose(before, 1 / 3)
    wolf.observe(seen(2, 0, 5.0))  # greedy now, so it gains
    raised = before[:, 0] + np.array([0.0, 0.0, 0.1])
    np.testing.assert_allclose(wolf.climbing[:, 0], raised / 1.1)
    wolf.observe(seen(1, 0, -9.0))  # not greedy: loses half of delta
    assert (wolf.climbing[:, 0, 1] < raised[:, 1] / 1.1).all()
    np.testing.assert_allclose(wolf.climbing.sum(axis=-1), 1.0)
    assert isinstance(PlayedWolfPHC(), WolfPHC)

    pr2 = CountedPR2Q().start(task, np.random.default_rng(0))
    assert not pr2.answers().any()
    pr2.observe(seen(1, 2, 6.0))
    np.testing.assert_allclose(pr2.answers()[0, 0, 1], [0.0, 0.0, (1 / 1.1) / (1 / 1.1 + 0.1)])


def test_cooling_of_fmq_is_fitted_to_the_episodes():
    for episodes in (100, 300, 1000):
        temperature = figures.presets("own", episodes)["FMQ, c = 10"].recipe.temperature
        assert temperature(0) == 500.0
        assert temperature(episodes) == pytest.approx(1.0 + 499.0 * math.exp(-6.0))


# --- tables and pictures ---


def test_cross_play_and_sensitivity():
    names, played = figures.pairings("released", episodes=10, runs=2)
    assert names == figures.LEARNERS and played.rewards.shape == (6, 6, 2, 2)
    assert len(plots.written(figures.draw_cross_play({"released": (names, played)}), "png")) > 10_000
    told = []
    found = figures.sensitivity(10, 2, progress=told.append)
    assert len(told) == len(found.scans) and len(found.panels) == 9
    lines = {scan.line for scan in found.panels["constant temperature"]}
    assert lines == {"initial Q = 0", "initial Q = 12"}
    for scan in found.scans:
        assert scan.values.shape == scan.mean.shape == scan.error.shape
        assert ((scan.mean >= 0.0) & (scan.mean <= 1.0)).all()
    figures.draw_sensitivity(found)


def test_the_picture_has_every_curve_and_every_reading(released):
    figure = figures.draw(released)
    reward, optimum, run = figure.axes
    for ax, quantity in ((reward, "reward"), (optimum, "optimum")):
        readings = [x for published in figures.CURVES.values() for x in published.readings if x.quantity == quantity]
        assert len(ax.containers) == len(readings)
        curves = [line for line in ax.lines if len(line.get_xdata()) == released.episodes]
        assert len(curves) == len(ax.collections) - sum(
            len(bars.lines[2]) for bars in ax.containers
        ) == len(figures.LEARNERS)  # fmt: skip
        assert len({(line.get_color(), line.get_marker()) for line in curves}) == len(figures.LEARNERS)
    assert len([line for line in run.lines if len(line.get_xdata()) == released.episodes]) == 4
    assert plots.written(figure, "svg") == plots.written(figures.draw(released), "svg")


# --- the command ---


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, code=0):
        assert cli.main(["figures", *map(str, arguments)]) == code
        written = capsys.readouterr()
        return written.err if code == 2 else written.out

    return run


SMALL = ("--runs", 2, "--episodes", 6)


def test_the_command_writes_all_of_it(run, tmp_path):
    text = run("1", *SMALL, "--out", tmp_path / "new", "--format", "png")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    parts = ("curves", "cross-play", "sensitivity")
    assert names == {f"{part}.{kind}" for part in parts for kind in ("png", "npz", "csv")} | {"verdicts.csv"}
    assert max(map(len, text.splitlines())) <= 80
    for words in ("P(A,A)", "Cross-play, settings as released", "constant temperature", "undecided: 6 episodes"):
        assert words in text
    with np.load(tmp_path / "new" / "curves.npz") as arrays:
        assert arrays["released/JAL/reward"].shape == (6, 2)
        assert arrays["own/one run/models"].shape == (6, 2)
    rows, verdicts = (
        list(csv.DictReader((tmp_path / "new" / name).read_text(encoding="utf-8").splitlines()))
        for name in ("curves.csv", "verdicts.csv")
    )
    assert len(rows) == 6 * 16 and rows[0]["learner"] == "ROMMEO-Q"
    assert len(verdicts) == 16 and {row["outcome"] for row in verdicts} == {"undecided"}


def test_nothing_is_overwritten_without_force(run, tmp_path):
    arguments = ("1", *SMALL, "--only", "curves", "--settings", "own", "--format", "svg", "--out", tmp_path)
    run(*arguments)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert "exists; --force replaces it" in run(*arguments, "--seed", 5, code=2)
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}
    run(*arguments, "--force")
    assert before[tmp_path / "curves.svg"] == (tmp_path / "curves.svg").read_bytes()
    run(*arguments, "--force", "--seed", 5)
    assert before[tmp_path / "curves.csv"] != (tmp_path / "curves.csv").read_bytes()


def test_json(run, tmp_path):
    record = json.loads(run("1", *SMALL, "--only", "curves", "--format", "png", "--out", tmp_path, "--json"))
    result = figures.compute(runs=2, episodes=6)
    assert [entry["learner"] for entry in record["curves"]] == [curve.learner for curve in result.curves]
    for entry, curve in zip(record["curves"], result.curves, strict=True):
        assert entry["reward"] == curve.end("reward").mean() and entry["outcome"] == "undecided"
        assert (entry["paper_reward"], entry["paper_optimum"]) == FIGURE_1[curve.learner]
    assert [one["settings"] for one in record["one_runs"]] == ["own", "released"]
    assert set(record["explanations"]) == set(figures.LEARNERS)
    cross = json.loads(
        run("1", *SMALL, "--only", "cross-play", "--settings", "own", "--format", "png", "--out", tmp_path, "--json")
    )
    assert np.shape(cross["cross_play_own"]["reward"]) == (6, 6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("3",), "invalid choice: '3'"),
        (("1", "--only", "all"), "the parts are"),
        (("1", "--format", "gif"), "'gif' is not one of"),
        (("1", "--settings", "mine"), "'mine'"),
        (("1", "--form", "both"), "--form is of Figure 2's reward"),
        (("1", "--runs", "0"), "--runs is 0"),
        (("1", "--episodes", "0"), "--episodes is 0"),
        (("1", "--seed", "-1"), "--seed is -1"),
        (("1", "--out", "no/such/folder"), "no folder to make it in"),
    ],
)
def test_bad_command_lines(run, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    error = run(*arguments, code=2)
    assert words in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_file_in_place_of_the_folder(run, tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert "it is not a folder" in run("1", *SMALL, "--out", tmp_path / "taken", code=2)


def test_without_matplotlib(run, tmp_path, monkeypatch):
    def missing():
        raise rx.MissingPackageError("plots", "matplotlib", "plots")

    monkeypatch.setattr("rommeo_exact.plots.style._matplotlib", missing)
    assert "rommeo_exact[plots]" in run("1", *SMALL, "--out", tmp_path / "new", code=2)
    assert not (tmp_path / "new").exists()


def test_help_says_when_a_curve_is_reproduced(run):
    text = run("--help")
    assert "is reproduced if" in text and "exit code" in text
    assert max(map(len, text.splitlines())) <= 80
    assert TIME_ERROR == 15
