"""Formulas as MathML, written when the site is built: browsers draw it themselves, without a script or a network.

The translation from LaTeX is docutils'. What it does not know is a warning that names the page, and shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

OTHER_WORDS: Sequence[tuple[str, str]] = (
    (r"\\begin\{(align|gather|equation|multline)\*?\}", r"\\begin{aligned}"),
    (r"\\end\{(align|gather|equation|multline)\*?\}", r"\\end{aligned}"),
    (r"\\(nonumber|notag)\b", ""),
    (r"\\label\{[^}]*\}", ""),
    (r"\\dots\b", r"\\ldots"),
    (r"\\(big|Big|bigg|Bigg)(?=[^a-zA-Z])", r"\\\1l"),
    (r"\\stackrel\b", r"\\overset"),
    (r"\\iff\b", r"\\Longleftrightarrow"),
    (r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"),
    (r"\\begin\{array\}\s*\{[clr| ]*\}", r"\\begin{matrix}"),
    (r"\\end\{array\}", r"\\end{matrix}"),
    (r"\\,\s*\\\|\s*\\,", r"\\,\\parallel\\,"),
    (r"(?<=[A-Za-z0-9)}\]])\s*(\\(?:log|ln|exp|tanh|max|min)\b)", r"\\,\1"),
    (r"(\\(?:log|ln|exp|tanh)\b)\s*(?=[A-Za-z0-9]|\\(?!left|[bB]igg?l)[A-Za-z])", r"\1\\,"),
)
"""What notebooks and SymPy write, in words that docutils knows, and TeX's spaces around functions, which it leaves out;
an equation's number is taken out before."""

TAG = re.compile(r"\\tag\*?\{([^{}]*)\}")


def mathml(tex: str, block: bool) -> str:
    """The formula as a ``<math>`` element.

    Raises
    ------
    ValueError
        If docutils cannot translate it.
    """
    for pattern, word in OTHER_WORDS:
        tex = re.sub(pattern, word, tex)
    try:
        text = str(tex2mathml(tex.strip(), as_block=block))
    except (SyntaxError, ValueError, IndexError, AttributeError, TypeError) as error:
        raise ValueError(str(error)) from error
    return text.replace('<mtable class="ams-align"', '<mtable class="ams-align" displaystyle="true"')


def _written(tex: str, block: bool, node: nodes.Node) -> str:
    try:
        return mathml(tex, block)
    except ValueError as error:
        LOGGER.warning("formula %r: %s", tex, error, location=node, type="formulas")
        return f"<code>{escape(tex)}</code>"


def visit_inline(self: Any, node: nodes.math) -> None:
    self.body.append(_written(node.astext(), False, node))
    raise nodes.SkipNode


def visit_block(self: Any, node: nodes.math_block) -> None:
    tex = node.astext()
    numbers = [node["number"]] if node.get("number") else TAG.findall(tex)
    self.body.append(self.starttag(node, "div", CLASS="formula"))
    self.body.append(f'<div class="formula-body">{_written(TAG.sub("", tex), True, node)}</div>')
    if numbers:
        self.body.append(f'<span class="formula-number">({escape(", ".join(map(str, numbers)))})</span>')
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
