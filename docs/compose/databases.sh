#!/bin/sh
# Makes the two databases when PostgreSQL starts for the first time.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 <<'SQL'
-- Synapse demands the C locale. ref: Synapse's documentation, "Using Postgres"
CREATE DATABASE synapse ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE puente ENCODING 'UTF8' TEMPLATE template0;
SQL
