import core.ids
import django.db.models.deletion
from django.db import migrations, models

from core.tenancy import EnableTenancy

# A kept week says what the next one asks for, too: a change under a week takes the one before it away.
# What a DELETE asks for stands in variables: by an expression, the index of patients would not be used.
FORGET = """
CREATE FUNCTION forget_weeks_of_plan() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    begins text := TG_ARGV[0];
    ends text := TG_ARGV[1];
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    one uuid := coalesce(NEW.patient_id, OLD.patient_id);
    since date;
BEGIN
    IF TG_OP = 'UPDATE' AND was - ends - 'updated_at' = becomes - ends - 'updated_at' THEN
        since := least(coalesce((was ->> ends)::date, 'infinity'),
                       coalesce((becomes ->> ends)::date, 'infinity'));
    ELSE
        since := least((was ->> begins)::date, (becomes ->> begins)::date);
    END IF;
    since := since - 14;
    DELETE FROM rehab_sessions_patientweek WHERE patient_id = one AND week > since;
    RETURN NULL;
END $$;
CREATE FUNCTION forget_week_of_session() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one uuid := coalesce(NEW.patient_id, OLD.patient_id);
    was date := OLD.performed_on - mod(OLD.performed_on - date '1900-01-01', 7);
    becomes date := NEW.performed_on - mod(NEW.performed_on - date '1900-01-01', 7);
BEGIN
    DELETE FROM rehab_sessions_patientweek
    WHERE patient_id = one AND week IN (was, becomes);
    RETURN NULL;
END $$;
CREATE FUNCTION forget_week_of_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one uuid := coalesce(NEW.patient_id, OLD.patient_id);
    was date := OLD.checked_on - mod(OLD.checked_on - date '1900-01-01', 7);
    becomes date := NEW.checked_on - mod(NEW.checked_on - date '1900-01-01', 7);
BEGIN
    DELETE FROM rehab_sessions_patientweek
    WHERE patient_id = one AND week IN (was, becomes);
    RETURN NULL;
END $$;
CREATE FUNCTION forget_weeks_of_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rehab_sessions_patientweek AS kept
    USING changed
    WHERE kept.patient_id = changed.patient_id
      AND kept.week = changed.performed_on - mod(changed.performed_on - date '1900-01-01', 7);
    RETURN NULL;
END $$;
CREATE TRIGGER forget_weeks AFTER INSERT OR UPDATE OR DELETE ON patients_prescribedexercise
    FOR EACH ROW EXECUTE FUNCTION forget_weeks_of_plan('in_force_from', 'in_force_until');
CREATE TRIGGER forget_weeks AFTER INSERT OR UPDATE OR DELETE ON patients_assignment
    FOR EACH ROW EXECUTE FUNCTION forget_weeks_of_plan('starts_on', 'ends_on');
CREATE TRIGGER forget_weeks AFTER INSERT OR UPDATE OR DELETE ON patients_pause
    FOR EACH ROW EXECUTE FUNCTION forget_weeks_of_plan('starts_on', 'ends_on');
CREATE TRIGGER forget_week AFTER INSERT OR UPDATE OR DELETE ON rehab_sessions_exercisesession
    FOR EACH ROW EXECUTE FUNCTION forget_week_of_session();
CREATE TRIGGER forget_week AFTER INSERT OR UPDATE OR DELETE ON rehab_sessions_safetycheck
    FOR EACH ROW EXECUTE FUNCTION forget_week_of_check();
-- A result comes with its session's row, and has no trigger for that; what changes alone has.
CREATE TRIGGER forget_weeks_after_change AFTER UPDATE ON rehab_sessions_exerciseresult
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION forget_weeks_of_results();
CREATE TRIGGER forget_weeks_before_change AFTER UPDATE ON rehab_sessions_exerciseresult
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION forget_weeks_of_results();
CREATE TRIGGER forget_weeks_after_delete AFTER DELETE ON rehab_sessions_exerciseresult
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION forget_weeks_of_results();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0006_operators'),
        ('patients', '0008_identify_by_index'),
        ('rehab_sessions', '0010_clinic_watch'),
    ]

    operations = [
        migrations.CreateModel(
            name='PatientWeek',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('week', models.DateField(help_text='Its Monday.')),
                ('asked', models.SmallIntegerField()),
                ('missed', models.SmallIntegerField()),
                ('some_done', models.SmallIntegerField()),
                ('yet_done', models.SmallIntegerField()),
                ('due', models.SmallIntegerField()),
                ('planned', models.SmallIntegerField()),
                ('rows', models.IntegerField()),
                ('last_planned', models.SmallIntegerField()),
                ('last_rows', models.IntegerField()),
                ('quota_days', models.SmallIntegerField()),
                ('times_done', models.SmallIntegerField()),
                ('times_expected', models.SmallIntegerField()),
                ('paused', models.SmallIntegerField()),
                ('stopped', models.SmallIntegerField()),
                ('fixed_days', models.SmallIntegerField()),
                ('free_days', models.SmallIntegerField()),
                ('sessions', models.IntegerField(help_text='That count, and were logged in it.')),
                ('next_asked', models.SmallIntegerField(help_text='This and the next: of the week after it.')),
                ('next_due', models.SmallIntegerField()),
                ('next_planned', models.SmallIntegerField()),
                ('next_rows', models.IntegerField()),
                ('next_times_expected', models.SmallIntegerField()),
                ('next_paused', models.SmallIntegerField()),
                ('denominator', models.DecimalField(decimal_places=0, max_digits=1000)),
                ('credited', models.DecimalField(decimal_places=0, help_text='Sets × the denominator, as is the next.', max_digits=1000)),
                ('prescribed', models.DecimalField(decimal_places=0, max_digits=1000)),
                ('done', models.IntegerField(help_text='Occurrences, of those expected.')),
                ('expected', models.IntegerField()),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('patient', 'week'), name='one_kept_week_of_a_patient'), models.CheckConstraint(condition=models.Q(('week__iso_week_day', 1)), name='kept_week_begins_on_a_monday')],
            },
        ),
        EnableTenancy("PatientWeek", is_referred_to=False),
        migrations.RunSQL(FORGET),
    ]
