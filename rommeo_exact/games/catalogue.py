"""Games that have a name, each with its source and with what is known of it.

A function builds the game; :func:`facts` says, as data, which equilibria, optima and symmetries it has. Profiles are
tuples of action indices from 0, one per player.
"""

from __future__ import annotations

import inspect
import operator
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..checks import FloatArray, integer, real_number
from ..errors import InputError, UnknownNameError
from .models import MatrixGame, StochasticGame

__all__ = [
    "Facts", "Symmetry", "battle_of_the_sexes", "chicken", "climbing", "facts", "get", "harmony", "matching_pennies",
    "meeting", "names", "penalty", "prisoners_dilemma", "rock_paper_scissors", "stag_hunt",
    "three_player_coordination", "three_player_matching_pennies",
]  # fmt: skip

Profile: TypeAlias = tuple[int, ...]
MixedProfile: TypeAlias = tuple[tuple[Fraction, ...], ...]
_Build: TypeAlias = Callable[..., MatrixGame | StochasticGame]

_HIGHEST = sys.float_info.max


@dataclass(frozen=True)
class Symmetry:
    """A relabelling of players, actions and states that leaves every payoff and every transition as it is.

    Player i takes the place of player ``players[i]``, its action a becomes that player's action ``actions[i][a]``, and
    state s becomes ``states[s]`` (None in a matrix game).
    """

    players: tuple[int, ...]
    actions: tuple[tuple[int, ...], ...]
    states: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a game.

    Attributes
    ----------
    citation : str
        Where the game comes from.
    pure_equilibria : tuple of profiles, or None
        All Nash equilibria in pure strategies; None for a stochastic game, where they are not recorded.
    mixed_equilibria : tuple of mixed profiles, or None
        All other Nash equilibria: a distribution per player, in exact rationals; None where they are not recorded.
    optima : tuple of profiles, or None
        The profiles at which every player's payoff is the highest that it has in the game. With a common payoff these
        are the maximisers of the payoff; another game may have none. None for a stochastic game.
    symmetries : tuple of Symmetry
        Generators of a group of symmetries; in a matrix game, of the group of all of them.
    common_payoff, zero_sum : bool
        Whether all players always receive the same, and whether the payoffs always sum to 0.
    potential : bool
        Whether the game of each state has an exact potential (Monderer and Shapley 1996, Potential games, Games and
        Economic Behavior 14:124-143).
    """

    citation: str
    pure_equilibria: tuple[Profile, ...] | None
    mixed_equilibria: tuple[MixedProfile, ...] | None
    optima: tuple[Profile, ...] | None
    symmetries: tuple[Symmetry, ...]
    common_payoff: bool = False
    zero_sum: bool = False
    potential: bool = False


# Cooperation under penalties ------------------------------------------------------------------------------------------


def climbing(variant: Literal["original", "paper"] = "original") -> MatrixGame:
    """The climbing game: both players want (A, A), and missing it is dear.

    ===== ===== ===== ==============
    ..    A     B     C
    ===== ===== ===== ==============
    A     11    -30   0
    B     -30   7     6
    C     0     0     5, or (5, 3)
    ===== ===== ===== ==============

    Parameters
    ----------
    variant : {"original", "paper"}
        What (C, C) pays: 5 to both in the original, (5, 3) as section 5.1 of the ROMMEO paper prints it.

    The original is the default: the paper calls the game purely cooperative and takes it from Claus and Boutilier,
    which (5, 3) contradicts; its authors' code has 5; and player 1 sees the same game in both. "paper" is there to
    check the paper as printed.

    Both variants have the pure equilibria (A, A) and (B, B) and the one optimum (A, A), as the paper says, and a third
    equilibrium, mixed on {A, C}, that it does not mention.

    Raises
    ------
    UnknownNameError
        If there is no such variant.

    References
    ----------
    Claus and Boutilier (1998), The dynamics of reinforcement learning in cooperative multiagent systems, AAAI.
    Kapetanakis and Kudenko (2002), Reinforcement learning of coordination in cooperative multi-agent systems, AAAI.

    Examples
    --------
    >>> climbing().payoffs[1]
    array([[ 11., -30.,   0.],
           [-30.,   7.,   6.],
           [  0.,   0.,   5.]])
    >>> climbing("paper").payoffs[:, 2, 2]
    array([5., 3.])
    """
    corner = _climbing_corner(variant)
    title = "Climbing game" if corner == 5 else f"Climbing game with (5, {corner}) at (C, C)"
    row, column = ([[11, -30, 0], [-30, 7, 6], [0, 0, last]] for last in (5, corner))
    return MatrixGame.bimatrix(row, column, actions=[tuple("ABC")] * 2, name=title)


def _climbing_corner(variant: str) -> int:
    corners = {"original": 5, "paper": 3}
    if str(variant) not in corners:
        raise UnknownNameError("variant", variant, corners)
    return corners[str(variant)]


def _climbing_facts(variant: str) -> Facts:
    corner = _climbing_corner(variant)
    # On {A, C} each makes the other indifferent: 11 x = 5 (1 - x) for player 1's payoff, 11 x = corner (1 - x) for 2's.
    first, second = ((Fraction(c, 11 + c), Fraction(0), Fraction(11, 11 + c)) for c in (corner, 5))
    return Facts(
        citation="Claus and Boutilier (1998), The dynamics of reinforcement learning in cooperative multiagent systems",
        pure_equilibria=((0, 0), (1, 1)),
        mixed_equilibria=((first, second),),
        optima=((0, 0),),
        symmetries=(),
        common_payoff=corner == 5,
        potential=corner == 5,
    )


def penalty(k: float = -100.0) -> MatrixGame:
    """The penalty game: two equal optima, a penalty k for confusing them, and a safe way out.

    ===== ===== ===== =====
    ..    A     B     C
    ===== ===== ===== =====
    A     10    0     k
    B     0     2     0
    C     k     0     10
    ===== ===== ===== =====

    Parameters
    ----------
    k : float
        The penalty, at most 0.

    Raises
    ------
    InputError
        If k is positive or not finite.

    References
    ----------
    Claus and Boutilier (1998), The dynamics of reinforcement learning in cooperative multiagent systems, AAAI.
    Kapetanakis and Kudenko (2002), Reinforcement learning of coordination in cooperative multi-agent systems, AAAI.
    """
    k = _penalty_k(k)
    rows = [[10, 0, k], [0, 2, 0], [k, 0, 10]]
    return MatrixGame.common_payoff(rows, actions=[tuple("ABC")] * 2, name=f"Penalty game, k = {k:g}")


def _penalty_k(k: float) -> float:
    return real_number(k, "k", low=-_HIGHEST, high=0.0)


def _penalty_facts(k: float) -> Facts:
    exact = Fraction(_penalty_k(k))
    zero, half, sixth = Fraction(0), Fraction(1, 2), Fraction(1, 6)
    mixed = [(sixth, 1 - sixth, zero), (zero, 1 - sixth, sixth)]
    if exact >= -10:  # on {A, C} each expects (10 + k) / 2, and B would bring 0
        mixed.append((half, zero, half))
    if exact > -10:  # on all three, with B drawing 2 against (10 + k) times the chance of A
        outer = 2 / (14 + exact)
        mixed.append((outer, 1 - 2 * outer, outer))
    return Facts(
        citation="Claus and Boutilier (1998), The dynamics of reinforcement learning in cooperative multiagent systems",
        pure_equilibria=((0, 0), (1, 1), (2, 2)),
        mixed_equilibria=tuple((each, each) for each in mixed),
        optima=((0, 0), (2, 2)),
        symmetries=(Symmetry((1, 0), ((0, 1, 2),) * 2), Symmetry((0, 1), ((2, 1, 0),) * 2)),
        common_payoff=True,
        potential=True,
    )


# Two symmetric players, to cooperate or to defect ---------------------------------------------------------------------

_ORDERS = {
    "stag_hunt": "reward > temptation >= punishment > sucker",
    "prisoners_dilemma": "temptation > reward > punishment > sucker",
    "chicken": "temptation > reward > sucker > punishment",
    "harmony": "reward > temptation > sucker > punishment",
}


def stag_hunt(
    reward: float = 4.0, temptation: float = 3.0, punishment: float = 3.0, sucker: float = 0.0
) -> MatrixGame:
    """The stag hunt: together a stag, alone a hare; hunting the stag alone brings nothing.

    ===== ==================== ======================
    ..    Stag                 Hare
    ===== ==================== ======================
    Stag  reward               sucker, temptation
    Hare  temptation, sucker   punishment
    ===== ==================== ======================

    By default a hare is worth 3 whatever the other does, and (Hare, Hare) is the safe equilibrium.

    Raises
    ------
    InputError
        Unless reward > temptation >= punishment > sucker, all finite.

    References
    ----------
    Rousseau (1755), Discourse on the origin and basis of inequality among men, part 2.
    Skyrms (2004), The stag hunt and the evolution of social structure, Cambridge University Press.
    """
    return _dilemma("stag_hunt", ("Stag", "Hare"), "Stag hunt", reward, temptation, punishment, sucker)


def prisoners_dilemma(
    reward: float = 3.0, temptation: float = 5.0, punishment: float = 1.0, sucker: float = 0.0
) -> MatrixGame:
    """The prisoner's dilemma: whatever the other does it pays to defect, and both would rather cooperate.

    ========= ==================== ======================
    ..        Cooperate            Defect
    ========= ==================== ======================
    Cooperate reward               sucker, temptation
    Defect    temptation, sucker   punishment
    ========= ==================== ======================

    Raises
    ------
    InputError
        Unless temptation > reward > punishment > sucker, all finite.

    References
    ----------
    Tucker (1950), A two-person dilemma, Stanford University.
    Axelrod (1984), The evolution of cooperation, Basic Books; the payoffs 5, 3, 1, 0 are his.
    """
    actions = ("Cooperate", "Defect")
    return _dilemma("prisoners_dilemma", actions, "Prisoner's dilemma", reward, temptation, punishment, sucker)


def chicken(reward: float = 6.0, temptation: float = 7.0, punishment: float = 0.0, sucker: float = 2.0) -> MatrixGame:
    """Chicken: each would rather go straight, but not if the other does.

    ======== ==================== ======================
    ..       Swerve               Straight
    ======== ==================== ======================
    Swerve   reward               sucker, temptation
    Straight temptation, sucker   punishment
    ======== ==================== ======================

    Raises
    ------
    InputError
        Unless temptation > reward > sucker > punishment, all finite.

    References
    ----------
    Rapoport and Chammah (1966), The game of chicken, American Behavioral Scientist 10:10-28.
    Aumann (1974), Subjectivity and correlation in randomized strategies, Journal of Mathematical Economics 1:67-96; the
    payoffs 7, 6, 2, 0 are his.
    """
    return _dilemma("chicken", ("Swerve", "Straight"), "Chicken", reward, temptation, punishment, sucker)


def harmony(reward: float = 3.0, temptation: float = 2.0, punishment: float = 0.0, sucker: float = 1.0) -> MatrixGame:
    """Harmony: to cooperate is dominant, and best for both.

    ========= ==================== ======================
    ..        Cooperate            Defect
    ========= ==================== ======================
    Cooperate reward               sucker, temptation
    Defect    temptation, sucker   punishment
    ========= ==================== ======================

    Raises
    ------
    InputError
        Unless reward > temptation > sucker > punishment, all finite.

    References
    ----------
    Santos, Pacheco and Lenaerts (2006), Evolutionary dynamics of social dilemmas in structured heterogeneous
    populations, Proceedings of the National Academy of Sciences 103:3490-3494.
    """
    return _dilemma("harmony", ("Cooperate", "Defect"), "Harmony", reward, temptation, punishment, sucker)


def _dilemma(game: str, actions: Any, title: str, *payoffs: float) -> MatrixGame:
    reward, temptation, punishment, sucker = _ordered(game, *payoffs)
    row = np.array([[reward, sucker], [temptation, punishment]])
    return MatrixGame.bimatrix(row, row.T, actions=[actions, actions], name=title)


def _ordered(game: str, *payoffs: float) -> tuple[float, ...]:
    """The four payoffs as floats, if they stand in the order that makes them this game."""
    names = ("reward", "temptation", "punishment", "sucker")
    values = {
        name: real_number(value, name, low=-_HIGHEST, high=_HIGHEST)
        for name, value in zip(names, payoffs, strict=True)
    }
    words = _ORDERS[game].split()
    relations = {">": operator.gt, ">=": operator.ge}
    for (high, low), relation in zip(pairwise(words[::2]), words[1::2], strict=True):
        if not relations[relation](values[high], values[low]):
            raise InputError(f"{game} needs {_ORDERS[game]}, not {high}={values[high]:g} and {low}={values[low]:g}")
    return tuple(values.values())


def _dilemma_facts(game: str, citation: str, **payoffs: float) -> Facts:
    reward, temptation, punishment, sucker = map(Fraction, _ordered(game, *payoffs.values()))
    joining, resisting = reward > temptation, sucker > punishment  # is to cooperate best against C, against D?
    if joining == resisting:
        pure = [(0, 0)] if joining else [(1, 1)]
    else:
        pure = [(0, 0), (1, 1)] if joining else [(0, 1), (1, 0)]
    mixed = []
    if joining != resisting:
        cooperate = (sucker - punishment) / (sucker - punishment + temptation - reward)
        mixed.append(((cooperate, 1 - cooperate),) * 2)
    return Facts(
        citation=citation,
        pure_equilibria=tuple(pure),
        mixed_equilibria=tuple(mixed),
        optima=((0, 0),) if joining else (),
        symmetries=(Symmetry((1, 0), ((0, 1),) * 2),),
        potential=True,
    )


# Conflict -------------------------------------------------------------------------------------------------------------


def matching_pennies() -> MatrixGame:
    """Matching pennies: Even wins 1 from Odd if the two pennies show the same side, and loses 1 to Odd if not.

    References
    ----------
    Von Neumann and Morgenstern (1944), Theory of games and economic behavior, chapter III.
    """
    row = np.array([[1, -1], [-1, 1]])
    labels: dict[str, Any] = {"players": ("Even", "Odd"), "actions": [("Heads", "Tails")] * 2}
    return MatrixGame.bimatrix(row, -row, name="Matching pennies", **labels)


def _matching_pennies_facts() -> Facts:
    half = Fraction(1, 2)
    return Facts(
        citation="Von Neumann and Morgenstern (1944), Theory of games and economic behavior",
        pure_equilibria=(),
        mixed_equilibria=(((half, half),) * 2,),
        optima=(),
        symmetries=(Symmetry((1, 0), ((0, 1), (1, 0))),),
        zero_sum=True,
    )


def rock_paper_scissors() -> MatrixGame:
    """Rock, paper, scissors: rock beats scissors, scissors beat paper, paper beats rock, for 1.

    References
    ----------
    Von Neumann and Morgenstern (1944), Theory of games and economic behavior, chapter III.
    """
    row = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    return MatrixGame.bimatrix(row, -row, actions=[("Rock", "Paper", "Scissors")] * 2, name="Rock, paper, scissors")


def _rock_paper_scissors_facts() -> Facts:
    return Facts(
        citation="Von Neumann and Morgenstern (1944), Theory of games and economic behavior",
        pure_equilibria=(),
        mixed_equilibria=(((Fraction(1, 3),) * 3,) * 2,),
        optima=(),
        symmetries=(Symmetry((1, 0), ((0, 1, 2),) * 2), Symmetry((0, 1), ((1, 2, 0),) * 2)),
        zero_sum=True,
    )


def battle_of_the_sexes() -> MatrixGame:
    """The battle of the sexes: better together, but each would rather choose where.

    =========== ====== ===========
    ..          Bach   Stravinsky
    =========== ====== ===========
    Bach        2, 1   0, 0
    Stravinsky  0, 0   1, 2
    =========== ====== ===========

    References
    ----------
    Luce and Raiffa (1957), Games and decisions, Wiley, section 5.3.
    Osborne and Rubinstein (1994), A course in game theory, MIT Press, example 15.3, for these payoffs and labels.
    """
    actions = [("Bach", "Stravinsky")] * 2
    return MatrixGame.bimatrix([[2, 0], [0, 1]], [[1, 0], [0, 2]], actions=actions, name="Battle of the sexes")


def _battle_of_the_sexes_facts() -> Facts:
    often, seldom = Fraction(2, 3), Fraction(1, 3)
    return Facts(
        citation="Luce and Raiffa (1957), Games and decisions",
        pure_equilibria=((0, 0), (1, 1)),
        mixed_equilibria=(((often, seldom), (seldom, often)),),
        optima=(),
        symmetries=(Symmetry((1, 0), ((1, 0), (1, 0))),),
        potential=True,
    )


# Three players --------------------------------------------------------------------------------------------------------


def three_player_coordination(reward: float = 1.0) -> MatrixGame:
    """Pure coordination of three players: `reward` for each if all choose the same, 0 if not.

    Parameters
    ----------
    reward : float
        Positive.

    Raises
    ------
    InputError
        If the reward is not positive or not finite.

    References
    ----------
    Schelling (1960), The strategy of conflict, Harvard University Press, for games of pure coordination.
    """
    payoffs = np.zeros((2, 2, 2))
    payoffs[0, 0, 0] = payoffs[1, 1, 1] = _positive(reward)
    return MatrixGame.common_payoff(payoffs, actions=[tuple("AB")] * 3, name="Coordination of three")


def _positive(reward: float) -> float:
    return real_number(reward, "reward", low=sys.float_info.min, high=_HIGHEST)


def _three_player_coordination_facts(reward: float) -> Facts:
    _positive(reward)
    half, same = Fraction(1, 2), ((0, 1),) * 3
    return Facts(
        citation="Schelling (1960), The strategy of conflict",
        pure_equilibria=((0, 0, 0), (1, 1, 1)),
        mixed_equilibria=(((half, half),) * 3,),
        optima=((0, 0, 0), (1, 1, 1)),
        symmetries=(Symmetry((1, 0, 2), same), Symmetry((1, 2, 0), same), Symmetry((0, 1, 2), ((1, 0),) * 3)),
        common_payoff=True,
        potential=True,
    )


def three_player_matching_pennies() -> MatrixGame:
    """Matching pennies of three players: 1 wants to match 2, 2 to match 3, and 3 not to match 1, for 1 or -1.

    Its one equilibrium is unstable under the learning that Jordan studies.

    References
    ----------
    Jordan (1993), Three problems in learning mixed-strategy Nash equilibria, Games and Economic Behavior 5:368-386.
    """
    first, second, third = np.meshgrid(*[[1, -1]] * 3, indexing="ij")
    payoffs = np.stack([first * second, second * third, -third * first])
    return MatrixGame(payoffs, actions=[("Heads", "Tails")] * 3, name="Matching pennies of three")


def _three_player_matching_pennies_facts() -> Facts:
    half = Fraction(1, 2)
    return Facts(
        citation="Jordan (1993), Three problems in learning mixed-strategy Nash equilibria",
        pure_equilibria=(),
        mixed_equilibria=(((half, half),) * 3,),
        optima=(),
        symmetries=(Symmetry((1, 2, 0), ((0, 1), (0, 1), (1, 0))),),
    )


# A stochastic game ----------------------------------------------------------------------------------------------------

_MOVES = ("stay", "north", "east", "south", "west")


def meeting(size: int = 3, slip: float = 0.1, discount: float = 0.95, absorbing: bool = False) -> StochasticGame:
    """Two agents who must meet on a size x size grid: sparse, with S = size**4 and 5 actions each.

    State ``cell_1 * size**2 + cell_2``, with ``cell = row * size + column``; row 0 is in the north. Both move at once.
    A move takes an agent to the next cell with probability 1 - slip, and with probability slip / 2 each to one of the
    two sides; a wall leaves it where it is; to stay is certain. A step that ends with both on one cell pays 1 to each,
    any other 0, and R(s, a) is the expectation.

    Without slips and at alpha = beta = 0, two agents who are d > 0 moves apart are worth ``discount**(ceil(d/2) - 1)``,
    times ``1 / (1 - discount)`` where meeting does not end the game.

    Parameters
    ----------
    size : int
        Cells on a side, at least 2. With 18 there are 104,976 states and 2.6 million rows of transitions.
    slip : float
        In [0, 1].
    discount : float
        In [0, 1).
    absorbing : bool
        Whether meeting ends the game: the states where both share a cell are then terminal.

    Raises
    ------
    InputError
        If an argument is out of its range.

    References
    ----------
    A fully observed relative of the meeting problem of Bernstein, Hansen and Zilberstein (2005), Bounded policy
    iteration for decentralized POMDPs, IJCAI. The slips and the end are this catalogue's own.

    Examples
    --------
    >>> game = meeting(size=2, slip=0.0)
    >>> state, profile = game.states.index("(0,0) (1,1)"), game.actions[0].index("south") * 5  # the other one stays
    >>> successor = game.transitions[[state * 25 + profile]].indices[0]
    >>> game.states[successor]
    '(1,0) (1,1)'
    """
    from scipy import sparse

    targets, chances = _walk(size, slip)
    cells, moves = targets.shape[:2]

    # Axes of a transition: cell of 1, cell of 2, move of 1, move of 2, slip of 1, slip of 2.
    successors = targets[:, None, :, None, :, None] * cells + targets[None, :, None, :, None, :]
    joint = np.broadcast_to(chances[:, None, :, None] * chances[None, :, None, :], successors.shape)
    possible = joint > 0
    pointers = np.zeros(possible.size // 9 + 1, dtype=np.int32 if possible.size < 2**31 else np.int64)
    np.cumsum(possible.sum((4, 5)), dtype=pointers.dtype, out=pointers[1:])
    parts = joint[possible], successors[possible], pointers
    del successors, possible
    transitions = sparse.csr_array(parts, shape=(pointers.size - 1, cells * cells))

    alone = np.zeros((cells, moves, cells))
    np.add.at(alone, (np.arange(cells)[:, None, None], np.arange(moves)[:, None], targets), chances)
    meets = np.tensordot(alone, alone, axes=(2, 2)).transpose(0, 2, 1, 3).reshape(-1, moves, moves)
    places = [f"({row},{column})" for row in range(size) for column in range(size)]
    return StochasticGame(
        np.broadcast_to(meets, (2, *meets.shape)),
        transitions,
        discount,
        terminal=np.arange(cells) * (cells + 1) if absorbing else None,
        actions=[_MOVES, _MOVES],
        states=[f"{one} {two}" for one in places for two in places],
        name=f"Meeting on a {size} x {size} grid",
    )


def _walk(size: int, slip: float) -> tuple[NDArray[np.int32], FloatArray]:
    """Where one agent's move can lead, ahead or to a side, (cells, 5, 3); and with which probability, (5, 3)."""
    size = integer(size, "size", low=2, high=65)
    slip = real_number(slip, "slip", low=0.0, high=1.0)
    row, column = np.divmod(np.arange(size * size, dtype=np.int32), size)
    north, south = np.maximum(row - 1, 0), np.minimum(row + 1, size - 1)
    west, east = np.maximum(column - 1, 0), np.minimum(column + 1, size - 1)
    here = row * size + column
    around = [north * size + column, row * size + east, south * size + column, row * size + west]
    targets = [(here,) * 3] + [(around[i], around[i - 1], around[(i + 1) % 4]) for i in range(4)]
    return np.array(targets).transpose(2, 0, 1), np.array([[1.0, 0.0, 0.0], *[[1.0 - slip, slip / 2, slip / 2]] * 4])


def _meeting_facts(size: int, slip: float, discount: float, absorbing: bool) -> Facts:
    cells = len(_walk(size, slip)[0])
    grid = np.arange(cells).reshape(size, size)
    joint = np.arange(cells * cells).reshape(cells, cells)

    def moved(where: NDArray[Any], actions: Profile) -> Symmetry:
        """Both agents and all moves under one symmetry of the square; ``where[row, column]`` is a cell's new place."""
        to = where.ravel()
        return Symmetry((0, 1), (actions, actions), tuple(joint[to[:, None], to].ravel().tolist()))

    return Facts(
        citation="Bernstein, Hansen and Zilberstein (2005), Bounded policy iteration for decentralized POMDPs",
        pure_equilibria=None,
        mixed_equilibria=None,
        optima=None,
        symmetries=(
            Symmetry((1, 0), (tuple(range(5)),) * 2, tuple(joint.T.ravel().tolist())),
            moved(np.rot90(grid), (0, 2, 3, 4, 1)),
            moved(grid[:, ::-1], (0, 1, 4, 3, 2)),
        ),
        common_payoff=True,
        potential=True,
    )


# The catalogue --------------------------------------------------------------------------------------------------------

_CATALOGUE: dict[str, tuple[_Build, Callable[..., Facts]]] = {
    "climbing": (climbing, _climbing_facts),
    "penalty": (penalty, _penalty_facts),
    "stag_hunt": (
        stag_hunt,
        partial(_dilemma_facts, "stag_hunt", "Rousseau (1755), Discourse on the origin and basis of inequality"),
    ),
    "prisoners_dilemma": (
        prisoners_dilemma,
        partial(_dilemma_facts, "prisoners_dilemma", "Tucker (1950), A two-person dilemma"),
    ),
    "chicken": (chicken, partial(_dilemma_facts, "chicken", "Rapoport and Chammah (1966), The game of chicken")),
    "harmony": (
        harmony,
        partial(
            _dilemma_facts,
            "harmony",
            "Santos, Pacheco and Lenaerts (2006), Evolutionary dynamics of social dilemmas in structured heterogeneous "
            "populations",
        ),
    ),
    "matching_pennies": (matching_pennies, _matching_pennies_facts),
    "rock_paper_scissors": (rock_paper_scissors, _rock_paper_scissors_facts),
    "battle_of_the_sexes": (battle_of_the_sexes, _battle_of_the_sexes_facts),
    "three_player_coordination": (three_player_coordination, _three_player_coordination_facts),
    "three_player_matching_pennies": (three_player_matching_pennies, _three_player_matching_pennies_facts),
    "meeting": (meeting, _meeting_facts),
}


def names() -> tuple[str, ...]:
    """The names of all games of the catalogue; each is also a function of this module."""
    return tuple(_CATALOGUE)


def get(name: str, **parameters: Any) -> MatrixGame | StochasticGame:
    """The game of that name.

    Parameters
    ----------
    name : str
        One of :func:`names`; case does not matter, and hyphens or spaces may stand for underscores.
    **parameters
        What the game's function takes.

    Raises
    ------
    UnknownNameError
        If there is no such game; the message offers near names.
    InputError
        If the game has no such parameter (the message lists those it has), or refuses its value.

    Examples
    --------
    >>> get("stag-hunt", reward=5)
    MatrixGame('Stag hunt', num_actions=(2, 2))
    >>> get("climbin")
    Traceback (most recent call last):
    rommeo_exact.errors.UnknownNameError: unknown game 'climbin'; did you mean climbing?
    """
    build, _, values = _entry(name, parameters)
    return build(**values)


def facts(name: str, **parameters: Any) -> Facts:
    """What is known of the game of that name under those parameters; takes and raises what :func:`get` does.

    Examples
    --------
    >>> facts("climbing").pure_equilibria, facts("climbing").optima
    (((0, 0), (1, 1)), ((0, 0),))
    >>> [str(chance) for chance in facts("climbing").mixed_equilibria[0][0]]
    ['5/16', '0', '11/16']
    """
    _, known, values = _entry(name, parameters)
    return known(**values)


def _entry(name: str, parameters: dict[str, Any]) -> tuple[_Build, Callable[..., Facts], dict[str, Any]]:
    key = str(name).lower().replace("-", "_").replace(" ", "_")
    if key not in _CATALOGUE:
        raise UnknownNameError("game", name, _CATALOGUE)
    build, known = _CATALOGUE[key]
    defaults = {each.name: each.default for each in inspect.signature(build).parameters.values()}
    for parameter in parameters:
        if parameter not in defaults:
            raise InputError(f"{key} has no parameter {parameter!r}; it has {', '.join(defaults) or 'none'}")
    return build, known, {**defaults, **parameters}
