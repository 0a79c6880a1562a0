"""ROMMEO-AC's update in NumPy against the same update in JAX on the CPU, compiled and mapped over runs.

Before anything is timed, both play the same rounds from the same parameters with the same random numbers, in double
precision: all that learns must agree. Each setting of threads has a process of its own, as it must stand in the
environment before NumPy and JAX are loaded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import metadata, util
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import numpy as np

import rommeo_exact as rx
from benchmarks.interleaved import interleaved
from rommeo_exact.actor_critic import RommeoAC, Training

Row = dict[str, Any]

ALIKE = 1e-10
"""How far apart, at most, all that learns may be after the rounds that both play, in double precision."""

_ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NPROC": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}  # fmt: skip
"""Of BLAS and of XLA, whose pool has as many threads as NPROC says, whatever its flags."""

_OURS, _SCAN, _CALLS = "ours", "JAX, rounds in one call", "JAX, a call a round"
_FIRST = 40
"""Rounds before both begin: more than a batch, so that each batch of the prior is full and targets lag."""


def actor_critic_rows(quick: bool, repeats: int) -> Iterator[Row]:
    """All rows; a quick run has fewer rounds, one thread, all rounds in one call of JAX, and equation 19 as printed."""
    if util.find_spec("jax") is None:
        yield {"problem": "max of two quadratics", "solver": "JAX", "note": "not installed: pip install jax"}
        return
    jax = f"JAX {metadata.version('jax')}"
    sizes = ((1, 100), (32, 25)) if quick else ((1, 400), (32, 100))
    for threads in ("one thread",) if quick else ("one thread", "default threads"):
        with _environment(_ONE_THREAD if threads == "one thread" else {}), _process() as process:
            for action in ("replay",) if quick else ("replay", "policy"):
                recipe = RommeoAC(action=action)  # type: ignore[arg-type]
                for discount in (0.0,) if quick else (0.0, 0.9):
                    apart = process.submit(differences, recipe, discount).result()
                    note = f"double precision: within {apart:.1e} of ours after 1 and 20 rounds"
                    yield {"problem": f"a from {action}", "discount": discount, "solver": jax, "note": note}
                for runs, rounds in sizes:
                    rows = process.submit(timed_rows, recipe, runs, rounds, repeats, not quick).result()
                    yield from ({"problem": f"a from {action}, K = {runs}, {threads}", **row} for row in rows)


def _process() -> ProcessPoolExecutor:
    """A new process, which reads the environment anew."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


# --- the same numbers for both ---


def differences(recipe: RommeoAC, discount: float, rounds: int = 20, runs: int = 2, seed: int = 5) -> float:
    """The largest difference in all that learns, and in what was played, after one round and after so many.

    Raises
    ------
    ArithmeticError
        Where it is greater than it may be.
    """
    import jax

    from benchmarks import jax_actor_critic as peer

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        game = rx.games.max_of_two_quadratics("released")
        training = Training(game, [recipe] * 2, 1, runs, discount, precision="double", rng=np.random.default_rng(seed))
        training.advance(_FIRST)
        settings, state = peer_settings(recipe, discount), peer_state(training)
        one_round = jax.jit(lambda state, draws: peer.one_round(state, draws, settings))
        noises, places = _record(training)
        worst = 0.0
        for k in range(rounds):
            training.advance(1)
            state = one_round(state, _draws(noises, places, settings.noises))
            if k in (0, rounds - 1):
                wanted = peer_state(training)
                apart = jax.tree.map(lambda a, b: np.abs(np.asarray(a) - b).max(initial=0.0), state, wanted)
                worst = max(worst, *(float(x) for x in jax.tree.leaves(apart)))
                if not worst <= ALIKE:
                    raise ArithmeticError(f"after {k + 1} rounds JAX is {worst:.1e} from ours")
    finally:
        jax.config.update("jax_enable_x64", before)
    return worst


def peer_settings(recipe: RommeoAC, discount: float) -> Any:
    from benchmarks import jax_actor_critic as peer

    rates = {"Q": recipe.value_rate, "pi": recipe.policy_rate, "rho": recipe.model_rate, "P": recipe.prior_rate}
    return peer.Settings(
        float(recipe.alpha), recipe.beta, recipe.action, rates, recipe.target_rate, recipe.window, discount,
        recipe.batch, peer.max_of_two_quadratics, 0.0, 10.0,
    )  # fmt: skip


def peer_state(training: Training) -> Any:
    """A copy of all that changes in a training, as the peer holds it: runs first, then players."""
    import jax
    import jax.numpy as jnp

    from benchmarks import jax_actor_critic as peer

    trained = {name: [each.networks[name] for each in training.learners] for name in ("Q", "pi", "rho", "P")}

    def layers(name: str, what: str) -> Any:
        first = trained[name][0]
        both = np.stack([getattr(net, what) for net in trained[name]], axis=1)
        lead, found, start = both.shape[:2], [], 0
        for a, b in pairwise(first.net.sizes):
            middle = start + a * b
            found.append((both[..., start:middle].reshape(*lead, a, b), both[..., middle : middle + b]))
            start = middle + b
        return found

    def steps(name: str) -> Any:
        return np.broadcast_to([net.steps for net in trained[name]], (training.runs, 2))

    players = peer.Player(
        {name: layers(name, "parameters") for name in trained},
        {name: layers(name, "target") for name in ("Q", "pi")},
        {name: peer.Adam(layers(name, "first"), layers(name, "second"), steps(name)) for name in trained},
    )
    memory = peer.Memory(training.memory.columns["actions"], training.memory.columns["rewards"])
    return jax.tree.map(jnp.array, peer.State(players, memory, training.memory.seen))


def _record(training: Training) -> tuple[list[list[Any]], list[Any]]:
    """Lists in which a training keeps what it draws from now on: noise by player, and places in the memory."""

    def keeping(draw: Callable[..., Any], kept: list[Any]) -> Callable[..., Any]:
        def drawing(*arguments: Any) -> Any:
            kept.append(draw(*arguments))
            return kept[-1]

        return drawing

    noises: list[list[Any]] = [[], []]
    places: list[Any] = []
    for learner, kept in zip(training.learners, noises, strict=True):
        learner.noise = keeping(learner.noise, kept)  # type: ignore[method-assign]
    memory = training.memory
    memory.recent = keeping(memory.recent, places)  # type: ignore[method-assign]
    memory.drawn = keeping(memory.drawn, places)  # type: ignore[method-assign]
    return noises, places


def _draws(noises: list[list[Any]], places: list[Any], count: int) -> Any:
    """What was drawn in a round of one, for the peer; the lists are emptied. What the history drew comes last."""
    from benchmarks import jax_actor_critic as peer

    act = np.stack([np.stack(kept[:2], axis=1) for kept in noises], axis=1)
    update = np.stack([np.stack(kept[2 : 2 + count], axis=1) for kept in noises], axis=1)
    recent, replay = (np.stack(places[start::2], axis=1) for start in range(2))
    for kept in (*noises, places):
        kept.clear()
    return peer.Draws(act, update, recent, replay)


# --- timed ---


def timed_rows(recipe: RommeoAC, runs: int, rounds: int, repeats: int, by_calls: bool) -> list[Row]:
    """CPU seconds an update: one round of both players in one run, in single precision."""
    import jax

    from benchmarks import jax_actor_critic as peer

    settings = peer_settings(recipe, 0.0)
    game = rx.games.max_of_two_quadratics("released")
    training = Training(game, [recipe] * 2, rounds, runs, rng=np.random.default_rng(3))
    training.advance(1 + _FIRST // rounds)
    counts = {_SCAN: rounds, _CALLS: 1} if by_calls else {_SCAN: rounds}
    states = {way: peer_state(training) for way in counts}
    keys = jax.random.split(jax.random.key(3), rounds)
    compiled, compiling = {}, {}
    for way, count in counts.items():
        cpu, wall = time.process_time(), time.perf_counter()
        whole = jax.jit(lambda state, key, count=count: peer.rounds(state, key, count, settings), donate_argnums=0)
        compiled[way] = whole.lower(states[way], keys[0]).compile()
        compiling[way] = (time.process_time() - cpu, time.perf_counter() - wall)

    def peers(way: str) -> Callable[[], Any]:
        some = list(keys[:: counts[way]])

        def run() -> None:
            for key in some:
                states[way] = compiled[way](states[way], key)
            jax.block_until_ready(states[way])

        return run

    clocks: dict[str, list[float]] = {}
    ways = {_OURS: lambda: training.advance(1)} | {way: peers(way) for way in counts}
    clocked = {way: _clocked(run, clocks.setdefault(way, [])) for way, run in ways.items()}
    cpu_seconds, _ = interleaved(clocked, repeats)
    for state in states.values():
        if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(state)):
            raise ArithmeticError("JAX's numbers are not finite")
    each = {way: [seconds / (runs * rounds) for seconds in times] for way, times in cpu_seconds.items()}
    middle = {way: float(np.median(times)) for way, times in each.items()}
    rows = []
    for way in ways:
        wall = float(np.median(clocks[way][1:])) / (runs * rounds)
        note = f"{1 / middle[way]:.4g} updates a second, by the clock {1 / wall:.4g}"
        row: Row = {"solver": way, "cpu": each[way], "note": note}
        if way == _OURS:
            row["ratio"] = middle[way] / min(middle[rival] for rival in counts)
        else:
            row["note"] += f"; compiled before in {compiling[way][0]:.2g} s, by the clock {compiling[way][1]:.2g} s"
        rows.append(row)
    return rows


def _clocked(run: Callable[[], Any], clock: list[float]) -> Callable[[], Any]:
    """The same, which also notes the seconds on the clock."""

    def clocked() -> Any:
        started = time.perf_counter()
        answer = run()
        clock.append(time.perf_counter() - started)
        return answer

    return clocked
