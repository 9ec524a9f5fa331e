/* SPDX-License-Identifier: GPL-2.0
 *
 * A pair without a witness: holder, spare and the disk's reservation key, which votes.
 *
 * Shown: holder and spare never both speak, and the spare never takes the disk as its own
 * while the holder's key is registered. The spare may restart at any time, the holder may
 * die, answers of the disk may be lost. The rest of the setting is that of votes.pml:
 * times are what is left, and one clock may stand still for a tick in each window.
 *
 * The spare speaks for ever once it has preempted, and the old holder does not come back:
 * when it does, the pair begins anew with a holder in disk mode, and with a spare that
 * has restarted.
 *
 * Only equality of keys counts, and each change makes a new one. So a key that somebody
 * knows is the registered one or stale; two stale ones may be the same or not.
 */
#ifndef L
#define L	2		/* echo lease, from the send time of the echoed beat */
#endif
#ifndef D
#define D	3		/* promise of the spare, from its receive time */
#endif
#ifndef DISK_LEASE
#define DISK_LEASE	3	/* from the issue of the command that changes the key */
#endif
#ifndef WATCH
#define WATCH	4		/* for how long the spare must see the same key */
#endif
#define WINDOW	WATCH

mtype = { BY_ECHO, BY_DISK, UNKNOWN, FENCED, DEAD };
mtype = { WATCHES, DECIDED, TAKEN };
mtype = { IDLE, ISSUED, DONE, REFUSED };

/* The holder. */
mtype mode = BY_ECHO;
byte echo_lease, disk_lease;
bool own_stale;			/* the key that it believes to be registered */
mtype change = IDLE;		/* its command to the disk */
bool entering;			/* issued to enter disk mode, not to renew */
byte change_worth;		/* the lease that the command will be worth */

/* The spare. */
mtype spare = WATCHES;
byte promise = D;		/* how long it must not act */
byte heard;			/* worth of the newest beat: older ones are dropped */
mtype said = BY_ECHO;		/* the mode in the newest beat about this key */
bool seen_stale;		/* the key that it knows */
byte watch;			/* how long that must stay the same, if said is not BY_ECHO */
mtype preempt = IDLE;		/* its command to the disk */
bool preempt_stale;		/* the key in that command */

/* The disk, and what is on its way. */
bool preempted;
bool late_beat, beat_stale;
byte beat_worth;
mtype beat_mode = BY_ECHO;
byte echo_worth;		/* of a late echo; 0: there is none */
byte phase;

#define max(a, b)	((a) > (b) -> (a) : (b))
#define down(x)		x = (x > 0 -> x - 1 : 0)

#define holder_lives	(mode == BY_ECHO || mode == BY_DISK)
#define holder_speaks	((mode == BY_ECHO && echo_lease > 0) || (mode == BY_DISK && disk_lease > 0))
#define may_act		(spare == WATCHES && promise == 0 && preempt == IDLE)
#define would_preempt	(may_act && (said == BY_ECHO || key_watched))
#define own_key_found	(may_act && preempted)

/* The rules, and what is left of them where one is broken on purpose. */
#ifdef LEASE_FROM_ARRIVAL
#define lease_of(value)	L
#else
#define lease_of(value)	value
#endif
#ifdef LEASE_FROM_RESPONSE
#define disk_lease_of(value)	DISK_LEASE
#else
#define disk_lease_of(value)	value
#endif
#ifdef GRANT_AFTER_DECISION
#define grants	(spare != TAKEN)
#else
#define grants	(spare == WATCHES)
#endif
#ifdef KEEP_KEY
#define new_key	(!entering)
#else
#define new_key	true
#endif
#ifdef KEY_UNWATCHED
#define key_watched	true
#else
#define key_watched	(watch == 0 && !KEEP_OFF)
#endif
#ifdef SPARE_KEEPS_OFF
#define KEEP_OFF	true
#else
#define KEEP_OFF	false
#endif
#ifdef NO_SILENCE
#define SILENCE		0
#else
#define SILENCE		D
#endif
#ifdef ASSUME_ECHO
#define AFTER_RESTART	BY_ECHO
#else
#define AFTER_RESTART	UNKNOWN
#endif

inline learn_key(stale, how)
{
	seen_stale = stale;
	said = how;
	watch = (how == BY_ECHO -> 0 : WATCH)
}

inline receive_echo(value)
{
	if
	:: holder_lives -> echo_lease = max(echo_lease, lease_of(value))
	:: else
	fi
}

/* A newer beat says key and mode. The watch goes on if they are the same. */
inline learn_newer(stale, how)
{
	if
	:: stale == seen_stale && said != BY_ECHO && how != BY_ECHO -> said = how
	:: stale != seen_stale || stale || said == BY_ECHO || how == BY_ECHO ->
		learn_key(stale, how)
	fi
}

/* A beat reaches the spare, whose echo arrives, is late, or is lost. */
inline hear(value, stale, how)
{
	if
	:: spare == WATCHES && value >= heard ->
		heard = value;
		promise = D;
		learn_newer(stale, how)
	:: else
	fi;
	if
	:: grants && value >= heard -> receive_echo(value)
	:: grants && value >= heard && holder_lives -> echo_worth = value
	:: true
	fi
}

inline issue(how)
{
	change = ISSUED;
	entering = how;
	change_worth = DISK_LEASE
}

inline forget_change()
{
	change = IDLE;
	entering = false;
	change_worth = 0
}

inline stop(how)
{
	mode = how;
	own_stale = false;
	echo_worth = 0;
	echo_lease = 0;
	disk_lease = 0
}

inline restart_spare()
{
	spare = WATCHES;
	promise = SILENCE;
	heard = 0;
	learn_key(false, AFTER_RESTART)
}

inline decide(state)
{
	spare = state;
	heard = 0;
	learn_key(false, BY_ECHO)
}

inline forget_preempt()
{
	preempt = IDLE;
	preempt_stale = false
}

inline changed()
{
	if
	:: holder_lives ->
		own_stale = false;
		if
		:: entering || mode == BY_DISK ->
			mode = BY_DISK;
			disk_lease = disk_lease_of(change_worth)
		:: else
		fi
	:: else
	fi;
	forget_change()
}

inline change_refused()
{
	if
	:: holder_lives -> stop(FENCED)
	:: else
	fi;
	forget_change()
}

inline issue_preempt()
{
	preempt = ISSUED;
	preempt_stale = seen_stale;
	decide(DECIDED)
}

inline preempt_refused()
{
	if
	:: spare == DECIDED -> spare = WATCHES; learn_key(false, UNKNOWN)
	:: else
	fi;
	forget_preempt()
}

/* The disk does what it was told. A new key makes all others stale. */
inline execute_change()
{
	if
	:: preempted -> change = REFUSED
	:: else ->
		change = DONE;
		if
		:: new_key ->
			seen_stale = (spare == WATCHES);
			own_stale = holder_lives;
			beat_stale = late_beat;
			preempt_stale = (preempt == ISSUED)
		:: else
		fi
	fi
}

inline execute_preempt()
{
	if
	:: preempted || preempt_stale -> preempt = REFUSED
	:: else -> preempt = DONE; preempted = true
	fi
}

proctype holder()
{
end:	do
	:: atomic { holder_lives -> hear(L, own_stale, mode) }
	:: atomic { holder_lives && !late_beat ->
		late_beat = true; beat_worth = L; beat_stale = own_stale; beat_mode = mode }
	:: atomic { echo_worth > 0 -> receive_echo(echo_worth); echo_worth = 0 }
	:: atomic { mode == BY_ECHO && echo_lease == 0 && change == IDLE -> issue(true) }
	:: atomic { mode == BY_DISK && change == IDLE -> issue(false) }
	:: atomic { mode == BY_DISK && echo_lease > 0 -> mode = BY_ECHO; disk_lease = 0 }
	:: atomic { change == DONE -> changed() }
	:: atomic { change == DONE -> forget_change() }		/* the answer is lost */
	:: atomic { change == REFUSED -> change_refused() }
	:: atomic { holder_lives -> stop(DEAD) }
	od
}

proctype disk()
{
end:	do
	:: atomic { change == ISSUED -> execute_change() }
	:: atomic { preempt == ISSUED -> execute_preempt() }
	od
}

proctype network()
{
end:	do
	:: atomic { late_beat ->
		hear(beat_worth, beat_stale, beat_mode);
		late_beat = false; beat_worth = 0; beat_stale = false; beat_mode = BY_ECHO }
	od
}

proctype standby()
{
end:	do
	:: atomic { spare == WATCHES && seen_stale -> learn_key(false, UNKNOWN) }
	:: atomic { would_preempt -> issue_preempt() }
	:: atomic { own_key_found -> decide(TAKEN) }
	:: atomic { preempt == DONE && spare == DECIDED -> spare = TAKEN; forget_preempt() }
	:: atomic { preempt == DONE && spare == DECIDED -> restart_spare(); forget_preempt() }
	:: atomic { preempt == DONE && spare != DECIDED -> forget_preempt() }
	:: atomic { preempt == REFUSED -> preempt_refused() }
	:: atomic { true -> restart_spare() }
	od
}

inline tick_holder()
{
	down(echo_lease);
	down(disk_lease);
	down(change_worth);
	down(beat_worth);
	down(echo_worth);
	down(heard)
}

inline tick_spare()
{
	down(promise);
	down(watch)
}

proctype time()
{
end:	do
	:: atomic { true ->
		if
		:: phase == 0 -> tick_holder()
		:: phase == 0 -> tick_spare()
		:: true -> tick_holder(); tick_spare()
		fi;
		phase = (phase + 1) % WINDOW }
	od
}

#define SAFE	(spare != TAKEN || (preempted && !holder_speaks))

proctype monitor()
{
end:	do
	:: atomic { !SAFE -> assert(SAFE) }
	od
}

#ifdef CALM
#include "pair-disk-calm.pml"
#endif

init
{
	atomic {
		run holder();
		run disk();
		run network();
		run standby();
		run time();
		run monitor()
#ifdef CALM
		;
		run calm()
#endif
	}
}
