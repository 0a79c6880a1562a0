"""How the site is built: ``python -m sphinx -W --keep-going docs build/site``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import rommeo_exact  # noqa: E402

project = "rommeo_exact"
author = "the rommeo_exact developers"
copyright = f"{author}. MIT licence"
version = release = rommeo_exact.__version__

extensions = [
    "myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode", "extensions.formulas",
    "extensions.generated", "extensions.docstrings", "extensions.breaks",
]  # fmt: skip
exclude_patterns = ["extensions", "**/.ipynb_checkpoints"]
language = "en_GB"

# Pages
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_merge_streams = True

# The reference
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_type_aliases = {
    name: name
    for name in ("FloatArray", "BoolArray", "Array", "PathLike", "Game", "Weights", "Update", "Schedule", "Play")
}
default_role = "py:obj"
python_use_unqualified_type_names = True
add_module_names = False
nitpicky = True
nitpick_ignore_regex = [("py:(obj|class)", ".*")]

# The look
html_theme = "furo"
html_title = "rommeo_exact"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"
