"""Games: the catalogue of named games, and random families.

The models themselves are :mod:`rommeo_exact.games.models`.
"""

from .catalogue import (
    Facts,
    Symmetry,
    battle_of_the_sexes,
    chicken,
    climbing,
    facts,
    get,
    harmony,
    matching_pennies,
    meeting,
    names,
    penalty,
    prisoners_dilemma,
    rock_paper_scissors,
    stag_hunt,
    three_player_coordination,
    three_player_matching_pennies,
)
from .families import (
    random_common_payoff,
    random_game,
    random_potential,
    random_slowly_mixing,
    random_sparse_stochastic,
    random_stochastic,
    random_zero_sum,
)

__all__ = [
    "Facts", "Symmetry", "battle_of_the_sexes", "chicken", "climbing", "facts", "get", "harmony", "matching_pennies",
    "meeting", "names", "penalty", "prisoners_dilemma", "random_common_payoff", "random_game", "random_potential",
    "random_slowly_mixing", "random_sparse_stochastic", "random_stochastic", "random_zero_sum", "rock_paper_scissors",
    "stag_hunt", "three_player_coordination", "three_player_matching_pennies",
]  # fmt: skip
