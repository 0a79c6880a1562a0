"""Steps that are asserted, and derivations made of them.

A derivation is a generator of steps. A :class:`Step` carries a sentence, a formula and a ``check`` that raises
:class:`StepError` unless the formula is established:

=====================  ============================================================================================
:class:`Equal`         both sides have the same normal form, for all values of the symbols
:class:`Signed`        the sign follows from the signs of the symbols, term by term
:class:`Less`          two exact numbers, compared in interval arithmetic
:class:`Smallest`      f(x) > f(x0) for all x > 0 other than x0: f' is negative before x0 and positive after it
:class:`Tends`         a limit
=====================  ============================================================================================

No step samples points in order to accept. Points are used only to *reject*: where an equality has no proof, its sides
are computed at one exact point, so that the error can say "false" and show where, rather than "not proved".

Every step also knows false variants of itself (:meth:`Step.spoiled`), and every derivation takes the formulas that it
is about as arguments and lists wrong ones (``plants``). The tests demand that all of those are rejected.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import sympy as sp

__all__ = ["Derivation", "Equal", "Less", "Signed", "Smallest", "Step", "StepError", "Tends", "derivation", "present"]


class StepError(AssertionError):
    """A step that is false, or that could not be proved; ``refuted`` says which."""

    def __init__(self, message: str, *, refuted: bool) -> None:
        super().__init__(message)
        self.refuted = refuted


# --- normal form -----------------------------------------------------------------------------------------------------

Rules = Sequence[tuple[Any, Any]]
"""What is known: (Sum(...), value) for a sum over an action, or (symbol, expression), put in last."""


def normal(expr: Any, given: Rules = ()) -> Any:
    """A form in which equal expressions of this kind (rational in numbers, exponentials, logarithms) coincide.

    Logarithms of products become sums, exponentials of sums become products, exp(c log x) becomes x**c, sums over an
    action are split and constants taken out of them, known sums are replaced; then one fraction, of which both parts
    are expanded. All are identities under the signs that the symbols declare, so a difference whose normal form is 0
    is 0.
    """
    return sp.together(sp.expand(_walk(sp.sympify(expr), given)))


def vanishes(expr: Any, given: Rules = ()) -> bool:
    """Whether the normal form of `expr` is 0."""
    last = {known: value for known, value in given if known.is_Symbol}
    for _ in range(3):
        numerator = sp.expand(sp.fraction(normal(expr, given))[0])
        numerator = sp.expand(numerator.xreplace(last))
        if numerator == 0 or numerator == expr:
            break
        expr = numerator
    return bool(numerator == 0)


def _walk(expr: Any, given: Rules) -> Any:
    if expr.is_Atom or isinstance(expr, sp.Indexed):
        return expr
    if isinstance(expr, sp.Sum):
        return _walk_sum(expr, given)
    if not expr.args:
        return expr
    expr = expr.func(*(_walk(arg, given) for arg in expr.args))
    if isinstance(expr, sp.log):
        return sp.expand_log(sp.log(sp.factor_terms(sp.together(expr.args[0]))), factor=True)
    if isinstance(expr, sp.exp):
        parts = (_exponential(term) for term in sp.Add.make_args(sp.expand(expr.args[0])))
        return sp.Mul(*parts)
    if isinstance(expr, sp.Pow) and not expr.exp.is_Integer:
        expr = sp.expand_power_base(sp.Pow(sp.factor_terms(sp.together(expr.base)), sp.expand(expr.exp)))
        return sp.expand_power_exp(expr)
    return expr


def _exponential(term: Any) -> Any:
    """exp(c log x) as x**c."""
    logs = [factor for factor in sp.Mul.make_args(term) if isinstance(factor, sp.log)]
    return sp.Pow(logs[0].args[0], term / logs[0]) if len(logs) == 1 else sp.exp(term)


def _walk_sum(expr: Any, given: Rules) -> Any:
    (limits,) = expr.limits
    index = limits[0]
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(_walk(expr.function, given))):
        outside, inside = term.as_independent(index, as_Add=False)
        total += outside * (limits[2] if inside == 1 else _known(sp.Sum(inside, limits), given))
    return total


def _known(expr: Any, given: Rules) -> Any:
    return next((value for known, value in given if known == expr), expr)


# --- steps -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step(ABC):
    """One asserted line of a derivation; `text` says in words what the formula says."""

    text: str

    @abstractmethod
    def check(self) -> None:
        """Raise :class:`StepError` unless the step is established."""

    @abstractmethod
    def latex(self) -> str:
        """The formula, without delimiters."""

    @abstractmethod
    def spoiled(self) -> Iterator[Step]:
        """The step made false, in each of several ways."""

    def _fail(self, why: str, *, refuted: bool) -> None:
        raise StepError(f"{self.text}: {why}\n    {self.latex()}", refuted=refuted)


@dataclass(frozen=True)
class Equal(Step):
    """lhs = rhs for all values of the symbols, using what is `given`.

    `name` is the LaTeX of what lhs computes; it is required where SymPy brings both sides into the same form unasked,
    since the formula would read x = x.
    """

    lhs: Any
    rhs: Any
    given: Rules = ()
    name: str = ""

    def check(self) -> None:
        difference = sp.sympify(self.lhs) - sp.sympify(self.rhs)
        if difference == 0:
            if self.lhs == self.rhs and not self.name:
                self._fail("both sides are the same expression, so that nothing is said", refuted=False)
            return
        if getattr(difference, "is_Matrix", False):
            if difference.expand().doit() == sp.ZeroMatrix(*difference.shape):
                return
            self._fail("not proved", refuted=False)
        witness = _witness(difference, self.given)
        if witness:
            self._fail(f"false where {witness}", refuted=True)
        if not vanishes(difference, self.given):
            self._fail("not proved", refuted=False)

    def latex(self) -> str:
        sides = [self.name, sp.latex(self.lhs), sp.latex(self.rhs)]
        return " = ".join(side for k, side in enumerate(sides) if side and (k != 2 or side != sides[1]))

    def spoiled(self) -> Iterator[Step]:
        if getattr(self.rhs, "is_Matrix", False):
            yield replace(self, rhs=self.rhs + self.lhs)
            return
        yield replace(self, rhs=self.rhs + 1)
        yield replace(self, rhs=2 * self.rhs if not vanishes(self.rhs, self.given) else sp.Rational(-1, 3))


@dataclass(frozen=True)
class Signed(Step):
    """expr > 0 (`strict`) or >= 0, because the symbols have the signs that they declare.

    The expression is brought into the form of sums and products first; positive symbols named in `where` may be
    replaced by expressions in other positive symbols, to say such things as gamma = 1/(1 + g) < 1.
    """

    expr: Any
    strict: bool = False
    where: Mapping[Any, Any] | None = None

    def check(self) -> None:
        expr = sp.sympify(self.expr).subs(self.where or {})
        forms = [expr, sp.together(expr), sp.factor(expr) if not expr.has(sp.Sum) else expr]
        forms.append(sp.Mul(*(sp.expand(part) ** e for part, e in zip(sp.fraction(forms[1]), (1, -1), strict=True))))
        if not any((_positive if self.strict else _nonnegative)(form) for form in forms):
            self._fail("the sign does not follow", refuted=False)

    def latex(self) -> str:
        where = "".join(rf",\ {sp.latex(k)} = {sp.latex(v)}" for k, v in (self.where or {}).items())
        relation = ">" if self.strict else r"\ge"
        return f"{sp.latex(self.expr)} {relation} 0{where}"

    def spoiled(self) -> Iterator[Step]:
        yield replace(self, expr=-self.expr, strict=True)
        yield replace(self, expr=self.expr * sp.Symbol("any", real=True), strict=False)


def _nonnegative(expr: Any) -> bool:
    if isinstance(expr, sp.Sum):
        return _nonnegative(expr.function)
    if isinstance(expr, sp.Add | sp.Mul):
        return bool(expr.is_nonnegative) or all(_nonnegative(arg) for arg in expr.args)
    return bool(expr.is_nonnegative)


def _positive(expr: Any) -> bool:
    return _positive(expr.function) if isinstance(expr, sp.Sum) else bool(expr.is_positive)


@dataclass(frozen=True)
class Less(Step):
    """lhs < rhs, two exact numbers, enclosed in intervals that do not meet."""

    lhs: Any
    rhs: Any

    def check(self) -> None:
        low, high = enclosure(self.lhs), enclosure(self.rhs)
        if not low.b < high.a:
            self._fail("false" if low.a >= high.b else "not decided", refuted=bool(low.a >= high.b))

    def latex(self) -> str:
        return f"{sp.latex(self.lhs)} < {sp.latex(self.rhs)}"

    def spoiled(self) -> Iterator[Step]:
        yield replace(self, lhs=self.rhs, rhs=self.lhs)
        yield replace(self, rhs=self.lhs)


def enclosure(expr: Any) -> Any:
    """An interval of 40 digits that contains the exact number `expr` (rationals, +, *, powers, exp, log)."""
    expr = sp.sympify(expr)
    with mpmath.workdps(40):
        mpmath.iv.dps = 40
        return _enclosed(expr)


def _enclosed(expr: Any) -> Any:
    iv = mpmath.iv
    if expr.is_Rational:
        return iv.mpf(int(expr.p)) / iv.mpf(int(expr.q))
    if expr is sp.E:
        return iv.exp(iv.mpf(1))
    args = [_enclosed(arg) for arg in expr.args]
    if isinstance(expr, sp.Add | sp.Mul):
        result = args[0]
        for arg in args[1:]:
            result = result + arg if isinstance(expr, sp.Add) else result * arg
        return result
    if isinstance(expr, sp.exp):
        return iv.exp(args[0])
    if isinstance(expr, sp.log):
        return iv.log(args[0])
    if isinstance(expr, sp.Pow):
        return args[0] ** int(expr.exp) if expr.exp.is_Integer else iv.exp(args[1] * iv.log(args[0]))
    raise TypeError(f"no enclosure for {expr}")


@dataclass(frozen=True)
class Smallest(Step):
    """f(x) > f(at) for every x > 0 other than `at`, since f falls strictly before it and rises strictly after it.

    Asserted are the signs of f' at at + u and at at/(1 + u) for all u > 0, and the value f(at). That f is then
    smallest there is the mean value theorem.
    """

    f: Any
    x: Any
    at: Any
    value: Any

    def check(self) -> None:
        Equal(self.text, self.f.subs(self.x, self.at), self.value, name="f").check()
        slope = sp.diff(self.f, self.x)
        u = sp.Dummy("u", positive=True)
        for point, sign in ((self.at + u, 1), (self.at / (1 + u), -1)):
            there = sp.factor(sp.together(sp.expand(sign * slope.subs(self.x, point))))
            if not there.is_positive:
                self._fail(f"the slope's sign at {point} does not follow", refuted=False)

    def latex(self) -> str:
        f, x = sp.latex(self.f), sp.latex(self.x)
        slope = sp.latex(sp.factor(sp.together(sp.diff(self.f, self.x))))
        return (
            rf"f({x}) = {f},\quad f'({x}) = {slope},\quad f({x}) > f({sp.latex(self.at)}) = {sp.latex(self.value)}"
            rf"\ \text{{for all other}}\ {x} > 0"
        )

    def spoiled(self) -> Iterator[Step]:
        yield replace(self, f=-self.f, value=-self.value)
        yield replace(self, value=self.value + 1)
        yield replace(self, f=self.f + self.x)


@dataclass(frozen=True)
class Tends(Step):
    """expr tends to `value` as `x` tends to `to` from the side `side`."""

    expr: Any
    x: Any
    to: Any
    value: Any
    side: str = "+"

    def check(self) -> None:
        found = sp.limit(self.expr, self.x, self.to, self.side)
        if found == self.value or (
            found.is_finite and sp.sympify(self.value).is_finite and vanishes(found - self.value)
        ):
            return
        self._fail(f"the limit is {found}", refuted=not found.has(sp.Limit))

    def latex(self) -> str:
        x, side = sp.latex(self.x), "" if self.to in (sp.oo, -sp.oo) else f"^{self.side}"
        return rf"\lim_{{{x} \to {sp.latex(self.to)}{side}}} {sp.latex(self.expr)} = {sp.latex(self.value)}"

    def spoiled(self) -> Iterator[Step]:
        yield replace(self, value=self.value + 1 if self.value != sp.oo else sp.Integer(1))
        if self.value != 0:
            yield replace(self, value=-self.value)


# --- one exact point at which an equality fails ----------------------------------------------------------------------

SIZE = 2
"""Actions of each player, and states, at the point."""


def _witness(difference: Any, given: Rules) -> str:
    """Values of the symbols at which `difference` is not 0, as text; empty where none was found."""
    if difference.has(sp.Derivative, sp.Subs, sp.Integral, sp.core.function.AppliedUndef):
        return ""
    sizes = {s: SIZE for s in difference.free_symbols if s.is_integer}
    closed = difference.subs(sizes)
    for _ in range(2):
        closed = closed.replace(lambda e: isinstance(e, sp.Sum | sp.Product), lambda e: e.doit())
    names: list[Any] = sorted(closed.atoms(sp.Indexed), key=str)
    names += sorted((s for s in closed.free_symbols if not _is_base(s, names)), key=str)
    values = {name: sp.Rational(sp.prime(k + 2), 12 * sp.prime(k + 3)) for k, name in enumerate(names)}
    for known, value in given:
        _normalise(values, known, value)
    try:
        number = closed.xreplace(values)
        found = abs(sp.N(number, 30))
    except (ValueError, TypeError, ZeroDivisionError):
        return ""
    if not found.is_Float or found < sp.Float("1e-15"):
        return ""
    return ", ".join(f"{name} = {value}" for name, value in values.items()) or f"the difference is {sp.N(number, 6)}"


def _is_base(symbol: Any, indexed: Sequence[Any]) -> bool:
    return any(symbol in (name.base.label, name.base) or symbol in name.indices for name in indexed)


def _normalise(values: dict[Any, Any], known: Any, value: Any) -> None:
    """Make the point obey a rule: the last entry of a distribution is what the others leave."""
    if known.is_Symbol:
        values[known] = value.xreplace(values)
        return
    entry = known.function
    if value != 1:
        values[value] = known.subs(known.limits[0][2], SIZE).doit().xreplace(values)
        return
    if not isinstance(entry, sp.Indexed):
        values.clear()
        return
    place = entry.indices.index(known.limits[0][0])
    for name in list(values):
        if isinstance(name, sp.Indexed) and name.base == entry.base and name.indices[place] == SIZE:
            rest = [
                values.get(sp.Indexed(name.base, *(k if i == place else old for i, old in enumerate(name.indices))), 0)
                for k in range(1, SIZE)
            ]
            values[name] = 1 - sum(rest)


# --- derivations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Derivation:
    """A named generator of steps, with the source that it derives and wrong formulas that must break it."""

    name: str
    source: str
    steps: Callable[..., Iterator[Step]]
    plants: Mapping[str, Mapping[str, Any]]

    def run(self, **formulas: Any) -> list[Step]:
        """All steps, each checked; `formulas` replace those of the paper."""
        done = []
        for step in self.steps(**formulas):
            step.check()
            done.append(step)
        if not done:
            raise StepError(f"{self.name} has no steps", refuted=False)
        return done

    def latex(self) -> str:
        """The steps as LaTeX for lectures: a paragraph of words and a displayed formula each."""
        lines = [rf"\subsection*{{{in_words(self.source)}}}", in_words(inspect.getdoc(self.steps) or "")]
        lines += [f"{in_words(step.text)}:\n\\[ {step.latex()} \\]" for step in self.run()]
        return "\n\n".join(lines)


LETTERS = re.compile(r"\b(alpha|beta|gamma|epsilon|theta|phi|omega|sigma|mu|pi|rho)\b([~*]?)|([_^~&%#{}$\\])")
TEXT = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}


def in_words(text: str) -> str:
    """A sentence as LaTeX text: the names of Greek letters become letters, pi~ and pi* as read; the rest is escaped."""

    def one(found: re.Match[str]) -> str:
        letter, mark, special = found.groups()
        if special:
            return TEXT.get(special, "\\" + special)
        return {"": rf"$\{letter}$", "*": rf"$\{letter}^*$", "~": rf"$\tilde\{letter}$"}[mark]

    return LETTERS.sub(one, text)


def derivation(
    source: str, plants: Mapping[str, Mapping[str, Any]]
) -> Callable[[Callable[..., Iterator[Step]]], Derivation]:
    """Make a :class:`Derivation` of a generator function; `plants` maps a mistake to the arguments that commit it."""
    return lambda steps: Derivation(steps.__name__, source, steps, plants)


def of_module(namespace: Mapping[str, Any]) -> list[Derivation]:
    """The derivations of a module, in the order of their definition."""
    return [value for value in namespace.values() if isinstance(value, Derivation)]


def present(namespace: Mapping[str, Any]) -> None:
    """Print a module's derivations: the steps in words, then their LaTeX."""
    for each in of_module(namespace):
        print(f"{each.name}: {each.source}")
        for number, step in enumerate(each.run(), 1):
            print(f"  {number}. [{type(step).__name__}] {step.text}")
        print(f"\n{each.latex()}\n")
