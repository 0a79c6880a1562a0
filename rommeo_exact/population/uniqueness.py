r"""When there is one fixed point, by which theorem: nothing here is searched for or sampled.

In Hilbert's metric an answer moves by at most kappa_i = tanh(D_i / (4 alpha_i)) times what its prior does (Birkhoff
1957), D_i the largest second difference of Q_i; a product of marginals moves by at most what they do together. With

    K_ij = kappa_i    where R_i depends on what j does, j != i, else 0

a round of self-play moves no play's vector of distances by more than K, and is a contraction in some weighted maximum
where the spectral radius of K is below 1: for two players always, for n where tanh(D_i / (4 alpha_i)) < 1/(n - 1), and
where nobody influences whoever influences them. With several states this holds state by state wherever what the actions
decide is only which states come *after* this one for good: a state's values then add to its payoffs.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..checks import FloatArray, is_sparse
from ..soft import log_product, log_sum
from .digits import precise_vector
from .perron import log_normalised, perron, projective_diameter
from .rounds import Play, Population

__all__ = ["Contraction", "contraction", "error_bound", "two_players"]

FINE = 1e-6
"""A float's bound above it is improved with more digits."""


class Contraction(NamedTuple):
    """What a theorem says of all plays.

    Attributes
    ----------
    factors : (n, n) array
        K, for the worst state; infinite where no theorem bounds what a play does to the values of later states.
    theorem : str or None
        Why there is one fixed point; None where no theorem here says so.
    """

    factors: FloatArray
    theorem: str | None

    @property
    def radius(self) -> float:
        """The spectral radius of K."""
        return float(np.abs(np.linalg.eigvals(self.factors)).max()) if np.isfinite(self.factors).all() else np.inf


def contraction(population: Population, play: Play) -> Contraction:
    """K and its theorem; `play` is a fixed point, at which the tables Q of a stochastic game are taken."""
    count = len(population.sizes)
    if count == 1:
        return Contraction(np.zeros((1, 1)), "one player has no prior to move")
    local = population.stateless or _local(population)
    factors = np.zeros((count, count))
    for i in population.players:
        response = population.response(population.log_prior(play, i), i)[0]
        kappa = float(np.tanh(projective_diameter(response) / 4.0).max())
        for axis, j in enumerate(population.others(i)):
            if not local:
                factors[i, j] = np.inf
            elif _depends(population, i, axis):
                factors[i, j] = kappa
    found = Contraction(factors, None)
    if not found.radius < 1.0 and not (count == 2 and local and _positive(population)):
        return found
    states = "" if population.stateless else ", state by state: no action decides whether play comes back to a state"
    if count == 2:
        return Contraction(factors, f"two players: a positive matrix has one Perron vector{states}")
    return Contraction(factors, f"a round contracts Hilbert's metric (spectral radius {found.radius:.3g} < 1){states}")


def _positive(population: Population) -> bool:
    return all(alpha > 0.0 for alpha in population.alpha)


def _depends(population: Population, i: int, axis: int) -> bool:
    """Whether agent i's rewards or transitions depend on the action of the player at `axis` of its joint actions."""
    view = population.views[i]
    states, own, _ = view.shape
    shape = [population.sizes[j] for j in population.others(i)]
    rewards = view.rewards.reshape(states, own, *shape)
    if np.ptp(rewards, axis=2 + axis).any():
        return True
    if population.stateless:
        return False
    p: Any = view.transitions
    moves = (p.toarray() if is_sparse(p) else p).reshape(states, own, *shape, states)
    return bool(np.ptp(moves, axis=2 + axis).any())


def _local(population: Population) -> bool:
    """Whether inside each strongly connected component of the state graph transitions ignore the actions."""
    from scipy.sparse import csgraph, csr_array

    view = population.views[0]
    if view.discount == 0.0:
        return True
    states, own, joint = view.shape
    p: Any = view.transitions
    moves = csr_array(p if is_sparse(p) else p.reshape(-1, states)).tocoo()
    source, target = moves.row // (own * joint), moves.col
    live = ~view.terminal[source] & ~view.terminal[target] & (moves.data > 0.0)
    source, target, row, data = source[live], target[live], moves.row[live], moves.data[live]
    graph = csr_array((np.ones(len(source)), (source, target)), shape=(states, states))
    _, label = csgraph.connected_components(graph, directed=True, connection="strong")
    inside = label[source] == label[target]
    cells = csr_array((data[inside], (row[inside], target[inside])), shape=(states * own * joint, states))
    rows = cells.toarray().reshape(states, own * joint, states)
    return not np.ptp(rows, axis=1).any()


def two_players(population: Population) -> tuple[Play, float]:
    """The Perron vector of a matrix game of two, and the bound on the error of both marginals."""
    one, two = (population.response(np.zeros((1, 1, 1)), i)[0, 0] for i in (0, 1))
    seen = [~np.isneginf(powers).all(axis=0) for powers in (two, one)]  # actions of 1 and 2 that no beta = 0 drops
    first = one[:, seen[1]]
    second = two[:, seen[0]]
    noise = population.noise(0) + population.noise(1)
    product = log_product(second[seen[1]], first[seen[0]])
    found = perron(product, np.asarray(noise))
    vector, bound = found.vector, float(found.error_bound)
    if bound > FINE and all(map(np.all, seen)):
        precise = precise_vector(
            population.views[0].rewards[0], population.views[1].rewards[0], population.alpha[:2], population.beta[:2]  # type: ignore[arg-type]
        )
        if precise is not None:
            vector, bound = precise
    marginal = log_normalised(log_sum(first + vector))
    other = log_normalised(log_sum(second + marginal[seen[0]]))
    return (marginal[None, None], other[None, None]), bound + 2.0 * noise


def error_bound(population: Population, play: Play, theory: Contraction) -> float:
    """Bound on the distance of a play to the only fixed point of a matrix game; inf where no theorem gives one."""
    if not population.stateless or theory.theorem is None:
        return math.inf
    if len(population.sizes) == 2:
        point, bound = two_players(population)
        return float(population.distance(play, point)[0]) + bound
    answer = population.round(play)
    left = [
        float(population.distance((x,), (y,))[0]) + 2.0 * population.noise(i)
        for i, (x, y) in enumerate(zip(play, answer, strict=True))
    ]
    return float(np.linalg.solve(np.eye(len(left)) - theory.factors, left).max())
