(* What fails as printed, on the smallest games. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Lists Definitions Sums Games Gibbs Contraction Iteration Improvement Examples.
Open Scope R_scope.

(* ---- eq. 61: I1 has no choices, V is Q, alpha = 1/2 ---- *)

Lemma eq61 (Q1 : Table I1 := fun _ _ _ => 1) (Q2 : Table I1 := fun _ _ _ => 0) :
  V I1 Q1 tt = 1 /\ V I1 Q2 tt = 0 /\ distance I1 Q1 Q2 = 1 /\ alpha I1 = 1 / 2.
Proof.
  assert (E : forall Q : Table I1, V I1 Q tt = Q tt tt tt).
  { intro Q. unfold V, L, Sum. tidy. rewrite !ln_exp. field. }
  split; [apply E | split; [apply E | split; [| reflexivity]]].
  unfold distance, Max, Q1, Q2. simpl. rewrite Rminus_0_r, (Rabs_right 1) by lra.
  unfold Rmax. repeat destruct Rle_dec; lra.
Qed.

(* ---- eq. 6, 31: two actions, no payoff, c = 1, one step ---- *)

Lemma eq6 : exists (G : Game) (pi : Policy G) (rho : Model G) (mu : states G -> R),
  is_policy G pi /\ is_model G rho /\ distribution mu /\ (forall s a b, 0 < 1 * exp (reward G s a b) <= 1) /\
  ln (evidence G 1 1 mu) < objective G pi rho 1 mu.
Proof.
  exists H1, (fun _ _ => even), (fun _ _ => 1), (fun _ => 1).
  destruct lower as (E1 & E2 & _). split; [intros s b; exact even_law | split; [| split; [exact certain_law | split]]].
  - intro s. split; [exact certain_law | intros b H; simpl in H; lra].
  - intros s a b. simpl. rewrite exp_0. lra.
  - rewrite E1, E2, ln_1. exact ln_two_positive.
Qed.

(* ---- G0: no payoff, two actions each ---- *)

Definition mixed_policy (G := G0) : Policy G := fun _ => mixed.
Definition even_model0 (G := G0) : Model G := fun _ => even.

Lemma mixed_law : is_policy G0 mixed_policy.
Proof.
  intros s b. split; [intro a; destruct b, a; simpl; lra | rewrite Sum_two; destruct b; simpl; lra].
Qed.

Lemma even_model0_law : is_model G0 even_model0.
Proof. intro s. split; [exact even_law |]. intros b H. simpl in H. lra. Qed.

Lemma own_worth_mixed b : own_worth G0 (reward G0) mixed_policy tt b = if b then 0 else ln 2.
Proof.
  unfold own_worth, entropy, Sum, mixed_policy, mixed, sure. destruct b; tidy; rewrite ?ln_half; try lra.
Qed.

Lemma best_value_mixed : best_reply_value G0 (reward G0) mixed_policy tt = ln (3 / 2).
Proof.
  unfold best_reply_value, Sum. simpl. rewrite !own_worth_mixed. tidy. rewrite exp_ln by lra. f_equal. lra.
Qed.

Lemma best_model_mixed b : best_model G0 (reward G0) mixed_policy tt b = if b then 1 / 3 else 2 / 3.
Proof.
  unfold best_model. rewrite best_value_mixed, own_worth_mixed. destruct b; tidy.
  - unfold Rminus. rewrite Rplus_0_l, exp_Ropp, exp_ln by lra. field.
  - unfold Rminus. rewrite exp_plus, exp_Ropp, !exp_ln by lra. field.
Qed.

(* eq. 39 and 55 as printed: the entropy of pi without b drops out, whatever number h it is. *)
Lemma eq39 : exists (G : Game) (pi : Policy G) (s : states G), is_policy G pi /\ beta G = 1 /\
  forall h (weight := fun b => exp ((∑ a, reward G s a b * pi s b a) + alpha G * h + ln (prior G s b)))
    (rho := fun (_ : states G) b => weight b / ∑ b', weight b'),
  worth G (reward G) pi rho s < worth G (reward G) pi (best_model G (reward G) pi) s.
Proof.
  exists G0, mixed_policy, tt. split; [exact mixed_law | split; [reflexivity |]]. intros h weight rho.
  assert (E : forall s b, rho s b = even_model0 s b).
  { intros s b. unfold rho, weight, even_model0, even, Sum, mixed_policy, mixed, sure, corner. simpl.
    pose proof (exp_pos (h + ln (1 / 2))).
    destruct b; tidy; simpl; autorewrite with tidy; field; lra. }
  rewrite (worth_ext G0 mixed_policy mixed_policy rho even_model0 (reward G0) (reward G0) tt); [| red | |]; try reflexivity.
  2: { intro b. apply (E tt). }
  rewrite worth_best_model, best_value_mixed. unfold worth, KL, Sum. simpl. rewrite !own_worth_mixed.
  unfold even_model0, even. replace (1 / 2 / (1 / 2)) with 1 by field. tidy.
  assert (ln 2 < 2 * ln (3 / 2)); [| lra].
  replace (2 * ln (3 / 2)) with (ln (3 / 2) + ln (3 / 2)) by lra. rewrite <- ln_product by lra.
  apply ln_increasing; lra.
Qed.

(* eq. 44 as printed, with H(pi(.|s,b0)) for one b0 in all terms: false for each b0. *)
Lemma eq44 : exists (G : Game) (pi : Policy G) (rho : Model G) (s : states G),
  is_policy G pi /\ is_model G rho /\ alpha G = 1 /\ beta G = 1 /\
  forall b0, worth G (reward G) pi rho s
    <> - KL (rho s) (best_model G (reward G) pi s)
       + ln (∑ b, exp ((∑ a, reward G s a b * pi s b a) + alpha G * entropy (pi s b0) + ln (prior G s b))).
Proof.
  exists G0, mixed_policy, even_model0, tt. split; [exact mixed_law | split; [exact even_model0_law | split; [reflexivity | split; [reflexivity |]]]].
  intros b0. rewrite (model_gap G0 (reward G0) mixed_policy even_model0 tt even_model0_law), best_value_mixed.
  assert (E : ln (∑ b, exp ((∑ a, reward G0 tt a b * mixed_policy tt b a) + alpha G0 * entropy (mixed_policy tt b0) + ln (prior G0 tt b)))
    = entropy (mixed_policy tt b0)).
  { unfold Sum at 1. simpl. unfold Sum, mixed_policy, mixed, sure, corner. simpl. autorewrite with tidy.
    rewrite !exp_plus, exp_ln by lra.
    match goal with |- ln (exp ?h * _ + _) = _ => replace (exp h * (1 / 2) + exp h * (1 / 2)) with (exp h) by lra end.
    apply ln_exp. }
  rewrite E. intro H. change (beta G0) with 1 in H.
  assert (K : ln (3 / 2) = entropy (mixed_policy tt b0)) by lra.
  revert K. unfold entropy, Sum, mixed_policy, mixed, sure. destruct b0; tidy; rewrite ?ln_half; intro K.
  - assert (0 < ln (3 / 2)) by (rewrite <- ln_1; apply ln_increasing; lra). lra.
  - assert (ln (3 / 2) < ln 2) by (apply ln_increasing; lra). lra.
Qed.

(* eq. 48 to 49: after pi~ the step to rho~ of eq. 39, which is the best reply to pi, can lose. *)
Lemma pair_mixed : pair_Q G0 mixed_policy even_model0 (reward G0).
Proof. intros s a b. unfold T_pair, ahead. simpl. ring. Qed.

Lemma eq45 : exists (G : Game) (pi : Policy G) (rho : Model G) (Q : Table G) (s : states G),
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\
  worth G Q (soft_policy G Q) (best_model G Q pi) s < worth G Q (soft_policy G Q) rho s.
Proof.
  exists G0, mixed_policy, even_model0, (reward G0), tt.
  split; [exact mixed_law | split; [exact even_model0_law | split; [exact pair_mixed |]]].
  assert (EL : forall b, L G0 (reward G0) tt b = ln 2).
  { intro b. unfold L, Sum. simpl. unfold corner. destruct b; tidy; f_equal; lra. }
  unfold worth, KL, Sum. simpl. rewrite !own_worth_soft, !EL, !best_model_mixed.
  unfold even_model0, even. replace (1 / 2 / (1 / 2)) with 1 by field. tidy.
  replace (1 / 3 / (1 / 2)) with (2 * / 3) by field. replace (2 / 3 / (1 / 2)) with (2 * 2 * / 3) by field.
  rewrite !ln_product, ln_Rinv by lra.
  assert (3 * ln 3 < 5 * ln 2); [| lra].
  replace (3 * ln 3) with (ln 27). 2: { replace 27 with (3 * (3 * 3)) by lra. rewrite !ln_product by lra. lra. }
  replace (5 * ln 2) with (ln 32). 2: { replace 32 with (2 * 2 * (2 * (2 * 2))) by lra. rewrite !ln_product by lra. lra. }
  apply ln_increasing; lra.
Qed.

(* ---- eq. 56, 57: no payoff, alpha = 2 ---- *)

Lemma without_discount G : gamma G = 0 -> optimal_Q G (reward G).
Proof. intros E s a b. unfold T, ahead. rewrite E. ring. Qed.

Lemma eq56 : exists (G : Game) (Q : Table G) s b, optimal_Q G Q /\
  (∑ a, (1 / alpha G * exp (Q s a b)) / (∑ a', exp (1 / alpha G * Q s a' b))) <> 1.
Proof.
  exists H2, (reward H2), tt, tt. split; [apply without_discount; reflexivity |]. unfold Sum. simpl. autorewrite with tidy. lra.
Qed.

Definition G57 : Game := square 0 2 1 zero_range two_positive one_positive (corner (ln 4)).

Lemma value_57 : exp (V G57 (reward G57) tt) = 13 / 2.
Proof.
  rewrite <- (exp_ln (13 / 2)) by lra. f_equal. unfold V, L, Sum. simpl. autorewrite with tidy.
  rewrite ln_four. replace (2 * ln 2 / 2) with (ln 2) by field. rewrite exp_ln by lra. rewrite !exp_two_ln by lra.
  f_equal. lra.
Qed.

Lemma eq57 : exists (G : Game) (Q : Table G) s, optimal_Q G Q /\ beta G = 1 /\
  (∑ b, prior G s b * Rpower (∑ a, exp (Q s a b)) (alpha G) / exp (V G Q s)) <> 1.
Proof.
  exists G57, (reward G57), tt. split; [apply without_discount; reflexivity | split; [reflexivity |]]. rewrite value_57. unfold Sum. simpl. autorewrite with tidy.
  rewrite exp_ln by lra. unfold Rpower. rewrite !exp_two_ln by lra. lra.
Qed.

(* ---- eq. 58, 59: two actions, one state, the policy that is sure of true ---- *)

Definition sure_policy (G := Hhalf) : Policy G := fun _ _ => sure.
Definition only_model (G := Hhalf) : Model G := fun _ _ => 1.

Lemma sure_law : is_policy Hhalf sure_policy.
Proof. intros s b. split; [intro a; destruct a; simpl; lra | rewrite Sum_two; simpl; lra]. Qed.

Lemma only_law : is_model Hhalf only_model.
Proof. intro s. split; [exact certain_law | intros b H; simpl in H; lra]. Qed.

Lemma V_Hhalf c : V Hhalf (fun _ _ _ => c) tt = c + ln 2.
Proof.
  unfold V, L, Sum. tidy. pose proof (exp_pos c). rewrite exp_ln by lra.
  replace (exp c + exp c) with (exp c * 2) by ring. rewrite ln_product, ln_exp by lra. reflexivity.
Qed.

Lemma worth_Hhalf c : worth Hhalf (fun _ _ _ => c) sure_policy only_model tt = c.
Proof.
  unfold worth, own_worth, entropy, KL, Sum, sure_policy, sure, only_model. tidy.
  replace (1 / 1) with 1 by field. rewrite ?ln_1. lra.
Qed.

Lemma pair_sure : pair_Q Hhalf sure_policy only_model (fun _ _ _ => 0).
Proof.
  intros s a b. unfold T_pair, ahead, Sum. simpl. rewrite worth_Hhalf. lra.
Qed.

Lemma optimal_Hhalf : optimal_Q Hhalf (fun _ _ _ => ln 2).
Proof. intros s a b. unfold T, ahead, Sum. simpl. rewrite V_Hhalf. lra. Qed.

Lemma eq58 : exists (G : Game) (pi : Policy G) (rho : Model G) (Q : Table G) s,
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\ worth G Q pi rho s < V G Q s.
Proof.
  exists Hhalf, sure_policy, only_model, (fun _ _ _ => 0), tt.
  split; [exact sure_law | split; [exact only_law | split; [exact pair_sure |]]].
  rewrite worth_Hhalf, V_Hhalf. pose proof ln_two_positive. lra.
Qed.

Lemma eq59 : exists (G : Game) (pi : Policy G) (rho : Model G) (Q Q' : Table G) s a b,
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\ optimal_Q G Q' /\
  Q' s a b <> T_pair G pi rho Q s a b.
Proof.
  exists Hhalf, sure_policy, only_model, (fun _ _ _ => 0), (fun _ _ _ => ln 2), tt, true, tt.
  split; [exact sure_law | split; [exact only_law | split; [exact pair_sure | split; [exact optimal_Hhalf |]]]].
  rewrite (pair_sure tt true tt). pose proof ln_two_positive. lra.
Qed.

(* ---- eq. 37: no choices, R = 1, gamma = 1/2 ---- *)

Lemma eq37 : exists (G : Game) (pi : Policy G) (rho : Model G) (Q : Table G) (mu : states G -> R),
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\ distribution mu /\
  Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) 2 /\
  Un_cv (discounted G pi rho mu (worth G Q pi rho)) 4.
Proof.
  set (pi := (fun _ _ _ => 1) : Policy I2). set (rho := (fun _ _ => 1) : Model I2).
  assert (D : is_policy I2 pi) by (intros s b; exact certain_law).
  assert (M : is_model I2 rho) by (intro s; split; [exact certain_law | intros b H; simpl in H; lra]).
  assert (W : forall Q s, worth I2 Q pi rho s = Q tt tt tt).
  { intros Q []. unfold worth, own_worth, entropy, KL, Sum, pi, rho. tidy. replace (1 / 1) with 1 by field.
    rewrite ?ln_1. lra. }
  assert (P : pair_Q I2 pi rho (fun _ _ _ => 2)).
  { intros s a b. unfold T_pair, ahead, Sum. simpl. rewrite W. lra. }
  exists I2, pi, rho, (fun _ _ _ => 2), (fun _ => 1).
  split; [exact D | split; [exact M | split; [exact P | split; [exact certain_law |]]]].
  assert (F : forall u c, (forall s, u s = c) -> Un_cv (discounted I2 pi rho (fun _ => 1) u) (2 * c)).
  { intros u c Hu. replace (2 * c) with (∑ s : states I2, 1 * (2 * c)) by (unfold Sum; simpl; ring).
    apply (follows_series I2 pi rho u (fun _ => 2 * c)); [exact D | exact M | exact certain_law |].
    intro s. rewrite Hu. unfold Sum, pi, rho. simpl. field. }
  split.
  - replace 2 with (2 * 1) by lra. apply F. intro s. rewrite W. reflexivity.
  - replace 4 with (2 * 2) by lra. apply F. intro s. rewrite W. reflexivity.
Qed.

(* ---- Algorithm 1's V ---- *)

Lemma algorithm1 : exists (G : Game) (Q : Table G) s, beta G = 1 /\
  ln (drawn G (soft_policy G Q) (soft_model G Q) s (printed_sample G Q (soft_policy G Q) (soft_model G Q) s)) < V G Q s.
Proof.
  exists H2, (fun _ _ _ => 0), tt. split; [reflexivity |]. destruct (estimators true) as (E1 & _ & E3). cbv zeta in *.
  rewrite E3, <- (ln_exp (V H2 (fun _ _ _ => 0) tt)), E1. apply ln_increasing; lra.
Qed.

(* ---- Theorem 1 as printed: with a horizon the pair of eq. 10 and 11 need not be best ---- *)

Definition fork_Q : Table fork := fun s a _ =>
  match s, a with first, true => 4 + ln 2 | first, false => 1 + ln 2 | second, _ => 8 + ln 2 | third, _ => ln 2 end.

Lemma V_fork (Q : Table fork) s : V fork Q s = ln (exp (Q s true tt) + exp (Q s false tt)).
Proof.
  unfold V, L, Sum. tidy. pose proof (exp_pos (Q s true tt)). pose proof (exp_pos (Q s false tt)).
  rewrite exp_ln by lra. reflexivity.
Qed.

Lemma ln_twice x : ln (exp x + exp x) = x + ln 2.
Proof. replace (exp x + exp x) with (exp x * 2) by ring. rewrite ln_product, ln_exp by (lra || apply exp_pos). reflexivity. Qed.

Lemma optimal_fork : optimal_Q fork fork_Q.
Proof.
  intros s a b. unfold T, ahead, Sum. simpl. rewrite !V_fork. unfold fork_Q. rewrite !ln_twice. destruct s, a; simpl; lra.
Qed.

Lemma at_first_law : distribution at_first.
Proof. split; [intros []; simpl; lra | rewrite Sum_three; simpl; lra]. Qed.

Lemma theorem1 : exists (G : Game) (Q : Table G) (pi : Policy G) (rho : Model G) (mu : states G -> R),
  alpha G = 1 /\ beta G = 1 /\ optimal_Q G Q /\ is_policy G pi /\ is_model G rho /\ distribution mu /\
  objective G (soft_policy G Q) (soft_model G Q) 1 mu < objective G pi rho 1 mu.
Proof.
  exists fork, fork_Q, (soft_policy fork (reward fork)), (soft_model fork (reward fork)), at_first.
  split; [reflexivity | split; [reflexivity | split; [exact optimal_fork |]]].
  split; [apply soft_policy_law | split; [apply soft_model_law | split; [exact at_first_law |]]].
  assert (J : forall pi rho, objective fork pi rho 1 at_first = worth fork (reward fork) pi rho first).
  { intros pi rho. unfold objective. simpl. unfold Sum at 1. simpl. unfold worth, own_worth, Sum. simpl. ring. }
  rewrite !J, worth_soft.
  pose proof (worth_le_V fork (reward fork) _ _ first (soft_policy_law fork fork_Q) (soft_model_law fork fork_Q)) as [H | H];
    [exact H |]. exfalso.
  apply (worth_is_V_iff fork (reward fork) _ _ first (soft_policy_law fork fork_Q) (soft_model_law fork fork_Q)) in H.
  destruct H as [_ H]. specialize (H tt).
  assert (P : 0 < soft_model fork fork_Q first tt) by (apply Rmult_lt_0_compat; [simpl; lra | apply exp_pos]).
  pose proof (H P true) as Ht. pose proof (H P false) as Hf. unfold soft_policy in Ht, Hf.
  apply exp_inv in Ht. apply exp_inv in Hf. simpl in Ht, Hf.
  assert (forall x, x / 1 = x) as O by (intro; field). rewrite !O in *. lra.
Qed.

(* ---- Definition 1: parts of different optima ---- *)

Lemma together : exists (r : two -> two -> R),
  (forall a b, r a b <= r true true) /\ (forall a b, r a b <= r false false) /\ r true false < r true true.
Proof.
  exists (fun a b => if Bool.eqb a b then 1 else 0). repeat split; try intros [] []; simpl; lra.
Qed.

(* ---- The climbing game ---- *)

Lemma climbing_optimum : forall a b, climbing a b <= 11 /\ (climbing a b = 11 -> a = first /\ b = first).
Proof. intros a b. destruct a, b; simpl; split; try lra; intro; try lra; auto. Qed.

Lemma climbing_equilibrium :
  distribution climbing_mix /\
  (∑ a, climbing_mix a * (∑ b, climbing_mix b * climbing a b)) = 55 / 16 /\
  (forall a, (∑ b, climbing_mix b * climbing a b) <= 55 / 16) /\
  (forall b, (∑ a, climbing_mix a * climbing a b) <= 55 / 16).
Proof.
  split; [split; [intros []; simpl; lra | rewrite Sum_three; simpl; lra] |].
  split; [rewrite !Sum_three; simpl; lra |].
  split; intros []; rewrite Sum_three; simpl; lra.
Qed.

Lemma climbing_payoffs :
  (forall b, -30 <= climbing first b) /\ climbing first second = -30 /\
  (forall b, -30 <= climbing second b) /\ climbing second first = -30.
Proof. repeat split; try (intros []; simpl; lra). Qed.

(* ---- eq. 17 as printed: one own action from the replay buffer ---- *)

Definition leaning (b a : two) : R := if b then 1 / 2 else if a then 1 / 4 else 3 / 4.
Definition leaning_policy (G := G0) : Policy G := fun _ => leaning.

Lemma leaning_law : is_policy G0 leaning_policy.
Proof. intros s b. split; [intro a; destruct b, a; simpl; lra | rewrite Sum_two; destruct b; simpl; lra]. Qed.

Lemma eq17 : exists (G : Game) (pi : Policy G) (s : states G) (a1 : own G),
  is_policy G pi /\ (forall b a, 0 < pi s b a) /\ beta G = 1 /\
  let weight := fun b => prior G s b * Rpower (exp (reward G s a1 b / alpha G) / pi s b a1) (alpha G) in
  exists b, weight b / (∑ b', weight b') <> best_model G (reward G) pi s b.
Proof.
  exists G0, leaning_policy, tt, true. split; [exact leaning_law |].
  split; [intros b a; destruct b, a; simpl; lra | split; [reflexivity |]]. intro weight. exists true.
  assert (Wt : weight true = 1).
  { unfold weight, leaning_policy, leaning. simpl. rewrite none_over, exp_0.
    replace (1 / (1 / 2)) with 2 by field. rewrite Rpower_1 by lra. lra. }
  assert (Wf : weight false = 2).
  { unfold weight, leaning_policy, leaning. simpl. rewrite none_over, exp_0.
    replace (1 / (1 / 4)) with 4 by field. rewrite Rpower_1 by lra. lra. }
  rewrite Sum_two, Wt, Wf.
  assert (O : forall b, own_worth G0 (reward G0) leaning_policy tt b = if b then ln 2 else 2 * ln 2 - 3 / 4 * ln 3).
  { intro b. unfold own_worth, entropy, Sum, leaning_policy, leaning. destruct b; tidy; simpl; autorewrite with tidy.
    - rewrite ln_half. lra.
    - replace (1 / 4) with (/ 4) by field. replace (3 / 4) with (3 * / 4) by field.
      rewrite ln_product, !ln_Rinv, ln_four by lra. lra. }
  assert (E : best_model G0 (reward G0) leaning_policy tt true
    = exp (ln 2) / (exp (ln 2) + exp (2 * ln 2 - 3 / 4 * ln 3))).
  { unfold best_model, best_reply_value, Sum. simpl. rewrite !O. autorewrite with tidy.
    set (y := exp (2 * ln 2 - 3 / 4 * ln 3)). assert (0 < y) by apply exp_pos. rewrite !(exp_ln 2) by lra.
    unfold Rminus. rewrite exp_plus, exp_Ropp, (exp_ln 2) by lra.
    rewrite (exp_ln (1 / 2 * 2 + 1 / 2 * y)) by lra. field. lra. }
  rewrite E, exp_ln by lra. set (y := exp (2 * ln 2 - 3 / 4 * ln 3)). assert (Py : 0 < y) by apply exp_pos.
  assert (Ly : y < 4).
  { apply Rlt_le_trans with (exp (ln 4)); [| rewrite exp_ln; lra]. apply exp_increasing. rewrite ln_four.
    pose proof ln_three_positive. lra. }
  intro H. apply (f_equal (fun z => z * (3 * (2 + y)))) in H. field_simplify in H; lra.
Qed.
