"""Beyond the paper: exact self-play, where everyone's prior is what the others play. Proofs: ``docs/self_play.md``.

The paper observes in experiments that agents who learn together come to the optimum. Without sampling, that is a
statement about a map from priors to priors, and can be decided.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...checks import FloatArray
from ...games.models import MatrixGame, StochasticGame
from ...population import self_play, self_play_branches, self_play_equilibria
from ...solvers import solve
from .. import written_out
from ..cases import Case
from ..ledger import Claim, Form, Gap, equal, every, fixed, never_above

__all__ = ["CLAIMS"]

WHERE = "beyond the paper"
CLOSE = 1e-9
"""What rounding may leave of log-ratios after some thousand rounds whose factor is at most tanh(3)."""


# --- two players ---


def _two(here: Case, common: bool = False) -> tuple[tuple[FloatArray, FloatArray], float, float]:
    """Two players' tables (own actions, other's), a temperature between 1/6 and 2 of their spread, and a weight."""
    one = here.view.rewards[0]
    two = one if common else here.other_q[0]
    spread = max(float(np.ptp(one)), float(np.ptp(two)), 1e-3)
    alpha = spread * float(here.rng.uniform(1.0 / 6.0, 2.0))
    return (one, np.ascontiguousarray(two.T)), alpha, alpha * here.beta / here.alpha


def _drawn(rng: np.random.Generator) -> tuple[float, float]:
    """A temperature and a weight for payoffs of about 1."""
    alpha, beta = np.exp(rng.uniform(math.log(0.2), math.log(5.0), size=2))
    return float(alpha), float(beta)


def _play(table: FloatArray, prior: FloatArray, alpha: float, beta: float) -> FloatArray:
    """m(a) = sum_b rho(b) pi(a|b), from eq. 10 and 11 as they stand."""
    pi = written_out.policy(table[None], alpha)[0]
    if beta == math.inf:
        return np.asarray(pi @ prior)
    rho = written_out.opponent_model(written_out.brackets(table[None], alpha), prior[None], beta)[0]
    return np.asarray(pi @ rho)


def _matrix(table: FloatArray, alpha: float, beta: float, power: float = -1.0) -> FloatArray:
    """A(a,b) = exp(R/alpha) Z_b^(alpha/beta - 1), its largest entry about 1."""
    level = written_out.brackets(table[None], alpha)[0]
    logs = table / alpha + level / beta + power * level / alpha
    return np.asarray(np.exp(logs - logs.max()))


def _ends(tables: Sequence[FloatArray], alpha: float, beta: float, prior: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where play in turn ends from player 1's prior: the marginals of both."""
    for _ in range(20_000):
        one = _play(tables[0], prior, alpha, beta)
        two = _play(tables[1], one, alpha, beta)
        if np.abs(np.log(two / prior)).max() < 1e-13:
            break
        prior = two
    return one, two


def _priors(here: Case, size: int, count: int = 2) -> FloatArray:
    return here.rng.dirichlet(np.ones(size), size=count)


def _hilbert(x: FloatArray, y: FloatArray) -> float:
    ratio = np.log(x / y)
    return float(ratio.max() - ratio.min())


def _perron(matrix: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eig(matrix)
    vector = np.abs(vectors[:, np.argmax(values.real)].real)
    return np.asarray(vector / vector.sum())


def _second_difference(table: FloatArray) -> float:
    """max R(a,b) - R(a,b') - R(a',b) + R(a',b')."""
    across = table[:, None, :] - table[None, :, :]
    return float((across.max(axis=-1) - across.min(axis=-1)).max())


def _linear(power: float = -1.0, transposed: bool = False) -> Form:
    """m is A P, normalised."""

    def form(here: Case) -> Gap:
        tables, alpha, beta = _two(here)
        prior = _priors(here, tables[0].shape[1])[0]
        table = tables[0]
        image = _matrix(table, alpha, beta, power) @ prior
        if transposed:
            image = _matrix(table.T, alpha, beta, power).T @ prior
        return equal(image / image.sum(), _play(table, prior, alpha, beta), 1e-12)

    return form


def _one_end(wrong: str = "") -> Form:
    """Play from two priors ends in one place, the Perron vector of A_2 A_1, at any beta."""

    def form(here: Case) -> Gap:
        tables, alpha, some = _two(here)
        gaps = []
        for beta in (some, math.inf):
            one, two = (_ends(tables, alpha, beta, prior)[1] for prior in _priors(here, tables[0].shape[1]))
            a_one, a_two = (_matrix(t, alpha, beta, 0.0 if wrong == "Z^(alpha/beta)" else -1.0) for t in tables)
            product = a_two @ a_one
            vector = _perron(product.T if wrong == "left vector" else product)
            if wrong == "uniform":
                vector = np.full(len(two), 1.0 / len(two))
            gaps += [equal(np.log(one), np.log(two), CLOSE), equal(np.log(two), np.log(vector), CLOSE)]
        return every(*gaps)

    return form


def _birkhoff(part: float = 0.25) -> Form:
    """d(m, m') <= tanh(D/(4 alpha)) d(P, P')."""

    def form(here: Case) -> Gap:
        tables, alpha, some = _two(here)
        gaps = []
        for beta, table in itertools.product((some, math.inf), tables):
            one, two = _priors(here, table.shape[1])
            after = _hilbert(*(_play(table, prior, alpha, beta) for prior in (one, two)))
            factor = math.tanh(part * _second_difference(table) / alpha)
            gaps.append(never_above(after, factor * _hilbert(one, two), 1e-12))
        return every(*gaps)

    return form


def _attained(part: float = 0.5) -> Form:
    """In the coordination game the factor at the fixed point is tanh(g / (2 alpha)), at every beta."""

    def form(here: Case) -> Gap:
        rng = here.rng
        alpha, some = _drawn(rng)
        gain = alpha * float(rng.uniform(0.2, 12.0))
        game = MatrixGame.common_payoff(gain * np.eye(2))
        gaps = []
        for beta in (some, math.inf):
            point = self_play_equilibria(game, alpha, beta).points[0]
            gaps.append(equal(point.spectral_radius, math.tanh(part * gain / alpha), 1e-12))
            gaps.append(equal(point.marginals[0], 0.5, 1e-6))
        return every(*gaps)

    return form


def _rate(wrong: str = "") -> Form:
    """The square of the spectral radius of a simultaneous round is |lambda_2 / lambda_1| of A_2 A_1."""

    def form(here: Case) -> Gap:
        tables, alpha, beta = _two(here)
        point = self_play_equilibria(MatrixGame.bimatrix(tables[0], tables[1].T), alpha, beta).points[0]
        one, two = (_matrix(table, alpha, beta) for table in tables)
        moduli = np.sort(np.abs(np.linalg.eigvals(two @ one)))[::-1]
        ratio = float(moduli[1] / (1.0 if wrong == "lambda_1 dropped" else moduli[0])) if len(moduli) > 1 else 0.0
        radius = point.spectral_radius
        return equal(radius if wrong == "one round" else radius**2, ratio, 1e-9)

    return form


def _singular(weighted: bool = True) -> Form:
    """Common payoff: marginals are scaled leading singular vectors of D_2^(1/2) exp(R/alpha) D_1^(1/2)."""

    def form(here: Case) -> Gap:
        tables, alpha, beta = _two(here, common=True)
        gaps = []
        for weight in (alpha, beta):
            kernel = np.exp((tables[0] - tables[0].max()) / alpha)
            power = (alpha / weight - 1.0) / 2.0 if weighted else 0.0
            columns, rows = kernel.sum(axis=0) ** power, kernel.sum(axis=1) ** power
            left, _, right = np.linalg.svd(rows[:, None] * kernel * columns)
            one, two = _ends(tables, alpha, weight, _priors(here, tables[0].shape[1])[0])
            for play, vector, scale in ((one, left[:, 0], rows), (two, right[0], columns)):
                shares = np.abs(vector) / scale
                gaps.append(equal(np.log(play), np.log(shares / shares.sum()), 1e-7))
        return every(*gaps)

    return form


def _selected(wrong: str = "") -> Form:
    """1 - m(optimal action) <= eps/(1 - theta), where it is below 1."""

    def form(here: Case) -> Gap:
        rng = here.rng
        rewards = rng.standard_normal(here.view.shape[1:])
        own, other = np.unravel_index(int(rewards.argmax()), rewards.shape)
        alpha, beta = float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.1, 1.0))
        tables = rewards, rewards.T
        eps = theta = 0.0
        for table, a, b in ((tables[0], own, other), (tables[1], other, own)):
            level = written_out.brackets(table[None], alpha)[0]
            eps = max(eps, 1.0 - float(written_out.policy(table[None], alpha)[0, a, b]))
            theta = max([theta, *np.exp((np.delete(level, b) - level[b]) / beta).tolist()])
        if theta >= 1.0 or eps >= 1.0 - theta:
            return Gap(0.0)
        ends = _ends(tables, alpha, beta, np.full(rewards.shape[1], 1.0 / rewards.shape[1]))
        bound = {"": eps / (1.0 - theta), "theta dropped": eps, "(1 + theta) eps": eps * (1.0 + theta) / 2.0}[wrong]
        return every(*(never_above(1.0 - play[k], bound, CLOSE) for play, k in zip(ends, (own, other), strict=True)))

    return form


def _plateau(height: float = 0.0) -> Gap:
    """One action that pays 1 with its like against n that pay 1 - gap with one another: n e^(-gap/alpha) decides."""
    n, gap, alpha = 8, 0.5, 0.5
    rewards = np.zeros((n + 1, n + 1))
    rewards[0, 0], rewards[1:, 1:] = 1.0 + height, 1.0 - gap
    point = self_play_equilibria(MatrixGame.common_payoff(rewards), alpha, alpha).points[0]
    return never_above(point.marginals[0][0], 0.5, 0.0)


def _symmetric(wrong: bool = False) -> Form:
    """Payoffs that turn into themselves when both players turn their actions: everything is played alike."""

    def form(here: Case) -> Gap:
        size = int(here.rng.integers(2, 5))
        values = here.rng.standard_normal(size)
        table = values[(np.arange(size)[:, None] - np.arange(size)) % size]
        if wrong:
            table = table + np.eye(size)[0]
        play = _ends((table, table.T), 1.0, _drawn(here.rng)[1], _priors(here, size)[0])[0]
        return equal(np.log(play * size), 0.0, CLOSE)

    return form


def _gibbs(weight: float = math.inf, power: float = 1.0) -> Form:
    """beta = inf and a common payoff: the marginals of exp(R/alpha) / Z."""

    def form(here: Case) -> Gap:
        tables, alpha, _ = _two(here, common=True)
        joint = np.exp(power * (tables[0] - tables[0].max()) / alpha)
        joint /= joint.sum()
        one, two = _ends(tables, alpha, weight * alpha, _priors(here, tables[0].shape[1])[0])
        return every(
            equal(np.log(one), np.log(joint.sum(axis=1)), CLOSE), equal(np.log(two), np.log(joint.sum(axis=0)), CLOSE)
        )

    return form


def _logit_points(alpha: float) -> int:
    """Logit equilibria m = softmax(R m / alpha) of the game [[1, 0], [0, 1]] that are symmetric: sign changes."""
    p = np.linspace(1e-6, 1.0 - 1e-6, 20_001)
    gap = 1.0 / (1.0 + np.exp(-(2.0 * p - 1.0) / alpha)) - p
    return int((np.sign(gap[:-1]) != np.sign(gap[1:])).sum())


def _not_logit(critical: float = 0.5) -> Gap:
    """Logit equilibria of the coordination game: one above alpha = 1/2, three below; self-play's fixed points: one."""
    counts = [_logit_points(critical * factor) for factor in (1.05, 0.95)]
    game = MatrixGame.common_payoff(np.eye(2))
    ours = [len(self_play_equilibria(game, critical * factor)) for factor in (1.05, 0.95)]
    return equal([*counts, *ours], [1, 3, 1, 1], 0.0)


def _ahead(wrong: bool = False) -> Form:
    """rho(b)/rho(b') = P(b)/P(b') (Z_b/Z_b')^(alpha/beta)."""

    def form(here: Case) -> Gap:
        tables, alpha, beta = _two(here)
        prior = _priors(here, tables[0].shape[1])[0]
        level = written_out.brackets(tables[0][None], alpha)
        rho = written_out.opponent_model(level, prior[None], beta)[0]
        odds = np.log(prior) + level[0] / (alpha if wrong else beta)
        return equal(np.log(rho) - np.log(rho[0]), odds - odds[0], 1e-11)

    return form


def _averaged(wrong: bool = False) -> Form:
    """exp(d') <= exp(d) - s exp(-kappa d)(exp(d) - exp(kappa d)) for a step s of averaged play."""

    def form(here: Case) -> Gap:
        tables, alpha, beta = _two(here)
        ends = _ends(tables, alpha, beta, _priors(here, tables[0].shape[1])[0])
        others = ends[::-1]  # what each player's prior ends at
        starts = [here.rng.dirichlet(np.ones(len(end))) for end in others]
        kappa = max(math.tanh(_second_difference(table) / (4.0 * alpha)) for table in tables)
        before = max(_hilbert(x, y) for x, y in zip(starts, others, strict=True))
        step = float(here.rng.uniform(0.05, 1.0))
        plays = [_play(table, prior, alpha, beta) for table, prior in zip(tables, starts, strict=True)]
        moved = [(1.0 - step) * x + step * y for x, y in zip(starts, plays[::-1], strict=True)]
        after = max(_hilbert(x, y) for x, y in zip(moved, others, strict=True))
        most = math.exp(before) - step * math.exp(-kappa * before) * (math.exp(before) - math.exp(kappa * before))
        if wrong:
            most = math.exp((1.0 - step) * kappa * before)
        return never_above(math.exp(after), most, 1e-9 * math.exp(before))

    return form


# --- three players and more ---


def _agreement(gain: float, more: float = 0.0) -> MatrixGame:
    """Three players who gain where all choose alike, by `more` if that is 1."""
    rewards = np.zeros((2, 2, 2))
    rewards[0, 0, 0], rewards[1, 1, 1] = gain + more, gain
    return MatrixGame.common_payoff(rewards)


def _pitchfork(critical: float = math.log(5.0)) -> Gap:
    """One fixed point below the critical gain, three above, at alpha = beta = 1; in alpha = beta, at gain / ln 5."""
    counts = [len(self_play_equilibria(_agreement(gain))) for gain in (critical - 0.02, critical + 0.02)]
    found = self_play_branches(_agreement(1.0), np.geomspace(0.5, 0.8, 12), lambda alpha: alpha, starts=0)
    events = [event for event in found.events if event.kind == "pitchfork"]
    inside = [float(event.low <= 1.0 / critical <= event.high) for event in events]
    return every(equal(counts, [1, 3], 0.0), equal(inside or [0.0], 1.0, 0.0))


def _unique_optimum(more: float = 0.1) -> Gap:
    """Gains 2.1 and 2: one optimum, three fixed points, of which two are stable."""
    found = self_play_equilibria(_agreement(2.0, more))
    stable = sum(bool(point.stable) for point in found)
    probabilities = [float(point.marginals[0][0]) for point in found if point.stable]
    ends = [max(probabilities), -min(probabilities)]
    return every(equal([len(found), stable], [3, 2], 0.0), never_above([0.8, -0.3], ends, 0.0))


def _odd_one(gain: float) -> MatrixGame:
    """Three players, each of whom gains by being alone with its choice."""
    payoffs = np.zeros((3, 2, 2, 2))
    for profile in np.ndindex(2, 2, 2):
        for i in range(3):
            payoffs[(i, *profile)] = gain * (profile.count(profile[i]) == 1)
    return MatrixGame(payoffs)


def _oscillates(gain: float = 3.0) -> Gap:
    """Who wants to be the odd one out: simultaneous play has period 2, averaged play comes to 1/2."""
    game = _odd_one(gain)
    start = [[0.81, 0.09, 0.09, 0.01]] * 3
    together = self_play(game, prior=start, rounds=400)
    mean = self_play(game, prior=start, update=lambda k: 1.0 / (k + 2.0), rounds=4000, tol=1e-6)
    found = self_play_equilibria(game)
    return every(
        equal([together.period or 0, len(found)], [2, 1], 0.0),
        equal(np.concatenate([marginal[-1] for marginal in mean.marginals]), 0.5, 1e-3),
        equal([found.points[0].stable, found.points[0].stable_averaged], [False, True], 0.0),
    )


def _contraction(others: float = 2.0) -> Form:
    """Three players: distances grow by at most 2 max tanh(D/(4 alpha)) in a round."""

    def form(here: Case) -> Gap:
        rng = here.rng
        alpha, beta = _drawn(rng)
        payoffs = rng.standard_normal((3, 2, 2, 2))
        plays = [[rng.dirichlet(np.ones(2)) for _ in range(3)] for _ in range(2)]
        if rng.integers(2):  # near the uniform play of a game of agreement, where the bound is nearly attained
            payoffs = 5.0 * alpha * _agreement(1.0).payoffs + 0.01 * payoffs
            plays = [[np.array([p, 1.0 - p])] * 3 for p in (0.5, 0.51)]
        tables = [np.moveaxis(payoffs[i], i, 0).reshape(2, 4) for i in range(3)]
        after = [
            [_play(t, np.outer(*(p for j, p in enumerate(play) if j != i)).ravel(), alpha, beta)
             for i, t in enumerate(tables)] for play in plays
        ]  # fmt: skip
        before, later = (max(_hilbert(x, y) for x, y in zip(*two, strict=True)) for two in (plays, after))
        factor = max(math.tanh(_second_difference(table) / (4.0 * alpha)) for table in tables)
        return never_above(later, others * factor * before, 1e-11)

    return form


def _indices(signed: bool = True) -> Form:
    """The signs of det(I - J) sum to 1 over the fixed points that are found."""

    def form(here: Case) -> Gap:
        noise = 0.3 * here.rng.standard_normal((3, 2, 2, 2))
        game = MatrixGame(_agreement(2.5).payoffs + noise)
        found = self_play_equilibria(game, starts=4)
        return equal(found.index_sum if signed else len(found), 1, 0.0)

    return form


# --- several states ---


def _local(wrong: bool = False) -> Form:
    """Two players, transitions that ignore actions: one fixed point, reached from everywhere."""

    def form(here: Case) -> Gap:
        rng = here.rng
        states = 2
        payoffs = rng.standard_normal((2, states, 2, 2))
        moves = np.broadcast_to(rng.dirichlet(np.ones(states), size=states)[:, None, None], (states, 2, 2, states))
        game = StochasticGame(payoffs, moves, 0.8)
        priors = rng.dirichlet(np.ones(2), size=(2, states))
        alpha, beta = 1.0 + rng.random(), float(rng.uniform(0.3, 3.0))
        path = self_play(game, alpha, beta, list(priors), "alternating", rounds=1000, tol=1e-10)
        alone = [
            self_play_equilibria(MatrixGame(payoffs[:, 1 - s if wrong else s]), alpha, beta).points[0]
            for s in range(states)
        ]
        played = np.stack([marginal[-1] for marginal in path.marginals])
        return equal(played, np.array([[point.marginals[i] for point in alone] for i in (0, 1)]), 1e-8)

    return form


def _symmetric_values(wrong: str = "") -> Form:
    """V -> beta log(Perron root of A_s(V)) contracts by gamma where beta <= alpha."""

    def form(here: Case) -> Gap:
        rng = here.rng
        alpha = _drawn(rng)[0]
        beta = alpha * (8.0 if wrong == "beta > alpha" else float(rng.uniform(0.1, 1.0)))
        states, gamma = 2, 0.9
        rewards = 2.0 * rng.standard_normal((states, 2, 2))
        moves = rng.dirichlet(0.3 * np.ones(states), size=(states, 2, 2))
        values = rng.standard_normal((2, states)) * 3.0
        after = []
        for value in values:
            q = rewards + gamma * moves @ value
            level = written_out.brackets(q, alpha)
            logs = q / alpha + (level / beta - level / alpha)[:, None]
            top = logs.max(axis=(1, 2))
            roots = [np.abs(np.linalg.eigvals(np.exp(x - t))).max() for x, t in zip(logs, top, strict=True)]
            after.append(beta * (np.log(roots) + top))
        factor = 0.5 if wrong == "half of it" else 1.0
        most = factor * gamma * float(np.abs(values[0] - values[1]).max())
        return never_above(float(np.abs(after[0] - after[1]).max()), most, 1e-9)

    return form


def _decision(payoffs: Sequence[Any], goes_on: Sequence[Sequence[float]], discount: float) -> StochasticGame:
    """One state with two actions each, and an exit that is worth 0: (n, 2, 2) payoffs, and where it goes on."""
    tables = np.zeros((2, 2, 2, 2))
    tables[:, 0] = np.asarray(payoffs)
    moves = np.zeros((2, 2, 2, 2))
    moves[0, ..., 0] = goes_on
    moves[..., 1] = 1.0 - moves[..., 0]
    return StochasticGame(tables, moves, discount, terminal=[1])


def _values(game: StochasticGame, alpha: float, beta: float) -> FloatArray:
    """Player 1's values in the first state at the fixed points, in increasing order."""
    found = self_play_equilibria(game, alpha, beta, starts=8)
    return np.sort([float(point.values[0][0]) for point in found])


def _dilemma(beta: float = 2.0) -> Gap:
    """[[-1, 3], [-3, 1]] (own action first), going on at (2, 2): three symmetric fixed points at beta = 2 alpha."""
    table = np.array([[-1.0, 3.0], [-3.0, 1.0]])
    found = _values(_decision([table, table.T], [[0, 0], [0, 1]], 0.9), 1.0, beta)
    wanted = [0.55466877337, 1.66335736333, 9.99081937395]
    return equal(len(found), 3, 0.0) if len(found) != 3 else equal(found, wanted, 1e-8)


def _dare(other: float = 2.0) -> Gap:
    """2 if the other yields, going on where exactly one does: two fixed points that are each other's mirror image."""
    table = np.array([[0.0, other], [0.0, other]])
    found = _values(_decision([table, table.T], [[0, 1], [1, 0]], 0.9), 1.0, 1.0)
    wanted = [5.72583374234, 10.0019009816, 14.331899706]
    return equal(len(found), 3, 0.0) if len(found) != 3 else equal(found, wanted, 1e-8)


def _shared_states(beta: float = 5.0) -> Gap:
    """The common payoff [[0, 0], [0, 1/10]], going on at (2, 2): three fixed points at beta = 5 alpha."""
    table = np.array([[0.0, 0.0], [0.0, 0.1]])
    found = _values(_decision([table, table], [[0, 0], [0, 1]], 0.99), 1.0, beta)
    wanted = [1.79844660364, 3.18282943228, 9.98349291013]
    return equal(len(found), 3, 0.0) if len(found) != 3 else equal(found, wanted, 1e-7)


def _near_the_team(part: float = 1.0, sign: float = 1.0) -> Form:
    """|V_1 - V_2| and V_i - V_team are at most alpha log A / (1 - gamma); V_1 + V_2 >= 2 V_team where beta <= alpha."""

    def form(here: Case) -> Gap:
        rng = here.rng
        shared = rng.standard_normal((2, 2, 2))
        if rng.integers(2):  # one player decides, the other's action is the same: values differ by as much as they may
            shared = np.repeat(shared[:, :1], 2, axis=1)
        gamma, alpha = 0.8, float(rng.uniform(0.05, 0.5))
        moves = rng.dirichlet(np.ones(2), size=(2, 2, 2))
        game = StochasticGame(np.stack([shared, shared]), moves, gamma)
        team = solve(game, 0, 0.0, 0.0).value
        gaps = []
        for beta in (alpha * float(rng.uniform(0.2, 1.0)), 4.0 * alpha, math.inf):
            path = self_play(game, alpha, beta, update="alternating", rounds=100, tol=1e-8)
            if not path.converged:
                continue
            one, two = (solve(game, i, alpha, beta, path.priors[i][-1]).value for i in (0, 1))
            most = part * alpha * math.log(2.0) / (1.0 - gamma)
            gaps += [never_above(np.abs(one - two), most, 1e-6), never_above(np.maximum(one, two) - team, most, 1e-6)]
            if beta <= alpha:
                gaps.append(never_above(sign * (2.0 * team - one - two), 0.0, 1e-6))
        return every(*gaps) if gaps else Gap(0.0)

    return form


def _critical(power: float = 1.0) -> Form:
    """(e^r - 3) (1 + e^r)^(alpha/beta - 1) = 2^(alpha/beta) at the pitchfork of agreement, alpha = 1."""

    def form(here: Case) -> Gap:
        for ratio, gain in ((1.0, math.log(5.0)), (0.5, math.log(7.0)), (2.0, math.log(1.0 + 2.0 * math.sqrt(2.0)))):
            sides = (math.exp(gain) - 3.0) * (1.0 + math.exp(gain)) ** (ratio - power), 2.0**ratio
            point = self_play_equilibria(_agreement(gain), 1.0, 1.0 / ratio, starts=0).points[0]
            gap = every(equal(*sides, 1e-12), equal(point.eigenvalues[0].real, 1.0, 1e-9))
            if not gap.holds:
                return gap
        many = self_play_equilibria(_agreement(8.0), 1.0, math.inf)
        return equal([len(many), float(bool(many.points[0].stable))], [1, 1], 0.0)

    return form


def _tensor(common: bool = True, least: float = -1.0) -> Form:
    """Common payoff, one alpha = beta: J has real eigenvalues above -1, and players in turn never lower Phi."""

    def form(here: Case) -> Gap:
        rng = here.rng
        payoffs = 2.0 * rng.standard_normal((2, 2, 2) if common else (3, 2, 2, 2))
        game = MatrixGame.common_payoff(payoffs) if common else MatrixGame(payoffs)
        found = self_play_equilibria(game, starts=0)
        values = np.concatenate([point.eigenvalues for point in found])
        path = self_play(game, prior=list(rng.dirichlet(np.ones(4), size=3)), update="alternating", rounds=30)
        kernel = np.exp(payoffs if common else payoffs[0])
        phi = [
            float(np.einsum("abc,a,b,c->", kernel, *play)) / math.prod(float(np.linalg.norm(x)) for x in play)
            for play in zip(*(marginal[1:] for marginal in path.marginals), strict=True)
        ]
        gaps = [equal(values.imag, 0.0, 1e-8), never_above(least, values.real, 1e-8)]
        return every(*gaps, never_above(phi[:-1], phi[1:], 1e-9 * max(phi))) if len(phi) > 1 else every(*gaps)

    return form


def _gibbs_selects(doubled: bool = False) -> Form:
    """beta = inf: 1 - m(optimal action) is at most the sum of exp(-gap/alpha) over all other profiles."""

    def form(here: Case) -> Gap:
        tables, alpha, _ = _two(here, common=True)
        rewards = tables[0]
        best = np.unravel_index(int(rewards.argmax()), rewards.shape)
        lacking = float(np.exp((rewards - rewards.max()) / (alpha * (0.5 if doubled else 1.0))).sum()) - 1.0
        ends = _ends(tables, alpha, math.inf, _priors(here, rewards.shape[1])[0])
        return every(*(never_above(1.0 - play[k], lacking, CLOSE) for play, k in zip(ends, best, strict=True)))

    return form


def _seldom(form: Form) -> Form:
    """The same in one case of four, for what takes long."""
    return lambda here: form(here) if sum(here.rng_seed) % 4 == 0 else Gap(0.0)


def _claim(name: str, title: str, statement: str, form: Form, planted: dict[str, Form], **more: Any) -> Claim:
    settings: dict[str, Any] = {"method": "inequality over random games", "recorded": "holds", "beyond": True}
    if name in DERIVED:
        settings["symbolic"] = ("proofs/symbolic/self_play.py",)
    where = f"{WHERE}: self-play"
    return Claim(
        id=f"self_play.{name}", title=title, statement=statement, where=where, form=form, planted=planted,
        **(settings | more),
    )  # fmt: skip


DERIVED = ("linear", "attained", "singular", "selected", "gibbs", "averaged", "pitchfork", "symmetric_values")
"""What is derived with symbols as well."""

TWO = "two players, one state; any payoffs, alpha > 0, beta in (0, inf]"

CLAIMS: tuple[Claim, ...] = (
    _claim(
        "linear",
        "A round is a positive matrix",
        "what an agent plays in answer to a prior P is A P, normalised, with A(a,b) = exp(R(a,b)/alpha) "
        "Z_b^(alpha/beta - 1) and Z_b = sum_a exp(R(a,b)/alpha)",
        _linear(),
        {"Z^(alpha/beta)": _linear(0.0), "Z over the own action": _linear(transposed=True)},
        hypotheses="one state; any number of players",
        method="identity",
        formal=(
            "proofs/formal/Statements.v::answer_is_linear",
            "proofs/formal/Statements.v::answer_matrix_positive",
            "proofs/formal/Statements.v::marginal_is_answer",
        ),
    ),
    _claim(
        "unique",
        "Two players come to one fixed point from everywhere",
        "self-play multiplies a prior by A_2 A_1 > 0: its only fixed point is the Perron vector, and it is "
        "reached from "
        "every prior, at beta = inf as well",
        _one_end(),
        {name: _one_end(name) for name in ("Z^(alpha/beta)", "left vector", "uniform")},
        hypotheses=TWO,
        formal=(
            "proofs/formal/Statements.v::self_play_fixed_point",
            "proofs/formal/Statements.v::self_play_unique",
            "proofs/formal/Statements.v::example_self_play",
        ),
    ),
    _claim(
        "birkhoff",
        "How fast at least",
        "an answer shrinks Hilbert's metric by tanh(D/(4 alpha)), D the largest second difference of the payoffs, "
        "whatever beta",
        _birkhoff(),
        {"tanh(D/(8 alpha))": _birkhoff(0.125), "tanh(D/(16 alpha))": _birkhoff(0.0625)},
        hypotheses=TWO,
        formal=(
            "proofs/formal/Statements.v::answer_contracts",
            "proofs/formal/Statements.v::rounds_contract",
            "proofs/formal/Statements.v::example_birkhoff",
        ),
    ),
    _claim(
        "attained",
        "The factor is attained, and it is metastability",
        "in the coordination game [[g, 0], [0, g]] a round shrinks a distance by tanh(g/(2 alpha)) = "
        "tanh(D/(4 alpha)), in total variation always and in Hilbert's metric where it is small, "
        "at every beta: it takes some exp(g/alpha)/2 rounds to forget a prior. At beta = inf as well: the ablation is "
        "stuck for long, and not for ever",
        _attained(),
        {"tanh(g/(4 alpha))": _attained(0.25), "tanh(g/alpha)": _attained(1.0)},
        method="identity",
        formal=("proofs/formal/Statements.v::self_play_attained",),
    ),
    _claim(
        "rate",
        "How fast in the end",
        "two rounds shrink small distances by |lambda_2/lambda_1| of A_2 A_1",
        _rate(),
        {name: _rate(name) for name in ("lambda_1 dropped", "one round")},
        hypotheses=TWO,
        method="identity",
    ),
    _claim(
        "singular",
        "A common payoff: singular vectors",
        "the marginals are the leading singular vectors of D_2^(1/2) exp(R/alpha) D_1^(1/2), divided by these weights, "
        "with D the row and column sums to the power alpha/beta - 1; at alpha = beta, of exp(R/alpha) itself",
        _singular(),
        {"without weights": _singular(weighted=False)},
        hypotheses=f"{TWO}; a common payoff",
        method="identity",
    ),
    _claim(
        "selected",
        "When the optimum is selected",
        "each player leaves to other actions than its part of the optimum at most eps/(1 - theta), eps the greater of "
        "the two soft deviation probabilities there, theta = max exp((L_b - L_b*)/beta) over b other than "
        "b*, if that is "
        "below 1: so it plays the optimum as alpha falls to 0 at a fixed beta, or as rewards grow",
        _selected(),
        {name: _selected(name) for name in ("theta dropped", "(1 + theta) eps")},
        hypotheses=f"{TWO}; a common payoff with one optimum; beta finite",
        formal=("proofs/formal/Statements.v::self_play_selects", "proofs/formal/Statements.v::example_selection"),
    ),
    _claim(
        "plateau",
        "When it is not",
        "at a given temperature many good actions beat the best one: with 1 for the pair (1, 1) and 1/2 for "
        "any pair of "
        "eight others, at alpha = beta = 1/2, the optimum is played with less than 1/2",
        fixed(_plateau),
        {"one that pays 2": fixed(lambda: _plateau(2.0))},
        once=True,
    ),
    _claim(
        "symmetric",
        "Symmetric optima are never selected",
        "the only fixed point has the symmetries of the game: payoffs that depend on the difference of the actions are "
        "answered by the uniform play, however many optima they have",
        _symmetric(),
        {"not symmetric": _symmetric(wrong=True)},
        hypotheses=f"{TWO}; a common payoff that is a circulant",
    ),
    _claim(
        "gibbs",
        "The ablation finds Gibbs marginals",
        "at beta = inf self-play of a common payoff ends at the marginals of exp(R/alpha) / Z: it is a Gibbs sampler",
        _gibbs(),
        {"beta = 2 alpha": _gibbs(2.0), "twice the temperature": _gibbs(power=0.5)},
        hypotheses="two players, one state; a common payoff, alpha > 0, beta = inf",
        method="identity",
        formal=("proofs/formal/Statements.v::self_play_gibbs", "proofs/formal/Statements.v::self_play_unique"),
    ),
    _claim(
        "gibbs_selects",
        "The ablation selects the optimum as well, in the end",
        "at beta = inf a player leaves to other actions at most the sum of exp(-(R* - R)/alpha) over other profiles",
        _gibbs_selects(),
        {"half the temperature": _gibbs_selects(doubled=True)},
        hypotheses="two players, one state; a common payoff with one optimum, beta = inf",
        formal=("proofs/formal/Statements.v::self_play_gibbs_selects",),
    ),
    _claim(
        "logit",
        "It is not the logit equilibrium",
        "the game [[1, 0], [0, 1]] has one logit equilibrium above alpha = 1/2 and three below, and one fixed point of "
        "self-play at every alpha",
        fixed(_not_logit),
        {"alpha = 1/4": fixed(lambda: _not_logit(0.25))},
        once=True,
    ),
    _claim(
        "ahead",
        "The opponent model runs ahead",
        "rho's odds of b against b' are the prior's times (Z_b/Z_b')^(alpha/beta), and the next prior is what pi makes "
        "of rho",
        _ahead(),
        {"weight alpha": _ahead(wrong=True)},
        hypotheses="one state; beta > 0",
        method="identity",
        formal=("proofs/formal/Statements.v::model_runs_ahead",),
    ),
    _claim(
        "averaged",
        "Averaged play converges as well",
        "a step s of prior + s (play - prior) takes a distance d to d' with exp(d') <= exp(d) - s exp(-kappa "
        "d) (exp(d) "
        "- exp(kappa d)), kappa = max tanh(D/(4 alpha)): to 0 where the steps sum to infinity",
        _averaged(),
        {"by kappa (1 - s)": _averaged(wrong=True)},
        hypotheses=TWO,
    ),
    _claim(
        "pitchfork",
        "Three players can end in three places",
        "with r where all three choose alike, else 0, at alpha = beta = 1, there is one fixed point up to r = ln 5 and "
        "three beyond",
        fixed(_pitchfork),
        {"ln 4": fixed(lambda: _pitchfork(math.log(4.0))), "ln 6": fixed(lambda: _pitchfork(math.log(6.0)))},
        once=True,
    ),
    _claim(
        "critical",
        "Where they part, for any beta",
        "(e^r - 3) (1 + e^r)^(alpha/beta - 1) = 2^(alpha/beta) at the critical r, payoffs in units of alpha: ln 7 at "
        "beta = 2 alpha, ln(1 + 2 sqrt 2) at alpha/2; at beta = inf the uniform play stays the only fixed point",
        _critical(),
        {"the power alpha/beta": _critical(0.0)},
        once=True,
        method="identity",
    ),
    _claim(
        "tensor",
        "A common payoff of many, alpha = beta: no oscillation",
        "fixed points are the critical points of Phi = sum exp(R/alpha) prod m_i / prod |m_i|, which players "
        "in turn never "
        "lower; all eigenvalues of a round's derivative are real and above -1",
        _seldom(_tensor()),
        {"payoffs that differ": _seldom(_tensor(common=False)), "above -1/2": _seldom(_tensor(least=-0.5))},
        hypotheses="n players (here three), one state; a common payoff, one alpha = beta for all",
    ),
    _claim(
        "unique_optimum",
        "One optimum, three fixed points",
        "with 2.1 for (1,1,1), 2 for (2,2,2), else 0, at alpha = beta = 1, two stable fixed points play 1 "
        "with more than "
        "0.8 and less than 0.3: where three agents end depends on where they start",
        fixed(_unique_optimum),
        {"5 for (1,1,1)": fixed(lambda: _unique_optimum(3.0))},
        once=True,
    ),
    _claim(
        "oscillation",
        "Simultaneous play can oscillate",
        "three players who gain 3 by being alone with their choice of two, at alpha = beta = 1: from (9/10, 1/10) "
        "simultaneous play has period 2, and averaged play comes to the only fixed point, 1/2",
        fixed(_oscillates),
        {"a gain of 1": fixed(lambda: _oscillates(1.0))},
        once=True,
    ),
    _claim(
        "contraction",
        "When n players come to one place",
        "in a round the greatest distance grows by at most n - 1 times max tanh(D_i/(4 alpha_i)): below 1 there is one "
        "fixed point, reached from everywhere",
        _contraction(),
        {"without n - 1": _contraction(1.0)},
        hypotheses="n players, one state (here three); alpha > 0, beta in (0, inf]",
    ),
    _claim(
        "index",
        "What the index tells",
        "over all regular fixed points the signs of det(I - J) sum to 1",
        _seldom(_indices()),
        {"their number": _seldom(_indices(signed=False))},
        hypotheses="n players, alpha, beta > 0; the search found all of them",
    ),
    _claim(
        "states",
        "Several states that no action chooses",
        "where transitions ignore the actions, two players come to one fixed point: state by state that of the payoffs",
        _seldom(_local()),
        {"states exchanged": _seldom(_local(wrong=True))},
        hypotheses="two players; discount below 1",
    ),
    _claim(
        "symmetric_values",
        "Symmetric fixed points of symmetric games",
        "where both share one prior and beta <= alpha, values solve V(s) = beta log(Perron root of A_s(V)), a "
        "gamma-contraction: there is one symmetric fixed point",
        _symmetric_values(),
        {name: _symmetric_values(name) for name in ("half of it", "beta > alpha")},
        hypotheses="two players, a symmetric stochastic game, 0 < beta <= alpha",
    ),
    _claim(
        "symmetric_beta",
        "beta <= alpha is needed for that",
        "a prisoner's dilemma, own payoffs [[-1, 3], [-3, 1]], that goes on only where both play 2 has three symmetric "
        "fixed points at gamma = 9/10, alpha = 1, beta = 2: V = 0.5547, 1.6634 and 9.9908",
        fixed(_dilemma),
        {"beta = 1": fixed(lambda: _dilemma(1.0)), "beta = inf": fixed(lambda: _dilemma(math.inf))},
        once=True,
    ),
    _claim(
        "states_differ",
        "Several states: two players, several fixed points",
        "both get 2 where the other yields, and play goes on where exactly one does: at alpha = beta = 1, gamma = 9/10 "
        "there are three fixed points, one of them symmetric",
        fixed(_dare),
        {"1 in the place of 2": fixed(lambda: _dare(1.0))},
        once=True,
    ),
    _claim(
        "common_states",
        "Also with a common payoff, where beta > alpha",
        "the common payoff [[0, 0], [0, 1/10]] that goes on only at (2, 2) has three fixed points at gamma = "
        "0.99, alpha "
        "= 1, beta = 5: V = 1.798, 3.183 and 9.983. For beta <= alpha no example is known",
        fixed(_shared_states),
        {"beta = 1": fixed(lambda: _shared_states(1.0))},
        once=True,
    ),
    _claim(
        "team",
        "A common payoff: every fixed point is near the team's optimum",
        "V_1 and V_2 differ by at most delta = alpha log A/(1 - gamma) at any beta, neither exceeds the "
        "team's optimum by "
        "more, and their mean is at least that optimum where beta <= alpha (and lacks at most (beta/alpha - "
        "1) delta/(1 - "
        "gamma) where beta is finite): as rewards grow, play is optimal wherever the optimum is unique",
        _seldom(_near_the_team()),
        {"a tenth of delta": _seldom(_near_the_team(0.1)), "the mean below it": _seldom(_near_the_team(sign=-1.0))},
        hypotheses="two players, a stochastic game with a common payoff; A the larger number of actions",
    ),
)
