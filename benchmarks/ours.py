"""This package as a competitor: `solve` by each of its methods, prepared as the peers are."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import Outcome, Solve

Array = NDArray[np.float64]

AUTO = "auto"
PAIR = "auto, with pi* and rho*"
METHODS = ("value_iteration", "modified_policy_iteration", "newton")


class PrepareSoft(Protocol):
    """Like `Prepare`, with the two temperatures."""

    def __call__(
        self, rewards: Array, transitions: Any, discount: float, tol: float, *, alpha: float, beta: float
    ) -> Solve: ...


def _prepare(
    method: str,
    pair: bool,
    rewards: Array,
    transitions: Any,
    discount: float,
    tol: float,
    *,
    alpha: float,
    beta: float,
) -> Solve:
    import rommeo_exact as rx

    view = rx.View(rewards, transitions, discount)

    threads = int(os.environ.get("OMP_NUM_THREADS", "0"))  # what --threads sets

    def solve() -> Outcome:
        answer = rx.solve(
            view, alpha=alpha, beta=beta, tol=tol, method=method, on_failure="return", workers=threads or None
        )
        if pair:
            answer.policy, answer.opponent_model  # noqa: B018  computed when first looked at, by one more backup
        return Outcome(answer.value, answer.iterations, answer.error_bound)

    return solve


OURS: dict[str, PrepareSoft] = {
    PAIR: partial(_prepare, AUTO, True),
    **{method: partial(_prepare, method, False) for method in (AUTO, *METHODS)},
}
