"""Certificates: rigorous enclosures of V*, Q*, pi* and rho*, that anyone can check from a file alone.

    >>> import rommeo_exact as rx
    >>> game = rx.games.climbing()
    >>> sol = rx.solve(game, alpha=1.0, discount=0.9)
    >>> proof = rx.certify(game, sol)
    >>> proof.verified, proof.width < 1e-13
    (True, True)

`balls` computes the enclosure, `text` is the format of the files, this module puts them together. The arithmetic is
Arb's, through python-flint, which is imported when a certificate is made or checked and not before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks import FloatArray, first, frozen, integer, is_sparse, place, real_array, real_number
from ..errors import CertificateError, FileFormatError, InputError
from ..games.files import read_bytes, write_atomically
from ..games.models import MatrixGame, StochasticGame, View
from ..solvers import Solution, agent_problem
from .balls import Equation, enough_bits
from .text import ENDS, MOST_BITS, read_text, statement, write_text

if TYPE_CHECKING:
    from ..games.files import PathLike

__all__ = ["Certificate", "certify", "check", "load"]

GUARD_BITS = 32
"""A certificate is checked with so many bits more than it was made with, so that releases of Arb need not agree."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """An enclosure of the optimum of one game, and whether a solver's answer stands up to it.

    Attributes
    ----------
    view : View
        The game: each of its floats the exact number that it is, each row of the transitions divided by its exact sum.
    prior : (S, B) array
        P(b|s), each row divided by its exact sum.
    alpha, beta : float
        Temperature and KL weight, exact.
    value : (S,) array
        The value that a solver claims.
    error_bound : float
        The bound on \\|value - V*\\| in the sup norm that it claims.
    value_lower, value_upper : (S,) arrays
        V* lies between them; 0 in terminal states.
    q_lower, q_upper : (S, A, B) arrays
        So does Q*, eq. 12.
    policy_lower, policy_upper : (S, A, B) arrays
        So does pi*, eq. 10. At alpha = 0, 0 and 1 where it is open which action is best.
    opponent_model_lower, opponent_model_upper : (S, B) arrays
        So does rho*, eq. 11. At beta = 0, 0 and 1 where it is open which b is best.
    distance : float
        \\|value - V*\\| is at most this: a proven bound in place of the claimed one.
    verified : bool
        The enclosure is finite, and every number in it is within `error_bound` of `value`: the claim is proven. Where
        it is False the claim is wrong, or the enclosure is too wide to tell.
    precision : int
        Bits of the arithmetic.
    iterate : tuple of (int, int)
        The V from which the enclosure follows, exactly: m * 2**e for each state, from its m and e.
    """

    view: View
    prior: FloatArray = field(repr=False)
    alpha: float
    beta: float
    value: FloatArray = field(repr=False)
    error_bound: float
    value_lower: FloatArray = field(repr=False)
    value_upper: FloatArray = field(repr=False)
    q_lower: FloatArray = field(repr=False)
    q_upper: FloatArray = field(repr=False)
    policy_lower: FloatArray = field(repr=False)
    policy_upper: FloatArray = field(repr=False)
    opponent_model_lower: FloatArray = field(repr=False)
    opponent_model_upper: FloatArray = field(repr=False)
    distance: float
    verified: bool
    precision: int
    iterate: tuple[tuple[int, int], ...] = field(repr=False)

    @property
    def width(self) -> float:
        """The largest value_upper - value_lower, rounded up."""
        with np.errstate(invalid="ignore", over="ignore"):
            widths = np.nextafter(self.value_upper - self.value_lower, np.inf)
        equal = self.value_upper == self.value_lower
        return float(np.where(equal, 0.0, widths).max())

    @property
    def statement(self) -> str:
        """What the certificate says, in words."""
        return statement(vars(self))

    def save(self, path: PathLike) -> None:
        """Write the certificate to a JSON file that holds all that a check needs, beside its place and then there.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        write_atomically(path, write_text(vars(self)))


def certify(
    game: MatrixGame | StochasticGame | View,
    sol: Solution,
    agent: int | str = 0,
    *,
    sharpen: bool = True,
    precision: int | None = None,
) -> Certificate:
    """Enclose V*, Q*, pi* and rho* (eq. 9 to 13) rigorously, and hold a solver's answer against the enclosure.

    Nothing of the solver is trusted: the enclosure holds for every V that one starts from, and it is tight where V is
    near V*. The game is the one that the floats state, with each row of the transitions and of the prior divided by its
    exact sum; alpha, beta, the prior and the discount are those of `sol`.

    Parameters
    ----------
    game : MatrixGame, StochasticGame or View
        What was solved.
    sol : Solution
        Its `value` and `error_bound` are the claim.
    agent : int or str
        As for :func:`rommeo_exact.solve`; not looked at for a View.
    sharpen : bool
        Start from a V with more digits than floats have, found by Newton's method from `sol.value`, so that the width
        comes from the rounding to floats and not from the solver. Otherwise from `sol.value` as it stands.
    precision : int, optional
        Bits of the mantissas, from 53. By default at least 128, and as many as the magnitudes in the game ask for.

    Returns
    -------
    Certificate

    Raises
    ------
    InputError
        If `sol` is no Solution, is of another game, or holds a value that is not finite.
    MissingPackageError
        If python-flint is not installed: ``pip install "rommeo_exact[certify]"``.

    Examples
    --------
    >>> import rommeo_exact as rx
    >>> game = rx.games.climbing()
    >>> proof = certify(game, rx.solve(game, alpha=1.0, beta=0.0, discount=0.9))
    >>> bool((proof.opponent_model_lower > 0.5).any()), proof.verified
    (True, True)
    """
    if not isinstance(sol, Solution):
        raise InputError(f"sol must be a Solution of rommeo_exact.solve, not {type(sol).__name__}")
    view = agent_problem(game, agent, sol.alpha, sol.beta, sol.prior, sol.view.discount).view
    _check_same(view, sol.view)
    value = real_array(sol.value, "sol.value", shape=(view.shape[0],), where=place("sol.value", "s"))
    error_bound = real_number(sol.error_bound, "sol.error_bound", low=0.0)
    if precision is None:
        bits = enough_bits(view, sol.alpha, sol.beta, value)
    else:
        bits = integer(precision, "precision", low=53)
    if bits > MOST_BITS:
        raise InputError(f"precision is {bits} bits, more than {MOST_BITS}")
    equation = Equation(view, sol.prior, sol.alpha, sol.beta, bits)
    with equation.working():
        start = equation.exact(value)
        if sharpen:
            start = equation.sharpen(start)
        iterate = tuple((int(mantissa), int(power)) for mantissa, power in (x.man_exp() for x in start))
    return _enclosed(equation, value, error_bound, iterate)


def _enclosed(
    equation: Equation, value: FloatArray, error_bound: float, iterate: tuple[tuple[int, int], ...]
) -> Certificate:
    """The certificate that follows from a V."""
    arb, fmpz = equation.arb, equation.library.fmpz
    with equation.working():
        start = [arb((fmpz(mantissa), fmpz(power))) for mantissa, power in iterate]
        ends = equation.view.terminal.tolist()
        bounds = equation.bounds([equation.zero if end else x for x, end in zip(start, ends, strict=True)])
        distance = equation.distance(bounds, value)
    arrays = {name: frozen(getattr(bounds, name)) for name in ENDS}
    finite = all(np.isfinite(array).all() for array in arrays.values())
    return Certificate(
        view=equation.view, prior=equation.prior, alpha=equation.alpha, beta=equation.beta, value=value,
        error_bound=error_bound, distance=distance, verified=finite and distance <= error_bound,
        precision=equation.precision, iterate=iterate, **arrays,
    )  # fmt: skip


def load(path: PathLike) -> Certificate:
    """The certificate in a file, its claims as they stand there: :func:`check` is what tests them.

    Raises
    ------
    FileFormatError
        If the file cannot be read or is no certificate.
    CertificateError
        If its contents are not those that its digest was made from.
    """
    name = str(path)
    try:
        return Certificate(**read_text(read_bytes(path)))
    except FileFormatError:
        raise
    except CertificateError as error:
        raise CertificateError(f"{name}: {error}") from None
    except InputError as error:
        raise FileFormatError(str(error), path=name) from None


def check(certificate: Certificate | PathLike) -> Certificate:
    """Verify a certificate again, from what it holds alone and without solving anything.

    The enclosure is computed anew from the certificate's V, with more bits; each bound that the certificate claims must
    be no tighter than what was computed. It does not follow that its bounds are the tightest: only that they hold.

    Parameters
    ----------
    certificate : Certificate, or the name of a file
        A file is :func:`load`-ed first.

    Returns
    -------
    Certificate
        The one that was checked.

    Raises
    ------
    CertificateError
        Naming the first claim that does not follow.
    FileFormatError
        As :func:`load`.
    MissingPackageError
        If python-flint is not installed.
    """
    if not isinstance(certificate, Certificate):
        loaded, source = load(certificate), f"{certificate}: "
    else:
        loaded, source = certificate, ""
    bits = loaded.precision + GUARD_BITS
    equation = Equation(loaded.view, loaded.prior, loaded.alpha, loaded.beta, bits)
    again = _enclosed(equation, loaded.value, loaded.error_bound, loaded.iterate)
    for name, axes in ENDS.items():
        claimed, found = getattr(loaded, name), getattr(again, name)
        wrong = ~(claimed <= found if name.endswith("lower") else claimed >= found)  # NaN claims nothing that holds
        if wrong.any():
            index = first(wrong)
            entry = place(name, *axes)(index)
            raise CertificateError(
                f"{source}{entry} is claimed to be {float(claimed[index])!r}, but what follows is "
                f"{float(found[index])!r}"
            )
    if not again.distance <= loaded.distance:
        raise CertificateError(
            f"{source}distance is claimed to be {loaded.distance!r}, but what follows is {again.distance!r}"
        )
    if loaded.verified and not (again.verified and loaded.distance <= loaded.error_bound):
        raise CertificateError(
            f"{source}the value is claimed to be within {loaded.error_bound!r} of V*, which does not follow: it is "
            f"known to be within {again.distance!r}"
        )
    return loaded


def _check_same(view: View, solved: View) -> None:
    """That both views state the same game, but for the labels."""
    for name, axes in (("rewards", ("s", "a", "b")), ("terminal", ("s",))):
        given, own = getattr(view, name), getattr(solved, name)
        if given.shape != own.shape:
            raise InputError(f"sol is of another game or agent: {name} has the shape {own.shape}, here {given.shape}")
        if not np.array_equal(given, own):
            index = first(given != own)
            raise InputError(
                f"sol is of another game or agent: {place(name, *axes)(index)} is {own[index]}, here {given[index]}"
            )
    if not _same_rows(view.transitions, solved.transitions):
        raise InputError("sol is of another game or agent: the transitions differ")


def _same_rows(one: Any, two: Any) -> bool:
    if is_sparse(one) and is_sparse(two):
        return one.shape == two.shape and all(
            np.array_equal(getattr(one, part), getattr(two, part)) for part in ("data", "indices", "indptr")
        )
    return isinstance(one, np.ndarray) and isinstance(two, np.ndarray) and np.array_equal(one, two)
