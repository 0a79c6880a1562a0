"""An exact tabular solver and verification toolkit for ROMMEO (Tian et al. 2019).

    >>> import rommeo_exact as rx
    >>> game = rx.games.climbing()
    >>> solution = rx.solve(game, agent=0, alpha=1.0, discount=0.9)
    >>> solution.error_bound < 1e-9
    True

The modules in the order in which they build on each other: `games` (what is played), `soft` (one function per
equation), `solvers` (V*, with a bound), `evaluation` (what a pair is worth and how it improves), `population` (what
agents come to who play each other), `learners` (the tabular learners that the paper compares), `actor_critic` (those of
continuous games, and what is exact there), `certificates` (rigorous enclosures), `strategies` (Hypothesis strategies
for tests), `plots` (pictures of results), `claims` (the paper's statements, each with a verdict that is computed).
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

from . import games, soft
from .errors import (
    CertificateError,
    ConvergenceError,
    DivergenceError,
    FileFormatError,
    InputError,
    MissingPackageError,
    UnknownNameError,
)
from .evaluation import evaluate, improve, objective, regret
from .games.continuous import ContinuousGame, Dynamics
from .games.files import load_game, save_game
from .games.models import MatrixGame, StochasticGame, View
from .solvers import ConvergenceWarning, Solution, solve

if TYPE_CHECKING:
    from . import actor_critic, certificates, claims, figures, learners, plots, population, strategies
    from .certificates import certify
    from .population import SelfPlayEquilibria, SelfPlayPath, self_play, self_play_branches, self_play_equilibria

__version__ = "0.1.0"

__all__ = [
    "CertificateError", "ContinuousGame", "ConvergenceError", "ConvergenceWarning", "DivergenceError", "Dynamics",
    "FileFormatError", "InputError", "MatrixGame", "MissingPackageError", "SelfPlayEquilibria", "SelfPlayPath",
    "Solution", "StochasticGame", "UnknownNameError", "View", "actor_critic", "certificates", "certify", "claims",
    "evaluate", "figures", "games", "improve", "learners", "load_game", "objective", "plots", "population", "regret",
    "save_game", "self_play", "self_play_branches", "self_play_equilibria", "soft", "solve", "strategies",
]  # fmt: skip

_HOMES = {"certify": "certificates"} | dict.fromkeys(
    ("SelfPlayEquilibria", "SelfPlayPath", "self_play", "self_play_branches", "self_play_equilibria"), "population"
)
"""What few programs need is imported where it is first asked for."""


_PARTS = ("actor_critic", "certificates", "claims", "figures", "learners", "plots", "population", "strategies")


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return _import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(_import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
