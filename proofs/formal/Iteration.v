(* Q*, Q^{pi,rho} and what iteration does: Theorems 1 to 3, eq. 8 and 33 to 37. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction.
Open Scope R_scope.

Section Iteration.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G) (mu u v w : states G -> R).

Lemma repeat_T k Q : repeat G (T G) k Q = iterate G k Q.
Proof. induction k; simpl; [reflexivity | rewrite IHk; reflexivity]. Qed.

Lemma T_written_out Q s a b :
  T G Q s a b
  = reward G s a b + gamma G * (∑ s', next G s a b s' *
      (beta G * ln (∑ b', prior G s' b' * Rpower (∑ a', exp (Q s' a' b' / alpha G)) (alpha G / beta G)))).
Proof. unfold T, ahead. do 2 f_equal. apply Sum_ext. intro s'. rewrite V_power. reflexivity. Qed.

Lemma optimal_exists : exists Q, optimal_Q G Q.
Proof. exists (limit G (T G) (T_mono G) (T_shift G) (fun _ _ _ => 0)). apply limit_is_fixed. Qed.

Lemma optimal_unique Q1 Q2 : optimal_Q G Q1 -> optimal_Q G Q2 -> same G Q1 Q2.
Proof. apply fixed_unique; [exact (T_mono G) | exact (T_shift G)]. Qed.

Lemma iterate_rate k Q Q' : optimal_Q G Q' -> distance G (iterate G k Q) Q' <= gamma G ^ k * distance G Q Q'.
Proof. intro E. rewrite <- repeat_T. apply repeat_converges; [exact (T_mono G) | exact (T_shift G) | exact E]. Qed.

Lemma squeeze (x : nat -> R) l c : 0 <= c -> (forall k, Rabs (x k - l) <= gamma G ^ k * c) -> Un_cv x l.
Proof.
  intros Nc H eps Pe. destruct (pow_vanishes G c eps Nc Pe) as [N B]. exists N. intros n Hn. unfold R_dist.
  apply Rle_lt_trans with (1 := H n). apply B. exact Hn.
Qed.

Lemma iterate_converges Q Q' s a b : optimal_Q G Q' -> Un_cv (fun k => iterate G k Q s a b) (Q' s a b).
Proof.
  intro E. apply squeeze with (distance G Q Q'); [apply distance_nonneg |].
  intro k. apply Rle_trans with (2 := iterate_rate k Q Q' E). apply distance_bounds.
Qed.

Lemma V_distance Q1 Q2 s : Rabs (V G Q1 s - V G Q2 s) <= distance G Q1 Q2.
Proof.
  apply Rabs_le. pose proof (V_lipschitz G Q1 Q2 s). pose proof (V_lipschitz G Q2 Q1 s) as H2.
  rewrite distance_sym in H2. lra.
Qed.

Lemma iterate_V_converges Q Q' s : optimal_Q G Q' -> Un_cv (fun k => V G (iterate G k Q) s) (V G Q' s).
Proof.
  intro E. apply squeeze with (distance G Q Q'); [apply distance_nonneg |].
  intro k. apply Rle_trans with (2 := iterate_rate k Q Q' E). apply V_distance.
Qed.

(* ---- A pair ---- *)

Lemma pair_exists pi rho : is_policy G pi -> is_model G rho -> exists Q, pair_Q G pi rho Q.
Proof.
  intros D M. exists (limit G (T_pair G pi rho) (T_pair_mono G pi rho D M) (T_pair_shift G pi rho D M) (fun _ _ _ => 0)).
  apply limit_is_fixed.
Qed.

Lemma pair_unique pi rho Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q1 -> pair_Q G pi rho Q2 -> same G Q1 Q2.
Proof. intros D M. apply fixed_unique; [apply T_pair_mono | apply T_pair_shift]; assumption. Qed.

Lemma worth_ext pi pi' rho rho' Q Q' s :
  same G Q Q' -> (forall b a, pi s b a = pi' s b a) -> (forall b, rho s b = rho' s b) ->
  worth G Q pi rho s = worth G Q' pi' rho' s.
Proof.
  intros E Hpi Hrho. unfold worth, own_worth, KL, entropy. f_equal.
  - apply Sum_ext. intro b. rewrite Hrho. f_equal. f_equal; [apply Sum_ext; intro a; rewrite Hpi, E; reflexivity |].
    do 2 f_equal. apply Sum_ext. intro a. rewrite Hpi. reflexivity.
  - f_equal. apply Sum_ext. intro b. rewrite Hrho. reflexivity.
Qed.

Lemma ahead_ext v w : (forall s, v s = w s) -> same G (ahead G v) (ahead G w).
Proof. intros H s a b. unfold ahead. do 2 f_equal. apply Sum_ext. intro s'. rewrite H. reflexivity. Qed.

Lemma eq34_form pi rho Q s a b :
  is_policy G pi -> is_model G rho ->
  T_pair G pi rho Q s a b
  = reward G s a b + gamma G * (∑ s', next G s a b s' * (∑ b', rho s' b' * (∑ a', pi s' b' a' *
      (alpha G * entropy (pi s' b') - beta G * KL (rho s') (prior G s') + Q s' a' b')))).
Proof.
  intros D M. unfold T_pair, ahead. do 2 f_equal. apply Sum_ext. intro s'. f_equal. unfold worth.
  rewrite (Sum_ext (fun b' => rho s' b' * (∑ a', pi s' b' a' *
      (alpha G * entropy (pi s' b') - beta G * KL (rho s') (prior G s') + Q s' a' b')))
    (fun b' => rho s' b' * (own_worth G Q pi s' b' + - (beta G * KL (rho s') (prior G s'))))).
  - rewrite mean_plus by apply M. ring.
  - intro b'. f_equal. rewrite (Sum_ext _ (fun a' => pi s' b' a' * (Q s' a' b' +
      (alpha G * entropy (pi s' b') - beta G * KL (rho s') (prior G s'))))) by (intro; ring).
    rewrite mean_plus by apply D. unfold own_worth. ring.
Qed.

Lemma T_is_greedy Q : same G (T_pair G (soft_policy G Q) (soft_model G Q) Q) (T G Q).
Proof. apply ahead_ext. intro s. apply worth_soft. Qed.

Lemma T_pair_below_T pi rho Q : is_policy G pi -> is_model G rho -> below G (T_pair G pi rho Q) (T G Q).
Proof. intros D M. apply ahead_mono. intro s. apply worth_le_V; assumption. Qed.

Lemma optimal_is_pair Q : optimal_Q G Q -> pair_Q G (soft_policy G Q) (soft_model G Q) Q.
Proof. intros E s a b. rewrite T_is_greedy. apply E. Qed.

Lemma optimal_dominates Q' pi rho Q :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> below G Q Q'.
Proof.
  intros E D M P. apply (below_fixed_0 G (T G) (T_mono G) (T_shift G) Q Q' E).
  intros s a b. rewrite <- (P s a b) at 1. apply T_pair_below_T; assumption.
Qed.

Lemma worth_dominated Q' pi rho Q s :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> worth G Q pi rho s <= V G Q' s.
Proof.
  intros E D M P. apply Rle_trans with (V G Q s); [apply worth_le_V; assumption |].
  apply V_mono. apply (optimal_dominates Q' pi rho); assumption.
Qed.

(* ---- Along the way ---- *)

Lemma step_law pi rho mu : is_policy G pi -> is_model G rho -> distribution mu -> distribution (step G pi rho mu).
Proof.
  intros D M [Nm Em]. split.
  - intro s'. apply Sum_nonneg. intro s. apply Rmult_le_pos; [apply Nm |]. apply Sum_nonneg. intro b.
    apply Rmult_le_pos; [apply M |]. apply Sum_nonneg. intro a. apply Rmult_le_pos; [apply D | apply next_law].
  - unfold step. rewrite Sum_swap. rewrite <- Em. apply Sum_ext. intro s. rewrite Sum_scal.
    rewrite Sum_swap. rewrite (Sum_ext _ (fun b => rho s b * 1)); [rewrite mean_const; [lra | apply M] |].
    intro b. rewrite Sum_scal. f_equal. rewrite Sum_swap. rewrite (Sum_ext _ (fun a => pi s b a * 1)).
    + apply mean_const, D.
    + intro a. rewrite Sum_scal. f_equal. apply next_law.
Qed.

Lemma state_law_law pi rho t mu :
  is_policy G pi -> is_model G rho -> distribution mu -> distribution (state_law G pi rho t mu).
Proof.
  intros D M. revert mu. induction t as [| t IH]; intros mu Dm; simpl; [exact Dm | apply IH, step_law; assumption].
Qed.

(* E v(s') for the next state *)
Lemma step_mean pi rho mu v :
  (∑ s', step G pi rho mu s' * v s')
  = ∑ s, mu s * (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * v s'))).
Proof.
  unfold step. rewrite (Sum_ext _ (fun s' => ∑ s, mu s * (∑ b, rho s b * (∑ a, pi s b a * next G s a b s')) * v s'))
    by (intro; rewrite Sum_scal_r; reflexivity).
  rewrite Sum_swap. apply Sum_ext. intro s.
  rewrite (Sum_ext _ (fun s' => mu s * ((∑ b, rho s b * (∑ a, pi s b a * next G s a b s')) * v s'))) by (intro; ring).
  rewrite Sum_scal. f_equal.
  rewrite (Sum_ext _ (fun s' => ∑ b, rho s b * (∑ a, pi s b a * next G s a b s') * v s'))
    by (intro; rewrite Sum_scal_r; reflexivity).
  rewrite Sum_swap. apply Sum_ext. intro b.
  rewrite (Sum_ext _ (fun s' => rho s b * ((∑ a, pi s b a * next G s a b s') * v s'))) by (intro; ring).
  rewrite Sum_scal. f_equal.
  rewrite (Sum_ext _ (fun s' => ∑ a, pi s b a * next G s a b s' * v s')) by (intro; rewrite Sum_scal_r; reflexivity).
  rewrite Sum_swap. apply Sum_ext. intro a.
  rewrite (Sum_ext _ (fun s' => pi s b a * (next G s a b s' * v s'))) by (intro; ring).
  apply Sum_scal.
Qed.

(* What satisfies W = u + gamma E W is the discounted sum of u. *)
Definition follows pi rho u (W : states G -> R) : Prop :=
  forall s, W s = u s + gamma G * (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * W s'))).

Lemma follows_n pi rho u W mu n :
  follows pi rho u W ->
  (∑ s, mu s * W s) = discounted G pi rho mu u n + gamma G ^ n * (∑ s, state_law G pi rho n mu s * W s).
Proof.
  intro H. revert mu. induction n as [| n IH]; intro mu.
  - unfold discounted. simpl. lra.
  - unfold discounted. rewrite sum_below_first. simpl state_law.
    rewrite (sum_below_ext n _ (fun t => gamma G * (gamma G ^ t * (∑ s, state_law G pi rho t (step G pi rho mu) s * u s))))
      by (intro; simpl; ring).
    rewrite sum_below_scal.
    rewrite (Sum_ext _ (fun s => mu s * u s + gamma G * (mu s * (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * W s'))))))
      by (intro s; rewrite (H s) at 1; ring).
    rewrite Sum_plus, Sum_scal, <- step_mean. rewrite (IH (step G pi rho mu)). unfold discounted. simpl. ring.
Qed.

Lemma follows_series pi rho u W mu :
  is_policy G pi -> is_model G rho -> distribution mu -> follows pi rho u W ->
  Un_cv (discounted G pi rho mu u) (∑ s, mu s * W s).
Proof.
  intros D M Dm H. apply squeeze with (Max (fun s => Rabs (W s))); [apply Max_nonneg |]. intro k.
  rewrite (follows_n pi rho u W mu k H).
  replace (discounted G pi rho mu u k - (discounted G pi rho mu u k + gamma G ^ k * (∑ s, state_law G pi rho k mu s * W s)))
    with (- (gamma G ^ k * (∑ s, state_law G pi rho k mu s * W s))) by lra.
  rewrite Rabs_Ropp, Rabs_mult, (Rabs_right (gamma G ^ k)) by (apply Rle_ge, pow_nonneg).
  apply Rmult_le_compat_l; [apply pow_nonneg |]. apply mean_abs; [apply state_law_law; assumption |].
  intro s. apply (Max_upper (fun s => Rabs (W s))).
Qed.

(* The value of a pair *)
Lemma worth_unfold pi rho Q v s :
  is_policy G pi -> is_model G rho ->
  worth G (ahead G v) pi rho s
  = worth G (reward G) pi rho s + gamma G * (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * v s'))).
Proof.
  intros D M. unfold worth.
  rewrite (Sum_ext _ (fun b => rho s b * own_worth G (reward G) pi s b
    + gamma G * (rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * v s'))))).
  - rewrite Sum_plus, Sum_scal. lra.
  - intro b. unfold own_worth, ahead.
    rewrite (Sum_ext _ (fun a => pi s b a * reward G s a b + gamma G * (pi s b a * (∑ s', next G s a b s' * v s'))))
      by (intro; ring).
    rewrite Sum_plus, Sum_scal. ring.
Qed.

Lemma worth_same pi rho Q Q' s : same G Q Q' -> worth G Q pi rho s = worth G Q' pi rho s.
Proof. intro E. apply worth_ext; auto. Qed.

Lemma pair_value_follows pi rho Q :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  follows pi rho (worth G (reward G) pi rho) (worth G Q pi rho).
Proof.
  intros D M P s. rewrite <- (worth_unfold pi rho Q (worth G Q pi rho) s D M). apply worth_same.
  intros x a b. symmetry. apply P.
Qed.

Lemma objective_series pi rho Q mu :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> distribution mu ->
  Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) (∑ s, mu s * worth G Q pi rho s).
Proof. intros D M P Dm. apply follows_series; [exact D | exact M | exact Dm |]. apply pair_value_follows; assumption. Qed.

Lemma Un_cv_affine x l c d : Un_cv x l -> Un_cv (fun n => c + d * x n) (c + d * l).
Proof.
  intros H. apply CV_plus with (An := fun _ => c) (Bn := fun n => d * x n).
  - intros eps Pe. exists O. intros. unfold R_dist. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. exact Pe.
  - apply CV_mult with (An := fun _ => d) (Bn := x); [| exact H].
    intros eps Pe. exists O. intros. unfold R_dist. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. exact Pe.
Qed.

(* eq. 33: Q^{pi,rho}(s,a,b) = R + sum over l >= 1 of gamma^l E[R + alpha H - beta KL], l = t + 1 *)
Lemma series_33 pi rho Q s a b :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  Un_cv (fun n => reward G s a b + gamma G * discounted G pi rho (next G s a b) (worth G (reward G) pi rho) n) (Q s a b).
Proof.
  intros D M P. rewrite <- (P s a b). unfold T_pair, ahead at 1. apply Un_cv_affine.
  apply (objective_series pi rho Q); auto. apply next_law.
Qed.

Lemma series_8 Q s a b :
  optimal_Q G Q ->
  Un_cv (fun n => reward G s a b + gamma G * discounted G (soft_policy G Q) (soft_model G Q) (next G s a b)
                    (worth G (reward G) (soft_policy G Q) (soft_model G Q)) n)
    (Q s a b).
Proof. intro E. apply series_33; [apply soft_policy_law | apply soft_model_law | apply optimal_is_pair, E]. Qed.

(* What a pair loses: the sum of its gaps along the way *)
Definition loss Q pi rho s : R :=
  alpha G * (∑ b, rho s b * KL (pi s b) (soft_policy G Q s b)) + beta G * KL (rho s) (soft_model G Q s).

Lemma loss_follows Q' pi rho Q :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  follows pi rho (loss Q' pi rho) (fun s => V G Q' s - worth G Q pi rho s).
Proof.
  intros E D M P s.
  assert (E1 : worth G Q' pi rho s = V G Q' s - loss Q' pi rho s).
  { pose proof (pair_gap G Q' pi rho s D M). unfold loss. lra. }
  assert (E2 : worth G Q' pi rho s = worth G (reward G) pi rho s
    + gamma G * (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * V G Q' s')))).
  { rewrite <- (worth_unfold pi rho Q' (V G Q') s D M). apply worth_same. intros x a b. symmetry. apply E. }
  pose proof (pair_value_follows pi rho Q D M P s) as E3.
  assert (E4 : (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * (V G Q' s' - worth G Q pi rho s'))))
    = (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * V G Q' s')))
      - (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * worth G Q pi rho s')))).
  { rewrite <- Sum_minus. apply Sum_ext. intro b. rewrite <- Rmult_minus_distr_l. f_equal.
    rewrite <- Sum_minus. apply Sum_ext. intro a. rewrite <- Rmult_minus_distr_l. f_equal.
    rewrite <- Sum_minus. apply Sum_ext. intro s'. ring. }
  rewrite E4. lra.
Qed.

Lemma loss_series Q' pi rho Q mu :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> distribution mu ->
  Un_cv (discounted G pi rho mu (loss Q' pi rho)) (∑ s, mu s * (V G Q' s - worth G Q pi rho s)).
Proof. intros E D M P Dm. apply follows_series; [exact D | exact M | exact Dm |]. apply loss_follows; assumption. Qed.

(* Newton's step: V^{pi_Q,rho_Q} - v = sum gamma^t M^t (backup v - v) *)
Lemma newton_follows v Q (Qv := ahead G v) :
  pair_Q G (soft_policy G Qv) (soft_model G Qv) Q ->
  follows (soft_policy G Qv) (soft_model G Qv) (fun s => backup G v s - v s)
    (fun s => worth G Q (soft_policy G Qv) (soft_model G Qv) s - v s).
Proof.
  intros P s. pose proof (soft_policy_law G Qv) as D. pose proof (soft_model_law G Qv) as M.
  pose proof (pair_value_follows _ _ Q D M P s) as E1.
  assert (E2 := worth_soft G Qv s). unfold Qv in E2 at 1. rewrite (worth_unfold _ _ Q v s D M) in E2.
  change (V G Qv s) with (backup G v s) in E2.
  set (pi := soft_policy G Qv) in *. set (rho := soft_model G Qv) in *.
  assert (E4 : (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * (worth G Q pi rho s' - v s'))))
    = (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * worth G Q pi rho s')))
      - (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * v s')))).
  { rewrite <- Sum_minus. apply Sum_ext. intro b. rewrite <- Rmult_minus_distr_l. f_equal.
    rewrite <- Sum_minus. apply Sum_ext. intro a. rewrite <- Rmult_minus_distr_l. f_equal.
    rewrite <- Sum_minus. apply Sum_ext. intro s'. ring. }
  rewrite E4. lra.
Qed.

Lemma newton_series v Q mu (Qv := ahead G v) :
  pair_Q G (soft_policy G Qv) (soft_model G Qv) Q -> distribution mu ->
  Un_cv (discounted G (soft_policy G Qv) (soft_model G Qv) mu (fun s => backup G v s - v s))
    (∑ s, mu s * (worth G Q (soft_policy G Qv) (soft_model G Qv) s - v s)).
Proof.
  intros P Dm. apply follows_series; [apply soft_policy_law | apply soft_model_law | exact Dm |].
  apply newton_follows. exact P.
Qed.

(* Only the optimal pair has the optimal values, with a positive prior. *)
Lemma optimal_pair_unique Q' pi rho Q :
  positive_prior G -> optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  ((forall s, worth G Q pi rho s = V G Q' s) <->
   (forall s b, rho s b = soft_model G Q' s b) /\ (forall s b a, pi s b a = soft_policy G Q' s b a)).
Proof.
  intros PP E D M P. split.
  - intro H. assert (Same : same G Q Q').
    { intros s a b. rewrite <- (P s a b), <- (E s a b). apply ahead_ext. exact H. }
    assert (K : forall s, worth G Q' pi rho s = V G Q' s) by (intro s; rewrite <- H; apply worth_same; intros x a b; symmetry; apply Same).
    assert (I : forall s, (forall b, rho s b = soft_model G Q' s b) /\ (forall b a, pi s b a = soft_policy G Q' s b a))
      by (intro s; apply (worth_is_V_iff_positive G Q' pi rho s PP D M), K).
    split; intro s; apply I.
  - intros [E2 E1] s. assert (P' : pair_Q G pi rho Q').
    { intros x a b. transitivity (T_pair G (soft_policy G Q') (soft_model G Q') Q' x a b); [| apply optimal_is_pair, E].
      apply ahead_ext. intro y. apply worth_ext; auto. intros u v w. reflexivity. }
    pose proof (pair_unique pi rho Q Q' D M P P') as Same.
    rewrite (worth_same pi rho Q Q' s Same). apply (worth_is_V_iff_positive G Q' pi rho s PP D M). split; auto.
Qed.

(* ---- Tables that move towards their targets ---- *)

Lemma towards x Q Q0 Q' :
  0 <= x <= 1 -> optimal_Q G Q' ->
  distance G (fun s a b => x * T G Q0 s a b + (1 - x) * Q s a b) Q'
  <= x * (gamma G * distance G Q0 Q') + (1 - x) * distance G Q Q'.
Proof.
  intros Rx E. pose proof (distance_nonneg G Q0 Q') as N0. pose proof (distance_nonneg G Q Q') as N.
  pose proof (proj1 (gamma_range G)) as Ng.
  assert (B : forall s a b, Rabs (T G Q0 s a b - Q' s a b) <= gamma G * distance G Q0 Q').
  { intros s a b. rewrite <- (E s a b).
    apply (F_lipschitz G (T G) (T_mono G) (T_shift G) Q0 Q'). apply distance_bounds. }
  apply distance_least.
  - apply Rplus_le_le_0_compat; apply Rmult_le_pos; try lra. apply Rmult_le_pos; assumption.
  - intros s a b. pose proof (Rabs_between _ _ (B s a b)). pose proof (Rabs_between _ _ (distance_bounds G Q Q' s a b)).
    apply Rabs_le. split; nra.
Qed.

Lemma averaged_step x Q Q' :
  0 <= x <= 1 -> optimal_Q G Q' ->
  distance G (fun s a b => x * T G Q s a b + (1 - x) * Q s a b) Q' <= (1 - x * (1 - gamma G)) * distance G Q Q'.
Proof. intros Rx E. pose proof (towards x Q Q Q' Rx E). lra. Qed.

Lemma gradient_steps l n Q Q0 s a b :
  gradient_descent G l n (T G Q0) Q s a b = (1 - (1 - l) ^ n) * T G Q0 s a b + (1 - (1 - (1 - l) ^ n)) * Q s a b.
Proof. induction n as [| n IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma averaged_distance l n Q Q' (k := 1 - (1 - l) ^ n) :
  distance G (fun s a b => k * T G Q s a b + (1 - k) * Q s a b) Q' = distance G (gradient_descent G l n (T G Q) Q) Q'.
Proof. unfold distance. do 3 (apply Max_ext; intro). rewrite gradient_steps. reflexivity. Qed.

Lemma copied_table l n Q Q' :
  0 < l <= 1 -> optimal_Q G Q' ->
  distance G (gradient_descent G l n (T G Q) Q) Q' <= (1 - (1 - (1 - l) ^ n) * (1 - gamma G)) * distance G Q Q'.
Proof.
  intros Rl E. rewrite <- averaged_distance. cbv zeta. apply averaged_step; [| exact E].
  assert (0 <= (1 - l) ^ n) by (apply pow_le; lra).
  pose proof (pow_incr (1 - l) 1 n ltac:(lra)) as K. rewrite pow1 in K. split; lra.
Qed.

(* The first round, where the two tables differ *)
Lemma copied_first l n Q0 Q Q' (k := 1 - (1 - l) ^ n) :
  0 < l <= 1 -> optimal_Q G Q' ->
  distance G (gradient_descent G l n (T G Q0) Q) Q' <= k * (gamma G * distance G Q0 Q') + (1 - k) * distance G Q Q'.
Proof.
  intros Rl E. assert (0 <= (1 - l) ^ n) by (apply pow_le; lra).
  pose proof (pow_incr (1 - l) 1 n ltac:(lra)) as K. rewrite pow1 in K.
  replace (distance G (gradient_descent G l n (T G Q0) Q) Q')
    with (distance G (fun s a b => k * T G Q0 s a b + (1 - k) * Q s a b) Q').
  - apply towards; [unfold k; lra | exact E].
  - unfold distance. do 3 (apply Max_ext; intro). rewrite gradient_steps. reflexivity.
Qed.

End Iteration.
