"""Other solvers of the hard-max problem over joint actions (alpha = beta = 0), each set to aim at an error of `tol`.

A competitor is prepared outside the clock (arrays in its own layout, its checks, numba compiled) and gives back a
function without arguments, which is what the clock sees. A peer gets every advantage that its interface offers: the
transition tensor without a copy where it takes one, a cap on iterations that it does not reach, and for modified policy
iteration more than one number of sweeps.
"""

from __future__ import annotations

import copy
import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float64]

_NO_CAP = 2**31 - 1


@dataclass(frozen=True)
class Outcome:
    """What a solver gave back: its value (S,), its count of iterations, and its bound on the error if it gives one."""

    value: Array
    iterations: int
    bound: float = float("nan")


Solve = Callable[[], Outcome]
Prepare = Callable[[Array, Any, float, float], Solve]


def _quantecon(method: str, sweeps: int, rewards: Array, transitions: Any, discount: float, tol: float) -> Solve:
    """DiscreteDP of quantecon: product form where dense, state-action pairs where sparse."""
    quantecon_markov = importlib.import_module("quantecon.markov")
    states, joint = len(rewards), rewards[0].size
    if isinstance(transitions, np.ndarray):
        model = quantecon_markov.DiscreteDP(
            rewards.reshape(states, joint), transitions.reshape(states, joint, states), discount
        )
    else:
        pairs = np.divmod(np.arange(states * joint), joint)
        model = quantecon_markov.DiscreteDP(rewards.reshape(-1), transitions, discount, *pairs)

    def solve() -> Outcome:
        answer = model.solve(method=method, epsilon=tol, max_iter=_NO_CAP, k=sweeps)
        return Outcome(answer.v, answer.num_iter)

    return solve


def _mdptoolbox(method: str, rewards: Array, transitions: Any, discount: float, tol: float) -> Solve:
    """pymdptoolbox, which takes one matrix (S, S) for each joint action and does not reset itself: a run has a copy."""
    mdp = importlib.import_module("mdptoolbox.mdp")
    warnings.filterwarnings("ignore", category=sparse.SparseEfficiencyWarning, module="mdptoolbox")
    states, joint = len(rewards), rewards[0].size
    if isinstance(transitions, np.ndarray):
        matrices: Any = np.ascontiguousarray(transitions.reshape(states, joint, states).transpose(1, 0, 2))
    else:
        matrices = [transitions[action::joint] for action in range(joint)]
    gains = rewards.reshape(states, joint)
    pristine = _mdptoolbox_model(mdp, method, matrices, gains, discount, tol)

    def solve() -> Outcome:
        model = copy.copy(pristine)
        model.run()
        return Outcome(np.asarray(model.V, dtype=float).reshape(-1), model.iter)

    return solve


def _mdptoolbox_model(mdp: Any, method: str, matrices: Any, gains: Array, discount: float, tol: float) -> Any:
    if method == "policy_iteration":
        return mdp.PolicyIteration(matrices, gains, discount, max_iter=_NO_CAP)
    if method == "modified_policy_iteration":
        return mdp.PolicyIterationModified(matrices, gains, discount, epsilon=tol)
    model = mdp.ValueIteration(matrices, gains, discount, epsilon=tol)
    model.max_iter = _NO_CAP  # the constructor sets a cap of its own, which can stop it short
    return model


PEERS: dict[str, Prepare] = {
    "quantecon PI": partial(_quantecon, "policy_iteration", 0),
    "quantecon MPI k=20": partial(_quantecon, "modified_policy_iteration", 20),
    "quantecon MPI k=200": partial(_quantecon, "modified_policy_iteration", 200),
    "quantecon VI": partial(_quantecon, "value_iteration", 0),
    "mdptoolbox PI": partial(_mdptoolbox, "policy_iteration"),
    "mdptoolbox MPI": partial(_mdptoolbox, "modified_policy_iteration"),
    "mdptoolbox VI": partial(_mdptoolbox, "value_iteration"),
}
