-- One row for each patient of `span`, which begins on a Monday, %(week)s: that week as it reads once it is
-- over, and what is known of the one after it, with nothing done. Needs row_weeks and sums.
-- Days are bits, Monday's the lowest. Of lines on fixed weekdays: `due`, `asked` (due and not excused),
-- `missed` (asked and not all done), `some_done`, `yet_done` (excused and yet some), `undone` (not all done). Paused or not: the
-- days that the rows ask for (`planned`), what tells one set of rows from another (`rows`), and both of
-- those in force on Sunday. `stopped`: the app said stop to a line that asks for something. `fixed_days`,
-- `free_days`: a line on fixed weekdays, or a quota, was in force, paused or not.
week_part AS (
    SELECT row_state.patient_id, row_state.week = %(week)s::date AS is_now, due & ~excused AS asked,
           due & ~excused & ~coalesce(all_done, 0) AS missed, due & ~coalesce(all_done, 0) AS undone,
           due & coalesce(some_done, 0) AS some_done,
           due & excused & coalesce(some_done, 0) AS yet_done, due, days & weekdays AS planned,
           uuid_hash(row_state.row_id) AS rows,
           CASE WHEN days & 64 <> 0 THEN weekdays ELSE 0 END AS last_planned,
           CASE WHEN days & 64 <> 0 THEN uuid_hash(row_state.row_id) ELSE 0 END AS last_rows,
           coalesce(quota_days, 0) & ~excused AS quota_days, 0 AS times_done, 0 AS times_expected,
           0 AS paused, CASE schedule WHEN 'as_needed' THEN 0 ELSE days & excused END AS stopped,
           CASE schedule WHEN 'weekdays' THEN days ELSE 0 END AS fixed_days,
           CASE schedule WHEN 'times_per_week' THEN days ELSE 0 END AS free_days, 0 AS sessions
    FROM row_state
    FULL JOIN (
        SELECT row_id, week,
               bit_or(bit) FILTER (WHERE schedule = 'weekdays' AND times_done > 0) AS some_done,
               bit_or(bit) FILTER (WHERE schedule = 'weekdays' AND times_done >= times_per_day)
                   AS all_done,
               bit_or(bit) FILTER (WHERE schedule = 'times_per_week' AND active & bit <> 0
                   AND credited > 0) AS quota_days
        FROM done_day
        GROUP BY row_id, week
    ) AS done ON done.row_id = row_state.row_id AND done.week = row_state.week
    WHERE num_nulls(row_state.row_id) = 0
    UNION ALL
    SELECT patient_id, week = %(week)s::date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, done, expected, 0, 0, 0, 0, 0
    FROM quota
    UNION ALL
    SELECT patient_id, week = %(week)s::date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, covered, 0, 0, 0, 0
    FROM pause_week
    UNION ALL
    SELECT session.patient_id, true, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
    FROM span
    JOIN rehab_sessions_exercisesession AS session
        ON session.patient_id = span.patient_id
        AND session.performed_on BETWEEN span.first AND span.logged_until
    WHERE session.status = 'counted'
),
week_fact AS (
    SELECT patient_id, bit_or(asked) FILTER (WHERE is_now) AS asked,
           bit_or(missed) FILTER (WHERE is_now) AS missed,
           bit_or(undone) FILTER (WHERE is_now) AS undone, bit_or(some_done) AS some_done,
           bit_or(yet_done) AS yet_done,
           bit_or(due) FILTER (WHERE is_now) AS due, bit_or(planned) FILTER (WHERE is_now) AS planned,
           bit_xor(rows) FILTER (WHERE is_now) AS rows,
           bit_or(last_planned) FILTER (WHERE is_now) AS last_planned,
           bit_xor(last_rows) FILTER (WHERE is_now) AS last_rows, bit_or(quota_days) AS quota_days,
           sum(times_done) AS times_done, sum(times_expected) FILTER (WHERE is_now) AS times_expected,
           bit_or(paused) FILTER (WHERE is_now) AS paused,
           bit_or(stopped) FILTER (WHERE is_now) AS stopped,
           bit_or(fixed_days) FILTER (WHERE is_now) AS fixed_days,
           bit_or(free_days) FILTER (WHERE is_now) AS free_days, sum(sessions) AS sessions,
           bit_or(asked) FILTER (WHERE NOT is_now) AS next_asked,
           bit_or(due) FILTER (WHERE NOT is_now) AS next_due,
           bit_or(planned) FILTER (WHERE NOT is_now) AS next_planned,
           bit_xor(rows) FILTER (WHERE NOT is_now) AS next_rows,
           sum(times_expected) FILTER (WHERE NOT is_now) AS next_times_expected,
           bit_or(paused) FILTER (WHERE NOT is_now) AS next_paused
    FROM week_part
    GROUP BY patient_id
)
