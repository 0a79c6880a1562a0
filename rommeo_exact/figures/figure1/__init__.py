"""Figure 1: the tabular learners on the iterated climbing game."""

from __future__ import annotations

from ..verdicts import Check, Verdict
from .curves import Curve, Figure1, OneRun, compute, judge, pairings
from .drawing import draw, draw_cross_play, draw_sensitivity
from .published import CURVES, EPISODES, LEARNERS, Published, Reading
from .sensitivity import Scan, Sensitivity, sensitivity
from .settings import FAMILIES, Preset, presets

__all__ = [
    "CURVES", "EPISODES", "FAMILIES", "LEARNERS", "Check", "Curve", "Figure1", "OneRun", "Preset", "Published",
    "Reading", "Scan", "Sensitivity", "Verdict", "compute", "draw", "draw_cross_play", "draw_sensitivity", "judge",
    "pairings", "presets", "sensitivity",
]  # fmt: skip
