"""Docstrings are plain text first: what reStructuredText would take for markup of its own is escaped before it is read."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

MARKED = re.compile(r"(``.+?``|:[a-z:]+:`[^`]*`|`[^`]*`)")


def escaped(lines: list[str]) -> list[str]:
    """The lines with bars, as in pi(a|s,b), and stars, as in V*, that are no markup; examples stay as they are."""
    text: list[str] = []
    example = False
    for line in lines:
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if example:
            text.append(line)
        else:
            parts = MARKED.split(line)
            text.append("".join(part if k % 2 else re.sub(r"([|*])", r"\\\1", part) for k, part in enumerate(parts)))
    return text


def setup(app: Sphinx) -> dict[str, Any]:
    def process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
        lines[:] = escaped(lines)

    app.connect("autodoc-process-docstring", process, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
