// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <string.h>

#include <linux/hotid.h>

#include "siphash_reference.h"

enum { BEAT = 1, GASP, CHALLENGE, ANSWER, CLAIM };

#define MILLISECOND	1000000
#define NONCE_LIFE	(1000 * MILLISECOND)
#define LAG		1024

static uint64_t number(const uint8_t *bytes, int length)
{
	uint64_t n = 0;

	while (length--)
		n = n << 8 | *bytes++;
	return n;
}

static uint64_t little(const uint8_t *bytes)
{
	return siphash_reference_word(bytes);
}

void model_peer_set(struct model *model, struct model_peer *peer, bool watch)
{
	if (!peer->known) {
		uint8_t id[16];

		memcpy(id, peer->id, sizeof(id));
		*peer = (struct model_peer){ .known = true };
		memcpy(peer->id, id, sizeof(id));
	}
	peer->look.flags = watch ? HOTID_PEER_FLAGS_WATCH : 0;
}

static bool lives(const struct model_peer *peer)
{
	return peer->look.state == HOTID_PEER_STATE_UP ||
	       peer->look.state == HOTID_PEER_STATE_HUNG ||
	       peer->look.state == HOTID_PEER_STATE_CONFLICT;
}

/* By when it has to beat again, on whatever path. */
static uint64_t allowance(const struct model_peer *peer)
{
	return 3 * 1000ULL * peer->look.interval_us;
}

static uint64_t latest(const struct world_peer *look)
{
	uint64_t ns = 0;
	int path;

	for (path = 0; path < WORLD_PATHS; path++)
		if (look->ns[path] > ns)
			ns = look->ns[path];
	return ns;
}

/* Of one that is watched the detector alone says that it is gone. */
static bool not_given_up(const struct model_peer *peer, uint64_t now)
{
	return lives(peer) && ((peer->look.flags & HOTID_PEER_FLAGS_WATCH) ||
			       (latest(&peer->look) &&
				latest(&peer->look) + allowance(peer) > now));
}

static bool proven(const struct world_identity *identity)
{
	return identity->state == HOTID_IDENTITY_STATE_HELD ||
	       (identity->state == HOTID_IDENTITY_STATE_TAKING && identity->fenced);
}

static bool mine(const struct world_identity *identity)
{
	return identity->state == HOTID_IDENTITY_STATE_TAKING ||
	       identity->state == HOTID_IDENTITY_STATE_HELD;
}

static bool is(const struct world_claimant *claimant, const uint8_t id[16])
{
	return claimant->known && model_same(claimant->id, id, 16);
}

/* Why it cannot bear anything any more, of which the identity's policy cares. */
static bool gone(struct model *model, const struct model_identity *identity,
		 const struct world_claimant *claimant)
{
	const struct model_peer *peer = NULL;
	int i;

	for (i = 0; i < MODEL_PEERS; i++)
		if (model->peers[i].known && model_same(model->peers[i].id, claimant->id, 16))
			peer = &model->peers[i];
	if (!peer)
		return false;
	if (peer->look.state == HOTID_PEER_STATE_DOWN)
		return true;
	return lives(peer) && (peer->look.boot_id != claimant->boot_id ||
			       (peer->look.state == HOTID_PEER_STATE_HUNG &&
				identity->flags & HOTID_IDENTITY_FLAGS_AUTO_HUNG));
}

static bool at_it(struct model *model, const struct model_identity *identity, uint64_t now)
{
	const struct world_claimant *taker = &identity->look.taker;

	return taker->known && now - taker->heard < 1000 * MILLISECOND &&
	       !gone(model, identity, taker);
}

/* A peer is gone, which may be the holder of what is armed here. */
static void lost(struct model *model, const struct model_peer *peer)
{
	int i;

	for (i = 0; i < MODEL_IDENTITIES; i++) {
		struct world_identity *look = &model->identities[i].look;
		struct world_claimant *holder = &look->holder, *taker = &look->taker;
		struct world_claimant *old = holder->known ? holder : taker;
		bool due = look->state == HOTID_IDENTITY_STATE_ARMED &&
			   (model->identities[i].flags & HOTID_IDENTITY_FLAGS_AUTO);

		/* One that advertised no more although it beat had let go before. */
		if (!due && is(holder, peer->id) && holder->boot_id == peer->look.boot_id &&
		    model->last >= holder->heard + 1000 * MILLISECOND)
			holder->known = false;
		if (!due || (!is(holder, peer->id) && !is(taker, peer->id)) ||
		    !gone(model, &model->identities[i], old) ||
		    at_it(model, &model->identities[i], model->now) ||
		    look->known == HOTID_EPOCH_MAX)
			continue;
		look->epoch = ++look->known;
		look->state = HOTID_IDENTITY_STATE_TAKING;
		look->fenced = false;
		look->clean = true;
		look->taker = (struct world_claimant) { .known = true, .epoch = look->epoch };
		memcpy(look->taker.id, model->id, 16);
	}
}

static void change(struct model *model, struct model_peer *peer, uint32_t state, uint32_t reason)
{
	peer->look.state = state;
	peer->look.reason = reason;
	if (state == HOTID_PEER_STATE_DOWN) {
		peer->rival = 0;
		peer->look.downs++;
		peer->look.paths_up = 0;
		peer->look.believed = 0;
	}
	if (state == HOTID_PEER_STATE_DOWN || state == HOTID_PEER_STATE_HUNG ||
	    reason == HOTID_REASON_PEER_REBOOTED)
		lost(model, peer);
}

void model_silent(struct model *model, struct model_peer *peer, uint64_t now)
{
	model->now = now;
	model->last = latest(&peer->look);
	if (peer->known && (peer->look.flags & HOTID_PEER_FLAGS_WATCH) && lives(peer))
		change(model, peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_SILENT);
}

size_t model_length(uint8_t type)
{
	switch (type) {
	case CHALLENGE:
	case ANSWER:
		return 64;
	case BEAT:
	case CLAIM:
		return 72;
	default:
		return 56;
	}
}

enum model_kind model_form(const uint8_t *packet, size_t length)
{
	if (length < 56)
		return TRUNCATED;
	if (packet[0] != 'H' || packet[1] != 'i' || packet[2] != 3 || packet[3] < BEAT ||
	    packet[3] > CLAIM)
		return VERSION;
	if (length != model_length(packet[3]))
		return TRUNCATED;
	return packet[42] < WORLD_PATHS ? ACCEPTED : VERSION;
}

struct model_peer *model_sender(struct model *model, const uint8_t *packet)
{
	int i;

	for (i = 0; i < MODEL_PEERS; i++)
		if (model->peers[i].known && model_same(model->peers[i].id, packet + 8, 16))
			return &model->peers[i];
	return NULL;
}

/* Whether its daemon lives, as far as is known; up or hung follows from it. */
static uint32_t vigour(struct model_peer *peer)
{
	if (peer->look.health & HOTID_HEALTH_USERSPACE)
		peer->had_user = true;
	return peer->had_user && !(peer->look.health & HOTID_HEALTH_USERSPACE) ?
		       HOTID_PEER_STATE_HUNG :
		       HOTID_PEER_STATE_UP;
}

static bool possible(uint32_t interval)
{
	return interval >= HOTID_INTERVAL_MIN_US && interval <= HOTID_INTERVAL_MAX_US;
}

/* The highest sequence of all paths, and the latest time. */
static uint64_t newest(const struct world_peer *look)
{
	uint64_t seq = 0;
	int path;

	for (path = 0; path < WORLD_PATHS; path++)
		if (look->seq[path] > seq)
			seq = look->seq[path];
	return seq;
}

/* What came on a path is heard: as of now only when it is newer than all. */
static void heard(struct world_peer *look, const uint8_t *packet, uint64_t now)
{
	uint64_t seq = number(packet + 32, 8);

	look->ns[packet[42]] = seq > newest(look) ? now : latest(look);
	look->seq[packet[42]] = seq;
}

/* What a beat says of leases: 36 bits of the echo, and 28 of the promise. */
static void grant(struct world_peer *look, const uint8_t *packet)
{
	uint64_t echo = number(packet + 48, 8), promise = number(packet + 56, 4);

	if (promise > 0xfffffff)
		promise = 0xfffffff;
	look->grant = echo && promise ? echo << 28 | promise : 0;
}

/* A beat of the believed incarnation that says something new. */
static void news(struct model *model, struct model_peer *peer, const uint8_t *packet, uint64_t now)
{
	struct world_peer *look = &peer->look;
	uint32_t state;

	if (!possible(number(packet + 4, 4)))
		return;
	look->interval_us = number(packet + 4, 4);
	look->health = number(packet + 40, 2);
	grant(look, packet);
	heard(look, packet, now);
	state = vigour(peer);
	if (state != look->state && look->state != HOTID_PEER_STATE_CONFLICT)
		change(model, peer, state, state == HOTID_PEER_STATE_HUNG ?
			       HOTID_REASON_USER_SILENT : HOTID_REASON_BEAT);
}

/* It answered the challenge. */
static void believe(struct model *model, struct model_peer *peer, const uint8_t *packet,
		    uint64_t now)
{
	struct world_peer *look = &peer->look;
	uint64_t boot_id = number(packet + 24, 8);
	bool known = lives(peer), same = boot_id == look->boot_id;
	int path;

	if (boot_id == look->believed)
		return;
	/* The other one beats on: this one is a rival, and no reboot. */
	if (!same && not_given_up(peer, now)) {
		if (peer->rival != boot_id)
			peer->rival_since = now;
		peer->rival = boot_id;
		peer->rival_seen = now;
		if (look->state != HOTID_PEER_STATE_CONFLICT &&
		    latest(&peer->look) > peer->rival_since + allowance(peer))
			change(model, peer, HOTID_PEER_STATE_CONFLICT, HOTID_REASON_ID_CONFLICT);
		return;
	}
	if (!possible(number(packet + 4, 4)))
		return;
	look->interval_us = number(packet + 4, 4);
	look->health = number(packet + 40, 2);
	look->grant = 0;
	for (path = 0; path < WORLD_PATHS; path++)
		look->seq[path] = number(packet + 32, 8);
	if (!same) {
		peer->rival = 0;
		look->boot_id = boot_id;
		look->gasp = 0;
		peer->had_user = false;
	}
	look->ns[packet[42]] = now;
	look->paths_up |= 1 << packet[42];
	look->believed = boot_id;
	if (!known)
		change(model, peer, vigour(peer), HOTID_REASON_BEAT);
	else if (!same)
		change(model, peer, vigour(peer), HOTID_REASON_PEER_REBOOTED);
}

/* Whether a claim makes this node let go of what it takes or holds. */
static bool yields(const struct world_identity *identity, uint64_t epoch, bool firm, bool senior)
{
	if (!mine(identity) || epoch < identity->epoch)
		return false;
	if (proven(identity))
		return firm && (epoch > identity->epoch || senior);
	return firm || senior || epoch > identity->epoch;
}

/* Whom the identity is with now, as far as this claim tells. */
static void note(struct model *model, struct model_identity *identity,
		 const struct world_claimant *who, bool firm)
{
	struct world_claimant *holder = &identity->look.holder, *taker = &identity->look.taker;
	bool below = holder->known && who->epoch < holder->epoch;
	bool same = holder->known && who->epoch == holder->epoch;

	if (firm && !below && !(same && is(holder, model->id))) {
		*holder = *who;
		if (taker->epoch <= who->epoch)
			taker->known = false;
	}
	if (!firm && !below && !same && !is(holder, model->id) && !is(taker, model->id) &&
	    (!at_it(model, identity, who->heard) || who->epoch > taker->epoch ||
	     (who->epoch == taker->epoch && memcmp(who->id, taker->id, 16) <= 0)))
		*taker = *who;
	if (!is(taker, model->id) && !at_it(model, identity, who->heard))
		taker->known = false;
}

static void claim(struct model *model, const struct model_peer *peer, const uint8_t *packet,
		  uint64_t now)
{
	struct world_claimant who = { .known = true, .boot_id = peer->look.boot_id,
				      .epoch = number(packet + 56, 8), .heard = now };
	bool firm = packet[43] == HOTID_IDENTITY_STATE_HELD;
	bool senior = memcmp(peer->id, model->id, 16) < 0;
	int i;

	memcpy(who.id, peer->id, 16);
	for (i = 0; i < MODEL_IDENTITIES; i++) {
		struct world_identity *look = &model->identities[i].look;

		if (!model->identities[i].known ||
		    model->identities[i].hash != number(packet + 48, 8) ||
		    who.epoch > HOTID_EPOCH_MAX)
			continue;
		if (look->known < who.epoch)
			look->known = who.epoch;
		if (yields(look, who.epoch, firm, senior)) {
			look->state = HOTID_IDENTITY_STATE_RELEASING;
			look->epoch = who.epoch;
			if (firm) {
				look->holder = who;
				if (look->taker.epoch <= who.epoch)
					look->taker.known = false;
			} else {
				look->taker = who;
			}
			continue;
		}
		note(model, &model->identities[i], &who, firm);
		/* What is or was here got here by its own epoch. */
		if (!mine(look) && look->state != HOTID_IDENTITY_STATE_RELEASING &&
		    (look->state != HOTID_IDENTITY_STATE_FAILED || look->clean))
			look->epoch = look->known;
	}
}

/* An incarnation that did not prove itself is to do so. */
static void ask(struct model_peer *peer, uint64_t now, bool beat)
{
	peer->beats |= beat;
	if (peer->look.nonce && now - peer->asked_ns < MILLISECOND)
		return;
	if (peer->look.nonce && now - peer->drawn_ns >= NONCE_LIFE)
		peer->look.nonce = 0;
	/* What is drawn nobody can know: see watch_nonces(). */
	if (!peer->look.nonce)
		peer->drawn_ns = now;
	peer->ask = true;
	peer->asked_ns = now;
}

/* Whether one of those that anyone can replay is looked at. */
static bool due(uint64_t *last_ns, uint64_t now)
{
	if (*last_ns && now - *last_ns < MILLISECOND)
		return false;
	*last_ns = now;
	return true;
}

static enum model_kind challenge(struct model_peer *peer, const uint8_t *packet, uint64_t now,
				 bool *unverified)
{
	uint64_t boot_id = number(packet + 24, 8), seq = number(packet + 32, 8);

	if (boot_id == peer->asker) {
		if (seq <= peer->asker_seq)
			return REPLAYED;
		peer->asker_seq = seq;
	} else {
		if (!due(&peer->challenge_ns, now))
			return UNVERIFIED;
		*unverified = true;
		ask(peer, now, false);
	}
	peer->answer = true;
	peer->its_nonce = number(packet + 48, 8);
	return CONTROL;
}

static enum model_kind answer(struct model *model, struct model_peer *peer, const uint8_t *packet,
			      uint64_t now)
{
	struct world_peer *look = &peer->look;
	bool beats = peer->beats;

	if (!look->nonce || number(packet + 48, 8) != look->nonce)
		return REPLAYED;
	if (now - peer->drawn_ns >= NONCE_LIFE)
		return CONTROL;
	look->nonce = 0;
	peer->ask = peer->beats = false;
	peer->asker = number(packet + 24, 8);
	peer->asker_seq = number(packet + 32, 8);
	if (beats)
		believe(model, peer, packet, now);
	return CONTROL;
}

/* An authentic packet. */
static enum model_kind authentic(struct model *model, struct model_peer *peer,
				 const uint8_t *packet, uint64_t now, bool *unverified)
{
	struct world_peer *look = &peer->look;
	uint64_t boot_id = number(packet + 24, 8), seq = number(packet + 32, 8);

	model->last = latest(look);
	if (!boot_id)
		return UNVERIFIED;
	if (packet[3] == CHALLENGE)
		return challenge(peer, packet, now, unverified);
	if (packet[3] == ANSWER)
		return answer(model, peer, packet, now);
	if (boot_id != look->believed) {
		if (packet[3] != BEAT || !due(&peer->beat_ns, now))
			return UNVERIFIED;
		*unverified = true;
		if (boot_id == peer->rival && not_given_up(peer, now) &&
		    now - peer->rival_seen < allowance(peer))
			return CONTROL;
		ask(peer, now, true);
		return CONTROL;
	}
	if (seq <= look->seq[packet[42]] || (newest(look) >= LAG && seq <= newest(look) - LAG))
		return REPLAYED;
	switch (packet[3]) {
	case BEAT:
		if (seq > newest(look) && (number(packet + 4, 4) != look->interval_us ||
					   number(packet + 40, 2) != look->health)) {
			news(model, peer, packet, now);
			return CONTROL;
		}
		if (seq > newest(look))
			grant(look, packet);
		heard(look, packet, now);
		return ACCEPTED;
	case GASP:
		look->seq[packet[42]] = seq;
		look->gasp = packet[43];
		if ((peer->look.flags & HOTID_PEER_FLAGS_WATCH) && lives(peer))
			change(model, peer, HOTID_PEER_STATE_DOWN, HOTID_REASON_PEER_GASP);
		return CONTROL;
	default:
		heard(look, packet, now);
		claim(model, peer, packet, now);
		return CONTROL;
	}
}

enum model_kind model_receive(struct model *model, const uint8_t *packet, size_t length,
			      uint64_t now, bool *unverified)
{
	enum model_kind form = model_form(packet, length);
	const struct model_key *key;
	struct model_peer *peer;

	model->now = now;
	*unverified = false;
	if (form != ACCEPTED)
		return form;
	peer = model_sender(model, packet);
	if (!peer)
		return UNKNOWN;
	key = model_key_of(model, number(packet + 44, 4));
	if (!key || model_mac(key->secret, peer->id, packet, length - 8) !=
			    little(packet + length - 8))
		return BAD_MAC;
	return authentic(model, peer, packet, now, unverified);
}
