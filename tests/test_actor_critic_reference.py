"""The exact soft optimum and self-play of continuous games, against closed forms, brute force and matrix games."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import special

import rommeo_exact as rx
from rommeo_exact.actor_critic import (
    Density,
    quadrature,
    reference,
    self_play_continuous,
    solve_continuous,
    squashed_normal,
    truncated_normal,
)
from rommeo_exact.actor_critic.quadrature import Panels, Piecewise, integrals, resolved
from rommeo_exact.games import beauty_contest, max_of_two_quadratics, meeting_point, push

INF = math.inf


def share(part):
    return settings(max_examples=max(1, round(part * settings.default.max_examples)))


# --- games and brute force -------------------------------------------------------------------------------------------


def smooth_game(seed, low=-1.0, high=1.0):
    """Random smooth rewards, general-sum, on boxes of different sizes."""
    rng = np.random.default_rng(seed)
    terms = rng.normal(size=(2, 3, 3))
    waves = rng.normal(size=(2, 3))

    def reward(a, b):
        return tuple(
            np.polynomial.polynomial.polyval2d(a, b, c) + np.sin(w[0] + 2.0 * w[1] * a + 2.0 * w[2] * b)
            for c, w in zip(terms, waves, strict=True)
        )

    return rx.ContinuousGame(reward, [low, 1.5 * low], [high, 1.2 * high])


def hills(seed, count=3):
    """Tops, heights and curvatures of random quadratics."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, 2)), rng.normal(size=count), rng.uniform(1, 6, count)


def hills_game(seed, count=3):
    """A common payoff with kinks: the maximum of random quadratics."""
    tops, heights, steep = hills(seed, count)
    return rx.ContinuousGame(
        lambda a, b: np.max(
            [h - k * ((a - x) ** 2 + (b - y) ** 2) for (x, y), h, k in zip(tops, heights, steep, strict=True)], axis=0
        ),
        -1.0, 1.0,
    )  # fmt: skip


def tensor(game, agent, nodes=120):
    """Gauss-Legendre nodes and weights of own and other's action, and rewards (A, B)."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    ends = [(game.low[i][0], game.high[i][0]) for i in (agent, 1 - agent)]
    (a, wa), (b, wb) = [((lo + hi) / 2 + (hi - lo) / 2 * x, (hi - lo) / 2 * w) for lo, hi in ends]
    pairs = np.stack(np.meshgrid(a, b, indexing="ij"), axis=-1)
    return a, wa, b, wb, game.rewards(pairs if agent == 0 else pairs[..., ::-1])[..., agent]


def brute_force(game, agent, alpha, beta, log_prior=None):
    """V, and mean and sd of the marginal, written out once more: sums over a fine tensor grid, plain exponentials."""
    a, wa, b, wb, rewards = tensor(game, agent)
    prior = wb * (np.exp(log_prior(b)) if log_prior else 1.0)
    prior = prior / prior.sum()
    z = wa @ np.exp(rewards / alpha)
    if beta == INF:
        rho, value = prior, alpha * prior @ np.log(z)
    else:
        tilted = prior * z ** (alpha / beta)
        value, rho = beta * np.log(tilted.sum()), tilted / tilted.sum()
    marginal = wa * ((np.exp(rewards / alpha) / z) @ rho)
    mean = marginal @ a
    return value, mean, math.sqrt(marginal @ (a - mean) ** 2)


def ours(game, agent=0, alpha=1.0, beta=1.0, prior=None):
    solution = solve_continuous(game, agent, alpha, beta, prior)
    return solution.value, solution.mean, solution.sd


# --- closed forms ----------------------------------------------------------------------------------------------------


def gaussian(pull, alpha, beta):
    """c and s: pi*(a|b) is N(b/c, alpha/(2c)), exp(L(b)/beta) proportional to exp(-s b^2/2)."""
    c = 1.0 + pull
    return c, 0.0 if beta == INF else 2.0 * (c - 1.0 / c) / beta


@pytest.mark.parametrize(
    ("pull", "alpha", "beta"),
    [
        (1.0, 1.0, 1.0),
        (0.5, 2.0, 1.0),
        (2.0, 0.3, 3.0),
        pytest.param(1.0, 1e-3, 1.0, marks=pytest.mark.slow),
    ],
)
def test_the_gaussian_game_with_a_uniform_prior(pull, alpha, beta):
    half = 30.0
    c, s = gaussian(pull, alpha, beta)
    solution = solve_continuous(meeting_point(0.0, pull, half), alpha=alpha, beta=beta)
    value = alpha / 2 * math.log(math.pi * alpha / c) + beta * math.log(math.sqrt(2 * math.pi / s) / (2 * half))
    assert abs(solution.value - value) <= solution.error_bound <= 1e-10
    assert solution.opponent_model.sd == pytest.approx(s**-0.5, rel=1e-10)
    assert solution.sd == pytest.approx(math.sqrt(alpha / (2 * c) + 1 / (s * c * c)), rel=1e-10)
    assert solution.mean == pytest.approx(0.0, abs=1e-10)


def test_the_gaussian_game_with_the_model_frozen_at_the_prior():
    half, alpha, pull = 30.0, 0.5, 2.0
    c, _ = gaussian(pull, alpha, INF)
    solution = solve_continuous(meeting_point(0.0, pull, half), alpha=alpha, beta=INF)
    value = alpha / 2 * math.log(math.pi * alpha / c) - (c - 1 / c) * half**2 / 3
    assert abs(solution.value - value) <= solution.error_bound <= 1e-9
    assert solution.opponent_model.sd == pytest.approx(half / math.sqrt(3), rel=1e-12)
    assert solution.log_opponent_model([-3.0, 7.0]) == pytest.approx([-math.log(60.0)] * 2)


@pytest.mark.parametrize(("alpha", "beta", "sd"), [(1.0, 1.0, 1.0), (0.2, 3.0, 0.1), (3.0, 0.5, 2.0), (0.01, 1.0, 0.5)])
def test_the_gaussian_game_with_a_gaussian_prior(alpha, beta, sd):
    c, s = gaussian(1.0, alpha, beta)
    solution = solve_continuous(meeting_point(1.0, 1.0, 30.0), 1, alpha, beta, truncated_normal(1.0, sd))
    w = 1 / (1 / sd**2 + s)
    assert solution.opponent_model.sd == pytest.approx(math.sqrt(w), rel=1e-10)
    assert solution.sd == pytest.approx(math.sqrt(alpha / (2 * c) + w / c**2), rel=1e-10)
    value = alpha / 2 * math.log(math.pi * alpha / c) - beta / 2 * math.log1p(s * sd**2)
    assert abs(solution.value - value) <= solution.error_bound <= 1e-10
    at = np.array([0.5, 1.5]), np.array([1.25, 0.0])
    mean = 1.0 + (at[1] - 1.0) / c
    expected = -((at[0] - mean) ** 2) * c / alpha - 0.5 * math.log(math.pi * alpha / c)
    np.testing.assert_allclose(solution.log_policy(*at), expected, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize(
    ("pull", "alpha", "beta"),
    [
        (1.0, 1.0, 1.0),
        *(
            pytest.param(*x, marks=pytest.mark.slow)
            for x in [(0.3, 0.5, 2.0), (1.0, 2.0, 0.5), (1.0, 0.01, 1.0), (1.0, 1.0, INF)]
        ),
    ],
)
def test_self_play_of_the_gaussian_game(pull, alpha, beta):
    c, s = gaussian(pull, alpha, beta)
    p, q = alpha / (2 * c), 1 / c**2
    v = p / (1 - q) if s == 0 else (-(1 - p * s - q) + math.sqrt((1 - p * s - q) ** 2 + 4 * s * p)) / (2 * s)
    play = self_play_continuous(meeting_point(-2.0, pull, 30.0), alpha, beta, on_failure="return")
    for marginal, solution in zip(play.marginals, play.solutions, strict=True):
        assert marginal.mean == pytest.approx(-2.0, abs=1e-9)
        assert marginal.sd == pytest.approx(math.sqrt(v), rel=1e-9)
        expected = alpha / 2 * math.log(math.pi * alpha / c)
        expected -= (c - 1 / c) * v if beta == INF else beta / 2 * math.log1p(s * v)
        assert solution.value == pytest.approx(expected, abs=1e-9)
    assert play.error_bound < 1e-8  # rounding of logarithms of 1e5 at the ends
    # the slowest deviation is a shift of the mean: a round carries it to w/(v c) of it
    assert play.spectral_radius == pytest.approx((1 / (c * (1 + s * v))) ** 2, rel=1e-6)


@pytest.mark.parametrize("form", [pytest.param("printed", marks=pytest.mark.slow), "released"])
@pytest.mark.parametrize(
    ("alpha", "beta"),
    [(0.05, 1.0), *(pytest.param(*x, marks=pytest.mark.slow) for x in [(1e-3, 1.0), (0.1, 0.3), (0.2, 2.0)])],
)
def test_near_the_top_of_the_narrow_hill_both_are_gaussian(form, alpha, beta):
    play = self_play_continuous(max_of_two_quadratics(form), alpha, beta)
    for marginal, solution in zip(play.marginals, play.solutions, strict=True):
        model = solution.opponent_model
        assert (marginal.mean, model.mean) == pytest.approx((5.0, 5.0), abs=1e-9)
        assert marginal.sd**2 == pytest.approx(alpha / 2, rel=1e-9)
        assert model.sd**2 == pytest.approx(alpha * beta / (2 * (alpha + beta)), rel=1e-9)
        value = 10 + alpha / 2 * math.log(math.pi * alpha) - beta / 2 * math.log1p(alpha / beta)
        assert solution.value == pytest.approx(value, abs=1e-9)


# --- brute force and the matrix game ---------------------------------------------------------------------------------


SETTINGS = st.tuples(
    st.integers(0, 10**6), st.integers(0, 1), st.sampled_from([0.3, 1.0, 7.0]), st.sampled_from([0.5, 1.0, 4.0, INF])
)


@share(0.05)
@given(SETTINGS)
def test_brute_force_on_random_smooth_games(drawn):
    seed, agent, alpha, beta = drawn
    game = smooth_game(seed)
    expected = brute_force(game, agent, alpha, beta)
    np.testing.assert_allclose(ours(game, agent, alpha, beta), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 60), marks=pytest.mark.slow)])
def test_the_true_error_is_below_the_estimate_on_smooth_games(seeds):
    """Up to the rounding of what it is compared with."""
    for seed in seeds:
        game = smooth_game(seed)
        alpha, beta = (0.4, 1.0, 3.0)[seed % 3], (1.0, 0.6, INF, 20.0)[seed % 4]
        solution = solve_continuous(game, seed % 2, alpha, beta)
        true = abs(solution.value - brute_force(game, seed % 2, alpha, beta)[0])
        assert true <= solution.error_bound + 1e-13 * (1.0 + abs(solution.value)), seed


def rows_of_hills(hills, half, b):
    """Along the rows of points b (m,), a hill is tall - steep (a - x)^2: tall, steep, x, and the ends (m, k) of pieces
    of [-half, half] in which one of them is the highest."""
    (x, y), heights, steep = np.transpose(hills[0]), np.asarray(hills[1]), np.asarray(hills[2])
    tall = heights - steep * (b[:, None] - y) ** 2
    cuts = [np.full(len(b), -half), np.full(len(b), half)]
    for i, j in itertools.combinations(range(len(steep)), 2):
        two, one = steep[j] - steep[i], 2.0 * (steep[i] * x[i] - steep[j] * x[j])
        none = steep[j] * x[j] ** 2 - steep[i] * x[i] ** 2 + tall[:, i] - tall[:, j]
        square = one * one - 4.0 * two * none
        q = -0.5 * (one + np.copysign(np.sqrt(np.maximum(square, 0.0)), one))
        with np.errstate(divide="ignore", invalid="ignore"):
            roots = [q / two, none / q]
        cuts += [np.clip(np.where((square >= 0.0) & np.isfinite(r), r, half), -half, half) for r in roots]
    return tall, steep, x, np.sort(cuts, axis=0).T


def hills_level(hills, half, alpha, b):
    """L(b)/alpha of the highest of hills on [-half, half]^2, for points b (...): error functions, piece by piece."""
    tall, steep, x, ends = rows_of_hills(hills, half, b.ravel())
    middle = (ends[:, 1:] + ends[:, :-1]) / 2.0
    best = np.argmax(tall[:, None, :] - steep * (middle[..., None] - x) ** 2, axis=-1)
    root = np.sqrt(steep[best] / alpha)
    low, high = root * (ends[:, :-1] - x[best]), root * (ends[:, 1:] - x[best])
    turned = low > 0.0  # erfc keeps what erf loses in a tail
    low, high = np.where(turned, -high, low), np.where(turned, -low, high)
    area = np.where(high < 0.0, special.erfc(-high) - special.erfc(-low), special.erf(high) - special.erf(low))
    top = tall.max(axis=1)
    height = np.exp((np.take_along_axis(tall, best, axis=1) - top[:, None]) / alpha)
    masses = (height * math.sqrt(math.pi) / (2.0 * root) * area).sum(axis=1)
    return (np.log(masses) + top / alpha).reshape(b.shape)


def outer_value(level, low, high, alpha, beta, cuts=()):
    """beta log of the mean of exp(L/beta), from L/alpha (...) at points (...), and how far it may be off: twice by a
    fine Gauss rule on panels that know nothing of kinks, but are graded towards `cuts`."""
    x, w = np.polynomial.legendre.leggauss(8)

    def value(count):
        near = [c + sign * (high - low) * 2.0**-k for c in cuts for k in range(1, 46) for sign in (-1, 1)]
        edges = np.unique(np.clip([low, high, *cuts, *near], low, high))
        edges = np.concatenate(
            [np.linspace(*ends, count // (len(edges) - 1) + 2)[1:] for ends in itertools.pairwise(edges)]
        )
        edges = np.unique(np.append(low, edges))
        half = np.diff(edges)[:, None] / 2.0
        powers = level(((edges[1:] + edges[:-1]) / 2.0)[:, None] + half * x)
        if beta == INF:
            return alpha * np.sum(half * w * powers) / (high - low)
        top = powers.max()
        total = np.sum(half * w * np.exp(alpha / beta * (powers - top))) / (high - low)
        return alpha * top + beta * math.log(total)

    fine = value(12_000)
    return fine, abs(fine - value(7_777)) + 1e-14 * (1.0 + abs(fine))


def hills_value(hills, half, alpha, beta):
    """V of the highest of hills on [-half, half]^2, and how far it may be off."""
    return outer_value(lambda b: hills_level(hills, half, alpha, b), -half, half, alpha, beta)


def assert_value(solution, value, off, *, turning=False):
    """V is right within its estimate, and that is below 1e-10 in the unit of max(1, alpha); or within a tenth of it."""
    unit = max(1.0, solution.alpha)
    assert off < 1e-11
    assert solution.error_bound <= 1e-10 * unit
    assert abs(solution.value - value) <= (1e-11 * unit if turning else solution.error_bound) + off


@pytest.mark.parametrize(
    ("count", "seed"),
    [(2, 10), *(pytest.param(n, k, marks=pytest.mark.slow) for n in (2, 3, 6) for k in range(11) if (n, k) != (2, 10))],
)
def test_games_with_kinks(count, seed):
    """Pieces begin between nodes, and kinks run along the ends of panels: neither is overlooked."""
    alpha, beta = (0.1, 0.3, 1.0, 5.0)[seed % 4], (1.0, 0.5, 3.0)[seed % 3]
    solution = solve_continuous(hills_game(seed, count), 0, alpha, beta)
    assert_value(solution, *hills_value(hills(seed, count), 1.0, alpha, beta))


TWO_HILLS = {
    form: ([(-5.0, -5.0), (5.0, 5.0)], [0.0, 10.0], [0.8 / by, 1.0])
    for form, by in (("printed", 9.0), ("released", 3.0))
}


@pytest.mark.parametrize("form", ["printed", "released"])
@pytest.mark.parametrize(("alpha", "beta"), [(0.3, 1.0), (1.0, 1.0), (4.0, 2.0), (10.0, 1.0), (100.0, 1.0)])
def test_the_two_quadratics(form, alpha, beta):
    game, two = max_of_two_quadratics(form), TWO_HILLS[form]
    low = two[2][0]
    assert float(game.rewards(np.array([1.0, 2.0]))[0]) == pytest.approx(max(-low * (36 + 49), 10 - 16 - 9))
    solution = solve_continuous(game, alpha=alpha, beta=beta)
    assert_value(solution, *hills_value(two, 10.0, alpha, beta))


@pytest.mark.parametrize("form", [pytest.param("printed", marks=pytest.mark.slow), "released"])
@pytest.mark.parametrize("alpha", [1.0, *(pytest.param(x, marks=pytest.mark.slow) for x in (4.0, 10.0, 100.0))])
def test_self_play_on_two_quadratics_answers_itself(form, alpha):
    """A round, from closed forms: the integral over b is cut where the two hills are level. What a marginal is where it
    has hardly any mass is not known as well."""
    game, two = max_of_two_quadratics(form), TWO_HILLS[form]
    play = self_play_continuous(game, alpha)
    law = play.marginals[0]
    nodes, weights = np.polynomial.legendre.leggauss(8)
    a = np.linspace(-9.7, 9.9, 15)
    a = a[law.log(a) > -20.0]
    answered = []
    for one, cuts in zip(a, rows_of_hills(two, 10.0, a)[-1], strict=True):  # the hills are the same along both axes
        edges = np.union1d(np.linspace(-10.0, 10.0, 2001), cuts)
        half = np.diff(edges)[:, None] / 2.0
        b = (edges[1:] + edges[:-1])[:, None] / 2.0 + half * nodes
        reward = game.rewards(np.stack(np.broadcast_arrays(one, b), axis=-1))[..., 0]
        powers = reward / alpha + (alpha - 1.0) * hills_level(two, 10.0, alpha, b) + law.log(b)
        answered.append(np.log(np.sum(half * weights * np.exp(powers - powers.max()))) + powers.max())
    assert np.ptp(answered - law.log(a)) <= 1e-9
    for marginal in play.marginals:
        np.testing.assert_allclose(marginal.log(a), law.log(a), atol=1e-9)


RADIUS, CENTRE = 0.5, (0.031, 0.0123)
"""Of a disc that lies on no panel's ends."""


def chord(b):
    return np.sqrt(np.maximum(RADIUS**2 - (b - CENTRE[1]) ** 2, 0.0))


def beyond(a, b):
    return RADIUS**2 - (a - CENTRE[0]) ** 2 - (b - CENTRE[1]) ** 2


RIDGES = {
    # reward, log of the inner integral, and where that is not smooth
    "a ridge along the diagonal": (
        lambda a, b: -np.abs(a - b),
        lambda b, t: np.log(t * (2.0 - np.exp(-(1.0 - b) / t) - np.exp(-(1.0 + b) / t))),
        (),
    ),
    "a kink beside a panel's end, in every row": (
        lambda a, b: np.abs(a - 0.1251) + 0.0 * b,
        lambda b, t: np.log(t * (math.exp(1.1251 / t) + math.exp(0.8749 / t) - 2.0)) + 0.0 * b,
        (),
    ),
    "a kink beside an outer panel's end": (
        lambda a, b: np.abs(b - 0.1251) + 0.0 * a,
        lambda b, t: math.log(2.0) + np.abs(b - 0.1251) / t,
        (0.1251,),
    ),
    "a hill on a plain, whose foot is a circle": (
        lambda a, b: 3.0 * np.maximum(beyond(a, b), 0.0),
        lambda b, t: np.log(
            2.0
            - 2.0 * chord(b)
            + np.exp(3.0 * chord(b) ** 2 / t) * math.sqrt(math.pi * t / 3) * special.erf(chord(b) * math.sqrt(3 / t))
        ),
        (CENTRE[1] - RADIUS, CENTRE[1] + RADIUS),
    ),
    "a step across the diagonal": (
        lambda a, b: np.where(a + b > 0.3, 1.0, 0.0),
        lambda b, t: np.log(2.0 + np.clip(0.7 + b, 0.0, 2.0) * math.expm1(1.0 / t)),
        (-0.7,),
    ),
    "a corner": (
        lambda a, b: np.where((a > 0.3) & (b > 0.7), 1.0, 0.0),
        lambda b, t: np.log(2.0 + np.where(b > 0.7, 0.7 * math.expm1(1.0 / t), 0.0)),
        (0.7,),
    ),
    "a thin wedge, beside rows that see nothing of it": (
        lambda a, b: 4.0 * np.maximum(0.0, (b + 0.31) / 2.0 - np.abs(a - 0.013) / 0.02),
        lambda b, t: np.log(
            2.0 + 0.02 * (np.expm1(2.0 * np.maximum(b + 0.31, 0.0) / t) * t / 2.0 - np.maximum(b + 0.31, 0.0))
        ),
        (-0.31,),
    ),
    "two steps that cross": (
        lambda a, b: np.sign((a - 0.1 - 0.1 * b) * (a - 0.2 + 0.1 * b)),
        lambda b, t: np.log(
            (2.0 - np.abs(0.2 * b - 0.1)) * math.exp(1.0 / t) + np.abs(0.2 * b - 0.1) * math.exp(-1.0 / t)
        ),
        (0.5,),
    ),
    "a round plateau": (
        lambda a, b: np.where(beyond(a, b) > 0.0, 1.0, 0.0),
        lambda b, t: np.log(2.0 + 2.0 * chord(b) * math.expm1(1.0 / t)),
        (CENTRE[1] - RADIUS, CENTRE[1] + RADIUS),
    ),
}  # fmt: skip


TURNING = "a round plateau", "two steps that cross"


def ridge_value(name, alpha, beta):
    """The game, V, and how far V may be off."""
    reward, level, cuts = RIDGES[name]
    return rx.ContinuousGame(reward, -1.0, 1.0), *outer_value(lambda b: level(b, alpha), -1.0, 1.0, alpha, beta, cuts)


@pytest.mark.parametrize(
    ("alpha", "beta"), [(1.0, 1.0), *(pytest.param(*x, marks=pytest.mark.slow) for x in [(0.1, 0.5), (5.0, INF)])]
)
@pytest.mark.parametrize("name", RIDGES)
def test_kinks_and_jumps(name, alpha, beta):
    """Where jumps turn or cross, and the way between them becomes as short as one likes, the estimate is too low."""
    game, value, off = ridge_value(name, alpha, beta)
    assert_value(solve_continuous(game, 0, alpha, beta), value, off, turning=name in TURNING)


def each_row_by_itself(*args, **options):
    """What one row finds is not told to its neighbours, nor handed down."""
    found = integrals(*args, **{**options, "neighbours": 1, "told": quadrature.NOTHING})
    return found._replace(halved=np.zeros((args[1] // options.get("neighbours", 1), 0), dtype=int))


@pytest.mark.parametrize(
    "name",
    ["a thin wedge, beside rows that see nothing of it", *(pytest.param(x, marks=pytest.mark.slow) for x in TURNING)],
)
def test_the_checks_of_kinks_reject_rows_that_keep_to_themselves(monkeypatch, name):
    monkeypatch.setattr(reference, "integrals", each_row_by_itself)
    game, value, off = ridge_value(name, 1.0, 1.0)
    with pytest.raises(AssertionError):
        assert_value(solve_continuous(game), value, off, turning=name in TURNING)


def test_the_checks_of_kinks_reject_panels_that_are_not_told_what_those_beside_see(monkeypatch):
    monkeypatch.setattr(quadrature, "_beside", lambda halved: halved)
    game, value, off = ridge_value("a thin wedge, beside rows that see nothing of it", 1.0, 1.0)
    with pytest.raises(AssertionError):
        assert_value(solve_continuous(game), value, off)


@pytest.mark.parametrize("name", ["a kink beside a panel's end, in every row", "a kink beside an outer panel's end"])
def test_the_checks_of_kinks_reject_panels_that_do_not_look_at_their_ends(monkeypatch, name):
    monkeypatch.setattr(quadrature, "ENDS", quadrature.X[[0, -1]])
    monkeypatch.setattr(quadrature, "AT_ENDS", np.eye(quadrature.NODES)[[0, -1]])
    game, value, off = ridge_value(name, 1.0, 1.0)
    with pytest.raises(AssertionError):
        assert_value(solve_continuous(game), value, off)


def test_the_discretised_problem_is_a_matrix_game():
    """Own weights are part of Q, those of the other of the prior."""
    game, alpha, beta = smooth_game(5), 0.7, 1.3
    a, wa, b, wb, rewards = tensor(game, 1, 40)
    matrix = rx.MatrixGame(np.stack([rewards + alpha * np.log(wa)[:, None]] * 2))
    found = rx.solve(matrix, 0, alpha, beta, wb / wb.sum(), discount=0.0)
    solution = solve_continuous(game, 1, alpha, beta)
    assert solution.value == pytest.approx(float(found.value[0]), abs=1e-10)
    np.testing.assert_allclose(solution.marginal(a) * wa, found.marginal_policy[0], atol=1e-11)
    np.testing.assert_allclose(np.exp(solution.log_opponent_model(b)) * wb, found.opponent_model[0], atol=1e-11)
    policy = np.exp(solution.log_policy(a[:, None], b)) * wa[:, None]
    np.testing.assert_allclose(policy, found.policy[0], atol=1e-11)


@pytest.mark.parametrize(
    ("seed", "alpha", "beta"),
    [
        (1, 1.0, 1.0),
        *(pytest.param(*x, marks=pytest.mark.slow) for x in [(2, (0.5, 2.0), (1.0, 0.7)), (3, 0.3, INF)]),
    ],
)
def test_self_play_of_the_discretised_game(seed, alpha, beta):
    game = smooth_game(seed)
    play = self_play_continuous(game, alpha, beta)
    alphas = np.broadcast_to(alpha, 2)
    a, wa, b, wb, first = tensor(game, 0, 40)
    second = tensor(game, 1, 40)[4].T
    payoffs = [first + alphas[0] * np.log(wa)[:, None], second + alphas[1] * np.log(wb)]
    point = rx.self_play_equilibria(rx.MatrixGame(np.stack(payoffs)), alpha, beta).points[0]
    np.testing.assert_allclose(play.marginals[0](a) * wa, point.marginals[0], atol=1e-10)
    np.testing.assert_allclose(play.marginals[1](b) * wb, point.marginals[1], atol=1e-10)
    np.testing.assert_allclose(play.values, point.values, atol=1e-9)
    path = self_play_continuous(game, alpha, beta, rounds=3)
    found = rx.self_play(rx.MatrixGame(np.stack(payoffs)), alpha, beta, prior=[wb / wb.sum(), wa / wa.sum()], rounds=3)
    for k, (one, two) in enumerate(path.path):
        np.testing.assert_allclose(one(a) * wa, found.marginals[0][k], atol=1e-10)
        np.testing.assert_allclose(two(b) * wb, found.marginals[1][k], atol=1e-10)


# --- planted errors --------------------------------------------------------------------------------------------------


def dropped_temperature(game, agent=0, alpha=1.0, beta=1.0, prior=None):
    return ours(game, agent, 1.0, beta, prior)


def transposed_reward(game, agent=0, alpha=1.0, beta=1.0, prior=None):
    other = rx.ContinuousGame(lambda a, b: game.reward(b, a), game.low, game.high)
    return ours(other, agent, alpha, beta, prior)


def missing_weights(game, agent=0, alpha=1.0, beta=1.0, prior=None):
    """Nodes for weights: what a softmax over nodes of a quadrature rule does."""
    a, _, _, _, rewards = tensor(game, agent)
    solution = rx.solve(rx.MatrixGame(np.stack([rewards] * 2)), 0, alpha, beta, discount=0.0)
    marginal = solution.marginal_policy[0]
    mean = marginal @ a
    return float(solution.value[0]), mean, math.sqrt(marginal @ (a - mean) ** 2)


def swapped_weights(game, agent=0, alpha=1.0, beta=1.0, prior=None):
    return ours(game, agent, beta, alpha, prior)


def other_agent(game, agent=0, alpha=1.0, beta=1.0, prior=None):
    return ours(game, 1 - agent, alpha, beta, prior)


def prior_ignored(game, agent=0, alpha=1.0, beta=1.0, prior=None):
    return ours(game, agent, alpha, beta)


def check(operator):
    prior = truncated_normal(0.3, 0.5)
    for seed in range(3):
        game = smooth_game(seed)
        expected = brute_force(game, seed % 2, 0.5, 2.0, prior)
        np.testing.assert_allclose(operator(game, seed % 2, 0.5, 2.0, prior), expected, rtol=1e-9, atol=1e-9)


def test_the_check_holds_and_rejects_planted_errors():
    check(ours)
    for wrong in (dropped_temperature, transposed_reward, missing_weights, swapped_weights, other_agent, prior_ignored):
        with pytest.raises(AssertionError):
            check(wrong)


# --- invariances and limits ------------------------------------------------------------------------------------------


@share(0.02)
@given(SETTINGS, st.floats(-50, 50), st.floats(0.1, 10))
def test_shifts_scales_and_exchanged_players(drawn, shift, scale):
    seed, agent, alpha, beta = drawn
    game = smooth_game(seed)
    value, mean, sd = ours(game, agent, alpha, beta)

    def near(game, agent, alpha, beta, expected):
        np.testing.assert_allclose(ours(game, agent, alpha, beta), (expected, mean, sd), rtol=1e-9, atol=1e-9)

    shifted = rx.ContinuousGame(lambda a, b: [r + shift for r in game.reward(a, b)], game.low, game.high)
    near(shifted, agent, alpha, beta, value + shift)
    scaled = rx.ContinuousGame(lambda a, b: [scale * r for r in game.reward(a, b)], game.low, game.high)
    near(scaled, agent, scale * alpha, scale * beta, scale * value)
    exchanged = rx.ContinuousGame(lambda b, a: game.reward(a, b)[::-1], game.low[::-1], game.high[::-1])
    near(exchanged, 1 - agent, alpha, beta, value)


def test_the_actions_unit_moves_the_value_only():
    """With a = h x, densities of x are h times those of a: V falls by alpha log h, and the law of a is the same."""
    game, h, alpha = max_of_two_quadratics(), 10.0, 0.5
    unit = rx.ContinuousGame(lambda x, y: game.reward(h * x, h * y), -1.0, 1.0)
    one, two = solve_continuous(game, alpha=alpha), solve_continuous(unit, alpha=alpha)
    assert two.value == pytest.approx(one.value - alpha * math.log(h), abs=1e-10)
    assert two.mean == pytest.approx(one.mean / h, abs=1e-10)
    assert two.marginal(0.48) == pytest.approx(h * one.marginal(4.8), rel=1e-8)


def test_squashing_leaves_the_law_alone_where_the_jacobian_is_kept():
    """A prior that is squashed, and the same one written in u: V is the same."""
    game = smooth_game(3)
    low, high = float(game.low[1][0]), float(game.high[1][0])
    solution = solve_continuous(game, alpha=0.5, prior=squashed_normal(0.2, 0.7, low, high))
    a, wa = tensor(game, 0)[:2]
    u, w = np.polynomial.hermite_e.hermegauss(120)
    b = (low + high) / 2 + (high - low) / 2 * np.tanh(0.2 + 0.7 * u)
    rewards = game.rewards(np.stack(np.meshgrid(a, b, indexing="ij"), axis=-1))[..., 0]
    level = 0.5 * np.log(wa @ np.exp(rewards / 0.5))
    assert solution.value == pytest.approx(math.log(w @ np.exp(level) / w.sum()), abs=1e-8)


@pytest.mark.parametrize(
    ("game", "alpha"), [(meeting_point(), 1e4), pytest.param(max_of_two_quadratics(), 1e3, marks=pytest.mark.slow)]
)
def test_high_temperatures_are_uniform(game, alpha):
    hot = solve_continuous(game, alpha=alpha)
    assert hot.sd == pytest.approx(20 / math.sqrt(12), rel=0.01)
    assert hot.marginal.total_variation(lambda x: np.full(np.shape(x), 0.05)) < 0.01


@pytest.mark.slow
def test_low_temperatures_take_the_best():
    cold = self_play_continuous(max_of_two_quadratics(), 1e-3)
    assert cold.mass((4.8, 5.2), (4.8, 5.2)) == pytest.approx(1.0, abs=1e-9)


def test_discount_repeats_the_value_and_changes_no_play():
    game = smooth_game(8)
    once, forever = solve_continuous(game), solve_continuous(game, discount=0.9)
    assert forever.value == pytest.approx(10 * once.value, abs=1e-9)
    assert forever.mean == once.mean
    plays = [self_play_continuous(meeting_point(), discount=discount) for discount in (0.0, 0.5)]
    assert plays[1].values[0] == pytest.approx(2 * plays[0].values[0])


@pytest.mark.parametrize("beta", [0.5, INF])
def test_a_jump_in_the_reward(beta):
    """R = 1 where a > 1/3, else 0, on [0, 1]: Z = 1/3 + 2 e/3."""
    game = rx.ContinuousGame(lambda a, b: np.where(a > 1 / 3, 1.0, 0.0) + 0.0 * b, 0.0, 1.0)
    solution = solve_continuous(game, beta=beta)
    z = 1 / 3 + 2 * math.e / 3
    assert abs(solution.value - math.log(z)) <= solution.error_bound <= 1e-10
    assert solution.mass(0.0, 1 / 3) == pytest.approx(1 / (3 * z), abs=1e-10)


# --- what results say ------------------------------------------------------------------------------------------------


def test_densities_masses_and_distances():
    solution = solve_continuous(max_of_two_quadratics(), alpha=2.0)
    marginal, model = solution.marginal, solution.opponent_model
    for law in (marginal, model):
        assert law.weights @ law.values == pytest.approx(1.0, abs=1e-10)
        assert law.mass(-20, 20) == pytest.approx(1.0, abs=1e-10)
        assert law.mass(-10, 1.23) + law.mass(1.23, 10) == pytest.approx(1.0, abs=1e-10)
        assert law.mass(11, 12) == 0.0 and law(11.0) == 0.0 and law.log(-11.0) == -INF
        assert law.total_variation(law) == pytest.approx(0.0, abs=1e-9)
    assert marginal.weights.sum() == pytest.approx(20.0)
    assert solution.policy.shape == (len(solution.nodes), len(solution.opponent_nodes))
    mixed = solution.policy @ (model.weights * model.values)
    np.testing.assert_allclose(mixed, marginal.values, rtol=1e-7, atol=1e-7)
    assert solution.joint_mass((-10, 10), (-10, 10)) == pytest.approx(1.0, abs=1e-9)
    assert solution.joint_mass((4, 6), (-10, 10)) == pytest.approx(solution.mass(4, 6), abs=1e-9)
    assert solution.joint_mass((-10, 10), (4, 6)) == pytest.approx(model.mass(4, 6), abs=1e-9)
    assert solution.joint_mass((11, 12), (4, 6)) == 0.0
    # of two Gaussians with one sd, the total variation is erf(difference / (2 sqrt(2) sd))
    one, two = (
        solve_continuous(meeting_point(t, 1.0, 30.0), prior=truncated_normal(t, 1.0)).marginal for t in (0.0, 0.5)
    )
    assert one.total_variation(two) == pytest.approx(math.erf(0.5 / (2 * math.sqrt(2) * one.sd)), abs=1e-9)
    rng = np.random.default_rng(0)
    samples = rng.choice(marginal.nodes, 40_000, p=marginal.weights * marginal.values)
    assert solution.total_variation(samples) < 0.1 < solution.total_variation(-samples)


def test_a_joint_mass_where_the_policy_moves_and_the_model_is_flat():
    """rho uniform, pi*(a|b) a Gaussian around b/2 narrower than the panels on which rho is known."""
    solution = solve_continuous(meeting_point(), alpha=1e-3, beta=INF)
    for own in (0.1, 0.3), (3.0, 3.01):
        assert solution.joint_mass(own, (-10, 10)) == pytest.approx(solution.mass(*own), abs=1e-10)
    assert solution.joint_mass((-10, 10), (3.0, 3.01)) == pytest.approx(0.01 / 20, abs=1e-10)


def test_the_distance_of_a_broad_law_to_a_narrow_one_is_the_same_both_ways():
    broad, narrow = (
        solve_continuous(meeting_point(0.123, 1.0, 30.0), prior=truncated_normal(0.123, sd), alpha=alpha).marginal
        for sd, alpha in ((1e3, 1e3), (1e-3, 1e-6))
    )
    assert narrow.sd < 1e-3
    assert broad.total_variation(narrow) == pytest.approx(narrow.total_variation(broad), abs=1e-9)
    assert broad.total_variation(narrow) > 0.999


def test_a_prior_may_write_into_its_argument():
    def uniform(b):
        b *= 0.0
        return b

    one, two = (solve_continuous(meeting_point(), prior=prior) for prior in (uniform, None))
    assert (one.value, one.opponent_model.sd) == pytest.approx((two.value, two.opponent_model.sd), abs=1e-12)


def test_true_is_agent_one():
    game = smooth_game(0)
    assert solve_continuous(game, True).value == solve_continuous(game, 1).value


def test_results_are_frozen():
    solution = solve_continuous(meeting_point())
    for array in (solution.nodes, solution.marginal.values, solution.policy):
        with pytest.raises(ValueError):
            array[0] = 1.0
    with pytest.raises(AttributeError):
        solution.value = 0.0


def test_what_is_infinite_at_an_end_is_not_asked_there():
    """A prior like (1 - b)^-0.1, and R = log(1 - a), for which Z is the integral of (1 - a)^(1/alpha)."""
    game = rx.ContinuousGame(lambda a, b: np.log1p(-a) + 0.0 * b, 0.0, 1.0)
    solution = solve_continuous(game, alpha=3.0, prior=lambda b: -0.1 * np.log(1.0 - b))
    assert abs(solution.value + 3.0 * math.log(4.0 / 3.0)) <= solution.error_bound <= 1e-10
    assert solution.log_policy([], []).shape == solution.log_opponent_model([]).shape == (0,)


def test_panels_and_polynomials():
    panels = Panels(np.array([-1.0, 0.0, 2.0]))
    assert panels.weights @ panels.nodes**9 == pytest.approx((2**10 - 1) / 10)
    cubic = Piecewise(panels, panels.nodes**3)
    np.testing.assert_allclose(cubic([-1.0, 0.3, 2.0]), [-1.0, 0.027, 8.0], atol=1e-14)
    found = integrals(lambda row, x: -((x - 0.1 * row[:, None]) ** 2) * 1e8, 3, np.linspace(-5, 5, 9), 1e-12)
    np.testing.assert_allclose(found.log_value, 0.5 * math.log(math.pi / 1e8), atol=1e-10)

    def kinked(x, told):
        return np.abs(x), np.zeros_like(x), np.zeros_like(x), np.zeros((len(x), 0), dtype=int)

    kept = resolved(kinked, np.array([-1.0, 2.0]), 1e-10)
    assert kept.miss < 1e-8 and Piecewise(kept.panels, kept.values)(0.5) == pytest.approx(0.5)


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda g: solve_continuous(rx.games.climbing()), "game must be a ContinuousGame"),
        (lambda g: solve_continuous(beauty_contest(3)), "3 players"),
        (lambda g: solve_continuous(push()), "has states"),
        (lambda g: solve_continuous(rx.ContinuousGame(lambda a, b: a[..., 0], [[0, 0], 0], [[1, 1], 1])), "2 numbers"),
        (lambda g: solve_continuous(g, agent=2), "agent is 2"),
        (lambda g: solve_continuous(g, alpha=0.0), "alpha is 0"),
        (lambda g: solve_continuous(g, alpha=-1.0), "alpha is -1"),
        (lambda g: solve_continuous(g, beta=0.0), "beta is 0"),
        (lambda g: solve_continuous(g, alpha=[1.0, 2.0]), "alpha must be a number"),
        (lambda g: solve_continuous(g, discount=1.0), "discount is 1"),
        (lambda g: solve_continuous(g, tol=0.0), "tol is 0"),
        (lambda g: solve_continuous(g, on_failure="x"), "on_failure"),
        (lambda g: solve_continuous(g, prior=[0.5, 0.5]), "prior must be None, a Density or a function"),
        (lambda g: solve_continuous(g, prior=lambda b: 1.0), "prior returned shape"),
        (lambda g: solve_continuous(g, prior=lambda b: b * np.nan), "prior is nan at b = "),
        (lambda g: solve_continuous(g, prior=lambda b: b * 1j), "prior does not work on arrays: complex"),
        (lambda g: solve_continuous(g, prior=lambda b: b * 0 - np.inf), "prior has no mass"),
        (lambda g: solve_continuous(smooth_game(0), prior=solve_continuous(g).marginal), "prior is on"),
        (lambda g: solve_continuous(g).log_policy(0.0, 40.0), "b = 40 is outside"),
        (lambda g: solve_continuous(g).mass(1.0, 0.0), "low = 1 is above high = 0"),
        (lambda g: solve_continuous(g).joint_mass((1.0, 0.0), (0.0, 1.0)), "own: low = 1 is above own: high = 0"),
        (lambda g: solve_continuous(g).joint_mass((0.0, 1.0), (0.0, math.nan)), "other: high is nan"),
        (lambda g: solve_continuous(g).total_variation([0.0, 99.0]), r"other\[1\] = 99"),
        (lambda g: solve_continuous(g).total_variation(truncated_normal(0.0, 1.0)), "densities >= 0"),
        (lambda g: solve_continuous(g).total_variation(lambda x: 7.0 + 0.0 * x), "other has an integral of 140 on"),
        (lambda g: solve_continuous(g).total_variation(solve_continuous(smooth_game(0)).marginal), "other is on"),
        (lambda g: self_play_continuous(g, alpha=(1.0, 0.0)), r"alpha\[player=1\] is 0"),
        (lambda g: self_play_continuous(g, beta=(1.0, 1.0, 1.0)), "beta must be a number or a pair"),
        (lambda g: self_play_continuous(g, alpha=[1.0, [2.0, 3.0]]), r"alpha\[player=1\]"),
        (lambda g: self_play_continuous(g, prior=(None, None)), "depends on none"),
        (lambda g: self_play_continuous(g, prior=3, rounds=1), "pair"),
        (lambda g: self_play_continuous(g, prior=(None, lambda b: b * np.nan), rounds=1), r"prior\[player=1\] is nan"),
        (lambda g: self_play_continuous(g, rounds=-1), "rounds"),
        (lambda g: truncated_normal(0.0, 0.0), "sd is 0"),
        (lambda g: squashed_normal(0.0, 1.0, 1.0, 1.0), "not below high"),
    ],
)
def test_errors_name_the_place(call, words):
    with pytest.raises(rx.InputError, match=words):
        call(meeting_point())


def test_what_is_not_reached_is_said():
    game = max_of_two_quadratics()
    with pytest.raises(rx.ConvergenceError) as caught:
        solve_continuous(game, alpha=2.0, tol=1e-15)
    assert caught.value.solution.error_bound > 1e-15 and not caught.value.solution.converged
    assert isinstance(caught.value.solution.marginal, Density)
