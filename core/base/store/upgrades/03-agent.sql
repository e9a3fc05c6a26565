-- v3: Who the agents were
CREATE TABLE pu_agent (
	user_id TEXT PRIMARY KEY
);
