(* Worked examples: every main theorem on numbers, so that none is empty. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Lists Definitions Sums Games Gibbs Contraction Iteration Improvement SelfPlay Birkhoff Selection.
Open Scope R_scope.

Lemma over_one x : x / 1 = x.
Proof. field. Qed.
Lemma none_over x : 0 / x = 0.
Proof. unfold Rdiv. ring. Qed.

#[export] Hint Rewrite over_one none_over Rmult_1_l Rmult_1_r Rplus_0_r Rplus_0_l Rmult_0_l Rmult_0_r Rminus_0_r exp_0 ln_1 : tidy.
Ltac tidy := simpl; autorewrite with tidy.

Lemma ln_product x y : 0 < x -> 0 < y -> ln (x * y) = ln x + ln y.
Proof. apply ln_mult. Qed.
Lemma ln_half : ln (1 / 2) = - ln 2.
Proof. replace (1 / 2) with (/ 2) by field. apply ln_Rinv. lra. Qed.
Lemma ln_four : ln 4 = 2 * ln 2.
Proof. replace 4 with (2 * 2) by lra. rewrite ln_product by lra. lra. Qed.
Lemma ln_two_positive : 0 < ln 2.
Proof. rewrite <- ln_1. apply ln_increasing; lra. Qed.
Lemma ln_three_positive : 0 < ln 3.
Proof. rewrite <- ln_1. apply ln_increasing; lra. Qed.
Lemma ln_below x y : 0 < x -> x < y -> ln x < ln y.
Proof. apply ln_increasing. Qed.

Definition even_policy (G := G1) : Policy G := fun _ _ => even.
Definition even_model (G := G1) : Model G := fun _ => even.

Lemma even_policy_law : is_policy G1 even_policy.
Proof. intros s b. exact even_law. Qed.

Lemma even_model_law : is_model G1 even_model.
Proof. intro s. split; [exact even_law |]. intros b H. simpl in H. lra. Qed.

(* ---- G1 ---- *)

Lemma value_G1 (Q : Table G1) : V G1 Q tt =
  ln (1 / 2 * (exp (Q tt true true) + exp (Q tt false true)) + 1 / 2 * (exp (Q tt true false) + exp (Q tt false false))).
Proof.
  unfold V, L, Sum. tidy. pose proof (exp_pos (Q tt true true)). pose proof (exp_pos (Q tt false true)).
  pose proof (exp_pos (Q tt true false)). pose proof (exp_pos (Q tt false false)).
  rewrite !exp_ln by lra. reflexivity.
Qed.

Lemma value : V G1 (reward G1) tt = ln 3.
Proof. rewrite value_G1. tidy. rewrite exp_ln by lra. f_equal. lra. Qed.

Lemma model : soft_model G1 (reward G1) tt true = 2 / 3 /\ soft_model G1 (reward G1) tt false = 1 / 3.
Proof.
  unfold soft_model. rewrite value. unfold L, Sum. split; tidy; rewrite ?exp_ln by lra.
  - unfold Rminus. rewrite exp_plus, exp_Ropp, !exp_ln by lra. lra.
  - unfold Rminus. rewrite exp_plus, exp_Ropp, !exp_ln by lra. lra.
Qed.

Lemma policy : soft_policy G1 (reward G1) tt true true = 3 / 4 /\ soft_policy G1 (reward G1) tt false true = 1 / 2.
Proof.
  unfold soft_policy, L, Sum. split; tidy; rewrite ?exp_ln by lra.
  - unfold Rminus. rewrite exp_plus, exp_Ropp, !exp_ln by lra. lra.
  - unfold Rminus. rewrite Rplus_0_l, exp_Ropp, !exp_ln by lra. lra.
Qed.

Lemma worth_even (Q : Table G1) : worth G1 Q even_policy even_model tt
  = 1 / 4 * (Q tt true true + Q tt false true + Q tt true false + Q tt false false) + ln 2.
Proof.
  unfold worth, own_worth, entropy, KL, Sum, even_policy, even_model, even. tidy.
  replace (1 / 2 / (1 / 2)) with 1 by field. rewrite ln_half, ln_1. lra.
Qed.

Lemma gap : worth G1 (reward G1) even_policy even_model tt = 1 / 4 * ln 3 + ln 2 /\ 1 / 4 * ln 3 + ln 2 < ln 3.
Proof.
  split; [rewrite worth_even; simpl; lra |].
  assert (4 * ln 2 < 3 * ln 3); [| lra].
  replace (4 * ln 2) with (ln 16). 2: { replace 16 with (2 * 2 * (2 * 2)) by lra. rewrite !ln_product by lra. lra. }
  replace (3 * ln 3) with (ln 27). 2: { replace 27 with (3 * (3 * 3)) by lra. rewrite !ln_product by lra. lra. }
  apply ln_increasing; lra.
Qed.

Lemma ahead_G1 v : same G1 (ahead G1 v) (raised G1 (reward G1) (1 / 2 * v tt)).
Proof. intros s a b. unfold ahead, raised, Sum. simpl. lra. Qed.

Lemma value_raised c : V G1 (raised G1 (reward G1) c) tt = ln 3 + c.
Proof. rewrite V_shift, value. reflexivity. Qed.

Lemma T_raised c : same G1 (T G1 (raised G1 (reward G1) c)) (raised G1 (reward G1) (1 / 2 * (ln 3 + c))).
Proof. intros s a b. unfold T. rewrite (ahead_G1 _ s a b). rewrite value_raised. reflexivity. Qed.

Lemma optimum : optimal_Q G1 (raised G1 (reward G1) (ln 3)) /\ V G1 (raised G1 (reward G1) (ln 3)) tt = 2 * ln 3.
Proof.
  split; [| rewrite value_raised; lra]. intros s a b. rewrite (T_raised _ s a b). unfold raised. lra.
Qed.

Lemma distance_same (G : Game) (Q1 Q2 Q3 : Table G) : same G Q1 Q2 -> distance G Q1 Q3 = distance G Q2 Q3.
Proof. intro E. unfold distance. do 3 (apply Max_ext; intro). rewrite E. reflexivity. Qed.

Lemma distance_constant c d : distance G1 (raised G1 (reward G1) c) (raised G1 (reward G1) d) = Rabs (c - d).
Proof.
  apply Rle_antisym.
  - apply distance_least; [apply Rabs_pos |]. intros. unfold raised. right. f_equal. lra.
  - pose proof (distance_bounds G1 (raised G1 (reward G1) c) (raised G1 (reward G1) d) tt true true) as H.
    unfold raised in H at 1 2. replace (c - d) with (reward G1 tt true true + c - (reward G1 tt true true + d)) by lra.
    exact H.
Qed.

Lemma contraction :
  distance G1 (raised G1 (reward G1) 2) (raised G1 (reward G1) 0) = 2 /\
  distance G1 (T G1 (raised G1 (reward G1) 2)) (T G1 (raised G1 (reward G1) 0)) = 1.
Proof.
  split; [rewrite distance_constant; rewrite Rabs_right; lra |].
  rewrite (distance_same _ _ _ _ (T_raised 2)), distance_sym, (distance_same _ _ _ _ (T_raised 0)), distance_constant.
  rewrite Rabs_left; lra.
Qed.

(* One step of value iteration from Q = R + 0: half of the distance is left, and the residual bound is attained. *)
Lemma iteration (Q := raised G1 (reward G1) 0) (Q' := raised G1 (reward G1) (ln 3)) :
  distance G1 Q Q' = ln 3 /\ distance G1 (iterate G1 1 Q) Q' = 1 / 2 * ln 3 /\
  distance G1 (T G1 Q) Q / (1 - gamma G1) = ln 3.
Proof.
  pose proof ln_three_positive. unfold Q, Q'. repeat split.
  - rewrite distance_constant, Rabs_left; lra.
  - simpl iterate. rewrite (distance_same _ _ _ _ (T_raised 0)), distance_constant, Rabs_left; lra.
  - rewrite (distance_same _ _ _ _ (T_raised 0)), distance_constant, Rabs_right by lra. simpl. lra.
Qed.

Lemma macqueen : (forall s, backup G1 (fun _ => 0) s = ln 3) /\
  backup G1 (fun _ => 0) tt + gamma G1 / (1 - gamma G1) * ln 3 = 2 * ln 3.
Proof.
  assert (B : forall s, backup G1 (fun _ => 0) s = ln 3).
  { intros []. unfold backup. rewrite value_G1. rewrite !(ahead_G1 (fun _ => 0) tt). unfold raised. rewrite Rmult_0_r.
    tidy. rewrite exp_ln by lra. f_equal. lra. }
  split; [exact B |]. rewrite B. simpl. lra.
Qed.

(* Theorem 4 on the uniform pair *)
Lemma pair_even : pair_Q G1 even_policy even_model (raised G1 (reward G1) (1 / 4 * ln 3 + ln 2)).
Proof.
  intros s a b. unfold T_pair. rewrite (ahead_G1 _ s a b). rewrite worth_even. unfold raised. simpl. lra.
Qed.

Lemma soft_of_raised (Q : Table G1) c s b a : soft_policy G1 (raised G1 Q c) s b a = soft_policy G1 Q s b a.
Proof. unfold soft_policy. rewrite L_shift. unfold raised. f_equal. f_equal. lra. Qed.

Lemma improved : pair_Q G1 (soft_policy G1 (raised G1 (reward G1) (1 / 4 * ln 3 + ln 2))) even_model
    (raised G1 (reward G1) (3 / 2 * ln 2)) /\ 1 / 4 * ln 3 + ln 2 < 3 / 2 * ln 2.
Proof.
  split.
  - assert (W : forall s, worth G1 (raised G1 (reward G1) (3 / 2 * ln 2)) (soft_policy G1 (reward G1)) even_model s = 3 * ln 2).
    { intros []. unfold worth. rewrite (Sum_ext _ (fun b => even b * (L G1 (reward G1) tt b + 3 / 2 * ln 2))).
      - unfold KL, L, Sum, even_model, even. tidy. rewrite exp_ln by lra. replace (3 + 1) with 4 by lra.
        replace (1 + 1) with 2 by lra. replace (1 / 2 / (1 / 2)) with 1 by field. rewrite ln_four, ln_1. lra.
      - intro b. unfold even_model at 1. f_equal. rewrite <- L_shift, <- own_worth_soft.
        unfold own_worth, entropy. f_equal. 2: do 2 f_equal. all: apply Sum_ext; intro a; rewrite soft_of_raised; reflexivity. }
    apply (pair_Q_ext G1 (soft_policy G1 (reward G1)) _ even_model); [intros; rewrite soft_of_raised; reflexivity | reflexivity |].
    intros s a b. unfold T_pair. rewrite (ahead_G1 _ s a b), W. unfold raised. lra.
  - assert (ln 3 < 2 * ln 2); [| lra]. rewrite <- ln_four. apply ln_increasing; lra.
Qed.

(* Theorem 5 after Theorem 4 *)
Lemma improved_again (Q := raised G1 (reward G1) (1 / 4 * ln 3 + ln 2)) (Q1 := raised G1 (reward G1) (3 / 2 * ln 2)) :
  pair_Q G1 (soft_policy G1 Q) (best_model G1 Q1 (soft_policy G1 Q)) (raised G1 (reward G1) (ln 3)).
Proof.
  apply (pair_Q_ext G1 (soft_policy G1 (raised G1 (reward G1) (ln 3))) _ (soft_model G1 (raised G1 (reward G1) (ln 3)))).
  - intros. unfold Q. rewrite !soft_of_raised. reflexivity.
  - assert (P : forall s b, own_worth G1 Q1 (soft_policy G1 Q) s b = L G1 (raised G1 (reward G1) (ln 3)) s b + (3 / 2 * ln 2 - ln 3)).
    { intros s b. transitivity (own_worth G1 Q1 (soft_policy G1 Q1) s b).
      - unfold own_worth, entropy, Q, Q1. f_equal. 2: do 2 f_equal.
        all: apply Sum_ext; intro a; rewrite !soft_of_raised; reflexivity.
      - rewrite own_worth_soft. unfold Q1. rewrite !L_shift. lra. }
    intros s b. unfold soft_model, best_model. f_equal. f_equal. f_equal.
    rewrite P. assert (W : best_reply_value G1 Q1 (soft_policy G1 Q) s = V G1 (raised G1 (reward G1) (ln 3)) s + (3 / 2 * ln 2 - ln 3)).
    { rewrite <- (V_shift G1 _ (3 / 2 * ln 2 - ln 3) s). unfold best_reply_value, V. do 2 f_equal. apply Sum_ext. intro c.
      rewrite P, !L_shift. reflexivity. }
    rewrite W. lra.
  - apply optimal_is_pair, optimum.
Qed.

(* ---- G2: alpha = 2 ---- *)

Lemma exp_two_ln x : 0 < x -> exp (2 * ln x) = x * x.
Proof. intro P. replace (2 * ln x) with (ln x + ln x) by lra. rewrite exp_plus, exp_ln by exact P. reflexivity. Qed.

Lemma value_alpha : V G2 (reward G2) tt = ln 10 /\ soft_model G2 (reward G2) tt true = 4 / 5.
Proof.
  assert (E : V G2 (reward G2) tt = ln 10).
  { unfold V, L, Sum. tidy. replace (2 * ln 3 / 2) with (ln 3) by field. rewrite exp_ln by lra.
    rewrite !exp_two_ln by lra. f_equal. lra. }
  split; [exact E |]. unfold soft_model. rewrite E. unfold L, Sum. tidy.
  replace (2 * ln 3 / 2) with (ln 3) by field. rewrite exp_ln by lra.
  unfold Rminus. rewrite exp_plus, exp_Ropp, exp_two_ln, exp_ln by lra. lra.
Qed.

(* ---- The lower bound: two actions, no payoff ---- *)

Lemma lower (pi : Policy H1 := fun _ _ => even) (rho : Model H1 := fun _ _ => 1) (mu : states H1 -> R := fun _ => 1) :
  objective H1 pi rho 1 mu = ln 2 /\ evidence H1 1 1 mu = 1 /\ count (own H1) = 2.
Proof.
  assert (C : count (own H1) = 2) by (unfold count; simpl; lra). split; [| split; [| exact C]].
  - unfold objective, entropy, KL, Sum, pi, rho, mu, even. tidy. rewrite ln_half. lra.
  - unfold evidence, joint, Sum. simpl. unfold uniform. rewrite C. tidy. lra.
Qed.

(* ---- Algorithm 1, alpha = 2 ---- *)

Lemma estimators (Q : Table H2 := fun _ _ _ => 0) a :
  exp (V H2 Q tt) = 4 /\
  corrected_sample H2 Q (soft_policy H2 Q) (soft_model H2 Q) tt a tt = 4 /\
  drawn H2 (soft_policy H2 Q) (soft_model H2 Q) tt (printed_sample H2 Q (soft_policy H2 Q) (soft_model H2 Q) tt) = 2.
Proof.
  assert (EL : L H2 Q tt tt = 2 * ln 2) by (unfold L, Sum, Q; tidy; replace (1 + 1) with 2 by lra; reflexivity).
  assert (EV : V H2 Q tt = 2 * ln 2) by (unfold V, Sum; tidy; rewrite EL, ln_exp; reflexivity).
  assert (Ep : forall a, soft_policy H2 Q tt tt a = 1 / 2).
  { intro c. unfold soft_policy. rewrite EL. unfold Q. simpl. replace ((0 - 2 * ln 2) / 2) with (- ln 2) by field.
    rewrite exp_Ropp, exp_ln by lra. lra. }
  assert (Er : soft_model H2 Q tt tt = 1).
  { unfold soft_model. rewrite EL, EV. simpl. replace ((2 * ln 2 - 2 * ln 2) / 1) with 0 by field. rewrite exp_0. lra. }
  assert (R1 : forall y, Rpower 1 y = 1) by (intro; unfold Rpower; rewrite ln_1, Rmult_0_r, exp_0; reflexivity).
  repeat split.
  - rewrite EV, exp_two_ln by lra. lra.
  - unfold corrected_sample. rewrite Ep, Er. unfold Q. simpl. rewrite R1, none_over, exp_0.
    replace (1 * 1 / (1 / 2)) with 2 by field. unfold Rpower. rewrite exp_two_ln by lra. lra.
  - unfold drawn, Sum. simpl. unfold printed_sample. rewrite !Ep, Er. unfold Q. simpl.
    rewrite !R1, none_over, exp_0, Rmult_1_r, R1. lra.
Qed.

(* ---- Self-play: log 2 for the same action ---- *)

Lemma agree_Z b : Z two two 1 agree b = 3.
Proof. unfold Z, Sum, agree. destruct b; tidy; rewrite exp_ln by lra; lra. Qed.

Lemma answer_agree p a : distribution p ->
  answer two two 1 1 agree p a = 2 / 3 * p a + 1 / 3 * p (negb a).
Proof.
  intros [_ E]. rewrite Sum_two in E.
  assert (D : (∑ b', p b' * Rpower (Z two two 1 agree b') 1) = 3).
  { rewrite Sum_two, !agree_Z, Rpower_1 by lra. lra. }
  unfold answer. rewrite D, Sum_two, !agree_Z, Rpower_1 by lra.
  unfold agree. destruct a; tidy; rewrite exp_ln by lra; lra.
Qed.

Lemma self_play (p := sure) :
  answer two two 1 1 agree p true = 2 / 3 /\
  rounds (answer two two 1 1 agree) (answer two two 1 1 agree) 1 p true = 5 / 9 /\
  (forall a, answer two two 1 1 agree even a = even a).
Proof.
  assert (D : distribution p) by (split; [intros []; simpl; lra | rewrite Sum_two; simpl; lra]).
  assert (E : forall a, answer two two 1 1 agree p a = if a then 2 / 3 else 1 / 3).
  { intro a. rewrite answer_agree by exact D. destruct a; simpl; lra. }
  assert (D' : distribution (answer two two 1 1 agree p)).
  { split; [intro a; rewrite E; destruct a; lra | rewrite Sum_two, !E; lra]. }
  repeat split.
  - rewrite E. reflexivity.
  - simpl. rewrite answer_agree by exact D'. rewrite !E. simpl. lra.
  - intro a. rewrite answer_agree by exact even_law. unfold even. lra.
Qed.

Lemma birkhoff :
  (forall a b a' b', agree a b - agree a b' - agree a' b + agree a' b' <= 2 * ln 2) /\
  tanh (2 * ln 2 / (4 * 1)) = 1 / 3 /\
  (forall p a, distribution p -> answer two two 1 1 agree p a - 1 / 2 = 1 / 3 * (p a - 1 / 2)).
Proof.
  pose proof ln_two_positive. split; [| split].
  - intros a b a' b'. unfold agree. destruct a, b, a', b'; simpl; lra.
  - rewrite <- tanh_quotient. replace (2 * (2 * ln 2 / (4 * 1))) with (ln 2) by field. rewrite exp_ln by lra. field.
  - intros p a D. rewrite answer_agree by exact D. destruct D as [_ E]. rewrite Sum_two in E.
    destruct a; simpl; lra.
Qed.

(* log 8 for (true, true): eps = 1/9 and theta = 2/9, so that at most 1/7 is left to other actions. *)
Lemma selection : exists x : two -> R, distribution x /\
  (forall b, answer two two 1 1 (corner (ln 8)) (answer two two 1 1 (corner (ln 8)) x) b = x b) /\ 1 - x true <= 1 / 7.
Proof.
  destruct (self_play_ends 1 1 1 1 (corner (ln 8)) (corner (ln 8)) (true : two) (true : two)) as (x & D & _ & F & _).
  exists x. split; [exact D | split; [exact F |]].
  assert (Zt : Z two two 1 (corner (ln 8)) true = 9) by (unfold Z, Sum; tidy; rewrite exp_ln by lra; lra).
  assert (Zf : Z two two 1 (corner (ln 8)) false = 2) by (unfold Z, Sum; tidy; lra).
  assert (few : 1 - 1 / 9 <= exp (corner (ln 8) true true / 1) / Z two two 1 (corner (ln 8)) true).
  { rewrite Zt. simpl. rewrite over_one, exp_ln by lra. lra. }
  assert (small : forall b : two, b = true \/
    Rpower (Z two two 1 (corner (ln 8)) b) 1 <= 2 / 9 * Rpower (Z two two 1 (corner (ln 8)) true) 1).
  { intros []; [left; reflexivity | right]. rewrite Zt, Zf, !Rpower_1 by lra. lra. }
  destruct (selected 1 1 1 1 (1 / 9) (2 / 9) (corner (ln 8)) (corner (ln 8)) (true : two) (true : two)
    ltac:(lra) ltac:(lra) few few small small x D F) as [H _].
  replace (1 / 7) with (1 / 9 / (1 - 2 / 9)) by field. exact H.
Qed.
