(* More on trajectories: the likelihood as a recursion (eq. 26), any law in eq. 27, what o^- does to eq. 23, and eq. 5. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration LowerBound.
Open Scope R_scope.

Lemma tilt_ext {X : Finite} (p p' w w' : X -> R) x :
  (forall y, p y = p' y) -> (forall y, w y = w' y) -> tilt p w x = tilt p' w' x.
Proof. intros Ep Ew. unfold tilt. rewrite Ep, Ew. f_equal. apply Sum_ext. intro y. rewrite Ep, Ew. reflexivity. Qed.

(* A chance that is the same everywhere tells nothing; a common factor drops out. *)
Lemma tilt_factor {X : Finite} (p w : X -> R) c x : c <> 0 -> tilt p (fun y => c * w y) x = tilt p w x.
Proof.
  intro N. unfold tilt. rewrite (Sum_ext (fun y => p y * (c * w y)) (fun y => c * (p y * w y))) by (intro; ring).
  rewrite Sum_scal. destruct (Req_dec (∑ y, p y * w y) 0) as [E | E].
  - rewrite E, Rmult_0_r. unfold Rdiv. rewrite Rinv_0. ring.
  - field. split; assumption.
Qed.

Lemma tilt_constant {X : Finite} (p : X -> R) c x : distribution p -> c <> 0 -> tilt p (fun _ => c) x = p x.
Proof. intros D N. unfold tilt. rewrite (mean_const p c D). field. exact N. Qed.

Lemma mean_positive {X : Finite} (p w : X -> R) : distribution p -> (forall x, 0 < w x) -> 0 < ∑ x, p x * w x.
Proof.
  intros D P. destruct (distribution_inhabited p D) as [x0 P0]. apply Sum_pos with x0.
  - intro x. apply Rmult_le_pos; [apply D | left; apply P].
  - apply Rmult_lt_0_compat; [exact P0 | apply P].
Qed.

Lemma tilt_law {X : Finite} (p w : X -> R) : distribution p -> (forall x, 0 < w x) -> distribution (tilt p w).
Proof.
  intros D P. pose proof (mean_positive p w D P) as PZ. split.
  - intro x. apply Rmult_le_pos; [apply Rmult_le_pos; [apply D | left; apply P] | left; apply Rinv_0_lt_compat, PZ].
  - unfold tilt, Rdiv. rewrite Sum_scal_r. field. lra.
Qed.

Section Trajectories.
Variable G : Game.
Implicit Types (pi : Policy G) (rho : Model G) (mu : states G -> R) (g : Table G).

(* ---- The mean of a product, by its first step ---- *)

Lemma likelihood_first g k mu :
  likelihood G g (S k) mu
  = ∑ s, mu s * (∑ b, prior G s b * (∑ a, uniform G s b a * (g s a b * likelihood G g k (next G s a b)))).
Proof.
  unfold likelihood at 1. rewrite Sum_trajectory. apply Sum_ext. intro s. rewrite Sum_swap, <- Sum_scal.
  apply Sum_ext. intro b. rewrite <- !Sum_scal. apply Sum_ext. intro a. unfold likelihood.
  rewrite <- !Sum_scal. apply Sum_ext. intro rest. simpl. ring.
Qed.

Lemma likelihood_is_hope g k mu : distribution mu -> likelihood G g k mu = ∑ s, mu s * hope G g k s.
Proof.
  revert mu. induction k as [| k IH]; intros mu Dm.
  - unfold likelihood. change (trajectory G 0) with one. rewrite Sum_one. simpl. rewrite mean_const by exact Dm. ring.
  - rewrite likelihood_first. apply Sum_ext. intro s. f_equal. simpl. apply Sum_ext. intro b. f_equal.
    apply Sum_ext. intro a. do 2 f_equal. apply IH, next_law.
Qed.

Lemma hope_positive g k s : (forall s a b, 0 < g s a b) -> 0 < hope G g k s.
Proof.
  intro P. revert s. induction k as [| k IH]; intro s; [simpl; lra |]. simpl.
  apply mean_positive; [apply prior_law |]. intro b. apply mean_positive; [apply uniform_law |]. intro a.
  apply Rmult_lt_0_compat; [apply P |]. apply mean_positive; [apply next_law | exact IH].
Qed.

(* The law given o^-, factor by factor *)
Lemma given_product g n mu tau :
  (forall s a b, 0 < g s a b) -> distribution mu ->
  law G (uniform G) (prior G) n mu tau * product G g n tau = likelihood G g n mu * law_given G g n mu tau.
Proof.
  intro P. revert mu tau. induction n as [| n IH]; intros mu tau Dm.
  - unfold likelihood. change (trajectory G 0) with one. rewrite Sum_one. simpl. ring.
  - destruct tau as [[[s a] b] rest]. rewrite (likelihood_is_hope g (S n) mu Dm).
    cbn [law product law_given]. unfold tilt.
    pose proof (hope_positive g (S n) s P) as P1.
    pose proof (mean_positive mu (hope G g (S n)) Dm (fun s => hope_positive g (S n) s P)) as P0.
    change (∑ b0, prior G s b0 * (∑ a0, uniform G s b0 a0 * (g s a0 b0 * (∑ s', next G s a0 b0 s' * hope G g n s'))))
      with (hope G g (S n) s).
    assert (P2 : 0 < ∑ a0, uniform G s b a0 * (g s a0 b * (∑ s', next G s a0 b s' * hope G g n s'))).
    { apply mean_positive; [apply uniform_law |]. intro a0. apply Rmult_lt_0_compat; [apply P |].
      apply mean_positive; [apply next_law | intro; apply hope_positive, P]. }
    set (z0 := ∑ y, mu y * hope G g (S n) y) in *. set (z1 := hope G g (S n) s) in *.
    set (z2 := ∑ a0, uniform G s b a0 * (g s a0 b * (∑ s', next G s a0 b s' * hope G g n s'))) in *.
    transitivity (mu s * prior G s b * uniform G s b a * g s a b
      * (law G (uniform G) (prior G) n (next G s a b) rest * product G g n rest)); [ring |].
    rewrite IH by apply next_law. rewrite likelihood_is_hope by apply next_law. field. repeat split; lra.
Qed.

Lemma likelihood_positive g n mu : (forall s a b, 0 < g s a b) -> distribution mu -> 0 < likelihood G g n mu.
Proof.
  intros P Dm. rewrite likelihood_is_hope by exact Dm. apply mean_positive; [exact Dm |]. intro. apply hope_positive, P.
Qed.

Lemma given g n mu tau :
  (forall s a b, 0 < g s a b) -> distribution mu ->
  tilt (law G (uniform G) (prior G) n mu) (product G g n) tau = law_given G g n mu tau.
Proof.
  intros P Dm. unfold tilt. fold (likelihood G g n mu). rewrite given_product by assumption.
  pose proof (likelihood_positive g n mu P Dm). field. lra.
Qed.

(* Where the chance is the same in every state, eq. 23 is right. *)
Lemma given_is_23 g n mu tau :
  (forall s a b, 0 < g s a b) -> distribution mu -> (forall k s s', hope G g k s = hope G g k s') ->
  tilt (law G (uniform G) (prior G) n mu) (product G g n) tau
  = law G (fun s b => tilt (uniform G s b) (fun a => g s a b))
      (fun s => tilt (prior G s) (fun b => ∑ a, uniform G s b a * g s a b)) n mu tau.
Proof.
  intros P Dm H. rewrite given by assumption. revert mu tau Dm.
  induction n as [| n IH]; intros mu tau Dm; [reflexivity |]. destruct tau as [[[s a] b] rest].
  cbn [law law_given]. rewrite IH by apply next_law.
  pose proof (hope_positive g (S n) s P) as P1. pose proof (hope_positive g n s P) as P2.
  rewrite (tilt_ext mu mu (hope G g (S n)) (fun _ => hope G g (S n) s)) by (intro; apply H || reflexivity).
  rewrite tilt_constant by (assumption || lra).
  assert (E : forall b a, g s a b * (∑ s', next G s a b s' * hope G g n s') = hope G g n s * g s a b).
  { intros b0 a0. rewrite (Sum_ext _ (fun s' => next G s a0 b0 s' * hope G g n s)) by (intro s'; rewrite (H n s' s); reflexivity).
    rewrite mean_const by apply next_law. ring. }
  rewrite (tilt_ext (uniform G s b) (uniform G s b) _ (fun a => hope G g n s * g s a b)) by (intro; apply E || reflexivity).
  rewrite tilt_factor by lra.
  rewrite (tilt_ext (prior G s) (prior G s) _ (fun b => hope G g n s * (∑ a, uniform G s b a * g s a b)));
    [| reflexivity |].
  - rewrite tilt_factor by lra. reflexivity.
  - intro b0. rewrite <- Sum_scal. apply Sum_ext. intro a0. rewrite E. ring.
Qed.

(* ---- eq. 26 ---- *)

Lemma optimality_is_product c n tau : optimality G c n tau = product G (fun s a b => c * exp (reward G s a b)) n tau.
Proof. induction n as [| n IH]; [reflexivity |]. destruct tau as [[[s a] b] rest]. simpl. rewrite IH. reflexivity. Qed.

Lemma evidence_is_likelihood c n mu : evidence G c n mu = likelihood G (fun s a b => c * exp (reward G s a b)) n mu.
Proof. unfold evidence, joint, likelihood. apply Sum_ext. intro tau. rewrite optimality_is_product. reflexivity. Qed.

Lemma evidence_backward c n mu :
  distribution mu -> evidence G c n mu = ∑ s, mu s * hope G (fun s a b => c * exp (reward G s a b)) n s.
Proof. intro Dm. rewrite evidence_is_likelihood. apply likelihood_is_hope, Dm. Qed.

(* ---- eq. 27 for any law ---- *)

Lemma any_law c n mu (q : trajectory G n -> R) :
  distribution mu -> distribution q -> supported_by q (joint G c n mu) -> 0 < c ->
  ln (evidence G c n mu) - (∑ tau, q tau * ln (joint G c n mu tau / q tau)) = KL q (posterior G c n mu).
Proof. intros Dm D S P. apply evidence_gap; [exact D | intro tau; apply joint_nonneg; [exact P | apply Dm] | exact S]. Qed.

Lemma at_posterior c n mu :
  0 < c -> distribution mu ->
  (∑ tau, posterior G c n mu tau * ln (joint G c n mu tau / posterior G c n mu tau)) = ln (evidence G c n mu).
Proof.
  intros P Dm. pose proof (any_law c n mu (posterior G c n mu) Dm) as H.
  rewrite KL_same in H by reflexivity. symmetry. apply Rminus_diag_uniq. apply H; [apply posterior_law; assumption | | exact P].
  intros tau E. unfold posterior. rewrite E. unfold Rdiv. ring.
Qed.

(* ---- eq. 5 ---- *)

Lemma attained_cases m s a b : reward G s a b = m /\ attained G m s a b = 1 \/ reward G s a b <> m /\ attained G m s a b = 0.
Proof. unfold attained. destruct (Req_EM_T (reward G s a b) m); [left | right]; split; auto. Qed.

Lemma product_attained m n tau : product G (attained G m) n tau = 1 \/ product G (attained G m) n tau = 0.
Proof.
  induction n as [| n IH]; [left; reflexivity |]. destruct tau as [[[s a] b] rest]. simpl.
  destruct (attained_cases m s a b) as [[_ ->] | [_ ->]]; [destruct (IH rest) as [-> | ->] |]; [left | right | right]; ring.
Qed.

Lemma product_between m gap g n tau :
  0 <= gap -> (forall s a b, attained G m s a b = 1 /\ g s a b = 1 \/ attained G m s a b = 0 /\ 0 <= g s a b <= exp (- gap)) ->
  product G (attained G m) n tau <= product G g n tau
  <= product G (attained G m) n tau + (1 - product G (attained G m) n tau) * exp (- gap).
Proof.
  intros Ng H. assert (E1 : exp (- gap) <= 1) by (rewrite <- exp_0; apply exp_mono; lra). pose proof (exp_pos (- gap)).
  induction n as [| n IH]; [simpl; lra |]. destruct tau as [[[s a] b] rest]. simpl. specialize (IH rest).
  destruct (H s a b) as [[-> ->] | [-> B]].
  - lra.
  - assert (0 <= product G g n rest <= 1) by (destruct (product_attained m n rest) as [E | E]; rewrite E in IH; lra). nra.
Qed.

Lemma likelihood_between m gap g n mu :
  0 <= gap -> distribution mu ->
  (forall s a b, attained G m s a b = 1 /\ g s a b = 1 \/ attained G m s a b = 0 /\ 0 <= g s a b <= exp (- gap)) ->
  likelihood G (attained G m) n mu <= likelihood G g n mu
  <= likelihood G (attained G m) n mu + (1 - likelihood G (attained G m) n mu) * exp (- gap).
Proof.
  intros Ng Dm H. pose proof (prior_law_of_trajectories G n mu Dm) as D. unfold likelihood. split.
  - apply mean_le; [exact D |]. intro tau. apply (product_between m gap g n tau Ng H).
  - apply Rle_trans with (∑ tau, law G (uniform G) (prior G) n mu tau
      * ((1 - exp (- gap)) * product G (attained G m) n tau + exp (- gap))).
    + apply mean_le; [exact D |]. intro tau. pose proof (product_between m gap g n tau Ng H). lra.
    + rewrite mean_plus by exact D.
      rewrite (Sum_ext _ (fun tau => (1 - exp (- gap)) * (law G (uniform G) (prior G) n mu tau * product G (attained G m) n tau)))
        by (intro; ring).
      rewrite Sum_scal. lra.
Qed.

(* Rewards k R, with c = exp(- k m) *)
Lemma scaled k m gap n mu :
  0 <= k -> 0 <= gap -> distribution mu -> (forall s a b, reward G s a b = m \/ reward G s a b <= m - gap) ->
  likelihood G (attained G m) n mu <= likelihood G (fun s a b => exp (- (k * m)) * exp (k * reward G s a b)) n mu
  <= likelihood G (attained G m) n mu + (1 - likelihood G (attained G m) n mu) * exp (- (k * gap)).
Proof.
  intros Nk Ng Dm H. apply likelihood_between; [apply Rmult_le_pos; assumption | exact Dm |]. intros s a b.
  rewrite <- exp_plus. destruct (attained_cases m s a b) as [[E ->] | [E ->]]; [left | right]; split; try reflexivity.
  - rewrite E, <- exp_0. f_equal. ring.
  - destruct (H s a b) as [E' | E']; [contradiction |]. split; [left; apply exp_pos |]. apply exp_mono. nra.
Qed.

Lemma likelihood_ext g g' n mu : (forall s a b, g s a b = g' s a b) -> likelihood G g n mu = likelihood G g' n mu.
Proof.
  intro H. unfold likelihood. apply Sum_ext. intro tau. f_equal.
  induction n as [| n IH]; [reflexivity |]. destruct tau as [[[s a] b] rest]. simpl. rewrite H, IH. reflexivity.
Qed.

Lemma product_at_most_one g n tau : (forall s a b, 0 <= g s a b <= 1) -> 0 <= product G g n tau <= 1.
Proof.
  intro H. induction n as [| n IH]; [simpl; lra |]. destruct tau as [[[s a] b] rest]. simpl.
  pose proof (H s a b). pose proof (IH rest). nra.
Qed.

Lemma evidence_between m gap n mu :
  0 <= gap -> distribution mu -> (forall s a b, reward G s a b = m \/ reward G s a b <= m - gap) ->
  likelihood G (attained G m) n mu <= evidence G (exp (- m)) n mu
  <= likelihood G (attained G m) n mu + (1 - likelihood G (attained G m) n mu) * exp (- gap).
Proof.
  intros Ng Dm H. pose proof (scaled 1 m gap n mu ltac:(lra) Ng Dm H) as B.
  rewrite (likelihood_ext (fun s a b => exp (- (1 * m)) * exp (1 * reward G s a b)) (fun s a b => exp (- m) * exp (reward G s a b)))
    in B by (intros; rewrite !Rmult_1_l; reflexivity).
  rewrite evidence_is_likelihood. replace (- (1 * gap)) with (- gap) in B by ring. exact B.
Qed.

Lemma evidence_at_most_one m n mu :
  distribution mu -> (forall s a b, reward G s a b <= m) -> evidence G (exp (- m)) n mu <= 1.
Proof.
  intros Dm H. rewrite evidence_is_likelihood. apply (mean_upper _ _ 1 (prior_law_of_trajectories G n mu Dm)).
  intro tau. apply product_at_most_one. intros s a b. rewrite <- exp_plus. split; [left; apply exp_pos |].
  rewrite <- exp_0. apply exp_mono. pose proof (H s a b). lra.
Qed.

Lemma another_constant c k n mu : evidence G (k * c) n mu = k ^ n * evidence G c n mu.
Proof.
  unfold evidence, joint. rewrite <- Sum_scal. apply Sum_ext. intro tau.
  rewrite <- !Rmult_assoc, (Rmult_comm (k ^ n)), Rmult_assoc. f_equal.
  induction n as [| n IH]; [simpl; ring |]. destruct tau as [[[s a] b] rest]. simpl. rewrite IH. ring.
Qed.

End Trajectories.
