(* What is between the paper's theorems: Theorem 2 in its own words, Theorem 1 for the objective itself, the corrected chain
   of eq. 45 to 49, eq. 19, counted priors, and the arithmetic of eq. 3 and 4. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration Improvement LowerBound Estimators Trajectories SelfPlay Birkhoff Games.
Open Scope R_scope.

Section Learning.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G) (mu : states G -> R).

Lemma own_pair_is_optimal Q : pair_Q G (soft_policy G Q) (soft_model G Q) Q <-> optimal_Q G Q.
Proof.
  split; intros H s a b; [rewrite <- T_is_greedy | rewrite T_is_greedy]; apply H.
Qed.

Lemma objective_dominated Q' pi rho mu j j' :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> distribution mu ->
  Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) j ->
  Un_cv (discounted G (soft_policy G Q') (soft_model G Q') mu (worth G (reward G) (soft_policy G Q') (soft_model G Q'))) j' ->
  j <= j'.
Proof.
  intros E D M Dm C C'. destruct (pair_exists G pi rho D M) as [Q P].
  rewrite (UL_sequence _ _ _ C (objective_series G pi rho Q mu D M P Dm)).
  rewrite (UL_sequence _ _ _ C' (objective_series G _ _ Q' mu (soft_policy_law G Q') (soft_model_law G Q') (optimal_is_pair G Q' E) Dm)).
  apply mean_le; [exact Dm |]. intro s. rewrite worth_soft. apply (worth_dominated G Q' pi rho); assumption.
Qed.

Lemma objective_converges pi rho mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  exists j, Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) j.
Proof.
  intros D M Dm. destruct (pair_exists G pi rho D M) as [Q P]. exists (∑ s, mu s * worth G Q pi rho s).
  apply objective_series; assumption.
Qed.

Lemma joint_values pi rho Q Q1 Q' c :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (soft_model G Q) Q1 -> optimal_Q G Q' ->
  (forall s, V G Q' s - worth G Q pi rho s <= c) ->
  forall s, worth G Q pi rho s <= worth G Q1 (soft_policy G Q) (soft_model G Q) s /\
            V G Q' s - worth G Q1 (soft_policy G Q) (soft_model G Q) s <= gamma G * c.
Proof.
  intros D M P P1 E H s. pose proof (soft_policy_law G Q) as Ds. pose proof (soft_model_law G Q) as Ms.
  destruct (joint_step G pi rho Q Q1 D M P P1) as [B1 B2].
  assert (B : below G Q Q1) by (intros x a b; apply Rle_trans with (1 := B1 x a b), B2).
  assert (W : V G Q s <= worth G Q1 (soft_policy G Q) (soft_model G Q) s)
    by (rewrite <- worth_soft; apply worth_mono; assumption).
  split; [apply Rle_trans with (2 := W), worth_le_V; assumption |].
  assert (K : V G Q' s <= V G Q s + gamma G * c); [| lra].
  rewrite <- V_shift. apply V_mono. intros x a b. unfold raised. rewrite <- (E x a b), <- (P x a b).
  unfold T, T_pair.
  rewrite <- (ahead_shift G (worth G Q pi rho) (fun s => worth G Q pi rho s + c) c (fun _ => eq_refl)). apply ahead_mono.
  intro y. pose proof (H y). lra.
Qed.

Lemma corrected_chain Q pi rho s :
  is_policy G pi -> is_model G rho ->
  worth G Q pi rho s <= worth G Q pi (best_model G Q pi) s
  <= worth G Q (soft_policy G Q) (best_model G Q pi) s.
Proof.
  intros D M. split; [apply worth_better_model, M | apply worth_better_policy; [exact D | apply best_model_law]].
Qed.

(* eq. 19: (17) for one own action a *)
Lemma model_loss Q pi rho s a (weight := fun b => prior G s b * Rpower (exp (Q s a b / alpha G) / pi s b a) (alpha G)) :
  is_model G rho -> (forall b, 0 < pi s b a) ->
  KL (rho s) (fun b => weight b / ∑ b', weight b')
  = (∑ b, rho s b * (ln (rho s b) - ln (prior G s b) - Q s a b + alpha G * ln (pi s b a))) + ln (∑ b, weight b).
Proof.
  intros M N. assert (Nw : forall b, 0 <= weight b).
  { intro b. apply Rmult_le_pos; [apply prior_law | left; apply Rpower_pos]. }
  rewrite <- (evidence_gap (rho s) weight (proj1 (M s)) Nw).
  - assert (K : (∑ b, rho s b * ln (weight b / rho s b))
      = - (∑ b, rho s b * (ln (rho s b) - ln (prior G s b) - Q s a b + alpha G * ln (pi s b a)))); [| rewrite K; ring].
    rewrite <- Sum_opp. apply Sum_ext. intro b. destruct (Req_dec (rho s b) 0) as [E | E]; [rewrite E; ring |].
    assert (0 < rho s b) by (pose proof (proj1 (proj1 (M s)) b); lra).
    assert (prior G s b <> 0) by (intro Z; apply E, (proj2 (M s) b Z)).
    assert (0 < prior G s b) by (pose proof (proj1 (prior_law G s) b); lra).
    assert (Lw : ln (weight b) = ln (prior G s b) + Q s a b - alpha G * ln (pi s b a)).
    { unfold weight. rewrite ln_mult by (assumption || apply Rpower_pos). unfold Rpower. rewrite ln_exp.
      unfold Rdiv at 1. rewrite ln_mult, ln_Rinv, ln_exp by (try apply Rinv_0_lt_compat; apply N || apply exp_pos).
      pose proof (alpha_positive G). field. lra. }
    assert (0 < weight b) by (apply Rmult_lt_0_compat; [assumption | apply Rpower_pos]).
    unfold Rdiv. rewrite ln_mult, ln_Rinv, Lw by (try apply Rinv_0_lt_compat; assumption). ring.
  - intros b E. apply (proj2 (M s)). unfold weight in E. apply Rmult_integral in E. destruct E as [E | E]; [exact E |].
    exfalso. revert E. apply Rgt_not_eq, Rpower_pos.
Qed.

(* b drawn from rho', its logarithm taken of rho *)
Lemma sample_other_model Q pi rho rho' s :
  is_policy G pi -> is_model G rho' -> (forall b, 0 < rho s b) -> (forall b, 0 < prior G s b) ->
  drawn G pi rho' s (sample G Q pi rho s) = worth G Q pi rho' s + beta G * KL (rho' s) (rho s).
Proof.
  intros D M N Np. rewrite <- (sample_mean G Q pi rho' s D M). unfold drawn, KL. rewrite <- Sum_scal, <- Sum_plus.
  apply Sum_ext. intro b. destruct (Req_dec (rho' s b) 0) as [E | E]; [rewrite E; ring |].
  assert (0 < rho' s b) by (pose proof (proj1 (proj1 (M s)) b); lra).
  rewrite <- (mean_const (pi s b) (ln (rho' s b / rho s b)) (D s b)).
  rewrite <- !Sum_scal, <- Sum_plus. apply Sum_ext. intro a. unfold sample.
  unfold Rdiv. rewrite ln_mult, ln_Rinv by (try apply Rinv_0_lt_compat; auto). ring.
Qed.

(* eq. 18: pi_Q has the least loss, and no other policy has. *)
Lemma policy_loss_least Q pi s b :
  is_policy G pi ->
  (∑ a, soft_policy G Q s b a * (alpha G * ln (soft_policy G Q s b a) - Q s a b))
  <= (∑ a, pi s b a * (alpha G * ln (pi s b a) - Q s a b)) /\
  ((∑ a, pi s b a * (alpha G * ln (pi s b a) - Q s a b))
   <= (∑ a, soft_policy G Q s b a * (alpha G * ln (soft_policy G Q s b a) - Q s a b)) ->
   forall a, pi s b a = soft_policy G Q s b a).
Proof.
  intro D. pose proof (policy_loss G Q pi s b D) as E. pose proof (policy_loss G Q _ s b (soft_policy_law G Q)) as Es.
  rewrite (KL_same (soft_policy G Q s b)) in Es by reflexivity. pose proof (alpha_positive G) as Pa.
  pose proof (KL_nonneg (pi s b) (soft_policy G Q s b) (D s b) (soft_policy_law G Q s b) (policy_supported G Q pi s b)) as N.
  split; [nra |]. intro H. apply KL_zero; [apply D | apply soft_policy_law | apply policy_supported | nra].
Qed.

(* eq. 3, 4 *)
Lemma played_optimally s b (p : own G -> R) a :
  distribution p ->
  0 <= p a <= 1 /\ tilt (uniform G s b) p a = p a /\
  forall q : own G -> R, 1 / count (own G) * p a + (1 - 1 / count (own G)) * q a = uniform G s b a ->
    (1 / count (own G) * p a) / (1 / count (own G) * p a + (1 - 1 / count (own G)) * q a) = p a.
Proof.
  intros [N E]. pose proof (count_own G) as P. split; [| split].
  - split; [apply N |]. rewrite <- E. apply Sum_term, N.
  - unfold tilt, uniform. rewrite Sum_scal, E. field. lra.
  - intros q ->. unfold uniform. field. lra.
Qed.

Lemma chance_of_optimality c m s a b :
  0 < c <= exp (- m) -> (forall s a b, reward G s a b <= m) ->
  0 < c * exp (reward G s a b) <= 1 /\
  forall s' a' b', reward G s a b < reward G s' a' b' -> c * exp (reward G s a b) < c * exp (reward G s' a' b').
Proof.
  intros [Pc Lc] H. pose proof (exp_pos (reward G s a b)) as Pe. split; [split; [apply Rmult_lt_0_compat; assumption |] |].
  - apply Rle_trans with (exp (- m) * exp m).
    + apply Rmult_le_compat; try lra. apply exp_mono, H.
    + rewrite <- exp_plus, Rplus_opp_l, exp_0. lra.
  - intros s' a' b' L. apply Rmult_lt_compat_l; [exact Pc | apply exp_increasing, L].
Qed.

End Learning.

(* ---- Priors ---- *)

Lemma likeliest {X : Finite} (p q : X -> R) :
  distribution p -> distribution q -> supported_by p q ->
  (∑ x, p x * ln (q x)) = (∑ x, p x * ln (p x)) - KL p q /\ (∑ x, p x * ln (q x)) <= (∑ x, p x * ln (p x)) /\
  ((∑ x, p x * ln (p x)) <= (∑ x, p x * ln (q x)) -> forall x, q x = p x).
Proof.
  intros Dp Dq S. pose proof (cross_entropy p q Dp (proj1 Dq) S) as E. pose proof (KL_nonneg p q Dp Dq S) as N.
  split; [lra | split; [lra |]]. intros H x. symmetry. apply KL_zero; try assumption. lra.
Qed.

Lemma counted {S B : Finite} (n : S -> B -> nat) (p := fun s b => INR (n s b) / ∑ b', INR (n s b')) :
  (forall s, exists b, n s b <> O) ->
  (forall s, distribution (p s)) /\
  forall q : S -> B -> R, (forall s, distribution (q s)) -> (forall s b, q s b = 0 -> n s b = O) ->
  (∑ s, ∑ b, INR (n s b) * ln (q s b)) <= (∑ s, ∑ b, INR (n s b) * ln (p s b)) /\
  ((∑ s, ∑ b, INR (n s b) * ln (p s b)) <= (∑ s, ∑ b, INR (n s b) * ln (q s b)) -> forall s b, q s b = p s b).
Proof.
  intro H. assert (P : forall s, 0 < ∑ b, INR (n s b)).
  { intro s. destruct (H s) as [b Nb]. apply Sum_pos with b; [intro; apply pos_INR | apply lt_0_INR; lia]. }
  assert (D : forall s, distribution (p s)).
  { intro s. pose proof (P s). split.
    - intro b. apply Rmult_le_pos; [apply pos_INR | left; apply Rinv_0_lt_compat, P].
    - unfold p, Rdiv. rewrite Sum_scal_r. field. lra. }
  split; [exact D |]. intros q Dq Sq.
  assert (K : forall (r : S -> B -> R) s, (∑ b, INR (n s b) * ln (r s b)) = (∑ b, INR (n s b)) * (∑ b, p s b * ln (r s b))).
  { intros r s. rewrite <- Sum_scal. apply Sum_ext. intro b. unfold p. pose proof (P s). field. lra. }
  assert (Su : forall s, supported_by (p s) (q s)) by (intros s b E; unfold p; rewrite (Sq s b E); simpl; unfold Rdiv; ring).
  assert (Le : forall s, (∑ b, INR (n s b) * ln (q s b)) <= (∑ b, INR (n s b) * ln (p s b))).
  { intro s. rewrite !K. apply Rmult_le_compat_l; [left; apply P |]. apply (likeliest (p s) (q s)); auto. }
  split; [apply Sum_le, Le |]. intros G s. apply (likeliest (p s) (q s)); auto.
  apply Rmult_le_reg_l with (∑ b, INR (n s b)); [apply P |]. rewrite <- !K.
  assert (Z : (∑ s, (∑ b, INR (n s b) * ln (p s b)) - (∑ b, INR (n s b) * ln (q s b))) = 0).
  { apply Rle_antisym; [rewrite Sum_minus; lra |]. apply Sum_nonneg. intro s'. pose proof (Le s'). lra. }
  assert (N : forall s, 0 <= (∑ b, INR (n s b) * ln (p s b)) - (∑ b, INR (n s b) * ln (q s b)))
    by (intro s'; pose proof (Le s'); lra).
  pose proof (Sum_null _ N Z s) as Z'. simpl in Z'. lra.
Qed.

(* ---- Self-play ---- *)

Lemma coordination g al k p a :
  al <> 0 -> distribution p -> answer two two al k (coordinate g) p a - 1 / 2 = tanh (g / (2 * al)) * (p a - 1 / 2).
Proof.
  intros N [_ E]. rewrite Sum_two in E. rewrite <- tanh_quotient. replace (2 * (g / (2 * al))) with (g / al) by (field; exact N).
  unfold answer, Z. rewrite !Sum_two. unfold coordinate. simpl.
  assert (Z0 : exp (0 / al) = 1) by (unfold Rdiv; rewrite Rmult_0_l; apply exp_0). rewrite Z0.
  set (x := exp (g / al)). assert (Px : 0 < x) by apply exp_pos. rewrite (Rplus_comm 1 x).
  set (z := Rpower (x + 1) k). assert (Pz : 0 < z) by apply exp_pos.
  assert (F : p false = 1 - p true) by lra. destruct a; simpl; rewrite ?Z0; fold x; rewrite F; field; repeat split; nra.
Qed.

(* At beta = infinity: what the marginal of exp(r/alpha) leaves to other actions *)
Lemma gibbs_selects (A B : Finite) al (r : A -> B -> R) a1 b1 (x := fun b => Z A B al r b / ∑ b', Z A B al r b') :
  1 - x b1 <= (∑ b, ∑ a, exp ((r a b - r a1 b1) / al)) - 1.
Proof.
  set (e := exp (r a1 b1 / al)). assert (Pe : 0 < e) by apply exp_pos.
  assert (PZ : forall b, 0 < Z A B al r b) by (intro b; apply Sum_pos with a1; [intro; left |]; apply exp_pos).
  assert (S : e <= Z A B al r b1) by (apply (Sum_term (fun a => exp (r a b1 / al))); intro; left; apply exp_pos).
  set (z := ∑ b', Z A B al r b') in *.
  assert (Pz : 0 < z) by (apply Sum_pos with b1; [intro; left |]; apply PZ).
  assert (W : (∑ b, ∑ a, exp ((r a b - r a1 b1) / al)) = z / e).
  { unfold z, Rdiv. rewrite <- Sum_scal_r. apply Sum_ext. intro b. unfold Z. rewrite <- Sum_scal_r. apply Sum_ext. intro a.
    unfold e. rewrite <- exp_Ropp, <- exp_plus. f_equal. unfold Rdiv. ring. }
  rewrite W. unfold x. fold z.
  apply Rle_trans with (1 - e / z).
  - apply Rplus_le_compat_l, Ropp_le_contravar, Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, Pz | exact S].
  - assert (0 <= z / e - 1 - (1 - e / z)); [| lra].
    replace (z / e - 1 - (1 - e / z)) with ((z - e) * (z - e) * / (e * z)) by (field; split; lra).
    apply Rmult_le_pos; [exact (Rle_0_sqr (z - e)) | left; apply Rinv_0_lt_compat, Rmult_lt_0_compat; assumption].
Qed.
