"""The one door through which arrays come in: checked, copied, set read-only.

Each function takes the caller's value and the name by which the caller knows it, and returns a new read-only float64
array, or raises :class:`~rommeo_exact.errors.InputError` naming the first index at fault.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

__all__ = [
    "SUM_TOLERANCE", "BoolArray", "FloatArray", "Place", "distribution", "frozen", "generator", "integer",
    "is_sparse", "labels", "place", "plain", "real_array", "real_number", "stochastic_rows",
]  # fmt: skip

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Place: TypeAlias = Callable[[tuple[int, ...]], str]

_MOST_AXES = 32  # what every release of NumPy can hold
_INT32_MAX = 2**31 - 1

SUM_TOLERANCE = 1e-8
"""How far from 1 a distribution may sum. Less is taken for rounding, and is normalised away where it is used."""


def place(name: str, *axes: str) -> Place:
    """How to name an entry of the array `name`: ``place("prior", "s", "b")((2, 0))`` is ``prior[s=2, b=0]``."""

    def where(index: tuple[int, ...]) -> str:
        named = [f"{axis}={i}" for axis, i in zip(axes, index, strict=False)]
        rest = [str(i) for i in index[len(axes) :]]
        return f"{name}[{', '.join(named + rest)}]" if index else name

    return where


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array itself, set read-only."""
    array.setflags(write=False)
    return array


def is_sparse(value: object) -> bool:
    """Whether `value` is a SciPy sparse matrix or array; SciPy is imported only for objects of its own."""
    if not type(value).__module__.startswith("scipy.sparse"):
        return False
    from scipy import sparse

    return bool(sparse.issparse(value))


def plain(value: Any, name: str) -> NDArray[Any]:
    """``np.asarray(value)``, where NumPy would raise, warn or guess an InputError with the first index at fault.

    Ragged nests, masked entries, and strings, None or complex numbers among numbers are at fault.
    """
    if is_sparse(value):
        raise InputError(f"{name} must be a dense array, not a sparse matrix")
    _nested(value, name, ())
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} is not an array: {error}") from None
    if array.dtype.kind == "O":
        _nested(array.tolist(), name, ())
    if array.ndim > _MOST_AXES:
        raise InputError(f"{name} has {array.ndim} axes, more than {_MOST_AXES}")
    return array


def _nested(value: Any, name: str, index: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of nested lists and tuples of numbers and arrays."""
    if len(index) > _MOST_AXES:
        raise InputError(f"{name} has more than {_MOST_AXES} axes")
    if isinstance(value, (list, tuple)):
        if {int, float}.issuperset(map(type, value)):
            return (len(value),)
        shapes = [_nested(entry, name, (*index, i)) for i, entry in enumerate(value)]
        for i, shape in enumerate(shapes):
            if shape != shapes[0]:
                odd, leading = (place(name)((*index, j)) for j in (i, 0))
                raise InputError(f"{odd} has shape {shape}, but {leading} has {shapes[0]}")
        return (len(value), *(shapes[0] if shapes else ()))
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise InputError(f"{place(name)((*index, *first(np.ma.getmaskarray(value))))} is masked")
    if value is None or isinstance(value, (str, bytes, complex)):
        raise InputError(f"{place(name)(index)} is {value!r}, not a real number")
    return np.shape(value) if isinstance(value, np.ndarray) else ()


def real_array(
    value: Any, name: str, *, shape: Sequence[int | None] | None = None, ndim: int | None = None,
    where: Place | None = None, copy: bool = True,
) -> FloatArray:  # fmt: skip
    """A finite float64 copy of `value`, in C order; `shape` may leave axes open with None.

    Without `copy` it is a read-only view, where one will do: for operands that nobody keeps.
    """
    given = plain(value, name)
    if given.dtype.kind not in "biufO":
        raise InputError(f"{name} must hold real numbers, not {given.dtype}")
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
            array = given.astype(np.float64, order="C") if copy else given.astype(np.float64, copy=False).view()
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} is not an array of real numbers: {error}") from None
    if ndim is not None and array.ndim != ndim:
        raise InputError(f"{name} must have {ndim} axes, not shape {array.shape}")
    if shape is not None and not (
        len(shape) == array.ndim and all(n is None or n == m for n, m in zip(shape, array.shape, strict=True))
    ):
        wanted = ", ".join("any" if n is None else str(n) for n in shape) + "," * (len(shape) == 1)
        raise InputError(f"{name} must have shape ({wanted}), not {array.shape}")
    finite = np.isfinite(array)
    if not finite.all():
        index = first(~finite)
        raise InputError(f"{(where or place(name))(index)} is {array[index]}, not a finite number")
    return frozen(array)


def distribution(value: Any, name: str, *, where: Place | None = None, axis: int = -1, **kwargs: Any) -> FloatArray:
    """A :func:`real_array` that is nonnegative and sums to 1 along `axis`, within :data:`SUM_TOLERANCE`."""
    where = where or place(name)
    array = real_array(value, name, where=where, **kwargs)
    if array.ndim == 0:
        raise InputError(f"{name} must be an array of probabilities, not a number")
    negative = array < 0.0
    if negative.any():
        index = first(negative)
        raise InputError(f"{where(index)} is {array[index]}, a negative probability")
    with np.errstate(over="ignore"):
        _check_sums(array @ np.ones(array.shape[-1]) if axis == -1 else array.sum(axis=axis), where)
    return array


def stochastic_rows(matrix: Any, name: str, *, where: Place, columns: int) -> Any:
    """A float64 CSR copy of a sparse matrix whose rows are distributions; `where` names row ``(r,)``.

    Indices are sorted, duplicates summed, and indices of 64 bits narrowed to 32 where that holds them. The number of
    rows is the caller's to check.
    """
    from scipy import sparse

    if matrix.ndim != 2 or matrix.shape[1] != columns:
        raise InputError(f"{name} must have {columns} columns, not shape {matrix.shape}")
    if matrix.dtype.kind not in "biuf":
        raise InputError(f"{name} must hold real numbers, not {matrix.dtype}")
    copy = matrix.copy()
    try:
        if hasattr(copy, "check_format"):  # compressed formats are built without a look at their indices
            copy.check_format(full_check=True)
        with np.errstate(over="ignore"):
            rows = sparse.csr_array(copy, dtype=np.float64)
    except ValueError as error:
        raise InputError(f"{name} is not a valid sparse matrix: {error}") from None
    if max(rows.nnz, columns) <= _INT32_MAX:
        rows.indices, rows.indptr = (part.astype(np.int32, copy=False) for part in (rows.indices, rows.indptr))
    rows.sum_duplicates()
    bad = ~(np.isfinite(rows.data) & (rows.data >= 0.0))
    if bad.any():
        entry = int(np.argmax(bad))
        row = int(np.searchsorted(rows.indptr, entry, side="right")) - 1
        raise InputError(f"{where((row,))} has the entry {rows.data[entry]} at s'={rows.indices[entry]}")
    _check_sums(rows @ np.ones(columns), where)
    for part in (rows.data, rows.indices, rows.indptr):
        frozen(part)
    return rows


def row_defect(rows: Any) -> float:
    """max |sum - 1| over the rows of a dense array's last axis or of a sparse matrix: what rounding left of them."""
    sums = rows @ np.ones(rows.shape[-1])
    return float(np.abs(sums - 1.0).max(initial=0.0))


def _check_sums(sums: FloatArray, where: Place) -> None:
    off = np.abs(sums - 1.0) > SUM_TOLERANCE
    if off.any():
        index = first(off)
        raise InputError(f"{where(index)} sums to {sums[index]:.10g}, not to 1")


def first(mask: Any) -> tuple[int, ...]:
    """The index of the first True entry, in C order."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(mask)), np.shape(mask)))


def real_number(value: Any, name: str, *, low: float = -math.inf, high: float = math.inf) -> float:
    """A float with ``low <= value <= high``; NaN never passes."""
    try:
        given = plain(value, name)
        if given.ndim > 0 or given.dtype.kind not in "biufO":
            raise TypeError
        number = float(given)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} must be a number, not {value!r}") from None
    if not low <= number <= high:
        raise InputError(f"{name} is {number}, not in [{low:g}, {high:g}]")
    return number


def integer(value: Any, name: str, *, low: int, high: int | None = None) -> int:
    """An int with ``low <= value``, and ``value < high`` where `high` is given."""
    try:
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{name} must be an integer, not {value!r}") from None
    if number < low or (high is not None and number >= high):
        raise InputError(f"{name} is {number}, not {f'in [{low}, {high})' if high is not None else f'>= {low}'}")
    return number


def generator(value: Any) -> np.random.Generator:
    """The generator itself, or an InputError where `rng` is none."""
    if not isinstance(value, np.random.Generator):
        raise InputError(f"rng must be a numpy.random.Generator, not {type(value).__name__}")
    return value


def labels(value: Sequence[Any] | None, name: str, count: int) -> tuple[str, ...]:
    """`count` distinct labels; None is ``"1", "2", ...``."""
    if value is None:
        return tuple(str(i + 1) for i in range(count))
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InputError(f"{name} must be a sequence of labels, not {value!r}")
    texts = tuple(str(label) for label in value)
    if len(texts) != count:
        raise InputError(f"{name} has {len(texts)} labels for {count}")
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise InputError(f"{name} has the label {text!r} twice")
        seen.add(text)
    return texts
