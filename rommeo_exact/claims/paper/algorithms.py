"""Appendix A: Algorithms 1 and 2, line by line where a line says something about numbers."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
