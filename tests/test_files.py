"""Files: what is written is read back bit for bit, what others wrote is read as meant, and nothing else passes."""

from __future__ import annotations

import io
import json
import math
import os
import re
import struct
import sys
import zipfile
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from scipy import sparse

from rommeo_exact.errors import FileFormatError, InputError
from rommeo_exact.games import files
from rommeo_exact.games.archive import read_archive, write_archive
from rommeo_exact.games.files import load_game, save_game, write_atomically
from rommeo_exact.games.models import MatrixGame, StochasticGame
from rommeo_exact.games.nfg import read_nfg, write_nfg

EXTREMES = [
    0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-300, 0.1, 1 / 3, 1.0, 2.0**53 + 2, 1e16, 1e22, 1e23, 1e300,
    sys.float_info.max, -sys.float_info.max, math.nextafter(1.0, 2.0),
]  # fmt: skip
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(EXTREMES)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\"{} \n1'), max_size=6)


def labels(count: int, texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[list[str] | None]:
    return st.none() | st.lists(texts, min_size=count, max_size=count, unique=True)


@st.composite
def matrix_games(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS) -> MatrixGame:
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    count = len(sizes) * math.prod(sizes)
    payoffs = draw(st.lists(FLOATS, min_size=count, max_size=count))
    return MatrixGame(
        np.reshape(payoffs, (len(sizes), *sizes)),
        players=draw(labels(len(sizes), texts)),
        actions=draw(st.none() | st.tuples(*(labels(size, texts) for size in sizes))),
        name=draw(st.none() | texts.filter(bool)),
    )


@st.composite
def stochastic_games(draw: st.DrawFn) -> StochasticGame:
    sizes = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
    states = draw(st.integers(1, 3))
    payoffs = draw(st.lists(FLOATS, min_size=(n := len(sizes) * states * math.prod(sizes)), max_size=n))
    weights = draw(st.lists(st.integers(0, 5), min_size=(m := states * math.prod(sizes) * states), max_size=m))
    rows = np.reshape(np.asarray(weights, dtype=float), (-1, states))
    rows[rows.sum(axis=1) == 0.0] = 1.0
    rows /= rows.sum(axis=1, keepdims=True)
    initial = np.arange(1.0, states + 1)
    return StochasticGame(
        np.reshape(payoffs, (len(sizes), states, *sizes)),
        sparse.csr_array(rows) if draw(st.booleans()) else rows.reshape(states, *sizes, states),
        draw(st.floats(0.0, 1.0, exclude_max=True)),
        terminal=draw(st.none() | st.lists(st.integers(0, states - 1))),
        initial=draw(st.sampled_from([None, initial / initial.sum()])),
        players=draw(labels(len(sizes))),
        states=draw(labels(states)),
        name=draw(st.none() | st.text(max_size=4)),
    )


# The .nfg format: writing


@CALM
@given(matrix_games())
def test_nfg_round_trip_is_bit_exact(game):
    assert read_nfg(write_nfg(game)) == game


@CALM
@given(matrix_games())
def test_nfg_fractions_are_the_doubles(game):
    again = read_nfg(write_nfg(game, exact=True))
    assert again.payoffs.tobytes() == (game.payoffs + 0.0).tobytes()  # -0.0 + 0.0 is 0.0
    assert again.actions == game.actions


@CALM
@given(matrix_games())
def test_nfg_without_labels_keeps_everything_else(game):
    assert read_nfg(write_nfg(game, labels=False)) == MatrixGame(game.payoffs, players=game.players, name=game.name)


@pytest.mark.parametrize(
    "label",
    ["", " ", '"', "\\", '\\"', '"\\', "\\\\", "a\\b", "a\\\\b", '"\\\\"', "é☃\U0001f40d", "{ }", "1/2", "a\nb",
     "\\\n", "\r\n"],
)  # fmt: skip
def test_nfg_labels_survive(label):
    game = MatrixGame([[1.0, 2.0]], players=[label], actions=[[label, "other"]], name=label or None)
    assert read_nfg(write_nfg(game)) == game


def test_nfg_counts_actions_without_labels_of_their_own():
    """So that OpenSpiel, which knows no others, reads the text."""
    game = MatrixGame.bimatrix([[1, 2, 3]], [[4, 5, 6]], players=["I", "II"])
    assert write_nfg(game).splitlines() == ['NFG 1 R "" { "I" "II" }', "{ 1 3 }", "", "1 4", "2 5", "3 6"]
    labelled = MatrixGame(game.payoffs, actions=[["1"], ["1", "2", "4"]])
    assert write_nfg(labelled).splitlines()[1] == '{ { "1" } { "1" "2" "4" } }'
    assert write_nfg(labelled, labels=False).splitlines()[1] == "{ 1 3 }"


def profiles_in_file_order(sizes):
    """All profiles, the first player's action changing fastest: counted, not reshaped."""
    profile = [0] * len(sizes)
    while True:
        yield tuple(profile)
        for player, size in enumerate(sizes):
            profile[player] += 1
            if profile[player] < size:
                break
            profile[player] = 0
        else:
            return


def agrees_with_counting(reader):
    sizes, profiles = (3, 2, 4), list(profiles_in_file_order((3, 2, 4)))
    numbers = [(k, 100 + k, 200 + k) for k in range(len(profiles))]
    body = " ".join(str(number) for row in numbers for number in row)
    game = reader(f'NFG 1 R "" {{ "a" "b" "c" }} {{ {" ".join(map(str, sizes))} }} {body}')
    return all(tuple(game.payoffs[:, *profile]) == row for profile, row in zip(profiles, numbers, strict=True))


def test_first_players_strategy_changes_fastest():
    assert agrees_with_counting(read_nfg)

    def last_player_fastest(text):
        game = read_nfg(text)
        rows = game.payoffs.T.reshape(-1, game.num_players)
        return MatrixGame(rows.reshape(*game.num_actions, -1).transpose(3, 0, 1, 2))

    def players_exchanged(text):
        return MatrixGame(read_nfg(text).payoffs[[1, 0, 2]])

    assert not agrees_with_counting(last_player_fastest)
    assert not agrees_with_counting(players_exchanged)


def test_nfg_holds_matrix_games_only():
    with pytest.raises(InputError, match="holds a matrix game, not a StochasticGame"):
        write_nfg(chain())


# The .nfg format: reading


@pytest.mark.parametrize(
    "text",
    ["1", "-2", "+3", "007", "1.5", ".5", "-.5", "5.", "1e3", "1E-3", "1e+300", "1.e3", ".5e3", "1e-400", "1/3",
     "-22/7", "+1/49", "123456789012345678901234567890", "1/" + "9" * 400, "9007199254740993",
     "0.1000000000000000055511151231257827", "2.4703282292062327e-324", "1" * 308],
)  # fmt: skip
def test_numbers_are_the_nearest_double(text):
    assert read_nfg(f'NFG 1 R "" {{ "a" }} {{ 1 }} {text}').payoffs.item() == float(Fraction(text))


def test_negative_zero_keeps_its_sign():
    assert math.copysign(1.0, read_nfg('NFG 1 R "" { "a" } { 1 } -0').payoffs.item()) == -1.0


def test_outcome_version():
    text = """NFG 1 D "three \\"outcomes\\"" { "I" "II" }
        { { "u" "d" } { "l" "m" "r" } } "a comment"
        { { "win" 1, -1 } { "" 1/2 .5 } { "unused" 7, 7, } }
        0 1 2  2 1 0"""
    game = read_nfg(text)
    first = [[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]]
    second = [[0.0, 0.5, -1.0], [-1.0, 0.5, 0.0]]
    names = {"players": ["I", "II"], "actions": [["u", "d"], ["l", "m", "r"]], "name": 'three "outcomes"'}
    assert game == MatrixGame.bimatrix(first, second, **names)


def test_strategies_may_be_counted_in_both_versions():
    payoff = read_nfg('NFG 1 R "" { "I" "II" } { 2 2 } "comment" 1, 2, 3, 4, 0, 0, 5, 6')
    outcome = read_nfg('NFG 1 R "" { "I" "II" } { 2 2 } { { "" 1 2 } { "" 3 4 } { "" 5 6 } } 1 2 0 3')
    assert payoff == outcome
    assert payoff.actions == (("1", "2"), ("1", "2"))
    assert read_nfg('NFG 1 R "" { "I" } { 2 } { } 0 0').payoffs.tolist() == [[0.0, 0.0]]


def test_only_whitespace_between_tokens_is_free():
    game = read_nfg('\n\tNFG\r\n1\vR\f"t"{"I""II"}{{"u""d"}{"l"}}1 2\n\n3 4')
    names = {"players": ["I", "II"], "actions": [["u", "d"], ["l"]], "name": "t"}
    assert game == MatrixGame.bimatrix([[1], [3]], [[2], [4]], **names)


def test_backslashes_that_escape_nothing_stay():
    game = read_nfg(r'NFG 1 R "\alpha \\beta" { "\"" } { { "a\n" "b\\" } } 1 2')
    assert (game.name, game.players, game.actions) == (r"\alpha \beta", ('"',), ((r"a\n", "b\\"),))


def test_repeated_labels_are_numbered():
    game = read_nfg('NFG 1 R "" { "p" "p" } { { "x" "x" "x_1" "" "" "y" } { "z" } }' + " 0" * 12)
    assert game.players == ("p_1", "p_2")
    assert game.actions[0] == ("x_2", "x_3", "x_1", "_1", "_2", "y")


PROLOGUE = 'NFG 1 R "t" { "I" "II" }\n'
MALFORMED = {
    "": (1, 1, "expected 'NFG', found the end of the file"),
    "EFG 2 R": (1, 1, "expected 'NFG', found 'EFG'"),
    "NFG 2 R": (1, 5, "expected '1', found '2'"),
    "NFG 1 X": (1, 7, "expected 'R' or 'D', found 'X'"),
    "NFG 1 R t": (1, 9, "expected the game's title, found 't'"),
    'NFG 1 R "t': (1, 9, "a string that is never closed"),
    'NFG 1 R "t\\"': (1, 9, "a string that is never closed"),
    'NFG 1 R "a\nb" x': (2, 4, "expected '{', found 'x'"),
    'NFG 1 R "t" { }': (1, 13, "the game has 0 players"),
    'NFG 1 R "t" {' + ' "p"' * 64 + " }": (1, 13, "the game has 64 players"),
    'NFG 1 R "t" { "I" 2 }': (1, 19, "expected a player's name or '}', found '2'"),
    'NFG 1 R "t" { "I" "II"': (1, 23, "expected a player's name or '}', found the end of the file"),
    PROLOGUE + "{ 2 }": (2, 1, "strategies of 1 players, but 2 players are named"),
    PROLOGUE + "{ 2 2 2 }": (2, 1, "strategies of 3 players, but 2 players are named"),
    PROLOGUE + "{ 2 -1 }": (2, 5, "expected a number of strategies or '}', found '-1'"),
    PROLOGUE + "{ 2 0 }": (2, 5, "a player without strategies"),
    PROLOGUE + '{ { "a" } { } }': (2, 11, "a player without strategies"),
    PROLOGUE + '{ { "a" } { "b" }\n1 2': (3, 1, "expected '{', found '1'"),
    PROLOGUE + '{ 1 { "b" } } 1 2': (2, 5, "expected a number of strategies or '}', found '{'"),
    PROLOGUE + '{ { "a" 1 } }': (2, 9, "expected a strategy's label or '}', found '1'"),
    PROLOGUE + "{ 1 1 }\n1 x": (3, 3, "expected a payoff, found 'x'"),
    PROLOGUE + "{ 1 1 }\n1 nan": (3, 3, "expected a payoff, found 'nan'"),
    PROLOGUE + "{ 1 1 }\n1 -inf": (3, 3, "expected a payoff, found '-inf'"),
    PROLOGUE + "{ 1 1 }\n1 1_0": (3, 3, "expected a payoff, found '1_0'"),
    PROLOGUE + "{ 1 1 }\n1 ٣": (3, 3, "expected a payoff, found '٣'"),
    PROLOGUE + "{ 1 1 }\n1 0x10": (3, 3, "expected a payoff, found '0x10'"),
    PROLOGUE + "{ 1 1 }\n1 1e": (3, 3, "expected a payoff, found '1e'"),
    PROLOGUE + "{ 1 1 }\n1 1/-2": (3, 3, "expected a payoff, found '1/-2'"),
    PROLOGUE + "{ 1 1 }\n1 1.5/2": (3, 3, "expected a payoff, found '1.5/2'"),
    PROLOGUE + "{ 1 1 }\n1-2": (3, 1, "expected a payoff, found '1-2'"),
    PROLOGUE + "{ 1 1 }\n1 , , 2": (3, 5, "expected a payoff, found ','"),
    PROLOGUE + "{ 1 1 }\n1 2 }": (3, 5, "expected a payoff, found '}'"),
    PROLOGUE + '{ 1 1 }\n1 2 "end"': (3, 5, "expected a payoff, found"),
    PROLOGUE + "{ 1 1 }\n1 3/0": (3, 3, "3/0 divides by zero"),
    PROLOGUE + "{ 1 1 }\n1 1e309": (3, 3, "1e309 is out of the range of doubles"),
    PROLOGUE + "{ 1 1 }\n1 " + "9" * 400 + "/2": (3, 3, "out of the range of doubles"),
    PROLOGUE + "{ 1 1 }\n1 " + "9" * 9000: (3, 3, "out of the range of doubles"),
    PROLOGUE + "{ 1 1 }\n1 1/" + "9" * 9000: (3, 3, "out of the range of doubles"),
    PROLOGUE + "{ 3 3 }\n" + "1 " * 17: (3, 35, "expected 9 payoffs for each of 2 players (18 numbers), found 17"),
    PROLOGUE + "{ 3 3 }\n" + "1 " * 20: (3, 37, "expected 9 payoffs for each of 2 players (18 numbers), found 20"),
    PROLOGUE + "{ 999999999 999999999 } 1": (2, 26, "(1999999996000000002 numbers), found 1"),
    PROLOGUE + "{ 9999999999 1 } 1": (2, 3, "found '9999999999'"),
    PROLOGUE + "{ 1 1 }\n{ 1 2 }": (3, 3, "expected '{', found '1'"),
    PROLOGUE + "{ 1 1 }\n{ { 1 2 } }": (3, 5, "expected the outcome's name, found '1'"),
    PROLOGUE + '{ 1 1 }\n{ { "" 1 } }': (3, 3, "an outcome with 1 payoffs for 2 players"),
    PROLOGUE + '{ 1 1 }\n{ { "" 1 2 3 } }': (3, 3, "an outcome with 3 payoffs for 2 players"),
    PROLOGUE + '{ 1 1 }\n{ { "" 1 2 ': (3, 12, "expected a payoff or '}', found the end of the file"),
    PROLOGUE + '{ 1 1 }\n{ { "" 1 2 } }\n2': (4, 1, "outcome 2, but only 1 are listed"),
    PROLOGUE + '{ 1 1 }\n{ { "" 1 2 } }\n-1': (4, 1, "expected the number of an outcome, found '-1'"),
    PROLOGUE + '{ 1 1 }\n{ { "" 1 2 } }\n1.0': (4, 1, "expected the number of an outcome, found '1.0'"),
    PROLOGUE + '{ 1 1 }\n{ { "" 1 2 } }\n1 1': (4, 3, "expected the outcomes of 1 profiles, found 2"),
    PROLOGUE + '{ 2 2 }\n{ { "" 1 2 } }\n1 1 0\n': (5, 1, "expected the outcomes of 4 profiles, found 3"),
}  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: repr(text[-40:]))
def test_malformed_nfg_is_told_by_line_and_column(text):
    line, column, message = MALFORMED[text]
    with pytest.raises(FileFormatError, match=re.escape(message)) as caught:
        read_nfg(text, path="game.nfg")
    assert (caught.value.path, caught.value.line, caught.value.column) == ("game.nfg", line, column)
    assert str(caught.value).startswith(f"game.nfg:{line}:{column}: ")
    assert len(str(caught.value)) < 200


# The .nfg format: other programs


@pytest.fixture(scope="module")
def gambit():
    return pytest.importorskip("pygambit")


def catalogue(gambit):
    return [gambit.catalog.load(name) for name in gambit.catalog.games()["Game"]]


def gambit_payoffs(game):
    arrays = game.to_arrays()
    return np.array([[float(x) for x in array.flat] for array in arrays]).reshape(len(arrays), *arrays[0].shape)


def gambit_labels(game):
    return tuple(tuple(strategy.label for strategy in player.strategies) for player in game.players)


def payoff_version(game):
    """A game's payoff version, made of its rationals by hand."""
    arrays = game.to_arrays()
    title = json.dumps(game.title, ensure_ascii=False)
    players = " ".join(json.dumps(player.label) for player in game.players)
    lists = "\n".join("{ " + " ".join(map(json.dumps, texts)) + " }" for texts in gambit_labels(game))
    profiles = profiles_in_file_order(arrays[0].shape)
    body = "\n".join(" ".join(str(array[profile]) for array in arrays) for profile in profiles)
    return f'NFG 1 R {title} {{ {players} }}\n\n{{ {lists}\n}}\n"a comment"\n\n{body}\n'


def test_gambits_catalogue_is_read_in_both_versions(gambit):
    games = catalogue(gambit)
    assert len(games) >= 38
    for game in games:
        # An extensive game is written in the payoff version, a table of the same payoffs in the outcome version.
        table = gambit.Game.from_arrays(*game.to_arrays(), title=game.title)
        payoffs, outcomes = payoff_version(game), table.to_nfg()
        assert "\n{\n{" in outcomes
        assert "\n{\n{" not in payoffs
        wanted = gambit_payoffs(game).tolist()
        for text in (payoffs, outcomes, game.to_nfg()):
            read = read_nfg(text)
            assert read.payoffs.tolist() == wanted
            assert read.name == game.title
            assert read.players == tuple(player.label for player in (table if text is outcomes else game).players)
            assert read.actions == gambit_labels(table if text is outcomes else game)


def test_gambits_own_files_are_read(gambit):
    found = sorted((Path(gambit.__file__).parent / "catalog_data").rglob("*.nfg"))
    assert found
    for file in found:
        theirs, mine = gambit.read_nfg(file), load_game(file)
        assert mine.payoffs.tolist() == gambit_payoffs(theirs).tolist()
        assert mine.actions == gambit_labels(theirs)


GAMBIT_LABELS = st.text(st.sampled_from('ab1{}"\\/,.'), min_size=1, max_size=5).filter(
    lambda text: not re.search(r'\\[\\"]|\\\Z', text)
)


@settings(CALM, max_examples=60)
@given(game=matrix_games(GAMBIT_LABELS))
def test_gambit_reads_what_is_written(gambit, game):
    for text in (write_nfg(game), write_nfg(game, exact=True)):
        read = gambit.read_nfg(io.StringIO(text))
        assert gambit_payoffs(read).tolist() == game.payoffs.tolist()
        assert gambit_labels(read) == game.actions
        assert tuple(player.label for player in read.players) == game.players
        assert read.title == (game.name or "")
    for array, payoffs in zip(read.to_arrays(), game.payoffs, strict=True):
        assert all(Fraction(x) == Fraction(y) for x, y in zip(array.flat, payoffs.flat, strict=True))


@CALM
@given(matrix_games(st.text(st.sampled_from("abc {}\\é"), max_size=5)))
def test_openspiel_reads_what_is_written_without_labels(game):
    pyspiel = pytest.importorskip("pyspiel")
    if game.num_players != 2:
        return
    read = pyspiel.load_nfg_game(write_nfg(game, labels=False))
    assert np.array([read.row_utilities(), read.col_utilities()]).tobytes() == game.payoffs.tobytes()


def test_openspiel_reads_games_with_numbered_actions():
    pyspiel = pytest.importorskip("pyspiel")
    read = pyspiel.load_nfg_game(write_nfg(MatrixGame.bimatrix([[1, 2, 3]], [[4, 5, 6]])))
    assert (read.row_utilities().tolist(), read.col_utilities().tolist()) == ([[1, 2, 3]], [[4, 5, 6]])


# The project's own format


def chain(**changes):
    rows = np.array([[0.5, 0.5], [0.0, 1.0]])
    fields = {"payoffs": [[[1.0], [2.0]]], "transitions": rows[:, None], "discount": 0.9}
    return StochasticGame(**{**fields, "terminal": [1], "states": ["on", "off"], **changes})


def sparse_chain():
    return chain(transitions=sparse.csr_array([[0.5, 0.5], [0.0, 1.0]]))


GAMES = {
    "matrix": MatrixGame.bimatrix([[1.0, -0.0]], [[0.1, 5e-324]], actions=[["é"], ["l", "\ud800"]], name="two"),
    "dense": chain(),
    "sparse": sparse_chain(),
}


@CALM
@given(matrix_games() | stochastic_games())
def test_archive_round_trip_is_bit_exact(game):
    data = write_archive(game)
    again = read_archive(data)
    assert again == game
    assert write_archive(again) == data


def test_archive_equality_can_fail():
    moved = chain(discount=math.nextafter(0.9, 1.0))
    assert read_archive(write_archive(moved)) != chain()
    assert read_archive(write_archive(sparse_chain())) != chain()


def test_archive_keeps_stored_zeros_and_wide_indices():
    rows = sparse.csr_array(([0.5, 0.5, 0.0, 1.0], [0, 1, 0, 1], [0, 2, 4]), shape=(2, 2))
    wide = rows.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    one, two = chain(transitions=rows), chain(transitions=wide)
    assert read_archive(write_archive(one)) == one
    assert one.transitions.nnz == 4
    assert write_archive(one) == write_archive(two)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_numpy_opens_an_archive(game):
    with np.load(io.BytesIO(write_archive(game)), allow_pickle=False) as archive:
        assert archive["payoffs"].tobytes() == game.payoffs.tobytes()
        assert json.loads(archive["header"].tobytes())["version"] == 1


def test_an_archive_holds_a_game():
    with pytest.raises(InputError, match="holds a game, not a list"):
        write_archive([1.0])  # type: ignore[arg-type]


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_a_damaged_archive_never_gives_another_game(game):
    data = write_archive(game)
    for cut in range(0, len(data), 3):
        with pytest.raises(FileFormatError):
            read_archive(data[:cut])
    refused = 0
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << place % 8
        try:
            assert read_archive(bytes(damaged)) == game
        except FileFormatError:
            refused += 1
    assert refused > 0.6 * len(data)


def members(game):
    with np.load(io.BytesIO(write_archive(game))) as archive:
        return dict(archive)


def saved(arrays, **changes):
    """The bytes of an archive with some members, or entries of its header, changed; None removes them."""
    stream = io.BytesIO()
    arrays = {**arrays, **changes}
    np.savez(stream, **{key: array for key, array in arrays.items() if array is not None})
    return stream.getvalue()


def headed(arrays, **changes):
    header = json.loads(arrays["header"].tobytes()) | changes
    text = json.dumps({key: value for key, value in header.items() if value != "drop"})
    return saved(arrays, header=np.frombuffer(text.encode(), dtype=np.uint8))


class Trap:
    """Unpickling one of these would run code."""

    def __reduce__(self):
        return (pytest.fail, ("an archive was unpickled",))


def npy(descr, shape, content):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


def with_member(game, name, content, compression=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(write_archive(game))) as old, zipfile.ZipFile(stream, "w", compression) as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == f"{name}.npy" else old.read(entry))
    return stream.getvalue()


def with_payoffs(shape, content):
    return with_member(GAMES["matrix"], "payoffs", npy("<f8", shape, content))


MATRIX, DENSE, SPARSE = (members(game) for game in GAMES.values())
FOREIGN = {
    "no zip": (b"no zip", "not a whole .npz file"),
    "empty": (b"", "not a whole .npz file"),
    "no members": (saved({}), "no readable header"),
    "no header": (saved(MATRIX, header=None), "no readable header"),
    "header no json": (saved(MATRIX, header=np.frombuffer(b"{", dtype=np.uint8)), "no readable header"),
    "header too deep": (saved(MATRIX, header=np.frombuffer(b"[" * 200_000, dtype=np.uint8)), "no readable header"),
    "header a list": (saved(MATRIX, header=np.frombuffer(b"[]", dtype=np.uint8)), "does not say"),
    "another format": (headed(MATRIX, format="other"), "does not say 'rommeo_exact game'"),
    "later version": (headed(MATRIX, version=2), "format version 2, this release reads 1"),
    "unknown kind": (headed(MATRIX, kind=["matrix"]), "unknown kind of game"),
    "kinds mixed": (headed(DENSE, kind="matrix", states="drop"), "do not make a matrix game"),
    "extra entry": (headed(MATRIX, states=None), "the header has the entries"),
    "missing entry": (headed(MATRIX, players="drop"), "the header has the entries"),
    "number as label": (headed(MATRIX, players=[1, 2]), "labels are not strings"),
    "labels no list": (headed(MATRIX, actions=["u", "lr"]), "labels are not strings"),
    "too few labels": (headed(MATRIX, players=["I"]), "players has 1 labels for 2"),
    "repeated labels": (headed(DENSE, states=["s", "s"]), "states has the label 's' twice"),
    "extra member": (saved(MATRIX, extra=np.ones(1)), "it has the member 'extra'"),
    "extra array": (saved(MATRIX, discount=np.float64(0.5)), "do not make a matrix game"),
    "missing array": (saved(DENSE, terminal=None), "do not make a stochastic game"),
    "both transitions": (saved(SPARSE, transitions=DENSE["transitions"]), "do not make a stochastic game"),
    "single precision": (saved(MATRIX, payoffs=np.ones((1, 2), dtype="f4")), "payoffs has the type <f4, not <f8"),
    "big-endian": (saved(MATRIX, payoffs=np.ones((1, 2), dtype=">f8")), "payoffs has the type >f8, not <f8"),
    "pickled": (saved(MATRIX, payoffs=np.array([Trap()], dtype=object)), "payoffs has the type |O"),
    "Fortran order": (saved(DENSE, transitions=np.asfortranarray(np.ones((2, 2)))), "is not an array in C order"),
    "not finite": (saved(MATRIX, payoffs=np.array([[1.0, np.nan]])), "payoffs[player=0, a=(1,)] is nan"),
    "wrong axes": (saved(MATRIX, payoffs=np.ones(())), "payoffs must have shape"),
    "rows": (saved(DENSE, transitions=np.full((2, 1, 2), 0.55)), "transitions[s=0, a=(0,)] sums to 1.1"),
    "discount": (saved(DENSE, discount=np.float64(1.0)), "discount is 1.0"),
    "discounts": (saved(DENSE, discount=np.full(1, 0.5)), "discount is not one number"),
    "initial": (saved(DENSE, initial=np.array([0.5, 0.4])), "initial sums to 0.9"),
    "no bools": (with_member(GAMES["dense"], "terminal", npy("|b1", "(2,)", b"\0\2")), "neither true nor false"),
    "index too large": (saved(SPARSE, transitions_indices=np.array([0, 1, 2])), "no sparse matrix"),
    "index negative": (saved(SPARSE, transitions_indices=np.array([0, 1, -1])), "no sparse matrix"),
    "rows backwards": (saved(SPARSE, transitions_indptr=np.array([0, 9, 3])), "no sparse matrix"),
    "rows too short": (saved(SPARSE, transitions_indptr=np.array([0, 2])), "transitions_indptr ends with 2"),
    "rows missing": (saved(SPARSE, transitions_indptr=np.array([0, 3])), "transitions must have 2 rows"),
    "rows empty": (saved(SPARSE, transitions_indptr=np.array([], dtype="i8")), "do not fit together"),
    "rows of unequal parts": (saved(SPARSE, transitions_data=np.ones(2)), "do not fit together"),
    "claims terabytes": (with_payoffs("(1, 999999999999)", b""), "but 0 bytes"),
    "has bytes to spare": (with_payoffs("(1, 1)", bytes(9)), "but 9 bytes"),
    "many axes": (with_payoffs(str((1,) * 70), bytes(8)), "cannot have the shape"),
    "empty but vast": (with_payoffs(f"(0, {10**17}, {10**17})", b""), "payoffs"),
    "sizes that are none": (with_payoffs("(1,, 1)", bytes(8)), "payoffs has the shape (1,, 1)"),
    "compressed": (with_member(GAMES["matrix"], "-", b"", zipfile.ZIP_DEFLATED), "a member is compressed"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOREIGN)
def test_foreign_archives_are_refused(case):
    data, message = FOREIGN[case]
    with pytest.raises(FileFormatError, match=re.escape(message)) as caught:
        read_archive(data, path="game.npz")
    assert (caught.value.path, caught.value.line, caught.value.column) == ("game.npz", None, None)
    assert str(caught.value).startswith("game.npz: ")


def test_a_member_may_not_occur_twice():
    stream = io.BytesIO(write_archive(GAMES["matrix"]))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("payoffs.npy", npy("<f8", "(1, 1)", bytes(8)))
    with pytest.raises(FileFormatError, match="a member occurs twice"):
        read_archive(stream.getvalue())


# Files


@pytest.mark.parametrize("suffix", [".npz", ".NPZ", ".nfg", ".Nfg"])
def test_files_round_trip(tmp_path, suffix):
    game = MatrixGame.bimatrix([[1.0, 1 / 3]], [[-0.0, 5e-324]], actions=[["é"], ['"', "\\"]], players=["Zoë", "2"])
    for path in (tmp_path / f"game{suffix}", str(tmp_path / f"other game{suffix}")):
        save_game(game, path)
        assert load_game(path) == game
    assert sorted(os.listdir(tmp_path)) == [f"game{suffix}", f"other game{suffix}"]


@pytest.mark.parametrize("game", [chain(), sparse_chain()], ids=["dense", "sparse"])
def test_stochastic_games_need_the_archive(tmp_path, game):
    save_game(game, tmp_path / "game.npz")
    assert load_game(tmp_path / "game.npz") == game
    with pytest.raises(InputError, match=r"holds a matrix game, not a StochasticGame; \.npz holds both"):
        save_game(game, tmp_path / "game.nfg")


def test_written_files_have_no_platform_line_ends(tmp_path):
    save_game(MatrixGame([[1.0, 2.0]]), tmp_path / "game.nfg")
    assert b"\r" not in (tmp_path / "game.nfg").read_bytes()


def test_windows_files_are_read(tmp_path):
    text = 'NFG 1 R "é" { "I" }\r\n{ 2 }\r\n1 2\r\n'
    (tmp_path / "game.nfg").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_game(tmp_path / "game.nfg") == MatrixGame([[1.0, 2.0]], players=["I"], name="é")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_other_encodings_are_told(tmp_path, mark):
    (tmp_path / "game.nfg").write_bytes(mark + 'NFG 1 R "é"\n"é'.encode() + b"\xe9")
    with pytest.raises(FileFormatError, match="the byte 0xe9 is not UTF-8 text") as caught:
        load_game(tmp_path / "game.nfg")
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_unreadable_paths(tmp_path):
    (tmp_path / "folder.nfg").mkdir()
    for name in ("missing.nfg", "missing.npz", "folder.nfg", "nowhere/game.nfg", "nul\0.nfg"):
        with pytest.raises(FileFormatError, match="cannot be read") as caught:
            load_game(tmp_path / name)
        assert caught.value.path == str(tmp_path / name)
    for name in ("game", "game.txt", "nfg"):
        with pytest.raises(InputError, match=r"known: \.nfg, \.npz"):
            load_game(tmp_path / name)
        with pytest.raises(InputError, match=r"known: \.nfg, \.npz"):
            save_game(GAMES["matrix"], tmp_path / name)
    for thing in (None, 3, [1]):
        with pytest.raises(InputError, match="path must be a file's name"):
            load_game(thing)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cannot be written"):
        save_game(chain(), tmp_path / "nowhere" / "game.npz")


def test_what_cannot_be_written_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "game.nfg"
    save_game(MatrixGame([[1.0]]), path)
    old = path.read_bytes()

    def stays():
        return path.read_bytes() == old and os.listdir(tmp_path) == ["game.nfg"]

    with pytest.raises(InputError, match="has no place in a text file"):
        save_game(MatrixGame([[1.0]], players=["\ud800"]), path)
    assert stays()
    with pytest.raises(InputError):
        save_game("no game", path)  # type: ignore[arg-type]
    assert stays()

    def full(*args):
        raise OSError(28, "No space left on device")

    for function in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(files.os, function, full)
            with pytest.raises(InputError, match=r"game\.nfg: cannot be written: No space left on device"):
                save_game(MatrixGame([[2.0]]), path)
        assert stays()

    def interrupted(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(path, b"new")
    assert stays()
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(os.name != "posix", reason="permissions and links as POSIX has them")
def test_permissions_and_links_stay(tmp_path):
    plain, real, link = tmp_path / "plain", tmp_path / "real", tmp_path / "link"
    plain.write_bytes(b"")
    write_atomically(real, b"1")
    assert real.stat().st_mode == plain.stat().st_mode
    real.chmod(0o640)
    link.symlink_to(real)
    write_atomically(link, b"2")
    assert link.is_symlink()
    assert real.read_bytes() == b"2"
    assert real.stat().st_mode & 0o777 == 0o640


# Fuzzing: a valid game or the project's own error

FUZZ = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
PIECES = [
    *'"\\{}, \n', "1", "-0", "1/3", "1/0", "1e999", "1e-5", "nan", "NFG", '""', '"a"', "{ }", "{ 2 2 }", "99999999",
    "\0", "é", "\ud800",
]  # fmt: skip
SEEDS = [
    write_nfg(MatrixGame.bimatrix([[1.5, 2.0]], [[0.0, 1e300]])),
    write_nfg(MatrixGame(np.arange(12.0).reshape(3, 2, 1, 2), actions=[["a", '"'], ["b"], ["d", "\\"]])),
    'NFG 1 D "t" { "I" "II" } { { "u" "d" } { "l" "r" } } "c" { { "x" 1, 2 } { "" 1/2 .5 } } 0 1 2 1',
]
ARCHIVES = [write_archive(game) for game in GAMES.values()]
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES)), min_size=1, max_size=4)


def valid_or_refused(reader, data):
    """Whether `data` was read; then the game must be one that can be written and read again."""
    try:
        game = reader(data)
    except InputError:
        return False
    assert np.isfinite(game.payoffs).all()
    assert (read_nfg(write_nfg(game)) if reader is read_nfg else read_archive(write_archive(game))) == game
    return True


@settings(FUZZ, max_examples=1600)
@given(st.sampled_from(SEEDS), EDITS)
def test_fuzz_edited_nfg(text, edits):
    for where, length, piece in edits:
        place = int(where * len(text))
        text = text[:place] + piece + text[place + length :]
        valid_or_refused(read_nfg, text)


@settings(FUZZ, max_examples=800)
@given(
    st.sampled_from(["", 'NFG 1 R "" { "a" } ', 'NFG 1 R "" { "a" } { 2 } ']),
    st.lists(st.sampled_from(PIECES), max_size=12),
)
def test_fuzz_tokens(text, pieces):
    for piece in pieces:
        text += f" {piece}"
        valid_or_refused(read_nfg, text)


@settings(FUZZ, max_examples=500)
@given(data=st.binary(max_size=40), suffix=st.sampled_from([".nfg", ".npz"]))
def test_fuzz_bytes(tmp_path_factory, data, suffix):
    path = tmp_path_factory.getbasetemp() / f"fuzz{suffix}"
    path.write_bytes(data)
    valid_or_refused(load_game, path)


@settings(FUZZ, max_examples=1000)
@given(
    st.sampled_from([MATRIX, DENSE, SPARSE]),
    st.sampled_from(sorted({*MATRIX, *DENSE, *SPARSE})),
    st.sampled_from(["<f8", "<i8", "|b1", "|u1", "<f4", ">f8", "|O"]),
    st.lists(st.integers(0, 3), max_size=4),
    st.binary(max_size=32),
)
def test_fuzz_archive_members(arrays, name, descr, shape, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for key, array in {**arrays, name: None}.items():
            if array is None:
                size = math.prod(shape) * int(descr[-1]) if descr[-1].isdigit() else len(content)
                archive.writestr(f"{key}.npy", npy(descr, str(tuple(shape)), (content * 30)[:size] or content[:size]))
            else:
                with archive.open(f"{key}.npy", "w") as member:
                    np.lib.format.write_array(member, array)
    valid_or_refused(read_archive, stream.getvalue())


HEADER_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@settings(FUZZ, max_examples=600)
@given(
    st.sampled_from([MATRIX, DENSE]),
    st.sampled_from(["format", "version", "kind", "name", "players", "actions", "states"]),
    HEADER_VALUES,
)
def test_fuzz_archive_headers(arrays, key, value):
    valid_or_refused(read_archive, headed(arrays, **{key: value}))


@settings(FUZZ, max_examples=700)
@given(st.sampled_from(ARCHIVES), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3)), min_size=1, max_size=3))
def test_fuzz_edited_archives(data, edits):
    for where, piece in edits:
        place = int(where * len(data))
        data = data[:place] + piece + data[place + len(piece) :]
        valid_or_refused(read_archive, data)


def test_fuzzing_meets_both_answers():
    answers = {valid_or_refused(read_nfg, text) for text in [*SEEDS, *(text[:-3] for text in SEEDS)]}
    assert answers == {True, False}


def test_fuzzing_notices_a_reader_that_lets_other_errors_out():
    with pytest.raises(IndexError):
        valid_or_refused(lambda text: text.split()[99], "NFG 1 R")


def test_every_profile_is_counted_once():
    for sizes in product((1, 2, 3), repeat=3):
        assert sorted(profiles_in_file_order(sizes)) == list(product(*map(range, sizes)))
