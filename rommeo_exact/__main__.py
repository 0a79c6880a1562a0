"""``python -m rommeo_exact``: the command line without its script."""

from .cli import main

raise SystemExit(main())
