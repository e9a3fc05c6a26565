-- v2: Handles of persons
CREATE TABLE pu_handle (
	network    TEXT   NOT NULL,
	kind       TEXT   NOT NULL,
	value      TEXT   NOT NULL,
	person     TEXT   NOT NULL,
	-- Milliseconds since 1970, in UTC.
	updated_at BIGINT NOT NULL,

	PRIMARY KEY (network, kind, value)
);
CREATE INDEX pu_handle_person ON pu_handle (network, person);
