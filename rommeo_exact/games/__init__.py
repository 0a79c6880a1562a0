"""Games: the catalogue of named games, continuous games that have a name, and random families.

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
from .differential import (
    beauty_contest,
    cournot,
    max_of_two_quadratics,
    meeting_point,
    product_game,
    push,
    rotational,
    trigonometric,
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
    "Facts", "Symmetry", "battle_of_the_sexes", "beauty_contest", "chicken", "climbing", "cournot", "facts", "get",
    "harmony", "matching_pennies", "max_of_two_quadratics", "meeting", "meeting_point", "names", "penalty",
    "prisoners_dilemma", "product_game", "push", "random_common_payoff", "random_game", "random_potential",
    "random_slowly_mixing", "random_sparse_stochastic", "random_stochastic", "random_zero_sum", "rock_paper_scissors",
    "rotational", "stag_hunt", "three_player_coordination", "three_player_matching_pennies", "trigonometric",
]  # fmt: skip
