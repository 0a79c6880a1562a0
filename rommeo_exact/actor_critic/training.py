"""Learners of a continuous game at play: episodes in many independent runs, saved and resumed bit for bit."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..checks import FloatArray, frozen, generator, integer, real_number
from ..errors import DivergenceError, InputError
from ..games.continuous import ContinuousGame
from ..games.files import write_atomically
from ..learners.protocol import checked_recipes
from .memory import Memory
from .protocol import ContinuousLearner, ContinuousRecipe, ContinuousTask

__all__ = ["ContinuousHistory", "Training", "train_continuous"]

Progress = Callable[[int, int], None]

SAMPLES = 64
"""Draws of which the means and deviations of a history are taken, where a learner's play is random."""


@dataclass(frozen=True, eq=False)
class ContinuousHistory:
    """What training saw: E episodes of R rounds, K runs, n players. Actions are in the game's own units.

    Attributes
    ----------
    rewards : (E, K, n) array
        Mean reward of a round, per episode.
    actions : (E, R, K, d_1 + ... + d_n) array
        What was played in every round.
    policy_mean, policy_deviation : (E, K, d_1 + ... + d_n) array
        Of what everyone would play at the end of each episode, without exploration.
    model_mean, model_deviation : tuple of (E, K, e_i) arrays or None
        Of what player i expects of the others, where it has a model of them.
    """

    rewards: FloatArray
    actions: FloatArray
    policy_mean: FloatArray
    policy_deviation: FloatArray
    model_mean: tuple[FloatArray | None, ...]
    model_deviation: tuple[FloatArray | None, ...]
    recipes: tuple[ContinuousRecipe, ...]
    game: ContinuousGame = field(repr=False)

    @property
    def episodes(self) -> int:
        return int(self.rewards.shape[0])

    @property
    def runs(self) -> int:
        return int(self.rewards.shape[1])

    def near(self, point: Sequence[float], distance: float = 0.5, last: int = 10) -> Any:
        """Which runs end near a joint action: (K,) booleans, whether over the last episodes the mean of what everyone
        would play is, in each number, within this distance of it."""
        ends = self.policy_mean[-integer(last, "last", low=1) :].mean(axis=0)
        target = np.asarray(point, dtype=float)
        if target.shape != ends.shape[1:]:
            raise InputError(f"point must have {ends.shape[1]} numbers, not shape {target.shape}")
        return (np.abs(ends - target) <= distance).all(axis=1)


class Training:
    """Learners of one game in K runs, which can be advanced, saved and resumed.

    Parameters
    ----------
    game : ContinuousGame
    recipes : sequence of n ContinuousRecipe
    rounds : int
        R, the rounds of an episode. Its end is no end of the game: what follows still counts in a target.
    runs : int
        K, all at once.
    discount : float, optional
        gamma; by default 0 where the game has one state, as nothing that is done there has consequences, else 0.95.
        It may be 1 where states may end the episode: else V has no bound, as what follows counts for ever.
    capacity : int
        Rounds that the memory holds.
    precision : {"single", "double"}
    rng : numpy.random.Generator
        Each learner, and the game, draw from a child of it.

    Raises
    ------
    InputError
        Naming what is at fault.
    """

    def __init__(
        self,
        game: ContinuousGame,
        recipes: Sequence[ContinuousRecipe],
        rounds: int = 25,
        runs: int = 32,
        discount: float | None = None,
        capacity: int = 5000,
        precision: str = "single",
        *,
        rng: np.random.Generator,
    ) -> None:
        if not isinstance(game, ContinuousGame):
            raise InputError(f"game must be a ContinuousGame, not {type(game).__name__}")
        integer(rounds, "rounds", low=1)
        integer(runs, "runs", low=1)
        integer(capacity, "capacity", low=1)
        if precision not in ("single", "double"):
            raise InputError(f"precision must be 'single' or 'double', not {precision!r}")
        self.recipes = checked_recipes(
            recipes, ContinuousRecipe, ("RommeoAC()", "DDPG()"), "a recipe", game.num_players  # type: ignore[type-abstract]
        )
        fallback = 0.95 if game.state_size else 0.0
        self.discount = fallback if discount is None else real_number(discount, "discount", low=0.0, high=1.0)
        if self.discount == 1.0 and (game.dynamics is None or game.dynamics.ended is None):
            raise InputError(f"discount is 1, and nothing ends {game.name}: V has no bound")
        self.game, self.rounds, self.runs, self.precision = game, rounds, runs, precision
        self.dtype: Any = np.float32 if precision == "single" else np.float64
        own, *children = generator(rng).spawn(1 + game.num_players)
        self.rng = own
        self.learners: list[ContinuousLearner] = [
            recipe.start(ContinuousTask(game, i, runs, self.discount, self.dtype), child)
            for i, (recipe, child) in enumerate(zip(self.recipes, children, strict=True))
        ]
        self.memory = Memory(capacity, runs, game.state_size, sum(game.sizes), game.num_players, self.dtype)
        self.centre, self.half = game.centre, game.half
        self.low, self.high = np.concatenate(game.low), np.concatenate(game.high)
        self.states = game.begin(runs, self.rng)
        self.episodes: list[dict[str, Any]] = []

    def advance(self, episodes: int = 1, progress: Progress | None = None) -> None:
        """Play, and learn in every round.

        Raises
        ------
        DivergenceError
            Naming the round, the player, the network and the run.
        InputError
            Where the game returns something else than finite numbers.
        """
        integer(episodes, "episodes", low=1)
        for done in range(episodes):
            with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is found and named
                self._episode()
            if progress is not None:
                progress(done + 1, episodes)

    def _episode(self) -> None:
        n = self.game.num_players
        rewards = np.zeros((self.runs, n))
        actions = np.empty((self.rounds, self.runs, len(self.half)))
        for k in range(self.rounds):
            seen = self.states[:, None].astype(self.dtype)
            played = np.concatenate([learner.act(seen)[:, 0] for learner in self.learners], axis=-1)
            step, player = self.memory.seen, 0
            try:
                for player in range(n):
                    _finite(played[:, self.game.slice(player)])
                actions[k] = np.clip(self.centre + self.half * played, self.low, self.high)  # rounding may step out
                earned = self.game.rewards(actions[k], self.states if self.game.state_size else None, "run")
                following, ended = self.game.follow(self.states, actions[k], self.rng)
                self.memory.add(self.states, played, earned, following, ended)
                for player, learner in enumerate(self.learners):  # noqa: B007
                    learner.learn(self.memory, self.learners)
            except DivergenceError as error:
                raise DivergenceError(f"round {step}, player {player}: {error}") from None
            except InputError as error:
                raise InputError(f"round {step}: {error}") from None
            rewards += earned
            again = self.game.begin(self.runs, self.rng) if ended.any() else following
            self.states = np.where(ended[:, None], again, following)
        seen = self.states[:, None].astype(self.dtype)
        seen = np.broadcast_to(seen, (self.runs, SAMPLES, self.game.state_size))
        plays = self.centre + self.half * np.concatenate([x.act(seen, explore=False) for x in self.learners], axis=-1)
        kept: dict[str, Any] = {
            "rewards": rewards / self.rounds, "actions": actions,
            "policy_mean": plays.mean(axis=1), "policy_deviation": plays.std(axis=1),
        }  # fmt: skip
        for i, learner in enumerate(self.learners):
            imagined = learner.imagine(seen)
            if imagined is not None:
                where = self.game.others(i)
                expected = self.centre[where] + self.half[where] * imagined
                kept[f"model_mean.{i}"], kept[f"model_deviation.{i}"] = expected.mean(axis=1), expected.std(axis=1)
        self.episodes.append(kept)
        self.states = self.game.begin(self.runs, self.rng)

    def history(self) -> ContinuousHistory:
        """All episodes so far."""
        if not self.episodes:
            raise InputError("nothing was played yet: advance first")
        stacked: dict[str, Any] = {
            name: frozen(np.stack([e[name] for e in self.episodes])) for name in self.episodes[0]
        }
        n = self.game.num_players
        models: dict[str, Any] = {
            f"model_{part}": tuple(stacked.pop(f"model_{part}.{i}", None) for i in range(n))
            for part in ("mean", "deviation")
        }
        return ContinuousHistory(**stacked, **models, recipes=self.recipes, game=self.game)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that changes into one file (.npz), beside it first and then renamed."""
        arrays = self._arrays()
        for name in self.episodes[0] if self.episodes else ():
            arrays[f"episodes.{name}"] = np.stack([e[name] for e in self.episodes])
        generators = [self.rng, *(learner.rng for learner in self.learners)]
        arrays["generators"] = np.array(json.dumps([g.bit_generator.state for g in generators], default=_plain))
        arrays["what"] = np.array(self._what())
        stream = io.BytesIO()
        np.savez(stream, **arrays)
        write_atomically(path, stream.getvalue())

    def resume(self, path: str | os.PathLike[str]) -> Training:
        """Take up what :meth:`save` wrote, in a training that was made with the same game and settings.

        Of the game its name and shape are compared, as functions cannot be; of a recipe its `repr`, so that a schedule
        should be one of :mod:`.schedules`, or have a `repr` that is the same in another process.

        Raises
        ------
        InputError
            Where the file is of another training, naming the first setting that differs.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
            stored = dict(json.loads(str(arrays["what"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{os.fspath(path)} is no saved training: {error}") from None
        for name, value in json.loads(self._what()).items():
            if stored.get(name) != value:
                raise InputError(f"{os.fspath(path)} was saved with {name} {stored.get(name)}, not {value}")
        wanted = {name: array.shape for name, array in self._arrays().items()}
        for name, shape in (wanted | {"generators": ()}).items():
            if name not in arrays or arrays[name].shape != shape:
                raise InputError(f"{os.fspath(path)} is no saved training: {name} is missing, or of another shape")
        self.states = arrays["states"]
        self.memory.seen = int(arrays["seen"])
        self.memory.columns = {name: arrays[f"memory.{name}"].copy() for name in self.memory.columns}
        for i, learner in enumerate(self.learners):
            prefix = f"player {i}."
            learner.restore({k[len(prefix) :]: v for k, v in arrays.items() if k.startswith(prefix)})
        parts = {k.split(".", 1)[1]: v for k, v in arrays.items() if k.startswith("episodes.")}
        count = len(next(iter(parts.values()))) if parts else 0
        self.episodes = [{name: part[e] for name, part in parts.items()} for e in range(count)]
        generators = [self.rng, *(learner.rng for learner in self.learners)]
        for g, state in zip(generators, json.loads(str(arrays["generators"])), strict=True):
            g.bit_generator.state = state
        return self

    def _arrays(self) -> dict[str, Any]:
        """All that changes but the generators and the episodes so far, by name."""
        arrays: dict[str, Any] = {"states": self.states, "seen": np.array(self.memory.seen)}
        arrays |= {f"memory.{name}": column for name, column in self.memory.columns.items()}
        for i, learner in enumerate(self.learners):
            arrays |= {f"player {i}.{name}": array for name, array in learner.arrays().items()}
        return arrays

    def _what(self) -> str:
        """What has to be the same for a saved training to go on."""
        return json.dumps(
            {"game": self.game.name, "box": [self.low.tolist(), self.high.tolist()], "sizes": list(self.game.sizes),
             "state_size": self.game.state_size, "recipes": [repr(recipe) for recipe in self.recipes],
             "rounds": self.rounds, "runs": self.runs, "discount": self.discount, "capacity": self.memory.capacity,
             "precision": self.precision, "bit generator": type(self.rng.bit_generator).__name__}
        )  # fmt: skip


def train_continuous(
    game: ContinuousGame,
    recipes: Sequence[ContinuousRecipe],
    episodes: int = 200,
    rounds: int = 25,
    runs: int = 32,
    discount: float | None = None,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
    **options: Any,
) -> ContinuousHistory:
    """Let learners play a continuous game with each other, from scratch; arguments as of :class:`Training`.

    Examples
    --------
    >>> from rommeo_exact.games import meeting_point
    >>> from rommeo_exact.actor_critic import RommeoAC
    >>> history = train_continuous(meeting_point(), [RommeoAC()] * 2, episodes=2, runs=4, rng=np.random.default_rng(0))
    >>> history.rewards.shape                                       # episodes, runs, players
    (2, 4, 2)
    """
    training = Training(game, recipes, rounds, runs, discount, rng=rng, **options)
    training.advance(episodes, progress)
    return training.history()


def _finite(actions: Any) -> None:
    bad = ~np.isfinite(actions).all(axis=-1)
    if bad.any():
        raise DivergenceError(f"its action is not finite in run {int(np.flatnonzero(bad)[0])}")


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else int(value)
