"""Eight lectures; ``python -m notebooks`` runs them."""
