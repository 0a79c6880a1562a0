"""What the README prints is what the commands print. Its Python is collected as doctests."""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    command for block in pages.blocks(README) if block.language == "console" for command in pages.commands(block.text)
]


@pytest.mark.parametrize(("arguments", "printed"), COMMANDS)
def test_commands_print_what_the_readme_says(
    arguments: list[str], printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = re.findall(r"```text\n(NFG(?:.*\n)*?)```", README)
    (tmp_path / "any.nfg").write_text(file, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert pages.run_command(arguments, printed) is None


def test_the_readme_has_commands_and_the_comparison_sees_a_difference() -> None:
    assert len(COMMANDS) == 5
    assert pages.settled("x, 1.1 ms") == pages.settled("x, 23 ms")
    one, two = ("V* = 99.28596612160, error at most 8e-13", "V* = 99.28596613160, error at most 8e-13")
    assert pages.settled(one) != pages.settled(two)
