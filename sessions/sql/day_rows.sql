-- What one day, %(day)s, of the week that begins on %(week)s asks of each patient of `span` and got,
-- a row for each line in force on it, nothing forgiven. Needs row_weeks.
day_row AS (
    SELECT row_state.line_id, row_state.row_id, row_state.schedule,
           row_state.active & today.bit = 0 AS is_paused, excused & today.bit <> 0 AS is_excused,
           CASE WHEN row_state.due & today.bit <> 0 THEN row_state.times_per_day ELSE 0 END
               AS expected,
           CASE row_state.schedule
               WHEN 'weekdays' THEN least(coalesce(times_done, 0), row_state.times_per_day)
               WHEN 'times_per_week' THEN least(coalesce(times_done, 0), 1) ELSE 0 END::integer
               AS done,
           CASE WHEN row_state.due & today.bit <> 0 THEN set_size * row_state.times_per_day
                WHEN row_state.schedule = 'times_per_week' AND row_state.active & today.bit <> 0
                THEN set_size ELSE 0 END AS prescribed,
           coalesce(done_day.denominator, 1) AS denominator, coalesce(credited, 0) AS credited,
           coalesce(sets_on_plan, 0)::integer AS sets_on_plan,
           CASE WHEN row_state.schedule = 'times_per_week' THEN coalesce(quota.expected, 0) END
               AS week_expected,
           CASE WHEN row_state.schedule = 'times_per_week' THEN coalesce(quota.done, 0) END
               AS week_done,
           row_state.patient_id
    FROM row_state
    CROSS JOIN (SELECT 1 << (%(day)s::date - %(week)s::date) AS bit) AS today
    LEFT JOIN done_day ON done_day.row_id = row_state.row_id
        AND done_day.week = row_state.week AND done_day.bit = today.bit
    LEFT JOIN quota ON quota.line_id = row_state.line_id AND quota.week = row_state.week
    WHERE days & today.bit <> 0 AND row_state.week = %(week)s::date
)
