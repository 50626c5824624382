from django.db import migrations

# As before, but own records and those cared for are looked up each by its index: one condition over
# both read every patient of every clinic, with each request.
IDENTIFY = """
GRANT USAGE, CREATE ON SCHEMA public TO rehab_identify;
SET LOCAL ROLE rehab_identify;
CREATE OR REPLACE FUNCTION identify(token bytea, scope text, chosen uuid, at timestamptz)
RETURNS TABLE (user_id uuid, device_id uuid, choices integer, clinic_id uuid, patient_id uuid,
               acting_as text, membership_id uuid, roles text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
    device record;
    place record;
BEGIN
    SELECT d.id, d.user_id, d.last_seen_on INTO device
    FROM clinics_device d JOIN clinics_user u ON u.id = d.user_id
    WHERE d.token_hash = token AND d.ended_at IS NULL AND d.ends_at > at
      AND u.is_active AND d.epoch = u.token_epoch;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF device.last_seen_on < (at AT TIME ZONE 'UTC')::date THEN
        UPDATE clinics_device SET ends_at = at + interval '90 days',
                                  last_seen_on = (at AT TIME ZONE 'UTC')::date
        WHERE id = device.id;
    END IF;
    SELECT NULL::integer AS choices INTO place;
    IF scope = 'record' THEN
        SELECT count(*) OVER ()::integer AS choices, r.* INTO place FROM (
            SELECT DISTINCT ON (one.patient_id) one.* FROM (
                SELECT p.clinic_id, p.id AS patient_id, 'patient'::text AS acting_as,
                       NULL::uuid AS membership_id, ARRAY[]::text[] AS roles
                FROM patients_patient p JOIN clinics_clinic c ON c.id = p.clinic_id
                WHERE p.user_id = device.user_id AND c.archived_at IS NULL
                  AND (chosen IS NULL OR p.id = chosen)
                UNION ALL
                SELECT k.clinic_id, k.patient_id, 'carer', NULL, ARRAY[]::text[]
                FROM patients_carer k JOIN clinics_clinic c ON c.id = k.clinic_id
                WHERE k.user_id = device.user_id AND k.revoked_at IS NULL
                  AND c.archived_at IS NULL AND (chosen IS NULL OR k.patient_id = chosen)
            ) one
            ORDER BY one.patient_id, one.acting_as DESC
        ) r LIMIT 1;
    ELSIF scope = 'clinic' THEN
        SELECT count(*) OVER ()::integer AS choices, r.* INTO place FROM (
            SELECT m.clinic_id, NULL::uuid AS patient_id, 'staff' AS acting_as,
                   (array_agg(m.id ORDER BY m.role DESC))[1] AS membership_id,
                   array_agg(m.role::text ORDER BY m.role) AS roles
            FROM clinics_membership m JOIN clinics_clinic c ON c.id = m.clinic_id
            WHERE m.user_id = device.user_id AND m.deactivated_at IS NULL
              AND c.archived_at IS NULL AND (chosen IS NULL OR m.clinic_id = chosen)
            GROUP BY m.clinic_id
        ) r LIMIT 1;
    END IF;
    IF scope = 'user' OR place.choices IS NULL OR place.choices <> 1 THEN
        RETURN QUERY SELECT device.user_id, device.id,
            CASE WHEN scope = 'user' THEN 0 ELSE COALESCE(place.choices, 0) END,
            NULL::uuid, NULL::uuid, 'user'::text, NULL::uuid, ARRAY[]::text[];
        RETURN;
    END IF;
    PERFORM set_config('app.clinic_id', place.clinic_id::text, true);
    RETURN QUERY SELECT device.user_id, device.id, 1, place.clinic_id, place.patient_id,
                        place.acting_as::text, place.membership_id, place.roles;
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM rehab_identify;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("patients", "0007_goals"),
    ]

    operations = [
        migrations.RunSQL(IDENTIFY, migrations.RunSQL.noop),
    ]
