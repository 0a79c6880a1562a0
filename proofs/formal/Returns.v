(* Returns: eq. 1, Definition 1's optimum, and what training without the divergence comes to (Section 2.3). *)

From Coq Require Import Reals List Lra Lia Psatz.
From Coq Require ClassicalDedekindReals Classical_Prop.
From Rommeo Require Import Definitions Sums Gibbs Contraction Iteration LowerBound Limits.
Open Scope R_scope.

(* ---- Finite sets ---- *)

Section Finite.
Context {X : Finite}.

(* The greatest f x; no finite set that is used is empty. *)
Definition greatest (f : X -> R) : R :=
  match elements X with nil => 0 | x :: _ => f x + Max (fun y => f y - f x) end.

Lemma greatest_upper f x : f x <= greatest f.
Proof.
  unfold greatest. pose proof (complete X x) as I. destruct (elements X) as [| x0 l]; [contradiction I |].
  pose proof (Max_upper (fun y => f y - f x0) x) as H. simpl in H. lra.
Qed.

Lemma greatest_attained f (x : X) : exists y, greatest f = f y.
Proof.
  destruct (argmax f x) as [y H]. exists y. apply Rle_antisym; [| apply greatest_upper].
  unfold greatest. pose proof (complete X x) as I. destruct (elements X) as [| x0 l]; [contradiction I |].
  assert (Max (fun z => f z - f x0) <= f y - f x0); [| lra].
  apply Max_least; [pose proof (H x0); lra | intro z; pose proof (H z); lra].
Qed.

Definition equal_or_not (x y : X) : {x = y} + {x <> y}.
Proof.
  destruct (ClassicalDedekindReals.sig_not_dec (x = y)) as [H | H]; [left | right; exact H].
  destruct (Classical_Prop.classic (x = y)) as [E | N]; [exact E | contradiction].
Defined.

(* The law that is sure of x *)
Definition point (x y : X) : R := if equal_or_not x y then 1 else 0.

Lemma point_self x : point x x = 1.
Proof. unfold point. destruct equal_or_not; [reflexivity | contradiction]. Qed.

Lemma point_mean x f : (∑ y, point x y * f y) = f x.
Proof.
  unfold Sum. pose proof (complete X x) as I. pose proof (distinct X) as Nd.
  induction (elements X) as [| z l IH]; [contradiction I |]. inversion Nd as [| ? ? Nz Nl]; subst. simpl.
  destruct (equal_or_not x z) as [-> | Ne].
  - rewrite point_self. assert (Z : sum_list (fun y => point z y * f y) l = 0).
    { clear IH I Nd Nl. induction l as [| y l IH]; simpl; [reflexivity |]. simpl in Nz. rewrite IH by tauto.
      unfold point. destruct equal_or_not as [-> | _]; [tauto | lra]. }
    rewrite Z. lra.
  - destruct I as [-> | I]; [contradiction |]. rewrite IH by assumption. unfold point.
    destruct equal_or_not; [contradiction | lra].
Qed.

Lemma point_law x : distribution (point x).
Proof.
  split; [intro y; unfold point; destruct equal_or_not; lra |].
  rewrite <- (point_mean x (fun _ => 1)). apply Sum_ext. intro. ring.
Qed.

Lemma finite_choice {Y : Type} (P : X -> Y -> Prop) : (forall x, exists y, P x y) -> (X -> Y) -> exists f, forall x, P x (f x).
Proof.
  intros H f0. assert (K : forall l, exists f, forall x, In x l -> P x (f x)).
  { induction l as [| z l [f IH]]; [exists f0; simpl; tauto |]. destruct (H z) as [y Py].
    exists (fun x => if equal_or_not z x then y else f x). intros x I. destruct (equal_or_not z x) as [<- | N]; [exact Py |].
    apply IH. destruct I; [contradiction | assumption]. }
  destruct (K (elements X)) as [f Hf]. exists f. intro x. apply Hf, complete.
Qed.

Lemma least_mass (f : X -> R) : exists p, 0 < p /\ forall x, 0 < f x -> p <= f x.
Proof.
  assert (H : forall l, exists p, 0 < p /\ forall x, In x l -> 0 < f x -> p <= f x).
  { induction l as [| z l (p & P & IH)]; [exists 1; split; [lra | simpl; tauto] |].
    destruct (Rlt_dec 0 (f z)) as [Pz | Nz].
    - exists (Rmin p (f z)). split; [apply Rmin_glb_lt; assumption |].
      intros x [<- | I] Px; [apply Rmin_r | apply Rle_trans with p; [apply Rmin_l | apply IH; assumption]].
    - exists p. split; [exact P |]. intros x [<- | I] Px; [contradiction | apply IH; assumption]. }
  destruct (H (elements X)) as (p & P & K). exists p. split; [exact P |]. intros x. apply K, complete.
Qed.

End Finite.

Section Returns.
Variable G : Game.
Notation ga := (gamma G).
Notation al := (alpha G).
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G) (mu : states G -> R).

Let al_pos : 0 < al := alpha_positive G.
Let ga_range : 0 <= ga < 1 := gamma_range G.

(* The same game with a uniform prior: then any law is an opponent model. *)
Lemma level_law (s : states G) : distribution (fun _ : others G => 1 / count (others G)).
Proof.
  destruct (distribution_inhabited _ (prior_law G s)) as [b _]. pose proof (count_positive _ b).
  split; [intro; left; apply Rdiv_lt_0_compat; lra | rewrite Sum_const; field; lra].
Qed.

Definition level : Game :=
  game (states G) (own G) (others G) (reward G) (next G) (fun _ _ => 1 / count (others G)) ga al (beta G) (own_action G)
    (next_law G) level_law (gamma_range G) (alpha_positive G) (beta_positive G).

Lemma level_model rho : is_free_model G rho -> is_model level rho.
Proof.
  intros M s. split; [apply M |]. intros b E. exfalso. revert E. simpl. pose proof (count_positive (others G) b).
  apply Rgt_not_eq, Rdiv_lt_0_compat; lra.
Qed.

Lemma series pi rho u W mu :
  is_policy G pi -> is_free_model G rho -> distribution mu -> follows G pi rho u W ->
  Un_cv (discounted G pi rho mu u) (∑ s, mu s * W s).
Proof. intros D M Dm F. exact (follows_series level pi rho u W mu D (level_model rho M) Dm F). Qed.

Lemma free_state_law pi rho t mu :
  is_policy G pi -> is_free_model G rho -> distribution mu -> distribution (state_law G pi rho t mu).
Proof. intros D M Dm. exact (state_law_law level pi rho t mu D (level_model rho M) Dm). Qed.

Lemma discounted_le pi rho mu u v n :
  is_policy G pi -> is_free_model G rho -> distribution mu -> (forall s, u s <= v s) ->
  discounted G pi rho mu u n <= discounted G pi rho mu v n.
Proof.
  intros D M Dm H. unfold discounted. induction n as [| n IH]; simpl; [lra |]. apply Rplus_le_compat; [exact IH |].
  apply Rmult_le_compat_l; [apply pow_le; lra |]. apply mean_le; [apply free_state_law; assumption | exact H].
Qed.

Lemma discounted_shift pi rho mu u c n :
  is_policy G pi -> is_free_model G rho -> distribution mu -> 0 <= c ->
  discounted G pi rho mu (fun s => u s + c) n <= discounted G pi rho mu u n + c / (1 - ga).
Proof.
  intros D M Dm Nc. assert (E : discounted G pi rho mu (fun s => u s + c) n = discounted G pi rho mu u n + c * (1 - ga ^ n) / (1 - ga)).
  { unfold discounted. induction n as [| n IH]; simpl; [field; lra |].
    rewrite IH, mean_plus by (apply free_state_law; assumption). field. lra. }
  rewrite E. apply Rplus_le_compat_l. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra |].
  pose proof (pow_le ga n (proj1 ga_range)). nra.
Qed.

Lemma limits_le x y l m : (forall n, x n <= y n) -> Un_cv x l -> Un_cv y m -> l <= m.
Proof. intros H Hx Hy. apply (@Rle_cv_lim x y); assumption. Qed.

(* ---- Operators that look ahead with a mean or a maximum ---- *)

Section Choice.
(* What comes of a table in a state *)
Variable value : Table G -> states G -> R.
Hypothesis value_mono : forall Q1 Q2, below G Q1 Q2 -> forall s, value Q1 s <= value Q2 s.
Hypothesis value_shift : forall Q c s, value (raised G Q c) s = value Q s + c.

Lemma value_operator_mono Q1 Q2 : below G Q1 Q2 -> below G (ahead G (value Q1)) (ahead G (value Q2)).
Proof. intro H. apply ahead_mono, value_mono, H. Qed.

Lemma value_operator_shift Q c s a b : ahead G (value (raised G Q c)) s a b = ahead G (value Q) s a b + ga * c.
Proof. apply ahead_shift. intro x. apply value_shift. Qed.

Lemma value_fixed : exists Q, same G (ahead G (value Q)) Q.
Proof.
  exists (limit G (fun Q => ahead G (value Q)) value_operator_mono value_operator_shift (fun _ _ _ => 0)). exact (limit_is_fixed G (fun Q => ahead G (value Q)) value_operator_mono value_operator_shift (fun _ _ _ => 0)).
Qed.

Lemma value_above Q Q' : same G (ahead G (value Q')) Q' -> below G Q (ahead G (value Q)) -> below G Q Q'.
Proof. apply (below_fixed_0 G (fun Q => ahead G (value Q)) value_operator_mono value_operator_shift). Qed.

Lemma value_below Q1 Q2 c : (forall s a b, Q1 s a b <= Q2 s a b + c) -> forall s, value Q1 s <= value Q2 s + c.
Proof. intros H s. rewrite <- value_shift. apply value_mono. exact H. Qed.

End Choice.

(* alpha times the entropy of pi(.|s,b) is added or not: t = 1 or 0. *)
Section Entropy.
Variable t : R.
Hypothesis t_range : 0 <= t.

Definition each Q pi s b : R := (∑ a, pi s b a * Q s a b) + t * (al * entropy (pi s b)).
Definition both Q pi rho s : R := ∑ b, rho s b * each Q pi s b.

Lemma both_mono pi rho : is_policy G pi -> is_free_model G rho ->
  forall Q1 Q2, below G Q1 Q2 -> forall s, both Q1 pi rho s <= both Q2 pi rho s.
Proof.
  intros D M Q1 Q2 H s. apply mean_le; [apply M |]. intro b. apply Rplus_le_compat_r. apply mean_le; [apply D | intro; apply H].
Qed.

Lemma both_shift pi rho : is_policy G pi -> is_free_model G rho ->
  forall Q c s, both (raised G Q c) pi rho s = both Q pi rho s + c.
Proof.
  intros D M Q c s. unfold both. rewrite <- mean_plus by apply M. apply Sum_ext. intro b. f_equal. unfold each, raised.
  rewrite mean_plus by apply D. ring.
Qed.

Lemma both_ahead pi rho v s : is_policy G pi -> is_free_model G rho ->
  both (ahead G v) pi rho s
  = both (reward G) pi rho s + ga * (∑ b, rho s b * (∑ a, pi s b a * (∑ s', next G s a b s' * v s'))).
Proof.
  intros D M. unfold both. rewrite <- Sum_scal, <- Sum_plus. apply Sum_ext. intro b. unfold each, ahead.
  rewrite (Sum_ext (fun a => pi s b a * (reward G s a b + ga * (∑ s', next G s a b s' * v s')))
    (fun a => pi s b a * reward G s a b + ga * (pi s b a * (∑ s', next G s a b s' * v s')))) by (intro; ring).
  rewrite Sum_plus, Sum_scal. ring.
Qed.

Lemma both_follows pi rho Q : is_policy G pi -> is_free_model G rho -> same G (ahead G (both Q pi rho)) Q ->
  follows G pi rho (both (reward G) pi rho) (both Q pi rho).
Proof.
  intros D M E s. rewrite <- (both_ahead pi rho (both Q pi rho) s D M). unfold both, each. apply Sum_ext. intro b.
  do 2 f_equal. apply Sum_ext. intro a. rewrite E. reflexivity.
Qed.

Lemma both_fixed pi rho : is_policy G pi -> is_free_model G rho -> exists Q, same G (ahead G (both Q pi rho)) Q.
Proof. intros D M. apply (value_fixed (fun Q => both Q pi rho)); [apply both_mono | apply both_shift]; assumption. Qed.

(* A pair that gets the greatest value from every state *)
Variable value : Table G -> states G -> R.
Hypothesis value_mono : forall Q1 Q2, below G Q1 Q2 -> forall s, value Q1 s <= value Q2 s.
Hypothesis value_shift : forall Q c s, value (raised G Q c) s = value Q s + c.
Hypothesis value_upper : forall Q pi rho s, is_policy G pi -> is_free_model G rho -> both Q pi rho s <= value Q s.

Lemma greatest_pair pi rho Q' :
  is_policy G pi -> is_free_model G rho -> same G (ahead G (value Q')) Q' -> (forall s, both Q' pi rho s = value Q' s) ->
  forall pi' rho' mu, is_policy G pi' -> is_free_model G rho' -> distribution mu ->
  exists x x', Un_cv (discounted G pi rho mu (both (reward G) pi rho)) x /\
               Un_cv (discounted G pi' rho' mu (both (reward G) pi' rho')) x' /\ x' <= x.
Proof.
  intros D M E A pi' rho' mu D' M' Dm. destruct (both_fixed pi' rho' D' M') as [Q1 E1].
  exists (∑ s, mu s * value Q' s), (∑ s, mu s * both Q1 pi' rho' s). split; [| split].
  - rewrite (Sum_ext _ (fun s => mu s * both Q' pi rho s)) by (intro; rewrite A; reflexivity).
    apply series; [exact D | exact M | exact Dm |]. apply both_follows; [exact D | exact M |].
    intros s a b. rewrite <- (E s a b). apply ahead_ext. exact A.
  - apply series; [exact D' | exact M' | exact Dm |]. apply both_follows; assumption.
  - apply mean_le; [exact Dm |]. intro s. apply Rle_trans with (value Q1 s); [apply value_upper; assumption |].
    apply value_mono. apply (value_above value value_mono value_shift Q1 Q' E). intros x a b. rewrite <- (E1 x a b) at 1.
    apply ahead_mono. intro y. apply value_upper; assumption.
Qed.

End Entropy.

(* ---- Definition 1 ---- *)

Lemma both_without pi rho s Q : both 0 Q pi rho s = drawn G pi rho s (Q s).
Proof. unfold both, each, drawn. apply Sum_ext. intro b. ring. Qed.

Lemma discounted_ext pi rho mu u v n : (forall s, u s = v s) -> discounted G pi rho mu u n = discounted G pi rho mu v n.
Proof. intro H. unfold discounted. apply sum_below_ext. intro t. f_equal. apply Sum_ext. intro s. rewrite H. reflexivity. Qed.

Lemma cv_ext x y l : (forall n, x n = y n) -> Un_cv x l -> Un_cv y l.
Proof. intros H C eps Pe. destruct (C eps Pe) as [N B]. exists N. intros n Hn. rewrite <- H. apply B, Hn. Qed.

Definition best Q s : R := greatest (fun p : pairs (own G) (others G) => Q s (fst p) (snd p)).

Lemma other_action (s : states G) : exists b : others G, True.
Proof. destruct (distribution_inhabited _ (prior_law G s)) as [b _]. exists b. exact I. Qed.

Lemma best_upper Q s a b : Q s a b <= best Q s.
Proof. exact (greatest_upper (fun p : pairs (own G) (others G) => Q s (fst p) (snd p)) (a, b)). Qed.

Lemma best_attained Q s : exists p : own G * others G, Q s (fst p) (snd p) = best Q s.
Proof.
  destruct (other_action s) as [b _].
  destruct (greatest_attained (fun p : pairs (own G) (others G) => Q s (fst p) (snd p)) (own_action G, b)) as [p E].
  exists p. symmetry. exact E.
Qed.

Lemma best_mono Q1 Q2 : below G Q1 Q2 -> forall s, best Q1 s <= best Q2 s.
Proof. intros H s. destruct (best_attained Q1 s) as [p <-]. apply Rle_trans with (1 := H _ _ _). apply best_upper. Qed.

Lemma best_shift Q c s : best (raised G Q c) s = best Q s + c.
Proof.
  apply Rle_antisym.
  - destruct (best_attained (raised G Q c) s) as [p <-]. unfold raised. apply Rplus_le_compat_r, best_upper.
  - destruct (best_attained Q s) as [p <-]. apply (best_upper (raised G Q c)).
Qed.

Lemma drawn_upper pi rho s Q : is_policy G pi -> is_free_model G rho -> both 0 Q pi rho s <= best Q s.
Proof.
  intros D M. rewrite both_without. unfold drawn. apply mean_upper; [apply M |]. intro b. apply mean_upper; [apply D |].
  intro a. apply best_upper.
Qed.

Lemma pair_choice (Q : Table G) : (exists f : states G -> own G * others G, forall s, Q s (fst (f s)) (snd (f s)) = best Q s)
  \/ (states G -> False).
Proof.
  destruct (elements (states G)) as [| s0 l] eqn:El.
  - right. intro s. pose proof (complete _ s) as I. rewrite El in I. exact I.
  - left. destruct (other_action s0) as [b _].
    apply (finite_choice (fun s p => Q s (fst p) (snd p) = best Q s)); [apply best_attained | intro; exact (own_action G, b)].
Qed.

Lemma optimum : exists (p : states G -> own G -> R) (q : states G -> others G -> R),
  (forall s, distribution (p s) /\ exists a, p s a = 1) /\ (forall s, distribution (q s) /\ exists b, q s b = 1) /\
  forall pi rho mu, is_policy G pi -> is_free_model G rho -> distribution mu ->
  exists x y, Un_cv (discounted G (apart p) q mu (gain G (apart p) q)) x /\
              Un_cv (discounted G pi rho mu (gain G pi rho)) y /\ y <= x.
Proof.
  destruct (value_fixed best best_mono best_shift) as [Q E].
  destruct (pair_choice Q) as [[f H] | No].
  2: { exists (fun _ _ => 0), (fun _ _ => 0). split; [| split]; [intro s; contradiction (No s) .. |].
       intros pi rho mu _ _ Dm. destruct (distribution_inhabited mu Dm) as [s _]. contradiction (No s). }
  exists (fun s => point (fst (f s))), (fun s => point (snd (f s))).
  split; [| split].
  - intro s. split; [apply point_law | exists (fst (f s)); apply point_self].
  - intro s. split; [apply point_law | exists (snd (f s)); apply point_self].
  - intros pi rho mu D M Dm. set (p := fun s => point (fst (f s))). set (q := fun s => point (snd (f s))).
    assert (Dp : is_policy G (apart p)) by (intros s b; apply point_law).
    assert (Mq : is_free_model G q) by (intro s; apply point_law).
    destruct (greatest_pair 0 best best_mono best_shift (fun Q pi rho s => drawn_upper pi rho s Q) (apart p) q Q Dp Mq E)
      with (pi' := pi) (rho' := rho) (mu := mu) as (x & y & C1 & C2 & Le); try assumption.
    + intro s. rewrite both_without. unfold drawn, q. rewrite (point_mean (snd (f s))). unfold apart, p.
      rewrite (point_mean (fst (f s)) (fun a => Q s a (snd (f s)))). apply H.
    + exists x, y. split; [| split; [| exact Le]].
      * apply cv_ext with (2 := C1). intro n. apply discounted_ext. intro s. apply both_without.
      * apply cv_ext with (2 := C2). intro n. apply discounted_ext. intro s. apply both_without.
Qed.

(* eq. 1: the sum from t = 1, with gamma^t *)
Lemma return_converges pi rho mu :
  is_policy G pi -> is_free_model G rho -> distribution mu ->
  exists x, Un_cv (discounted G pi rho mu (gain G pi rho)) x /\
    Un_cv (fun n => sum_below n (fun t => ga ^ S t * (∑ s, state_law G pi rho t mu s * gain G pi rho s))) (ga * x).
Proof.
  intros D M Dm. destruct (both_fixed 0 pi rho D M) as [Q E]. exists (∑ s, mu s * both 0 Q pi rho s).
  assert (C : Un_cv (discounted G pi rho mu (gain G pi rho)) (∑ s, mu s * both 0 Q pi rho s)).
  { apply cv_ext with (discounted G pi rho mu (both 0 (reward G) pi rho)).
    - intro n. apply discounted_ext. intro s. apply both_without.
    - apply series; [exact D | exact M | exact Dm | apply both_follows; assumption]. }
  split; [exact C |]. apply cv_ext with (fun n => 0 + ga * discounted G pi rho mu (gain G pi rho) n).
  - intro n. rewrite Rplus_0_l. unfold discounted. rewrite <- sum_below_scal. apply sum_below_ext. intro t. simpl. ring.
  - rewrite <- (Rplus_0_l (ga * _)). apply Un_cv_affine, C.
Qed.

(* ---- Without the divergence ---- *)

Lemma free_is_both Q pi rho s : free_worth G Q pi rho s = both 1 Q pi rho s.
Proof. unfold free_worth, own_worth, both, each. apply Sum_ext. intro b. ring. Qed.

Definition soft_best Q s : R := greatest (fun b : others G => L G Q s b).

Lemma soft_best_attained Q s : exists b, L G Q s b = soft_best Q s.
Proof.
  destruct (other_action s) as [b0 _]. destruct (greatest_attained (fun b => L G Q s b) b0) as [b E].
  exists b. symmetry. exact E.
Qed.

Lemma soft_best_mono Q1 Q2 : below G Q1 Q2 -> forall s, soft_best Q1 s <= soft_best Q2 s.
Proof.
  intros H s. destruct (soft_best_attained Q1 s) as [b <-]. apply Rle_trans with (1 := L_mono G Q1 Q2 H s b).
  apply (greatest_upper (fun b => L G Q2 s b)).
Qed.

Lemma soft_best_shift Q c s : soft_best (raised G Q c) s = soft_best Q s + c.
Proof.
  apply Rle_antisym.
  - destruct (soft_best_attained (raised G Q c) s) as [b <-]. rewrite L_shift. apply Rplus_le_compat_r.
    apply (greatest_upper (fun b => L G Q s b)).
  - destruct (soft_best_attained Q s) as [b <-]. rewrite <- L_shift. apply (greatest_upper (fun b => L G (raised G Q c) s b)).
Qed.

Lemma each_is_own Q pi s b : each 1 Q pi s b = own_worth G Q pi s b.
Proof. unfold each, own_worth. ring. Qed.

Lemma free_upper_bound Q pi rho s : is_policy G pi -> is_free_model G rho -> both 1 Q pi rho s <= soft_best Q s.
Proof.
  intros D M. apply mean_upper; [apply M |]. intro b. rewrite each_is_own. apply Rle_trans with (L G Q s b).
  - apply own_worth_le_L, D.
  - apply (greatest_upper (fun b => L G Q s b)).
Qed.

(* One round in turn: pi from Q, then a model that is best for pi and Q1 *)
Lemma free_round pi rho Q Q1 rho' Q2 Q' :
  is_policy G pi -> is_free_model G rho -> is_free_model G rho' -> free_pair_Q G pi rho Q ->
  free_pair_Q G (soft_policy G Q) rho Q1 -> free_pair_Q G (soft_policy G Q) rho' Q2 ->
  (forall s b, own_worth G Q1 (soft_policy G Q) s b <= free_worth G Q1 (soft_policy G Q) rho' s) ->
  free_optimal_Q G Q' ->
  below G Q Q1 /\ below G Q1 Q2 /\ distance G Q2 Q' <= ga * distance G Q Q'.
Proof.
  intros D M M' P P1 P2 Best [(pi3 & rho3 & D3 & M3 & P3) Top]. pose proof (soft_policy_law G Q) as Ds.
  assert (Pb : forall p r q, free_pair_Q G p r q -> same G (ahead G (both 1 q p r)) q).
  { intros p r q H s a b. rewrite <- (H s a b). apply ahead_ext. intro. symmetry. apply free_is_both. }
  assert (B1 : below G Q Q1).
  { apply (value_above (fun q => both 1 q (soft_policy G Q) rho) (both_mono 1 _ _ Ds M) (both_shift 1 _ _ Ds M) Q Q1 (Pb _ _ _ P1)).
    intros s a b. rewrite <- (Pb _ _ _ P s a b) at 1. apply ahead_mono. intro x. apply mean_le; [apply M |]. intro b'.
    rewrite !each_is_own, own_worth_soft. apply own_worth_le_L, D. }
  assert (Best' : forall s, both 1 Q1 (soft_policy G Q) rho s <= both 1 Q1 (soft_policy G Q) rho' s).
  { intro s. rewrite <- (free_is_both Q1 (soft_policy G Q) rho'). apply mean_upper; [apply M |]. intro b.
    rewrite each_is_own. apply Best. }
  assert (B2 : below G Q1 Q2).
  { apply (value_above (fun q => both 1 q (soft_policy G Q) rho') (both_mono 1 _ _ Ds M') (both_shift 1 _ _ Ds M') Q1 Q2 (Pb _ _ _ P2)).
    intros s a b. rewrite <- (Pb _ _ _ P1 s a b) at 1. apply ahead_mono, Best'. }
  split; [exact B1 | split; [exact B2 |]].
  assert (U2 : below G Q2 Q') by (apply (Top (soft_policy G Q) rho'); assumption).
  assert (U0 : below G Q Q') by (apply (Top pi rho); assumption).
  pose proof (distance_nonneg G Q Q') as Nd.
  assert (Gap : forall s a b, Q' s a b <= Q s a b + distance G Q Q').
  { intros s a b. pose proof (Rabs_between _ _ (distance_bounds G Q Q' s a b)). lra. }
  apply distance_least; [apply Rmult_le_pos; lra |]. intros s a b.
  assert (Q' s a b <= Q2 s a b + ga * distance G Q Q').
  { rewrite <- (Pb _ _ _ P3 s a b), <- (Pb _ _ _ P2 s a b).
    apply ahead_close. intro x.
    apply Rle_trans with (1 := free_upper_bound Q' pi3 rho3 x D3 M3).
    apply Rle_trans with (1 := value_below soft_best soft_best_mono soft_best_shift Q' Q _ Gap x).
    apply Rplus_le_compat_r. destruct (soft_best_attained Q x) as [b' <-]. rewrite <- own_worth_soft.
    apply Rle_trans with (own_worth G Q1 (soft_policy G Q) x b').
    - unfold own_worth. apply Rplus_le_compat_r. apply mean_le; [apply Ds | intro; apply B1].
    - apply Rle_trans with (1 := Best x b'). rewrite free_is_both. apply both_mono; assumption. }
  pose proof (U2 s a b). apply Rabs_le. lra.
Qed.

(* Such a round can be made from every pair. *)
Lemma free_best_model Q pi : exists rho, is_free_model G rho /\ forall s b, own_worth G Q pi s b <= free_worth G Q pi rho s.
Proof.
  assert (A : forall s, exists b, forall b', own_worth G Q pi s b' <= own_worth G Q pi s b).
  { intro s. destruct (other_action s) as [b0 _]. apply (argmax (own_worth G Q pi s) b0). }
  assert (C : exists f : states G -> others G, forall s b', own_worth G Q pi s b' <= own_worth G Q pi s (f s)).
  { destruct (elements (states G)) as [| s0 l] eqn:El.
    - assert (No : states G -> False) by (intro s; pose proof (complete _ s) as K; rewrite El in K; exact K).
      exists (fun s => False_rect _ (No s)). intro s. contradiction (No s).
    - destruct (other_action s0) as [b _].
      apply (finite_choice (fun s b => forall b', own_worth G Q pi s b' <= own_worth G Q pi s b)); [exact A | intro; exact b]. }
  destruct C as [f H]. exists (fun s => point (f s)). split; [intro s; apply point_law |].
  intros s b. unfold free_worth. rewrite (point_mean (f s)). apply H.
Qed.

Lemma free_pair_exists pi rho : is_policy G pi -> is_free_model G rho -> exists Q, free_pair_Q G pi rho Q.
Proof.
  intros D M. destruct (both_fixed 1 pi rho D M) as [Q E]. exists Q. intros s a b. rewrite <- (E s a b).
  apply ahead_ext. intro. apply free_is_both.
Qed.

Lemma free_round_exists rho Q : is_free_model G rho ->
  exists Q1 rho' Q2, free_pair_Q G (soft_policy G Q) rho Q1 /\ is_free_model G rho' /\
    (forall s b, own_worth G Q1 (soft_policy G Q) s b <= free_worth G Q1 (soft_policy G Q) rho' s) /\
    free_pair_Q G (soft_policy G Q) rho' Q2.
Proof.
  intro M. destruct (free_pair_exists _ rho (soft_policy_law G Q) M) as [Q1 P1].
  destruct (free_best_model Q1 (soft_policy G Q)) as (rho' & M' & B).
  destruct (free_pair_exists _ rho' (soft_policy_law G Q) M') as [Q2 P2]. exists Q1, rho', Q2. auto.
Qed.

(* The most that a pair gets without the divergence, by the soft policy and a model that is sure in every state *)
Lemma free_optimum : exists rho Q',
  free_optimal_Q G Q' /\ is_free_model G rho /\ free_pair_Q G (soft_policy G Q') rho Q' /\
  forall s b, 0 < rho s b -> forall b', L G Q' s b' <= L G Q' s b.
Proof.
  destruct (value_fixed soft_best soft_best_mono soft_best_shift) as [Q' E].
  assert (Top : forall pi' rho' Q, is_policy G pi' -> is_free_model G rho' -> free_pair_Q G pi' rho' Q -> below G Q Q').
  { intros pi' rho' Q D M P. apply (value_above soft_best soft_best_mono soft_best_shift Q Q' E).
    intros s a b. rewrite <- (P s a b) at 1. apply ahead_mono. intro x. rewrite free_is_both. apply free_upper_bound; assumption. }
  assert (C : exists f : states G -> others G, forall s, L G Q' s (f s) = soft_best Q' s).
  { destruct (elements (states G)) as [| s0 l] eqn:El.
    - assert (No : states G -> False) by (intro s; pose proof (complete _ s) as K; rewrite El in K; exact K).
      exists (fun s => False_rect _ (No s)). intro s. contradiction (No s).
    - destruct (other_action s0) as [b _].
      apply (finite_choice (fun s b => L G Q' s b = soft_best Q' s)); [apply soft_best_attained | intro; exact b]. }
  destruct C as [f H].
  assert (P : free_pair_Q G (soft_policy G Q') (fun s => point (f s)) Q').
  { intros s a b. rewrite <- (E s a b). apply ahead_ext. intro x. unfold free_worth. rewrite (point_mean (f x)).
    rewrite own_worth_soft. apply H. }
  assert (M : is_free_model G (fun s => point (f s))) by (intro s; apply point_law).
  exists (fun s => point (f s)), Q'. split; [| split; [exact M | split; [exact P |]]].
  - split; [exists (soft_policy G Q'), (fun s => point (f s)); split; [apply soft_policy_law | split; assumption] | exact Top].
  - intros s b Pb b'. assert (b = f s) as ->.
    { unfold point in Pb. destruct equal_or_not as [Eq | _]; [symmetry; exact Eq | lra]. }
    rewrite H. apply (greatest_upper (fun b => L G Q' s b)).
Qed.

(* Whoever maximises with the entropy lacks at most alpha log A / (1 - gamma) of the return. *)
Lemma free_return pi rho pi' rho' mu j j' r r' :
  is_policy G pi -> is_free_model G rho -> is_policy G pi' -> is_free_model G rho' -> distribution mu ->
  Un_cv (discounted G pi rho mu (free_worth G (reward G) pi rho)) j ->
  Un_cv (discounted G pi' rho' mu (free_worth G (reward G) pi' rho')) j' -> j' <= j ->
  Un_cv (discounted G pi rho mu (gain G pi rho)) r -> Un_cv (discounted G pi' rho' mu (gain G pi' rho')) r' ->
  r' <= r + al * ln (count (own G)) / (1 - ga).
Proof.
  intros D M D' M' Dm Cj Cj' Le Cr Cr'. apply Rle_trans with j'; [| apply Rle_trans with (1 := Le)].
  - apply (limits_le _ _ _ _) with (2 := Cr') (3 := Cj'). intro n. apply discounted_le; try assumption. intro s.
    rewrite free_is_both. unfold gain. rewrite <- both_without. unfold both. apply mean_le; [apply M' |]. intro b. unfold each.
    pose proof (entropy_nonneg _ (D' s b)). nra.
  - rewrite Rplus_comm. assert (C2 := Un_cv_affine _ r (al * ln (count (own G)) / (1 - ga)) 1 Cr). rewrite Rmult_1_l in C2.
    apply (limits_le _ _ _ _) with (2 := Cj) (3 := C2). intro n. rewrite Rmult_1_l, Rplus_comm.
    apply Rle_trans with (discounted G pi rho mu (fun s => gain G pi rho s + al * ln (count (own G))) n).
    + apply discounted_le; try assumption. intro s. unfold gain, drawn. rewrite <- mean_plus by apply M.
      apply mean_le; [apply M |]. intro b. unfold own_worth. apply Rplus_le_compat_l.
      apply Rmult_le_compat_l; [lra |]. apply entropy_upper, D.
    + apply discounted_shift; try assumption. apply Rmult_le_pos; [lra |]. apply ln_count_nonneg.
Qed.

(* ---- The optima at the ends of alpha and beta exist. ---- *)

Lemma greatest_mono {X : Finite} (x : X) (f g : X -> R) : (forall y, f y <= g y) -> greatest f <= greatest g.
Proof. intro H. destruct (greatest_attained f x) as [y ->]. apply Rle_trans with (1 := H y). apply greatest_upper. Qed.

Lemma greatest_shift {X : Finite} (x : X) (f : X -> R) c : greatest (fun y => f y + c) = greatest f + c.
Proof.
  apply Rle_antisym.
  - destruct (greatest_attained (fun y => f y + c) x) as [y ->]. apply Rplus_le_compat_r, greatest_upper.
  - destruct (greatest_attained f x) as [y ->]. apply (greatest_upper (fun y => f y + c)).
Qed.

Lemma at_alpha_zero : exists Q (h : states G -> others G -> R),
  same G (ahead G (fun s => beta G * ln (∑ b, prior G s b * exp (h s b / beta G)))) Q /\
  forall s b, (forall a, Q s a b <= h s b) /\ exists a, Q s a b = h s b.
Proof.
  pose proof (beta_positive G) as Pb. assert (Pi : 0 <= / beta G) by (left; apply Rinv_0_lt_compat, Pb).
  set (h := fun (Q : Table G) s b => greatest (fun a => Q s a b)).
  destruct (value_fixed (fun Q s => beta G * ln (∑ b, prior G s b * exp (h Q s b / beta G)))) as [Q E].
  - intros Q1 Q2 H s. apply Rmult_le_compat_l; [lra |]. apply ln_mono; [apply partition_positive, prior_law |].
    apply Sum_le. intro b. apply Rmult_le_compat_l; [apply prior_law |]. apply exp_mono, Rmult_le_compat_r; [exact Pi |].
    apply (greatest_mono (own_action G)). intro a. apply H.
  - intros Q c s. rewrite (Sum_ext _ (fun b => exp (c / beta G) * (prior G s b * exp (h Q s b / beta G)))).
    + rewrite Sum_scal, ln_mult, ln_exp by (apply exp_pos || apply partition_positive, prior_law). field. lra.
    + intro b. unfold h, raised. rewrite (greatest_shift (own_action G)).
      replace ((greatest (fun a => Q s a b) + c) / beta G) with (c / beta G + greatest (fun a => Q s a b) / beta G) by (field; lra).
      rewrite exp_plus. ring.
  - exists Q, (h Q). split; [exact E |]. intros s b. split; [intro a; apply (greatest_upper (fun a => Q s a b)) |].
    destruct (greatest_attained (fun a => Q s a b) (own_action G)) as [a Ea]. exists a. symmetry. exact Ea.
Qed.

Lemma at_beta_zero : exists Q (m : states G -> R) p,
  same G (ahead G m) Q /\ 0 < p /\ (forall s b, 0 < prior G s b -> L G Q s b <= m s) /\
  forall s, exists b, p <= prior G s b /\ L G Q s b = m s.
Proof.
  assert (C : exists f : states G -> others G, forall s, 0 < prior G s (f s)).
  { destruct (elements (states G)) as [| s0 l] eqn:El.
    - assert (No : states G -> False) by (intro s; pose proof (complete _ s) as K; rewrite El in K; exact K).
      exists (fun s => False_rect _ (No s)). intro s. contradiction (No s).
    - destruct (other_action s0) as [b _].
      apply (finite_choice (fun s b => 0 < prior G s b)); [intro s; apply distribution_inhabited, prior_law | intro; exact b]. }
  destruct C as [f Pf].
  set (pick := fun (Q : Table G) s (b : others G) => if Rlt_dec 0 (prior G s b) then L G Q s b else L G Q s (f s)).
  set (m := fun Q s => greatest (pick Q s)).
  destruct (value_fixed m) as [Q E].
  - intros Q1 Q2 H s. apply (greatest_mono (f s)). intro b. unfold pick. destruct Rlt_dec; apply L_mono; exact H.
  - intros Q c s. unfold m. rewrite <- (greatest_shift (f s)). apply Rle_antisym; apply (greatest_mono (f s)); intro b;
      unfold pick; destruct Rlt_dec; rewrite L_shift; lra.
  - destruct (least_mass (fun x : pairs (states G) (others G) => prior G (fst x) (snd x))) as (p & Pp & Hp).
    exists Q, (m Q), p. split; [exact E | split; [exact Pp | split]].
    + intros s b Pb. pose proof (greatest_upper (pick Q s) b) as H. unfold pick at 1 in H.
      destruct Rlt_dec as [_ | N]; [exact H | contradiction].
    + intro s. destruct (greatest_attained (pick Q s) (f s)) as [b Eb]. unfold m. rewrite Eb. unfold pick.
      destruct Rlt_dec as [Pb | _]; [exists b; split; [exact (Hp (s, b) Pb) | reflexivity] |].
      exists (f s). split; [exact (Hp (s, f s) (Pf s)) | reflexivity].
Qed.

Lemma at_beta_infinity : exists Q d,
  same G (ahead G (fun s => ∑ b, prior G s b * L G Q s b)) Q /\
  forall s, exists lo, forall b, lo <= L G Q s b <= lo + d.
Proof.
  destruct (value_fixed (fun Q s => ∑ b, prior G s b * L G Q s b)) as [Q E].
  - intros Q1 Q2 H s. apply mean_le; [apply prior_law | intro b; apply L_mono, H].
  - intros Q c s. rewrite <- mean_plus by apply prior_law. apply Sum_ext. intro b. rewrite L_shift. reflexivity.
  - set (most := Max (fun s => Max (fun b => Rabs (L G Q s b)))). exists Q, (2 * most). split; [exact E |].
    intro s. exists (- most). intro b.
    assert (B : Rabs (L G Q s b) <= most).
    { apply Rle_trans with (Max (fun b => Rabs (L G Q s b))); [apply (Max_upper (fun b => Rabs (L G Q s b))) |].
      apply (Max_upper (fun s => Max (fun b => Rabs (L G Q s b)))). }
    apply Rabs_between in B. lra.
Qed.

End Returns.
