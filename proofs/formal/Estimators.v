(* Samples of V: eq. 15, Algorithm 1, and what goes wrong when two policies are mixed. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction.
Open Scope R_scope.

Section Estimators.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

Lemma ln_quotient x y : 0 < x -> 0 < y -> ln (x / y) = ln x - ln y.
Proof. intros. unfold Rdiv. rewrite ln_mult, ln_Rinv; auto with real; lra. Qed.

Lemma sample_soft Q s a b :
  0 < prior G s b -> sample G Q (soft_policy G Q) (soft_model G Q) s a b = V G Q s.
Proof.
  intro P. unfold sample, soft_policy, soft_model. rewrite ln_mult, !ln_exp by (exact P || apply exp_pos).
  pose proof (alpha_positive G). pose proof (beta_positive G). field. lra.
Qed.

Lemma sample_mean Q pi rho s :
  is_policy G pi -> is_model G rho -> drawn G pi rho s (sample G Q pi rho s) = worth G Q pi rho s.
Proof.
  intros D M. unfold drawn, worth, KL. rewrite <- Sum_scal, <- Sum_minus. apply Sum_ext. intro b.
  assert (I : (∑ a, pi s b a * sample G Q pi rho s a b)
    = own_worth G Q pi s b + (beta G * ln (prior G s b) - beta G * ln (rho s b))).
  { unfold sample, own_worth, entropy.
    transitivity (∑ a, pi s b a * ((Q s a b - alpha G * ln (pi s b a)) + (beta G * ln (prior G s b) - beta G * ln (rho s b))));
      [apply Sum_ext; intro; ring |].
    rewrite mean_plus by apply D. f_equal.
    rewrite (Sum_ext _ (fun a => pi s b a * Q s a b - alpha G * (pi s b a * ln (pi s b a)))) by (intro; ring).
    rewrite Sum_minus, Sum_scal. ring. }
  rewrite I. destruct (Req_dec (rho s b) 0) as [E | E]; [rewrite E; ring |].
  assert (0 < rho s b) by (pose proof (proj1 (proj1 (M s)) b); lra).
  assert (0 < prior G s b).
  { pose proof (proj1 (prior_law G s) b). destruct (Req_dec (prior G s b) 0) as [F | F]; [| lra].
    apply (proj2 (M s)) in F. contradiction. }
  rewrite ln_quotient by assumption. ring.
Qed.

(* a drawn from pi', its logarithm taken of pi *)
Lemma sample_other_policy Q pi pi' rho s :
  is_policy G pi' -> is_model G rho -> (forall b a, 0 < pi s b a) ->
  drawn G pi' rho s (sample G Q pi rho s)
  = worth G Q pi' rho s + alpha G * (∑ b, rho s b * KL (pi' s b) (pi s b)).
Proof.
  intros D M N. rewrite <- (sample_mean Q pi' rho s D M). unfold drawn. rewrite <- Sum_scal, <- Sum_plus.
  apply Sum_ext. intro b.
  transitivity (rho s b * ((∑ a, pi' s b a * sample G Q pi' rho s a b) + alpha G * KL (pi' s b) (pi s b))); [| ring].
  f_equal. unfold KL. rewrite <- Sum_scal, <- Sum_plus. apply Sum_ext. intro a. unfold sample.
  destruct (Req_dec (pi' s b a) 0) as [E | E]; [rewrite E; ring |].
  rewrite ln_quotient; [ring | | apply N]. pose proof (proj1 (D s b) a). lra.
Qed.

(* ---- Algorithm 1 ---- *)

Lemma Rpower_pos x y : 0 < Rpower x y.
Proof. apply exp_pos. Qed.

Lemma corrected_is Q pi rho s a b :
  0 < prior G s b -> 0 < pi s b a ->
  corrected_sample G Q pi rho s a b = prior G s b * exp (Q s a b) * Rpower (pi s b a) (- alpha G) / rho s b.
Proof.
  intros P Pp. unfold corrected_sample, Rdiv. f_equal. pose proof (alpha_positive G).
  rewrite <- Rpower_mult_distr by (try apply Rmult_lt_0_compat; auto using Rpower_pos, exp_pos, Rinv_0_lt_compat).
  rewrite <- Rpower_mult_distr by (auto using Rpower_pos, exp_pos).
  rewrite Rpower_mult. replace (1 * / alpha G * alpha G) with 1 by (field; lra). rewrite Rpower_1 by exact P.
  f_equal; [f_equal |].
  - unfold Rpower. rewrite ln_exp. f_equal. field. lra.
  - unfold Rpower. rewrite ln_Rinv by exact Pp. f_equal. ring.
Qed.

Lemma printed_is Q pi rho s a b :
  0 < prior G s b -> printed_sample G Q pi rho s a b = prior G s b * exp (Q s a b) / (pi s b a * rho s b).
Proof.
  intro P. unfold printed_sample. f_equal. pose proof (alpha_positive G).
  rewrite <- Rpower_mult_distr by (auto using Rpower_pos, exp_pos).
  rewrite Rpower_mult. replace (1 / alpha G * alpha G) with 1 by (field; lra). rewrite Rpower_1 by exact P.
  f_equal. unfold Rpower. rewrite ln_exp. f_equal. field. lra.
Qed.

Lemma corrected_at_soft Q rho s a b :
  beta G = 1 -> 0 < prior G s b -> 0 < rho s b ->
  corrected_sample G Q (soft_policy G Q) rho s a b = prior G s b * exp (L G Q s b) / rho s b.
Proof.
  intros E P Pr. rewrite corrected_is by (exact P || apply exp_pos). pose proof (alpha_positive G).
  unfold Rdiv. rewrite !Rmult_assoc. f_equal. rewrite <- Rmult_assoc. f_equal.
  unfold soft_policy, Rpower. rewrite ln_exp, <- exp_plus. f_equal. field. lra.
Qed.

Lemma corrected_constant Q s a b :
  beta G = 1 -> 0 < prior G s b ->
  corrected_sample G Q (soft_policy G Q) (soft_model G Q) s a b = exp (V G Q s).
Proof.
  intros E P. assert (Pr : 0 < soft_model G Q s b) by (apply Rmult_lt_0_compat; [exact P | apply exp_pos]).
  rewrite corrected_at_soft by assumption. unfold soft_model. rewrite E.
  replace ((L G Q s b - V G Q s) / 1) with (L G Q s b + - V G Q s) by field.
  rewrite exp_plus, exp_Ropp. pose proof (exp_pos (L G Q s b)). pose proof (exp_pos (V G Q s)). field. lra.
Qed.

Lemma corrected_average (K : Finite) (k0 : K) (a : K -> own G) (b : K -> others G) Q s :
  beta G = 1 -> (forall k, 0 < prior G s (b k)) ->
  ln (1 / count K * (∑ k, corrected_sample G Q (soft_policy G Q) (soft_model G Q) s (a k) (b k))) = V G Q s.
Proof.
  intros E P. rewrite (Sum_ext _ (fun _ => exp (V G Q s))) by (intro; apply corrected_constant; auto).
  rewrite Sum_const. pose proof (count_positive K k0). rewrite <- Rmult_assoc.
  replace (1 / count K * count K) with 1 by (field; lra). rewrite Rmult_1_l. apply ln_exp.
Qed.

Lemma corrected_mean Q rho s :
  beta G = 1 -> (forall b, 0 < prior G s b) -> (forall b, 0 < rho s b) ->
  drawn G (soft_policy G Q) rho s (corrected_sample G Q (soft_policy G Q) rho s) = exp (V G Q s).
Proof.
  intros E P Pr. unfold drawn.
  rewrite (Sum_ext _ (fun b => prior G s b * exp (L G Q s b / beta G))).
  - unfold V. rewrite E, Rmult_1_l. rewrite exp_ln; [reflexivity |].
    pose proof (others_partition G Q (L G Q s) s) as H. rewrite E in H. exact H.
  - intro b. rewrite (Sum_ext _ (fun a => soft_policy G Q s b a * (prior G s b * exp (L G Q s b) / rho s b)))
      by (intro; rewrite corrected_at_soft; auto).
    rewrite mean_const by apply soft_policy_law. rewrite E. replace (L G Q s b / 1) with (L G Q s b) by field.
    specialize (Pr b). field. lra.
Qed.

Lemma printed_mean Q pi rho s :
  (forall b, 0 < prior G s b) -> (forall b a, 0 < pi s b a) -> (forall b, 0 < rho s b) ->
  drawn G pi rho s (printed_sample G Q pi rho s) = ∑ b, prior G s b * (∑ a, exp (Q s a b)).
Proof.
  intros P Pp Pr. unfold drawn. apply Sum_ext. intro b. rewrite <- !Sum_scal. apply Sum_ext. intro a.
  rewrite printed_is by apply P. specialize (Pp b a). specialize (Pr b). field. lra.
Qed.

Lemma printed_is_alpha_one Q pi rho s :
  beta G = 1 -> (forall b, 0 < prior G s b) -> (forall b a, 0 < pi s b a) -> (forall b, 0 < rho s b) ->
  ln (drawn G pi rho s (printed_sample G Q pi rho s)) = V (with_alpha G 1 Rlt_0_1) Q s.
Proof.
  intros E P Pp Pr. rewrite printed_mean by assumption. unfold V, L. simpl. rewrite E, Rmult_1_l.
  f_equal. apply Sum_ext. intro b. f_equal.
  replace (1 * ln (∑ a, exp (Q s a b / 1)) / 1) with (ln (∑ a, exp (Q s a b / 1))) by field.
  pose proof (partition_own (with_alpha G 1 Rlt_0_1) Q s b) as H. simpl in H. rewrite exp_ln by exact H.
  apply Sum_ext. intro a. f_equal. field.
Qed.

(* ---- The critic: eq. 14 ---- *)

Definition critic_loss (D : Table G) (Q0 Q : Table G) : R :=
  ∑ s, ∑ a, ∑ b, D s a b * (1 / 2 * (Q s a b - reward G s a b - gamma G * (∑ s', next G s a b s' * V G Q0 s')) ^ 2).

Lemma critic_best (D Q0 Q : Table G) :
  (forall s a b, 0 < D s a b) ->
  critic_loss D Q0 (T G Q0) <= critic_loss D Q0 Q /\
  (critic_loss D Q0 Q <= critic_loss D Q0 (T G Q0) -> same G Q (T G Q0)).
Proof.
  intro P.
  assert (Z0 : critic_loss D Q0 (T G Q0) = 0).
  { unfold critic_loss. rewrite (Sum_ext _ (fun _ => 0)); [apply Sum_zero |]. intro s.
    rewrite (Sum_ext _ (fun _ => 0)); [apply Sum_zero |]. intro a.
    rewrite (Sum_ext _ (fun _ => 0)); [apply Sum_zero |]. intro b. unfold T, ahead. ring. }
  assert (N : forall s a b, 0 <= D s a b * (1 / 2 * (Q s a b - reward G s a b - gamma G * (∑ s', next G s a b s' * V G Q0 s')) ^ 2)).
  { intros s a b. apply Rmult_le_pos; [left; apply P |]. apply Rmult_le_pos; [lra | apply pow2_ge_0]. }
  assert (N1 : forall s a, 0 <= ∑ b, D s a b * (1 / 2 * (Q s a b - reward G s a b - gamma G * (∑ s', next G s a b s' * V G Q0 s')) ^ 2))
    by (intros; apply Sum_nonneg, N).
  assert (N2 : forall s, 0 <= ∑ a, ∑ b, D s a b * (1 / 2 * (Q s a b - reward G s a b - gamma G * (∑ s', next G s a b s' * V G Q0 s')) ^ 2))
    by (intros; apply Sum_nonneg, N1).
  rewrite Z0. split; [apply Sum_nonneg, N2 |]. intros L s a b.
  assert (E : critic_loss D Q0 Q = 0) by (apply Rle_antisym; [exact L | apply Sum_nonneg, N2]).
  pose proof (Sum_null _ (N s a) (Sum_null _ (N1 s) (Sum_null _ N2 E s) a) b) as K. simpl in K.
  unfold T, ahead. set (m := ∑ s', next G s a b s' * V G Q0 s') in *. pose proof (P s a b).
  apply Rmult_integral in K. destruct K as [K | K]; [lra |].
  apply Rmult_integral in K. destruct K as [K | K]; [lra |]. rewrite Rmult_1_r in K.
  apply Rmult_integral in K. destruct K; lra.
Qed.

Lemma mean_square {X : Finite} (p y : X -> R) x :
  distribution p -> (∑ i, p i * (x - y i) ^ 2) = (x - (∑ i, p i * y i)) ^ 2 + ∑ i, p i * (y i - (∑ j, p j * y j)) ^ 2.
Proof.
  intro D. set (m := ∑ j, p j * y j).
  transitivity (∑ i, p i * ((y i - m) ^ 2 + (x - m) ^ 2) - 2 * (x - m) * (p i * y i - m * p i)).
  - apply Sum_ext. intro i. ring.
  - rewrite Sum_minus, mean_plus by exact D. rewrite Sum_scal, Sum_minus, Sum_scal. fold m.
    rewrite (proj2 D). ring.
Qed.

Lemma critic_variance (Q0 Q : Table G) s a b :
  (∑ s', next G s a b s' * (Q s a b - reward G s a b - gamma G * V G Q0 s') ^ 2)
  = (Q s a b - reward G s a b - gamma G * (∑ s', next G s a b s' * V G Q0 s')) ^ 2
    + gamma G ^ 2 * (∑ s', next G s a b s' * (V G Q0 s' - (∑ t, next G s a b t * V G Q0 t)) ^ 2).
Proof.
  rewrite (mean_square (next G s a b) (fun s' => gamma G * V G Q0 s') (Q s a b - reward G s a b)) by apply next_law.
  assert (E : (∑ i, next G s a b i * (gamma G * V G Q0 i)) = gamma G * (∑ s', next G s a b s' * V G Q0 s')).
  { rewrite <- Sum_scal. apply Sum_ext. intro. ring. }
  rewrite E. f_equal. rewrite <- (Sum_scal (gamma G ^ 2)). apply Sum_ext. intro. ring.
Qed.

End Estimators.
