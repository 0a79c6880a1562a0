"""The order of imports is the explanation: no file imports from a floor above its own. The core needs only NumPy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rommeo_exact

PACKAGE = Path(rommeo_exact.__file__).parent
FLOORS = {
    "__version__": 0, "errors": 0, "checks": 0, "games": 1, "soft": 2, "solvers": 3, "evaluation": 4, "population": 4,
    "learners": 4, "actor_critic": 4, "certificates": 4, "strategies": 4, "claims": 5, "plots": 5,
    "figures": 5, "cli": 6,
}  # fmt: skip
TOP = 7
"""The package's own __init__ and __main__."""


def floor(module: str) -> int:
    """The floor of a module given by its dotted name inside the package."""
    return FLOORS.get(module.split(".")[0], TOP)


def imports(source: str, module: str) -> list[str]:
    """The package's own modules that `source` imports, as dotted names inside the package."""
    found = []
    package = module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - (node.level - 1)]
            target = [*base, *(node.module.split(".") if node.module else [])]
            found += [".".join([*target, alias.name]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE.name:
            found += [".".join([*node.module.split(".")[1:], alias.name]) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [a.name.split(".", 1)[1] for a in node.names if a.name.startswith(f"{PACKAGE.name}.")]
    return found


def climbs(source: str, module: str) -> list[str]:
    """The imports of `module` that come from a floor above its own."""
    return [target for target in imports(source, module) if floor(target) > floor(module)]


SOURCES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}


@pytest.mark.parametrize("module", SOURCES)
def test_no_file_imports_from_a_floor_above_its_own(module: str) -> None:
    assert climbs(SOURCES[module], module) == []


def test_the_check_sees_a_climbing_import() -> None:
    assert climbs("from .evaluation import evaluate", "soft") == ["evaluation.evaluate"]
    assert climbs("from ..solvers.problem import Problem", "games.models") == ["solvers.problem.Problem"]
    assert climbs("import rommeo_exact.cli", "solvers.loop") == ["cli"]
    assert climbs("from rommeo_exact.solvers import solve", "errors") == ["solvers.solve"]
    assert climbs("def f():\n    from .. import evaluation", "solvers.loop") == ["evaluation"]


def test_every_file_has_a_floor() -> None:
    unknown = {module for module in SOURCES if floor(module) == TOP}
    assert unknown == {"__init__", "__main__"}


def test_only_soft_exponentiates_floats_and_only_the_certificates_balls() -> None:
    """The claims write formulas out once more, to be compared with it; densities of continuous actions have a place of
    their own."""
    calls = {
        module
        for module, source in SOURCES.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in ("exp", "expm1", "logsumexp", "softmax")
    }
    below = {module for module in calls if floor(module) != FLOORS["claims"]}
    assert below == {"soft", "actor_critic.densities", "certificates.balls"}


def test_the_import_brings_numpy_and_nothing_else() -> None:
    program = (
        "import sys, numpy; before = set(sys.modules); import rommeo_exact; "
        "new = {m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names); "
        "print(*sorted(new))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(answer.stdout.split()) <= {"numpy", "rommeo_exact"}


@pytest.mark.parametrize(
    "part", ["actor_critic", "claims", "figures", "learners", "plots", "population", "certificates", "cli"]
)
def test_every_part_can_be_imported_first(part: str) -> None:
    subprocess.run([sys.executable, "-c", f"import rommeo_exact.{part}"], check=True)


def test_commands_bring_nothing_that_trains() -> None:
    """Learners and actor-critics take as long to import as the rest: only commands that train import them."""
    code = "import sys, rommeo_exact.cli; print(*(m for m in sys.modules if m.startswith('rommeo_exact.')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "rommeo_exact.plots" in found
    assert not {module.split(".")[1] for module in found} & {"learners", "actor_critic", "figures", "claims"}
