"""What the site is built with beside Sphinx, its theme and its parser of Markdown."""
