"""What the README prints is what the commands print. Its Python is collected as doctests."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pages
import pytest

import rommeo_exact as rx

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    command for block in pages.blocks(README) if block.language == "console" for command in pages.commands(block.text)
]


@pytest.mark.parametrize(("arguments", "printed"), COMMANDS)
def test_commands_print_what_the_readme_says(
    arguments: list[str], printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert pages.run_command(arguments, printed) is None


def test_the_readme_has_commands_and_the_comparison_sees_a_difference() -> None:
    assert len(COMMANDS) == 1
    assert pages.settled("x, 1.1 ms") == pages.settled("x, 23 ms")
    one, two = ("V* = 99.28596612160, error at most 8e-13", "V* = 99.28596613160, error at most 8e-13")
    assert pages.settled(one) != pages.settled(two)


def test_the_ten_lines_are_the_ledgers() -> None:
    """Each line's verdict is the one that the ledger records for the entry that it leads to."""
    recorded = {claim.id.replace(".", ""): claim.recorded for claim in rx.claims.LEDGER.values()}
    lines = re.findall(r"^\| .* \| \[(.*)\]\(docs/claims\.md#(\w+)\) \| .* \|$", README, re.MULTILINE)
    assert len(lines) == 10
    assert [(anchor, recorded[anchor]) for _, anchor in lines] == [(anchor, verdict) for verdict, anchor in lines]


def test_the_picture_is_what_its_script_draws() -> None:
    """Its numbers, that is: letters and curves differ in their outlines from one Matplotlib to the next."""
    pytest.importorskip("matplotlib")
    script = ROOT / "docs" / "pictures" / "overview.py"
    spec = importlib.util.spec_from_file_location("overview", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    optimum, error, branches = module.overview().axes[:3]
    table = {text.get_text() for axes in (optimum, *optimum.child_axes) for text in axes.texts}
    assert {"0.973", "0.730", "0.024"} <= table
    residual, bound = (line.get_ydata() for line in error.lines[:2])
    assert len(residual) == len(bound) and (bound >= residual).all() and bound[-1] < 1e-8
    assert any(line.get_linestyle() == "--" for line in branches.lines)
    assert script.with_suffix(".svg").read_text(encoding="utf-8").startswith("<?xml")
