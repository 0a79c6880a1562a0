(* When self-play selects the optimum: what a fixed point leaves to other actions. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs SelfPlay.
Open Scope R_scope.

Lemma sum_list_le {X : Type} (f g : X -> R) l : (forall x, In x l -> f x <= g x) -> sum_list f l <= sum_list g l.
Proof.
  induction l as [| y l IH]; simpl; intro H; [lra |]. pose proof (H y (or_introl eq_refl)).
  specialize (IH (fun x I => H x (or_intror I))). lra.
Qed.

(* Two sums but for one element *)
Lemma Sum_but_one {X : Finite} (f g : X -> R) x0 :
  (forall x, x = x0 \/ f x <= g x) -> (∑ x, f x) - f x0 <= (∑ x, g x) - g x0.
Proof.
  intro H. unfold Sum. pose proof (distinct X) as N. destruct (in_split x0 _ (complete X x0)) as (l1 & l2 & E).
  rewrite E in *. apply NoDup_remove_2 in N. rewrite !sum_list_app. simpl.
  assert (K : forall l, (forall x, In x l -> In x (l1 ++ l2)) -> sum_list (fun x => f x) l <= sum_list (fun x => g x) l).
  { intros l S. apply sum_list_le. intros x I. destruct (H x) as [-> | L]; [contradiction (N (S x0 I)) | exact L]. }
  pose proof (K l1 (fun x I => in_or_app _ _ x (or_introl I))). pose proof (K l2 (fun x I => in_or_app _ _ x (or_intror I))).
  lra.
Qed.

Section Selection.
Context {A B : Finite}.
Variables al k eps th : R.
Variable r : A -> B -> R.
Variables (a1 : A) (b1 : B).                             (* the optimum *)
Hypothesis th_range : 0 <= th < 1.
Hypothesis few : 1 - eps <= exp (r a1 b1 / al) / Z A B al r b1.
Hypothesis small : forall b, b = b1 \/ Rpower (Z A B al r b) k <= th * Rpower (Z A B al r b1) k.

(* What is played with the action of the optimum, if s of the prior is on the other's *)
Lemma answer_at_optimum p :
  distribution p -> 0 < p b1 -> eps <= 1 ->
  (1 - eps) * p b1 <= answer A B al k r p a1 * (p b1 + th * (1 - p b1)).
Proof.
  intros D P Le. set (s := p b1) in *. set (W := Rpower (Z A B al r b1) k).
  assert (PW : 0 < W) by apply exp_pos.
  set (N := ∑ b', p b' * Rpower (Z A B al r b') k).
  assert (PN : 0 < N).
  { apply Sum_pos with b1; [intro b; apply Rmult_le_pos; [apply D | left; apply exp_pos] |].
    apply Rmult_lt_0_compat; [exact P | apply exp_pos]. }
  assert (UN : N <= W * (s + th * (1 - s))).
  { pose proof (Sum_but_one (fun b => p b * Rpower (Z A B al r b) k) (fun b => p b * (th * W)) b1) as C.
    specialize (C ltac:(intro b; destruct (small b) as [E | E]; [left; exact E | right; apply Rmult_le_compat_l; [apply D | exact E]])).
    cbv beta in C. rewrite (mean_const p (th * W) D) in C. fold N in C. fold W in C. fold s in C. lra. }
  assert (one_term : s * W / N * (exp (r a1 b1 / al) / Z A B al r b1) <= answer A B al k r p a1).
  { unfold answer. fold N.
    apply (Sum_term (fun b => p b * Rpower (Z A B al r b) k / N * (exp (r a1 b / al) / Z A B al r b)) b1).
    intro b. apply Rmult_le_pos.
    - apply Rmult_le_pos; [apply Rmult_le_pos; [apply D | left; apply exp_pos] | left; apply Rinv_0_lt_compat, PN].
    - apply Rmult_le_pos; [left; apply exp_pos | left; apply Rinv_0_lt_compat, Z_positive; exact a1]. }
  assert (Ls : s <= 1) by (unfold s; rewrite <- (proj2 D); apply (Sum_term p b1), D).
  assert (Pd : 0 < s + th * (1 - s)) by (pose proof (Rmult_le_pos th (1 - s)); lra).
  assert (LsW : s * W / N * (1 - eps) <= answer A B al k r p a1).
  { apply Rle_trans with (2 := one_term). apply Rmult_le_compat_l; [| exact few].
    apply Rmult_le_pos; [apply Rmult_le_pos; lra | left; apply Rinv_0_lt_compat, PN]. }
  apply Rle_trans with (s * W / N * (1 - eps) * (s + th * (1 - s))); [| apply Rmult_le_compat_r; lra].
  assert (Q : 1 <= W / N * (s + th * (1 - s))).
  { apply Rmult_le_reg_r with N; [exact PN |]. replace (W / N * (s + th * (1 - s)) * N) with (W * (s + th * (1 - s))) by (field; lra). lra. }
  replace (s * W / N * (1 - eps) * (s + th * (1 - s))) with ((1 - eps) * s * (W / N * (s + th * (1 - s)))) by (field; lra).
  assert (0 <= (1 - eps) * s) by (apply Rmult_le_pos; lra). nra.
Qed.

End Selection.

Section Two.
Context {A B : Finite}.
Variables al1 k1 al2 k2 eps th : R.
Variable r1 : A -> B -> R.
Variable r2 : B -> A -> R.
Variables (a1 : A) (b1 : B).
Hypothesis th_range : 0 <= th < 1.
Hypothesis eps_range : eps <= 1.
Hypothesis few1 : 1 - eps <= exp (r1 a1 b1 / al1) / Z A B al1 r1 b1.
Hypothesis few2 : 1 - eps <= exp (r2 b1 a1 / al2) / Z B A al2 r2 a1.
Hypothesis small1 : forall b, b = b1 \/ Rpower (Z A B al1 r1 b) k1 <= th * Rpower (Z A B al1 r1 b1) k1.
Hypothesis small2 : forall a, a = a1 \/ Rpower (Z B A al2 r2 a) k2 <= th * Rpower (Z B A al2 r2 a1) k2.

Notation f := (answer A B al1 k1 r1).
Notation g := (answer B A al2 k2 r2).

(* With s the smaller of what two laws give the optimum, s (s + th (1 - s)) >= (1 - eps) s, so 1 - s <= eps / (1 - th). *)
Lemma smaller s t : 0 < s -> s <= t -> t <= 1 -> (1 - eps) * t <= s * (t + th * (1 - t)) -> 1 - s <= eps / (1 - th).
Proof.
  intros Ps L U H. apply Rmult_le_reg_r with (1 - th); [lra |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
  assert (K : (1 - eps) * t <= (s + th * (1 - s)) * t).
  { apply Rle_trans with (1 := H).
    assert (0 <= th * (t - s)) by (apply Rmult_le_pos; lra).
    replace ((s + th * (1 - s)) * t) with (s * (t + th * (1 - t)) + th * (t - s)) by ring. lra. }
  apply Rmult_le_reg_r in K; lra.
Qed.

Lemma selected x :
  distribution x -> (forall b, g (f x) b = x b) -> 1 - x b1 <= eps / (1 - th) /\ 1 - f x a1 <= eps / (1 - th).
Proof.
  intros D F. pose proof (answer_law al1 k1 r1 a1 x D) as Df.
  assert (Px : 0 < x b1) by (rewrite <- F; apply answer_positive; [exact b1 | exact Df]).
  assert (Pf : 0 < f x a1) by (apply answer_positive; [exact a1 | exact D]).
  assert (Ux : x b1 <= 1) by (rewrite <- (proj2 D); apply (Sum_term x b1), D).
  assert (Uf : f x a1 <= 1) by (rewrite <- (proj2 Df); apply (Sum_term (f x) a1), Df).
  pose proof (answer_at_optimum al1 k1 eps th r1 a1 b1 th_range few1 small1 x D Px eps_range) as H1.
  pose proof (answer_at_optimum al2 k2 eps th r2 b1 a1 th_range few2 small2 (f x) Df Pf eps_range) as H2.
  rewrite F in H2.
  destruct (Rle_dec (f x a1) (x b1)) as [L | L].
  - pose proof (smaller (f x a1) (x b1) Pf L Ux H1). split; lra.
  - pose proof (smaller (x b1) (f x a1) Px ltac:(lra) Uf H2). split; lra.
Qed.

End Two.
