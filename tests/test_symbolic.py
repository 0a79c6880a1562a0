"""Every symbolic derivation holds, every one of its steps can fail, and every planted formula is rejected."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp

from proofs.symbolic import __main__ as command, formulas
from proofs.symbolic.derivation import (
    Equal,
    Less,
    Signed,
    Smallest,
    StepError,
    Tends,
    derivation,
    enclosure,
    normal,
    of_module,
)
from proofs.symbolic.formulas import A, B, P, Q, a, alpha, b, beta, over_a, over_b, pi
from rommeo_exact import soft

DERIVATIONS = {f"{module}.{each.name}": each for module, each in command.every()}
PLANTS = [
    pytest.param(name, wrong, id=f"{name}-{wrong}") for name, each in DERIVATIONS.items() for wrong in each.plants
]
README = (Path(__file__).parent.parent / "proofs" / "README.md").read_text(encoding="utf-8")


@cache
def steps_of(name):
    return DERIVATIONS[name].run()


# --- the derivations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_step_holds_and_can_fail(name):
    """Each step is established; each of its false variants is rejected; each prints a formula."""
    for step in steps_of(name):
        spoiled = list(step.spoiled())
        assert spoiled
        for wrong in spoiled:
            with pytest.raises(StepError):
                wrong.check()
        shown = step.latex()
        assert shown.count("{") == shown.count("}") and re.search(r"=|<|>|\\ge|\\lim", shown)


@pytest.mark.parametrize(("name", "wrong"), PLANTS)
def test_planted_formulas_are_rejected(name, wrong):
    """A dropped temperature, a sign, transposed payoffs, a misprint: the same steps must not go through."""
    with pytest.raises(StepError):
        DERIVATIONS[name].run(**DERIVATIONS[name].plants[wrong])


def test_every_derivation_has_planted_formulas():
    assert all(each.plants for each in DERIVATIONS.values())


def test_planted_formulas_are_mostly_false_and_not_only_unproved():
    """What rejects a plant is an exact point at which it fails, not that the prover is weak."""
    refuted = 0
    for param in PLANTS[::6]:
        name, wrong = param.values
        with pytest.raises(StepError) as caught:
            DERIVATIONS[name].run(**DERIVATIONS[name].plants[wrong])
        refuted += caught.value.refuted
    assert refuted >= 0.8 * len(PLANTS[::6])


# --- what a step accepts ---------------------------------------------------------------------------------------------

x, y = sp.symbols("x y", positive=True)
free = sp.Symbol("z", real=True)
ONE = ((over_a(pi[a]), 1),)


@pytest.mark.parametrize(
    "step",
    [
        Equal("", alpha * sp.log(sp.exp(x / alpha) * y), x + alpha * sp.log(y)),
        Equal("", over_a(pi[a] * (Q[a] + x)), over_a(pi[a] * Q[a]) + x, ONE),
        Equal("", (x * sp.exp(y)) ** (alpha / beta), x ** (alpha / beta) * sp.exp(alpha * y / beta)),
        Equal("", x * y, x * (1 - x), ((y, 1 - x),)),
        Signed("", x * y + free**2),
        Signed("", (x**2 - 1) / (x + 1), where={x: 1 + y}),
        Less("", sp.sqrt(3), sp.Rational(7, 4)),
        Less("", sp.log(2), sp.exp(sp.Rational(-1, 3))),
        Smallest("", x + 1 / x, x, sp.Integer(1), sp.Integer(2)),
        Tends("", x * sp.log(x), x, 0, 0),
    ],
    ids=repr,
)
def test_true_steps_are_accepted(step):
    step.check()


@pytest.mark.parametrize(
    ("step", "refuted"),
    [
        (Equal("a dropped temperature", sp.log(sp.exp(x / alpha)), x), True),
        (Equal("a sum that is not known", over_a(pi[a] * (Q[a] + x)), over_a(pi[a] * Q[a]) + x), True),
        (Equal("the sum of the wrong distribution", over_b(P[b]), 1, ((over_a(P[a]), 1),)), False),
        (Equal("indices exchanged", over_a(over_b(Q[a, b] * P[b])), over_a(over_b(Q[b, a] * P[b]))), True),
        (Equal("a sum of another length", over_a(sp.Integer(1)), B), False),
        (Equal("equal at the very point that is tried", x - sp.Rational(1, 20), 0), False),
        (Equal("the same expression twice", x + y, y + x), False),
        (Equal("equal wherever a point is computed", sp.Abs(free), free), False),
        (Equal("no sign is known", sp.log(free**2), 2 * sp.log(free)), False),
        (Equal("true, but beyond the normal form", sp.sin(x) ** 2 + sp.cos(x) ** 2, 1), False),
        (Signed("no sign", x - y), False),
        (Signed("zero is not positive", free**2, strict=True), False),
        (Signed("outside of the range", x - 1, where={x: 1 / (1 + y)}), False),
        (Less("equal", sp.log(4), 2 * sp.log(2)), False),
        (Less("greater", sp.log(3), sp.Integer(1)), True),
        (Less("nearly equal", sp.Integer(1) + sp.Rational(1, 10**60), sp.Integer(1) + sp.Rational(1, 10**61)), False),
        (Smallest("a maximum", -x - 1 / x, x, sp.Integer(1), sp.Integer(-2)), False),
        (Smallest("a local minimum", x**3 / 3 - 3 * x**2 / 2 + 2 * x, x, sp.Integer(2), sp.Rational(2, 3)), False),
        (Tends("another limit", sp.sin(x) / x, x, 0, 0), True),
    ],
    ids=lambda value: value.text.replace(" ", "_") if hasattr(value, "text") else str(value),
)
def test_false_and_unproved_steps_are_rejected(step, refuted):
    with pytest.raises(StepError) as caught:
        step.check()
    assert caught.value.refuted is refuted


def grown(rng, depth):
    """A random positive expression of the kind that the derivations are made of."""
    if depth == 0:
        return [x, y, alpha, sp.Rational(int(rng.integers(1, 9)), 7), over_a(pi[a]), over_a(P[a] * pi[a])][
            rng.integers(6)
        ]
    u, v = grown(rng, depth - 1), grown(rng, depth - 1)
    kinds = [
        lambda: u + v,
        lambda: u * v,
        lambda: u / v,
        lambda: u ** (v / (1 + v)),
        lambda: sp.exp(u - v),
        lambda: sp.exp(v * sp.log(u) / (1 + v)),
        lambda: sp.log(1 + u * v),
        lambda: over_a(pi[a] * (u + P[a] * v)),
        lambda: over_a(P[a] * sp.exp(pi[a] * u)),
    ]
    return kinds[rng.integers(len(kinds))]()


def test_the_normal_form_changes_no_value():
    """Whatever the prover accepts as equal is equal: normal(e) has the value of e, on random e at one point each."""
    rng = np.random.default_rng(20190810)
    point = {x: sp.Rational(3, 5), y: sp.Rational(7, 4), alpha: sp.Rational(2, 3)}
    entries = {pi[1]: sp.Rational(1, 4), pi[2]: sp.Rational(3, 4), P[1]: sp.Rational(2, 7), P[2]: sp.Rational(3, 8)}

    def number(expr):
        closed = expr.subs(A, 2)
        while closed.has(sp.Sum, sp.Product):
            closed = closed.replace(lambda e: isinstance(e, sp.Sum | sp.Product), lambda e: e.doit())
        return complex(closed.xreplace({**point, **entries}).evalf(25))

    changed = 0
    for _ in range(40):
        expr = grown(rng, 2)
        for given in ((), ONE):
            form = normal(expr, given)
            changed += form != expr
            assert abs(number(form) - number(expr)) <= 1e-12 * abs(number(expr))
    assert changed > 40


def test_refutations_name_a_point():
    with pytest.raises(StepError, match=r"false where .*alpha = \d+/\d+"):
        Equal("a dropped temperature", sp.log(sp.exp(x / alpha)), x).check()


def test_matrices_are_compared_entry_by_entry_for_any_size():
    m, v = sp.MatrixSymbol("M", A, A), sp.MatrixSymbol("v", A, 1)
    step = Equal("", m * (v + m * v), m * v + m * m * v)
    step.check()
    with pytest.raises(StepError):
        replace(step, rhs=m * v + m * v).check()


def test_enclosures_contain_the_number():
    for number in (sp.log(3) - 2 * sp.log(2) / 3, sp.sqrt(2) * sp.exp(-2), sp.Rational(1, 3), sp.E):
        interval = enclosure(number)
        with mpmath.workdps(60):
            assert mpmath.mpf(str(sp.N(number, 60))) in interval
            assert interval.delta < 1e-35


def test_a_derivation_without_steps_proves_nothing():
    @derivation("nothing", plants={})
    def empty():
        yield from ()

    with pytest.raises(StepError, match="has no steps"):
        empty.run()


def test_a_derivation_checks_its_middle():
    @derivation("wrong in the middle, right at the end", plants={})
    def detour():
        yield Equal("", x + 1 - 1, x)
        yield Equal("", 2 * x, x)
        yield Equal("", x * y / y, x)

    with pytest.raises(StepError):
        detour.run()


# --- the formulas are the package's ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("temperature", "weight"), [(1, 1), ("1/2", 1), (2, "3/2"), ("1/3", "1/4")])
def test_formulas_are_those_of_the_package(temperature, weight):
    """What is proved here is what ``rommeo_exact.soft`` computes: the same numbers on a 2 x 3 table."""
    t, k = sp.Rational(temperature), sp.Rational(weight)
    q = sp.Matrix([[1, -2, sp.Rational(1, 2)], [sp.Rational(3, 4), 0, 2]])
    prior = [sp.Rational(1, 2), sp.Rational(1, 3), sp.Rational(1, 6)]
    model = [sp.Rational(1, 4), sp.Rational(1, 4), sp.Rational(1, 2)]
    policy = sp.Matrix([[sp.Rational(1, 5), sp.Rational(1, 2), 1], [sp.Rational(4, 5), sp.Rational(1, 2), 0]])
    exact = [
        formulas.soft_value(q, prior, t, k),
        formulas.soft_maximum(q, t),
        formulas.soft_policy(q, t),
        formulas.soft_opponent_model(q, prior, t, k),
        formulas.expected_value(q, policy, model, prior, t, k),
    ]

    def numbers(value):
        return np.array(sp.Matrix([value]) if np.ndim(value) == 0 else value, dtype=float).squeeze()

    table, given, own, other = (numbers(v) for v in (q, prior, policy, model))
    alpha_, beta_ = float(t), float(k)
    computed = [
        soft.soft_value(table, given, alpha_, beta_),
        soft.soft_maximum(table, alpha_),
        soft.soft_policy(table, alpha_),
        soft.soft_opponent_model(table, given, alpha_, beta_),
        soft.expected_value(table, own, other, given, alpha_, beta_),
    ]
    for symbolic, numeric in zip(exact, computed, strict=True):
        evaluated = numbers(
            sp.Matrix([symbolic]).evalf(30) if np.ndim(symbolic) == 0 else sp.Matrix(symbolic).evalf(30)
        )
        np.testing.assert_allclose(evaluated, numeric, rtol=1e-13)


# --- the commands and the map ----------------------------------------------------------------------------------------


def test_the_summary_counts_and_fails(capsys, monkeypatch):
    one = importlib.import_module("proofs.symbolic.divergence")
    monkeypatch.setattr(command, "MODULES", (one,))
    assert command.main([]) == 0
    assert "0 derivations fail" in capsys.readouterr().out
    assert command.main(["--latex"]) == 0
    assert r"\[ " in capsys.readouterr().out
    broken = replace(one.jensen_for_the_logarithm, steps=lambda: iter([Equal("wrong", x, y)]))
    monkeypatch.setattr(one, "jensen_for_the_logarithm", broken)
    assert command.main([]) == 1
    assert "FAILS  jensen_for_the_logarithm" in capsys.readouterr().out
    assert command.main(["--pdf"]) == 2


def test_a_module_prints_its_steps_and_latex():
    root = Path(__file__).parent.parent
    printed = subprocess.run(
        [sys.executable, "-m", "proofs.symbolic.divergence"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert "1. [Smallest]" in printed and r"\subsection*{" in printed and r"\log" in printed


def test_the_map_names_what_exists():
    """Every file::name in proofs/README.md is there, and every derivation is on the map.

    Below the heading about Coq, names of one dot are entries of the ledger.
    """
    root = Path(__file__).parent
    named = re.findall(r"`(test_\w+\.py)::(\w+)`", README)
    assert named
    for file, function in named:
        assert re.search(rf"^def {function}\(", (root / file).read_text(encoding="utf-8"), re.MULTILINE), function
    modules = {module.__name__.rsplit(".", 1)[-1] for module in command.MODULES}
    symbolic, _, formal = README.partition("## What Coq does not carry")
    assert formal
    mapped = {entry for entry in re.findall(r"`(\w+\.\w+)`", symbolic) if entry.split(".")[0] in modules}
    assert mapped == set(DERIVATIONS)


def test_the_package_does_without_sympy():
    root = Path(__file__).parent.parent
    code = "import sys, rommeo_exact; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_every_module_is_in_the_summary():
    folder = Path(command.__file__).parent
    found = {file.stem for file in folder.glob("*.py")} - {"__init__", "__main__", "derivation", "formulas"}
    assert found == {module.__name__.rsplit(".", 1)[-1] for module in command.MODULES}
    assert all(of_module(vars(module)) for module in command.MODULES)
