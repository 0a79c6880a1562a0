"""The ledger of the paper's claims: what each numbered statement says, whether it holds, and how that is decided.

    >>> from rommeo_exact import claims
    >>> report = claims.verify("thm5", games=20)
    >>> [(entry.claim.id, entry.verdict) for entry in report.entries]
    [('thm5', 'holds')]

:data:`LEDGER` has the entries; :func:`verify` runs their checks on random games, on planted errors and on the smallest
counterexamples, and computes the verdicts.
"""

from .ledger import Claim, Counterexample, Gap
from .paper import LEDGER
from .verification import Entry, Outcome, Report, verify

__all__ = ["LEDGER", "Claim", "Counterexample", "Entry", "Gap", "Outcome", "Report", "verify"]
