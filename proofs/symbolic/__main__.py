"""``python -m proofs.symbolic``: run every derivation, print a summary; ``--latex`` prints the steps too."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

from . import (
    bellman,
    contraction,
    divergence,
    estimators,
    gibbs_opponent_model,
    gibbs_policy,
    gradients,
    improvement,
    lower_bound,
    self_play,
    soft_limits,
    soft_value,
)
from .derivation import Derivation, StepError, of_module

MODULES: tuple[ModuleType, ...] = (
    divergence, gibbs_policy, gibbs_opponent_model, soft_value, bellman, improvement, contraction, lower_bound,
    estimators, gradients, soft_limits, self_play,
)  # fmt: skip
"""In the order in which a reader of the paper needs them."""


def every() -> list[tuple[str, Derivation]]:
    """(module, derivation) for all of them."""
    return [(module.__name__.rsplit(".", 1)[-1], each) for module in MODULES for each in of_module(vars(module))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per derivation; 1 if any step fails."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if set(arguments) - {"--latex"}:
        print("usage: python -m proofs.symbolic [--latex]", file=sys.stderr)
        return 2
    total = failed = 0
    heading = ""
    for module, each in every():
        if module != heading:
            heading = module
            print(f"\n{module}")
        try:
            steps = each.run()
        except StepError as error:
            failed += 1
            print(f"  FAILS  {each.name}: {error}")
            continue
        total += len(steps)
        print(f"  {len(steps):3d} steps  {each.source}")
        if "--latex" in arguments:
            print(f"\n{each.latex()}\n")
    print(f"\n{total} steps hold; {failed} derivations fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
