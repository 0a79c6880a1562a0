"""The entries, in the order of the paper: a module for each of its parts.

A reader of the paper finds an equation by a search for its number: ``eq61``, ``thm4``, ``alg1``.
"""

from __future__ import annotations

from ..ledger import Claim
from . import (
    actor_critic,
    actor_critic_runs,
    algorithms,
    beyond,
    experiments,
    fixed_point,
    games,
    improvement,
    lower_bound,
    objective,
    pair_values,
    q_iteration,
    self_play,
    tabular_runs,
)

__all__ = ["LEDGER"]

_PARTS = (
    objective, q_iteration, actor_critic, games, experiments, tabular_runs, actor_critic_runs, algorithms, lower_bound,
    pair_values, improvement, fixed_point, beyond, self_play,
)  # fmt: skip

LEDGER: dict[str, Claim] = {}
for _part in _PARTS:
    for _claim in _part.CLAIMS:
        if _claim.id in LEDGER:
            raise ValueError(f"two claims are called {_claim.id!r}")
        LEDGER[_claim.id] = _claim
