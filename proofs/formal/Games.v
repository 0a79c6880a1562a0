(* The small games of the worked examples and counterexamples of Statements.v. *)

From Coq Require Import Reals List Lra.
From Rommeo Require Import Lists Definitions Sums.
Open Scope R_scope.

Lemma certain_law : distribution (fun _ : one => 1).
Proof. split; [intro; lra | apply Sum_one]. Qed.

Lemma even_law : distribution (fun _ : two => 1 / 2).
Proof. split; [intro; lra | rewrite Sum_two; lra]. Qed.

(* One state, discount g, temperature al, weight be. *)
Section OneState.
Variables g al be : R.
Hypothesis g_range : 0 <= g < 1.
Hypothesis al_positive : 0 < al.
Hypothesis be_positive : 0 < be.

(* Own actions true and false, the others' true and false with probability 1/2 each; r pays. *)
Definition square (r : two -> two -> R) : Game :=
  game one two two (fun _ => r) (fun _ _ _ _ => 1) (fun _ _ => 1 / 2) g al be true
    (fun _ _ _ => certain_law) (fun _ => even_law) g_range al_positive be_positive.

(* Own actions true and false, the others have one. *)
Definition alone (r : two -> R) : Game :=
  game one two one (fun _ a _ => r a) (fun _ _ _ _ => 1) (fun _ _ => 1) g al be true
    (fun _ _ _ => certain_law) (fun _ => certain_law) g_range al_positive be_positive.

(* Nobody has a choice; r pays. *)
Definition still (r : R) : Game :=
  game one one one (fun _ _ _ => r) (fun _ _ _ _ => 1) (fun _ _ => 1) g al be tt
    (fun _ _ _ => certain_law) (fun _ => certain_law) g_range al_positive be_positive.

End OneState.

Lemma half_range : 0 <= 1 / 2 < 1.
Proof. lra. Qed.
Lemma zero_range : 0 <= 0 < 1.
Proof. lra. Qed.
Lemma half_positive : 0 < 1 / 2.
Proof. lra. Qed.
Lemma one_positive : 0 < 1.
Proof. lra. Qed.
Lemma two_positive : 0 < 2.
Proof. lra. Qed.

(* x for (true, true), else 0 *)
Definition corner (x : R) (a b : two) : R := if a then (if b then x else 0) else 0.

(* The example that most theorems are worked out on: log 3 for (true, true), discount 1/2, alpha = beta = 1 *)
Definition G1 : Game := square (1 / 2) 1 1 half_range one_positive one_positive (corner (ln 3)).

(* The same with alpha = 2, 2 log 3 and no discount *)
Definition G2 : Game := square 0 2 1 zero_range two_positive one_positive (corner (2 * ln 3)).

(* No payoff, no discount, alpha = beta = 1 *)
Definition G0 : Game := square 0 1 1 zero_range one_positive one_positive (corner 0).

(* Two own actions, no payoff, with alpha = 1 and 1/2 or no discount, and with alpha = 2 *)
Definition H1 : Game := alone 0 1 1 zero_range one_positive one_positive (fun _ => 0).
Definition H2 : Game := alone 0 2 1 zero_range two_positive one_positive (fun _ => 0).
Definition Hhalf : Game := alone (1 / 2) 1 1 half_range one_positive one_positive (fun _ => 0).

(* No choices: alpha = 1/2 and no payoff; alpha = 1, payoff 1 and discount 1/2 *)
Definition I1 : Game := still 0 (1 / 2) 1 zero_range half_positive one_positive 0.
Definition I2 : Game := still (1 / 2) 1 1 half_range one_positive one_positive 1.

(* Three states: in the first, true pays 0 and leads to the second, which pays 4 for ever; false pays 1 and leads to the
   third, which pays 0 for ever. Discount 1/2. *)
Definition fork_next (s : three) (a : two) (b : one) (s' : three) : R :=
  match s, a, s' with
  | first, true, second => 1
  | first, false, third => 1
  | second, _, second => 1
  | third, _, third => 1
  | _, _, _ => 0
  end.

Lemma fork_next_law s a b : distribution (fork_next s a b).
Proof. split; [intro s'; destruct s, a, s'; simpl; lra | rewrite Sum_three; destruct s, a; simpl; lra]. Qed.

Definition fork : Game :=
  game three two one
    (fun s a _ => match s, a with first, true => 0 | first, false => 1 | second, _ => 4 | third, _ => 0 end)
    fork_next (fun _ _ => 1) (1 / 2) 1 1 true fork_next_law (fun _ => certain_law) half_range one_positive one_positive.

(* The law that is certain of the first state *)
Definition at_first (s : three) : R := match s with first => 1 | _ => 0 end.

(* Policies: uniform, and certain of true where the others do true, else uniform *)
Definition even : two -> R := fun _ => 1 / 2.
Definition sure (a : two) : R := if a then 1 else 0.
Definition mixed (b a : two) : R := if b then sure a else 1 / 2.

(* Self-play: log 2 for the same action, 0 for another *)
Definition agree (a b : two) : R := if Bool.eqb a b then ln 2 else 0.

(* The coordination game: g for the same action, 0 for another *)
Definition coordinate (g : R) (a b : two) : R := if Bool.eqb a b then g else 0.

(* The climbing game of Section 5.1, with (5, 5) at (C, C); A, B, C are first, second, third. *)
Definition climbing (a b : three) : R :=
  match a, b with
  | first, first => 11 | first, second => -30 | first, third => 0
  | second, first => -30 | second, second => 7 | second, third => 6
  | third, first => 0 | third, second => 0 | third, third => 5
  end.

(* A with probability 5/16, C with 11/16 *)
Definition climbing_mix (a : three) : R := match a with first => 5 / 16 | second => 0 | third => 11 / 16 end.

(* Player 2's payoffs: the same but for x at (C,C), which is 5, or 3 as it is printed *)
Definition climbing_second (x : R) (a b : three) : R := match a, b with third, third => x | _, _ => climbing a b end.

(* A prior that is almost all on B *)
Definition near_b (b : three) : R := match b with second => 98 / 100 | _ => 1 / 100 end.

(* The Max of Two Quadratics of Section 5.2: with d = 9 as printed, with d = 3 as Figure 2a draws it *)
Definition left_peak (d x y : R) : R := 8 / 10 * (- ((x + 5) ^ 2 / d) - (y + 5) ^ 2 / d).
Definition right_peak (x y : R) : R := - (x - 5) ^ 2 - (y - 5) ^ 2 + 10.
Definition surface (d x y : R) : R := Rmax (left_peak d x y) (right_peak x y).
