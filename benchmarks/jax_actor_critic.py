"""ROMMEO-AC once more, in JAX, for two players of a continuous game with one state.

Written from the losses of the paper, equations 14 to 19, and differentiated by JAX: it shares no line with the package.
A loss sees one player in one run; `one_round` maps over players and runs, and is compiled as a whole. Its random
numbers are an argument, so that the package and it can play with the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

__all__ = ["Adam", "Draws", "Memory", "Player", "Settings", "State", "drawn", "one_round", "rounds"]

Net = list[tuple[Any, Any]]
"""Weights (in, out) and biases (out,), layer by layer."""


class Settings(NamedTuple):
    """Of a recipe and of a game, all known when a round is compiled; `rates` by the name of the network."""

    alpha: float
    beta: float
    action: str
    rates: dict[str, float]
    target_rate: float
    window: int
    discount: float
    batch: int
    reward: Callable[[Any, Any], Any]
    centre: float
    half: float

    @property
    def noises(self) -> int:
        """M, how often an update draws noise for a batch."""
        return 3 + (self.action == "policy") + 2 * (self.discount > 0.0)


class Adam(NamedTuple):
    first: Net
    second: Net
    steps: Any



class Player(NamedTuple):
    """Networks Q, pi, rho and P by name, the targets of Q and pi, and a state of Adam for each network."""

    nets: dict[str, Net]
    targets: dict[str, Net]
    adam: dict[str, Adam]


class Memory(NamedTuple):
    """The last rounds of one run: actions in units of half a box (C, 2), rewards (C, 2)."""

    actions: Any
    rewards: Any


class State(NamedTuple):
    """K runs: players (K, 2, ...), memories (K, C, 2), and the rounds played so far."""

    players: Player
    memory: Memory
    seen: Any


class Draws(NamedTuple):
    """What is random in a round, (K, 2, ...): standard normal numbers, and which rounds an update looks at.

    `act` is (2, 1, 1), for b and then for a; `update` is (M, N, 1), in the order of use; `recent` and `replay`,
    (N,), are places in the memory.
    """

    act: Any
    update: Any
    recent: Any
    replay: Any


# --- networks and densities ---


def output(net: Net, x: Any) -> Any:
    """Of points (N, in); where there are no inputs it is the same at all points, (1, out)."""
    *inner, (weights, bias) = net
    h = x if x.shape[-1] else x[:1]
    for w, b in inner:
        h = jax.nn.relu(h @ w + b)
    return h @ weights + bias


def gaussian(outputs: Any) -> tuple[Any, Any]:
    """mu and log sigma, each (N, 1); no derivative where log sigma is held."""
    return outputs[:, :1], jnp.clip(outputs[:, 1:], -5.0, 2.0)


def log_density(outputs: Any, u: Any) -> Any:
    """log of the density of tanh(u), u normal: (N,)."""
    mean, log_sigma = gaussian(outputs)
    log_slope = 2.0 * (jnp.log(2.0) - u - jax.nn.softplus(-2.0 * u))
    return (jax.scipy.stats.norm.logpdf(u, mean, jnp.exp(log_sigma)) - log_slope)[:, 0]


def reparametrised(outputs: Any, noise: Any) -> Any:
    """u = mu + sigma noise, whose tanh is f_theta or g_phi."""
    mean, log_sigma = gaussian(outputs)
    return mean + jnp.exp(log_sigma) * noise


def inverse(x: Any) -> Any:
    """The u of an action, which is taken to lie inside of the box."""
    return jnp.arctanh(jnp.clip(x, -1.0 + 1e-6, 1.0 - 1e-6))


def q_value(net: Net, a: Any, b: Any) -> Any:
    return output(net, jnp.concatenate([a, b], axis=1))[:, 0]


# --- the losses; a network whose parameters are not the first argument is held ---


def equation_14(q: Net, own: Any, others: Any, target: Any) -> Any:
    return jnp.mean(0.5 * (q_value(q, own, others) - target) ** 2)


def equation_15(nets: dict[str, Net], targets: dict[str, Net], noise: Any, s: Settings) -> Any:
    nothing = noise[0][:, :0]
    model, prior = output(nets["rho"], nothing), output(nets["P"], nothing)
    v = reparametrised(model, noise[0])
    b = jnp.tanh(v)
    u = reparametrised(output(targets["pi"], b), noise[1])
    log_pi = log_density(output(nets["pi"], b), u)
    log_ratio = log_density(model, v) - log_density(prior, v)
    return q_value(targets["Q"], jnp.tanh(u), b) - s.alpha * log_pi - s.beta * log_ratio


def equation_18(pi: Net, nets: dict[str, Net], noise: Any, s: Settings) -> Any:
    """Equation 16 without what does not depend on theta."""
    b = jnp.tanh(reparametrised(output(nets["rho"], noise[0][:, :0]), noise[0]))
    outputs = output(pi, b)
    u = reparametrised(outputs, noise[1])
    return jnp.mean(s.alpha * log_density(outputs, u) - q_value(nets["Q"], jnp.tanh(u), b))


def equation_19(rho: Net, nets: dict[str, Net], own: Any, noise: Any, s: Settings) -> Any:
    """Equation 17 without what does not depend on phi; a from the memory or from pi(.|b)."""
    nothing = noise[0][:, :0]
    model, prior = output(rho, nothing), output(nets["P"], nothing)
    v = reparametrised(model, noise[0])
    b = jnp.tanh(v)
    given = output(nets["pi"], b)
    u = inverse(own) if s.action == "replay" else reparametrised(given, noise[1])
    a = own if s.action == "replay" else jnp.tanh(u)
    log_ratio = log_density(model, v) - log_density(prior, v)
    return jnp.mean(s.beta * log_ratio - q_value(nets["Q"], a, b) + s.alpha * log_density(given, u))


def likelihood(prior: Net, others: Any) -> Any:
    """What the prior descends: minus the mean logarithm of the density of what the others did of late."""
    return -jnp.mean(log_density(output(prior, others[:, :0]), inverse(others)))


# --- one player in one run ---

def descended(net: Net, adam: Adam, gradient: Net, rate: float) -> tuple[Net, Adam]:
    """One step of Adam (Kingma and Ba 2015, Algorithm 1)."""
    t = adam.steps + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, adam.first, gradient)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, adam.second, gradient)
    one, two = 1.0 - 0.9**t, 1.0 - 0.999**t
    moved = jax.tree.map(lambda p, m, v: p - rate * (m / one) / (jnp.sqrt(v / two) + 1e-8), net, first, second)
    return moved, Adam(first, second, t)


def act(player: Player, noise: Any) -> Any:
    """b ~ rho, then a ~ pi(.|b)."""
    b = jnp.tanh(reparametrised(output(player.nets["rho"], noise[0][:, :0]), noise[0]))
    return jnp.tanh(reparametrised(output(player.nets["pi"], b), noise[1]))[0, 0]


def learn(player: Player, me: Any, memory: Memory, draws: Draws, s: Settings) -> Player:
    """The updates of Algorithm 2: the prior, Q, pi, rho, and the targets."""
    nets, adam, noise = dict(player.nets), dict(player.adam), draws.update

    def descend(name: str, loss: Callable[..., Any], *arguments: Any) -> None:
        gradient = jax.grad(loss)(nets[name], *arguments)
        nets[name], adam[name] = descended(nets[name], adam[name], gradient, s.rates[name])

    own, others = (memory.actions[:, player, None] for player in (me, 1 - me))
    descend("P", likelihood, others[draws.recent])
    own, others, target = own[draws.replay], others[draws.replay], memory.rewards[draws.replay, me]
    if s.discount > 0.0:
        target, noise = target + s.discount * equation_15(nets, player.targets, noise[:2], s), noise[2:]
    descend("Q", equation_14, own, others, target)
    descend("pi", equation_18, nets, noise[:2], s)
    descend("rho", equation_19, nets, own, noise[2:], s)
    targets = jax.tree.map(
        lambda slow, fast: slow + s.target_rate * (fast - slow), player.targets, {k: nets[k] for k in player.targets}
    )
    return Player(nets, targets, adam)


# --- two players, K runs ---


def one_round(state: State, draws: Draws, s: Settings) -> State:
    """Act, reward, remember, learn."""
    actions = jax.vmap(jax.vmap(act))(state.players, draws.act)
    played = s.centre + s.half * actions
    earned = s.reward(played[:, 0], played[:, 1])
    rewards = jnp.stack([earned, earned], axis=1)
    place = state.seen % state.memory.actions.shape[1]
    memory = Memory(state.memory.actions.at[:, place].set(actions), state.memory.rewards.at[:, place].set(rewards))
    both = jax.vmap(lambda *each: learn(*each, s), in_axes=(0, 0, None, 0))
    players = jax.vmap(both, in_axes=(0, None, 0, 0))(state.players, jnp.arange(2), memory, draws)
    return State(players, memory, state.seen + 1)


def drawn(key: Any, state: State, s: Settings) -> Draws:
    """Random numbers of the next round, distributed as those of the package."""
    runs, capacity = state.memory.actions.shape[:2]
    noise, late, any_time = jax.random.split(key, 3)
    normal = jax.random.normal(noise, (runs, 2, 2 + s.noises * s.batch))
    held = jnp.minimum(state.seen + 1, capacity)
    back = jax.random.randint(late, (runs, 2, s.batch), 0, jnp.minimum(held, s.window))
    return Draws(
        normal[..., :2, None, None],
        normal[..., 2:].reshape(runs, 2, s.noises, s.batch, 1),
        (state.seen - back) % capacity,
        jax.random.randint(any_time, (runs, 2, s.batch), 0, held),
    )


def rounds(state: State, key: Any, count: int, s: Settings) -> State:
    """So many rounds in a row."""

    def step(state: State, key: Any) -> tuple[State, None]:
        return one_round(state, drawn(key, state, s), s), None

    return jax.lax.scan(step, state, jax.random.split(key, count))[0]


def max_of_two_quadratics(a: Any, b: Any) -> Any:
    """The released form of the game of Section 5.2."""
    wide = -0.8 / 3.0 * ((a + 5.0) ** 2 + (b + 5.0) ** 2)
    return jnp.maximum(wide, 10.0 - (a - 5.0) ** 2 - (b - 5.0) ** 2)
