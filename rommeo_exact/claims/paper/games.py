"""Section 5: the climbing game and the Max of Two Quadratics, as they are printed and described."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
