"""Pictures of results hold the numbers that they are of; they are read back from the axes, not from pixels."""

from __future__ import annotations

import builtins
import sys

import numpy as np
import pytest

import rommeo_exact as rx
from rommeo_exact import plots, population
from rommeo_exact.plots import places
from rommeo_exact.population.attraction import Basins, basins, is_symmetric


def of_three(values=(1.0, 1.0)):
    """Three players who earn where all choose alike."""
    table = np.zeros((2, 2, 2))
    table[0, 0, 0], table[1, 1, 1] = values
    return rx.MatrixGame.common_payoff(table)


def of_three_actions():
    table = np.zeros((3, 3, 3))
    table[[0, 1, 2], [0, 1, 2], [0, 1, 2]] = 1.0
    return rx.MatrixGame.common_payoff(table)


@pytest.fixture
def ax():
    return plots.new()[1][0, 0]


@pytest.fixture(scope="module")
def pitchfork():
    return population.self_play_branches(of_three(), np.geomspace(0.3, 1.5, 12), beta=lambda alpha: alpha, starts=4)


def drawn(ax, gid):
    """The data of all lines with a name."""
    return [np.array(line.get_data()) for line in ax.lines if line.get_gid() == gid]


# The payoffs ----------------------------------------------------------------------------------------------------------


def test_payoffs_have_the_payoffs_in_the_cells_and_play_as_heat(ax):
    game = rx.games.chicken()
    play = [np.array([0.25, 0.75]), np.array([0.5, 0.5])]
    assert plots.payoffs(game, ax, play) is ax
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    for a in (0, 1):
        for b in (0, 1):
            assert texts[b, a] == f"{game.payoffs[0, a, b]:g}, {game.payoffs[1, a, b]:g}"
    np.testing.assert_array_equal(ax.images[0].get_array(), np.outer(*play))
    assert [t.get_text() for t in ax.get_yticklabels()] == list(game.actions[0])


def test_a_common_payoff_is_written_once_and_three_players_have_joint_columns(ax):
    play = [np.array([0.2, 0.8]), np.array([0.1, 0.9]), np.array([0.4, 0.6])]
    plots.payoffs(of_three((1, -2)), ax, play)
    assert [text.get_text() for text in ax.texts] == ["1", "0", "0", "0", "0", "0", "0", "−2"]
    np.testing.assert_allclose(ax.images[0].get_array(), np.einsum("a,b,c->abc", *play).reshape(2, 4))
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1, 1", "1, 2", "2, 1", "2, 2"]


@pytest.mark.parametrize(
    ("game", "policies", "message"),
    [
        (rx.games.chicken(), [[0.5, 0.5]], "policies must hold 2"),
        (rx.games.chicken(), [[0.5, 0.5], [0.2, 0.3, 0.5]], r"policies\[player=1\]"),
        (rx.games.meeting(), None, "MatrixGame"),
        (rx.MatrixGame.common_payoff(np.zeros((21, 20))), None, "420 profiles"),
    ],
)
def test_payoffs_that_cannot_be_drawn(ax, game, policies, message):
    with pytest.raises(rx.InputError, match=message):
        plots.payoffs(game, ax, policies)


def test_payoffs_take_a_joint_distribution_in_place_of_policies(ax):
    game = of_three((1, -2))
    joint = np.arange(8.0).reshape(2, 2, 2) / 28.0
    plots.payoffs(game, ax, joint=joint)
    np.testing.assert_array_equal(ax.images[0].get_array(), joint.reshape(2, 4))
    with pytest.raises(rx.InputError, match=r"joint must have shape \(2, 2, 2\)"):
        plots.payoffs(game, ax, joint=joint[0])
    with pytest.raises(rx.InputError, match="give one"):
        plots.payoffs(game, ax, [np.full(2, 0.5)] * 3, joint=joint)


# One agent's optimum --------------------------------------------------------------------------------------------------


def image(ax, gid):
    (found,) = [x for x in ax.images if x.get_gid() == gid]
    return np.array(found.get_array())


def written_at(ax):
    """Texts by their places."""
    return {text.get_position(): text.get_text() for text in ax.texts}


def test_a_solution_has_the_policy_and_its_margins(ax):
    prior = [0.5, 0.5, 0.0]
    solved = rx.solve(rx.games.climbing(), 0, 2.0, 1.5, prior)
    assert plots.solution(solved, ax) is ax
    np.testing.assert_array_equal(image(ax, "policy"), solved.policy[0])
    np.testing.assert_array_equal(image(ax, "marginal policy")[:, 0], solved.marginal_policy[0])
    np.testing.assert_array_equal(image(ax, "opponent model and prior"), [solved.opponent_model[0], prior])
    texts = written_at(ax)
    assert texts[2, 1] == f"{solved.policy[0, 1, 2]:.3f}" and texts[3.25, 0] == f"{solved.marginal_policy[0, 0]:.3f}"
    assert texts[0, 4.25] == "0.500" and texts[2, 4.25] == "0" and texts[2, 3.25] == "0"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["A", "B", "C", "π(a)"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["A", "B", "C", "ρ*(b)", "P(b)"]


def test_cells_of_a_solution_are_where_their_labels_are(ax):
    """Row a and column b of pi* are at (b, a): not transposed, nor upside down."""
    table = np.array([[0.0, 3.0, 0.0], [1.0, 0.0, 0.0]])
    solved = rx.solve(rx.MatrixGame.bimatrix(table, table), 0, 0.7)
    plots.solution(solved, ax)
    (left, right, bottom, top), shown = ax.images[0].get_extent(), ax.images[0].get_array()
    assert (left, right, bottom, top) == (-0.5, 2.5, 1.5, -0.5) and ax.images[0].origin == "upper"
    assert shown[0, 1] == solved.policy[0, 0, 1] > 0.9 and written_at(ax)[1, 0] == f"{shown[0, 1]:.3f}"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_small_chances_and_sure_things_differ_from_0_and_1(ax):
    plots.solution(rx.solve(rx.games.climbing(), 0, 1.0), ax)
    assert written_at(ax)[0, 0] == "≈ 1" and written_at(ax)[0, 1] == "< .001"
    hard = plots.new()[1][0, 0]
    plots.solution(rx.solve(rx.games.climbing(), 0, 0.0), hard)
    assert written_at(hard)[0, 0] == "1" and written_at(hard)[0, 1] == "0"


def test_letters_are_readable_on_every_cell(ax):
    """At least 3 to 1 in contrast (W3C's for large text), for any probability."""
    import matplotlib.colors

    def light(colour):
        parts = np.array(matplotlib.colors.to_rgb(colour))
        return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    chances = np.linspace(0.0, 1.0, 20)
    plots.payoffs(rx.MatrixGame.common_payoff(np.zeros((1, 20))), ax, joint=chances[None])
    for text, colour in zip(ax.texts, ax.images[0].to_rgba(chances), strict=True):
        dark, bright = sorted((light(text.get_color()), light(colour[:3])))
        assert (bright + 0.05) / (dark + 0.05) >= 3.0


def test_a_solution_of_one_who_is_alone_has_no_margins(ax):
    plots.solution(rx.solve(rx.MatrixGame.common_payoff(np.arange(3.0))), ax)
    assert [x.get_gid() for x in ax.images] == ["policy"] and ax.get_xlabel() == "alone"


def test_a_solution_in_a_state_that_is_not_there_or_ends(ax):
    game = rx.games.meeting()
    solved = rx.solve(game)
    live = int(np.flatnonzero(~game.terminal)[3])
    plots.solution(solved, ax, state=live)
    np.testing.assert_array_equal(image(ax, "policy"), solved.policy[live])
    with pytest.raises(rx.InputError, match=f"state is {game.num_states}"):
        plots.solution(solved, ax, state=game.num_states)
    end = rx.StochasticGame(np.zeros((1, 2, 2)), np.full((2, 2, 2), 0.5), 0.5, terminal=[1])
    with pytest.raises(rx.InputError, match="state 1 is terminal"):
        plots.solution(rx.solve(end), ax, state=1)
    with pytest.raises(rx.InputError, match="420 cells"):
        plots.solution(rx.solve(rx.MatrixGame.common_payoff(np.zeros((21, 20)))), ax)


@pytest.mark.parametrize("agent", [0, 1, 2])
def test_a_figure_of_a_solution_has_each_profile_where_the_payoffs_are(agent):
    """The joint pi*(a|b) rho*(b) with the agent's axis in its place, which differ here for all three."""
    table = np.random.default_rng(2).normal(size=(3, 2, 3, 4))
    game = rx.MatrixGame(table)
    solved = rx.solve(game, agent, 0.6)
    axes = plots.of_solution(game, solved, agent).axes
    shown = np.array(axes[0].images[0].get_array()).reshape(2, 3, 4)
    np.testing.assert_allclose(shown.sum(axis=tuple({0, 1, 2} - {agent})), solved.marginal_policy[0])
    np.testing.assert_allclose(shown.sum(axis=agent).ravel(), solved.opponent_model[0])
    np.testing.assert_array_equal(image(axes[1], "policy"), solved.policy[0])
    assert axes[1].get_ylabel() == f"a, player {agent + 1}"


def test_a_figure_of_a_solution_with_states_has_a_table_each_and_the_bounds():
    game = rx.games.meeting()
    solved = rx.solve(game)
    axes = plots.of_solution(game, solved, states=[5, 7, 9]).axes
    assert len(axes) == 4
    for ax, state in zip(axes[:3], (5, 7, 9), strict=True):
        np.testing.assert_array_equal(image(ax, "policy"), solved.policy[state])
    np.testing.assert_array_equal(drawn(axes[3], "bound")[0][1], [step.error_bound for step in solved.history])
    assert len(plots.of_solution(game, solved).axes) == 3


# Along the temperature ------------------------------------------------------------------------------------------------


def test_branches_are_solid_where_stable_and_dashed_where_not(ax, pitchfork):
    plots.branches(pitchfork, ax)
    assert ax.get_xscale() == "log"
    solid, dashed = drawn(ax, "class 0"), drawn(ax, "class 2")
    assert len(solid) == 3 and len(dashed) == 1 and drawn(ax, "class 1") == []
    corner = 1.0 / np.log(5.0)
    assert dashed[0][0].max() <= corner * 1.05 and np.allclose(dashed[0][1], 0.5)
    styles = {line.get_gid(): line.get_linestyle() for line in ax.lines if str(line.get_gid()).startswith("class")}
    assert styles == {"class 0": "-", "class 2": "--"}
    total = {tuple(p) for line in (*solid, *dashed) for p in line.T.tolist()}
    kept = {(float(a), float(m)) for b in pitchfork for a, m in zip(b.alphas, b.marginals[0][:, 0], strict=True)}
    assert total == kept


def test_the_pitchfork_of_three_is_marked_where_it_is(ax, pitchfork):
    plots.branches(pitchfork, ax)
    ((x, y),) = drawn(ax, "event")[0].T
    assert abs(x - 1.0 / np.log(5.0)) < 1e-6 and abs(y - 0.5) < 1e-3
    (name,) = [text.get_text() for text in ax.texts]
    assert name == "pitchfork\nα = 0.6213"
    assert ax.get_xlabel() == "temperature α (β = α)"


def test_branches_of_what_is_earned(ax, pitchfork):
    plots.branches(pitchfork, ax, player=2, quantity="expected_return")
    shown = np.concatenate([line[1] for k in range(3) for line in drawn(ax, f"class {k}")])
    assert set(shown) == {float(x) for b in pitchfork for x in b.expected_returns[:, 2]}


def test_averaged_stability_has_a_line_of_its_own(ax):
    table = np.zeros((3, 2, 2, 2))
    for a in np.ndindex(2, 2, 2):
        for i in range(3):
            table[(i, *a)] = sum(x != a[i] for x in a) == 2
    found = population.self_play_branches(rx.MatrixGame(table), np.geomspace(0.2, 0.5, 4), starts=0)
    assert found.branches[0].stable_averaged.all() and not found.branches[0].stable.all()
    plots.branches(found, ax)
    assert drawn(ax, "class 1") and "stable if averaged" in [t.get_text() for t in ax.get_legend().get_texts()]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"player": 3}, "player is 3"), ({"action": 2}, "action is 2"), ({"quantity": "value"}, "'value'"),
        ({"state": 1}, "state is 1"),
    ],
)  # fmt: skip
def test_branches_that_are_not_there(ax, pitchfork, settings, message):
    with pytest.raises(rx.InputError, match=message):
        plots.branches(pitchfork, ax, **settings)


def test_events_near_each_other_share_a_name(ax, pitchfork):
    event = pitchfork.events[0]
    two = population.SelfPlayBranches(pitchfork.branches, (event, event), False, pitchfork.game, pitchfork.beta, None)
    plots.branches(two, ax)
    assert [text.get_text() for text in ax.texts] == ["2 pitchforks\nα = 0.6213"]


# Round by round -------------------------------------------------------------------------------------------------------


def test_a_path_has_a_line_for_each_action_of_each_player(ax):
    path = rx.self_play(rx.games.climbing(), prior=[[0, 1, 0], [0, 1, 0]])
    plots.path(path, ax)
    for i in (0, 1):
        for a in range(3):
            (line,) = drawn(ax, f"player {i}, action {a}")
            np.testing.assert_array_equal(line, [np.arange(path.rounds + 1), path.marginals[i][:, a]])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["A", "B", "C", "player 1", "player 2"]


def test_a_path_of_many_actions_shows_the_likeliest(ax):
    game = rx.MatrixGame.common_payoff(np.diag(np.arange(12.0)))
    plots.path(rx.self_play(game), ax)
    assert len(ax.lines) == 2 * plots.MOST_ACTIONS
    assert drawn(ax, "player 0, action 11") and not drawn(ax, "player 0, action 0")


def test_a_path_in_one_of_several_states(ax):
    game = rx.StochasticGame(
        np.arange(16.0).reshape(2, 2, 2, 2), np.full((2, 2, 2, 2), 0.5), 0.5, states=["here", "there"]
    )
    path = rx.self_play(game)
    plots.path(path, ax, state=1)
    np.testing.assert_array_equal(drawn(ax, "player 1, action 0")[0][1], path.marginals[1][:, 1, 0])
    with pytest.raises(rx.InputError, match="state is 2"):
        plots.path(path, ax, state=2)


def test_convergence_has_the_residuals_and_lines_of_the_rates(ax):
    path = rx.self_play(rx.games.climbing())
    (point,) = rx.self_play_equilibria(rx.games.climbing())
    plots.convergence(path, ax, rate=point.spectral_radius, bound=0.9)
    (line,) = drawn(ax, "residual")
    np.testing.assert_array_equal(line[1], path.residuals[path.residuals > 0])
    assert ax.get_yscale() == "log"
    (slope,), (theorem,) = drawn(ax, "in the long run"), drawn(ax, "theorem")
    np.testing.assert_allclose(np.diff(np.log(slope[1])), np.log(point.spectral_radius))
    np.testing.assert_allclose(theorem[1], path.residuals[0] * 0.9 ** theorem[0])


def test_convergence_of_residuals_that_have_no_place_on_the_axis(ax):
    plots.convergence([np.inf, 1.0, 0.5, 0.0], ax)
    np.testing.assert_array_equal(drawn(ax, "residual")[0], [[1, 2], [1.0, 0.5]])
    with pytest.raises(rx.InputError, match="residuals"):
        plots.convergence([[1.0]], ax)
    plots.convergence([0.0], plots.new()[1][0, 0])


def test_convergence_of_a_solver_has_its_bounds_and_true_errors_below(ax):
    game = rx.games.meeting()
    solved = rx.solve(game, method="value_iteration")
    best = rx.solve(game).value
    errors = []
    for k in range(1, len(solved.history) + 1):
        some = rx.solve(game, method="value_iteration", max_iterations=k, on_failure="return")
        errors.append(float(np.abs(some.value - best).max()))
    plots.convergence(solved, ax, bound=game.discount, errors=errors)
    (bound,), (error,), (residual,), (theorem,) = (drawn(ax, x) for x in ("bound", "error", "residual", "theorem"))
    np.testing.assert_array_equal(bound[1], [step.error_bound for step in solved.history])
    np.testing.assert_array_equal(residual[1], [step.residual for step in solved.history])
    np.testing.assert_array_equal(error[1], [e for e in errors if e > 0.0])
    assert all(y <= np.interp(x, *bound) + 1e-11 for x, y in error.T)
    np.testing.assert_allclose(theorem[1], errors[0] * game.discount ** theorem[0])
    assert ax.get_xlabel() == "iteration"


def test_convergence_of_an_improvement_has_its_bounds(ax):
    path = rx.improve(rx.games.climbing(), alpha=2.0, discount=0.5, steps=4)
    plots.convergence(path, ax)
    x, y = drawn(ax, "bound")[0]
    np.testing.assert_array_equal(y, path.bounds[x.astype(int)])
    assert set(x) == set(np.flatnonzero(path.bounds > 0.0)) and not drawn(ax, "residual")


def test_convergence_with_bounds_round_by_round(ax):
    plots.convergence([1.0, 0.5], ax, bound=[2.0, 1.5, np.inf])
    np.testing.assert_array_equal(drawn(ax, "bound")[0], [[0, 1], [2.0, 1.5]])
    for settings in ({"bound": [[1.0]]}, {"errors": 1.0}):
        with pytest.raises(rx.InputError, match=f"{next(iter(settings))} must have one axis"):
            plots.convergence([1.0], ax, **settings)


# Learning -------------------------------------------------------------------------------------------------------------


def test_a_learning_curve_is_the_mean_with_its_confidence_band(ax):
    table = np.random.default_rng(0).normal(size=(30, 8))
    assert plots.learning(table, ax) is ax
    ((x, y),) = drawn(ax, "mean")
    np.testing.assert_array_equal(x, np.arange(1, 31))
    np.testing.assert_allclose(y, table.mean(axis=1))
    (band,) = [c for c in ax.collections if c.get_gid() == "band"]
    corners = band.get_paths()[0].vertices
    for k in range(30):
        here = corners[corners[:, 0] == k + 1, 1]
        half = 1.96 * np.sqrt(((table[k] - table[k].mean()) ** 2).sum() / 7 / 8)
        np.testing.assert_allclose([here.min(), here.max()], [y[k] - half, y[k] + half])
    assert ax.get_ylabel() == "mean of 8 runs" and ax.get_legend() is None


def test_learning_curves_of_histories_with_names_and_windows(ax):
    from rommeo_exact.learners import JAL, RommeoQ, train

    rng = np.random.default_rng(0)
    game = rx.games.chicken()
    histories = {r.__name__: train(game, [r(), r()], episodes=20, runs=4, rng=rng) for r in (JAL, RommeoQ)}
    plots.learning(histories, ax, player=1, window=5)
    for name, history in histories.items():
        y = drawn(ax, name)[0][1]
        np.testing.assert_allclose(y[9], history.rewards[5:10, :, 1].mean())
        np.testing.assert_allclose(y[1], history.rewards[:2, :, 1].mean())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(histories)
    assert ax.get_ylabel() == "reward of player 2, mean of 4 runs" and "means of 5" in ax.get_xlabel()
    looks = [(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.lines]
    assert all(len(set(kind)) == 2 for kind in zip(*looks, strict=True))


def test_learning_curves_of_a_continuous_game(ax):
    from rommeo_exact.actor_critic import DDPG, train_continuous

    game = rx.games.meeting_point()
    history = train_continuous(game, [DDPG(), DDPG()], episodes=2, runs=3, rng=np.random.default_rng(0))
    plots.learning(history, ax)
    np.testing.assert_allclose(drawn(ax, "mean")[0][1], history.rewards[:, :, 0].mean(axis=1))


def test_one_run_has_no_band_and_what_cannot_be_drawn(ax):
    plots.learning(np.ones((4, 1)), ax)
    assert not ax.collections and ax.get_ylabel() == "one run"
    for curves, message in (([1.0, 2.0], "curves must have"), ({"mine": [1.0]}, r"curves\['mine'\]"), ({}, "empty")):
        with pytest.raises(rx.InputError, match=message):
            plots.learning(curves, ax)
    with pytest.raises(rx.InputError, match="window is 0"):
        plots.learning(np.ones((4, 2)), ax, window=0)


# Densities ------------------------------------------------------------------------------------------------------------


def test_densities_against_histograms_of_draws(ax):
    import matplotlib.colors

    x = np.linspace(-1.0, 1.0, 41)
    density = 0.75 * (1.0 - x**2)
    draws = np.array([-0.9, -0.1, 0.2, 0.3, 5.0])
    plots.densities(x, {"exact": density, "flat": np.full(41, 0.5)}, ax, samples={"exact": draws}, bins=2)
    np.testing.assert_array_equal(drawn(ax, "exact")[0], [x, density])
    (steps,) = [p for p in ax.patches if p.get_gid() == "samples exact"]
    np.testing.assert_allclose(steps.get_data().values, [0.4, 0.4])  # two of five draws in each half, one outside
    np.testing.assert_allclose(steps.get_data().edges, [-1.0, 0.0, 1.0])
    (line,) = [line for line in ax.lines if line.get_gid() == "exact"]
    np.testing.assert_allclose(steps.get_edgecolor()[:3], matplotlib.colors.to_rgb(line.get_color()))


@pytest.mark.parametrize(
    ("x", "curves", "samples", "message"),
    [
        ([0.0, 0.0], {}, None, "rising"), ([0.0, 1.0], {"a": [1.0]}, None, r"curves\['a'\]"),
        ([0.0, 1.0], {}, {"b": []}, r"samples\['b'\] is empty"),
    ],
)  # fmt: skip
def test_densities_that_cannot_be_drawn(ax, x, curves, samples, message):
    with pytest.raises(rx.InputError, match=message):
        plots.densities(x, curves, ax, samples=samples)


# Where play goes ------------------------------------------------------------------------------------------------------


def test_a_simplex_of_three_has_arrows_of_one_round(ax):
    game = rx.games.climbing()
    found = rx.self_play_equilibria(game)
    path = rx.self_play(game, prior=[[0, 1, 0], [0, 1, 0]])
    plots.simplex(game, ax, paths=[path], points=found, resolution=6)
    (arrows,) = [c for c in ax.collections if c.get_gid() == "flow"]
    assert arrows.N == 21
    (line,) = drawn(ax, "path")
    np.testing.assert_allclose(line.T, path.marginals[0] @ places.CORNERS)
    ((x, y),) = drawn(ax, "stable")[0].T
    np.testing.assert_allclose([x, y], found.points[0].marginals[0] @ places.CORNERS)
    # at the fixed point a round leads nowhere
    population_of = population.rounds.Population.of(game, 1.0, 1.0)
    after = places._step(population_of, found.points[0].marginals[0][None], 0)
    np.testing.assert_allclose(after[0], found.points[0].marginals[0], atol=1e-12)


def test_a_simplex_of_two_is_a_curve_that_meets_the_diagonal_at_the_points(ax):
    found = rx.self_play_equilibria(of_three(), 0.4, 0.4)
    plots.simplex(of_three(), ax, 0.4, 0.4, points=found)
    (curve,) = drawn(ax, "curve")
    for point in found:
        p = point.marginals[0][0]
        assert abs(np.interp(p, *curve) - p) < 1e-4
    assert len(drawn(ax, "stable")) == 2 and len(drawn(ax, "unstable")) == 1


def test_arrows_below_the_curve_of_two_lead_to_the_stable_points(ax):
    found = rx.self_play_equilibria(of_three(), 0.4, 0.4)
    plots.simplex(of_three(), ax, 0.4, 0.4, points=found, resolution=9)
    (arrows,) = [c for c in ax.collections if c.get_gid() == "flow"]
    low, middle, high = sorted(point.marginals[0][0] for point in found)
    for p, move in zip(arrows.X, arrows.U, strict=True):
        way = 1 if p < low or middle + 1e-3 < p < high else 0 if abs(p - middle) <= 1e-3 else -1
        assert np.sign(round(float(move), 6)) == way


def test_responses_of_two_cross_at_the_fixed_point_and_nowhere_else(ax):
    game = rx.MatrixGame.bimatrix([[2.0, 0.0], [0.0, 1.0]], [[0.0, 1.5], [1.0, 0.0]])
    found = rx.self_play_equilibria(game, [0.5, 0.8], 0.9)
    path = rx.self_play(game, [0.5, 0.8], 0.9)
    plots.responses(game, ax, [0.5, 0.8], 0.9, points=found, paths=[path])
    (one,), (two,) = drawn(ax, "player 0"), drawn(ax, "player 1")
    (point,) = found
    x, y = (m[0] for m in point.marginals)
    assert abs(np.interp(x, *two) - y) < 1e-4 and abs(np.interp(y, one[1], one[0]) - x) < 1e-4
    away = [k for k in range(501) if abs(one[1, k] - y) > 0.02]
    assert all(abs(np.interp(one[0, k], *two) - one[1, k]) > 1e-3 for k in away)
    np.testing.assert_array_equal(drawn(ax, "path")[0], [m[:, 0] for m in path.marginals])
    np.testing.assert_array_equal(drawn(ax, "stable")[0].ravel(), [x, y])
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["player 1 answers", "player 2 answers", "path", "stable"]
    # what player 1 plays where it believes 0.3: by the formula, m = sum_b rho*(b) pi*(.|b)
    solved = rx.solve(game, 0, 0.5, 0.9, [one[1, 150], 1.0 - one[1, 150]])
    np.testing.assert_allclose(one[0, 150], solved.marginal_policy[0, 0], rtol=1e-12)


def test_responses_of_interchangeable_players_cross_the_diagonal(ax):
    found = rx.self_play_equilibria(of_three(), 0.4, 0.4)
    prior = [np.outer([0.6, 0.4], [0.6, 0.4]).ravel()] * 3
    path = rx.self_play(of_three(), 0.4, 0.4, prior)
    plots.responses(of_three(), ax, 0.4, 0.4, points=found, paths=[path])
    curve = drawn(ax, "player 0")[0]
    for point in found:
        assert abs(np.interp(point.marginals[0][0], *curve) - point.marginals[0][0]) < 1e-4
    assert len(drawn(ax, "stable")) == 2 and len(drawn(ax, "unstable")) == 1
    x, y = drawn(ax, "path")[0]
    np.testing.assert_allclose(np.interp(x, *curve), y, atol=1e-4)
    prior[0] = np.array([1.0, 0.0, 0.0, 0.0])
    with pytest.raises(rx.InputError, match="not all play alike"):
        plots.responses(of_three(), ax, 0.4, 0.4, paths=[rx.self_play(of_three(), 0.4, 0.4, prior)])


@pytest.mark.parametrize(
    ("game", "message"),
    [
        (rx.games.climbing(), "2 actions each"), (rx.games.three_player_matching_pennies(), "interchangeable"),
        (rx.games.meeting(), "MatrixGame"), (rx.MatrixGame.common_payoff(np.zeros(2)), "2 actions each"),
    ],
)  # fmt: skip
def test_responses_that_cannot_be_drawn(ax, game, message):
    with pytest.raises(rx.InputError, match=message):
        plots.responses(game, ax)


@pytest.mark.parametrize(
    ("game", "message"),
    [
        (rx.games.three_player_matching_pennies(), "interchangeable"),
        (rx.MatrixGame.common_payoff(np.eye(4)), "4 actions"), (rx.games.meeting(), "MatrixGame"),
    ],
)  # fmt: skip
def test_a_simplex_that_cannot_be_drawn(ax, game, message):
    with pytest.raises(rx.InputError, match=message):
        plots.simplex(game, ax)
    assert not plots.drawable(game)


def test_basins_of_two_actions_are_a_square_of_rounds(ax):
    result = basins(rx.games.stag_hunt(), 0.5, resolution=7)
    plots.basins(result, ax)
    (mesh,) = [c for c in ax.collections if c.get_gid() == "starts"]
    np.testing.assert_array_equal(mesh.get_array(), result.rounds.reshape(7, 7).T)
    assert len(ax.figure.axes) == 2 and ax.figure.axes[1].get_ylabel() == "rounds needed"


def test_basins_of_three_actions_are_tiles_on_a_triangle(ax):
    result = basins(of_three_actions(), 0.3, 0.3, resolution=9)
    plots.basins(result, ax)
    (tiles,) = [c for c in ax.collections if c.get_gid() == "starts"]
    np.testing.assert_array_equal(tiles.get_array(), result.endpoint)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(set(result.endpoint)) >= 3 and "ends at point 1" in texts


def test_basins_on_a_line(ax):
    result = basins(of_three(), 0.4, 0.4, resolution=9)
    plots.basins(result, ax)
    for k in set(result.endpoint.tolist()):
        (line,) = drawn(ax, f"end {k}")
        np.testing.assert_array_equal(line[0], result.starts[result.endpoint == k, 0])


def test_starts_that_reach_nothing_are_shown_as_such(ax):
    plots.basins(basins(rx.games.stag_hunt(), 0.5, resolution=5, rounds=3), ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["more than 3"]


# The basins themselves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("update", ["simultaneous", "alternating", 0.5, lambda k: 1 / (k + 2) if k < 5 else 1.0])
@pytest.mark.parametrize("game", [of_three(), rx.games.stag_hunt(), rx.games.climbing()])
def test_basins_agree_with_self_play_from_each_start(game, update):
    result = basins(game, 0.45, 0.45, resolution=4, update=update)
    assert isinstance(result, Basins) and (result.rounds >= 0).all()
    for start, end, rounds in zip(result.starts, result.endpoint, result.rounds, strict=True):
        if result.kind == "square":
            prior = [[p, 1 - p] for p in start]
        elif game.num_players == 2:
            prior = [start, np.full(3, 1 / 3)]
        else:
            prior = [np.outer(start, start).ravel()] * 3
        path = rx.self_play(game, 0.45, 0.45, prior, update, rounds=int(rounds))
        point = result.points[end].marginals
        pairs = list(zip(path.marginals, point, strict=True))
        apart = [max(np.ptp(np.log(mine[k] / theirs)) for mine, theirs in pairs) for k in range(int(rounds) + 1)]
        assert apart[-1] <= 1.001e-6 and all(distance > 0.999e-6 for distance in apart[:-1])


def test_basins_of_a_symmetric_game_are_symmetric():
    result = basins(of_three(), 0.4, 0.4, resolution=11)
    assert result.endpoint[5] == 2 and result.rounds[5] == 0  # the middle is the unstable point
    ends = np.array([result.points[k].marginals[0][0] for k in result.endpoint])
    np.testing.assert_allclose(ends + ends[::-1], 1.0, atol=1e-9)
    np.testing.assert_array_equal(result.rounds, result.rounds[::-1])


def test_whose_prior_varies():
    game = rx.MatrixGame(np.random.default_rng(1).normal(size=(2, 2, 3)))
    one, two = (basins(game, player=i, resolution=4) for i in (0, 1))
    assert (one.kind, two.kind, len(one), len(two)) == ("simplex", "line", 10, 4)
    assert one.varies == "what player 1 expects of player 2"


def test_symmetry_is_seen_and_what_breaks_it():
    assert is_symmetric(of_three()) and is_symmetric(rx.games.chicken())
    assert not is_symmetric(rx.games.battle_of_the_sexes()) and not is_symmetric(rx.games.climbing())
    table = np.array(of_three().payoffs)
    table[1, 0, 1, 0] += 1e-9
    assert not is_symmetric(rx.MatrixGame(table))
    assert not is_symmetric(rx.games.three_player_matching_pennies())


@pytest.mark.parametrize(
    ("game", "settings", "message"),
    [
        (rx.games.three_player_matching_pennies(), {}, "not interchangeable"),
        (rx.MatrixGame.common_payoff(np.eye(4)), {}, "over 4 actions"),
        (rx.MatrixGame.common_payoff(np.zeros((4, 4, 4))), {}, "3 players with 4 actions"),
        (rx.games.meeting(), {}, "stochastic"),
        (rx.MatrixGame.common_payoff(np.zeros(2)), {}, "one player"),
        (of_three(), {"alpha": [0.5, 0.5, 0.6]}, "alpha differs"),
        (of_three(), {"resolution": 1}, "resolution is 1"),
        (of_three(), {"rounds": -1}, "rounds"),
        (of_three(), {"tol": 0.0}, "tol is 0"),
        (of_three(), {"player": 3}, "player is 3"),
        (of_three(), {"update": "random"}, "'random'"),
    ],
)
def test_basins_that_cannot_be_drawn(game, settings, message):
    with pytest.raises(rx.InputError, match=message):
        basins(game, **settings)


def test_progress_counts_the_starts_that_have_ended():
    said = []
    basins(rx.games.stag_hunt(), resolution=3, progress=lambda done, of: said.append((done, of)))
    assert said[-1] == (9, 9) and [done for done, _ in said] == sorted(done for done, _ in said)


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("format", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_figure_gives_the_same_bytes(format, start):
    def data():
        figure, axes = plots.new()
        plots.convergence([1.0, 0.1], axes[0, 0])
        return plots.written(figure, format)

    assert data().startswith(start) and data() == data()


def test_a_format_that_is_not_known():
    with pytest.raises(rx.InputError, match="'gif'"):
        plots.written(plots.new()[0], "gif")


def test_labels_are_no_mathematics(ax):
    game = rx.MatrixGame.common_payoff(np.eye(2), actions=[["$x^", "a\nb"], ["\\frac", "y" * 40]])
    plots.payoffs(game, ax, [np.array([1.0, 0.0])] * 2)
    plots.written(ax.figure, "svg")
    assert len(ax.get_xticklabels()[1].get_text()) == 18


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest, **more)

    for module in [m for m in sys.modules if m.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(rx.MissingPackageError, match=r"rommeo_exact\[plots\]"):
        plots.new()
