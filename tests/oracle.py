"""A second implementation of the whole model, to test the first: mpmath, plain loops, nothing shared.

Every formula is written out from the paper's equations and the definition of the objective, at 50 digits or more, on
nested lists; nothing is imported from the package. A float stands for the exact number that it is, and every row of
probabilities is divided by its exact sum.

The objective, for weights alpha on the entropy and beta on the divergence from the prior (beta = 1 in the paper, eq. 7;
other beta are this package's generalisation):

    E sum_t gamma^t [ R(s,a,b) + alpha H(pi(.|s,b)) - beta KL(rho(.|s) || P(.|s)) ]

The limits are cases, never approximated: alpha = 0 is the hard maximum, ties shared evenly; beta = 0 is the maximum
over the prior's support, ties shared in proportion to the prior (the limit of rho as beta falls to 0); beta = inf is
rho = P. A model that leaves the prior's support or, at beta = inf, the prior is worth minus infinity.

Indices: rewards[s][a][b], q[s][a][b], policy[s][a][b], prior[s][b], model[s][b]; functions of one state drop the s. In
terminal states V is 0, and Q is written as 0.
"""

from dataclasses import dataclass
from fractions import Fraction

from mpmath import mp, mpf

DIGITS = 50
ACCURACY = mpf(10) ** -30
"""The bound on the error of a solved V in the sup norm, and of V/alpha and V/beta where these are larger."""

mp.dps = DIGITS


@dataclass(frozen=True)
class Problem:
    """A game through one agent's eyes: ``moves[s][a][b]`` maps every s' that can follow to its probability."""

    rewards: list
    moves: list
    discount: mpf
    terminal: list

    @property
    def states(self):
        return range(len(self.rewards))

    @property
    def own(self):
        return range(len(self.rewards[0]))

    @property
    def joint(self):
        return range(len(self.rewards[0][0]))


@dataclass(frozen=True)
class Optimum:
    """V*, Q*, pi* and rho*; `error` bounds that of V* in the sup norm."""

    value: list
    q: list
    policy: list
    opponent_model: list
    error: mpf


# Reading numbers


def listed(values):
    """Nested lists, from an array or from nested sequences."""
    return values.tolist() if hasattr(values, "tolist") else values


def numbers(values):
    """Nested lists of exact numbers, from an array or nested sequences of numbers."""
    values = listed(values)
    return [numbers(value) for value in values] if isinstance(values, list | tuple) else mpf(values)


def distribution(weights):
    """One row of probabilities, divided by its exact sum."""
    exact = [Fraction(weight) for weight in listed(weights)]
    total = sum(exact)
    return [mpf((weight / total).numerator) / (weight / total).denominator for weight in exact]


def distributions(rows):
    """A prior or an opponent model: a row for every state."""
    return [distribution(row) for row in listed(rows)]


def conditional(policy):
    """A policy[s][a][b]: every column over a is divided by its exact sum."""
    columns = [distributions(list(zip(*one, strict=True))) for one in listed(policy)]
    return [[list(row) for row in zip(*one, strict=True)] for one in columns]


def problem(rewards, transitions, discount, terminal=None):
    """A problem from rewards[s][a][b] and transitions[s][a][b][s']."""
    rewards = numbers(rewards)
    moves = [
        [[{t: p for t, p in enumerate(distribution(row)) if p > 0} for row in rows] for rows in one]
        for one in listed(transitions)
    ]
    return Problem(rewards, moves, mpf(discount), [bool(x) for x in listed(terminal or [False] * len(rewards))])


def read(view, discount=None):
    """The problem that a view states, dense or sparse; `discount` overrides the view's own."""
    transitions = view.transitions.toarray() if hasattr(view.transitions, "toarray") else view.transitions
    states, own, joint = view.rewards.shape
    return problem(
        view.rewards,
        transitions.reshape(states, own, joint, states),
        view.discount if discount is None else discount,
        listed(view.terminal),
    )


# One state


def maximisers(values, slack=0):
    """The indices of the largest value, and of those at most `slack` below it."""
    top = max(values)
    return [i for i, value in enumerate(values) if top - value <= slack]


def log_sum_exp(terms):
    """log sum_i w_i exp(x_i) of pairs (w_i, x_i), w_i > 0."""
    top = max(x for _, x in terms)
    return top + mp.log(mp.fsum(w * mp.exp(x - top) for w, x in terms))


def columns(q):
    """For every b, the values of the own actions."""
    return [list(column) for column in zip(*q, strict=True)]


def own_values(q, alpha):
    """L(b) = alpha log sum_a exp(Q(a,b) / alpha), the inner sum of eq. 9."""
    if alpha == 0:
        return [max(column) for column in columns(q)]
    return [alpha * log_sum_exp([(1, x / alpha) for x in column]) for column in columns(q)]


def soft_value(q, prior, alpha, beta):
    """V, eq. 9 and 58."""
    alpha, beta = mpf(alpha), mpf(beta)
    worth = [(p, level) for p, level in zip(prior, own_values(q, alpha), strict=True) if p > 0]
    if beta == 0:
        return max(level for _, level in worth)
    if beta == mp.inf:
        return mp.fsum(p * level for p, level in worth)
    return beta * log_sum_exp([(p, level / beta) for p, level in worth])


def soft_policy(q, alpha, slack=0):
    """pi*(a|b), eq. 10; at alpha = 0 actions within `slack` of the best share evenly."""
    alpha = mpf(alpha)
    chosen = []
    for column in columns(q):
        if alpha == 0:
            best = maximisers(column, slack)
            chosen.append([mpf(a in best) / len(best) for a in range(len(column))])
        else:
            weights = [mp.exp((x - max(column)) / alpha) for x in column]
            chosen.append([weight / mp.fsum(weights) for weight in weights])
    return columns(chosen)


def soft_opponent_model(q, prior, alpha, beta, slack=0):
    """rho*(b), eq. 11; at beta = 0 those within `slack` of the best share in proportion to the prior."""
    alpha, beta = mpf(alpha), mpf(beta)
    worth = own_values(q, alpha)
    support = [b for b, p in enumerate(prior) if p > 0]
    top = max(worth[b] for b in support)
    if beta == mp.inf:
        return list(prior)
    if beta == 0:
        weights = [p if top - level <= slack else mpf(0) for p, level in zip(prior, worth, strict=True)]
    else:
        weights = [p and p * mp.exp((level - top) / beta) for p, level in zip(prior, worth, strict=True)]
    return [weight / mp.fsum(weights) for weight in weights]


def entropy(row):
    """H of a distribution, in nats."""
    return -mp.fsum(p * mp.log(p) for p in row if p > 0)


def divergence(row, other):
    """KL(row || other) in nats, infinite where `row` leaves the support of `other`."""
    pairs = [(p, r) for p, r in zip(row, other, strict=True) if p > 0]
    return mp.inf if any(r == 0 for _, r in pairs) else mp.fsum(p * mp.log(p / r) for p, r in pairs)


def penalty(model, prior, beta):
    """beta KL(model || prior); its limits in beta forbid models."""
    if beta == mp.inf:
        return mpf(0) if model == prior else mp.inf
    cost = divergence(model, prior)
    return cost if cost == mp.inf else beta * cost


def objective(q, policy, model, prior, alpha, beta):
    """E_rho [ E_pi Q + alpha H(pi(.|b)) ] - beta KL(rho || P): what eq. 9 to 11 maximise, in one state."""
    gains = [
        weight * (mp.fsum(p * x for p, x in zip(chosen, column, strict=True)) + alpha * entropy(chosen))
        for weight, chosen, column in zip(model, columns(policy), columns(q), strict=True)
    ]
    return mp.fsum(gains) - penalty(model, prior, mpf(beta))


# All states


def backup(given, value):
    """Q(s,a,b) = R(s,a,b) + gamma sum_s' p(s'|s,a,b) V(s'), eq. 12."""

    def entry(s, a, b):
        if given.terminal[s] or given.discount == 0:
            return mpf(0) if given.terminal[s] else given.rewards[s][a][b]
        return given.rewards[s][a][b] + given.discount * mp.fsum(p * value[t] for t, p in given.moves[s][a][b].items())

    return [[[entry(s, a, b) for b in given.joint] for a in given.own] for s in given.states]


def values(given, q, prior, alpha, beta):
    """V_Q of every state, 0 in the terminal ones."""
    return [mpf(0) if given.terminal[s] else soft_value(q[s], prior[s], alpha, beta) for s in given.states]


def bellman(given, q, prior, alpha, beta):
    """T Q, eq. 13 and 60."""
    return backup(given, values(given, q, prior, alpha, beta))


def distance(one, two):
    """The sup norm of a difference of values."""
    return max(abs(x - y) for x, y in zip(one, two, strict=True))


def value_iteration(given, prior, alpha, beta):
    """V* by eq. 13 from V = 0, until the contraction's bound gamma / (1 - gamma) |TV - V| meets `ACCURACY`."""
    value, bound = [mpf(0)] * len(given.rewards), mp.inf
    while bound > ACCURACY:
        better = values(given, backup(given, value), prior, alpha, beta)
        bound = given.discount / (1 - given.discount) * distance(better, value)
        value = better
    return value


def solve(given, prior, alpha, beta):
    """The optimum, by soft policy iteration (eq. 54 and 55 at once), which is Newton's method on eq. 12.

    The error is bounded by |TV - V| / (1 - gamma) and is at most `ACCURACY`, times alpha or beta where these are
    smaller than 1. The digits needed for that follow from the payoffs, the weights and the discount.
    """
    near = 1 - given.discount
    weights = [mpf(weight) for weight in (alpha, beta) if 0 < weight < mp.inf]
    accuracy = ACCURACY * min([mpf(1), *weights])
    largest = max(abs(x) for one in given.rewards for row in one for x in row)
    scale = (1 + largest + alpha * mp.log(len(given.own))) / near
    with mp.workdps(int(mp.ceil(20 + mp.log10(scale / accuracy / near)))):
        slack = scale * mpf(10) ** (10 - mp.dps)
        value = [mpf(0)] * len(given.rewards)
        for _ in range(200):
            q = backup(given, value)
            policy = [soft_policy(one, alpha, slack) for one in q]
            model = [soft_opponent_model(q[s], prior[s], alpha, beta, slack) for s in given.states]
            error = distance(values(given, q, prior, alpha, beta), value) / near
            if error <= accuracy:
                return Optimum(value, q, policy, model, error)
            value, _ = evaluate(given, policy, model, prior, alpha, beta)
    raise ArithmeticError(f"policy iteration has not ended: error {mp.nstr(error, 5)}")


def discounted(given, policy, model, gains):
    """E sum_t gamma^t gains(s_t) from every state, by a linear solve; minus infinity spreads to what leads there."""
    size = len(given.rewards)
    steps = mp.zeros(size)
    for s in given.states:
        if not given.terminal[s]:
            for a in given.own:
                for b in given.joint:
                    for t, p in given.moves[s][a][b].items():
                        steps[s, t] += given.discount * model[s][b] * policy[s][a][b] * p
    lost = {s for s in given.states if gains[s] == -mp.inf and not given.terminal[s]}
    for _ in given.states:
        lost |= {s for s in given.states if any(steps[s, t] > 0 for t in lost)}
    kept = [s for s in given.states if s not in lost]
    value = [-mp.inf] * size
    if kept:
        system = mp.matrix([[(s == t) - steps[s, t] for t in kept] for s in kept])
        right = mp.matrix([mpf(0) if given.terminal[s] else gains[s] for s in kept])
        for s, x in zip(kept, mp.lu_solve(system, right), strict=True):
            value[s] = x
    return value


def evaluate(given, policy, model, prior, alpha, beta):
    """V^{pi,rho} and Q^{pi,rho}, eq. 33 to 36."""
    gains = [objective(given.rewards[s], policy[s], model[s], prior[s], alpha, beta) for s in given.states]
    value = discounted(given, policy, model, gains)
    return value, backup(given, value)


def gaps(optimum, policy, model, prior, alpha, beta):
    """What one step gives up in every state: V*(s) less the objective at Q*(s,.,.), at any weights.

    Discounted and summed these give V* - V^{pi,rho}; that much holds for every V in place of V*, as the sum telescopes.
    Only that they are nonnegative, and equal to :func:`divergences`, is peculiar to the optimum.
    """
    return [
        optimum.value[s] - objective(optimum.q[s], policy[s], model[s], prior[s], alpha, beta)
        for s in range(len(optimum.value))
    ]


def divergences(optimum, policy, model, alpha, beta):
    """The same for finite positive weights: alpha E_rho KL(pi || pi*) + beta KL(rho || rho*)."""
    given_up = []
    for s, best in enumerate(optimum.policy):
        own = [divergence(p, r) for p, r in zip(columns(policy[s]), columns(best), strict=True)]
        given_up.append(
            alpha * mp.fsum(weight * cost for weight, cost in zip(model[s], own, strict=True))
            + beta * divergence(model[s], optimum.opponent_model[s])
        )
    return given_up


def regret(given, optimum, policy, model, prior, alpha, beta):
    """V* - V^{pi,rho} as the discounted sum of what every step gives up."""
    given_up = gaps(optimum, policy, model, prior, alpha, beta)
    return [-x for x in discounted(given, policy, model, [-x for x in given_up])]
