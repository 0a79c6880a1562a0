(* Birkhoff's contraction: an answer shrinks Hilbert's metric by tanh(D/(4 alpha)). The proof: for two rows of the matrix the
   ratio of images is greatest where x/y takes its two bounds alone, which leaves two odds and one derivative. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs SelfPlay.
Open Scope R_scope.

(* ---- Two probabilities whose odds have the ratio at most q^4 differ by at most (q^2 - 1)/(q^2 + 1) ---- *)

(* With x and y for odds: x/(1+x) - y/(1+y) <= (w - 1)/(w + 1) where x <= w^2 y, w >= 1 *)
Lemma odds_gap w x y : 1 <= w -> 0 <= y -> 0 <= x -> x <= w * w * y -> x / (1 + x) - y / (1 + y) <= (w - 1) / (w + 1).
Proof.
  intros Hw Hy Hx H.
  assert (P1 : 0 < 1 + x) by lra. assert (P2 : 0 < 1 + y) by lra. assert (P3 : 0 < w + 1) by lra.
  assert (E : (w - 1) / (w + 1) - (x / (1 + x) - y / (1 + y))
    = ((w - 1) * (1 + x) * (1 + y) - (x - y) * (w + 1)) / ((w + 1) * (1 + x) * (1 + y))) by (field; lra).
  assert (N : 0 <= (w - 1) * (1 + x) * (1 + y) - (x - y) * (w + 1)).
  { (* as a function of x it is (w - 1)(1 + y) + w... : least at x = w w y, where it is a square *)
    replace ((w - 1) * (1 + x) * (1 + y) - (x - y) * (w + 1))
      with ((w - 1) + 2 * w * y - 2 * x + (w - 1) * x * y) by ring.
    destruct (Rle_dec 2 ((w - 1) * y)) as [B | B].
    - assert (0 <= x * ((w - 1) * y - 2)) by (apply Rmult_le_pos; lra). nra.
    - assert (S : (w * w * y - x) * (2 - (w - 1) * y) >= 0) by (apply Rle_ge, Rmult_le_pos; lra).
      assert (Q : (w - 1) + 2 * w * y - 2 * (w * w * y) + (w - 1) * (w * w * y) * y = (w - 1) * (1 - w * y) * (1 - w * y)) by ring.
      assert (0 <= (w - 1) * ((1 - w * y) * (1 - w * y))) by (apply Rmult_le_pos; [lra | apply Rle_0_sqr]).
      nra. }
  assert (0 <= ((w - 1) * (1 + x) * (1 + y) - (x - y) * (w + 1)) / ((w + 1) * (1 + x) * (1 + y))).
  { apply Rmult_le_pos; [exact N | left; apply Rinv_0_lt_compat; repeat apply Rmult_lt_0_compat; lra]. }
  lra.
Qed.

(* ln(1 + e^u x) - ln(1 + e^u y) rises with u by at most (w - 1)/(w + 1) times the rise of u. *)
Definition rise (k x y u : R) : R := k * u - (ln (1 + exp u * x) - ln (1 + exp u * y)).

Lemma rise_derivative k x y u : 0 <= x -> 0 <= y ->
  derivable_pt_lim (rise k x y) u (k - (exp u * x / (1 + exp u * x) - exp u * y / (1 + exp u * y))).
Proof.
  intros Hx Hy. pose proof (exp_pos u) as Pu.
  assert (L : forall z, 0 <= z -> derivable_pt_lim (fun u => ln (1 + exp u * z)) u (exp u * z / (1 + exp u * z))).
  { intros z Hz. assert (0 < 1 + exp u * z) by nra.
    replace (exp u * z / (1 + exp u * z)) with (/ (1 + exp u * z) * (0 + (exp u * z + exp u * 0))) by (field; lra).
    apply (derivable_pt_lim_comp (fun u => 1 + exp u * z) ln).
    - apply (derivable_pt_lim_plus (fct_cte 1) (fun u => exp u * z)); [apply derivable_pt_lim_const |].
      apply (derivable_pt_lim_mult exp (fct_cte z)); [apply derivable_pt_lim_exp | apply derivable_pt_lim_const].
    - apply derivable_pt_lim_ln. assumption. }
  apply (derivable_pt_lim_minus (fun u => k * u) (fun u => ln (1 + exp u * x) - ln (1 + exp u * y))).
  - pose proof (derivable_pt_lim_scal id k u 1 (derivable_pt_lim_id u)) as D. rewrite Rmult_1_r in D. exact D.
  - apply (derivable_pt_lim_minus (fun u => ln (1 + exp u * x)) (fun u => ln (1 + exp u * y))); apply L; assumption.
Qed.

Lemma rise_nonneg w x y u :
  1 <= w -> 0 <= x -> 0 <= y -> x <= w * w * y -> 0 <= u ->
  ln (1 + exp u * x) - ln (1 + exp u * y) - (ln (1 + x) - ln (1 + y)) <= (w - 1) / (w + 1) * u.
Proof.
  intros Hw Hx Hy H [Hu | <-].
  2: { rewrite exp_0, !Rmult_1_l. lra. }
  set (k := (w - 1) / (w + 1)).
  destruct (MVT_cor2 (rise k x y) (fun u => k - (exp u * x / (1 + exp u * x) - exp u * y / (1 + exp u * y))) 0 u Hu) as (c & E & _).
  { intros c _. apply rise_derivative; assumption. }
  unfold rise in E. rewrite exp_0, !Rmult_1_l in E.
  pose proof (exp_pos c) as Pc.
  assert (G : exp c * x / (1 + exp c * x) - exp c * y / (1 + exp c * y) <= k).
  { apply odds_gap; [exact Hw | nra | nra |]. apply Rle_trans with (exp c * (w * w * y)); [apply Rmult_le_compat_l; lra | right; ring]. }
  assert (0 <= (k - (exp c * x / (1 + exp c * x) - exp c * y / (1 + exp c * y))) * (u - 0)) by (apply Rmult_le_pos; lra).
  lra.
Qed.

(* ---- Positive matrices ---- *)

Section Matrix.
Context {X Y : Finite}.
Variable M : X -> Y -> R.
Hypothesis M_positive : forall x y, 0 < M x y.
Variable w : R.
Hypothesis w_large : 1 <= w.
Hypothesis cross : forall i k j l, M i j * M k l <= w * w * (M i l * M k j).

Notation kappa := ((w - 1) / (w + 1)).

Lemma kappa_nonneg : 0 <= kappa.
Proof. apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]. Qed.

Lemma product_of_sums (f g : Y -> R) : (∑ j, f j) * (∑ l, g l) = ∑ j, ∑ l, f j * g l.
Proof. rewrite <- Sum_scal_r. apply Sum_ext. intro j. symmetry. apply Sum_scal. Qed.

(* Two parts J and K of Y, given by weights that are not negative *)
Lemma cross_sums i k (f g : Y -> R) :
  (forall j, 0 <= f j) -> (forall j, 0 <= g j) ->
  (∑ j, M i j * f j) * (∑ l, M k l * g l) <= w * w * ((∑ l, M i l * g l) * (∑ j, M k j * f j)).
Proof.
  intros Nf Ng. rewrite (Rmult_comm (∑ l, M i l * g l)), !product_of_sums, <- Sum_scal. apply Sum_le. intro j.
  rewrite <- Sum_scal. apply Sum_le. intro l. pose proof (cross i k j l). pose proof (Rmult_le_pos _ _ (Nf j) (Ng l)).
  apply Rle_trans with (f j * g l * (M i j * M k l)); [right; ring |].
  apply Rle_trans with (f j * g l * (w * w * (M i l * M k j))); [apply Rmult_le_compat_l; assumption | right; ring].
Qed.

Lemma two_rows u k0 p q i k :
  0 <= u -> 0 < k0 -> distribution q -> (forall j, k0 * q j <= p j <= k0 * exp u * q j) ->
  times M p i * times M q k <= exp (kappa * u) * (times M q i * times M p k).
Proof.
  intros Nu Pk Dq H.
  assert (Pq : forall x, 0 < times M q x) by (intro x; apply times_positive; assumption).
  assert (Pp : forall x, 0 < times M p x).
  { intro x. apply Rlt_le_trans with (k0 * times M q x); [apply Rmult_lt_0_compat; auto |].
    unfold times. rewrite <- Sum_scal. apply Sum_le. intro j. pose proof (H j). pose proof (M_positive x j). nra. }
  set (r := times M p i / times M p k). assert (Pr : 0 < r) by (apply Rdiv_lt_0_compat; auto).
  assert (Er : times M p i = r * times M p k) by (unfold r; field; apply Rgt_not_eq, Pp).
  set (f := fun j => if Rle_dec (r * M k j) (M i j) then q j else 0).
  set (g := fun j => if Rle_dec (r * M k j) (M i j) then 0 else q j).
  assert (Nf : forall j, 0 <= f j) by (intro j; unfold f; destruct Rle_dec; [apply Dq | lra]).
  assert (Ng : forall j, 0 <= g j) by (intro j; unfold g; destruct Rle_dec; [lra | apply Dq]).
  set (a := ∑ j, M i j * f j). set (b := ∑ j, M i j * g j). set (c := ∑ j, M k j * f j). set (e := ∑ j, M k j * g j).
  assert (Na : 0 <= a) by (apply Sum_nonneg; intro j; apply Rmult_le_pos; [left; apply M_positive | apply Nf]).
  assert (Nb : 0 <= b) by (apply Sum_nonneg; intro j; apply Rmult_le_pos; [left; apply M_positive | apply Ng]).
  assert (Nc : 0 <= c) by (apply Sum_nonneg; intro j; apply Rmult_le_pos; [left; apply M_positive | apply Nf]).
  assert (Ne : 0 <= e) by (apply Sum_nonneg; intro j; apply Rmult_le_pos; [left; apply M_positive | apply Ng]).
  assert (Eab : times M q i = a + b).
  { unfold times, a, b. rewrite <- Sum_plus. apply Sum_ext. intro j. unfold f, g. destruct Rle_dec; ring. }
  assert (Ece : times M q k = c + e).
  { unfold times, c, e. rewrite <- Sum_plus. apply Sum_ext. intro j. unfold f, g. destruct Rle_dec; ring. }
  pose proof (cross_sums i k f g Nf Ng) as C1. pose proof (cross_sums i k g f Ng Nf) as C2.
  fold a e b c in C1, C2. pose proof (Pq i) as Pab. pose proof (Pq k) as Pce. rewrite Eab in Pab. rewrite Ece in Pce.
  pose proof (exp_pos u) as Pu.
  (* the vertex has at least the ratio r *)
  assert (V1 : r * (exp u * c + e) <= exp u * a + b).
  { assert (S : 0 <= ∑ j, (M i j - r * M k j) * (k0 * (exp u * f j + g j))).
    { apply Rle_trans with (∑ j, (M i j - r * M k j) * p j).
      - right. rewrite (Sum_ext _ (fun j => M i j * p j - r * (M k j * p j))) by (intro; ring).
        rewrite Sum_minus, Sum_scal. fold (times M p i) (times M p k). lra.
      - apply Sum_le. intro j. unfold f, g. destruct (H j). destruct Rle_dec as [B | B].
        + apply Rmult_le_compat_l; lra.
        + assert (0 <= (r * M k j - M i j) * (p j - k0 * q j)) by (apply Rmult_le_pos; lra). lra. }
    rewrite (Sum_ext _ (fun j => k0 * ((exp u * (M i j * f j) + M i j * g j)
      - r * (exp u * (M k j * f j) + M k j * g j)))) in S by (intro; ring).
    rewrite Sum_scal, Sum_minus, Sum_scal, !Sum_plus, !Sum_scal in S. fold a b c e in S.
    assert (0 <= (exp u * a + b) - r * (exp u * c + e)); [| lra].
    apply Rmult_le_reg_l with k0; [exact Pk | lra]. }
  clearbody a b c e.
  assert (K : r * (c + e) <= exp (kappa * u) * (a + b)).
  { pose proof kappa_nonneg as Nk.
    assert (One : 1 <= exp (kappa * u)).
    { apply Rle_trans with (exp 0); [rewrite exp_0; lra | apply exp_mono, Rmult_le_pos; assumption]. }
    destruct (Req_dec b 0) as [Zb | Zb].
    - assert (Ze : e = 0) by (rewrite Zb in *; assert (a * e <= 0) by lra; nra).
      rewrite Zb, Ze in *. assert (exp u * (r * c) <= exp u * a) by lra.
      assert (r * c <= a) by (apply Rmult_le_reg_l with (exp u); lra). nra.
    - destruct (Req_dec e 0) as [Ze | Ze].
      + exfalso. rewrite Ze in *. assert (b * c <= 0) by lra. nra.
      + assert (Pb : 0 < b) by lra. assert (Pe : 0 < e) by lra.
        assert (Xy : a / b <= w * w * (c / e)).
        { apply Rmult_le_reg_r with (b * e); [apply Rmult_lt_0_compat; assumption |].
          replace (a / b * (b * e)) with (a * e) by (field; lra).
          replace (w * w * (c / e) * (b * e)) with (w * w * (b * c)) by (field; lra). exact C1. }
        assert (Nx : 0 <= a / b) by (apply Rmult_le_pos; [assumption | left; apply Rinv_0_lt_compat; assumption]).
        assert (Ny : 0 <= c / e) by (apply Rmult_le_pos; [assumption | left; apply Rinv_0_lt_compat; assumption]).
        pose proof (rise_nonneg w (a / b) (c / e) u w_large Nx Ny Xy Nu) as G.
        apply exp_mono in G. set (x := a / b) in *. set (y := c / e) in *.
        assert (P1 : 0 < 1 + x) by lra. assert (P2 : 0 < 1 + y) by lra.
        assert (P3 : 0 < 1 + exp u * x) by nra. assert (P4 : 0 < 1 + exp u * y) by nra.
        unfold Rminus in G. rewrite !exp_plus, !exp_Ropp, !exp_plus, !exp_Ropp, !exp_ln in G by assumption.
        fold (Rminus w 1) in G. fold kappa in G.
        assert (Ea : a = b * x) by (unfold x; field; lra). assert (Ec : c = e * y) by (unfold y; field; lra).
        rewrite Ea, Ec in V1 |- *.
        (* r <= (b/e) (1 + e^u x)/(1 + e^u y) *)
        assert (R1 : r * e * (1 + exp u * y) <= b * (1 + exp u * x)) by lra.
        assert (G' : (1 + exp u * x) * (1 + y) <= exp (kappa * u) * ((1 + exp u * y) * (1 + x))).
        { replace ((1 + exp u * x) * (1 + y)) with
            ((1 + exp u * x) * / (1 + exp u * y) * / ((1 + x) * / (1 + y)) * ((1 + exp u * y) * (1 + x))) by (field; lra).
          apply Rmult_le_compat_r; [apply Rmult_le_pos; lra | exact G]. }
        apply Rmult_le_reg_r with (1 + exp u * y); [exact P4 |].
        replace (r * (e * y + e) * (1 + exp u * y)) with (r * e * (1 + exp u * y) * (1 + y)) by ring.
        apply Rle_trans with (b * (1 + exp u * x) * (1 + y)); [apply Rmult_le_compat_r; lra |].
        replace (b * (1 + exp u * x) * (1 + y)) with (b * ((1 + exp u * x) * (1 + y))) by ring.
        replace (exp (kappa * u) * (b * x + b) * (1 + exp u * y))
          with (b * (exp (kappa * u) * ((1 + exp u * y) * (1 + x)))) by ring.
        apply Rmult_le_compat_l; lra. }
  rewrite Er, Eab, Ece. pose proof (Pp k).
  replace (r * times M p k * (c + e)) with (r * (c + e) * times M p k) by ring.
  replace (exp (kappa * u) * ((a + b) * times M p k)) with (exp (kappa * u) * (a + b) * times M p k) by ring.
  apply Rmult_le_compat_r; lra.
Qed.

Lemma birkhoff u p q :
  0 <= u -> distribution q -> hilbert_within u p q -> hilbert_within (kappa * u) (times M p) (times M q).
Proof.
  intros Nu Dq [k0 [Pk H]].
  assert (Pq : forall x, 0 < times M q x) by (intro x; apply times_positive; assumption).
  assert (Pp : forall x, 0 < times M p x).
  { intro x. apply Rlt_le_trans with (k0 * times M q x); [apply Rmult_lt_0_compat; auto |].
    unfold times. rewrite <- Sum_scal. apply Sum_le. intro j. pose proof (H j). pose proof (M_positive x j). nra. }
  assert (E : (exists x : X, True) \/ ((X -> False))).
  { destruct (elements X) as [| x l] eqn:El; [right; intro x | left; exists x; exact I].
    pose proof (complete X x) as I. rewrite El in I. contradiction. }
  destruct E as [[x0 _] | E]; [| exists 1; split; [lra | intro x; contradiction (E x)]].
  destruct (argmin (fun x => times M p x / times M q x) x0) as [m Hm].
  exists (times M p m / times M q m). split; [apply Rdiv_lt_0_compat; auto |]. intro x. split.
  - apply Rle_trans with (times M p x / times M q x * times M q x).
    + apply Rmult_le_compat_r; [left; auto | apply Hm].
    + right. field. apply Rgt_not_eq, Pq.
  - pose proof (two_rows u k0 p q x m Nu Pk Dq H) as T. apply Rmult_le_reg_r with (times M q m); [auto |].
    replace (times M p m / times M q m * exp (kappa * u) * times M q x * times M q m)
      with (exp (kappa * u) * (times M q x * times M p m)) by (field; apply Rgt_not_eq, Pq).
    exact T.
Qed.

End Matrix.

(* ---- Answers ---- *)

Lemma hilbert_scaled {X : Finite} u (p q : X -> R) k l :
  0 < k -> 0 < l -> hilbert_within u p q -> hilbert_within u (fun x => p x * k) (fun x => q x * l).
Proof.
  intros Pk Pl [c [Pc H]]. exists (c * k / l). split.
  - apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; assumption | apply Rinv_0_lt_compat, Pl].
  - intro x. specialize (H x). split.
    + replace (c * k / l * (q x * l)) with (c * q x * k) by (field; lra). apply Rmult_le_compat_r; lra.
    + replace (c * k / l * exp u * (q x * l)) with (c * exp u * q x * k) by (field; lra).
      apply Rmult_le_compat_r; lra.
Qed.

Lemma tanh_quotient z : (exp (2 * z) - 1) / (exp (2 * z) + 1) = tanh z.
Proof.
  unfold tanh, sinh, cosh. pose proof (exp_pos z) as P.
  replace (2 * z) with (z + z) by ring. rewrite exp_plus, exp_Ropp. field.
  assert (0 < exp z * exp z) by (apply Rmult_lt_0_compat; assumption). repeat split; nra.
Qed.

Section Answer.
Context {A B : Finite}.
Variables al k D : R.
Variable r : A -> B -> R.
Hypothesis al_positive : 0 < al.
Hypothesis second_differences : forall a b a' b', r a b - r a b' - r a' b + r a' b' <= D.

Notation M := (answer_matrix A B al k r).

Lemma answer_cross a a' b b' :
  M a b * M a' b' <= exp (2 * (D / (4 * al))) * exp (2 * (D / (4 * al))) * (M a b' * M a' b).
Proof.
  unfold answer_matrix. rewrite <- exp_plus.
  set (z := Rpower (Z A B al r b) (k - 1)). set (z' := Rpower (Z A B al r b') (k - 1)).
  assert (Pz : 0 < z) by apply exp_pos. assert (Pz' : 0 < z') by apply exp_pos.
  replace (exp (r a b / al) * z * (exp (r a' b' / al) * z')) with (exp (r a b / al) * exp (r a' b' / al) * (z * z')) by ring.
  replace (exp (2 * (D / (4 * al)) + 2 * (D / (4 * al))) * (exp (r a b' / al) * z' * (exp (r a' b / al) * z)))
    with (exp (2 * (D / (4 * al)) + 2 * (D / (4 * al))) * (exp (r a b' / al) * exp (r a' b / al)) * (z * z')) by ring.
  apply Rmult_le_compat_r; [left; apply Rmult_lt_0_compat; assumption |]. rewrite <- !exp_plus. apply exp_mono.
  apply Rmult_le_reg_r with al; [exact al_positive |].
  replace ((2 * (D / (4 * al)) + 2 * (D / (4 * al)) + (r a b' / al + r a' b / al)) * al) with (D + r a b' + r a' b) by (field; lra).
  replace ((r a b / al + r a' b' / al) * al) with (r a b + r a' b') by (field; lra).
  pose proof (second_differences a b a' b'). lra.
Qed.

Lemma answer_contracts (a0 : A) (b0 : B) u p q :
  0 <= u -> distribution p -> distribution q -> hilbert_within u p q ->
  hilbert_within (tanh (D / (4 * al)) * u) (answer A B al k r p) (answer A B al k r q).
Proof.
  intros Nu Dp Dq H. rewrite <- tanh_quotient.
  assert (ND : 0 <= D) by (pose proof (second_differences a0 b0 a0 b0); lra).
  assert (W : 1 <= exp (2 * (D / (4 * al)))).
  { apply Rle_trans with (exp 0); [rewrite exp_0; lra | apply exp_mono].
    apply Rmult_le_pos; [lra |]. apply Rmult_le_pos; [exact ND | left; apply Rinv_0_lt_compat; lra]. }
  pose proof (birkhoff M (matrix_positive al k r) _ W (fun i i' j l => answer_cross i i' j l) u p q Nu Dq H) as C.
  pose proof (Rinv_0_lt_compat _ (mass_times_positive al k r a0 p Dp)) as Pp.
  pose proof (Rinv_0_lt_compat _ (mass_times_positive al k r a0 q Dq)) as Pq.
  pose proof (hilbert_scaled _ _ _ _ _ Pp Pq C) as [c [Pc Hc]]. exists c. split; [exact Pc |]. intro a. rewrite !(answer_linear al k r a0). apply Hc.
Qed.

End Answer.

Section Rounds.
Context {A B : Finite}.
Variables al1 k1 al2 k2 D1 D2 : R.
Variable r1 : A -> B -> R.
Variable r2 : B -> A -> R.
Variables (a0 : A) (b0 : B).
Hypothesis al1_positive : 0 < al1.
Hypothesis al2_positive : 0 < al2.
Hypothesis d1 : forall a b a' b', r1 a b - r1 a b' - r1 a' b + r1 a' b' <= D1.
Hypothesis d2 : forall b a b' a', r2 b a - r2 b a' - r2 b' a + r2 b' a' <= D2.

Notation f := (answer A B al1 k1 r1).
Notation g := (answer B A al2 k2 r2).

Lemma tanh_nonneg z : 0 <= z -> 0 <= tanh z.
Proof.
  intro N. rewrite <- tanh_quotient. assert (1 <= exp (2 * z)).
  { apply Rle_trans with (exp 0); [rewrite exp_0; lra | apply exp_mono; lra]. }
  apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra].
Qed.

Lemma rounds_law n p : distribution p -> distribution (rounds f g n p).
Proof. intro D. induction n; simpl; [exact D |]. apply answer_law; auto. apply answer_law; auto. Qed.

Lemma rounds_contract n u p q :
  0 <= u -> distribution p -> distribution q -> hilbert_within u p q ->
  hilbert_within ((tanh (D2 / (4 * al2)) * tanh (D1 / (4 * al1))) ^ n * u) (rounds f g n p) (rounds f g n q).
Proof.
  intros Nu Dp Dq H.
  assert (N1 : 0 <= tanh (D1 / (4 * al1))).
  { apply tanh_nonneg. pose proof (d1 a0 b0 a0 b0). apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]. }
  assert (N2 : 0 <= tanh (D2 / (4 * al2))).
  { apply tanh_nonneg. pose proof (d2 b0 a0 b0 a0). apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]. }
  induction n as [| n IH]; simpl; [rewrite Rmult_1_l; exact H |].
  set (v := (tanh (D2 / (4 * al2)) * tanh (D1 / (4 * al1))) ^ n * u) in *.
  assert (Nv : 0 <= v) by (apply Rmult_le_pos; [apply pow_le, Rmult_le_pos; assumption | exact Nu]).
  pose proof (rounds_law n p Dp) as Dp'. pose proof (rounds_law n q Dq) as Dq'.
  pose proof (answer_contracts al1 k1 D1 r1 al1_positive d1 a0 b0 v _ _ Nv Dp' Dq' IH) as C1.
  assert (Nw : 0 <= tanh (D1 / (4 * al1)) * v) by (apply Rmult_le_pos; assumption).
  pose proof (answer_contracts al2 k2 D2 r2 al2_positive d2 b0 a0 _ _ _ Nw
    (answer_law al1 k1 r1 a0 _ Dp') (answer_law al1 k1 r1 a0 _ Dq') C1) as C2.
  replace (tanh (D2 / (4 * al2)) * tanh (D1 / (4 * al1)) * (tanh (D2 / (4 * al2)) * tanh (D1 / (4 * al1))) ^ n * u)
    with (tanh (D2 / (4 * al2)) * (tanh (D1 / (4 * al1)) * v)) by (unfold v; ring).
  exact C2.
Qed.

End Rounds.
