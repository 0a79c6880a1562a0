"""Sliders for lectures, and the static picture where nothing moves."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InputError

__all__ = ["sliders"]


def sliders(draw: Callable[..., Any], /, *, show: int = 3, **values: Sequence[Any]) -> Any:
    """Call `draw` with one value of each name, under sliders over the values where there is a notebook to move them in.

    Where ipywidgets is not installed, or the environment has ROMMEO_STATIC set, `draw` is called for `show` values of
    the first name, spread evenly over them, with the middle values of all others: one static picture each.

    Parameters
    ----------
    draw : callable
        Of keywords named as `values`; returns a figure, or None if it displays what it draws itself.
    show : int
        How many static pictures.
    **values : sequences
        The values of each slider, at least one.

    Returns
    -------
    None
        All is displayed.

    Raises
    ------
    InputError
    """
    if not values:
        raise InputError("sliders needs at least one name with values, such as alpha=[0.1, 1.0, 10.0]")
    for name, choices in values.items():
        if not len(choices):
            raise InputError(f"{name} has no values")
    if show < 1:
        raise InputError(f"show is {show}, not positive")
    import IPython.display

    display: Any = IPython.display.display

    def shown(**chosen: Any) -> None:
        figure = draw(**chosen)
        if figure is not None:
            display(figure)

    middle = {name: choices[len(choices) // 2] for name, choices in values.items()}
    if not os.environ.get("ROMMEO_STATIC"):
        try:
            import ipywidgets
        except ImportError:
            pass
        else:
            ipywidgets.interact(
                shown,
                **{
                    name: ipywidgets.SelectionSlider(
                        options=list(choices), value=middle[name], description=name, continuous_update=False
                    )
                    for name, choices in values.items()
                },
            )
            return
    first, choices = next(iter(values.items()))
    count = min(show, len(choices))
    places = [round(k * (len(choices) - 1) / max(1, count - 1)) for k in range(count)]
    for k in places if count > 1 else [len(choices) // 2]:
        shown(**(middle | {first: choices[k]}))
