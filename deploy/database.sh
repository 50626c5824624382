#!/bin/sh
# Runs once, when the database's volume is new, after rehab_platform/roles.sql.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$REHAB_OWNER_PASSWORD" --set app_password="$REHAB_APP_PASSWORD" <<'SQL'
ALTER ROLE rehab_owner PASSWORD :'owner_password';
ALTER ROLE rehab_app PASSWORD :'app_password';
CREATE DATABASE rehab OWNER rehab_owner;
SQL
