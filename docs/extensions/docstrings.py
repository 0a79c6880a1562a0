"""Docstrings are plain text first, and speak of names as the code around them does.

What reStructuredText would take for markup of its own is escaped before it is read; types are links where they are
names of classes, and words otherwise; a name is found in whichever module it is documented.
"""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

PACKAGE = "rommeo_exact"
MARKED = re.compile(r"(``.+?``|:[a-z:]+:`[^`]*`|`[^`]*`)")
TYPED = re.compile(r"(:(?:type|vartype) [^:]+: )(.+)")
SEVERAL = re.compile(r":(?:ivar|vartype) [^:]+, [^:]+:")
JOINT = "\u200b"
"""Between names that share an explanation, until the page is read: before a space, Sphinx sees a type."""

CLASSES = re.compile(r"~?[A-Z][\w.]+(,? (or )?~?[A-Z][\w.]+)*(, optional)?")


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
            text.append(
                "".join(part if k % 2 else re.sub(r"(?<!\\)([|*])", r"\\\1", part) for k, part in enumerate(parts))
            )
    return text


def in_words(lines: list[str]) -> list[str]:
    """The fields with types such as ``(S, A, B) array`` as words: none of them is the name of something."""
    lines = [SEVERAL.sub(lambda names: names[0].replace(", ", f",{JOINT}"), line) for line in lines]
    return [
        f"{typed[1]}*{typed[2]}*" if (typed := TYPED.fullmatch(line)) and not CLASSES.fullmatch(typed[2]) else line
        for line in lines
    ]


def exists(target: str, module: str) -> bool:
    """Whether the name is one of Python, seen from a module, from a module in it or from a package around it."""
    around = module.split(".")
    places = [".".join(around[:k]) for k in range(len(around), 0, -1)]
    places += [name for name in sys.modules if name.startswith(f"{module}.")]
    return any(_imported(f"{place}.{target}") for place in places) or _imported(target)


def _imported(name: str) -> bool:
    parts = name.split(".")
    for k in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:k]))
        except ImportError:
            continue
        for part in parts[k:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def resolved(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.TextElement
) -> nodes.reference | nodes.TextElement | None:
    """A link to the one place where what has this name is documented; no link where it exists and is not documented."""
    if node.get("refdomain") != "py" or node["reftype"] in ("obj", "class"):
        return None
    target = node["reftarget"]
    last = target.rsplit(".", 1)[-1]
    documented = env.domaindata["py"]["objects"]
    places = {(x.docname, x.node_id) for name, x in documented.items() if name.rsplit(".", 1)[-1] == last}
    if len(places) == 1:
        document, anchor = places.pop()
        return make_refnode(app.builder, node["refdoc"], document, anchor, content, target)
    return content if exists(target, node.get("py:module") or PACKAGE) else None


def name_attributes(app: Sphinx, doctree: nodes.document) -> None:
    """Attributes are called so; their names, where they are explained, are no links to those of other classes."""
    for name in doctree.findall(nodes.field_name):
        if name.astext() == "Variables":
            name.children = [nodes.Text("Attributes")]
    for text in list(doctree.findall(nodes.Text)):
        if JOINT in text:
            text.parent.replace(text, nodes.Text(text.replace(JOINT, " ")))
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node["reftype"] == "obj" and node.children and isinstance(node.children[0], addnodes.literal_strong):
            node.replace_self(node.children)


def setup(app: Sphinx) -> dict[str, Any]:
    def before(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
        lines[:] = escaped(lines)

    def after(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
        lines[:] = in_words(lines)

    app.connect("autodoc-process-docstring", before, priority=100)
    app.connect("autodoc-process-docstring", after, priority=900)
    app.connect("missing-reference", resolved)
    app.connect("doctree-read", name_attributes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
