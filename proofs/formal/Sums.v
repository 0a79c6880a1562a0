(* Sums, maxima and products of finite sets: nothing here is about games. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Lists Definitions.
Open Scope R_scope.

Section Sums.
Context {X : Finite}.
Implicit Types f g p q : X -> R.

Lemma Sum_ext f g : (forall x, f x = g x) -> (∑ x, f x) = ∑ x, g x.
Proof. intro H. unfold Sum. induction (elements X); simpl; [reflexivity | rewrite H, IHl; reflexivity]. Qed.

Lemma Sum_le f g : (forall x, f x <= g x) -> (∑ x, f x) <= ∑ x, g x.
Proof. intro H. unfold Sum. induction (elements X); simpl; [lra | pose proof (H a); lra]. Qed.

Lemma Sum_plus f g : (∑ x, f x + g x) = (∑ x, f x) + ∑ x, g x.
Proof. unfold Sum. induction (elements X); simpl; [lra | rewrite IHl; lra]. Qed.

Lemma Sum_scal c f : (∑ x, c * f x) = c * ∑ x, f x.
Proof. unfold Sum. induction (elements X); simpl; [lra | rewrite IHl; lra]. Qed.

Lemma Sum_scal_r c f : (∑ x, f x * c) = (∑ x, f x) * c.
Proof. unfold Sum. induction (elements X); simpl; [lra | rewrite IHl; lra]. Qed.

Lemma Sum_opp f : (∑ x, - f x) = - ∑ x, f x.
Proof. unfold Sum. induction (elements X); simpl; [lra | rewrite IHl; lra]. Qed.

Lemma Sum_minus f g : (∑ x, f x - g x) = (∑ x, f x) - ∑ x, g x.
Proof. unfold Sum. induction (elements X); simpl; [lra | rewrite IHl; lra]. Qed.

Lemma Sum_zero : (∑ x : X, 0) = 0.
Proof. unfold Sum. induction (elements X); simpl; lra. Qed.

Lemma Sum_const c : (∑ x : X, c) = count X * c.
Proof.
  unfold Sum, count. induction (elements X) as [| x l IH]; simpl sum_list; [simpl; lra |].
  rewrite IH. simpl length. rewrite S_INR. lra.
Qed.

Lemma Sum_nonneg f : (forall x, 0 <= f x) -> 0 <= ∑ x, f x.
Proof. intro H. rewrite <- Sum_zero. apply Sum_le. exact H. Qed.

Lemma sum_list_term (Y : Type) (f : Y -> R) l y : (forall z, 0 <= f z) -> In y l -> f y <= sum_list f l.
Proof.
  intros H. induction l as [| z l IH]; simpl; [tauto |].
  assert (0 <= sum_list f l) by (clear IH; induction l; simpl; [lra | pose proof (H a); lra]).
  intros [-> | I]; [| specialize (IH I); pose proof (H z)]; lra.
Qed.

Lemma Sum_term f x : (forall y, 0 <= f y) -> f x <= ∑ y, f y.
Proof. intro H. apply (sum_list_term X f); [exact H | apply complete]. Qed.

Lemma Sum_pos f x : (forall y, 0 <= f y) -> 0 < f x -> 0 < ∑ y, f y.
Proof. intros H P. apply Rlt_le_trans with (1 := P). apply (Sum_term f x H). Qed.

Lemma Sum_null f : (forall x, 0 <= f x) -> (∑ x, f x) = 0 -> forall x, f x = 0.
Proof. intros H E x. pose proof (Sum_term f x H). pose proof (H x). lra. Qed.

Lemma Sum_has_positive f : 0 < (∑ x, f x) -> exists x, 0 < f x.
Proof.
  unfold Sum. induction (elements X) as [| x l IH]; simpl; intro H; [lra |].
  destruct (Rlt_dec 0 (f x)); [exists x; assumption | apply IH; lra].
Qed.

Lemma Sum_strict f g x : (forall y, f y <= g y) -> f x < g x -> (∑ y, f y) < ∑ y, g y.
Proof.
  intros H P. assert (0 < ∑ y, g y - f y) by (apply Sum_pos with x; [intro y; pose proof (H y); lra | lra]).
  rewrite Sum_minus in *. lra.
Qed.

(* Means *)

Lemma mean_const p c : distribution p -> (∑ x, p x * c) = c.
Proof. intros [_ E]. rewrite Sum_scal_r, E. lra. Qed.

Lemma mean_le p f g : distribution p -> (forall x, f x <= g x) -> (∑ x, p x * f x) <= ∑ x, p x * g x.
Proof. intros [N _] H. apply Sum_le. intro x. pose proof (N x). pose proof (H x). nra. Qed.

Lemma mean_plus p f c : distribution p -> (∑ x, p x * (f x + c)) = (∑ x, p x * f x) + c.
Proof.
  intros D. rewrite (Sum_ext _ (fun x => p x * f x + p x * c)) by (intro; lra).
  rewrite Sum_plus, (mean_const p c D). reflexivity.
Qed.

Lemma mean_upper p f c : distribution p -> (forall x, f x <= c) -> (∑ x, p x * f x) <= c.
Proof. intros D H. rewrite <- (mean_const p c D). apply mean_le; assumption. Qed.

Lemma mean_lower p f c : distribution p -> (forall x, c <= f x) -> c <= ∑ x, p x * f x.
Proof. intros D H. rewrite <- (mean_const p c D) at 1. apply mean_le; assumption. Qed.

Lemma mean_abs p f c : distribution p -> (forall x, Rabs (f x) <= c) -> Rabs (∑ x, p x * f x) <= c.
Proof.
  intros D H. apply Rabs_le.
  assert (B : forall x, - c <= f x <= c) by (intro x; specialize (H x); revert H; unfold Rabs; destruct Rcase_abs; lra).
  split; [apply mean_lower | apply mean_upper]; auto; intro x; destruct (B x); assumption.
Qed.

(* The greatest *)

Lemma argmax f (x0 : X) : exists x, forall y, f y <= f x.
Proof.
  assert (H : forall l, exists x, forall y, In y l -> f y <= f x).
  { induction l as [| z l [x IH]]; [exists x0; simpl; tauto |].
    destruct (Rle_dec (f x) (f z)).
    - exists z. intros y [-> | I]; [lra | specialize (IH y I); lra].
    - exists x. intros y [-> | I]; [lra | apply IH, I]. }
  destruct (H (elements X)) as [x Hx]. exists x. intro y. apply Hx, complete.
Qed.

Lemma argmin f (x0 : X) : exists x, forall y, f x <= f y.
Proof. destruct (argmax (fun x => - f x) x0) as [x H]. exists x. intro y. specialize (H y). lra. Qed.

Lemma Max_nonneg f : 0 <= Max f.
Proof.
  unfold Max. induction (elements X); simpl; [lra |]. apply Rle_trans with (1 := IHl). apply Rmax_r.
Qed.

Lemma Max_upper f x : f x <= Max f.
Proof.
  unfold Max. pose proof (complete X x) as I. revert I. induction (elements X) as [| y l IH]; simpl; [tauto |].
  intros [-> | I]; [apply Rmax_l | apply Rle_trans with (1 := IH I), Rmax_r].
Qed.

Lemma Max_least f c : 0 <= c -> (forall x, f x <= c) -> Max f <= c.
Proof. intros N H. unfold Max. induction (elements X); simpl; [lra | apply Rmax_lub; auto]. Qed.

Lemma Max_ext f g : (forall x, f x = g x) -> Max f = Max g.
Proof. intro H. unfold Max. induction (elements X); simpl; [reflexivity | rewrite H, IHl; reflexivity]. Qed.

Lemma Max_scal f c : 0 <= c -> Max (fun x => c * f x) = c * Max f.
Proof.
  intro N. unfold Max. induction (elements X); simpl; [lra |]. rewrite IHl. apply RmaxRmult. exact N.
Qed.

Lemma all_or_not (f g : X -> R) : (forall x, f x = g x) \/ exists x, f x <> g x.
Proof.
  assert (H : forall l, (forall x, In x l -> f x = g x) \/ exists x, f x <> g x).
  { induction l as [| y l [IH | IH]]; [left; simpl; tauto | | right; exact IH].
    destruct (Req_EM_T (f y) (g y)); [left; intros x [<- | I]; auto | right; exists y; assumption]. }
  destruct (H (elements X)) as [E | E]; [left; intro x; apply E, complete | right; exact E].
Qed.

End Sums.

Lemma Sum_swap {X Y : Finite} (f : X -> Y -> R) : (∑ x, ∑ y, f x y) = ∑ y, ∑ x, f x y.
Proof.
  unfold Sum at 1 4. induction (elements X) as [| x l IH]; simpl.
  - rewrite Sum_zero. reflexivity.
  - rewrite IH, <- Sum_plus. reflexivity.
Qed.

Lemma distribution_inhabited {X : Finite} (p : X -> R) : distribution p -> exists x, 0 < p x.
Proof. intros [_ E]. apply Sum_has_positive. lra. Qed.

Lemma count_positive (X : Finite) (x : X) : 0 < count X.
Proof.
  unfold count. pose proof (complete X x) as I. destruct (elements X); [contradiction I |].
  apply lt_0_INR. simpl. lia.
Qed.

Lemma sum_below_ext n f g : (forall t, f t = g t) -> sum_below n f = sum_below n g.
Proof. intro H. induction n; simpl; [reflexivity | rewrite IHn, H; reflexivity]. Qed.

Lemma sum_below_first n f : sum_below (S n) f = f O + sum_below n (fun t => f (S t)).
Proof. induction n; simpl in *; [lra | rewrite IHn; lra]. Qed.

Lemma sum_below_scal n c f : sum_below n (fun t => c * f t) = c * sum_below n f.
Proof. induction n; simpl; [lra | rewrite IHn; lra]. Qed.

Lemma sum_below_Sum {X : Finite} n (f : nat -> X -> R) : sum_below n (fun t => ∑ x, f t x) = ∑ x, sum_below n (fun t => f t x).
Proof. induction n; simpl; [rewrite Sum_zero; reflexivity | rewrite IHn, <- Sum_plus; reflexivity]. Qed.

(* Products *)

Lemma sum_list_app {X : Type} (f : X -> R) l m : sum_list f (l ++ m) = sum_list f l + sum_list f m.
Proof. induction l; simpl; [lra | rewrite IHl; lra]. Qed.

Lemma sum_list_map {X Y : Type} (h : X -> Y) (f : Y -> R) l : sum_list f (map h l) = sum_list (fun x => f (h x)) l.
Proof. induction l; simpl; [reflexivity | rewrite IHl; reflexivity]. Qed.

Lemma sum_list_prod {X Y : Type} (f : X * Y -> R) l m :
  sum_list f (list_prod l m) = sum_list (fun x => sum_list (fun y => f (x, y)) m) l.
Proof. induction l; simpl; [reflexivity |]. rewrite sum_list_app, sum_list_map, IHl. reflexivity. Qed.

Lemma Rabs_between x c : Rabs x <= c -> - c <= x <= c.
Proof. unfold Rabs. destruct Rcase_abs; lra. Qed.

Lemma Sum_pairs {X Y : Finite} (f : pairs X Y -> R) : (∑ z, f z) = ∑ x, ∑ y, f (x, y).
Proof. unfold Sum at 1. simpl. apply sum_list_prod. Qed.

Lemma Sum_one (f : one -> R) : (∑ x, f x) = f tt.
Proof. unfold Sum. simpl. lra. Qed.

Lemma Sum_two (f : two -> R) : (∑ x, f x) = f true + f false.
Proof. unfold Sum. simpl. lra. Qed.

Lemma Sum_three (f : three -> R) : (∑ x, f x) = f first + f second + f third.
Proof. unfold Sum. simpl. lra. Qed.
