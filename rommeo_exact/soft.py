r"""The soft operators of ROMMEO: one pure function per equation, in log space, over any leading axes.

Letters: ``q`` (..., A, B) is Q(s, a, b); ``prior`` (..., B) is P(b|s); alpha >= 0 is the temperature of the agent's own
policy; beta >= 0 is the weight of the opponent model's KL divergence from the prior. beta = 1 is the paper; other
weights are this project's generalisation. Both broadcast over the leading axes, so one call serves many games. With

    L(s, b) = alpha log sum_a exp(Q(s, a, b) / alpha)                       (the bracket of eq. 9, to the power alpha)

the optimum of the regularised objective (eq. 7) is

    V(s)        = beta log sum_b P(b|s) exp(L(s, b) / beta)                 eq. 9, 58      :func:`soft_value`
    pi*(a|s,b)  = exp((Q(s, a, b) - L(s, b)) / alpha)                       eq. 10, 56     :func:`soft_policy`
    rho*(b|s)   = P(b|s) exp((L(s, b) - V(s)) / beta)                       eq. 11, 57     :func:`soft_opponent_model`
    (T Q)       = R + gamma E_{s'} V_Q(s')                                  eq. 12, 13, 60 :func:`bellman`

Limits are values, not errors. alpha = 0 is the maximum over a, ties split evenly; beta = 0 is the maximum over the
support of the prior, ties split in proportion to it; beta = inf is the prior itself (the ablation ROMMEO-Q-EMP). What
sums to 1 only up to rounding, a prior, policy or opponent model, is normalised.

This is the only module that exponentiates floats. Two kernels, :func:`maximum_kernel` and :func:`expectation_kernel`,
both over axis 0, do it for every operator and solver; they keep their accuracy from alpha, beta = 1e-300 to 1e300
because they switch from ``log(mean(exp))`` to ``log1p(mean(expm1))`` where the temperature exceeds the spread of their
input: there the mean is at least 1/e, and neither it nor a probability cancels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .checks import SUM_TOLERANCE, FloatArray, Place, distribution, first, is_sparse, place, plain, real_array
from .errors import InputError
from .games.models import View

__all__ = [
    "Optimum", "bellman", "bellman_expectation", "density", "entropy", "expected_value", "improve_opponent_model",
    "improve_policy", "kl_divergence", "log_opponent_model", "log_policy", "log_product", "log_response", "log_sum",
    "marginal_policy", "normalised", "one_step", "opponent_gap", "optimum", "policy_gap", "relative_level",
    "soft_maximum", "soft_opponent_model", "soft_policy", "soft_value",
]  # fmt: skip

BLOCK = 1 << 16
"""Entries of q that a kernel works on at a time: a few such blocks stay in the second-level cache."""

WIDE, ROUGH = 8.0, 1024.0
"""Beside columns spread by more than beta or alpha, those spread by less than beta / WIDE or alpha / ROUGH are told."""

SAFE = 1e-280
"""Priors above it meet any power that counts without underflow."""

LARGEST = float(np.finfo(np.float64).max)

FAR = 1e300
"""Logarithms of responses end there, so that whatever is possible stays so, however improbable."""


# --- the two kernels -------------------------------------------------------------------------------------------------


def quiet() -> Any:
    """What the kernels run under: nothing that overflows or underflows in them counts."""
    return np.errstate(over="ignore", under="ignore")


def maximum_kernel(q: FloatArray, alpha: Any, *, policy: bool = False) -> tuple[FloatArray, FloatArray | None]:
    """The log-mean-exp ``alpha log (1/A) sum_a exp(q_a / alpha)`` over axis 0, and the policy that attains it.

    This is L - alpha log A, the soft maximum of eq. 9 with the uniform policy worth nothing: free of the large constant
    that alpha log A becomes at high temperature.

    Parameters
    ----------
    q : (A, ...) array
        Overwritten. Finite.
    alpha : float or array that broadcasts to the trailing axes
        Temperature, >= 0.
    policy : bool
        Whether to return pi* (A, ...) as well, eq. 10; it lies in the memory of `q`.

    Returns
    -------
    (...) array, and (A, ...) array or None
    """
    top = q.max(axis=0)
    q -= top
    excess, best = _excess(q, alpha, policy)
    return top + excess, best


def _excess(q: FloatArray, alpha: Any, policy: bool) -> tuple[Any, FloatArray | None]:
    """:func:`maximum_kernel` for a q whose maximum is 0: from -alpha log A, where the others add nothing, to 0."""
    one = isinstance(alpha, float)
    hard = alpha == 0.0
    if hard if one else hard.all():
        if not policy:
            return 0.0, None
        np.equal(q, 0.0, out=q)
        q /= q.sum(axis=0)
        return 0.0, q
    mixed = not one and hard.any()
    if mixed:
        q[(q < 0.0) & hard] = -np.inf
        alpha = np.where(hard, 1.0, alpha)
    low = q.min(axis=0)
    q /= alpha
    if alpha >= -low.min() if one else np.all(alpha >= -low):
        np.expm1(q, out=q)
        mean = q.sum(axis=0)
        mean /= len(q)
        value = alpha * np.log1p(mean)
        if policy:
            q += 1.0
            q /= len(q) * (1.0 + mean)
    else:
        finer: tuple[Any, Any] | None = None
        if (alpha if one else alpha.max()) > -ROUGH * low.max():
            where = np.flatnonzero((alpha > -ROUGH * low) & (low < 0.0))
            finer = where, np.expm1(q.reshape(len(q), -1)[:, where]).mean(axis=0)
        np.exp(q, out=q)
        total = q.sum(axis=0)
        value = alpha * np.log(total / len(q))
        if finer is not None:
            where, mean = finer
            value.flat[where] = np.broadcast_to(alpha, value.shape).flat[where] * np.log1p(mean)
        if policy:
            q /= total
    if mixed:
        value[np.broadcast_to(hard, value.shape)] = 0.0
    return value, q if policy else None


def _relative_level(
    q: FloatArray, prior: FloatArray, alpha: Any, beta: Any, *, policy: bool = False
) -> tuple[Any, Any, FloatArray | None]:
    """L - alpha log A less the best entry of q where the prior has mass; that entry; the policy. `q` is overwritten.

    No opponent model sees that constant. But L is rounded in proportion to its size, and 1/beta magnifies the rounding.
    At beta = 0 only equal L tie, so there the actions are added up in the order of their values.
    """
    top = q.max(axis=0)
    best = _best(top, prior, 0)
    q -= top
    top -= best
    ordered = np.sort(q, axis=0) if np.any(np.equal(beta, 0.0)) and np.any(np.greater(alpha, 0.0)) else None
    excess, best_policy = _excess(q, alpha, policy)
    if ordered is not None:
        excess, _ = _excess(ordered, alpha, False)
    return np.clip(top, -LARGEST, LARGEST) + excess, best, best_policy


def _best(top: FloatArray, prior: FloatArray, axis: int) -> Any:
    """The greatest entry, over `axis`, where the prior has mass."""
    return (top if prior.all() else np.where(prior > 0.0, top, -np.inf)).max(axis=axis)


def expectation_kernel(
    values: FloatArray, prior: FloatArray, beta: Any, *, model: bool = False
) -> tuple[FloatArray, FloatArray | None]:
    """``beta log sum_b P_b exp(values_b / beta)`` over axis 0 (eq. 9), and the opponent model that attains it (eq. 11).

    Parameters
    ----------
    values : (B, ...) array
        L(s, b), or any shift of it.
    prior : (B, ...) array
        Nonnegative, sums to 1 over axis 0 up to rounding.
    beta : float or array that broadcasts to the trailing axes
        Weight of the KL divergence, 0 to inf.
    model : bool
        Whether to return rho* (B, ...) as well.

    Returns
    -------
    (...) array, and (B, ...) array or None
    """
    if np.ndim(beta) == 0:
        return _one_kind_of_beta(values, prior, float(beta), model)
    beta = np.broadcast_to(beta, values.shape[1:])
    value = np.empty(values.shape[1:])
    rho = np.empty(values.shape) if model else None
    proper = (beta > 0.0) & (beta < np.inf)
    for mask, weight in ((beta == 0.0, 0.0), (proper, None), (beta == np.inf, np.inf)):
        if mask.any():
            part = _one_kind_of_beta(values[:, mask], prior[:, mask], beta[mask] if weight is None else weight, model)
            value[mask] = part[0]
            if rho is not None and part[1] is not None:
                rho[:, mask] = part[1]
    return value, rho


def _one_kind_of_beta(
    values: FloatArray, prior: FloatArray, beta: Any, model: bool
) -> tuple[FloatArray, FloatArray | None]:
    """One kind of beta: 0, inf, or positive numbers; values and prior (B, n)."""
    total = prior.sum(axis=0)
    kind = beta if isinstance(beta, float) else 1.0
    if kind == math.inf:
        return (prior * values).sum(axis=0) / total, prior / total if model else None
    rarest = float(prior.min())
    z = values if rarest > 0.0 else np.where(prior > 0.0, values, -np.inf)
    top = z.max(axis=0)
    z = z - top
    if kind == 0.0:
        if not model:
            return top, None
        best = np.where(z == 0.0, prior, 0.0)
        return top, best / best.sum(axis=0)
    z /= beta
    if z.min() >= -1.0:
        return _wide_expectation(z, prior, total, top, beta, model)
    if rarest > SAFE:
        peak: Any = 0.0
        rho = prior * np.exp(z)
    else:
        # log P before the exponential, so that the least priors and the highest powers meet without underflow
        with np.errstate(divide="ignore"):
            powers = z + np.log(prior)
        peak = powers.max(axis=0)
        rho = np.exp(powers - peak)
    mass = rho.sum(axis=0)
    value = top + beta * (peak + np.log(mass / total))
    if model:
        rho /= mass
    part = np.flatnonzero((z if rarest > 0.0 else np.where(prior > 0.0, z, 0.0)).min(axis=0) > -1.0 / WIDE)
    if part.size:
        weight = beta[part] if np.ndim(beta) else beta
        value[part], finer = _wide_expectation(z[:, part], prior[:, part], total[part], top[part], weight, model)
        if finer is not None:
            rho[:, part] = finer
    return value, rho if model else None


def _wide_expectation(
    z: FloatArray, prior: FloatArray, total: FloatArray, top: FloatArray, beta: Any, model: bool
) -> tuple[FloatArray, FloatArray | None]:
    """:func:`expectation_kernel` where beta exceeds the spread, from z = (values - top) / beta."""
    excess = prior * np.expm1(z)
    mean = excess.sum(axis=0) / total
    value = top + beta * np.log1p(mean)
    return value, (prior + excess) / (total * (1.0 + mean)) if model else None


def optimum_kernel(q: FloatArray, prior: FloatArray, alpha: Any, beta: Any) -> tuple[Any, FloatArray, FloatArray]:
    """V (n,), pi* (A, B, n) and rho* (B, n) of q (A, B, n), which is overwritten, and a prior (B, n): eq. 9 to 11."""
    level, best, policy = _relative_level(q, prior, alpha, beta, policy=True)
    value, model = expectation_kernel(level, prior, beta, model=True)
    assert policy is not None and model is not None
    return value + (best + alpha * math.log(len(q))), policy, model


# --- eq. 9 to 11, 38, 39, 54 to 58 -----------------------------------------------------------------------------------


def soft_maximum(q: Any, alpha: Any = 1.0) -> Any:
    """L(s, b) = alpha log sum_a exp(Q(s,a,b) / alpha): the bracket of eq. 9, 11, 58 to the power alpha, as a logarithm.

    Parameters
    ----------
    q : (..., A, B) array
    alpha : float or (...) array

    Returns
    -------
    (..., B) array
    """
    q, _, alpha, _, lead = _operands(q, None, alpha, 1.0)

    def kernel(q: FloatArray, alpha: Any) -> Any:
        return (maximum_kernel(q, alpha)[0] + alpha * np.log(len(q)),)

    return _blocks(kernel, lead, [q.shape[-1:]], q, None, alpha)[0]


def soft_value(q: Any, prior: Any, alpha: Any = 1.0, beta: Any = 1.0) -> Any:
    """V(s) = beta log sum_b P(b|s) (sum_a exp(Q(s,a,b)/alpha))^(alpha/beta): eq. 9, and 58 with beta = 1.

    Parameters
    ----------
    q : (..., A, B) array
        Q(s, a, b), in the unit of the rewards.
    prior : (..., B) array
        P(b|s).
    alpha, beta : float or (...) arrays
        Temperature and KL weight, in the unit of the rewards.

    Returns
    -------
    (...) array, or a float where no axis leads

    Raises
    ------
    InputError
        For shapes that do not fit, a prior off the simplex, a negative or NaN alpha or beta.

    Examples
    --------
    >>> q = np.array([[1.0, 0.0], [0.0, 2.0]])
    >>> round(soft_value(q, [0.5, 0.5], alpha=1.0, beta=1.0), 6)   # log of (e + 1)/2 + (1 + e^2)/2
    1.800665
    >>> soft_value(q, [0.5, 0.5], alpha=0.0, beta=[0.0, np.inf]).tolist()
    [2.0, 1.5]
    """
    q, prior, alpha, beta, lead = _operands(q, prior, alpha, beta)

    def kernel(q: FloatArray, prior: FloatArray, alpha: Any, beta: Any) -> Any:
        level, _ = maximum_kernel(q, alpha)
        return (expectation_kernel(level, prior, beta)[0] + alpha * np.log(len(q)),)

    return _blocks(kernel, lead, [()], q, prior, alpha, beta)[0]


def soft_policy(q: Any, alpha: Any = 1.0) -> Any:
    """pi*(a|s,b) = exp((Q(s,a,b) - L(s,b)) / alpha): eq. 10, 38, 54, 56 (where 56 prints 1/alpha in the wrong place).

    Parameters
    ----------
    q : (..., A, B) array
        Q(s, a, b).
    alpha : float or (...) array
        Temperature; 0 is the greedy policy, ties split evenly.

    Returns
    -------
    (..., A, B) array that sums to 1 over axis -2

    Raises
    ------
    InputError
        For shapes that do not fit, a negative or NaN alpha.

    Examples
    --------
    >>> soft_policy([[0.0, 3.0], [0.0, 1.0]], alpha=0.0).tolist()
    [[0.5, 1.0], [0.5, 0.0]]
    """
    q, _, alpha, _, lead = _operands(q, None, alpha, 1.0)

    def kernel(q: FloatArray, alpha: Any) -> Any:
        return maximum_kernel(q, alpha, policy=True)[1:]

    return _blocks(kernel, lead, [q.shape[-2:]], q, None, alpha)[0]


def soft_opponent_model(q: Any, prior: Any, alpha: Any = 1.0, beta: Any = 1.0) -> Any:
    """rho*(b|s) = P(b|s) exp((L(s,b) - V(s)) / beta): eq. 11, 57 (where 57 drops the 1/alpha inside).

    Parameters and errors as in :func:`soft_value`.

    Returns
    -------
    (..., B) array that sums to 1 over its last axis, 0 wherever the prior is

    Examples
    --------
    >>> soft_opponent_model([[1.0, 0.0], [0.0, 2.0]], [0.5, 0.5], alpha=0.0, beta=0.0).tolist()
    [0.0, 1.0]
    """
    q, prior, alpha, beta, lead = _operands(q, prior, alpha, beta)

    def kernel(q: FloatArray, prior: FloatArray, alpha: Any, beta: Any) -> Any:
        level, _, _ = _relative_level(q, prior, alpha, beta)
        return expectation_kernel(level, prior, beta, model=True)[1:]

    return _blocks(kernel, lead, [q.shape[-1:]], q, prior, alpha, beta)[0]


class Optimum(NamedTuple):
    """The optimum of the one-step objective of a `q`: V (...), pi* (..., A, B), rho* (..., B)."""

    value: Any
    policy: Any
    opponent_model: Any


def optimum(q: Any, prior: Any, alpha: Any = 1.0, beta: Any = 1.0) -> Optimum:
    """V, pi* and rho* (eq. 9, 10, 11) at once: the exponentials that the three functions share are taken once.

    Parameters and errors as in :func:`soft_value`.

    Examples
    --------
    >>> value, policy, model = optimum([[1.0, 0.0], [0.0, 2.0]], [0.5, 0.5], alpha=0.0, beta=1.0)
    >>> round(value, 6), policy.tolist(), model.round(6).tolist()      # log of (e + e^2)/2
    (1.620115, [[1.0, 0.0], [0.0, 1.0]], [0.268941, 0.731059])
    """
    q, prior, alpha, beta, lead = _operands(q, prior, alpha, beta)

    return Optimum(*_blocks(optimum_kernel, lead, [(), q.shape[-2:], q.shape[-1:]], q, prior, alpha, beta))


def improve_policy(q: Any, alpha: Any = 1.0) -> Any:
    """The improved policy of Theorem 4, eq. 38 and 54: pi~ proportional to exp(Q^{pi,rho} / alpha).

    The same map as :func:`soft_policy`, applied to the Q of a pair (pi, rho) instead of to Q*.
    """
    return soft_policy(q, alpha)


def improve_opponent_model(q: Any, policy: Any, prior: Any, alpha: Any = 1.0, beta: Any = 1.0) -> Any:
    """The improved opponent model of Theorem 5, eq. 39 and 55.

    rho~(b|s) is proportional to P(b|s) exp((sum_a pi(a|s,b) Q(s,a,b) + alpha H(pi(.|s,b))) / beta).

    Parameters
    ----------
    q, policy : (..., A, B) arrays
        Q^{pi,rho} and pi(a|s, b).
    prior : (..., B) array
        P(b|s).
    alpha, beta : float or (...) arrays

    Returns
    -------
    (..., B) array
    """
    q, prior, alpha, beta, lead = _operands(q, prior, alpha, beta)
    policy = _policy(policy, q)
    lead = _leading(operands=lead, policy=policy.shape[:-2])
    best = _best(q.max(axis=-2), prior, -1)[..., None, None]
    with np.errstate(over="ignore"):
        level = _level(np.clip(q - best, -LARGEST, LARGEST), policy, alpha)

    def kernel(level: FloatArray, prior: FloatArray, beta: Any) -> Any:
        return expectation_kernel(level[0], prior, beta, model=True)[1:]

    return _blocks(kernel, lead, [q.shape[-1:]], level[..., None, :], prior, beta)[0]


def log_policy(q: Any, alpha: Any = 1.0) -> Any:
    """log pi*(a|s,b), eq. 10: :func:`soft_policy` where probabilities leave the floats; -inf only at alpha = 0.

    Parameters and errors as in :func:`soft_policy`.

    Returns
    -------
    (..., A, B) array
    """
    q, _, alpha, _, lead = _operands(q, None, alpha, 1.0)

    def kernel(q: FloatArray, alpha: Any) -> Any:
        q = q - q.max(axis=0)
        excess, _ = _excess(q.copy(), alpha, False)
        hard = np.equal(alpha, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            powers = np.maximum((q - excess) / alpha, -FAR) - math.log(len(q))
            if np.any(hard):
                powers = np.where(hard, np.where(q == 0.0, -np.log((q == 0.0).sum(axis=0)), -np.inf), powers)
        return (powers,)

    return _blocks(kernel, lead, [q.shape[-2:]], q, None, alpha)[0]


def relative_level(q: Any, alpha: Any = 1.0, beta: Any = 1.0) -> Any:
    """L(s, b) up to a constant in b: what the opponent model is made of, eq. 11.

    Of :func:`soft_maximum` without the constant, whose digits 1/beta would magnify; at beta = 0 equal L are equal to
    the last bit.

    Parameters and errors as in :func:`soft_value`.

    Returns
    -------
    (..., B) array
    """
    q, _, alpha, beta, lead = _operands(q, None, alpha, beta)

    def kernel(q: FloatArray, alpha: Any, beta: Any) -> Any:
        return (_relative_level(q, np.ones(q.shape[1:]), alpha, beta)[0],)

    return _blocks(kernel, lead, [q.shape[-1:]], q, None, alpha, beta)[0]


def log_opponent_model(level: FloatArray, log_prior: FloatArray, beta: float) -> FloatArray:
    """log rho*(b|s), eq. 11, from L up to a constant (..., B) and log P (..., B): -inf wherever the prior is 0.

    The two broadcast; beta is one number, 0 to inf.
    """
    if beta == math.inf:
        powers = log_prior + np.zeros_like(level)
    else:
        inside = np.where(np.isneginf(log_prior), -np.inf, level)
        short = inside - inside.max(axis=-1, keepdims=True)
        if beta == 0.0:
            powers = np.where(short == 0.0, log_prior, -np.inf)
        else:
            with np.errstate(over="ignore"):
                powers = log_prior + np.where(np.isneginf(log_prior), 0.0, np.maximum(short / beta, -FAR))
    total: FloatArray = powers - log_sum(powers)[..., None]
    return total


def log_response(q: Any, alpha: Any = 1.0, beta: Any = 1.0) -> Any:
    """log A(a,b) of the positive matrix that maps a prior to the marginal policy, m proportional to A P.

    A(a,b) = pi*(a|b) exp(L(b)/beta), from eq. 10 and 11: a column per joint action of the others, scaled by what makes
    the opponent model of the prior. Up to a constant, which no distribution sees.

    Parameters
    ----------
    q : (..., A, B) array
        Q(s, a, b): the payoffs themselves in a matrix game.
    alpha, beta : float or (...) arrays
        As in :func:`soft_value`. Entries are -inf only at alpha = 0 (a is no best answer to b) and beta = 0 (b does not
        allow the most; for priors that hold a b which does).

    Returns
    -------
    (..., A, B) array

    Examples
    --------
    >>> response = log_response([[2.0, 0.0], [0.0, 1.0]], alpha=1.0, beta=1.0)    # R / alpha where beta is alpha
    >>> (response - response.max()).round(12).tolist()
    [[0.0, -2.0], [-2.0, -1.0]]
    """
    level = relative_level(q, alpha, beta)
    short = level - level.max(axis=-1, keepdims=True)
    beta = np.expand_dims(weight(beta, "beta"), -1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scaled = np.where(beta == 0.0, np.where(short == 0.0, 0.0, -np.inf), np.maximum(short / beta, -FAR))
    return log_policy(q, alpha) + scaled[..., None, :]


def log_sum(powers: FloatArray, axis: int = -1) -> FloatArray:
    """log sum exp along `axis`; -inf where every entry is."""
    top = powers.max(axis=axis, keepdims=True)
    top[top == -np.inf] = 0.0
    with np.errstate(divide="ignore", under="ignore"):
        total: FloatArray = np.log(np.exp(powers - top).sum(axis=axis, keepdims=True)) + top
    return total.squeeze(axis)


def log_product(left: FloatArray, right: FloatArray) -> FloatArray:
    """log(exp(left) exp(right)), each entry to rounding: (..., k, m) and (..., m, l) to (..., k, l)."""
    rows, columns = (x.max(axis=axis, keepdims=True) for x, axis in ((left, -1), (right, -2)))
    with np.errstate(divide="ignore", under="ignore"):
        total = np.exp(left - rows) @ np.exp(right - columns)
        product: FloatArray = np.log(total) + (rows + columns)
    lost = total < SAFE  # terms may have underflowed that count
    if lost.any():
        *lead, i, j = np.nonzero(lost)
        product[lost] = log_sum(left[(*lead, i)] + right.swapaxes(-1, -2)[(*lead, j)])
    return product


def normalised(powers: FloatArray, axis: int = -1) -> FloatArray:
    """The distribution proportional to exp(powers) along `axis`."""
    with np.errstate(under="ignore"):
        shares: FloatArray = np.exp(powers - powers.max(axis=axis, keepdims=True))
    shares /= shares.sum(axis=axis, keepdims=True)
    return shares


def density(powers: Any) -> FloatArray:
    """exp(powers), entry by entry: densities and masses from their logarithms; 0 where they leave the floats."""
    with quiet():
        values: FloatArray = np.asarray(np.exp(powers))
    return values


def marginal_policy(policy: Any, opponent_model: Any) -> Any:
    """pi(a|s) = sum_b rho(b|s) pi(a|s,b), what the agent plays (Algorithm 1): (..., A, B), (..., B) to (..., A)."""
    policy, model = (
        real_array(array, name, copy=False)
        for array, name in ((policy, "policy"), (opponent_model, "opponent_model"))
    )
    if policy.ndim < 2 or model.ndim < 1 or policy.shape[-1] != model.shape[-1]:
        raise InputError(f"policy (..., A, B) and opponent_model (..., B) have shapes {policy.shape} and {model.shape}")
    _leading(policy=policy.shape[:-2], opponent_model=model.shape[:-1])
    return np.einsum("...ab,...b->...a", policy, model)


# --- eq. 12, 13, 33 to 37, 59, 60 ------------------------------------------------------------------------------------


def bellman(view: View, q: Any, prior: Any, alpha: Any = 1.0, beta: Any = 1.0) -> FloatArray:
    """The soft value iteration operator (T Q)(s,a,b) = R(s,a,b) + gamma sum_s' p(s'|s,a,b) V_Q(s'): eq. 12, 13, 60.

    A gamma-contraction in the sup norm for every alpha and beta.

    Parameters
    ----------
    view : View
    q : (S, A, B) array
    prior : (S, B) array
    alpha, beta : float or (S,) arrays

    Returns
    -------
    (S, A, B) array, 0 in terminal states
    """
    return one_step(view, _of_states(soft_value(_fits(q, view), prior, alpha, beta), view))


def bellman_expectation(
    view: View, q: Any, policy: Any, opponent_model: Any, prior: Any, alpha: Any = 1.0, beta: Any = 1.0
) -> FloatArray:
    """The operator whose fixed point is Q^{pi,rho}: eq. 34 to 36, one step of (pi, rho) and then `q`.

    Parameters
    ----------
    view : View
    q, policy : (S, A, B) arrays
    opponent_model, prior : (S, B) arrays
    alpha, beta : float or (S,) arrays

    Returns
    -------
    (S, A, B) array, 0 in terminal states

    Raises
    ------
    InputError
        As :func:`expected_value` does.
    """
    value = expected_value(_fits(q, view), policy, opponent_model, prior, alpha, beta)
    return one_step(view, _of_states(value, view))


def expected_value(q: Any, policy: Any, opponent_model: Any, prior: Any, alpha: Any = 1.0, beta: Any = 1.0) -> Any:
    """V^{pi,rho}(s) = E_rho[E_pi Q + alpha H(pi(.|s,b))] - beta KL(rho(.|s) || P(.|s)): the left side of eq. 42 and 44.

    At most :func:`soft_value`, with equality where (pi, rho) = (pi*, rho*) of `q`.

    Parameters
    ----------
    q, policy : (..., A, B) arrays
    opponent_model, prior : (..., B) arrays
    alpha, beta : float or (...) arrays

    Returns
    -------
    (...) array

    Raises
    ------
    InputError
        Where rho puts mass outside the support of the prior (the KL divergence is infinite), or differs from it at
        beta = inf.
    """
    q, prior, alpha, beta, lead = _operands(q, prior, alpha, beta)
    policy = _policy(policy, q)
    given = plain(opponent_model, "opponent_model")
    rho = distribution(given, "opponent_model", where=_place("opponent_model", given.ndim, "s", "b"), copy=False)
    if rho.shape[-1] != q.shape[-1]:
        raise InputError(f"opponent_model has {rho.shape[-1]} joint actions, q has {q.shape[-1]}")
    lead = _leading(operands=lead, policy=policy.shape[:-2], opponent_model=rho.shape[:-1])
    frozen = np.expand_dims(beta == np.inf, -1)
    beyond = ((rho > 0.0) & (prior == 0.0)) | (frozen & (np.abs(rho - prior) > SUM_TOLERANCE))
    if beyond.any():
        index = first(beyond)
        mine, other = (np.broadcast_to(p, beyond.shape)[index] for p in (rho, prior))
        where = _place("opponent_model", beyond.ndim, "s", "b")(index)
        why = "beta = inf freezes it there" if other > 0.0 else "the divergence is infinite"
        raise InputError(f"{where} is {mine:.6g} where the prior is {other:.6g}: {why}")
    prior = prior / prior.sum(axis=-1, keepdims=True)
    rho = np.where(frozen, prior, rho / rho.sum(axis=-1, keepdims=True))
    level = _level(q, policy, alpha)
    weight = np.where(beta == np.inf, 0.0, beta)
    value = (rho * level).sum(axis=-1) - weight * kl_divergence(rho, prior)
    return value if lead else float(value)


def policy_gap(q: Any, policy: Any, alpha: Any = 1.0) -> Any:
    """L(s,b) - E_pi Q - alpha H(pi) = alpha KL(pi(.|s,b) || pi*(.|s,b)) for the pi* of `q`: eq. 43.

    Computed from its left side, so that it stands at alpha = 0 too: what `policy` loses against the maximum. Where
    alpha exceeds the spread of Q, whose digits alpha H would swallow, from its right side.

    Parameters
    ----------
    q, policy : (..., A, B) arrays
    alpha : float or (...) array

    Returns
    -------
    (..., B) array, >= 0 up to rounding
    """
    q, _, alpha, _, lead = _operands(q, None, alpha, 1.0)
    policy = _policy(policy, q)
    _leading(operands=lead, policy=policy.shape[:-2])
    gap = soft_maximum(q, alpha) - _level(q, policy, alpha)
    temperature = np.expand_dims(alpha, -1)
    wide = temperature > np.ptp(q, axis=-2)
    if not wide.any():
        return gap
    with np.errstate(over="ignore"):  # of what is not chosen
        return np.where(wide, temperature * _divergence(policy, soft_policy(q, alpha), -2), gap)


def opponent_gap(values: Any, opponent_model: Any, prior: Any, beta: Any = 1.0) -> Any:
    """V - E_rho L + beta KL(rho || P) = beta KL(rho || rho*) for the rho* of L: eq. 44.

    Computed as :func:`policy_gap` is.

    Parameters
    ----------
    values : (..., B) array
        L(s, b), as :func:`soft_maximum` gives it, or the left bracket of eq. 44 for another policy.
    opponent_model, prior : (..., B) arrays
    beta : float or (...) array

    Returns
    -------
    (...) array, >= 0 up to rounding
    """
    levels = real_array(values, "values", copy=False)
    if levels.ndim == 0:
        raise InputError("values must have shape (..., B), not ()")
    level = levels[..., None, :]
    model = np.asarray(opponent_model, dtype=float)
    gap = soft_value(level, prior, 0.0, beta) - expected_value(level, np.ones_like(level), model, prior, 0.0, beta)
    wide = np.less(beta, math.inf) & np.greater(beta, np.ptp(levels, axis=-1))
    if not np.any(wide):
        return gap
    best = soft_opponent_model(level, prior, 0.0, beta)
    with np.errstate(over="ignore", invalid="ignore"):  # of what is not chosen, such as inf * 0
        return np.where(wide, beta * _divergence(model / model.sum(axis=-1, keepdims=True), best, -1), gap)[()]


def _divergence(p: FloatArray, r: FloatArray, axis: int) -> Any:
    """KL(p || r) along `axis` for p that has no mass outside r's, to the last digits where p is near r.

    The sum of p log(p / r) - (p - r) >= 0, which near r is r f((p - r) / r) with f(x) = (1 + x) log(1 + x) - x: no
    constant cancels there.
    """
    with np.errstate(all="ignore"):  # what overflows is not chosen, here or by the caller
        x = (p - r) / r
        near = r * ((1.0 + x) * np.log1p(x) - x)
        far = p * (_log(p) - _log(r)) - (p - r)
        return np.where(np.abs(x) <= 0.5, near, far).sum(axis=axis)


def entropy(p: Any, axis: int = -1) -> Any:
    """H(p) = -sum p log p along `axis`, in nats; 0 log 0 = 0."""
    p = np.asarray(p, dtype=float)
    return -(p * _log(p)).sum(axis=axis)


def kl_divergence(p: Any, r: Any, axis: int = -1) -> Any:
    """KL(p || r) = sum p log(p / r) along `axis`, in nats; inf where p has mass that r has not."""
    p, r = np.broadcast_arrays(np.asarray(p, dtype=float), np.asarray(r, dtype=float))
    beyond = ((p > 0.0) & (r == 0.0)).any(axis=axis)
    return np.where(beyond, np.inf, (p * (_log(p) - _log(r))).sum(axis=axis))


def _level(q: FloatArray, policy: FloatArray, alpha: Any) -> Any:
    """E_pi Q + alpha H(pi) for each b: what takes the place of L under a given policy."""
    return (policy * q).sum(axis=-2) + np.expand_dims(alpha, -1) * entropy(policy, axis=-2)


def _log(p: FloatArray) -> Any:
    return np.log(p, out=np.zeros_like(p), where=p > 0.0)


def one_step(view: View, value: Any) -> FloatArray:
    """R + gamma p V, the step that eq. 12, 34 and 60 share: V (S,) to Q (S, A, B), 0 in terminal states."""
    if np.shape(value) not in ((), view.shape[:1]):
        raise InputError(f"value must have shape {view.shape[:1]}, not {np.shape(value)}")
    value = np.where(view.terminal, 0.0, value)
    middle = float(value.max() / 2 + value.min() / 2)  # rows that sum to 1 only nearly pass it on whole
    p: Any = view.transitions
    rows = p if is_sparse(p) else p.reshape(-1, len(value))
    q: FloatArray = view.rewards + view.discount * (np.asarray(rows @ (value - middle)).reshape(view.shape) + middle)
    q[view.terminal] = 0.0
    return q


# --- operands --------------------------------------------------------------------------------------------------------


def _operands(q: Any, prior: Any, alpha: Any, beta: Any) -> tuple[Any, Any, Any, Any, tuple[int, ...]]:
    """Checked operands and the leading shape that they broadcast to."""
    q = plain(q, "q")
    q = real_array(q, "q", where=_place("q", q.ndim, "s", "a", "b"), copy=False)
    if q.ndim < 2 or 0 in q.shape[-2:]:
        raise InputError(f"q must have shape (..., A, B) with A, B >= 1, not {q.shape}")
    lead = {"q": q.shape[:-2]}
    if prior is not None:
        prior = plain(prior, "prior")
        prior = distribution(prior, "prior", where=_place("prior", prior.ndim, "s", "b"), copy=False)
        if prior.shape[-1] != q.shape[-1]:
            raise InputError(f"prior has {prior.shape[-1]} joint actions, q has {q.shape[-1]}")
        lead["prior"] = prior.shape[:-1]
    alpha, beta = weight(alpha, "alpha", finite=True), weight(beta, "beta")
    return q, prior, alpha, beta, _leading(**lead, alpha=np.shape(alpha), beta=np.shape(beta))


def _leading(**shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape to which leading axes broadcast."""
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        named = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise InputError(f"leading axes do not broadcast: {named}") from None


def _place(name: str, ndim: int, *axes: str) -> Place:
    """Names the entries of an array with `ndim` axes that ends in `axes`, of which the leading ones may be missing."""
    return place(name, *axes[-ndim:]) if ndim <= len(axes) else place(name)


def weight(value: Any, name: str, *, finite: bool = False) -> Any:
    """alpha or beta: a nonnegative float or array, never NaN; `finite` excludes inf."""
    given = plain(value, name)
    if given.dtype.kind not in "biufO":
        raise InputError(f"{name} must hold real numbers, not {given.dtype}")
    try:
        given = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} is not a number or an array of numbers: {error}") from None
    bad = ~(given >= 0.0) | (finite & np.isinf(given))
    if bad.any():
        index = first(bad)
        limit = "a finite number >= 0" if finite else ">= 0"
        raise InputError(f"{place(name)(index)} is {given[index]}, not {limit}")
    return given if given.ndim else float(given)


def policy_place(ndim: int) -> Place:
    """Names the entries (s, a, b) of a policy with `ndim` axes, and the (s, b) over which it sums to 1."""
    entry, whole = _place("policy", ndim, "s", "a", "b"), _place("policy", ndim - 1, "s", "b")
    return lambda index: (entry if len(index) == ndim else whole)(index)


def _policy(policy: Any, q: FloatArray) -> FloatArray:
    """A checked policy for `q`, normalised."""
    policy = plain(policy, "policy")
    if policy.ndim < 2 or policy.shape[-2:] != q.shape[-2:]:
        raise InputError(f"policy must have shape (..., {q.shape[-2]}, {q.shape[-1]}), not {policy.shape}")
    policy = distribution(policy, "policy", axis=-2, where=policy_place(policy.ndim), copy=False)
    normalised: FloatArray = policy / policy.sum(axis=-2, keepdims=True)
    return normalised


def _fits(q: Any, view: View) -> Any:
    q = plain(q, "q")
    if q.shape != view.shape:
        raise InputError(f"q must have the view's shape {view.shape}, not {q.shape}")
    return q


def _of_states(value: Any, view: View) -> Any:
    if value.shape != view.shape[:1]:
        raise InputError(f"the operands broadcast to leading axes {value.shape}, the view has {view.shape[0]} states")
    return value


def _blocks(
    kernel: Callable[..., Any], lead: tuple[int, ...], cores: Sequence[tuple[int, ...]], q: Any, prior: Any,
    *weights: Any,
) -> list[Any]:  # fmt: skip
    """Run `kernel` on blocks with the leading axes flattened and moved last; bring its results back.

    The kernel receives q (A, B, n), the prior (B, n) unless it is None, and each weight as a float or (n,); it returns
    a tuple of arrays of shape (*core, n), one for each of `cores`.
    """
    count = math.prod(lead)
    operands = [q] if prior is None else [q, prior]
    tails = [operand.shape[operand.ndim - 2 + k :] for k, operand in enumerate(operands)]
    rows = [
        np.broadcast_to(operand, (*lead, *tail)).reshape(count, math.prod(tail))
        for operand, tail in zip(operands, tails, strict=True)
    ]
    numbers = [x if isinstance(x, float) else np.broadcast_to(x, lead).reshape(count) for x in weights]
    results = [np.empty((count, math.prod(core))) for core in cores]
    step = max(1, BLOCK // math.prod(tails[0]))
    for start in range(0, count, step):
        part = slice(start, min(start + step, count))
        blocks = [np.array(row[part].T, order="C").reshape(*tail, -1) for row, tail in zip(rows, tails, strict=True)]
        with quiet():
            answers = kernel(*blocks, *(x if isinstance(x, float) else x[part] for x in numbers))
        for result, answer in zip(results, answers, strict=True):
            result[part] = answer.reshape(result.shape[1], -1).T
    shaped = [result.reshape((*lead, *core)) for result, core in zip(results, cores, strict=True)]
    return [array if array.ndim else float(array) for array in shaped]
