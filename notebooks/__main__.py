"""Run the lectures, top to bottom, each in a kernel of its own, and hold what they print against what is stored.

    python -m notebooks                  all of them: errors, warnings, stale outputs and long runs fail
    python -m notebooks 2 5              lectures 2 and 5
    python -m notebooks --write 2        run lecture 2, and store its outputs

    python -m notebooks --core           without what a browser's Python lacks

Text is compared, pictures are not: they differ by versions of Matplotlib, and what they show is tested elsewhere.
Sliders are drawn as static pictures (ROMMEO_STATIC=1), so that the stored outputs can be read where nothing runs. With
--core, cells tagged "full" are left out, and what is not in Pyodide's set of packages cannot be imported.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent
LONGEST = 120.0
"""Seconds that a lecture may run."""

STRICT = "import warnings as _w; _w.simplefilter('error'); _w.filterwarnings('ignore', module='ipykernel'); del _w"
"""Executed before the first cell: a warning is an error, but for the kernel's own."""

BARE = "import sys as _s; _s.modules |= dict.fromkeys(['flint', 'hypothesis', 'ipywidgets']); del _s"
"""With --core: these packages are not there."""


def lectures(chosen: list[str]) -> Iterator[Path]:
    for path in sorted(HERE.glob("*.ipynb")):
        if not chosen or path.name.split("_")[0] in chosen:
            yield path


def executed(notebook: Any, *, core: bool = False) -> Any:
    """The notebook with fresh outputs; only its core, if that is asked for.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        Where a cell fails or warns.
    """
    fresh = nbformat.from_dict(notebook)
    if core:
        fresh.cells = [cell for cell in fresh.cells if "full" not in cell.metadata.get("tags", [])]
    fresh.cells.insert(0, nbformat.v4.new_code_cell(f"{STRICT}\n{BARE}" if core else STRICT))
    client = NotebookClient(fresh, timeout=LONGEST, kernel_name="python3", record_timing=False, coalesce_streams=True)
    client.extra_arguments = ["--IPKernelApp.log_level=50"]
    client.execute(cwd=str(HERE))
    del fresh.cells[0]
    count = 0
    for cell in fresh.cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    fresh.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return fresh


def printed(cell: Any) -> str:
    """The text of a cell's outputs; addresses of objects are left out."""
    parts = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            parts.append(output.text)
        else:
            parts.append(output.get("data", {}).get("text/plain", ""))
    return re.sub(r"0x[0-9a-f]+|<Figure.*?>", "", "".join(parts))


def stale(stored: Any, fresh: Any) -> Iterator[str]:
    """The cells, from 1, that print something else than what is stored."""
    for k, (before, after) in enumerate(zip(stored.cells, fresh.cells, strict=True), start=1):
        if before.cell_type == "code" and printed(before) != printed(after):
            yield f"cell {k} prints\n{printed(after)}\nand what is stored is\n{printed(before)}"
        elif before.cell_type == "code" and len(before.outputs) != len(after.outputs):
            yield f"cell {k} has {len(after.outputs)} outputs, and {len(before.outputs)} are stored"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m notebooks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("numbers", nargs="*", metavar="N", help="of lectures (default all)")
    parser.add_argument("--write", action="store_true", help="store the outputs")
    parser.add_argument("--core", action="store_true", help="leave out what Pyodide's packages cannot run")
    arguments = parser.parse_args()
    if arguments.write and arguments.core:
        parser.error("--core leaves cells out: outputs are not written from it")
    os.environ["ROMMEO_STATIC"] = "1"
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
    found = list(lectures(arguments.numbers))
    if not found:
        parser.error(f"there is no lecture {' '.join(arguments.numbers)} in {HERE.name}/")
    failures = 0
    for path in found:
        stored = nbformat.read(path, as_version=4)
        start = time.perf_counter()
        try:
            fresh = executed(stored, core=arguments.core)
        except CellExecutionError as error:
            print(f"{path.name}: failed\n{error}", flush=True)
            failures += 1
            continue
        seconds = time.perf_counter() - start
        wrong = [] if arguments.write or arguments.core else list(stale(stored, fresh))
        if seconds > LONGEST:
            wrong.append(f"took {seconds:.0f} s, more than {LONGEST:.0f}")
        failures += bool(wrong)
        print(f"{path.name}: {seconds:.0f} s" + "".join(f"\n  {x}" for x in wrong), flush=True)
        if arguments.write:
            beside = path.with_suffix(".ipynb.part")
            nbformat.write(fresh, beside)
            beside.replace(path)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
