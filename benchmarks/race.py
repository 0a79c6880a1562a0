"""Runs the competitors of one problem in turn, each in a process of its own, and measures the solve alone.

A process builds the problem from its seed, prepares its solver, warms up on a small problem of the same kind, and
waits. The rounds go A B C A B C, so that a drift of the machine meets all alike. The clock is CPU time, all threads of
the process together; a competitor that uses more than the cap is ended there and then (SIGPROF, where the system has
it) and its result says so.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import problems
from benchmarks.held_out import HELD_OUT
from benchmarks.ours import OURS
from benchmarks.peers import PEERS, Outcome, Prepare, Solve
from benchmarks.reference import reference_value

Array = NDArray[np.float64]

SUITES = {**problems.SUITES, "held-out": HELD_OUT}
PASS = "P @ v"
_PASSES = 10


@dataclass(frozen=True)
class Entry:
    """One competitor in one race: whose solver it is, and the two temperatures (peers know only 0 and 0)."""

    solver: str
    alpha: float = 0.0
    beta: float = 0.0


@dataclass
class Result:
    """What an entry showed. `failure` is empty, or says why there are no (more) figures."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    value: Array | None = None
    iterations: int = 0
    bound: float = float("nan")
    peak_bytes: int = 0
    failure: str = ""
    error: float = float("nan")
    reference_bound: float = float("nan")

    @property
    def median(self) -> float:
        return float(np.median(self.cpu)) if self.cpu else float("nan")

    def within(self, tol: float) -> bool:
        """Whether every run ended, and ended within `tol` of the reference."""
        return not self.failure and self.error <= tol


@dataclass(frozen=True)
class Limits:
    """CPU seconds and bytes that one solve may take."""

    seconds: float = 120.0
    memory: int = 10 * 2**30


def race(suite: str, index: int, entries: list[Entry], repeats: int, limits: Limits) -> dict[Entry, Result]:
    """Run the entries in turn on problem `index` of a suite, and measure errors against a reference.

    Each has `repeats` runs, or fewer where the CPU time of its runs adds up to the cap of one.
    """
    lanes = {entry: _Lane(suite, index, entry, limits) for entry in entries}
    try:
        for _ in range(repeats):
            for lane in lanes.values():
                lane.run()
    finally:
        for lane in lanes.values():
            lane.close()
    results = {entry: lane.result for entry, lane in lanes.items()}
    solved = {entry: result for entry, result in results.items() if entry.solver != PASS and result.value is not None}
    for temperatures in sorted({(entry.alpha, entry.beta) for entry in solved}):
        alike = [result for entry, result in solved.items() if (entry.alpha, entry.beta) == temperatures]
        _measure_errors(suite, index, temperatures, alike, limits)
    return results


def _measure_errors(
    suite: str, index: int, temperatures: tuple[float, float], results: list[Result], limits: Limits
) -> None:
    lane = _Lane(suite, index, Entry("reference", *temperatures), Limits(10 * limits.seconds, limits.memory))
    lane.start = next((r.value for r in results if not r.failure), None)
    try:
        lane.run()
    finally:
        lane.close()
    exact = lane.result
    for result in results:
        if exact.value is not None and result.value is not None:
            result.error = float(np.abs(result.value - exact.value).max())
            result.reference_bound = exact.bound


class _Lane:
    """The parent's end of one competitor's process."""

    def __init__(self, suite: str, index: int, entry: Entry, limits: Limits) -> None:
        self.result = Result()
        self.start: Array | None = None
        self.limits = limits
        self.solver = entry.solver
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, suite, index, entry, limits), daemon=True)
        self.process.start()
        theirs.close()
        self._receive("to prepare")

    def run(self) -> None:
        if self.result.failure or sum(self.result.cpu) >= self.limits.seconds:
            return
        self.connection.send(("go", self.start))
        answer = self._receive("")
        if answer is None:
            return
        cpu, wall, outcome, peak = answer
        passes = _PASSES if self.solver == PASS else 1
        self.result.cpu.append(cpu / passes)
        self.result.wall.append(wall / passes)
        self.result.value, self.result.iterations, self.result.bound = outcome.value, outcome.iterations, outcome.bound
        self.result.peak_bytes = max(self.result.peak_bytes, peak)

    def close(self) -> None:
        if self.process.is_alive() and not self.result.failure:
            self.connection.send(("stop", None))
            self.process.join(10)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.connection.close()

    def _receive(self, phase: str) -> Any:
        over = f"over {self.limits.seconds:g} s {phase}".rstrip()
        try:
            if not self.connection.poll(5 * self.limits.seconds + 60):
                self.result.failure = over
                self.process.kill()
                return None
            kind, content = self.connection.recv()
        except (EOFError, ConnectionError):
            self.process.join(10)
            code = self.process.exitcode
            timed_out = hasattr(signal, "SIGPROF") and code == -signal.SIGPROF
            self.result.failure = over if timed_out else f"died {phase} (exit code {code})".replace("  ", " ")
            return None
        if kind == "failed":
            self.result.failure = f"{content} {phase}".rstrip()
            return None
        return content


def _work(connection: Connection, suite: str, index: int, entry: Entry, limits: Limits) -> None:
    """The child: prepare, then solve as often as the parent says."""
    _limit_memory(limits.memory)
    try:
        problem = SUITES[suite][index]
        rewards, transitions = problem.build()
        _limit_time(limits.seconds)
        if entry.solver == "reference":
            _limit_time(0)
            _serve_reference(connection, rewards, transitions, problem, entry, limits)
            return
        prepare = _preparer(entry)
        small = problems.dense_random(5, 2, 2) if isinstance(transitions, np.ndarray) else problems.walk(3, 2)
        prepare(*small, 0.5, problem.tol)()
        solve = prepare(rewards, transitions, problem.discount, problem.tol)
        _limit_time(0)
        connection.send(("ready", None))
        while connection.recv()[0] == "go":
            _limit_time(limits.seconds)
            wall, cpu = time.perf_counter(), _cpu_seconds()
            outcome = solve()
            cpu, wall = _cpu_seconds() - cpu, time.perf_counter() - wall
            _limit_time(0)
            connection.send(("done", (cpu, wall, outcome, _peak_bytes())))
    except MemoryError:
        connection.send(("failed", "out of memory"))
    except Exception as error:  # a peer may raise anything; the table shows what
        connection.send(("failed", f"{type(error).__name__}: {str(error)[:80]}"))


def _serve_reference(
    connection: Connection, rewards: Array, transitions: Any, problem: problems.Problem, entry: Entry, limits: Limits
) -> None:
    connection.send(("ready", None))
    kind, start = connection.recv()
    if kind == "go":
        _limit_time(limits.seconds)
        value, bound = reference_value(
            rewards, transitions, problem.discount, entry.alpha, entry.beta, problem.tol / 1_000, start
        )
        connection.send(("done", (0.0, 0.0, Outcome(value, 0, bound), _peak_bytes())))
        connection.recv()


def _preparer(entry: Entry) -> Prepare:
    if entry.solver == PASS:
        return _prepare_pass
    if entry.solver in OURS:
        return lambda *problem: OURS[entry.solver](*problem, alpha=entry.alpha, beta=entry.beta)
    return PEERS[entry.solver]


def _prepare_pass(rewards: Array, transitions: Any, discount: float, tol: float) -> Solve:
    """Products of the transition matrix with a vector: each is what any method must do at least once."""
    states = len(rewards)
    matrix = transitions.reshape(-1, states) if isinstance(transitions, np.ndarray) else transitions
    vector = np.linspace(0.0, 1.0, states)

    def ten() -> Outcome:
        for _ in range(_PASSES):
            product = matrix @ vector
        return Outcome(product[:1], _PASSES)

    return ten


def _limit_time(seconds: float) -> None:
    """End this process when it has used so much more CPU time; 0 takes the limit away. POSIX only."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _cpu_seconds() -> float:
    """CPU time of all threads of this process. Not `time.process_time`: Linux coarsens that while a timer runs."""
    if sys.platform == "win32":
        return time.process_time()
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _limit_memory(size: int) -> None:
    if sys.platform.startswith("linux"):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _peak_bytes() -> int:
    """Largest resident size of this process so far; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
