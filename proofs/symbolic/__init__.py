"""SymPy derivations of the paper's theorems and appendix, one module per group of equations.

``python -m proofs.symbolic`` runs them all; ``python -m proofs.symbolic.gibbs_policy`` prints one module's steps and
their LaTeX.
"""
