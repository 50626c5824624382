-- What each prescribed row asks for and got in each ISO week. Needs span (patient_id, first, last,
-- logged_until, today): rows and pauses count from `first` to `last`, what was logged up to `logged_until`.
-- Days of a week are bits, Monday's the lowest; 1900-01-01 was a Monday, and weeks are counted from it.
-- The marker after "counts" may repeat the outermost dates as constants, by which the planner picks an index.
-- Credits are whole numerators over the denominator of the row's dose.
-- What is worked out here is joined by FULL JOIN, whose rows without a partner are left out again
-- (num_nulls: a test that the planner does not take as leave to make another join of it). A full join
-- is hashed or merged, never a nested loop, so that no wrong guess of the planner's about how many
-- rows there will be makes the work grow with the square of the patients (docs/adr/0025-full-joins.md).
row_week AS (
    SELECT span.patient_id, span.today, prescribed.line_id, prescribed.id AS row_id,
           prescribed.schedule, prescribed.sets, prescribed.side = 'each' AS is_each,
           prescribed.sets * CASE prescribed.side WHEN 'each' THEN 2 ELSE 1 END AS set_size,
           coalesce(prescribed.times_per_day, 0)::integer AS times_per_day,
           coalesce(prescribed.times_per_week, 0)::integer AS times_per_week,
           prescribed.weekdays::integer AS weekdays,
           date '1900-01-01' + 7 * number AS week,
           ((2 << (least(last_day, 7 * number + 6) - 7 * number)) - 1)
               & -(1 << (greatest(first_day, 7 * number) - 7 * number)) AS days
    FROM span  -- patient_id in every join: the planner then never multiplies a clinic by a clinic
    JOIN patients_prescribedexercise AS prescribed
        ON prescribed.patient_id = span.patient_id
        AND prescribed.in_force_from <= span.last
        AND (prescribed.in_force_until IS NULL OR prescribed.in_force_until > span.first)
    JOIN patients_line AS line
        ON line.id = prescribed.line_id AND line.patient_id = span.patient_id
    JOIN patients_assignment AS assignment
        ON assignment.id = line.assignment_id AND assignment.patient_id = span.patient_id
        AND assignment.status <> 'draft' AND assignment.activated_at IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT greatest(prescribed.in_force_from, assignment.starts_on, span.first)
                   - date '1900-01-01' AS first_day,
               least(prescribed.in_force_until - 1, assignment.ends_on, span.last)
                   - date '1900-01-01' AS last_day
    ) AS numbered
    CROSS JOIN LATERAL (SELECT generate_series(first_day / 7, last_day / 7) AS number) AS weeks
    WHERE first_day <= last_day
),
result_day AS (
    SELECT patient_id, line_id, performed_on - day_of_week AS week, 1 << day_of_week AS bit,
           max(credit_denominator) FILTER (WHERE NOT is_off_plan) AS denominator,
           coalesce(sum(credit_numerator) FILTER (WHERE NOT is_off_plan), 0)::bigint AS both_credit,
           coalesce(sum(credit_numerator)
               FILTER (WHERE NOT is_off_plan AND side = 'left'), 0)::bigint AS left_credit,
           coalesce(sum(credit_numerator)
               FILTER (WHERE NOT is_off_plan AND side = 'right'), 0)::bigint AS right_credit,
           count(*) FILTER (WHERE NOT is_off_plan AND credit_numerator > 0) AS both_times,
           count(*) FILTER (WHERE NOT is_off_plan AND credit_numerator > 0 AND side = 'left')
               AS left_times,
           count(*) FILTER (WHERE NOT is_off_plan AND credit_numerator > 0 AND side = 'right')
               AS right_times,
           coalesce(sum(set_count) FILTER (WHERE NOT is_off_plan), 0) AS sets_on_plan,
           sum(set_count) AS sets_logged,
           sum(total) AS amount_logged,
           bool_or(asks_to_stop) AS is_stopped
    FROM (
        SELECT result.*, mod(result.performed_on - date '1900-01-01', 7) AS day_of_week
        FROM span
        JOIN rehab_sessions_exerciseresult AS result
            ON result.patient_id = span.patient_id
            AND result.performed_on BETWEEN span.first AND span.logged_until
        WHERE result.counts {and_in_period}
    ) AS result
    GROUP BY patient_id, line_id, performed_on, day_of_week
),
result_week AS (
    SELECT patient_id, line_id, week, bit_or(bit) FILTER (WHERE is_stopped) AS stopped,
           sum(sets_logged) AS sets_logged, sum(amount_logged) AS amount_logged
    FROM result_day
    GROUP BY patient_id, line_id, week
),
-- The first date of a safety hold is active and excused, unless another pause covers it; a hold
-- that was ended on that date covers nothing and still excuses it.
pause_week AS (
    SELECT patient_id, date '1900-01-01' + 7 * number AS week,
           bit_or(days & hold) AS first_of_hold, bit_or(days & ~hold) AS covered
    FROM (
        SELECT span.patient_id, number,
               ((2 << (least(last_day, 7 * number + 6) - 7 * number)) - 1)
                   & -(1 << (greatest(first_day, 7 * number) - 7 * number)) AS days,
               CASE WHEN is_hold AND begins / 7 = number THEN 1 << mod(begins, 7) ELSE 0 END AS hold
        FROM span
        JOIN patients_pause AS pause
            ON pause.patient_id = span.patient_id AND pause.starts_on <= span.last
        CROSS JOIN LATERAL (
            SELECT pause.reason = 'safety_hold' AS is_hold,
                   pause.starts_on - date '1900-01-01' AS begins,
                   greatest(pause.starts_on, span.first) - date '1900-01-01' AS first_day,
                   least(CASE WHEN pause.reason = 'safety_hold' AND pause.ends_on < pause.starts_on
                       THEN pause.starts_on ELSE pause.ends_on END, span.last)
                       - date '1900-01-01' AS last_day
        ) AS covering
        CROSS JOIN LATERAL (SELECT generate_series(first_day / 7, last_day / 7) AS number) AS weeks
        WHERE first_day <= last_day
    ) AS pause
    GROUP BY patient_id, number
),
stop_week AS (
    SELECT patient_id, day - mod(day - date '1900-01-01', 7) AS week,
           bit_or(1 << mod(day - date '1900-01-01', 7)) AS stopped
    FROM (
        SELECT session.patient_id, session.performed_on AS day
        FROM span
        JOIN rehab_sessions_exercisesession AS session
            ON session.patient_id = span.patient_id
            AND session.performed_on BETWEEN span.first AND span.logged_until
        WHERE session.has_red_flag AND session.status = 'counted'
        UNION ALL
        SELECT safety_check.patient_id, safety_check.checked_on
        FROM span
        JOIN rehab_sessions_safetycheck AS safety_check
            ON safety_check.patient_id = span.patient_id
            AND safety_check.checked_on BETWEEN span.first AND span.logged_until
        WHERE safety_check.has_red_flag
    ) AS stop
    GROUP BY 1, 2
),
-- `ahead`: today and later. `due`: only of fixed weekdays; a quota line has none.
row_state AS (
    SELECT row_week.*, days & ~coalesce(covered, 0) AS active,
           days & ~coalesce(covered, 0) & weekdays AS due,
           coalesce(first_of_hold, 0) | coalesce(stop_week.stopped, 0)
               | coalesce(result_week.stopped, 0) AS excused,
           CASE WHEN today > row_week.week + 6 THEN 0
                WHEN today <= row_week.week THEN 127
                ELSE 127 & -(1 << (today - row_week.week)) END AS ahead
    FROM row_week
    FULL JOIN result_week ON result_week.line_id = row_week.line_id
        AND result_week.patient_id = row_week.patient_id AND result_week.week = row_week.week
    FULL JOIN pause_week ON pause_week.patient_id = row_week.patient_id
        AND pause_week.week = row_week.week
    FULL JOIN stop_week ON stop_week.patient_id = row_week.patient_id
        AND stop_week.week = row_week.week
    WHERE num_nulls(row_week.row_id) = 0
),
-- What was done on one day of a row, up to what the row asks of a day.
done_day AS (
    SELECT row_state.patient_id, row_state.line_id, row_id, row_state.week, bit, schedule,
           active, due, excused | ahead AS forgiven, coalesce(denominator, 1) AS denominator,
           CASE WHEN is_each THEN least(left_credit, most) + least(right_credit, most)
                ELSE least(both_credit, most) END AS credited,
           CASE WHEN is_each THEN greatest(left_times, right_times) ELSE both_times END AS times_done,
           times_per_day, sets_on_plan
    FROM row_state
    FULL JOIN result_day ON result_day.line_id = row_state.line_id
        AND result_day.patient_id = row_state.patient_id AND result_day.week = row_state.week
    CROSS JOIN LATERAL (
        SELECT sets * greatest(times_per_day, 1) * coalesce(denominator, 1)::bigint AS most
    ) AS dose
    WHERE coalesce(days & bit, 0) <> 0
),
-- Some days a week: all rows of a line that meet in the week share one quota. Its rows follow each
-- other, so the one with the greater `days` comes later.
quota_row AS (
    SELECT row_state.patient_id, row_state.today, row_state.line_id, row_state.week, row_state.days,
           set_size, coalesce(denominator, 1) AS denominator, coalesce(earned, 0) AS earned,
           coalesce(bit_count(credit_days::bit(7)), 0)::integer AS done, times_per_week,
           bit_count((row_state.active & (~row_state.excused | coalesce(credit_days, 0)))::bit(7))
               ::integer AS active_days
    FROM (SELECT * FROM row_state WHERE schedule = 'times_per_week') AS row_state
    FULL JOIN (
        SELECT row_id, week, max(denominator) AS denominator, sum(credited) AS earned,
               bit_or(bit) AS credit_days
        FROM done_day
        WHERE schedule = 'times_per_week' AND active & bit <> 0 AND credited > 0
        GROUP BY row_id, week
    ) AS done ON done.row_id = row_state.row_id AND done.week = row_state.week
),
quota_so_far AS (
    SELECT quota_row.*, lcm_of(denominator) OVER of_week AS common,
           least((2 * sum(times_per_week * active_days) OVER of_week + 7) / 14,
               sum(active_days) OVER of_week) AS expected,
           sum(done) OVER (of_week ORDER BY days) - done AS done_before
    FROM quota_row
    WHERE active_days > 0
    WINDOW of_week AS (PARTITION BY line_id, week)
),
quota AS (
    SELECT patient_id, today, line_id, week, common AS denominator, expected::integer AS expected,
           least(sum(done), expected)::integer AS done,
           sum(earned * div(common, denominator)) AS earned,
           common * (sum(set_size * greatest(least(done, expected - done_before), 0))
               + (expected - least(sum(done), expected))
                   * mod(max(days * 1000 + set_size), 1000)) AS prescribed
    FROM quota_so_far
    GROUP BY patient_id, today, line_id, week, common, expected
)
