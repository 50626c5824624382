-- What one day asks of a patient and got, line by line, and the run that stands on it. The run adds the
-- weeks before, as they are kept (run.sql).
WITH span AS (
    SELECT patient.id AS patient_id, %(week)s::date + 7 AS today,
           %(week)s::date AS first, %(week)s::date + 6 AS last, %(week)s::date + 6 AS logged_until
    FROM patients_patient AS patient
    WHERE {of_patients}
),
{row_weeks},
{day_rows},
week_days AS (
    SELECT bit_or(due) AS due, bit_or(due & ~excused) AS asked,
           bit_or(due & ~all_done) AS undone, bit_or(due & ~excused & ~all_done) AS missed,
           bit_or(due & excused & some_done) AS yet_done,
           bit_or(CASE schedule WHEN 'weekdays' THEN days ELSE 0 END) AS fixed_days,
           bit_or(CASE schedule WHEN 'times_per_week' THEN days ELSE 0 END) AS free_days
    FROM row_state
    LEFT JOIN (
        SELECT row_id, bit_or(bit) FILTER (WHERE times_done > 0) AS some_times,
               bit_or(bit) FILTER (WHERE times_done >= times_per_day) AS every_time
        FROM done_day
        WHERE schedule = 'weekdays'
        GROUP BY row_id
    ) AS done USING (row_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(some_times, 0) AS some_done, coalesce(every_time, 0) AS all_done
    ) AS bits
),
-- The run's unit, what stands of it in the week that goes on (`here`: before today, and today once all of
-- it is done, excused or not), and whether it begins in it. `other`: days on which the unit was another;
-- a run begins after the last one.
this_week AS (
    SELECT unit, other <> 0 OR (unit = 'days' AND missed_before <> 0) AS begins_here, CASE unit
        WHEN 'days' THEN bit_count((present & ~undone_today & ~({broken_before}))::integer::bit(7))
        ELSE (missed_before | undone_today = 0 AND times_done = times_expected
              AND (present <> 0 OR times_expected > 0))::integer
    END::integer AS here
    FROM week_days
    CROSS JOIN (SELECT 1 << (%(day)s::date - %(week)s::date) AS bit) AS today
    CROSS JOIN (
        SELECT coalesce(sum(done), 0) AS times_done, coalesce(sum(expected), 0) AS times_expected
        FROM quota
    ) AS times
    CROSS JOIN LATERAL (
        SELECT bit - 1 AS before, CASE WHEN fixed_days & bit <> 0 THEN 'days'
                                       WHEN free_days & bit <> 0 THEN 'weeks' END AS unit
    ) AS known
    CROSS JOIN LATERAL (
        SELECT ((asked | yet_done) & before) | (due & bit) AS present, missed & before AS missed_before,
               undone & bit AS undone_today, before & CASE unit
                   WHEN 'days' THEN free_days & ~fixed_days ELSE fixed_days END AS other
    ) AS days
    WHERE unit IS NOT NULL
),
{run}
SELECT day_row.*, run.unit, run.here, run.length, run.not_kept
FROM day_row
LEFT JOIN run ON true
ORDER BY line_id
