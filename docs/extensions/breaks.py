"""Names in tables may be broken after an underscore, a dot or a colon, so that columns fit; copied, they are whole."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def broken(name: str) -> list[str]:
    """The pieces of a name.

    >>> broken("test_soft.py::test_one")
    ['test_', 'soft.', 'py::', 'test_', 'one']
    """
    return re.findall(r"[^_.:]+[_.:]*|[_.:]+", name)


def break_names(app: Sphinx, doctree: nodes.document, document: str) -> None:
    if app.builder.format != "html":
        return
    for table in doctree.findall(nodes.table):
        for literal in list(table.findall(nodes.literal)):
            pieces = broken(literal.astext())
            if len(pieces) > 1:
                literal.clear()
                literal += nodes.raw("", "<wbr>".join(map(escape, pieces)), format="html")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-resolved", break_names)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
