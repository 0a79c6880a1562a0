"""Every fact of the catalogue, checked by brute force in exact rationals; and every check, against wrong facts."""

from __future__ import annotations

import inspect
import math
import warnings
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pytest

from rommeo_exact import games
from rommeo_exact.errors import InputError, UnknownNameError
from rommeo_exact.games import Symmetry
from rommeo_exact.games.models import MatrixGame, StochasticGame

MATRIX = [
    ("climbing", {}),
    ("climbing", {"variant": "paper"}),
    *(("penalty", {"k": k}) for k in (0, -0.1, -9, -9.75, -10, -10.25, -13, -14, -15, -100, -1e9)),
    ("stag_hunt", {}),
    ("stag_hunt", {"reward": 0.3, "temptation": 0.2, "punishment": 0.1, "sucker": -7}),
    ("prisoners_dilemma", {}),
    ("prisoners_dilemma", {"reward": 1.0, "temptation": 1.1, "punishment": 0.0, "sucker": -0.1}),
    ("chicken", {}),
    ("chicken", {"reward": 0.0, "temptation": 1.0, "punishment": -1000.0, "sucker": -1.0}),
    ("harmony", {}),
    ("harmony", {"reward": 0.7, "temptation": 0.4, "punishment": -3.0, "sucker": -2.0}),
    ("matching_pennies", {}),
    ("rock_paper_scissors", {}),
    ("battle_of_the_sexes", {}),
    ("three_player_coordination", {}),
    ("three_player_coordination", {"reward": 0.1}),
    ("three_player_matching_pennies", {}),
]
GRIDS = [{"size": 2}, {"size": 3, "absorbing": True}, {"size": 3, "slip": 0.25}, {"size": 2, "slip": 0.0}]



def over(chosen):
    return pytest.mark.parametrize(("name", "parameters"), chosen, ids=str)


cases = over(MATRIX)


# Brute force ----------------------------------------------------------------------------------------------------------


def exact(game):
    """Payoffs in exact rationals: profile -> one Fraction per player."""
    return {
        profile: [Fraction(float(game.payoffs[i, *profile])) for i in range(game.num_players)]
        for profile in product(*map(range, game.num_actions))
    }


def other(profile, player, action):
    return (*profile[:player], action, *profile[player + 1 :])


def pure_equilibria(game):
    pay = exact(game)
    return {
        profile
        for profile in pay
        if all(
            pay[other(profile, i, action)][i] <= pay[profile][i]
            for i, size in enumerate(game.num_actions)
            for action in range(size)
        )
    }


def expected(game, mixed):
    """What each action of each player brings against the mixed strategies of the others."""
    returns = [[Fraction(0)] * size for size in game.num_actions]
    for profile, pay in exact(game).items():
        for i, action in enumerate(profile):
            chance = math.prod(mixed[j][a] for j, a in enumerate(profile) if j != i)
            returns[i][action] += chance * pay[i]
    return returns


def is_mixed_equilibrium(game, mixed):
    """Whether these are distributions, at least one of them not pure, that put all weight on best replies."""
    if [len(own) for own in mixed] != list(game.num_actions) or any(sum(own) != 1 or min(own) < 0 for own in mixed):
        return False
    if all(max(own) == 1 for own in mixed):
        return False
    best = expected(game, mixed)
    return all(
        returns[a] == max(returns)
        for own, returns in zip(mixed, best, strict=True)
        for a, chance in enumerate(own)
        if chance > 0
    )


def solution(rows, right):
    """The only solution of a square linear system in rationals, or None."""
    rows = [[*row, value] for row, value in zip(rows, right, strict=True)]
    for k in range(len(rows)):
        pivot = next((r for r in range(k, len(rows)) if rows[r][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        for r in range(len(rows)):
            if r != k:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k], strict=True)]
    return [row[-1] for row in rows]


def vertices(payoffs):
    """Vertices of {(x, v): x in the simplex, payoffs[j] . x <= v for all j}: x, and the set of j that are tight."""
    size = len(payoffs[0])
    found = {}
    for support in (s for k in range(1, size + 1) for s in combinations(range(size), k)):
        for tight in combinations(range(len(payoffs)), len(support)):
            rows = [[payoffs[j][i] for i in support] + [Fraction(-1)] for j in tight] + [[1] * len(support) + [0]]
            part = solution([[Fraction(e) for e in row] for row in rows], [Fraction(0)] * len(tight) + [Fraction(1)])
            if part is None or min(part[:-1]) < 0:
                continue
            x = [Fraction(0)] * size
            for i, chance in zip(support, part[:-1], strict=True):
                x[i] = chance
            values = [sum(a * b for a, b in zip(row, x, strict=True)) for row in payoffs]
            if max(values) == part[-1]:
                found[tuple(x)] = {j for j, value in enumerate(values) if value == part[-1]}
    return found


def all_equilibria(game):
    """All equilibria of a two-player game with finitely many, else None.

    The equilibria are unions of products of convex hulls of vertices (Mangasarian 1964, Equilibrium points of bimatrix
    games): where no vertex is part of two extreme equilibria, there are no others.
    """
    pay, (m, n) = exact(game), game.num_actions
    columns = vertices([[pay[i, j][1] for i in range(m)] for j in range(n)])
    rows = vertices([[pay[i, j][0] for j in range(n)] for i in range(m)])
    pairs = {
        (x, y)
        for (x, replies), (y, counters) in product(columns.items(), rows.items())
        if all(x[i] == 0 or i in counters for i in range(m)) and all(y[j] == 0 or j in replies for j in range(n))
    }
    return pairs if len({x for x, _ in pairs}) == len({y for _, y in pairs}) == len(pairs) else None


def as_mixed(game, profile):
    return tuple(
        tuple(Fraction(int(a == action)) for a in range(size))
        for action, size in zip(profile, game.num_actions, strict=True)
    )


def is_potential(game):
    """Monderer and Shapley (1996): the gains sum to 0 along every cycle of two players and four profiles."""
    pay = exact(game)
    for start in pay:
        for i, j in combinations(range(game.num_players), 2):
            for a, b in product(range(game.num_actions[i]), range(game.num_actions[j])):
                second = other(start, i, a)
                third, fourth = other(second, j, b), other(start, j, b)
                gains = (
                    pay[second][i] - pay[start][i] + pay[third][j] - pay[second][j]
                    + pay[fourth][i] - pay[third][i] + pay[start][j] - pay[fourth][j]
                )  # fmt: skip
                if gains != 0:
                    return False
    return True


def keeps(game, symmetry):
    """Whether the relabelling leaves payoffs, and in a stochastic game everything else too, as they are."""
    n, sizes = game.num_players, game.num_actions
    if sorted(symmetry.players) != list(range(n)) or any(
        sorted(symmetry.actions[i]) != list(range(sizes[symmetry.players[i]])) for i in range(n)
    ):
        return False

    def image(profile):
        moved = [0] * n
        for i, action in enumerate(profile):
            moved[symmetry.players[i]] = symmetry.actions[i][action]
        return tuple(moved)

    profiles = list(product(*map(range, sizes)))
    if isinstance(game, MatrixGame):
        return symmetry.states is None and all(
            game.payoffs[symmetry.players[i], *image(profile)] == game.payoffs[i, *profile]
            for profile in profiles
            for i in range(n)
        )
    states = np.array(symmetry.states)
    if sorted(symmetry.states) != list(range(game.num_states)):
        return False
    chances = game.transitions.toarray().reshape(game.num_states, *sizes, -1)
    kept = (game.terminal[states] == game.terminal).all() and (game.initial[states] == game.initial).all()
    for profile in profiles:
        moved = chances[(states, *image(profile))][:, states]  # rows and columns by the old names of states
        kept &= (moved == chances[(slice(None), *profile)]).all()
        for i in range(n):
            new = game.payoffs[(symmetry.players[i], states, *image(profile))]
            kept &= (new == game.payoffs[(i, slice(None), *profile)]).all()
    return bool(kept)


def after(second, first):
    return Symmetry(
        tuple(second.players[i] for i in first.players),
        tuple(
            tuple(second.actions[player][a] for a in actions)
            for player, actions in zip(first.players, first.actions, strict=True)
        ),
        None if first.states is None else tuple(second.states[s] for s in first.states),
    )


def identity(game):
    states = tuple(range(game.num_states)) if isinstance(game, StochasticGame) else None
    return Symmetry(tuple(range(game.num_players)), tuple(tuple(range(size)) for size in game.num_actions), states)


def generated(game, generators):
    group = frontier = {identity(game)}
    while frontier:
        frontier = {after(g, h) for g in generators for h in frontier} - group
        group = group | frontier
    return group


def all_symmetries(game):
    return {
        symmetry
        for players in permutations(range(game.num_players))
        if all(game.num_actions[i] == game.num_actions[p] for i, p in enumerate(players))
        for actions in product(*(permutations(range(size)) for size in game.num_actions))
        if keeps(game, symmetry := Symmetry(players, actions))
    }


def optima(game):
    pay = exact(game)
    highest = [max(each[i] for each in pay.values()) for i in range(game.num_players)]
    return {profile for profile, each in pay.items() if each == highest}


def false_fields(game, facts):
    """Names of the fields of `facts` that are not true of the matrix game."""
    pay = exact(game).values()
    mixed = facts.mixed_equilibria
    complete = True
    if game.num_players == 2:
        pure = {as_mixed(game, profile) for profile in pure_equilibria(game)}
        complete = all_equilibria(game) == pure | set(mixed)
    truth = {
        "pure_equilibria": set(facts.pure_equilibria) == pure_equilibria(game),
        "mixed_equilibria": complete and all(is_mixed_equilibrium(game, each) for each in mixed),
        "optima": set(facts.optima) == optima(game),
        "symmetries": generated(game, facts.symmetries) == all_symmetries(game),
        "common_payoff": facts.common_payoff == all(len(set(each)) == 1 for each in pay),
        "zero_sum": facts.zero_sum == all(sum(each) == 0 for each in pay),
        "potential": facts.potential == is_potential(game),
    }
    lists = ("pure_equilibria", "mixed_equilibria", "optima", "symmetries")
    truth |= {name: truth[name] and len(set(getattr(facts, name))) == len(getattr(facts, name)) for name in lists}
    return {name for name, true in truth.items() if not true}


# The facts ------------------------------------------------------------------------------------------------------------


@cases
def test_all_facts_are_true(name, parameters):
    assert false_fields(games.get(name, **parameters), games.facts(name, **parameters)) == set()


def planted(game, facts):
    """Facts with one fault each, and the field that is at fault."""
    profiles = list(product(*map(range, game.num_actions)))
    for field in ("pure_equilibria", "optima"):
        right = getattr(facts, field)
        yield field, (*right, next(profile for profile in profiles if profile not in right))
        if right:
            yield field, right[1:]
            yield field, right + right[:1]
    mixed = facts.mixed_equilibria
    yield "mixed_equilibria", (*mixed, as_mixed(game, profiles[0]))
    nearly = tuple(tuple(Fraction(1 + (a == 0), size + 1) for a in range(size)) for size in game.num_actions)
    yield "mixed_equilibria", (*mixed, nearly)
    if mixed:
        shift = Fraction(1, 10**12)
        first, *rest = mixed[0]
        moved = list(first)
        moved[first.index(max(first))] -= shift
        moved[(first.index(max(first)) + 1) % len(first)] += shift
        yield "mixed_equilibria", ((tuple(moved), *rest), *mixed[1:])
        if game.num_players == 2:
            yield "mixed_equilibria", mixed[1:]
    wrong = next(
        symmetry
        for players in permutations(range(game.num_players))
        for actions in product(*(permutations(range(size)) for size in game.num_actions))
        if not keeps(game, symmetry := Symmetry(players, actions))
    )
    yield "symmetries", (*facts.symmetries, wrong)
    for k in range(len(facts.symmetries)):
        yield "symmetries", facts.symmetries[:k] + facts.symmetries[k + 1 :]
    for field in ("common_payoff", "zero_sum", "potential"):
        yield field, not getattr(facts, field)


@cases
def test_the_checks_reject_wrong_facts(name, parameters):
    game, facts = games.get(name, **parameters), games.facts(name, **parameters)
    for field, value in planted(game, facts):
        assert false_fields(game, replace(facts, **{field: value})) == {field}, (field, value)


def claimed(facts):
    return {field for field in ("common_payoff", "zero_sum", "potential") if getattr(facts, field)}


@over([(name, parameters) for name, parameters in MATRIX if claimed(games.facts(name, **parameters))])
def test_the_checks_reject_the_facts_on_another_game(name, parameters):
    """One payoff moved by 1/2: what is claimed of all payoffs no longer holds."""
    game, facts = games.get(name, **parameters), games.facts(name, **parameters)
    payoffs = np.array(game.payoffs)
    payoffs[(0, *[0] * game.num_players)] += 0.5
    assert claimed(facts) <= false_fields(MatrixGame(payoffs), facts)


def test_the_claims_of_the_paper_on_climbing():
    """Section 5.1: equilibria (A, A) and (B, B), one optimum (A, A). True of pure strategies, in both variants."""
    for variant, corner in (("original", 5), ("paper", 3)):
        game, facts = games.climbing(variant), games.facts("climbing", variant=variant)
        assert [tuple("ABC"[a] for a in profile) for profile in facts.pure_equilibria] == [("A", "A"), ("B", "B")]
        assert facts.optima == ((0, 0),)
        assert game.payoffs[:, 2, 2].tolist() == [5, corner]
        assert all_equilibria(game) == {
            *(as_mixed(game, profile) for profile in facts.pure_equilibria),
            (
                (Fraction(corner, 11 + corner), 0, Fraction(11, 11 + corner)),
                (Fraction(5, 16), 0, Fraction(11, 16)),
            ),
        }
        assert max(expected(game, facts.mixed_equilibria[0])[0]) == Fraction(55, 16)
    assert games.facts("climbing").common_payoff
    assert not games.facts("climbing", variant="paper").common_payoff
    original, printed = games.climbing(), games.climbing("paper")
    np.testing.assert_array_equal(original.view(0).rewards, printed.view(0).rewards)
    assert (original.payoffs != printed.payoffs).sum() == 1


# Other programs -------------------------------------------------------------------------------------------------------


def known(game, facts):
    return sorted([*(as_mixed(game, profile) for profile in facts.pure_equilibria), *facts.mixed_equilibria])


@cases
def test_equilibria_against_gambit(name, parameters):
    gambit = pytest.importorskip("pygambit")
    game, facts = games.get(name, **parameters), games.facts(name, **parameters)
    rational = np.vectorize(lambda value: gambit.Rational(*Fraction(value).as_integer_ratio()), otypes=[object])
    table = gambit.Game.from_arrays(*rational(game.payoffs))
    if game.num_players == 2:
        result = gambit.nash.enummixed_solve(table, rational=True)
    else:
        result = gambit.nash.enumpoly_solve(table)
    found = [
        tuple(tuple(Fraction(str(chance)) for _, chance in own) for _, own in profile.mixed_strategies())
        for profile in result.equilibria
    ]
    np.testing.assert_allclose(np.array(sorted(found), float), np.array(known(game, facts), float), atol=1e-9)
    if game.num_players == 2:
        assert sorted(found) == known(game, facts)


@over([case for case in MATRIX if "three" not in case[0] and case[1].get("k") not in (-10, -1e9)])
def test_equilibria_against_nashpy(name, parameters):
    """By vertex enumeration, where the game is neither degenerate nor badly scaled.

    Support enumeration there takes 1e-17 below 0 for negative, and so misses the third equilibrium of climbing.
    """
    nashpy = pytest.importorskip("nashpy")
    game, facts = games.get(name, **parameters), games.facts(name, **parameters)
    table = nashpy.Game(*game.payoffs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        by_vertices, by_supports = list(table.vertex_enumeration()), list(table.support_enumeration())
    rights = [np.concatenate([np.array(own, float) for own in each]) for each in known(game, facts)]
    for right in rights:
        assert sum(np.abs(np.concatenate(pair) - right).max() < 1e-9 for pair in by_vertices) == 1
    for pair in by_vertices + by_supports:
        assert min(np.abs(np.concatenate(pair) - right).max() for right in rights) < 1e-9


@pytest.mark.parametrize("name", ["three_player_coordination", "three_player_matching_pennies"])
def test_there_are_no_other_equilibria_of_three_players(name):
    """Far from the known ones somebody can gain, on a grid, by more than the gain can vary within a cell."""
    game, facts = games.get(name), games.facts(name)
    steps = 96
    chances = np.linspace(0, 1, steps + 1)
    first, second, third = np.meshgrid(*[chances] * 3, indexing="ij")
    mixed = [np.stack([p, 1 - p]) for p in (first, second, third)]
    highest = np.zeros(first.shape)
    for i, (j, k) in enumerate([(1, 2), (0, 2), (0, 1)]):
        brought = np.einsum("ajk,jxyz,kxyz->axyz", np.moveaxis(game.payoffs[i], i, 0), mixed[j], mixed[k])
        highest = np.maximum(highest, brought.max(0) - (brought * mixed[i]).sum(0))
    spread = game.payoffs.max() - game.payoffs.min()
    # A gain is a best return, with two coordinates that count, less a return, with three.
    certain = highest > 5 * spread * (1 / (2 * steps))
    points = [[float(own[0]) for own in each] for each in known(game, facts)]
    distances = np.stack([np.abs(np.stack([first, second, third], -1) - point).max(-1) for point in points])
    assert certain[(distances > 0.15).all(0)].all()
    for k in range(len(points)):  # with one of them left out, the same check fails
        assert not certain[(np.delete(distances, k, 0) > 0.15).all(0)].all()
    # Near a mixed one the returns are not flat, so that it is the only solution there; a pure one is strict.
    for each in facts.mixed_equilibria:
        slopes = np.zeros((3, 3))
        for i, (j, k) in enumerate([(1, 2), (0, 2), (0, 1)]):
            gap = np.subtract(*np.moveaxis(game.payoffs[i], i, 0))
            slopes[i, j] = np.subtract(*(gap @ np.array(each[k], float)))
            slopes[i, k] = np.subtract(*(np.array(each[j], float) @ gap))
        assert abs(np.linalg.det(slopes)) > 0.1


# Meeting on a grid ----------------------------------------------------------------------------------------------------


def brute_meeting(size, slip, absorbing):
    """Rewards and transitions of one agent's view, by going through states, moves and slips one at a time."""
    steps = [(0, 0), (-1, 0), (0, 1), (1, 0), (0, -1)]
    cells = list(product(range(size), range(size)))

    def leads(cell, move):
        ways = [(move, 1.0)] if move == 0 else [(move, 1 - slip)]
        if move > 0:
            ways += [((move - 1 + turn) % 4 + 1, slip / 2) for turn in (1, 3)]
        ends = {}
        for way, chance in ways:
            aim = (cell[0] + steps[way][0], cell[1] + steps[way][1])
            end = aim if aim in cells else cell
            ends[end] = ends.get(end, 0.0) + chance
        return ends

    states = list(product(cells, cells))
    rewards, chances = np.zeros((len(states), 5, 5)), np.zeros((len(states), 5, 5, len(states)))
    for s, (one, two) in enumerate(states):
        for a, b in product(range(5), range(5)):
            for (x, p), (y, q) in product(leads(one, a).items(), leads(two, b).items()):
                rewards[s, a, b] += p * q * (x == y)
                chances[s, a, b, states.index((x, y))] += p * q
    return rewards, chances, [one == two and absorbing for one, two in states]


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("slip", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("absorbing", [False, True])
def test_meeting_by_brute_force(size, slip, absorbing):
    game = games.meeting(size, slip, 0.9, absorbing)
    rewards, chances, ends = brute_meeting(size, slip, absorbing)
    np.testing.assert_allclose(game.payoffs, [rewards, rewards], atol=1e-15)
    np.testing.assert_allclose(game.transitions.toarray(), chances.reshape(-1, size**4), atol=1e-15)
    np.testing.assert_array_equal(game.terminal, ends)
    np.testing.assert_allclose(game.initial, (1 - np.array(ends)) / (size**4 - sum(ends)), rtol=1e-15)
    wrong = brute_meeting(size, slip + 0.01, absorbing)
    assert not np.allclose(game.transitions.toarray(), wrong[1].reshape(-1, size**4), atol=1e-6)


@pytest.mark.parametrize("absorbing", [False, True])
def test_the_value_of_meeting_without_slips(absorbing):
    """The closed form of the docstring solves Bellman's equation; with the half distance rounded down it does not."""
    size, discount = 4, 0.9
    game = games.meeting(size, 0.0, discount, absorbing)
    place = np.stack(np.divmod(np.arange(size**2), size), -1)
    distance = np.abs(place[:, None] - place[None]).sum(-1).ravel()

    def residual(rounded):
        value = discount ** (np.maximum(rounded(distance / 2), 1) - 1) * (1 if absorbing else 1 / (1 - discount))
        value[game.terminal] = 0.0
        backed = (game.payoffs[0].reshape(size**4, 25) + discount * (game.transitions @ value).reshape(-1, 25)).max(1)
        return np.abs(backed - value)[~game.terminal].max()

    assert residual(np.ceil) < 1e-12
    assert residual(np.floor) > 0.05


def test_meeting_is_sparse_and_of_any_size():
    game = games.meeting(8, slip=0.3)
    assert game.num_states == 4096
    assert game.transitions.shape == (4096 * 25, 4096)
    assert np.diff(game.transitions.indptr).max() == 9
    assert (game.transitions.data > 0).all()
    np.testing.assert_allclose(game.transitions @ np.ones(4096), 1.0, rtol=1e-15)
    assert game.states[8 * 8 * 9 + 63] == "(1,1) (7,7)"


@pytest.mark.parametrize("parameters", GRIDS, ids=str)
def test_the_facts_of_meeting(parameters):
    """Slips that are exact in binary, so that symmetric chances are equal bit for bit."""
    parameters = {"slip": 0.5, **parameters}
    game, facts = games.meeting(**parameters), games.facts("meeting", **parameters)
    assert facts.common_payoff == facts.potential == (game.payoffs[0] == game.payoffs[1]).all()
    assert not facts.zero_sum
    assert facts.pure_equilibria is facts.mixed_equilibria is facts.optima is None
    assert all(keeps(game, symmetry) for symmetry in facts.symmetries)
    assert len(generated(game, facts.symmetries)) == 16  # eight of the square, with and without the agents exchanged
    swap, turn, mirror = facts.symmetries
    every = tuple(range(5))
    for wrong in (
        replace(turn, actions=mirror.actions),
        replace(turn, states=mirror.states),
        replace(mirror, states=identity(game).states),
        replace(swap, states=identity(game).states),
        replace(identity(game), actions=((1, 0, 2, 3, 4), every)),
    ):
        assert not keeps(game, wrong)


# Names and parameters -------------------------------------------------------------------------------------------------


def test_every_name_is_a_function_with_a_source_and_labels():
    assert len(set(games.names())) == len(games.names()) == 12
    assert {name for name, _ in MATRIX} | {"meeting"} == set(games.names())
    for name in games.names():
        build = getattr(games, name)
        game, facts = build(), games.facts(name)
        assert game == games.get(name)
        assert game.name
        assert all(isinstance(label, str) and label for texts in game.actions for label in texts)
        source = inspect.getdoc(build)
        assert "References" in source
        year = facts.citation.split("(")[1][:4]
        assert year in source
        assert facts.citation.split(" (")[0] in " ".join(source.split())


def test_parameters_reach_the_game():
    assert games.get("penalty", k=-3).payoffs[0, 0, 2] == -3
    assert games.get("Stag-Hunt", reward=9) == games.get("stag hunt", reward=9) == games.stag_hunt(reward=9)
    assert games.get("climbing", variant="paper") == games.climbing("paper") != games.climbing()
    assert games.get("meeting", size=2).num_states == 16
    assert games.get("three_player_coordination", reward=7).payoffs.max() == 7


@pytest.mark.parametrize("look", [games.get, games.facts])
def test_what_names_and_parameters_are_refused(look):
    with pytest.raises(UnknownNameError, match="unknown game 'clmbing'; did you mean climbing"):
        look("clmbing")
    with pytest.raises(UnknownNameError, match="unknown game 'prisoner'; did you mean prisoners_dilemma"):
        look("prisoner")
    with pytest.raises(UnknownNameError, match=r"known: .*battle_of_the_sexes.*three_player_matching_pennies"):
        look("zzz")
    with pytest.raises(UnknownNameError):
        look(None)
    with pytest.raises(InputError, match="climbing has no parameter 'k'; it has variant"):
        look("climbing", k=3)
    with pytest.raises(InputError, match="meeting has no parameter 'width'; it has size, slip, discount, absorbing"):
        look("meeting", width=3)
    with pytest.raises(InputError, match="matching_pennies has no parameter 'k'; it has none"):
        look("matching_pennies", k=3)
    with pytest.raises(UnknownNameError, match="unknown variant 'papers'; did you mean paper"):
        look("climbing", variant="papers")
    with pytest.raises(UnknownNameError, match="unknown variant"):
        look("climbing", variant=["paper"])


@pytest.mark.parametrize("look", [games.get, games.facts])
@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("penalty", {"k": 1e-9}, "k is 1e-09"),
        ("penalty", {"k": -math.inf}, "k is -inf"),
        ("penalty", {"k": math.nan}, "k is nan"),
        ("penalty", {"k": "much"}, "k must be a number|k is 'much'"),
        ("stag_hunt", {"reward": 3}, "needs reward > temptation >= punishment > sucker, not reward=3 and temptation=3"),
        ("stag_hunt", {"punishment": 3.5}, "not temptation=3 and punishment=3.5"),
        ("prisoners_dilemma", {"punishment": 0}, "not punishment=0 and sucker=0"),
        ("chicken", {"sucker": -1}, "not sucker=-1 and punishment=0"),
        ("harmony", {"temptation": math.inf}, "temptation is inf"),
        ("harmony", {"temptation": 4}, "harmony needs .*not reward=3 and temptation=4"),
        ("three_player_coordination", {"reward": 0}, "reward is 0"),
        ("meeting", {"size": 1}, "size is 1"),
        ("meeting", {"size": 2.0}, "size must be an integer"),
        ("meeting", {"slip": 1.5}, "slip is 1.5"),
    ],
)
def test_what_values_are_refused(look, name, parameters, message):
    with pytest.raises(InputError, match=message):
        look(name, **parameters)


def test_meeting_refuses_a_discount_of_one():
    with pytest.raises(InputError, match=r"discount is 1.0, not in \[0, 1\)"):
        games.meeting(discount=1.0)


def test_the_equilibria_of_a_degenerate_game_are_not_listed():
    assert all_equilibria(MatrixGame.bimatrix(np.zeros((2, 2)), np.eye(2))) is None


def test_facts_cannot_be_changed():
    with pytest.raises(AttributeError):
        games.facts("climbing").common_payoff = False
    assert isinstance(hash(games.facts("climbing")), int)
