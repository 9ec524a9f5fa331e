/* SPDX-License-Identifier: GPL-2.0
 *
 * Included by pair-disk.pml for the run that shows that service comes back.
 *
 * From every state: if from now on nothing fails, messages arrive at once, and one node
 * is down for good or none, holder or spare speaks within ROUNDS ticks, and goes on. The
 * calm run is one step that ends where it began, so it adds no states. Left out is a
 * spare that dies after it preempted: then the old holder is the next spare.
 */
#ifndef ROUNDS
#define ROUNDS	(6 * D)
#endif
#define STEADY	(L + D)
#define HOLDER_DEAD	1
#define SPARE_DEAD	2

c_decl {
	static unsigned char saved[16384];
};

hidden byte dead;
hidden byte round;
hidden byte steady;

inline calm_disk()
{
	if
	:: change == ISSUED -> execute_change()
	:: else
	fi;
	if
	:: preempt == ISSUED -> execute_preempt()
	:: else
	fi;
	if
	:: change == DONE -> changed()
	:: change == REFUSED -> change_refused()
	:: else
	fi;
	if
	:: preempt == DONE && spare == DECIDED -> spare = TAKEN; forget_preempt()
	:: preempt == DONE && spare != DECIDED -> forget_preempt()
	:: preempt == REFUSED -> preempt_refused()
	:: else
	fi
}

inline calm_holder()
{
	if
	:: holder_lives && dead != SPARE_DEAD && spare == WATCHES ->
		heard = 0;
		promise = D;
		learn_newer(own_stale, mode);
		echo_lease = L
	:: else
	fi;
	if
	:: mode == BY_ECHO && echo_lease == 0 && change == IDLE -> issue(true)
	:: mode == BY_DISK && echo_lease > 0 -> mode = BY_ECHO; disk_lease = 0
	:: mode == BY_DISK && echo_lease == 0 && change == IDLE -> issue(false)
	:: else
	fi
}

inline calm_spare()
{
	if
	:: dead != SPARE_DEAD && spare == WATCHES ->
		if
		:: seen_stale -> learn_key(false, UNKNOWN)
		:: else
		fi;
		if
		:: own_key_found -> decide(TAKEN)
		:: !own_key_found && would_preempt -> issue_preempt()
		:: else
		fi
	:: else
	fi
}

proctype calm()
{
end:	do
	:: d_step {
		true;
		c_code { memcpy(saved, &now, sizeof(State)); };
		for (dead : 0 .. SPARE_DEAD) {
			if
			:: dead == HOLDER_DEAD -> stop(DEAD)
			:: dead == SPARE_DEAD && spare == TAKEN -> spare = WATCHES
			:: else
			fi;
			round = 0;
			steady = 0;
			do
			:: round < ROUNDS && steady < STEADY ->
				calm_disk();
				calm_holder();
				calm_spare();
				steady = (holder_speaks || spare == TAKEN -> steady + 1 : 0);
				tick_holder();
				tick_spare();
				round++
			:: else -> break
			od;
			assert(steady == STEADY ||
			       (dead == SPARE_DEAD && (preempted || !holder_lives)));
			c_code { memcpy(&now, saved, sizeof(State)); };
		}
	   }
	od
}
