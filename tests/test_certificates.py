"""Certificates: an independent computation at fifty digits lies inside, and what is wrong is never certified."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from functools import cache
from types import SimpleNamespace
from unittest import mock

import numpy as np
import oracle
import planted
import pytest
from hypothesis import assume, given, strategies as st
from mpmath import mp, mpf
from planted import share, theorem
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import certificates, cli, strategies
from rommeo_exact.certificates import balls, text
from rommeo_exact.certificates.balls import Equation
from rommeo_exact.errors import CertificateError, FileFormatError, InputError, MissingPackageError

flint = pytest.importorskip("flint")
arb = flint.arb

INF = math.inf
EPS = float(np.finfo(np.float64).eps)
BOUNDS = ("value", "q", "policy", "opponent_model")


# --- games, and what is known of them --------------------------------------------------------------------------------


def random_problem(seed, *, off=True):
    """A small game with its prior and weights: sparse or dense, with terminal states, zeros and rows that are off."""
    rng = np.random.default_rng(seed)
    states, own, joint = (int(n) for n in rng.integers(1, 4, size=3))
    rewards = rng.normal(size=(states, own, joint)) * 10.0 ** rng.integers(-3, 4)
    rows = rng.dirichlet(np.ones(states), size=(states, own, joint))
    prior = rng.dirichlet(np.ones(joint), size=states)
    if rng.random() < 0.3:
        rows = with_zeros(rng, rows)
    if rng.random() < 0.3:
        prior = with_zeros(rng, prior)
    if off and rng.random() < 0.5:
        rows = rows * (1.0 + rng.uniform(-9e-9, 9e-9, size=(states, own, joint, 1)))
        prior = prior * (1.0 + rng.uniform(-9e-9, 9e-9, size=(states, 1)))
    terminal = rng.random(states) < 0.3 if rng.random() < 0.3 else None
    if rng.random() < 0.3:
        rows = sparse.csr_array(rows.reshape(-1, states))
    view = rx.View(rewards, rows, float(rng.choice([0.0, 0.5, 0.9, 0.99])), terminal)
    alpha = float(rng.choice([0.0, 1e-6, 0.3, 1.0, 10.0]))
    return SimpleNamespace(view=view, prior=prior, alpha=alpha, beta=float(rng.choice([0.0, 0.3, 1.0, 10.0, INF])))


def with_zeros(rng, rows):
    kept = rows * (rng.random(rows.shape) < 0.6)
    kept[kept.sum(axis=-1) == 0.0] = 1.0
    return kept / kept.sum(axis=-1, keepdims=True)


def solved(problem, **options):
    return rx.solve(problem.view, alpha=problem.alpha, beta=problem.beta, prior=problem.prior, **options)


def certified(problem, **options):
    return rx.certify(problem.view, solved(problem), **options)


def truth(problem, digits=oracle.DIGITS):
    """The optimum at fifty digits, or more where alpha and beta are so far apart that its rows need them."""
    with mp.workdps(digits):
        return _truth(problem)


def _truth(problem):
    given = oracle.read(problem.view)
    prior = np.full(problem.view.shape[::2], 1 / problem.view.shape[2]) if problem.prior is None else problem.prior
    prior = np.broadcast_to(prior, problem.view.shape[::2])
    return oracle.solve(given, oracle.distributions(prior), problem.alpha, problem.beta)


def flat(values):
    return [x for entry in values for x in flat(entry)] if isinstance(values, list) else [values]


def assert_contains(certificate, optimum, names=BOUNDS):
    """Every number of the optimum lies inside, but for the error that the fifty digits have themselves."""
    for name in names:
        low, high = (getattr(certificate, f"{name}_{end}").ravel().tolist() for end in ("lower", "upper"))
        for a, x, b in zip(low, flat(getattr(optimum, name)), high, strict=True):
            slack = optimum.error + mpf(10) ** -28 if name in BOUNDS[2:] else optimum.error + abs(x) * mpf(10) ** -40
            assert a <= x + slack, (name, a, x)
            assert x - slack <= b, (name, x, b)


def assert_tight(certificate, ulps=2):
    """V* is known to a few units in the last place of its largest entry."""
    largest = max(abs(certificate.value_lower).max(), abs(certificate.value_upper).max())
    assert certificate.width <= ulps * EPS * largest


@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_fifty_digits_lie_inside(first):
    for seed in range(first, first + 100):
        problem = random_problem(seed)
        certificate = certified(problem)
        assert certificate.verified
        assert_tight(certificate)
        assert_contains(certificate, truth(problem))


def test_the_random_games_have_every_feature():
    problems = [random_problem(seed) for seed in range(1000)]
    views = [problem.view for problem in problems]
    assert {view.shape for view in views} == {(s, a, b) for s in (1, 2, 3) for a in (1, 2, 3) for b in (1, 2, 3)}
    assert 50 < sum(view.terminal.any() for view in views) < 950
    assert 50 < sum(sparse.issparse(view.transitions) for view in views) < 950
    assert 50 < sum(view.row_defect > 1e-9 for view in views) < 950
    assert 50 < sum((problem.prior == 0.0).any() for problem in problems) < 950
    assert {problem.alpha for problem in problems} == {0.0, 1e-6, 0.3, 1.0, 10.0}


# --- corners ---------------------------------------------------------------------------------------------------------


def corner(
    states=3, own=3, joint=2, *, scale=1.0, off=0.0, discount=0.9, terminal=None, alpha=1.0, beta=1.0, prior=None
):
    rng = np.random.default_rng(5)
    rows = rng.dirichlet(np.ones(states), size=(states, own, joint)) * (1.0 + off)
    view = rx.View(scale * rng.normal(size=(states, own, joint)), rows, discount, terminal)
    return SimpleNamespace(view=view, prior=prior, alpha=alpha, beta=beta)


CORNERS = {
    **{f"alpha={alpha:g}, beta={beta:g}": corner(alpha=alpha, beta=beta)
       for alpha in (0.0, 1e-12, 1.0, 1e12) for beta in (0.0, 1e-12, 1.0, 1e12, INF)},
    "alpha near the least of the floats": corner(alpha=1e-300, beta=1e12),
    "alpha near the greatest, beta near the least": corner(alpha=1e290, beta=1e-300),
    "a prior with zeros": corner(prior=[0.0, 1.0]),
    "a prior with a zero, beta=0": corner(prior=[0.0, 1.0], beta=0.0),
    "a prior of 1e-300": corner(prior=[1e-300, 1.0], beta=1e-3),
    "terminal states": corner(terminal=[1]),
    "terminal states, hard": corner(terminal=[1], alpha=0.0, beta=0.0),
    "terminal states, discount 0.999": corner(terminal=[1], discount=0.999, beta=INF),
    "only terminal states": corner(terminal=[0, 1, 2]),
    "one state": corner(states=1),
    "one state, hard": corner(states=1, alpha=0.0, beta=0.0),
    "one action": corner(own=1),
    "one action of the others": corner(joint=1),
    "one of all": corner(states=1, own=1, joint=1),
    "no discount": corner(discount=0.0),
    "discount 0.99999": corner(discount=0.99999),
    "payoffs of 1e295": corner(scale=1e295, alpha=1.0),
    "payoffs of 1e-300": corner(scale=1e-300),
    "payoffs of 0": corner(scale=0.0, alpha=0.5),
    "payoffs of 0, hard": corner(scale=0.0, alpha=0.0, beta=INF, states=1),
    "payoffs of 0, one action": corner(scale=0.0, own=1, joint=3),
    "payoffs of 0, hard, beta=1e12": corner(scale=0.0, alpha=0.0, joint=3, beta=1e12, terminal=[1]),
    "payoffs of 0, hard, beta=inf": corner(scale=0.0, alpha=0.0, joint=3, beta=INF, prior=[0.1, 0.2, 0.7]),
    "payoffs of 1e6, alpha 1e-12": corner(scale=1e6, alpha=1e-12, beta=1e-12),
    "rows 9e-9 too large": corner(off=9e-9),
    "rows 9e-9 too small": corner(off=-9e-9, terminal=[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", CORNERS)
def test_corners(name):
    problem = CORNERS[name]
    certificate = certified(problem)
    assert certificate.verified
    assert_tight(certificate)
    assert_contains(certificate, truth(problem, digits=oracle.DIGITS if 1e-12 <= problem.alpha <= 1e12 else 700))
    assert certificates.check(certificate) is certificate


def test_what_is_exactly_known_has_no_width():
    for name in CORNERS:
        if name.startswith("payoffs of 0") and CORNERS[name].alpha in (0.0, 1.0):
            certificate = certified(CORNERS[name])
            assert certificate.width == 0.0 == certificate.distance


@pytest.mark.parametrize(("discount", "wide"), [(0.9, 1e-12), (0.99, 1e-12), (0.99999, 1e-12)])
@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (0.0, 0.0), (0.1, INF)])
def test_a_larger_game_is_enclosed_to_a_float(discount, wide, alpha, beta):
    rng = np.random.default_rng(2)
    view = rx.View(rng.normal(size=(30, 4, 3)), rng.dirichlet(np.ones(30), size=(30, 4, 3)), discount)
    certificate = rx.certify(view, rx.solve(view, alpha=alpha, beta=beta))
    assert certificate.verified
    assert_tight(certificate)
    assert certificate.width <= wide * abs(certificate.value).max()
    for name in ("policy", "opponent_model"):
        assert (getattr(certificate, f"{name}_upper") - getattr(certificate, f"{name}_lower")).max() <= 2 * EPS


def test_blocks_of_states_change_nothing():
    problem = corner(states=7)
    whole = certified(problem)
    with mock.patch.object(balls, "BLOCK", 50):
        parts = certified(problem)
    for name in text.ENDS:
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_sparse_and_dense_transitions_state_the_same_game():
    dense = corner(states=5, off=5e-9, terminal=[2])
    rows = sparse.csr_array(dense.view.transitions.reshape(-1, 5))
    view = rx.View(dense.view.rewards, rows, 0.9, [2])
    one, two = certified(dense), certified(SimpleNamespace(**{**vars(dense), "view": view}))
    for name in text.ENDS:
        assert np.allclose(getattr(one, name), getattr(two, name), rtol=4 * EPS, atol=0.0)


# --- ties ------------------------------------------------------------------------------------------------------------


def test_what_ties_leave_open_is_said_to_be_open():
    rewards = np.array([[[1.0], [1.0], [0.0]], [[2.0], [0.0], [0.0]]])
    view = rx.View(rewards, np.full((2, 3, 1, 2), 0.5), 0.9)
    certificate = rx.certify(view, rx.solve(view, alpha=0.0))
    assert certificate.policy_lower[0, :, 0].tolist() == [0.0, 0.0, 0.0]
    assert certificate.policy_upper[0, :, 0].tolist() == [1.0, 1.0, 0.0]
    assert certificate.policy_lower[1, :, 0].tolist() == certificate.policy_upper[1, :, 0].tolist() == [1.0, 0.0, 0.0]
    assert certificate.verified


def test_ties_that_are_known_are_shared_as_everywhere():
    game = rx.MatrixGame.bimatrix([[1.0, 1.0], [1.0, 0.0]], np.zeros((2, 2)))
    for discount in (0.0, 0.9):
        solution = rx.solve(game, alpha=0.0, beta=0.0, prior=[0.25, 0.75], discount=discount)
        certificate = rx.certify(game, solution)
        for name, one in (("policy", solution.policy), ("opponent_model", solution.opponent_model)):
            low, high = (getattr(certificate, f"{name}_{end}") for end in ("lower", "upper"))
            assert (low <= one).all() and (one <= high).all() and (high - low).max() <= EPS
    assert solution.opponent_model.tolist() == [[0.25, 0.75]]


# --- any V, and wrong ones -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sharpen", [False, True])
@pytest.mark.parametrize("size", [1e-8, 1e-3, 1.0, 1e6, 1e100])
def test_whatever_the_value_the_optimum_lies_inside(size, sharpen):
    for seed in range(0, 400, 10):
        problem = random_problem(seed)
        solution = solved(problem)
        noise = size * np.random.default_rng(seed).normal(size=solution.value.shape)
        certificate = rx.certify(problem.view, replace(solution, value=solution.value + noise), sharpen=sharpen)
        assert_contains(certificate, optimum_of(seed))
        if sharpen:
            assert_tight(certificate)


@cache
def optimum_of(seed):
    return truth(random_problem(seed))


@share(0.5)
@given(
    view=strategies.views(magnitude=10.0, max_discount=0.99),
    alpha=st.sampled_from([0.0, 1e-6, 0.5, 1.0]),
    beta=st.sampled_from([0.0, 0.5, 1.0, INF]),
    sharpen=st.booleans(),
    data=st.data(),
)
def test_a_wrong_value_is_never_verified(view, alpha, beta, sharpen, data):
    prior = data.draw(strategies.priors(view))
    state = data.draw(st.integers(0, view.shape[0] - 1))
    move = data.draw(st.sampled_from([1e-6, -1e-6]))
    solution = rx.solve(view, alpha=alpha, beta=beta, prior=prior)
    assume(solution.error_bound <= 1e-9)
    right = rx.certify(view, solution, sharpen=sharpen)
    value = solution.value.copy()
    value[state] += move
    wrong = rx.certify(view, replace(solution, value=value), sharpen=sharpen)
    assert right.verified or not sharpen  # the rounding of the value itself can be more than its own error bound
    assert not wrong.verified
    assert wrong.distance >= 0.9e-6
    for certificate in (right, wrong):  # two enclosures of one optimum meet
        for name in BOUNDS:
            assert (getattr(certificate, f"{name}_lower") <= getattr(right, f"{name}_upper")).all()
            assert (getattr(certificate, f"{name}_upper") >= getattr(right, f"{name}_lower")).all()


def test_an_error_bound_that_is_too_small_is_not_verified():
    problem = random_problem(3)
    solution = solved(problem)
    certificate = rx.certify(problem.view, solution)
    claim = certificate.distance
    assert rx.certify(problem.view, replace(solution, error_bound=claim)).verified
    assert not rx.certify(problem.view, replace(solution, error_bound=0.5 * claim)).verified
    assert claim > 0.0


def test_the_distance_bounds_the_error():
    for seed in range(20):
        problem = random_problem(seed)
        solution = solved(problem, tol=1e-2 * abs(problem.view.rewards).max())
        certificate = rx.certify(problem.view, solution)
        apart = oracle.distance([mpf(x) for x in solution.value.tolist()], optimum_of(seed).value)
        assert apart - optimum_of(seed).error <= certificate.distance <= apart + 4 * EPS * abs(solution.value).max()


def test_with_few_bits_it_is_wide_and_still_right():
    problem = random_problem(7)
    coarse, fine = certified(problem, precision=53), certified(problem)
    assert_contains(coarse, truth(problem))
    assert coarse.width >= fine.width
    hopeless = certified(corner(alpha=1e-300), precision=53)
    assert_contains(hopeless, truth(corner(alpha=1e-300)))
    assert math.isfinite(hopeless.width)


# --- planted mistakes ------------------------------------------------------------------------------------------------


def enclosures(problem):
    """A certificate from a V with all digits, and one from a V that is far off."""
    solution = solved(problem)
    far = replace(solution, value=solution.value + np.linspace(0.5, 1.0, len(solution.value)))
    return rx.certify(problem.view, solution), rx.certify(problem.view, far, sharpen=False)


def mistaken(target, name, replacement):
    """:func:`enclosures` with a method or function replaced; the replacement is given the right one first."""
    right = getattr(target, name)

    def operator(problem):
        with mock.patch.object(target, name, lambda *args, **kwargs: replacement(right, *args, **kwargs)):
            return enclosures(problem)

    return operator


def _without_total(right, self, value, alive):
    for s, triples in right(self, value, alive):
        yield s, [(product, kept, self.one) for product, kept, _ in triples]


def _undiscounted(right, self, value):
    for s, pairs in right(self, value):
        yield s, [(product / self.view.discount if self.view.discount else product, kept) for product, kept in pairs]


def _nothing_ends(right, self, value):
    for s, pairs in right(self, value):
        yield s, [(product, self.one) for product, _ in pairs]


def _prior_as_it_stands(right, self, levels, chances):
    worth, terms = right(self, levels, chances)
    total = sum(chances, self.zero)
    if self.beta == INF:
        return worth * total, terms
    return worth + self.beta * total.log(), terms


def _prior_of(change):
    def chances(right, self, s):
        with mock.patch.object(self, "prior", change(self.prior)):
            return right(self, s)

    return chances


def _rewards_misread(right, self, view, *args):
    right(self, view, *args)
    other = rx.View(planted.misread(view.rewards), view.transitions, view.discount, view.terminal)
    self.view = other


def _alpha_of_one(right, self, column):
    with mock.patch.object(self, "alpha", 1.0):
        return right(self, column)


MISTAKES = {
    "rounding_inward": mistaken(balls, "below", lambda right, ball: -right(-ball)),
    "rounding_to_nearest": mistaken(balls, "below", lambda right, ball: float(ball.mid())),
    "dense_rows_as_they_stand": mistaken(Equation, "_dense_sums", _without_total),
    "sparse_rows_as_they_stand": mistaken(Equation, "_sparse_sums", _without_total),
    "prior_as_it_stands": mistaken(Equation, "_mean", _prior_as_it_stands),
    "prior_uniform": mistaken(Equation, "chances", _prior_of(lambda prior: np.full_like(prior, 0.5))),
    "prior_reversed": mistaken(Equation, "chances", _prior_of(lambda prior: prior[:, ::-1])),
    "prior_of_another_state": mistaken(Equation, "chances", _prior_of(lambda prior: np.roll(prior, 1, axis=0))),
    "discount_dropped_from_the_backup": mistaken(Equation, "expectations", _undiscounted),
    "discount_dropped_from_the_bounds": mistaken(Equation, "_factors", lambda right, self, *args: self.zero),
    "bounds_too_near": mistaken(Equation, "_factors", lambda right, self, *args: right(self, *args) / 2),
    "wrong_side_of_the_mass": mistaken(
        Equation, "_factors", lambda right, self, backup, change, away: right(self, backup, change, not away)
    ),
    "nothing_ends": mistaken(Equation, "expectations", _nothing_ends),
    "payoffs_misread": mistaken(Equation, "__init__", _rewards_misread),
    "temperature_dropped": mistaken(Equation, "_level", _alpha_of_one),
    "least_for_greatest_change": mistaken(Equation, "changes", lambda right, *args: right(*args)[:1] * 2),
    "policies_of_the_lower_end": mistaken(
        Equation, "shares", lambda right, self, lower, upper, *rest: right(self, lower, lower, *rest)
    ),
}


@theorem(enclosures, st.integers(0, 999).map(random_problem), MISTAKES, part=0.2)
def test_fifty_digits_lie_inside_and_planted_mistakes_do_not_pass(operator, problem):
    optimum = truth(problem)
    for certificate in operator(problem):
        assert_contains(certificate, optimum)


# --- rounding --------------------------------------------------------------------------------------------------------


@share(2.0)
@given(
    mantissa=st.integers(-(2**120), 2**120),
    power=st.integers(-1300, 1100),
    radius=st.sampled_from([0, 1, 2**40]),
)
def test_floats_next_to_a_ball(mantissa, power, radius):
    ball = arb((flint.fmpz(mantissa), flint.fmpz(power)), (flint.fmpz(radius), flint.fmpz(power)))
    exact = Fraction(mantissa) * Fraction(2) ** power
    low, high = (exact + sign * radius * Fraction(2) ** power for sign in (-1, 1))
    with working(200):
        below, above = balls.below(ball), balls.above(ball)
    assert below == -INF or Fraction(below) <= low
    assert above == INF or high <= Fraction(above)
    # and not by more than a float, or than the radius that Arb rounds up to 30 bits
    loose = radius * Fraction(2) ** (power - 28)
    after, before = math.nextafter(below, INF), math.nextafter(above, -INF)
    assert after == INF or Fraction(after) > low - loose
    assert before == -INF or Fraction(before) < high + loose


def working(bits):
    return Equation(corner().view, np.full((3, 2), 0.5), 1.0, 1.0, bits).working()


def test_what_is_not_finite_has_no_bounds():
    assert [balls.below(arb(x)) for x in ("nan", "inf", "-inf")] == [-INF] * 3
    assert [balls.above(arb(x)) for x in ("nan", "inf", "-inf")] == [INF] * 3
    assert math.copysign(1.0, balls.above(arb(0))) == 1.0


def test_the_precision_of_others_is_left_alone():
    before = flint.ctx.prec
    certified(corner())
    with working(77):
        assert flint.ctx.prec == 77
    with pytest.raises(ZeroDivisionError), working(77):
        raise ZeroDivisionError
    assert flint.ctx.prec == before


# --- what goes in ----------------------------------------------------------------------------------------------------


def test_the_solution_must_be_of_this_game():
    game = rx.games.get("chicken")
    one, two = rx.MatrixGame(np.random.default_rng(0).normal(size=(2, 2, 2))), game
    solution = rx.solve(one, agent=1, discount=0.5)
    assert rx.certify(one, solution, agent=1).verified
    with pytest.raises(InputError, match=r"another game or agent: rewards\[s=0, a=0, b=0\] is"):
        rx.certify(one, solution)
    with pytest.raises(InputError, match="another game"):
        rx.certify(two, solution, agent=1)
    with pytest.raises(InputError, match=r"rewards has the shape \(1, 2, 2\), here \(1, 3, 2\)"):
        rx.certify(corner(states=1).view, solution)
    with pytest.raises(InputError, match=r"prior must have shape \(3, 2\), not \(1, 2\)"):
        rx.certify(corner().view, solution)
    with pytest.raises(InputError, match="sol must be a Solution"):
        rx.certify(one, solution.value)
    with pytest.raises(InputError, match="precision is 20"):
        rx.certify(one, solution, agent=1, precision=20)
    with pytest.raises(InputError, match="more than 16384"):
        rx.certify(one, solution, agent=1, precision=20_000)


def test_other_transitions_and_terminal_states_are_another_game():
    problem = corner()
    solution, view = solved(problem), problem.view
    for other in (
        rx.View(view.rewards, view.transitions[::-1], 0.9),
        rx.View(view.rewards, sparse.csr_array(view.transitions.reshape(-1, 3)), 0.9),
        rx.View(view.rewards, view.transitions, 0.9, [0]),
    ):
        with pytest.raises(InputError, match="another game or agent"):
            rx.certify(other, solution)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_refused(bad):
    problem = corner()
    solution = solved(problem)
    with pytest.raises(InputError, match=r"sol.value\[s=0\]"):
        rx.certify(problem.view, replace(solution, value=np.array([bad, 0.0, 0.0])))


def test_without_the_library_the_error_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(MissingPackageError, match=r'pip install "rommeo_exact\[certify\]"') as caught:
        certified(corner())
    assert isinstance(caught.value, InputError) and isinstance(caught.value, ImportError)
    assert cli.main(["certify", "climbing"]) == 2
    assert "rommeo_exact[certify]" in capsys.readouterr().err


def test_the_library_is_imported_when_it_is_needed_and_not_before():
    program = (
        "import sys, rommeo_exact as rx; assert 'rommeo_exact.certificates' not in sys.modules; rx.certify; "
        "import rommeo_exact.cli; assert 'flint' not in sys.modules; "
        "rx.certify(game := rx.games.chicken(), rx.solve(game)); assert 'flint' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_certificate_is_frozen_and_speaks():
    certificate = certified(corner(alpha=0.25, beta=INF, discount=0.75))
    with pytest.raises(FrozenInstanceError):
        certificate.verified = False
    for name in text.ENDS:
        assert not getattr(certificate, name).flags.writeable
    words = certificate.statement
    for part in ("alpha = 0.25", "beta = inf", "gamma = 0.75", "3 state(s)", "by its exact sum", "and that is within"):
        assert part in words
    assert "not shown" in replace(certificate, verified=False).statement


# --- files -----------------------------------------------------------------------------------------------------------

FILED = {
    "dense": corner(alpha=0.3),
    "sparse, with terminal states": SimpleNamespace(
        view=rx.View(
            corner().view.rewards, sparse.csr_array(corner(off=5e-9).view.transitions.reshape(-1, 3)), 0.9, [1],
            actions=["up", "d\u00f6wn", "stay"],
        ),
        prior=[0.25, 0.75], alpha=0.3, beta=INF,
    ),
}  # fmt: skip


@pytest.fixture(params=FILED)
def filed(request, tmp_path):
    path = tmp_path / "certificate.json"
    certified(FILED[request.param]).save(path)
    return path


@pytest.mark.parametrize("name", [*FILED, *(name for name in CORNERS if "only" in name or "1e295" in name)])
def test_a_file_holds_the_certificate_bit_for_bit(name, tmp_path):
    certificate = certified((FILED | CORNERS)[name])
    certificate.save(tmp_path / "one.json")
    again = certificates.load(tmp_path / "one.json")
    for key, one in vars(certificate).items():
        two = getattr(again, key)
        if isinstance(one, np.ndarray):
            assert one.tobytes() == two.tobytes() and not two.flags.writeable
        elif key == "view":
            for part in ("actions", "opponent_actions", "discount"):
                assert getattr(one, part) == getattr(two, part)
            assert np.array_equal(one.rewards, two.rewards) and np.array_equal(one.terminal, two.terminal)
            assert type(one.transitions) is type(two.transitions)
            assert abs(one.transitions - two.transitions).max() == 0.0
        else:
            assert one == two
    again.save(tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert certificates.check(tmp_path / "two.json").statement == certificate.statement


def test_a_file_is_checked_without_solving(filed):
    with (
        mock.patch.object(rx.solvers, "solve", side_effect=AssertionError),
        mock.patch.object(Equation, "sharpen", side_effect=AssertionError),
        mock.patch.object(rx.solvers, "iterate", side_effect=AssertionError),
    ):
        assert certificates.check(filed).verified


def edited(path, change, *, digest=True):
    """The file with its contents changed, and with the digest that then belongs to it."""
    contents = json.loads(path.read_text())
    change(contents)
    if digest:
        contents["digest"] = text._digest(contents)
    path.write_text(json.dumps(contents))
    return path


def nudged(keys, move):
    """A change of one number, written in hexadecimal, at the end of a path of keys."""

    def change(contents):
        *way, last = keys
        for key in way:
            contents = contents[key]
        contents[last] = move(contents[last])

    return change


def by_float(move):
    return lambda old: float(move(float.fromhex(old))).hex()


def middle_bit(mantissa, power):
    return f"{int(mantissa, 16) + 2**70:#x}p{power}"


def least_more(x):
    return math.nextafter(x, INF)


TAMPERED = {
    "a reward": nudged(["game", "rewards", 0], by_float(lambda x: x + 1e-9)),
    "a transition": nudged(["game", "transitions", "data", 0], by_float(lambda x: x + 1e-9)),
    "the discount": nudged(["game", "discount"], by_float(lambda x: x + 1e-12)),
    "a terminal state": lambda contents: (
        contents["game"].update(terminal=[0]), contents["iterate"].__setitem__(0, "0x0p+0"),
    ),
    "the prior": nudged(["prior", 0], by_float(lambda x: x + 1e-9)),
    "alpha": nudged(["alpha"], by_float(lambda x: x + 1e-9)),
    "beta": nudged(["beta"], lambda old: (2.0).hex()),
    "the iterate": nudged(["iterate", 0], lambda old: old.replace("p", "1p")),
    "a middle bit of the iterate": nudged(["iterate", 0], lambda old: middle_bit(*old.split("p"))),
    "the value": nudged(["value", 0], by_float(lambda x: x + 1e-6)),
    "the error bound": nudged(["error_bound"], by_float(lambda x: 1e-18)),
    "the distance": nudged(["distance"], by_float(lambda x: x / 2)),
    "the statement": nudged(["statement"], lambda old: old.replace("gamma", "delta")),
    **{
        f"{name}": nudged(
            ["bounds", name, 0],
            by_float(least_more if name.endswith("lower") else lambda x: math.nextafter(x, -INF)),
        )
        for name in text.ENDS
    },
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_file_is_refused(what, filed, capsys):
    """Even with a digest made to fit, the mathematics says no; without one the digest does."""
    whole = filed.read_bytes()
    refused = pytest.raises(CertificateError, match=r"certificate\.json: .*(claimed|statement)")
    if what == "the statement":
        edited(filed, TAMPERED[what])
    else:
        edited(filed, lambda contents: (TAMPERED[what](contents), restated(contents)))
    with refused:
        certificates.check(filed)
    assert cli.main(["certify", "--check", str(filed)]) == 1
    assert capsys.readouterr().err.startswith("rommeo: refused: ")
    filed.write_bytes(whole)
    with pytest.raises(CertificateError, match="digest"):
        certificates.load(edited(filed, TAMPERED[what], digest=False))
    assert cli.main(["certify", "--check", str(filed)]) == 1


def restated(contents):
    """The statement that the changed numbers ask for, so that it does not give the change away."""
    said = contents["statement"]
    try:
        contents["digest"] = text._digest(contents)
        with mock.patch.object(text, "statement", return_value=said):
            fields = text.read_text(json.dumps(contents).encode())
    except InputError:
        return
    contents["statement"] = text.statement(fields)


@pytest.mark.parametrize("key", ["precision", "verified", "digest"])
def test_what_the_digest_alone_protects(key, filed):
    values = {"precision": 500, "verified": False, "digest": "sha256:0"}
    with pytest.raises(CertificateError, match="digest"):
        certificates.load(edited(filed, lambda contents: contents.update({key: values[key]}), digest=False))


def test_verified_is_never_taken_on_trust(tmp_path):
    problem = corner()
    solution = solved(problem)
    wrong = rx.certify(problem.view, replace(solution, value=solution.value + 1e-6))
    assert not wrong.verified
    path = tmp_path / "certificate.json"
    replace(wrong, verified=True).save(path)
    with pytest.raises(CertificateError, match=r"claimed to be within .* which does not follow"):
        certificates.check(path)
    replace(wrong, verified=True, distance=1e-12).save(path)
    with pytest.raises(CertificateError, match="distance is claimed"):
        certificates.check(path)
    wrong.save(path)
    assert not certificates.check(path).verified


def test_wider_claims_hold_too():
    certificate = certified(corner())
    wider = replace(certificate, value_lower=certificate.value_lower - 1.0, policy_upper=certificate.policy_upper + 0.1)
    assert certificates.check(wider) is wider
    for name in text.ENDS:
        with pytest.raises(CertificateError, match="nan"):
            certificates.check(replace(certificate, **{name: np.full_like(getattr(certificate, name), np.nan)}))


MALFORMED = {
    "no game": (lambda c: c.pop("game"), "no entry 'game'"),
    "one entry too many": (lambda c: c.update(extra=1), "unknown entry 'extra'"),
    "another format": (lambda c: c.update(format="x"), "not a certificate"),
    "another version": (lambda c: c.update(version=2), "format version 2"),
    "a reward too few": (lambda c: c["game"]["rewards"].pop(), "game.rewards has 17 entries, not 18"),
    "a number": (lambda c: c["game"]["rewards"].__setitem__(3, 0.5), r"game.rewards\[3\] is 0.5"),
    "not a number": (lambda c: c["value"].__setitem__(0, "nan"), r"value\[0\] is 'nan'"),
    "a number too precise": (lambda c: c["value"].__setitem__(0, "0x1.00000000000001p+0"), r"value\[0\]"),
    "an infinite value": (lambda c: c["value"].__setitem__(0, "inf"), "value has entries that are not finite"),
    "a negative probability": (lambda c: c["prior"].__setitem__(0, "-0x1.0000000000000p-1"), "negative probability"),
    "a negative temperature": (lambda c: c.update(alpha="-0x1.0000000000000p+0"), "alpha is -1.0"),
    "an infinite temperature": (lambda c: c.update(alpha="inf"), "alpha is inf"),
    "a discount of 1": (lambda c: c["game"].update(discount="0x1.0000000000000p+0"), "discount is 1.0"),
    "a shape": (lambda c: c["game"].update(shape=[3, 3]), "game.shape"),
    "a state of none": (lambda c: c["game"].update(terminal=[3]), r"terminal\[0\]"),
    "a label": (lambda c: c["game"].update(actions=[1, 2, 3]), "game.actions"),
    "a list": (lambda c: c.update(prior={}), "prior is not a list"),
    "transitions of neither kind": (lambda c: c["game"]["transitions"].update(x=1), "neither dense"),
    "an iterate": (lambda c: c["iterate"].__setitem__(0, "1.5"), r"iterate\[s=0\] is '1.5'"),
    "an iterate too few": (lambda c: c["iterate"].pop(), "iterate has 2 entries, not 3"),
    "a precision": (lambda c: c.update(precision=10), "precision is 10"),
    "verified": (lambda c: c.update(verified=1), "neither true nor false"),
    "a bound": (lambda c: c["bounds"].pop("q_lower"), "bounds has no entry 'q_lower'"),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_file_is_an_error_that_says_where(what, filed, capsys):
    change, message = MALFORMED[what]
    edited(filed, change)
    with pytest.raises(FileFormatError, match=rf"certificate\.json: .*{message}"):
        certificates.load(filed)
    assert cli.main(["certify", "--check", str(filed)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"), [("indices", [9]), ("indptr", [1]), ("indptr", []), ("data", []), ("indices", [-1])]
)
def test_sparse_rows_that_do_not_fit(name, value, tmp_path):
    path = tmp_path / "certificate.json"
    certified(FILED["sparse, with terminal states"]).save(path)

    def change(contents):
        part = contents["game"]["transitions"]
        part[name] = value + part[name][1:] if value else []

    with pytest.raises(FileFormatError, match="transitions"):
        certificates.load(edited(path, change))


def test_a_terminal_state_is_worth_nothing(tmp_path):
    path = tmp_path / "certificate.json"
    certified(FILED["sparse, with terminal states"]).save(path)
    with pytest.raises(FileFormatError, match=r"iterate\[s=1\] is not 0"):
        certificates.load(edited(path, nudged(["iterate", 1], lambda old: "0x1p+0")))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"{}", b"NaN"])
def test_what_is_no_certificate(data, tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match=r"x\.json: not a certificate"):
        certificates.load(path)


def test_a_file_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(FileFormatError, match="cannot be read"):
        certificates.load(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be written"):
        certified(corner()).save(tmp_path / "no folder" / "x.json")
    with pytest.raises(InputError, match="path must be a file's name"):
        certificates.load(7)


@share(0.3)
@given(strategies.views(magnitude=1e6), st.sampled_from([0.0, 1e-3, 1.0]), st.sampled_from([0.0, 1.0, INF]), st.data())
def test_every_game_is_certified_filed_and_checked(view, alpha, beta, data):
    solution = rx.solve(view, alpha=alpha, beta=beta, prior=data.draw(strategies.priors(view)))
    certificate = rx.certify(view, solution)
    assert certificate.verified
    fields = text.read_text(text.write_text(vars(certificate)))
    assert certificates.check(certificates.Certificate(**fields)).distance == certificate.distance


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, code=0):
        assert cli.main([str(argument) for argument in arguments]) == code
        written = capsys.readouterr()
        return written.err if code == 2 else written.out

    return run


def test_certify_prints_what_it_proves(run, tmp_path):
    path = tmp_path / "climbing.json"
    page = run("certify", "climbing", "--alpha", "1", "--discount", "0.9", "--out", path)
    certificate = certificates.load(path)
    assert page.startswith("Climbing game: 2 players, 3 x 3 actions\nAgent 1 of 2: player 1")
    least, most = page.split("V* is between ")[1].split("\n")[0].split(" and ")
    assert Fraction(least) <= Fraction(float(certificate.value_lower[0])) and float(least) == certificate.value_lower[0]
    assert Fraction(most) >= Fraction(float(certificate.value_upper[0])) and float(most) == certificate.value_upper[0]
    assert "VERIFIED: the solver's value is within" in page and "NOT" not in page
    again = run("certify", "--check", path)
    assert "CHECKED: every claim of the file follows" in again and f"V* is between {least} and {most}" in again
    assert "the file exists" in run("certify", "climbing", "--out", path, code=2)
    run("certify", "climbing", "--out", path, "--force")
    assert certificates.check(path).view.discount == 0.0


def test_certify_prints_json_for_a_program(run, tmp_path):
    path = tmp_path / "meeting.json"
    printed = json.loads(run("certify", "meeting", "--beta", "inf", "--json", "--out", path))
    certificate = certificates.check(path)
    assert printed["verified"] is True and printed["beta"] == "inf" and printed["agent"] == "1"
    for name in (*text.ENDS, "value", "prior"):
        assert np.array_equal(np.array(printed[name]), getattr(certificate, name))
    for name in ("width", "distance", "error_bound", "precision", "statement"):
        assert printed[name] == getattr(certificate, name)
    checked = json.loads(run("certify", "--check", path, "--json"))
    assert checked.items() >= {key: printed[key] for key in text.ENDS}.items()


def test_a_check_says_by_its_exit_code_whether_the_value_is_proven(run, tmp_path):
    """A true certificate of a wrong value is no proof of it; one that contradicts itself is refused."""
    game = rx.games.climbing()
    solution = rx.solve(game, discount=0.9)
    right = rx.certify(game, solution)
    wrong = rx.certify(game, replace(solution, value=solution.value + 1e-6))
    right.save(tmp_path / "right.json")
    run("certify", "--check", tmp_path / "right.json")
    wrong.save(tmp_path / "wrong.json")
    assert "NOT VERIFIED" in run("certify", "--check", tmp_path / "wrong.json", code=1)
    run("certify", "--check", tmp_path / "wrong.json", "--json", code=1)
    replace(right, distance=INF).save(tmp_path / "contradiction.json")
    with pytest.raises(CertificateError, match="claimed to be within"):
        certificates.check(tmp_path / "contradiction.json")


def test_certify_lists_states_and_what_is_open(run):
    page = run("certify", "meeting", "--alpha", "0", "--beta", "0")
    assert "69 of 81 states are not shown" in page and "at least" in page
    tied = run("certify", "penalty", "--alpha", "0", "--discount", "0.5")
    assert "which ties leave open" not in tied


def test_certify_says_what_is_not_proven(run, monkeypatch):
    from rommeo_exact.cli import certify as command

    def wrong(*args, **kwargs):
        solution = rx.solve(*args, **kwargs)
        return replace(solution, value=solution.value + 1e-6)

    monkeypatch.setattr(command, "solve", wrong)
    assert "NOT VERIFIED: the solver's own bound is" in run("certify", "climbing", code=1)
    assert json.loads(run("certify", "climbing", "--json", code=1))["verified"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a GAME is required, or --check FILE.json"),
        (["climbing", "--check", "x.json"], "GAME has no place beside it"),
        (["--check", "x.json", "--alpha", "2"], "--alpha has no place beside it"),
        (["--check", "x.json", "--out", "y.json"], "--out has no place beside it"),
        (["--check", "none.json"], "cannot be read"),
        (["climbing", "--out", "x.npz"], "the name must end in .json"),
        (["climbing", "--agent", "3"], "there is no such player"),
    ],
)
def test_certify_complains_in_one_line(arguments, message, run):
    complaint = run("certify", *arguments, code=2)
    assert message in complaint and complaint.count("\n") == 1
