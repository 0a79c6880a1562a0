r"""A round of exact self-play: every agent answers its prior, and what it plays becomes the others' prior.

Agent i's prior P_i over the joint actions of the others is answered by pi* and rho* (eq. 10, 11); its marginal policy

    m_i(a|s) = sum_b rho*(b|s) pi*(a|s,b)  proportional to  sum_b A_i(a,b) P_i(b|s),     A_i = exp(log_response(Q_i))

is what it plays (Algorithm 1), and the product of the others' marginals is its next prior: what the paper's estimate of
P comes to, were everyone to play for ever. In a matrix game Q_i is the payoff table, whatever the discount; in a
stochastic game it is the exact soft Q of the prior.

The population's *play* is the tuple of all marginals, kept as logarithms, so that probabilities of 1e-300 are ordinary
numbers. A fixed point is a play that answers itself. The derivative of a round in these coordinates has a meaning: in a
matrix game its block (i, j) is

    J_ij(a, c) = Pr_i(b_j = c | a),   the belief of agent i, under pi* rho*, about j's action where its own is a,

modulo constants in each player's logarithms.

Every array has a leading axis of plays: a hundred are answered at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..checks import FloatArray, distribution, is_sparse, place, plain
from ..errors import InputError
from ..games.models import Game, MatrixGame, StochasticGame, View
from ..soft import (
    log_opponent_model,
    log_policy,
    log_response,
    log_sum,
    normalised,
    optimum,
    relative_level,
    soft_maximum,
    weight,
)
from ..solvers import Solution, solve
from .perron import UNIT, hilbert_distance, log_normalised

__all__ = ["Play", "Population", "response_noise"]

Play = tuple[FloatArray, ...]
"""Logarithms of distributions, one array (K, S, .) for each player."""

TOGETHER = 1 << 22
"""Entries (k, s, a, b, s') up to which the tables of many priors are computed at once."""


@dataclass(frozen=True, eq=False)
class Population:
    """n agents that play one game, each with its temperature and its weight.

    Attributes
    ----------
    game : MatrixGame or StochasticGame
    alpha, beta : tuple of float
        One for each player.
    views : tuple of View
        The game through each player's eyes.
    """

    game: Game
    alpha: tuple[float, ...]
    beta: tuple[float, ...]
    views: tuple[View, ...]

    @classmethod
    def of(cls, game: Any, alpha: Any, beta: Any, discount: float | None = None) -> Population:
        """Checked; `alpha` and `beta` are numbers, or sequences with one for each player."""
        if isinstance(game, MatrixGame):
            views = [game.view(i, 0.0 if discount is None else discount) for i in range(game.num_players)]
        elif isinstance(game, StochasticGame):
            views = [game.view(i, discount) for i in range(game.num_players)]
        else:
            raise InputError(f"game must be a MatrixGame or a StochasticGame, not {type(game).__name__}")
        count = game.num_players
        weights = _for_each_player(alpha, "alpha", count, finite=True), _for_each_player(beta, "beta", count)
        return cls(game, *weights, tuple(views))

    @property
    def stateless(self) -> bool:
        return isinstance(self.game, MatrixGame)

    @property
    def discount(self) -> float:
        return self.views[0].discount

    @property
    def states(self) -> int:
        return self.views[0].shape[0]

    @property
    def sizes(self) -> tuple[int, ...]:
        """(A_1, ..., A_n)."""
        return self.game.num_actions

    @property
    def players(self) -> range:
        return range(len(self.sizes))

    def others(self, i: int) -> list[int]:
        """The players of the axes of agent i's joint actions b."""
        return [j for j in self.players if j != i]

    @cached_property
    def _closed_forms(self) -> tuple[tuple[FloatArray, FloatArray], ...]:
        """log pi* (1, 1, A, B) and L (1, 1, B) of a matrix game."""
        settings = zip(self.views, self.alpha, self.beta, strict=True)
        return tuple(
            (log_policy(view.rewards, alpha)[None], relative_level(view.rewards, alpha, beta)[None])
            for view, alpha, beta in settings
        )

    def noise(self, i: int) -> float:
        """Bound on what rounding does to agent i's log A in a matrix game."""
        return float(response_noise(self.views[i].rewards[0], self.alpha[i], self.beta[i]))

    # --- a round ---

    def uniform(self) -> Play:
        return tuple(np.full((1, self.states, size), -math.log(size)) for size in self.sizes)

    def log_prior(self, play: Play, i: int) -> FloatArray:
        """log P_i (K, S, B): the product of the others' marginals."""
        prior = np.zeros((*play[0].shape[:2], 1))
        for j in self.others(i):
            prior = (prior[..., :, None] + play[j][..., None, :]).reshape(*prior.shape[:2], -1)
        return prior

    def log_priors(self, play: Play) -> Play:
        return tuple(self.log_prior(play, i) for i in self.players)

    def solution(self, log_prior: FloatArray, i: int) -> Solution:
        """Agent i's exact optimum for one prior (S, B)."""
        prior = normalised(log_prior)
        return solve(self.views[i], 0, self.alpha[i], self.beta[i], prior, tol=0.0, on_failure="return")

    def tables(self, log_prior: FloatArray, i: int) -> FloatArray:
        """Agent i's Q* (K, S, A, B) for the priors (K, S, B); in a matrix game, the payoffs (1, 1, A, B)."""
        if self.stateless:
            return self.views[i].rewards[None]
        entries = math.prod(self.views[i].shape) * self.states
        if entries <= TOGETHER and self.beta[i] > 0.0:
            step = max(1, TOGETHER // entries)
            parts = [normalised(log_prior[k : k + step]) for k in range(0, len(log_prior), step)]
            return np.concatenate([self._tables(part, i) for part in parts])
        return np.stack([self.solution(prior, i).q for prior in log_prior])

    def closed_forms(self, log_prior: FloatArray, i: int) -> tuple[FloatArray, FloatArray]:
        """log pi*(a|s,b) (K, S, A, B) and log rho*(b|s) (K, S, B) under the priors (K, S, B)."""
        if self.stateless:
            powers, level = self._closed_forms[i]
        else:
            q = self.tables(log_prior, i)
            powers, level = log_policy(q, self.alpha[i]), relative_level(q, self.alpha[i], self.beta[i])
        return powers, log_opponent_model(level, log_prior, self.beta[i])

    def response(self, log_prior: FloatArray, i: int) -> FloatArray:
        """log A_i (K, S, A, B), up to a constant for each state."""
        answers: FloatArray = log_response(self.tables(log_prior, i), self.alpha[i], self.beta[i])
        return answers

    def _tables(self, prior: FloatArray, i: int) -> FloatArray:
        """Agent i's Q* (K, S, A, B) for many priors (K, S, B) at once: soft policy iteration, to rounding."""
        view, alpha, beta = self.views[i], self.alpha[i], self.beta[i]
        states = self.states
        moves = self._moves[i]
        value = np.zeros(prior.shape[:2])
        size = math.inf
        p: Any = view.transitions
        rows = p if is_sparse(p) else p.reshape(-1, states)
        for _ in range(100):
            middle = (value.max(axis=1, keepdims=True) + value.min(axis=1, keepdims=True)) / 2.0
            ahead = (rows @ (value - middle).T).T + middle  # rows that sum to 1 only nearly pass the middle on whole
            q = view.rewards + view.discount * ahead.reshape(-1, *view.shape)
            q[:, view.terminal] = 0.0
            backup, policy, model = optimum(q, prior, alpha, beta)
            gap = np.where(view.terminal, 0.0, backup - value)
            last, size = size, float(np.abs(gap).max())
            if size <= 1e-15 * (1.0 + float(np.abs(value).max())) or (size > 0.5 * last and size < 1e-9):
                break
            weights = (policy * model[..., None, :]).reshape(*prior.shape[:2], -1)
            mean = np.einsum("ksx,sxt->kst", weights, moves.reshape(states, -1, states))
            value = value + np.linalg.solve(np.eye(states) - view.discount * mean, gap[..., None])[..., 0]
        return np.asarray(q)

    @cached_property
    def _moves(self) -> tuple[FloatArray, ...]:
        """Each player's transitions (S, A, B, S) to and from states that do not end the game."""
        arrays = []
        for view in self.views:
            p: Any = view.transitions
            live = ~view.terminal
            dense = (p.toarray() if is_sparse(p) else p).reshape(*view.shape, len(live))
            arrays.append(dense * live * live[:, None, None, None])
        return tuple(arrays)

    def answer(self, log_prior: FloatArray, i: int) -> FloatArray:
        """log m_i (K, S, A): the marginal policy with which agent i answers a prior."""
        policy, model = self.closed_forms(log_prior, i)
        return log_normalised(log_sum(policy + model[..., None, :]))

    def round(self, play: Play) -> Play:
        """What everyone answers to what everyone plays."""
        return tuple(self.answer(self.log_prior(play, i), i) for i in self.players)

    # --- its derivative ---

    def jacobian(self, play: Play) -> FloatArray:
        """The derivative of a round in the coordinates of :meth:`flat`, (K, N, N)."""
        count, states, sizes = play[0].shape[0], self.states, self.sizes
        blocks = [[np.zeros((count, states, n, states, m)) for m in sizes] for n in sizes]
        here = np.arange(states)
        for i in self.players:
            log_prior = self.log_prior(play, i)
            policy, model = self.closed_forms(log_prior, i)
            belief = normalised(policy + model[..., None, :])  # Pr_i(b | a), (K, S, A, B)
            through = None if self.stateless else self._through_values(i, normalised(log_prior), belief)
            shape = [sizes[j] for j in self.others(i)]
            for axis, j in enumerate(self.others(i)):
                rest = tuple(3 + k for k in range(len(shape)) if k != axis)
                blocks[i][j][:, here, :, here] = np.moveaxis(belief.reshape(*belief.shape[:3], *shape).sum(rest), 1, 0)
                if through is not None:
                    carried, pull = through
                    pulls = pull.reshape(count, states, *shape).sum(tuple(axis - 1 for axis in rest))
                    blocks[i][j] += carried[..., None] * pulls[:, None, None]
        rows = []
        for i in self.players:
            reduced = [block[:, :, 1:] - block[:, :, :1] for block in blocks[i]]
            shapes = [(count, states * (sizes[i] - 1), states * (size - 1)) for size in sizes]
            tall = [block[..., 1:].reshape(shape) for block, shape in zip(reduced, shapes, strict=True)]
            rows.append(np.concatenate(tall, axis=2))
        matrix: FloatArray = np.concatenate(rows, axis=1)
        return matrix

    def _through_values(self, i: int, prior: FloatArray, belief: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How log m_i moves with V (K, S, A, S), resolvent included, and V's pull of log P (K, S, B)."""
        view, alpha, beta = self.views[i], self.alpha[i], self.beta[i]
        live, moves, gamma = ~view.terminal, self._moves[i], view.discount
        tables = self._tables(prior, i)
        _, pi, rho = optimum(tables, prior, alpha, beta)
        per_model = np.einsum("ksab,sabt->ksbt", pi, moves)
        mean = np.einsum("ksb,ksbt->kst", rho, per_model)
        resolvent = np.linalg.solve(np.eye(len(live)) - gamma * mean, np.diag(live.astype(float)))
        if beta == math.inf:
            level = soft_maximum(tables, alpha)
            pull = prior * (level - (prior * level).sum(axis=-1, keepdims=True))
            extra = -1.0 / alpha
        else:
            pull = beta * (rho - prior)
            extra = 1.0 / beta - 1.0 / alpha
        carried = np.einsum("ksab,sabt->ksat", belief, moves) / alpha
        carried += extra * np.einsum("ksab,ksbt->ksat", belief, per_model)
        return gamma * carried @ resolvent[:, None], pull * live[:, None]

    # --- coordinates, distances, worth ---

    def flat(self, play: Play) -> FloatArray:
        """log-ratios to each player's first action in each state, (K, N)."""
        parts = [(x[..., 1:] - x[..., :1]).reshape(len(x), self.states * (x.shape[-1] - 1)) for x in play]
        coordinates: FloatArray = np.concatenate(parts, axis=1)
        return coordinates

    def play_of(self, coordinates: FloatArray) -> Play:
        """The inverse of :meth:`flat`."""
        play, start = [], 0
        for size in self.sizes:
            width = self.states * (size - 1)
            part = coordinates[:, start : start + width].reshape(len(coordinates), self.states, size - 1)
            play.append(log_normalised(np.concatenate([np.zeros((*part.shape[:2], 1)), part], axis=2)))
            start += width
        return tuple(play)

    def distance(self, one: Play, two: Play) -> FloatArray:
        """The greatest Hilbert distance of two plays, over players and states: (K,)."""
        parts = [hilbert_distance(x, y).max(axis=-1) for x, y in zip(one, two, strict=True)]
        return np.asarray(np.max(np.stack(parts), axis=0))

    def expected_return(self, marginals: Sequence[FloatArray]) -> FloatArray:
        """What everyone earns where each draws from its own marginal (S, A_i), independently: (n,).

        Discounted, from the game's initial distribution; of one round of a matrix game at discount 0.
        """
        game, gamma = self.game, self.discount
        if isinstance(game, MatrixGame):
            total = game.payoffs
            for marginal in reversed(marginals):
                total = total @ marginal[0]
            return np.asarray(total / (1.0 - gamma))
        weights: FloatArray = np.ones((self.states, 1))
        for marginal in marginals:
            weights = (weights[:, :, None] * marginal[:, None, :]).reshape(self.states, -1)
        live = ~game.terminal
        weights = weights * live[:, None]
        rewards = np.einsum("sx,nsx->sn", weights, game.payoffs.reshape(len(self.sizes), self.states, -1))
        p: Any = game.transitions
        if is_sparse(p):
            from scipy import sparse

            states = np.repeat(np.arange(self.states), weights.shape[1])
            spread = sparse.csr_array((weights.ravel(), (states, np.arange(weights.size))))
            mean = (spread @ p).toarray()
        else:
            mean = np.einsum("sx,sxt->st", weights, p.reshape(self.states, -1, self.states))
        value = np.linalg.solve(np.eye(self.states) - gamma * mean, rewards)
        return np.asarray(game.initial @ value)

    def given(self, prior: Any) -> Play:
        """log P_i (1, S, B) from the caller's priors, one for each player, or uniform ones."""
        if prior is None:
            return self.log_priors(self.uniform())
        if isinstance(prior, np.ndarray) and prior.dtype == object:
            prior = list(prior)
        if not isinstance(prior, (Sequence, np.ndarray)) or len(prior) != len(self.sizes):
            raise InputError(f"prior must hold {len(self.sizes)} distributions, one for each player")
        priors = []
        for i, value in enumerate(prior):
            name, joint = f"prior[player={i}]", self.views[i].shape[2]
            table = plain(value, name)
            if self.stateless and table.shape == tuple(self.sizes[j] for j in self.others(i)):
                value = table.reshape(-1)  # a joint distribution with an axis for each of the others
            axes = ("s", "b") if np.ndim(value) > 1 and not self.stateless else ("b",)
            shape = (self.states, joint) if len(axes) > 1 else (joint,)
            one = distribution(value, name, shape=shape, where=_inside(i, axes))
            with np.errstate(divide="ignore"):
                priors.append(log_normalised(np.log(np.broadcast_to(one, (1, self.states, joint)))))
        return tuple(priors)

    def shaped(self, array: FloatArray) -> FloatArray:
        """One play's array (S, ...) as the caller sees it: without the state axis in a matrix game."""
        return array[0] if self.stateless else array


def response_noise(q: FloatArray, alpha: Any, beta: Any) -> Any:
    """Bound on what rounding does to an entry of log_response(q, alpha, beta), q (..., A, B): (...)."""
    own, joint = q.shape[-2:]
    spread = q.max(axis=(-1, -2)) - q.min(axis=(-1, -2))
    most = spread / alpha + math.log(own)
    with np.errstate(divide="ignore"):
        scaled = np.where(np.equal(beta, 0.0), 0.0, (spread + alpha * math.log(own)) / np.where(beta, beta, 1.0))
    return 8.0 * UNIT * (most + scaled + own + joint)


def _inside(i: int, axes: Sequence[str]) -> Any:
    """Names prior[player=0, s=1, b=2]."""
    where = place("prior", "player", *axes)
    return lambda index: where((i, *index))


def _for_each_player(value: Any, name: str, count: int, *, finite: bool = False) -> tuple[float, ...]:
    number = weight(value, name, finite=finite)
    if isinstance(number, float):
        return (number,) * count
    if number.shape != (count,):
        raise InputError(f"{name} must be a number, or {count}, one for each player, not of shape {number.shape}")
    return tuple(number.tolist())
