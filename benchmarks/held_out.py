"""HELD OUT: problems that `auto` must not be tuned on. They are there to measure a change made for other reasons.

The families, the seeds and the temperatures differ from those of `problems.py`. Whoever looks at a figure from here and
then changes the solver so that the figure improves has spent this suite, and owes it new families.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.problems import Array, Arrays, Problem, dense_random, exact_rows, sparse_rows

_INF = float("inf")


def queue(room: int, *, seed: int) -> Arrays:
    """One queue, a birth-death chain: a sets the service rate, b the arrivals let in; holding and speed cost."""
    rng = np.random.default_rng(seed)
    length = np.arange(room)[:, None, None]
    serve = np.array([0.05, 0.15, 0.25, 0.35])[:, None]
    admit = np.array([0.1, 0.2, 0.3])
    weights = np.stack(np.broadcast_arrays(serve, admit, 1 - serve - admit), axis=-1)
    moves = np.stack([np.maximum(length - 1, 0), np.minimum(length + 1, room - 1), length], axis=-1)
    shape = (room, 4, 3, 3)
    rewards = 0.8 * admit - serve - (length / room) ** 2 + 0.01 * rng.random((room, 4, 3))
    return rewards, sparse_rows(np.broadcast_to(moves, shape), np.broadcast_to(weights, shape), room)


def tandem(room: int, *, seed: int) -> Arrays:
    """Two queues in a row, room**2 states: a serves the first or the second faster, b does so with the arrivals."""
    rng = np.random.default_rng(seed)
    first, second = np.divmod(np.arange(room * room), room)
    moves = np.stack(
        [
            np.minimum(first + 1, room - 1) * room + second,
            np.where((first > 0) & (second < room - 1), (first - 1) * room + second + 1, first * room + second),
            first * room + np.maximum(second - 1, 0),
            first * room + second,
        ],
        axis=-1,
    )[:, None, None, :]
    weights = np.zeros((3, 3, 4))
    weights[..., 0] = [0.1, 0.2, 0.25]
    weights[..., 1] = np.array([0.1, 0.25, 0.4])[:, None]
    weights[..., 2] = np.array([0.3, 0.2, 0.1])[:, None]
    weights[..., 3] = 1 - weights.sum(axis=-1)
    cost = (first + 2 * second)[:, None, None] / room
    rewards = weights[..., 0] - 0.3 * cost + 0.02 * rng.random((room * room, 3, 3))
    shape = (room * room, 3, 3, 4)
    return rewards, sparse_rows(np.broadcast_to(moves, shape), np.broadcast_to(weights, shape), room * room)


def bottleneck(half: int, *, leak: float, seed: int) -> Arrays:
    """Two dense random clusters that a step leaves with probability at most `leak`; one pays more than the other."""
    rng = np.random.default_rng(seed)
    states = 2 * half
    weights = np.zeros((states, 3, 3, states))
    out = leak * rng.random((states, 3, 3, 1))
    for cluster in (slice(0, half), slice(half, states)):
        block = rng.standard_exponential((half, 3, 3, half))
        weights[cluster, :, :, cluster] = block / block.sum(axis=-1, keepdims=True)
    weights = (1 - out) * weights + out * weights[::-1, :, :, ::-1]
    rewards = rng.random((states, 3, 3))
    rewards[half:] += 0.3
    return rewards, exact_rows(weights)


def garnet(states: int, *, successors: int, seed: int) -> Arrays:
    """Random MDP with few successors, chances cut from the unit interval, and rewards of which few are not 0."""
    rng = np.random.default_rng(seed)
    shape = (states, 4, 2)
    cuts = np.sort(rng.random((*shape, successors - 1)), axis=-1)
    weights = np.diff(cuts, axis=-1, prepend=0.0, append=1.0)
    rewards = rng.standard_normal(shape) * (rng.random(shape) < 0.1)
    return rewards, sparse_rows(rng.integers(0, states, size=(*shape, successors)), weights, states)


def lazy_expander(states: int, *, lazy: float, seed: int) -> Arrays:
    """A union of random permutations, a clear spectral gap, slowed down: each step stays with chance `lazy`."""
    rng = np.random.default_rng(seed)
    hops = np.stack([rng.permutation(states) for _ in range(6)] + [np.arange(states)], axis=-1)
    weights = np.full((3, 3, 7), 0.2)
    weights[..., :6] += rng.random((3, 3, 6))
    weights[..., 6] = weights[..., :6].sum(axis=-1) * lazy / (1 - lazy)
    shape = (states, 3, 3, 7)
    rewards = rng.random((states, 1, 1)) + 0.1 * rng.random((states, 3, 3))
    return rewards, sparse_rows(np.broadcast_to(hops[:, None, None, :], shape), np.broadcast_to(weights, shape), states)


def mountain_car(cells: int) -> Arrays:
    """The mountain car on a cells x cells grid of position and speed, spread over the four nearest grid points.

    a pushes, b is a gust of wind; the goal absorbs and pays nothing, every other step costs 1. The constants are those
    of Sutton and Barto, Reinforcement Learning, 2nd ed. (2018), example 10.1.
    """
    position = np.linspace(-1.2, 0.5, cells)[:, None, None, None]
    speed = np.linspace(-0.07, 0.07, cells)[:, None, None]
    push = np.array([-1.0, 0.0, 1.0])[:, None] + np.array([-0.3, 0.0, 0.3])
    faster = np.clip(speed + 0.001 * push - 0.0025 * np.cos(3 * position), -0.07, 0.07)
    further = np.clip(position + faster, -1.2, 0.5)
    faster = np.where(further <= -1.2, 0.0, faster)
    goal = np.broadcast_to(position >= 0.5, further.shape).reshape(cells * cells, 3, 3)
    corners, chances = _corners((further + 1.2) / 1.7 * (cells - 1), (faster + 0.07) / 0.14 * (cells - 1), cells)
    states = cells * cells
    corners, chances = corners.reshape(states, 3, 3, 4), chances.reshape(states, 3, 3, 4)
    corners = np.where(goal[..., None], np.arange(states)[:, None, None, None], corners)
    return np.where(goal, 0.0, -1.0), sparse_rows(corners, chances, states)


def _corners(row: Array, column: Array, cells: int) -> tuple[NDArray[np.int64], Array]:
    """The four grid points round (row, column) and their weights in bilinear interpolation, on a last axis."""
    top = np.clip(np.floor(row), 0, cells - 2).astype(np.int64)
    left = np.clip(np.floor(column), 0, cells - 2).astype(np.int64)
    down, right = row - top, column - left
    corners = np.stack([(top + i) * cells + left + j for i in (0, 1) for j in (0, 1)], axis=-1)
    chances = np.stack([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right], axis=-1)
    return corners, np.clip(chances, 0.0, 1.0)


def maze(side: int, *, walls: float, seed: int) -> Arrays:
    """A grid with random walls and an absorbing goal: a chooses the direction, b whether the floor is icy."""
    rng = np.random.default_rng(seed)
    states = side * side
    row, column = np.divmod(np.arange(states), side)
    blocked = rng.random(states) < walls
    goal = states - 1
    blocked[[0, goal]] = False
    aims = []
    for down, right in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        aim = np.clip(row + down, 0, side - 1) * side + np.clip(column + right, 0, side - 1)
        aims.append(np.where(blocked[aim], np.arange(states), aim))
    successors = np.stack(aims, axis=-1)
    successors[goal] = goal
    ice = np.array([0.05, 0.5])
    weights = (ice / 4)[None, :, None] + np.eye(4)[:, None, :] * (1 - ice)[None, :, None]
    rewards = np.full((states, 4, 2), -0.1)
    rewards[..., 1] += 0.05
    rewards[goal] = 0.0
    shape = (states, 4, 2, 4)
    return rewards, sparse_rows(
        np.broadcast_to(successors[:, None, None, :], shape), np.broadcast_to(weights, shape), states
    )


def corridor(length: int, *, seed: int) -> Arrays:
    """One way only: on with a chance that both choose, never back; the last state absorbs and pays 1 a step."""
    rng = np.random.default_rng(seed)
    here = np.arange(length)
    successors = np.stack([np.minimum(here + 1, length - 1), np.minimum(here + 2, length - 1), here], axis=-1)
    on = np.array([0.1, 0.3, 0.5])[:, None] * np.array([0.5, 0.9])
    weights = np.stack([on, on**2, 1 - on - on**2], axis=-1)
    rewards = 0.5 * rng.random((length, 3, 2)) - on
    rewards[-1] = 1.0
    shape = (length, 3, 2, 3)
    return rewards, sparse_rows(
        np.broadcast_to(successors[:, None, None, :], shape), np.broadcast_to(weights, shape), length
    )


def sticky(states: int, *, move: float, seed: int) -> Arrays:
    """Dense random, but each step stays with probability 1 - move, so that the matrix is nearly the identity."""
    rewards, transitions = dense_random(states, 4, 3, spread=0.5, seed=seed)
    transitions = move * transitions
    transitions[np.arange(states), :, :, np.arange(states)] += 1 - move
    return rewards, exact_rows(transitions)


def islands(count: int, size: int, *, seed: int) -> Arrays:
    """Dense random islands without any way between them: as many recurrent classes as islands."""
    rng = np.random.default_rng(seed)
    states = count * size
    weights = np.zeros((states, 3, 2, states))
    for island in range(count):
        here = slice(island * size, (island + 1) * size)
        weights[here, :, :, here] = rng.standard_exponential((size, 3, 2, size))
    return rng.random((states, 3, 2)) + np.repeat(rng.random(count), size)[:, None, None], exact_rows(weights)


def hub(states: int, *, seed: int) -> Arrays:
    """A star: every spoke goes to the hub or stays, the hub to spokes that the joint action prefers (mixed density)."""
    rng = np.random.default_rng(seed)
    spokes = np.arange(1, states)
    leave = np.clip(rng.random((states - 1, 2, 2, 1)), 0.02, 1.0)
    successors = np.stack([np.zeros_like(spokes), spokes], axis=-1)[:, None, None, :]
    out = sparse_rows(
        np.broadcast_to(successors, (states - 1, 2, 2, 2)), np.concatenate([leave, 1 - leave], axis=-1), states
    )
    centre = sparse.csr_matrix(exact_rows(rng.standard_gamma(0.1, size=(4, states)) + 1e-9))
    return rng.random((states, 2, 2)), sparse.vstack([centre, out], format="csr")


def tree(depth: int, *, back: float, seed: int) -> Arrays:
    """A binary tree walked from the root down, left or right as both prefer; leaves lead back to the root."""
    rng = np.random.default_rng(seed)
    states = 2**depth - 1
    node = np.arange(states)
    leaf = 2 * node + 2 >= states
    successors = np.stack(
        [np.where(leaf, 0, 2 * node + 1), np.where(leaf, 0, 2 * node + 2), np.zeros(states, dtype=int)], axis=-1
    )
    left = np.array([0.2, 0.5, 0.8])[:, None] * 0.5 + np.array([0.1, 0.3, 0.5])
    weights = np.stack([(1 - back) * left, (1 - back) * (1 - left), np.full_like(left, back)], axis=-1)
    shape = (states, 3, 3, 3)
    rewards = rng.standard_gamma(0.5, size=(states, 1, 1)) + 0.1 * rng.random((states, 3, 3))
    return rewards, sparse_rows(
        np.broadcast_to(successors[:, None, None, :], shape), np.broadcast_to(weights, shape), states
    )


def hypercube(bits: int, *, seed: int) -> Arrays:
    """A walk on the corners of a cube: one bit flips at a time, and the joint action prefers some bits to others."""
    rng = np.random.default_rng(seed)
    states = 2**bits
    successors = np.arange(states)[:, None] ^ (1 << np.arange(bits))
    weights = 0.2 + rng.random((3, 3, bits)) ** 3
    height = np.array([bin(state).count("1") for state in range(states)]) / bits
    rewards = np.cos(3 * np.pi * height)[:, None, None] + 0.2 * rng.random((states, 3, 3))
    shape = (states, 3, 3, bits)
    return rewards, sparse_rows(
        np.broadcast_to(successors[:, None, None, :], shape), np.broadcast_to(weights, shape), states
    )


def small_world(states: int, *, shortcut: float, seed: int) -> Arrays:
    """A lazy walk round a circle, with a rare shortcut from each state to one far away."""
    rng = np.random.default_rng(seed)
    here = np.arange(states)
    successors = np.stack(
        [(here - 1) % states, here, (here + 1) % states, rng.integers(0, states, size=states)], axis=-1
    )
    lean = np.array([-0.2, 0.0, 0.2])[:, None] + np.array([-0.1, 0.1])
    weights = np.stack([0.3 - lean / 2, np.full_like(lean, 0.4), 0.3 + lean / 2, np.full_like(lean, shortcut)], axis=-1)
    rewards = np.sin(2 * np.pi * here / states * 5)[:, None, None] + 0.3 * rng.random((states, 3, 2))
    shape = (states, 3, 2, 4)
    return rewards, sparse_rows(
        np.broadcast_to(successors[:, None, None, :], shape), np.broadcast_to(np.clip(weights, 0.0, 1.0), shape), states
    )


def inventory(stock: int, *, seed: int) -> Arrays:
    """Stock of one good: a orders, b sets the price and with it the demand (geometric); dense rows below the stock."""
    rng = np.random.default_rng(seed)
    level = np.arange(stock)[:, None, None]
    order = np.array([0, 5, 20, 60])[:, None]
    mean = np.array([3.0, 8.0, 20.0])
    filled = np.minimum(level + order, stock - 1)
    demand = filled[..., None] - np.arange(stock)
    keep = mean / (1 + mean)
    weights = np.where(demand >= 0, np.exp(np.log(keep)[:, None] * np.maximum(demand, 0)), 0.0)
    price = 1.5 - 0.03 * mean
    rewards = price * np.minimum(mean, filled) / 20 - 0.02 * order - 0.005 * filled + 0.01 * rng.random((stock, 4, 3))
    return rewards, exact_rows(weights)


def heavy_tails(states: int, *, seed: int) -> Arrays:
    """Dense random with rewards of a Pareto law: a few states are worth much more than the rest."""
    rng = np.random.default_rng(seed)
    _, transitions = dense_random(states, 6, 2, spread=0.2, seed=seed + 1)
    return rng.pareto(1.5, size=(states, 6, 2)), transitions


def cyclic_sparse(classes: int, width: int, *, seed: int) -> Arrays:
    """Exactly periodic: each state of a class goes to four random states of the next one, and never elsewhere."""
    rng = np.random.default_rng(seed)
    states = classes * width
    shape = (states, 3, 3)
    following = (np.arange(states) // width + 1) % classes * width
    aims = following[:, None, None, None] + rng.integers(0, width, size=(*shape, 4))
    rewards = rng.random((states, 1, 1)) + 0.3 * rng.random(shape)
    return rewards, sparse_rows(aims, rng.random((*shape, 4)) + 0.1, states)


HELD_OUT = (
    Problem("queue 1500", partial(queue, 1500, seed=101), 0.9999, 0.0, 0.0, 1e-6),
    Problem("queue 1500", partial(queue, 1500, seed=102), 0.99, 0.2, 1.0),
    Problem("tandem 3600", partial(tandem, 60, seed=103), 0.9999, 0.1, 0.1),
    Problem("bottleneck 300", partial(bottleneck, 150, leak=1e-4, seed=104), 0.9999, 1.0, 1.0, 1e-5),
    Problem("bottleneck 300", partial(bottleneck, 150, leak=1e-2, seed=105), 0.999, 0.0, 0.0, 1e-7),
    Problem("garnet 6000", partial(garnet, 6000, successors=3, seed=106), 0.95, 0.1, _INF),
    Problem("garnet 3000", partial(garnet, 3000, successors=8, seed=107), 0.999, 0.0, 0.0),
    Problem("lazy expander 8000", partial(lazy_expander, 8000, lazy=0.98, seed=108), 0.999, 1.0, 1.0),
    Problem("lazy expander 8000", partial(lazy_expander, 8000, lazy=0.5, seed=109), 0.9999, 0.01, 0.5),
    Problem("mountain car 3600", partial(mountain_car, 60), 0.999, 0.0, 0.0),
    Problem("mountain car 2500", partial(mountain_car, 50), 0.99, 0.5, _INF),
    Problem("maze 6400", partial(maze, 80, walls=0.2, seed=110), 0.999, 0.0, 0.0),
    Problem("maze 2500", partial(maze, 50, walls=0.25, seed=111), 0.9, 0.1, 1.0),
    Problem("corridor 3000", partial(corridor, 3000, seed=112), 0.9999, 0.0, 0.0, 1e-6),
    Problem("corridor 3000", partial(corridor, 3000, seed=113), 0.999, 0.3, 3.0),
    Problem("sticky 300", partial(sticky, 300, move=1e-3, seed=114), 0.9999, 1.0, 1.0, 1e-6),
    Problem("sticky 500", partial(sticky, 500, move=0.05, seed=115), 0.99, 10.0, 0.1),
    Problem("islands 10 x 40", partial(islands, 10, 40, seed=116), 0.999, 1.0, _INF, 1e-6),
    Problem("hub 4000", partial(hub, 4000, seed=117), 0.999, 0.5, 0.0),
    Problem("tree 8191", partial(tree, 13, back=0.05, seed=118), 0.999, 1.0, 1.0),
    Problem("hypercube 4096", partial(hypercube, 12, seed=119), 0.9999, 0.3, 1.0),
    Problem("small world 10000", partial(small_world, 10_000, shortcut=1e-3, seed=120), 0.999, 0.05, 1.0),
    Problem("small world 3000", partial(small_world, 3000, shortcut=1e-5, seed=121), 0.99999, 0.0, 0.0, 1e-5),
    Problem("inventory 400", partial(inventory, 400, seed=122), 0.95, 0.0, 1.0),
    Problem("heavy tails 300", partial(heavy_tails, 300, seed=123), 0.9, 10.0, 10.0),
    Problem("heavy tails 400", partial(heavy_tails, 400, seed=124), 0.9999, 0.0, 0.0, 1e-5),
    Problem("cyclic 7 x 300", partial(cyclic_sparse, 7, 300, seed=125), 0.9999, 0.5, 0.5),
    Problem("cyclic 3 x 800", partial(cyclic_sparse, 3, 800, seed=126), 0.99999, 2.0, 1.0, 1e-6),
)
