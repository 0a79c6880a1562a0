"""Section 2: Definition 1 and eq. 1 to 7, what is maximised."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
