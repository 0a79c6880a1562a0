"""``rommeo figures``: figures of the paper from scratch, and whether they come out as printed."""

from __future__ import annotations

import argparse
from typing import Any

from .arguments import integer

_FIGURES = """\
Reproduce Figure 1 of the paper: six tabular learners, each with itself, on the
iterated climbing game, from scratch and in many independent runs. Draws what
comes out beside the values read off the published figure, and says for each
curve whether it is the paper's.

  1a  mean reward, with 95 % confidence bands over runs
  1b  P(A,A), the probability that both play A, where the best payoff is
  1c  one run of ROMMEO-Q: P(A) in both policies and both opponent models; the
      run is the typical one, nearest to the median of those that end at A

The paper does not print its settings, so there are two families:

  own       those of each learner's own paper; where a schedule is tied to the
            number of rounds it is fitted to the number of episodes. For
            ROMMEO-Q no paper has any: Algorithm 1 with this package's
  released  those of the authors' released code (2019), with what its learners
            do otherwise than their papers say; those learners are also played
            as their papers have them ("repaired")

A curve is reproduced if at every reading it is within a twentieth of the axis
(what a reading may miss) and two standard errors; it is undecided where the
standard error is larger than what a reading may miss, or where the number of
episodes is not the figure's. How many runs the paper's curves are means of is
not known, so their own sampling error is not allowed for.
"""

_FIGURES_MORE = """\
parts, each with its pictures, its arrays (.npz) and its table (.csv):
  curves       the figure itself; verdicts.csv has what is printed
  cross-play   every learner with every one, a table of rewards
  sensitivity  P(A,A) at the end along each setting of ROMMEO-Q

examples:
  rommeo figures 1
  rommeo figures 1 --only curves --runs 1000 --out figure
  rommeo figures 1 --settings released --format png --force
  rommeo figures 1 --only cross-play --json > cross-play.json

arrays of curves.npz (E episodes, K runs; "released/JAL" and so on):
  FAMILY/LEARNER/reward, FAMILY/LEARNER/optimum (E, K)
  FAMILY/one run/policies, FAMILY/one run/models (E, 2)
of cross-play.npz: FAMILY/rewards (N, N, K, 2), FAMILY/learners (N)
of sensitivity.npz: SETTING/LINE/values, .../mean, .../error (V)

exit code: 0 done, whatever the verdicts; 2 bad input, or a file exists
"""


def add_figures(commands: Any) -> None:
    parser = commands.add_parser(
        "figures", help="reproduce a figure of the paper", description=_FIGURES, epilog=_FIGURES_MORE
    )
    add = parser.add_argument
    add("figure", metavar="FIGURE", choices=("1",), help="which figure: 1")
    add("--out", default="figure-1", metavar="DIR", help="folder for the files, made if need be (default figure-1)")
    add("--runs", type=integer, default=200, metavar="N", help="independent runs of each learner (default 200)")
    add("--episodes", type=integer, metavar="N", help="episodes of each run (default 300, as in the figure)")
    add("--seed", type=integer, default=0, metavar="S", help="of the runs (default 0)")
    add("--settings", default="both", metavar="WHICH", help="own, released or both (default both)")
    add("--only", metavar="PART", help="one part: curves, cross-play or sensitivity (default all)")
    add("--format", default="png,svg", metavar="KINDS", help="of the pictures: png, svg, pdf (default png,svg)")
    add("--json", action="store_true", help="print JSON")
    add("--force", action="store_true", help="replace files that exist")
    parser.set_defaults(run=_run_figures)


def _run_figures(arguments: argparse.Namespace) -> int:
    from .figure1 import run_figure1  # what it needs takes longer to import than other commands take to answer

    return run_figure1(arguments)
