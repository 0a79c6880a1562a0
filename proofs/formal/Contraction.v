(* Monotone operators that take a shift by c to a shift by gamma c: contractions, their one fixed point, bounds on it.
   T and T_pair are such operators; Iteration.v, Improvement.v and Bounds.v use nothing else of them. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs.
Open Scope R_scope.

Section Distance.
Variable G : Game.
Implicit Types Q : Table G.

Lemma distance_nonneg Q1 Q2 : 0 <= distance G Q1 Q2.
Proof. apply Max_nonneg. Qed.

Lemma distance_bounds Q1 Q2 s a b : Rabs (Q1 s a b - Q2 s a b) <= distance G Q1 Q2.
Proof.
  unfold distance. apply Rle_trans with (Max (fun b => Rabs (Q1 s a b - Q2 s a b))).
  - apply (Max_upper (fun b => Rabs (Q1 s a b - Q2 s a b))).
  - apply Rle_trans with (Max (fun a => Max (fun b => Rabs (Q1 s a b - Q2 s a b)))).
    + apply (Max_upper (fun a => Max (fun b => Rabs (Q1 s a b - Q2 s a b)))).
    + apply (Max_upper (fun s => Max (fun a => Max (fun b => Rabs (Q1 s a b - Q2 s a b))))).
Qed.

Lemma distance_least Q1 Q2 c : 0 <= c -> (forall s a b, Rabs (Q1 s a b - Q2 s a b) <= c) -> distance G Q1 Q2 <= c.
Proof. intros N H. do 3 (apply Max_least; [exact N | intro]). apply H. Qed.

Lemma distance_raised Q c : distance G (raised G Q c) Q <= Rabs c.
Proof.
  apply distance_least; [apply Rabs_pos |]. intros. unfold raised. right. f_equal. lra.
Qed.

Lemma distance_raised_at Q c s a b : Rabs (raised G Q c s a b - Q s a b) = Rabs c.
Proof. unfold raised. f_equal. lra. Qed.

Lemma distance_sym Q1 Q2 : distance G Q1 Q2 = distance G Q2 Q1.
Proof. unfold distance. do 3 (apply Max_ext; intro). apply Rabs_minus_sym. Qed.

Lemma distance_triangle Q1 Q2 Q3 : distance G Q1 Q3 <= distance G Q1 Q2 + distance G Q2 Q3.
Proof.
  apply distance_least; [pose proof (distance_nonneg Q1 Q2); pose proof (distance_nonneg Q2 Q3); lra |].
  intros s a b. pose proof (distance_bounds Q1 Q2 s a b). pose proof (distance_bounds Q2 Q3 s a b).
  replace (Q1 s a b - Q3 s a b) with ((Q1 s a b - Q2 s a b) + (Q2 s a b - Q3 s a b)) by lra.
  pose proof (Rabs_triang (Q1 s a b - Q2 s a b) (Q2 s a b - Q3 s a b)). lra.
Qed.

(* A place where the difference of two tables is greatest *)
Lemma greatest_gap Q1 Q2 (s : states G) (a : own G) (b : others G) :
  exists s' a' b', forall s a b, Q1 s a b - Q2 s a b <= Q1 s' a' b' - Q2 s' a' b'.
Proof.
  destruct (@argmax (pairs (pairs (states G) (own G)) (others G))
    (fun p => match p with ((s, a), b) => Q1 s a b - Q2 s a b end) ((s, a), b)) as [[[s' a'] b'] H].
  exists s', a', b'. intros x y z. exact (H ((x, y), z)).
Qed.

End Distance.

(* ---- The operators ---- *)

Section Operator.
Variable G : Game.
Notation ga := (gamma G).
Implicit Types Q : Table G.
Variable F : Table G -> Table G.
Hypothesis F_mono : forall Q1 Q2, below G Q1 Q2 -> below G (F Q1) (F Q2).
Hypothesis F_shift : forall Q c s a b, F (raised G Q c) s a b = F Q s a b + ga * c.

Let ga_nonneg : 0 <= ga := proj1 (gamma_range G).
Let ga_lt : ga < 1 := proj2 (gamma_range G).
Let slack : 0 < 1 - ga.
Proof. lra. Qed.

Lemma F_below Q1 Q2 c : (forall s a b, Q1 s a b <= Q2 s a b + c) -> forall s a b, F Q1 s a b <= F Q2 s a b + ga * c.
Proof. intros H s a b. rewrite <- F_shift. apply F_mono. exact H. Qed.

Lemma F_lipschitz Q1 Q2 c :
  (forall s a b, Rabs (Q1 s a b - Q2 s a b) <= c) -> forall s a b, Rabs (F Q1 s a b - F Q2 s a b) <= ga * c.
Proof.
  intros H s a b. apply Rabs_le.
  assert (forall s a b, Q1 s a b <= Q2 s a b + c) by (intros x y z; pose proof (Rabs_between _ _ (H x y z)); lra).
  assert (forall s a b, Q2 s a b <= Q1 s a b + c) by (intros x y z; pose proof (Rabs_between _ _ (H x y z)); lra).
  pose proof (F_below Q1 Q2 c ltac:(assumption) s a b). pose proof (F_below Q2 Q1 c ltac:(assumption) s a b). lra.
Qed.

Lemma F_contracts Q1 Q2 : distance G (F Q1) (F Q2) <= ga * distance G Q1 Q2.
Proof.
  apply distance_least.
  - apply Rmult_le_pos; [apply ga_nonneg | apply distance_nonneg].
  - apply F_lipschitz. apply distance_bounds.
Qed.

Lemma F_same Q1 Q2 : same G Q1 Q2 -> same G (F Q1) (F Q2).
Proof.
  intros E s a b. apply Rle_antisym; apply F_mono; intros x y z; right; rewrite E; reflexivity.
Qed.

(* What lies below its image up to c lies below any fixed point up to c / (1 - gamma): no limit is needed. *)
Lemma below_fixed Q Q' c :
  same G (F Q') Q' -> (forall s a b, Q s a b <= F Q s a b + c) ->
  forall s a b, Q s a b <= Q' s a b + c / (1 - ga).
Proof.
  intros E H s a b. destruct (greatest_gap G Q Q' s a b) as (s' & a' & b' & M).
  set (m := Q s' a' b' - Q' s' a' b') in *.
  assert (B : F Q s' a' b' <= F Q' s' a' b' + ga * m)
    by (apply F_below; intros x y z; pose proof (M x y z); lra).
  pose proof (H s' a' b') as H'. rewrite (E s' a' b') in B.
  assert (m <= c / (1 - ga)).
  { apply Rmult_le_reg_r with (1 - ga); [exact slack |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    unfold m in *. lra. }
  pose proof (M s a b). lra.
Qed.

Lemma above_fixed Q Q' c :
  same G (F Q') Q' -> (forall s a b, F Q s a b <= Q s a b + c) ->
  forall s a b, Q' s a b <= Q s a b + c / (1 - ga).
Proof.
  intros E H s a b. destruct (greatest_gap G Q' Q s a b) as (s' & a' & b' & M).
  set (m := Q' s' a' b' - Q s' a' b') in *.
  assert (B : F Q' s' a' b' <= F Q s' a' b' + ga * m)
    by (apply F_below; intros x y z; pose proof (M x y z); lra).
  pose proof (H s' a' b') as H'. rewrite (E s' a' b') in B.
  assert (m <= c / (1 - ga)).
  { apply Rmult_le_reg_r with (1 - ga); [exact slack |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    unfold m in *. lra. }
  pose proof (M s a b). lra.
Qed.

Lemma below_fixed_0 Q Q' : same G (F Q') Q' -> below G Q (F Q) -> below G Q Q'.
Proof.
  intros E H s a b. pose proof (below_fixed Q Q' 0 E) as B.
  assert (forall s a b, Q s a b <= F Q s a b + 0) by (intros x y z; pose proof (H x y z); lra).
  specialize (B ltac:(assumption) s a b). unfold Rdiv in B. lra.
Qed.

Lemma above_fixed_0 Q Q' : same G (F Q') Q' -> below G (F Q) Q -> below G Q' Q.
Proof.
  intros E H s a b. pose proof (above_fixed Q Q' 0 E) as B.
  assert (forall s a b, F Q s a b <= Q s a b + 0) by (intros x y z; pose proof (H x y z); lra).
  specialize (B ltac:(assumption) s a b). unfold Rdiv in B. lra.
Qed.

Lemma fixed_unique Q1 Q2 : same G (F Q1) Q1 -> same G (F Q2) Q2 -> same G Q1 Q2.
Proof.
  intros E1 E2 s a b. apply Rle_antisym.
  - apply below_fixed_0; [exact E2 |]. intros x y z. rewrite (E1 x y z). lra.
  - apply below_fixed_0; [exact E1 |]. intros x y z. rewrite (E2 x y z). lra.
Qed.

Lemma residual_bound Q Q' : same G (F Q') Q' -> distance G Q Q' <= distance G (F Q) Q / (1 - ga).
Proof.
  intro E. pose proof (distance_nonneg G (F Q) Q) as N.
  assert (B : forall s a b, - distance G (F Q) Q <= F Q s a b - Q s a b <= distance G (F Q) Q)
    by (intros; apply Rabs_between, distance_bounds).
  apply distance_least.
  - apply Rmult_le_pos; [exact N | left; apply Rinv_0_lt_compat, slack].
  - intros s a b. apply Rabs_le.
    pose proof (below_fixed Q Q' (distance G (F Q) Q) E) as H1.
    pose proof (above_fixed Q Q' (distance G (F Q) Q) E) as H2.
    specialize (H1 ltac:(intros x y z; pose proof (B x y z); lra) s a b).
    specialize (H2 ltac:(intros x y z; pose proof (B x y z); lra) s a b). lra.
Qed.

(* MacQueen's bounds, for tables *)
Lemma macqueen_upper Q Q' c :
  same G (F Q') Q' -> (forall s a b, F Q s a b - Q s a b <= c) ->
  forall s a b, Q' s a b <= F Q s a b + ga / (1 - ga) * c.
Proof.
  intros E H s a b. rewrite <- (E s a b).
  replace (ga / (1 - ga) * c) with (ga * (c / (1 - ga))) by (field; lra).
  apply F_below. apply above_fixed; [exact E |]. intros x y z. pose proof (H x y z). lra.
Qed.

Lemma macqueen_lower Q Q' c :
  same G (F Q') Q' -> (forall s a b, c <= F Q s a b - Q s a b) ->
  forall s a b, F Q s a b + ga / (1 - ga) * c <= Q' s a b.
Proof.
  intros E H s a b.
  pose proof (below_fixed Q Q' (- c) E) as B. specialize (B ltac:(intros x y z; pose proof (H x y z); lra)).
  pose proof (F_below Q Q' _ B s a b) as K. rewrite (E s a b) in K.
  replace (ga / (1 - ga) * c) with (- (ga * (- c / (1 - ga)))) by (field; lra). lra.
Qed.

Lemma span_contracts Q1 Q2 lo hi :
  (forall s a b, lo <= Q1 s a b - Q2 s a b <= hi) ->
  forall s a b, ga * lo <= F Q1 s a b - F Q2 s a b <= ga * hi.
Proof.
  intros H s a b. split.
  - pose proof (F_below Q2 Q1 (- lo)) as B.
    specialize (B ltac:(intros x y z; pose proof (H x y z); lra) s a b). lra.
  - pose proof (F_below Q1 Q2 hi) as B.
    specialize (B ltac:(intros x y z; pose proof (H x y z); lra) s a b). lra.
Qed.

(* ---- Iteration, and the fixed point as its limit ---- *)

Fixpoint repeat (k : nat) (Q : Table G) : Table G :=
  match k with
  | O => Q
  | S n => F (repeat n Q)
  end.

Lemma repeat_converges k Q Q' : same G (F Q') Q' -> distance G (repeat k Q) Q' <= ga ^ k * distance G Q Q'.
Proof.
  intro E. induction k as [| k IH]; simpl; [lra |].
  apply Rle_trans with (distance G (F (repeat k Q)) (F Q')).
  - apply distance_least; [apply distance_nonneg |]. intros s a b. rewrite <- (E s a b). apply distance_bounds.
  - apply Rle_trans with (1 := F_contracts _ _).
    rewrite Rmult_assoc. apply Rmult_le_compat_l; [apply ga_nonneg | exact IH].
Qed.

Lemma steps_shrink k Q s a b : Rabs (repeat (S k) Q s a b - repeat k Q s a b) <= ga ^ k * distance G (F Q) Q.
Proof.
  revert s a b. induction k as [| k IH]; intros s a b.
  - simpl. rewrite Rmult_1_l. apply distance_bounds.
  - change (ga ^ S k) with (ga * ga ^ k). rewrite Rmult_assoc. simpl repeat. apply F_lipschitz. exact IH.
Qed.

Lemma pow_nonneg k : 0 <= ga ^ k.
Proof. apply pow_le, ga_nonneg. Qed.

Lemma steps_sum k n Q s a b :
  Rabs (repeat (n + k) Q s a b - repeat n Q s a b) <= ga ^ n * (1 - ga ^ k) * (distance G (F Q) Q / (1 - ga)).
Proof.
  induction k as [| k IH].
  - rewrite Nat.add_0_r. simpl. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
  - rewrite Nat.add_succ_r. pose proof (steps_shrink (n + k) Q s a b) as H. rewrite pow_add in H.
    pose proof (Rabs_triang (repeat (S (n + k)) Q s a b - repeat (n + k) Q s a b)
      (repeat (n + k) Q s a b - repeat n Q s a b)) as Tri.
    replace (repeat (S (n + k)) Q s a b - repeat (n + k) Q s a b + (repeat (n + k) Q s a b - repeat n Q s a b))
      with (repeat (S (n + k)) Q s a b - repeat n Q s a b) in Tri by lra.
    set (d := distance G (F Q) Q) in *.
    replace (ga ^ n * (1 - ga ^ S k) * (d / (1 - ga)))
      with (ga ^ n * ga ^ k * d + ga ^ n * (1 - ga ^ k) * (d / (1 - ga))) by (simpl; field; lra).
    lra.
Qed.

Lemma steps_bound k n Q s a b :
  Rabs (repeat (n + k) Q s a b - repeat n Q s a b) <= ga ^ n * (distance G (F Q) Q / (1 - ga)).
Proof.
  apply Rle_trans with (1 := steps_sum k n Q s a b).
  assert (0 <= distance G (F Q) Q / (1 - ga))
    by (apply Rmult_le_pos; [apply distance_nonneg | left; apply Rinv_0_lt_compat, slack]).
  apply Rmult_le_compat_r; [assumption |]. pose proof (pow_nonneg n). pose proof (pow_nonneg k). nra.
Qed.

Lemma pow_vanishes c eps : 0 <= c -> 0 < eps -> exists N, forall n, (N <= n)%nat -> ga ^ n * c < eps.
Proof.
  intros Nc Pe. assert (A : Rabs ga < 1) by (rewrite Rabs_right; lra).
  destruct (pow_lt_1_zero ga A (eps / (c + 1))) as [N H]; [apply Rdiv_lt_0_compat; lra |].
  exists N. intros n Hn. specialize (H n Hn). rewrite Rabs_right in H by (pose proof (pow_nonneg n); lra).
  apply Rle_lt_trans with (ga ^ n * (c + 1)); [pose proof (pow_nonneg n); nra |].
  apply Rmult_lt_compat_r with (r := c + 1) in H; [| lra].
  unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l in H by lra. lra.
Qed.

Lemma steps_cauchy Q s a b : Cauchy_crit (fun n => repeat n Q s a b).
Proof.
  intros eps Pe.
  set (c := distance G (F Q) Q / (1 - ga)).
  assert (Nc : 0 <= c) by (apply Rmult_le_pos; [apply distance_nonneg | left; apply Rinv_0_lt_compat, slack]).
  destruct (pow_vanishes c (eps / 2) Nc ltac:(lra)) as [N H]. exists N. intros n m Hn Hm. unfold R_dist.
  assert (B : forall i, (N <= i)%nat -> Rabs (repeat i Q s a b - repeat N Q s a b) < eps / 2).
  { intros i Hi. replace i with (N + (i - N))%nat by lia. apply Rle_lt_trans with (1 := steps_bound _ _ _ _ _ _).
    apply H. lia. }
  pose proof (B n Hn) as Bn. pose proof (B m Hm) as Bm.
  revert Bn Bm. unfold Rabs. repeat destruct Rcase_abs; lra.
Qed.

Definition limit (Q : Table G) : Table G := fun s a b => proj1_sig (R_complete _ (steps_cauchy Q s a b)).

Lemma limit_is_limit Q s a b : Un_cv (fun n => repeat n Q s a b) (limit Q s a b).
Proof. unfold limit. destruct R_complete as [l H]. exact H. Qed.

Lemma limit_close n Q s a b : Rabs (repeat n Q s a b - limit Q s a b) <= ga ^ n * (distance G (F Q) Q / (1 - ga)).
Proof.
  apply Rnot_lt_le. intro L. set (c := ga ^ n * (distance G (F Q) Q / (1 - ga))) in *.
  destruct (limit_is_limit Q s a b (Rabs (repeat n Q s a b - limit Q s a b) - c)) as [N H]; [lra |].
  specialize (H (n + N)%nat ltac:(lia)). unfold R_dist in H.
  pose proof (steps_bound N n Q s a b) as B. fold c in B.
  revert L H B. unfold Rabs. repeat destruct Rcase_abs; lra.
Qed.

Lemma limit_is_fixed Q : same G (F (limit Q)) (limit Q).
Proof.
  intros s a b. apply cond_eq. intros eps Pe.
  set (c := distance G (F Q) Q / (1 - ga)).
  assert (Nc : 0 <= c) by (apply Rmult_le_pos; [apply distance_nonneg | left; apply Rinv_0_lt_compat, slack]).
  destruct (pow_vanishes c (eps / 2) Nc ltac:(lra)) as [N H]. specialize (H N (Nat.le_refl N)).
  assert (A : Rabs (F (repeat N Q) s a b - F (limit Q) s a b) <= ga * (ga ^ N * c))
    by (apply F_lipschitz; intros x y z; apply limit_close).
  pose proof (limit_close (S N) Q s a b) as B. fold c in B. simpl in B. pose proof (pow_nonneg N).
  assert (0 <= ga ^ N * c) by (apply Rmult_le_pos; assumption).
  assert (ga * (ga ^ N * c) <= ga ^ N * c) by nra.
  rewrite Rmult_assoc in B. revert A B. unfold Rabs. repeat destruct Rcase_abs; lra.
Qed.

End Operator.

(* ---- T and T_pair are such operators ---- *)

Section Bellman.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

Lemma L_mono Q1 Q2 : below G Q1 Q2 -> forall s b, L G Q1 s b <= L G Q2 s b.
Proof.
  intros H s b. unfold L. pose proof (alpha_positive G). apply Rmult_le_compat_l; [lra |].
  apply ln_mono; [apply partition_own |]. apply Sum_le. intro a. apply exp_mono.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra | apply H].
Qed.

Lemma V_mono Q1 Q2 : below G Q1 Q2 -> forall s, V G Q1 s <= V G Q2 s.
Proof.
  intros H s. unfold V. pose proof (beta_positive G). apply Rmult_le_compat_l; [lra |].
  apply ln_mono; [apply (others_partition G Q1) |]. apply Sum_le. intro b.
  apply Rmult_le_compat_l; [apply (prior_law G s) |]. apply exp_mono.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra | apply L_mono, H].
Qed.

Lemma L_shift Q c s b : L G (raised G Q c) s b = L G Q s b + c.
Proof.
  unfold L, raised. pose proof (alpha_positive G).
  rewrite (Sum_ext _ (fun a => exp (c / alpha G) * exp (Q s a b / alpha G))).
  - rewrite Sum_scal, ln_mult, ln_exp; [field; lra | apply exp_pos | apply partition_own].
  - intro a. rewrite <- exp_plus. f_equal. field. lra.
Qed.

Lemma V_shift Q c s : V G (raised G Q c) s = V G Q s + c.
Proof.
  unfold V. pose proof (beta_positive G).
  rewrite (Sum_ext _ (fun b => exp (c / beta G) * (prior G s b * exp (L G Q s b / beta G)))).
  - rewrite Sum_scal, ln_mult, ln_exp; [field; lra | apply exp_pos | apply (others_partition G Q)].
  - intro b. rewrite L_shift. replace ((L G Q s b + c) / beta G) with (L G Q s b / beta G + c / beta G) by (field; lra).
    rewrite exp_plus. ring.
Qed.

Lemma worth_mono pi rho Q1 Q2 :
  is_policy G pi -> is_model G rho -> below G Q1 Q2 -> forall s, worth G Q1 pi rho s <= worth G Q2 pi rho s.
Proof.
  intros D M H s. unfold worth. apply Rplus_le_compat_r. apply mean_le; [apply M |]. intro b.
  unfold own_worth. apply Rplus_le_compat_r. apply mean_le; [apply D | intro a; apply H].
Qed.

Lemma worth_shift pi rho Q c s :
  is_policy G pi -> is_model G rho -> worth G (raised G Q c) pi rho s = worth G Q pi rho s + c.
Proof.
  intros D M. unfold worth.
  rewrite (Sum_ext _ (fun b => rho s b * (own_worth G Q pi s b + c))).
  - rewrite mean_plus by apply M. lra.
  - intro b. unfold own_worth, raised. rewrite mean_plus by apply D. lra.
Qed.

Lemma ahead_mono (v w : states G -> R) : (forall s, v s <= w s) -> below G (ahead G v) (ahead G w).
Proof.
  intros H s a b. unfold ahead. apply Rplus_le_compat_l, Rmult_le_compat_l; [apply gamma_range |].
  apply mean_le; [apply next_law | exact H].
Qed.

Lemma ahead_shift (v w : states G -> R) c :
  (forall s, w s = v s + c) -> forall s a b, ahead G w s a b = ahead G v s a b + gamma G * c.
Proof.
  intros H s a b. unfold ahead. rewrite (Sum_ext _ (fun s' => next G s a b s' * (v s' + c))) by (intro; rewrite H; reflexivity).
  rewrite mean_plus by apply next_law. lra.
Qed.

Lemma T_mono Q1 Q2 : below G Q1 Q2 -> below G (T G Q1) (T G Q2).
Proof. intro H. apply ahead_mono, V_mono, H. Qed.

Lemma T_shift Q c s a b : T G (raised G Q c) s a b = T G Q s a b + gamma G * c.
Proof. apply ahead_shift. intro x. apply V_shift. Qed.

Lemma T_pair_mono pi rho : is_policy G pi -> is_model G rho ->
  forall Q1 Q2, below G Q1 Q2 -> below G (T_pair G pi rho Q1) (T_pair G pi rho Q2).
Proof. intros D M Q1 Q2 H. apply ahead_mono, worth_mono; assumption. Qed.

Lemma T_pair_shift pi rho : is_policy G pi -> is_model G rho ->
  forall Q c s a b, T_pair G pi rho (raised G Q c) s a b = T_pair G pi rho Q s a b + gamma G * c.
Proof. intros D M Q c s a b. apply ahead_shift. intro x. apply worth_shift; assumption. Qed.

Lemma V_lipschitz Q1 Q2 s : V G Q1 s <= distance G Q1 Q2 + V G Q2 s.
Proof.
  rewrite Rplus_comm, <- V_shift. apply V_mono. intros x a b. unfold raised.
  pose proof (Rabs_between _ _ (distance_bounds G Q1 Q2 x a b)). lra.
Qed.

Lemma V_lipschitz_printed Q1 Q2 s : 1 <= alpha G -> V G Q1 s <= alpha G * distance G Q1 Q2 + V G Q2 s.
Proof. intro H. pose proof (V_lipschitz Q1 Q2 s). pose proof (distance_nonneg G Q1 Q2). nra. Qed.

Lemma T_contracts Q1 Q2 : distance G (T G Q1) (T G Q2) <= gamma G * distance G Q1 Q2.
Proof. apply F_contracts; [exact T_mono | exact T_shift]. Qed.

Lemma T_modulus Q c : distance G (T G (raised G Q c)) (T G Q) = gamma G * distance G (raised G Q c) Q.
Proof.
  unfold distance.
  rewrite (Max_ext _ (fun s => gamma G * Max (fun a => Max (fun b => Rabs (raised G Q c s a b - Q s a b))))).
  - apply Max_scal, gamma_range.
  - intro s. rewrite <- Max_scal by apply gamma_range. apply Max_ext. intro a.
    rewrite <- Max_scal by apply gamma_range. apply Max_ext. intro b.
    rewrite T_shift. unfold raised.
    replace (T G Q s a b + gamma G * c - T G Q s a b) with (gamma G * c) by lra.
    replace (Q s a b + c - Q s a b) with c by lra.
    rewrite Rabs_mult, (Rabs_right (gamma G)); [reflexivity | apply Rle_ge, gamma_range].
Qed.

End Bellman.
