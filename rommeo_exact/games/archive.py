"""The project's own file: a game of either class, kept bit for bit.

An archive is an uncompressed .npz file: ``numpy.load`` opens it, and nothing in it is pickled. Its members are

- ``header``: the bytes of a JSON text in ASCII, with the format's tag and version, the kind of game ("matrix" or
  "stochastic"), its name, and the labels of players, actions and states;
- ``payoffs``;
- of a stochastic game also ``discount``, ``terminal``, ``initial``, and either ``transitions`` or the three arrays of
  the compressed sparse rows, ``transitions_data``, ``transitions_indices`` and ``transitions_indptr``.

Arrays are little-endian and in C order. The same game gives the same bytes.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import is_sparse
from ..errors import FileFormatError, InputError
from .models import MatrixGame, StochasticGame

__all__ = ["read_archive", "write_archive"]

_FORMAT, _VERSION = "rommeo_exact game", 1
_LABELS: dict[str, tuple[str, ...]] = {
    "matrix": ("name", "players", "actions"),
    "stochastic": ("name", "players", "actions", "states"),
}
_DTYPES = {
    "header": "|u1", "payoffs": "<f8", "discount": "<f8", "terminal": "|b1", "initial": "<f8",
    "transitions": "<f8", "transitions_data": "<f8", "transitions_indices": "<i8", "transitions_indptr": "<i8",
}  # fmt: skip
_SPARSE = {"transitions_data", "transitions_indices", "transitions_indptr"}
_STOCHASTIC = {"payoffs", "discount", "terminal", "initial"}
_ARRAYS = {"matrix": [{"payoffs"}], "stochastic": [_STOCHASTIC | {"transitions"}, _STOCHASTIC | _SPARSE]}
# What zipfile says of files that are cut short, garbled or encrypted.
_BROKEN = (zipfile.BadZipFile, EOFError, LookupError, OSError, OverflowError, RuntimeError, ValueError, struct.error)
_NPY = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([|<>a-zA-Z0-9]+)', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n",
    re.DOTALL,
)


def write_archive(game: MatrixGame | StochasticGame) -> bytes:
    """The bytes of the archive that holds `game`.

    Raises
    ------
    InputError
        If `game` is no game.
    """
    if not isinstance(game, MatrixGame | StochasticGame):
        raise InputError(f"an archive holds a game, not a {type(game).__name__}")
    kind = "matrix" if isinstance(game, MatrixGame) else "stochastic"
    names = {key: getattr(game, key) for key in _LABELS[kind]}
    header = {"format": _FORMAT, "version": _VERSION, "kind": kind, **names}
    text = json.dumps(header).encode("ascii")
    arrays: dict[str, Any] = {"header": np.frombuffer(text, dtype=np.uint8), "payoffs": game.payoffs}
    if isinstance(game, StochasticGame):
        arrays |= {key: getattr(game, key) for key in ("discount", "terminal", "initial")}
        if is_sparse(game.transitions):
            arrays |= {f"transitions_{part}": getattr(game.transitions, part) for part in ("data", "indices", "indptr")}
        else:
            arrays["transitions"] = game.transitions
    stream = io.BytesIO()
    members: dict[str, Any] = {key: np.asarray(array, dtype=_DTYPES[key]) for key, array in arrays.items()}
    np.savez(stream, **members)
    return stream.getvalue()


def read_archive(data: bytes, path: str | None = None) -> MatrixGame | StochasticGame:
    """The game that the bytes of an archive hold, checked as if it were built anew.

    No array is given memory before its bytes have been counted, and compressed members are refused, so what is read
    never takes more than a small multiple of ``len(data)``.

    Parameters
    ----------
    data : bytes
        The file's contents.
    path : str, optional
        The file's name, for the messages.

    Raises
    ------
    FileFormatError
        If the bytes are no archive of this version, or hold no valid game.
    """
    try:
        members = _members(data)
        arrays = {key: _array(key, member) for key, member in members.items()}
        header = _header(arrays.pop("header", np.empty(0)))
        kind = header["kind"]
        if set(arrays) not in _ARRAYS[kind]:
            raise InputError(f"the arrays {', '.join(sorted(arrays)) or '(none)'} do not make a {kind} game")
        fields = {key: header[key] for key in _LABELS[kind]}
        if kind == "matrix":
            return MatrixGame(arrays["payoffs"], **fields)
        if arrays["discount"].shape:
            raise InputError("discount is not one number")
        transitions = arrays["transitions"] if "transitions" in arrays else _rows(arrays)
        discount = float(arrays["discount"])
        return StochasticGame(arrays["payoffs"], transitions, discount, arrays["terminal"], arrays["initial"], **fields)
    except InputError as error:
        raise FileFormatError(str(error), path=path) from None


def _members(data: bytes) -> dict[str, bytes]:
    """The contents of a zip file's members by name, without their suffix."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = [entry.filename.removesuffix(".npy") for entry in entries]
            if unknown := set(names) - set(_DTYPES):
                raise InputError(f"not a game archive: it has the member {min(unknown)[:40]!r}")
            if len(set(names)) < len(names):
                raise InputError("not a game archive: a member occurs twice")
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise InputError("not a game archive: a member is compressed")
            return {name: archive.read(entry) for name, entry in zip(names, entries, strict=True)}
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(f"not a whole .npz file: {error}") from None


def _array(name: str, member: bytes) -> NDArray[Any]:
    """A read-only array over the bytes of one member, as ``numpy.save`` writes them in C order."""
    match = _NPY.match(member)
    if match is None:
        raise InputError(f"{name} is not an array in C order")
    dtype, descr, dims = _DTYPES[name], match[1].decode(), match[2].decode()
    if descr != dtype:
        raise InputError(f"{name} has the type {descr[:40]}, not {dtype}")
    if not re.fullmatch(r"(?:[0-9]{1,18},|[0-9]{1,18}(?:, [0-9]{1,18})+)?", dims):
        raise InputError(f"{name} has the shape ({dims[:40]})")
    shape = tuple(int(size) for size in dims.split(",") if size)
    content = member[match.end() :]
    if math.prod(shape) * np.dtype(dtype).itemsize != len(content):
        raise InputError(f"{name} has the shape ({dims[:40]}) and the type {dtype}, but {len(content)} bytes")
    if dtype == "|b1" and content.strip(b"\0\1"):
        raise InputError(f"{name} has entries that are neither true nor false")
    try:
        return np.frombuffer(content, dtype=dtype).reshape(shape)
    except ValueError as error:
        raise InputError(f"{name} cannot have the shape ({dims[:40]}): {error}") from None


def _header(array: NDArray[Any]) -> dict[str, Any]:
    """The header, of known format and version, its entries of the right types."""
    try:
        header = json.loads(array.tobytes())
    except (ValueError, RecursionError):
        raise InputError("not a game archive: it has no readable header") from None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise InputError(f"not a game archive: its header does not say {_FORMAT!r}")
    if header.get("version") != _VERSION:
        raise InputError(f"format version {header.get('version')!r}, this release reads {_VERSION}")
    kind = header.get("kind")
    if not isinstance(kind, str) or kind not in _LABELS:
        raise InputError(f"unknown kind of game {kind!r}")
    if set(header) != {"format", "version", "kind", *_LABELS[kind]}:
        raise InputError(f"the header has the entries {', '.join(sorted(header))}")
    if not (
        isinstance(header["name"], str | None)
        and _texts(header["players"])
        and isinstance(header["actions"], list) and all(map(_texts, header["actions"]))
        and (header.get("states") is None or _texts(header["states"]))
    ):  # fmt: skip
        raise InputError("the header's labels are not strings")
    return header


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _rows(arrays: dict[str, NDArray[Any]]) -> Any:
    """The sparse matrix of three arrays, its indices checked; how many rows there must be is the game's to say."""
    from scipy import sparse

    data, indices, indptr = (arrays[f"transitions_{part}"] for part in ("data", "indices", "indptr"))
    payoffs = arrays["payoffs"]
    if payoffs.ndim < 2 or data.ndim != 1 or data.shape != indices.shape or indptr.ndim != 1 or not indptr.size:
        raise InputError("transitions_data, transitions_indices and transitions_indptr do not fit together")
    if indptr[-1] != data.size:
        raise InputError(f"transitions_indptr ends with {indptr[-1]}, but there are {data.size} entries")
    try:
        rows = sparse.csr_array((data, indices, indptr), shape=(indptr.size - 1, payoffs.shape[1]))
        rows.check_format(full_check=True)
    except ValueError as error:
        raise InputError(f"transitions are no sparse matrix: {error}") from None
    return rows
