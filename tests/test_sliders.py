"""Sliders: static pictures where nothing moves."""

from __future__ import annotations

import pytest

import rommeo_exact as rx

pytest.importorskip("IPython")


@pytest.fixture
def calls(monkeypatch):
    monkeypatch.setenv("ROMMEO_STATIC", "1")
    seen: list[dict] = []
    return seen


def draw_into(seen):
    def draw(**chosen):
        seen.append(chosen)

    return draw


@pytest.mark.parametrize(("show", "alphas"), [(1, [3]), (2, [1, 5]), (3, [1, 3, 5]), (9, [1, 2, 3, 4, 5])])
def test_static_pictures_are_spread_over_the_first_name(calls, show, alphas):
    rx.plots.sliders(draw_into(calls), show=show, alpha=[1, 2, 3, 4, 5], beta=[10, 20, 30])
    assert calls == [{"alpha": alpha, "beta": 20} for alpha in alphas]


def test_figures_are_displayed(calls, monkeypatch):
    import IPython.display

    monkeypatch.setattr(IPython.display, "display", calls.append)
    rx.plots.sliders(lambda alpha: f"figure {alpha}", alpha=[1, 2], show=2)
    assert calls == ["figure 1", "figure 2"]


def test_what_new_returns_can_be_shown_by_a_notebook():
    pytest.importorskip("matplotlib")
    figure, _ = rx.plots.new()
    assert figure._repr_png_()[:4] == b"\x89PNG"


def test_errors():
    with pytest.raises(rx.InputError, match="at least one name"):
        rx.plots.sliders(lambda: None)
    with pytest.raises(rx.InputError, match="alpha has no values"):
        rx.plots.sliders(lambda alpha: None, alpha=[])
    with pytest.raises(rx.InputError, match="show is 0"):
        rx.plots.sliders(lambda alpha: None, alpha=[1], show=0)
