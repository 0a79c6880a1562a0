"""Games from files and to files, by the suffix of the name."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FileFormatError, InputError
from .archive import read_archive, write_archive
from .models import MatrixGame, StochasticGame
from .nfg import read_nfg, write_nfg

if TYPE_CHECKING:
    from typing import TypeAlias

    PathLike: TypeAlias = str | os.PathLike[str]

__all__ = ["load_game", "read_bytes", "save_game", "write_atomically"]


def load_game(path: PathLike) -> MatrixGame | StochasticGame:
    """The game in a file: ``.nfg`` (Gambit's, either version) or ``.npz`` (this project's own).

    Raises
    ------
    FileFormatError
        Naming the file, and in an .nfg file the line and the column; also where there is no such file.
    InputError
        If the suffix is neither.
    """
    file, suffix = _known(path)
    name = str(file)
    data = read_bytes(file)
    if suffix == ".npz":
        return read_archive(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"the byte 0x{error.object[error.start]:02x} is not UTF-8 text"
        raise FileFormatError(message, path=name, line=line, column=column) from None
    return read_nfg(text, name)


def save_game(game: MatrixGame | StochasticGame, path: PathLike) -> None:
    """Write a game to a file: ``.nfg`` holds matrix games, ``.npz`` every game, and both keep each payoff bit for bit.

    A file of that name is replaced when the new one is complete, and only then.

    Raises
    ------
    InputError
        If the suffix is neither, the format cannot hold the game, or the file cannot be written.
    """
    file, suffix = _known(path)
    if suffix == ".npz":
        data = write_archive(game)
    elif isinstance(game, MatrixGame):
        try:
            data = write_nfg(game).encode("utf-8")
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise InputError(f"{file}: the character {character!r} has no place in a text file") from None
    else:
        raise InputError(f"{file}: an .nfg file holds a matrix game, not a {type(game).__name__}; .npz holds both")
    write_atomically(file, data)


def read_bytes(path: PathLike) -> bytes:
    """What is in a file.

    Raises
    ------
    FileFormatError
        If it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise FileFormatError(f"cannot be read: {_reason(error)}", path=str(path)) from error
    except TypeError:
        raise InputError(f"path must be a file's name, not {path!r}") from None


def write_atomically(path: PathLike, data: bytes) -> None:
    """Write a file beside its place and move it there when it is complete; links are followed, permissions kept.

    Raises
    ------
    InputError
        If the file cannot be written. What was there before is then still there.
    """
    try:
        target = Path(os.path.realpath(path))
        beside = target.with_name(f".{secrets.token_hex(8)}.tmp")
        stream = beside.open("xb")
        try:
            with stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be written: {_reason(error)}") from error


def _known(path: PathLike) -> tuple[Path, str]:
    try:
        file = Path(path)
    except TypeError:
        raise InputError(f"path must be a file's name, not {path!r}") from None
    suffix = file.suffix.lower()
    if suffix not in (".nfg", ".npz"):
        raise InputError(f"{file}: the suffix {suffix!r} is not known; known: .nfg, .npz")
    return file, suffix


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
