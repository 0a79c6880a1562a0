"""Machine-checked proofs in Coq of the theorems of the ledger: see README.md in this folder.

``python -m proofs.formal`` builds them from clean and compares all statements with the recorded ones.
"""
