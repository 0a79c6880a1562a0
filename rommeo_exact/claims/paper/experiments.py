"""Section 5: what is said about the experiments, and what the figures and their captions say."""

from __future__ import annotations

from ..ledger import Claim

__all__ = ["CLAIMS"]

CLAIMS: tuple[Claim, ...] = ()
