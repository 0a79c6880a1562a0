(* What the theorems of Statements.v speak of. Who reads these two files and believes that they say what the paper
   says needs no other: everything else here is proof, and Coq checks it.

   Letters as in the paper: s a state, a the agent's own action, b what the others do together (the paper's a^-i),
   R the rewards, P the prior, pi the conditional policy, rho the opponent model. The weight beta of the opponent
   model's divergence is 1 in the paper. Numbers of equations are the paper's.

   Three conventions of Coq's reals matter: x / 0 = 0, ln x = 0 for x <= 0, and Rpower x y = exp (y ln x). So 0 ln 0 is
   0, as it should be, but a divergence says nothing unless the first law is supported by the second (supported_by), and
   the log-likelihood of what has no chance is 0 here and not minus infinity: theorems that need it ask for support. *)

From Coq Require Import Reals List.
From Rommeo Require Import Lists.
Open Scope R_scope.

(* ---- Finite sets, sums, the greatest of finitely many numbers ---- *)

(* A finite set: a type and the list of its elements, each of them once. *)
Record Finite := finite {
  carrier :> Type;
  elements : list carrier;
  complete : forall x : carrier, In x elements;
  distinct : NoDup elements
}.

Fixpoint sum_list {X : Type} (f : X -> R) (l : list X) : R :=
  match l with
  | nil => 0
  | x :: rest => f x + sum_list f rest
  end.

(* The sum of f over a finite set, written ∑ x, f x. *)
Definition Sum {X : Finite} (f : X -> R) : R := sum_list f (elements X).

Notation "∑ x , f" := (Sum (fun x => f)) (at level 200, x binder, right associativity).

(* The number of elements. *)
Definition count (X : Finite) : R := INR (length (elements X)).

(* The sum of f 0, ..., f (n - 1). *)
Fixpoint sum_below (n : nat) (f : nat -> R) : R :=
  match n with
  | O => 0
  | S k => sum_below k f + f k
  end.

Fixpoint max_list {X : Type} (f : X -> R) (l : list X) : R :=
  match l with
  | nil => 0
  | x :: rest => Rmax (f x) (max_list f rest)
  end.

(* The greatest f x, or 0 where that is negative: it is only used for absolute values. *)
Definition Max {X : Finite} (f : X -> R) : R := max_list f (elements X).

(* All pairs; one element; two; three. The proofs say that the lists have each element once. *)
Definition pairs (X Y : Finite) : Finite :=
  finite (X * Y) (list_prod (elements X) (elements Y))
    (fun p => match p with (x, y) => in_prod _ _ x y (complete X x) (complete Y y) end)
    (NoDup_list_prod _ _ (distinct X) (distinct Y)).

Definition one : Finite := finite unit (tt :: nil) unit_complete unit_distinct.
Definition two : Finite := finite bool (true :: false :: nil) bool_complete bool_distinct.
Definition three : Finite := finite triple (first :: second :: third :: nil) triple_complete triple_distinct.

(* ---- Probability ---- *)

Definition distribution {X : Finite} (p : X -> R) : Prop := (forall x, 0 <= p x) /\ (∑ x, p x) = 1.

Definition supported_by {X : Finite} (p q : X -> R) : Prop := forall x, q x = 0 -> p x = 0.

Definition entropy {X : Finite} (p : X -> R) : R := - (∑ x, p x * ln (p x)).

(* KL(p || q) *)
Definition KL {X : Finite} (p q : X -> R) : R := ∑ x, p x * ln (p x / q x).

(* The law p, given something that has the chance w x at x: Bayes' rule *)
Definition tilt {X : Finite} (p w : X -> R) (x : X) : R := p x * w x / ∑ y, p y * w y.

(* ---- The game as one agent sees it ---- *)

Record Game := game {
  states : Finite;
  own : Finite;                                          (* what the agent can do *)
  others : Finite;                                       (* what the others can do together *)
  reward : states -> own -> others -> R;                 (* R(s,a,b) *)
  next : states -> own -> others -> states -> R;         (* next s a b s' is p(s'|s,a,b) *)
  prior : states -> others -> R;                         (* prior s b is P(b|s) *)
  gamma : R;                                             (* the discount *)
  alpha : R;                                             (* the temperature *)
  beta : R;                                              (* the weight of KL(rho || P); 1 in the paper *)
  own_action : own;                                      (* there is one *)
  next_law : forall s a b, distribution (next s a b);
  prior_law : forall s, distribution (prior s);
  gamma_range : 0 <= gamma < 1;
  alpha_positive : 0 < alpha;
  beta_positive : 0 < beta
}.

(* A table of numbers Q(s,a,b); a conditional policy, pi s b a = pi(a|s,b); an opponent model, rho s b = rho(b|s). *)
Definition Table (G : Game) := states G -> own G -> others G -> R.
Definition Policy (G : Game) := states G -> others G -> own G -> R.
Definition Model (G : Game) := states G -> others G -> R.

Section Equations.
Variable G : Game.

Definition is_policy (pi : Policy G) : Prop := forall s b, distribution (pi s b).

(* An opponent model is finitely far from the prior: it has no mass where the prior has none. *)
Definition is_model (rho : Model G) : Prop := forall s, distribution (rho s) /\ supported_by (rho s) (prior G s).

Definition positive_prior : Prop := forall s b, 0 < prior G s b.

(* Two tables: equal, below one another, and max |Q1 - Q2|, the norm above eq. 61. *)
Definition same (Q1 Q2 : Table G) : Prop := forall s a b, Q1 s a b = Q2 s a b.
Definition below (Q1 Q2 : Table G) : Prop := forall s a b, Q1 s a b <= Q2 s a b.
Definition distance (Q1 Q2 : Table G) : R := Max (fun s => Max (fun a => Max (fun b => Rabs (Q1 s a b - Q2 s a b)))).
Definition raised (Q : Table G) (c : R) : Table G := fun s a b => Q s a b + c.

(* ---- One state: eq. 9 to 11, 38, 39, 58 ---- *)

(* L(s,b) = alpha log sum_a exp(Q(s,a,b)/alpha) *)
Definition L (Q : Table G) s b : R := alpha G * ln (∑ a, exp (Q s a b / alpha G)).

(* V(s) = beta log sum_b P(b|s) exp(L(s,b)/beta): eq. 9 and 58 *)
Definition V (Q : Table G) s : R := beta G * ln (∑ b, prior G s b * exp (L Q s b / beta G)).

(* pi_Q(a|s,b) = exp((Q - L)/alpha): eq. 10 and 38 *)
Definition soft_policy (Q : Table G) : Policy G := fun s b a => exp ((Q s a b - L Q s b) / alpha G).

(* rho_Q(b|s) = P(b|s) exp((L - V)/beta): eq. 11 *)
Definition soft_model (Q : Table G) : Model G := fun s b => prior G s b * exp ((L Q s b - V Q s) / beta G).

(* E_{a ~ pi} Q(s,a,b) + alpha H(pi(.|s,b)) *)
Definition own_worth (Q : Table G) (pi : Policy G) s b : R :=
  (∑ a, pi s b a * Q s a b) + alpha G * entropy (pi s b).

(* E_rho [E_pi Q + alpha H(pi)] - beta KL(rho || P): what a pair is worth in a state, if Q is what comes of actions *)
Definition worth (Q : Table G) (pi : Policy G) (rho : Model G) s : R :=
  (∑ b, rho s b * own_worth Q pi s b) - beta G * KL (rho s) (prior G s).

(* The same without the divergence, as Section 2.3 has it; then any law will do for an opponent model. *)
Definition free_worth (Q : Table G) (pi : Policy G) (rho : Model G) s : R := ∑ b, rho s b * own_worth Q pi s b.
Definition is_free_model (rho : Model G) : Prop := forall s, distribution (rho s).

(* The best opponent model for a given pi, and what it is worth: eq. 39 (with H(pi(.|s,b)), see eq39) and eq. 44 *)
Definition best_reply_value (Q : Table G) (pi : Policy G) s : R :=
  beta G * ln (∑ b, prior G s b * exp (own_worth Q pi s b / beta G)).
Definition best_model (Q : Table G) (pi : Policy G) : Model G :=
  fun s b => prior G s b * exp ((own_worth Q pi s b - best_reply_value Q pi s) / beta G).

(* ---- From state to state: eq. 12, 13, 33 to 36, 59, 60 ---- *)

(* R(s,a,b) + gamma E_{s'} v(s') *)
Definition ahead (v : states G -> R) : Table G := fun s a b => reward G s a b + gamma G * (∑ s', next G s a b s' * v s').

(* The soft Bellman operator T: eq. 60, and the right-hand side of eq. 12 and 13 *)
Definition T (Q : Table G) : Table G := ahead (V Q).

(* The same for a pair that is kept: the right-hand side of eq. 36 *)
Definition T_pair (pi : Policy G) (rho : Model G) (Q : Table G) : Table G := ahead (worth Q pi rho).

(* Q solves the soft Bellman equation, eq. 12; it is Q* (optimal_Q_exists and optimal_Q_unique). *)
Definition optimal_Q (Q : Table G) : Prop := same (T Q) Q.

(* Q is Q^{pi,rho}: it solves eq. 36. That this is the infinite sum of eq. 33 is a theorem, eq33. *)
Definition pair_Q (pi : Policy G) (rho : Model G) (Q : Table G) : Prop := same (T_pair pi rho Q) Q.

(* The same without the divergence *)
Definition free_pair_Q (pi : Policy G) (rho : Model G) (Q : Table G) : Prop := same (ahead (free_worth Q pi rho)) Q.

(* Q is the greatest of all tables of pairs without the divergence, and some pair's. *)
Definition free_optimal_Q (Q : Table G) : Prop :=
  (exists pi rho, is_policy pi /\ is_free_model rho /\ free_pair_Q pi rho Q) /\
  forall pi rho Q', is_policy pi -> is_free_model rho -> free_pair_Q pi rho Q' -> below Q' Q.

(* ROMMEO Q-iteration, eq. 13, k times *)
Fixpoint iterate (k : nat) (Q : Table G) : Table G :=
  match k with
  | O => Q
  | S n => T (iterate n Q)
  end.

(* n steps of gradient descent on (1/2)(Q - target)^2, entry by entry, with the rate l: Algorithm 1 between two copies *)
Fixpoint gradient_descent (l : R) (n : nat) (target Q : Table G) : Table G :=
  match n with
  | O => Q
  | S k => fun s a b => gradient_descent l k target Q s a b - l * (gradient_descent l k target Q s a b - target s a b)
  end.

(* Values backed up in place of tables: what MacQueen's bounds are about *)
Definition backup (v : states G -> R) (s : states G) : R := V (ahead v) s.

(* ---- Along a trajectory ---- *)

(* The law of the next state, if the law of this one is mu and the pair (pi, rho) acts *)
Definition step (pi : Policy G) (rho : Model G) (mu : states G -> R) (s' : states G) : R :=
  ∑ s, mu s * (∑ b, rho s b * (∑ a, pi s b a * next G s a b s')).

(* The law of the state after t steps, from the law mu *)
Fixpoint state_law (pi : Policy G) (rho : Model G) (t : nat) (mu : states G -> R) : states G -> R :=
  match t with
  | O => mu
  | S k => state_law pi rho k (step pi rho mu)
  end.

(* E sum_{t < n} gamma^t u(s_t), with s_0 drawn from mu *)
Definition discounted (pi : Policy G) (rho : Model G) (mu : states G -> R) (u : states G -> R) (n : nat) : R :=
  sum_below n (fun t => gamma G ^ t * (∑ s, state_law pi rho t mu s * u s)).

(* Alternating improvement, eq. 54 and 55: (pi t), (rho t) and Q t = Q^{pi_t,rho_t} for every t *)
Definition alternating (pi : nat -> Policy G) (rho : nat -> Model G) (Q : nat -> Table G) : Prop :=
  forall t,
    is_policy (pi t) /\ is_model (rho t) /\ pair_Q (pi t) (rho t) (Q t) /\
    (forall s b a, pi (S t) s b a = soft_policy (Q t) s b a) /\
    exists Q', pair_Q (pi (S t)) (rho t) Q' /\ (forall s b, rho (S t) s b = best_model Q' (pi (S t)) s b).

End Equations.

(* ---- A horizon of n steps: eq. 4, 6, 23 to 32, where alpha = beta = 1 ---- *)

Section Horizon.
Variable G : Game.
Variable c : R.                                          (* P(o = 1|s,a,b) = c exp(R(s,a,b)): eq. 4 *)

(* Trajectories s_1, a_1, b_1, ..., s_n, a_n, b_n *)
Fixpoint trajectory (n : nat) : Finite :=
  match n with
  | O => one
  | S k => pairs (pairs (pairs (states G) (own G)) (others G)) (trajectory k)
  end.

(* The law of a trajectory from s_1 ~ mu: the product of mu(s_1), the rho(b|s), pi(a|s,b) and p(s'|s,a,b) along it.
   With (pi, rho) it is q of eq. 24; with the uniform policy and the prior it is eq. 23. *)
Fixpoint law (pi : Policy G) (rho : Model G) (n : nat) (mu : states G -> R) : trajectory n -> R :=
  match n with
  | O => fun _ => 1
  | S k => fun tau => match tau with
      (((s, a), b), rest) => mu s * rho s b * pi s b a * law pi rho k (next G s a b) rest
    end
  end.

Definition uniform : Policy G := fun s b a => 1 / count (own G).

(* The sum of f(s_t, a_t, b_t) along a trajectory *)
Fixpoint along (f : Table G) (n : nat) : trajectory n -> R :=
  match n with
  | O => fun _ => 0
  | S k => fun tau => match tau with (((s, a), b), rest) => f s a b + along f k rest end
  end.

(* P(o_1 = ... = o_n = 1|trajectory), the product of eq. 4 *)
Fixpoint optimality (n : nat) : trajectory n -> R :=
  match n with
  | O => fun _ => 1
  | S k => fun tau => match tau with (((s, a), b), rest) => c * exp (reward G s a b) * optimality k rest end
  end.

(* P(o, trajectory), P(o) of eq. 5 and 26, and P(trajectory|o) *)
Definition joint (n : nat) (mu : states G -> R) (tau : trajectory n) : R :=
  law uniform (prior G) n mu tau * optimality n tau.
Definition evidence (n : nat) (mu : states G -> R) : R := ∑ tau, joint n mu tau.
Definition posterior (n : nat) (mu : states G -> R) (tau : trajectory n) : R := joint n mu tau / evidence n mu.

(* The product of g(s_t, a_t, b_t) along a trajectory, and its mean under the law of eq. 23 *)
Fixpoint product (g : Table G) (n : nat) : trajectory n -> R :=
  match n with
  | O => fun _ => 1
  | S k => fun tau => match tau with (((s, a), b), rest) => g s a b * product g k rest end
  end.
Definition likelihood (g : Table G) (n : nat) (mu : states G -> R) : R :=
  ∑ tau, law uniform (prior G) n mu tau * product g n tau.

(* 1 where the reward is m, else 0: likelihood (attained m) is the probability of obtaining m in every step. *)
Definition attained (m : R) : Table G := fun s a b => if Req_EM_T (reward G s a b) m then 1 else 0.

(* With g(s,a,b) = P(o^- = 1|s,a,b): P(o^-_t = ... = o^-_n = 1|s_t) with k steps to go, and the law of a trajectory given
   o^-, factor by factor: of the states, of b and of a, each tilted by the chance of what is still to come *)
Fixpoint hope (g : Table G) (k : nat) (s : states G) : R :=
  match k with
  | O => 1
  | S j => ∑ b, prior G s b * (∑ a, uniform s b a * (g s a b * (∑ s', next G s a b s' * hope g j s')))
  end.
Fixpoint law_given (g : Table G) (n : nat) (mu : states G -> R) : trajectory n -> R :=
  match n with
  | O => fun _ => 1
  | S k => fun tau => match tau with (((s, a), b), rest) =>
      let later a b := g s a b * (∑ s', next G s a b s' * hope g k s') in
      tilt mu (hope g (S k)) s * tilt (prior G s) (fun b => ∑ a, uniform s b a * later a b) b
      * tilt (uniform s b) (fun a => later a b) a * law_given g k (next G s a b) rest
    end
  end.

(* J(pi, rho) = sum_t E[R + H(pi(.|s_t,b_t)) - KL(rho(.|s_t) || P(.|s_t))]: eq. 6, 7, 32 *)
Definition objective (pi : Policy G) (rho : Model G) (n : nat) (mu : states G -> R) : R :=
  sum_below n (fun t => ∑ s, state_law G pi rho t mu s *
    ((∑ b, rho s b * ((∑ a, pi s b a * reward G s a b) + entropy (pi s b))) - KL (rho s) (prior G s))).

(* The bracket of eq. 31, without its log 1 *)
Definition bracket (pi : Policy G) (rho : Model G) : Table G :=
  fun s a b => reward G s a b - ln (pi s b a) - ln (rho s b / prior G s b).

(* The right-hand side of eq. 27: E_q log(P(o, trajectory) / q(trajectory)) *)
Definition elbo (pi : Policy G) (rho : Model G) (n : nat) (mu : states G -> R) : R :=
  ∑ tau, law pi rho n mu tau * ln (joint n mu tau / law pi rho n mu tau).

End Horizon.

(* ---- Samples of V: eq. 15, Algorithm 1 ---- *)

Section Samples.
Variable G : Game.

(* eq. 15 *)
Definition sample (Q : Table G) (pi : Policy G) (rho : Model G) s a b : R :=
  Q s a b - beta G * ln (rho s b) - alpha G * ln (pi s b a) + beta G * ln (prior G s b).

(* Algorithm 1, beta = 1: as printed, and with pi inside the bracket that is raised to the power alpha *)
Definition printed_sample (Q : Table G) (pi : Policy G) (rho : Model G) s a b : R :=
  Rpower (Rpower (prior G s b) (1 / alpha G) * exp (Q s a b / alpha G)) (alpha G) / (pi s b a * rho s b).
Definition corrected_sample (Q : Table G) (pi : Policy G) (rho : Model G) s a b : R :=
  Rpower (Rpower (prior G s b) (1 / alpha G) * exp (Q s a b / alpha G) / pi s b a) (alpha G) / rho s b.

(* The mean of f(a,b) where b is drawn from rho and a from pi *)
Definition drawn (pi : Policy G) (rho : Model G) s (f : own G -> others G -> R) : R :=
  ∑ b, rho s b * (∑ a, pi s b a * f a b).

End Samples.

(* The mean reward in a state: what the return of eq. 1 and 2 sums *)
Definition gain (G : Game) (pi : Policy G) (rho : Model G) s : R := drawn G pi rho s (reward G s).

(* ---- Self-play of two players in one state ---- *)

Section SelfPlay.
Variables A B : Finite.                                  (* own actions, the other's *)
Variables al k : R.                                      (* alpha, and alpha/beta, which is 0 at beta = infinity *)
Variable r : A -> B -> R.                                (* payoffs *)

Definition Z b : R := ∑ a, exp (r a b / al).

(* What is played in answer to a prior p: sum_b rho(b) pi(a|b), with eq. 10 for pi and eq. 11, normalised, for rho *)
Definition answer (p : B -> R) (a : A) : R :=
  ∑ b, (p b * Rpower (Z b) k / (∑ b', p b' * Rpower (Z b') k)) * (exp (r a b / al) / Z b).

(* The matrix of docs/self_play.md, (1) *)
Definition answer_matrix a b : R := exp (r a b / al) * Rpower (Z b) (k - 1).

End SelfPlay.

(* Two laws are within u of each other in Hilbert's metric: all ratios p x / q x lie within a factor exp u. *)
Definition hilbert_within {X : Finite} (u : R) (p q : X -> R) : Prop :=
  exists k, 0 < k /\ forall x, k * q x <= p x <= k * exp u * q x.

(* n rounds: player 2's play, answered by player 1, answered by player 2, and so on *)
Fixpoint rounds {A B : Finite} (f : (B -> R) -> A -> R) (g : (A -> R) -> B -> R) (n : nat) (p : B -> R) : B -> R :=
  match n with
  | O => p
  | S k => g (f (rounds f g k p))
  end.

(* The same game with another weight of the divergence, with another temperature *)
Definition with_beta (G : Game) (w : R) (positive : 0 < w) : Game :=
  game (states G) (own G) (others G) (reward G) (next G) (prior G) (gamma G) (alpha G) w (own_action G)
    (next_law G) (prior_law G) (gamma_range G) (alpha_positive G) positive.

Definition with_alpha (G : Game) (x : R) (positive : 0 < x) : Game :=
  game (states G) (own G) (others G) (reward G) (next G) (prior G) (gamma G) x (beta G) (own_action G)
    (next_law G) (prior_law G) (gamma_range G) positive (beta_positive G).

(* Players who act apart: pi(a|s,b) = p(a|s) *)
Definition apart {G : Game} (p : states G -> own G -> R) : Policy G := fun s _ => p s.

(* ---- Derivatives ---- *)

(* F has the partial derivatives p and q at (x, y), jointly: F(x + h, y + k) = F(x, y) + p h + q k + o(|h| + |k|).
   For one variable Coq's derivable_pt_lim f x l says that f'(x) = l. *)
Definition has_partials (F : R -> R -> R) (x y p q : R) : Prop :=
  forall eps, 0 < eps -> exists d, 0 < d /\ forall h k, Rabs h < d -> Rabs k < d ->
    Rabs (F (x + h) (y + k) - F x y - p * h - q * k) <= eps * (Rabs h + Rabs k).
