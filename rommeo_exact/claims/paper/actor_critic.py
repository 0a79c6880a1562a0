"""Section 3.2: eq. 14 to 22, the actor-critic's losses and gradients."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
