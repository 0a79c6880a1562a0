r"""Pictures of games and of results: each function draws one result on the axes that it is given, and returns them.

    >>> import rommeo_exact as rx
    >>> figure, axes = rx.plots.new(1, 2)
    >>> game = rx.games.stag_hunt()
    >>> found = rx.self_play_equilibria(game, alpha=0.5)
    >>> _ = rx.plots.payoffs(game, axes[0, 0], found.points[0].marginals)
    >>> _ = rx.plots.simplex(game, axes[0, 1], alpha=0.5, points=found)
    >>> rx.plots.written(figure, "png")[:4]
    b'\x89PNG'

Matplotlib is imported when something is drawn, and only then. `style` says how all pictures look; `games` has tables,
`continuous` what games on a box need, `self_play` paths, rates and branches along the temperature, `places` simplices,
responses and basins, `training` learning curves; `together` puts several on one figure,
`sliders` moves what a picture depends on.
"""

from __future__ import annotations

from .continuous import densities, surface
from .games import MOST_CELLS, payoffs, solution
from .places import basins, drawable, responses, simplex
from .self_play import MOST_ACTIONS, branches, changing, convergence, path
from .sliders import sliders
from .style import COLOURS, DASHES, HEAT, INK, PAPER, SHAPES, legend_line, new, styled, written
from .together import of_branches, of_play, of_solution
from .training import learning

__all__ = [
    "COLOURS", "DASHES", "HEAT", "INK", "MOST_ACTIONS", "MOST_CELLS", "PAPER", "SHAPES", "basins", "branches",
    "changing", "convergence", "densities", "drawable", "learning", "legend_line", "new", "of_branches", "of_play",
    "of_solution", "path", "payoffs", "responses", "simplex", "sliders", "solution", "styled", "surface", "written",
]  # fmt: skip
