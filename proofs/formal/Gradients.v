(* Gradients, one parameter at a time: eq. 20 to 22, and where Algorithm 1's descent rests. *)

From Coq Require Import Reals List Lra Lia Psatz.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration Estimators.
Open Scope R_scope.

Lemma derivative_ext f g x l : (forall t, f t = g t) -> derivable_pt_lim g x l -> derivable_pt_lim f x l.
Proof. intros E D eps Pe. destruct (D eps Pe) as [d H]. exists d. intros h N B. rewrite !E. apply H; assumption. Qed.

Lemma Sum_derivative {X : Finite} (f : X -> R -> R) x (l : X -> R) :
  (forall i, derivable_pt_lim (f i) x (l i)) -> derivable_pt_lim (fun t => ∑ i, f i t) x (∑ i, l i).
Proof.
  intro D. unfold Sum. induction (elements X) as [| i e IH]; simpl.
  - apply derivable_pt_lim_const.
  - apply (derivable_pt_lim_plus (f i) (fun t => sum_list (fun j => f j t) e)); [apply D | exact IH].
Qed.

Lemma scaled_derivative c f x l : derivable_pt_lim f x l -> derivable_pt_lim (fun t => c * f t) x (c * l).
Proof. apply derivable_pt_lim_scal. Qed.

(* (1/2) (f - y)^2 *)
Lemma half_square f x l y : derivable_pt_lim f x l -> derivable_pt_lim (fun t => 1 / 2 * (f t - y) ^ 2) x (l * (f x - y)).
Proof.
  intro D. replace (l * (f x - y)) with (1 / 2 * ((l - 0) * (f x - y) + (f x - y) * (l - 0))) by field.
  apply scaled_derivative. apply (derivative_ext _ (fun t => (f t - y) * (f t - y))); [intro; ring |].
  assert (K : derivable_pt_lim (fun t => f t - y) x (l - 0))
    by (apply (derivable_pt_lim_minus f (fun _ => y)); [exact D | apply derivable_pt_lim_const]).
  apply (derivable_pt_lim_mult (fun t => f t - y) (fun t => f t - y)); exact K.
Qed.

(* Along a path y = f(t), a function of t and y *)
Lemma chain F f t p q l :
  has_partials F t (f t) p q -> derivable_pt_lim f t l -> derivable_pt_lim (fun u => F u (f u)) t (p + l * q).
Proof.
  intros H D eps Pe. set (K := Rabs l + 2). assert (PK : 0 < K) by (unfold K; pose proof (Rabs_pos l); lra).
  assert (Pq : 0 < Rabs q + 1) by (pose proof (Rabs_pos q); lra).
  set (e1 := eps / (4 * K)). assert (P1 : 0 < e1) by (apply Rdiv_lt_0_compat; lra).
  set (e2 := Rmin 1 (eps / (4 * (Rabs q + 1)))).
  assert (P2 : 0 < e2) by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  destruct (H e1 P1) as [d1 [Pd1 B1]]. destruct (D e2 P2) as [d2 B2].
  assert (Pd : 0 < Rmin (Rmin d1 d2) (d1 / K)).
  { repeat apply Rmin_glb_lt; [exact Pd1 | apply cond_pos | apply Rdiv_lt_0_compat; assumption]. }
  exists (mkposreal _ Pd). intros h Nh Bh. simpl in Bh.
  assert (Bh1 : Rabs h < d1) by (apply Rlt_le_trans with (1 := Bh), Rle_trans with (Rmin d1 d2); apply Rmin_l).
  assert (Bh2 : Rabs h < d2) by (apply Rlt_le_trans with (1 := Bh), Rle_trans with (Rmin d1 d2); [apply Rmin_l | apply Rmin_r]).
  assert (Bh3 : Rabs h < d1 / K) by (apply Rlt_le_trans with (1 := Bh), Rmin_r).
  assert (Ph : 0 < Rabs h) by (apply Rabs_pos_lt, Nh).
  specialize (B2 h Nh Bh2). set (k := f (t + h) - f t).
  (* |k - l h| <= e2 |h| *)
  assert (Bk : Rabs (k - l * h) <= e2 * Rabs h).
  { replace (k - l * h) with ((k / h - l) * h) by (field; exact Nh). rewrite Rabs_mult.
    apply Rmult_le_compat_r; [lra |]. left. exact B2. }
  assert (E2a : e2 <= 1) by apply Rmin_l. assert (E2b : e2 <= eps / (4 * (Rabs q + 1))) by apply Rmin_r.
  assert (Bk' : Rabs k <= (Rabs l + 1) * Rabs h).
  { replace k with ((k - l * h) + l * h) by ring. apply Rle_trans with (1 := Rabs_triang _ _). rewrite Rabs_mult. nra. }
  assert (Bk1 : Rabs k < d1).
  { apply Rle_lt_trans with (1 := Bk'). apply Rle_lt_trans with (K * Rabs h); [unfold K; nra |].
    apply (Rmult_lt_compat_l K) in Bh3; [| exact PK]. replace (K * (d1 / K)) with d1 in Bh3 by (field; lra). exact Bh3. }
  specialize (B1 h k Bh1 Bk1). replace (f t + k) with (f (t + h)) in B1 by (unfold k; ring).
  set (w := F (t + h) (f (t + h)) - F t (f t) - p * h - q * k) in *.
  replace ((F (t + h) (f (t + h)) - F t (f t)) / h - (p + l * q)) with ((w + q * (k - l * h)) / h) by (unfold w; field; exact Nh).
  unfold Rdiv. rewrite Rabs_mult, Rabs_inv.
  apply Rmult_lt_reg_r with (Rabs h); [exact Ph |]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  apply Rle_lt_trans with (1 := Rabs_triang _ _). rewrite Rabs_mult.
  assert (A1 : Rabs w <= eps / 4 * Rabs h).
  { apply Rle_trans with (1 := B1). apply Rle_trans with (e1 * (K * Rabs h)).
    - apply Rmult_le_compat_l; [lra |]. unfold K. lra.
    - right. unfold e1. field. lra. }
  assert (A2 : Rabs q * Rabs (k - l * h) <= eps / 4 * Rabs h).
  { apply Rle_trans with ((Rabs q + 1) * (e2 * Rabs h)).
    - apply Rmult_le_compat; try apply Rabs_pos; lra.
    - rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [lra |].
      apply (Rmult_le_compat_l (Rabs q + 1)) in E2b; [| lra].
      replace ((Rabs q + 1) * (eps / (4 * (Rabs q + 1)))) with (eps / 4) in E2b by (field; lra). exact E2b. }
  nra.
Qed.

(* One sample of eq. 21 *)
Lemma policy_sample al logpi q f t p pa dq df :
  has_partials logpi t (f t) p pa -> derivable_pt_lim q (f t) dq -> derivable_pt_lim f t df ->
  derivable_pt_lim (fun u => al * logpi u (f u) - q (f u)) t (al * p + df * (al * pa - dq)).
Proof.
  intros H Dq Df. replace (al * p + df * (al * pa - dq)) with (al * (p + df * pa) - dq * df) by ring.
  apply (derivable_pt_lim_minus (fun u => al * logpi u (f u)) (fun u => q (f u))).
  - apply scaled_derivative. apply chain; assumption.
  - apply (derivable_pt_lim_comp f q); assumption.
Qed.

(* One sample of eq. 22 *)
Lemma model_sample al logrho logp q logpi g t p pb dp dq dpi dg :
  has_partials logrho t (g t) p pb -> derivable_pt_lim logp (g t) dp -> derivable_pt_lim q (g t) dq ->
  derivable_pt_lim logpi (g t) dpi -> derivable_pt_lim g t dg ->
  derivable_pt_lim (fun u => logrho u (g u) - logp (g u) - q (g u) + al * logpi (g u)) t
    (p + (pb - dp - dq + al * dpi) * dg).
Proof.
  intros H Dp Dq Dpi Dg.
  replace (p + (pb - dp - dq + al * dpi) * dg) with ((p + dg * pb) - dp * dg - dq * dg + al * (dpi * dg)) by ring.
  apply (derivable_pt_lim_plus (fun u => logrho u (g u) - logp (g u) - q (g u)) (fun u => al * logpi (g u))).
  - apply (derivable_pt_lim_minus (fun u => logrho u (g u) - logp (g u)) (fun u => q (g u))).
    + apply (derivable_pt_lim_minus (fun u => logrho u (g u)) (fun u => logp (g u))); [apply chain; assumption |].
      apply (derivable_pt_lim_comp g logp); assumption.
    + apply (derivable_pt_lim_comp g q); assumption.
  - apply scaled_derivative. apply (derivable_pt_lim_comp g logpi); assumption.
Qed.

(* Their means over samples x, with the weights w *)
Lemma mean_gradient {X : Finite} (w : X -> R) (f : X -> R -> R) t (l : X -> R) :
  (forall x, derivable_pt_lim (f x) t (l x)) -> derivable_pt_lim (fun u => ∑ x, w x * f x u) t (∑ x, w x * l x).
Proof. intro D. apply (Sum_derivative (fun x u => w x * f x u)). intro x. apply scaled_derivative, D. Qed.

(* A logarithm of a normal density of standard deviation 1 and mean t, but for its constant: eq. 21 is about something. *)
Lemma normal_partials t x : has_partials (fun t x => - ((x - t) ^ 2 / 2)) t x (x - t) (- (x - t)).
Proof.
  intros eps Pe. exists (eps / 2). split; [lra |]. intros h k Bh Bk.
  replace (- ((x + k - (t + h)) ^ 2 / 2) - - ((x - t) ^ 2 / 2) - (x - t) * h - - (x - t) * k) with (- ((k - h) ^ 2 / 2)) by field.
  rewrite Rabs_Ropp. replace ((k - h) ^ 2 / 2) with (/ 2 * ((k - h) * (k - h))) by field.
  rewrite !Rabs_mult, (Rabs_right (/ 2)) by lra.
  assert (Rabs (k - h) <= Rabs k + Rabs h).
  { unfold Rminus. apply Rle_trans with (1 := Rabs_triang _ _). rewrite Rabs_Ropp. lra. }
  pose proof (Rabs_pos (k - h)). pose proof (Rabs_pos h). pose proof (Rabs_pos k). nra.
Qed.

Section Critic.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

Lemma drawn_affine pi rho s c d (f : own G -> others G -> R) :
  is_policy G pi -> (forall s, distribution (rho s)) ->
  drawn G pi rho s (fun a b => c + d * f a b) = c + d * drawn G pi rho s f.
Proof.
  intros D M. unfold drawn.
  rewrite (Sum_ext _ (fun b => rho s b * (d * (∑ a, pi s b a * f a b) + c))).
  - rewrite mean_plus by apply M. rewrite <- Sum_scal, Rplus_comm. f_equal. apply Sum_ext. intro. ring.
  - intro b. f_equal. rewrite (Sum_ext _ (fun a => pi s b a * (d * f a b + c))) by (intro; ring).
    rewrite mean_plus by apply D. f_equal. rewrite <- Sum_scal. apply Sum_ext. intro. ring.
Qed.

(* eq. 20: over D, s' and the sample of V bar *)
Lemma critic_gradient (D : Table G) (Qw : R -> Table G) (dQ Q0 : Table G) pi rho w :
  is_policy G pi -> is_model G rho -> (forall s a b, derivable_pt_lim (fun u => Qw u s a b) w (dQ s a b)) ->
  derivable_pt_lim
    (fun u => ∑ s, ∑ a, ∑ b, D s a b * (1 / 2 * (Qw u s a b - reward G s a b
       - gamma G * (∑ s', next G s a b s' * drawn G pi rho s' (sample G Q0 pi rho s'))) ^ 2)) w
    (∑ s, ∑ a, ∑ b, D s a b * (∑ s', next G s a b s' * drawn G pi rho s' (fun a' b' =>
       dQ s a b * (Qw w s a b - reward G s a b - gamma G * sample G Q0 pi rho s' a' b')))).
Proof.
  intros Dp M H. apply (Sum_derivative (fun s u => ∑ a, ∑ b, D s a b * (1 / 2 * (Qw u s a b - reward G s a b
       - gamma G * (∑ s', next G s a b s' * drawn G pi rho s' (sample G Q0 pi rho s'))) ^ 2))). intro s.
  apply (Sum_derivative (fun a u => ∑ b, D s a b * (1 / 2 * (Qw u s a b - reward G s a b
       - gamma G * (∑ s', next G s a b s' * drawn G pi rho s' (sample G Q0 pi rho s'))) ^ 2))). intro a.
  apply (Sum_derivative (fun b u => D s a b * (1 / 2 * (Qw u s a b - reward G s a b
       - gamma G * (∑ s', next G s a b s' * drawn G pi rho s' (sample G Q0 pi rho s'))) ^ 2))). intro b.
  apply scaled_derivative. set (m := ∑ s', next G s a b s' * drawn G pi rho s' (sample G Q0 pi rho s')).
  replace (∑ s', next G s a b s' * drawn G pi rho s' (fun a' b' =>
      dQ s a b * (Qw w s a b - reward G s a b - gamma G * sample G Q0 pi rho s' a' b')))
    with (dQ s a b * (Qw w s a b - (reward G s a b + gamma G * m))).
  - apply (derivative_ext _ (fun u => 1 / 2 * (Qw u s a b - (reward G s a b + gamma G * m)) ^ 2));
      [intro; f_equal; f_equal; ring |].
    apply (half_square (fun u => Qw u s a b)), H.
  - symmetry. rewrite (Sum_ext _ (fun s' => next G s a b s' * (- (dQ s a b * gamma G) * drawn G pi rho s' (sample G Q0 pi rho s')
      + dQ s a b * (Qw w s a b - reward G s a b)))).
    + rewrite mean_plus by apply next_law.
      rewrite (Sum_ext _ (fun s' => - (dQ s a b * gamma G) * (next G s a b s' * drawn G pi rho s' (sample G Q0 pi rho s'))))
        by (intro; ring).
      rewrite Sum_scal. fold m. ring.
    + intro s'. f_equal. rewrite Rplus_comm, <- drawn_affine; [| exact Dp | apply M].
      unfold drawn. apply Sum_ext. intro b'. f_equal. apply Sum_ext. intro a'. ring.
Qed.

(* Algorithm 1: where the mean step of descent on (y - Q(s,a,b))^2 is 0 *)
Lemma rests Q :
  (forall s a b, (∑ s', next G s a b s' * (reward G s a b + gamma G * V G Q s' - Q s a b)) = 0) <-> optimal_Q G Q.
Proof.
  assert (E : forall s a b, (∑ s', next G s a b s' * (reward G s a b + gamma G * V G Q s' - Q s a b)) = T G Q s a b - Q s a b).
  { intros s a b. unfold T, ahead.
    rewrite (Sum_ext _ (fun s' => next G s a b s' * (gamma G * V G Q s' + (reward G s a b - Q s a b)))) by (intro; ring).
    rewrite mean_plus by apply next_law.
    rewrite (Sum_ext _ (fun s' => gamma G * (next G s a b s' * V G Q s'))) by (intro; ring). rewrite Sum_scal. ring. }
  split; intros H s a b; specialize (H s a b); rewrite ?E in *; lra.
Qed.

End Critic.
