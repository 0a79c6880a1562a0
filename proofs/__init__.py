"""Proofs of the paper's statements: see README.md in this folder."""
