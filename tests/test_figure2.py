"""Figure 2: verdicts on curves like the paper's and on planted other ones, the run that is shown, the command."""

from __future__ import annotations

import csv
import json
import math
import sys

import numpy as np
import pytest

from rommeo_exact import cli, plots
from rommeo_exact.actor_critic import RommeoAC
from rommeo_exact.errors import InputError, UnknownNameError
from rommeo_exact.figures import figure2
from rommeo_exact.figures.figure2.curves import Curve, OneRun, _one_run
from rommeo_exact.figures.figure2.published import CURVES, EPISODES, LEARNERS, MEANS, RETURN_ERROR, TIME_ERROR
from rommeo_exact.games import max_of_two_quadratics

PRESET = figure2.presets("own")["ROMMEO-AC"]


def curve_like(learner, runs=6, seed=0):
    """What the paper's curve may come from: linear between its readings, with noise."""
    readings = sorted(CURVES[learner])
    rng = np.random.default_rng(seed)
    at, values = [1, *(r.episode for r in readings)], [-15, *(r.value for r in readings)]
    mean = np.interp(np.arange(1, EPISODES + 1), at, values)
    rewards = mean[:, None] + 0.1 * rng.standard_normal((EPISODES, runs))
    centres = np.zeros((EPISODES, runs, 2))
    return Curve(learner, "own", "released", PRESET, rewards, centres, None)


@pytest.mark.parametrize("learner", LEARNERS)
def test_curves_like_the_papers_are_reproduced(learner):
    verdict = figure2.judge(curve_like(learner))
    assert verdict.reproduced and verdict.text == "reproduced within the readings"


@pytest.mark.parametrize("learner", LEARNERS)
def test_planted_other_curves_are_not(learner):
    curve = curve_like(learner)
    shifted = Curve(learner, "own", "released", PRESET, curve.rewards - 2.5 * RETURN_ERROR, curve.centres, None)
    assert figure2.judge(shifted).outcome == "not reproduced"
    late = np.roll(curve.rewards, 60, axis=0)
    late[:60] = -15.0
    delayed = Curve(learner, "own", "released", PRESET, late, curve.centres, None)
    assert figure2.judge(delayed).outcome == "not reproduced"


def test_another_length_and_few_runs_are_undecided():
    curve = curve_like("DDPG")
    short = Curve("DDPG", "own", "released", PRESET, curve.rewards[: EPISODES - TIME_ERROR - 1], curve.centres, None)
    assert figure2.judge(short).outcome == "undecided"
    noisy = curve.rewards[:, :2].copy()
    noisy[:, 0] += 8.0
    noisy[:, 1] -= 8.0
    few = figure2.judge(Curve("DDPG", "own", "released", PRESET, noisy, curve.centres[:, :2], None))
    assert few.text == "undecided: 2 runs are too few"


def path_to(arrival, dip=-5.0, episodes=EPISODES):
    """A mean that dips, and is at 5 from an episode on."""
    return np.interp(np.arange(1, episodes + 1), [1, 6, arrival - 1, arrival, episodes], [0.0, dip, dip, 5.0, 5.0])


def test_a_run_like_the_papers_is_reproduced():
    means = {name: path_to(curve.arrival) for name, curve in MEANS.items()}

    def run(**changed):
        shown = {**means, **changed}
        policies = np.stack([shown["pi^1"], shown["pi^2"]], axis=1)
        models = np.stack([shown["rho^1"], shown["rho^2"]], axis=1)
        return OneRun("own", "released", 0, np.zeros((EPISODES, 25, 2)), policies, models, 1.0, 1.0, 1.0, 2.0)

    assert run().verdict.reproduced
    assert run().arrivals == {name: curve.arrival for name, curve in MEANS.items()}
    assert not run(**{"rho^1": path_to(30)}).verdict.reproduced
    assert "rho^1 is at 5 by episode 30, in the figure by 11" in run(**{"rho^1": path_to(30)}).verdict.text
    assert "pi^2 is not at 5 at the end, in the figure by 13" in run(**{"pi^2": -path_to(13)}).verdict.text
    assert not run(**{"pi^2": path_to(MEANS["pi^2"].arrival, dip=0.0)}).verdict.reproduced
    assert not run(**{"pi^2": -path_to(13)}).verdict.reproduced


def test_the_run_shown_and_who_is_ahead():
    """Three runs arrive, one does not; the models are two episodes ahead in all but one pair."""
    centres, models = np.empty((EPISODES, 4, 2)), np.empty((EPISODES, 4, 2))
    for k, first in enumerate((20, 24, 40)):
        for i in (0, 1):
            models[:, k, i] = path_to(first)
            centres[:, k, 1 - i] = path_to(first + (2 if (k, i) != (2, 0) else -2))
    centres[:, 3], models[:, 3] = -5.0, -5.0
    curve = Curve("ROMMEO-AC", "own", "released", PRESET, np.zeros((EPISODES, 4)), centres, models)
    one = _one_run(curve, np.zeros((EPISODES, 25, 4, 2)))
    assert one.run == 1
    assert (one.ahead, one.before, one.lead, one.dipped) == (5 / 6, 5 / 6, 2.0, 1.0)
    assert (curve.optimal, curve.suboptimal) == (0.75, 0.25)
    assert curve.arrival == 26.0
    none = _one_run(
        Curve("ROMMEO-AC", "own", "released", PRESET, np.zeros((EPISODES, 1)), centres[:, 3:], models[:, 3:]),
        np.zeros((EPISODES, 25, 1, 2)),
    )
    assert none.run == -1 and math.isnan(none.ahead) and not none.verdict.reproduced


def test_what_is_played_without_exploration():
    """A curve with noise, whose centres are at the top; and one that only on average is near it."""
    centres = np.full((EPISODES, 2, 2), 5.0)
    centres[:4] = -5.0
    curve = Curve("DDPG", "own", "printed", PRESET, np.full((EPISODES, 2), 1.0), centres, None)
    np.testing.assert_allclose(curve.quiet, np.repeat([0.0, 10.0], [4, EPISODES - 4])[:, None] * [1.0, 1.0])
    assert curve.arrival == 5.0
    swaying = centres + np.where(np.arange(EPISODES) % 2, 0.9, -0.9)[:, None, None]
    never = Curve("DDPG", "own", "printed", PRESET, curve.rewards, swaying, None)
    assert never.optimal == 1.0 and math.isnan(never.arrival)


@pytest.fixture(scope="module")
def small():
    return figure2.compute("both", "both", episodes=3, runs=2)


def test_every_learner_in_both_families_on_both_forms(small):
    assert [(c.form, c.family, c.learner) for c in small.curves] == [
        (form, family, learner)
        for form in ("released", "printed") for family in figure2.FAMILIES for learner in LEARNERS
    ]  # fmt: skip
    assert len(small.one_runs) == 4
    for curve in small.curves:
        assert curve.rewards.shape == (3, 2) and np.isfinite(curve.centres).all()
        box = np.stack(np.meshgrid(*[np.linspace(-10.0, 10.0, 201)] * 2), axis=-1)
        assert (curve.rewards <= 10.0).all()
        assert (curve.rewards >= max_of_two_quadratics(curve.form).rewards(box).min()).all()
    assert all((np.abs(one.actions) <= 10.0).all() for one in small.one_runs)


def test_the_same_seed_gives_the_same_numbers_whatever_else_is_asked_for(small):
    for form in ("released", "printed"):
        alone = figure2.compute("own", form, episodes=3, runs=2, learners=("PR2-AC",))
        np.testing.assert_array_equal(alone.curves[0].rewards, small.find("PR2-AC", "own", form)[0].rewards)


@pytest.mark.parametrize("wrong", [{"episodes": 0}, {"runs": 0}, {"seed": -1}, {"form": "mine"}])
def test_bad_input(wrong):
    with pytest.raises(InputError):
        figure2.compute(**{"episodes": 1, "runs": 1, **wrong})
    if "form" not in wrong:
        with pytest.raises(InputError):
            figure2.ingredients(**{"episodes": 1, "runs": 1, **wrong})


def test_unknown_settings():
    with pytest.raises(UnknownNameError, match="relased"):
        figure2.compute("relased", episodes=1, runs=1)
    with pytest.raises(UnknownNameError, match="DDGP"):
        figure2.compute("own", episodes=1, runs=1, learners=("DDGP",))


def test_ingredients_change_one_setting_at_a_time():
    default, *others = figure2.variants()
    assert default.recipe == PRESET.recipe
    for variant in others:
        fields = [name for name, value in vars(default.recipe).items() if getattr(variant.recipe, name) != value]
        rates = {"policy_rate", "model_rate"}
        assert len(fields) == 1 or set(fields) == rates or (not fields and variant.discount == 0.95), variant
    found = figure2.ingredients(("released",), 2, 2, chosen=figure2.variants()[:2])
    assert [row.variant for row in found.rows] == list(figure2.variants()[:2])


def test_what_is_learnt_is_compared_with_what_is_exact():
    """At the exact densities the distance is 0, and untrained runs are far away."""
    found = figure2.distributions(episodes=1, runs=2, alphas=(1.0,)).found
    laws = [("pi", 0), ("rho", 0), ("pi", 1), ("rho", 1)]
    assert [(c.action, c.which, c.player) for c in found] == [(a, *law) for a in ("replay", "policy") for law in laws]
    for c in found:
        step = c.grid[1] - c.grid[0]
        np.testing.assert_allclose([c.exact.sum() * step, *(c.learnt.sum(axis=1) * step)], 1.0, atol=0.02)
        mean, deviation = c.moments(c.exact)
        assert abs(mean - 5.0) < 0.05 and abs(deviation - {"pi": 0.7, "rho": 0.5}[c.which]) < 0.03
        assert (c.distance > 0.3).all() and not c.arrived.any()


def test_the_pictures_have_every_curve(small):
    pytest.importorskip("matplotlib")
    figure = figure2.draw(small)
    assert len(figure.axes) >= 12
    curve = small.curves[0]
    line = next(x for x in figure.axes[1].lines if x.get_gid() == curve.learner)
    np.testing.assert_allclose(line.get_ydata(), curve.rewards.mean(axis=1))
    one = small.one_runs[0]
    dots = next(x for x in figure.axes[0].collections if x.get_gid() == "steps")
    np.testing.assert_allclose(dots.get_offsets(), one.actions.reshape(-1, 2))
    found = figure2.ingredients(("released",), 1, 2, chosen=figure2.variants()[:3])
    marks = figure2.draw_ingredients(found).axes[0].lines[0]
    np.testing.assert_allclose(marks.get_xdata(), [100.0 * row.curve.optimal for row in found.rows])


def test_the_path_goes_on_to_the_end_of_learning():
    pytest.importorskip("matplotlib")
    actions = np.random.default_rng(0).uniform(-9.0, 9.0, size=(EPISODES, 25, 2))
    actions[-EPISODES // 10 :] = [5.0, 4.0]
    means = np.zeros((EPISODES, 2))
    one = OneRun("own", "released", 0, actions, means, means, 1.0, 1.0, 1.0, 2.0)
    curve = curve_like("ROMMEO-AC")
    figure = figure2.draw(figure2.Figure2((curve,), (figure2.judge(curve),), (one,), EPISODES, 6, 0))
    dots = next(x for x in figure.axes[0].collections if x.get_gid() == "steps")
    np.testing.assert_allclose(dots.get_offsets(), actions.reshape(-1, 2))
    marks = {x.get_gid(): x.get_xydata()[0].tolist() for x in figure.axes[0].lines}
    assert marks == {"start": actions[0, 0].tolist(), "end": [5.0, 4.0], "published start": [0.0, 0.0]}


def test_a_surface_needs_two_players_with_a_number_each():
    pytest.importorskip("matplotlib")
    from rommeo_exact.games import beauty_contest

    _, axes = plots.new()
    with pytest.raises(InputError, match="a surface needs two players with one number each"):
        plots.surface(beauty_contest(), axes[0, 0])


# --- the command ---


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, code=0):
        assert cli.main(["figures", "2", *map(str, arguments)]) == code
        written = capsys.readouterr()
        return written.err if code == 2 else written.out

    return run


def test_the_command_writes_the_curves(run, tmp_path):
    text = run("--runs", 2, "--episodes", 2, "--only", "curves", "--format", "png", "--out", tmp_path / "new")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"curves.png", "curves.npz", "curves.csv", "verdicts.csv"}
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "released form of the reward, own settings", "quiet", "at (5, 5)", "undecided: 2 episodes", "Figure 2c",
        "rho^1 never (11)",
    ):  # fmt: skip
        assert words in text
    with np.load(tmp_path / "new" / "curves.npz") as arrays:
        assert arrays["released/own/DDPG/reward"].shape == (2, 2)
        assert arrays["released/released/one run/actions"].shape == (2, 25, 2)
    rows = list(csv.DictReader((tmp_path / "new" / "verdicts.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 12 and {row["outcome"] for row in rows} == {"undecided"}


def test_the_record_is_json(run, tmp_path):
    small = ("--runs", 1, "--episodes", 1, "--settings", "own", "--only", "curves", "--format", "png")
    record = json.loads(run(*small, "--out", tmp_path, "--json"))
    assert [entry["learner"] for entry in record["curves"]] == list(LEARNERS)
    assert all(entry["quiet_reward"] <= 10.0 and entry["reward_spread"] == "inf" for entry in record["curves"])
    assert record["one_runs"][0]["arrivals"] == dict.fromkeys(("rho^1", "rho^2", "pi^1", "pi^2"), "inf")


def test_the_other_parts(run, tmp_path, monkeypatch):
    small = figure2.variants()[:2]
    monkeypatch.setattr(sys.modules["rommeo_exact.figures.figure2.ingredients"], "variants", lambda: small)
    text = run("--runs", 2, "--episodes", 1, "--only", "ingredients", "--format", "png", "--out", tmp_path)
    assert "the default" in text and small[1].ingredient in text
    record = json.loads(
        run("--runs", 2, "--episodes", 1, "--only", "distributions", "--format", "png", "--out", tmp_path, "--json")
    )
    assert len(record["distributions"]) == 24


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--form", "mine"), "'mine'"), (("--settings", "mine"), "'mine'"), (("--only", "all"), "the parts are")],
)
def test_bad_command_lines(run, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    error = run(*arguments, code=2)
    assert words in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("form", ["released", "printed"])
def test_a_hundred_runs_come_to_the_optimum(form):
    """With a fixed temperature and no stage of exploration, from seeds on which no setting was chosen."""
    recipe = PRESET.recipe
    assert isinstance(recipe, RommeoAC) and recipe.delay == 0 and isinstance(recipe.alpha, float)
    game = max_of_two_quadratics(form)
    parts = figure2.curves.play(game, recipe, EPISODES, 100, (5005,), "")
    assert Curve.of(parts, "ROMMEO-AC", "own", form, PRESET).optimal >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.5, 2.0])
def test_other_fixed_temperatures_come_to_the_optimum(alpha):
    """Nothing in the default of 1 is delicate; seeds on which no setting was chosen."""
    parts = figure2.curves.play(max_of_two_quadratics("printed"), RommeoAC(alpha=alpha), EPISODES, 20, (6006,), "")
    assert Curve.of(parts, "ROMMEO-AC", "own", "printed", PRESET).optimal >= 0.8
