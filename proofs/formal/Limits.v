(* What the soft value tends to as alpha or beta goes to 0 or to infinity, with the error in each case, and what Q* tends
   to with it. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration LowerBound Bounds.
Open Scope R_scope.

(* ---- t log sum w exp(u/t) for a law w ---- *)

Section Free.
Context {X : Finite}.
Implicit Types w u : X -> R.

Lemma free_upper t w u m : 0 < t -> distribution w -> (forall x, 0 < w x -> u x <= m) -> t * ln (∑ x, w x * exp (u x / t)) <= m.
Proof.
  intros Pt D H. apply Rle_trans with (t * ln (exp (m / t))); [| rewrite ln_exp; right; field; lra].
  apply Rmult_le_compat_l; [lra |]. apply ln_mono; [apply partition_positive, D |].
  rewrite <- (mean_const w (exp (m / t)) D). apply Sum_le. intro x. pose proof (proj1 D x) as N.
  destruct (Req_dec (w x) 0) as [E | E]; [rewrite E; lra |]. apply Rmult_le_compat_l; [exact N |]. apply exp_mono.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, Pt | apply H; lra].
Qed.

Lemma free_lower t w u x : 0 < t -> distribution w -> 0 < w x -> u x + t * ln (w x) <= t * ln (∑ x, w x * exp (u x / t)).
Proof.
  intros Pt D P. apply Rle_trans with (t * ln (w x * exp (u x / t))).
  - rewrite ln_mult, ln_exp by (exact P || apply exp_pos). right. field. lra.
  - apply Rmult_le_compat_l; [lra |]. apply ln_mono; [apply Rmult_lt_0_compat; [exact P | apply exp_pos] |].
    apply (Sum_term (fun y => w y * exp (u y / t))). intro y. apply Rmult_le_pos; [apply D | left; apply exp_pos].
Qed.

(* Jensen *)
Lemma free_mean t w u : 0 < t -> distribution w -> (∑ x, w x * u x) <= t * ln (∑ x, w x * exp (u x / t)).
Proof.
  intros Pt D. pose proof (free_energy t w w u Pt D (proj1 D) (fun x E => E)) as H. cbv zeta in H.
  rewrite KL_same in H by reflexivity.
  assert (N : 0 <= KL w (fun x => w x * exp ((u x - t * ln (∑ x0, w x0 * exp (u x0 / t))) / t))).
  { apply KL_nonneg; [exact D | apply gibbs_law; [exact Pt | apply D | apply partition_positive, D] |].
    intros x E. apply Rmult_integral in E. destruct E as [E | E]; [exact E |]. exfalso. revert E. apply Rgt_not_eq, exp_pos. }
  nra.
Qed.

Lemma exp_tangent y : exp y - 1 <= y * exp y.
Proof.
  pose proof (exp_ineq1_le (- y)) as H. rewrite exp_Ropp in H. pose proof (exp_pos y) as P.
  apply (Rmult_le_compat_r (exp y)) in H; [| lra]. rewrite Rinv_l in H by lra. lra.
Qed.

Lemma free_gap t w u lo d :
  0 < t -> distribution w -> (forall x, lo <= u x <= lo + d) ->
  t * ln (∑ x, w x * exp (u x / t)) <= (∑ x, w x * u x) + d * (exp (d / t) - 1).
Proof.
  intros Pt D H. destruct (distribution_inhabited w D) as [x0 _]. assert (Nd : 0 <= d) by (pose proof (H x0); lra).
  pose proof (exp_pos (lo / t)) as Pl. pose proof (exp_pos (d / t)) as Pd.
  assert (Pi : 0 <= / t) by (left; apply Rinv_0_lt_compat, Pt).
  assert (Nd' : 0 <= d / t) by (apply Rmult_le_pos; assumption).
  assert (Ge1 : 1 <= exp (d / t)) by (rewrite <- exp_0; apply exp_mono; exact Nd').
  assert (E : (∑ x, w x * exp (u x / t)) = exp (lo / t) * (∑ x, w x * exp ((u x - lo) / t))).
  { rewrite <- Sum_scal. apply Sum_ext. intro x. replace (u x / t) with (lo / t + (u x - lo) / t) by (field; lra).
    rewrite exp_plus. ring. }
  pose proof (partition_positive t w (fun x => u x - lo) D) as PZ.
  rewrite E, ln_mult, ln_exp by assumption. pose proof (ln_tangent _ PZ) as Tan.
  assert (B : (∑ x, w x * exp ((u x - lo) / t)) - 1 <= exp (d / t) / t * ((∑ x, w x * u x) - lo)).
  { replace ((∑ x, w x * u x) - lo) with (∑ x, w x * u x - w x * lo) by (rewrite Sum_minus, (mean_const w lo D); reflexivity).
    rewrite <- (mean_const w 1 D), <- Sum_minus, <- Sum_scal. apply Sum_le. intro x.
    pose proof (proj1 D x) as N. destruct (H x) as [H1 H2].
    apply Rle_trans with (w x * ((u x - lo) / t * exp (d / t))); [| right; field; lra].
    replace (w x * exp ((u x - lo) / t) - w x * 1) with (w x * (exp ((u x - lo) / t) - 1)) by ring.
    apply Rmult_le_compat_l; [exact N |]. apply Rle_trans with (1 := exp_tangent _).
    apply Rmult_le_compat_l; [apply Rmult_le_pos; lra |]. apply exp_mono, Rmult_le_compat_r; [exact Pi | lra]. }
  assert (M1 : lo <= ∑ x, w x * u x) by (apply mean_lower; [exact D | intro x; apply H]).
  assert (M2 : (∑ x, w x * u x) <= lo + d) by (apply mean_upper; [exact D | intro x; apply H]).
  apply Rle_trans with (lo + t * (exp (d / t) / t * ((∑ x, w x * u x) - lo))).
  - replace (t * (lo / t + ln (∑ x, w x * exp ((u x - lo) / t)))) with (lo + t * ln (∑ x, w x * exp ((u x - lo) / t))) by (field; lra).
    apply Rplus_le_compat_l, Rmult_le_compat_l; lra.
  - replace (t * (exp (d / t) / t * ((∑ x, w x * u x) - lo))) with (exp (d / t) * ((∑ x, w x * u x) - lo)) by (field; lra). nra.
Qed.

Lemma entropy_nonneg w : distribution w -> 0 <= entropy w.
Proof.
  intros D. unfold entropy. rewrite <- Sum_opp. apply Sum_nonneg. intro x. pose proof (proj1 D x) as N.
  destruct (Req_dec (w x) 0) as [E | E]; [rewrite E; lra |].
  assert (w x <= 1) by (rewrite <- (proj2 D); apply Sum_term, D).
  assert (ln (w x) <= 0) by (rewrite <- ln_1; apply ln_mono; lra). nra.
Qed.

(* No law is more uncertain than the uniform one. *)
Lemma entropy_upper w : distribution w -> entropy w <= ln (count X).
Proof.
  intro D. destruct (distribution_inhabited w D) as [x0 _]. pose proof (count_positive X x0) as PA.
  assert (U : distribution (fun _ : X => 1 / count X)).
  { split; [intro; left; apply Rdiv_lt_0_compat; lra | rewrite Sum_const; field; lra]. }
  assert (S : supported_by w (fun _ => 1 / count X)).
  { intros x E. exfalso. revert E. apply Rgt_not_eq, Rdiv_lt_0_compat; lra. }
  pose proof (KL_nonneg w _ D U S) as N. rewrite <- (cross_entropy w _ D (proj1 U) S) in N.
  rewrite mean_const in N by exact D. replace (1 / count X) with (/ count X) in N by (field; lra).
  rewrite ln_Rinv in N by exact PA. unfold entropy. lra.
Qed.

End Free.

Section Limits.
Variable G : Game.
Notation al := (alpha G).
Notation be := (beta G).
Implicit Types (Q : Table G) (v : states G -> R).

Let al_pos : 0 < al := alpha_positive G.
Let be_pos : 0 < be := beta_positive G.
Let slack : 0 < 1 - gamma G.
Proof. pose proof (gamma_range G). lra. Qed.
Let ga_nonneg : 0 <= gamma G := proj1 (gamma_range G).

Lemma count_at_least_one : 1 <= count (own G).
Proof.
  unfold count. pose proof (complete (own G) (own_action G)) as I. destruct (elements (own G)) as [| a l]; [contradiction I |].
  simpl length. rewrite S_INR. pose proof (pos_INR (length l)). lra.
Qed.

Lemma ln_count_nonneg : 0 <= ln (count (own G)).
Proof. rewrite <- ln_1. apply ln_mono; [lra | apply count_at_least_one]. Qed.

(* alpha *)

Lemma L_uniform Q s b : L G Q s b = al * ln (∑ a, 1 / count (own G) * exp (Q s a b / al)) + al * ln (count (own G)).
Proof.
  pose proof (count_own G) as PA. unfold L. rewrite Sum_scal, ln_mult;
    [| apply Rdiv_lt_0_compat; lra | apply partition_own].
  replace (1 / count (own G)) with (/ count (own G)) by (field; lra). rewrite ln_Rinv by exact PA. ring.
Qed.

Lemma L_bounds Q s b m :
  (forall a, Q s a b <= m) -> (exists a, Q s a b = m) -> m <= L G Q s b <= m + al * ln (count (own G)).
Proof.
  intros H [a E]. pose proof (count_own G) as PA. split.
  - rewrite <- E. unfold L. apply Rle_trans with (al * ln (exp (Q s a b / al))); [rewrite ln_exp; right; field; lra |].
    apply Rmult_le_compat_l; [lra |]. apply ln_mono; [apply exp_pos |].
    apply (Sum_term (fun a => exp (Q s a b / al))). intro. left. apply exp_pos.
  - rewrite L_uniform. apply Rplus_le_compat_r. apply free_upper; [exact al_pos | apply (uniform_law G s b) | intros; apply H].
Qed.

Lemma L_mean Q s b lo d :
  (forall a, lo <= Q s a b <= lo + d) ->
  0 <= L G Q s b - al * ln (count (own G)) - (∑ a, 1 / count (own G) * Q s a b) <= d * (exp (d / al) - 1).
Proof.
  intro H. rewrite L_uniform. pose proof (uniform_law G s b) as U. unfold uniform in U.
  pose proof (free_mean al (fun _ => 1 / count (own G)) (fun a => Q s a b) al_pos U).
  pose proof (free_gap al (fun _ => 1 / count (own G)) (fun a => Q s a b) lo d al_pos U H). lra.
Qed.

(* beta *)

Lemma V_bounds Q s m b0 :
  (forall b, 0 < prior G s b -> L G Q s b <= m) -> 0 < prior G s b0 -> L G Q s b0 = m ->
  m + be * ln (prior G s b0) <= V G Q s <= m.
Proof.
  intros H P E. split; [rewrite <- E; apply free_lower | apply free_upper]; try assumption; apply prior_law.
Qed.

Lemma V_mean Q s lo d :
  (forall b, lo <= L G Q s b <= lo + d) ->
  0 <= V G Q s - (∑ b, prior G s b * L G Q s b) <= d * (exp (d / be) - 1).
Proof.
  intro H. pose proof (free_mean be (prior G s) (L G Q s) be_pos (prior_law G s)).
  pose proof (free_gap be (prior G s) (L G Q s) lo d be_pos (prior_law G s) H). unfold V. lra.
Qed.

Lemma L_mono Q1 Q2 : below G Q1 Q2 -> forall s b, L G Q1 s b <= L G Q2 s b.
Proof.
  intros H s b. unfold L. apply Rmult_le_compat_l; [lra |]. apply ln_mono; [apply partition_own |]. apply Sum_le. intro a.
  apply exp_mono, Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, al_pos | apply H].
Qed.

Lemma L_shift Q c s b : L G (raised G Q c) s b = L G Q s b + c.
Proof.
  unfold L, raised. rewrite (Sum_ext _ (fun a => exp (c / al) * exp (Q s a b / al))).
  - rewrite Sum_scal, ln_mult, ln_exp by (apply exp_pos || apply partition_own). field. lra.
  - intro a. rewrite <- exp_plus. f_equal. field. lra.
Qed.

Lemma L_close Q1 Q2 s b : L G Q1 s b <= L G Q2 s b + distance G Q1 Q2.
Proof.
  rewrite <- L_shift. apply L_mono. intros x y z. unfold raised.
  pose proof (Rabs_between _ _ (distance_bounds G Q1 Q2 x y z)). lra.
Qed.

(* ---- The operators at beta = 0 and at beta = infinity contract as T does. ---- *)

Lemma ahead_contracts v w c :
  0 <= c -> (forall s, v s <= w s + c) -> (forall s, w s <= v s + c) -> distance G (ahead G v) (ahead G w) <= gamma G * c.
Proof.
  intros Nc H1 H2. apply distance_least; [apply Rmult_le_pos; assumption |]. intros s a b. apply Rabs_le.
  assert (K : forall v w, (forall s, v s <= w s + c) -> ahead G v s a b <= ahead G w s a b + gamma G * c).
  { intros x y H. rewrite <- (ahead_shift G y (fun s => y s + c) c (fun _ => eq_refl)). apply ahead_mono. exact H. }
  pose proof (K v w H1). pose proof (K w v H2). lra.
Qed.

Lemma contracts_at_infinity Q1 Q2 :
  distance G (ahead G (fun s => ∑ b, prior G s b * L G Q1 s b)) (ahead G (fun s => ∑ b, prior G s b * L G Q2 s b))
  <= gamma G * distance G Q1 Q2.
Proof.
  apply ahead_contracts; [apply distance_nonneg | |]; intro s; rewrite <- mean_plus by apply prior_law;
    apply mean_le; try apply prior_law; intro b; [| rewrite distance_sym]; apply L_close.
Qed.

Lemma contracts_at_zero Q1 Q2 m1 m2 :
  (forall s, (forall b, 0 < prior G s b -> L G Q1 s b <= m1 s) /\ exists b, 0 < prior G s b /\ L G Q1 s b = m1 s) ->
  (forall s, (forall b, 0 < prior G s b -> L G Q2 s b <= m2 s) /\ exists b, 0 < prior G s b /\ L G Q2 s b = m2 s) ->
  distance G (ahead G m1) (ahead G m2) <= gamma G * distance G Q1 Q2.
Proof.
  intros H1 H2. apply ahead_contracts; [apply distance_nonneg | |]; intro s;
    destruct (H1 s) as [U1 (b1 & P1 & E1)], (H2 s) as [U2 (b2 & P2 & E2)].
  - rewrite <- E1. pose proof (L_close Q1 Q2 s b1). pose proof (U2 b1 P1). lra.
  - rewrite <- E2. pose proof (L_close Q2 Q1 s b2) as H. rewrite distance_sym in H. pose proof (U1 b2 P2). lra.
Qed.

(* ---- Fixed points ---- *)

Lemma ahead_close v v' c : (forall s, v s <= v' s + c) -> forall s a b, ahead G v s a b <= ahead G v' s a b + gamma G * c.
Proof.
  intros H s a b. rewrite <- (ahead_shift G v' (fun s => v' s + c) c (fun _ => eq_refl)). apply ahead_mono. exact H.
Qed.

(* Q0 looks ahead with values m that are between V and V + c. *)
Lemma optimal_between Q' Q0 m c :
  optimal_Q G Q' -> same G (ahead G m) Q0 -> (forall s, V G Q0 s <= m s <= V G Q0 s + c) ->
  forall s a b, Q' s a b <= Q0 s a b <= Q' s a b + gamma G * c / (1 - gamma G).
Proof.
  intros E E0 H s a b. split.
  - apply (above_fixed_0 G (T G) (T_mono G) (T_shift G) Q0 Q' E). intros x y z. rewrite <- (E0 x y z). apply ahead_mono. apply H.
  - apply (below_fixed G (T G) (T_mono G) (T_shift G) Q0 Q' (gamma G * c) E). intros x y z. rewrite <- (E0 x y z) at 1.
    apply ahead_close. apply H.
Qed.

Lemma optimal_above Q' Q0 m c :
  optimal_Q G Q' -> same G (ahead G m) Q0 -> (forall s, m s <= V G Q0 s <= m s + c) ->
  forall s a b, Q0 s a b <= Q' s a b <= Q0 s a b + gamma G * c / (1 - gamma G).
Proof.
  intros E E0 H s a b. split.
  - apply (below_fixed_0 G (T G) (T_mono G) (T_shift G) Q0 Q' E). intros x y z. rewrite <- (E0 x y z) at 1. apply ahead_mono. apply H.
  - apply (above_fixed G (T G) (T_mono G) (T_shift G) Q0 Q' (gamma G * c) E). intros x y z. rewrite <- (E0 x y z).
    apply ahead_close. apply H.
Qed.

Lemma beta_to_zero Q' Q0 m p :
  optimal_Q G Q' -> same G (ahead G m) Q0 -> 0 < p ->
  (forall s b, 0 < prior G s b -> L G Q0 s b <= m s) -> (forall s, exists b, p <= prior G s b /\ L G Q0 s b = m s) ->
  forall s a b, Q' s a b <= Q0 s a b <= Q' s a b + gamma G * (be * ln (1 / p)) / (1 - gamma G).
Proof.
  intros E E0 Pp H H'. apply (optimal_between Q' Q0 m _ E E0). intro s. destruct (H' s) as (b & Pb & Eb).
  assert (P : 0 < prior G s b) by lra. pose proof (V_bounds Q0 s (m s) b (H s) P Eb) as [B1 B2]. split; [exact B2 |].
  assert (ln p <= ln (prior G s b)) by (apply ln_mono; assumption).
  replace (1 / p) with (/ p) by (field; lra). rewrite ln_Rinv by exact Pp. nra.
Qed.

Lemma beta_to_infinity Q' Q0 d :
  optimal_Q G Q' -> same G (ahead G (fun s => ∑ b, prior G s b * L G Q0 s b)) Q0 ->
  (forall s, exists lo, forall b, lo <= L G Q0 s b <= lo + d) ->
  forall s a b, Q0 s a b <= Q' s a b <= Q0 s a b + gamma G * (d * (exp (d / be) - 1)) / (1 - gamma G).
Proof.
  intros E E0 H. apply (optimal_above Q' Q0 _ _ E E0). intro s. destruct (H s) as [lo B].
  pose proof (V_mean Q0 s lo d B). lra.
Qed.

Lemma V_alpha Q s (h : others G -> R) :
  (forall b, (forall a, Q s a b <= h b) /\ exists a, Q s a b = h b) ->
  be * ln (∑ b, prior G s b * exp (h b / be)) <= V G Q s
  <= be * ln (∑ b, prior G s b * exp (h b / be)) + al * ln (count (own G)).
Proof.
  intro H. assert (Pi : 0 <= / be) by (left; apply Rinv_0_lt_compat, be_pos).
  assert (B : forall b, h b <= L G Q s b <= h b + al * ln (count (own G))) by (intro b; apply L_bounds; apply H).
  pose proof (partition_positive be (prior G s) h (prior_law G s)) as PZ. unfold V. split.
  - apply Rmult_le_compat_l; [lra |]. apply ln_mono; [exact PZ |]. apply Sum_le. intro b.
    apply Rmult_le_compat_l; [apply prior_law |]. apply exp_mono, Rmult_le_compat_r; [exact Pi | apply B].
  - set (c := al * ln (count (own G))) in *.
    apply Rle_trans with (be * ln (exp (c / be) * (∑ b, prior G s b * exp (h b / be)))).
    + apply Rmult_le_compat_l; [lra |]. apply ln_mono; [apply (others_partition G Q) |]. rewrite <- Sum_scal.
      apply Sum_le. intro b. rewrite <- Rmult_assoc, (Rmult_comm (exp _)), Rmult_assoc.
      apply Rmult_le_compat_l; [apply prior_law |]. rewrite <- exp_plus. apply exp_mono.
      replace (c / be + h b / be) with ((h b + c) / be) by (field; lra).
      apply Rmult_le_compat_r; [exact Pi | apply B].
    + rewrite ln_mult, ln_exp by (exact PZ || apply exp_pos). right. field. lra.
Qed.

Lemma alpha_to_zero Q' Q0 (h : states G -> others G -> R) :
  optimal_Q G Q' -> same G (ahead G (fun s => be * ln (∑ b, prior G s b * exp (h s b / be)))) Q0 ->
  (forall s b, (forall a, Q0 s a b <= h s b) /\ exists a, Q0 s a b = h s b) ->
  forall s a b, Q0 s a b <= Q' s a b <= Q0 s a b + gamma G * (al * ln (count (own G))) / (1 - gamma G).
Proof. intros E E0 H. apply (optimal_above Q' Q0 _ _ E E0). intro s. apply V_alpha, H. Qed.

(* ---- Bounds ---- *)

Lemma V_constant c s : V G (fun _ _ _ => c) s = c + al * ln (count (own G)).
Proof.
  assert (E : forall b, L G (fun _ _ _ => c) s b = c + al * ln (count (own G))).
  { intro b. unfold L. rewrite Sum_const, ln_mult, ln_exp; [field; lra | apply count_own | apply exp_pos]. }
  unfold V. rewrite (Sum_ext _ (fun b => prior G s b * exp ((c + al * ln (count (own G))) / be))) by (intro; rewrite E; reflexivity).
  rewrite mean_const, ln_exp by apply prior_law. field. lra.
Qed.

Lemma bounded Q' lo hi :
  optimal_Q G Q' -> (forall s a b, lo <= reward G s a b <= hi) ->
  forall s a b, (lo + gamma G * (al * ln (count (own G)))) / (1 - gamma G) <= Q' s a b
                <= (hi + gamma G * (al * ln (count (own G)))) / (1 - gamma G).
Proof.
  intros E H. set (c := al * ln (count (own G))).
  assert (K : forall x s a b, T G (fun _ _ _ => x) s a b = reward G s a b + gamma G * (x + c)).
  { intros x s a b. unfold T, ahead.
    rewrite (Sum_ext _ (fun s' => next G s a b s' * (x + c))) by (intro; rewrite V_constant; reflexivity).
    rewrite mean_const by apply next_law. reflexivity. }
  assert (F : forall r, r + gamma G * ((r + gamma G * c) / (1 - gamma G) + c) = (r + gamma G * c) / (1 - gamma G)) by (intro; field; lra).
  intros s a b. split.
  - apply (below_fixed_0 G (T G) (T_mono G) (T_shift G) (fun _ _ _ => (lo + gamma G * c) / (1 - gamma G)) Q' E).
    intros x y z. rewrite K. rewrite <- (F lo) at 1. apply Rplus_le_compat_r, H.
  - apply (above_fixed_0 G (T G) (T_mono G) (T_shift G) (fun _ _ _ => (hi + gamma G * c) / (1 - gamma G)) Q' E).
    intros x y z. rewrite K. rewrite <- (F hi) at 2. apply Rplus_le_compat_r, H.
Qed.

Lemma bounded_V Q' lo hi :
  optimal_Q G Q' -> (forall s a b, lo <= reward G s a b <= hi) ->
  forall s, (lo + al * ln (count (own G))) / (1 - gamma G) <= V G Q' s <= (hi + al * ln (count (own G))) / (1 - gamma G).
Proof.
  intros E H s. set (c := al * ln (count (own G))). pose proof (bounded Q' lo hi E H) as B. fold c in B.
  assert (K : forall r, (r + gamma G * c) / (1 - gamma G) + c = (r + c) / (1 - gamma G)) by (intro; field; lra).
  split.
  - rewrite <- K. unfold c at 2. rewrite <- V_constant with (s := s). apply V_mono. intros x y z. apply B.
  - rewrite <- K. unfold c at 2. rewrite <- V_constant with (s := s). apply V_mono. intros x y z. apply B.
Qed.

(* Of a pair: nothing is above, and below only the divergence counts, which is at most log 1/p. *)
Lemma divergence_upper rho s p :
  is_model G rho -> 0 < p -> (forall b, 0 < prior G s b -> p <= prior G s b) -> KL (rho s) (prior G s) <= ln (1 / p).
Proof.
  intros M Pp H. pose proof (entropy_nonneg (rho s) (proj1 (M s))) as N.
  rewrite <- (cross_entropy (rho s) (prior G s) (proj1 (M s)) (proj1 (prior_law G s)) (proj2 (M s))).
  replace (1 / p) with (/ p) by (field; lra). rewrite ln_Rinv by exact Pp.
  assert (ln p <= ∑ b, rho s b * ln (prior G s b)).
  { rewrite <- (mean_const (rho s) (ln p) (proj1 (M s))). apply Sum_le. intro b.
    destruct (Req_dec (rho s b) 0) as [E | E]; [rewrite E; lra |].
    assert (prior G s b <> 0) by (intro Z; apply E, (proj2 (M s) b Z)). pose proof (proj1 (prior_law G s) b).
    apply Rmult_le_compat_l; [apply M |]. apply ln_mono; [exact Pp | apply H; lra]. }
  unfold entropy in N. lra.
Qed.

Lemma pair_bounded pi rho Q lo hi p :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> (forall s a b, lo <= reward G s a b <= hi) ->
  0 < p -> (forall s b, 0 < prior G s b -> p <= prior G s b) ->
  forall s a b, (lo - gamma G * (be * ln (1 / p))) / (1 - gamma G) <= Q s a b
                <= (hi + gamma G * (al * ln (count (own G)))) / (1 - gamma G).
Proof.
  intros D M P H Pp Hp s a b. split.
  - set (x := (lo - gamma G * (be * ln (1 / p))) / (1 - gamma G)).
    apply (below_fixed_0 G (T_pair G pi rho) (T_pair_mono G pi rho D M) (T_pair_shift G pi rho D M) (fun _ _ _ => x) Q P).
    intros s0 a0 b0. unfold T_pair, ahead.
    apply Rle_trans with (lo + gamma G * (x - be * ln (1 / p))); [right; unfold x; field; lra |].
    apply Rplus_le_compat; [apply H |]. apply Rmult_le_compat_l; [exact ga_nonneg |].
    apply mean_lower; [apply next_law |]. intro s'. unfold worth, own_worth.
    assert (x <= ∑ b', rho s' b' * ((∑ a', pi s' b' a' * x) + al * entropy (pi s' b'))).
    { apply mean_lower; [apply M |]. intro b'. rewrite mean_const by apply D. pose proof (entropy_nonneg _ (D s' b')). nra. }
    pose proof (divergence_upper rho s' p M Pp (Hp s')). nra.
  - destruct (optimal_exists G) as [Q' E]. apply Rle_trans with (Q' s a b).
    + apply (optimal_dominates G Q' pi rho); assumption.
    + apply (bounded Q' lo hi E H).
Qed.

End Limits.

(* ---- alpha ---- *)

Section Temperature.
Variable G : Game.

Lemma V_rises x1 x2 (p1 : 0 < x1) (p2 : 0 < x2) (Q : Table G) s :
  x1 <= x2 -> V (with_alpha G x1 p1) Q s <= V (with_alpha G x2 p2) Q s.
Proof.
  intro H. rewrite <- (worth_soft (with_alpha G x1 p1) Q s).
  set (pi := soft_policy (with_alpha G x1 p1) Q). set (rho := soft_model (with_alpha G x1 p1) Q).
  assert (D : is_policy (with_alpha G x2 p2) pi) by apply (soft_policy_law (with_alpha G x1 p1)).
  assert (M : is_model (with_alpha G x2 p2) rho) by apply (soft_model_law (with_alpha G x1 p1)).
  apply Rle_trans with (worth (with_alpha G x2 p2) Q pi rho s); [| apply worth_le_V; assumption].
  unfold worth. simpl. apply Rplus_le_compat_r. apply mean_le; [apply M |]. intro b. unfold own_worth. simpl.
  apply Rplus_le_compat_l. apply Rmult_le_compat_r; [apply entropy_nonneg, D | exact H].
Qed.

Lemma V_optimal_rises x1 x2 (p1 : 0 < x1) (p2 : 0 < x2) (Q1 Q2 : Table G) s :
  x1 <= x2 -> optimal_Q (with_alpha G x1 p1) Q1 -> optimal_Q (with_alpha G x2 p2) Q2 ->
  V (with_alpha G x1 p1) Q1 s <= V (with_alpha G x2 p2) Q2 s.
Proof.
  intros H E1 E2. apply Rle_trans with (V (with_alpha G x2 p2) Q1 s); [apply V_rises, H |].
  apply V_mono. apply (below_fixed_0 (with_alpha G x2 p2) _ (T_mono (with_alpha G x2 p2)) (T_shift (with_alpha G x2 p2)) Q1 Q2 E2).
  intros x a b. rewrite <- (E1 x a b) at 1.
  apply (ahead_mono (with_alpha G x2 p2) (V (with_alpha G x1 p1) Q1) (V (with_alpha G x2 p2) Q1)).
  intro y. apply V_rises. exact H.
Qed.

End Temperature.
