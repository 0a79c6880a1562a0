(* Self-play of two players in one state: an answer is a positive matrix, normalised; so there is one fixed point, and
   every path ends there. The argument: if y lies between k z and k (1 + e) z in every entry, then after a positive
   matrix M with entries between m and n, M y and M z are as close with (1 - m/n) e in the place of e. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs.
Open Scope R_scope.

(* ---- Positive matrices ---- *)

Section Matrix.
Context {X Y : Finite}.
Variable M : X -> Y -> R.
Hypothesis M_positive : forall x y, 0 < M x y.

Definition times (p : Y -> R) (x : X) : R := ∑ y, M x y * p y.
Definition mass {X : Finite} (p : X -> R) : R := ∑ x, p x.
Definition normal {X : Finite} (p : X -> R) (x : X) : R := p x / mass p.

Definition close {X : Finite} (e : R) (p q : X -> R) : Prop :=
  exists k, 0 < k /\ forall x, k * q x <= p x <= k * (1 + e) * q x.

Lemma times_positive p x : distribution p -> 0 < times p x.
Proof.
  intro D. destruct (distribution_inhabited p D) as [y P]. apply Sum_pos with y.
  - intro z. apply Rmult_le_pos; [left; apply M_positive | apply D].
  - apply Rmult_lt_0_compat; [apply M_positive | exact P].
Qed.

Lemma times_ext p q : (forall y, p y = q y) -> forall x, times p x = times q x.
Proof. intros E x. apply Sum_ext. intro. rewrite E. reflexivity. Qed.

Variables m n : R.
Hypothesis m_positive : 0 < m.
Hypothesis bounds : forall x y, m <= M x y <= n.

Lemma times_lower p x : (forall y, 0 <= p y) -> m * mass p <= times p x.
Proof.
  intro N. unfold mass, times. rewrite <- Sum_scal. apply Sum_le. intro y. pose proof (N y). pose proof (bounds x y). nra.
Qed.

Lemma times_upper p x : (forall y, 0 <= p y) -> times p x <= n * mass p.
Proof.
  intro N. unfold mass, times. rewrite <- Sum_scal. apply Sum_le. intro y. pose proof (N y). pose proof (bounds x y). nra.
Qed.

Lemma times_minus k p q x : times (fun y => p y - k * q y) x = times p x - k * times q x.
Proof.
  unfold times. rewrite <- Sum_scal, <- Sum_minus. apply Sum_ext. intro. ring.
Qed.

Lemma times_contracts e p q :
  0 < n -> 0 <= e -> (forall y, 0 <= q y) -> 0 < mass q -> close e p q -> close ((1 - m / n) * e) (times p) (times q).
Proof.
  intros Pn Ne Nq Pq [k [Pk H]].
  set (low := fun y => p y - k * q y). set (up := fun y => k * (1 + e) * q y - p y).
  assert (Nl : forall y, 0 <= low y) by (intro y; unfold low; pose proof (H y); lra).
  assert (Nu : forall y, 0 <= up y) by (intro y; unfold up; pose proof (H y); lra).
  assert (S : mass low + mass up = k * e * mass q).
  { unfold mass. rewrite <- Sum_plus, <- Sum_scal. apply Sum_ext. intro y. unfold low, up. ring. }
  assert (Nl' : 0 <= mass low) by (apply Sum_nonneg; exact Nl).
  assert (Nu' : 0 <= mass up) by (apply Sum_nonneg; exact Nu).
  set (d := m / n). assert (Pd : 0 < d) by (apply Rdiv_lt_0_compat; lra).
  assert (Pi : 0 < / mass q) by (apply Rinv_0_lt_compat, Pq).
  (* m times a mass is at least d times that mass, by the mass of q, times M q *)
  assert (D : forall w x, 0 <= w -> d * (w / mass q) * times q x <= m * w).
  { intros w x Nw. pose proof (times_upper q x Nq) as U.
    apply Rle_trans with (d * (w / mass q) * (n * mass q)); [| right; unfold d; field; lra].
    apply Rmult_le_compat_l; [| exact U]. apply Rmult_le_pos; [lra |]. apply Rmult_le_pos; lra. }
  exists (k + d * (mass low / mass q)).
  assert (Nr : 0 <= d * (mass low / mass q)) by (apply Rmult_le_pos; [lra |]; apply Rmult_le_pos; lra).
  split; [lra |]. intro x.
  assert (Nt : 0 <= times q x) by (pose proof (times_lower q x Nq); nra).
  split.
  - pose proof (times_lower low x Nl) as A. unfold low at 2 in A. rewrite times_minus in A.
    pose proof (D (mass low) x Nl'). lra.
  - pose proof (times_lower up x Nu) as A.
    assert (E : times up x = k * (1 + e) * times q x - times p x).
    { unfold times, up. rewrite <- Sum_scal, <- Sum_minus. apply Sum_ext. intro. ring. }
    rewrite E in A. pose proof (D (mass up) x Nu') as B.
    assert (U : times p x <= (k * (1 + e) - d * (mass up / mass q)) * times q x) by lra.
    apply Rle_trans with (1 := U). apply Rmult_le_compat_r; [exact Nt |].
    assert (F : mass up = k * e * mass q - mass low) by lra. rewrite F.
    replace (d * ((k * e * mass q - mass low) / mass q)) with (d * (k * e) - d * (mass low / mass q)) by (field; lra).
    set (r := d * (mass low / mass q)) in *.
    assert (d <= 1).
    { unfold d. assert (m <= n) by (destruct (Sum_has_positive q Pq) as [y0 _]; pose proof (bounds x y0); lra).
      apply Rmult_le_reg_r with n; [exact Pn |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    assert (0 <= r * ((1 - d) * e)) by (apply Rmult_le_pos; [lra |]; apply Rmult_le_pos; lra).
    fold d. nra.
Qed.

End Matrix.

(* ---- Closeness of laws ---- *)

Section Close.
Context {X : Finite}.
Implicit Types p q : X -> R.

Lemma mass_of_law p : distribution p -> mass p = 1.
Proof. intros [_ E]. exact E. Qed.

Lemma close_scaled e p q k l : 0 < k -> 0 < l -> close e p q -> close e (fun x => p x * k) (fun x => q x * l).
Proof.
  intros Pk Pl [c [Pc H]]. exists (c * k / l). split.
  - apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; assumption | apply Rinv_0_lt_compat, Pl].
  - intro x. specialize (H x). split.
    + replace (c * k / l * (q x * l)) with (c * q x * k) by (field; lra). apply Rmult_le_compat_r; lra.
    + replace (c * k / l * (1 + e) * (q x * l)) with (c * (1 + e) * q x * k) by (field; lra).
      apply Rmult_le_compat_r; lra.
Qed.

Lemma close_weaker e e' p q : e <= e' -> (forall x, 0 <= q x) -> close e p q -> close e' p q.
Proof.
  intros L N [c [Pc H]]. exists c. split; [exact Pc |]. intro x. specialize (H x). split; [lra |].
  apply Rle_trans with (c * (1 + e) * q x); [lra |]. apply Rmult_le_compat_r; [apply N | nra].
Qed.

(* For laws: each is at most (1 + e) times the other *)
Lemma close_laws e p q :
  0 <= e -> distribution p -> distribution q -> close e p q ->
  forall x, p x <= (1 + e) * q x /\ q x <= (1 + e) * p x.
Proof.
  intros Ne [Np Ep] [Nq Eq] [k [Pk H]].
  assert (K1 : k * (∑ x, q x) <= ∑ x, p x) by (rewrite <- Sum_scal; apply Sum_le; intro x; apply H).
  assert (K2 : (∑ x, p x) <= k * (1 + e) * (∑ x, q x)) by (rewrite <- Sum_scal; apply Sum_le; intro x; apply H).
  rewrite Ep, Eq in *.
  intro x. pose proof (H x) as [H1 H2]. pose proof (Nq x). pose proof (Np x). split; nra.
Qed.

Lemma laws_close e p q :
  0 <= e -> (forall x, 0 <= q x) -> (forall x, p x <= (1 + e) * q x /\ q x <= (1 + e) * p x) -> close (e * (2 + e)) p q.
Proof.
  intros Ne Nq H. assert (Pi : 0 < / (1 + e)) by (apply Rinv_0_lt_compat; lra).
  exists (/ (1 + e)). split; [exact Pi |]. intro x.
  destruct (H x) as [H1 H2]. split.
  - apply Rmult_le_reg_l with (1 + e); [lra |]. rewrite <- Rmult_assoc, Rinv_r by lra. lra.
  - replace (/ (1 + e) * (1 + e * (2 + e))) with (1 + e) by (field; lra). lra.
Qed.

Lemma laws_near e p q :
  0 <= e -> distribution p -> distribution q -> (forall x, p x <= (1 + e) * q x /\ q x <= (1 + e) * p x) ->
  forall x, Rabs (p x - q x) <= e.
Proof.
  intros Ne [Np Ep] [Nq Eq] H x. destruct (H x).
  pose proof (Sum_term p x Np). pose proof (Sum_term q x Nq). pose proof (Np x). pose proof (Nq x).
  apply Rabs_le. split; nra.
Qed.

(* ---- A map of laws that brings them closer has one fixed point, and every path ends there ---- *)

Variable h : (X -> R) -> X -> R.
Variables th e0 : R.
Hypothesis th_range : 0 <= th < 1.
Hypothesis e0_nonneg : 0 <= e0.
Hypothesis h_law : forall p, distribution p -> distribution (h p).
Hypothesis h_start : forall p q, distribution p -> distribution q -> close e0 (h p) (h q).
Hypothesis h_closer : forall e p q,
  0 <= e -> distribution p -> distribution q -> close e p q -> close (th * e) (h p) (h q).

Fixpoint path (n : nat) (p : X -> R) : X -> R := match n with O => p | S k => h (path k p) end.

Lemma path_law n p : distribution p -> distribution (path n p).
Proof. intro D. induction n; simpl; auto. Qed.

Lemma rate_nonneg n : 0 <= th ^ n * e0.
Proof. apply Rmult_le_pos; [apply pow_le, th_range | exact e0_nonneg]. Qed.

Lemma path_close n p q : distribution p -> distribution q -> close (th ^ n * e0) (path (S n) p) (path (S n) q).
Proof.
  intros Dp Dq. induction n as [| n IH].
  - change (th ^ 0 * e0) with (1 * e0). rewrite Rmult_1_l. simpl. apply h_start; assumption.
  - change (path (S (S n)) p) with (h (path (S n) p)). change (path (S (S n)) q) with (h (path (S n) q)).
    change (th ^ S n * e0) with (th * th ^ n * e0). rewrite Rmult_assoc.
    apply h_closer; [apply rate_nonneg | apply path_law | apply path_law | exact IH]; assumption.
Qed.

Lemma path_shift n k p : path (n + k) p = path n (path k p).
Proof. induction n; simpl; [reflexivity | rewrite IHn; reflexivity]. Qed.

Lemma path_near n p q x :
  distribution p -> distribution q -> Rabs (path (S n) p x - path (S n) q x) <= th ^ n * e0.
Proof.
  intros Dp Dq. pose proof (path_law (S n) p Dp) as P1. pose proof (path_law (S n) q Dq) as P2.
  apply laws_near; try assumption; [apply rate_nonneg |]. apply close_laws; auto using rate_nonneg.
  apply path_close; assumption.
Qed.

Lemma rate_vanishes c eps : 0 <= c -> 0 < eps -> exists N, forall n, (N <= n)%nat -> th ^ n * c < eps.
Proof.
  intros Nc Pe. assert (A : Rabs th < 1) by (rewrite Rabs_right; lra).
  destruct (pow_lt_1_zero th A (eps / (c + 1))) as [N H]; [apply Rdiv_lt_0_compat; lra |].
  exists N. intros n Hn. specialize (H n Hn).
  assert (0 <= th ^ n) by (apply pow_le, th_range). rewrite Rabs_right in H by lra.
  apply Rle_lt_trans with (th ^ n * (c + 1)); [nra |].
  apply Rmult_lt_compat_r with (r := c + 1) in H; [| lra].
  unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l in H by lra. lra.
Qed.

Lemma path_cauchy p x : distribution p -> Cauchy_crit (fun n => path n p x).
Proof.
  intros D eps Pe. destruct (rate_vanishes e0 (eps / 2) e0_nonneg ltac:(lra)) as [N H].
  exists (S N). intros i j Hi Hj. unfold R_dist.
  assert (B : forall i, (S N <= i)%nat -> Rabs (path i p x - path (S N) p x) < eps / 2).
  { intros t Ht. replace t with (S N + (t - S N))%nat by lia. rewrite path_shift.
    apply Rle_lt_trans with (th ^ N * e0); [apply path_near; [apply path_law, D | exact D] | apply H; lia]. }
  pose proof (B i Hi) as Bi. pose proof (B j Hj) as Bj. revert Bi Bj. unfold Rabs. repeat destruct Rcase_abs; lra.
Qed.

Lemma Un_cv_Sum (f : nat -> X -> R) (l : X -> R) :
  (forall x, Un_cv (fun n => f n x) (l x)) -> Un_cv (fun n => ∑ x, f n x) (∑ x, l x).
Proof.
  intro H. unfold Sum. induction (elements X) as [| x r IH]; simpl.
  - intros eps Pe. exists O. intros. unfold R_dist. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. exact Pe.
  - apply CV_plus with (An := fun n => f n x) (Bn := fun n => sum_list (fun x => f n x) r); [apply H | exact IH].
Qed.

Lemma Un_cv_const c : Un_cv (fun _ => c) c.
Proof. intros eps Pe. exists O. intros. unfold R_dist. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. exact Pe. Qed.

Lemma Un_cv_le x l c N : Un_cv x l -> (forall n, (N <= n)%nat -> x n <= c) -> l <= c.
Proof.
  intros H B. apply Rnot_lt_le. intro L. destruct (H (l - c) ltac:(lra)) as [M K].
  specialize (K (N + M)%nat ltac:(lia)). specialize (B (N + M)%nat ltac:(lia)). unfold R_dist in K.
  revert K. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma Un_cv_shift x l : Un_cv x l -> Un_cv (fun n => x (S n)) l.
Proof. intros H eps Pe. destruct (H eps Pe) as [N K]. exists N. intros n Hn. apply K. lia. Qed.

Theorem one_fixed_law (p0 : X -> R) : distribution p0 ->
  exists x : X -> R, distribution x /\ (forall i, h x i = x i) /\
    forall p, distribution p -> forall i, Un_cv (fun n => path n p i) (x i).
Proof.
  intro D0. set (x := fun i => proj1_sig (R_complete _ (path_cauchy p0 i D0))).
  assert (C : forall i, Un_cv (fun n => path n p0 i) (x i)).
  { intro i. unfold x. destruct R_complete as [l H]. exact H. }
  assert (Dx : distribution x).
  { split.
    - intro i. assert (- x i <= 0); [| lra].
      apply (Un_cv_le (fun n => - path n p0 i) (- x i) 0 O).
      + apply CV_opp with (An := fun n => path n p0 i). apply C.
      + intros n _. pose proof (proj1 (path_law n p0 D0) i). lra.
    - apply UL_sequence with (fun n => ∑ i, path n p0 i); [apply (Un_cv_Sum (fun n i => path n p0 i)), C |].
      assert (E : forall n, (∑ i, path n p0 i) = 1) by (intro n; apply path_law, D0).
      intros eps Pe. exists O. intros n _. unfold R_dist. rewrite E, Rminus_diag_eq, Rabs_R0 by reflexivity. exact Pe. }
  (* path (n + 1) is close to x *)
  assert (B : forall n i, path (S n) p0 i <= (1 + th ^ n * e0) * x i /\ x i <= (1 + th ^ n * e0) * path (S n) p0 i).
  { intros n i.
    assert (K : forall j, (S n <= j)%nat -> path (S n) p0 i <= (1 + th ^ n * e0) * path j p0 i /\
      path j p0 i <= (1 + th ^ n * e0) * path (S n) p0 i).
    { intros j Hj. replace j with (S n + (j - S n))%nat by lia. rewrite path_shift.
      apply close_laws; [apply rate_nonneg | apply path_law, D0 | apply path_law, path_law, D0 |].
      apply path_close; [exact D0 | apply path_law, D0]. }
    split.
    - assert (- (1 + th ^ n * e0) * x i <= - path (S n) p0 i); [| lra].
      apply (Un_cv_le (fun j => - (1 + th ^ n * e0) * path j p0 i) _ _ (S n)).
      + apply CV_mult with (An := fun _ => - (1 + th ^ n * e0)) (Bn := fun j => path j p0 i); [apply Un_cv_const | apply C].
      + intros j Hj. destruct (K j Hj). lra.
    - apply (Un_cv_le (fun j => path j p0 i) _ _ (S n)); [apply C |]. intros j Hj. apply K, Hj. }
  assert (F : forall i, h x i = x i).
  { intro i. apply UL_sequence with (fun n => path (S (S n)) p0 i).
    - intros eps Pe. set (c := e0 * (2 + e0)).
      assert (Nc : 0 <= c) by (apply Rmult_le_pos; lra).
      destruct (rate_vanishes c eps Nc Pe) as [N H]. exists N. intros n Hn. unfold R_dist.
      pose proof (rate_nonneg n) as Nr. set (r := th ^ n * e0) in *.
      assert (Lr : r <= e0).
      { unfold r. assert (th ^ n <= 1) by (rewrite <- (pow1 n); apply pow_incr; lra).
        assert (0 <= th ^ n) by (apply pow_le; lra). nra. }
      assert (Nw : 0 <= r * (2 + r)) by nra.
      assert (Q : close (r * (2 + r)) (path (S n) p0) x).
      { apply laws_close; [exact Nr | apply Dx |]. intro j. apply (B n j). }
      pose proof (h_closer _ _ _ Nw (path_law (S n) p0 D0) Dx Q) as Q'.
      assert (Rabs (path (S (S n)) p0 i - h x i) <= th * (r * (2 + r))).
      { apply laws_near; [apply Rmult_le_pos; lra | apply (path_law (S (S n))), D0 | apply h_law, Dx |].
        apply close_laws; [apply Rmult_le_pos; lra | apply (path_law (S (S n))), D0 | apply h_law, Dx | exact Q']. }
      apply Rle_lt_trans with (1 := H0). specialize (H n Hn).
      assert (r * (2 + r) <= th ^ n * c).
      { unfold c. rewrite <- Rmult_assoc. fold r. apply Rmult_le_compat_l; lra. }
      assert (th * (r * (2 + r)) <= r * (2 + r)) by nra. lra.
    - apply (Un_cv_shift (fun n => path (S n) p0 i)), (Un_cv_shift (fun n => path n p0 i)), C. }
  assert (P : forall n i, path n x i = x i).
  { intros n. induction n as [| n IH]; intro i; [reflexivity |]. simpl.
    rewrite <- (F i). assert (Q : close 0 (path n x) x).
    { exists 1. split; [lra |]. intro j. rewrite IH. lra. }
    pose proof (h_closer 0 _ _ (Rle_refl 0) (path_law n x Dx) Dx Q) as Q'. rewrite Rmult_0_r in Q'.
    pose proof (close_laws 0 _ _ (Rle_refl 0) (path_law (S n) x Dx) (h_law x Dx) Q' i) as [U1 U2]. simpl in U1, U2. lra. }
  exists x. split; [exact Dx | split; [exact F |]]. intros p Dp i eps Pe.
  destruct (rate_vanishes e0 eps e0_nonneg Pe) as [N H]. exists (S N). intros n Hn. unfold R_dist.
  destruct n as [| n]; [lia |]. rewrite <- (P (S n) i).
  apply Rle_lt_trans with (th ^ n * e0); [apply path_near; assumption | apply H; lia].
Qed.

Theorem fixed_law_unique p q :
  distribution p -> distribution q -> (forall i, h p i = p i) -> (forall i, h q i = q i) -> forall i, p i = q i.
Proof.
  intros Dp Dq Ep Eq i.
  assert (P : forall r, distribution r -> (forall i, h r i = r i) -> forall n, forall i, path n r i = r i).
  { intros r Dr Er n. induction n as [| n IH]; intro j; [reflexivity |]. simpl. rewrite <- (Er j).
    assert (Q : close 0 (path n r) r) by (exists 1; split; [lra |]; intro z; rewrite IH; lra).
    pose proof (h_closer 0 _ _ (Rle_refl 0) (path_law n r Dr) Dr Q) as Q'. rewrite Rmult_0_r in Q'.
    pose proof (close_laws 0 _ _ (Rle_refl 0) (path_law (S n) r Dr) (h_law r Dr) Q' j) as [U1 U2]. simpl in U1, U2. lra. }
  apply cond_eq. intros eps Pe. destruct (rate_vanishes e0 eps e0_nonneg Pe) as [N H].
  rewrite <- (P p Dp Ep (S N) i), <- (P q Dq Eq (S N) i).
  apply Rle_lt_trans with (th ^ N * e0); [apply path_near; assumption | apply H; lia].
Qed.

End Close.

(* ---- An answer is a matrix, normalised ---- *)

Section Answer.
Context {A B : Finite}.
Variables al k : R.
Variable r : A -> B -> R.
Variable a0 : A.

Notation Zb := (Z A B al r).
Notation M := (answer_matrix A B al k r).

Lemma Z_positive b : 0 < Zb b.
Proof. apply Sum_pos with a0; [intro a; left |]; apply exp_pos. Qed.

Lemma matrix_positive a b : 0 < M a b.
Proof. apply Rmult_lt_0_compat; apply exp_pos. Qed.

Lemma matrix_columns b : (∑ a, M a b) = Rpower (Zb b) k.
Proof.
  unfold answer_matrix. rewrite Sum_scal_r. fold (Z A B al r b).
  rewrite <- (Rpower_1 (Zb b)) at 1 by apply Z_positive. rewrite <- Rpower_plus. f_equal. ring.
Qed.

Lemma mass_times p : mass (times M p) = ∑ b, p b * Rpower (Zb b) k.
Proof.
  unfold mass, times. rewrite Sum_swap. apply Sum_ext. intro b. rewrite Sum_scal_r, matrix_columns. ring.
Qed.

Lemma answer_linear p a : answer A B al k r p a = times M p a / mass (times M p).
Proof.
  unfold answer. rewrite <- mass_times. transitivity (∑ b, M a b * p b * / mass (times M p)).
  2: { rewrite Sum_scal_r. reflexivity. }
  apply Sum_ext. intro b. pose proof (Z_positive b).
  unfold answer_matrix. unfold Rminus. rewrite Rpower_plus, Rpower_Ropp, Rpower_1 by assumption.
  unfold Rdiv. ring.
Qed.

Lemma answer_linear_written_out p a :
  answer A B al k r p a = (∑ b, M a b * p b) / (∑ a', ∑ b, M a' b * p b).
Proof. exact (answer_linear p a). Qed.

Lemma mass_times_positive p : distribution p -> 0 < mass (times M p).
Proof.
  intro D. apply Sum_pos with a0; [intro a; left |]; apply times_positive; auto; apply matrix_positive.
Qed.

Lemma answer_positive p a : distribution p -> 0 < answer A B al k r p a.
Proof.
  intro D. rewrite answer_linear. apply Rdiv_lt_0_compat; [apply times_positive; auto; apply matrix_positive |].
  apply mass_times_positive, D.
Qed.

Lemma answer_law p : distribution p -> distribution (answer A B al k r p).
Proof.
  intro D. split; [intro a; left; apply answer_positive, D |].
  rewrite (Sum_ext _ (fun a => times M p a * / mass (times M p))) by (intro; rewrite answer_linear; reflexivity).
  rewrite Sum_scal_r. fold (mass (times M p)). apply Rinv_r. apply Rgt_not_eq, mass_times_positive, D.
Qed.

Lemma matrix_bounds (b0 : B) : exists m n, 0 < m /\ 0 < n /\ forall a b, m <= M a b <= n.
Proof.
  destruct (@argmin (pairs A B) (fun z => match z with (a, b) => M a b end) (a0, b0)) as [[a1 b1] H1].
  destruct (@argmax (pairs A B) (fun z => match z with (a, b) => M a b end) (a0, b0)) as [[a2 b2] H2].
  exists (M a1 b1), (M a2 b2). repeat split; try apply matrix_positive.
  - exact (H1 (a, b)).
  - exact (H2 (a, b)).
Qed.

Lemma answer_closer m n e p q :
  0 < m -> 0 < n -> (forall a b, m <= M a b <= n) -> 0 <= e -> distribution p -> distribution q -> close e p q ->
  close ((1 - m / n) * e) (answer A B al k r p) (answer A B al k r q).
Proof.
  intros Pm Pn H Ne Dp Dq C.
  assert (K : close ((1 - m / n) * e) (times M p) (times M q)).
  { apply (times_contracts M m n Pm H); auto; [apply Dq |]. rewrite (mass_of_law q Dq). lra. }
  pose proof (close_scaled _ _ _ (/ mass (times M p)) (/ mass (times M q))
    (Rinv_0_lt_compat _ (mass_times_positive p Dp)) (Rinv_0_lt_compat _ (mass_times_positive q Dq)) K) as [c [Pk Hk]].
  exists c. split; [exact Pk |]. intro a. rewrite !answer_linear. apply Hk.
Qed.

Lemma answer_start m n p q :
  0 < m -> 0 < n -> (forall a b, m <= M a b <= n) -> distribution p -> distribution q ->
  close ((n / m) * (n / m) - 1) (answer A B al k r p) (answer A B al k r q).
Proof.
  intros Pm Pn H Dp Dq.
  assert (K : close ((n / m) * (n / m) - 1) (times M p) (times M q)).
  { exists (m / n). split; [apply Rdiv_lt_0_compat; assumption |]. intro a.
    pose proof (times_lower M m n H p a (proj1 Dp)) as L1. pose proof (times_upper M m n H p a (proj1 Dp)) as U1.
    pose proof (times_lower M m n H q a (proj1 Dq)) as L2. pose proof (times_upper M m n H q a (proj1 Dq)) as U2.
    rewrite (mass_of_law p Dp) in L1, U1. rewrite (mass_of_law q Dq) in L2, U2. split.
    - apply Rle_trans with (m / n * n); [apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; lra | lra] |].
      replace (m / n * n) with m by (field; lra). lra.
    - replace (m / n * (1 + (n / m * (n / m) - 1))) with (n / m) by (field; lra).
      apply Rle_trans with (n / m * m); [replace (n / m * m) with n by (field; lra); lra |].
      apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; lra | lra]. }
  pose proof (close_scaled _ _ _ (/ mass (times M p)) (/ mass (times M q))
    (Rinv_0_lt_compat _ (mass_times_positive p Dp)) (Rinv_0_lt_compat _ (mass_times_positive q Dq)) K) as [c [Pk Hk]].
  exists c. split; [exact Pk |]. intro a. rewrite !answer_linear. apply Hk.
Qed.

End Answer.

(* ---- Two players ---- *)

Section Two.
Context {A B : Finite}.
Variables al1 k1 al2 k2 : R.
Variable r1 : A -> B -> R.                               (* player 1's payoffs *)
Variable r2 : B -> A -> R.                               (* player 2's, its own action first *)
Variables (a0 : A) (b0 : B).

Notation f := (answer A B al1 k1 r1).
Notation g := (answer B A al2 k2 r2).
Notation h := (fun p => g (f p)).

Lemma ratio_below_one m n : 0 < m -> m <= n -> 0 <= 1 - m / n < 1.
Proof.
  intros Pm L. assert (0 < m / n) by (apply Rdiv_lt_0_compat; lra).
  assert (m / n <= 1).
  { apply Rmult_le_reg_r with n; [lra |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  lra.
Qed.

Lemma round_facts : exists th e0,
  0 <= th < 1 /\ 0 <= e0 /\
  (forall p, distribution p -> distribution (h p)) /\
  (forall p q, distribution p -> distribution q -> close e0 (h p) (h q)) /\
  (forall e p q, 0 <= e -> distribution p -> distribution q -> close e p q -> close (th * e) (h p) (h q)).
Proof.
  destruct (matrix_bounds al1 k1 r1 a0 b0) as (m1 & n1 & P1 & Q1 & H1).
  destruct (matrix_bounds al2 k2 r2 b0 a0) as (m2 & n2 & P2 & Q2 & H2).
  pose proof (ratio_below_one m1 n1 P1 ltac:(pose proof (H1 a0 b0); lra)) as T1.
  pose proof (ratio_below_one m2 n2 P2 ltac:(pose proof (H2 b0 a0); lra)) as T2.
  assert (E : 0 <= n2 / m2 * (n2 / m2) - 1).
  { assert (1 <= n2 / m2).
    { apply Rmult_le_reg_r with m2; [exact P2 |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
      pose proof (H2 b0 a0). lra. }
    nra. }
  exists ((1 - m2 / n2) * (1 - m1 / n1)), (n2 / m2 * (n2 / m2) - 1). repeat split; try nra.
  - apply answer_law; auto. apply answer_law; auto.
  - apply answer_law; auto. apply answer_law; auto.
  - intros p q Dp Dq. apply answer_start; auto; apply answer_law; auto.
  - intros e p q Ne Dp Dq C. rewrite Rmult_assoc. apply answer_closer; auto; try (apply answer_law; auto).
    + apply Rmult_le_pos; lra.
    + apply answer_closer; auto.
Qed.

Lemma rounds_path n p b : rounds f g n p b = path h n p b.
Proof. revert b. assert (H : rounds f g n p = path h n p) by (induction n; simpl; [| rewrite IHn]; reflexivity). rewrite H. reflexivity. Qed.

Lemma self_play_ends : exists x : B -> R,
  distribution x /\ (forall b, 0 < x b) /\ (forall b, g (f x) b = x b) /\
  forall p, distribution p -> forall b, Un_cv (fun n => rounds f g n p b) (x b).
Proof.
  destruct round_facts as (th & e0 & Rth & Ne & Hl & Hs & Hc).
  assert (Du : distribution (fun _ : B => 1 / count B)).
  { pose proof (count_positive B b0). split; [intro; left; apply Rdiv_lt_0_compat; lra |].
    rewrite Sum_const. field. lra. }
  destruct (one_fixed_law h th e0 Rth Ne Hl Hs Hc _ Du) as (x & Dx & F & C).
  exists x. split; [exact Dx | split; [| split; [exact F |]]].
  - intro b. rewrite <- F. apply answer_positive; auto. apply answer_law; auto.
  - intros p Dp b eps Pe. destruct (C p Dp b eps Pe) as [N K]. exists N. intros n Hn. rewrite rounds_path. apply K, Hn.
Qed.

Lemma self_play_unique p q :
  distribution p -> distribution q -> (forall b, g (f p) b = p b) -> (forall b, g (f q) b = q b) -> forall b, p b = q b.
Proof.
  destruct round_facts as (th & e0 & Rth & Ne & Hl & Hs & Hc).
  apply (fixed_law_unique h th e0 Rth Ne Hl Hs Hc).
Qed.

End Two.

(* ---- A common payoff at beta = infinity: the marginals of exp(r/alpha), as of a Gibbs sampler ---- *)

Section Sampler.
Context {A B : Finite}.
Variable al : R.
Variable r : A -> B -> R.
Variables (a0 : A) (b0 : B).

Lemma Rpower_zero x : Rpower x 0 = 1.
Proof. unfold Rpower. rewrite Rmult_0_l. apply exp_0. Qed.

Lemma answer_frozen p a : distribution p -> answer A B al 0 r p a = ∑ b, p b * (exp (r a b / al) / Z A B al r b).
Proof.
  intro D. unfold answer. apply Sum_ext. intro b.
  rewrite (Sum_ext _ p) by (intro c; rewrite Rpower_zero; ring). rewrite (proj2 D), Rpower_zero. field.
  apply Rgt_not_eq, Z_positive. exact a0.
Qed.

Lemma sampler_marginal (x := fun b => Z A B al r b / ∑ b', Z A B al r b') :
  distribution x /\
  forall a, answer A B al 0 r x a = (∑ b, exp (r a b / al)) / ∑ b', Z A B al r b'.
Proof.
  assert (PZ : forall b, 0 < Z A B al r b) by (intro b; apply Z_positive; exact a0).
  assert (PS : 0 < ∑ b', Z A B al r b') by (apply Sum_pos with b0; [intro b; left |]; apply PZ).
  assert (D : distribution x).
  { split; [intro b; left; apply Rdiv_lt_0_compat; auto |]. unfold x, Rdiv. rewrite Sum_scal_r. apply Rinv_r. lra. }
  split; [exact D |]. intro a. rewrite answer_frozen by exact D.
  transitivity (∑ b, exp (r a b / al) * / (∑ b', Z A B al r b')); [| apply Sum_scal_r].
  apply Sum_ext. intro b. unfold x. pose proof (PZ b). field. lra.
Qed.

End Sampler.

Lemma gibbs_sampler {A B : Finite} (al : R) (r : A -> B -> R) (a0 : A) (b0 : B) :
  let x := fun b => Z A B al r b / ∑ b', Z A B al r b' in
  distribution x /\ forall b, answer B A al 0 (fun b a => r a b) (answer A B al 0 r x) b = x b.
Proof.
  intro x. destruct (sampler_marginal al r a0 b0) as [D E]. fold x in D, E. split; [exact D |]. intro b.
  destruct (sampler_marginal al (fun b a => r a b) b0 a0) as [D' E'].
  assert (S : (∑ a, Z B A al (fun b a => r a b) a) = ∑ b', Z A B al r b') by (unfold Z; apply Sum_swap).
  rewrite answer_frozen; [| exact b0 | apply answer_law; auto].
  assert (K : forall a, answer A B al 0 r x a = Z B A al (fun b a => r a b) a / ∑ a', Z B A al (fun b a => r a b) a').
  { intro a. rewrite E, S. reflexivity. }
  set (y := fun a => Z B A al (fun b a => r a b) a / ∑ a', Z B A al (fun b a => r a b) a') in *.
  transitivity (answer B A al 0 (fun b a => r a b) y b).
  - rewrite (answer_frozen al (fun b a => r a b) b0 y b D'). apply Sum_ext. intro a. rewrite K. reflexivity.
  - rewrite E', S. reflexivity.
Qed.

(* ---- The answer is what the agent of one state plays ---- *)

Section Marginal.
Variable G : Game.

Lemma marginal_is_answer (Q : Table G) s a :
  (∑ b, soft_model G Q s b * soft_policy G Q s b a)
  = answer (own G) (others G) (alpha G) (alpha G / beta G) (fun a b => Q s a b) (prior G s) a.
Proof.
  unfold answer. apply Sum_ext. intro b. f_equal; [| apply soft_policy_quotient].
  rewrite soft_model_quotient. f_equal. rewrite V_power. pose proof (beta_positive G).
  replace (beta G * ln (∑ b0, prior G s b0 * Rpower (∑ a0, exp (Q s a0 b0 / alpha G)) (alpha G / beta G)) / beta G)
    with (ln (∑ b0, prior G s b0 * Rpower (∑ a0, exp (Q s a0 b0 / alpha G)) (alpha G / beta G))) by (field; lra).
  rewrite exp_ln; [reflexivity |].
  pose proof (others_partition G Q (L G Q s) s) as P.
  rewrite (Sum_ext _ (fun b => prior G s b * Rpower (∑ a, exp (Q s a b / alpha G)) (alpha G / beta G))) in P; [exact P |].
  intro c. rewrite exp_L. reflexivity.
Qed.

Lemma marginal_law (Q : Table G) s : distribution (fun a => ∑ b, soft_model G Q s b * soft_policy G Q s b a).
Proof.
  split.
  - intro a. apply Sum_nonneg. intro b. apply Rmult_le_pos; [apply soft_model_law | apply soft_policy_law].
  - rewrite Sum_swap. rewrite (Sum_ext _ (fun b => soft_model G Q s b * 1)); [apply mean_const, soft_model_law |].
    intro b. rewrite Sum_scal. f_equal. apply soft_policy_law.
Qed.

Lemma model_odds (Q : Table G) s b b' :
  0 < prior G s b' ->
  soft_model G Q s b / soft_model G Q s b'
  = prior G s b / prior G s b'
    * Rpower ((∑ a, exp (Q s a b / alpha G)) / (∑ a, exp (Q s a b' / alpha G))) (alpha G / beta G).
Proof.
  intro P. rewrite !soft_model_quotient.
  pose proof (partition_own G Q s b). pose proof (partition_own G Q s b').
  assert (E : Rpower ((∑ a, exp (Q s a b / alpha G)) / (∑ a, exp (Q s a b' / alpha G))) (alpha G / beta G)
    = Rpower (∑ a, exp (Q s a b / alpha G)) (alpha G / beta G) / Rpower (∑ a, exp (Q s a b' / alpha G)) (alpha G / beta G)).
  { unfold Rdiv at 1. rewrite <- Rpower_mult_distr by (auto using Rinv_0_lt_compat). unfold Rdiv. f_equal.
    unfold Rpower at 1. rewrite ln_Rinv by assumption. unfold Rpower. rewrite <- exp_Ropp. f_equal. ring. }
  rewrite E. pose proof (exp_pos (V G Q s / beta G)).
  assert (0 < Rpower (∑ a, exp (Q s a b' / alpha G)) (alpha G / beta G)) by apply exp_pos.
  field. repeat split; lra.
Qed.

End Marginal.
