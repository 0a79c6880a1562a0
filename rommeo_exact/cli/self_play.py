"""``rommeo self-play``: where agents who take each other's play for their prior come to."""

from __future__ import annotations

import argparse
import io
import math
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import plots
from ..checks import FloatArray, distribution
from ..errors import InputError
from ..games.files import write_atomically
from ..games.models import Game, StochasticGame
from ..population import (
    Branch,
    Equilibrium,
    SelfPlayBranches,
    SelfPlayEquilibria,
    SelfPlayPath,
    self_play,
    self_play_branches,
    self_play_equilibria,
)
from .arguments import (
    add_game,
    add_plot,
    agent_index,
    check_free,
    check_plot,
    integer,
    load,
    number,
    picture,
    prior_of,
)
from .page import (
    Page,
    aligned,
    as_json,
    clock,
    complain,
    shortest,
    state_name,
    telling,
    title,
    unit,
    upper,
    weighted,
)
from .profiles import best_together
from .report import report
from .words import (
    UNRESOLVED,
    bracket,
    extent,
    index,
    optimality,
    outcome,
    rate,
    reached,
    returns,
    settled,
    shrinking,
    stability,
    stable_parts,
    verdict,
)

MOST_STATES = 12  # rows of a table of states
MOST_ACTIONS = 20  # columns of a table
MOST_POINTS = 8  # points that are printed in full
MOST_PHASES = 4  # of an oscillation
MOST_COORDINATES = 40  # of a play, up to which a report follows the points along the temperature

_SELF_PLAY = """\
Exact self-play: every agent takes what the others play for its prior, answers
with the optimum of its own objective, and so on; where nobody's play changes
any more is a fixed point. The command finds the fixed points, says whether a
theorem makes them all there are, and follows the play from its first priors.

For each point it prints what everyone plays, m(a); what its opponent model rho*
expects; V*, the optimum of its objective; what it earns on average where each
draws from its own m; and whether play comes back from nearby:

  simultaneous  all update their priors at once
  alternating   one after the other, each seeing what was updated before it
  averaged      all at once, by a small step from the prior towards the play

A small distance to a point shrinks in the long run, in each round, by the
spectral radius of J, the derivative of a round. The index is the sign of
det(I - J); over all fixed points the indices sum to 1, and where those that
were found do not, one is missing. A residual is how far a play is from the
answer to it; the error, where a theorem bounds it, is how far it is from the
fixed point, both in Hilbert's metric: the largest log of a ratio of two odds.

With a range for --alpha the points are followed as the temperature changes:
branches, and the events where they turn (fold) or cross (pitchfork, crossing).
"""

_SELF_PLAY_MORE = """\
examples:
  rommeo self-play climbing --alpha 1
  rommeo self-play climbing --alpha 1 --prior 1:0,1,0 --prior 2:0,1,0
  rommeo self-play three_player_coordination --alpha 0.2:2:log40 --beta alpha \\
      --plot coordination.png
  rommeo self-play stag_hunt --alpha 0.5 --report stag.html
  rommeo self-play chicken --alpha 0.5 --update mean --out chicken.npz

--prior 2:P is what player 2 believes at first of all the others together: as in
rommeo solve, numbers or fractions between commas, or a .csv or .txt file. Whom
no --prior names begins with the uniform one.

arrays of --out and keys of --json, for one temperature (M points, n players, S
states, A_i actions, B_i joint actions of the others, T rounds; there is no axis
S in a matrix game), players counted from 1:
  unique, complete, theorem, index_sum, attempts   the verdict
  marginals_1 (M, S, A_1), ...                     what everyone plays
  opponent_models_1, priors_1 (M, S, B_1), ...     what everyone expects
  values_1 (M, S), ...                             V*
  expected_return (M, n)                           what everyone earns
  spectral_radius, alternating_radius, largest_step, residual, error_bound,
  index (M), stable, stable_alternating, stable_averaged (M)
  path_marginals_1 (T + 1, S, A_1), ..., path_residuals (T + 1), path_period
  reached                                          number of the point, or 0
  settled_after                                    rounds, or -1
  enclosed, unique_within, statement (M)           with --certify
  alpha
for a range: complete, branches, and for each branch k, from 1,
  branch_k_alphas (K), branch_k_marginals_1 (K, S, A_1), ..., branch_k_index,
  branch_k_spectral_radius, branch_k_stable, branch_k_stable_averaged,
  branch_k_resolved (K),
  branch_k_expected_returns (K, n)
  event_kind, event_low, event_high, event_branch (E)  temperatures in brackets
both: game, players, actions_1, ..., states, discount, beta ("alpha": kept at
it). JSON numbers read back to the same doubles; an infinite one is "inf".

exit code: 0 done; 1 a point is missing (the indices do not sum to 1), or one is
not resolved, or not certified with --certify; 2 bad input
"""


def add_self_play(commands: Any) -> None:
    parser = commands.add_parser(
        "self-play", help="find where agents who learn together end", description=_SELF_PLAY, epilog=_SELF_PLAY_MORE
    )
    add = parser.add_argument
    add_game(parser)
    add("--alpha", default="1", metavar="X", help="temperature of all, or LOW:HIGH:N, or LOW:HIGH:logN (default 1)")
    add("--beta", default="1", metavar="X", help="KL weight of all (default 1); inf is allowed, and alpha: the same")
    add("--discount", type=number, metavar="G", help="gamma, in [0, 1) (default the game's own; 0 for a matrix game)")
    add("--prior", action="append", default=[], metavar="WHO:P", help="a player's first prior; may be repeated")
    add(
        "--update", default="simultaneous", metavar="HOW",
        help="simultaneous, alternating, a step in (0, 1], or mean: the mean of all that was played",
    )  # fmt: skip
    add("--rounds", type=integer, default=1000, metavar="N", help="play at most so many (default 1000)")
    add("--starts", type=integer, metavar="N", help="random starts (default 64; with states 8; along a range 16)")
    add("--seed", type=integer, default=0, metavar="K", help="of the random starts (default 0)")
    add("--certify", action="store_true", help="prove the points, and in small games that these are all")
    add_plot(parser)
    add("--report", metavar="FILE.html", help="write a page that explains all of it, with pictures, for a browser")
    add("--digits", type=integer, default=4, metavar="N", help="decimals of probabilities (default 4)")
    add("--json", action="store_true", help="print JSON, with everything")
    add("--out", metavar="FILE.npz", help="keep the arrays, with everything, in a new file for numpy.load")
    add("--force", action="store_true", help="replace the files of --out, --plot and --report")
    parser.set_defaults(run=_run_self_play)


def _run_self_play(arguments: argparse.Namespace) -> int:
    game, _, _ = load(arguments.game, arguments.set)
    alphas, beta = _alphas(arguments.alpha), _beta(arguments.beta)
    prior, update = _priors(arguments.prior, game), _update(arguments.update)
    if not 1 <= arguments.digits <= 17:
        raise InputError(f"--digits is {arguments.digits}, not in [1, 17]")
    for name in ("rounds", "starts", "seed"):
        if (getattr(arguments, name) or 0) < 0:
            raise InputError(f"--{name} is {getattr(arguments, name)}, and must not be negative")
    _check_files(arguments)
    if arguments.report:
        plots.new()  # raises where Matplotlib is missing, before the work
    range_of = alphas if isinstance(alphas, np.ndarray) else None
    if range_of is not None:
        one = (prior, "--prior"), (update != "simultaneous", "--update"), (arguments.certify, "--certify")
        for given, option in one:
            if given not in (None, False):
                raise InputError(f"{option} is for one temperature, and --alpha is a range")
    asked = _Asked(game, beta, prior, update, arguments)
    start = time.perf_counter()
    with telling() as tell:
        found = path = along = None
        code = 0
        if isinstance(alphas, float):
            found, path = asked.points(alphas, tell)
            proofs = [point.certificate for point in found if point.certificate is not None]
            fine = (found.complete or found.index_sum == 1) and all(point.resolved for point in found)
            code = 0 if fine and all(proof.enclosed for proof in proofs) else 1
            record = _record(game, found, path, proofs, beta)
            text = _page(asked, found, path, proofs, time.perf_counter() - start)
        else:
            along = asked.branches(alphas, tell)
            record, text = _branch_record(along), _branch_page(along, alphas, arguments.digits, start)
            code = 0 if all(branch.resolved.all() for branch in along) else 1
        files = {}
        if arguments.out is not None:
            files["out"] = _npz(record)
        if arguments.plot is not None:
            tell("drawing")
            if found is not None and path is not None:
                figure = plots.of_play(game, found, path, rate(found, path, update))
            elif along is not None:
                figure = plots.of_branches(along)
            files["plot"] = picture(figure, arguments.plot)
        if arguments.report is not None:
            if isinstance(alphas, float):
                alpha, alphas = alphas, np.geomspace(alphas / 10.0, alphas * 10.0, 81)
            else:
                alpha = math.sqrt(float(alphas[0]) * float(alphas[-1]))
            if along is None and coordinates(game) <= MOST_COORDINATES:
                along = asked.branches(alphas, tell)
            if found is None or path is None:
                found, path = asked.points(alpha, tell)
            html = report(game, found, path, along, beta, prior is None, update, arguments.digits, tell)
            files["report"] = html.encode("utf-8")
    _check_files(arguments)
    for name, data in files.items():
        write_atomically(getattr(arguments, name), data)
    if arguments.json:
        sys.stdout.write(as_json(record))
        if code:
            complain("the indices do not sum to 1, or a point is not resolved or not certified")
    else:
        page = Page(arguments.digits)
        for name, what in (("out", "Arrays and settings are"), ("plot", "The picture is"), ("report", "The page is")):
            if name in files:
                page.say(f"{what} in {page.label(getattr(arguments, name))}")
        sys.stdout.write(text + str(page))
    return code


def _check_files(arguments: argparse.Namespace) -> None:
    check_free(arguments.out, arguments.force, ".npz")
    check_plot(arguments.plot, arguments.force)
    check_free(arguments.report, arguments.force, ".html", option="--report")


# --- what the options say ---


def _alphas(text: str) -> float | FloatArray:
    """A temperature, or those of a range."""
    parts = text.split(":")
    try:
        if len(parts) == 1:
            return _positive(number(text), text)
        if len(parts) != 3:
            raise argparse.ArgumentTypeError("a range is LOW:HIGH:N or LOW:HIGH:logN")
        low, high = (_positive(number(part), part) for part in parts[:2])
        steps = re.fullmatch(r"(log)?(\d+)", parts[2])
        if steps is None:
            raise argparse.ArgumentTypeError(f"{parts[2]!r} is neither a number of temperatures nor log and a number")
        many = int(steps[2])
    except argparse.ArgumentTypeError as error:
        raise InputError(f"--alpha {text}: {error}") from None
    if not low < high:
        raise InputError(f"--alpha {text}: the range must rise")
    if not 2 <= many <= 10_000:
        raise InputError(f"--alpha {text}: {many} temperatures, not 2 to 10000")
    return np.geomspace(low, high, many) if steps[1] else np.linspace(low, high, many)


def _positive(value: float, text: str) -> float:
    if not 0.0 < value < math.inf:
        why = ": at 0 there may be continua of points" if value == 0.0 else ""
        raise argparse.ArgumentTypeError(f"{text} is not a positive temperature{why}")
    return value


def _beta(text: str) -> float | Callable[[float], float]:
    if text == "alpha":
        return lambda alpha: alpha
    try:
        value = number(text)
    except argparse.ArgumentTypeError as error:
        raise InputError(f"--beta: {error}, nor the word alpha") from None
    if not value >= 0.0:
        raise InputError(f"--beta is {text}, and must not be negative")
    return value


def _priors(given: Iterable[str], game: Game) -> list[Any] | None:
    """First priors, uniform for whom no --prior names; None where none is named."""
    found: dict[int, Any] = {}
    for text in given:
        who, colon, p = text.partition(":")
        if not colon:
            raise InputError(f"--prior {text}: expected WHO:P, such as 1:0.5,0.5")
        i = agent_index(game, who, f"--prior {text}: player")
        if i in found:
            raise InputError(f"--prior {text}: player {who} has a prior already")
        option = f"--prior of player {who}"
        found[i] = distribution(prior_of(p, game, i, option), option)
    if not found:
        return None
    sizes = [math.prod(size for j, size in enumerate(game.num_actions) if j != i) for i in range(game.num_players)]
    return [found.get(i, np.full(size, 1.0 / size)) for i, size in enumerate(sizes)]


def _update(text: str) -> Any:
    if text in ("simultaneous", "alternating"):
        return text
    if text == "mean":
        return _counting
    try:
        step = number(text)
    except argparse.ArgumentTypeError:
        raise InputError(f"--update {text}: not simultaneous, alternating, mean or a step in (0, 1]") from None
    if not 0.0 < step <= 1.0:
        raise InputError(f"--update {text}: a step must be in (0, 1]")
    return step


def _counting(k: int) -> float:
    """The step that makes the prior the mean of all that was played."""
    return 1.0 / (k + 2.0)


# --- at one temperature ---


@dataclass(frozen=True)
class _Asked:
    """What the command line asks for, at whatever temperature."""

    game: Game
    beta: Any
    prior: Any
    update: Any
    arguments: argparse.Namespace

    def _search(self, usual: int | None) -> dict[str, Any]:
        given = self.arguments.starts
        return {"starts": usual if given is None else given, "rng": np.random.default_rng(self.arguments.seed)}

    def points(self, alpha: float, tell: Callable[[str], None]) -> tuple[SelfPlayEquilibria, SelfPlayPath]:
        """The fixed points at one temperature, and the path from the first priors."""
        beta, discount = self.beta(alpha) if callable(self.beta) else self.beta, self.arguments.discount
        tell("looking for fixed points")
        found = self_play_equilibria(
            self.game, alpha, beta, discount, progress=tell, certify=self.arguments.certify, **self._search(None)
        )
        tell("playing")
        path = self_play(self.game, alpha, beta, self.prior, self.update, self.arguments.rounds, discount)
        return found, path

    def branches(self, alphas: FloatArray, tell: Callable[[str], None]) -> SelfPlayBranches:
        """The fixed points along the temperature."""
        return self_play_branches(
            self.game, alphas, self.beta, self.arguments.discount, progress=tell, **self._search(16)
        )


def coordinates(game: Game) -> int:
    """How many numbers say what everyone plays."""
    states = game.num_states if isinstance(game, StochasticGame) else 1
    return states * sum(size - 1 for size in game.num_actions)


def _labels(game: Game) -> dict[str, Any]:
    actions = {f"actions_{i}": list(labels) for i, labels in enumerate(game.actions, 1)}
    states = list(game.states or ()) if isinstance(game, StochasticGame) else None
    return {"game": game.name, "players": list(game.players), **actions, "states": states or None}


def _record(game: Game, found: SelfPlayEquilibria, path: SelfPlayPath, proofs: list[Any], beta: Any) -> dict[str, Any]:
    """Everything, under the names that --json and --out share."""
    record: dict[str, Any] = {
        **_labels(game), "alpha": found.alpha[0], "beta": "alpha" if callable(beta) else found.beta[0],
        "discount": path.population.discount, "unique": found.unique, "complete": found.complete,
        "theorem": found.theorem, "index_sum": found.index_sum, "attempts": found.attempts,
    }  # fmt: skip
    for name in ("marginals", "opponent_models", "priors", "values"):
        for i in range(game.num_players):
            record[f"{name}_{i + 1}"] = np.stack([np.asarray(getattr(point, name)[i]) for point in found])
    for name in (
        "expected_return", "spectral_radius", "alternating_radius", "largest_step", "residual", "error_bound", "index",
        "stable", "stable_alternating", "stable_averaged",
    ):  # fmt: skip
        record[name] = np.array([getattr(point, name) for point in found])
    for i, table in enumerate(path.marginals, 1):
        record[f"path_marginals_{i}"] = table
    where, after = reached(found, path), settled(path)
    record |= {"path_residuals": path.residuals, "path_period": path.period or 0}
    record |= {"reached": 0 if where is None else where + 1, "settled_after": -1 if after is None else after}
    if proofs:
        kept = ("enclosed", "unique_within", "statement")
        record |= {name: [getattr(proof, name) for proof in proofs] for name in kept}
    return record


def _npz(record: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    arrays: dict[str, Any] = {key: np.array(value) for key, value in record.items() if value is not None}
    np.savez(stream, **arrays)
    return stream.getvalue()


def _page(
    asked: _Asked, found: SelfPlayEquilibria, path: SelfPlayPath, proofs: list[Any], seconds: float
) -> str:
    """What is printed for a person."""
    game, uniform = asked.game, asked.prior is None
    page = Page(asked.arguments.digits)
    discount = path.population.discount
    page.say(title(page, game))
    page.say("Self-play: everyone's prior is what the others play")
    given = "uniform" if uniform else "as given"
    page.say(f"{weighted(found.alpha[0], found.beta[0], discount)}, first priors {given}")
    page.say()
    for line in verdict(found):
        page.say(line)
    best = best_together(game) if discount == _own_discount(game) else math.nan
    for k, point in enumerate(found.points[:MOST_POINTS]):
        page.say()
        page.say(f"Point {k + 1}" + f" of {len(found)}" * (len(found) > 1) + f": {stability(point)}")
        if not point.resolved:
            page.say(UNRESOLVED, "  ", "  ")
            continue
        _point_tables(page, game, point)
        page.say()
        for line in _figures(page, game, point, discount, best):
            page.say(line, "  ", "    ")
        if proofs:
            word = "CERTIFIED" if proofs[k].enclosed else "NOT CERTIFIED"
            page.say(f"{word}: {proofs[k].statement}", "  ", "    ")
    if len(found) > MOST_POINTS:
        page.say()
        page.say(f"{len(found) - MOST_POINTS} of {len(found)} points are not shown: --json prints all")
    page.say()
    for line in outcome(found, path, uniform, asked.update):
        page.say(line)
    _phases(page, game, path)
    page.say(f"Found in {clock(seconds)}")
    return str(page)


def _own_discount(game: Game) -> float:
    return game.discount if isinstance(game, StochasticGame) else 0.0


def _figures(page: Page, game: Game, point: Equilibrium, discount: float, best: float) -> Iterator[str]:
    players = [page.player(game, i) for i in range(game.num_players)]
    if isinstance(game, StochasticGame):
        values = page.decimals([float(game.initial @ value) for value in point.values])
        what = "E V* from the initial distribution"
    else:
        values, what = page.decimals([float(value) for value in point.values]), "V*"
    earned = page.decimals(returns(game, point.expected_return))
    same = len(earned) > 1 and len(set(earned)) == 1
    yield f"{what}: {', '.join(f'{who} {value}' for who, value in zip(players, values, strict=True))}"
    who = f"each {earned[0]}" if same else ", ".join(f"{p} {x}" for p, x in zip(players, earned, strict=True))
    yield f"Earned on average {unit(discount)}: {who}"
    yield from optimality(game, point, best, page.labels, page.probability)
    yield f"Simultaneous play: {shrinking(point.spectral_radius)}"
    if 0.0 < point.largest_step < 1.0 and not point.stable:
        yield f"Averaged play comes back for steps below {point.largest_step:.3g}"
    bound = "no theorem bounds the error"
    if math.isfinite(point.error_bound):
        bound = f"error in Hilbert's metric at most {upper(point.error_bound)}"
    known = "" if math.isfinite(point.error_bound) else f"residual {upper(point.residual)}, "
    yield f"Index {index(point)}, {known}{bound}"


def _point_tables(page: Page, game: Game, point: Equilibrium) -> None:
    if isinstance(game, StochasticGame):
        for i in range(game.num_players):
            _state_table(page, game, i, point.marginals[i])
        return
    if game.num_players == 2:
        for i in (0, 1):
            rows = [("plays m(a)", point.marginals[i]),
                    (f"{page.player(game, 1 - i)} expects rho*(b)", point.opponent_models[1 - i])]  # fmt: skip
            _action_table(page, page.player(game, i), [page.labels(game.actions[i])], rows)
        return
    for i in range(game.num_players):
        _action_table(
            page, page.player(game, i), [page.labels(game.actions[i])], [("plays m(a)", point.marginals[i])]
        )
        others = [j for j in range(game.num_players) if j != i]
        if others:
            heads = [page.labels(game.actions[j]) for j in others]
            joint = [" ".join(labels[int(k)] for labels, k in zip(heads, index, strict=True))
                     for index in np.ndindex(*map(len, heads))]  # fmt: skip
            rows = [("expects rho*(b)", point.opponent_models[i]), ("prior P(b)", point.priors[i])]
            _action_table(page, f"  b = {', '.join(page.player(game, j) for j in others)}", [joint], rows)


def _action_table(page: Page, corner: str, heads: list[list[str]], rows: list[tuple[str, FloatArray]]) -> None:
    """A column for each action, or for the likeliest."""
    total = sum(chances for _, chances in rows)
    kept = sorted(np.argsort(-np.asarray(total), kind="stable")[:MOST_ACTIONS].tolist())
    columns = [[heads[0][a], *[page.probability(chances[a]) for _, chances in rows]] for a in kept]
    page.table([corner, *(f"  {name}" for name, _ in rows)], [[c[0], *aligned(c[1:])] for c in columns])
    if len(kept) < len(heads[0]):
        page.say(f"{len(kept)} of {len(heads[0])} are shown, the likeliest; --out FILE.npz keeps all", "  ")


def _state_table(page: Page, game: StochasticGame, i: int, marginal: FloatArray) -> None:
    live = np.flatnonzero(~game.terminal)
    listed = live[:MOST_STATES].tolist()
    kept = sorted(np.argsort(-marginal[live].sum(axis=0), kind="stable")[:MOST_ACTIONS].tolist())
    names = page.labels(game.actions[i])
    columns = [[names[a], *aligned([page.probability(marginal[s, a]) for s in listed])] for a in kept]
    page.table([f"{page.player(game, i)}, s", *page.labels([state_name(game, s) for s in listed])], columns)
    if len(listed) < len(live):
        page.say(f"{len(live) - len(listed)} of {len(live)} states are not shown: --out FILE.npz keeps all", "  ")


def _phases(page: Page, game: Game, path: SelfPlayPath) -> None:
    """What is played in the rounds of a short oscillation."""
    if settled(path) is not None or path.period is None or not 1 < path.period <= MOST_PHASES:
        return
    if isinstance(game, StochasticGame):
        return
    for i in range(game.num_players):
        rows = [(f"round {path.rounds - path.period + 1 + k}", path.marginals[i][k - path.period])
                for k in range(path.period)]  # fmt: skip
        _action_table(page, page.player(game, i), [page.labels(game.actions[i])], rows)


# --- along a range of temperatures ---


def _branch_record(found: SelfPlayBranches) -> dict[str, Any]:
    game = found.game
    discount = found.discount if found.discount is not None else _own_discount(game)
    record: dict[str, Any] = {
        **_labels(game), "beta": "alpha" if callable(found.beta) else found.beta, "discount": discount,
        "complete": found.complete, "branches": len(found),
    }  # fmt: skip
    for k, branch in enumerate(found, 1):
        names = ("alphas", "spectral_radius", "stable", "stable_averaged", "index", "resolved", "expected_returns")
        for name in names:
            record[f"branch_{k}_{name}"] = getattr(branch, name)
        for i, table in enumerate(branch.marginals, 1):
            record[f"branch_{k}_marginals_{i}"] = table
    record["event_kind"] = [event.kind for event in found.events]
    for name in ("low", "high"):
        record[f"event_{name}"] = [getattr(event, name) for event in found.events]
    record["event_branch"] = [event.branch + 1 for event in found.events]
    return record


def _branch_page(found: SelfPlayBranches, alphas: FloatArray, digits: int, start: float) -> str:
    page, game = Page(digits), found.game
    discount = found.discount if found.discount is not None else _own_discount(game)
    page.say(title(page, game))
    page.say("Self-play: everyone's prior is what the others play")
    beta = "alpha" if callable(found.beta) else shortest(found.beta)
    low, high = float(alphas[0]), float(alphas[-1])
    page.say(f"alpha from {low:g} to {high:g}, beta = {beta}, discount = {shortest(discount)}")
    page.say()
    branches = f"{len(found)} branch{'es' * (len(found) != 1)}"
    if found.complete:
        page.say(f"{branches}, and there is no other: two players in one state have one fixed point each time")
    else:
        page.say(f"{branches} found; no theorem says that these are all")
    for k, branch in enumerate(found, 1):
        page.say()
        page.say(f"Branch {k}: {extent(branch)}; {stable_parts(branch)}")
        if not branch.resolved.all():
            lost = branch.alphas[~branch.resolved]
            page.say(f"From {lost.min():.6g} to {lost.max():.6g} it is {UNRESOLVED}", "  ", "  ")
        _branch_ends(page, game, branch)
    if not found.complete:
        page.say()
        page.say(f"{'Events, by falling temperature' if found.events else 'No events: nothing turns or crosses'}")
    if found.events:
        lines = [[e.kind, *bracket(e.low, e.high), str(e.branch + 1)] for e in found.events]
        columns = list(zip(*[["", "alpha at least", "at most", "branch"], *lines], strict=True))
        page.table(columns[0], [list(column) for column in columns[1:]])
    page.say()
    page.say(f"Followed in {clock(time.perf_counter() - start)}")
    return str(page)


def _branch_ends(page: Page, game: Game, branch: Branch) -> None:
    """What everyone plays, and earns, at the two ends of a branch."""
    known = np.flatnonzero(branch.resolved)
    ends = sorted({int(known[0]), int(known[-1])}) if known.size else []
    tags = [f"at alpha = {branch.alphas[k]:.6g}" for k in ends]
    if isinstance(game, StochasticGame):
        starts = page.labels([state_name(game, int(np.argmax(game.initial)))])[0]
        page.say(f"In state {starts}:", "  ")
    for i in range(game.num_players):
        table = branch.marginals[i]
        if isinstance(game, StochasticGame):
            table = table[:, int(np.argmax(game.initial))]
        rows = [(tag, table[k]) for tag, k in zip(tags, ends, strict=True)]
        _action_table(page, page.player(game, i), [page.labels(game.actions[i])], rows)
    for tag, k in zip(tags, ends, strict=True):
        earned = page.decimals(returns(game, branch.expected_returns[k]))
        who = [f"{page.player(game, i)} {x}" for i, x in enumerate(earned)]
        text = f"each {earned[0]}" if len(earned) > 1 and len(set(earned)) == 1 else ", ".join(who)
        page.say(f"earned {tag}: {text}", "  ", "    ")
