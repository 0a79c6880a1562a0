"""Every page's code runs and prints what stands there; the site's own tools do what they say."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pages
import pytest

import rommeo_exact as rx

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {str(path.relative_to(DOCS)): path for path in sorted(DOCS.rglob("*.md")) if "generated" not in path.parts}


@pytest.mark.parametrize("name", PAGES)
def test_the_code_of_a_page_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert list(pages.failures(PAGES[name].read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", PAGES)
def test_no_code_of_a_page_is_left_out(name: str) -> None:
    """Commands and Python stand in blocks that are run, and each command is found there."""
    text = PAGES[name].read_text(encoding="utf-8")
    found = pages.blocks(text)
    run = [block for block in found if block.language in ("python", "console")]
    shown = [line for block in found if block not in run for line in block.text.splitlines()]
    shown += re.findall(r"^(?: {4}|>>> ).*", pages.FENCED.sub("", text), re.MULTILINE)
    assert [line for line in shown if re.match(r"\s*(\$ )?(rommeo |>>> |import |from )", line)] == []
    lines = [line for block in run if block.language == "console" for line in block.text.splitlines()]
    commands = [command for block in run if block.language == "console" for command in pages.commands(block.text)]
    assert len(commands) == sum(line.startswith("$ ") for line in lines)


def test_the_reference_has_every_public_name() -> None:
    """Modules have pages, the rest is listed; where it is documented is checked by the build."""
    text = (DOCS / "reference" / "index.rst").read_text(encoding="utf-8")
    listed = set(re.findall(r"`~rommeo_exact\.[\w.]+?\.?(\w+)`", text))
    public = {name for name in rx.__all__ if not isinstance(getattr(rx, name), ModuleType)}
    assert listed == public
    parts = set(rx.__all__) - public
    assert parts <= {path.stem for path in (DOCS / "reference").glob("*.rst")}
    assert parts <= set(re.findall(r"^   (\w+)$", text, re.MULTILINE))


def test_links_to_other_sites_are_well_formed() -> None:
    """Whether they lead somewhere is not asked: no test uses a network. Links within are checked by the build."""
    pages_text = [path.read_text(encoding="utf-8") for path in [*PAGES.values(), *ROOT.glob("*.md")]]
    links = [link for text in pages_text for link in re.findall(r"\]\((\w+:[^)\s]*)\)", text)]
    assert links
    for link in links:
        parts = urlsplit(link)
        assert parts.scheme == "https" and re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc), link


@pytest.mark.parametrize(
    "page",
    [
        "```python\n>>> 1 + 1\n3\n```\n",
        "```python\n>>> x = 2\n\n```\n\n```python\nassert x == 3\n```\n",
        "```python\n>>> undefined\n```\n",
        "```console\n$ rommeo solve climbing\nV* = 12\n```\n",
        "```console\n$ rommeo solve no_such_game\n```\n",
        "```console\n$ rommeo --version\nrommeo_exact 0.0.0\n```\n",
    ],
)
def test_code_that_is_wrong_is_seen(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(list(pages.failures(page))) == 1


def test_code_that_is_right_passes_and_names_are_kept() -> None:
    page = """```python
>>> x = 2
```

```python
assert x == 2
y = x + 1
```

```python
>>> y
3
```

```console
$ rommeo solve climbing \\
    --alpha 1
...
Residual 0, tol 1e-10 met
$ rommeo --version
rommeo_exact ...
```
"""
    assert list(pages.failures(page)) == []
    assert list(pages.failures(page.replace("tol 1e-10", "tol 1e-11"))) != []
