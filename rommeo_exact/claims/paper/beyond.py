"""Beyond the paper: stronger statements that stand beside the paper's own."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
