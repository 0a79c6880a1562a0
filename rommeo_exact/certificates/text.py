"""The file of a certificate: one JSON text that holds the game, the V, the claims, and what they mean in words.

Every number that matters is a string in hexadecimal, so that nothing is rounded: floats as ``float.hex`` writes them,
the V of more digits as an integer times a power of 2, such as ``"-0x1a2bp-57"``. Arrays are flat, in C order, and
``game.shape`` gives S, A and B. The keys:

- ``format``, ``version``, ``statement``;
- ``game``: ``shape``, ``rewards`` (S*A*B), ``transitions``, ``discount``, ``terminal`` (indices of states), ``actions``
  and ``opponent_actions`` (labels). The transitions are ``{"data"}`` (S*A*B*S), or ``{"data", "indices", "indptr"}``,
  the compressed sparse rows;
- ``prior`` (S*B), ``alpha``, ``beta``;
- ``value`` (S) and ``error_bound``: the answer of a solver;
- ``iterate`` (S) and ``precision``: the V from which the bounds follow, and the bits of the arithmetic;
- ``bounds``: eight arrays; ``distance``, ``verified``: as in :class:`rommeo_exact.certificates.Certificate`;
- ``digest``: SHA-256 of all the rest. It tells a file that was damaged or edited from one that was not; it is no
  signature, and whoever checks a file computes the bounds again.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

import numpy as np

from ..checks import FloatArray, distribution, frozen, integer, is_sparse, place
from ..errors import CertificateError, InputError
from ..games.models import View

__all__ = ["ENDS", "MOST_BITS", "read_text", "statement", "write_text"]

_FORMAT, _VERSION = "rommeo_exact certificate", 1
_KEYS = {
    "format", "version", "statement", "game", "prior", "alpha", "beta", "value", "error_bound", "iterate", "precision",
    "bounds", "distance", "verified", "digest",
}  # fmt: skip
_GAME = {"shape", "rewards", "transitions", "discount", "terminal", "actions", "opponent_actions"}
_DENSE, _SPARSE = {"data"}, {"data", "indices", "indptr"}

ENDS: dict[str, tuple[str, ...]] = {
    "value_lower": ("s",), "value_upper": ("s",), "q_lower": ("s", "a", "b"), "q_upper": ("s", "a", "b"),
    "policy_lower": ("s", "a", "b"), "policy_upper": ("s", "a", "b"),
    "opponent_model_lower": ("s", "b"), "opponent_model_upper": ("s", "b"),
}  # fmt: skip
"""The bounds, with the axes of their arrays."""

MOST_BITS = 1 << 14
"""Of the arithmetic. Magnitudes from 1e-308 to 1e308 take some 2200."""

_FLOAT = re.compile(r"-?0x[01](?:\.[0-9a-f]+)?p[+-][0-9]{1,4}|-?inf")
_EXACT = re.compile(r"(-?0x[0-9a-f]{1,5000})p([+-][0-9]{1,6})")


def statement(fields: dict[str, Any]) -> str:
    """What a certificate of these fields says, in words."""
    view: View = fields["view"]
    states, own, joint = view.shape
    ends = int(view.terminal.sum())
    verdict = "and that is within" if fields["verified"] else "but that is not shown to be within"
    return (
        f"The game has {states} state(s), {ends} of them terminal, {own} action(s) a and {joint} joint action(s) b of "
        "the others. Each number of the game and of the prior is the binary64 number that is written, exactly; each "
        "row of the transitions and of the prior is divided by its exact sum. The agent maximises the expected sum "
        "over t of gamma^t [ R(s,a,b) + alpha H(pi(.|s,b)) - beta KL(rho(.|s) || P(.|s)) ] over pi(a|s,b) and "
        f"rho(b|s), with alpha = {fields['alpha']!r}, beta = {fields['beta']!r} and gamma = {view.discount!r}. Then in "
        "every state the value V*, the action values Q*, the policy pi* and the opponent model rho* of the optimum lie "
        "between the bounds given here, entry by entry; the value given here is within "
        f"{fields['distance']!r} of V*, {verdict} the error bound {fields['error_bound']!r} that came with it."
    )


def write_text(fields: dict[str, Any]) -> bytes:
    """The bytes of the file of a certificate with these fields."""
    view: View = fields["view"]
    rows: Any = view.transitions
    transitions: dict[str, Any]
    if is_sparse(rows):
        transitions = {"data": _hex(rows.data), "indices": rows.indices.tolist(), "indptr": rows.indptr.tolist()}
    else:
        transitions = {"data": _hex(rows)}
    contents: dict[str, Any] = {
        "format": _FORMAT,
        "version": _VERSION,
        "statement": statement(fields),
        "game": {
            "shape": list(view.shape),
            "rewards": _hex(view.rewards),
            "transitions": transitions,
            "discount": view.discount.hex(),
            "terminal": np.flatnonzero(view.terminal).tolist(),
            "actions": list(view.actions),
            "opponent_actions": list(view.opponent_actions),
        },
        "prior": _hex(fields["prior"]),
        **{name: float(fields[name]).hex() for name in ("alpha", "beta", "error_bound", "distance")},
        "value": _hex(fields["value"]),
        "iterate": [f"{mantissa:#x}p{power:+d}" for mantissa, power in fields["iterate"]],
        "precision": fields["precision"],
        "bounds": {name: _hex(fields[name]) for name in ENDS},
        "verified": fields["verified"],
    }
    contents["digest"] = _digest(contents)
    lines = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in contents.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def read_text(data: bytes) -> dict[str, Any]:
    """The fields of the certificate in a file, checked for their form and against the digest.

    Raises
    ------
    CertificateError
        If the digest is of other contents, or the statement is not what the numbers say.
    InputError
        If it is no certificate; the message names the entry at fault.
    """
    contents = _contents(data)
    if contents["digest"] != _digest(contents):
        raise CertificateError("the contents were changed since the certificate was written: their digest differs")
    game = _object(contents["game"], "game", _GAME)
    shape = tuple(_integers(game["shape"], "game.shape"))
    if len(shape) != 3 or min(shape) < 1:
        raise InputError(f"game.shape is {list(shape)}, not three numbers S, A, B of at least 1")
    states, own, joint = shape
    view = View(
        _array(game["rewards"], "game.rewards", shape),
        _transitions(game["transitions"], shape),
        _float(game["discount"], "game.discount"),
        _integers(game["terminal"], "game.terminal"),
        actions=_labels(game["actions"], "game.actions"),
        opponent_actions=_labels(game["opponent_actions"], "game.opponent_actions"),
    )
    sizes = {"s": states, "a": own, "b": joint}
    fields: dict[str, Any] = {
        "view": view,
        "prior": distribution(
            _array(contents["prior"], "prior", (states, joint)), "prior", where=place("prior", "s", "b")
        ),
        "value": _array(contents["value"], "value", (states,)),
        "precision": integer(contents["precision"], "precision", low=53, high=MOST_BITS + 1),
        "verified": contents["verified"],
        "iterate": _iterate(contents["iterate"], view),
    }
    for name, top in (("alpha", math.nextafter(math.inf, 0.0)), ("beta", math.inf), ("error_bound", math.inf)):
        fields[name] = _float(contents[name], name)
        if not 0.0 <= fields[name] <= top:
            raise InputError(f"{name} is {fields[name]}, not in [0, {top:g}]")
    fields["distance"] = _float(contents["distance"], "distance")
    if not np.isfinite(fields["value"]).all():
        raise InputError("value has entries that are not finite")
    if not isinstance(fields["verified"], bool):
        raise InputError(f"verified is {fields['verified']!r}, neither true nor false")
    bounds = _object(contents["bounds"], "bounds", set(ENDS))
    for name, axes in ENDS.items():
        fields[name] = _array(bounds[name], f"bounds.{name}", tuple(sizes[axis] for axis in axes))
    if contents["statement"] != statement(fields):
        raise CertificateError("the statement is not what the numbers say")
    return fields


def _contents(data: bytes) -> dict[str, Any]:
    try:
        contents = json.loads(data)
    except (ValueError, RecursionError) as error:  # also where the bytes are no text
        raise InputError(f"not a certificate: it is not JSON: {error}") from None
    if not isinstance(contents, dict) or contents.get("format") != _FORMAT:
        raise InputError(f"not a certificate: its format is not {_FORMAT!r}")
    if contents.get("version") != _VERSION or isinstance(contents["version"], bool):
        raise InputError(f"format version {contents.get('version')!r}, this release reads {_VERSION}")
    return _object(contents, "the certificate", _KEYS)


def _digest(contents: dict[str, Any]) -> str:
    rest = {key: value for key, value in contents.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _object(value: Any, name: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{name} is not an object with the entries {', '.join(sorted(keys))}")
    for key in sorted(keys - set(value)):
        raise InputError(f"{name} has no entry {key!r}")
    for key in sorted(set(value) - keys):
        raise InputError(f"{name} has the unknown entry {key!r}")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{name} is not a list")
    return value


def _integers(value: Any, name: str) -> list[int]:
    for i, entry in enumerate(_list(value, name)):
        if type(entry) is not int or not 0 <= entry < 2**62:
            raise InputError(f"{name}[{i}] is {entry!r}, not an index")
    return list(value)


def _labels(value: Any, name: str) -> list[str]:
    for i, entry in enumerate(_list(value, name)):
        if not isinstance(entry, str):
            raise InputError(f"{name}[{i}] is {entry!r}, not a label")
    return list(value)


def _float(value: Any, name: str) -> float:
    if not isinstance(value, str) or not _FLOAT.fullmatch(value):
        raise InputError(f"{name} is {value!r}, not a float in hexadecimal")
    try:
        number = float.fromhex(value)
    except OverflowError:
        number = math.nan
    if number.hex() != value:
        raise InputError(f"{name} is {value!r}, not a float as float.hex writes it")
    return number


def _floats(value: Any, name: str) -> FloatArray:
    return np.array([_float(entry, f"{name}[{i}]") for i, entry in enumerate(_list(value, name))], dtype=np.float64)


def _array(value: Any, name: str, shape: tuple[int, ...]) -> FloatArray:
    flat = _floats(value, name)
    if flat.size != math.prod(shape):
        raise InputError(f"{name} has {flat.size} entries, not {math.prod(shape)}")
    return frozen(flat.reshape(shape))


def _transitions(value: Any, shape: tuple[int, ...]) -> Any:
    states, width = shape[0], math.prod(shape)
    if not isinstance(value, dict) or set(value) not in (_DENSE, _SPARSE):
        raise InputError("game.transitions is neither dense (data) nor sparse (data, indices, indptr)")
    if set(value) == _DENSE:
        return _array(value["data"], "game.transitions.data", (*shape, states))
    from scipy import sparse

    data = _floats(value["data"], "game.transitions.data")
    indices, indptr = (
        np.array(_integers(value[key], f"game.transitions.{key}"), dtype=np.int64) for key in ("indices", "indptr")
    )
    if data.shape != indices.shape or indptr.size != width + 1 or indptr[0] != 0 or indptr[-1] != data.size:
        raise InputError("game.transitions: data, indices and indptr do not fit together")
    try:
        rows = sparse.csr_array((data, indices, indptr), shape=(width, states))
        rows.check_format(full_check=True)
    except ValueError as error:
        raise InputError(f"game.transitions are no sparse matrix: {error}") from None
    return rows


def _iterate(value: Any, view: View) -> tuple[tuple[int, int], ...]:
    texts = _list(value, "iterate")
    if len(texts) != view.shape[0]:
        raise InputError(f"iterate has {len(texts)} entries, not {view.shape[0]}")
    numbers = []
    for s, text in enumerate(texts):
        match = _EXACT.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise InputError(f"iterate[s={s}] is {text!r}, not an integer in hexadecimal times a power of 2")
        numbers.append((int(match[1], 16), int(match[2])))
        if view.terminal[s] and numbers[-1][0] != 0:
            raise InputError(f"iterate[s={s}] is not 0, but the state is terminal")
    return tuple(numbers)


def _hex(array: FloatArray) -> list[str]:
    return [x.hex() for x in array.ravel().tolist()]
