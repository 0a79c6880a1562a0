"""What the site is built with: formulas that are translated or named, help, notebooks, pictures, docstrings as text.

The build itself, with its links, is a step of CI: ``python -m sphinx -W --keep-going docs build/site``.
"""

from __future__ import annotations

import doctest
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("sphinx", reason="the site's tools are the extra docs")

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def tools() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        import extensions
        import extensions.breaks
        import extensions.docstrings
        import extensions.formulas
        import extensions.generated

        yield extensions
        for name in [name for name in sys.modules if name.split(".")[0] == "extensions"]:
            del sys.modules[name]


def test_a_formula_becomes_mathml(tools: ModuleType) -> None:
    text = tools.formulas.mathml(r"V = \beta \log \sum_b P(b) \exp(L(b)/\beta)", block=True)
    assert text.startswith("<math") and 'display="block"' in text
    assert "<mi>log</mi>" in text and "$" not in text


def test_aligned_sums_are_as_large_as_those_alone(tools: ModuleType) -> None:
    assert 'displaystyle="true"' in tools.formulas.mathml(r"\begin{aligned} a &= \sum_b b \end{aligned}", block=True)


@pytest.mark.parametrize("tex", [r"\begin{align*} a &= b \\ c &= d \end{align*}", r"\big( x \big)", r"1, \dots, n"])
def test_what_notebooks_write_is_known(tools: ModuleType, tex: str) -> None:
    assert "</math>" in tools.formulas.mathml(tex, block=True)


@pytest.mark.parametrize("tex", [r"\nosuchcommand", r"\frac{1}", r"x_"])
def test_what_is_no_formula_is_said(tools: ModuleType, tex: str) -> None:
    with pytest.raises(ValueError):
        tools.formulas.mathml(tex, block=False)


def test_the_page_of_commands_has_the_help_of_all(tools: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    from rommeo_exact import cli

    page = tools.generated.command_line()
    cli.main(["--help"])
    listed = capsys.readouterr().out
    assert len(cli.COMMANDS) == page.count("\n## rommeo ")
    for name in [line.removeprefix("## rommeo ") for line in page.splitlines() if line.startswith("## ")]:
        assert name in listed and f"usage: rommeo {name} [-h]" in page
    assert max(map(len, page.splitlines())) <= 80


def test_notebooks_are_copied_and_listed_in_order_and_stale_ones_go(tools: ModuleType, tmp_path: Path) -> None:
    notebooks, folder = tmp_path / "notebooks", tmp_path / "generated"
    notebooks.mkdir()
    tools.generated.copy_notebooks(folder, notebooks)
    assert "There are none yet" in (folder / "lectures.md").read_text(encoding="utf-8")
    for name in ("10_last", "2_second", "1_first"):
        (notebooks / f"{name}.ipynb").write_text("{}", encoding="utf-8")
    tools.generated.copy_notebooks(folder, notebooks)
    page = (folder / "lectures.md").read_text(encoding="utf-8")
    assert page.index("1_first") < page.index("2_second") < page.index("10_last")
    (notebooks / "1_first.ipynb").unlink()
    tools.generated.copy_notebooks(folder, notebooks)
    assert sorted(path.stem for path in (folder / "notebooks").iterdir()) == ["10_last", "2_second"]
    assert "1_first" not in (folder / "lectures.md").read_text(encoding="utf-8")


def test_links_of_notebooks_follow_them(tools: ModuleType) -> None:
    text = "[a](../docs/mathematics.md) [b](../rommeo_exact/soft.py) [c](2_second.ipynb) [d](https://example.org/../x)"
    assert tools.generated.moved(text) == (
        "[a](../../mathematics.md) [b](../../../rommeo_exact/soft.py) [c](2_second.ipynb) [d](https://example.org/../x)"
    )


def test_pictures_are_drawn_for_light_and_dark(tools: ModuleType) -> None:
    from rommeo_exact import plots

    for figure in tools.generated.pictures().values():
        light = plots.written(figure, "svg").decode()
        dark = tools.generated.in_the_dark(light)
        assert plots.INK in light and plots.INK not in dark and plots.PAPER not in dark
        assert light.count("<path") == dark.count("<path") > 10


def test_docstrings_are_text(tools: ModuleType) -> None:
    lines = ["|V - V*| for pi(a|s,b)", "", ">>> 2 * 3 | 1", "7", "", "see :func:`solve` and `a|b`"]
    assert tools.docstrings.escaped(lines) == [
        r"\|V - V\*\| for pi(a\|s,b)", "", ">>> 2 * 3 | 1", "7", "", "see :func:`solve` and `a|b`",
    ]  # fmt: skip
    assert tools.docstrings.in_words([":type q: (S, A, B) array", ":type game: MatrixGame or View"]) == [
        ":type q: *(S, A, B) array*", ":type game: MatrixGame or View",
    ]  # fmt: skip


def test_a_reference_to_nothing_is_seen(tools: ModuleType) -> None:
    assert tools.docstrings.exists("maximum_kernel", "rommeo_exact.soft")
    assert tools.docstrings.exists("paths.self_play", "rommeo_exact.population")
    assert not tools.docstrings.exists("no_such_kernel", "rommeo_exact.soft")
    assert not tools.docstrings.exists("paths.no_such_play", "rommeo_exact.population")


def test_names_are_broken_into_pieces_that_make_the_name(tools: ModuleType) -> None:
    for name in ("test_soft.py::test_one", "eq61", "_private", "a.b_c"):
        assert "".join(tools.breaks.broken(name)) == name
    assert doctest.testmod(tools.breaks).failed == 0
