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
    training,
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
            yield Experience(np.arange(task.runs), s, a, b, reward, following, rng.random(task.runs) < 0.25)


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
        "epsilon": EPSILONS, "initial": st.sampled_from((0.0, (-2.0, 2.0))),  # with equal values rounding says who wins
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
            one.observe(*(column[k].item() for column in seen[1:]), drawn=drawn)
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
        never = np.zeros(runs, dtype=bool)
        learner.observe(Experience(np.arange(runs), zero, zero, zero, np.full(runs, 3.0), one, never))
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
        ways = math.lgamma(runs + 1) - math.lgamma(k + 1) - math.lgamma(runs - k + 1)
        total += math.exp(ways + k * math.log(rate) + (runs - k) * math.log1p(-rate))
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


# --- sampled play and the exact path ---------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Known(RommeoQ):
    """Algorithm 1 of a player who knows the payoffs (A, B) from the start."""

    payoffs: object = None

    def start(self, task, rng):
        learner = super().start(task, rng)
        learner.q[:, 0] = learner.target[:, 0] = self.payoffs
        return learner


PARITY = rx.MatrixGame.bimatrix([[2.0, -1.0, 0.0], [0.0, 1.5, 0.5]], [[1.0, 0.0, 0.5], [-1.0, 2.0, 0.0]])
COUNT, STEPS, RUNS = 60.0, 60, 400


def known(game, alpha, beta, *, shares=lambda recipe: recipe, count=COUNT):
    recipes = [
        shares(Known(alpha, beta, batch=1, capacity=1000, pseudo_count=count, payoffs=game.view(i).rewards[0]))
        for i in range(2)
    ]
    return train(game, recipes, STEPS, runs=RUNS, rng=seeded(3)).policies


def drawn_play(game, alpha, beta, count=COUNT):
    return sampled_self_play(game, alpha, beta, rounds=STEPS, runs=RUNS, pseudo_count=count, rng=seeded(4)).marginals


def follows_the_exact_path(play, example):
    """Their mean is the path of self-play, to five standard errors and what counting bends it by."""
    alpha, beta = example
    path = rx.self_play(PARITY, alpha, beta, update=lambda k: 1.0 / (COUNT + k + 1.0), rounds=STEPS - 1, tol=0.0)
    for sampled, exact in zip(play(PARITY, alpha, beta), path.marginals, strict=True):
        assert sampled.shape == (STEPS, RUNS, len(exact[0]))
        error = sampled.std(axis=1) / math.sqrt(RUNS)
        assert (np.abs(sampled.mean(axis=1) - exact) <= 5.0 * error + 0.1 / COUNT + 1e-12).all()
        near(sampled[0], np.broadcast_to(exact[0], sampled[0].shape))


WEIGHTS = st.tuples(st.sampled_from((0.7, 1.5)), st.sampled_from((0.8, 1.0, 3.0)))
PLAYS = {
    "frozen_model": lambda play: lambda game, alpha, beta: play(game, alpha, INF),
    "another_temperature": lambda play: lambda game, alpha, beta: play(game, 2.0 * alpha, beta),
    "prior_of_one_observation": lambda play: lambda game, alpha, beta: play(game, alpha, beta, count=1.0),
    "payoffs_exchanged": lambda play: lambda game, alpha, beta: play(
        rx.MatrixGame(game.payoffs[::-1]), alpha, beta
    ),
    "players_exchanged": lambda play: lambda game, alpha, beta: play(
        rx.MatrixGame(game.payoffs[::-1].swapaxes(1, 2)), alpha, beta
    )[::-1],
    "nothing_counted": lambda play: lambda game, alpha, beta: [
        np.broadcast_to(part[:1], part.shape) for part in play(game, alpha, beta)
    ],
}  # fmt: skip


def spoilt(play, *without):
    return {name: spoil(play) for name, spoil in PLAYS.items() if name not in without}


@theorem(known, WEIGHTS, spoilt(known, "players_exchanged"), part=0.06)
def test_rommeo_q_that_knows_the_game_follows_self_play(play, example):
    follows_the_exact_path(play, example)


@theorem(drawn_play, WEIGHTS, spoilt(drawn_play, "players_exchanged"), part=0.06)
def test_sampled_self_play_follows_self_play(play, example):
    follows_the_exact_path(play, example)


def test_sampled_self_play_counts_what_it_shows():
    """Each marginal answers the actions shown before it, in the state shown, run by run."""
    game = grid(terminal=[False, False, True])
    play = sampled_self_play(game, 0.8, 1.3, rounds=12, runs=3, pseudo_count=1.5, rng=seeded(5))
    assert play.rounds == 12 and play.runs == 3 and play.step(2) == 1.0 / 4.5
    assert [part.shape for part in play.marginals] == [(12, 3, 3, 2), (12, 3, 3, 3)]
    assert not np.isin(play.states, 2).any()
    for run in range(3):
        for k in range(12):
            for i in range(2):
                prior = np.full((3, game.num_actions[1 - i]), 1.5 / game.num_actions[1 - i])
                for earlier in range(k):
                    prior[play.states[earlier, run], play.actions[earlier, run, 1 - i]] += 1.0
                prior /= prior.sum(axis=1, keepdims=True)
                exact = rx.solve(game, i, 0.8, 1.3, prior, tol=1e-12).marginal_policy
                assert np.allclose(play.marginals[i][k, run, :2], exact[:2], atol=1e-9)


# --- the world -------------------------------------------------------------------------------------------------------


def grid(*, terminal=None, as_sparse=False, sizes=(2, 3), initial=None, seed=8):
    """Three states, in which everything has its own payoff, and some transitions are impossible."""
    rng = seeded(seed)
    moves = rng.dirichlet(np.ones(3), size=(3, *sizes))
    moves[1, ..., 0] = 0.0
    moves /= moves.sum(axis=-1, keepdims=True)
    payoffs = rng.normal(size=(len(sizes), 3, *sizes))
    moves = sparse.csr_array(moves.reshape(-1, 3)) if as_sparse else moves
    return rx.StochasticGame(payoffs, moves, 0.7, terminal, initial)


class Script(Recipe):
    """One who plays at random and writes down everything."""

    def __init__(self):
        object.__setattr__(self, "heard", [])

    @property
    def name(self):
        return "Script"

    def start(self, task, rng):
        object.__setattr__(self, "task", task)
        return Scribe(self, task, rng)


class Scribe(Learner):
    def __init__(self, recipe, task, rng):
        super().__init__(task, rng)
        self.recipe = recipe

    def policy(self):
        shares = np.arange(1.0, self.task.own + 1.0) + self.round
        return np.broadcast_to(shares / shares.sum(), (self.task.runs, self.task.states, self.task.own))

    def learn(self, seen):
        self.recipe.heard.append(Experience._make(np.array(column) for column in seen))


def watched(game, episodes, rounds, runs, **options):
    scripts = [Script() for _ in range(game.num_players)]
    return train(game, scripts, episodes, rounds, runs, rng=seeded(6), **options), scripts


@pytest.mark.parametrize("sizes", [(2, 3), (2, 3, 2), (3,)])
@pytest.mark.parametrize("terminal", [None, [2]])
def test_everyone_hears_what_happened(sizes, terminal):
    """Rewards are the payoffs, b is the others in C order, what follows is possible and goes on where nothing ends."""
    game = grid(sizes=sizes, terminal=terminal, initial=[0.25, 0.75, 0.0])
    _, scripts = watched(game, 20, 4, 50)
    places = math.prod(sizes)
    dense = game.transitions.reshape(3, places, 3)
    heard = [script.heard for script in scripts]
    for row in zip(*heard, strict=True):
        one = row[0]
        profile = np.stack([seen.action for seen in row])
        for i, seen in enumerate(row):
            assert seen.state.shape == seen.reward.shape == seen.ended.shape == seen.run.shape
            near(seen.reward, game.payoffs[(i, seen.state, *profile)])
            b = np.zeros(len(seen.run), dtype=int)
            for j, size in enumerate(sizes):
                b = b if j == i else b * size + profile[j]
            assert (seen.others == b).all()
            assert (seen.following == one.following).all() and (seen.ended == one.ended).all()
        flat = np.ravel_multi_index(tuple(profile), sizes)
        assert (dense[one.state, flat, one.following] > 0.0).all()
        assert one.ended[game.terminal[one.following]].all() and not game.terminal[one.state].any()
    for before, after in zip(heard[0], heard[0][1:], strict=False):
        going = ~before.ended
        if going.any():
            assert (after.run == before.run[going]).all() and (after.state == before.following[going]).all()
        else:
            assert (after.run == np.arange(50)).all() and (after.state < 2).all()
    for i, script in enumerate(scripts):
        assert script.task == Task(50, 3, sizes[i], places // sizes[i], 0.7)


def test_chances_are_those_of_the_game():
    """Starts and transitions, by their frequencies: five standard errors."""
    game = grid(initial=[0.2, 0.3, 0.5])
    _, scripts = watched(game, 10, 2, 2000)
    first = np.concatenate([seen.state for seen in scripts[0].heard[::2]])
    for s in range(3):
        within((first == s).astype(float), game.initial[s])
    heard = [np.concatenate(column) for column in zip(*scripts[0].heard, strict=True)]
    _, state, a, b, _, following, _ = heard
    for s, c, d in product(range(3), range(2), range(3)):
        here = (state == s) & (a == c) & (b == d)
        for t in range(3):
            within((following[here] == t).astype(float), game.transitions[s, c, d, t])
    for i, size in enumerate(game.num_actions):
        shares = np.arange(1.0, size + 1.0) / np.arange(1.0, size + 1.0).sum()
        for c in range(size):
            within((scripts[i].heard[0].action == c).astype(float), shares[c])


@pytest.mark.parametrize("terminal", [None, [2]])
def test_rewards_are_the_means_of_episodes(terminal):
    game = grid(terminal=terminal, initial=[0.25, 0.75, 0.0])
    history, scripts = watched(game, 6, 5, 40)
    assert history.episodes == 6 and history.runs == 40
    round_of = iter(zip(*(script.heard for script in scripts), strict=True))
    for episode in range(6):
        earned = [[] for _ in range(40)]
        for _ in range(5):
            row = next(round_of)
            for k, run in enumerate(row[0].run):
                earned[run].append([seen.reward[k] for seen in row])
            if row[0].ended.all():
                break
        near(history.rewards[episode], [np.mean(each, axis=0) for each in earned])
        if terminal is None:
            assert (history.actions[episode] == np.stack([seen.action for seen in row], axis=1)).all()
    assert next(round_of, None) is None


def _joint_backwards(world, chosen, i):
    others = [j for j in reversed(range(chosen.shape[1])) if j != i]
    return np.ravel_multi_index(tuple(chosen[:, j] for j in others), tuple(world.game.num_actions[j] for j in others))


def _stepped(change):
    def step(world, state, chosen):
        return change(world, *RIGHT_STEP(world, state, chosen))

    return step


RIGHT_STEP = training._World.step
WORLDS = {
    "joint_backwards": ("joint", _joint_backwards),
    "joint_of_all_first": ("joint", lambda world, chosen, i: chosen[:, 0]),
    "starts_anywhere": ("start", lambda world: (np.arange(world.runs), world.rng.integers(3, size=world.runs))),
    "rewards_of_the_first": ("step", _stepped(lambda world, r, t, end: (np.repeat(r[:, :1], r.shape[1], 1), t, end))),
    "rewards_of_the_next": ("step", _stepped(lambda world, r, t, end: (np.roll(r, 1, axis=1), t, end))),
    "never_ends": ("step", _stepped(lambda world, r, t, end: (r, t, np.zeros_like(end)))),
    "goes_anywhere": ("step", _stepped(lambda world, r, t, end: (r, world.rng.integers(3, size=len(t)), end))),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_wrong_world_is_heard(name, monkeypatch):
    monkeypatch.setattr(training._World, *WORLDS[name])
    with pytest.raises(AssertionError):
        test_everyone_hears_what_happened((2, 3, 2), [2])


def test_rounds_of_a_matrix_game_end_with_the_episode():
    _, scripts = watched(CLIMBING, 3, 4, 2)
    assert [bool(seen.ended.all()) for seen in scripts[0].heard] == [False, False, False, True] * 3
    assert scripts[0].task.discount == 0.9
    assert watched(CLIMBING, 1, 1, 1, discount=0.3)[1][0].task.discount == 0.3
    assert watched(grid(), 1, 1, 1, discount=0.3)[1][0].task.discount == 0.3


MIXED = [RommeoQ(), JAL(), WolfPHC(), FMQ(), PR2Q(), RommeoQ(value="sampled", beta=2.0)]


def figures(history):
    return [history.rewards, history.actions, *history.policies, *(m for m in history.opponent_models if m is not None)]


@pytest.mark.parametrize("pair", [(0, 1), (2, 3), (4, 5)])
def test_the_same_seed_gives_the_same_figures(pair):
    """Also whether transitions are sparse or dense; another seed gives others."""
    recipes = [MIXED[i] for i in pair]
    runs = [
        figures(train(grid(terminal=[2], as_sparse=as_sparse), recipes, 8, 5, 7, rng=seeded(seed)))
        for seed, as_sparse in ((1, False), (1, False), (1, True), (2, False))
    ]
    for other in runs[1:3]:
        assert all(np.array_equal(x, y) for x, y in zip(runs[0], other, strict=True))
    assert not np.array_equal(runs[0][0], runs[3][0])


@pytest.mark.parametrize("recipe", MIXED, ids=lambda recipe: recipe.name)
def test_three_players_and_histories(recipe):
    game, told = grid(sizes=(2, 3, 2), terminal=[2]), []
    history = train(game, [recipe] * 3, 4, 3, 5, rng=seeded(0), progress=lambda k, n: told.append((k, n)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert history.rewards.shape == (4, 5, 3) and history.actions.shape == (4, 5, 3)
    assert [x.shape for x in history.policies] == [(4, 5, 3, size) for size in (2, 3, 2)]
    if isinstance(recipe, (WolfPHC, FMQ)):
        assert history.opponent_models == (None,) * 3
    else:
        assert [x.shape for x in history.opponent_models] == [(4, 5, 3, size) for size in (6, 4, 6)]
    for part in figures(history)[2:]:
        near(part.sum(axis=-1), np.ones(part.shape[:-1]))
    near(history.policies[1][0], np.full((5, 3, 3), 1.0 / 3.0))
    assert not any(part.flags.writeable for part in figures(history))
    with pytest.raises(InputError, match="matrix game"):
        history.joint_probability((0, 0, 0))


def test_joint_probability_is_the_product():
    history = train(rx.games.three_player_coordination(), [RommeoQ()] * 3, 5, runs=4, rng=seeded(1))
    one, two, three = history.policies
    assert one.shape == (5, 4, 2)
    near(history.joint_probability((1, 0, 1)), one[..., 1] * two[..., 0] * three[..., 1])
    near(sum(history.joint_probability(profile) for profile in product(range(2), repeat=3)), np.ones((5, 4)))


def test_three_players_coordinate():
    game = rx.MatrixGame.common_payoff([[[10.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]])
    for recipe in (RommeoQ(), FMQ(), JAL(SLOWLY)):
        assert successes(game, [recipe] * 3, [(0, 0, 0)], 1000 if isinstance(recipe, FMQ) else 400, 30, 1) >= 25


def plainly(game, recipes, episodes, rng):
    """One run of a matrix game by the second version of the learners: the actions of each episode."""
    sizes = game.num_actions
    tasks = [Task(1, 1, sizes[i], math.prod(sizes) // sizes[i], 0.9) for i in range(2)]
    learners = [
        PLAIN[type(recipe)](recipe, task, recipe.start(task, seeded(0)).q[0].tolist())
        for recipe, task in zip(recipes, tasks, strict=True)
    ]
    for _ in range(episodes):
        a, b = (rng.choices(range(size), each.policy(0))[0] for each, size in zip(learners, sizes, strict=True))
        for i, (own, other) in enumerate(((a, b), (b, a))):
            seen = learners[i].round
            drawn = [rng.randrange(seen + 1) for _ in range(getattr(recipes[i], "batch", 1) - 1)]
            learners[i].observe(0, own, other, float(game.payoffs[i, a, b]), 0, True, drawn=drawn)
        yield a, b


LAW = [
    [RommeoQ(alpha=exponential(20.0, 0.2, 0.5), batch=3), JAL(exponential(10.0, 0.1, 0.5), 0.3)],
    [FMQ(c=1.0, temperature=cooling(20.0, 0.2)), WolfPHC(0.3, 0.1, 0.4)],
    [PR2Q(harmonic(10.0, 5.0), 0.4), RommeoQ(1.0, INF, batch=1)],
]


def same_law(runs, episodes, plain):
    """Frequencies of profiles, late and early, agree to five standard errors."""
    for k, profile in product((0, 4, episodes - 1), product(range(2), range(3))):
        one = (runs[k] == profile).all(axis=1).astype(float)
        two = (plain[:, k] == profile).all(axis=1).astype(float)
        error = math.sqrt(one.var() / len(one) + two.var() / len(two) + 1e-3 / len(two))
        assert abs(one.mean() - two.mean()) <= 5.0 * error


@pytest.mark.parametrize("recipes", LAW, ids=lambda recipes: recipes[0].name)
def test_runs_at_once_are_runs_one_by_one_in_law(recipes):
    game = rx.MatrixGame(4.0 * PARITY.payoffs)
    rng = random.Random(1)
    plain = np.array([list(plainly(game, recipes, 20, rng)) for _ in range(250)])
    same_law(train(game, recipes, 20, runs=4000, rng=seeded(1)).actions, 20, plain)
    exchanged = rx.MatrixGame(game.payoffs[::-1])
    with pytest.raises(AssertionError):
        same_law(train(exchanged, recipes, 20, runs=4000, rng=seeded(1)).actions, 20, plain)


def test_runs_are_independent_of_each_other():
    """Pairs of runs meet no more often in one action than chance has it."""
    actions = train(PARITY, [RommeoQ(1.0), JAL(1.0)], 3, runs=20_000, rng=seeded(2)).actions[-1]
    for own in actions.T:
        shares = np.bincount(own) / len(own)
        within((own[::2] == own[1::2]).astype(float), float(shares @ shares))


def test_first_tables_are_drawn_between_their_ends():
    rng = seeded(0)
    for recipe in (RommeoQ(initial=(-2.0, 3.0)), JAL(initial=(-2.0, 3.0)), FMQ(initial=(-2.0, 3.0))):
        q = recipe.start(Task(500, 2, 3, 2, 0.9), rng).q
        assert q.min() >= -2.0 and q.max() <= 3.0 and len(np.unique(q)) == q.size
        within(q.ravel(), 0.5)
        within((q.ravel() - 0.5) ** 2, 25.0 / 12.0)


def test_a_replayed_round_is_any_of_those_kept():
    """Drawn evenly from the buffer, each run for itself."""
    learner = RommeoQ(batch=1, capacity=4).start(Task(20_000, 1, 7, 1, 0.0), seeded(0))
    zero = np.zeros(20_000, dtype=int)
    for a in range(6):
        learner.observe(Experience(np.arange(20_000), zero, zero + a, zero, zero + 1.0, zero, zero == 0))
    drawn = learner.memory.sample(np.arange(20_000)).action
    assert set(drawn.tolist()) == {2, 3, 4, 5}
    for a in (2, 3, 4, 5):
        within((drawn == a).astype(float), 0.25)
    within((drawn[::2] == drawn[1::2]).astype(float), 0.25)


def test_cross_play_pairs_everyone_with_everyone():
    told = []
    recipes = (Constant(0), Constant(1), FMQ())
    game = rx.MatrixGame.bimatrix([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    found = cross_play(game, recipes, 20, 2, 3, rng=seeded(0), progress=lambda k, n: told.append((k, n)))
    assert found.rewards.shape == (3, 3, 3, 2) and found.recipes == recipes and told[-1] == (9, 9)
    for i, j in product(range(2), repeat=2):
        near(found.rewards[i, j], np.broadcast_to(game.payoffs[:, i, j], (3, 2)))
    near(found.mean, found.rewards[..., 0].mean(axis=2))


class Constant(Recipe):
    """Always the same action."""

    def __init__(self, action):
        object.__setattr__(self, "action", action)

    @property
    def name(self):
        return "Constant"

    def start(self, task, rng):
        learner = Scribe(Script(), task, rng)
        learner.policy = lambda: np.broadcast_to(np.eye(task.own)[self.action], (task.runs, task.states, task.own))
        return learner


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda: RommeoQ(alpha=-1.0), "RommeoQ.alpha"), (lambda: RommeoQ(alpha=lambda k: -1.0), "RommeoQ.alpha"),
        (lambda: RommeoQ(alpha=math.nan), "RommeoQ.alpha"), (lambda: RommeoQ(alpha=INF), "RommeoQ.alpha"),
        (lambda: RommeoQ(beta=-1.0), "RommeoQ.beta"), (lambda: RommeoQ(learning_rate=1.5), "RommeoQ.learning_rate"),
        (lambda: RommeoQ(batch=0), "RommeoQ.batch"), (lambda: RommeoQ(batch=1.5), "RommeoQ.batch"),
        (lambda: RommeoQ(capacity=0), "RommeoQ.capacity"), (lambda: RommeoQ(samples=-3), "RommeoQ.samples"),
        (lambda: RommeoQ(interval="1"), "RommeoQ.interval"), (lambda: RommeoQ(value="foo"), "RommeoQ.value.*'foo'"),
        (lambda: RommeoQ(pseudo_count=-0.1), "RommeoQ.pseudo_count"),
        (lambda: RommeoQ(regress_at="last"), "RommeoQ.regress_at"), (lambda: RommeoQ(epsilon=2.0), "RommeoQ.epsilon"),
        (lambda: JAL(temperature=-1.0), "JAL.temperature"), (lambda: JAL(window=0), "JAL.window"),
        (lambda: JAL(choice="best"), "JAL.choice"), (lambda: JAL(epsilon=-0.1), "JAL.epsilon"),
        (lambda: WolfPHC(winning=0.5, losing=0.1), "WolfPHC.winning"), (lambda: WolfPHC(losing=2.0), "WolfPHC.losing"),
        (lambda: FMQ(c=-1.0), "FMQ.c"), (lambda: FMQ(temperature=math.nan), "FMQ.temperature"),
        (lambda: FMQ(learning_rate=-0.1), "FMQ.learning_rate"), (lambda: PR2Q(temperature=-1.0), "PR2Q.temperature"),
        (lambda: exponential(1.0, 2.0), "rate"), (lambda: harmonic(1.0, 0.0), "half"),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_named(make, place):
    with pytest.raises(InputError, match=place):
        make()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"game": CLIMBING.payoffs}, "game"),
        ({"recipes": [JAL()]}, "recipes has 1"), ({"recipes": []}, "recipes has 0"),
        ({"recipes": [JAL()] * 3}, "recipes has 3"), ({"recipes": [JAL(), JAL]}, r"recipes\[1\]"),
        ({"recipes": [3, JAL()]}, r"recipes\[0\].*int"), ({"runs": 0}, "runs"), ({"runs": 2.5}, "runs"),
        ({"episodes": 0}, "episodes"), ({"rounds": -1}, "rounds"), ({"discount": 1.0}, "discount"),
        ({"discount": -0.1}, "discount"), ({"discount": math.nan}, "discount"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(change, place):
    with pytest.raises(InputError, match=place):
        train(**{"game": CLIMBING, "recipes": [JAL(), FMQ()], "runs": 2, "rng": seeded(0), **change})


def test_cross_play_is_of_two():
    with pytest.raises(InputError, match="two players"):
        cross_play(rx.games.three_player_coordination(), [JAL()], rng=seeded(0))


@pytest.mark.parametrize(
    ("options", "place"), [({"rounds": 0}, "rounds"), ({"runs": 0}, "runs"), ({"pseudo_count": 0.0}, "pseudo_count")]
)
def test_sampled_self_play_names_what_is_wrong(options, place):
    with pytest.raises(InputError, match=place):
        sampled_self_play(CLIMBING, rng=seeded(0), **options)


def test_recipes_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RommeoQ().alpha = 1.0


# --- episodes that end early -----------------------------------------------------------------------------------------


def ending(chance=0.5):
    """One live state; the game ends with this chance after each round. Action 0 is better."""
    moves = np.zeros((2, 2, 2, 2))
    moves[0, ..., 0], moves[0, ..., 1], moves[1, ..., 1] = 1.0 - chance, chance, 1.0
    payoffs = np.broadcast_to(np.array([[1.0, 1.0], [0.0, 0.0]]), (2, 2, 2, 2))
    return rx.StochasticGame(payoffs, moves, 0.9, [1])


def test_how_much_a_run_learns_does_not_depend_on_how_many_there_are():
    """Those who have ended wait for the last."""
    game, recipes = ending(), [WolfPHC(), WolfPHC()]
    alone = [train(game, recipes, 2, 50, 1, rng=seeded(seed)).policies[0][1, 0, 0, 0] for seed in range(200)]
    beside = train(game, recipes, 2, 50, 200, rng=seeded(1)).policies[0][1, :, 0, 0]
    error = math.sqrt((np.var(alone) + np.var(beside)) / 200)
    assert abs(np.mean(alone) - np.mean(beside)) <= 5.0 * error


def test_nothing_is_learned_from_rounds_that_are_not_counted():
    _, scripts = watched(ending(), 1, 50, 200)
    ends = np.concatenate([seen.run[seen.ended] for seen in scripts[0].heard])
    assert (np.sort(ends) == np.arange(200)).all()  # one episode was asked for


def test_an_extra_episode_that_is_cut_off_has_not_ended():
    """An episode ends in a terminal state, or after its last round."""
    moves = np.zeros((3, 1, 1, 3))
    moves[0, ..., 2] = 1.0  # from state 0 it ends at once, from state 1 never
    moves[1, ..., 1] = moves[2, ..., 2] = 1.0
    game = rx.StochasticGame(np.zeros((2, 3, 1, 1)), moves, 0.9, [2], [0.5, 0.5, 0.0])
    _, scripts = watched(game, 1, 3, 60)
    for k, seen in enumerate(scripts[0].heard):
        assert k == 2 or not (seen.ended & (seen.following == 1)).any()


def test_actions_are_those_of_the_last_round_of_the_episode():
    """Each run's own last round."""
    game = grid(terminal=[2], initial=[0.25, 0.75, 0.0])
    history, scripts = watched(game, 1, 5, 40)
    last = {}
    for row in zip(*(script.heard for script in scripts), strict=True):
        for k, run in enumerate(row[0].run):
            last[run] = [seen.action[k] for seen in row], row[0].ended[k]
    assert (history.actions[0] == [last[k][0] for k in range(40)]).all()


# --- terminal states are worth 0 -------------------------------------------------------------------------------------


def test_a_terminal_state_pays_nothing():
    """Whatever its payoffs say, also where an episode begins in it."""
    payoffs, moves = np.full((2, 2, 1, 1), 5.0), np.zeros((2, 1, 1, 2))
    moves[..., 1] = 1.0
    game = rx.StochasticGame(payoffs, moves, 0.9, [1], [0.0, 1.0])
    assert rx.solve(game, 0).value[1] == 0.0
    assert (train(game, [JAL(), JAL()], 1, 3, 2, rng=seeded(0)).rewards == 0.0).all()


# --- temperatures that cool to nothing -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [JAL, FMQ, PR2Q])
def test_a_temperature_may_cool_towards_zero(kind):
    """Below 1e-307 values / temperature leave the floats."""
    recipe = kind(temperature=exponential(16.0, 0.1))
    with np.errstate(all="ignore"):
        policies = train(CLIMBING, [recipe] * 2, 7050, runs=1, rng=seeded(0)).policies[0]
    assert np.isfinite(policies).all()


@pytest.mark.parametrize("recipe", [JAL(temperature=1e-308), FMQ(temperature=1e-308), PR2Q(temperature=1e-300)])
def test_least_temperatures(recipe):
    game = rx.MatrixGame(CLIMBING.payoffs * 1e9)
    assert np.isfinite(train(game, [recipe] * 2, 30, runs=3, rng=seeded(0)).policies[0]).all()


# --- what policy() returns -------------------------------------------------------------------------------------------


def test_a_policy_that_was_returned_stays():
    """It does not move with the next round."""
    learner = WolfPHC(epsilon=0.0).start(Task(2, 1, 3, 3, 0.9), seeded(0))
    policy, zero = learner.policy(), np.zeros(2, dtype=int)
    before = policy.copy()
    learner.observe(Experience(np.arange(2), zero, zero, zero, zero + 5.0, zero, zero == 0))
    assert (policy == before).all()


def test_a_model_that_was_returned_is_not_the_learners():
    """It cannot be written through."""
    learner = RommeoQ().start(Task(2, 1, 3, 3, 0.9), seeded(0))
    before, model = learner.policy().copy(), learner.opponent_model()
    try:
        model[...] = 7.0
    except ValueError:
        return
    assert (learner.policy() == before).all()


# --- errors are InputErrors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: RommeoQ(alpha="x"), lambda: RommeoQ(alpha="0.5"), lambda: RommeoQ(alpha=None),
        lambda: RommeoQ(alpha=lambda k: None), lambda: WolfPHC(winning="a"),
        lambda: RommeoQ(beta="1"), lambda: FMQ(c="1"),
        # no schedules
        lambda: RommeoQ(beta=lambda k: 1.0), lambda: RommeoQ(pseudo_count=lambda k: 1.0), lambda: FMQ(c=lambda k: 1.0),
        *(lambda v=v: JAL(initial=v) for v in ("foo", None, math.nan, INF, (0.0,), (1.0, 0.0), [0.0, 1.0], (0.0, INF))),
        lambda: exponential("x", 0.1), lambda: exponential(-1.0, 0.1), lambda: harmonic("x", 1.0), lambda: cooling("x"),
    ],
)  # fmt: skip
def test_bad_settings_are_named(make):
    with pytest.raises(InputError):
        make()


@pytest.mark.parametrize("name", ["temperature", "learning_rate", "epsilon"])
@pytest.mark.parametrize("later", [math.nan, -1.0, 5.0])
def test_schedules_that_leave_their_range_later_are_named(name, later):
    """In the round in which they do."""
    if (name, later) == ("temperature", 5.0):
        pytest.skip("in its range")
    recipe = JAL(**{name: lambda k: 0.5 if k == 0 else later})
    with np.errstate(all="ignore"), pytest.raises(InputError):
        train(CLIMBING, [recipe, recipe], 5, runs=2, rng=seeded(0))


@pytest.mark.parametrize(
    "call",
    [
        lambda: train(CLIMBING, RommeoQ(), rng=seeded(0)), lambda: train(CLIMBING, None, rng=seeded(0)),
        lambda: train(CLIMBING, [JAL()] * 2, rng=None), lambda: train(CLIMBING, [JAL()] * 2, rng=3),
        lambda: sampled_self_play(CLIMBING, rng=3),
        lambda: cross_play(CLIMBING.payoffs, [JAL()], rng=seeded(0)),
        lambda: cross_play(CLIMBING, JAL(), rng=seeded(0)),
        lambda: cross_play(CLIMBING, [JAL()], runs=-1, rng=seeded(0)),
        lambda: cross_play(CLIMBING, [JAL()], runs=2.5, rng=seeded(0)),
        *(lambda p=p: PLAYED.joint_probability(p) for p in ((0,), (0, 3), (0, -1), (0.5, 0), 0)),
    ],
)  # fmt: skip
def test_bad_calls_are_named(call):
    with pytest.raises(InputError):
        call()


PLAYED = train(CLIMBING, [JAL()] * 2, 2, runs=2, rng=seeded(0))
