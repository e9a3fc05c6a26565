-- v7: Customers and conversations
-- All times are milliseconds since 1970, in UTC. Members of a team are named by their Matrix user IDs.
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
);
CREATE INDEX pu_customer_merged ON pu_customer (merged_into) WHERE merged_into <> '';

-- By what the networks know a customer: the hub's own opaque ID of the person there.
CREATE TABLE pu_contact (
	network    TEXT   NOT NULL,
	person     TEXT   NOT NULL,
	customer   TEXT   NOT NULL REFERENCES pu_customer (id),
	name       TEXT   NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	PRIMARY KEY (network, person)
);
CREATE INDEX pu_contact_customer ON pu_contact (customer);

CREATE TABLE pu_customer_label (
	customer TEXT NOT NULL REFERENCES pu_customer (id),
	label    TEXT NOT NULL,
	PRIMARY KEY (customer, label)
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
CREATE UNIQUE INDEX pu_conversation_room ON pu_conversation (room_id);
CREATE INDEX pu_conversation_unshown ON pu_conversation (changed_at) WHERE shown < version;
CREATE INDEX pu_conversation_snoozed ON pu_conversation (snoozed_until) WHERE status = 'snoozed';
CREATE INDEX pu_conversation_waiting ON pu_conversation (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX pu_conversation_assignee ON pu_conversation (assignee, status) WHERE assignee <> '';
CREATE INDEX pu_conversation_queue ON pu_conversation (team, opened_at) WHERE assignee = '' AND status = 'open';
CREATE INDEX pu_conversation_customer ON pu_conversation (customer) WHERE customer <> '';

-- The customers of a group.
CREATE TABLE pu_participant (
	conversation TEXT   NOT NULL REFERENCES pu_conversation (id),
	customer     TEXT   NOT NULL REFERENCES pu_customer (id),
	last_in_at   BIGINT NOT NULL,
	PRIMARY KEY (conversation, customer)
);
CREATE INDEX pu_participant_customer ON pu_participant (customer);

-- Every message of every conversation, without what it says.
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
CREATE INDEX pu_message_conversation ON pu_message (conversation, at);

-- How long something took that a team is measured by: first_response, next_response, resolution, assignment.
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
CREATE INDEX pu_response_ended ON pu_response (ended_at);

-- How a piece of work ended.
CREATE TABLE pu_closing (
	conversation TEXT   NOT NULL REFERENCES pu_conversation (id),
	at           BIGINT NOT NULL,
	agent        TEXT   NOT NULL,
	category     TEXT   NOT NULL DEFAULT '',
	summary      TEXT   NOT NULL DEFAULT '',
	-- the customer's answer to how it was, 1 to 5, and in words
	score        INTEGER,
	feedback     TEXT   NOT NULL DEFAULT '',
	asked_at     BIGINT,
	PRIMARY KEY (conversation, at)
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
