(* Gibbs' variational principle: eq. 9 to 11 and 38 to 44. *)

From Coq Require Import Reals List Lra Psatz.
From Rommeo Require Import Definitions Sums.
Open Scope R_scope.

Lemma ln_mono x y : 0 < x -> x <= y -> ln x <= ln y.
Proof. intros P [H | ->]; [left; apply ln_increasing; assumption | right; reflexivity]. Qed.

Lemma exp_mono x y : x <= y -> exp x <= exp y.
Proof. intros [H | ->]; [left; apply exp_increasing; assumption | right; reflexivity]. Qed.

Lemma ln_tangent x : 0 < x -> ln x <= x - 1.
Proof. intro P. pose proof (exp_ineq1_le (ln x)) as H. rewrite (exp_ln x P) in H. lra. Qed.

Lemma ln_tangent_strict x : 0 < x -> x <> 1 -> ln x < x - 1.
Proof.
  intros P N. assert (M : ln x <> 0).
  { intro E. apply N. rewrite <- (exp_ln x P), E, exp_0. reflexivity. }
  pose proof (exp_ineq1 (ln x) M) as H. rewrite (exp_ln x P) in H. lra.
Qed.

(* ---- Divergences ---- *)

Section Divergence.
Context {X : Finite}.
Implicit Types p q w u : X -> R.

Lemma KL_term p q x : 0 <= p x -> 0 <= q x -> (q x = 0 -> p x = 0) -> p x - q x <= p x * ln (p x / q x).
Proof.
  intros Np Nq S. destruct (Req_dec (p x) 0) as [Z | Z]; [rewrite Z; lra |].
  assert (0 < p x) by lra. assert (q x <> 0) by (intro E; apply Z, S, E). assert (0 < q x) by lra.
  assert (P : 0 < q x / p x) by (apply Rdiv_lt_0_compat; assumption).
  replace (p x / q x) with (/ (q x / p x)) by (field; lra). rewrite ln_Rinv by exact P.
  pose proof (ln_tangent _ P) as Tan.
  apply Rle_trans with (p x * - (q x / p x - 1)); [right; field; lra | nra].
Qed.

Lemma KL_term_strict p q x :
  0 <= p x -> 0 <= q x -> (q x = 0 -> p x = 0) -> p x <> q x -> p x - q x < p x * ln (p x / q x).
Proof.
  intros Np Nq S N. destruct (Req_dec (p x) 0) as [Z | Z]; [rewrite Z in *; lra |].
  assert (0 < p x) by lra. assert (q x <> 0) by (intro E; apply Z, S, E). assert (0 < q x) by lra.
  assert (P : 0 < q x / p x) by (apply Rdiv_lt_0_compat; assumption).
  replace (p x / q x) with (/ (q x / p x)) by (field; lra). rewrite ln_Rinv by exact P.
  assert (M : q x / p x <> 1) by (intro E; apply N; apply (f_equal (fun z => z * p x)) in E; field_simplify in E; lra).
  pose proof (ln_tangent_strict _ P M) as Tan.
  apply Rle_lt_trans with (p x * - (q x / p x - 1)); [right; field; lra | nra].
Qed.

Lemma KL_nonneg p q : distribution p -> distribution q -> supported_by p q -> 0 <= KL p q.
Proof.
  intros [Np Ep] [Nq Eq] S. apply Rle_trans with (∑ x, p x - q x); [rewrite Sum_minus; lra |].
  unfold KL. apply Sum_le. intro x. apply KL_term; auto.
Qed.

Lemma KL_zero p q : distribution p -> distribution q -> supported_by p q -> KL p q = 0 -> forall x, p x = q x.
Proof.
  intros [Np Ep] [Nq Eq] S E x.
  assert (N : forall y, 0 <= p y * ln (p y / q y) - (p y - q y))
    by (intro y; pose proof (KL_term p q y (Np y) (Nq y) (S y)); lra).
  assert (Z : (∑ y, p y * ln (p y / q y) - (p y - q y)) = 0).
  { rewrite Sum_minus, Sum_minus. unfold KL in E. rewrite E. lra. }
  pose proof (Sum_null _ N Z x) as H. simpl in H. destruct (Req_dec (p x) (q x)) as [G | G]; [exact G |].
  pose proof (KL_term_strict p q x (Np x) (Nq x) (S x) G). lra.
Qed.

Lemma KL_same p q : (forall x, p x = q x) -> KL p q = 0.
Proof.
  intro H. unfold KL. rewrite (Sum_ext _ (fun _ => 0)); [apply Sum_zero |]. intro x. rewrite <- H.
  destruct (Req_dec (p x) 0) as [Z | Z]; [rewrite Z; lra |].
  replace (p x / p x) with 1 by (field; exact Z). rewrite ln_1. lra.
Qed.

(* The mean of log q under p lacks KL(p || q) of its maximum, at p. *)
Lemma cross_entropy p q :
  distribution p -> (forall x, 0 <= q x) -> supported_by p q ->
  (∑ x, p x * ln (p x)) - (∑ x, p x * ln (q x)) = KL p q.
Proof.
  intros D Nq S. unfold KL. rewrite <- Sum_minus. apply Sum_ext. intro x.
  destruct (Req_dec (p x) 0) as [E | E]; [rewrite E; lra |].
  assert (0 < p x) by (pose proof (proj1 D x); lra).
  assert (q x <> 0) by (intro N; apply E, S, N). assert (0 < q x) by (pose proof (Nq x); lra).
  unfold Rdiv. rewrite ln_mult, ln_Rinv; [ring | lra | lra | apply Rinv_0_lt_compat; lra].
Qed.

(* What a law p lacks of the maximum of sum p u - t KL(p || w) is t KL(p || g). *)
Lemma free_energy t p w u (Z := ∑ x, w x * exp (u x / t)) (g := fun x => w x * exp ((u x - t * ln Z) / t)) :
  0 < t -> distribution p -> (forall x, 0 <= w x) -> supported_by p w ->
  (∑ x, p x * u x) - t * KL p w = t * ln Z - t * KL p g.
Proof.
  intros Pt D Nw S. unfold KL. rewrite <- !Sum_scal, <- Sum_minus.
  rewrite <- (mean_const p (t * ln Z) D) at 1. rewrite <- Sum_minus. apply Sum_ext. intro x.
  destruct (Req_dec (p x) 0) as [E | E]; [rewrite E; lra |].
  assert (0 < p x) by (pose proof (proj1 D x); lra).
  assert (w x <> 0) by (intro N; apply E, S, N). assert (0 < w x) by (pose proof (Nw x); lra).
  assert (K1 : ln (p x / w x) = ln (p x) - ln (w x))
    by (unfold Rdiv; rewrite ln_mult, ln_Rinv; [lra | lra | lra | apply Rinv_0_lt_compat; lra]).
  assert (K2 : ln (p x / g x) = ln (p x) - ln (w x) - (u x - t * ln Z) / t).
  { assert (0 < g x) by (apply Rmult_lt_0_compat; [assumption | apply exp_pos]).
    unfold Rdiv at 1. rewrite ln_mult, ln_Rinv; [| assumption | assumption | apply Rinv_0_lt_compat; assumption].
    unfold g. rewrite ln_mult, ln_exp; [lra | assumption | apply exp_pos]. }
  rewrite K1, K2. field. lra.
Qed.

Lemma partition_positive t w u : distribution w -> 0 < ∑ x, w x * exp (u x / t).
Proof.
  intro D. destruct (distribution_inhabited w D) as [x Px]. apply Sum_pos with x.
  - intro y. apply Rmult_le_pos; [apply D | left; apply exp_pos].
  - apply Rmult_lt_0_compat; [exact Px | apply exp_pos].
Qed.

Lemma gibbs_law t w u (Z := ∑ x, w x * exp (u x / t)) :
  0 < t -> (forall x, 0 <= w x) -> 0 < Z -> distribution (fun x => w x * exp ((u x - t * ln Z) / t)).
Proof.
  intros Pt Nw PZ. split.
  - intro x. apply Rmult_le_pos; [apply Nw | left; apply exp_pos].
  - rewrite (Sum_ext _ (fun x => (w x * exp (u x / t)) * / Z)).
    + rewrite Sum_scal_r. fold Z. field. lra.
    + intro x. replace ((u x - t * ln Z) / t) with (u x / t + - ln Z) by (field; lra).
      rewrite exp_plus, exp_Ropp, exp_ln by exact PZ. lra.
Qed.

Lemma entropy_is_KL p : entropy p = - KL p (fun _ => 1).
Proof.
  unfold entropy, KL. f_equal. apply Sum_ext. intro x. replace (p x / 1) with (p x) by field. reflexivity.
Qed.

End Divergence.

(* ---- The policy, the opponent model, the pair ---- *)

Section Gibbs.
Variable G : Game.
Notation al := (alpha G).
Notation be := (beta G).
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

Let al_pos : 0 < al := alpha_positive G.
Let be_pos : 0 < be := beta_positive G.

Lemma partition_own Q s b : 0 < ∑ a, exp (Q s a b / al).
Proof. apply Sum_pos with (own_action G); [intro a; left |]; apply exp_pos. Qed.

Lemma soft_policy_is_gibbs Q s b a :
  soft_policy G Q s b a = 1 * exp ((Q s a b - al * ln (∑ a, 1 * exp (Q s a b / al))) / al).
Proof. unfold soft_policy, L. rewrite Rmult_1_l. do 4 f_equal. f_equal. apply Sum_ext. intro. lra. Qed.

Lemma L_is_gibbs Q s b : L G Q s b = al * ln (∑ a, 1 * exp (Q s a b / al)).
Proof. unfold L. do 2 f_equal. apply Sum_ext. intro. lra. Qed.

Lemma soft_policy_law Q : is_policy G (soft_policy G Q).
Proof.
  intros s b. destruct (gibbs_law al (fun _ => 1) (fun a => Q s a b) al_pos) as [N E].
  - intro. lra.
  - rewrite (Sum_ext _ (fun a => exp (Q s a b / al))) by (intro; lra). apply partition_own.
  - split; [intro a; rewrite soft_policy_is_gibbs; apply N |].
    rewrite (Sum_ext _ _ (soft_policy_is_gibbs Q s b)). exact E.
Qed.

Lemma own_gap Q pi s b : is_policy G pi -> own_worth G Q pi s b = L G Q s b - al * KL (pi s b) (soft_policy G Q s b).
Proof.
  intro D. unfold own_worth. rewrite entropy_is_KL.
  pose proof (free_energy al (pi s b) (fun _ => 1) (fun a => Q s a b) al_pos (D s b)) as H.
  simpl in H. rewrite <- L_is_gibbs in H.
  assert (K : KL (pi s b) (soft_policy G Q s b) = KL (pi s b) (fun a => 1 * exp ((Q s a b - L G Q s b) / al))).
  { unfold KL. apply Sum_ext. intro a. unfold soft_policy. rewrite Rmult_1_l. reflexivity. }
  rewrite K. rewrite <- H; [lra | intro; lra | intros a E; lra].
Qed.

Lemma own_worth_le_L Q pi s b : is_policy G pi -> own_worth G Q pi s b <= L G Q s b.
Proof.
  intro D. rewrite own_gap by exact D.
  assert (0 <= KL (pi s b) (soft_policy G Q s b)).
  { apply KL_nonneg; [apply D | apply soft_policy_law |]. intros a E. exfalso. revert E.
    apply Rgt_not_eq, exp_pos. }
  nra.
Qed.

Lemma own_worth_soft Q s b : own_worth G Q (soft_policy G Q) s b = L G Q s b.
Proof. rewrite own_gap by apply soft_policy_law. rewrite KL_same by reflexivity. lra. Qed.

Lemma others_partition Q (u : others G -> R) s : 0 < ∑ b, prior G s b * exp (u b / be).
Proof. apply partition_positive, prior_law. Qed.

Lemma best_model_law Q pi : is_model G (best_model G Q pi).
Proof.
  intro s. split.
  - apply (gibbs_law be (prior G s) (own_worth G Q pi s) be_pos); [apply prior_law | apply (others_partition Q)].
  - intros b E. unfold best_model. rewrite E. lra.
Qed.

Lemma soft_model_law Q : is_model G (soft_model G Q).
Proof.
  intro s. split.
  - apply (gibbs_law be (prior G s) (L G Q s) be_pos); [apply prior_law | apply (others_partition Q)].
  - intros b E. unfold soft_model. rewrite E. lra.
Qed.

Lemma support_of_gibbs rho (u : Model G) s :
  is_model G rho -> supported_by (rho s) (fun b => prior G s b * exp (u s b)).
Proof.
  intros M b E. apply (M s). apply Rmult_integral in E. destruct E as [E | E]; [exact E |].
  exfalso. revert E. apply Rgt_not_eq, exp_pos.
Qed.

Lemma best_supported Q pi rho s : is_model G rho -> supported_by (rho s) (best_model G Q pi s).
Proof. intro M. exact (support_of_gibbs rho (fun s b => (own_worth G Q pi s b - best_reply_value G Q pi s) / be) s M). Qed.

Lemma soft_supported Q rho s : is_model G rho -> supported_by (rho s) (soft_model G Q s).
Proof. intro M. exact (support_of_gibbs rho (fun s b => (L G Q s b - V G Q s) / be) s M). Qed.

Lemma model_gap Q pi rho s :
  is_model G rho ->
  worth G Q pi rho s = best_reply_value G Q pi s - be * KL (rho s) (best_model G Q pi s).
Proof.
  intro M. unfold worth, best_reply_value, best_model.
  apply (free_energy be (rho s) (prior G s) (own_worth G Q pi s) be_pos); [apply M | apply prior_law | apply M].
Qed.

Lemma worth_le_best_reply Q pi rho s : is_model G rho -> worth G Q pi rho s <= best_reply_value G Q pi s.
Proof.
  intro M. rewrite model_gap by exact M.
  assert (0 <= KL (rho s) (best_model G Q pi s)).
  { apply KL_nonneg; [apply M | apply best_model_law | apply best_supported, M]. }
  nra.
Qed.

Lemma worth_best_model Q pi s : worth G Q pi (best_model G Q pi) s = best_reply_value G Q pi s.
Proof. rewrite model_gap by apply best_model_law. rewrite KL_same by reflexivity. lra. Qed.

(* The pair *)

Lemma pair_gap Q pi rho s :
  is_policy G pi -> is_model G rho ->
  V G Q s - worth G Q pi rho s
  = al * (∑ b, rho s b * KL (pi s b) (soft_policy G Q s b)) + be * KL (rho s) (soft_model G Q s).
Proof.
  intros D M.
  pose proof (free_energy be (rho s) (prior G s) (L G Q s) be_pos (proj1 (M s)) (proj1 (prior_law G s)) (proj2 (M s))) as F.
  cbv zeta in F. change (be * ln (∑ x, prior G s x * exp (L G Q s x / be))) with (V G Q s) in F.
  change (fun x => prior G s x * exp ((L G Q s x - V G Q s) / be)) with (soft_model G Q s) in F.
  unfold worth. rewrite (Sum_ext _ (fun b => rho s b * L G Q s b - al * (rho s b * KL (pi s b) (soft_policy G Q s b)))).
  - rewrite Sum_minus, Sum_scal. lra.
  - intro b. rewrite own_gap by exact D. lra.
Qed.

Lemma policy_supported Q pi s b : supported_by (pi s b) (soft_policy G Q s b).
Proof. intros a E. exfalso. revert E. apply Rgt_not_eq, exp_pos. Qed.

Lemma worth_le_V Q pi rho s : is_policy G pi -> is_model G rho -> worth G Q pi rho s <= V G Q s.
Proof.
  intros D M. assert (H := pair_gap Q pi rho s D M).
  assert (0 <= ∑ b, rho s b * KL (pi s b) (soft_policy G Q s b)).
  { apply Sum_nonneg. intro b. apply Rmult_le_pos; [apply M |].
    apply KL_nonneg; [apply D | apply soft_policy_law | apply policy_supported]. }
  assert (0 <= KL (rho s) (soft_model G Q s)).
  { apply KL_nonneg; [apply M | apply soft_model_law | apply soft_supported, M]. }
  nra.
Qed.

Lemma worth_soft Q s : worth G Q (soft_policy G Q) (soft_model G Q) s = V G Q s.
Proof.
  assert (H := pair_gap Q (soft_policy G Q) (soft_model G Q) s (soft_policy_law Q) (soft_model_law Q)).
  rewrite (KL_same (soft_model G Q s)) in H by reflexivity.
  rewrite (Sum_ext _ (fun _ => 0)) in H; [rewrite Sum_zero in H; lra |].
  intro b. rewrite KL_same by reflexivity. lra.
Qed.

Lemma worth_is_V_iff Q pi rho s :
  is_policy G pi -> is_model G rho ->
  (worth G Q pi rho s = V G Q s <->
   (forall b, rho s b = soft_model G Q s b) /\ (forall b, 0 < rho s b -> forall a, pi s b a = soft_policy G Q s b a)).
Proof.
  intros D M. assert (H := pair_gap Q pi rho s D M).
  assert (N1 : forall b, 0 <= rho s b * KL (pi s b) (soft_policy G Q s b)).
  { intro b. apply Rmult_le_pos; [apply M |].
    apply KL_nonneg; [apply D | apply soft_policy_law | apply policy_supported]. }
  assert (N2 : 0 <= KL (rho s) (soft_model G Q s))
    by (apply KL_nonneg; [apply M | apply soft_model_law | apply soft_supported, M]).
  assert (N3 := Sum_nonneg _ N1). split.
  - intro E. assert (Z1 : (∑ b, rho s b * KL (pi s b) (soft_policy G Q s b)) = 0) by nra.
    assert (Z2 : KL (rho s) (soft_model G Q s) = 0) by nra. split.
    + apply KL_zero; [apply M | apply soft_model_law | apply soft_supported, M | exact Z2].
    + intros b Pb. apply KL_zero; [apply D | apply soft_policy_law | apply policy_supported |].
      pose proof (Sum_null _ N1 Z1 b) as Z. simpl in Z. apply Rmult_integral in Z. destruct Z; lra.
  - intros [E1 E2]. rewrite (KL_same (rho s)) in H by exact E1.
    rewrite (Sum_ext _ (fun _ => 0)) in H; [rewrite Sum_zero in H; lra |].
    intro b. destruct (Rlt_dec 0 (rho s b)) as [Pb | Pb].
    + rewrite KL_same by (apply E2, Pb). lra.
    + replace (rho s b) with 0 by (pose proof (proj1 (proj1 (M s)) b); lra). lra.
Qed.

Lemma worth_is_V_iff_positive Q pi rho s :
  positive_prior G -> is_policy G pi -> is_model G rho ->
  (worth G Q pi rho s = V G Q s <->
   (forall b, rho s b = soft_model G Q s b) /\ (forall b a, pi s b a = soft_policy G Q s b a)).
Proof.
  intros P D M. rewrite (worth_is_V_iff Q pi rho s D M). split; intros [E1 E2]; split; auto.
  intros b a. apply E2. rewrite E1. apply Rmult_lt_0_compat; [apply P | apply exp_pos].
Qed.

(* With pi_Q for pi the best reply is rho_Q: why eq. 55 in the end gives eq. 11 *)
Lemma best_model_of_soft Q s b : best_model G Q (soft_policy G Q) s b = soft_model G Q s b.
Proof.
  unfold best_model, soft_model, best_reply_value, V. rewrite own_worth_soft.
  do 6 f_equal. apply Sum_ext. intro. rewrite own_worth_soft. reflexivity.
Qed.

(* What trains pi and rho: eq. 16 to 18 *)

Lemma policy_loss_zero (D : states G -> R) Q pi rho :
  distribution D -> is_policy G pi -> is_model G rho -> (forall s, 0 < D s) -> (forall s b, 0 < rho s b) ->
  ((∑ s, D s * (∑ b, rho s b * KL (pi s b) (soft_policy G Q s b))) = 0 <->
   forall s b a, pi s b a = soft_policy G Q s b a).
Proof.
  intros DD Dp M PD PR.
  assert (N : forall s b, 0 <= rho s b * KL (pi s b) (soft_policy G Q s b)).
  { intros s b. apply Rmult_le_pos; [apply M |].
    apply KL_nonneg; [apply Dp | apply soft_policy_law | apply policy_supported]. }
  assert (N' : forall s, 0 <= D s * (∑ b, rho s b * KL (pi s b) (soft_policy G Q s b))).
  { intro s. apply Rmult_le_pos; [apply DD | apply Sum_nonneg, N]. }
  split.
  - intros E s b. apply KL_zero; [apply Dp | apply soft_policy_law | apply policy_supported |].
    pose proof (Sum_null _ N' E s) as Z. simpl in Z. apply Rmult_integral in Z.
    destruct Z as [Z | Z]; [pose proof (PD s); lra |].
    pose proof (Sum_null _ (N s) Z b) as Z'. simpl in Z'. apply Rmult_integral in Z'.
    destruct Z' as [Z' | Z']; [pose proof (PR s b); lra | exact Z'].
  - intro E. rewrite (Sum_ext _ (fun _ => 0)); [apply Sum_zero |]. intro s.
    rewrite (Sum_ext (fun b => rho s b * KL (pi s b) (soft_policy G Q s b)) (fun _ => 0)); [rewrite Sum_zero; lra |].
    intro b. rewrite KL_same by (apply E). lra.
Qed.

Lemma own_worth_as_mean Q pi s b : (∑ a, pi s b a * (Q s a b - al * ln (pi s b a))) = own_worth G Q pi s b.
Proof.
  unfold own_worth, entropy. rewrite (Sum_ext _ (fun a => pi s b a * Q s a b - al * (pi s b a * ln (pi s b a)))) by (intro; ring).
  rewrite Sum_minus, Sum_scal. ring.
Qed.

Lemma policy_loss Q pi s b :
  is_policy G pi ->
  al * KL (pi s b) (soft_policy G Q s b)
  = (∑ a, pi s b a * (al * ln (pi s b a) - Q s a b)) + al * ln (∑ a, exp (Q s a b / al)).
Proof.
  intro D. pose proof (own_gap Q pi s b D) as E. rewrite <- own_worth_as_mean in E. unfold L in E.
  rewrite (Sum_ext (fun a => pi s b a * (al * ln (pi s b a) - Q s a b))
    (fun a => - (pi s b a * (Q s a b - al * ln (pi s b a))))) by (intro; ring).
  rewrite Sum_opp. lra.
Qed.

Lemma best_model_as_mean Q pi s b :
  let weight := fun b => prior G s b * exp ((∑ a, pi s b a * (Q s a b - al * ln (pi s b a))) / be) in
  best_model G Q pi s b = weight b / ∑ b', weight b'.
Proof.
  cbv zeta. rewrite (Sum_ext _ (fun b' => prior G s b' * exp (own_worth G Q pi s b' / be)))
    by (intro; rewrite own_worth_as_mean; reflexivity).
  rewrite own_worth_as_mean. unfold best_model, best_reply_value.
  pose proof (others_partition Q (own_worth G Q pi s) s) as PZ.
  set (Z0 := ∑ b', prior G s b' * exp (own_worth G Q pi s b' / be)) in *.
  replace ((own_worth G Q pi s b - be * ln Z0) / be) with (own_worth G Q pi s b / be + - ln Z0) by (field; lra).
  rewrite exp_plus, exp_Ropp, exp_ln by exact PZ. unfold Rdiv. ring.
Qed.

(* The paper's forms *)

Lemma soft_policy_quotient Q s b a : soft_policy G Q s b a = exp (Q s a b / al) / ∑ a', exp (Q s a' b / al).
Proof.
  unfold soft_policy, L. replace ((Q s a b - al * ln (∑ a0, exp (Q s a0 b / al))) / al)
    with (Q s a b / al + - ln (∑ a0, exp (Q s a0 b / al))) by (field; lra).
  rewrite exp_plus, exp_Ropp, exp_ln by apply partition_own. reflexivity.
Qed.

Lemma exp_L Q s b : exp (L G Q s b / be) = Rpower (∑ a, exp (Q s a b / al)) (al / be).
Proof. unfold Rpower, L. f_equal. field. lra. Qed.

Lemma V_power Q s : V G Q s = be * ln (∑ b, prior G s b * Rpower (∑ a, exp (Q s a b / al)) (al / be)).
Proof. unfold V. do 2 f_equal. apply Sum_ext. intro b. rewrite exp_L. reflexivity. Qed.

Lemma soft_model_quotient Q s b :
  soft_model G Q s b = prior G s b * Rpower (∑ a, exp (Q s a b / al)) (al / be) / exp (V G Q s / be).
Proof.
  unfold soft_model. replace ((L G Q s b - V G Q s) / be) with (L G Q s b / be + - (V G Q s / be)) by (field; lra).
  rewrite exp_plus, exp_Ropp, exp_L. unfold Rdiv. ring.
Qed.

End Gibbs.
