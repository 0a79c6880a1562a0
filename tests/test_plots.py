"""Pictures of self-play hold the numbers that they are of; they are read back from the axes, not from pixels."""

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
