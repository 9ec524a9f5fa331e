// SPDX-License-Identifier: GPL-2.0
/* Packets as senders make them, and as they should not be. */
#include <string.h>

#include <linux/hotid.h>

#include "game.h"

const uint8_t secrets[4][16] = { { 1, 2, 3 }, { 4, 5, 6 }, { 7 }, {} };

static void put(uint8_t *at, uint64_t n, int length)
{
	while (length--) {
		at[length] = n;
		n >>= 8;
	}
}

static void keep(const struct packet *packet)
{
	game.kept[game.n_kept++ % KEPT] = *packet;
}

static void sign(struct packet *packet, const struct sender *sender, const uint8_t secret[16])
{
	uint64_t mac = model_mac(secret, sender->id, packet->bytes, packet->length - 8);

	memcpy(packet->bytes + packet->length - 8, &mac, 8);
}

static void begin(struct packet *packet, const struct sender *sender, uint8_t type, uint64_t seq,
		  uint8_t path)
{
	uint8_t *bytes = packet->bytes;

	memset(packet, 0, sizeof(*packet));
	packet->length = model_length(type);
	bytes[0] = 'H';
	bytes[1] = 'i';
	bytes[2] = 3;
	bytes[3] = type;
	put(bytes + 4, sender->interval_us, 4);
	memcpy(bytes + 8, sender->id, 16);
	put(bytes + 24, sender->boot_id, 8);
	put(bytes + 32, seq, 8);
	put(bytes + 40, sender->health, 2);
	bytes[42] = path;
	put(bytes + 44, game.model.key[game.model.signing].generation, 4);
	/* Any echo and promise, and now and then none; they cost no input. */
	if (type == BEAT) {
		put(bytes + 48, seq % 4 ? seq * 0x9e3779b97f4a7c15 : 0, 8);
		put(bytes + 56, seq % 5 ? seq * 0x9e3779b97f4a7c15 >> 34 : 0, 4);
	}
}

static uint64_t choose_seq(struct sender *sender, uint8_t type, uint8_t choice)
{
	switch (choice) {
	case 0:
	case 1:
	case 2:
		return ++sender->seq;
	case 3:
		return sender->seq;
	case 4:
		return sender->seq - take();
	case 5:
		return sender->seq += (uint64_t)take() << take() % 64;
	case 6:
		return take_word();
	default:
		return 0;
	}
}

/* What a sender would not do: other keys, incarnations and settings than its own. */
static const uint8_t *deviate(struct packet *packet, struct sender *sender, uint8_t fields)
{
	const uint8_t *secret = game.model.key[game.model.signing].secret;
	uint8_t *bytes = packet->bytes;

	switch (fields / 2 % 8) {	/* key */
	case 0:
		put(bytes + 44, game.model.key[!game.model.signing].generation, 4);
		secret = game.model.key[!game.model.signing].secret;
		break;
	case 1:
		secret = secrets[take() % 4];
		break;
	case 2:
		put(bytes + 44, take() % 16, 4);
		secret = secrets[take() % 4];
		break;
	}
	switch (fields / 16 % 4) {	/* boot id */
	case 0:
		put(bytes + 24, sender->boot_id - 2, 8);
		break;
	case 1:
		put(bytes + 24, 0, 8);
		break;
	}
	switch (fields / 64) {		/* settings */
	case 0:
		put(bytes + 4, take_word() >> 40, 4);
		break;
	case 1:
		sender->interval_us = 1000 * take();
		sender->health = take();
		put(bytes + 4, sender->interval_us, 4);
		put(bytes + 40, sender->health, 2);
		break;
	}
	return secret;
}

static void claim(uint8_t *bytes)
{
	uint8_t which = take(), epoch = take();
	const struct model_identity *identity = &game.model.identities[which % 8 == 0];

	bytes[43] = which & 8 ? HOTID_IDENTITY_STATE_HELD : HOTID_IDENTITY_STATE_TAKING;
	put(bytes + 48, which / 16 ? identity->hash : which, 8);
	put(bytes + 56, epoch & 64 ? take_word() : identity->look.epoch + epoch % 8 - 2, 8);
}

void packet_honest(struct packet *packet, const struct sender *sender, uint8_t type, uint64_t seq)
{
	begin(packet, sender, type, seq, 0);
	if (type == ANSWER)
		put(packet->bytes + 48, sender->nonce, 8);
	sign(packet, sender, game.model.key[game.model.signing].secret);
	keep(packet);
}

/* As an honest sender makes it; half of them changed as the input says. */
void packet_any(struct packet *packet)
{
	uint8_t whom = take(), type = take() % 16, fields = take(), rest = take();
	struct sender *sender = &game.senders[whom % 4 ? whom % 4 - 1 : whom / 4 % SENDERS];
	const uint8_t *secret = game.model.key[game.model.signing].secret;
	bool honest = fields & 1;

	type = type < 5 ? BEAT : type < 15 ? type % 5 + 1 : take();
	begin(packet, sender, type, choose_seq(sender, type, honest ? 0 : rest / 4 % 8), rest % 4);
	if (!honest)
		secret = deviate(packet, sender, fields);
	else if (fields & 2)
		put(packet->bytes + 40, sender->health ^= fields / 4 % 4, 2);
	if (type == GASP)
		packet->bytes[43] = take();
	if (type == CLAIM)
		claim(packet->bytes);
	if (type == ANSWER)
		put(packet->bytes + 48, rest / 32 == 4 ? take_word() : sender->nonce, 8);
	if (type == CHALLENGE)
		put(packet->bytes + 48, take_word(), 8);
	if (!honest && rest / 32 == 7)
		packet->bytes[42] = take();
	sign(packet, sender, secret);
	keep(packet);
	if (!honest && rest / 32 == 5)	/* on its way */
		packet->bytes[take() % packet->length] ^= 1 << take() % 8;
	else if (!honest && rest / 32 == 6)
		packet->length = take() % PACKET_MAX;
}
