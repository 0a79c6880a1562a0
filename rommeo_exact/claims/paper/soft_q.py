"""Appendix C: eq. 33 to 61, Theorems 4 and 5."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
