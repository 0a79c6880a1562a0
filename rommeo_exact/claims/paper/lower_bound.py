"""Appendix B: eq. 23 to 32, the variational lower bound."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
