"""What is said of self-play in words, on the terminal and on the page of a report."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

import numpy as np

from ..checks import FloatArray
from ..games.models import Game, StochasticGame
from ..population import Branch, Equilibrium, SelfPlayEquilibria, SelfPlayPath
from .page import count, shortest, upper
from .profiles import best_profiles, common_payoff, is_nash

SETTLED = 1e-9
"""A path has come to a point where its residual is at most this."""

UNRESOLVED = (
    "NOT RESOLVED: there is one point, but it takes more rounds to forget first priors than the digits that are tried "
    "can tell. At a higher temperature it is resolved, and with --certify it may be"
)

SAME = 1e-6
"""A path's end is a fixed point where no probability differs by more."""


def update_name(update: Any) -> str:
    if callable(update):
        return "averaged play, the mean of all that was played,"
    return f"{update} play" if isinstance(update, str) else f"averaged play with steps of {shortest(float(update))}"


def settled(path: SelfPlayPath) -> int | None:
    """After how many rounds the residual stays small; None where it does not."""
    large = np.flatnonzero(~(path.residuals <= SETTLED))
    after = int(large[-1]) + 1 if large.size else 0
    return after if after <= path.rounds else None


def reached(found: SelfPlayEquilibria, path: SelfPlayPath) -> int | None:
    """Which point the path has come to."""
    if settled(path) is None:
        return None
    apart = _distances(found, path)
    k = int(np.argmin(apart))
    return k if apart[k] <= SAME else None


def _distances(found: SelfPlayEquilibria, path: SelfPlayPath) -> list[float]:
    """The greatest difference of a probability in which a path's last play is from each point."""
    ends = [table[-1] for table in path.marginals]
    return [float(max(np.abs(x - y).max() for x, y in zip(ends, p.marginals, strict=True))) for p in found]


def rate(found: SelfPlayEquilibria, path: SelfPlayPath, update: Any) -> float | None:
    """By what distances shrink in each round of a path in the long run; None where no number says so."""
    where = reached(found, path)
    if where is None or callable(update):
        return None
    point = found.points[where]
    if update == "alternating":
        return point.alternating_radius
    step = 1.0 if update == "simultaneous" else float(update)
    return float(np.abs(1.0 - step + step * point.eigenvalues).max(initial=0.0))


def verdict(found: SelfPlayEquilibria) -> Iterator[str]:
    """How many fixed points there are, and who says so."""
    if found.unique:
        yield f"ONE fixed point, and there is no other. {_sentence(found.theorem)}"
        return
    points = count(len(found), "fixed point")
    if found.complete:
        yield f"{points.upper()}, and there are no others. {_sentence(found.theorem)}"
        return
    yield f"{points} found from {count(found.attempts, 'start')}; no theorem says that these are all"
    if found.index_sum == 1:
        yield "Their indices sum to 1, as those of all points do: none is missing that the sum would tell"
    else:
        yield (
            f"Their indices sum to {found.index_sum}, those of all points to 1: A POINT IS MISSING, or one is not "
            "regular; more --starts may find it"
        )


def _sentence(text: str | None) -> str:
    return f"{text[:1].upper()}{text[1:]}" if text else ""


def stability(point: Equilibrium) -> str:
    """In which kinds of play a point is stable."""
    if None in (point.stable, point.stable_alternating, point.stable_averaged):
        return "whether it is stable is not decided, as an eigenvalue is on the unit circle to rounding"
    kinds = [("simultaneous", point.stable), ("alternating", point.stable_alternating),
             ("averaged", point.stable_averaged)]  # fmt: skip
    good = [name for name, is_stable in kinds if is_stable]
    if len(good) == 3:
        return "stable in simultaneous, alternating and averaged play"
    if not good:
        return "unstable in simultaneous, alternating and averaged play"
    bad = [name for name, is_stable in kinds if not is_stable]
    return f"stable in {' and '.join(good)} play, unstable in {' and '.join(bad)} play"


def index(point: Equilibrium) -> str:
    return f"{point.index:+d}" if point.index else "not known, as an eigenvalue is 1 to rounding"


def shrinking(radius: float) -> str:
    """What a spectral radius means."""
    if abs(radius - 1.0) < 1e-9:
        return "a small distance stays as it is, to rounding"
    if radius == 0.0:
        return "a small distance is gone after one round"
    if radius < 1.0:
        halved = max(1, math.ceil(math.log(0.5) / math.log(radius) - 1e-12)) if radius > 1e-300 else 1
        return f"a small distance shrinks to {radius:.3g} of it in a round, to half in {count(halved, 'round')}"
    return f"a small distance grows by {radius:.3g} in a round, in the long run"


def optimality(
    game: Game, point: Equilibrium, best: float, labels: Callable[[Sequence[str]], list[str]],
    probability: Callable[[float], str],
) -> Iterator[str]:  # fmt: skip
    """How a point compares with what the players could earn together."""
    shared = common_payoff(game)
    scale = game.num_players if shared else 1
    if math.isfinite(best):
        total = float(returns(game, point.expected_return).sum())
        what = "each earns" if shared else "together they earn"
        yield f"Optimum: {what} {total / scale:.6g} of at most {best / scale:.6g}"
    if isinstance(game, StochasticGame):
        return
    named = [labels(texts) for texts in game.actions]

    def name(profile: tuple[int, ...]) -> str:
        return f"({', '.join(texts[a] for texts, a in zip(named, profile, strict=True))})"

    profiles = best_profiles(game)
    chance = sum(math.prod(float(m[a]) for m, a in zip(point.marginals, profile, strict=True)) for profile in profiles)
    listed = ", ".join(map(name, profiles[:4])) + ", ..." * (len(profiles) > 4)
    kind = f"{'Optimal profile' if shared else 'Profile'}{'s' * (len(profiles) > 1)}"
    text = probability(chance) if chance < 0.999 or chance >= 1.0 else f"1 - {1.0 - chance:.1g}"
    yield f"{kind} {listed}{'' if shared else ' of the greatest sum'}: played with probability {text}"
    modal = tuple(int(np.argmax(m)) for m in point.marginals)
    nash = "a pure Nash equilibrium" if is_nash(game, modal) else "no Nash equilibrium"
    yield f"The likeliest profile, {name(modal)}, is {nash}"


def returns(game: Game, earned: FloatArray) -> FloatArray:
    """What everyone earns, where it is nothing but rounding as 0."""
    return np.where(np.abs(earned) < 1e-13 * np.abs(game.payoffs).max(initial=0.0), 0.0, earned)


def outcome(found: SelfPlayEquilibria, path: SelfPlayPath, uniform: bool, update: Any) -> Iterator[str]:
    """Where the play from the first priors went."""
    origin = f"From {'uniform' if uniform else 'the given'} priors, {update_name(update)}"
    after, where = settled(path), reached(found, path)
    residual = upper(float(path.residuals[-1]))
    if after is not None and where is not None:
        residual = upper(float(path.residuals[after]))
        yield f"{origin} comes to point {where + 1} in {count(after, 'round')} (residual {residual})"
        if not found.points[where].stable and update == "simultaneous":
            yield "That point is unstable: the least disturbance would lead away from it"
    elif after is not None:
        yield f"{origin} settles in {count(after, 'round')} where no point was found (residual {residual})"
        if found.complete:
            yield "It cannot stay there for ever, but moves too slowly for double precision to tell"
    elif path.period is not None and path.period > 1:
        yield f"{origin} does not settle: it OSCILLATES, and repeats every {count(path.period, 'round')}"
    else:
        yield f"{origin} has NOT settled after {count(path.rounds, 'round')} (residual {residual})"
        apart = _distances(found, path)
        k = int(np.argmin(apart))
        if apart[k] > SAME or not found.points[k].resolved:
            yield f"The nearest is point {k + 1}: no probability is further from its than {upper(apart[k])}"
            return
        off = [np.abs(table - end).max(axis=tuple(range(1, table.ndim)))
               for table, end in zip(path.marginals, found.points[k].marginals, strict=True)]  # fmt: skip
        late = np.flatnonzero(np.max(off, axis=0) > SAME)
        after = int(late[-1]) + 1 if late.size else 0
        rounds = count(after, "round")
        yield f"All probabilities are within {SAME:g} of point {k + 1} after {rounds}; only ratios still move"


def extent(branch: Branch) -> str:
    first, last = float(branch.alphas[0]), float(branch.alphas[-1])
    text = f"alpha from {first:.6g} to {last:.6g}"
    low, high = float(branch.alphas.min()), float(branch.alphas.max())
    if low < min(first, last) * (1 - 1e-9) or high > max(first, last) * (1 + 1e-9):
        text += f", turning back at {low:.6g}" if low < min(first, last) * (1 - 1e-9) else ""
        text += f", turning back at {high:.6g}" if high > max(first, last) * (1 + 1e-9) else ""
    return text


def stable_parts(branch: Branch) -> str:
    """Where simultaneous play is stable, as stretches of the branch."""
    if branch.stable.all():
        return "stable"
    if not branch.stable.any():
        return "unstable" + ", but stable in averaged play" * bool(branch.stable_averaged.all())
    changes = np.flatnonzero(np.diff(branch.stable.astype(int)))
    stops = [0, *(changes + 1).tolist(), len(branch)]
    parts = []
    for start, stop in itertools.pairwise(stops):
        run = branch.alphas[start:stop]
        parts.append(f"{'stable' if branch.stable[start] else 'unstable'} from {run[0]:.4g} to {run[-1]:.4g}")
    return ", ".join(parts[:6]) + ", ..." * (len(parts) > 6)


def bracket(low: float, high: float) -> tuple[str, str]:
    """Two temperatures, rounded outward to where they differ."""
    digits = min(16, max(4, 2 + math.ceil(-math.log10(max(high - low, 1e-16 * high) / high))))
    return _rounded(low, digits, -1), _rounded(high, digits, +1)


def _rounded(value: float, digits: int, way: int) -> str:
    """A number to so many digits, rounded up or down."""
    context = Context(prec=digits, rounding=ROUND_CEILING if way > 0 else ROUND_FLOOR)
    return f"{context.plus(Decimal(value)):g}"
