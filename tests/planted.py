"""Operators with one mistake each, and the test that holds for the right operator and must fail for them.

Every dictionary maps the name of a mistake to an operator with the signature of the right one:

    SOFT_VALUES, OPPONENT_MODELS    (q, prior, alpha, beta)                          soft_value, soft_opponent_model
    SOFT_POLICIES                   (q, alpha)                                       soft_policy, improve_policy
    IMPROVED_MODELS                 (q, policy, prior, alpha, beta)                  improve_opponent_model
    EXPECTED_VALUES                 (q, policy, opponent_model, prior, alpha, beta)  expected_value
    BELLMANS                        (view, q, prior, alpha, beta)                    bellman
    EVALUATIONS                     (view, policy, opponent_model, agent, alpha, beta, prior)   evaluate
    REGRETS                         (solution, policy, opponent_model)               regret
    VIEWS                           (game, agent)                                    game.view(agent)
    ROUNDS                          (game, alpha, beta, priors)                      self_play, its first marginals
    PATHS                           (game, alpha, beta, prior, update, rounds, joint)   self_play
    FIXED_POINTS                    (game, alpha, beta)                              self_play_equilibria, one point
    ROMMEO_LEARNERS, JAL_LEARNERS, WOLF_LEARNERS, FMQ_LEARNERS, PR2_LEARNERS   (recipe, task, rng)   recipe.start

A property is a function ``check(operator, example)`` that asserts; :func:`theorem` makes a test of it.
"""

import dataclasses
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import rommeo_exact as rx
from rommeo_exact import soft

# The harness


def share(part):
    """Settings with this part of the profile's examples, so that every profile scales every test."""
    return settings(max_examples=max(1, round(part * settings.default.max_examples)))


def theorem(right, examples, wrong, *, part=0.4):
    """A decorator: ``check(operator, example)`` holds for `right` on `examples`, and fails for each of `wrong`.

    It makes one parametrised test of the property: the case "right" is an ordinary Hypothesis test, with `part` of the
    profile's examples; every other case searches fixed examples for one that catches the wrong operator.
    """
    if not wrong:
        raise ValueError("a property that no wrong operator fails shows nothing")

    def decorate(check):
        def test(operator):
            if operator is right:
                share(part)(given(examples)(lambda example: check(operator, example)))()
            else:
                assert rejects(check, operator, examples), "no example tells this from the right operator"

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        cases = [pytest.param(operator, id=name) for name, operator in {"right": right, **wrong}.items()]
        return pytest.mark.parametrize("operator", cases)(test)

    return decorate


def rejects(check, wrong, examples):
    """Whether ``check(wrong, example)`` raises AssertionError for one of up to 600 examples."""
    for count in (40, 160, 600):
        for example in drawn(examples, count):
            try:
                check(wrong, example)
            except AssertionError:
                return True
    return False


@cache
def drawn(examples, count):
    """The first `count` examples of a strategy, the same every time."""
    kept = []
    fixed = settings(
        max_examples=count,
        phases=(Phase.generate,),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    fixed(given(examples)(lambda example: kept.append(example)))()
    return kept


def pick(operators, *names):
    """The operators of these names."""
    return {name: operators[name] for name in names}


# What the mistakes are made of


def _column(weight):
    return np.expand_dims(np.asarray(weight, dtype=float), -1)


def _ones(weight):
    return np.ones(np.shape(weight))


def _uniform(prior):
    prior = np.asarray(prior, dtype=float)
    return np.full(prior.shape, 1.0 / prior.shape[-1])


def misread(q):
    """The payoffs transposed: entry (b, a) where (a, b) belongs, in an array of the old shape."""
    return np.swapaxes(q, -1, -2).reshape(np.shape(q))


def _unscaled(q, alpha):
    """alpha log sum_a exp(Q): eq. 57 as printed, without the 1/alpha inside."""
    return np.clip(_column(alpha) * soft.soft_maximum(q, 1.0), -1e300, 1e300)


def _soft_minimum(q, alpha):
    """-alpha log sum_a exp(-Q / alpha): the entropy with the wrong sign."""
    return -soft.soft_maximum(-np.asarray(q), alpha)


def _value_of(levels, prior, beta):
    return soft.soft_value(levels[..., None, :], prior, 0.0, beta)


def _model_of(levels, prior, beta):
    return soft.soft_opponent_model(levels[..., None, :], prior, 0.0, beta)


# One state: eq. 9 to 11


def _epsilon_outside(q, prior, alpha, beta):
    """V(Q + c) = V(Q) + alpha c, as if c were added to Q / alpha: the second line of eq. 61."""
    top = np.max(q, axis=(-1, -2))
    return soft.soft_value(q - top[..., None, None], prior, alpha, beta) + alpha * top


SOFT_VALUES = {
    "alpha_dropped": lambda q, prior, alpha, beta: soft.soft_value(q, prior, _ones(alpha), beta),
    "alpha_missing_inside": lambda q, prior, alpha, beta: _value_of(_unscaled(q, alpha), prior, beta),
    "beta_dropped": lambda q, prior, alpha, beta: soft.soft_value(q, prior, alpha, _ones(beta)),
    "sum_over_b_before_the_power": lambda q, prior, alpha, beta: soft.soft_value(q, prior, alpha, alpha),
    "prior_dropped": lambda q, prior, alpha, beta: soft.soft_value(q, _uniform(prior), alpha, beta),
    "maximum_for_log_sum_exp": lambda q, prior, alpha, beta: soft.soft_value(q, prior, 0.0 * _ones(alpha), beta),
    "mean_for_sum": lambda q, prior, alpha, beta: (
        soft.soft_value(q, prior, alpha, beta) - alpha * np.log(np.shape(q)[-2])
    ),
    "entropy_sign": lambda q, prior, alpha, beta: _value_of(_soft_minimum(q, alpha), prior, beta),
    "divergence_sign": lambda q, prior, alpha, beta: -_value_of(-soft.soft_maximum(q, alpha), prior, beta),
    "payoffs_transposed": lambda q, prior, alpha, beta: soft.soft_value(misread(q), prior, alpha, beta),
    "epsilon_outside": _epsilon_outside,
}


def _one_over_alpha_outside(q, alpha):
    """(1/alpha) exp(Q) / sum_a exp(Q / alpha): eq. 56 as printed."""
    safe = np.maximum(_column(alpha), 1e-300)
    exponent = q - (soft.soft_maximum(q, alpha) / safe + np.log(safe))[..., None, :]
    return np.exp(np.clip(exponent, -700.0, 700.0))


SOFT_POLICIES = {
    "alpha_dropped": lambda q, alpha: soft.soft_policy(q, _ones(alpha)),
    "alpha_outside": _one_over_alpha_outside,
    "entropy_sign": lambda q, alpha: soft.soft_policy(-np.asarray(q), alpha),
    "maximum_for_log_sum_exp": lambda q, alpha: soft.soft_policy(q, 0.0 * _ones(alpha)),
    "uniform": lambda q, alpha: soft.soft_policy(0.0 * np.asarray(q), alpha),
    "normalised_over_b": lambda q, alpha: np.swapaxes(soft.soft_policy(np.swapaxes(q, -1, -2), alpha), -1, -2),
    "payoffs_transposed": lambda q, alpha: soft.soft_policy(misread(q), alpha),
}

OPPONENT_MODELS = {
    "alpha_dropped": lambda q, prior, alpha, beta: soft.soft_opponent_model(q, prior, _ones(alpha), beta),
    "alpha_missing_inside": lambda q, prior, alpha, beta: _model_of(_unscaled(q, alpha), prior, beta),
    "beta_dropped": lambda q, prior, alpha, beta: soft.soft_opponent_model(q, prior, alpha, _ones(beta)),
    "sum_over_b_before_the_power": lambda q, prior, alpha, beta: soft.soft_opponent_model(q, prior, alpha, alpha),
    "prior_dropped": lambda q, prior, alpha, beta: soft.soft_opponent_model(q, _uniform(prior), alpha, beta),
    "prior_itself": lambda q, prior, alpha, beta: soft.soft_opponent_model(q, prior, alpha, np.inf * _ones(beta)),
    "maximum_for_log_sum_exp": lambda q, prior, alpha, beta: soft.soft_opponent_model(
        q, prior, 0.0 * _ones(alpha), beta
    ),
    "entropy_sign": lambda q, prior, alpha, beta: _model_of(_soft_minimum(q, alpha), prior, beta),
    "divergence_sign": lambda q, prior, alpha, beta: _model_of(-soft.soft_maximum(q, alpha), prior, beta),
    "payoffs_transposed": lambda q, prior, alpha, beta: soft.soft_opponent_model(misread(q), prior, alpha, beta),
}


# A pair: eq. 33 to 44


def _pair_value(weights, q, policy, model, prior, alpha, beta, *, entropy=None):
    """sum_b weights(b) [E_pi Q + alpha H] - beta KL(model || prior)."""
    entropy = soft.entropy(policy, axis=-2) if entropy is None else entropy
    levels = (policy * q).sum(axis=-2) + _column(alpha) * entropy
    return (weights * levels).sum(axis=-1) + _price(model, prior, beta)


def _price(model, prior, beta):
    return -np.where(np.isinf(beta), 0.0, beta) * soft.kl_divergence(model, prior)


def _entropy_of_the_marginal(q, policy, model, prior, alpha, beta):
    marginal = soft.entropy(soft.marginal_policy(policy, model))
    return _pair_value(model, q, policy, model, prior, alpha, beta, entropy=marginal[..., None])


EXPECTED_VALUES = {
    "entropy_dropped": lambda q, policy, model, prior, alpha, beta: _pair_value(
        model, q, policy, model, prior, 0.0 * _ones(alpha), beta
    ),
    "entropy_sign": lambda q, policy, model, prior, alpha, beta: _pair_value(
        model, q, policy, model, prior, -np.asarray(alpha), beta
    ),
    "entropy_of_the_marginal": _entropy_of_the_marginal,
    "divergence_dropped": lambda q, policy, model, prior, alpha, beta: _pair_value(
        model, q, policy, model, prior, alpha, 0.0 * _ones(beta)
    ),
    "divergence_sign": lambda q, policy, model, prior, alpha, beta: (
        _pair_value(model, q, policy, model, prior, alpha, beta) - 2.0 * _price(model, prior, beta)
    ),
    "prior_dropped": lambda q, policy, model, prior, alpha, beta: _pair_value(
        model, q, policy, model, _uniform(prior), alpha, beta
    ),
    "weighted_by_the_prior": lambda q, policy, model, prior, alpha, beta: _pair_value(
        prior, q, policy, model, prior, alpha, beta
    ),
    "weighted_by_the_policy": lambda q, policy, model, prior, alpha, beta: _pair_value(
        _uniform(model), q, policy, model, prior, alpha, beta
    ),
    "payoffs_transposed": lambda q, policy, model, prior, alpha, beta: _pair_value(
        model, misread(q), policy, model, prior, alpha, beta
    ),
}

IMPROVED_MODELS = {
    "policy_ignored": lambda q, policy, prior, alpha, beta: soft.soft_opponent_model(q, prior, alpha, beta),
    # eq. 39 prints H(pi(s)), which does not depend on b and drops out
    "entropy_dropped": lambda q, policy, prior, alpha, beta: _model_of((policy * q).sum(axis=-2), prior, beta),
    "entropy_sign": lambda q, policy, prior, alpha, beta: _model_of(
        (policy * q).sum(axis=-2) - _column(alpha) * soft.entropy(policy, axis=-2), prior, beta
    ),
    "prior_dropped": lambda q, policy, prior, alpha, beta: soft.improve_opponent_model(
        q, policy, _uniform(prior), alpha, beta
    ),
    "prior_itself": lambda q, policy, prior, alpha, beta: np.array(prior),
    "beta_dropped": lambda q, policy, prior, alpha, beta: soft.improve_opponent_model(
        q, policy, prior, alpha, _ones(beta)
    ),
    "divergence_sign": lambda q, policy, prior, alpha, beta: soft.improve_opponent_model(
        -q, policy, prior, alpha, beta
    ),
}


# All states: eq. 12, 13, 33, 60


def dense(view):
    """p as an (S, A, B, S) array."""
    rows = view.transitions.toarray() if hasattr(view.transitions, "toarray") else view.transitions
    return rows.reshape(*view.shape, view.shape[0])


def _bellman_of(soft_value):
    return lambda view, q, prior, alpha, beta: soft.one_step(view, soft_value(q, prior, alpha, beta))


def _reward_discounted(view, q, prior, alpha, beta):
    """gamma (R + p V)."""
    return soft.bellman(view, q, prior, alpha, beta) - (1.0 - view.discount) * _live(view) * view.rewards


def _undiscounted(view, q, prior, alpha, beta):
    """R + p V."""
    value = np.where(view.terminal, 0.0, soft.soft_value(q, prior, alpha, beta))
    return _live(view) * (view.rewards + dense(view) @ value)


def _endless(view, q, prior, alpha, beta):
    """Terminal states are worth their V instead of 0."""
    return view.rewards + view.discount * (dense(view) @ soft.soft_value(q, prior, alpha, beta))


def _moves_transposed(view, q, prior, alpha, beta):
    """p(s'|s, b, a) read where p(s'|s, a, b) belongs."""
    value = np.where(view.terminal, 0.0, soft.soft_value(q, prior, alpha, beta))
    return _live(view) * (view.rewards + view.discount * misread(dense(view) @ value))


def _live(view):
    return (~view.terminal)[:, None, None]


BELLMANS = {
    **{name: _bellman_of(operator) for name, operator in SOFT_VALUES.items()},
    "reward_discounted": _reward_discounted,
    "undiscounted": _undiscounted,
    "endless": _endless,
    "moves_transposed": _moves_transposed,
}


def discounted_sum(view, policy, model, reward):
    """E sum_t gamma^t reward(s_t) under a pair, from every state, by a dense linear solve; (S,) to (S,)."""
    steps = np.einsum("sab,sb,sabt->st", policy, model, dense(view))
    steps[view.terminal] = 0.0
    return np.linalg.solve(np.eye(len(steps)) - view.discount * steps, np.where(view.terminal, 0.0, reward))


def _evaluation(view, value):
    return SimpleNamespace(value=value, q=soft.one_step(view, value), error_bound=0.0)


def _evaluated_by(reward):
    """The evaluation of a pair whose expected reward has a mistake."""

    def evaluate(view, policy, model, agent=0, alpha=1.0, beta=1.0, prior=None):
        return _evaluation(
            view, discounted_sum(view, policy, model, reward(view.rewards, policy, model, prior, alpha, beta))
        )

    return evaluate


def _first_entropy_in_q(view, policy, model, agent=0, alpha=1.0, beta=1.0, prior=None):
    """Q with the entropy of its own first step, which eq. 33 leaves to V."""
    right = rx.evaluate(view, policy, model, alpha=alpha, beta=beta, prior=prior)
    extra = alpha * soft.entropy(policy, axis=1)[:, None, :]
    return SimpleNamespace(value=right.value, q=right.q + _live(view) * extra, error_bound=right.error_bound)


def _moves_of_the_prior(view, policy, model, agent=0, alpha=1.0, beta=1.0, prior=None):
    """The right reward, but the others move as the prior says."""
    reward = soft.expected_value(view.rewards, policy, model, prior, alpha, beta)
    return _evaluation(view, discounted_sum(view, policy, prior, reward))


def _first_reward_discounted(view, policy, model, agent=0, alpha=1.0, beta=1.0, prior=None):
    """sum_t gamma^(t+1) r_t, as eq. 1 counts from t = 1."""
    right = rx.evaluate(view, policy, model, alpha=alpha, beta=beta, prior=prior)
    return _evaluation(view, view.discount * right.value)


EVALUATIONS = {
    **{name: _evaluated_by(operator) for name, operator in EXPECTED_VALUES.items()},
    "first_entropy_in_q": _first_entropy_in_q,
    "moves_of_the_prior": _moves_of_the_prior,
    "first_reward_discounted": _first_reward_discounted,
}


def _regret(own, others):
    return SimpleNamespace(policy_part=own, opponent_part=others, total=own + others, error_bound=0.0)


def _regret_of(parts, weights=None):
    """A regret whose gaps per state, `parts`, or whose moves have a mistake."""

    def regret(solution, policy, model):
        policy_gap, opponent_gap = parts(solution, policy, model)
        walk = model if weights is None else weights(solution)
        sums = [discounted_sum(solution.view, policy, walk, gap) for gap in (policy_gap, opponent_gap)]
        return _regret(*sums)

    return regret


def _gaps(solution, policy, model, *, by=None):
    levels = soft.soft_maximum(solution.q, solution.alpha)
    by = model if by is None else by
    return (
        (by * soft.policy_gap(solution.q, policy, solution.alpha)).sum(axis=-1),
        soft.opponent_gap(levels, model, solution.prior, solution.beta),
    )


def _undiscounted_gaps(solution, policy, model):
    gaps = _gaps(solution, policy, model)
    return _regret(*gaps)


REGRETS = {
    "weighted_by_the_best_model": _regret_of(lambda sol, pi, rho: _gaps(sol, pi, rho, by=sol.opponent_model)),
    "moves_of_the_best_model": _regret_of(_gaps, lambda sol: sol.opponent_model),
    "divergence_from_the_prior": _regret_of(
        lambda sol, pi, rho: (_gaps(sol, pi, rho)[0], -_price(rho, sol.prior, sol.beta))
    ),
    "opponent_gap_dropped": _regret_of(lambda sol, pi, rho: (_gaps(sol, pi, rho)[0], np.zeros(len(pi)))),
    "policy_gap_dropped": _regret_of(lambda sol, pi, rho: (np.zeros(len(pi)), _gaps(sol, pi, rho)[1])),
    "first_step_only": _undiscounted_gaps,
}


# Games through an agent's eyes


def _view_of(game, agent, *, payoffs_of=None, order=None):
    """A view of a matrix or stochastic game with another player's payoffs, or with the others in another order."""
    stochastic = isinstance(game, rx.StochasticGame)
    rewards = game.payoffs[agent if payoffs_of is None else payoffs_of]
    rewards = rewards if stochastic else rewards[None]
    n = game.num_players
    others = order or [j for j in range(n) if j != agent]
    axes = [0, 1 + agent, *(1 + j for j in others)]
    states, own = len(rewards), game.num_actions[agent]
    if not stochastic:
        return rx.View(np.transpose(rewards, axes).reshape(1, own, -1), np.ones((1, own, rewards.size // own, 1)), 0.0)
    rows = game.transitions.toarray() if hasattr(game.transitions, "toarray") else game.transitions
    moves = np.transpose(rows.reshape(*rewards.shape, states), [*axes, n + 1])
    return rx.View(
        np.transpose(rewards, axes).reshape(states, own, -1),
        moves.reshape(states, own, -1, states), game.discount, game.terminal,
    )  # fmt: skip


def _from_the_next(game, agent):
    """The others in the cyclic order agent + 1, agent + 2, ..."""
    n = game.num_players
    return _view_of(game, agent, order=[(agent + k) % n for k in range(1, n)])


VIEWS = {
    "others_from_the_next": _from_the_next,
    "first_players_payoffs": lambda game, agent: _view_of(game, agent, payoffs_of=0),
}


# Self-play: a round, a path, a fixed point


def _answers(answer, seen=lambda game, i: game.view(i)):
    """A round (game, alpha, beta, priors) in which everyone answers by ``answer(q, prior, alpha, beta)``."""

    def play(game, alpha, beta, priors):
        weights = zip(range(game.num_players), priors, alpha, beta, strict=True)
        return tuple(answer(seen(game, i).rewards[0], prior, a, b) for i, prior, a, b in weights)

    return play


def marginal(q, prior, alpha, beta, *, policy=None, model=None):
    """sum_b rho(b) pi(a|b), the play that answers a prior, or with another policy or model in it."""
    policy = soft.soft_policy(q, alpha) if policy is None else policy
    model = soft.soft_opponent_model(q, prior, alpha, beta) if model is None else model
    return soft.marginal_policy(policy, model)


def _reply_to_the_mean(q, prior, alpha, beta):
    """The soft best reply to expected payoffs: logit learning, which has no opponent model."""
    return soft.soft_policy((q @ prior)[:, None], alpha)[:, 0]


def _unnormalised(q, prior, alpha, beta):
    """The opponent model not divided by its sum."""
    level = soft.soft_maximum(q, alpha)
    power = np.exp((level - level.max()) / np.maximum(beta, 1e-9)) if beta < np.inf else np.ones(len(level))
    return soft.soft_policy(q, alpha) @ (prior * power)


def _prior_of_the_next(game, alpha, beta, priors):
    """Everyone answers the next player's prior, where it has the right size."""
    n = len(priors)
    turned = [priors[(i + 1) % n] if len(priors[(i + 1) % n]) == len(priors[i]) else priors[i] for i in range(n)]
    return ROUND(game, alpha, beta, turned)


ROUND = _answers(marginal)

ROUNDS = {
    "alpha_dropped": _answers(lambda q, prior, alpha, beta: marginal(q, prior, 1.0, beta)),
    "beta_dropped": _answers(lambda q, prior, alpha, beta: marginal(q, prior, alpha, 1.0)),
    "prior_dropped": _answers(lambda q, prior, alpha, beta: marginal(q, _uniform(prior), alpha, beta)),
    "opponent_model_dropped": _answers(lambda q, prior, alpha, beta: marginal(q, prior, alpha, beta, model=prior)),
    "policy_for_the_likeliest": _answers(
        lambda q, prior, alpha, beta: soft.soft_policy(q, alpha)[
            :, soft.soft_opponent_model(q, prior, alpha, beta).argmax()
        ]
    ),
    "maximum_for_log_sum_exp": _answers(lambda q, prior, alpha, beta: marginal(q, prior, 0.0, beta)),
    "payoffs_transposed": _answers(lambda q, prior, alpha, beta: marginal(misread(q), prior, alpha, beta)),
    "reply_to_the_mean": _answers(_reply_to_the_mean),
    "not_normalised": _answers(_unnormalised),
    "others_from_the_next": _answers(marginal, VIEWS["others_from_the_next"]),
    "first_players_payoffs": _answers(marginal, VIEWS["first_players_payoffs"]),
    "prior_of_the_next": _prior_of_the_next,
    "players_exchanged": lambda game, alpha, beta, priors: ROUND(game, alpha, beta, priors)[::-1],
    "first_players_weights": lambda game, alpha, beta, priors: ROUND(
        game, alpha[:1] * len(alpha), beta[:1] * len(beta), priors
    ),
}  # fmt: skip


def _other_update(change):
    """rx.self_play with the way in which priors follow changed."""

    def play(game, alpha, beta, prior, update, rounds, joint):
        update, joint = change(update, joint)
        return rx.self_play(game, alpha, beta, prior, update, rounds, joint=joint, tol=0.0)

    return play


def _step_of(update, change):
    if isinstance(update, str):
        return update
    return (lambda k: change(update, k)) if callable(update) else change(lambda k: update, 0)


def _delayed(game, alpha, beta, prior, update, rounds, joint):
    """Priors follow one round late."""
    path = rx.self_play(game, alpha, beta, prior, update, rounds, joint=joint, tol=0.0)
    late = [tuple(np.concatenate([x[:1], x[:-1]]) for x in part) for part in (path.priors, path.marginals)]
    return SimpleNamespace(priors=late[0], marginals=late[1])


PATHS = {
    "simultaneous_for_alternating": _other_update(
        lambda update, joint: ("simultaneous" if update == "alternating" else update, joint)
    ),
    "alternating_for_simultaneous": _other_update(
        lambda update, joint: ("alternating" if update == "simultaneous" else update, joint)
    ),
    "joint_and_product_exchanged": _other_update(lambda update, joint: (update, not joint)),
    "no_step": _other_update(lambda update, joint: (_step_of(update, lambda step, k: 1.0), joint)),
    "step_exchanged": _other_update(
        lambda update, joint: (_step_of(update, lambda step, k: 1.0 - step(k) or 1.0), joint)
    ),
    "round_counted_from_one": _other_update(
        lambda update, joint: ((lambda k: update(k + 1)) if callable(update) else update, joint)
    ),
    "delayed": _delayed,
}


def _point(game, alpha, beta, logs=None, bound=None):
    """A fixed point as the theorems want it: logarithms of the marginals, and the bound on their error."""
    found = rx.self_play_equilibria(game, alpha, beta).points[0]
    logs = found.log_marginals if logs is None else logs
    return SimpleNamespace(log_marginals=logs, error_bound=found.error_bound if bound is None else bound)


def _left_vector(game, alpha, beta):
    """The Perron vectors of the transposed matrices."""
    one, two = (soft.log_response(game.view(i).rewards[0], alpha[i], beta[i]) for i in (0, 1))
    logs = []
    for left, right in ((one, two), (two, one)):
        power = soft.log_product(left, right).T
        for _ in range(30):
            power = soft.log_product(power, power)
            power -= power.max()
        logs.append(power[:, 0])
    return _point(game, alpha, beta, logs)


def _stopped_early(game, alpha, beta):
    """Self-play until it hardly moves, and the last step for a bound."""
    path = rx.self_play(game, alpha, beta, rounds=60, tol=1e-12)
    with np.errstate(divide="ignore"):
        return _point(game, alpha, beta, [np.log(m[-1]) for m in path.marginals], float(path.residuals[-1]) + 1e-12)


def _with_payoffs(change):
    return lambda game, alpha, beta: _point(rx.MatrixGame(change(game.payoffs)), alpha, beta)


FIXED_POINTS = {
    "transposed_matrix": _left_vector,
    "players_exchanged": lambda game, alpha, beta: _point(
        game, alpha, beta, rx.self_play_equilibria(game, alpha, beta).points[0].log_marginals[::-1]
    ),
    "alpha_dropped": lambda game, alpha, beta: _point(game, (1.0, 1.0), beta),
    "beta_dropped": lambda game, alpha, beta: _point(game, alpha, (1.0, 1.0)),
    "opponent_model_dropped": lambda game, alpha, beta: _point(game, alpha, (np.inf, np.inf)),
    "weights_exchanged": lambda game, alpha, beta: _point(game, alpha[::-1], beta[::-1]),
    "first_players_payoffs": _with_payoffs(lambda payoffs: np.stack([payoffs[0], payoffs[0]])),
    "payoffs_transposed": _with_payoffs(lambda payoffs: np.stack([misread(table) for table in payoffs])),
    "payoffs_clipped": _with_payoffs(lambda payoffs: np.clip(payoffs, -5.0, 5.0)),
    "stopped_early": _stopped_early,
    "no_bound": lambda game, alpha, beta: _point(game, alpha, beta, bound=np.inf),
    "a_little_off": lambda game, alpha, beta: _point(
        game, alpha, beta,
        [x + 1e-6 * np.arange(len(x)) for x in rx.self_play_equilibria(game, alpha, beta).points[0].log_marginals],
    ),
}  # fmt: skip


# Learners: start(recipe, task, rng) is recipe.start, with a mistake in the learner that it starts


def _learner(name, change):
    """A learner whose method `name` is ``change(right)``, in which `right` is the method as it is."""

    def start(recipe, task, rng):
        learner = recipe.start(task, rng)
        setattr(learner, name, change(getattr(learner, name), learner))
        return learner

    return start


def heard(change):
    """It learns from ``change(seen, task)``."""
    return _learner("learn", lambda learn, self: lambda seen: learn(change(seen, self.task)))


def _with_settings(change):
    """Started with other settings: ``change(recipe, task)``."""
    return lambda recipe, task, rng: dataclasses.replace(recipe, **change(recipe)).start(task, rng)


def _exchanged(seen, task):
    """Own and other actions exchanged, where they exist."""
    return seen._replace(action=np.minimum(seen.others, task.own - 1), others=np.minimum(seen.action, task.joint - 1))


def _counts(change):
    """Its memory counts ``change(seen, learner)``."""

    def start(recipe, task, rng):
        learner = recipe.start(task, rng)
        add = learner.memory.add
        learner.memory.add = lambda seen: add(change(seen, learner))
        return learner

    return start


def _own_counts(seen, learner):
    return seen._replace(others=np.minimum(seen.action, learner.task.joint - 1))


def _first_run(seen, task):
    """Every run learns from the first one's round."""
    return type(seen)(seen.run, *(np.broadcast_to(column[:1], column.shape) for column in seen[1:]))


def _late(recipe):
    """Schedules that are a round ahead."""

    def ahead(value):
        return lambda k: value(k + 1)

    values = {field.name: getattr(recipe, field.name) for field in dataclasses.fields(recipe)}
    return {name: ahead(value) for name, value in values.items() if callable(value)}


_COMMON = {
    "actions_exchanged": heard(_exchanged),
    "end_overlooked": heard(lambda seen, task: seen._replace(ended=np.zeros_like(seen.ended))),
    "always_the_end": heard(lambda seen, task: seen._replace(ended=np.ones_like(seen.ended))),
    "first_state": heard(lambda seen, task: seen._replace(state=0 * seen.state)),
    "next_of_this": heard(lambda seen, task: seen._replace(following=seen.state)),
    "first_run_for_all": heard(_first_run),
    "schedules_a_round_ahead": _with_settings(_late),
    "no_exploration": _with_settings(lambda recipe: {"epsilon": 0.0}),
}


def _rommeo_value(change):
    """V bar by ``change(target, prior, alpha, beta)``."""

    def value(right, self):
        return lambda run, state: change(
            self.target[run, state], self.prior[run, state], self.alpha, self.recipe.beta
        )

    return _learner("_value", value)


def _prior_late(learn, self):
    """The prior of the round before."""

    def late(seen):
        before = self.prior
        memory, prior = self.memory, self.memory.prior
        memory.prior = lambda pseudo_count: before
        learn(seen)
        memory.prior = prior
        self.prior = prior(self.recipe.pseudo_count)

    return late


ROMMEO_LEARNERS = {
    **_COMMON,
    "rho_is_the_prior": _learner("pair", lambda pair, self: lambda: (pair()[0], self.prior)),
    "prior_of_own_actions": _counts(_own_counts),
    "prior_of_all_states": _counts(lambda seen, learner: seen._replace(state=0 * seen.state)),
    "prior_of_the_round_before": _learner("learn", _prior_late),
    "no_pseudo_count": _with_settings(lambda recipe: {"pseudo_count": 0.0}),
    "pseudo_count_doubled": _with_settings(lambda recipe: {"pseudo_count": 2.0 * recipe.pseudo_count}),
    "beta_dropped": _with_settings(lambda recipe: {"beta": 1.0}),
    "nothing_forgotten": _with_settings(lambda recipe: {"capacity": 1000}),
    "one_step": _with_settings(lambda recipe: {"batch": 1}),
    "target_not_copied": _with_settings(lambda recipe: {"interval": 10**9}),
    "target_always_copied": _with_settings(lambda recipe: {"interval": 1}),
    "regress_at_the_other": _with_settings(
        lambda recipe: {"regress_at": "printed" if recipe.regress_at == "first" else "first"}
    ),
    "greatest_value": _rommeo_value(lambda q, prior, alpha, beta: q.max(axis=(1, 2))),
    "value_by_the_prior": _rommeo_value(lambda q, prior, alpha, beta: soft.soft_value(q, prior, alpha, np.inf)),
    "value_of_temperature_1": _rommeo_value(lambda q, prior, alpha, beta: soft.soft_value(q, prior, 1.0, beta)),
    "value_of_uniform_prior": _rommeo_value(
        lambda q, prior, alpha, beta: soft.soft_value(q, _uniform(prior), alpha, beta)
    ),
    "temperature_1": _learner(
        "pair", lambda pair, self: lambda: soft.optimum(self.q, self.prior, 1.0, self.recipe.beta)[1:]
    ),
}

JAL_LEARNERS = {
    **_COMMON,
    "counts_of_own_actions": _counts(_own_counts),
    "counts_of_all_states": _counts(lambda seen, learner: seen._replace(state=0 * seen.state)),
    "uniform_counts": _learner("opponent_model", lambda model, self: lambda: _uniform(model())),
    "laplace": _learner("opponent_model", lambda model, self: lambda: self.memory.prior(1.0)),
    "greatest_of_the_others": _learner("expected", lambda values, self: lambda: self.q.max(axis=3)),
    "nothing_forgotten": _with_settings(lambda recipe: {"window": 1000}),
    "divided": _with_settings(lambda recipe: {"choice": "divided" if recipe.choice == "boltzmann" else "boltzmann"}),
}


def _wolf(change):
    """A WoLF-PHC that calls ``change(learner, seen)`` before it learns."""

    def learn(right, self):
        def changed(seen):
            change(self, seen)
            right(seen)

        return changed

    return _learner("learn", learn)


def _not_projected(learn, self):
    """The steps of all actions as they are, then clipped and divided by their sum."""

    def changed(seen):
        here = seen.run, seen.state
        before = self.climbing[here].copy()
        learn(seen)
        values, mean = self.q[here], self.mean[here]
        wins = (before * values).sum(axis=1) > (mean * values).sum(axis=1)
        rates = (self.recipe.at(name, self.round) for name in ("winning", "losing"))
        delta = np.where(wins, *rates)[:, None]
        greedy = np.eye(self.task.own)[values.argmax(axis=1)]
        share = (before + delta * greedy - delta / max(1, self.task.own - 1) * (1.0 - greedy)).clip(0.0)
        self.climbing[here] = share / share.sum(axis=1, keepdims=True)

    return changed


def _mean_is_the_policy(self, seen):
    self.mean = self.climbing.copy()


def _visits_of_all_states(self, seen):
    self.visits[:] = self.round


def _start_exchanged(recipe, task, rng):
    """Winning and losing exchanged."""
    learner = recipe.start(task, rng)
    other = {"winning": "losing", "losing": "winning"}
    learner.recipe = SimpleNamespace(at=lambda name, k: recipe.at(other.get(name, name), k))
    return learner


WOLF_LEARNERS = {
    **_COMMON,
    "win_and_lose_exchanged": _start_exchanged,
    "always_losing": _with_settings(lambda recipe: {"winning": recipe.losing}),
    "always_winning": _with_settings(lambda recipe: {"losing": recipe.winning}),
    "clipped_and_divided": _learner("learn", _not_projected),
    "mean_is_the_policy": _wolf(_mean_is_the_policy),
    "visits_of_all_states": _wolf(_visits_of_all_states),
    "greedy": _learner("policy", lambda policy, self: lambda: np.eye(self.task.own)[self.q.argmax(axis=2)]),
}


def _fmq(change):
    """The evaluation as ``change(learner, how often, greatest)``."""

    def evaluation(right, self):
        def changed():
            tried = self.tried > 0.0
            often = self.met / np.where(tried, self.tried, 1.0)
            return change(self, often, np.where(tried, self.greatest, 0.0))

        return changed

    return _learner("evaluation", evaluation)


def _never_reset(learn, self):
    """A new greatest reward is counted on top of the old one's."""

    def changed(seen):
        place = seen.run, seen.state, seen.action
        before = self.met[place]
        learn(seen)
        self.met[place] = np.maximum(self.met[place], before + (seen.reward >= self.greatest[place]))

    return changed


def _greatest_of_all(self, often, greatest):
    return self.q + self.recipe.c * often * greatest.max(axis=-1, keepdims=True)


FMQ_LEARNERS = {
    **_COMMON,
    "no_frequency": _fmq(lambda self, often, greatest: self.q + self.recipe.c * greatest),
    "no_reward": _fmq(lambda self, often, greatest: self.q + self.recipe.c * often),
    "no_q": _fmq(lambda self, often, greatest: self.recipe.c * often * greatest),
    "no_heuristic": _with_settings(lambda recipe: {"c": 0.0}),
    "c_of_1": _with_settings(lambda recipe: {"c": 1.0}),
    "greatest_of_all_actions": _fmq(_greatest_of_all),
    "count_never_reset": _learner("learn", _never_reset),
}


PR2_LEARNERS = {
    **_COMMON,
    "over_own_actions": _learner("answers", lambda answers, self: lambda: soft.normalised(self.q, axis=2)),
    "no_temperature": _learner("answers", lambda answers, self: lambda: soft.normalised(self.q)),
    "uniform_answers": _learner("answers", lambda answers, self: lambda: _uniform(answers())),
    "the_same_answer_to_all": _learner(
        "answers", lambda answers, self: lambda: np.broadcast_to(answers().mean(axis=2, keepdims=True), self.q.shape)
    ),
    "normaliser_for_the_mean": _learner("expected", lambda values, self: lambda: soft.log_sum(self.q)),
}
