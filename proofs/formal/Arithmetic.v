(* More counterexamples and exact numbers: eq. 5 and 23, Algorithms 1 and 2, Section 2.3, the climbing game. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Lists Definitions Sums Games Gibbs Contraction Iteration LowerBound Trajectories SelfPlay Examples Counterexamples.
Open Scope R_scope.

(* ---- eq. 5: no payoff or -log 2, c = 1, one step ---- *)

Definition H5 : Game := alone 0 1 1 zero_range one_positive one_positive (fun a => if a then 0 else - ln 2).

Lemma eq5 : exists (G : Game) (m : R) (mu : states G -> R),
  distribution mu /\ (forall s a b, reward G s a b <= m) /\
  likelihood G (attained G m) 1 mu = 1 / 2 /\ evidence G (exp (- m)) 1 mu = 3 / 4.
Proof.
  exists H5, 0, (fun _ => 1). split; [exact certain_law |]. pose proof ln_two_positive.
  split; [intros s a b; destruct a; simpl; lra |].
  unfold likelihood, evidence, joint, attained, uniform, count, Sum. simpl.
  destruct (Req_EM_T 0 0) as [_ | N]; [| contradiction]. destruct (Req_EM_T (- ln 2) 0) as [E | _]; [exfalso; lra |].
  rewrite Ropp_0, exp_0, exp_Ropp, exp_ln by lra. split; field.
Qed.

(* ---- eq. 31: two actions, no payoff, c = 1, one step ---- *)

Lemma eq31 : exists (G : Game) (pi : Policy G) (rho : Model G) (mu : states G -> R),
  is_policy G pi /\ is_model G rho /\ distribution mu /\ (forall s a b, 0 < 1 * exp (reward G s a b) <= 1) /\
  elbo G 1 pi rho 1 mu < objective G pi rho 1 mu.
Proof.
  exists H1, (fun _ _ => even), (fun _ _ => 1), (fun _ => 1).
  assert (D : is_policy H1 (fun _ _ => even)) by (intros s b; exact even_law).
  assert (M : is_model H1 (fun _ _ => 1)) by (intro s; split; [exact certain_law | intros b H; simpl in H; lra]).
  split; [exact D | split; [exact M | split; [exact certain_law | split]]].
  - intros s a b. simpl. rewrite exp_0. lra.
  - rewrite (elbo_value H1 1 ltac:(lra) _ _ 1 (fun _ => 1) D M certain_law). destruct lower as (_ & _ & E).
    rewrite E, ln_1. pose proof ln_two_positive. simpl. lra.
Qed.

(* ---- eq. 23: two states, of which the second is as likely as the first, and o^- half as likely there ---- *)

Definition pair_of_states : Game :=
  game two one one (fun _ _ _ => 0) (fun _ _ _ => even) (fun _ _ => 1) 0 1 1 tt
    (fun _ _ _ => even_law) (fun _ => certain_law) zero_range one_positive one_positive.

Lemma eq23_given : exists (G : Game) (g : Table G) (mu : states G -> R) (tau : trajectory G 1),
  (forall s a b, 0 < g s a b <= 1) /\ distribution mu /\
  forall pi rho, is_policy G pi -> is_model G rho ->
  law G pi rho 1 mu tau <> tilt (law G (uniform G) (prior G) 1 mu) (product G g 1) tau.
Proof.
  exists pair_of_states, (fun (s : two) _ _ => if s then 1 else 1 / 2), even, (((true, tt), tt), tt).
  split; [intros s a b; destruct s; simpl; lra | split; [exact even_law |]]. intros pi rho D M.
  assert (E1 : rho true tt = 1) by (pose proof (proj2 (proj1 (M true))) as E; rewrite Sum_one in E; exact E).
  assert (E2 : pi true tt tt = 1) by (pose proof (proj2 (D true tt)) as E; rewrite Sum_one in E; exact E).
  unfold tilt, Sum, uniform, count. simpl. unfold even. rewrite E1, E2. intro H.
  assert (K : 1 / 2 * 1 * 1 * 1 = 1 / 2) by lra. rewrite K in H. field_simplify in H; lra.
Qed.

(* ---- Algorithm 1: the step on Q(s_{t+1}, a, b) ---- *)

(* Two states in turn, pays 1 in the first *)
Definition turn_next (s : two) (_ _ : one) (s' : two) : R := if s then (if s' then 0 else 1) else (if s' then 1 else 0).

Lemma turn_next_law s a b : distribution (turn_next s a b).
Proof. split; [intro s'; destruct s, s'; simpl; lra | rewrite Sum_two; destruct s; simpl; lra]. Qed.

Definition turn : Game :=
  game two one one (fun s _ _ => if s then 1 else 0) turn_next (fun _ _ => 1) (1 / 2) 1 1 tt
    turn_next_law (fun _ => certain_law) half_range one_positive one_positive.

Lemma V_turn (Q : Table turn) s : V turn Q s = Q s tt tt.
Proof. unfold V, L, Sum. tidy. rewrite !ln_exp. reflexivity. Qed.

Lemma regression : exists (G : Game) (D Q Q' : Table G),
  (forall s a b, 0 < D s a b) /\ optimal_Q G Q' /\
  (forall s' a b, (∑ s, D s a b * next G s a b s' * (reward G s a b + gamma G * V G Q s' - Q s' a b)) = 0) /\
  (exists s' a b, (∑ s, D s a b * next G s a b s' * (reward G s a b + gamma G * V G Q' s' - Q' s' a b)) <> 0) /\
  (exists s a b, Q s a b <> Q' s a b).
Proof.
  exists turn, (fun _ _ _ => 1), (fun (s : two) _ _ => if s then 0 else 2), (fun (s : two) _ _ => if s then 4 / 3 else 2 / 3).
  split; [intros; lra | split; [| split; [| split]]].
  - intros s a b. unfold T, ahead. rewrite Sum_two, !V_turn. destruct s; simpl; field.
  - intros s' a b. rewrite Sum_two, V_turn. destruct s'; simpl; field.
  - exists true, tt, tt. rewrite Sum_two, V_turn. simpl. intro H. field_simplify in H; lra.
  - exists true, tt, tt. lra.
Qed.

(* ---- Algorithm 2 ---- *)

(* One own action, two of the others *)
Definition led : Game :=
  game one one two (fun _ _ _ => 0) (fun _ _ _ _ => 1) (fun _ => even) 0 1 1 tt
    (fun _ _ _ => certain_law) (fun _ => even_law) zero_range one_positive one_positive.

Definition third_law (b : two) : R := if b then 2 / 3 else 1 / 3.

Lemma sampling : exists (G : Game) (Q : Table G) (pi : Policy G) (rho rho' : Model G) s,
  is_policy G pi /\ is_model G rho /\ is_model G rho' /\ (forall b, 0 < rho s b) /\ alpha G = 1 /\ beta G = 1 /\
  worth G Q pi rho s <= V G Q s < drawn G pi rho' s (sample G Q pi rho s).
Proof.
  exists led, (fun _ _ _ => 0), (fun _ _ _ => 1), (fun _ => third_law), (fun _ (b : two) => if b then 0 else 1), tt.
  assert (D : is_policy led (fun _ _ _ => 1)) by (intros s b; exact certain_law).
  assert (M : is_model led (fun _ => third_law)).
  { intro s. split; [split; [intros []; simpl; lra | rewrite Sum_two; simpl; lra] | intros b H; simpl in H; unfold even in H; lra]. }
  split; [exact D | split; [exact M | split; [| split; [intros []; simpl; lra | split; [reflexivity | split; [reflexivity |]]]]]].
  { intro s. split; [split; [intros []; simpl; lra | rewrite Sum_two; simpl; lra] | intros b H; simpl in H; unfold even in H; lra]. }
  split; [apply worth_le_V; assumption |].
  assert (E : V led (fun _ _ _ => 0) tt = 0).
  { unfold V, L, Sum. tidy. unfold even. replace (1 / 2 + 1 / 2) with 1 by field. apply ln_1. }
  rewrite E. unfold drawn, sample, Sum. simpl. unfold even. rewrite ln_1, ln_half.
  replace (1 / 3) with (/ 3) by field. rewrite ln_Rinv by lra. assert (ln 2 < ln 3) by (apply ln_increasing; lra). lra.
Qed.

Lemma target_policy : exists (G : Game) (Q : Table G) (pi pi' : Policy G) (rho : Model G) s,
  is_policy G pi /\ is_policy G pi' /\ is_model G rho /\ (forall b a, 0 < pi s b a) /\ alpha G = 1 /\ beta G = 1 /\
  worth G Q pi' rho s <= V G Q s < drawn G pi' rho s (sample G Q pi rho s).
Proof.
  exists H1, (fun _ _ _ => 0), (fun _ _ (a : two) => if a then 1 / 4 else 3 / 4), (fun _ _ => sure), (fun _ _ => 1), tt.
  assert (D' : is_policy H1 (fun _ _ => sure)) by (intros s b; split; [intros []; simpl; lra | rewrite Sum_two; simpl; lra]).
  assert (M : is_model H1 (fun _ _ => 1)) by (intro s; split; [exact certain_law | intros b H; simpl in H; lra]).
  split; [intros s b; split; [intros []; simpl; lra | rewrite Sum_two; simpl; lra] |].
  split; [exact D' | split; [exact M | split; [intros b []; simpl; lra | split; [reflexivity | split; [reflexivity |]]]]].
  split; [apply worth_le_V; assumption |].
  assert (E : V H1 (fun _ _ _ => 0) tt = ln 2).
  { unfold V, L, Sum. tidy. replace (1 + 1) with 2 by lra. rewrite exp_ln by lra. reflexivity. }
  rewrite E. unfold drawn, sample, Sum, sure. simpl. rewrite ln_1. replace (1 / 4) with (/ 4) by field.
  rewrite ln_Rinv, ln_four by lra. pose proof ln_two_positive. lra.
Qed.

(* Q = (log 4, 0): what descent on eq. 18 rests at depends on alpha. *)
Lemma temperature_is_no_rate (Q : Table H1 := fun _ (a : two) _ => if a then ln 4 else 0) :
  soft_policy (with_alpha H1 1 one_positive) Q tt tt true = 4 / 5 /\
  soft_policy (with_alpha H1 2 two_positive) Q tt tt true = 2 / 3.
Proof.
  rewrite !soft_policy_quotient. unfold Sum, Q. simpl. autorewrite with tidy. rewrite ln_four.
  replace (2 * ln 2 / 2) with (ln 2) by field. replace (2 * ln 2) with (ln 2 + ln 2) by ring.
  rewrite exp_plus, !exp_ln by lra. split; field.
Qed.

(* ---- Section 2.3: R(., b1) = (log 4, 0), R(., b2) = (log 3, log 3), alpha = 1 ---- *)

Definition shared (a b : two) : R := if b then (if a then ln 4 else 0) else ln 3.
Definition G23 : Game := square 0 1 1 zero_range one_positive one_positive shared.

Lemma em : exists (G : Game) (s : states G) (a : own G) (b b' : others G),
  gamma G = 0 /\ alpha G = 1 /\ (forall a' b', reward G s a' b' <= reward G s a b) /\
  (forall a', reward G s a' b' < reward G s a b) /\ L G (reward G) s b < L G (reward G) s b'.
Proof.
  exists G23, tt, true, true, false. split; [reflexivity | split; [reflexivity |]].
  assert (ln 3 < ln 4) by (apply ln_increasing; lra). assert (0 < ln 4) by (rewrite ln_four; pose proof ln_two_positive; lra).
  split; [intros [] []; simpl; lra | split; [intros []; simpl; lra |]].
  unfold L, Sum. simpl. autorewrite with tidy. rewrite !exp_ln by lra. apply ln_increasing; lra.
Qed.

(* ---- The climbing game ---- *)

(* (A,A) and (B,B) are the equilibria in pure strategies, with 5 and with 3 for player 2 at (C,C). *)
Lemma pure_equilibria x a b : x = 5 \/ x = 3 ->
  ((forall a', climbing a' b <= climbing a b) /\ (forall b', climbing_second x a b' <= climbing_second x a b) <->
   a = first /\ b = first \/ a = second /\ b = second).
Proof.
  intro Hx. split.
  - intros [H1 H2]. destruct a, b; auto; exfalso;
      pose proof (H1 first); pose proof (H1 second); pose proof (H1 third);
      pose proof (H2 first); pose proof (H2 second); pose proof (H2 third); simpl in *; lra.
  - intros [[-> ->] | [-> ->]]; split; intros []; simpl; lra.
Qed.

Lemma printed_equilibrium (p1 := fun a : three => match a with first => 3 / 14 | second => 0 | third => 11 / 14 end) :
  distribution p1 /\ distribution climbing_mix /\
  (forall a, (∑ b, climbing_mix b * climbing a b) <= ∑ a, p1 a * (∑ b, climbing_mix b * climbing a b)) /\
  (forall b, (∑ a, p1 a * climbing_second 3 a b) <= ∑ b, climbing_mix b * (∑ a, p1 a * climbing_second 3 a b)).
Proof.
  split; [split; [intros []; simpl; lra | rewrite Sum_three; simpl; lra] |].
  split; [split; [intros []; simpl; lra | rewrite Sum_three; simpl; lra] |].
  split; intros []; rewrite !Sum_three; simpl; lra.
Qed.

(* What an action pays where the other player takes another one: the lowest and the mean *)
Lemma safest x (r : three -> three -> R) : x = 5 \/ x = 3 -> r = climbing \/ r = (fun b a => climbing_second x a b) ->
  (forall b, 0 <= r third b) /\ r first second < 0 /\ r second first < 0 /\
  r first second + r first third < r third first + r third second /\
  r second first + r second third < r third first + r third second.
Proof. intros Hx [-> | ->]; repeat split; try (intros []); simpl; destruct Hx as [-> | ->]; lra. Qed.

Lemma punishment x (r : three -> three -> R) : x = 5 \/ x = 3 -> r = climbing \/ r = (fun b a => climbing_second x a b) ->
  let worst a := Max (fun b => r a a - r a b) in
  let mean a c d := r a a - (r a c + r a d) / 2 in
  worst third < worst second < worst first /\
  mean third first second < mean second first third < mean first second third.
Proof.
  intros Hx [-> | ->]; cbv zeta; unfold Max; simpl; destruct Hx as [-> | ->];
    repeat match goal with |- context [Rmax ?u ?v] =>
      match v with context [Rmax _ _] => fail 1 | _ => idtac end;
      first [rewrite (Rmax_left u v) by lra | rewrite (Rmax_right u v) by lra] end; lra.
Qed.

(* No names for the actions make the game symmetric. *)
Lemma not_symmetric x (names back : three -> three) : x = 5 \/ x = 3 ->
  ~ (forall a b, climbing a b = climbing_second x (back b) (names a)).
Proof.
  intros Hx H. pose proof (H second third) as H1. pose proof (H second second) as H2.
  destruct (names second), (back third), (back second); simpl in *; lra.
Qed.

(* What the optimal pair plays for a prior, at alpha = beta = 1, without a discount *)
Lemma climbing_answer p a :
  answer three three 1 1 climbing p a
  = (∑ b, exp (climbing a b) * p b) / (∑ a', ∑ b, exp (climbing a' b) * p b).
Proof.
  rewrite (SelfPlay.answer_linear_written_out 1 1 climbing first).
  assert (E : forall a b, answer_matrix three three 1 1 climbing a b = exp (climbing a b)).
  { intros a' b. unfold answer_matrix. rewrite Rminus_diag_eq, over_one by reflexivity. rewrite Rpower_O; [ring |].
    apply Sum_pos with first; [intro; left |]; apply exp_pos. }
  f_equal; [apply Sum_ext; intro; rewrite E; reflexivity |].
  apply Sum_ext. intro a'. apply Sum_ext. intro b. rewrite E. reflexivity.
Qed.

Lemma exp_as_power n : exp (INR n) = exp 1 ^ n.
Proof.
  induction n as [| n IH]; [apply exp_0 |]. rewrite S_INR, exp_plus, IH. simpl. ring.
Qed.

Lemma exp_one_bounds : 9 / 4 <= exp 1 <= 3.
Proof.
  split; [| apply exp_le_3]. replace 1 with (1 / 2 + 1 / 2) by field. rewrite exp_plus.
  pose proof (exp_ineq1_le (1 / 2)). nra.
Qed.

Lemma exp_of_climbing :
  exp 11 = exp 1 ^ 11 /\ exp 7 = exp 1 ^ 7 /\ exp 6 = exp 1 ^ 6 /\ exp 5 = exp 1 ^ 5 /\ 0 < exp (-30) <= 1.
Proof.
  repeat split; try (rewrite <- exp_as_power; f_equal; simpl; lra).
  - apply exp_pos.
  - rewrite <- exp_0. apply exp_mono. lra.
Qed.

Lemma at_least_quotient c u v : 0 < v -> c * v <= u -> c <= u / v.
Proof.
  intros P H. apply (Rmult_le_reg_r v); [exact P |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. exact H.
Qed.

Lemma at_most_quotient c u v : 0 < v -> u <= c * v -> u / v <= c.
Proof.
  intros P H. apply (Rmult_le_reg_r v); [exact P |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. exact H.
Qed.

Lemma guarantee :
  9 / 10 <= answer three three 1 1 climbing (fun _ => 1 / 3) first /\
  answer three three 1 1 climbing near_b first <= 1 / 2 /\
  answer three three 1 1 climbing near_b first < answer three three 1 1 climbing near_b second.
Proof.
  rewrite !climbing_answer, !Sum_three. unfold near_b. simpl. rewrite exp_0.
  destruct exp_of_climbing as (E11 & E7 & E6 & E5 & Pm & Lm). rewrite E11, E7, E6, E5. clear E11 E7 E6 E5.
  set (z := exp (-30)) in *. pose proof exp_one_bounds as [Lx Ux]. set (x := exp 1) in *.
  assert (L2 : 81 / 16 <= x ^ 2) by (simpl; nra). assert (U2 : x ^ 2 <= 9) by (simpl; nra).
  assert (L4 : 25 <= x ^ 4) by (replace (x ^ 4) with (x ^ 2 * x ^ 2) by ring; nra).
  assert (U4 : x ^ 4 <= 81) by (replace (x ^ 4) with (x ^ 2 * x ^ 2) by ring; nra).
  assert (L5 : 50 <= x ^ 5) by (replace (x ^ 5) with (x ^ 4 * x) by ring; nra).
  assert (L6 : 25 * x ^ 2 <= x ^ 6) by (replace (x ^ 6) with (x ^ 4 * x ^ 2) by ring; nra).
  assert (L7 : 100 <= x ^ 7) by (replace (x ^ 7) with (x ^ 5 * x ^ 2) by ring; nra).
  assert (E11 : x ^ 11 = x ^ 5 * x ^ 6) by ring. assert (E7 : x ^ 7 = x ^ 5 * x ^ 2) by ring.
  assert (E6 : x ^ 6 = x ^ 5 * x) by ring.
  assert (Q1 : 0 <= x ^ 6 - 9 * x ^ 2 - 9 * x - 10) by (simpl in *; nra).
  assert (Q2 : 9 * (x ^ 7 + x ^ 6 + x ^ 5 + 3) <= x ^ 11).
  { rewrite E11, E7. rewrite E6 at 1. nra. }
  assert (Q3 : x ^ 11 <= 81 * x ^ 7) by (replace (x ^ 11) with (x ^ 4 * x ^ 7) by ring; nra).
  assert (P5 : 0 < x ^ 5) by lra. assert (P6 : 0 < x ^ 6) by nra. assert (P11 : 0 < x ^ 11) by nra.
  split; [| split].
  - apply at_least_quotient; lra.
  - apply at_most_quotient; lra.
  - apply Rmult_lt_compat_r; [apply Rinv_0_lt_compat |]; lra.
Qed.

(* ---- The Max of Two Quadratics ---- *)

Lemma square_nonneg x : 0 <= x ^ 2.
Proof. simpl. nra. Qed.

Lemma peaks d x y : d = 9 \/ d = 3 ->
  surface d x y <= 10 /\ (surface d x y = 10 -> x = 5 /\ y = 5) /\ surface d 5 5 = 10 /\ surface d (-5) (-5) = 0 /\
  (Rabs (x + 5) <= 1 -> Rabs (y + 5) <= 1 -> surface d x y <= 0).
Proof.
  intro Hd. pose proof (square_nonneg (x + 5)) as X. pose proof (square_nonneg (y + 5)) as Y.
  assert (Lp : left_peak d x y <= 0) by (unfold left_peak; destruct Hd as [-> | ->]; lra).
  pose proof (square_nonneg (x - 5)) as X'. pose proof (square_nonneg (y - 5)) as Y'.
  split; [apply Rmax_lub; [lra | unfold right_peak; lra] | split; [| split; [| split]]].
  - unfold surface, Rmax. destruct Rle_dec; intro E; [| lra]. unfold right_peak in E. split; simpl in *; nra.
  - unfold surface. rewrite Rmax_right; unfold left_peak, right_peak; destruct Hd as [-> | ->]; lra.
  - unfold surface. rewrite Rmax_left; unfold left_peak, right_peak; destruct Hd as [-> | ->]; lra.
  - intros Bx By. apply Rabs_between in Bx. apply Rabs_between in By. apply Rmax_lub; [exact Lp |].
    unfold right_peak. simpl. nra.
Qed.

(* On the line x + y = c neither peak is higher than at (c/2, c/2), and every path crosses it. *)
Lemma valley d (x y : R -> R) : d = 9 \/ d = 3 ->
  continuity x -> continuity y -> x 0 = 0 -> y 0 = 0 -> x 1 = 5 -> y 1 = 5 ->
  exists t, 0 <= t <= 1 /\ surface d (x t) (y t) <= surface d 0 0 - 4.
Proof.
  intros Hd Cx Cy X0 Y0 X1 Y1.
  assert (K : forall c, 0 < c < 10 -> exists t, 0 <= t <= 1 /\ x t + y t = c).
  { intros c Hc. assert (C : continuity (fun t => x t + y t - c)).
    { intro t. apply (continuity_pt_minus (fun t => x t + y t) (fun _ => c)).
      - apply (continuity_pt_plus x y); [apply Cx | apply Cy].
      - apply continuity_pt_const. intros u v. reflexivity. }
    destruct (IVT (fun t => x t + y t - c) 0 1 C Rlt_0_1 ltac:(lra) ltac:(lra)) as [t [Ht E]].
    exists t. split; [exact Ht | lra]. }
  assert (Z : surface d 0 0 = left_peak d 0 0).
  { unfold surface. rewrite Rmax_left; unfold left_peak, right_peak; destruct Hd as [-> | ->]; lra. }
  rewrite Z. destruct Hd as [-> | ->].
  - destruct (K (39 / 10) ltac:(lra)) as [t [Ht E]]. exists t. split; [exact Ht |].
    replace (y t) with (39 / 10 - x t) by lra. pose proof (square_nonneg (x t - 39 / 20)) as S.
    apply Rmax_lub; unfold left_peak, right_peak; simpl in *; lra.
  - destruct (K (226 / 100) ltac:(lra)) as [t [Ht E]]. exists t. split; [exact Ht |].
    replace (y t) with (226 / 100 - x t) by lra. pose proof (square_nonneg (x t - 113 / 100)) as S.
    apply Rmax_lub; unfold left_peak, right_peak; simpl in *; lra.
Qed.

(* The path of steepest ascent from (0, 0), in time t *)
Lemma basin d (k := 16 / 10 / d) (z := fun t => -5 + 5 * exp (- (k * t))) : d = 9 \/ d = 3 ->
  z 0 = 0 /\ (forall t, derivable_pt_lim (fun u => left_peak d u (z t)) (z t) (- k * (z t + 5)) /\
                       derivable_pt_lim z t (- k * (z t + 5))) /\
  (forall t, 0 <= t -> right_peak (z t) (z t) < left_peak d (z t) (z t) /\ Rabs (z t + 5) = 5 * exp (- (k * t))).
Proof.
  intro Hd. assert (Pd : d <> 0) by (destruct Hd; lra). assert (Pk : 0 < k) by (unfold k; destruct Hd as [-> | ->]; lra).
  split; [unfold z; rewrite Rmult_0_r, Ropp_0, exp_0; ring | split].
  - intro t. split.
    + replace (- k * (z t + 5)) with (8 / 10 * (- (((1 + 0) * (z t + 5) + (z t + 5) * (1 + 0)) * / d) - 0)) by (unfold k; field; exact Pd).
      apply (derivable_pt_lim_scal (fun u => - ((u + 5) ^ 2 / d) - (z t + 5) ^ 2 / d)).
      apply (derivable_pt_lim_minus (fun u => - ((u + 5) ^ 2 / d)) (fun _ => (z t + 5) ^ 2 / d)); [| apply derivable_pt_lim_const].
      apply (derivable_pt_lim_opp (fun u => (u + 5) ^ 2 / d)).
      assert (D1 : derivable_pt_lim (fun u => u + 5) (z t) (1 + 0))
        by (apply (derivable_pt_lim_plus id (fun _ => 5)); [apply derivable_pt_lim_id | apply derivable_pt_lim_const]).
      assert (D2 := derivable_pt_lim_mult _ _ _ _ _ D1 D1). assert (D3 := derivable_pt_lim_scal _ (/ d) _ _ D2).
      rewrite Rmult_comm. intros e Pe. destruct (D3 e Pe) as [del H]. exists del. intros h Nh Bh.
      specialize (H h Nh Bh). unfold mult_real_fct, mult_fct in H.
      replace ((z t + h + 5) ^ 2 / d) with (/ d * ((z t + h + 5) * (z t + h + 5))) by (field; exact Pd).
      replace ((z t + 5) ^ 2 / d) with (/ d * ((z t + 5) * (z t + 5))) by (field; exact Pd). exact H.
    + replace (- k * (z t + 5)) with (0 + 5 * (exp (- (k * t)) * - (k * 1))) by (unfold z; ring).
      apply (derivable_pt_lim_plus (fun _ => -5) (fun t => 5 * exp (- (k * t)))); [apply derivable_pt_lim_const |].
      apply (derivable_pt_lim_scal (fun t => exp (- (k * t)))).
      apply (derivable_pt_lim_comp (fun t => - (k * t)) exp); [| apply derivable_pt_lim_exp].
      apply (derivable_pt_lim_opp (fun t => k * t)). apply (derivable_pt_lim_scal id). apply derivable_pt_lim_id.
  - intros t Nt. assert (P : 0 < exp (- (k * t)) <= 1) by (split; [apply exp_pos | rewrite <- exp_0; apply exp_mono; nra]).
    split; [| unfold z; rewrite Rabs_right; [ring | lra]].
    unfold left_peak, right_peak, z. set (e := exp (- (k * t))) in *. destruct Hd as [-> | ->]; simpl; nra.
Qed.
