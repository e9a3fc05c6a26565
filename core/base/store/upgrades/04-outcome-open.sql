-- v4: Messages of a room whose fate is not known
CREATE INDEX pu_outcome_open ON pu_outcome (room_id, attempt_started_at) WHERE attempt_started_at > 0;
