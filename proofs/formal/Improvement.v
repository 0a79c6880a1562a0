(* Policy and opponent model improvement: Theorems 4 and 5, eq. 38 to 55. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration.
Open Scope R_scope.

Section Improvement.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

Lemma own_worth_best Q pi s b : is_policy G pi -> own_worth G Q pi s b <= own_worth G Q (soft_policy G Q) s b.
Proof. intro D. rewrite own_worth_soft. apply own_worth_le_L, D. Qed.

Lemma worth_better_policy Q pi rho s :
  is_policy G pi -> is_model G rho -> worth G Q pi rho s <= worth G Q (soft_policy G Q) rho s.
Proof.
  intros D M. unfold worth. apply Rplus_le_compat_r. apply mean_le; [apply M |]. intro b.
  rewrite own_worth_soft. apply own_worth_le_L, D.
Qed.

Lemma worth_better_model Q pi rho s :
  is_model G rho -> worth G Q pi rho s <= worth G Q pi (best_model G Q pi) s.
Proof. intro M. rewrite worth_best_model. apply worth_le_best_reply, M. Qed.

Lemma pair_Q_ext pi pi' rho rho' Q :
  (forall s b a, pi s b a = pi' s b a) -> (forall s b, rho s b = rho' s b) -> pair_Q G pi rho Q -> pair_Q G pi' rho' Q.
Proof.
  intros E1 E2 P s a b. rewrite <- (P s a b). apply ahead_ext. intro x. symmetry. apply worth_ext; auto.
  intros y z w. reflexivity.
Qed.

Lemma is_policy_ext pi pi' : (forall s b a, pi s b a = pi' s b a) -> is_policy G pi -> is_policy G pi'.
Proof.
  intros E D s b. destruct (D s b) as [N T1]. split; [intro a; rewrite <- E; apply N |].
  rewrite <- T1. apply Sum_ext. intro a. symmetry. apply E.
Qed.

(* A pair that is no worse than another for the Q of the latter has no less in every entry. *)
Lemma improves pi rho Q pi' rho' Q' :
  is_policy G pi' -> is_model G rho' -> pair_Q G pi rho Q -> pair_Q G pi' rho' Q' ->
  (forall s, worth G Q pi rho s <= worth G Q pi' rho' s) -> below G Q Q'.
Proof.
  intros D M P P' H.
  apply (below_fixed_0 G (T_pair G pi' rho') (T_pair_mono G pi' rho' D M) (T_pair_shift G pi' rho' D M) Q Q' P').
  intros s a b. rewrite <- (P s a b) at 1. apply ahead_mono. exact H.
Qed.

Lemma policy_improvement pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> pair_Q G (soft_policy G Q) rho Q' -> below G Q Q'.
Proof.
  intros D M P P'. apply (improves pi rho Q _ _ Q' (soft_policy_law G Q) M P P').
  intro s. apply worth_better_policy; assumption.
Qed.

Lemma model_improvement pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> pair_Q G pi (best_model G Q pi) Q' -> below G Q Q'.
Proof.
  intros D M P P'. apply (improves pi rho Q _ _ Q' D (best_model_law G Q pi) P P').
  intro s. apply worth_better_model, M.
Qed.

Lemma both_improvement pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (best_model G Q pi) Q' -> below G Q Q'.
Proof.
  intros D M P P'.
  apply (improves pi rho Q _ _ Q' (soft_policy_law G Q) (best_model_law G Q pi) P P').
  intro s. apply Rle_trans with (worth G Q pi (best_model G Q pi) s); [apply worth_better_model, M |].
  apply worth_better_policy; [exact D | apply best_model_law].
Qed.

(* Both from the same Q: soft policy iteration, at least as good as a step of value iteration *)
Lemma joint_step pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (soft_model G Q) Q' -> below G Q (T G Q) /\ below G (T G Q) Q'.
Proof.
  intros D M P P'. assert (B : below G Q (T G Q)).
  { intros s a b. rewrite <- (P s a b) at 1. apply T_pair_below_T; assumption. }
  split; [exact B |].
  pose proof (soft_policy_law G Q) as D'. pose proof (soft_model_law G Q) as M'.
  assert (B' : below G Q Q').
  { apply (below_fixed_0 G _ (T_pair_mono G _ _ D' M') (T_pair_shift G _ _ D' M') Q Q' P').
    intros s a b. rewrite T_is_greedy. apply B. }
  intros s a b. rewrite <- T_is_greedy, <- (P' s a b). apply T_pair_mono; assumption.
Qed.

(* One round of eq. 54 and 55 *)
Lemma alternating_step pi rho Q Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) rho Q1 -> pair_Q G (soft_policy G Q) (best_model G Q1 (soft_policy G Q)) Q2 ->
  below G Q Q1 /\ below G Q1 Q2 /\ below G (T G Q) Q2.
Proof.
  intros D M P P1 P2. pose proof (soft_policy_law G Q) as D'. pose proof (best_model_law G Q1 (soft_policy G Q)) as M'.
  assert (B1 : below G Q Q1) by (apply (policy_improvement pi rho); assumption).
  assert (B2 : below G Q1 Q2) by (apply (model_improvement (soft_policy G Q) rho); assumption).
  split; [exact B1 | split; [exact B2 |]].
  intros s a b. rewrite <- (P2 s a b). apply ahead_mono. intro x.
  apply Rle_trans with (worth G Q1 (soft_policy G Q) (best_model G Q1 (soft_policy G Q)) x).
  - apply Rle_trans with (worth G Q1 (soft_policy G Q) (soft_model G Q) x).
    + rewrite <- (worth_soft G Q x). apply worth_mono; [exact D' | apply soft_model_law | exact B1].
    + apply worth_better_model, soft_model_law.
  - apply worth_mono; assumption.
Qed.

Lemma entry_differs Q1 Q2 : same G Q1 Q2 \/ exists s a b, Q1 s a b <> Q2 s a b.
Proof.
  destruct (@all_or_not (pairs (pairs (states G) (own G)) (others G))
    (fun p => match p with ((s, a), b) => Q1 s a b end) (fun p => match p with ((s, a), b) => Q2 s a b end)) as [E | [[[s a] b] N]].
  - left. intros s a b. exact (E ((s, a), b)).
  - right. exists s, a, b. exact N.
Qed.

Lemma no_improvement pi rho Q Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) rho Q1 -> pair_Q G (soft_policy G Q) (best_model G Q1 (soft_policy G Q)) Q2 ->
  same G Q2 Q -> optimal_Q G Q.
Proof.
  intros D M P P1 P2 E s a b. destruct (alternating_step pi rho Q Q1 Q2 D M P P1 P2) as [_ [_ B]].
  apply Rle_antisym.
  - rewrite <- (E s a b). apply B.
  - rewrite <- (P s a b) at 1. apply T_pair_below_T; assumption.
Qed.

Lemma strict_improvement pi rho Q Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) rho Q1 -> pair_Q G (soft_policy G Q) (best_model G Q1 (soft_policy G Q)) Q2 ->
  ~ optimal_Q G Q -> exists s a b, Q s a b < Q2 s a b.
Proof.
  intros D M P P1 P2 N. destruct (entry_differs Q2 Q) as [E | (s & a & b & H)].
  - exfalso. apply N. apply (no_improvement pi rho Q Q1 Q2); assumption.
  - exists s, a, b. destruct (alternating_step pi rho Q Q1 Q2 D M P P1 P2) as (B1 & B2 & _).
    pose proof (B1 s a b). pose proof (B2 s a b). lra.
Qed.

(* ---- The iteration ---- *)

Lemma alternating_rises pis rhos Qs t :
  alternating G pis rhos Qs -> below G (Qs t) (Qs (S t)) /\ below G (T G (Qs t)) (Qs (S t)).
Proof.
  intro A. destruct (A t) as (D & M & P & E & Qs' & P' & E').
  destruct (A (S t)) as (D1 & M1 & P1 & _).
  pose proof (pair_Q_ext _ _ (rhos t) (rhos t) Qs' E (fun _ _ => eq_refl) P') as P0.
  assert (P2 : pair_Q G (soft_policy G (Qs t)) (best_model G Qs' (soft_policy G (Qs t))) (Qs (S t))).
  { apply (pair_Q_ext (pis (S t)) _ (rhos (S t))); [exact E | | exact P1]. intros s b. rewrite E'.
    unfold best_model, best_reply_value.
    assert (W : forall b, own_worth G Qs' (pis (S t)) s b = own_worth G Qs' (soft_policy G (Qs t)) s b).
    { intro c. unfold own_worth, entropy. f_equal; [| do 2 f_equal]; apply Sum_ext; intro a; rewrite E; reflexivity. }
    rewrite W. do 6 f_equal. apply Sum_ext. intro c. rewrite W. reflexivity. }
  destruct (alternating_step _ _ _ _ _ D M P P0 P2) as (B1 & B2 & B3). split; [| exact B3].
  intros s a b. pose proof (B1 s a b). pose proof (B2 s a b). lra.
Qed.

Lemma alternating_below pis rhos Qs Qs' t : alternating G pis rhos Qs -> optimal_Q G Qs' -> below G (Qs t) Qs'.
Proof.
  intros A E. destruct (A t) as (D & M & P & _). apply (optimal_dominates G Qs' (pis t) (rhos t)); assumption.
Qed.

Lemma squeezed_distance Q1 Q2 Q' : below G Q1 Q2 -> below G Q2 Q' -> distance G Q2 Q' <= distance G Q1 Q'.
Proof.
  intros H1 H2. apply distance_least; [apply distance_nonneg |]. intros s a b.
  pose proof (H1 s a b). pose proof (H2 s a b). pose proof (Rabs_between _ _ (distance_bounds G Q1 Q' s a b)).
  apply Rabs_le. lra.
Qed.

Lemma value_step_distance Q Q' : optimal_Q G Q' -> distance G (T G Q) Q' <= gamma G * distance G Q Q'.
Proof.
  intro E. apply Rle_trans with (2 := T_contracts G Q Q').
  apply distance_least; [apply distance_nonneg |]. intros s a b. rewrite <- (E s a b). apply distance_bounds.
Qed.

Lemma alternating_rate pis rhos Qs Qs' t :
  alternating G pis rhos Qs -> optimal_Q G Qs' -> distance G (Qs t) Qs' <= gamma G ^ t * distance G (Qs O) Qs'.
Proof.
  intros A E. induction t as [| t IH]; simpl; [lra |].
  destruct (alternating_rises pis rhos Qs t A) as [_ B].
  pose proof (squeezed_distance _ _ Qs' B (alternating_below pis rhos Qs Qs' (S t) A E)).
  pose proof (value_step_distance (Qs t) Qs' E). pose proof (proj1 (gamma_range G)).
  apply Rle_trans with (gamma G * distance G (Qs t) Qs'); [lra |].
  rewrite Rmult_assoc. apply Rmult_le_compat_l; assumption.
Qed.

Lemma alternating_converges pis rhos Qs Qs' s a b :
  alternating G pis rhos Qs -> optimal_Q G Qs' -> Un_cv (fun t => Qs t s a b) (Qs' s a b).
Proof.
  intros A E. apply (squeeze G) with (distance G (Qs O) Qs'); [apply distance_nonneg |].
  intro k. apply Rle_trans with (2 := alternating_rate pis rhos Qs Qs' k A E). apply distance_bounds.
Qed.

Lemma joint_rate pi rho Q Q1 Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (soft_model G Q) Q1 -> optimal_Q G Q' ->
  distance G Q1 Q' <= gamma G * distance G Q Q'.
Proof.
  intros D M P P1 E. destruct (joint_step pi rho Q Q1 D M P P1) as [_ B].
  apply Rle_trans with (2 := value_step_distance Q Q' E). apply squeezed_distance; [exact B |].
  apply (optimal_dominates G Q' (soft_policy G Q) (soft_model G Q)); auto; [apply soft_policy_law | apply soft_model_law].
Qed.

(* There is such an iteration from every pair. *)
Definition table_of pi rho (D : is_policy G pi) (M : is_model G rho) : Table G :=
  limit G (T_pair G pi rho) (T_pair_mono G pi rho D M) (T_pair_shift G pi rho D M) (fun _ _ _ => 0).

Lemma table_of_pair pi rho D M : pair_Q G pi rho (table_of pi rho D M).
Proof. apply limit_is_fixed. Qed.

Record point := {
  p_policy : Policy G; p_model : Model G; p_policy_law : is_policy G p_policy; p_model_law : is_model G p_model }.

Definition p_table (x : point) : Table G := table_of _ _ (p_policy_law x) (p_model_law x).

Definition p_half (x : point) : Table G :=
  table_of _ _ (soft_policy_law G (p_table x)) (p_model_law x).

Definition p_next (x : point) : point := {|
  p_policy := soft_policy G (p_table x); p_model := best_model G (p_half x) (soft_policy G (p_table x));
  p_policy_law := soft_policy_law G (p_table x); p_model_law := best_model_law G (p_half x) (soft_policy G (p_table x)) |}.

Fixpoint p_at (x : point) (t : nat) : point := match t with O => x | S k => p_next (p_at x k) end.

Lemma alternating_exists pi rho :
  is_policy G pi -> is_model G rho ->
  exists pis rhos Qs, alternating G pis rhos Qs /\ pis O = pi /\ rhos O = rho.
Proof.
  intros D M. set (x := Build_point pi rho D M).
  exists (fun t => p_policy (p_at x t)), (fun t => p_model (p_at x t)), (fun t => p_table (p_at x t)).
  split; [| split; reflexivity]. intro t. split; [apply p_policy_law | split; [apply p_model_law | split; [apply table_of_pair |]]].
  split; [reflexivity |]. exists (p_half (p_at x t)). split; [| reflexivity].
  simpl p_policy. apply table_of_pair.
Qed.

End Improvement.
