"""Section 5: the climbing game and the Max of Two Quadratics, as they are printed and described.

The climbing game is worked out in fractions; so is the other one, where that is possible.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise, permutations, product
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from ...checks import FloatArray
from ...games.catalogue import climbing
from ..cases import Case
from ..ledger import Claim, Counterexample, Form, Gap, equal, every, fixed, never_above

__all__ = ["CLAIMS"]

MATRIX, SURFACE = "Section 5.1", "Section 5.2"
ACTIONS = "ABC"

Variant = Literal["original", "paper"]
VARIANTS: tuple[Variant, Variant] = ("original", "paper")
Matrix: TypeAlias = tuple[tuple[Fraction, ...], ...]
Profile: TypeAlias = tuple[tuple[Fraction, ...], ...]


def _differences(found: set[Profile], stated: set[Profile]) -> Gap:
    """How many profiles are in one of the two sets and not in the other."""
    return Gap(float(len(found ^ stated)))


# --- the climbing game, exactly --------------------------------------------------------------------------------------


@cache
def _payoffs(variant: Variant) -> tuple[Matrix, Matrix]:
    """R^1 and R^2, a row for each action of player 1."""
    one, two = (
        tuple(tuple(Fraction(float(entry)) for entry in row) for row in table) for table in climbing(variant).payoffs
    )
    return one, two


def _transposed(table: Matrix) -> Matrix:
    return tuple(zip(*table, strict=True))


def _own(variant: Variant) -> tuple[Matrix, Matrix]:
    """Each player's payoffs with its own actions as rows."""
    one, two = _payoffs(variant)
    return one, _transposed(two)


def _pure(action: str) -> tuple[Fraction, ...]:
    return tuple(Fraction(int(action == label)) for label in ACTIONS)


def _replies(own: Matrix, other: Sequence[Fraction]) -> tuple[int, ...]:
    """The best replies to a mixed play of the other player."""
    worth = [sum((r * y for r, y in zip(row, other, strict=True)), Fraction()) for row in own]
    return tuple(a for a, value in enumerate(worth) if value == max(worth))


def _indifferent(own: Matrix, rows: Sequence[int], columns: Sequence[int]) -> tuple[Fraction, ...] | int:
    """The play of the other player on `columns` that makes all of `rows` equally good.

    The number of free parameters instead, where it is not unique, and -1 where there is none.
    """
    system = [[own[a][b] - own[rows[0]][b] for b in columns] + [Fraction()] for a in rows[1:]]
    system.append([Fraction(1)] * (len(columns) + 1))
    pivots: list[int] = []
    for k in range(len(columns)):
        row = next((i for i in range(len(pivots), len(system)) if system[i][k]), None)
        if row is None:
            continue
        system[len(pivots)], system[row] = system[row], system[len(pivots)]
        pivot = [entry / system[len(pivots)][k] for entry in system[len(pivots)]]
        system = [[x - line[k] * y for x, y in zip(line, pivot, strict=True)] for line in system]
        system[len(pivots)] = pivot
        pivots.append(k)
    if any(line[-1] for line in system[len(pivots) :]):
        return -1
    if len(pivots) < len(columns):
        return len(columns) - len(pivots)
    play = [Fraction()] * len(own[0])
    for b, line in zip(columns, system, strict=False):
        play[b] = line[-1]
    return tuple(play)


def _supports() -> Iterator[tuple[int, ...]]:
    for size in (1, 2, 3):
        yield from combinations(range(3), size)


def _supported(play: Sequence[Fraction], own: Sequence[int], others: Matrix, replies: Sequence[int]) -> bool:
    """Whether a play has all of its support, and the other player's best replies to it include all of `replies`."""
    return all(play[a] > 0 for a in own) and set(replies) <= set(_replies(others, play))


@cache
def _equilibria(variant: Variant) -> frozenset[Profile]:
    """All Nash equilibria, one pair of supports at a time.

    Raises
    ------
    ArithmeticError
        If a pair of supports carries infinitely many candidates; then these are not all.
    """
    one, two = _own(variant)
    found: set[Profile] = set()
    for rows, columns in product(_supports(), _supports()):
        y, x = _indifferent(one, rows, columns), _indifferent(two, columns, rows)
        if -1 in (x, y):
            continue
        plays = ((x, rows, two, columns), (y, columns, one, rows))
        if all(isinstance(play, int) or _supported(play, own, others, replies) for play, own, others, replies in plays):
            if isinstance(x, int) or isinstance(y, int):
                raise ArithmeticError(f"supports {rows} and {columns} leave the equilibria open")
            found.add((x, y))
    return frozenset(found)


_AA, _BB, _CC = ((_pure(label), _pure(label)) for label in ACTIONS)


def _mixed(variant: Variant) -> Profile:
    """The third equilibrium: A with probability 5/16, or player 1 with 3/14 where (C, C) pays 3 to player 2."""
    x = Fraction(5, 16) if variant == "original" else Fraction(3, 14)
    return (x, Fraction(), 1 - x), (Fraction(5, 16), Fraction(), Fraction(11, 16))


def _equilibria_are(stated: Callable[[Variant], set[Profile]]) -> Form:
    return fixed(
        lambda: every(
            _differences(set(_equilibria("original")), stated("original")),
            _differences(set(_equilibria("paper")), stated("paper")),
        )
    )


def _equilibria_example() -> Counterexample:
    x, y = _mixed("original")
    one, two = _own("original")
    worth = sum((one[a][b] * x[a] * y[b] for a, b in product(range(3), repeat=2)), Fraction())
    refutes = (x, y) in _equilibria("original") and set(_replies(one, y)) == set(_replies(two, x)) == {0, 2}
    return Counterexample(
        "the climbing game with (5, 5) at (C, C): both players play A with probability 5/16 and C with 11/16",
        "no Nash equilibrium: there are two, (A, A) and (B, B)",
        f"a Nash equilibrium: A and C both pay {worth}, and B pays -21/4 to player 1 and -75/8 to player 2; as "
        "printed, with (5, 3), player 1 plays A with probability 3/14 instead",
        bool(refutes and worth == Fraction(55, 16)),
    )


def _payoffs_differ(variant: Variant, sign: int = 1) -> Form:
    def gap() -> Gap:
        one, two = (np.array(table, dtype=float) for table in _payoffs(variant))
        return equal(one, sign * two, 0.0)

    return fixed(gap)


def _payoffs_example() -> Counterexample:
    one, two = _payoffs("paper")
    differ = [(a, b) for a, b in product(range(3), repeat=2) if one[a][b] != two[a][b]]
    return Counterexample(
        "the matrix as printed, both players at C",
        "player 1 receives 5 and player 2 receives 3",
        "in a fully cooperative game both receive the same: (5, 5)",
        differ == [(2, 2)] and one[2][2] == 5 and two[2][2] == 3,
    )


def _optima(common: Sequence[str]) -> Form:
    """The joint actions at which each player receives the most that it can, in both variants."""

    def gap() -> Gap:
        wrong = 0
        for variant in VARIANTS:
            one, two = _payoffs(variant)
            best = {
                ACTIONS[a] + ACTIONS[b]
                for a, b in product(range(3), repeat=2)
                if one[a][b] == max(map(max, one)) and two[a][b] == max(map(max, two))
            }
            wrong += len(best ^ set(common))
        return Gap(float(wrong))

    return fixed(gap)


def _symmetric(wanted: bool) -> Form:
    """Whether some names of the actions make R^2 the transpose of R^1."""

    def gap() -> Gap:
        wrong = 0
        for variant in VARIANTS:
            one, two = _own(variant)
            named = any(
                all(one[a][b] == two[names[a]][back[b]] for a, b in product(range(3), repeat=2))
                for names in permutations(range(3))
                for back in permutations(range(3))
                if all(back[names[a]] == a for a in range(3))
            )
            wrong += named is not wanted
        return Gap(float(wrong))

    return fixed(gap)


def _rises(measure: Callable[[Matrix, int], Fraction], players: tuple[int, ...] = (0, 1), order: str = "CBA") -> Form:
    """Whether a measure of punishment rises strictly in this order, for these players and in both variants."""

    def gap() -> Gap:
        wrong = 0
        for variant, i in product(VARIANTS, players):
            own = _own(variant)[i]
            rising = [measure(own, ACTIONS.index(label)) for label in order]
            wrong += sum(low >= high for low, high in pairwise(rising))
        return Gap(float(wrong))

    return fixed(gap)


def _missed(own: Matrix, a: int) -> list[Fraction]:
    """What action a pays where the other player takes another action."""
    return [own[a][b] for b in range(3) if b != a]


def _lost(own: Matrix, a: int) -> Fraction:
    """What miscoordination costs at worst, against both at a."""
    return own[a][a] - min(_missed(own, a))


def _lost_on_average(own: Matrix, a: int) -> Fraction:
    return own[a][a] - sum(_missed(own, a), Fraction()) / 2


def _worst(own: Matrix, a: int) -> Fraction:
    return -min(own[a])


def _punished(own: Matrix, a: int) -> Fraction:
    """Minus the mean payoff where the other player takes another action."""
    return -sum(_missed(own, a), Fraction()) / 2


def _each(*forms: Form) -> Form:
    return lambda here: every(*(form(here) for form in forms))


def _payoff_order(here: Case) -> Gap:
    """What is so of the payoffs: A and B tie at worst, for both; on average for player 2, and not for player 1."""
    wrong = 0
    for variant in VARIANTS:
        one, two = _own(variant)
        wrong += [-_worst(own, a) for own in (one, two) for a in range(3)] != [-30, -30, 0] * 2
        wrong += [-_punished(own, a) for own in (one, two) for a in range(3)] != [-15, -12, 0, -15, -15, 3]
    return Gap(float(wrong))


def _payoff_example() -> Counterexample:
    one, two = _own("original")
    worst = [[min(own[a]) for a in range(3)] for own in (one, two)]
    tied = all(row[0] == row[1] == -30 and row[2] == 0 for row in worst)
    return Counterexample(
        "the lowest payoff of each action, A, B, C, for either player",
        "it falls from C to B and from B to A",
        f"C {worst[0][2]}, B {worst[0][1]}, A {worst[0][0]}: A and B are punished alike; on average over the other "
        f"player's other actions, player 2 receives {-_punished(two, 1)} with B and {-_punished(two, 0)} with A",
        bool(tied and _punished(two, 0) == _punished(two, 1) == 15),
    )


def _safest(label: str) -> Form:
    """Whether the action's lowest payoff, and its mean over the other's other actions, is above the other two's."""

    def gap() -> Gap:
        wrong, a = 0, ACTIONS.index(label)
        for variant, i in product(VARIANTS, (0, 1)):
            own = _own(variant)[i]
            for measure in (_worst, _punished):
                wrong += any(measure(own, other) <= measure(own, a) for other in range(3) if other != a)
        return Gap(float(wrong))

    return fixed(gap)


def _share(own: Matrix, a: int) -> Fraction:
    """The share of the other player's mixed plays to which action a is a best reply: an area, cut out of the triangle
    of the plays (y_A, y_B)."""
    corners = [(Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)), (Fraction(0), Fraction(0))]
    whole = _area(corners)
    for other in range(3):
        better = [own[a][b] - own[other][b] for b in range(3)]
        corners = _cut(corners, (better[0] - better[2], better[1] - better[2], better[2]))
    return _area(corners) / whole


Point: TypeAlias = tuple[Fraction, Fraction]


def _cut(corners: list[Point], line: tuple[Fraction, Fraction, Fraction]) -> list[Point]:
    """The part of a convex polygon where line[0] x + line[1] y + line[2] >= 0."""
    kept: list[Point] = []
    heights = [line[0] * x + line[1] * y + line[2] for x, y in corners]
    for k, (x, y) in enumerate(corners):
        before, height = heights[k - 1], heights[k]
        if before * height < 0:
            t = before / (before - height)
            u, v = corners[k - 1]
            kept.append((u + t * (x - u), v + t * (y - v)))
        if height >= 0:
            kept.append((x, y))
    return kept


def _area(corners: list[Point]) -> Fraction:
    twice = sum((corners[k - 1][0] * y - x * corners[k - 1][1] for k, (x, y) in enumerate(corners)), Fraction())
    return abs(twice) / 2


def _end_of_replies(own: tuple[Matrix, Matrix]) -> str:
    """Where the players come to that reply to each other, first to uniform play; "" where a reply is not unique or
    they come to no rest."""
    plays: list[tuple[Fraction, ...]] = [(Fraction(1, 3),) * 3] * 2
    for _ in range(10):
        replies = [_replies(own[i], plays[1 - i]) for i in (0, 1)]
        if any(len(reply) > 1 for reply in replies):
            return ""
        after = [_pure(ACTIONS[reply[0]]) for reply in replies]
        if after == plays:
            return "".join(ACTIONS[reply[0]] for reply in replies)
        plays = after
    return ""


SHARES = {"original": (Fraction(121, 656), Fraction(121, 752)), "paper": (Fraction(121, 656), Fraction(121, 658))}


def _difficult(end: str = "BB", shares: Callable[[Fraction], Fraction] = lambda x: x) -> Form:
    def gap() -> Gap:
        wrong = 0
        for variant in VARIANTS:
            own = _own(variant)
            wrong += _end_of_replies(own) != end
            spared = [tuple(tuple(max(entry, Fraction()) for entry in row) for row in table) for table in own]
            for i in (0, 1):
                share = _share(own[i], 0)
                wrong += share != shares(SHARES[variant][i])
                wrong += not share < _share(spared[i], 0)
        return Gap(float(wrong))

    return fixed(gap)


# --- the Max of Two Quadratics ---------------------------------------------------------------------------------------


class _Peak(NamedTuple):
    """height - weight ((a1 - centre)^2 + (a2 - centre)^2)."""

    height: Fraction
    weight: Fraction
    centre: Fraction

    def at(self, one: Fraction, two: Fraction) -> Fraction:
        return self.height - self.weight * ((one - self.centre) ** 2 + (two - self.centre) ** 2)

    def most(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
        """The maximum over the square [low, high]^2, and the one place a1 = a2 where it is attained."""
        place = min(max(self.centre, low), high)
        return self.at(place, place), place


class _Surface(NamedTuple):
    """r = max(f_1, f_2): the left peak and the right one."""

    left: _Peak
    right: _Peak

    def at(self, one: Fraction, two: Fraction) -> Fraction:
        return max(self.left.at(one, two), self.right.at(one, two))


def _surface(divisor: int, factor: Fraction = Fraction(4, 5), height: int = 10) -> _Surface:
    """With f_1 = -factor ((a1 + 5)^2 + (a2 + 5)^2) / divisor."""
    return _Surface(
        _Peak(Fraction(), factor / divisor, Fraction(-5)), _Peak(Fraction(height), Fraction(1), Fraction(5))
    )


PRINTED, DRAWN = _surface(9), _surface(3)
SURFACES = (PRINTED, DRAWN)
ROW = Fraction(-26, 5)
CONTOURS = {-2: 2.7, -6: 4.7, -10: 6.1, -14: 7.2, -18: 8.2}
"""Where the labelled contours of Figure 2a cross the row a2 = -5.2: their distances from a1 = -5."""
READ = 0.1
"""To how much those distances can be read off."""


def _distance(surface: _Surface, level: int) -> float:
    """How far from a1 = -5 the left peak has this level, on the row a2 = -5.2."""
    return math.sqrt((surface.left.height - level) / surface.left.weight - (ROW - surface.left.centre) ** 2)


def _contours(surface: _Surface) -> Form:
    """Distance by distance; and the right peak is below the contour there, so that it is one of the surface's."""

    def gap() -> Gap:
        computed = [_distance(surface, level) for level in CONTOURS]
        below = max(
            float(surface.right.at(Fraction(-5 + distance), ROW)) - level
            for level, distance in zip(CONTOURS, computed, strict=True)
        )
        return every(equal(computed, list(CONTOURS.values()), READ), never_above(below, 0.0, 0.0))

    return fixed(gap)


def _contour_example() -> Counterexample:
    printed, drawn = (_distance(surface, -2) for surface in SURFACES)
    return Counterexample(
        "the contour -2 of Figure 2a on the row a2 = -5.2",
        f"((a1 + 5)/3)^2 puts it {printed:.2f} from a1 = -5",
        f"it is 2.7 from there, and (a1 + 5)^2/3 puts it {drawn:.2f} from there",
        abs(printed - CONTOURS[-2]) > 10 * READ and abs(drawn - CONTOURS[-2]) <= READ,
    )


def _maxima(left: tuple[int, int] = (-5, 0), right: tuple[int, int] = (5, 10)) -> Form:
    """On a square of half-width 7 around the left point its value is the most, on all of [-10, 10]^2 the right one's.

    Each f_k is a strictly concave function of a1 plus one of a2, so its maximum over a square is exact, and unique.
    """

    def gap() -> Gap:
        wrong = 0
        for surface in SURFACES:
            for (place, value), (low, high) in (
                (left, (Fraction(left[0] - 7), Fraction(left[0] + 7))),
                (right, (Fraction(-10), Fraction(10))),
            ):
                tops = [peak.most(max(low, Fraction(-10)), min(high, Fraction(10))) for peak in surface]
                most = max(top for top, _ in tops)
                wrong += surface.at(Fraction(place), Fraction(place)) != value
                wrong += most != value or [where for top, where in tops if top == most] != [place]
        return Gap(float(wrong))

    return fixed(gap)


@cache
def _climbs(surface: _Surface) -> float:
    """The share of the square from whose points gradient ascent comes to the left peak, one point for each cell of a
    grid; NaN if it does not do so from the origin."""
    rate, steps, side = 0.1, 400, 60
    line = (np.arange(side) + 0.5) * (20.0 / side) - 10.0
    points = np.concatenate([np.zeros((2, 1)), np.stack(np.meshgrid(line, line)).reshape(2, -1)], axis=1)
    left, right = ([float(entry) for entry in peak] for peak in surface)
    for _ in range(steps):
        first = _height(left, points) >= _height(right, points)
        for (_, weight, centre), where in ((left, first), (right, ~first)):
            points = np.where(where, points - 2.0 * rate * weight * (points - centre), points)
    ended: FloatArray = np.abs(points + 5.0).max(axis=0) < 0.1
    return float(ended[1:].mean()) if ended[0] else math.nan


def _height(peak: Sequence[float], points: FloatArray) -> FloatArray:
    height, weight, centre = peak
    values: FloatArray = height - weight * ((points - centre) ** 2).sum(axis=0)
    return values


def _left_share(surface: _Surface) -> float:
    """The same share for the gradient flow, which an integral gives.

    The flow of f_1 is straight towards (-5, -5), that of f_2 straight towards (5, 5). f_2 > f_1 on a disc around
    (c, c), which the second never leaves: so a point comes to (5, 5) if the segment from it to (-5, -5) meets the disc.
    """
    k = float(surface.left.weight)
    c = 5.0 * (1.0 + k) / (1.0 - k)
    radius_squared = 2.0 * c * c - 50.0 + 10.0 / (1.0 - k)
    far = math.sqrt(2.0) * (c + 5.0)
    widest = math.asin(math.sqrt(radius_squared) / far)
    count = 100_000
    angles = ((np.arange(count) + 0.5) / count * 2.0 - 1.0) * widest
    enters = far * np.cos(angles) - np.sqrt(radius_squared - (far * np.sin(angles)) ** 2)
    leaves = 15.0 / np.maximum(np.cos(angles + math.pi / 4.0), np.sin(angles + math.pi / 4.0))
    area = np.maximum(leaves**2 - enters**2, 0.0).sum() * widest / count
    return 1.0 - float(area) / 400.0


LEFT = {PRINTED: 0.791, DRAWN: 0.702}
"""The shares of the square that belong to the left maximum."""


def _basin(shares: Callable[[float], float] = lambda x: x, towards: int = -5) -> Form:
    """(0, 0) flows to (-5, -5): all along the diagonal between them f_1 > f_2, by exact arithmetic."""

    def gap() -> Gap:
        gaps = []
        for surface, stated in LEFT.items():
            left, right = surface
            # f_1 - f_2 is convex on the diagonal (f_2 is the steeper) and falls up to the origin, so it is least there
            slope = -4 * left.weight * (0 - left.centre) + 4 * right.weight * (0 - right.centre)
            least = left.at(Fraction(), Fraction()) - right.at(Fraction(), Fraction())
            stays = left.weight < right.weight and slope < 0 < least
            gaps.append(Gap(float(not (stays and left.centre == towards))))
            gaps.append(equal(_left_share(surface), shares(stated), 5e-4))
            gaps.append(equal(_climbs(surface), _left_share(surface), 0.01))
        return every(*gaps)

    return fixed(gap)


def _pass(surface: _Surface) -> tuple[float, float]:
    """The place a1 = a2 = t, and the height, where the diagonal from (0, 0) to (5, 5) leaves f_1 for f_2."""
    k = float(surface.left.weight)
    # (t - 5)^2 - k (t + 5)^2 = 5
    a, half, c = 1.0 - k, 5.0 * (1.0 + k), 25.0 * (1.0 - k) - 5.0
    t = (half - math.sqrt(half * half - a * c)) / a
    return t, -2.0 * k * (t + 5.0) ** 2


VALLEY = {PRINTED: (1.95, -8.6), DRAWN: (1.13, -20.0)}
"""Where the lowest point of the best path from (0, 0) to (5, 5) is, and how low it is."""


def _valley(shift: float = 0.0, below: float = 0.0) -> Form:
    """The best path's lowest point: on the edge of the disc where f_2 > f_1, which every path has to cross, no point
    is higher; and it is lower than (0, 0)."""

    def gap() -> Gap:
        gaps = []
        for surface, (place, height) in VALLEY.items():
            t, level = _pass(surface)
            k = float(surface.left.weight)
            c = 5.0 * (1.0 + k) / (1.0 - k)
            turn = np.linspace(0.0, 2.0 * math.pi, 721)
            edge = c + math.sqrt(2.0) * (c - t) * np.stack([np.cos(turn), np.sin(turn)])
            left, right = ([float(entry) for entry in peak] for peak in surface)
            gaps += [
                equal(_height(left, edge), _height(right, edge), 1e-9),
                never_above(_height(left, edge), level, 1e-9),
                equal([t, level], [place + shift, height], 0.05),
                never_above(level, float(surface.at(Fraction(), Fraction())) - 4.0 - below, 0.0),
            ]
        return every(*gaps)

    return fixed(gap)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="climbing.matrix",
        title="The payoff matrix of the climbing game",
        statement="the fully cooperative climbing game pays (11,11) (-30,-30) (0,0); (-30,-30) (7,7) (6,6); (0,0) "
        "(0,0) (5,3), the rows and columns being A, B, C",
        where=MATRIX,
        hypotheses="fully cooperative: both players always receive the same",
        method="exact enumeration",
        recorded="misprint",
        form=_payoffs_differ("original"),
        printed=_payoffs_differ("paper"),
        corrected="(5,5) at (C,C), as in the game's source, Claus and Boutilier (1998)",
        confirmed_by=(
            'the sentence it stands in ("a fully cooperative game")',
            'the paragraph before it ("purely cooperative", "the shared maximum reward")',
        ),
        counterexample=_payoffs_example,
        planted={"opposed payoffs": _payoffs_differ("original", -1)},
        tests=("tests/test_catalogue.py::test_the_claims_of_the_paper_on_climbing",),
        once=True,
    ),
    Claim(
        id="climbing.equilibria",
        title="The Nash equilibria of the climbing game",
        statement="there are two Nash equilibria, (A,A) and (B,B)",
        where=MATRIX,
        hypotheses="none; with (5,5) and with (5,3) at (C,C)",
        method="exact enumeration",
        recorded="false as stated",
        form=_equilibria_are(lambda variant: {_AA, _BB, _mixed(variant)}),
        printed=_equilibria_are(lambda variant: {_AA, _BB}),
        corrected="there are two in pure strategies, (A,A) and (B,B), and one more in mixed ones: A with probability "
        "5/16 and C with 11/16, for both players (for player 1, 3/14 and 11/14 if (C,C) pays 3 to player 2)",
        counterexample=_equilibria_example,
        planted={
            "(C,C) too": _equilibria_are(lambda variant: {_AA, _BB, _CC, _mixed(variant)}),
            "without (B,B)": _equilibria_are(lambda variant: {_AA, _mixed(variant)}),
            "mixed alike in both variants": _equilibria_are(lambda variant: {_AA, _BB, _mixed("original")}),
        },
        tests=("tests/test_catalogue.py::test_the_claims_of_the_paper_on_climbing",),
        once=True,
        formal=(
            "proofs/formal/Statements.v::climbing_third_equilibrium",
            "proofs/formal/Statements.v::climbing_pure_equilibria",
            "proofs/formal/Statements.v::climbing_printed_equilibrium",
        ),
    ),
    Claim(
        id="climbing.optimum",
        title="The optimum of the climbing game",
        statement="there is one global optimum, (A,A): one joint action at which each player receives the most that "
        "it can, 11",
        where=MATRIX,
        hypotheses="none; with (5,5) and with (5,3) at (C,C)",
        method="exact enumeration",
        recorded="holds",
        form=_optima(["AA"]),
        planted={"(B,B)": _optima(["BB"]), "two of them": _optima(["AA", "BB"])},
        tests=("tests/test_catalogue.py::test_the_claims_of_the_paper_on_climbing",),
        once=True,
        formal=("proofs/formal/Statements.v::climbing_optimum",),
    ),
    Claim(
        id="climbing.safest",
        title="The safest action",
        statement="the safest action is C: its lowest payoff, and its mean payoff where the other player takes another "
        "action, are above those of A and B, for both players",
        where=MATRIX,
        method="exact enumeration",
        recorded="holds",
        form=_safest("C"),
        planted={"B": _safest("B"), "A": _safest("A")},
        once=True,
        formal=("proofs/formal/Statements.v::climbing_safest",),
    ),
    Claim(
        id="climbing.punishment",
        title="The order of punishment, as a loss",
        statement="the punishment of miscoordination by choosing a certain action increases in the order C, B, A, and "
        "is the most severe for A",
        where=MATRIX,
        hypotheses="punishment read as what is lost against coordination on the same action: at worst 5, 37, 41, for "
        "both players; on average over the other's other actions 5, 19, 26 for player 1 and 2, 22, 26 for player 2 "
        "(with (5,3) at (C,C): 0 for 2, and at worst 3 for 5)",
        method="exact enumeration",
        recorded="holds",
        form=_each(_rises(_lost), _rises(_lost_on_average)),
        planted={"B the most severe": _rises(_lost, order="CAB"), "reversed": _rises(_lost_on_average, order="ABC")},
        once=True,
        formal=("proofs/formal/Statements.v::climbing_punishment",),
    ),
    Claim(
        id="climbing.payoffs",
        title="The order of punishment, as a payoff",
        statement="the punishment of miscoordination by choosing a certain action increases in the order C, B, A, and "
        "is the most severe for A",
        where=MATRIX,
        hypotheses="punishment read as the payoff itself, the lowest one or the mean one",
        method="exact enumeration",
        recorded="false as stated",
        form=_payoff_order,
        printed=_each(_rises(_worst), _rises(_punished)),
        corrected="the lowest payoffs are 0 for C and -30 for B and for A, for both players; the means where the other "
        "takes another action are 0, -12, -15 for player 1 and 3, -15, -15 for player 2: only the mean of player 1 "
        "orders B and A",
        counterexample=_payoff_example,
        planted={
            "lowest payoffs of player 1": _rises(_worst, (0,)), "lowest payoffs of player 2": _rises(_worst, (1,)),
            "mean payoffs of player 2": _rises(_punished, (1,)),
        },
        once=True,
        formal=("proofs/formal/Statements.v::climbing_lowest_payoffs",),
    ),
    Claim(
        id="climbing.difficulty",
        title="Why the optimum of the climbing game is hard to reach",
        statement="it is very difficult for agents to converge to the global optimum",
        where=MATRIX,
        hypotheses="read for agents that reply best: from uniform play their replies end in (B,B); A is the best reply "
        "to 121/656 of player 2's mixed plays, and to 121/752 of player 1's (121/658 with (5,3)), and to more of them "
        "where 0 stands for -30",
        method="exact enumeration",
        recorded="holds",
        form=_difficult(),
        planted={
            "replies end in (A,A)": _difficult("AA"), "replies end in (C,C)": _difficult("CC"),
            "twice the share": _difficult(shares=lambda share: 2 * share),
        },
        once=True,
    ),
    Claim(
        id="climbing.symmetry",
        title="Theorem 3 does not cover the climbing game as it is printed",
        statement="no names for the actions make the climbing game symmetric: (B,C) pays 6 and (C,B) pays 0; so the "
        "hypothesis of Theorem 3 excludes the paper's own example (the theorem does not need it: thm3.symmetric)",
        where=MATRIX,
        hypotheses="symmetric: R^1(a,b) = R^2(b,a), up to the names of the actions",
        method="exact enumeration",
        recorded="holds",
        form=_symmetric(False),
        planted={"it is symmetric": _symmetric(True)},
        once=True,
        beyond=True,
        formal=("proofs/formal/Statements.v::climbing_symmetry",),
    ),
    Claim(
        id="differential.formula",
        title="The left peak of the Max of Two Quadratics",
        statement="f_1 = 0.8 [-((a1 + 5)/3)^2 - ((a2 + 5)/3)^2]",
        where=SURFACE,
        hypotheses="Figure 2a shows the surface that was used; distances are read off it to 0.1",
        method="reading of the figure",
        recorded="misprint",
        form=_contours(DRAWN),
        printed=_contours(PRINTED),
        corrected="f_1 = 0.8 [-(a1 + 5)^2/3 - (a2 + 5)^2/3]: the contours -2, -6, -10, -14, -18 of Figure 2a cross the "
        "row a2 = -5.2 at 2.7, 4.7, 6.1, 7.2, 8.2 from a1 = -5, where this has them at 2.73, 4.74, 6.12, 7.24, 8.21, "
        "and the printed formula at 4.74, 8.21, 10.60, 12.55, 14.23",
        confirmed_by=("Figure 2a",),
        counterexample=_contour_example,
        planted={
            "0.8 dropped": _contours(_surface(3, Fraction(1))), "divisor dropped": _contours(_surface(1)),
            "divisor 4": _contours(_surface(4)),
        },
        once=True,
    ),
    Claim(
        id="differential.maxima",
        title="The maxima of the surface",
        statement="there is a local maximum 0 at (-5,-5) and a global maximum 10 at (5,5)",
        where=SURFACE,
        hypotheses="none; with both formulas for f_1",
        method="exact enumeration",
        recorded="holds",
        form=_maxima(),
        planted={
            "local at (-4,-4)": _maxima(left=(-4, 0)), "global 0": _maxima(right=(5, 0)),
            "global at the left": _maxima(right=(-5, 0)),
        },
        once=True,
        formal=("proofs/formal/Statements.v::differential_maxima",),
    ),
    Claim(
        id="differential.basin",
        title="The origin is in the left basin",
        statement="(0,0) lies within the basin of the left local maximum: gradient ascent from it comes to (-5,-5)",
        where=SURFACE,
        hypotheses="gradient flow; with both formulas for f_1. The left basin is 79.1 % of the square as printed, and "
        "70.2 % as drawn",
        method="identity",
        recorded="holds",
        form=_basin(),
        planted={
            "in the right basin": _basin(towards=5), "half of the square": _basin(lambda share: 0.5),
            "the shares exchanged": _basin(lambda share: 0.791 + 0.702 - share),
        },
        once=True,
        formal=("proofs/formal/Statements.v::differential_basin",),
    ),
    Claim(
        id="differential.valley",
        title="The valley between the maxima",
        statement="a deep valley lies between the origin and the global maximum: every path from (0,0) to (5,5) falls "
        "at least 4 below the reward at (0,0)",
        where=SURFACE,
        hypotheses="none; with both formulas for f_1: the best path's lowest reward is -8.6 at (1.95, 1.95) as "
        "printed, from -4.4 at (0,0), and -20.0 at (1.13, 1.13) as drawn, from -13.3",
        method="identity",
        recorded="holds",
        form=_valley(),
        planted={"elsewhere": _valley(shift=0.5), "deeper by 3": _valley(below=3.0)},
        once=True,
        formal=("proofs/formal/Statements.v::differential_valley",),
    ),
)
