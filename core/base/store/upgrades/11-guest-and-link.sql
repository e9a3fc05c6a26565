-- v11: Guests of conversations, conversations that are linked, and other ways for what did not arrive
-- All times are milliseconds since 1970, in UTC.
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
CREATE INDEX pu_guest_due ON pu_guest (until) WHERE ended_at IS NULL;

CREATE TABLE pu_link (
	id         TEXT   PRIMARY KEY,
	one        TEXT   NOT NULL REFERENCES pu_conversation (id),
	other      TEXT   NOT NULL REFERENCES pu_conversation (id),
	linked_by  TEXT   NOT NULL,
	linked_at  BIGINT NOT NULL,
	ended_by   TEXT   NOT NULL DEFAULT '',
	ended_at   BIGINT
);
-- A conversation is in one link at most.
CREATE UNIQUE INDEX pu_link_one ON pu_link (one) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX pu_link_other ON pu_link (other) WHERE ended_at IS NULL;

-- What went over a link: a message in one room and its copy in the other.
CREATE TABLE pu_link_copy (
	original TEXT PRIMARY KEY,
	link     TEXT NOT NULL REFERENCES pu_link (id),
	copy     TEXT NOT NULL
);
CREATE UNIQUE INDEX pu_link_copy_copy ON pu_link_copy (copy);

-- By which other conversations of a customer something was tried that did not arrive.
CREATE TABLE pu_fallback (
	original     TEXT NOT NULL,
	conversation TEXT NOT NULL REFERENCES pu_conversation (id),
	copy         TEXT NOT NULL,
	PRIMARY KEY (original, conversation)
);
CREATE UNIQUE INDEX pu_fallback_copy ON pu_fallback (copy);

-- The customer is to be asked how it was.
ALTER TABLE pu_closing ADD COLUMN survey BIGINT NOT NULL DEFAULT 0;
CREATE INDEX pu_closing_survey ON pu_closing (at) WHERE survey=1 AND asked_at IS NULL;
