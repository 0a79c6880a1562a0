"""Fixed points of self-play: sixty digits lie inside, what is said to be all is all, and planted mistakes are seen."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import FrozenInstanceError, replace
from functools import cache
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from mpmath import mp, mpf

import rommeo_exact as rx
from rommeo_exact.certificates import balls, boxes, fixed_points, krawczyk
from rommeo_exact.certificates.boxes import Ranges
from rommeo_exact.certificates.fixed_points import certify_point, exhaustive
from rommeo_exact.certificates.krawczyk import Round
from rommeo_exact.errors import InputError, MissingPackageError
from rommeo_exact.population.rounds import Population
from rommeo_exact.population.search import search

flint = pytest.importorskip("flint")
arb = flint.arb

INF = math.inf
DIGITS = 60


# --- sixty digits ----------------------------------------------------------------------------------------------------


def answer_of(table, alpha, beta, prior):
    """The marginal of pi* and rho* (eq. 9 to 11) for payoffs table[a][b], in mpmath; beta = 0 is the greatest L(b)."""
    columns = list(zip(*table, strict=True))
    levels = [alpha * mp.log(sum(mp.exp(x / alpha) for x in column)) for column in columns]
    if beta == INF:
        model = list(prior)
    elif beta == 0.0:
        top = max(levels)
        model = [p if top - x < mpf(10) ** -50 else mpf(0) for p, x in zip(prior, levels, strict=True)]
    else:
        top = max(levels)
        model = [p * mp.exp((x - top) / beta) for p, x in zip(prior, levels, strict=True)]
    total = sum(model)
    marginal = [mpf(0)] * len(table)
    for share, level, column in zip(model, levels, columns, strict=True):
        for a, x in enumerate(column):
            marginal[a] += share / total * mp.exp((x - level) / alpha)
    return marginal


def played(case, y):
    """G of log-ratios, in mpmath."""
    sizes = case.game.num_actions
    parts, start = [], 0
    for size in sizes:
        weights = [mpf(1), *(mp.exp(x) for x in y[start : start + size - 1])]
        parts.append([w / sum(weights) for w in weights])
        start += size - 1
    found = []
    for i in range(len(sizes)):
        others = [parts[j] for j in range(len(sizes)) if j != i]
        prior = [mp.fprod(chances) for chances in itertools.product(*others)]
        table = [[mpf(x) for x in row] for row in case.game.view(i).rewards[0].tolist()]
        m = answer_of(table, mpf(case.alpha), mpf(case.beta) if 0.0 < case.beta < INF else case.beta, prior)
        found += [mp.log(x / m[0]) for x in m[1:]]
    return found


def truth(case, y):
    """The fixed point near y: Newton's method at sixty digits, its derivatives from differences."""
    with mp.workdps(2 * DIGITS):
        y, n, h = [mpf(x) for x in y], len(y), mpf(10) ** -DIGITS
        for _ in range(40):
            here = played(case, y)
            gap = mp.matrix([x - z for x, z in zip(here, y, strict=True)])
            slope = mp.matrix(n, n)
            for k in range(n):
                there = played(case, [x + h * (j == k) for j, x in enumerate(y)])
                for j in range(n):
                    slope[j, k] = mpf(j == k) - (there[j] - here[j]) / h
            step = mp.lu_solve(slope, gap)
            y = [x + s for x, s in zip(y, step, strict=True)]
            if max(abs(s) for s in step) < mpf(10) ** -DIGITS:
                return y
    raise AssertionError("no fixed point there")


def case(payoffs, alpha, beta):
    return SimpleNamespace(game=rx.MatrixGame(payoffs), alpha=alpha, beta=beta)


def matching(r, *, sizes=(2, 2, 2)):
    """Everyone earns r where all choose their first action, or all their second."""
    payoffs = np.zeros(sizes)
    payoffs[(0,) * len(sizes)] = payoffs[(1,) * len(sizes)] = r
    return rx.MatrixGame.common_payoff(payoffs)


def random_case(seed):
    rng = np.random.default_rng(seed)
    sizes = [(2, 2), (2, 3), (3, 3), (2, 2, 2), (3, 2, 2), (2, 2, 2, 2), (2, 3, 2), (3,)][seed % 8]
    payoffs = rng.normal(size=(len(sizes), *sizes)) * 10.0 ** rng.integers(-1, 2)
    return case(payoffs, float(rng.choice([0.3, 1.0, 5.0])), float(rng.choice([0.0, 0.3, 1.0, 10.0, INF])))


CASES = {
    **{f"random {seed}": random_case(seed) for seed in range(32)},
    "three points": SimpleNamespace(game=matching(1.7), alpha=1.0, beta=1.0),
    "three points, cold": SimpleNamespace(game=matching(1.0), alpha=0.1, beta=1.0),
    "saturated": SimpleNamespace(game=matching(1.0), alpha=0.0015, beta=1.0),
    "beta = 0 with ties": SimpleNamespace(game=matching(1.0), alpha=0.3, beta=0.0),
}


@cache
def points(name):
    """Fixed points in floats, as found, and at sixty digits."""
    one = CASES[name]
    population = Population.of(one.game, one.alpha, one.beta)
    width = sum(population.sizes) - len(population.sizes)
    found = search(population, 8, np.random.default_rng(0), np.empty((0, width)))[0]
    if name == "saturated":
        play = population.play_of(np.array([[-700.0] * width, [700.0] * width]))
        for _ in range(50):
            play = population.round(play)
        found = np.concatenate([found, population.flat(play)])
    assert len(found)
    made = []
    for y in found:
        marginals = tuple(x[0, 0] for x in population.play_of(y[None]))
        largest = float(np.abs(np.linalg.eigvals(population.jacobian(population.play_of(y[None]))[0])).max())
        sign = float(np.sign(np.linalg.det(np.eye(width) - population.jacobian(population.play_of(y[None]))[0])))
        point = SimpleNamespace(log_marginals=marginals)
        made.append(SimpleNamespace(point=point, exact=truth(one, y.tolist()), largest=largest, sign=sign, y=y))
    return made


def ratios(point):
    """Of the floats, exactly: to be called with digits enough."""
    return [mpf(x) - mpf(z[0]) for z in (m.tolist() for m in point.log_marginals) for x in z[1:]]


def inner(ends):
    return [x for part in ends for x in part[1:].tolist()]


def assert_stands(proof, known, others=()):
    """Everything that a certificate says of a point, held against sixty digits."""
    slack = mpf(10) ** -50
    assert proof.verified and proof.enclosed
    for low, x, high in zip(
        inner(proof.log_ratios_lower), known.exact, inner(proof.log_ratios_upper), strict=True
    ):
        assert low <= x + slack * (1 + abs(x)) and x - slack * (1 + abs(x)) <= high
        assert high - low <= 4e-16 * (1.0 + abs(high))
    with mp.workdps(DIGITS):
        start = 0
        for low, high in zip(proof.marginals_lower, proof.marginals_upper, strict=True):
            weights = [mpf(1), *(mp.exp(x) for x in known.exact[start : start + len(low) - 1])]
            start += len(low) - 1
            for a, w in enumerate(weights):
                p = w / sum(weights)
                assert low[a] <= p * (1 + slack) and p * (1 - slack) <= high[a]
        away = max((abs(x - z) for x, z in zip(known.exact, ratios(known.point), strict=True)), default=0)
        assert away - slack <= proof.radius <= away * (1 + mpf(10) ** -9) + mpf(10) ** -30
        for other in others:
            assert proof.unique_within < max(abs(x - z) for x, z in zip(known.exact, other.exact, strict=True))
    assert proof.unique_within > 1e-3
    assert proof.stable == (known.largest < 1.0) and proof.index == known.sign


def check_points(name):
    one = CASES[name]
    known = points(name)
    for k in known:
        proof = certify_point(one.game, k.point, one.alpha, one.beta)
        assert_stands(proof, k, [other for other in known if other is not k])


@pytest.mark.parametrize("name", CASES)
def test_sixty_digits_lie_inside(name):
    check_points(name)


def test_the_cases_have_what_they_should():
    assert len(points("three points")) == 3 == len(points("three points, cold"))
    assert any(min(p.min() for p in k.point.log_marginals) < -600.0 for k in points("saturated"))
    assert {one.beta for one in CASES.values()} >= {0.0, 1.0, INF}


# --- planted mistakes ------------------------------------------------------------------------------------------------


def patched(*changes):
    """A context in which functions are replaced; each replacement is given the right one first."""
    stack = ExitStack()
    for target, name, replacement in changes:
        right = getattr(target, name)

        def wrong(*args, _right=right, _replacement=replacement, **kwargs):
            return _replacement(_right, *args, **kwargs)

        stack.enter_context(mock.patch.object(target, name, wrong))
    return stack


def _other_payoffs(change):
    def made(right, self, population, precision):
        views = []
        for view in population.views:
            rewards = change(view.rewards)
            views.append(rx.View(rewards, np.ones((*rewards.shape, 1)), 0.0))
        right(self, replace(population, views=tuple(views)), precision)

    return made


def _misread(rewards):
    return np.swapaxes(rewards, -1, -2).reshape(rewards.shape)


def _transposed(right, self, y, radius):
    return right(self, y, radius).transpose()


def _scaled(factor):
    return lambda right, self, y, radius: right(self, y, radius) * factor


def _not_reduced(right, self, y, radius):
    """As if the first action's belief were left out of the difference."""
    return right(self, y, radius) + self.matrix(self.width, self.width, [arb(0.25)] * self.width**2)


def _always(right, a_round, y, inverse, step, radius):
    return right(a_round, y, inverse, step, radius) or [a_round.arb(0)] * a_round.width


WRONG = {
    "payoffs_transposed": [(Round, "__init__", _other_payoffs(_misread))],
    "payoffs_negated": [(Round, "__init__", _other_payoffs(np.negative))],
    "payoffs_doubled": [(Round, "__init__", _other_payoffs(lambda rewards: 2.0 * rewards))],
    "beta_is_alpha": [(Round, "_log_response", lambda right, self, r, alpha, beta: right(self, r, alpha, alpha))],
    "alpha_dropped": [(Round, "_log_response", lambda right, self, r, alpha, beta: right(self, r, 1.0, beta))],
    "model_dropped": [(Round, "_log_response", lambda right, self, r, alpha, beta: right(self, r, alpha, INF))],
    "jacobian_transposed": [(Round, "jacobian", _transposed)],
    "jacobian_zero": [(Round, "jacobian", _scaled(0))],
    "jacobian_negated": [(Round, "jacobian", _scaled(-1))],
    "jacobian_halved": [(Round, "jacobian", lambda right, self, y, radius: right(self, y, radius) * arb(0.5))],
    "jacobian_not_reduced": [(Round, "jacobian", _not_reduced)],
    "jacobian_of_the_centre": [(Round, "jacobian", lambda right, self, y, radius: right(self, y, arb(0)))],
    "test_left_out": [(krawczyk, "_contracts", _always)],
    "rounding_inward": [(fixed_points, "below", lambda right, ball: -right(-ball))],
    "rounding_to_nearest": [(fixed_points, "below", lambda right, ball: float(ball.mid()))],
    "always_stable": [(krawczyk, "_stable", lambda right, *args: True)],
    "shares_of_another_action": [(fixed_points, "_shares", lambda right, x, ball: right(x[::-1], ball))],
}


@pytest.mark.parametrize("name", WRONG)
def test_planted_mistakes_are_seen(name):
    for one in CASES:
        known = points(one)
        assert known
        try:
            with patched(*WRONG[name]):
                check_points(one)
        except (AssertionError, ZeroDivisionError):
            return
    pytest.fail("no case tells this from the right operator")


@pytest.mark.parametrize("name", ["three points", "random 3", "random 4", "random 5"])
def test_what_is_no_fixed_point_is_not_verified(name):
    one = CASES[name]
    rng = np.random.default_rng(0)
    for k in points(name):
        for size in (1e-4, 1e-1, 3.0):
            moved = tuple(x + size * rng.choice([-1.0, 1.0], size=x.shape) * np.arange(len(x))
                          for x in k.point.log_marginals)  # fmt: skip
            proof = certify_point(one.game, SimpleNamespace(log_marginals=moved), one.alpha, one.beta)
            assert not proof.verified
            assert proof.radius >= 0.5 * size
            if proof.enclosed:  # a fixed point, though another may be nearer than where this one was moved from
                low, high = np.array(inner(proof.log_ratios_lower)), np.array(inner(proof.log_ratios_upper))
                assert any((np.abs(low - other.y) < 1e-9).all() for other in points(name))
                away = np.abs(0.5 * (low + high) - [x for m in moved for x in m[1:] - m[0]]).max()
                assert abs(proof.radius - away) < 1e-9
    near = tuple(x + 1e-9 * np.arange(len(x)) for x in k.point.log_marginals)
    proof = certify_point(one.game, SimpleNamespace(log_marginals=near), one.alpha, one.beta)
    assert proof.verified and 0.9e-9 < proof.radius < 1e-8
    assert not certify_point(one.game, SimpleNamespace(log_marginals=near), one.alpha, one.beta, near=1e-12).verified


def test_a_player_without_a_choice():
    one = case(np.random.default_rng(0).normal(size=(3, 2, 1, 3)), 1.0, 1.0)
    population = Population.of(one.game, 1.0, 1.0)
    play = population.uniform()
    for _ in range(100):
        play = population.round(play)
    y = population.flat(play)[0]
    point = SimpleNamespace(log_marginals=tuple(x[0, 0] for x in play))
    known = SimpleNamespace(point=point, exact=truth(one, y.tolist()), largest=0.0, sign=1.0)
    assert_stands(certify_point(one.game, point), known)
    nothing = rx.MatrixGame(np.zeros((3, 1, 1, 1)))
    proof = certify_point(nothing, SimpleNamespace(log_marginals=(np.zeros(1),) * 3))
    assert proof.verified and proof.radius == 0.0 and proof.stable
    assert [x.tolist() for x in proof.marginals_lower] == [[1.0]] * 3


def test_constants_in_logarithms_do_not_matter():
    one = CASES["three points"]
    for k in points("three points"):
        moved = SimpleNamespace(log_marginals=tuple(x + 3.0 for x in k.point.log_marginals))
        assert certify_point(one.game, moved, one.alpha, one.beta).verified


def test_a_box_in_which_there_are_two_is_never_one_of_uniqueness():
    for r in np.linspace(1.62, 1.7, 9):
        found = exhaustive(matching(r))
        for one, two in itertools.combinations(found.points, 2):
            apart = np.abs(np.subtract(inner(one.log_ratios_lower), inner(two.log_ratios_lower))).max()
            assert max(one.unique_within, two.unique_within) < apart


# --- two players -----------------------------------------------------------------------------------------------------


def perron_ratio(first, second, alpha, beta, digits):
    """log(x_2 / x_1) of the Perron vector of A_1 A_2, for 2 x 2 payoffs: a quadratic equation, at so many digits."""
    with mp.workdps(digits):
        def response(table):
            levels = [mpf(alpha) * mp.log(sum(mp.exp(mpf(row[b]) / alpha) for row in table)) for b in (0, 1)]
            return [[mp.exp((mpf(row[b]) - levels[b]) / alpha + levels[b] / beta) for b in (0, 1)] for row in table]

        one, two = response(first), response(second)
        m = [[sum(one[i][k] * two[k][j] for k in (0, 1)) for j in (0, 1)] for i in (0, 1)]
        half = (m[1][1] - m[0][0]) / 2
        return mp.log((half + mp.sqrt(half**2 + m[0][1] * m[1][0])) / m[0][1])


@pytest.mark.parametrize("tilt", [0.0, 1e-7, -1e-12, 1e-16])
@pytest.mark.parametrize("alpha", [1.0, 0.1, 0.02, 0.005, 0.002])
def test_two_players_are_told_where_floats_cannot(alpha, tilt):
    table = [[1.0, 0.0], [0.0, 1.0 + tilt]]
    game = rx.MatrixGame.common_payoff(table)
    anything = SimpleNamespace(log_marginals=(np.zeros(2), np.array([0.0, 5.0])))
    proof = certify_point(game, anything, alpha)
    exact = perron_ratio(table, table, alpha, 1.0, 1000)
    assert proof.enclosed and proof.stable and proof.index == 1 and proof.unique_within == INF
    assert proof.theorem is not None and "Perron" in proof.statement
    low, high = proof.log_ratios_lower[0][1], proof.log_ratios_upper[0][1]
    assert low <= exact + mpf(10) ** -100 and exact - mpf(10) ** -100 <= high
    assert high - low <= 1e-13 * (1.0 + abs(high))
    assert not proof.verified and proof.radius >= 0.1  # what was given is none


def test_too_few_bits_prove_nothing():
    game = rx.MatrixGame.common_payoff([[1.0, 0.0], [0.0, 1.0]])
    uniform = SimpleNamespace(log_marginals=(np.zeros(2), np.zeros(2)))
    proof = certify_point(game, uniform, 0.002, precision=128)
    assert not (proof.verified or proof.enclosed) and proof.radius == INF and proof.stable is None
    assert "No fixed point is proven" in proof.statement and proof.width >= 1.0
    proof = certify_point(game, uniform, 0.002)
    assert proof.verified and proof.precision > 1024 and proof.marginals_lower[0][0] >= 0.5 - 1e-15


# --- all of them -----------------------------------------------------------------------------------------------------

NUMBERS = {
    "r = 1.55, beyond the theorem": (matching(1.55), 1.0, 1.0, 1),
    "r = 1.6": (matching(1.6), 1.0, 1.0, 1),
    "r = 1.7": (matching(1.7), 1.0, 1.0, 3),
    "r = 1, by the theorem": (matching(1.0), 1.0, 1.0, 1),
    "cold": (matching(1.0), 0.1, 1.0, 3),
    "three actions": (matching(2.5, sizes=(3, 3, 3)), 1.0, 1.0, None),
    "four players": (matching(2.0, sizes=(2, 2, 2, 2)), 1.0, 1.0, None),
    "beta = 0": (matching(1.0), 0.3, 0.0, 3),
    "not symmetric": (rx.MatrixGame.common_payoff(matching(2.0).payoffs[0] + np.arange(8).reshape(2, 2, 2) / 50), 1.0,
                      1.0, None),
    "two players": (rx.games.climbing(), 1.0, 1.0, 1),
    "one player": (rx.MatrixGame([[1.0, 2.0]]), 1.0, 1.0, 1),
    "no payoffs": (rx.MatrixGame(np.zeros((3, 2, 2, 2))), 1.0, 1.0, 1),
}  # fmt: skip


def check_number(name):
    game, alpha, beta, number = NUMBERS[name]
    found = exhaustive(game, alpha, beta, max_boxes=20_000)
    assert found.complete and found.count == len(found.points)
    assert number in (None, found.count)
    assert sum(proof.index for proof in found.points) == 1  # the index theorem
    for proof in found.points:
        start = inner(proof.log_ratios_lower)
        exact = truth(SimpleNamespace(game=game, alpha=alpha, beta=beta), start) if start else []
        for low, x, high in zip(
            inner(proof.log_ratios_lower), exact, inner(proof.log_ratios_upper), strict=True
        ):
            assert low <= x + mpf(10) ** -50 and x - mpf(10) ** -50 <= high
    population = Population.of(game, alpha, beta)
    if start:  # whatever a search finds is one of them
        for y in search(population, 32, np.random.default_rng(1), np.empty((0, len(start))))[0]:
            assert any(
                np.abs(np.array(inner(proof.log_ratios_lower)) - y).max() < 1e-6 for proof in found.points
            )
    return found


@pytest.mark.parametrize("name", NUMBERS)
def test_how_many_there_are(name):
    check_number(name)


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(first, marks=pytest.mark.slow) for first in (10, 20, 30, 40, 50))]
)
def test_random_games_are_settled(first):
    for seed in range(first, first + 10):
        rng = np.random.default_rng(seed)
        common = seed % 2
        payoffs = rng.uniform(size=(2, 2, 2) if common else (3, 2, 2, 2))
        game = rx.MatrixGame.common_payoff(payoffs) if common else rx.MatrixGame(payoffs)
        alpha = float(np.ptp(payoffs)) / 3.0
        found = exhaustive(game, alpha, 1.0)
        assert found.complete and sum(proof.index for proof in found.points) == 1
        searched = rx.self_play_equilibria(game, alpha, 1.0)
        assert found.count == len(searched)


def _none_found(right, population, *args):
    return right(population, *args)[0][:0], 0


@pytest.mark.parametrize("name", ["r = 1.7", "cold", "three actions", "not symmetric"])
def test_what_the_search_misses_is_found_in_a_box(name):
    with patched((fixed_points, "search", _none_found)):
        found = check_number(name)
    assert found.count == check_number(name).count


def _of_centre(right, self, low, high):
    middle = 0.5 * (low + high)
    g_low, g_high, *_ = right(self, low, high)
    return g_low, g_high, *right(self, middle, middle)[2:]


def _answer_of_centre(right, self, low, high):
    middle = 0.5 * (low + high)
    return *right(self, middle, middle)[:2], *right(self, low, high)[2:]


def _one_corner(right, self, population):
    right(self, population)
    self.corners = [corners[:1] for corners in self.corners]


def _narrow_region(right, self, population):
    right(self, population)
    self.low, self.high = 0.3 * self.low, 0.3 * self.high


def _claims_one(right, self, low, high):
    new_low, new_high, one, weight = right(self, low, high)
    return new_low, new_high, np.ones_like(one), weight


WRONG_NUMBERS = {
    "derivatives_of_the_centre": [(Ranges, "over", _of_centre)],
    "answers_of_the_centre": [(Ranges, "over", _answer_of_centre)],
    "one_vertex": [(Ranges, "__init__", _one_corner)],
    "a_narrower_region": [(Ranges, "__init__", _narrow_region)],
    "every_box_holds_one": [(Ranges, "narrowed", _claims_one)],
    "uniqueness_everywhere": [
        (fixed_points._Known, "cover", lambda right, self, low, high: np.ones(len(low), dtype=bool))
    ],
    "payoffs_transposed": [(Round, "__init__", _other_payoffs(_misread))],
    "a_theorem_for_every_game": [(fixed_points, "one_point", lambda right, population: "so it is")],
    "half_the_factors": [(fixed_points, "one_point", lambda right, population: right(
        replace(population, alpha=tuple(2.0 * a for a in population.alpha))))],
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_NUMBERS)
def test_planted_mistakes_in_the_number_are_seen(name):
    for one in NUMBERS:
        for missed in ([], [(fixed_points, "search", _none_found)]):
            try:
                with patched(*missed, *WRONG_NUMBERS[name]):
                    check_number(one)
            except AssertionError:
                return
    pytest.fail("no game tells this from the right operator")


def test_when_boxes_run_out_nothing_is_said_of_others():
    found = exhaustive(matching(1.7), max_boxes=5)
    assert not found.complete and found.count is None and found.boxes == 5 and len(found.points) == 3
    assert "at least 3" in found.statement and "5 boxes were not enough" in found.statement
    assert "exactly 3" in exhaustive(matching(1.7)).statement


@pytest.mark.parametrize("alpha", [1e-12, 1e-300])
def test_where_floats_do_not_reach_nothing_is_said(alpha):
    found = exhaustive(matching(1e3), alpha)
    assert not found.complete and "too large for floats" in found.reason and found.boxes == 0


def test_where_two_points_are_about_to_meet_it_is_left_open():
    found = exhaustive(matching(1.0), alpha=1.0 / math.log(5.0), beta=1.0 / math.log(5.0))
    assert not found.complete and "floats do not tell" in found.reason


def test_ranges_hold_what_is_sampled_and_are_reached():
    rng = np.random.default_rng(0)
    for seed in range(40):
        one = random_case(seed)
        population = Population.of(one.game, one.alpha, one.beta)
        ranges = Ranges(population)
        low = rng.normal(size=(3, ranges.width))
        high = low + rng.uniform(size=low.shape) * 2.0
        g_low, g_high, j_low, j_high = ranges.over(low, high)
        shape = (200, *low.shape)
        corner = rng.random(shape) < 0.5
        y = np.where(rng.random(shape[:1])[:, None, None] < 0.7, np.where(corner, low, high), rng.uniform(low, high))
        play = population.play_of(y.reshape(-1, ranges.width))
        answers = population.flat(population.round(play)).reshape(shape)
        slopes = population.jacobian(play).reshape(*shape, ranges.width)
        assert ((g_low <= answers) & (answers <= g_high)).all()
        assert ((j_low <= slopes) & (slopes <= j_high)).all()
        if 1 << ranges.width <= 32:  # then most vertices were drawn
            assert (answers.min(axis=0) - g_low < 1e-10).all() and (g_high - answers.max(axis=0) < 1e-10).all()


def test_narrowing_never_loses_a_point():
    rng = np.random.default_rng(0)
    for name in CASES:
        if name == "saturated" or len(CASES[name].game.num_actions) < 2:
            continue
        ranges = Ranges(Population.of(CASES[name].game, CASES[name].alpha, CASES[name].beta))
        for k in points(name):
            size = 10.0 ** rng.uniform(-6, 1, size=(50, 1))
            low, high = k.y - size * rng.random((50, ranges.width)), k.y + size * rng.random((50, ranges.width))
            new_low, new_high, _, _ = ranges.narrowed(low, high)
            assert (new_low <= k.y + 1e-9).all() and (k.y - 1e-9 <= new_high).all()
            assert (new_low >= low).all() and (new_high <= high).all()


def test_sums_are_within_what_is_said_of_them():
    rng = np.random.default_rng(0)
    for size in (1, 2, 9, 64):
        powers = rng.normal(size=(20, size)) * 10.0 ** rng.integers(-3, 3, size=(20, 1))
        logs, shares = balls.sums(powers)
        with mp.workdps(40):
            for row, found, parts in zip(powers.tolist(), logs.tolist(), shares.tolist(), strict=True):
                bound = 2.0**-53 * (6.0 * np.abs(row).max() + 3.0 * size + 32.0)
                terms = [mp.exp(mpf(x)) for x in row]
                assert abs(found - mp.log(sum(terms))) <= bound
                assert all(abs(p - t / sum(terms)) <= bound for p, t in zip(parts, terms, strict=True))


# --- what goes in ----------------------------------------------------------------------------------------------------


def test_what_cannot_be_certified_is_refused():
    game = matching(1.0)
    point = SimpleNamespace(log_marginals=(np.zeros(2),) * 3)
    states = rx.StochasticGame(np.zeros((2, 1, 2, 2)), np.ones((1, 2, 2, 1)), 0.5)
    for function in (exhaustive, lambda game, *args: certify_point(game, point, *args)):
        with pytest.raises(InputError, match="has states"):
            function(states)
        with pytest.raises(InputError, match="game must be a MatrixGame"):
            function(7)
        with pytest.raises(InputError, match=r"alpha\[player=1\] is 0"):
            function(game, [1.0, 0.0, 1.0])
        with pytest.raises(InputError, match="beta"):
            function(game, 1.0, -1.0)
    with pytest.raises(InputError, match="must be a tuple of 3 arrays"):
        certify_point(game, SimpleNamespace(log_marginals=(np.zeros(2),) * 2))
    with pytest.raises(InputError, match="must be a tuple of 3 arrays"):
        certify_point(game, None)
    with pytest.raises(InputError, match=r"log_marginals\[1\] must have shape \(2,\)"):
        certify_point(game, SimpleNamespace(log_marginals=(np.zeros(2), np.zeros(3), np.zeros(2))))
    with pytest.raises(InputError, match=r"log_marginals\[0\]\[a=1\] is -inf"):
        certify_point(game, SimpleNamespace(log_marginals=(np.array([0.0, -INF]), np.zeros(2), np.zeros(2))))
    with pytest.raises(InputError, match="discount is 1"):
        certify_point(game, point, discount=1.0)
    with pytest.raises(InputError, match="precision is 20"):
        certify_point(game, point, precision=20)
    with pytest.raises(InputError, match="more than 8192"):
        certify_point(game, point, precision=10_000)
    with pytest.raises(InputError, match="near"):
        certify_point(game, point, near=-1.0)
    with pytest.raises(InputError, match="max_boxes"):
        exhaustive(game, max_boxes=0)
    with pytest.raises(InputError, match="too large: a box has"):
        exhaustive(rx.MatrixGame.common_payoff(np.random.default_rng(0).normal(size=(8, 8, 8))), 0.01)


def test_the_discount_changes_nothing():
    point = points("three points")[0].point
    one, two = (certify_point(matching(1.7), point, discount=discount) for discount in (None, 0.9))
    for name in ("log_ratios_lower", "marginals_upper"):
        assert all(map(np.array_equal, getattr(one, name), getattr(two, name)))


def test_a_certificate_is_frozen_and_the_precision_of_others_left_alone():
    before = flint.ctx.prec
    proof = certify_point(matching(1.7), points("three points")[0].point)
    found = exhaustive(matching(1.7))
    assert flint.ctx.prec == before
    for one, name in ((proof, "verified"), (found, "complete")):
        with pytest.raises(FrozenInstanceError):
            setattr(one, name, False)
    assert not any(x.flags.writeable for x in proof.marginals_lower + proof.log_ratios_upper)
    assert proof.width < 1e-15
    for part in ("alpha = 1.0, 1.0, 1.0", "Every other fixed point differs", "spectral radius", "det(I - J)"):
        assert part in proof.statement


def test_without_the_library_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(MissingPackageError, match=r'pip install "rommeo_exact\[certify\]"'):
        certify_point(matching(1.0), SimpleNamespace(log_marginals=(np.zeros(2),) * 3))
    with pytest.raises(MissingPackageError, match="certify"):
        exhaustive(matching(1.0))


def test_the_library_is_imported_when_it_is_needed_and_not_before():
    program = (
        "import sys, rommeo_exact.certificates.fixed_points as f; assert 'flint' not in sys.modules; "
        "import rommeo_exact as rx; f.exhaustive(rx.games.chicken()); assert 'flint' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_module_that_is_mistaken_in_the_tests_is_the_one_that_is_used():
    assert fixed_points.Ranges is boxes.Ranges and fixed_points.Round is krawczyk.Round is boxes.Round
