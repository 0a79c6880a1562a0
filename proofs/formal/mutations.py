"""Planted errors: each is applied to a copy of the proofs, and the gate has to refuse it for the reason given."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutation:
    """One planted error.

    Attributes
    ----------
    title : str
        What is done.
    apply : callable
        Does it, in a copy of this folder and a copy of the ledger's modules.
    reason : str
        Words that have to be in what the gate says.
    """

    title: str
    apply: Callable[[Path, Path], None]
    reason: str


def edit(file: str, old: str, new: str) -> Callable[[Path, Path], None]:
    """Replace what occurs once in a file of the proofs."""

    def apply(folder: Path, claims: Path) -> None:
        _replace(folder / file, old, new)

    return apply


def theorem(name: str, statement: str, proof: str) -> Callable[[Path, Path], None]:
    """Give a theorem another statement, with a proof that is accepted."""

    def apply(folder: Path, claims: Path) -> None:
        path = folder / "Statements.v"
        text = path.read_text(encoding="utf-8")
        pattern = re.compile(rf"^Theorem {name}\b.*?^Proof\. exact .*? Qed\.$", flags=re.M | re.S)
        changed, count = pattern.subn(lambda _: f"Theorem {name} {statement}.\nProof. exact {proof}. Qed.", text)
        if count != 1:
            raise ValueError(f"no one theorem {name} in {path}")
        path.write_text(changed, encoding="utf-8", newline="\n")

    return apply


def dropped(name: str) -> Callable[[Path, Path], None]:
    """Leave a theorem out."""

    def apply(folder: Path, claims: Path) -> None:
        path = folder / "Statements.v"
        text = path.read_text(encoding="utf-8")
        pattern = re.compile(rf"^Theorem {name}\b.*?^Proof\. exact .*? Qed\.$", flags=re.M | re.S)
        path.write_text(pattern.sub("", text, count=1), encoding="utf-8", newline="\n")

    return apply


def _appended(file: str, text: str) -> Callable[[Path, Path], None]:
    def apply(folder: Path, claims: Path) -> None:
        with (folder / file).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(text)

    return apply


def _irrelevance(folder: Path, claims: Path) -> None:
    path = folder / "Contraction.v"
    _replace(
        path, "From Rommeo Require Import", "From Coq Require Import ProofIrrelevance.\nFrom Rommeo Require Import"
    )
    _replace(
        path, "Proof. apply Max_nonneg. Qed.", "Proof. assert (U := proof_irrelevance True I I). apply Max_nonneg. Qed."
    )


def _ledger(folder: Path, claims: Path) -> None:
    path = sorted(claims.glob("q_iteration.py"))[0]
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("Statements.v::theorem3_rate", "Statements.v::theorem3_speed", 1), encoding="utf-8", newline="\n"
    )


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{old!r} occurs {text.count(old)} times in {path.name}, not once")
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


_GAP_PROOF = "Lemma worth_best_model Q pi s : worth G Q pi (best_model G Q pi) s = best_reply_value G Q pi s.\n"

MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "a theorem is renamed",
        edit("Statements.v", "Theorem theorem1_Q ", "Theorem theorem1_table "),
        "theorem1_Q is named by the ledger",
    ),
    Mutation("a theorem is dropped", dropped("bellman_contracts"), "bellman_contracts is named by the ledger"),
    Mutation("a supporting theorem is dropped", dropped("residual_bound"), "residual_bound is recorded and not stated"),
    Mutation("the ledger names a theorem that is not there", _ledger, "theorem3_speed is named by the ledger"),
    Mutation(
        "a theorem is added without a record",
        _appended("Statements.v", "\nTheorem more : True.\nProof. exact I. Qed.\n"),
        "more is stated and not recorded",
    ),
    Mutation(
        "a conclusion is weakened: T contracts up to a constant",
        theorem(
            "bellman_contracts",
            "Q1 Q2 : distance G (T G Q1) (T G Q2) <= gamma G * distance G Q1 Q2 + 0",
            "(Rle_trans _ _ _ (Contraction.T_contracts G Q1 Q2) (Req_le _ _ (eq_sym (Rplus_0_r _))))",
        ),
        "theorem bellman_contracts differs from the record",
    ),
    Mutation(
        "a conclusion is emptied: Theorem 4 concludes what it assumes",
        theorem("theorem4", "(pi : Policy G) (rho : Model G) Q Q' : below G Q Q' -> below G Q Q'", "(fun H => H)"),
        "theorem theorem4 differs from the record",
    ),
    Mutation(
        "a hypothesis is added: Gibbs' bound for positive priors",
        theorem(
            "gibbs_bound",
            "Q pi rho s : positive_prior G -> is_policy G pi -> is_model G rho -> worth G Q pi rho s <= V G Q s",
            "(fun _ => Gibbs.worth_le_V G Q pi rho s)",
        ),
        "theorem gibbs_bound differs from the record",
    ),
    Mutation(
        "a hypothesis is added: eq. 61 for alpha = 1 alone",
        theorem(
            "eq61_corrected",
            "Q1 Q2 s : alpha G = 1 -> V G Q1 s <= distance G Q1 Q2 + V G Q2 s",
            "(fun _ => Contraction.V_lipschitz G Q1 Q2 s)",
        ),
        "theorem eq61_corrected differs from the record",
    ),
    Mutation(
        "an existence is emptied: the counterexample to eq. 6 for any numbers",
        theorem("eq6_printed_fails", ": exists x y : R, x < y", "(ex_intro _ 0 (ex_intro _ 1 Rlt_0_1))"),
        "theorem eq6_printed_fails differs from the record",
    ),
    Mutation(
        "a false statement: T contracts with gamma^2",
        edit("Statements.v", "(T G Q1) (T G Q2) <= gamma G * distance", "(T G Q1) (T G Q2) <= gamma G ^ 2 * distance"),
        "Statements.v failed",
    ),
    Mutation(
        "half of an equivalence is dropped: Theorem 2",
        theorem(
            "theorem2",
            "Q : optimal_Q G Q -> pair_Q G (soft_policy G Q) (soft_model G Q) Q",
            "(Iteration.optimal_is_pair G Q)",
        ),
        "theorem theorem2 differs from the record",
    ),
    Mutation(
        "a conclusion is emptied: Definition 1 says that some number is no greater than itself",
        theorem("definition1", ": exists x : R, x <= x", "(ex_intro (fun x => x <= x) 0 (Rle_refl 0))"),
        "theorem definition1 differs from the record",
    ),
    Mutation(
        "a hypothesis is added: eq. 23 given o^- where the chance is the same in every state",
        theorem(
            "eq23_given",
            "(g : Table G) n mu tau : (forall k s s', hope G g k s = hope G g k s') -> (forall s a b, 0 < g s a b) -> "
            "distribution mu -> tilt (law G (uniform G) (prior G) n mu) (product G g n) tau = law_given G g n mu tau",
            "(fun _ => Trajectories.given G g n mu tau)",
        ),
        "theorem eq23_given differs from the record",
    ),
    Mutation(
        "a false statement: without the divergence nothing is lost",
        edit("Statements.v", "  r' <= r + alpha G * ln (count (own G)) / (1 - gamma G).", "  r' <= r."),
        "Statements.v failed",
    ),
    Mutation(
        "a false statement: V* rises with beta",
        edit(
            "Statements.v",
            "V (with_beta G w2 p2) Q2 s <= V (with_beta G w1 p1) Q1 s.",
            "V (with_beta G w1 p1) Q1 s <= V (with_beta G w2 p2) Q2 s.",
        ),
        "Statements.v failed",
    ),
    Mutation(
        "a false statement: V misses the mean by d / beta",
        edit(
            "Statements.v",
            "  0 <= V G Q s - (∑ b, prior G s b * L G Q s b) <= d * (exp (d / beta G) - 1).",
            "  0 <= V G Q s - (∑ b, prior G s b * L G Q s b) <= d / beta G.",
        ),
        "Statements.v failed",
    ),
    Mutation(
        "a sign is changed: Q in eq. 21",
        edit("Statements.v", "t (al * p + df * (al * pa - dq)).", "t (al * p + df * (al * pa + dq))."),
        "Statements.v failed",
    ),
    Mutation(
        "a number is changed: 1/2 for 9/10 in the climbing game",
        edit(
            "Statements.v", "  9 / 10 <= answer three three 1 1 climbing", "  1 / 2 <= answer three three 1 1 climbing"
        ),
        "Statements.v failed",
    ),
    Mutation(
        "a comment names another entry than the ledger does",
        edit("Statements.v", "only there. [thm2] *)", "only there. [thm3] *)"),
        "theorem2: the comment names ['thm3']",
    ),
    Mutation(
        "a definition is changed under the theorems: what is attained",
        edit("Definitions.v", "(reward G s a b) m then 1 else 0.", "(reward G s a b) m then 1 else 1 / 2."),
        "Trajectories.v failed",
    ),
    Mutation(
        "a definition is changed under the theorems: the best without the divergence is only somebody's",
        edit(
            "Definitions.v",
            "  forall pi rho Q', is_policy pi -> is_free_model rho -> free_pair_Q pi rho Q' -> below Q' Q.",
            "  forall pi rho Q', is_policy pi -> is_free_model rho -> free_pair_Q pi rho Q' -> True -> below Q' Q.",
        ),
        "Returns.v failed",
    ),
    Mutation(
        "a definition is changed under the theorems: positive priors also ask something of gamma",
        edit(
            "Definitions.v",
            "Definition positive_prior : Prop := forall s b, 0 < prior G s b.",
            "Definition positive_prior : Prop := forall s b, 0 < prior G s b /\\ 0 <= gamma G.",
        ),
        "definition Definitions.positive_prior differs from the record",
    ),
    Mutation(
        "a definition is changed under the theorems: what a table is raised by",
        edit("Definitions.v", "fun s a b => Q s a b + c.", "fun s a b => Q s a b + (c + 0)."),
        "Contraction.v failed",
    ),
    Mutation(
        "an example's game is changed",
        edit("Games.v", "first, false => 1 | second", "first, false => 1 + 0 | second"),
        "definition Games.fork differs from the record",
    ),
    Mutation(
        "a proof is left out",
        edit(
            "Gibbs.v",
            _GAP_PROOF,
            _GAP_PROOF + "Admitted.\n" + _GAP_PROOF.replace("worth_best_model", "worth_best_model_2"),
        ),
        "'Admitted' leaves a proof out",
    ),
    Mutation(
        "a step of a proof is left out",
        edit("SelfPlay.v", "apply (fixed_law_unique h th e0 Rth Ne Hl Hs Hc).", "admit."),
        "'admit' leaves a proof out",
    ),
    Mutation(
        "an axiom is added",
        _appended("Contraction.v", "\nAxiom wishful : forall x : R, x <= 0.\n"),
        "'Axiom' assumes something",
    ),
    Mutation(
        "an axiom is added after a comment that looks open",
        _appended("Contraction.v", '\n(* "(*" *)\nParameter wishful : R.\n'),
        "'Parameter' assumes something",
    ),
    Mutation(
        "a variable outside a section",
        _appended("Contraction.v", "\nVariable wishful : False.\n"),
        "'Variable' outside a section",
    ),
    Mutation(
        "a hypothesis in the file of statements",
        edit(
            "Statements.v",
            "Section Two.\nVariable G : Game.\n",
            "Section Two.\nVariable G : Game.\nHypothesis large : 1 <= alpha G.\n",
        ),
        "no statement: 'Hypothesis",
    ),
    Mutation(
        "a notation in the file of statements",
        edit("Statements.v", "Section Two.\n", 'Section Two.\nNotation "x <= y" := (x < y + 1).\n'),
        "no statement: 'Notation",
    ),
    Mutation(
        "a notation in the definitions",
        edit("Definitions.v", "(* The number of elements. *)\n", 'Notation "x <= y" := (x <= y + 1) : wide_scope.\n'),
        "the notations differ from the record",
    ),
    Mutation("an axiom of another library is used", _irrelevance, "is an axiom that Coq's own ln does not rest on"),
    Mutation(
        "the guard is turned off", _appended("Sums.v", "\nUnset Guard Checking.\n"), "'Unset' changes how Coq checks"
    ),
    Mutation(
        "a check is passed by",
        _appended("Sums.v", "\n#[bypass_check(guard)] Fixpoint loop (n : nat) : False := loop n.\n"),
        "'bypass_check' turns a check off",
    ),
)
