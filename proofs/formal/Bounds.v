(* What the solver relies on: bounds from a residual, spans, MacQueen's bounds, what the greedy pair loses, the weight
   of the divergence. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration.
Open Scope R_scope.

Section Bounds.
Variable G : Game.
Notation ga := (gamma G).
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G) (v : states G -> R).

Let ga_nonneg : 0 <= ga := proj1 (gamma_range G).
Let ga_lt : ga < 1 := proj2 (gamma_range G).

Lemma residual Q Q' : optimal_Q G Q' -> distance G Q Q' <= distance G (T G Q) Q / (1 - ga).
Proof. apply residual_bound; [exact (T_mono G) | exact (T_shift G)]. Qed.

Lemma T_span Q1 Q2 lo hi :
  (forall s a b, lo <= Q1 s a b - Q2 s a b <= hi) ->
  forall s a b, ga * lo <= T G Q1 s a b - T G Q2 s a b <= ga * hi.
Proof. apply span_contracts; [exact (T_mono G) | exact (T_shift G)]. Qed.

Lemma macqueen_tables Q Q' lo hi :
  optimal_Q G Q' -> (forall s a b, lo <= T G Q s a b - Q s a b <= hi) ->
  forall s a b, T G Q s a b + ga / (1 - ga) * lo <= Q' s a b <= T G Q s a b + ga / (1 - ga) * hi.
Proof.
  intros E H s a b. split.
  - apply macqueen_lower; [exact (T_mono G) | exact (T_shift G) | exact E |]. intros x y z. apply H.
  - apply macqueen_upper; [exact (T_mono G) | exact (T_shift G) | exact E |]. intros x y z. apply H.
Qed.

Lemma ahead_minus v w s a b : ahead G v s a b - ahead G w s a b = ga * (∑ s', next G s a b s' * (v s' - w s')).
Proof.
  unfold ahead. rewrite (Sum_ext (fun s' => next G s a b s' * (v s' - w s'))
    (fun s' => next G s a b s' * v s' - next G s a b s' * w s')) by (intro; ring).
  rewrite Sum_minus. ring.
Qed.

Lemma ahead_between v w lo hi :
  (forall s, lo <= v s - w s <= hi) -> forall s a b, ga * lo <= ahead G v s a b - ahead G w s a b <= ga * hi.
Proof.
  intros H s a b. rewrite ahead_minus. split; apply Rmult_le_compat_l; try exact ga_nonneg.
  - apply mean_lower; [apply next_law | intro x; apply H].
  - apply mean_upper; [apply next_law | intro x; apply H].
Qed.

Lemma V_below Q1 Q2 c s : (forall s a b, Q1 s a b <= Q2 s a b + c) -> V G Q1 s <= V G Q2 s + c.
Proof. intro H. rewrite <- V_shift. apply V_mono. exact H. Qed.

Lemma backup_contracts v w c :
  (forall s, Rabs (v s - w s) <= c) -> forall s, Rabs (backup G v s - backup G w s) <= ga * c.
Proof.
  intros H s. assert (B : forall x a b, ga * - c <= ahead G v x a b - ahead G w x a b <= ga * c)
    by (apply ahead_between; intro x; apply Rabs_between, H).
  apply Rabs_le. unfold backup. split.
  - pose proof (V_below (ahead G w) (ahead G v) (ga * c) s) as K.
    specialize (K ltac:(intros x y z; pose proof (B x y z); lra)). lra.
  - pose proof (V_below (ahead G v) (ahead G w) (ga * c) s) as K.
    specialize (K ltac:(intros x y z; pose proof (B x y z); lra)). lra.
Qed.

Lemma macqueen_values v Q' lo hi :
  optimal_Q G Q' -> (forall s, lo <= backup G v s - v s <= hi) ->
  forall s, backup G v s + ga / (1 - ga) * lo <= V G Q' s <= backup G v s + ga / (1 - ga) * hi.
Proof.
  intros E H s.
  assert (B : forall x a b, ga * lo <= T G (ahead G v) x a b - ahead G v x a b <= ga * hi)
    by (apply (ahead_between (backup G v) v); exact H).
  replace (ga / (1 - ga) * lo) with (- (- (ga * lo) / (1 - ga))) by (field; lra).
  replace (ga / (1 - ga) * hi) with (ga * hi / (1 - ga)) by (field; lra). unfold backup. split.
  - pose proof (below_fixed G (T G) (T_mono G) (T_shift G) (ahead G v) Q' (- (ga * lo)) E) as K.
    specialize (K ltac:(intros x y z; pose proof (B x y z); lra)).
    pose proof (V_below _ _ _ s K). lra.
  - pose proof (above_fixed G (T G) (T_mono G) (T_shift G) (ahead G v) Q' (ga * hi) E) as K.
    specialize (K ltac:(intros x y z; pose proof (B x y z); lra)).
    pose proof (V_below _ _ _ s K). lra.
Qed.

Lemma worth_below pi rho Q1 Q2 c s :
  is_policy G pi -> is_model G rho -> (forall s a b, Q1 s a b <= Q2 s a b + c) ->
  worth G Q1 pi rho s <= worth G Q2 pi rho s + c.
Proof. intros D M H. rewrite <- worth_shift by assumption. apply worth_mono; assumption. Qed.

Lemma greedy_values v Q (Qv := ahead G v) lo :
  pair_Q G (soft_policy G Qv) (soft_model G Qv) Q -> (forall s, lo <= backup G v s - v s) ->
  forall s, backup G v s + ga / (1 - ga) * lo <= worth G Q (soft_policy G Qv) (soft_model G Qv) s.
Proof.
  intros P H s. pose proof (soft_policy_law G Qv) as D. pose proof (soft_model_law G Qv) as M.
  assert (B : forall x a b, ga * lo <= T G Qv x a b - Qv x a b).
  { intros x a b. unfold Qv, T. rewrite ahead_minus. apply Rmult_le_compat_l; [exact ga_nonneg |].
    apply mean_lower; [apply next_law | exact H]. }
  pose proof (below_fixed G _ (T_pair_mono G _ _ D M) (T_pair_shift G _ _ D M) Qv Q (- (ga * lo)) P) as K.
  specialize (K ltac:(intros x y z; pose proof (B x y z); pose proof (T_is_greedy G Qv x y z); lra)).
  replace (ga / (1 - ga) * lo) with (- (- (ga * lo) / (1 - ga))) by (field; lra).
  pose proof (worth_below _ _ _ _ _ s D M K) as W. rewrite worth_soft in W.
  change (backup G v s) with (V G Qv s). lra.
Qed.

Lemma greedy_loss_values v Q Q' (Qv := ahead G v) lo hi :
  optimal_Q G Q' -> pair_Q G (soft_policy G Qv) (soft_model G Qv) Q -> (forall s, lo <= backup G v s - v s <= hi) ->
  forall s, 0 <= V G Q' s - worth G Q (soft_policy G Qv) (soft_model G Qv) s <= ga / (1 - ga) * (hi - lo).
Proof.
  intros E P H s. split.
  - pose proof (worth_dominated G Q' _ _ Q s E (soft_policy_law G Qv) (soft_model_law G Qv) P). lra.
  - pose proof (macqueen_values v Q' lo hi E H s). pose proof (greedy_values v Q lo P (fun x => proj1 (H x)) s) as K.
    cbv zeta in K. fold Qv in K. lra.
Qed.

Lemma greedy_loss Q Q1 Q' :
  optimal_Q G Q' -> pair_Q G (soft_policy G Q) (soft_model G Q) Q1 ->
  distance G Q1 Q' <= 2 * ga / (1 - ga) * distance G Q Q'.
Proof.
  intros E P. pose proof (soft_policy_law G Q) as D. pose proof (soft_model_law G Q) as M.
  set (d := distance G Q Q'). assert (Nd : 0 <= d) by apply distance_nonneg.
  assert (C : forall s a b, Rabs (Q s a b - Q' s a b) <= d) by apply distance_bounds.
  assert (C1 := F_lipschitz G (T G) (T_mono G) (T_shift G) Q Q' d C).
  assert (C2 := F_lipschitz G _ (T_pair_mono G _ _ D M) (T_pair_shift G _ _ D M) Q Q' d C).
  pose proof (below_fixed G _ (T_pair_mono G _ _ D M) (T_pair_shift G _ _ D M) Q' Q1 (2 * ga * d) P) as K.
  assert (K0 : forall s a b, Q' s a b <= Q1 s a b + 2 * ga * d / (1 - ga)).
  { apply K. intros s a b. pose proof (Rabs_between _ _ (C1 s a b)) as I1. pose proof (Rabs_between _ _ (C2 s a b)) as I2.
    rewrite (T_is_greedy G Q s a b) in I2. rewrite (E s a b) in I1. lra. }
  assert (N : 0 <= 2 * ga / (1 - ga) * d).
  { apply Rmult_le_pos; [| exact Nd]. apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]. }
  apply distance_least; [exact N |]. intros s a b.
  pose proof (optimal_dominates G Q' _ _ Q1 E D M P s a b). pose proof (K0 s a b).
  replace (2 * ga / (1 - ga) * d) with (2 * ga * d / (1 - ga)) in * by (field; lra).
  apply Rabs_le. lra.
Qed.

End Bounds.

(* V never rises in beta: a greater weight takes more off every opponent model. *)
Section Weights.
Variable G : Game.

Lemma V_falls w1 w2 (p1 : 0 < w1) (p2 : 0 < w2) (Q : Table G) s :
  w1 <= w2 -> V (with_beta G w2 p2) Q s <= V (with_beta G w1 p1) Q s.
Proof.
  intro H. rewrite <- (worth_soft (with_beta G w2 p2) Q s).
  set (pi := soft_policy (with_beta G w2 p2) Q). set (rho := soft_model (with_beta G w2 p2) Q).
  assert (D : is_policy (with_beta G w1 p1) pi) by apply (soft_policy_law (with_beta G w2 p2)).
  assert (M : is_model (with_beta G w1 p1) rho) by apply (soft_model_law (with_beta G w2 p2)).
  apply Rle_trans with (worth (with_beta G w1 p1) Q pi rho s); [| apply worth_le_V; assumption].
  unfold worth. simpl. apply Rplus_le_compat_l, Ropp_le_contravar.
  apply Rmult_le_compat_r; [| exact H]. apply KL_nonneg; [apply M | apply prior_law | apply M].
Qed.

Lemma optimal_falls w1 w2 (p1 : 0 < w1) (p2 : 0 < w2) (Q1 Q2 : Table G) :
  w1 <= w2 -> optimal_Q (with_beta G w1 p1) Q1 -> optimal_Q (with_beta G w2 p2) Q2 -> below G Q2 Q1.
Proof.
  intros H E1 E2.
  apply (below_fixed_0 (with_beta G w1 p1) _ (T_mono (with_beta G w1 p1)) (T_shift (with_beta G w1 p1)) Q2 Q1 E1).
  intros s a b. rewrite <- (E2 s a b) at 1.
  apply (ahead_mono (with_beta G w1 p1) (V (with_beta G w2 p2) Q2) (V (with_beta G w1 p1) Q2)).
  intro x. apply V_falls. exact H.
Qed.

Lemma V_optimal_falls w1 w2 (p1 : 0 < w1) (p2 : 0 < w2) (Q1 Q2 : Table G) s :
  w1 <= w2 -> optimal_Q (with_beta G w1 p1) Q1 -> optimal_Q (with_beta G w2 p2) Q2 ->
  V (with_beta G w2 p2) Q2 s <= V (with_beta G w1 p1) Q1 s.
Proof.
  intros H E1 E2. apply Rle_trans with (V (with_beta G w1 p1) Q2 s); [apply V_falls, H |].
  apply V_mono. apply (optimal_falls w1 w2 p1 p2); assumption.
Qed.

End Weights.
