-- v0 -> v1: Journal and outcomes
CREATE TABLE pu_journal (
	-- only: sqlite
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	-- only: postgres
	id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,

	source      TEXT    NOT NULL,
	key         TEXT,
	lane        TEXT    NOT NULL,
	kind        TEXT    NOT NULL,
	-- only: sqlite
	payload     BLOB    NOT NULL,
	-- only: postgres
	payload     BYTEA   NOT NULL,
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
CREATE INDEX pu_journal_waiting ON pu_journal (source, lane, id) WHERE state = 'waiting';
CREATE INDEX pu_journal_retried ON pu_journal (retried_at) WHERE retried_at IS NOT NULL;
CREATE INDEX pu_journal_finished ON pu_journal (state, finished_at) WHERE finished_at IS NOT NULL;

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
CREATE INDEX pu_outcome_network_message ON pu_outcome (network, network_message_id);
