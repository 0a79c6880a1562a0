"""``python -m benchmarks.certify``: what a certificate costs, and Arb's balls against mpmath's intervals.

The two arithmetics do the same work, at the same bits and from the same V: T V, d = T V - V and MacQueen's bounds.
Their enclosures must meet and be equally wide. Besides come the times of a whole certificate, which also sharpens V and
encloses Q*, pi* and rho*, and of its check.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import certificates
from rommeo_exact.certificates.balls import Equation

Array = NDArray[np.float64]

BITS = 128


def dense(states: int, actions: int) -> rx.View:
    """Rows uniform on the simplex."""
    rng = np.random.default_rng(states)
    shape = (states, actions, actions)
    return rx.View(rng.normal(size=shape), rng.dirichlet(np.ones(states), size=shape), 0.99)


def ring(states: int, actions: int, successors: int = 3) -> rx.View:
    """Sparse: every (s, a, b) leads to a few states near s."""
    rng = np.random.default_rng(states)
    rows = states * actions * actions
    near = np.repeat(np.arange(states), actions * actions)[:, None] + rng.integers(-3, 4, size=(rows, successors))
    chances = rng.dirichlet(np.ones(successors), size=rows)
    where = np.repeat(np.arange(rows), successors), near.ravel() % states
    moves = sparse.csr_array(sparse.coo_array((chances.ravel(), where), shape=(rows, states)))
    return rx.View(rng.normal(size=(states, actions, actions)), moves, 0.99)


PROBLEMS: dict[str, Callable[[], rx.View]] = {
    "dense, 20 states, 3 x 3": lambda: dense(20, 3),
    "dense, 100 states, 3 x 3": lambda: dense(100, 3),
    "sparse, 2500 states, 4 x 4": lambda: ring(2500, 4),
}


def in_balls(solution: rx.Solution) -> tuple[list[float], list[float]]:
    """MacQueen's bounds of V* in Arb's arithmetic."""
    equation = Equation(solution.view, solution.prior, solution.alpha, solution.beta, BITS)
    with equation.working():
        backup = equation.backup(equation.exact(solution.value))
        least, most = equation.changes(backup)
        factor = equation.discount / (1 - equation.discount)
        lows = [float((worth + factor * least).lower()) for worth in backup.value]
        highs = [float((worth + factor * most).upper()) for worth in backup.value]
    return lows, highs


def in_intervals(solution: rx.Solution) -> tuple[list[float], list[float]]:
    """The same in mpmath's; for alpha > 0, 0 < beta < inf, and no terminal states."""
    from mpmath import iv

    view, joint = solution.view, solution.view.shape[2]
    iv.prec = BITS
    alpha, beta, discount = iv.mpf(solution.alpha), iv.mpf(solution.beta), iv.mpf(view.discount)
    value = [iv.mpf(x) for x in solution.value.tolist()]
    rows = sparse.csr_array(view.transitions.reshape(-1, len(value)))
    pointers, targets, chances = rows.indptr.tolist(), rows.indices.tolist(), rows.data.tolist()

    def after(row: int) -> Any:
        total = expected = iv.mpf(0)
        for k in range(pointers[row], pointers[row + 1]):
            chance = iv.mpf(chances[k])
            total += chance
            expected += chance * value[targets[k]]
        return expected / total

    def peak(values: list[Any], weights: list[Any], temperature: Any) -> Any:
        top = max(values, key=lambda x: float(x.mid))
        terms = [w * iv.exp((x - top) / temperature) for w, x in zip(weights, values, strict=True)]
        return top + temperature * iv.log(sum(terms, iv.mpf(0)))

    backed = []
    width = view.shape[1] * joint
    for s, rewards in enumerate(view.rewards.reshape(len(value), width).tolist()):
        q = [reward + discount * after(s * width + k) for k, reward in enumerate(rewards)]
        levels = [peak(q[b::joint], [iv.mpf(1)] * view.shape[1], alpha) for b in range(joint)]
        prior = [iv.mpf(p) for p in solution.prior[s].tolist()]
        backed.append(peak(levels, prior, beta) - beta * iv.log(sum(prior, iv.mpf(0))))
    steps = [new - old for new, old in zip(backed, value, strict=True)]
    factor = discount / (1 - discount)
    least, most = iv.mpf(min(d.a for d in steps)), iv.mpf(max(d.b for d in steps))
    return [float((x + factor * least).a) for x in backed], [float((x + factor * most).b) for x in backed]


def clocked(work: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """The result, and the median of the CPU seconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return result, float(np.median(times))


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.certify", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each; the median counts (3)")
    repeats = parser.parse_args(arguments).repeats
    print("| problem | entries of p | Arb: CPU s | mpmath.iv: CPU s | ratio | certify | check | width / max V* |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, build in PROBLEMS.items():
        view = build()
        solution = rx.solve(view)
        balls, fast = clocked(lambda s=solution: in_balls(s), repeats)  # type: ignore[misc]
        intervals, slow = clocked(lambda s=solution: in_intervals(s), repeats)  # type: ignore[misc]
        for one, two in ((balls, intervals), (intervals, balls)):
            if not (np.array(one[0]) <= np.array(two[1])).all():
                raise ArithmeticError(f"{name}: the two enclosures do not meet")
        proof, whole = clocked(lambda v=view, s=solution: rx.certify(v, s), repeats)  # type: ignore[misc]
        _, again = clocked(lambda p=proof: certificates.check(p), repeats)  # type: ignore[misc]
        widths = [(np.array(high) - np.array(low)).max() for low, high in (balls, intervals)]
        if not np.allclose(*widths, rtol=1e-3):
            raise ArithmeticError(f"{name}: the widths are {widths}")
        entries = view.transitions.nnz if sparse.issparse(view.transitions) else view.transitions.size
        relative = proof.width / np.abs(proof.value).max()
        print(
            f"| {name} | {entries} | {fast:.3f} | {slow:.2f} | {slow / fast:.0f} | {whole:.2f} | {again:.2f} "
            f"| {relative:.1e} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
