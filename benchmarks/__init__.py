"""Benchmarks against other solvers of the same problems: ``python -m benchmarks``."""
