-- v5: Up to where the homeserver's events were compared with the journal
CREATE TABLE pu_sync_position (
	user_id    TEXT   PRIMARY KEY,
	next_batch TEXT   NOT NULL,
	-- Milliseconds since 1970, in UTC.
	updated_at BIGINT NOT NULL
);
