-- v10: Consent
-- All times are milliseconds since 1970, in UTC. Entries are never changed and never deleted one by one.
CREATE TABLE pu_consent (
	-- only: sqlite
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	-- only: postgres
	id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,

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
CREATE INDEX pu_consent_customer ON pu_consent (customer, at);

-- Customers who turned out to be the same person as another: what either said counts for both.
CREATE TABLE pu_consent_move (
	customer TEXT   PRIMARY KEY,
	survivor TEXT   NOT NULL,
	moved_at BIGINT NOT NULL
);
CREATE INDEX pu_consent_move_survivor ON pu_consent_move (survivor);
