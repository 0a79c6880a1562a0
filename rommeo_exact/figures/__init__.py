"""The paper's Figure 1, computed from scratch and held against what it shows.

    >>> from rommeo_exact.figures import compute
    >>> result = compute("released", runs=40)
    >>> curve, verdict = result.find("ROMMEO-Q", "released")
    >>> verdict.text
    'reproduced within the readings'
"""

from __future__ import annotations

from .drawing import draw, draw_cross_play, draw_sensitivity
from .figure1 import Check, Curve, Figure1, OneRun, Verdict, compute, judge, pairings
from .published import CURVES, EPISODES, LEARNERS, Published, Reading
from .sensitivity import Scan, Sensitivity, sensitivity
from .settings import FAMILIES, Preset, presets

__all__ = [
    "CURVES", "EPISODES", "FAMILIES", "LEARNERS", "Check", "Curve", "Figure1", "OneRun", "Preset", "Published",
    "Reading", "Scan", "Sensitivity", "Verdict", "compute", "draw", "draw_cross_play", "draw_sensitivity", "judge",
    "pairings", "presets", "sensitivity",
]  # fmt: skip
