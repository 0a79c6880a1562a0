"""The fixed points of exact self-play: what two or more ROMMEO agents who learn together can come to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks import FloatArray, frozen, integer
from ..errors import InputError
from ..games.models import Game
from ..soft import normalised
from .perron import UNIT, log_normalised
from .rounds import Play, Population
from .search import newton, search, slowly
from .uniqueness import Contraction, contraction, error_bound, two_players

if TYPE_CHECKING:
    from ..certificates.fixed_points import PointCertificate

__all__ = ["Equilibrium", "SelfPlayEquilibria", "self_play_equilibria"]

REGULAR = 1e-9
"""Eigenvalues this near to 1, or to the unit circle, decide nothing."""

COARSE = 0.1
"""A point of which a theorem says that it is the only one, and of which no more is known, is not resolved."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """One fixed point: everyone's prior is what the others play in answer to theirs.

    All tuples have one entry per player; S is missing from the shapes in a matrix game.

    Attributes
    ----------
    priors : tuple of (S, B_i) arrays
    marginals : tuple of (S, A_i) arrays
        What everyone plays, pi(a|s) = sum_b rho(b|s) pi(a|s,b).
    policies : tuple of (S, A_i, B_i) arrays
        pi*, eq. 10.
    opponent_models : tuple of (S, B_i) arrays
        rho*, eq. 11.
    values : tuple of (S,) arrays, or of floats
        The optimum of each agent's own objective, eq. 9.
    expected_return : (n,) array
        What everyone earns where each draws from its own marginal.
    residual : float
        How far the answer to these marginals is from them, in Hilbert's metric.
    error_bound : float
        Every ratio of two probabilities of a marginal is that of a true fixed point to within a factor
        exp(error_bound), and each marginal in total variation to within tanh(error_bound / 4); inf where no theorem
        says so, and only a certificate can.
    jacobian : (N, N) array
        The derivative of a simultaneous round in log-ratios to each player's first action in each state.
    attracting : bool
        A theorem says that there is no other, and that play comes here from everywhere.
    certificate : PointCertificate or None
        With ``certify=True``, what is proven of it in ball arithmetic.
    """

    priors: tuple[FloatArray, ...]
    marginals: tuple[FloatArray, ...]
    policies: tuple[FloatArray, ...]
    opponent_models: tuple[FloatArray, ...]
    values: tuple[Any, ...]
    expected_return: FloatArray
    residual: float
    error_bound: float
    jacobian: FloatArray = field(repr=False)
    log_marginals: tuple[FloatArray, ...] = field(repr=False)
    attracting: bool = field(default=False, repr=False)
    certificate: PointCertificate | None = field(default=None, repr=False)

    @cached_property
    def eigenvalues(self) -> Any:
        """Of the derivative of a simultaneous round, largest modulus first: (N,) complex array."""
        return frozen(_eigenvalues(self.jacobian))

    @cached_property
    def alternating_radius(self) -> float:
        """By what a small distance shrinks in a round in which the players answer in turn, in the long run."""
        earlier = self._owners[:, None] > self._owners[None, :]
        rest = np.linalg.solve(np.eye(len(self.jacobian)) - self.jacobian * earlier, self.jacobian * ~earlier)
        return float(np.abs(_eigenvalues(rest)).max(initial=0.0))

    @property
    def _owners(self) -> Any:
        """Whose each coordinate is."""
        return np.repeat(np.arange(len(self.marginals)), [x.size - x.size // x.shape[-1] for x in self.marginals])

    @property
    def spectral_radius(self) -> float:
        """By what a small distance shrinks in a round of simultaneous play, in the long run."""
        return float(np.abs(self.eigenvalues).max(initial=0.0))

    @property
    def resolved(self) -> bool:
        """Whether these numbers say where the point is: not where a bound that a theorem gives exceeds 1/10.

        That is so at low temperatures, where self-play takes more rounds to forget its priors than the digits that are
        tried can tell.
        """
        return not self.attracting or self.error_bound <= COARSE

    @property
    def stable(self) -> bool | None:
        """Under simultaneous play; None where an eigenvalue is on the unit circle to rounding."""
        if self.certificate is not None and self.certificate.stable is not None:
            return self.certificate.stable
        return True if self.attracting else _below(self.spectral_radius)

    @property
    def stable_alternating(self) -> bool | None:
        """Where the players answer in turn."""
        return True if self.attracting else _below(self.alternating_radius)

    @property
    def stable_averaged(self) -> bool | None:
        """Under averaged play with small enough a step."""
        if self.attracting or (self.certificate is not None and self.certificate.stable):
            return True
        return _below(float(self.eigenvalues.real.max(initial=-1.0)))

    @property
    def largest_step(self) -> float:
        """Averaged play returns here from nearby for every step below it (at most 1 is a step); 0 where it does not."""
        if not self.stable_averaged:
            return 0.0
        gaps = 1.0 - self.eigenvalues[self.eigenvalues.real < 1.0]  # to rounding; then nothing forbids a step
        return float(np.min(2.0 * gaps.real / np.abs(gaps) ** 2, initial=2.0))

    @property
    def index(self) -> int:
        """The sign of det(I - J): 1 or -1, and 0 where the point is not regular. Over all points the sum is 1."""
        if self.certificate is not None and self.certificate.index is not None:
            return self.certificate.index
        if self.attracting:
            return 1
        return index_of(self.eigenvalues)


@dataclass(frozen=True, eq=False)
class SelfPlayEquilibria:
    """What :func:`self_play_equilibria` found, with a verdict.

    Attributes
    ----------
    points : tuple of Equilibrium
        The stable ones first, then by what the players earn together.
    unique : bool
        It is proven that there is exactly one.
    complete : bool
        It is proven that there is no other than these.
    theorem : str or None
        By which theorem; with ``certify=True`` also by which exhaustive search in rigorous arithmetic.
    contraction : (n, n) array
        By what a round shrinks Hilbert distances, at most: entry (i, j) of what j's marginal does to i's.
    attempts : int
        Starts of the search; 0 where nothing was searched for.
    """

    points: tuple[Equilibrium, ...]
    unique: bool
    complete: bool
    theorem: str | None
    contraction: FloatArray = field(repr=False)
    attempts: int
    game: Game = field(repr=False)
    alpha: tuple[float, ...]
    beta: tuple[float, ...]

    @property
    def index_sum(self) -> int:
        """Other than 1, it says that a point is missing, or that one is not regular."""
        return sum(point.index for point in self.points)

    def __iter__(self) -> Iterator[Equilibrium]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)


def self_play_equilibria(
    game: Game,
    alpha: Any = 1.0,
    beta: Any = 1.0,
    discount: float | None = None,
    *,
    starts: int | None = None,
    rng: np.random.Generator | None = None,
    certify: bool = False,
    progress: Callable[[str], None] | None = None,
) -> SelfPlayEquilibria:
    """All fixed points of exact population self-play that can be found, and whether these are all.

    Two players in one state have one, a Perron vector, with a bound on its error. Elsewhere fixed points are searched
    for with Newton's method, from the uniform play, every pure profile and `starts` more, until their indices sum to 1.

    Parameters
    ----------
    game : MatrixGame or StochasticGame
    alpha : float, or sequence of n
        Temperatures, > 0: at 0 fixed points may form continua. The smaller, the nearer to a hard maximum.
    beta : float, or sequence of n
        KL weights; 1 is the paper, inf freezes opponent models at the priors. 0 only in matrix games.
    discount : float, optional
        By default the game's own; 0 for a matrix game, whose fixed points it does not change.
    starts : int, optional
        Random plays to start from, besides the others, for the search; 64, or 8 where the game has states.
    rng : numpy.random.Generator, optional
        Draws them; seeded with 0 by default.
    certify : bool
        Prove in ball arithmetic that each point exists and is alone near by, and in small games that there are no
        others (:mod:`rommeo_exact.certificates.fixed_points`; needs python-flint, extra ``certify``). The point of
        two players is computed in as many digits as it takes, also where float64 cannot tell. Matrix games only.
    progress : callable, optional
        Told in words what is being done.

    Returns
    -------
    SelfPlayEquilibria

    Raises
    ------
    InputError

    Examples
    --------
    >>> from rommeo_exact.games import climbing
    >>> found = self_play_equilibria(climbing(), alpha=1.0, beta=1.0)
    >>> found.unique, found.points[0].marginals[0].round(4)
    (True, array([1., 0., 0.]))
    """
    population = Population.of(game, alpha, beta, discount)
    _refuse_zero("alpha", population.alpha, "there may be continua of fixed points")
    if not population.stateless:
        _refuse_zero("beta", population.beta, "values are not smooth in the priors")
    starts = (64 if population.stateless else 8) if starts is None else integer(starts, "starts", low=0)
    tell = progress or (lambda text: None)
    rng = np.random.default_rng(0) if rng is None else rng
    attempts, bounds = 0, [math.inf]
    if population.stateless and len(population.sizes) == 2:
        play, bound = two_players(population)
        plays, bounds = [play], [bound]
        theory = contraction(population, play)
    else:
        theory, plays, attempts = _searched(population, starts, rng, tell)
        bounds = [error_bound(population, play, theory) for play in plays]
    one = theory.theorem is not None
    points = [replace(point_of(population, x, bound), attracting=one) for x, bound in zip(plays, bounds, strict=True)]
    complete, theorem = one, theory.theorem
    if certify:
        tell("certifying")
        points, complete, theorem = _certified(population, points, theorem)
    points.sort(key=lambda point: (not point.stable, not point.stable_averaged, -float(point.expected_return.sum())))
    unique = complete and len(points) == 1
    return SelfPlayEquilibria(
        tuple(points), unique, complete, theorem, frozen(theory.factors), attempts, game, population.alpha,
        population.beta,
    )  # fmt: skip


def _certified(
    population: Population, points: list[Equilibrium], theorem: str | None
) -> tuple[list[Equilibrium], bool, str | None]:
    """The points with their certificates, and whether these are all: by a theorem, or because nothing else is left."""
    from ..certificates.fixed_points import certify_point, exhaustive

    game, alpha, beta = population.game, population.alpha, population.beta
    complete = theorem is not None
    proofs: list[PointCertificate] | None = None
    if not complete:
        try:
            search = exhaustive(game, alpha, beta)
        except InputError:  # too large for it: each for itself, then
            pass
        else:
            if search.complete:
                proofs, complete, theorem = list(search.points), True, search.reason
    if proofs is None:
        proofs = [certify_point(game, point, alpha, beta) for point in points]
    certified = []
    for k, proof in enumerate(proofs):
        if not proof.enclosed:
            certified.append(replace(points[k], certificate=proof))
            continue
        bounds = list(zip(proof.log_ratios_lower, proof.log_ratios_upper, strict=True))
        width = max(float((high - low).max()) for low, high in bounds)
        play = tuple(log_normalised((low / 2.0 + high / 2.0)[None, None]) for low, high in bounds)
        error = 2.0 * width + 16.0 * UNIT * (1.0 + max(float(np.abs(high).max()) for _, high in bounds))
        known = proof.theorem is not None
        certified.append(replace(point_of(population, play, error), attracting=known, certificate=proof))
    return certified, complete, theorem


def _refuse_zero(name: str, weights: tuple[float, ...], why: str) -> None:
    if 0.0 in weights:
        place = f"{name}[player={weights.index(0.0)}]"
        raise InputError(f"{place} is 0, where {why}: take it small, or follow self_play from a prior")


def _searched(
    population: Population, count: int, rng: np.random.Generator, tell: Callable[[str], None]
) -> tuple[Contraction, list[Play], int]:
    """Fixed points by search: one start where a theorem says that one is enough, else until the indices sum to 1."""
    uniform = population.flat(population.uniform())
    for _ in range(8):
        uniform = population.flat(population.round(population.play_of(uniform)))
    y, size = newton(population, uniform)
    if size[0] < 1e-8 * (1.0 + np.abs(y).max(initial=0.0)):
        theory = contraction(population, population.play_of(y))
        if theory.theorem is not None:
            return theory, [population.play_of(y)], 1
    attempts = 0
    found = np.empty((0, y.shape[1]))
    for more in (count, 4 * count, 16 * count) if count else (0,):
        tell(f"{len(found)} fixed points from {attempts} starts")
        before = len(found)
        found, tried = search(population, more, rng, found)
        attempts += tried
        nothing = len(found) == before
        plays = (population.play_of(row[None]) for row in found)
        if (nothing and before) or sum(point_of(population, play, math.inf).index for play in plays) == 1:
            break
    if not len(found):
        found, tried = search(population, 512, rng, found)
        attempts += tried
    if not len(found):
        found = slowly(population, y)
    ends = [population.play_of(row[None]) for row in found]
    return contraction(population, ends[0]), ends, attempts


def point_of(population: Population, play: Play, bound: float) -> Equilibrium:
    """All about a fixed point, from the logarithms of its marginals (1, S, A_i)."""
    own = population.shaped
    priors, policies, models, values = [], [], [], []
    for i in population.players:
        log_prior = population.log_prior(play, i)
        solution = population.solution(log_prior[0], i)
        priors.append(frozen(own(normalised(log_prior)[0])))
        policies.append(frozen(own(solution.policy)))
        models.append(frozen(own(solution.opponent_model)))
        values.append(float(solution.value[0]) if population.stateless else frozen(solution.value))
    marginals = [normalised(x)[0] for x in play]
    return Equilibrium(
        tuple(priors), tuple(frozen(own(x)) for x in marginals), tuple(policies), tuple(models), tuple(values),
        frozen(population.expected_return(marginals)), float(population.distance(play, population.round(play))[0]),
        bound, frozen(population.jacobian(play)[0]), tuple(frozen(own(x[0])) for x in play),
    )  # fmt: skip


def index_of(eigenvalues: Any) -> int:
    """The sign of det(I - J) from the eigenvalues of J; 0 where one is 1 to rounding."""
    factors = 1.0 - eigenvalues
    if np.abs(factors).min(initial=1.0) < REGULAR:
        return 0
    return -1 if int((factors.real[factors.imag == 0.0] < 0.0).sum()) % 2 else 1


def _below(size: float) -> bool | None:
    """Whether it is below 1; None where rounding decides."""
    return None if abs(size - 1.0) < REGULAR else size < 1.0


def _eigenvalues(matrix: Any) -> Any:
    values = np.linalg.eigvals(matrix) if len(matrix) else np.zeros(0)
    return values[np.argsort(-np.abs(values), kind="stable")].astype(complex)
