"""The methods by name. A new one is a new file and a line here: loop, bounds and stopping rule are shared."""

from __future__ import annotations

from collections.abc import Callable

from .auto import Auto
from .loop import Method
from .modified_policy_iteration import ModifiedPolicyIteration
from .newton import Newton
from .problem import FixedPoint
from .value_iteration import ValueIteration

__all__ = ["METHODS"]

METHODS: dict[str, Callable[[FixedPoint], Method]] = {
    "auto": Auto,
    "value_iteration": ValueIteration,
    "modified_policy_iteration": ModifiedPolicyIteration,
    "newton": Newton,
}
