"""Figure 2: the actor-critics on the Max of Two Quadratics."""

from __future__ import annotations

from ..verdicts import Check
from .curves import Curve, Figure2, OneRun, compute, forms_of, judge
from .distributions import ALPHAS, READINGS, Comparison, Distributions, distributions
from .drawing import draw, draw_distributions, draw_ingredients
from .ingredients import Ingredients, Row, Variant, ingredients, variants
from .published import CURVES, EPISODES, LEARNERS, MEANS, ROUNDS, Reading
from .settings import FAMILIES, Preset, presets

__all__ = [
    "ALPHAS", "CURVES", "EPISODES", "FAMILIES", "LEARNERS", "MEANS", "READINGS", "ROUNDS", "Check", "Comparison",
    "Curve", "Distributions", "Figure2", "Ingredients", "OneRun", "Preset", "Reading", "Row", "Variant", "compute",
    "distributions", "draw", "draw_distributions", "draw_ingredients", "forms_of", "ingredients", "judge", "presets",
    "variants",
]  # fmt: skip
