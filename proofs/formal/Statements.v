(* The theorems. Each is proved elsewhere, by the name that stands in its one line of proof; what the words mean is in
   Definitions.v and, for the examples, in Games.v. Numbers are those of the paper; ids in brackets are those of the
   project's ledger (docs/claims.md). *)

From Coq Require Import Reals List.
From Rommeo Require Import Lists Definitions Games.
From Rommeo Require Gibbs Contraction Iteration Improvement Bounds Limits Returns LowerBound Trajectories Estimators.
From Rommeo Require Gradients SelfPlay Birkhoff Selection Learning Examples Counterexamples Arithmetic.
Open Scope R_scope.

(* ================================================================================================================== *)
(* 1. Gibbs' variational principle                                                                                    *)
(* ================================================================================================================== *)

Section One.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

(* eq. 10, 38: pi_Q is a conditional policy, exp(Q/alpha) over its sum. [eq10, eq56, alg1.pi] *)
Theorem soft_policy_is_policy Q : is_policy G (soft_policy G Q).
Proof. exact (Gibbs.soft_policy_law G Q). Qed.

Theorem eq10 Q s b a : soft_policy G Q s b a = exp (Q s a b / alpha G) / ∑ a', exp (Q s a' b / alpha G).
Proof. exact (Gibbs.soft_policy_quotient G Q s b a). Qed.

(* eq. 11: rho_Q is an opponent model, P (sum exp(Q/alpha))^alpha / exp V; eq. 9 and 58: V.
   [eq9, eq11, eq57, eq58, alg1.rho] *)
Theorem soft_model_is_model Q : is_model G (soft_model G Q).
Proof. exact (Gibbs.soft_model_law G Q). Qed.

Theorem eq11 Q s b :
  soft_model G Q s b = prior G s b * Rpower (∑ a, exp (Q s a b / alpha G)) (alpha G / beta G) / exp (V G Q s / beta G).
Proof. exact (Gibbs.soft_model_quotient G Q s b). Qed.

Theorem eq9 Q s : V G Q s = beta G * ln (∑ b, prior G s b * Rpower (∑ a, exp (Q s a b / alpha G)) (alpha G / beta G)).
Proof. exact (Gibbs.V_power G Q s). Qed.

(* eq. 43: what a policy lacks is alpha times its divergence from pi_Q. [eq43] *)
Theorem eq43 Q pi s b :
  is_policy G pi -> own_worth G Q pi s b = L G Q s b - alpha G * KL (pi s b) (soft_policy G Q s b).
Proof. exact (Gibbs.own_gap G Q pi s b). Qed.

(* eq. 40: so pi_Q is best. [eq40] *)
Theorem eq40 Q pi s b : is_policy G pi -> own_worth G Q pi s b <= own_worth G Q (soft_policy G Q) s b.
Proof. exact (Improvement.own_worth_best G Q pi s b). Qed.

(* eq. 44, with H(pi(.|s,b)): what an opponent model lacks against pi is beta times its divergence from the best reply.
   [eq44] *)
Theorem eq44 Q pi rho s :
  is_model G rho -> worth G Q pi rho s = best_reply_value G Q pi s - beta G * KL (rho s) (best_model G Q pi s).
Proof. exact (Gibbs.model_gap G Q pi rho s). Qed.

Theorem best_model_is_model Q pi : is_model G (best_model G Q pi).
Proof. exact (Gibbs.best_model_law G Q pi). Qed.

(* eq. 41, 42: the opponent model of eq. 39 is best for pi. [eq42, eq39] *)
Theorem eq42 Q pi rho s : is_model G rho -> worth G Q pi rho s <= worth G Q pi (best_model G Q pi) s.
Proof. exact (Improvement.worth_better_model G Q pi rho s). Qed.

(* With pi_Q for pi it is rho_Q: eq. 39 becomes eq. 11. [eq57] *)
Theorem best_model_of_soft_policy Q s b : best_model G Q (soft_policy G Q) s b = soft_model G Q s b.
Proof. exact (Gibbs.best_model_of_soft G Q s b). Qed.

(* The exact gap of a pair, for a given Q. [eq9] *)
Theorem gibbs_gap Q pi rho s :
  is_policy G pi -> is_model G rho ->
  V G Q s - worth G Q pi rho s
  = alpha G * (∑ b, rho s b * KL (pi s b) (soft_policy G Q s b)) + beta G * KL (rho s) (soft_model G Q s).
Proof. exact (Gibbs.pair_gap G Q pi rho s). Qed.

(* V is the most that a pair gets, and (pi_Q, rho_Q) gets it. [eq9, eq58] *)
Theorem gibbs_bound Q pi rho s : is_policy G pi -> is_model G rho -> worth G Q pi rho s <= V G Q s.
Proof. exact (Gibbs.worth_le_V G Q pi rho s). Qed.

Theorem gibbs_attained Q s : worth G Q (soft_policy G Q) (soft_model G Q) s = V G Q s.
Proof. exact (Gibbs.worth_soft G Q s). Qed.

(* No other pair does, but for pi where rho has no mass. [eq10, eq11] *)
Theorem gibbs_equality Q pi rho s :
  is_policy G pi -> is_model G rho ->
  (worth G Q pi rho s = V G Q s <->
   (forall b, rho s b = soft_model G Q s b) /\ (forall b, 0 < rho s b -> forall a, pi s b a = soft_policy G Q s b a)).
Proof. exact (Gibbs.worth_is_V_iff G Q pi rho s). Qed.

(* With a positive prior there is one best pair. [eq10] *)
Theorem gibbs_equality_positive_prior Q pi rho s :
  positive_prior G -> is_policy G pi -> is_model G rho ->
  (worth G Q pi rho s = V G Q s <->
   (forall b, rho s b = soft_model G Q s b) /\ (forall b a, pi s b a = soft_policy G Q s b a)).
Proof. exact (Gibbs.worth_is_V_iff_positive G Q pi rho s). Qed.

(* eq. 16 is 0 at pi_Q, and at no other policy where D and rho have mass everywhere. [eq16] *)
Theorem eq16 (D : states G -> R) Q pi rho :
  distribution D -> is_policy G pi -> is_model G rho -> (forall s, 0 < D s) -> (forall s b, 0 < rho s b) ->
  ((∑ s, D s * (∑ b, rho s b * KL (pi s b) (soft_policy G Q s b))) = 0 <->
   forall s b a, pi s b a = soft_policy G Q s b a).
Proof. exact (Gibbs.policy_loss_zero G D Q pi rho). Qed.

(* eq. 18: alpha times (16) but for a term without pi. [eq18] *)
Theorem eq18 Q pi s b :
  is_policy G pi ->
  alpha G * KL (pi s b) (soft_policy G Q s b)
  = (∑ a, pi s b a * (alpha G * ln (pi s b a) - Q s a b)) + alpha G * ln (∑ a, exp (Q s a b / alpha G)).
Proof. exact (Gibbs.policy_loss G Q pi s b). Qed.

(* Its minimiser is pi_Q alone, which depends on alpha. [eq18, alg2.rates] *)
Theorem eq18_least Q pi s b :
  is_policy G pi ->
  (∑ a, soft_policy G Q s b a * (alpha G * ln (soft_policy G Q s b a) - Q s a b))
  <= (∑ a, pi s b a * (alpha G * ln (pi s b a) - Q s a b)) /\
  ((∑ a, pi s b a * (alpha G * ln (pi s b a) - Q s a b))
   <= (∑ a, soft_policy G Q s b a * (alpha G * ln (soft_policy G Q s b a) - Q s a b)) ->
   forall a, pi s b a = soft_policy G Q s b a).
Proof. exact (Learning.policy_loss_least G Q pi s b). Qed.

(* eq. 19: (17), at an own action a, but for log Z(s,a), which has no rho in it. [eq19] *)
Theorem eq19 Q pi rho s a :
  is_model G rho -> (forall b, 0 < pi s b a) ->
  let weight := fun b => prior G s b * Rpower (exp (Q s a b / alpha G) / pi s b a) (alpha G) in
  KL (rho s) (fun b => weight b / ∑ b', weight b')
  = (∑ b, rho s b * (ln (rho s b) - ln (prior G s b) - Q s a b + alpha G * ln (pi s b a))) + ln (∑ b, weight b).
Proof. exact (Learning.model_loss G Q pi rho s a). Qed.

(* eq. 17, corrected: with a drawn from pi and averaged in the exponent, the law in the divergence is that of eq. 39.
   [eq17, eq39] *)
Theorem eq17_corrected Q pi s b :
  let weight := fun b => prior G s b * exp ((∑ a, pi s b a * (Q s a b - alpha G * ln (pi s b a))) / beta G) in
  best_model G Q pi s b = weight b / ∑ b', weight b'.
Proof. exact (Gibbs.best_model_as_mean G Q pi s b). Qed.

End One.

(* KL(p || q) >= 0, and 0 only for p = q. [eq16] *)
Theorem divergence_nonnegative (X : Finite) (p q : X -> R) :
  distribution p -> distribution q -> supported_by p q -> 0 <= KL p q.
Proof. exact (Gibbs.KL_nonneg p q). Qed.

Theorem divergence_zero (X : Finite) (p q : X -> R) :
  distribution p -> distribution q -> supported_by p q -> KL p q = 0 -> forall x, p x = q x.
Proof. exact (Gibbs.KL_zero p q). Qed.

(* Algorithm 2's prior, corrected: E_p log q is greatest at q = p, the empirical distribution, lacks KL(p || q) elsewhere,
   and is as great nowhere else. (A q without mass where p has some is infinitely bad; Coq's ln 0 = 0, so it is left out.)
   [alg2.prior] *)
Theorem prior_by_likelihood (X : Finite) (p q : X -> R) :
  distribution p -> distribution q -> supported_by p q ->
  (∑ x, p x * ln (q x)) = (∑ x, p x * ln (p x)) - KL p q /\ (∑ x, p x * ln (q x)) <= (∑ x, p x * ln (p x)) /\
  ((∑ x, p x * ln (p x)) <= (∑ x, p x * ln (q x)) -> forall x, q x = p x).
Proof. exact (Learning.likeliest p q). Qed.

(* Algorithm 1's prior, n(s,b) counts: a law for every state that was visited, and the likeliest table. [alg1.prior] *)
Theorem prior_by_counts (S B : Finite) (n : S -> B -> nat) :
  (forall s, exists b, n s b <> O) ->
  let p := fun s b => INR (n s b) / ∑ b', INR (n s b') in
  (forall s, distribution (p s)) /\
  forall q : S -> B -> R, (forall s, distribution (q s)) -> (forall s b, q s b = 0 -> n s b = O) ->
  (∑ s, ∑ b, INR (n s b) * ln (q s b)) <= (∑ s, ∑ b, INR (n s b) * ln (p s b)) /\
  ((∑ s, ∑ b, INR (n s b) * ln (p s b)) <= (∑ s, ∑ b, INR (n s b) * ln (q s b)) -> forall s b, q s b = p s b).
Proof. exact (Learning.counted n). Qed.

(* ================================================================================================================== *)
(* 2. The operator T                                                                                                  *)
(* ================================================================================================================== *)

Section Two.
Variable G : Game.
Implicit Types Q : Table G.

(* eq. 60 is what T is. [eq60] *)
Theorem eq60 Q s a b :
  T G Q s a b
  = reward G s a b + gamma G * (∑ s', next G s a b s' *
      (beta G * ln (∑ b', prior G s' b' * Rpower (∑ a', exp (Q s' a' b' / alpha G)) (alpha G / beta G)))).
Proof. exact (Iteration.T_written_out G Q s a b). Qed.

(* V and T rise with Q, and a constant added to Q comes out. [beyond.monotone, beyond.modulus] *)
Theorem value_monotone Q1 Q2 s : below G Q1 Q2 -> V G Q1 s <= V G Q2 s.
Proof. exact (fun H => Contraction.V_mono G Q1 Q2 H s). Qed.

Theorem value_shift Q c s : V G (raised G Q c) s = V G Q s + c.
Proof. exact (Contraction.V_shift G Q c s). Qed.

Theorem bellman_monotone Q1 Q2 : below G Q1 Q2 -> below G (T G Q1) (T G Q2).
Proof. exact (Contraction.T_mono G Q1 Q2). Qed.

Theorem bellman_shift Q c s a b : T G (raised G Q c) s a b = T G Q s a b + gamma G * c.
Proof. exact (Contraction.T_shift G Q c s a b). Qed.

(* eq. 61, corrected: epsilon, not alpha epsilon, for every alpha and beta. [eq61] *)
Theorem eq61_corrected Q1 Q2 s : V G Q1 s <= distance G Q1 Q2 + V G Q2 s.
Proof. exact (Contraction.V_lipschitz G Q1 Q2 s). Qed.

(* As printed it holds for alpha >= 1. [eq61] *)
Theorem eq61_printed_for_large_alpha Q1 Q2 s : 1 <= alpha G -> V G Q1 s <= alpha G * distance G Q1 Q2 + V G Q2 s.
Proof. exact (Contraction.V_lipschitz_printed G Q1 Q2 s). Qed.

(* T is a gamma-contraction in the sup norm for every alpha and beta, [beyond.contraction, eq61] *)
Theorem bellman_contracts Q1 Q2 : distance G (T G Q1) (T G Q2) <= gamma G * distance G Q1 Q2.
Proof. exact (Contraction.T_contracts G Q1 Q2). Qed.

(* and no modulus below gamma will do. [beyond.modulus, eq61] *)
Theorem modulus_attained Q c : distance G (T G (raised G Q c)) (T G Q) = gamma G * distance G (raised G Q c) Q.
Proof. exact (Contraction.T_modulus G Q c). Qed.

End Two.

(* ================================================================================================================== *)
(* 3. Theorems 1 to 3                                                                                                 *)
(* ================================================================================================================== *)

Section Three.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G) (mu : states G -> R).

(* Theorem 2 and its solution: there is one Q* with Q* = R + gamma E V*. [thm2] *)
Theorem optimal_Q_exists : exists Q, optimal_Q G Q.
Proof. exact (Iteration.optimal_exists G). Qed.

Theorem optimal_Q_unique Q1 Q2 : optimal_Q G Q1 -> optimal_Q G Q2 -> same G Q1 Q2.
Proof. exact (Iteration.optimal_unique G Q1 Q2). Qed.

(* Theorem 2: where Q is Q^{pi,rho} of its own pair, of eq. 10 and 11, it solves eq. 12, and only there. [thm2] *)
Theorem theorem2 Q : pair_Q G (soft_policy G Q) (soft_model G Q) Q <-> optimal_Q G Q.
Proof. exact (Learning.own_pair_is_optimal G Q). Qed.

(* Q* and V* are finite, and bounded by the rewards and the entropy. [thm3.bounded] *)
Theorem theorem3_bounded Q lo hi :
  optimal_Q G Q -> (forall s a b, lo <= reward G s a b <= hi) ->
  forall s a b, (lo + gamma G * (alpha G * ln (count (own G)))) / (1 - gamma G) <= Q s a b
                <= (hi + gamma G * (alpha G * ln (count (own G)))) / (1 - gamma G).
Proof. exact (Limits.bounded G Q lo hi). Qed.

Theorem theorem3_bounded_V Q lo hi :
  optimal_Q G Q -> (forall s a b, lo <= reward G s a b <= hi) ->
  forall s, (lo + alpha G * ln (count (own G))) / (1 - gamma G) <= V G Q s
            <= (hi + alpha G * ln (count (own G))) / (1 - gamma G).
Proof. exact (Limits.bounded_V G Q lo hi). Qed.

(* So is the Q of every pair; p is the least positive mass of the prior, or less. [thm4.bounded] *)
Theorem theorem4_bounded pi rho Q lo hi p :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> (forall s a b, lo <= reward G s a b <= hi) ->
  0 < p -> (forall s b, 0 < prior G s b -> p <= prior G s b) ->
  forall s a b, (lo - gamma G * (beta G * ln (1 / p))) / (1 - gamma G) <= Q s a b
                <= (hi + gamma G * (alpha G * ln (count (own G)))) / (1 - gamma G).
Proof. exact (Limits.pair_bounded G pi rho Q lo hi p). Qed.

(* Theorem 3, eq. 13, for any game, any alpha and beta, from any table, with its rate.
   [thm3, thm3.symmetric, thm3.one_optimum] *)
Theorem theorem3_rate k Q Q' : optimal_Q G Q' -> distance G (iterate G k Q) Q' <= gamma G ^ k * distance G Q Q'.
Proof. exact (Iteration.iterate_rate G k Q Q'). Qed.

Theorem theorem3_Q Q Q' s a b : optimal_Q G Q' -> Un_cv (fun k => iterate G k Q s a b) (Q' s a b).
Proof. exact (Iteration.iterate_converges G Q Q' s a b). Qed.

Theorem theorem3_V Q Q' s : optimal_Q G Q' -> Un_cv (fun k => V G (iterate G k Q) s) (V G Q' s).
Proof. exact (Iteration.iterate_V_converges G Q Q' s). Qed.

(* Each pair has one Q^{pi,rho}, eq. 34 to 36, [eq34, eq35, eq36] *)
Theorem pair_Q_exists pi rho : is_policy G pi -> is_model G rho -> exists Q, pair_Q G pi rho Q.
Proof. exact (Iteration.pair_exists G pi rho). Qed.

Theorem pair_Q_unique pi rho Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q1 -> pair_Q G pi rho Q2 -> same G Q1 Q2.
Proof. exact (Iteration.pair_unique G pi rho Q1 Q2). Qed.

(* eq. 34: what is in the expectation of eq. 36, with b' and a' drawn outside of it, [eq34, eq35] *)
Theorem eq34 pi rho Q s a b :
  is_policy G pi -> is_model G rho ->
  T_pair G pi rho Q s a b
  = reward G s a b + gamma G * (∑ s', next G s a b s' * (∑ b', rho s' b' * (∑ a', pi s' b' a' *
      (alpha G * entropy (pi s' b') - beta G * KL (rho s') (prior G s') + Q s' a' b')))).
Proof. exact (Iteration.eq34_form G pi rho Q s a b). Qed.

(* and it is the infinite sum of eq. 33, the first step being counted by next s a b. [eq33] *)
Theorem eq33 pi rho Q s a b :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  Un_cv (fun n => reward G s a b + gamma G * discounted G pi rho (next G s a b) (worth G (reward G) pi rho) n)
    (Q s a b).
Proof. exact (Iteration.series_33 G pi rho Q s a b). Qed.

(* Theorem 1, corrected to the discounted objective without a horizon: Q* is Q^{pi,rho} of the pair of eq. 10 and 11,
   which is eq. 59 with its stars, [thm1, eq59] *)
Theorem theorem1_attained Q : optimal_Q G Q -> pair_Q G (soft_policy G Q) (soft_model G Q) Q.
Proof. exact (Iteration.optimal_is_pair G Q). Qed.

(* and no pair has more, in any entry or state. [thm1] *)
Theorem theorem1_Q Q' pi rho Q :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> below G Q Q'.
Proof. exact (Iteration.optimal_dominates G Q' pi rho Q). Qed.

Theorem theorem1_V Q' pi rho Q s :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> worth G Q pi rho s <= V G Q' s.
Proof. exact (Iteration.worth_dominated G Q' pi rho Q s). Qed.

(* The same of the objective itself: it converges for every pair, and none has more than that of eq. 10 and 11. [thm1] *)
Theorem objective_converges pi rho mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  exists j, Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) j.
Proof. exact (Learning.objective_converges G pi rho mu). Qed.

Theorem theorem1_objective Q' pi rho mu j j' :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> distribution mu ->
  Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) j ->
  Un_cv (discounted G (soft_policy G Q') (soft_model G Q') mu (worth G (reward G) (soft_policy G Q') (soft_model G Q'))) j' ->
  j <= j'.
Proof. exact (Learning.objective_dominated G Q' pi rho mu j j'). Qed.

(* With a positive prior no other pair has as much in every state. [thm1] *)
Theorem theorem1_unique Q' pi rho Q :
  positive_prior G -> optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  ((forall s, worth G Q pi rho s = V G Q' s) <->
   (forall s b, rho s b = soft_model G Q' s b) /\ (forall s b a, pi s b a = soft_policy G Q' s b a)).
Proof. exact (Iteration.optimal_pair_unique G Q' pi rho Q). Qed.

(* eq. 8 for the optimal pair. [eq8] *)
Theorem eq8 Q s a b :
  optimal_Q G Q ->
  Un_cv (fun n => reward G s a b + gamma G * discounted G (soft_policy G Q) (soft_model G Q) (next G s a b)
                    (worth G (reward G) (soft_policy G Q) (soft_model G Q)) n)
    (Q s a b).
Proof. exact (Iteration.series_8 G Q s a b). Qed.

(* eq. 37, corrected: the objective is what Q^{pi,rho} says of the first state alone. [eq37] *)
Theorem eq37_corrected pi rho Q mu :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> distribution mu ->
  Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) (∑ s, mu s * worth G Q pi rho s).
Proof. exact (Iteration.objective_series G pi rho Q mu). Qed.

(* What a pair loses to the optimum is the sum of its divergences along the way. [beyond.regret] *)
Theorem regret Q' pi rho Q mu :
  optimal_Q G Q' -> is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> distribution mu ->
  Un_cv (discounted G pi rho mu (fun s =>
      alpha G * (∑ b, rho s b * KL (pi s b) (soft_policy G Q' s b)) + beta G * KL (rho s) (soft_model G Q' s)))
    (∑ s, mu s * (V G Q' s - worth G Q pi rho s)).
Proof. exact (Iteration.loss_series G Q' pi rho Q mu). Qed.

End Three.

(* ================================================================================================================== *)
(* 4. Theorems 4 and 5, eq. 45 to 55                                                                                  *)
(* ================================================================================================================== *)

Section Four.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

(* Theorem 4, eq. 38. [thm4] *)
Theorem theorem4 pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> pair_Q G (soft_policy G Q) rho Q' -> below G Q Q'.
Proof. exact (Improvement.policy_improvement G pi rho Q Q'). Qed.

(* Theorem 5, eq. 39. [thm5] *)
Theorem theorem5 pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q -> pair_Q G pi (best_model G Q pi) Q' -> below G Q Q'.
Proof. exact (Improvement.model_improvement G pi rho Q Q'). Qed.

(* eq. 45 to 53, their ends: both replaced, by eq. 38 and eq. 39. [eq45] *)
Theorem eq53 pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (best_model G Q pi) Q' -> below G Q Q'.
Proof. exact (Improvement.both_improvement G pi rho Q Q'). Qed.

(* eq. 47 to 49, corrected: first rho~, under pi, then pi~, under rho~. [eq45] *)
Theorem eq49_corrected Q pi rho s :
  is_policy G pi -> is_model G rho ->
  worth G Q pi rho s <= worth G Q pi (best_model G Q pi) s
  <= worth G Q (soft_policy G Q) (best_model G Q pi) s.
Proof. exact (Learning.corrected_chain G Q pi rho s). Qed.

(* Both from the same Q, by eq. 10 and 11: at least as good as a step of value iteration. [beyond.joint] *)
Theorem joint_improvement pi rho Q Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (soft_model G Q) Q' -> below G Q (T G Q) /\ below G (T G Q) Q'.
Proof. exact (Improvement.joint_step G pi rho Q Q'). Qed.

Theorem joint_improvement_rate pi rho Q Q1 Q' :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (soft_model G Q) Q1 -> optimal_Q G Q' ->
  distance G Q1 Q' <= gamma G * distance G Q Q'.
Proof. exact (Improvement.joint_rate G pi rho Q Q1 Q'). Qed.

(* In values: none falls, and what is lacking falls to at most gamma times as much. [beyond.joint] *)
Theorem joint_improvement_values pi rho Q Q1 Q' c :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) (soft_model G Q) Q1 -> optimal_Q G Q' ->
  (forall s, V G Q' s - worth G Q pi rho s <= c) ->
  forall s, worth G Q pi rho s <= worth G Q1 (soft_policy G Q) (soft_model G Q) s /\
            V G Q' s - worth G Q1 (soft_policy G Q) (soft_model G Q) s <= gamma G * c.
Proof. exact (Learning.joint_values G pi rho Q Q1 Q' c). Qed.

(* eq. 54, 55: one round, through Q1 = Q^{pi_{t+1},rho_t} to Q2 = Q^{pi_{t+1},rho_{t+1}}. [eq54] *)
Theorem alternating_improvement pi rho Q Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) rho Q1 -> pair_Q G (soft_policy G Q) (best_model G Q1 (soft_policy G Q)) Q2 ->
  below G Q Q1 /\ below G Q1 Q2 /\ below G (T G Q) Q2.
Proof. exact (Improvement.alternating_step G pi rho Q Q1 Q2). Qed.

(* Where a round improves nothing, Q is Q*, [thm1] *)
Theorem no_improvement_is_optimal pi rho Q Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) rho Q1 -> pair_Q G (soft_policy G Q) (best_model G Q1 (soft_policy G Q)) Q2 ->
  same G Q2 Q -> optimal_Q G Q.
Proof. exact (Improvement.no_improvement G pi rho Q Q1 Q2). Qed.

(* and otherwise some entry rises. [eq54] *)
Theorem what_is_not_optimal_rises pi rho Q Q1 Q2 :
  is_policy G pi -> is_model G rho -> pair_Q G pi rho Q ->
  pair_Q G (soft_policy G Q) rho Q1 -> pair_Q G (soft_policy G Q) (best_model G Q1 (soft_policy G Q)) Q2 ->
  ~ optimal_Q G Q -> exists s a b, Q s a b < Q2 s a b.
Proof. exact (Improvement.strict_improvement G pi rho Q Q1 Q2). Qed.

(* The iteration of eq. 54 and 55 can be run from every pair, never falls, and comes to Q* with the rate gamma^t. [eq54] *)
Theorem alternating_exists pi rho :
  is_policy G pi -> is_model G rho ->
  exists pis rhos Qs, alternating G pis rhos Qs /\ pis O = pi /\ rhos O = rho.
Proof. exact (Improvement.alternating_exists G pi rho). Qed.

Theorem alternating_rises pis rhos Qs t : alternating G pis rhos Qs -> below G (Qs t) (Qs (S t)).
Proof. exact (fun A => proj1 (Improvement.alternating_rises G pis rhos Qs t A)). Qed.

Theorem alternating_rate pis rhos Qs Q' t :
  alternating G pis rhos Qs -> optimal_Q G Q' -> distance G (Qs t) Q' <= gamma G ^ t * distance G (Qs O) Q'.
Proof. exact (Improvement.alternating_rate G pis rhos Qs Q' t). Qed.

Theorem alternating_converges pis rhos Qs Q' s a b :
  alternating G pis rhos Qs -> optimal_Q G Q' -> Un_cv (fun t => Qs t s a b) (Q' s a b).
Proof. exact (Improvement.alternating_converges G pis rhos Qs Q' s a b). Qed.

End Four.

(* ================================================================================================================== *)
(* 5. What the solver relies on                                                                                       *)
(* ================================================================================================================== *)

Section Five.
Variable G : Game.
Implicit Types (Q : Table G) (v : states G -> R).

Theorem residual_bound Q Q' : optimal_Q G Q' -> distance G Q Q' <= distance G (T G Q) Q / (1 - gamma G).
Proof. exact (Bounds.residual G Q Q'). Qed.

(* Spans: differences between lo and hi come to lie between gamma lo and gamma hi. [beyond.span] *)
Theorem span_contracts Q1 Q2 lo hi :
  (forall s a b, lo <= Q1 s a b - Q2 s a b <= hi) ->
  forall s a b, gamma G * lo <= T G Q1 s a b - T G Q2 s a b <= gamma G * hi.
Proof. exact (Bounds.T_span G Q1 Q2 lo hi). Qed.

(* Values contract as tables do. *)
Theorem backup_contracts v w c :
  (forall s, Rabs (v s - w s) <= c) -> forall s, Rabs (backup G v s - backup G w s) <= gamma G * c.
Proof. exact (Bounds.backup_contracts G v w c). Qed.

(* MacQueen's bounds, for values and for tables; lo and hi may be the least and the greatest difference.
   [beyond.macqueen] *)
Theorem macqueen_values v Q' lo hi :
  optimal_Q G Q' -> (forall s, lo <= backup G v s - v s <= hi) ->
  forall s, backup G v s + gamma G / (1 - gamma G) * lo <= V G Q' s <= backup G v s + gamma G / (1 - gamma G) * hi.
Proof. exact (Bounds.macqueen_values G v Q' lo hi). Qed.

Theorem macqueen_tables Q Q' lo hi :
  optimal_Q G Q' -> (forall s a b, lo <= T G Q s a b - Q s a b <= hi) ->
  forall s a b, T G Q s a b + gamma G / (1 - gamma G) * lo <= Q' s a b <= T G Q s a b + gamma G / (1 - gamma G) * hi.
Proof. exact (Bounds.macqueen_tables G Q Q' lo hi). Qed.

(* What the pair (pi_Q, rho_Q) loses, by the same differences and by the distance of Q from Q*. *)
Theorem greedy_loss_values v Q Q' lo hi :
  optimal_Q G Q' -> pair_Q G (soft_policy G (ahead G v)) (soft_model G (ahead G v)) Q ->
  (forall s, lo <= backup G v s - v s <= hi) ->
  forall s, 0 <= V G Q' s - worth G Q (soft_policy G (ahead G v)) (soft_model G (ahead G v)) s
            <= gamma G / (1 - gamma G) * (hi - lo).
Proof. exact (Bounds.greedy_loss_values G v Q Q' lo hi). Qed.

Theorem greedy_loss Q Q1 Q' :
  optimal_Q G Q' -> pair_Q G (soft_policy G Q) (soft_model G Q) Q1 ->
  distance G Q1 Q' <= 2 * gamma G / (1 - gamma G) * distance G Q Q'.
Proof. exact (Bounds.greedy_loss G Q Q1 Q'). Qed.

(* Newton's step is a step of soft policy iteration: V^{pi_Q,rho_Q} - v = sum_t gamma^t M^t (TV - v). [beyond.newton] *)
Theorem newton v Q mu :
  pair_Q G (soft_policy G (ahead G v)) (soft_model G (ahead G v)) Q -> distribution mu ->
  Un_cv (discounted G (soft_policy G (ahead G v)) (soft_model G (ahead G v)) mu (fun s => backup G v s - v s))
    (∑ s, mu s * (worth G Q (soft_policy G (ahead G v)) (soft_model G (ahead G v)) s - v s)).
Proof. exact (Iteration.newton_series G v Q mu). Qed.

(* V* never rises with the weight beta of the divergence; the ends of beta are in Section 6. [beyond.weights] *)
Theorem weights w1 w2 (p1 : 0 < w1) (p2 : 0 < w2) (Q1 Q2 : Table G) s :
  w1 <= w2 -> optimal_Q (with_beta G w1 p1) Q1 -> optimal_Q (with_beta G w2 p2) Q2 ->
  V (with_beta G w2 p2) Q2 s <= V (with_beta G w1 p1) Q1 s.
Proof. exact (Bounds.V_optimal_falls G w1 w2 p1 p2 Q1 Q2 s). Qed.

(* Targets that move by a part x of the way, Algorithm 2's last line: the error falls by 1 - x (1 - gamma). [alg2.polyak] *)
Theorem averaged_targets x Q Q' :
  0 <= x <= 1 -> optimal_Q G Q' ->
  distance G (fun s a b => x * T G Q s a b + (1 - x) * Q s a b) Q' <= (1 - x * (1 - gamma G)) * distance G Q Q'.
Proof. exact (Iteration.averaged_step G x Q Q'). Qed.

(* n gradient steps of rate l towards T of the target, then a copy, Algorithm 1: the same with x = 1 - (1 - l)^n.
   [alg1.copies] *)
Theorem copied_targets l n Q Q' :
  0 < l <= 1 -> optimal_Q G Q' ->
  distance G (gradient_descent G l n (T G Q) Q) Q' <= (1 - (1 - (1 - l) ^ n) * (1 - gamma G)) * distance G Q Q'.
Proof. exact (Iteration.copied_table G l n Q Q'). Qed.

(* From two different tables, Q0 being the target's, the first round lacks a mean of both errors. [alg1.copies] *)
Theorem copied_targets_first l n Q0 Q Q' :
  0 < l <= 1 -> optimal_Q G Q' ->
  let k := 1 - (1 - l) ^ n in
  distance G (gradient_descent G l n (T G Q0) Q) Q' <= k * (gamma G * distance G Q0 Q') + (1 - k) * distance G Q Q'.
Proof. exact (Iteration.copied_first G l n Q0 Q Q'). Qed.

End Five.

(* ================================================================================================================== *)
(* 6. Limits in alpha and beta                                                                                        *)
(* ================================================================================================================== *)

Section Six.
Variable G : Game.
Implicit Types (Q : Table G).

(* alpha to 0: L(s,b) is the greatest Q(s,.,b), m, up to alpha log A; *)
Theorem alpha_to_zero Q s b m :
  (forall a, Q s a b <= m) -> (exists a, Q s a b = m) -> m <= L G Q s b <= m + alpha G * ln (count (own G)).
Proof. exact (Limits.L_bounds G Q s b m). Qed.

(* V follows, with the greatest h(b) in the place of L(s,b), *)
Theorem alpha_to_zero_value Q s (h : others G -> R) :
  (forall b, (forall a, Q s a b <= h b) /\ exists a, Q s a b = h b) ->
  beta G * ln (∑ b, prior G s b * exp (h b / beta G)) <= V G Q s
  <= beta G * ln (∑ b, prior G s b * exp (h b / beta G)) + alpha G * ln (count (own G)).
Proof. exact (Limits.V_alpha G Q s h). Qed.

(* and so does Q*: Q0 solves the equation with that in the place of V. *)
Theorem alpha_to_zero_optimum Q Q0 (h : states G -> others G -> R) :
  optimal_Q G Q -> same G (ahead G (fun s => beta G * ln (∑ b, prior G s b * exp (h s b / beta G)))) Q0 ->
  (forall s b, (forall a, Q0 s a b <= h s b) /\ exists a, Q0 s a b = h s b) ->
  forall s a b, Q0 s a b <= Q s a b <= Q0 s a b + gamma G * (alpha G * ln (count (own G))) / (1 - gamma G).
Proof. exact (Limits.alpha_to_zero G Q Q0 h). Qed.

Theorem alpha_to_zero_exists : exists Q (h : states G -> others G -> R),
  same G (ahead G (fun s => beta G * ln (∑ b, prior G s b * exp (h s b / beta G)))) Q /\
  forall s b, (forall a, Q s a b <= h s b) /\ exists a, Q s a b = h s b.
Proof. exact (Returns.at_alpha_zero G). Qed.

(* alpha to infinity: L(s,b) less alpha log A is the mean of Q(s,.,b) under the uniform policy, up to d (exp(d/alpha) - 1),
   where Q(s,.,b) lies within d. *)
Theorem alpha_to_infinity Q s b lo d :
  (forall a, lo <= Q s a b <= lo + d) ->
  0 <= L G Q s b - alpha G * ln (count (own G)) - (∑ a, 1 / count (own G) * Q s a b) <= d * (exp (d / alpha G) - 1).
Proof. exact (Limits.L_mean G Q s b lo d). Qed.

(* V* never falls as alpha rises. *)
Theorem temperature x1 x2 (p1 : 0 < x1) (p2 : 0 < x2) (Q1 Q2 : Table G) s :
  x1 <= x2 -> optimal_Q (with_alpha G x1 p1) Q1 -> optimal_Q (with_alpha G x2 p2) Q2 ->
  V (with_alpha G x1 p1) Q1 s <= V (with_alpha G x2 p2) Q2 s.
Proof. exact (Limits.V_optimal_rises G x1 x2 p1 p2 Q1 Q2 s). Qed.

(* beta to 0: V is the greatest L(s,b) among the b that the prior allows, m, up to beta log 1/P(b0|s); *)
Theorem beta_to_zero Q s m b0 :
  (forall b, 0 < prior G s b -> L G Q s b <= m) -> 0 < prior G s b0 -> L G Q s b0 = m ->
  m + beta G * ln (prior G s b0) <= V G Q s <= m.
Proof. exact (Limits.V_bounds G Q s m b0). Qed.

(* so is Q* the Q0 of the most optimistic model, p being the prior's mass where it is greatest, or less. [beyond.weights] *)
Theorem beta_to_zero_optimum Q Q0 (m : states G -> R) p :
  optimal_Q G Q -> same G (ahead G m) Q0 -> 0 < p ->
  (forall s b, 0 < prior G s b -> L G Q0 s b <= m s) -> (forall s, exists b, p <= prior G s b /\ L G Q0 s b = m s) ->
  forall s a b, Q s a b <= Q0 s a b <= Q s a b + gamma G * (beta G * ln (1 / p)) / (1 - gamma G).
Proof. exact (Limits.beta_to_zero G Q Q0 m p). Qed.

Theorem beta_to_zero_exists : exists Q (m : states G -> R) p,
  same G (ahead G m) Q /\ 0 < p /\ (forall s b, 0 < prior G s b -> L G Q s b <= m s) /\
  forall s, exists b, p <= prior G s b /\ L G Q s b = m s.
Proof. exact (Returns.at_beta_zero G). Qed.

(* beta to infinity: V is the mean of L(s,.) under the prior (Jensen), up to d (exp(d/beta) - 1), where L(s,.) lies within
   d; *)
Theorem beta_to_infinity Q s lo d :
  (forall b, lo <= L G Q s b <= lo + d) ->
  0 <= V G Q s - (∑ b, prior G s b * L G Q s b) <= d * (exp (d / beta G) - 1).
Proof. exact (Limits.V_mean G Q s lo d). Qed.

(* so is Q* the Q0 of the prior as the opponent model, which is the ablation. [beyond.weights] *)
Theorem beta_to_infinity_optimum Q Q0 d :
  optimal_Q G Q -> same G (ahead G (fun s => ∑ b, prior G s b * L G Q0 s b)) Q0 ->
  (forall s, exists lo, forall b, lo <= L G Q0 s b <= lo + d) ->
  forall s a b, Q0 s a b <= Q s a b <= Q0 s a b + gamma G * (d * (exp (d / beta G) - 1)) / (1 - gamma G).
Proof. exact (Limits.beta_to_infinity G Q Q0 d). Qed.

Theorem beta_to_infinity_exists : exists Q d,
  same G (ahead G (fun s => ∑ b, prior G s b * L G Q s b)) Q /\
  forall s, exists lo, forall b, lo <= L G Q s b <= lo + d.
Proof. exact (Returns.at_beta_infinity G). Qed.

(* The operators at beta = 0 and at beta = infinity are gamma-contractions as well. [beyond.contraction] *)
Theorem bellman_contracts_at_zero Q1 Q2 (m1 m2 : states G -> R) :
  (forall s, (forall b, 0 < prior G s b -> L G Q1 s b <= m1 s) /\ exists b, 0 < prior G s b /\ L G Q1 s b = m1 s) ->
  (forall s, (forall b, 0 < prior G s b -> L G Q2 s b <= m2 s) /\ exists b, 0 < prior G s b /\ L G Q2 s b = m2 s) ->
  distance G (ahead G m1) (ahead G m2) <= gamma G * distance G Q1 Q2.
Proof. exact (Limits.contracts_at_zero G Q1 Q2 m1 m2). Qed.

Theorem bellman_contracts_at_infinity Q1 Q2 :
  distance G (ahead G (fun s => ∑ b, prior G s b * L G Q1 s b)) (ahead G (fun s => ∑ b, prior G s b * L G Q2 s b))
  <= gamma G * distance G Q1 Q2.
Proof. exact (Limits.contracts_at_infinity G Q1 Q2). Qed.

End Six.

(* ================================================================================================================== *)
(* 7. Returns, and training without the divergence                                                                    *)
(* ================================================================================================================== *)

Section Seven.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G) (mu : states G -> R).

(* eq. 1: the return converges, and with gamma^t from t = 1 it is gamma times the sum that begins with 1. [eq1] *)
Theorem eq1 pi rho mu :
  is_policy G pi -> is_free_model G rho -> distribution mu ->
  exists x, Un_cv (discounted G pi rho mu (gain G pi rho)) x /\
    Un_cv (fun n => sum_below n (fun t => gamma G ^ S t * (∑ s, state_law G pi rho t mu s * gain G pi rho s))) (gamma G * x).
Proof. exact (Returns.return_converges G pi rho mu). Qed.

(* Definition 1: with a common payoff R there is an optimum, from every law of the first state at once, in deterministic
   stationary policies of players who act apart; no stationary policies have more, even of players who act together. [def1] *)
Theorem definition1 : exists (p : states G -> own G -> R) (q : states G -> others G -> R),
  (forall s, distribution (p s) /\ exists a, p s a = 1) /\ (forall s, distribution (q s) /\ exists b, q s b = 1) /\
  forall pi rho mu, is_policy G pi -> is_free_model G rho -> distribution mu ->
  exists x y, Un_cv (discounted G (apart p) q mu (gain G (apart p) q)) x /\
              Un_cv (discounted G pi rho mu (gain G pi rho)) y /\ y <= x.
Proof. exact (Returns.optimum G). Qed.

(* Section 2.3, corrected: without the divergence there is a best pair, the soft policy with an opponent model that goes
   where reward and entropy together, L, are greatest; [sec2.em] *)
Theorem em_optimum : exists rho Q,
  free_optimal_Q G Q /\ is_free_model G rho /\ free_pair_Q G (soft_policy G Q) rho Q /\
  forall s b, 0 < rho s b -> forall b', L G Q s b' <= L G Q s b.
Proof. exact (Returns.free_optimum G). Qed.

(* maximised in turn, pi for Q and then rho for pi and Q1, the objective never falls and comes to that with the rate gamma;
   [sec2.em] *)
Theorem em_round pi rho Q Q1 rho' Q2 Q' :
  is_policy G pi -> is_free_model G rho -> is_free_model G rho' -> free_pair_Q G pi rho Q ->
  free_pair_Q G (soft_policy G Q) rho Q1 -> free_pair_Q G (soft_policy G Q) rho' Q2 ->
  (forall s b, own_worth G Q1 (soft_policy G Q) s b <= free_worth G Q1 (soft_policy G Q) rho' s) ->
  free_optimal_Q G Q' ->
  below G Q Q1 /\ below G Q1 Q2 /\ distance G Q2 Q' <= gamma G * distance G Q Q'.
Proof. exact (Returns.free_round G pi rho Q Q1 rho' Q2 Q'). Qed.

Theorem em_round_exists rho Q :
  is_free_model G rho ->
  exists Q1 rho' Q2, free_pair_Q G (soft_policy G Q) rho Q1 /\ is_free_model G rho' /\
    (forall s b, own_worth G Q1 (soft_policy G Q) s b <= free_worth G Q1 (soft_policy G Q) rho' s) /\
    free_pair_Q G (soft_policy G Q) rho' Q2.
Proof. exact (Returns.free_round_exists G rho Q). Qed.

(* and its return r lacks at most alpha log A / (1 - gamma) of any other return r'. [sec2.em] *)
Theorem em_return pi rho pi' rho' mu j j' r r' :
  is_policy G pi -> is_free_model G rho -> is_policy G pi' -> is_free_model G rho' -> distribution mu ->
  Un_cv (discounted G pi rho mu (free_worth G (reward G) pi rho)) j ->
  Un_cv (discounted G pi' rho' mu (free_worth G (reward G) pi' rho')) j' -> j' <= j ->
  Un_cv (discounted G pi rho mu (gain G pi rho)) r -> Un_cv (discounted G pi' rho' mu (gain G pi' rho')) r' ->
  r' <= r + alpha G * ln (count (own G)) / (1 - gamma G).
Proof. exact (Returns.free_return G pi rho pi' rho' mu j j' r r'). Qed.

End Seven.

(* ================================================================================================================== *)
(* 8. The lower bound of Appendix B; P(o = 1|s,a,b) = c exp(R(s,a,b)), eq. 4                                          *)
(* ================================================================================================================== *)

Section Eight.
Variable G : Game.
Variable c : R.
Implicit Types (pi : Policy G) (rho : Model G) (mu : states G -> R).

(* eq. 23 to 25: the laws of trajectories are laws. [eq23, eq24] *)
Theorem eq24 pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu -> distribution (law G pi rho n mu).
Proof. exact (LowerBound.law_distribution G pi rho n mu). Qed.

Theorem eq23 n mu : distribution mu -> distribution (law G (uniform G) (prior G) n mu).
Proof. exact (LowerBound.prior_law_of_trajectories G n mu). Qed.

(* eq. 23, corrected: g(s,a,b) = P(o^- = 1|s,a,b). Given o^- all factors are tilted by the chance of what is still to come;
   where that is the same in every state, eq. 23 is right, with P(a|b,s,o^-) and P(b|s,o^-). [eq23.given] *)
Theorem eq23_given (g : Table G) n mu tau :
  (forall s a b, 0 < g s a b) -> distribution mu ->
  tilt (law G (uniform G) (prior G) n mu) (product G g n) tau = law_given G g n mu tau.
Proof. exact (Trajectories.given G g n mu tau). Qed.

Theorem eq23_given_the_same_chance (g : Table G) n mu tau :
  (forall s a b, 0 < g s a b) -> distribution mu -> (forall k s s', hope G g k s = hope G g k s') ->
  tilt (law G (uniform G) (prior G) n mu) (product G g n) tau
  = law G (fun s b => tilt (uniform G s b) (fun a => g s a b))
      (fun s => tilt (prior G s) (fun b => ∑ a, uniform G s b a * g s a b)) n mu tau.
Proof. exact (Trajectories.given_is_23 G g n mu tau). Qed.

(* eq. 3, Bayes' rule: what was optimal is distributed as pi*, p, where every action is as likely before; and if one draw in A
   comes from p, the others from a q that makes every action as likely, then p(a) is the chance that a came from p. [eq3] *)
Theorem eq3 s b (p : own G -> R) a :
  distribution p ->
  0 <= p a <= 1 /\ tilt (uniform G s b) p a = p a /\
  forall q : own G -> R, 1 / count (own G) * p a + (1 - 1 / count (own G)) * q a = uniform G s b a ->
    (1 / count (own G) * p a) / (1 / count (own G) * p a + (1 - 1 / count (own G)) * q a) = p a.
Proof. exact (Learning.played_optimally G s b p a). Qed.

(* eq. 4: a probability that rises with R, for any c <= exp(- max R). [eq4] *)
Theorem eq4 m s a b :
  0 < c <= exp (- m) -> (forall s a b, reward G s a b <= m) ->
  0 < c * exp (reward G s a b) <= 1 /\
  forall s' a' b', reward G s a b < reward G s' a' b' -> c * exp (reward G s a b) < c * exp (reward G s' a' b').
Proof. exact (Learning.chance_of_optimality G c m s a b). Qed.

(* eq. 5, corrected: with c = exp(- m), m = max R, P(o) lies between the probability of m in every step and 1; for rewards
   k R it is at most (1 - that probability) exp(- k gap) above it, where all other rewards are at most m - gap; [eq5] *)
Theorem eq5_corrected m gap n mu :
  0 <= gap -> distribution mu -> (forall s a b, reward G s a b = m \/ reward G s a b <= m - gap) ->
  likelihood G (attained G m) n mu <= evidence G (exp (- m)) n mu
  <= likelihood G (attained G m) n mu + (1 - likelihood G (attained G m) n mu) * exp (- gap).
Proof. exact (Trajectories.evidence_between G m gap n mu). Qed.

Theorem eq5_scaled k m gap n mu :
  0 <= k -> 0 <= gap -> distribution mu -> (forall s a b, reward G s a b = m \/ reward G s a b <= m - gap) ->
  likelihood G (attained G m) n mu <= likelihood G (fun s a b => exp (- (k * m)) * exp (k * reward G s a b)) n mu
  <= likelihood G (attained G m) n mu + (1 - likelihood G (attained G m) n mu) * exp (- (k * gap)).
Proof. exact (Trajectories.scaled G k m gap n mu). Qed.

Theorem eq5_at_most_one m n mu :
  distribution mu -> (forall s a b, reward G s a b <= m) -> evidence G (exp (- m)) n mu <= 1.
Proof. exact (Trajectories.evidence_at_most_one G m n mu). Qed.

(* another c multiplies it by a power. [eq5] *)
Theorem eq5_another_constant k n mu : evidence G (k * c) n mu = k ^ n * evidence G c n mu.
Proof. exact (Trajectories.another_constant G c k n mu). Qed.

(* eq. 26: the sum over trajectories, step by step; hope is the exponential of a soft value with alpha = 1 that has
   log E exp V in the place of E V. [eq26] *)
Theorem eq26 n mu :
  distribution mu -> evidence G c n mu = ∑ s, mu s * hope G (fun s a b => c * exp (reward G s a b)) n s.
Proof. exact (Trajectories.evidence_backward G c n mu). Qed.

(* eq. 27: log P(o) is at least E_q log(P(o, trajectory)/q), [eq27] *)
Theorem eq27 pi rho n mu :
  0 < c -> is_policy G pi -> is_model G rho -> distribution mu -> elbo G c pi rho n mu <= ln (evidence G c n mu).
Proof. exact (fun P => LowerBound.elbo_below G c P pi rho n mu). Qed.

(* with the exact gap: the divergence of q from P(trajectory|o). [eq27] *)
Theorem eq27_gap pi rho n mu :
  0 < c -> is_policy G pi -> is_model G rho -> distribution mu ->
  ln (evidence G c n mu) - elbo G c pi rho n mu = KL (law G pi rho n mu) (posterior G c n mu).
Proof. exact (fun P => LowerBound.elbo_gap G c P pi rho n mu). Qed.

(* The same for any law of trajectories, without mass where P(o, trajectory) has none; nothing is lacking at the posterior.
   [eq27] *)
Theorem eq27_any_law n mu (q : trajectory G n -> R) :
  distribution mu -> distribution q -> supported_by q (joint G c n mu) -> 0 < c ->
  ln (evidence G c n mu) - (∑ tau, q tau * ln (joint G c n mu tau / q tau)) = KL q (posterior G c n mu).
Proof. exact (Trajectories.any_law G c n mu q). Qed.

Theorem eq27_at_the_posterior n mu :
  0 < c -> distribution mu ->
  (∑ tau, posterior G c n mu tau * ln (joint G c n mu tau / posterior G c n mu tau)) = ln (evidence G c n mu).
Proof. exact (Trajectories.at_posterior G c n mu). Qed.

(* eq. 28 to 30: the logarithm of the ratio, term by term. [eq28] *)
Theorem eq30 pi rho n mu :
  0 < c -> is_policy G pi -> is_model G rho -> distribution mu ->
  elbo G c pi rho n mu
  = ∑ tau, law G pi rho n mu tau * along G (fun s a b =>
      ln (c * exp (reward G s a b)) - ln (pi s b a) - ln (rho s b / prior G s b) + ln (1 / count (own G))) n tau.
Proof. exact (fun P => LowerBound.elbo_is_log_ratio G c P pi rho n mu). Qed.

(* eq. 31 = eq. 32: from trajectories to steps. [eq32, eq7] *)
Theorem eq32 pi rho n mu :
  is_policy G pi -> is_model G rho -> distribution mu ->
  (∑ tau, law G pi rho n mu tau * along G (bracket G pi rho) n tau) = objective G pi rho n mu.
Proof. exact (LowerBound.bracket_is_objective G pi rho n mu). Qed.

(* eq. 31, corrected: the constants that "log 1" leaves out. [eq31] *)
Theorem eq31_corrected pi rho n mu :
  0 < c -> is_policy G pi -> is_model G rho -> distribution mu ->
  elbo G c pi rho n mu = objective G pi rho n mu + INR n * (ln c - ln (count (own G))).
Proof. exact (fun P => LowerBound.elbo_value G c P pi rho n mu). Qed.

(* eq. 6, corrected: log P(o) >= J - T log A + T log c, [eq6] *)
Theorem eq6_corrected pi rho n mu :
  0 < c -> is_policy G pi -> is_model G rho -> distribution mu ->
  objective G pi rho n mu - INR n * ln (count (own G)) + INR n * ln c <= ln (evidence G c n mu).
Proof. exact (fun P => LowerBound.lower_bound G c P pi rho n mu). Qed.

(* attained for one step from a given state, by eq. 10 and 11 with R for Q. [eq6] *)
Theorem eq6_tight_for_one_step mu s :
  0 < c -> alpha G = 1 -> beta G = 1 -> distribution mu -> mu s = 1 ->
  objective G (soft_policy G (reward G)) (soft_model G (reward G)) 1 mu - ln (count (own G)) + ln c
  = ln (evidence G c 1 mu).
Proof. exact (fun P => LowerBound.one_step_tight G c P mu s). Qed.

End Eight.

(* ================================================================================================================== *)
(* 9. Sampled estimators                                                                                              *)
(* ================================================================================================================== *)

Section Nine.
Variable G : Game.
Implicit Types (Q : Table G) (pi : Policy G) (rho : Model G).

(* eq. 15 is V in every sample, at pi_Q and rho_Q; for any pair its mean is what the pair is worth, if b is drawn from rho.
   [eq15, alg2.vbar, alg2.sampling] *)
Theorem eq15 Q s a b : 0 < prior G s b -> sample G Q (soft_policy G Q) (soft_model G Q) s a b = V G Q s.
Proof. exact (Estimators.sample_soft G Q s a b). Qed.

Theorem eq15_mean Q pi rho s :
  is_policy G pi -> is_model G rho -> drawn G pi rho s (sample G Q pi rho s) = worth G Q pi rho s.
Proof. exact (Estimators.sample_mean G Q pi rho s). Qed.

(* Drawn from pi', with the logarithm of pi, its mean is too high. [alg2.target_policy] *)
Theorem eq15_drawn_from_another Q pi pi' rho s :
  is_policy G pi' -> is_model G rho -> (forall b a, 0 < pi s b a) ->
  drawn G pi' rho s (sample G Q pi rho s)
  = worth G Q pi' rho s + alpha G * (∑ b, rho s b * KL (pi' s b) (pi s b)).
Proof. exact (Estimators.sample_other_policy G Q pi pi' rho s). Qed.

(* b drawn from rho', with the logarithm of rho: too high as well. [alg2.sampling] *)
Theorem eq15_model_drawn_from_another Q pi rho rho' s :
  is_policy G pi -> is_model G rho' -> (forall b, 0 < rho s b) -> (forall b, 0 < prior G s b) ->
  drawn G pi rho' s (sample G Q pi rho s) = worth G Q pi rho' s + beta G * KL (rho' s) (rho s).
Proof. exact (Learning.sample_other_model G Q pi rho rho' s). Qed.

(* Algorithm 1, corrected: every sample is exp V, so is every average of samples; [alg1.vbar] *)
Theorem algorithm1_corrected Q s a b :
  beta G = 1 -> 0 < prior G s b ->
  corrected_sample G Q (soft_policy G Q) (soft_model G Q) s a b = exp (V G Q s).
Proof. exact (Estimators.corrected_constant G Q s a b). Qed.

Theorem algorithm1_corrected_average (K : Finite) (k0 : K) (a : K -> own G) (b : K -> others G) Q s :
  beta G = 1 -> (forall k, 0 < prior G s (b k)) ->
  ln (1 / count K * (∑ k, corrected_sample G Q (soft_policy G Q) (soft_model G Q) s (a k) (b k))) = V G Q s.
Proof. exact (Estimators.corrected_average G K k0 a b Q s). Qed.

(* with another rho the mean is exp V. [alg1.vbar] *)
Theorem algorithm1_corrected_mean Q rho s :
  beta G = 1 -> (forall b, 0 < prior G s b) -> (forall b, 0 < rho s b) ->
  drawn G (soft_policy G Q) rho s (corrected_sample G Q (soft_policy G Q) rho s) = exp (V G Q s).
Proof. exact (Estimators.corrected_mean G Q rho s). Qed.

(* Algorithm 1 as printed: its mean is exp of V at alpha = 1, whatever alpha is. [alg1.vbar] *)
Theorem algorithm1_printed_is_alpha_one Q pi rho s :
  beta G = 1 -> (forall b, 0 < prior G s b) -> (forall b a, 0 < pi s b a) -> (forall b, 0 < rho s b) ->
  ln (drawn G pi rho s (printed_sample G Q pi rho s)) = V (with_alpha G 1 Rlt_0_1) Q s.
Proof. exact (Estimators.printed_is_alpha_one G Q pi rho s). Qed.

(* eq. 14, V bar being V of a table Q0 that is held still: T Q0 and no other table has the least loss, [eq14] *)
Theorem eq14 (D Q0 Q : Table G) :
  (forall s a b, 0 < D s a b) ->
  let loss (Q : Table G) := ∑ s, ∑ a, ∑ b,
    D s a b * (1 / 2 * (Q s a b - reward G s a b - gamma G * (∑ s', next G s a b s' * V G Q0 s')) ^ 2) in
  loss (T G Q0) <= loss Q /\ (loss Q <= loss (T G Q0) -> same G Q (T G Q0)).
Proof. exact (Estimators.critic_best G D Q0 Q). Qed.

(* and single transitions add a variance that does not depend on Q. [eq14] *)
Theorem eq14_single_transitions (Q0 Q : Table G) s a b :
  (∑ s', next G s a b s' * (Q s a b - reward G s a b - gamma G * V G Q0 s') ^ 2)
  = (Q s a b - reward G s a b - gamma G * (∑ s', next G s a b s' * V G Q0 s')) ^ 2
    + gamma G ^ 2 * (∑ s', next G s a b s' * (V G Q0 s' - (∑ t, next G s a b t * V G Q0 t)) ^ 2).
Proof. exact (Estimators.critic_variance G Q0 Q s a b). Qed.

End Nine.

(* ================================================================================================================== *)
(* 10. Gradients, with respect to one parameter; derivable_pt_lim f x l says that f'(x) = l                           *)
(* ================================================================================================================== *)

(* eq. 20: the mean over D, s' and the sample of V bar of grad Q_w (Q_w - R - gamma V bar) is the gradient of (14), the table
   Q0 of the targets held still; Q_w may be any table that depends smoothly on w. [eq20] *)
Theorem eq20 (G : Game) (D : Table G) (Qw : R -> Table G) (dQ Q0 : Table G) (pi : Policy G) (rho : Model G) w :
  is_policy G pi -> is_model G rho -> (forall s a b, derivable_pt_lim (fun u => Qw u s a b) w (dQ s a b)) ->
  derivable_pt_lim
    (fun u => ∑ s, ∑ a, ∑ b, D s a b * (1 / 2 * (Qw u s a b - reward G s a b
       - gamma G * (∑ s', next G s a b s' * drawn G pi rho s' (sample G Q0 pi rho s'))) ^ 2)) w
    (∑ s, ∑ a, ∑ b, D s a b * (∑ s', next G s a b s' * drawn G pi rho s' (fun a' b' =>
       dQ s a b * (Qw w s a b - reward G s a b - gamma G * sample G Q0 pi rho s' a' b')))).
Proof. exact (Gradients.critic_gradient G D Qw dQ Q0 pi rho w). Qed.

(* eq. 21 for each noise e, where a = f(t): actions on a line, log pi differentiable in t and a together. The same for eq. 22,
   where b = g(t). With y held still, for each transition, eq. 20. [eq21, eq22, alg2.gradients] *)
Theorem eq21_sample al logpi q f t p pa dq df :
  has_partials logpi t (f t) p pa -> derivable_pt_lim q (f t) dq -> derivable_pt_lim f t df ->
  derivable_pt_lim (fun u => al * logpi u (f u) - q (f u)) t (al * p + df * (al * pa - dq)).
Proof. exact (Gradients.policy_sample al logpi q f t p pa dq df). Qed.

Theorem eq22_sample al logrho logp q logpi g t p pb dp dq dpi dg :
  has_partials logrho t (g t) p pb -> derivable_pt_lim logp (g t) dp -> derivable_pt_lim q (g t) dq ->
  derivable_pt_lim logpi (g t) dpi -> derivable_pt_lim g t dg ->
  derivable_pt_lim (fun u => logrho u (g u) - logp (g u) - q (g u) + al * logpi (g u)) t
    (p + (pb - dp - dq + al * dpi) * dg).
Proof. exact (Gradients.model_sample al logrho logp q logpi g t p pb dp dq dpi dg). Qed.

Theorem eq20_sample f w l y :
  derivable_pt_lim f w l -> derivable_pt_lim (fun u => 1 / 2 * (f u - y) ^ 2) w (l * (f w - y)).
Proof. exact (Gradients.half_square f w l y). Qed.

(* The means over finitely many samples x with the weights w: over states, actions and noises. [eq21, eq22] *)
Theorem mean_gradient (X : Finite) (w : X -> R) (f : X -> R -> R) t (l : X -> R) :
  (forall x, derivable_pt_lim (f x) t (l x)) -> derivable_pt_lim (fun u => ∑ x, w x * f x u) t (∑ x, w x * l x).
Proof. exact (Gradients.mean_gradient w f t l). Qed.

(* Algorithm 1's step, on Q(s,a,b): it rests in the mean where Q is Q*. [alg1.gradient] *)
Theorem algorithm1_regression (G : Game) (Q : Table G) :
  (forall s a b, (∑ s', next G s a b s' * (reward G s a b + gamma G * V G Q s' - Q s a b)) = 0) <-> optimal_Q G Q.
Proof. exact (Gradients.rests G Q). Qed.

(* ================================================================================================================== *)
(* 11. Self-play of two players in one state                                                                          *)
(* ================================================================================================================== *)

(* What the agent plays, sum_b rho_Q(b) pi_Q(a|b), is the answer to its prior. [alg1.marginal, self_play.linear] *)
Theorem marginal_is_answer (G : Game) (Q : Table G) s a :
  (∑ b, soft_model G Q s b * soft_policy G Q s b a)
  = answer (own G) (others G) (alpha G) (alpha G / beta G) (fun a b => Q s a b) (prior G s) a.
Proof. exact (SelfPlay.marginal_is_answer G Q s a). Qed.

(* It is a law. [alg1.marginal] *)
Theorem marginal_is_law (G : Game) (Q : Table G) s : distribution (fun a => ∑ b, soft_model G Q s b * soft_policy G Q s b a).
Proof. exact (SelfPlay.marginal_law G Q s). Qed.

(* The opponent model runs ahead of the prior. [self_play.ahead] *)
Theorem model_runs_ahead (G : Game) (Q : Table G) s b b' :
  0 < prior G s b' ->
  soft_model G Q s b / soft_model G Q s b'
  = prior G s b / prior G s b'
    * Rpower ((∑ a, exp (Q s a b / alpha G)) / (∑ a, exp (Q s a b' / alpha G))) (alpha G / beta G).
Proof. exact (SelfPlay.model_odds G Q s b b'). Qed.

(* An answer is a positive matrix times the prior, normalised. [self_play.linear] *)
Theorem answer_is_linear (A B : Finite) (al k : R) (r : A -> B -> R) (a0 : A) p a :
  answer A B al k r p a
  = (∑ b, answer_matrix A B al k r a b * p b) / (∑ a', ∑ b, answer_matrix A B al k r a' b * p b).
Proof. exact (SelfPlay.answer_linear_written_out al k r a0 p a). Qed.

Theorem answer_matrix_positive (A B : Finite) (al k : R) (r : A -> B -> R) a b : 0 < answer_matrix A B al k r a b.
Proof. exact (SelfPlay.matrix_positive al k r a b). Qed.

(* There is one fixed point of a round, it is positive, and every path ends there.
   [self_play.unique, self_play.gibbs] *)
Theorem self_play_fixed_point (A B : Finite) al1 k1 al2 k2 (r1 : A -> B -> R) (r2 : B -> A -> R) (a0 : A) (b0 : B) :
  exists x : B -> R,
    distribution x /\ (forall b, 0 < x b) /\
    (forall b, answer B A al2 k2 r2 (answer A B al1 k1 r1 x) b = x b) /\
    forall p, distribution p ->
      forall b, Un_cv (fun n => rounds (answer A B al1 k1 r1) (answer B A al2 k2 r2) n p b) (x b).
Proof. exact (SelfPlay.self_play_ends al1 k1 al2 k2 r1 r2 a0 b0). Qed.

Theorem self_play_unique (A B : Finite) al1 k1 al2 k2 (r1 : A -> B -> R) (r2 : B -> A -> R) (a0 : A) (b0 : B) p q :
  distribution p -> distribution q ->
  (forall b, answer B A al2 k2 r2 (answer A B al1 k1 r1 p) b = p b) ->
  (forall b, answer B A al2 k2 r2 (answer A B al1 k1 r1 q) b = q b) ->
  forall b, p b = q b.
Proof. exact (SelfPlay.self_play_unique al1 k1 al2 k2 r1 r2 a0 b0 p q). Qed.

(* At beta = infinity a common payoff has the marginals of exp(r/alpha) for its fixed point, as a Gibbs sampler has.
   [self_play.gibbs] *)
Theorem self_play_gibbs (A B : Finite) (al : R) (r : A -> B -> R) (a0 : A) (b0 : B) :
  let x := fun b => Z A B al r b / ∑ b', Z A B al r b' in
  distribution x /\ forall b, answer B A al 0 (fun b a => r a b) (answer A B al 0 r x) b = x b.
Proof. exact (SelfPlay.gibbs_sampler al r a0 b0). Qed.

(* Birkhoff: an answer shrinks Hilbert's metric by tanh(D/(4 alpha)), D the largest second difference of the payoffs, at
   every beta; [self_play.birkhoff] *)
Theorem answer_contracts (A B : Finite) (al k D : R) (r : A -> B -> R) (a0 : A) (b0 : B) u p q :
  0 < al -> (forall a b a' b', r a b - r a b' - r a' b + r a' b' <= D) ->
  0 <= u -> distribution p -> distribution q -> hilbert_within u p q ->
  hilbert_within (tanh (D / (4 * al)) * u) (answer A B al k r p) (answer A B al k r q).
Proof. exact (fun P H => Birkhoff.answer_contracts al k D r P H a0 b0 u p q). Qed.

(* so n rounds of two players by the n-th power of the product of both. [self_play.birkhoff] *)
Theorem rounds_contract (A B : Finite) al1 k1 al2 k2 D1 D2 (r1 : A -> B -> R) (r2 : B -> A -> R) (a0 : A) (b0 : B) n u p q :
  0 < al1 -> 0 < al2 ->
  (forall a b a' b', r1 a b - r1 a b' - r1 a' b + r1 a' b' <= D1) ->
  (forall b a b' a', r2 b a - r2 b a' - r2 b' a + r2 b' a' <= D2) ->
  0 <= u -> distribution p -> distribution q -> hilbert_within u p q ->
  hilbert_within ((tanh (D2 / (4 * al2)) * tanh (D1 / (4 * al1))) ^ n * u)
    (rounds (answer A B al1 k1 r1) (answer B A al2 k2 r2) n p)
    (rounds (answer A B al1 k1 r1) (answer B A al2 k2 r2) n q).
Proof. exact (fun P1 P2 H1 H2 => Birkhoff.rounds_contract al1 k1 al2 k2 D1 D2 r1 r2 a0 b0 P1 P2 H1 H2 n u p q). Qed.

(* The coordination game attains that, at every beta: D = 2 g, and play differs from 1/2 by tanh(g/(2 alpha)) times as much
   as before. [self_play.attained] *)
Theorem self_play_attained g al k p a :
  al <> 0 -> distribution p ->
  answer two two al k (coordinate g) p a - 1 / 2 = tanh (g / (2 * al)) * (p a - 1 / 2).
Proof. exact (Learning.coordination g al k p a). Qed.

(* At beta = infinity the fixed point x of self_play_gibbs leaves to others than b1 at most the sum of exp(-(R* - R)/alpha)
   over all other profiles. [self_play.gibbs_selects] *)
Theorem self_play_gibbs_selects (A B : Finite) al (r : A -> B -> R) a1 b1 :
  let x := fun b => Z A B al r b / ∑ b', Z A B al r b' in
  1 - x b1 <= (∑ b, ∑ a, exp ((r a b - r a1 b1) / al)) - 1.
Proof. exact (Learning.gibbs_selects A B al r a1 b1). Qed.

(* When the optimum (a1, b1) is selected: let each player answer the other's part of it with its own but for eps, and let
   all other columns have at most th of its Z^(alpha/beta); then a fixed point leaves at most eps/(1 - th) to other
   actions. [self_play.selected] *)
Theorem self_play_selects (A B : Finite) al1 k1 al2 k2 eps th (r1 : A -> B -> R) (r2 : B -> A -> R) (a1 : A) (b1 : B) x :
  0 <= th < 1 -> eps <= 1 ->
  1 - eps <= exp (r1 a1 b1 / al1) / Z A B al1 r1 b1 ->
  1 - eps <= exp (r2 b1 a1 / al2) / Z B A al2 r2 a1 ->
  (forall b, b = b1 \/ Rpower (Z A B al1 r1 b) k1 <= th * Rpower (Z A B al1 r1 b1) k1) ->
  (forall a, a = a1 \/ Rpower (Z B A al2 r2 a) k2 <= th * Rpower (Z B A al2 r2 a1) k2) ->
  distribution x ->
  (forall b, answer B A al2 k2 r2 (answer A B al1 k1 r1 x) b = x b) ->
  1 - x b1 <= eps / (1 - th) /\ 1 - answer A B al1 k1 r1 x a1 <= eps / (1 - th).
Proof. exact (fun T E F1 F2 S1 S2 => Selection.selected al1 k1 al2 k2 eps th r1 r2 a1 b1 T E F1 F2 S1 S2 x). Qed.

(* ================================================================================================================== *)
(* 12. Worked examples (the games are in Games.v)                                                                     *)
(* ================================================================================================================== *)

(* G1 pays log 3 for (true, true); gamma = 1/2, alpha = beta = 1, a uniform prior. For Q = R: V = log 3, rho = (2/3, 1/3),
   pi(true|true) = 3/4, and the uniform pair gets less. [eq9, eq10, eq11] *)
Theorem example_value : V G1 (reward G1) tt = ln 3.
Proof. exact Examples.value. Qed.

Theorem example_model : soft_model G1 (reward G1) tt true = 2 / 3 /\ soft_model G1 (reward G1) tt false = 1 / 3.
Proof. exact Examples.model. Qed.

Theorem example_policy :
  soft_policy G1 (reward G1) tt true true = 3 / 4 /\ soft_policy G1 (reward G1) tt false true = 1 / 2.
Proof. exact Examples.policy. Qed.

Theorem example_gap :
  worth G1 (reward G1) (fun _ _ => even) (fun _ => even) tt = 1 / 4 * ln 3 + ln 2 /\ 1 / 4 * ln 3 + ln 2 < ln 3.
Proof. exact Examples.gap. Qed.

(* G2 pays 2 log 3 there, with alpha = 2: V = log 10, rho = (4/5, 1/5). [eq9, eq11] *)
Theorem example_temperature : V G2 (reward G2) tt = ln 10 /\ soft_model G2 (reward G2) tt true = 4 / 5.
Proof. exact Examples.value_alpha. Qed.

(* Two tables that differ by 2 come to differ by 1. [beyond.contraction] *)
Theorem example_contraction :
  distance G1 (raised G1 (reward G1) 2) (raised G1 (reward G1) 0) = 2 /\
  distance G1 (T G1 (raised G1 (reward G1) 2)) (T G1 (raised G1 (reward G1) 0)) = 1.
Proof. exact Examples.contraction. Qed.

(* Q* = R + log 3, V* = 2 log 3. [thm2] *)
Theorem example_optimum :
  optimal_Q G1 (raised G1 (reward G1) (ln 3)) /\ V G1 (raised G1 (reward G1) (ln 3)) tt = 2 * ln 3.
Proof. exact Examples.optimum. Qed.

(* One step of ROMMEO-Q from Q = R halves the distance to Q*; the bound by the residual is attained. [thm3] *)
Theorem example_iteration :
  let Q := raised G1 (reward G1) 0 in
  let Q' := raised G1 (reward G1) (ln 3) in
  distance G1 Q Q' = ln 3 /\ distance G1 (iterate G1 1 Q) Q' = 1 / 2 * ln 3 /\
  distance G1 (T G1 Q) Q / (1 - gamma G1) = ln 3.
Proof. exact Examples.iteration. Qed.

(* MacQueen's bounds from v = 0 meet in V* = 2 log 3. [beyond.macqueen] *)
Theorem example_macqueen :
  (forall s, backup G1 (fun _ => 0) s = ln 3) /\
  backup G1 (fun _ => 0) tt + gamma G1 / (1 - gamma G1) * ln 3 = 2 * ln 3.
Proof. exact Examples.macqueen. Qed.

(* Theorem 4 takes the uniform pair's Q = R + (log 3)/4 + log 2 to R + (3/2) log 2, which is more. [thm4] *)
Theorem example_theorem4 :
  let Q := raised G1 (reward G1) (1 / 4 * ln 3 + ln 2) in
  pair_Q G1 (fun _ _ => even) (fun _ => even) Q /\
  pair_Q G1 (soft_policy G1 Q) (fun _ => even) (raised G1 (reward G1) (3 / 2 * ln 2)) /\
  1 / 4 * ln 3 + ln 2 < 3 / 2 * ln 2.
Proof. exact (conj Examples.pair_even Examples.improved). Qed.

(* Theorem 5 then takes it to Q*. [thm5] *)
Theorem example_theorem5 :
  let Q := raised G1 (reward G1) (1 / 4 * ln 3 + ln 2) in
  let Q1 := raised G1 (reward G1) (3 / 2 * ln 2) in
  pair_Q G1 (soft_policy G1 Q) (best_model G1 Q1 (soft_policy G1 Q)) (raised G1 (reward G1) (ln 3)).
Proof. exact Examples.improved_again. Qed.

(* Two own actions and no payoff, so that c = 1 will do: J = log 2, log P(o) = 0 = J - log A. [eq6] *)
Theorem example_lower_bound :
  objective H1 (fun _ _ => even) (fun _ _ => 1) 1 (fun _ => 1) = ln 2 /\
  evidence H1 1 1 (fun _ => 1) = 1 /\ count (own H1) = 2.
Proof. exact Examples.lower. Qed.

(* alpha = 2, Q = 0, two own actions: exp V = 4 and so is each corrected sample; the printed ones have the mean 2.
   [alg1.vbar] *)
Theorem example_estimators (a : own H2) :
  let Q : Table H2 := fun _ _ _ => 0 in
  exp (V H2 Q tt) = 4 /\
  corrected_sample H2 Q (soft_policy H2 Q) (soft_model H2 Q) tt a tt = 4 /\
  drawn H2 (soft_policy H2 Q) (soft_model H2 Q) tt (printed_sample H2 Q (soft_policy H2 Q) (soft_model H2 Q) tt) = 2.
Proof. exact (Examples.estimators a). Qed.

(* log 2 for the same action, alpha = beta = 1: sure of the first, one answers 2/3, and comes to 5/9 a round later; even
   play is fixed. [self_play.unique] *)
Theorem example_self_play :
  answer two two 1 1 agree sure true = 2 / 3 /\
  rounds (answer two two 1 1 agree) (answer two two 1 1 agree) 1 sure true = 5 / 9 /\
  (forall a, answer two two 1 1 agree even a = even a).
Proof. exact Examples.self_play. Qed.

(* There D = 2 log 2 and the factor is 1/3, which even play's neighbours attain: 2/3 lies a third as far from 1/2 as 1, and
   5/9 a third as far as 2/3. [self_play.birkhoff] *)
Theorem example_birkhoff :
  (forall a b a' b', agree a b - agree a b' - agree a' b + agree a' b' <= 2 * ln 2) /\
  tanh (2 * ln 2 / (4 * 1)) = 1 / 3 /\
  (forall p a, distribution p -> answer two two 1 1 agree p a - 1 / 2 = 1 / 3 * (p a - 1 / 2)).
Proof. exact Examples.birkhoff. Qed.

(* log 8 for (true, true), else 0, alpha = beta = 1: eps = 1/9 and theta = 2/9, so that at most 1/7 is left to others.
   [self_play.selected] *)
Theorem example_selection : exists x : two -> R, distribution x /\
  (forall b, answer two two 1 1 (corner (ln 8)) (answer two two 1 1 (corner (ln 8)) x) b = x b) /\ 1 - x true <= 1 / 7.
Proof. exact Examples.selection. Qed.

(* log of a normal density of mean t and standard deviation 1, but for its constant, has partial derivatives. [eq21, eq22] *)
Theorem example_partials t x : has_partials (fun t x => - ((x - t) ^ 2 / 2)) t x (x - t) (- (x - t)).
Proof. exact (Gradients.normal_partials t x). Qed.

(* ================================================================================================================== *)
(* 13. What fails as printed                                                                                          *)
(* ================================================================================================================== *)

(* eq. 61, second line: V1 <= alpha eps + V2 fails for alpha = 1/2: 1 > 1/2. [eq61] *)
Theorem eq61_printed_fails :
  let Q1 : Table I1 := fun _ _ _ => 1 in
  let Q2 : Table I1 := fun _ _ _ => 0 in
  V I1 Q1 tt = 1 /\ V I1 Q2 tt = 0 /\ distance I1 Q1 Q2 = 1 /\ alpha I1 = 1 / 2.
Proof. exact Counterexamples.eq61. Qed.

(* eq. 6: J may exceed log P(o), with P(o = 1|.) = exp(R) a probability; [eq6] *)
Theorem eq6_printed_fails : exists (G : Game) (pi : Policy G) (rho : Model G) (mu : states G -> R),
  is_policy G pi /\ is_model G rho /\ distribution mu /\ (forall s a b, 0 < 1 * exp (reward G s a b) <= 1) /\
  ln (evidence G 1 1 mu) < objective G pi rho 1 mu.
Proof. exact Counterexamples.eq6. Qed.

(* and so eq. 31, with its "log 1", exceeds (30). [eq31] *)
Theorem eq31_printed_fails : exists (G : Game) (pi : Policy G) (rho : Model G) (mu : states G -> R),
  is_policy G pi /\ is_model G rho /\ distribution mu /\ (forall s a b, 0 < 1 * exp (reward G s a b) <= 1) /\
  elbo G 1 pi rho 1 mu < objective G pi rho 1 mu.
Proof. exact Arithmetic.eq31. Qed.

(* Theorem 1, read for eq. 6: with a horizon (here one step) some pair has more than that of eq. 10 and 11. [thm1] *)
Theorem theorem1_printed_fails :
  exists (G : Game) (Q : Table G) (pi : Policy G) (rho : Model G) (mu : states G -> R),
  alpha G = 1 /\ beta G = 1 /\ optimal_Q G Q /\ is_policy G pi /\ is_model G rho /\ distribution mu /\
  objective G (soft_policy G Q) (soft_model G Q) 1 mu < objective G pi rho 1 mu.
Proof. exact Counterexamples.theorem1. Qed.

(* eq. 5: the probability of the maximum reward is 1/2, and P(o) is 3/4. [eq5] *)
Theorem eq5_printed_fails : exists (G : Game) (m : R) (mu : states G -> R),
  distribution mu /\ (forall s a b, reward G s a b <= m) /\
  likelihood G (attained G m) 1 mu = 1 / 2 /\ evidence G (exp (- m)) 1 mu = 3 / 4.
Proof. exact Arithmetic.eq5. Qed.

(* eq. 23, read given o^-: no policy and no model, whatever they are, with the game's own law of s_1. [eq23.given] *)
Theorem eq23_given_printed_fails : exists (G : Game) (g : Table G) (mu : states G -> R) (tau : trajectory G 1),
  (forall s a b, 0 < g s a b <= 1) /\ distribution mu /\
  forall pi rho, is_policy G pi -> is_model G rho ->
  law G pi rho 1 mu tau <> tilt (law G (uniform G) (prior G) 1 mu) (product G g 1) tau.
Proof. exact Arithmetic.eq23_given. Qed.

(* eq. 37, with its sum over t: it converges to 4 where J is 2. [eq37] *)
Theorem eq37_printed_fails :
  exists (G : Game) (pi : Policy G) (rho : Model G) (Q : Table G) (mu : states G -> R),
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\ distribution mu /\
  Un_cv (discounted G pi rho mu (worth G (reward G) pi rho)) 2 /\
  Un_cv (discounted G pi rho mu (worth G Q pi rho)) 4.
Proof. exact Counterexamples.eq37. Qed.

(* eq. 39 and 55 with an entropy h that does not depend on b: not the best reply, whatever h is. [eq39] *)
Theorem eq39_printed_fails : exists (G : Game) (pi : Policy G) (s : states G), is_policy G pi /\ beta G = 1 /\
  forall h : R,
    let weight := fun b => exp ((∑ a, reward G s a b * pi s b a) + alpha G * h + ln (prior G s b)) in
    let rho := fun (_ : states G) b => weight b / ∑ b', weight b' in
    worth G (reward G) pi rho s < worth G (reward G) pi (best_model G (reward G) pi) s.
Proof. exact Counterexamples.eq39. Qed.

(* eq. 44 with one and the same entropy in all terms, that of pi(.|s,b0). [eq44] *)
Theorem eq44_printed_fails : exists (G : Game) (pi : Policy G) (rho : Model G) (s : states G),
  is_policy G pi /\ is_model G rho /\ alpha G = 1 /\ beta G = 1 /\
  forall b0, worth G (reward G) pi rho s
    <> - KL (rho s) (best_model G (reward G) pi s)
       + ln (∑ b, exp ((∑ a, reward G s a b * pi s b a) + alpha G * entropy (pi s b0) + ln (prior G s b))).
Proof. exact Counterexamples.eq44. Qed.

(* eq. 48 to 49: after pi~, the step to the rho~ of eq. 39 can lose. [eq45] *)
Theorem eq49_printed_fails : exists (G : Game) (pi : Policy G) (rho : Model G) (Q : Table G) (s : states G),
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\
  worth G Q (soft_policy G Q) (best_model G Q pi) s < worth G Q (soft_policy G Q) rho s.
Proof. exact Counterexamples.eq45. Qed.

(* eq. 56: (1/alpha) exp(Q) over the sum of exp(Q/alpha) need not sum to 1, at Q*. [eq56] *)
Theorem eq56_printed_fails : exists (G : Game) (Q : Table G) s b, optimal_Q G Q /\
  (∑ a, (1 / alpha G * exp (Q s a b)) / (∑ a', exp (1 / alpha G * Q s a' b))) <> 1.
Proof. exact Counterexamples.eq56. Qed.

(* eq. 57: nor need P (sum exp(Q))^alpha / exp(V). [eq57] *)
Theorem eq57_printed_fails : exists (G : Game) (Q : Table G) s, optimal_Q G Q /\ beta G = 1 /\
  (∑ b, prior G s b * Rpower (∑ a, exp (Q s a b)) (alpha G) / exp (V G Q s)) <> 1.
Proof. exact Counterexamples.eq57. Qed.

(* eq. 58: V of Q^{pi,rho} is not what the pair is worth, but more. [eq58] *)
Theorem eq58_is_not_the_value_of_the_pair : exists (G : Game) (pi : Policy G) (rho : Model G) (Q : Table G) s,
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\ worth G Q pi rho s < V G Q s.
Proof. exact Counterexamples.eq58. Qed.

(* eq. 59 without its stars on the right. [eq59] *)
Theorem eq59_printed_fails : exists (G : Game) (pi : Policy G) (rho : Model G) (Q Q' : Table G) s a b,
  is_policy G pi /\ is_model G rho /\ pair_Q G pi rho Q /\ optimal_Q G Q' /\
  Q' s a b <> T_pair G pi rho Q s a b.
Proof. exact Counterexamples.eq59. Qed.

(* Algorithm 1's V as printed, in the mean, where alpha = 2: too low. [alg1.vbar] *)
Theorem algorithm1_printed_fails : exists (G : Game) (Q : Table G) s, beta G = 1 /\
  ln (drawn G (soft_policy G Q) (soft_model G Q) s (printed_sample G Q (soft_policy G Q) (soft_model G Q) s)) < V G Q s.
Proof. exact Counterexamples.algorithm1. Qed.

(* Algorithm 1's step on Q(s_{t+1},a,b), every transition being equally frequent: it rests at a table Q that is not Q*, and
   not at Q*. [alg1.gradient] *)
Theorem algorithm1_regression_printed_fails : exists (G : Game) (D Q Q' : Table G),
  (forall s a b, 0 < D s a b) /\ optimal_Q G Q' /\
  (forall s' a b, (∑ s, D s a b * next G s a b s' * (reward G s a b + gamma G * V G Q s' - Q s' a b)) = 0) /\
  (exists s' a b, (∑ s, D s a b * next G s a b s' * (reward G s a b + gamma G * V G Q' s' - Q' s' a b)) <> 0) /\
  (exists s a b, Q s a b <> Q' s a b).
Proof. exact Arithmetic.regression. Qed.

(* Algorithm 2, b drawn from another's model: the mean of V bar exceeds V, which no pair does. [alg2.sampling] *)
Theorem algorithm2_sampling_printed_fails :
  exists (G : Game) (Q : Table G) (pi : Policy G) (rho rho' : Model G) s,
  is_policy G pi /\ is_model G rho /\ is_model G rho' /\ (forall b, 0 < rho s b) /\ alpha G = 1 /\ beta G = 1 /\
  worth G Q pi rho s <= V G Q s < drawn G pi rho' s (sample G Q pi rho s).
Proof. exact Arithmetic.sampling. Qed.

(* Algorithm 2, a drawn from a target policy: the same. [alg2.target_policy] *)
Theorem algorithm2_target_policy_printed_fails :
  exists (G : Game) (Q : Table G) (pi pi' : Policy G) (rho : Model G) s,
  is_policy G pi /\ is_policy G pi' /\ is_model G rho /\ (forall b a, 0 < pi s b a) /\ alpha G = 1 /\ beta G = 1 /\
  worth G Q pi' rho s <= V G Q s < drawn G pi' rho s (sample G Q pi rho s).
Proof. exact Arithmetic.target_policy. Qed.

(* Algorithm 2, alpha among the learning rates: for Q = (log 4, 0) descent on (18) rests at 4/5 for alpha = 1 and at 2/3 for
   alpha = 2. [alg2.rates] *)
Theorem algorithm2_alpha_is_no_rate :
  let Q : Table H1 := fun _ a _ => if a then ln 4 else 0 in
  soft_policy (with_alpha H1 1 one_positive) Q tt tt true = 4 / 5 /\
  soft_policy (with_alpha H1 2 two_positive) Q tt tt true = 2 / 3.
Proof. exact Arithmetic.temperature_is_no_rate. Qed.

(* Section 2.3: the optimum is at (a, b), and every pair with b' pays less; without a discount Q* = R, and reward and entropy
   together are greater at b', where rho then goes (em_optimum). [sec2.em] *)
Theorem em_printed_fails : exists (G : Game) (s : states G) (a : own G) (b b' : others G),
  gamma G = 0 /\ alpha G = 1 /\ (forall a' b', reward G s a' b' <= reward G s a b) /\
  (forall a', reward G s a' b' < reward G s a b) /\ L G (reward G) s b < L G (reward G) s b'.
Proof. exact Arithmetic.em. Qed.

(* eq. 17 as printed, with one own action a1 from the replay buffer: another law than the best opponent model. [eq17] *)
Theorem eq17_printed_fails : exists (G : Game) (pi : Policy G) (s : states G) (a1 : own G),
  is_policy G pi /\ (forall b a, 0 < pi s b a) /\ beta G = 1 /\
  let weight := fun b => prior G s b * Rpower (exp (reward G s a1 b / alpha G) / pi s b a1) (alpha G) in
  exists b, weight b / (∑ b', weight b') <> best_model G (reward G) pi s b.
Proof. exact Counterexamples.eq17. Qed.

(* Parts of different optima need not be an optimum together. [def1.together] *)
Theorem parts_of_optima_fail : exists (r : two -> two -> R),
  (forall a b, r a b <= r true true) /\ (forall a b, r a b <= r false false) /\ r true false < r true true.
Proof. exact Counterexamples.together. Qed.

(* ================================================================================================================== *)
(* 14. The climbing game; climbing_second x are player 2's payoffs, with x = 5 or, as printed, 3 at (C,C)             *)
(* ================================================================================================================== *)

(* It has one joint optimum, [climbing.optimum] *)
Theorem climbing_optimum : forall a b, climbing a b <= 11 /\ (climbing a b = 11 -> a = first /\ b = first).
Proof. exact Counterexamples.climbing_optimum. Qed.

(* two Nash equilibria in pure strategies, (A,A) and (B,B), [climbing.equilibria] *)
Theorem climbing_pure_equilibria x a b : x = 5 \/ x = 3 ->
  ((forall a', climbing a' b <= climbing a b) /\ (forall b', climbing_second x a b' <= climbing_second x a b) <->
   a = first /\ b = first \/ a = second /\ b = second).
Proof. exact (Arithmetic.pure_equilibria x a b). Qed.

(* and another one in mixed strategies: neither player can get more than 55/16; as it is printed, player 1 plays A with
   probability 3/14 instead. [climbing.equilibria] *)
Theorem climbing_third_equilibrium :
  distribution climbing_mix /\
  (∑ a, climbing_mix a * (∑ b, climbing_mix b * climbing a b)) = 55 / 16 /\
  (forall a, (∑ b, climbing_mix b * climbing a b) <= 55 / 16) /\
  (forall b, (∑ a, climbing_mix a * climbing a b) <= 55 / 16).
Proof. exact Counterexamples.climbing_equilibrium. Qed.

Theorem climbing_printed_equilibrium :
  let p := fun a : three => match a with first => 3 / 14 | second => 0 | third => 11 / 14 end in
  distribution p /\ distribution climbing_mix /\
  (forall a, (∑ b, climbing_mix b * climbing a b) <= ∑ a, p a * (∑ b, climbing_mix b * climbing a b)) /\
  (forall b, (∑ a, p a * climbing_second 3 a b) <= ∑ b, climbing_mix b * (∑ a, p a * climbing_second 3 a b)).
Proof. exact Arithmetic.printed_equilibrium. Qed.

(* The lowest payoffs of A and of B are the same. [climbing.payoffs] *)
Theorem climbing_lowest_payoffs :
  (forall b, -30 <= climbing first b) /\ climbing first second = -30 /\
  (forall b, -30 <= climbing second b) /\ climbing second first = -30.
Proof. exact Counterexamples.climbing_payoffs. Qed.

(* C is the safest, for both players (r, own action first): its lowest payoff is 0, those of A and B are negative, and what
   it pays over the other's two other actions is more. [climbing.safest] *)
Theorem climbing_safest x (r : three -> three -> R) :
  x = 5 \/ x = 3 -> r = climbing \/ r = (fun b a => climbing_second x a b) ->
  (forall b, 0 <= r third b) /\ r first second < 0 /\ r second first < 0 /\
  r first second + r first third < r third first + r third second /\
  r second first + r second third < r third first + r third second.
Proof. exact (Arithmetic.safest x r). Qed.

(* What is lost against coordination on the same action, at worst and in the mean over the other's two other actions, rises
   from C to B to A. [climbing.punishment] *)
Theorem climbing_punishment x (r : three -> three -> R) :
  x = 5 \/ x = 3 -> r = climbing \/ r = (fun b a => climbing_second x a b) ->
  let worst a := Max (fun b => r a a - r a b) in
  let mean a c d := r a a - (r a c + r a d) / 2 in
  worst third < worst second < worst first /\
  mean third first second < mean second first third < mean first second third.
Proof. exact (Arithmetic.punishment x r). Qed.

(* No names of actions, whether they are one to one or not, make the game symmetric. [climbing.symmetry] *)
Theorem climbing_symmetry x (names back : three -> three) :
  x = 5 \/ x = 3 -> ~ (forall a b, climbing a b = climbing_second x (back b) (names a)).
Proof. exact (Arithmetic.not_symmetric x names back). Qed.

(* At alpha = beta = 1, without a discount, the optimal pair (answer, see marginal_is_answer) plays A with at least 9/10 for
   a uniform prior, and with less than B for the prior (1/100, 98/100, 1/100). [conclusion.guarantee] *)
Theorem climbing_guarantee :
  9 / 10 <= answer three three 1 1 climbing (fun _ => 1 / 3) first /\
  answer three three 1 1 climbing near_b first <= 1 / 2 /\
  answer three three 1 1 climbing near_b first < answer three three 1 1 climbing near_b second.
Proof. exact Arithmetic.guarantee. Qed.

(* ================================================================================================================== *)
(* 15. The Max of Two Quadratics; d = 9 is the printed formula, d = 3 that of Figure 2a                               *)
(* ================================================================================================================== *)

(* The maximum is 10, at (5,5) alone; 0 at (-5,-5) is a local one. [differential.maxima] *)
Theorem differential_maxima d x y :
  d = 9 \/ d = 3 ->
  surface d x y <= 10 /\ (surface d x y = 10 -> x = 5 /\ y = 5) /\ surface d 5 5 = 10 /\ surface d (-5) (-5) = 0 /\
  (Rabs (x + 5) <= 1 -> Rabs (y + 5) <= 1 -> surface d x y <= 0).
Proof. exact (Arithmetic.peaks d x y). Qed.

(* Steepest ascent from (0,0) stays on the diagonal, on the left peak (which is symmetric), where it is above the right one,
   and comes to (-5,-5). [differential.basin] *)
Theorem differential_basin d :
  let k := 16 / 10 / d in
  let z := fun t => -5 + 5 * exp (- (k * t)) in
  d = 9 \/ d = 3 ->
  z 0 = 0 /\ (forall t, derivable_pt_lim (fun u => left_peak d u (z t)) (z t) (- k * (z t + 5)) /\
                       derivable_pt_lim z t (- k * (z t + 5))) /\
  (forall t, 0 <= t -> right_peak (z t) (z t) < left_peak d (z t) (z t) /\ Rabs (z t + 5) = 5 * exp (- (k * t))).
Proof. exact (Arithmetic.basin d). Qed.

(* Every path from (0,0) to (5,5) falls at least 4 below where it began. [differential.valley] *)
Theorem differential_valley d (x y : R -> R) :
  d = 9 \/ d = 3 -> continuity x -> continuity y -> x 0 = 0 -> y 0 = 0 -> x 1 = 5 -> y 1 = 5 ->
  exists t, 0 <= t <= 1 /\ surface d (x t) (y t) <= surface d 0 0 - 4.
Proof. exact (Arithmetic.valley d x y). Qed.
