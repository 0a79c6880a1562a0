"""``rommeo figures``: figures of the paper from scratch, and whether they come out as printed."""

from __future__ import annotations

import argparse
from typing import Any

from ..errors import InputError
from .arguments import integer

_FIGURES = """\
Reproduce Figure 1 or 2 of the paper from scratch, in many independent runs.
Draws what comes out beside the values read off the published figure, and says
for each curve whether it is the paper's.

Figure 1: six tabular learners, each with itself, on the iterated climbing game
  1a  mean reward, with 95 % confidence bands over runs
  1b  P(A,A), the probability that both play A, where the best payoff is
  1c  one run of ROMMEO-Q: P(A) in both policies and both opponent models

Figure 2: six actor-critics, each with itself, on the Max of Two Quadratics
  2a  the surface, and all actions of one run of ROMMEO-AC: the first a star,
      the mean of the last a disc; the paper's star, at (0, 0), is hollow
  2b  mean reward of a round, with 95 % confidence bands over runs; the table
      also has the reward of what is played without exploration ("quiet")
  2c  the means of both policies and of both opponent models in that run

The run shown is the typical one, nearest to the median of those that end at
the optimum. The paper does not print its settings, so there are two families:

  own       those of each learner's own paper; for ROMMEO-Q and ROMMEO-AC,
            whose paper has none, this package's defaults. In Figure 2 the
            papers' algorithms and noise, with this package's rates and sizes
  released  those of the authors' released code (2019). Figure 1 has the
            learners also as their papers have them ("repaired"); Figure 2 has
            smaller networks and batches than the release

A curve is reproduced if at every reading it is within a twentieth of the axis
(what a reading may miss) and two standard errors; it is undecided where the
standard error is larger than what a reading may miss, or where the number of
episodes is not the figure's. How many runs the paper's curves are means of is
not known, so their own sampling error is not allowed for.
"""

_FIGURES_MORE = """\
parts, each with its pictures, its arrays (.npz) and its table (.csv):
  1  curves         the figure itself; verdicts.csv has what is printed
     cross-play     every learner with every one, a table of rewards
     sensitivity    P(A,A) at the end along each setting of ROMMEO-Q
  2  curves         the figure itself; verdicts.csv has what is printed
     distributions  what ROMMEO-AC has learnt, beside what is exact
     ingredients    how many runs end at the optimum as one setting of ROMMEO-AC
                    is changed; takes long, and is played where it is asked for

examples:
  rommeo figures 1
  rommeo figures 1 --only curves --runs 1000 --out figure
  rommeo figures 2
  rommeo figures 2 --form both --settings own --runs 100
  rommeo figures 2 --only ingredients
  rommeo figures 1 --only cross-play --json > cross-play.json

arrays of 1's curves.npz (E episodes, K runs; "released/JAL" and so on):
  FAMILY/LEARNER/reward, FAMILY/LEARNER/optimum (E, K)
  FAMILY/one run/policies, FAMILY/one run/models (E, 2)
of cross-play.npz: FAMILY/rewards (N, N, K, 2), FAMILY/learners (N)
of sensitivity.npz: SETTING/LINE/values, .../mean, .../error (V)
of 2's curves.npz ("released/own/DDPG" and so on; FORM is of the reward):
  FORM/FAMILY/LEARNER/reward (E, K), .../policies, .../models (E, K, 2)
  FORM/FAMILY/one run/actions (E, 25, 2)
of distributions.npz ("released/replay/1/player 1/pi"; M points of a grid):
  FORM/READING/ALPHA/player I/LAW/learnt (K, M), .../exact, .../grid (M)

exit code: 0 done, whatever the verdicts; 2 bad input, or a file exists
"""


def add_figures(commands: Any) -> None:
    parser = commands.add_parser(
        "figures", help="reproduce a figure of the paper", description=_FIGURES, epilog=_FIGURES_MORE
    )
    add = parser.add_argument
    add("figure", metavar="FIGURE", choices=("1", "2"), help="which figure: 1 or 2")
    add("--out", metavar="DIR", help="folder for the files, made if need be (default figure-1 or figure-2)")
    add("--runs", type=integer, metavar="N", help="independent runs of each learner (default 200 for 1, 20 for 2)")
    add("--episodes", type=integer, metavar="N", help="episodes of each run (default 300 or 200, as in the figure)")
    add("--seed", type=integer, default=0, metavar="S", help="of the runs (default 0)")
    add("--settings", default="both", metavar="WHICH", help="own, released or both (default both)")
    add(
        "--form", metavar="WHICH",
        help="Figure 2: the reward as printed, as released or both (default released: the figure's contours are its)",
    )  # fmt: skip
    add("--only", metavar="PART", help="one part (default all, but ingredients)")
    add("--format", default="png,svg", metavar="KINDS", help="of the pictures: png, svg, pdf (default png,svg)")
    add("--json", action="store_true", help="print JSON")
    add("--force", action="store_true", help="replace files that exist")
    parser.set_defaults(run=_run_figures)


def _run_figures(arguments: argparse.Namespace) -> int:
    if arguments.out is None:
        arguments.out = f"figure-{arguments.figure}"
    if arguments.figure == "1":
        if arguments.form is not None:
            raise InputError("--form is of Figure 2's reward: Figure 1 has one game")
        from .figure1 import run_figure1  # what it needs takes longer to import than other commands take to answer

        return run_figure1(arguments)
    from .figure2 import run_figure2

    if arguments.form is None:
        arguments.form = "released"
    return run_figure2(arguments)
