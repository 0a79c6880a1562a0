"""Games on a box: what is refused and where, what a user's functions may do, and the games that have a name."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import rommeo_exact as rx
from rommeo_exact.actor_critic import DDPG, Training, train_continuous
from rommeo_exact.errors import InputError


def first_action(*actions: Any) -> Any:
    return actions[0]


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        ((3, -1, 1), {}, "reward must be a function of arrays, not int"),
        ((first_action, 1, -1), {}, r"low\[0\]\[0\] = 1 is not below high\[0\]\[0\] = -1"),
        ((first_action, [[-1, 2], 0], [[1, 2], 1]), {}, r"low\[0\]\[1\] = 2 is not below high\[0\]\[1\] = 2"),
        ((first_action, [[-1, -1], 0], 1), {}, r"low\[0\] has 2 numbers, high\[0\] has 1"),
        ((first_action, [-1, -1], [1, 1, 1]), {}, "high has 3 entries for 2 players"),
        ((first_action, [-1, -1], 1), {"num_players": 3}, "low has 2 entries for 3 players"),
        ((first_action, -1, [1, 1]), {"num_players": 3}, "high has 2 entries for 3 players"),
        ((first_action, [-1, -1], 1), {"players": ["a", "b", "c"]}, "players has 3 labels for 2"),
        ((first_action, -1, 1), {"players": 3}, "players must be a sequence of labels"),
        ((first_action, -1, 1), {"num_players": 0}, "num_players is 0, not >= 1"),
        ((first_action, -np.inf, 1), {}, "low is -inf"),
        ((first_action, [0, -1e308], [1, 1e308]), {}, r"low\[1\]\[0\] = -1e\+308 and .* are too far apart"),
        ((first_action, [], []), {}, "low has 0 entries"),
        ((first_action, [[], []], [[], []]), {}, r"low\[0\] must be a number or a vector"),
        ((first_action, -1, 1), {"dynamics": 3}, "dynamics must be a Dynamics, not int"),
    ],
)  # fmt: skip
def test_a_box_that_makes_no_sense(arguments: Any, more: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rx.ContinuousGame(*arguments, **more)


@pytest.mark.parametrize(
    ("low", "high", "more", "sizes"),
    [
        (-1, 1, {}, (1, 1)), (-1, 1, {"num_players": 3}, (1, 1, 1)), (-1, [1, 1, 1], {}, (1, 1, 1)),
        (-1, 1, {"players": ["a", "b", "c"]}, (1, 1, 1)), ([[-1, -2], 0], [[1, 2], 1], {"num_players": 2}, (2, 1)),
        (-np.ones((2, 3)), np.ones((2, 3)), {}, (3, 3)),
    ],
)  # fmt: skip
def test_how_many_players_there_are(low: Any, high: Any, more: Any, sizes: tuple[int, ...]) -> None:
    assert rx.ContinuousGame(first_action, low, high, **more).sizes == sizes


def test_a_box_is_copied() -> None:
    low = np.array([[-1.0], [-1.0]])
    game = rx.ContinuousGame(first_action, low, 1.0)
    low[:] = 9.0
    assert game.low[0][0] == -1.0
    with pytest.raises(ValueError, match="read-only"):
        game.low[0][0] = 0.0


# --- functions that write into what they are given ------------------------------------------------------------------


def in_place(a: Any, b: Any) -> Any:
    a -= b
    return a


def test_a_reward_may_write_into_its_arguments() -> None:
    """Neither the caller's array nor what is kept of a run changes."""
    actions = np.array([[0.5, 0.25], [0.5, 1.0]])
    game = rx.ContinuousGame(in_place, -1, 1)
    np.testing.assert_array_equal(game.rewards(actions)[:, 0], [0.25, -0.5])
    np.testing.assert_array_equal(actions, [[0.5, 0.25], [0.5, 1.0]])
    same = rx.ContinuousGame(lambda a, b: a - b, -1, 1)
    one, two = (train_continuous(g, [DDPG()] * 2, 1, 5, 3, rng=np.random.default_rng(0)) for g in (game, same))
    np.testing.assert_array_equal(one.actions, two.actions)


def test_dynamics_may_write_into_the_states() -> None:
    """What is remembered as the state is what it was, not what followed."""

    def moved(states: Any, a: Any, b: Any, rng: Any) -> Any:
        states += 1.0
        a *= 0.0
        return states

    dynamics = rx.Dynamics(1, lambda runs, rng: np.zeros((runs, 1)), moved)
    game = rx.ContinuousGame(lambda x, a, b: a, -1, 1, dynamics=dynamics)
    training = Training(game, [DDPG()] * 2, 3, 2, rng=np.random.default_rng(0))
    training.advance(1)
    columns = training.memory.columns
    np.testing.assert_array_equal(columns["states"][0, :3, 0], [0.0, 1.0, 2.0])
    np.testing.assert_array_equal(columns["following"][0, :3, 0], [1.0, 2.0, 3.0])
    assert (training.history().actions != 0.0).all()


@given(st.integers(-50, 50), st.integers(1, 50))
def test_no_action_leaves_the_box(low: int, width: int) -> None:
    """Actions at the ends of the box, which is where noise is cut off."""
    ends = low / 10.0, (low + width) / 10.0
    game = rx.ContinuousGame(first_action, *ends)
    history = train_continuous(game, [DDPG(noise=100.0)] * 2, 1, 6, 3, rng=np.random.default_rng(0))
    assert ends[0] <= history.actions.min() and history.actions.max() <= ends[1]


# --- answers that are none ------------------------------------------------------------------------------------------


def with_dynamics(**changed: Any) -> rx.ContinuousGame:
    parts = {
        "initial": lambda runs, rng: np.zeros((runs, 2)), "step": lambda x, a, b, rng: x + 1.0,
        "ended": lambda x: x[:, 0] > 5.0, **changed,
    }  # fmt: skip
    return rx.ContinuousGame(lambda x, a, b: a * b, -1, 1, dynamics=rx.Dynamics(2, **parts))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"initial": lambda runs, rng: np.zeros(runs)}, r"dynamics.initial must return shape \(3, 2\), not \(3,\)"),
        ({"initial": lambda runs, rng: np.full((runs, 2), np.nan)}, "dynamics.initial returned nan for run 0"),
        ({"step": lambda x, a, b, rng: x[:, :1]}, r"round 0: dynamics.step must return shape \(3, 2\), not \(3, 1\)"),
        (
            {"step": lambda x, a, b, rng: np.where((x == 2.0) & (np.arange(6).reshape(3, 2) == 3), np.inf, x + 1.0)},
            "round 2: dynamics.step returned inf for run 1, number 1",
        ),
        ({"ended": lambda x: x[:, 0]}, r"round 0: dynamics.ended must return \(3,\) booleans, not float64 of \(3,\)"),
        ({"ended": lambda x: x > 5.0}, r"round 0: dynamics.ended must return \(3,\) booleans, not bool of \(3, 2\)"),
        ({"initial": 3}, "dynamics.initial must be a function, not int"),
        ({"ended": 3}, "dynamics.ended must be a function or None, not int"),
    ],
)  # fmt: skip
def test_dynamics_that_make_no_sense_are_named(changed: Any, message: str) -> None:
    with np.errstate(invalid="ignore"), pytest.raises(InputError, match=message):
        train_continuous(with_dynamics(**changed), [DDPG()] * 2, 1, 5, 3, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("reward", "message"),
    [
        (lambda a, b: (a,), "reward returned 1 arrays for 2 players"),
        (lambda a, b: math.exp(a) * b, r"reward fails on arrays of shape \(3,\): .* np.exp for math.exp"),
        (lambda a, b: a if a > b else b, r"reward fails on arrays of shape \(3,\): .* np.where for if"),
        (lambda a, b: (a, b[:1]), r"reward of player 1 has shape \(1,\) for joint actions of shape \(3,\)"),
        (lambda a, b: "no", "reward of player 0 is not an array of numbers"),
        (lambda a, b: (a, np.where(b > 0.5, np.nan, b)), r"reward of player 1 is nan at actions \(0, 1\), entry 2"),
    ],
)  # fmt: skip
def test_rewards_that_make_no_sense_are_named(reward: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rx.ContinuousGame(reward, -1, 1).rewards([[0.0, 0.0], [0.5, 0.5], [0.0, 1.0]])


def test_arguments_of_rewards() -> None:
    assert rx.ContinuousGame(lambda a, b: (1.0, a), -1, 1).rewards([0.5, 0.0]).tolist() == [1.0, 0.5]
    with pytest.raises(InputError, match=r"actions must have 2 numbers on the last axis, not shape \(3,\)"):
        rx.ContinuousGame(first_action, -1, 1).rewards([0.5, 0.0, 1.0])
    with pytest.raises(InputError, match="a continuous game has states"):
        with_dynamics().rewards([0.5, 0.5])
    with pytest.raises(InputError, match=r"states must have 2 numbers on the last axis, not \(1,\)"):
        with_dynamics().rewards([0.5, 0.5], [1.0])


def test_only_those_runs_begin_anew_that_ended() -> None:
    """Run j counts in steps of j + 1 to 3."""
    game = with_dynamics(
        step=lambda x, a, b, rng: x + np.arange(1.0, 1.0 + len(x))[:, None], ended=lambda x: x[:, 0] >= 3.0
    )
    training = Training(game, [DDPG()] * 2, 4, 3, rng=np.random.default_rng(0))
    training.advance(2)
    seen = training.memory.columns["states"][:, :8, 0]
    np.testing.assert_array_equal(seen, [[0, 1, 2, 0] * 2, [0, 2, 0, 2] * 2, [0] * 8])
