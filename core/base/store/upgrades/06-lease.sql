-- v6: Who runs
CREATE TABLE pu_lease (
	-- There is one row, 1.
	id       INTEGER PRIMARY KEY CHECK (id = 1),
	holder   TEXT    NOT NULL,
	-- Milliseconds since 1970, in UTC.
	taken_at BIGINT  NOT NULL
);
