"""The learners against each paper written out a second time, one run and one step at a time; known answers; mistakes.

The second version works with lists and dictionaries and uses nothing of the package. Both meet the same
recorded rounds, different ones in every run. What is drawn at random is held against its expectation.
"""

import dataclasses
import math
import random
from itertools import product
from typing import NamedTuple

import numpy as np
import planted
import pytest
from hypothesis import strategies as st
from planted import theorem
from scipy import sparse

import rommeo_exact as rx
from rommeo_exact import InputError
from rommeo_exact.learners import (
    FMQ,
    JAL,
    PR2Q,
    Experience,
    Recipe,
    RommeoQ,
    Task,
    WolfPHC,
    cooling,
    cross_play,
    exponential,
    harmonic,
    train,
)
from rommeo_exact.learners.protocol import Learner
from rommeo_exact.population import sampled_self_play

pytestmark = pytest.mark.filterwarnings("error")

INF = math.inf


def seeded(seed):
    return np.random.default_rng(seed)


# --- the papers once more --------------------------------------------------------------------------------------------


def at(setting, k):
    return setting(k) if callable(setting) else setting


def boltzmann(values, temperature):
    """exp(value / temperature), divided by the sum; at temperature 0 the greatest share it."""
    top = max(values)
    if temperature == 0.0:
        powers = [float(x == top) for x in values]
    else:
        powers = [math.exp((x - top) / temperature) for x in values]
    return [x / sum(powers) for x in powers]


def mixed(shares, epsilon):
    return [(1.0 - epsilon) * x + epsilon / len(shares) for x in shares]


def soft_parts(q, prior, alpha, beta):
    """V, pi as [b][a] and rho as [b] of q[a][b]: eq. 9 to 11."""
    columns = [list(column) for column in zip(*q, strict=True)]
    policy = [boltzmann(column, alpha) for column in columns]
    level = []
    for column in columns:
        top = max(column)
        more = alpha * math.log(sum(math.exp((x - top) / alpha) for x in column)) if alpha > 0.0 else 0.0
        level.append(top + more)
    top = max(x for x, p in zip(level, prior, strict=True) if p > 0.0)
    if beta == INF:
        return sum(p * x for p, x in zip(prior, level, strict=True)), policy, prior
    if beta == 0.0:
        weights = [p if x == top else 0.0 for p, x in zip(prior, level, strict=True)]
        return top, policy, [w / sum(weights) for w in weights]
    weights = [p * math.exp((x - top) / beta) if p > 0.0 else 0.0 for p, x in zip(prior, level, strict=True)]
    return top + beta * math.log(sum(weights)), policy, [w / sum(weights) for w in weights]


class Plain:
    """One learner in one run, begun with the table that the other one has."""

    def __init__(self, recipe, task, table):
        self.recipe, self.task, self.round = recipe, task, 0
        self.q = [[list(row) if isinstance(row, list) else row for row in state] for state in table]
        self.states, self.own, self.joint = range(task.states), range(task.own), range(task.joint)

    def model(self, s):
        return None

    def now(self, name):
        return at(getattr(self.recipe, name), self.round)

    def observe(self, s, a, b, reward, following, ended, drawn=()):
        self.learn(s, a, b, reward, following, ended, drawn)
        self.round += 1


class PlainRommeo(Plain):
    """Algorithm 1, with the state of its regression and P's pseudo-count as the settings say."""

    def __init__(self, recipe, task, table):
        super().__init__(recipe, task, table)
        self.copy = [[list(row) for row in state] for state in table]
        self.buffer, self.updates = [], 0

    def prior(self, s):
        count, seen = self.recipe.pseudo_count, [m[2] for m in self.buffer if m[0] == s]
        if not seen and count == 0.0:
            return [1.0 / len(self.joint)] * len(self.joint)
        return [(seen.count(b) + count / len(self.joint)) / (len(seen) + count) for b in self.joint]

    def parts(self, table, s):
        return soft_parts(table[s], self.prior(s), self.now("alpha"), self.recipe.beta)

    def policy(self, s):
        _, policy, model = self.parts(self.q, s)
        return mixed([sum(model[b] * policy[b][a] for b in self.joint) for a in self.own], self.now("epsilon"))

    def model(self, s):
        return self.parts(self.q, s)[2]

    def learn(self, s, a, b, reward, following, ended, drawn):
        this, places = (s, a, b, reward, following, ended), self.recipe.capacity
        if len(self.buffer) < places:
            self.buffer.append(this)
        else:
            self.buffer[self.round % places] = this
        for s, a, b, reward, following, ended in [this, *(self.buffer[m] for m in drawn)]:
            y = reward
            if not ended:
                y += self.task.discount * self.parts(self.copy, following)[0]
            place = self.q[s if self.recipe.regress_at == "first" else following][a]
            place[b] += self.now("learning_rate") * (y - place[b])
            self.updates += 1
            if self.updates % self.recipe.interval == 0:
                self.copy = [[list(row) for row in state] for state in self.q]


class PlainJAL(Plain):
    """Claus and Boutilier (1998): Q of joint actions, beliefs by counting, Boltzmann on expected values."""

    def __init__(self, recipe, task, table):
        super().__init__(recipe, task, table)
        self.heard = []

    def model(self, s):
        met = [b for state, b in self.heard[-self.recipe.window :] if state == s]
        return [met.count(b) / len(met) if met else 1.0 / len(self.joint) for b in self.joint]

    def values(self, s):
        belief = self.model(s)
        return [sum(belief[b] * self.q[s][a][b] for b in self.joint) for a in self.own]

    def policy(self, s):
        values = self.values(s)
        if self.recipe.choice == "divided":
            total = sum(values)
            values, temperature = [x / total if total else x for x in values], 0.0
        else:
            temperature = self.now("temperature")
        return mixed(boltzmann(values, temperature), self.now("epsilon"))

    def learn(self, s, a, b, reward, following, ended, drawn):
        y = reward + (0.0 if ended else self.task.discount * max(self.values(following)))
        self.q[s][a][b] += self.now("learning_rate") * (y - self.q[s][a][b])
        self.heard.append((s, b))


class PlainWolf(Plain):
    """Bowling and Veloso (2002), table 5."""

    def __init__(self, recipe, task, table):
        super().__init__(recipe, task, table)
        self.pi = [[1.0 / task.own] * task.own for _ in self.states]
        self.average = [[1.0 / task.own] * task.own for _ in self.states]
        self.count = [0] * task.states

    def policy(self, s):
        return mixed(self.pi[s], self.now("epsilon"))

    def learn(self, s, a, b, reward, following, ended, drawn):
        y = reward + (0.0 if ended else self.task.discount * max(self.q[following]))
        q, pi, average = self.q[s], self.pi[s], self.average[s]
        q[a] += self.now("learning_rate") * (y - q[a])
        self.count[s] += 1
        for c in self.own:
            average[c] += (pi[c] - average[c]) / self.count[s]
        winning = sum(p * x for p, x in zip(pi, q, strict=True)) > sum(p * x for p, x in zip(average, q, strict=True))
        delta = self.now("winning" if winning else "losing")
        greedy = q.index(max(q))
        for c in self.own:
            if c != greedy:
                step = min(pi[c], delta / (len(q) - 1))
                pi[c] -= step
                pi[greedy] += step


class PlainFMQ(Plain):
    """Kapetanakis and Kudenko (2002)."""

    def __init__(self, recipe, task, table):
        super().__init__(recipe, task, table)
        self.earned = {(s, a): [] for s in self.states for a in self.own}

    def value(self, s, a):
        earned = self.earned[s, a]
        if not earned:
            return self.q[s][a]
        return self.q[s][a] + self.recipe.c * earned.count(max(earned)) / len(earned) * max(earned)

    def policy(self, s):
        return mixed(boltzmann([self.value(s, a) for a in self.own], self.now("temperature")), self.now("epsilon"))

    def learn(self, s, a, b, reward, following, ended, drawn):
        self.earned[s, a].append(reward)
        y = reward + (0.0 if ended else self.task.discount * max(self.q[following]))
        self.q[s][a] += self.now("learning_rate") * (y - self.q[s][a])


class PlainPR2(Plain):
    """Wen et al. (2019): rho(b|a) in proportion to exp(Q(a,b) - Q(a)), of which Q(a) is the logarithm of the sum."""

    def answer(self, s, a):
        temperature = self.now("temperature")
        z = [x / temperature for x in self.q[s][a]]
        top = max(z)
        whole = top + math.log(sum(math.exp(x - top) for x in z))
        return [math.exp(x - whole) for x in z]

    def value(self, s, a):
        return sum(p * x for p, x in zip(self.answer(s, a), self.q[s][a], strict=True))

    def policy(self, s):
        return mixed(boltzmann([self.value(s, a) for a in self.own], self.now("temperature")), self.now("epsilon"))

    def model(self, s):
        policy, answers = self.policy(s), [self.answer(s, a) for a in self.own]
        return [sum(p * answer[b] for p, answer in zip(policy, answers, strict=True)) for b in self.joint]

    def learn(self, s, a, b, reward, following, ended, drawn):
        y = reward
        if not ended:
            y += self.task.discount * max(self.value(following, c) for c in self.own)
        self.q[s][a][b] += self.now("learning_rate") * (y - self.q[s][a][b])


PLAIN = {RommeoQ: PlainRommeo, JAL: PlainJAL, WolfPHC: PlainWolf, FMQ: PlainFMQ, PR2Q: PlainPR2}


# --- the same rounds for both ----------------------------------------------------------------------------------------


class Drawn:
    """A generator that tells which indices it drew."""

    def __init__(self, rng):
        self.rng, self.indices = rng, []

    def integers(self, *args, **kwargs):
        self.indices.append(self.rng.integers(*args, **kwargs))
        return self.indices[-1]

    def __getattr__(self, name):
        return getattr(self.rng, name)


class Record(NamedTuple):
    """A recipe, its task, and the seed of rounds that it meets: rewards are those of a table, or noisy."""

    recipe: Recipe
    task: Task
    rounds: int
    noise: float
    seed: int

    def rows(self):
        """Rounds, each with one experience for every run."""
        rng, task = seeded(self.seed), self.task
        table = rng.normal(0.0, 3.0, size=(task.states, task.own, task.joint))
        for _ in range(self.rounds):
            s, following = rng.integers(task.states, size=(2, task.runs))
            a, b = (rng.integers(size, size=task.runs) for size in (task.own, task.joint))
            reward = table[s, a, b] + self.noise * rng.normal(size=task.runs)
            yield Experience(s, a, b, reward, following, rng.random(task.runs) < 0.25)


RATES = st.sampled_from((0.1, 0.5, 1.0, 0.0)) | st.just(harmonic(0.9, 3.0)) | st.just(exponential(0.8, 0.2))
TEMPERATURES = st.sampled_from((0.5, 1.0, 4.0)) | st.just(exponential(5.0, 0.3, 0.3)) | st.just(harmonic(3.0, 4.0))
EPSILONS = st.sampled_from((0.0, 0.2)) | st.just(harmonic(0.5, 2.0))
FIRST = st.sampled_from((0.0, 1.5, (-2.0, 2.0), (0.0, 1.0)))
SETTINGS = {
    RommeoQ: {
        "alpha": TEMPERATURES | st.just(0.0), "beta": st.sampled_from((1.0, 0.4, 3.0, INF, 0.0)),
        "learning_rate": RATES, "capacity": st.sampled_from((1, 3, 7, 100)), "batch": st.sampled_from((1, 2, 3)),
        "interval": st.sampled_from((1, 2, 5)), "pseudo_count": st.sampled_from((0.0, 1.0, 2.5)),
        "regress_at": st.sampled_from(("first", "first", "printed")), "epsilon": EPSILONS, "initial": FIRST,
    },
    JAL: {
        "temperature": TEMPERATURES, "learning_rate": RATES, "window": st.sampled_from((1, 3, 7, 100)),
        "epsilon": EPSILONS, "choice": st.sampled_from(("boltzmann", "boltzmann", "divided")), "initial": FIRST,
    },
    WolfPHC: {
        "learning_rate": RATES, "winning": st.sampled_from((0.02, 0.1)), "losing": st.sampled_from((0.1, 0.3, 1.0)),
        "epsilon": EPSILONS, "initial": FIRST,
    },
    FMQ: {
        "c": st.sampled_from((0.0, 0.5, 10.0)), "temperature": TEMPERATURES | st.just(cooling(20.0, 0.2)),
        "learning_rate": RATES, "epsilon": EPSILONS, "initial": FIRST,
    },
    PR2Q: {"temperature": TEMPERATURES, "learning_rate": RATES, "epsilon": EPSILONS, "initial": FIRST},
}  # fmt: skip


def records(kind):
    """Records for this kind of recipe."""
    tasks = st.builds(
        Task, st.just(3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.sampled_from((0.0, 0.5, 0.9))
    )  # fmt: skip
    return st.builds(
        Record, st.builds(kind, **SETTINGS[kind]), tasks, st.sampled_from((4, 12, 25)),
        st.sampled_from((0.0, 0.0, 1.0)), st.integers(0, 2**20),
    )  # fmt: skip


def near(one, other):
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    assert one.shape == other.shape
    assert (np.abs(one - other) <= 1e-12 * (1.0 + np.abs(other))).all()


def agrees(start, record):
    """Tables, policies and models are those of the second version, before the first round and after each."""
    task = record.task
    rng = Drawn(seeded(record.seed + 1))
    learner = start(record.recipe, task, rng)
    plain = [PLAIN[type(record.recipe)](record.recipe, task, table) for table in learner.q.tolist()]

    def compare():
        near(learner.q, [one.q for one in plain])
        policies = learner.policy()
        near(policies, [[one.policy(s) for s in one.states] for one in plain])
        near(policies.sum(axis=-1), np.ones(policies.shape[:-1]))
        models = learner.opponent_model()
        if models is None:
            assert plain[0].model(0) is None
        else:
            near(models, [[one.model(s) for s in one.states] for one in plain])

    compare()
    for seen in record.rows():
        rng.indices.clear()
        learner.observe(seen)
        for k, one in enumerate(plain):
            steps = getattr(record.recipe, "batch", 1) - 1
            drawn = [int(indices[k]) for indices in rng.indices] or [0] * steps
            one.observe(*(column[k].item() for column in seen), drawn=drawn)
        compare()


def begun(recipe, task, rng):
    return recipe.start(task, rng)


@theorem(begun, records(RommeoQ), planted.ROMMEO_LEARNERS)
def test_rommeo_q_is_algorithm_1(start, record):
    agrees(start, record)


@theorem(begun, records(JAL), planted.JAL_LEARNERS)
def test_jal_is_that_of_claus_and_boutilier(start, record):
    agrees(start, record)


@theorem(begun, records(WolfPHC), planted.WOLF_LEARNERS)
def test_wolf_phc_is_that_of_bowling_and_veloso(start, record):
    agrees(start, record)


@theorem(begun, records(FMQ), planted.FMQ_LEARNERS)
def test_fmq_is_that_of_kapetanakis_and_kudenko(start, record):
    agrees(start, record)


@theorem(begun, records(PR2Q), planted.PR2_LEARNERS)
def test_pr2_q_is_that_of_wen(start, record):
    agrees(start, record)


# --- the sampled V bar -----------------------------------------------------------------------------------------------


class Estimate(NamedTuple):
    """A state's tables: V bar is drawn with pi and rho of `q`, of the values in `target`."""

    q: np.ndarray
    target: np.ndarray
    prior: np.ndarray
    alpha: float
    beta: float
    samples: int
    seed: int

    def draws(self, value, runs):
        """V bar of this many runs, read off what a step of rate 1 makes of Q."""
        recipe = RommeoQ(
            self.alpha, self.beta, learning_rate=1.0, batch=1, samples=self.samples, interval=10**6, value=value
        )
        own, joint = self.q.shape
        learner = recipe.start(Task(runs, 2, own, joint, 0.5), seeded(self.seed))
        learner.q[:, 1], learner.target[:, 1] = self.q, self.target
        prior = learner.memory.prior(1.0)
        prior[:, 1] = self.prior
        learner.memory.prior = lambda pseudo_count: prior
        zero, one = np.zeros(runs, dtype=int), np.ones(runs, dtype=int)
        learner.observe(Experience(zero, zero, zero, np.full(runs, 3.0), one, np.zeros(runs, dtype=bool)))
        return (learner.q[:, 0, 0, 0] - 3.0) / 0.5

    def parts(self, table):
        return soft_parts(table.tolist(), self.prior.tolist(), self.alpha, self.beta)


@st.composite
def estimates(draw, *, same=True, betas=(1.0,), alphas=(0.5, 2.0)):
    rng = seeded(draw(st.integers(0, 2**20)))
    shape = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    q = rng.normal(size=shape)
    target = q if same else rng.normal(size=shape)
    prior = rng.dirichlet(np.ones(shape[1]))
    alpha, beta = draw(st.sampled_from(alphas)), draw(st.sampled_from(betas))
    return Estimate(q, target, prior, alpha, beta, draw(st.sampled_from((1, 4))), int(rng.integers(2**20)))


def drawn_by(value):
    return lambda estimate, runs: estimate.draws(value, runs)


SAMPLED, PRINTED, EXACT = drawn_by("sampled"), drawn_by("printed"), drawn_by("exact")


@theorem(SAMPLED, estimates(betas=(0.5, 1.0, 3.0)), {"printed": PRINTED}, part=0.2)
def test_the_corrected_value_has_no_variance_at_the_pair_of_its_table(value, estimate):
    near(value(estimate, 20), np.full(20, estimate.parts(estimate.q)[0]))


@theorem(EXACT, estimates(same=False, betas=(0.5, 1.0, INF, 0.0)), {"printed": PRINTED, "sampled": SAMPLED}, part=0.2)
def test_the_exact_value_is_that_of_the_target(value, estimate):
    near(value(estimate, 3), np.full(3, estimate.parts(estimate.target)[0]))


def within(samples, mean):
    """Five standard errors around the mean, of rows of samples."""
    error = samples.std(ddof=1) / math.sqrt(len(samples))
    assert abs(samples.mean() - mean) <= 5.0 * error + 1e-9 * (1.0 + abs(mean))


def mean_of_powers(estimate, alpha):
    """The mean of exp(V bar / beta), over every (b, a) that rho and pi of `q` draw; `alpha` is the exponent of pi."""
    _, policy, _ = estimate.parts(estimate.q)
    target, beta = estimate.target, estimate.beta
    return sum(
        estimate.prior[b] * policy[b][a] * math.exp((target[a, b] - alpha * math.log(policy[b][a])) / beta)
        for a, b in np.ndindex(target.shape)
    )


DRAWS = 20_000


@theorem(SAMPLED, estimates(same=False, betas=(0.5, 1.0, 3.0)), {"printed": PRINTED, "exact": EXACT}, part=0.15)
def test_the_corrected_value_has_the_mean_of_its_samples(value, estimate):
    within(np.exp(value(estimate, DRAWS) / estimate.beta), mean_of_powers(estimate, estimate.alpha))


@theorem(PRINTED, estimates(same=False), {"sampled": SAMPLED, "exact": EXACT}, part=0.15)
def test_the_printed_value_has_the_mean_of_temperature_1(value, estimate):
    within(np.exp(value(estimate, DRAWS)), float(np.exp(estimate.target).sum(axis=0) @ estimate.prior))


def without_prior(estimate, runs):
    size = len(estimate.prior)
    return estimate._replace(prior=np.full(size, 1.0 / size)).draws("sampled", runs)


@theorem(SAMPLED, estimates(same=False, alphas=(1.0,)), {"prior_dropped": without_prior}, part=0.15)
def test_at_temperature_1_both_are_unbiased(value, estimate):
    mean = math.exp(estimate.parts(estimate.target)[0])
    within(np.exp(value(estimate, DRAWS)), mean)
    within(np.exp(PRINTED(estimate, DRAWS)), mean)


# --- known answers ---------------------------------------------------------------------------------------------------


CLIMBING = rx.games.climbing()
OPTIMA = {"climbing": [(0, 0)], "penalty": [(0, 0), (2, 2)]}


def successes(game, recipes, goals, episodes, runs, seed):
    """In how many runs the last policies play one of the goals nearly always."""
    history = train(game, recipes, episodes=episodes, runs=runs, rng=seeded(seed))
    return int((sum(history.joint_probability(goal)[-1] for goal in goals) > 0.8).sum())


def fewest(rate, runs, doubt=1e-4):
    """The greatest k such that fewer than k successes, each with this chance, have at most the chance `doubt`."""
    total = 0.0
    for k in range(runs + 1):
        total += math.comb(runs, k) * rate**k * (1.0 - rate) ** (runs - k)
        if total > doubt:
            return k
    return runs


def most(rate, runs, doubt=1e-4):
    return runs - fewest(1.0 - rate, runs, doubt)


SLOWLY = exponential(60.0, 0.02, 0.5)
DOMINANT = rx.MatrixGame.bimatrix([[30, 10], [20, 0]], [[30, 20], [10, 0]])
LEARNERS = [RommeoQ(), RommeoQ(beta=INF), JAL(SLOWLY), WolfPHC(epsilon=0.1), FMQ(), PR2Q(SLOWLY)]


@pytest.mark.parametrize("recipe", LEARNERS, ids=lambda recipe: recipe.name)
def test_all_learn_what_dominates(recipe):
    episodes = 1000 if isinstance(recipe, FMQ) else 500
    assert successes(DOMINANT, [recipe] * 2, [(0, 0)], episodes, 60, 1) >= fewest(0.95, 60)


class Backwards(Recipe):
    """A learner of the negative rewards."""

    def __init__(self, right):
        object.__setattr__(self, "right", right)

    @property
    def name(self):
        return "Backwards"

    def start(self, task, rng):
        return planted.heard(lambda seen, task: seen._replace(reward=-seen.reward))(self.right, task, rng)


def test_who_takes_reward_for_cost_does_not():
    for recipe in LEARNERS:
        assert successes(DOMINANT, [Backwards(recipe)] * 2, [(0, 0)], 200, 60, 1) < fewest(0.95, 60)


@pytest.mark.parametrize("recipe", [JAL(), FMQ(), RommeoQ()], ids=lambda recipe: recipe.name)
def test_pure_coordination_is_solved(recipe):
    game = rx.MatrixGame.common_payoff([[10, 0], [0, 2]])
    assert successes(game, [recipe] * 2, [(0, 0)], 1000 if isinstance(recipe, FMQ) else 300, 60, 2) >= fewest(0.95, 60)


@pytest.mark.parametrize(("k", "rate"), [(None, 0.99), (0.0, 0.99), (-10.0, 0.99), (-50.0, 0.98), (-100.0, 0.93)])
def test_fmq_converges_as_its_authors_found(k, rate):
    """A thousand repetitions, c = 10: nearly always to an optimum, also where confusing the two costs 100."""
    game, goals = (CLIMBING, OPTIMA["climbing"]) if k is None else (rx.games.penalty(k), OPTIMA["penalty"])
    assert successes(game, [FMQ()] * 2, goals, 1000, 200, 5) >= fewest(rate, 200)


def test_without_its_heuristic_fmq_seldom_climbs():
    """c = 0 is Q-learning; c = 1 is far from enough, c = 5 is not quite."""
    found = [successes(CLIMBING, [FMQ(c=c)] * 2, [(0, 0)], 1000, 200, 1) for c in (0.0, 1.0, 5.0)]
    assert found[0] <= most(0.3, 200) and found[1] <= most(0.5, 200)
    assert fewest(0.9, 200) <= found[2] <= most(0.99, 200)


@pytest.mark.parametrize("seed", range(4))
def test_rommeo_q_climbs(seed):
    assert successes(CLIMBING, [RommeoQ()] * 2, [(0, 0)], 300, 100, seed) >= 95


@pytest.mark.slow
def test_rommeo_q_climbs_in_98_of_100_runs():
    assert successes(CLIMBING, [RommeoQ()] * 2, [(0, 0)], 300, 5000, 0) >= fewest(0.98, 5000)


def test_the_ablation_does_not_climb():
    assert successes(CLIMBING, [RommeoQ(beta=INF)] * 2, [(0, 0)], 300, 100, 0) <= most(0.5, 100)
