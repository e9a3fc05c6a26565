PRAGMA foreign_keys=OFF;
CREATE TABLE backfill_task (
	bridge_id            TEXT    NOT NULL,
	portal_id            TEXT    NOT NULL,
	portal_receiver      TEXT    NOT NULL,
	user_login_id        TEXT    NOT NULL,

	batch_count          INTEGER NOT NULL,
	is_done              BOOLEAN NOT NULL,
	queue_done           BOOLEAN NOT NULL DEFAULT false,
	cursor               TEXT,
	oldest_message_id    TEXT,
	dispatched_at        BIGINT,
	completed_at         BIGINT,
	next_dispatch_min_ts BIGINT  NOT NULL,

	PRIMARY KEY (bridge_id, portal_id, portal_receiver),
	CONSTRAINT backfill_queue_portal_fkey FOREIGN KEY (bridge_id, portal_id, portal_receiver)
		REFERENCES portal (bridge_id, id, receiver)
		ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE crypto_account (
	account_id         TEXT    PRIMARY KEY,
	device_id          TEXT    NOT NULL,
	shared             BOOLEAN NOT NULL,
	sync_token         TEXT    NOT NULL,
	account            bytea   NOT NULL,
	key_backup_version TEXT    NOT NULL DEFAULT ''
);
CREATE TABLE crypto_cross_signing_keys (
	user_id TEXT,
	usage   TEXT,
	key     CHAR(43) NOT NULL,

	first_seen_key CHAR(43) NOT NULL,

	PRIMARY KEY (user_id, usage)
);
CREATE TABLE crypto_cross_signing_signatures (
	signed_user_id TEXT,
	signed_key     TEXT,
	signer_user_id TEXT,
	signer_key     TEXT,
	signature      CHAR(88) NOT NULL,
	PRIMARY KEY (signed_user_id, signed_key, signer_user_id, signer_key)
);
CREATE TABLE crypto_device (
	user_id      TEXT,
	device_id    TEXT,
	identity_key CHAR(43) NOT NULL,
	signing_key  CHAR(43) NOT NULL,
	trust        SMALLINT NOT NULL,
	deleted      BOOLEAN  NOT NULL,
	name         TEXT     NOT NULL,
	PRIMARY KEY (user_id, device_id)
);
CREATE TABLE crypto_megolm_inbound_session (
	account_id         TEXT,
	session_id         CHAR(43),
	sender_key         CHAR(43) NOT NULL,
	signing_key        CHAR(43),
	room_id            TEXT     NOT NULL,
	session            bytea,
	forwarding_chains  bytea,
	shared_history     BOOLEAN,
	withheld_code      TEXT,
	withheld_reason    TEXT,
	ratchet_safety     jsonb,
	received_at        timestamp,
	max_age            BIGINT,
	max_messages       INTEGER,
	is_scheduled       BOOLEAN NOT NULL DEFAULT false,
	key_backup_version TEXT NOT NULL DEFAULT '',
	key_source         TEXT NOT NULL DEFAULT '',
	source_user        TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (account_id, session_id)
);
CREATE TABLE crypto_megolm_outbound_session (
	account_id     TEXT,
	room_id        TEXT,
	session_id     CHAR(43)  NOT NULL UNIQUE,
	session        bytea     NOT NULL,
	shared         BOOLEAN   NOT NULL,
	max_messages   INTEGER   NOT NULL,
	message_count  INTEGER   NOT NULL,
	max_age        BIGINT    NOT NULL,
	shared_history BOOLEAN,
	created_at     timestamp NOT NULL,
	last_used      timestamp NOT NULL,
	PRIMARY KEY (account_id, room_id)
);
CREATE TABLE crypto_megolm_outbound_session_shared (
	user_id      TEXT     NOT NULL,
	identity_key CHAR(43) NOT NULL,
	session_id   CHAR(43) NOT NULL,

	PRIMARY KEY (user_id, identity_key, session_id)
);
CREATE TABLE crypto_message_index (
	session_id CHAR(43),
	"index"    INTEGER,
	event_id   TEXT   NOT NULL,
	timestamp  BIGINT NOT NULL,
	PRIMARY KEY (session_id, "index")
);
CREATE TABLE crypto_olm_message_hash (
	account_id   TEXT   NOT NULL,
	received_at  BIGINT NOT NULL,
	message_hash bytea  NOT NULL PRIMARY KEY,

	CONSTRAINT crypto_olm_message_hash_account_fkey FOREIGN KEY (account_id)
		REFERENCES crypto_account (account_id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE crypto_olm_session (
	account_id     TEXT,
	session_id     CHAR(43),
	sender_key     CHAR(43)  NOT NULL,
	session        bytea     NOT NULL,
	created_at     timestamp NOT NULL,
	last_decrypted timestamp NOT NULL,
	last_encrypted timestamp NOT NULL,
	PRIMARY KEY (account_id, session_id)
);
CREATE TABLE crypto_secrets (
	account_id TEXT  NOT NULL,
	name       TEXT  NOT NULL,
	secret     bytea NOT NULL,

	PRIMARY KEY (account_id, name)
);
CREATE TABLE crypto_tracked_user (
	user_id          TEXT PRIMARY KEY,
	devices_outdated BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE TABLE crypto_version (version INTEGER, compat INTEGER);
CREATE TABLE database_owner (
	key   INTEGER PRIMARY KEY DEFAULT 0,
	owner TEXT NOT NULL
);
CREATE TABLE disappearing_message (
	bridge_id    TEXT   NOT NULL,
	mx_room      TEXT   NOT NULL,
	mxid         TEXT   NOT NULL,
	timestamp    BIGINT NOT NULL DEFAULT 0,
	type         TEXT   NOT NULL,
	timer        BIGINT NOT NULL,
	disappear_at BIGINT,

	PRIMARY KEY (bridge_id, mxid),
    CONSTRAINT disappearing_message_portal_fkey
        FOREIGN KEY (bridge_id, mx_room)
        REFERENCES portal (bridge_id, mxid)
        ON DELETE CASCADE
);
CREATE TABLE ghost (
	bridge_id        TEXT    NOT NULL,
	id               TEXT    NOT NULL,

	name             TEXT    NOT NULL,
	avatar_id        TEXT    NOT NULL,
	avatar_hash      TEXT    NOT NULL,
	avatar_mxc       TEXT    NOT NULL,
	name_set         BOOLEAN NOT NULL,
	avatar_set       BOOLEAN NOT NULL,
	contact_info_set BOOLEAN NOT NULL,
	is_bot           BOOLEAN NOT NULL,
	identifiers      jsonb   NOT NULL,
	extra_profile    jsonb,
	metadata         jsonb   NOT NULL,

	PRIMARY KEY (bridge_id, id)
);
CREATE TABLE kv_store (
	bridge_id TEXT NOT NULL,
	key       TEXT NOT NULL,
	value     TEXT NOT NULL,

	PRIMARY KEY (bridge_id, key)
);
CREATE TABLE message (
	-- Messages have an extra rowid to allow a single relates_to column with ON DELETE SET NULL
	-- If the foreign key used (bridge_id, relates_to), then deleting the target column
	-- would try to set bridge_id to null as well.

	rowid              INTEGER PRIMARY KEY,

	bridge_id        TEXT    NOT NULL,
	id               TEXT    NOT NULL,
	part_id          TEXT    NOT NULL,
	mxid             TEXT    NOT NULL,

	room_id          TEXT    NOT NULL,
	room_receiver    TEXT    NOT NULL,
	sender_id        TEXT    NOT NULL,
	sender_mxid      TEXT    NOT NULL,
	timestamp        BIGINT  NOT NULL,
	edit_count       INTEGER NOT NULL,
	double_puppeted  BOOLEAN,
	thread_root_id   TEXT,
	reply_to_id      TEXT,
	reply_to_part_id TEXT,
	send_txn_id      TEXT,
	metadata         jsonb   NOT NULL,

	CONSTRAINT message_room_fkey FOREIGN KEY (bridge_id, room_id, room_receiver)
		REFERENCES portal (bridge_id, id, receiver)
		ON DELETE CASCADE ON UPDATE CASCADE,
	CONSTRAINT message_sender_fkey FOREIGN KEY (bridge_id, sender_id)
		REFERENCES ghost (bridge_id, id)
		ON DELETE CASCADE ON UPDATE CASCADE,
	CONSTRAINT message_real_pkey UNIQUE (bridge_id, room_receiver, id, part_id),
	CONSTRAINT message_mxid_unique UNIQUE (bridge_id, mxid),
	CONSTRAINT message_txn_id_unique UNIQUE (bridge_id, room_receiver, send_txn_id)
);
CREATE TABLE mx_registrations (
	user_id TEXT PRIMARY KEY
);
CREATE TABLE mx_room_state (
	room_id            TEXT PRIMARY KEY,
	power_levels       jsonb,
	encryption         jsonb,
	create_event       jsonb,
	join_rules         jsonb,
	history_visibility jsonb,
	members_fetched    BOOLEAN NOT NULL DEFAULT false
);
CREATE TABLE mx_user_profile (
	room_id       TEXT,
	user_id       TEXT,
	membership    membership NOT NULL,
	displayname   TEXT       NOT NULL DEFAULT '',
	avatar_url    TEXT       NOT NULL DEFAULT '',

	name_skeleton bytea,

	PRIMARY KEY (room_id, user_id)
);
CREATE TABLE mx_version (version INTEGER, compat INTEGER);
CREATE TABLE portal (
	bridge_id       TEXT    NOT NULL,
	id              TEXT    NOT NULL,
	receiver        TEXT    NOT NULL,
	mxid            TEXT,

	parent_id       TEXT,
	parent_receiver TEXT    NOT NULL DEFAULT '',

	relay_bridge_id TEXT,
	relay_login_id  TEXT,

	other_user_id   TEXT,

	name            TEXT    NOT NULL,
	topic           TEXT    NOT NULL,
	avatar_id       TEXT    NOT NULL,
	avatar_hash     TEXT    NOT NULL,
	avatar_mxc      TEXT    NOT NULL,
	name_set        BOOLEAN NOT NULL,
	avatar_set      BOOLEAN NOT NULL,
	topic_set       BOOLEAN NOT NULL,
	name_is_custom  BOOLEAN NOT NULL DEFAULT false,
	in_space        BOOLEAN NOT NULL,
	message_request BOOLEAN NOT NULL DEFAULT false,
	room_type       TEXT    NOT NULL,
	disappear_type  TEXT,
	disappear_timer BIGINT,
	cap_state       jsonb,
	metadata        jsonb   NOT NULL,

	PRIMARY KEY (bridge_id, id, receiver),
	CONSTRAINT portal_parent_fkey FOREIGN KEY (bridge_id, parent_id, parent_receiver)
		-- Deletes aren't allowed to cascade here:
		-- children should be re-parented or cleaned up manually
		REFERENCES portal (bridge_id, id, receiver) ON UPDATE CASCADE,
	CONSTRAINT portal_relay_fkey FOREIGN KEY (relay_bridge_id, relay_login_id)
		REFERENCES user_login (bridge_id, id)
		ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE TABLE pu_agent (
	user_id TEXT PRIMARY KEY
);
CREATE TABLE pu_audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,

	at     BIGINT NOT NULL,
	-- a Matrix user ID, or 'puente' for what happens by itself
	actor  TEXT   NOT NULL,
	action TEXT   NOT NULL,
	-- 'conversation' and such, and its ID
	object TEXT   NOT NULL,
	object_id TEXT NOT NULL,
	-- JSON objects of what changed
	before TEXT   NOT NULL,
	after  TEXT   NOT NULL
);
CREATE TABLE pu_availability (
	agent      TEXT   PRIMARY KEY,
	-- what the agent said: online, busy, offline; '' leaves it to presence
	said       TEXT   NOT NULL DEFAULT '',
	-- what the agent's client shows: online, unavailable, offline; '' if nobody knows
	presence   TEXT   NOT NULL DEFAULT '',
	state      TEXT   NOT NULL,
	since      BIGINT NOT NULL,
	-- when the agent was last given a conversation, for taking turns
	given_at   BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE pu_canned_response (
	-- '' for everybody's, else a team's name
	team       TEXT   NOT NULL DEFAULT '',
	short_code TEXT   NOT NULL,
	content    TEXT   NOT NULL,
	changed_by TEXT   NOT NULL,
	changed_at BIGINT NOT NULL,
	PRIMARY KEY (team, short_code)
);
CREATE TABLE pu_closing (
	conversation TEXT   NOT NULL REFERENCES pu_conversation (id),
	at           BIGINT NOT NULL,
	agent        TEXT   NOT NULL,
	category     TEXT   NOT NULL DEFAULT '',
	summary      TEXT   NOT NULL DEFAULT '',
	-- the customer's answer to how it was, 1 to 5, and in words
	score        INTEGER,
	feedback     TEXT   NOT NULL DEFAULT '',
	asked_at     BIGINT, survey BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (conversation, at)
);
CREATE TABLE pu_consent (
	id INTEGER PRIMARY KEY AUTOINCREMENT,

	-- what caused the entry; the same cause makes no second one
	source       TEXT   NOT NULL CHECK (source IN ('keyword', 'preference', 'provider', 'agent', 'import', 'api')),
	key          TEXT   NOT NULL,
	-- whom it was recorded for; see pu_consent_move
	customer     TEXT   NOT NULL,
	-- '' for all networks, and for all purposes
	network      TEXT   NOT NULL,
	purpose      TEXT   NOT NULL,
	state        TEXT   NOT NULL CHECK (state IN ('in', 'out')),
	-- the legal basis, as the company calls it
	basis        TEXT   NOT NULL DEFAULT '',
	-- the proof: the Matrix event with the customer's words, and its conversation
	event_id     TEXT   NOT NULL DEFAULT '',
	conversation TEXT   NOT NULL DEFAULT '',
	-- a customer's ID, a Matrix user ID, or 'puente'
	actor        TEXT   NOT NULL,
	-- when it was said, and when Puente learned of it
	at           BIGINT NOT NULL,
	recorded_at  BIGINT NOT NULL,

	CONSTRAINT pu_consent_key UNIQUE (source, key)
);
CREATE TABLE pu_consent_move (
	customer TEXT   PRIMARY KEY,
	survivor TEXT   NOT NULL,
	moved_at BIGINT NOT NULL
);
CREATE TABLE pu_contact (
	network    TEXT   NOT NULL,
	person     TEXT   NOT NULL,
	customer   TEXT   NOT NULL REFERENCES pu_customer (id),
	name       TEXT   NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	PRIMARY KEY (network, person)
);
CREATE TABLE pu_conversation (
	id            TEXT   PRIMARY KEY,
	network       TEXT   NOT NULL,
	account       TEXT   NOT NULL,
	chat          TEXT   NOT NULL,
	room_id       TEXT   NOT NULL,
	-- the one customer of a private chat; '' for a group
	customer      TEXT   NOT NULL DEFAULT '',
	name          TEXT   NOT NULL DEFAULT '',
	status        TEXT   NOT NULL CHECK (status IN ('open', 'pending', 'snoozed', 'resolved')),
	snoozed_until BIGINT,
	assignee      TEXT   NOT NULL DEFAULT '',
	assigned_at   BIGINT,
	team          TEXT   NOT NULL DEFAULT '',
	priority      TEXT   NOT NULL DEFAULT '',
	-- separated by spaces, sorted
	labels        TEXT   NOT NULL DEFAULT '',
	-- since when the customer waits for an answer
	waiting_since BIGINT,
	-- the waiting_since of which the team has seen that it is too long
	warned_at     BIGINT,
	-- the present piece of work: from the first message to its resolution
	opened_at     BIGINT NOT NULL,
	answered_at   BIGINT,
	resolved_at   BIGINT,
	last_in_at    BIGINT,
	last_out_at   BIGINT,
	created_at    BIGINT NOT NULL,
	-- counts the changes that the team should see, and up to which it does
	version       BIGINT NOT NULL DEFAULT 1,
	shown         BIGINT NOT NULL DEFAULT 0,
	changed_at    BIGINT NOT NULL,
	CONSTRAINT pu_conversation_chat UNIQUE (network, account, chat)
);
CREATE TABLE pu_customer (
	id          TEXT   PRIMARY KEY,
	name        TEXT   NOT NULL DEFAULT '',
	-- who gave the name: '' the network, else one of the team, whose word stays
	named_by    TEXT   NOT NULL DEFAULT '',
	language    TEXT   NOT NULL DEFAULT '',
	-- a JSON object of texts
	attributes  TEXT   NOT NULL DEFAULT '{}',
	-- the network that this person wants to be written to on, and who said so
	preferred    TEXT  NOT NULL DEFAULT '',
	preferred_by TEXT  NOT NULL DEFAULT '',
	blocked_at  BIGINT,
	-- the customer that this one was merged into; '' if it stands for itself
	merged_into TEXT   NOT NULL DEFAULT '',
	created_at  BIGINT NOT NULL,
	updated_at  BIGINT NOT NULL
, search TEXT NOT NULL DEFAULT '');
CREATE TABLE pu_customer_key (
	customer TEXT NOT NULL REFERENCES pu_customer (id),
	kind     TEXT NOT NULL CHECK (kind IN ('name', 'phone', 'email')),
	-- in one spelling
	value    TEXT NOT NULL,
	PRIMARY KEY (customer, kind)
);
CREATE TABLE pu_customer_label (
	customer TEXT NOT NULL REFERENCES pu_customer (id),
	label    TEXT NOT NULL,
	PRIMARY KEY (customer, label)
);
CREATE TABLE pu_face (
	room_id    TEXT   PRIMARY KEY,
	card_event TEXT   NOT NULL DEFAULT '',
	-- counts the card's edits
	card_edits BIGINT NOT NULL DEFAULT 0,
	-- a hash of what each part shows; '' for nothing yet
	card       TEXT   NOT NULL DEFAULT '',
	pinned     TEXT   NOT NULL DEFAULT '',
	topic      TEXT   NOT NULL DEFAULT '',
	facts      TEXT   NOT NULL DEFAULT '',
	-- the buttons on the card, separated by spaces
	buttons    TEXT   NOT NULL DEFAULT ''
);
CREATE TABLE pu_fallback (
	original     TEXT NOT NULL,
	conversation TEXT NOT NULL REFERENCES pu_conversation (id),
	copy         TEXT NOT NULL,
	PRIMARY KEY (original, conversation)
);
CREATE TABLE pu_guest (
	conversation TEXT   NOT NULL REFERENCES pu_conversation (id),
	-- a Matrix user ID, mostly of another homeserver
	guest        TEXT   NOT NULL,
	until        BIGINT NOT NULL,
	invited_by   TEXT   NOT NULL,
	invited_at   BIGINT NOT NULL,
	ended_at     BIGINT,
	PRIMARY KEY (conversation, guest)
);
CREATE TABLE pu_handle (
	network    TEXT   NOT NULL,
	kind       TEXT   NOT NULL,
	value      TEXT   NOT NULL,
	person     TEXT   NOT NULL,
	-- Milliseconds since 1970, in UTC.
	updated_at BIGINT NOT NULL,

	PRIMARY KEY (network, kind, value)
);
CREATE TABLE pu_journal (
	id INTEGER PRIMARY KEY AUTOINCREMENT,

	source      TEXT    NOT NULL,
	key         TEXT,
	lane        TEXT    NOT NULL,
	kind        TEXT    NOT NULL,
	payload     BLOB    NOT NULL,
	state       TEXT    NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
	attempts    INTEGER NOT NULL DEFAULT 0,
	-- Times are milliseconds since 1970, in UTC.
	next_at     BIGINT  NOT NULL,
	received_at BIGINT  NOT NULL,
	retried_at  BIGINT,
	finished_at BIGINT,
	reason      TEXT    NOT NULL DEFAULT '',

	CONSTRAINT pu_journal_key UNIQUE (source, key)
);
CREATE TABLE pu_lease (
	-- There is one row, 1.
	id       INTEGER PRIMARY KEY CHECK (id = 1),
	holder   TEXT    NOT NULL,
	-- Milliseconds since 1970, in UTC.
	taken_at BIGINT  NOT NULL
);
CREATE TABLE pu_link (
	id         TEXT   PRIMARY KEY,
	one        TEXT   NOT NULL REFERENCES pu_conversation (id),
	other      TEXT   NOT NULL REFERENCES pu_conversation (id),
	linked_by  TEXT   NOT NULL,
	linked_at  BIGINT NOT NULL,
	ended_by   TEXT   NOT NULL DEFAULT '',
	ended_at   BIGINT
);
CREATE TABLE pu_link_copy (
	original TEXT PRIMARY KEY,
	link     TEXT NOT NULL REFERENCES pu_link (id),
	copy     TEXT NOT NULL
);
CREATE TABLE pu_merge (
	-- the customer that was merged into the other; its row in pu_customer keeps what it was
	merged    TEXT   PRIMARY KEY REFERENCES pu_customer (id),
	survivor  TEXT   NOT NULL REFERENCES pu_customer (id),
	merged_by TEXT   NOT NULL,
	-- milliseconds since 1970, in UTC
	merged_at BIGINT NOT NULL,
	-- what went over to the survivor: a JSON object of IDs and names of fields, without their values
	moved     TEXT   NOT NULL
);
CREATE TABLE pu_message (
	event_id     TEXT   PRIMARY KEY,
	conversation TEXT   NOT NULL REFERENCES pu_conversation (id),
	direction    TEXT   NOT NULL CHECK (direction IN ('in', 'out')),
	-- a customer's ID, or one of the team
	author       TEXT   NOT NULL,
	kind         TEXT   NOT NULL,
	at           BIGINT NOT NULL,
	state        TEXT   NOT NULL DEFAULT ''
);
CREATE TABLE pu_note (
	event_id TEXT PRIMARY KEY,
	room_id  TEXT NOT NULL
);
CREATE TABLE pu_outcome (
	event_id           TEXT    PRIMARY KEY,
	room_id            TEXT    NOT NULL,
	network            TEXT    NOT NULL,
	network_message_id TEXT,
	state              TEXT    NOT NULL,
	-- Times are milliseconds since 1970, in UTC.
	attempt_started_at BIGINT,
	attempts           INTEGER NOT NULL DEFAULT 0,
	updated_at         BIGINT  NOT NULL,
	reason             TEXT    NOT NULL DEFAULT ''
);
CREATE TABLE pu_participant (
	conversation TEXT   NOT NULL REFERENCES pu_conversation (id),
	customer     TEXT   NOT NULL REFERENCES pu_customer (id),
	last_in_at   BIGINT NOT NULL,
	PRIMARY KEY (conversation, customer)
);
CREATE TABLE pu_response (
	conversation TEXT   NOT NULL REFERENCES pu_conversation (id),
	kind         TEXT   NOT NULL,
	began_at     BIGINT NOT NULL,
	ended_at     BIGINT NOT NULL,
	-- milliseconds of it within business hours
	business     BIGINT NOT NULL,
	agent        TEXT   NOT NULL,
	team         TEXT   NOT NULL,
	PRIMARY KEY (conversation, kind, began_at)
);
CREATE TABLE pu_sync_position (
	user_id    TEXT   PRIMARY KEY,
	next_batch TEXT   NOT NULL,
	-- Milliseconds since 1970, in UTC.
	updated_at BIGINT NOT NULL
);
CREATE TABLE pu_version (version INTEGER, compat INTEGER);
CREATE TABLE pu_view (
	key     TEXT PRIMARY KEY,
	room_id TEXT NOT NULL,
	name    TEXT NOT NULL,
	topic   TEXT NOT NULL,
	-- the users who see it, and the rooms whose members may come in; separated by spaces
	members TEXT NOT NULL
);
CREATE TABLE pu_view_room (
	room_id TEXT NOT NULL,
	view    TEXT NOT NULL,
	place   TEXT NOT NULL,
	PRIMARY KEY (room_id, view)
);
CREATE TABLE public_media (
	bridge_id TEXT   NOT NULL,
	public_id TEXT   NOT NULL,
	mxc       TEXT   NOT NULL,
	keys      jsonb,
	mimetype  TEXT,
	expiry    BIGINT,

	PRIMARY KEY (bridge_id, public_id)
);
CREATE TABLE reaction (
	bridge_id       TEXT   NOT NULL,
	message_id      TEXT   NOT NULL,
	message_part_id TEXT   NOT NULL,
	sender_id       TEXT   NOT NULL,
	sender_mxid     TEXT   NOT NULL DEFAULT '',
	emoji_id        TEXT   NOT NULL,
	room_id         TEXT   NOT NULL,
	room_receiver   TEXT   NOT NULL,
	mxid            TEXT   NOT NULL,

	timestamp       BIGINT NOT NULL,
	emoji           TEXT   NOT NULL,
	metadata        jsonb  NOT NULL,

	PRIMARY KEY (bridge_id, room_receiver, message_id, message_part_id, sender_id, emoji_id),
	CONSTRAINT reaction_room_fkey FOREIGN KEY (bridge_id, room_id, room_receiver)
		REFERENCES portal (bridge_id, id, receiver)
		ON DELETE CASCADE ON UPDATE CASCADE,
	CONSTRAINT reaction_message_fkey FOREIGN KEY (bridge_id, room_receiver, message_id, message_part_id)
		REFERENCES message (bridge_id, room_receiver, id, part_id)
		ON DELETE CASCADE ON UPDATE CASCADE,
	CONSTRAINT reaction_sender_fkey FOREIGN KEY (bridge_id, sender_id)
		REFERENCES ghost (bridge_id, id)
		ON DELETE CASCADE ON UPDATE CASCADE,
	CONSTRAINT reaction_mxid_unique UNIQUE (bridge_id, mxid)
);
CREATE TABLE "user" (
	bridge_id       TEXT NOT NULL,
	mxid            TEXT NOT NULL,

	management_room TEXT,
	access_token    TEXT,

	PRIMARY KEY (bridge_id, mxid)
);
CREATE TABLE user_login (
	bridge_id      TEXT  NOT NULL,
	user_mxid      TEXT  NOT NULL,
	id             TEXT  NOT NULL,
	remote_name    TEXT  NOT NULL,
	remote_profile jsonb,
	space_room     TEXT,
	metadata       jsonb NOT NULL,

	PRIMARY KEY (bridge_id, id),
	CONSTRAINT user_login_user_fkey FOREIGN KEY (bridge_id, user_mxid)
		REFERENCES "user" (bridge_id, mxid)
		ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE user_portal (
	bridge_id       TEXT    NOT NULL,
	user_mxid       TEXT    NOT NULL,
	login_id        TEXT    NOT NULL,
	portal_id       TEXT    NOT NULL,
	portal_receiver TEXT    NOT NULL,
	in_space        BOOLEAN NOT NULL,
	preferred       BOOLEAN NOT NULL,
	last_read       BIGINT,

	PRIMARY KEY (bridge_id, user_mxid, login_id, portal_id, portal_receiver),
	CONSTRAINT user_portal_user_login_fkey FOREIGN KEY (bridge_id, login_id)
		REFERENCES user_login (bridge_id, id)
		ON DELETE CASCADE ON UPDATE CASCADE,
	CONSTRAINT user_portal_portal_fkey FOREIGN KEY (bridge_id, portal_id, portal_receiver)
		REFERENCES portal (bridge_id, id, receiver)
		ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE version (version INTEGER, compat INTEGER);
INSERT INTO "backfill_task" ("bridge_id", "portal_id", "portal_receiver", "user_login_id", "batch_count", "is_done", "queue_done", "cursor", "oldest_message_id", "dispatched_at", "completed_at", "next_dispatch_min_ts") VALUES ('red', 'chat-of-ana', 'account', 'account', 3, 1, 0, NULL, NULL, NULL, NULL, 9223372036854775807);
INSERT INTO "crypto_account" ("account_id", "device_id", "shared", "sync_token", "account", "key_backup_version") VALUES ('red', 'DEVICE', 1, 's1', X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF', '');
INSERT INTO "crypto_cross_signing_keys" ("user_id", "usage", "key", "first_seen_key") VALUES ('@alice:example.com', 'master', 'ggggggggggggggggggggggggggggggggggggggggggg', 'ggggggggggggggggggggggggggggggggggggggggggg');
INSERT INTO "crypto_cross_signing_signatures" ("signed_user_id", "signed_key", "signer_user_id", "signer_key", "signature") VALUES ('@alice:example.com', 'ggggggggggggggggggggggggggggggggggggggggggg', '@puente_desk:example.com', 'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh', 'iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiijjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj==');
INSERT INTO "crypto_device" ("user_id", "device_id", "identity_key", "signing_key", "trust", "deleted", "name") VALUES ('@alice:example.com', 'PHONE', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'ccccccccccccccccccccccccccccccccccccccccccc', -100, 0, 'Ana "Ñandú"	\N ''x''
second line 🙂');
INSERT INTO "crypto_megolm_inbound_session" ("account_id", "session_id", "sender_key", "signing_key", "room_id", "session", "forwarding_chains", "shared_history", "withheld_code", "withheld_reason", "ratchet_safety", "received_at", "max_age", "max_messages", "is_scheduled", "key_backup_version", "key_source", "source_user") VALUES ('red', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, '!room:example.com', X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF', NULL, NULL, NULL, NULL, '{"next_index":1}', '2026-05-04 03:02:01.987654+00:00', 604800000, 100, 0, '', '', '');
INSERT INTO "crypto_megolm_outbound_session" ("account_id", "room_id", "session_id", "session", "shared", "max_messages", "message_count", "max_age", "shared_history", "created_at", "last_used") VALUES ('red', '!room:example.com', 'fffffffffffffffffffffffffffffffffffffffffff', X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF', 1, 100, 3, 604800000, NULL, '2026-05-04 03:02:01.987654+00:00', '2026-05-04 03:02:01.987654+00:00');
INSERT INTO "crypto_megolm_outbound_session_shared" ("user_id", "identity_key", "session_id") VALUES ('@alice:example.com', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'fffffffffffffffffffffffffffffffffffffffffff');
INSERT INTO "crypto_message_index" ("session_id", "index", "event_id", "timestamp") VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 7, '$one', 1700000000000);
INSERT INTO "crypto_olm_message_hash" ("account_id", "received_at", "message_hash") VALUES ('red', 1700000000000, X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F');
INSERT INTO "crypto_olm_session" ("account_id", "session_id", "sender_key", "session", "created_at", "last_decrypted", "last_encrypted") VALUES ('red', 'ddddddddddddddddddddddddddddddddddddddddddd', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF', '2026-05-04 03:02:01.987654+00:00', '2026-05-04 03:02:01.987654+00:00', '2026-05-04 03:02:01.987654+00:00');
INSERT INTO "crypto_secrets" ("account_id", "name", "secret") VALUES ('red', 'm.megolm_backup.v1', X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF');
INSERT INTO "crypto_tracked_user" ("user_id", "devices_outdated") VALUES ('@alice:example.com', 1);
INSERT INTO "crypto_version" ("version", "compat") VALUES (21, 20);
INSERT INTO "database_owner" ("key", "owner") VALUES (0, 'puente');
INSERT INTO "disappearing_message" ("bridge_id", "mx_room", "mxid", "timestamp", "type", "timer", "disappear_at") VALUES ('red', '!room:example.com', '$one', 0, 'after_read', 60, 1700000060000);
INSERT INTO "ghost" ("bridge_id", "id", "name", "avatar_id", "avatar_hash", "avatar_mxc", "name_set", "avatar_set", "contact_info_set", "is_bot", "identifiers", "extra_profile", "metadata") VALUES ('red', 'ana', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', '', '', 1, 0, 1, 0, '["tel:x"]', NULL, '{}');
INSERT INTO "kv_store" ("bridge_id", "key", "value") VALUES ('red', 'k', 'Ana "Ñandú"	\N ''x''
second line 🙂');
INSERT INTO "message" ("rowid", "bridge_id", "id", "part_id", "mxid", "room_id", "room_receiver", "sender_id", "sender_mxid", "timestamp", "edit_count", "double_puppeted", "thread_root_id", "reply_to_id", "reply_to_part_id", "send_txn_id", "metadata") VALUES (1, 'red', 'm1', '', '$one', 'chat-of-ana', 'account', 'ana', '@puente_red_ana:example.com', 1700000000123456789, 0, NULL, NULL, NULL, NULL, NULL, '{}');
INSERT INTO "message" ("rowid", "bridge_id", "id", "part_id", "mxid", "room_id", "room_receiver", "sender_id", "sender_mxid", "timestamp", "edit_count", "double_puppeted", "thread_root_id", "reply_to_id", "reply_to_part_id", "send_txn_id", "metadata") VALUES (2, 'red', 'm2', '', '$two', 'chat-of-ana', 'account', 'ana', '@puente_red_ana:example.com', 1700000000123456789, 0, NULL, NULL, 'm1', NULL, NULL, '{}');
INSERT INTO "mx_registrations" ("user_id") VALUES ('@puente_desk:example.com');
INSERT INTO "mx_room_state" ("room_id", "power_levels", "encryption", "create_event", "join_rules", "history_visibility", "members_fetched") VALUES ('!room:example.com', '{"users":{"@a:b":100}}', NULL, NULL, NULL, NULL, 1);
INSERT INTO "mx_user_profile" ("room_id", "user_id", "membership", "displayname", "avatar_url", "name_skeleton") VALUES ('!room:example.com', '@puente_desk:example.com', 'join', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF');
INSERT INTO "mx_version" ("version", "compat") VALUES (11, 3);
INSERT INTO "portal" ("bridge_id", "id", "receiver", "mxid", "parent_id", "parent_receiver", "relay_bridge_id", "relay_login_id", "other_user_id", "name", "topic", "avatar_id", "avatar_hash", "avatar_mxc", "name_set", "avatar_set", "topic_set", "name_is_custom", "in_space", "message_request", "room_type", "disappear_type", "disappear_timer", "cap_state", "metadata") VALUES ('red', 'parent', 'account', '!space:example.com', NULL, '', 'red', 'account', 'ana', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', '', '', '', 1, 0, 1, 0, 0, 0, 'dm', NULL, NULL, NULL, '{"n":12345678901234567890}');
INSERT INTO "portal" ("bridge_id", "id", "receiver", "mxid", "parent_id", "parent_receiver", "relay_bridge_id", "relay_login_id", "other_user_id", "name", "topic", "avatar_id", "avatar_hash", "avatar_mxc", "name_set", "avatar_set", "topic_set", "name_is_custom", "in_space", "message_request", "room_type", "disappear_type", "disappear_timer", "cap_state", "metadata") VALUES ('red', 'chat-of-ana', 'account', '!room:example.com', 'parent', 'account', 'red', 'account', 'ana', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', '', '', '', 1, 0, 1, 0, 0, 0, 'dm', NULL, NULL, NULL, '{"n":12345678901234567890}');
INSERT INTO "pu_agent" ("user_id") VALUES ('@alice:example.com');
INSERT INTO "pu_audit" ("id", "at", "actor", "action", "object", "object_id", "before", "after") VALUES (1, 1700000000000, '@alice:example.com', 'conversation.assigned', 'conversation', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '{"assignee":""}', '{"assignee":"@alice:example.com"}');
INSERT INTO "pu_availability" ("agent", "said", "presence", "state", "since", "given_at") VALUES ('@alice:example.com', 'busy', 'online', 'busy', 1700000000000, 1700000000000);
INSERT INTO "pu_canned_response" ("team", "short_code", "content", "changed_by", "changed_at") VALUES ('', 'hello', 'Ana "Ñandú"	\N ''x''
second line 🙂', '@alice:example.com', 1700000000000);
INSERT INTO "pu_closing" ("conversation", "at", "agent", "category", "summary", "score", "feedback", "asked_at", "survey") VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000, '@alice:example.com', 'refund', 'Ana "Ñandú"	\N ''x''
second line 🙂', 5, 'Ana "Ñandú"	\N ''x''
second line 🙂', 1700000000000, 0);
INSERT INTO "pu_consent" ("id", "source", "key", "customer", "network", "purpose", "state", "basis", "event_id", "conversation", "actor", "at", "recorded_at") VALUES (1, 'keyword', 'in:$stop', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', '', '', 'out', '', '$stop', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000, 1700000000000);
INSERT INTO "pu_consent_move" ("customer", "survivor", "moved_at") VALUES ('cus_6tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000);
INSERT INTO "pu_contact" ("network", "person", "customer", "name", "created_at") VALUES ('red', 'ana', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana "Ñandú"	\N ''x''
second line 🙂', 1700000000000);
INSERT INTO "pu_conversation" ("id", "network", "account", "chat", "room_id", "customer", "name", "status", "snoozed_until", "assignee", "assigned_at", "team", "priority", "labels", "waiting_since", "warned_at", "opened_at", "answered_at", "resolved_at", "last_in_at", "last_out_at", "created_at", "version", "shown", "changed_at") VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'red', 'account', 'chat-of-ana', '!room:example.com', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana "Ñandú"	\N ''x''
second line 🙂', 'snoozed', 1700000000001, '@alice:example.com', 1700000000000, 'sales', 'high', 'refund vip', 1700000000000, NULL, 1700000000000, NULL, NULL, 1700000000000, NULL, 1700000000000, 4, 3, 1700000000000);
INSERT INTO "pu_customer" ("id", "name", "named_by", "language", "attributes", "preferred", "preferred_by", "blocked_at", "merged_into", "created_at", "updated_at", "search") VALUES ('cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana "Ñandú"	\N ''x''
second line 🙂', '@alice:example.com', 'de-AT', '{"email":"ana@example.com"}', 'red', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', NULL, '', 1700000000000, 1700000000000, 'ana');
INSERT INTO "pu_customer" ("id", "name", "named_by", "language", "attributes", "preferred", "preferred_by", "blocked_at", "merged_into", "created_at", "updated_at", "search") VALUES ('cus_6tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana', '', '', '{}', '', '', 1700000000000, 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000, 1700000000000, '');
INSERT INTO "pu_customer_key" ("customer", "kind", "value") VALUES ('cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'email', 'ana@example.com');
INSERT INTO "pu_customer_label" ("customer", "label") VALUES ('cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'vip');
INSERT INTO "pu_face" ("room_id", "card_event", "card_edits", "card", "pinned", "topic", "facts", "buttons") VALUES ('!room:example.com', '$card', 3, 'a1', '$card', 'b2', 'c3', '✋ ✅');
INSERT INTO "pu_fallback" ("original", "conversation", "copy") VALUES ('$one', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '$elsewhere');
INSERT INTO "pu_guest" ("conversation", "guest", "until", "invited_by", "invited_at", "ended_at") VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '@partner:example.org', 1700000000001, '@alice:example.com', 1700000000000, NULL);
INSERT INTO "pu_handle" ("network", "kind", "value", "person", "updated_at") VALUES ('red', 'user_id', 'US.1', 'ana', 1700000000000);
INSERT INTO "pu_journal" ("id", "source", "key", "lane", "kind", "payload", "state", "attempts", "next_at", "received_at", "retried_at", "finished_at", "reason") VALUES (1, 'red', 'k1', 'lane', 'message', X'', 'done', 1, 1700000000123, 1700000000000, NULL, 1700000000456, '');
INSERT INTO "pu_journal" ("id", "source", "key", "lane", "kind", "payload", "state", "attempts", "next_at", "received_at", "retried_at", "finished_at", "reason") VALUES (2, 'red', 'k2', 'lane', 'message', X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF', 'waiting', 1, 1700000000123, 1700000000000, NULL, NULL, '');
INSERT INTO "pu_journal" ("id", "source", "key", "lane", "kind", "payload", "state", "attempts", "next_at", "received_at", "retried_at", "finished_at", "reason") VALUES (3, 'red', NULL, 'lane', 'message', X'7B2274657874223A22C3A9227D', 'failed', 1, 1700000000123, 1700000000000, NULL, 1700000000789, 'Ana "Ñandú"	\N ''x''
second line 🙂');
INSERT INTO "pu_lease" ("id", "holder", "taken_at") VALUES (1, 'somebody', 1700000000000);
INSERT INTO "pu_link" ("id", "one", "other", "linked_by", "linked_at", "ended_by", "ended_at") VALUES ('lin_1', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '@alice:example.com', 1700000000000, '@alice:example.com', 1700000000000);
INSERT INTO "pu_link_copy" ("original", "link", "copy") VALUES ('$one', 'lin_1', '$copied');
INSERT INTO "pu_merge" ("merged", "survivor", "merged_by", "merged_at", "moved") VALUES ('cus_6tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', '@alice:example.com', 1700000000000, '{"contacts":[]}');
INSERT INTO "pu_message" ("event_id", "conversation", "direction", "author", "kind", "at", "state") VALUES ('$one', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'in', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'text', 1700000000000, '');
INSERT INTO "pu_note" ("event_id", "room_id") VALUES ('$note', '!room:example.com');
INSERT INTO "pu_outcome" ("event_id", "room_id", "network", "network_message_id", "state", "attempt_started_at", "attempts", "updated_at", "reason") VALUES ('$sent', '!room:example.com', 'red', 'n1', 'delivered', 1700000000000, 2, 1700000001000, '');
INSERT INTO "pu_outcome" ("event_id", "room_id", "network", "network_message_id", "state", "attempt_started_at", "attempts", "updated_at", "reason") VALUES ('$open', '!room:example.com', 'red', NULL, 'sending', NULL, 0, 1, '');
INSERT INTO "pu_participant" ("conversation", "customer", "last_in_at") VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000);
INSERT INTO "pu_response" ("conversation", "kind", "began_at", "ended_at", "business", "agent", "team") VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'first_response', 1700000000000, 1700000000005, 5, '@alice:example.com', 'sales');
INSERT INTO "pu_sync_position" ("user_id", "next_batch", "updated_at") VALUES ('@puente_desk:example.com', 's1_2_3', 1700000000000);
INSERT INTO "pu_version" ("version", "compat") VALUES (11, 11);
INSERT INTO "pu_view" ("key", "room_id", "name", "topic", "members") VALUES ('mine:@alice:example.com', '!view:example.com', 'Mine', 'Ana "Ñandú"	\N ''x''
second line 🙂', '@alice:example.com');
INSERT INTO "pu_view_room" ("room_id", "view", "place") VALUES ('!room:example.com', 'mine:@alice:example.com', '001');
INSERT INTO "public_media" ("bridge_id", "public_id", "mxc", "keys", "mimetype", "expiry") VALUES ('red', 'p', 'mxc://example.com/x', NULL, 'image/png', NULL);
INSERT INTO "reaction" ("bridge_id", "message_id", "message_part_id", "sender_id", "sender_mxid", "emoji_id", "room_id", "room_receiver", "mxid", "timestamp", "emoji", "metadata") VALUES ('red', 'm1', '', 'ana', '', '', 'chat-of-ana', 'account', '$reaction', 1700000000000, '👍🏽', '{}');
DELETE FROM sqlite_sequence;
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('pu_journal', 3);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('pu_audit', 1);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('pu_consent', 1);
INSERT INTO "user" ("bridge_id", "mxid", "management_room", "access_token") VALUES ('red', '@puente_desk:example.com', NULL, 'token');
INSERT INTO "user_login" ("bridge_id", "user_mxid", "id", "remote_name", "remote_profile", "space_room", "metadata") VALUES ('red', '@puente_desk:example.com', 'account', 'Ana "Ñandú"	\N ''x''
second line 🙂', '{"name":"x"}', NULL, '{"a":[1,2.5,null,"\"\\"]}');
INSERT INTO "user_portal" ("bridge_id", "user_mxid", "login_id", "portal_id", "portal_receiver", "in_space", "preferred", "last_read") VALUES ('red', '@puente_desk:example.com', 'account', 'chat-of-ana', 'account', 0, 1, 1700000000);
INSERT INTO "version" ("version", "compat") VALUES (30, 9);
CREATE INDEX crypto_megolm_inbound_session_backup_idx ON crypto_megolm_inbound_session(account_id, key_backup_version) WHERE session IS NOT NULL;
CREATE INDEX crypto_olm_message_hash_account_idx ON crypto_olm_message_hash (account_id);
CREATE INDEX crypto_olm_session_sender_key_idx ON crypto_olm_session (account_id, sender_key);
CREATE INDEX disappearing_message_portal_idx ON disappearing_message (bridge_id, mx_room);
CREATE INDEX message_room_idx ON message (bridge_id, room_id, room_receiver);
CREATE INDEX mx_user_profile_membership_idx ON mx_user_profile (room_id, membership);
CREATE INDEX mx_user_profile_name_skeleton_idx ON mx_user_profile (room_id, name_skeleton);
CREATE UNIQUE INDEX portal_bridge_mxid_idx ON portal (bridge_id, mxid);
CREATE INDEX portal_parent_idx ON portal (bridge_id, parent_id, parent_receiver);
CREATE INDEX pu_audit_at ON pu_audit (at);
CREATE INDEX pu_audit_object ON pu_audit (object, object_id, id);
CREATE INDEX pu_closing_survey ON pu_closing (at) WHERE survey=1 AND asked_at IS NULL;
CREATE INDEX pu_consent_customer ON pu_consent (customer, at);
CREATE INDEX pu_consent_move_survivor ON pu_consent_move (survivor);
CREATE INDEX pu_contact_customer ON pu_contact (customer);
CREATE INDEX pu_conversation_assignee ON pu_conversation (assignee, status) WHERE assignee <> '';
CREATE INDEX pu_conversation_customer ON pu_conversation (customer) WHERE customer <> '';
CREATE INDEX pu_conversation_queue ON pu_conversation (team, opened_at) WHERE assignee = '' AND status = 'open';
CREATE UNIQUE INDEX pu_conversation_room ON pu_conversation (room_id);
CREATE INDEX pu_conversation_snoozed ON pu_conversation (snoozed_until) WHERE status = 'snoozed';
CREATE INDEX pu_conversation_unshown ON pu_conversation (changed_at) WHERE shown < version;
CREATE INDEX pu_conversation_waiting ON pu_conversation (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX pu_customer_key_value ON pu_customer_key (kind, value);
CREATE INDEX pu_customer_merged ON pu_customer (merged_into) WHERE merged_into <> '';
CREATE UNIQUE INDEX pu_fallback_copy ON pu_fallback (copy);
CREATE INDEX pu_guest_due ON pu_guest (until) WHERE ended_at IS NULL;
CREATE INDEX pu_handle_person ON pu_handle (network, person);
CREATE INDEX pu_journal_finished ON pu_journal (state, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX pu_journal_retried ON pu_journal (retried_at) WHERE retried_at IS NOT NULL;
CREATE INDEX pu_journal_waiting ON pu_journal (source, lane, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX pu_link_copy_copy ON pu_link_copy (copy);
CREATE UNIQUE INDEX pu_link_one ON pu_link (one) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX pu_link_other ON pu_link (other) WHERE ended_at IS NULL;
CREATE INDEX pu_merge_survivor ON pu_merge (survivor);
CREATE INDEX pu_message_conversation ON pu_message (conversation, at);
CREATE INDEX pu_outcome_network_message ON pu_outcome (network, network_message_id);
CREATE INDEX pu_outcome_open ON pu_outcome (room_id, attempt_started_at) WHERE attempt_started_at > 0;
CREATE INDEX pu_participant_customer ON pu_participant (customer);
CREATE INDEX pu_response_ended ON pu_response (ended_at);
CREATE INDEX reaction_room_idx ON reaction (bridge_id, room_id, room_receiver);
CREATE INDEX user_portal_login_idx ON user_portal (bridge_id, login_id);
CREATE INDEX user_portal_portal_idx ON user_portal (bridge_id, portal_id, portal_receiver);
PRAGMA foreign_keys=ON;
