-- The platform's roles. Run once for each server, as a superuser. It may be run again: it changes
-- nothing that is already right. It sets no passwords: give rehab_owner and rehab_app theirs.
-- PostgreSQL 16 or newer.

DO $$
BEGIN
    -- Owns the tables and migrates them. Row-level security is forced on it too.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rehab_owner') THEN
        CREATE ROLE rehab_owner;
    END IF;
    -- Serves people: it reads and writes rows, owns nothing and cannot leave its clinic.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rehab_app') THEN
        CREATE ROLE rehab_app;
    END IF;
    -- Owns the functions that must look across clinics, such as "whose token is this?". No one
    -- signs in as it.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rehab_identify') THEN
        CREATE ROLE rehab_identify;
    END IF;
END
$$;

ALTER ROLE rehab_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS NOREPLICATION;
ALTER ROLE rehab_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS NOREPLICATION;
ALTER ROLE rehab_identify NOLOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE BYPASSRLS NOREPLICATION;

-- The owner may hand functions to it, and has none of its powers otherwise.
GRANT rehab_identify TO rehab_owner WITH SET TRUE, INHERIT FALSE;
