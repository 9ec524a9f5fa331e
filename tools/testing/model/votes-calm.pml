/* SPDX-License-Identifier: GPL-2.0
 *
 * Included by votes.pml for the run that shows that service comes back.
 *
 * From every state: if from now on nothing fails, messages arrive at once, and one node
 * is down for good or none, some holder speaks within ROUNDS ticks, and goes on. The
 * calm run is one step that ends where it began, so it adds no states.
 */
#ifndef ROUNDS
#define ROUNDS	(4 * D)
#endif
#define STEADY	(L + D)

c_decl {
	static unsigned char saved[16384];
};

hidden byte dead;
hidden byte round;
hidden byte steady;
hidden byte one;
hidden byte other;

#define anybody_speaks	(speaks(0) || speaks(1) || speaks(2))
#define is_candidate(n)	(n != dead && role[n] == CANDIDATE)
#define is_heard(h, n)	(h != dead && role[h] == HOLDER && known[h] >= known[n])
#define hears_holder(n)	(is_heard(0, n) || is_heard(1, n) || is_heard(2, n))
#define would_stand(n)	(MAY_HOLD(n) && n != dead && !quiet[n] && holder_silent(n) && \
			 !hears_holder(n) && \
			 !is_candidate(0) && !is_candidate(1) && !is_candidate(2))

inline calm_beats()
{
	for (one : 0 .. 2) {
		for (other : 0 .. 2) {
			if
			:: one != other && one != dead && other != dead && role[one] == HOLDER ->
				hear(other, one);
				if
				:: granted -> lease[at(one, other)] = L
				:: !granted && !quiet[other] -> learn(one, known[other])
				:: else
				fi;
				granted = false
			:: else
			fi
		}
	}
}

inline calm_election()
{
	for (one : 0 .. 2) {
		if
		:: would_stand(one) -> stand(one)
		:: else
		fi;
		for (other : 0 .. 2) {
			if
			:: one != other && other != dead && is_candidate(one) && would_vote(other, one) ->
				count_vote(one, other);
				vote(other, one)
			:: one != other && other != dead && is_candidate(one) && would_refuse(other, one) ->
				refuse(other, one)
			:: else
			fi
		}
	}
	/* Who takes sends a beat before anybody else stands. */
	for (one : 0 .. 2) {
		if
		:: is_candidate(one) && elected[one] && wait[one] == 0 -> take(one)
		:: else
		fi
	}
}

proctype calm()
{
end:	do
	:: d_step {
		true;
		c_code { memcpy(saved, &now, sizeof(State)); };
		for (dead : 0 .. 3) {
			if
			:: dead < 3 -> step_down(dead)
			:: else
			fi;
			round = 0;
			steady = 0;
			do
			:: round < ROUNDS && steady < STEADY ->
				calm_beats();
				calm_election();
				steady = (anybody_speaks -> steady + 1 : 0);
				tick(0);
				tick(1);
				tick(2);
				round++
			:: else -> break
			od;
			assert(steady == STEADY);
			c_code { memcpy(&now, saved, sizeof(State)); };
		}
	   }
	od
}
