(* Lists that have each element once: for products of finite sets, and for small ones. *)

From Coq Require Import List FinFun.

Lemma NoDup_app_disjoint {X : Type} (l m : list X) :
  NoDup l -> NoDup m -> (forall x, In x l -> In x m -> False) -> NoDup (l ++ m).
Proof.
  induction l as [| x l IH]; simpl; intros Nl Nm D; [exact Nm |]. inversion Nl; subst. constructor.
  - rewrite in_app_iff. intros [I | I]; [contradiction | apply (D x); auto].
  - apply IH; auto. intros y I J. apply (D y); auto.
Qed.

Lemma NoDup_list_prod {X Y : Type} (l : list X) (m : list Y) : NoDup l -> NoDup m -> NoDup (list_prod l m).
Proof.
  intros Nl Nm. induction l as [| x l IH]; simpl; [constructor |]. inversion Nl; subst.
  apply NoDup_app_disjoint; [| auto |].
  - apply Injective_map_NoDup; [intros a b E; congruence | exact Nm].
  - intros [a b] I J. apply in_map_iff in I. destruct I as [z [E _]]. apply in_prod_iff in J. destruct J.
    inversion E; subst. contradiction.
Qed.

Lemma unit_complete (x : unit) : In x (tt :: nil).
Proof. destruct x. simpl. auto. Qed.

Lemma unit_distinct : NoDup (tt :: nil).
Proof. repeat constructor. simpl. tauto. Qed.

Lemma bool_complete (x : bool) : In x (true :: false :: nil).
Proof. destruct x; simpl; auto. Qed.

Lemma bool_distinct : NoDup (true :: false :: nil).
Proof. repeat constructor; simpl; intuition discriminate. Qed.

Inductive triple : Type := first | second | third.

Lemma triple_complete (x : triple) : In x (first :: second :: third :: nil).
Proof. destruct x; simpl; auto. Qed.

Lemma triple_distinct : NoDup (first :: second :: third :: nil).
Proof. repeat constructor; simpl; intuition discriminate. Qed.
