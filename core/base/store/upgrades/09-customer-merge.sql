-- v9: How customers are found, compared, merged and taken apart again
-- What customers are looked for by: name, attribute values and labels, without case and accents.
ALTER TABLE pu_customer ADD COLUMN search TEXT NOT NULL DEFAULT '';

-- What two customers have alike if they may be the same person.
CREATE TABLE pu_customer_key (
	customer TEXT NOT NULL REFERENCES pu_customer (id),
	kind     TEXT NOT NULL CHECK (kind IN ('name', 'phone', 'email')),
	-- in one spelling
	value    TEXT NOT NULL,
	PRIMARY KEY (customer, kind)
);
CREATE INDEX pu_customer_key_value ON pu_customer_key (kind, value);

-- The merges that were not undone.
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
CREATE INDEX pu_merge_survivor ON pu_merge (survivor);
