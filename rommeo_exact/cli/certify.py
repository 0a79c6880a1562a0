"""``rommeo certify``: a rigorous enclosure of the optimum, in a file that can be checked on its own."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import numpy as np

from ..certificates import Certificate, certify, check
from ..checks import FloatArray
from ..errors import CertificateError, InputError
from ..games.models import StochasticGame
from ..solvers import solve
from .arguments import add_game, add_problem, agent_index, check_free, load, prior_of
from .page import (
    Page,
    aligned,
    as_json,
    clock,
    complain,
    count,
    heading,
    named,
    outward,
    state_name,
    unit,
    upper,
    weighted,
)  # fmt: skip

MOST_STATES = 12  # lines of the list of states
BOUNDS = ("value", "q", "policy", "opponent_model")

_CERTIFY = """\
Solve a game through the eyes of one agent, and enclose the optimum rigorously:
V*, Q*, pi* and rho* lie between bounds that are computed in ball arithmetic,
every rounding included. The numbers of the game are exact as they stand, and
each row of the transitions and of the prior is divided by its exact sum. The
solver is not trusted: its value and its error bound are held against V*.

--out writes a certificate, a JSON file that holds the game, a V and the bounds.
--check FILE computes the bounds again from such a file, without solving, and
refuses one whose claims do not follow.
"""

_CERTIFY_MORE = """\
examples:
  rommeo certify climbing --alpha 1 --discount 0.9 --out climbing.json
  rommeo certify --check climbing.json
  rommeo certify meeting --beta inf --json

keys of --json (S states, A own actions, B joint actions b), beside those that
solve has too:
  value_lower, value_upper (S)           V* lies between them
  q_lower, q_upper (S, A, B)             so does Q*(s,a,b)
  policy_lower, policy_upper (S, A, B)   pi*(a|s,b); 0 and 1 where it is open
                                         which action is best at alpha = 0
  opponent_model_lower, ..._upper (S, B) rho*(b|s)
  width                                  the largest value_upper - value_lower
  distance                               |value - V*| is at most this: proven
  verified                               whether error_bound is proven as well
  precision                              bits of the arithmetic
  statement                              what it all says, in words

exit code: 0 proven, 1 the solver's error bound is not proven (what is, is
printed), or the file of --check is refused, 2 bad input
"""


def add_certify(commands: Any) -> None:
    parser = commands.add_parser(
        "certify", help="enclose the optimum rigorously; check a certificate", description=_CERTIFY,
        epilog=_CERTIFY_MORE,
    )  # fmt: skip
    add = parser.add_argument
    add_game(parser, nargs="?")
    add_problem(parser)
    add("--check", metavar="FILE.json", help="verify this certificate, from the file alone; takes no GAME")
    add("--json", action="store_true", help="print JSON, with everything")
    add("--out", metavar="FILE.json", help="write the certificate to a new file")
    add("--force", action="store_true", help="replace the file of --out if there is one")
    parser.set_defaults(run=lambda arguments: _run(arguments, parser))


def _run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if arguments.check is not None:
        for name in ("game", "set", "agent", "alpha", "beta", "prior", "discount", "out", "force"):
            if getattr(arguments, name) != parser.get_default(name):
                given = "GAME" if name == "game" else f"--{name}"
                raise InputError(f"--check looks at its file alone: {given} has no place beside it")
        return _check(arguments)
    if arguments.game is None:
        parser.error("a GAME is required, or --check FILE.json")
    return _certify(arguments)


def _certify(arguments: argparse.Namespace) -> int:
    game, _, _ = load(arguments.game, arguments.set)
    agent = agent_index(game, arguments.agent)
    prior = None if arguments.prior is None else prior_of(arguments.prior, game, agent)
    check_free(arguments.out, arguments.force, ".json")
    solution = solve(
        game, agent, arguments.alpha, arguments.beta, prior, arguments.discount, on_failure="return"
    )
    start = time.perf_counter()
    certificate = certify(game, solution, agent)
    seconds = time.perf_counter() - start
    if arguments.out is not None:
        check_free(arguments.out, arguments.force, ".json")
        certificate.save(arguments.out)
    if arguments.json:
        sys.stdout.write(as_json(named(game, agent) | _record(certificate)))
    else:
        page, view = Page(), certificate.view
        heading(page, game, agent, (certificate.alpha, certificate.beta, view.discount), arguments.prior is None)
        page.say()
        states = [state_name(game, s) for s in range(game.num_states)] if isinstance(game, StochasticGame) else None
        _enclosure(page, certificate, states)
        page.say()
        _verdict(page, certificate)
        page.say(f"Enclosed with {certificate.precision} bits in {clock(seconds)}")
        if arguments.out is not None:
            page.say(f"The certificate is in {page.label(arguments.out)}; rommeo certify --check verifies it again")
        sys.stdout.write(str(page))
    return 0 if certificate.verified else 1


def _check(arguments: argparse.Namespace) -> int:
    start = time.perf_counter()
    try:
        certificate = check(arguments.check)
    except CertificateError as error:
        complain(f"refused: {error}")
        return 1
    seconds = time.perf_counter() - start
    if arguments.json:
        view = certificate.view
        labels = {"actions": view.actions, "opponent_actions": view.opponent_actions}
        sys.stdout.write(as_json(labels | _record(certificate)))
        return 0 if certificate.verified else 1
    page, view = Page(), certificate.view
    states, own, joint = view.shape
    sizes = [count(states, "state"), count(own, "action") + " a", count(joint, "joint action") + " b"]
    ends = int(view.terminal.sum())
    page.say(f"{page.label(arguments.check)}: a game of {', '.join(sizes)}" + f", {ends} terminal" * bool(ends))
    page.say(f"{weighted(certificate.alpha, certificate.beta, view.discount)}, prior in the file")
    page.say()
    _enclosure(page, certificate, [f"s={s}" for s in range(states)] if states > 1 else None)
    page.say()
    _verdict(page, certificate)
    page.say(f"CHECKED: every claim of the file follows from what it holds, in {clock(seconds)}")
    sys.stdout.write(str(page))
    return 0 if certificate.verified else 1


def _record(certificate: Certificate) -> dict[str, Any]:
    figures = ("alpha", "beta", "error_bound", "distance", "verified", "width", "precision", "statement", "value")
    return {
        "discount": certificate.view.discount,
        **{name: getattr(certificate, name) for name in figures},
        "terminal": certificate.view.terminal,
        "prior": certificate.prior,
        **{f"{name}_{end}": getattr(certificate, f"{name}_{end}") for name in BOUNDS for end in ("lower", "upper")},
    }


def _enclosure(page: Page, certificate: Certificate, states: list[str] | None) -> None:
    """The bounds of V* for each state, and how wide those of Q*, pi* and rho* are."""
    low, high = certificate.value_lower, certificate.value_upper
    if states is None:
        least, most = outward(float(low[0]), float(high[0]))
        page.say(f"V* is between {least} and {most}")
        page.say(unit(certificate.view.discount), "     ")
    else:
        page.say("V*(s) is between the two bounds")
        page.say(unit(certificate.view.discount), "     ")
        page.say()
        kept = list(range(min(len(states), MOST_STATES)))
        pairs = [outward(float(low[s]), float(high[s])) for s in kept]
        least_of, most_of = ["at least", *aligned([x for x, _ in pairs])], ["at most", *aligned([x for _, x in pairs])]
        page.table(["s", *page.labels([states[s] for s in kept])], [least_of, most_of])
        if len(kept) < len(states):
            page.say(f"{len(states) - len(kept)} of {len(states)} states are not shown: --json prints all", "  ")
    page.say()
    for name, title in zip(BOUNDS, ("V*", "Q*", "pi*(a|b)", "rho*(b)"), strict=True):
        page.say(_width(title, getattr(certificate, f"{name}_lower"), getattr(certificate, f"{name}_upper")))


def _width(title: str, low: FloatArray, high: FloatArray) -> str:
    """How wide the bounds are, those apart that say nothing of a probability."""
    chances = title.startswith(("pi", "rho"))
    is_open = (low == 0.0) & (high == 1.0) if chances else np.zeros(low.shape, dtype=bool)
    with np.errstate(invalid="ignore", over="ignore"):
        widths = np.where(is_open | (low == high), 0.0, np.nextafter(high - low, np.inf))
    text = f"{title} is enclosed to within {upper(float(widths.max()))}"
    ties = int(is_open.sum())
    return f"{text}, but for {ties} of {low.size} entries, which ties leave open" if ties else text


def _verdict(page: Page, certificate: Certificate) -> None:
    bound, distance = upper(certificate.error_bound), upper(certificate.distance)
    if certificate.verified:
        page.say(f"VERIFIED: the solver's value is within {distance} of V*, where its own bound is {bound}")
    else:
        page.say(f"NOT VERIFIED: the solver's own bound is {bound}, but all that is known is {distance}")
