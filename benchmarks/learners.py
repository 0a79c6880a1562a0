"""The tabular learners in self-play on the climbing game: many runs at once, against one run after another.

The yardstick is a lean Python loop over runs and steps for WoLF-PHC and FMQ: the same algorithm, settings, random
numbers and record, so that it must play the same actions. OpenSpiel's ``WoLFPHC``, where it is installed, runs with the
same settings in two ways. As episodes of one round through ``rl_environment`` it does less: an agent of OpenSpiel does
not climb on the last step of an episode, so there its policy stays uniform. In one long episode of a single state, made
of time steps without an environment, it climbs in every round as ours does.
"""

from __future__ import annotations

import importlib
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import exp
from typing import Any

import numpy as np

import rommeo_exact as rx
from benchmarks.interleaved import interleaved
from rommeo_exact.learners import FMQ, JAL, PR2Q, RommeoQ, WolfPHC, cooling, train

Row = dict[str, Any]
Way = Callable[[], Any]
Record = tuple[Any, Any, Any]
Draws = tuple[list[list[float]], list[list[float]]]

ALIKE = 1e-10
"""How far, at most, the policies of a loop may be from ours; actions and rewards must be the same."""

_SEED = 7
_RECIPES = (RommeoQ(), JAL(), WolfPHC(), FMQ(), PR2Q())
_LOOPED = {"WoLF-PHC": "Python loop: WoLF-PHC", "FMQ, c = 10": "Python loop: FMQ"}
_ENVIRONMENT, _AGENTS = "OpenSpiel WoLFPHC, rl_environment", "OpenSpiel WoLFPHC, agents alone"
_PEER_RUNS = 10
"""Runs of OpenSpiel at most: one after another, whose time is that of one run, as many times."""


def learner_rows(quick: bool, repeats: int) -> Iterator[Row]:
    """All rows; a quick run has fewer runs and shorter ones."""
    spiel = _spiel()
    for runs in (1, 10, 100) if quick else (1, 100, 1000):
        yield from _runs(spiel, runs, 30 if quick else 300, repeats)
    if not spiel:
        note = "not installed, so not measured: pip install open_spiel"
        yield {"problem": "climbing", "solver": "OpenSpiel", "note": note}


def _runs(spiel: Any, runs: int, episodes: int, repeats: int) -> Iterator[Row]:
    """CPU seconds a step: one round of both players in one run."""
    game = rx.games.climbing()
    payoffs = game.payoffs.tolist()
    ways: dict[str, Way] = {f"ours: {recipe.name}": _ours(game, recipe, episodes, runs) for recipe in _RECIPES}
    ways[_LOOPED["WoLF-PHC"]] = lambda: _wolf_loop(payoffs, episodes, runs)
    ways[_LOOPED["FMQ, c = 10"]] = lambda: _fmq_loop(payoffs, episodes, runs)
    counts = dict.fromkeys(ways, runs * episodes)
    if spiel:
        some = min(runs, _PEER_RUNS)
        world = spiel.world(payoffs)
        ways[_ENVIRONMENT] = lambda: [_in_environment(spiel, world, payoffs, episodes) for _ in range(some)]
        ways[_AGENTS] = lambda: [_agents_alone(spiel, payoffs, episodes) for _ in range(some)]
        counts |= dict.fromkeys((_ENVIRONMENT, _AGENTS), some * episodes)
    cpu, answers = interleaved(ways, repeats)
    each = {way: [seconds / counts[way] for seconds in times] for way, times in cpu.items()}
    medians = {way: float(np.median(times)) for way, times in each.items()}
    notes = {way: f"{1.0 / medians[way]:.3g} steps a second" for way in ways}
    ratios = {}
    for name, loop in _LOOPED.items():
        mine = f"ours: {name}"
        ratios[mine] = medians[mine] / medians[loop]
        notes[mine] += f"; {1.0 / ratios[mine]:.3g} times as fast as the loop"
        notes[loop] += f"; the same actions as ours, policies within {_apart(answers[mine], answers[loop]):.1e}"
    if spiel:
        for way in (_ENVIRONMENT, _AGENTS):
            notes["ours: WoLF-PHC"] += f", {medians[way] / medians['ours: WoLF-PHC']:.3g} times {way}"
            off = max(float(np.abs(policy - 1.0 / len(policy)).max()) for pair in answers[way] for policy in pair)
            notes[way] += f"; runs: {some}; last policies up to {off:.2g} from uniform"
    for way in ways:
        row: Row = {"problem": f"{runs} x {episodes}, a step", "solver": way, "cpu": each[way], "note": notes[way]}
        if way in ratios:
            row["ratio"] = ratios[way]
        yield row


def _ours(game: rx.MatrixGame, recipe: Any, episodes: int, runs: int) -> Way:
    return lambda: train(game, [recipe, recipe], episodes, runs=runs, rng=np.random.default_rng(_SEED))


def _apart(history: Any, record: Record) -> float:
    actions, rewards, policies = (part.swapaxes(0, 1) for part in record)
    if not ((actions == history.actions).all() and (rewards == history.rewards).all()):
        raise ArithmeticError("the loop does not play what ours plays")
    apart = max(float(np.abs(policies[:, :, i] - history.policies[i]).max()) for i in range(2))
    if not apart <= ALIKE:
        raise ArithmeticError(f"the policies of the loop are {apart:.1e} from ours")
    return apart


# --- one run after another ---


def _draws(episodes: int, runs: int) -> Draws:
    """The numbers that `train` draws for the two players, run by run."""
    _, first, second = np.random.default_rng(_SEED).spawn(3)
    return first.random((episodes, runs)).T.tolist(), second.random((episodes, runs)).T.tolist()


def _pick(policy: list[float], draw: float) -> int:
    steps = list(accumulate(policy))
    return bisect(steps, draw * steps[-1], 0, len(steps) - 1)


def _play(start: Callable[[int], Any], payoffs: Any, episodes: int, runs: int) -> Record:
    """Actions, rewards and policies, [run, episode, player], kept in arrays: lists would be slower by their garbage."""
    one, two = payoffs
    shape = (runs, episodes, 2)
    actions, rewards, policies = np.empty(shape, dtype=np.intp), np.empty(shape), np.empty((*shape, len(one)))
    for run, draws in enumerate(zip(*_draws(episodes, runs), strict=True)):
        first, second = start(len(one)), start(len(one[0]))
        played, earned, kept = [], [], []
        for k, (x, y) in enumerate(zip(*draws, strict=True)):
            mine, theirs = first.policy(k), second.policy(k)
            a, b = _pick(mine, x), _pick(theirs, y)
            first.learn(a, one[a][b])
            second.learn(b, two[a][b])
            played.append((a, b))
            earned.append((one[a][b], two[a][b]))
            kept.append((mine, theirs))
        actions[run], rewards[run], policies[run] = played, earned, kept
    return actions, rewards, policies


def _wolf_loop(payoffs: Any, episodes: int, runs: int) -> Record:
    return _play(_Wolf, payoffs, episodes, runs)


def _fmq_loop(payoffs: Any, episodes: int, runs: int) -> Record:
    temperatures = list(map(cooling(), range(episodes)))
    return _play(lambda size: _FMQ(size, temperatures), payoffs, episodes, runs)


class _Wolf:
    """WoLF-PHC of one player in one run, with the settings of `WolfPHC()`."""

    __slots__ = ("mean", "pi", "q", "visits")

    def __init__(self, size: int) -> None:
        self.q, self.pi, self.mean, self.visits = [0.0] * size, [1.0 / size] * size, [1.0 / size] * size, 0

    def policy(self, k: int) -> list[float]:
        floor = 0.05 / len(self.pi)
        return [0.95 * p + floor for p in self.pi]

    def learn(self, action: int, reward: float) -> None:
        q, pi, mean = self.q, self.pi, self.mean
        q[action] += 0.1 * (reward - q[action])
        self.visits += 1
        now = usual = size = 0.0
        for c, (p, value) in enumerate(zip(pi, q, strict=True)):
            mean[c] += (p - mean[c]) / self.visits
            now += p * value
            usual += mean[c] * value
            size = max(size, abs(value))
        step = (0.01 if now > usual + 1e-12 * size else 0.04) / (len(q) - 1)
        best, taken = q.index(max(q)), 0.0
        for c, p in enumerate(pi):
            if c != best:
                less = p if p < step else step
                pi[c] = p - less
                taken += less
        pi[best] += taken


@dataclass(slots=True)
class _Tried:
    """An action of FMQ: its Q, its greatest reward and how often it was met, and how often the action was tried."""

    q: float = 0.0
    greatest: float = -np.inf
    met: int = 0
    tried: int = 0


class _FMQ:
    """FMQ of one player in one run, with the settings of `FMQ()`."""

    __slots__ = ("acts", "temperatures")

    def __init__(self, size: int, temperatures: list[float]) -> None:
        self.acts, self.temperatures = [_Tried() for _ in range(size)], temperatures

    def policy(self, k: int) -> list[float]:
        values = [act.q + 10.0 * (act.met / act.tried) * act.greatest if act.tried else act.q for act in self.acts]
        top, temperature = max(values), self.temperatures[k]
        weights = [exp((value - top) / temperature) for value in values]
        total = sum(weights)
        return [weight / total for weight in weights]

    def learn(self, action: int, reward: float) -> None:
        act = self.acts[action]
        act.tried += 1
        if reward > act.greatest:
            act.greatest, act.met = reward, 1
        elif reward == act.greatest:
            act.met += 1
        act.q += 0.9 * (reward - act.q)


# --- OpenSpiel ---


@dataclass(frozen=True)
class _Spiel:
    pyspiel: Any
    environment: Any
    tools: Any
    wolf: Any

    def world(self, payoffs: Any) -> Any:
        names = [[str(c) for c in range(size)] for size in _sizes(payoffs)]
        return self.environment.Environment(self.pyspiel.create_matrix_game("climbing", "climbing", *names, *payoffs))

    def agents(self, payoffs: Any) -> list[Any]:
        rate, epsilon, winning, losing = (self.tools.ConstantSchedule(x) for x in (0.1, 0.05, 0.01, 0.04))
        return [
            self.wolf.WoLFPHC(i, size, rate, epsilon, winning, losing, 0.0) for i, size in enumerate(_sizes(payoffs))
        ]


def _sizes(payoffs: Any) -> tuple[int, int]:
    return len(payoffs[0]), len(payoffs[0][0])


def _spiel() -> _Spiel | None:
    names = ("rl_environment", "rl_tools", "algorithms.wolf_phc")
    try:
        parts = [importlib.import_module(f"open_spiel.python.{name}") for name in names]
        return _Spiel(importlib.import_module("pyspiel"), *parts)
    except ImportError:
        return None


def _in_environment(spiel: _Spiel, world: Any, payoffs: Any, episodes: int) -> list[Any]:
    """Episodes of one round; the last policies."""
    agents = spiel.agents(payoffs)
    for _ in range(episodes):
        moment = world.reset()
        moment = world.step([agent.step(moment).action for agent in agents])
        for agent in agents:
            agent.step(moment)
    moment = world.reset()
    return [np.asarray(agent.step(moment, is_evaluation=True).probs) for agent in agents]


def _agents_alone(spiel: _Spiel, payoffs: Any, episodes: int) -> list[Any]:
    """As many rounds in one episode that does not end; the last policies."""
    one, two = payoffs
    agents = spiel.agents(payoffs)
    sight = {"info_state": [[0.0], [0.0]], "legal_actions": [list(range(size)) for size in _sizes(payoffs)]}
    step, kinds = spiel.environment.TimeStep, spiel.environment.StepType
    moment = step(sight, None, None, kinds.FIRST)
    for _ in range(episodes):
        a, b = (agent.step(moment).action for agent in agents)
        moment = step(sight, [one[a][b], two[a][b]], None, kinds.MID)
    return [np.asarray(agent.step(moment, is_evaluation=True).probs) for agent in agents]
