(* The variational lower bound of Appendix B: eq. 6, 23 to 32. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration.
Open Scope R_scope.

Lemma positive_factors x y : 0 <= x -> 0 <= y -> 0 < x * y -> 0 < x /\ 0 < y.
Proof.
  intros Nx Ny H. destruct (Req_dec x 0) as [E | E]; [rewrite E in H; lra |].
  destruct (Req_dec y 0) as [E' | E']; [rewrite E' in H; lra |]. lra.
Qed.

(* For any law q and weights w > 0 where q > 0: what E_q log(w/q) lacks of log sum w *)
Lemma evidence_gap {X : Finite} (q w : X -> R) :
  distribution q -> (forall x, 0 <= w x) -> (forall x, w x = 0 -> q x = 0) ->
  ln (∑ x, w x) - (∑ x, q x * ln (w x / q x)) = KL q (fun x => w x / ∑ y, w y).
Proof.
  intros D N S. destruct (distribution_inhabited q D) as [x0 P0].
  assert (PZ : 0 < ∑ x, w x).
  { apply Sum_pos with x0; [exact N |]. pose proof (N x0).
    destruct (Req_dec (w x0) 0) as [E | E]; [apply S in E |]; lra. }
  rewrite <- (mean_const q (ln (∑ x, w x)) D), <- Sum_minus. unfold KL. apply Sum_ext. intro x.
  destruct (Req_dec (q x) 0) as [E | E]; [rewrite E; lra |].
  assert (0 < q x) by (pose proof (proj1 D x); lra).
  assert (0 < w x) by (pose proof (N x); destruct (Req_dec (w x) 0) as [E' | E']; [apply S in E' |]; lra).
  set (z := ∑ y, w y) in *.
  assert (K : forall u v, 0 < u -> 0 < v -> ln (u / v) = ln u - ln v)
    by (intros; unfold Rdiv; rewrite ln_mult, ln_Rinv; auto with real; lra).
  assert (0 < w x / z) by (apply Rdiv_lt_0_compat; assumption).
  rewrite !K by assumption. ring.
Qed.

Section Horizon.
Variable G : Game.
Variable c : R.
Hypothesis c_positive : 0 < c.
Implicit Types (pi : Policy G) (rho : Model G) (mu : states G -> R).

Lemma count_own : 0 < count (own G).
Proof. apply count_positive. exact (own_action G). Qed.

Lemma uniform_law : is_policy G (uniform G).
Proof.
  intros s b. pose proof count_own. split.
  - intro a. unfold uniform. left. apply Rdiv_lt_0_compat; lra.
  - unfold uniform. rewrite Sum_const. field. lra.
Qed.

Lemma prior_is_model : is_model G (prior G).
Proof. intro s. split; [apply prior_law | intros b E; exact E]. Qed.

Lemma law_nonneg pi rho n mu tau :
  is_policy G pi -> is_model G rho -> (forall s, 0 <= mu s) -> 0 <= law G pi rho n mu tau.
Proof.
  intros D M. revert mu tau. induction n as [| n IH]; intros mu tau Nm; [simpl; lra |].
  destruct tau as [[[s a] b] rest]. simpl. repeat apply Rmult_le_pos; [apply Nm | apply M | apply D |].
  apply IH. apply next_law.
Qed.

(* The mean of a function of the first step *)
Lemma Sum_trajectory n (f : trajectory G (S n) -> R) :
  (∑ tau, f tau) = ∑ s, ∑ a, ∑ b, ∑ rest : trajectory G n, f (((s, a), b), rest).
Proof.
  change (trajectory G (S n)) with (pairs (pairs (pairs (states G) (own G)) (others G)) (trajectory G n)) in f |- *.
  rewrite Sum_pairs, Sum_pairs, Sum_pairs. reflexivity.
Qed.

Lemma law_total pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu -> (∑ tau, law G pi rho n mu tau) = 1.
Proof.
  intros D M. revert mu. induction n as [| n IH]; intros mu Dm; [apply Sum_one |].
  rewrite Sum_trajectory. rewrite <- (proj2 Dm). apply Sum_ext. intro s.
  rewrite Sum_swap. transitivity (∑ b, mu s * (rho s b * 1)).
  - apply Sum_ext. intro b. transitivity (∑ a, mu s * rho s b * (pi s b a * 1)).
    + apply Sum_ext. intro a. simpl. rewrite Sum_scal, IH by apply next_law. ring.
    + rewrite Sum_scal, mean_const by apply D. ring.
  - rewrite Sum_scal, mean_const by apply M. ring.
Qed.

Lemma law_distribution pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu -> distribution (law G pi rho n mu).
Proof. intros D M Dm. split; [intro tau; apply law_nonneg; auto; apply Dm | apply law_total; assumption]. Qed.

Lemma optimality_positive n tau : 0 < optimality G c n tau.
Proof.
  induction n as [| n IH]; [simpl; lra |]. destruct tau as [[[s a] b] rest]. simpl.
  repeat apply Rmult_lt_0_compat; [exact c_positive | apply exp_pos | apply IH].
Qed.

Lemma joint_nonneg n mu tau : (forall s, 0 <= mu s) -> 0 <= joint G c n mu tau.
Proof.
  intro Nm. apply Rmult_le_pos; [| left; apply optimality_positive].
  apply law_nonneg; [apply uniform_law | apply prior_is_model | exact Nm].
Qed.

(* The log-ratio of one trajectory: eq. 28 to 30 *)
Definition log_ratio pi rho : Table G := fun s a b =>
  ln (c * exp (reward G s a b)) - ln (pi s b a) - ln (rho s b / prior G s b) + ln (1 / count (own G)).

Lemma joint_by_law pi rho n mu tau :
  is_policy G pi -> is_model G rho -> (forall s, 0 <= mu s) -> 0 < law G pi rho n mu tau ->
  joint G c n mu tau = law G pi rho n mu tau * exp (along G (log_ratio pi rho) n tau).
Proof.
  intros D M. revert mu tau. induction n as [| n IH]; intros mu tau Nm P.
  - unfold joint. simpl. rewrite exp_0. lra.
  - destruct tau as [[[s a] b] rest]. unfold joint in *. simpl in *.
    assert (N4 : 0 <= law G pi rho n (next G s a b) rest) by (apply law_nonneg; auto; apply next_law).
    assert (N3 : 0 <= pi s b a) by apply D. assert (N2 : 0 <= rho s b) by apply M. pose proof (Nm s) as N1.
    destruct (positive_factors _ _ (Rmult_le_pos _ _ (Rmult_le_pos _ _ N1 N2) N3) N4 P) as [P123 P4].
    destruct (positive_factors _ _ (Rmult_le_pos _ _ N1 N2) N3 P123) as [P12 P3].
    destruct (positive_factors _ _ N1 N2 P12) as [P1 P2].
    assert (P0 : 0 < prior G s b).
    { pose proof (proj1 (prior_law G s) b) as N0. destruct (Req_dec (prior G s b) 0) as [E | E]; [| lra].
      apply (proj2 (M s)) in E. lra. }
    specialize (IH (next G s a b) rest (proj1 (next_law G s a b)) P4).
    pose proof count_own as PA.
    rewrite exp_plus. unfold log_ratio at 1.
    replace (ln (c * exp (reward G s a b)) - ln (pi s b a) - ln (rho s b / prior G s b) + ln (1 / count (own G)))
      with (ln (c * exp (reward G s a b)) + (- ln (pi s b a) + (- ln (rho s b / prior G s b) + ln (1 / count (own G))))) by lra.
    assert (0 < c * exp (reward G s a b)) by (apply Rmult_lt_0_compat; [exact c_positive | apply exp_pos]).
    assert (0 < rho s b / prior G s b) by (apply Rdiv_lt_0_compat; assumption).
    assert (0 < 1 / count (own G)) by (apply Rdiv_lt_0_compat; lra).
    rewrite !exp_plus, !exp_Ropp, !exp_ln by assumption.
    transitivity (mu s * prior G s b * uniform G s b a * (c * exp (reward G s a b))
      * (law G (uniform G) (prior G) n (next G s a b) rest * optimality G c n rest)); [ring |].
    rewrite IH. unfold uniform. field. repeat split; lra.
Qed.

Lemma joint_zero pi rho n mu tau :
  is_policy G pi -> is_model G rho -> (forall s, 0 <= mu s) -> joint G c n mu tau = 0 -> law G pi rho n mu tau = 0.
Proof.
  intros D M Nm E. pose proof (law_nonneg pi rho n mu tau D M Nm) as N.
  destruct (Req_dec (law G pi rho n mu tau) 0) as [Z | Z]; [exact Z |].
  assert (P : 0 < law G pi rho n mu tau) by lra.
  rewrite (joint_by_law pi rho n mu tau D M Nm P) in E.
  pose proof (exp_pos (along G (log_ratio pi rho) n tau)). nra.
Qed.

Lemma elbo_is_log_ratio pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  elbo G c pi rho n mu = ∑ tau, law G pi rho n mu tau * along G (log_ratio pi rho) n tau.
Proof.
  intros D M [Nm _]. unfold elbo. apply Sum_ext. intro tau. pose proof (law_nonneg pi rho n mu tau D M Nm) as N.
  destruct (Req_dec (law G pi rho n mu tau) 0) as [Z | Z]; [rewrite Z; lra |].
  assert (P : 0 < law G pi rho n mu tau) by lra. f_equal.
  rewrite (joint_by_law pi rho n mu tau D M Nm P).
  replace (law G pi rho n mu tau * exp (along G (log_ratio pi rho) n tau) / law G pi rho n mu tau)
    with (exp (along G (log_ratio pi rho) n tau)) by (field; lra).
  apply ln_exp.
Qed.

(* ---- From trajectories to time steps: eq. 31 = 32 ---- *)

Lemma step_scaled pi rho mu k : forall s, step G pi rho (fun s => k * mu s) s = k * step G pi rho mu s.
Proof. intro s. unfold step. rewrite <- Sum_scal. apply Sum_ext. intro. ring. Qed.

Lemma step_ext pi rho mu nu : (forall s, mu s = nu s) -> forall s, step G pi rho mu s = step G pi rho nu s.
Proof. intros H s. unfold step. apply Sum_ext. intro. rewrite H. reflexivity. Qed.

Lemma state_law_ext pi rho t mu nu : (forall s, mu s = nu s) -> forall s, state_law G pi rho t mu s = state_law G pi rho t nu s.
Proof.
  revert mu nu. induction t as [| t IH]; intros mu nu H s; simpl; [apply H |]. apply IH. intro x.
  apply step_ext, H.
Qed.

Lemma state_law_linear {X : Finite} pi rho t (k : X -> R) (m : X -> states G -> R) :
  forall s, state_law G pi rho t (fun s => ∑ x, k x * m x s) s = ∑ x, k x * state_law G pi rho t (m x) s.
Proof.
  revert m. induction t as [| t IH]; intros m s; simpl; [reflexivity |].
  rewrite <- (IH (fun x => step G pi rho (m x)) s). apply state_law_ext. intro y. unfold step.
  rewrite (Sum_ext _ (fun s0 => ∑ x, k x * (m x s0 * (∑ b, rho s0 b * (∑ a, pi s0 b a * next G s0 a b y))))).
  - rewrite Sum_swap. apply Sum_ext. intro x. apply Sum_scal.
  - intro s0. rewrite <- Sum_scal_r. apply Sum_ext. intro. ring.
Qed.

Definition mean_of (f : Table G) pi rho s : R := ∑ b, rho s b * (∑ a, pi s b a * f s a b).

Lemma along_mean pi rho f n mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  (∑ tau, law G pi rho n mu tau * along G f n tau)
  = sum_below n (fun t => ∑ s, state_law G pi rho t mu s * mean_of f pi rho s).
Proof.
  intros D M. revert mu. induction n as [| n IH]; intros mu Dm; [rewrite Sum_one; simpl; lra |].
  rewrite Sum_trajectory, sum_below_first.
  transitivity (∑ s, ∑ a, ∑ b, mu s * rho s b * pi s b a * f s a b
    + mu s * rho s b * pi s b a * sum_below n (fun t => ∑ x, state_law G pi rho t (next G s a b) x * mean_of f pi rho x)).
  - apply Sum_ext. intro s. apply Sum_ext. intro a. apply Sum_ext. intro b.
    rewrite <- IH by apply next_law. simpl.
    transitivity (∑ rest : trajectory G n, mu s * rho s b * pi s b a * (law G pi rho n (next G s a b) rest * f s a b)
      + mu s * rho s b * pi s b a * (law G pi rho n (next G s a b) rest * along G f n rest)).
    + apply Sum_ext. intro. ring.
    + rewrite Sum_plus, Sum_scal, Sum_scal, mean_const by (apply law_distribution; auto; apply next_law). reflexivity.
  - transitivity ((∑ s, ∑ a, ∑ b, mu s * rho s b * pi s b a * f s a b)
      + ∑ s, ∑ a, ∑ b, mu s * rho s b * pi s b a
        * sum_below n (fun t => ∑ x, state_law G pi rho t (next G s a b) x * mean_of f pi rho x)).
    + rewrite <- Sum_plus. apply Sum_ext. intro s. rewrite <- Sum_plus. apply Sum_ext. intro a.
      rewrite <- Sum_plus. reflexivity.
    + f_equal.
      * simpl. apply Sum_ext. intro s. rewrite Sum_swap. unfold mean_of. rewrite <- Sum_scal. apply Sum_ext. intro b.
        rewrite <- Sum_scal, <- Sum_scal. apply Sum_ext. intro a. ring.
      * transitivity (∑ s, ∑ a, ∑ b, sum_below n (fun t =>
          ∑ x, mu s * rho s b * pi s b a * state_law G pi rho t (next G s a b) x * mean_of f pi rho x)).
        { apply Sum_ext. intro s. apply Sum_ext. intro a. apply Sum_ext. intro b. rewrite <- sum_below_scal.
          apply sum_below_ext. intro t. rewrite <- Sum_scal. apply Sum_ext. intro. ring. }
        transitivity (sum_below n (fun t => ∑ s, ∑ a, ∑ b,
          ∑ x, mu s * rho s b * pi s b a * state_law G pi rho t (next G s a b) x * mean_of f pi rho x)).
        { rewrite sum_below_Sum. apply Sum_ext. intro s. rewrite sum_below_Sum. apply Sum_ext. intro a.
          rewrite sum_below_Sum. reflexivity. }
        apply sum_below_ext. intro t. simpl.
        set (K := fun p : pairs (pairs (states G) (own G)) (others G) =>
          match p with ((s, a), b) => mu s * rho s b * pi s b a end).
        set (N := fun p : pairs (pairs (states G) (own G)) (others G) => match p with ((s, a), b) => next G s a b end).
        transitivity (∑ p, ∑ x, K p * state_law G pi rho t (N p) x * mean_of f pi rho x).
        { rewrite Sum_pairs, Sum_pairs. reflexivity. }
        rewrite Sum_swap. apply Sum_ext. intro x. rewrite Sum_scal_r. f_equal.
        rewrite <- (state_law_linear pi rho t K N x). apply state_law_ext. intro y.
        rewrite Sum_pairs, Sum_pairs. unfold step, K, N. apply Sum_ext. intro s. rewrite Sum_swap.
        rewrite <- Sum_scal. apply Sum_ext. intro b. rewrite <- Sum_scal, <- Sum_scal. apply Sum_ext. intro a. ring.
Qed.

Lemma bracket_mean pi rho s :
  is_policy G pi -> is_model G rho ->
  mean_of (bracket G pi rho) pi rho s
  = (∑ b, rho s b * ((∑ a, pi s b a * reward G s a b) + entropy (pi s b))) - KL (rho s) (prior G s).
Proof.
  intros D M. unfold mean_of, bracket, KL. rewrite <- Sum_minus. apply Sum_ext. intro b.
  rewrite <- Rmult_minus_distr_l. f_equal. unfold entropy.
  transitivity (∑ a, pi s b a * ((reward G s a b - ln (pi s b a)) + - ln (rho s b / prior G s b))).
  - apply Sum_ext. intro. ring.
  - rewrite mean_plus by apply D.
    rewrite (Sum_ext (fun a => pi s b a * (reward G s a b - ln (pi s b a)))
      (fun a => pi s b a * reward G s a b - pi s b a * ln (pi s b a))) by (intro; ring).
    rewrite Sum_minus. ring.
Qed.

Lemma bracket_is_objective pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  (∑ tau, law G pi rho n mu tau * along G (bracket G pi rho) n tau) = objective G pi rho n mu.
Proof.
  intros D M Dm. rewrite along_mean by assumption. unfold objective. apply sum_below_ext. intro t.
  apply Sum_ext. intro s. rewrite bracket_mean by assumption. reflexivity.
Qed.

Lemma along_constants pi rho n tau :
  along G (log_ratio pi rho) n tau = along G (bracket G pi rho) n tau + INR n * (ln c - ln (count (own G))).
Proof.
  induction n as [| n IH]; [simpl; lra |]. rewrite S_INR. destruct tau as [[[s a] b] rest]. simpl along.
  rewrite IH. unfold log_ratio, bracket. pose proof count_own.
  rewrite ln_mult, ln_exp by (exact c_positive || apply exp_pos).
  replace (1 / count (own G)) with (/ count (own G)) by (field; lra). rewrite ln_Rinv by assumption. lra.
Qed.

Lemma elbo_value pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  elbo G c pi rho n mu = objective G pi rho n mu + INR n * (ln c - ln (count (own G))).
Proof.
  intros D M Dm. rewrite elbo_is_log_ratio by assumption. rewrite <- bracket_is_objective by assumption.
  rewrite <- (mean_plus (law G pi rho n mu) _ (INR n * (ln c - ln (count (own G))))) by (apply law_distribution; assumption).
  apply Sum_ext. intro tau. rewrite along_constants. reflexivity.
Qed.

Lemma elbo_gap pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  ln (evidence G c n mu) - elbo G c pi rho n mu = KL (law G pi rho n mu) (posterior G c n mu).
Proof.
  intros D M Dm. apply evidence_gap.
  - apply law_distribution; assumption.
  - intro tau. apply joint_nonneg, Dm.
  - intro tau. apply joint_zero; auto. apply Dm.
Qed.

Lemma evidence_positive n mu : distribution mu -> 0 < evidence G c n mu.
Proof.
  intro Dm. pose proof (law_distribution (uniform G) (prior G) n mu uniform_law prior_is_model Dm) as Dq.
  destruct (distribution_inhabited _ Dq) as [tau P]. apply Sum_pos with tau.
  - intro. apply joint_nonneg, Dm.
  - apply Rmult_lt_0_compat; [exact P | apply optimality_positive].
Qed.

Lemma posterior_law n mu : distribution mu -> distribution (posterior G c n mu).
Proof.
  intro Dm. pose proof (evidence_positive n mu Dm) as P. split.
  - intro tau. apply Rmult_le_pos; [apply joint_nonneg, Dm | left; apply Rinv_0_lt_compat, P].
  - unfold posterior, Rdiv. rewrite Sum_scal_r. fold (evidence G c n mu). field. lra.
Qed.

Lemma posterior_supports pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu -> supported_by (law G pi rho n mu) (posterior G c n mu).
Proof.
  intros D M Dm tau E. apply joint_zero; auto; [apply Dm |]. unfold posterior, Rdiv in E.
  pose proof (evidence_positive n mu Dm) as P.
  apply Rmult_integral in E. destruct E as [E | E]; [exact E |]. exfalso. revert E. apply Rgt_not_eq, Rinv_0_lt_compat, P.
Qed.

Lemma lower_bound pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  objective G pi rho n mu - INR n * ln (count (own G)) + INR n * ln c <= ln (evidence G c n mu).
Proof.
  intros D M Dm. pose proof (elbo_gap pi rho n mu D M Dm) as E. rewrite elbo_value in E by assumption.
  assert (0 <= KL (law G pi rho n mu) (posterior G c n mu)).
  { apply KL_nonneg; [apply law_distribution | apply posterior_law | apply posterior_supports]; assumption. }
  lra.
Qed.

Lemma elbo_below pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu -> elbo G c pi rho n mu <= ln (evidence G c n mu).
Proof.
  intros D M Dm. pose proof (elbo_gap pi rho n mu D M Dm) as E.
  assert (0 <= KL (law G pi rho n mu) (posterior G c n mu)).
  { apply KL_nonneg; [apply law_distribution | apply posterior_law | apply posterior_supports]; assumption. }
  lra.
Qed.

Lemma prior_law_of_trajectories n mu : distribution mu -> distribution (law G (uniform G) (prior G) n mu).
Proof. apply law_distribution; [apply uniform_law | apply prior_is_model]. Qed.

(* A law that is certain of one state *)
Lemma certain mu s (f : states G -> R) : distribution mu -> mu s = 1 -> (∑ x, mu x * f x) = f s.
Proof.
  intros [N T1] E. unfold Sum in *. destruct (in_split s _ (complete _ s)) as (l1 & l2 & El). rewrite El in *.
  rewrite sum_list_app in *. simpl in *. rewrite E in *.
  assert (Z0 : forall l, 0 <= sum_list (fun x => mu x) l) by (intro l; induction l; simpl; [lra | pose proof (N a); lra]).
  assert (Zl : forall l, sum_list (fun x => mu x) l = 0 -> sum_list (fun x => mu x * f x) l = 0).
  { induction l as [| y l IH]; simpl; intro H; [reflexivity |]. pose proof (N y). pose proof (Z0 l).
    rewrite IH by lra. replace (mu y) with 0 by lra. lra. }
  pose proof (Z0 l1). pose proof (Z0 l2). rewrite (Zl l1), (Zl l2) by lra. lra.
Qed.

(* One step from a given state: the bound is attained by eq. 10 and 11 with R for Q. *)
Lemma one_step_tight mu s :
  alpha G = 1 -> beta G = 1 -> distribution mu -> mu s = 1 ->
  objective G (soft_policy G (reward G)) (soft_model G (reward G)) 1 mu - ln (count (own G)) + ln c
  = ln (evidence G c 1 mu).
Proof.
  intros E1 E2 Dm Es. pose proof count_own as PA.
  assert (J : objective G (soft_policy G (reward G)) (soft_model G (reward G)) 1 mu = V G (reward G) s).
  { unfold objective. simpl. rewrite Rplus_0_l, (certain mu s) by assumption. rewrite <- worth_soft.
    unfold worth, own_worth. rewrite E1, E2. rewrite Rmult_1_l. f_equal. apply Sum_ext. intro b. ring. }
  assert (W : evidence G c 1 mu = c / count (own G) * (∑ b, prior G s b * exp (L G (reward G) s b / beta G))).
  { unfold evidence. rewrite Sum_trajectory.
    transitivity (∑ x, mu x * (c / count (own G) * (∑ b, prior G x b * exp (L G (reward G) x b / beta G)))).
    - apply Sum_ext. intro x. rewrite Sum_swap, <- Sum_scal, <- Sum_scal. apply Sum_ext. intro b.
      unfold L. rewrite E1, E2, !Rmult_1_l. replace (ln (∑ a, exp (reward G x a b / 1)) / 1) with (ln (∑ a, exp (reward G x a b / 1))) by field.
      pose proof (partition_own G (reward G) x b) as PP. rewrite E1 in PP. rewrite exp_ln by exact PP.
      rewrite <- !Sum_scal. apply Sum_ext. intro a. change (trajectory G 0) with one. rewrite Sum_one.
      unfold joint. simpl. unfold uniform. replace (reward G x a b / 1) with (reward G x a b) by field. field. lra.
    - apply (certain mu s); assumption. }
  rewrite J, W. unfold V. rewrite ln_mult.
  - assert (K : ln (c / count (own G)) = ln c - ln (count (own G))).
    { unfold Rdiv. rewrite ln_mult, ln_Rinv; [lra | lra | lra | apply Rinv_0_lt_compat; lra]. }
    rewrite K, E2. ring.
  - apply Rdiv_lt_0_compat; assumption.
  - apply (others_partition G (reward G)).
Qed.

End Horizon.
