"""The paper's figures, computed from scratch and held against what they show: one package for each.

    >>> from rommeo_exact.figures import figure1
    >>> result = figure1.compute("released", runs=40)
    >>> curve, verdict = result.find("ROMMEO-Q", "released")
    >>> verdict.text
    'reproduced within the readings'
"""

from __future__ import annotations

from . import figure1, figure2

__all__ = ["figure1", "figure2"]
