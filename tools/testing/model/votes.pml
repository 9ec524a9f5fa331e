/* SPDX-License-Identifier: GPL-2.0
 *
 * Three voters: leases, votes and epochs. pair-witness.pml and three-nodes.pml include
 * this file and say which of the nodes may hold the identity.
 *
 * Shown: no two nodes may speak at a time, no two have the key on the storage at a time,
 * and no epoch is ever given to two nodes.
 *
 * A majority is two of three: a holder speaks by its own vote and the lease of one other
 * voter; a candidate needs its own vote and that of one other.
 *
 * Times are what is left, counted down by the clock of the node that they belong to: a
 * beat and its echo by the clock of the beat's sender. A beat on its way is worth the
 * lease that its echo would give; one that is worth nothing is dropped. Of each voter at
 * most one beat or echo is delayed, the others arrive at once, or never. That and the
 * free order of all steps also stand for partitions, one-way loss and pauses of a node:
 * its clock goes on while it does nothing.
 *
 * Only what a voter granted is forgotten in a restart, not the epoch that it knows: that
 * is on its disk before its vote is sent.
 *
 * Each node has a clock, and in WINDOW ticks one clock may stand still for one.
 */
#ifndef L
#define L	2		/* lease, from the send time of the echoed beat */
#endif
#ifndef D
#define D	3		/* promise of the voter, from its receive time */
#endif
#ifndef SILENT
#define SILENT	1		/* a voter takes a holder for dead when its grant runs no longer than this */
#endif
#ifndef EPOCHS
#define EPOCHS	3		/* the highest epoch that is asked for */
#endif
#ifndef SHORTEN
#define SHORTEN	false		/* whether voters may change to a shorter D, and holders to L - 1 */
#endif
#ifndef VOICE_ONLY
#define VOICE_ONLY	false
#endif
#define WINDOW	D
#define NOBODY	3

mtype = { VOTER, CANDIDATE, HOLDER, NOTHING, BEAT, ECHO };

mtype role[3];
bool quiet[3];			/* restarted, and does not vote yet */
byte grant[3];			/* how long its last grant runs */
byte known[3];			/* the highest epoch it knows; a candidate's and holder's own */
byte given[3];			/* to whom it gives leases of that epoch */
bool elected[3];		/* a candidate has the votes of a majority */
byte wait[3];			/* for how long it waits for grants that it was told of */
byte lease[9];			/* of holder h from voter v, at h * 3 + v */
mtype kind[9] = NOTHING;	/* what is on its way between them */
byte worth[9];			/* and the lease that it is worth */
byte disk = 1;			/* the epoch in the key of the storage's reservation */
byte deadline = D;		/* what voters promise from now on */
byte phase;			/* of the window */
byte chosen[EPOCHS + 1];	/* who was elected for an epoch, ever; counted from 1 */

hidden byte granted;
hidden byte carried;
hidden byte i;

#define at(h, v)	((h) * 3 + (v))
#define has_lease(n)	(lease[at(n, 0)] > 0 || lease[at(n, 1)] > 0 || lease[at(n, 2)] > 0)
#define speaks(n)	(role[n] == HOLDER && has_lease(n))
#define may_write(n)	(role[n] == HOLDER && known[n] == disk)
#define holder_silent(v)	(grant[v] <= SILENT && !speaks(v))
#define max(a, b)	((a) > (b) -> (a) : (b))
#define down(x)		x = (x > 0 -> x - 1 : 0)

/* The rules, and what is left of them where one is broken on purpose. */
#ifdef LEASE_FROM_ARRIVAL
#define lease_of(value)	L
#else
#define lease_of(value)	value
#endif
#ifdef GRANT_AFTER_DECISION
#define grants_still(v, h)	(role[v] == CANDIDATE && known[h] < known[v])
#else
#define grants_still(v, h)	false
#endif
#ifdef CHANGE_AT_ONCE
#define may_change(v)	true
#else
#define may_change(v)	(grant[v] == 0)
#endif
#ifdef IGNORE_REMAINING
#define remaining(v)	0
#else
#define remaining(v)	grant[v]
#endif
#ifdef SHORTEN_PROMISE
#define promise(v)	deadline
#else
#define promise(v)	max(grant[v], deadline)
#endif
#ifdef VOTE_WITHOUT_PROMISE
#define PROMISES	false
#else
#define PROMISES	true
#endif
#ifdef VOTE_ONCE
#define may_vote(v)	(known[v] == 1)
#else
#define may_vote(v)	true
#endif
#ifdef NO_SILENCE
#define SILENCE		0
#else
#define SILENCE		D
#endif
#ifdef FORGET_EPOCH
#define remembered(n)	0
#else
#define remembered(n)	known[n]
#endif

inline clear(h, v)
{
	lease[at(h, v)] = 0;
	kind[at(h, v)] = NOTHING;
	worth[at(h, v)] = 0
}

inline step_down(n)
{
	role[n] = VOTER;
	elected[n] = false;
	wait[n] = 0;
	clear(n, 0);
	clear(n, 1);
	clear(n, 2)
}

/* Node n hears of an epoch that somebody else has. */
inline learn(n, epoch)
{
	if
	:: epoch > known[n] ->
		step_down(n);
		known[n] = epoch;
		given[n] = NOBODY
	:: else
	fi
}

/* A beat of holder h is at voter v. Sets granted. */
inline hear(v, h)
{
	granted = false;
	if
	:: !quiet[v] ->
		learn(v, known[h]);
		if
		:: known[h] == known[v] && given[v] == NOBODY && may_change(v) -> given[v] = h
		:: else
		fi;
		if
		:: (known[h] == known[v] && given[v] == h) || grants_still(v, h) -> granted = true
		:: else
		fi;
		if
		:: granted -> grant[v] = promise(v)
		:: else
		fi
	:: else
	fi
}

inline receive_echo(h, v, left)
{
	lease[at(h, v)] = max(lease[at(h, v)], lease_of(left))
}

inline send(h, v, what, left)
{
	kind[at(h, v)] = what;
	worth[at(h, v)] = left
}

/* Out of the network, into the variable carried. */
inline receive(h, v)
{
	carried = worth[at(h, v)];
	send(h, v, NOTHING, 0)
}

/* A beat of h reaches v, which answers: the echo arrives, is late, or is lost. */
inline beat(h, v)
{
	hear(v, h);
	carried = (carried + deadline > D -> carried + deadline - D : 0);
	if
	:: granted -> receive_echo(h, v, carried)
	:: granted && carried > 0 -> send(h, v, ECHO, carried)
	:: !granted && !quiet[v] -> learn(h, known[v])
	:: true
	fi;
	granted = false;
	carried = 0
}

inline stand(n)
{
	step_down(n);
	role[n] = CANDIDATE;
	known[n]++;
	given[n] = n;
	wait[n] = remaining(n)
}

/* Voter v gives its vote to candidate c. */
inline vote(v, c)
{
	if
	:: PROMISES ->
		if
		:: known[c] > known[v] -> step_down(v)
		:: else
		fi;
		known[v] = known[c];
		given[v] = c
	:: else
	fi
}

inline elect(c)
{
	if
	:: known[c] <= EPOCHS ->
		assert(chosen[known[c]] == 0 || chosen[known[c]] == c + 1 || VOICE_ONLY);
		chosen[known[c]] = (VOICE_ONLY -> 0 : c + 1)
	:: else
	fi
}

inline count_vote(c, v)
{
	elected[c] = true;
	elect(c);
	wait[c] = max(wait[c], remaining(v))
}

#define would_vote(v, c)	(!quiet[v] && holder_silent(v) && may_vote(v) && \
				 (known[c] > known[v] || (known[c] == known[v] && given[v] == c)))
#define would_refuse(v, c)	(!quiet[v] && (known[v] > known[c] || \
				 (known[c] == known[v] && given[v] != c)))

/* Voter v tells candidate c why not. */
inline refuse(v, c)
{
	if
	:: known[v] > known[c] -> learn(c, known[v])
	:: else -> step_down(c); given[c] = NOBODY
	fi
}

inline restart(n)
{
	step_down(n);
	elected[n] = false;
	given[n] = NOBODY;
	known[n] = remembered(n);
	grant[n] = SILENCE;
	quiet[n] = SILENCE > 0
}

inline take(n)
{
	if
	:: disk < known[n] ->
		disk = known[n];
		role[n] = HOLDER;
		elected[n] = false
	:: else -> step_down(n)
	fi
}

/* One tick of n's clock. */
inline tick(n)
{
	down(grant[n]);
	if
	:: quiet[n] && grant[n] == 0 -> quiet[n] = false
	:: else
	fi;
	down(wait[n]);
	for (i : 0 .. 2) {
		down(lease[at(n, i)]);
		down(worth[at(n, i)]);
		if
		:: worth[at(n, i)] == 0 -> kind[at(n, i)] = NOTHING
		:: else
		fi
	}
	i = 0
}

#define PEERS(option)	option((me + 1) % 3) option((me + 2) % 3)

/* With each of the two others. */
#define HOLD(v) \
	:: atomic { role[me] == HOLDER && !quiet[v] -> carried = L; beat(me, v) } \
	:: atomic { role[me] == HOLDER && kind[at(me, v)] == NOTHING -> send(me, v, BEAT, L) } \
	:: atomic { kind[at(me, v)] == BEAT -> receive(me, v); beat(me, v) } \
	:: atomic { kind[at(me, v)] == ECHO -> receive(me, v); receive_echo(me, v, carried); carried = 0 }
#define ASK(v) \
	:: atomic { role[me] == CANDIDATE && would_vote(v, me) -> \
		if \
		:: count_vote(me, v) \
		:: skip \
		fi; \
		vote(v, me) } \
	:: atomic { role[me] == CANDIDATE && would_refuse(v, me) -> \
		refuse(v, me) }

proctype node(byte me)
{
end:	do
	PEERS(HOLD)
	PEERS(ASK)
	:: atomic { MAY_HOLD(me) && !quiet[me] && !speaks(me) && holder_silent(me) &&
		    known[me] < EPOCHS -> stand(me) }
	:: atomic { role[me] == CANDIDATE && elected[me] && wait[me] == 0 -> take(me) }
	:: atomic { true -> restart(me) }
	od
}

active proctype time()
{
end:	do
	:: atomic { true ->
		if
		:: phase == 0 -> tick(0); tick(1)
		:: phase == 0 -> tick(0); tick(2)
		:: phase == 0 -> tick(1); tick(2)
		:: true -> tick(0); tick(1); tick(2)
		fi;
		phase = (phase + 1) % WINDOW }
	:: atomic { SHORTEN && deadline == D -> deadline = D - 1 }
	od
}

#define two(what)	((what(0) && what(1)) || (what(0) && what(2)) || (what(1) && what(2)))
#define SAFE	(!two(speaks) && (VOICE_ONLY || !two(may_write)))

active proctype monitor()
{
end:	do
	:: atomic { !SAFE -> assert(SAFE) }
	od
}

#ifdef CALM
#include "votes-calm.pml"
#endif

init
{
	atomic {
		for (i : 0 .. 2) {
			role[i] = VOTER;
			known[i] = 1;
			given[i] = 0
		}
		i = 0;
		role[0] = HOLDER;
		chosen[1] = 1;
		run node(0);
		run node(1);
		run node(2)
#ifdef CALM
		;
		run calm()
#endif
	}
}
