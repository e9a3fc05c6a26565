-- v8: Who did what, what stays in the team, and what rooms show
-- All times are milliseconds since 1970, in UTC.
CREATE TABLE pu_audit (
	-- only: sqlite
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	-- only: postgres
	id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,

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
CREATE INDEX pu_audit_object ON pu_audit (object, object_id, id);
CREATE INDEX pu_audit_at ON pu_audit (at);

-- Events that stay among the team: commands, notes, what is in a thread under them, and what is said about them.
CREATE TABLE pu_note (
	event_id TEXT PRIMARY KEY,
	room_id  TEXT NOT NULL
);

-- What a conversation's room shows of it.
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

-- The views (spaces), and the rooms in them.
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
