"""What the README prints is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rommeo_exact import cli

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ rommeo (.*)\n((?:.*\n)*?)```", README)


def settled(text: str) -> str:
    """The text without what differs from run to run (time) and from machine to machine (the last digits of bounds)."""
    text = re.sub(r"[\d.]+ m?s$", "TIME", text, flags=re.MULTILINE)
    text = re.sub(r"within [\d.e-]+ of V\*, where its own bound is\s+[\d.e-]+", "within BOUND of V*", text)
    return re.sub(r"= ([\d.]{12})[\d.]*, error at most [\d.e-]+", r"= \1, error at most BOUND", text)


@pytest.mark.parametrize(("arguments", "printed"), BLOCKS)
def test_commands_print_what_the_readme_says(
    arguments: str, printed: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = re.findall(r"```text\n(NFG(?:.*\n)*?)```", README)
    (tmp_path / "any.nfg").write_text(file, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main(arguments.split()) == 0
    assert settled(capsys.readouterr().out) == settled(printed)


def test_the_readme_has_commands_and_the_comparison_sees_a_difference() -> None:
    assert len(BLOCKS) == 5
    assert settled("x, 1.1 ms") == settled("x, 23 ms")
    one, two = ("V* = 99.28596612160, error at most 8e-13", "V* = 99.28596613160, error at most 8e-13")
    assert settled(one) != settled(two)
