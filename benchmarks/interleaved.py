"""Ways of doing the same, timed in one process, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

__all__ = ["interleaved"]


def interleaved(ways: dict[str, Callable[[], Any]], repeats: int) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """CPU seconds of the runs, A B C A B C, after one of each that does not count; and the last answers."""
    answers = {way: run() for way, run in ways.items()}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, run in ways.items():
            started = time.process_time()
            answers[way] = run()
            cpu[way].append(time.process_time() - started)
    return cpu, answers
