"""That a yardstick does the same work as ours: ROMMEO-AC's update in JAX, with the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rommeo_exact.actor_critic import RommeoAC

pytest.importorskip("jax")

import jax.numpy as jnp

from benchmarks import jax_actor_critic as peer
from benchmarks.actor_critic import ALIKE, differences

OTHER = {"alpha": 0.6, "beta": 1.7, "target_rate": 0.2, "window": 36, "spread": 7.0, "model_rate": 0.3}
"""Settings that tell more apart, and with which log sigma soon comes to an end of its range."""


@pytest.mark.parametrize("action", ["replay", "policy"])
def test_the_update_in_jax_is_ours(action: Any) -> None:
    assert differences(RommeoAC(action=action), discount=0.0) <= ALIKE
    assert differences(RommeoAC(action=action, **OTHER), discount=0.9) <= ALIKE


def changed(name: str, change: Callable[..., Any]) -> tuple[str, Callable[..., Any]]:
    right = getattr(peer, name)
    return name, lambda *arguments: change(right, *arguments)


PLANTED = {
    "half the loss of Q": changed("equation_14", lambda loss, *x: 2.0 * loss(*x)),
    "no entropy in V": changed("equation_15", lambda v, n, t, e, s: v(n, t, e, s._replace(alpha=0.0))),
    "a target of the newest Q": changed("equation_15", lambda v, n, t, e, s: v(n, {**t, "Q": n["Q"]}, e, s)),
    "no temperature": changed("equation_18", lambda loss, pi, n, e, s: loss(pi, n, e, s._replace(alpha=1.0))),
    "no KL weight": changed("equation_19", lambda loss, rho, n, a, e, s: loss(rho, n, a, e, s._replace(beta=1.0))),
    "rho's own prior": changed("equation_19", lambda loss, rho, n, a, e, s: loss(rho, {**n, "P": rho}, a, e, s)),
    "no slope of tanh": changed(
        "log_density", lambda log, x, u: log(x, u) + 2.0 * (jnp.log(2.0) - u - jnp.logaddexp(0.0, -2.0 * u))[:, 0]
    ),
    "a spread without limits": ("gaussian", lambda outputs: (outputs[:, :1], outputs[:, 1:])),
    "the likelihood climbs": changed("likelihood", lambda loss, *x: -loss(*x)),
}


@pytest.mark.parametrize("wrong", PLANTED)
def test_planted_wrong_updates_are_told_apart(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, planted = PLANTED[wrong]
    monkeypatch.setattr(peer, name, planted)
    with pytest.raises(ArithmeticError, match=r"after \d+ rounds JAX is .* from ours"):
        differences(RommeoAC(action="policy", hidden=(4,), **OTHER), 0.9, rounds=2)
