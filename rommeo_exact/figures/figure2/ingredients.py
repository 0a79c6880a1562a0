"""Which ingredients of ROMMEO-AC matter: one setting at a time, how many runs end at the optimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from ...actor_critic import Annealed, RommeoAC
from ...errors import InputError
from ...games.differential import max_of_two_quadratics
from .curves import Curve, check_counts, play
from .published import EPISODES, LEARNERS
from .settings import Preset, presets

__all__ = ["Ingredients", "Row", "Variant", "ingredients", "variants"]


class Variant(NamedTuple):
    """One setting changed: the ingredient's name, its value in words, the recipe, and the discount."""

    ingredient: str
    value: str
    recipe: RommeoAC
    discount: float | None = None


def variants() -> tuple[Variant, ...]:
    """The default first, then one change at a time."""
    base = presets("own")[LEARNERS[0]].recipe
    if not isinstance(base, RommeoAC):
        raise InputError("the first learner is not ROMMEO-AC")
    rate = base.policy_rate

    def changed(ingredient: str, value: str, **settings: object) -> Variant:
        return Variant(ingredient, value, replace(base, **settings))  # type: ignore[arg-type]

    other = "policy" if base.action == "replay" else "replay"
    return (
        Variant("the default", "", base),
        changed("a in equation 19", {"policy": "from pi", "replay": "from the replay buffer"}[other], action=other),
        *(changed("alpha", f"{x:g}", alpha=x) for x in (0.1, 0.3, 3.0, 10.0)),
        changed("alpha", "0.1 + 500 exp(-0.1 max(k - 10, 0))", alpha=Annealed()),
        *(changed("beta, the KL weight", f"{x:g}", beta=x) for x in (0.1, 0.3, 3.0, 10.0)),
        *(changed("delay of pi and rho", f"{x} rounds", delay=x) for x in (250, 1000)),
        *(changed("initial spread", f"{x:g}", spread=x) for x in (0.1, 0.3, 0.6, 1.5)),
        *(
            changed("rate of pi and rho", f"{x:g} times", policy_rate=x * rate, model_rate=x * rate)
            for x in (0.25, 0.5, 2.0, 5.0)
        ),
        *(changed("rate of Q", f"{x:g} times", value_rate=x * base.value_rate) for x in (0.1, 0.3, 3.0)),
        *(changed("window of the prior", f"{x} rounds", window=x) for x in (32, 5000)),
        changed("activation", "tanh", activation="tanh"),
        changed("batch", "8", batch=8),
        changed("batch", "128", batch=128),
        changed("hidden layers", "100, 100", hidden=(100, 100)),
        Variant("discount", "0.95", base, 0.95),
    )


@dataclass(frozen=True, eq=False)
class Row:
    """A variant on one form of the reward, and its runs."""

    variant: Variant
    form: str
    curve: Curve


@dataclass(frozen=True, eq=False)
class Ingredients:
    """All rows, by variant, then form."""

    rows: tuple[Row, ...]
    episodes: int
    runs: int
    seed: int


def ingredients(
    forms: tuple[str, ...] = ("released", "printed"),
    episodes: int = EPISODES,
    runs: int = 20,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    *,
    chosen: tuple[Variant, ...] | None = None,
) -> Ingredients:
    """Vary one setting of ROMMEO-AC at a time; arguments as of :func:`~.curves.compute`.

    Every variant has the same random numbers.

    Raises
    ------
    InputError
    """
    check_counts(episodes, runs, seed)
    rows = []
    for variant in variants() if chosen is None else chosen:
        for form in forms:
            game = max_of_two_quadratics(form)  # type: ignore[arg-type]
            what = f"{variant.ingredient} {variant.value}, {form} reward"
            parts = play(game, variant.recipe, episodes, runs, (seed, 300), what, progress, variant.discount)
            preset = Preset(variant.recipe, f"{variant.ingredient} {variant.value}".strip())
            rows.append(Row(variant, form, Curve.of(parts, LEARNERS[0], "own", form, preset)))
    return Ingredients(tuple(rows), episodes, runs, seed)
