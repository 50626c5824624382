-- What each line asked for and got on each local date. Needs span (patient_id, first, last, today).
-- The marker after "counts" may repeat the outermost dates as constants, by which the planner picks an index.
-- Fractions are whole numerators over the row's own denominator. 1900-01-01 was a Monday.
line_day AS (
    SELECT span.patient_id, span.today, prescribed.line_id, prescribed.id AS row_id,
           prescribed.schedule, prescribed.sets, prescribed.side = 'each' AS is_each,
           prescribed.sets * CASE prescribed.side WHEN 'each' THEN 2 ELSE 1 END AS set_size,
           prescribed.times_per_day, prescribed.times_per_week,
           (prescribed.weekdays >> (mod(number, 7))) & 1 = 1 AS is_weekday,
           date '1900-01-01' + number AS day,
           date '1900-01-01' + number - mod(number, 7) AS week
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
    CROSS JOIN LATERAL generate_series(
        greatest(prescribed.in_force_from, assignment.starts_on, span.first) - date '1900-01-01',
        least(prescribed.in_force_until - 1, assignment.ends_on, span.last) - date '1900-01-01'
    ) AS number
),
result_day AS (
    SELECT result.patient_id, result.line_id, result.performed_on AS day,
           max(result.credit_denominator)
               FILTER (WHERE NOT result.is_off_plan)::numeric AS denominator,
           coalesce(sum(result.credit_numerator) FILTER (WHERE NOT result.is_off_plan), 0) AS both_credit,
           coalesce(sum(result.credit_numerator)
               FILTER (WHERE NOT result.is_off_plan AND result.side = 'left'), 0) AS left_credit,
           coalesce(sum(result.credit_numerator)
               FILTER (WHERE NOT result.is_off_plan AND result.side = 'right'), 0) AS right_credit,
           count(DISTINCT result.session_id)
               FILTER (WHERE NOT result.is_off_plan AND result.credit_numerator > 0) AS both_times,
           count(*) FILTER (WHERE NOT result.is_off_plan AND result.credit_numerator > 0
               AND result.side = 'left') AS left_times,
           count(*) FILTER (WHERE NOT result.is_off_plan AND result.credit_numerator > 0
               AND result.side = 'right') AS right_times,
           coalesce(sum(result.set_count) FILTER (WHERE NOT result.is_off_plan), 0) AS sets_on_plan,
           sum(result.set_count) AS sets_logged,
           sum(result.total) AS amount_logged,
           bool_or(result.asks_to_stop) AS is_stopped
    FROM span
    JOIN rehab_sessions_exerciseresult AS result
        ON result.patient_id = span.patient_id
        AND result.performed_on BETWEEN span.first AND span.last
    WHERE result.counts {and_in_period}
    GROUP BY result.patient_id, result.line_id, result.performed_on
),
-- The first date of a safety hold is active and excused, unless another pause covers it; a hold
-- that was ended on that date covers nothing and still excuses it.
pause_day AS (
    SELECT span.patient_id, first_on + number AS day,
           bool_or(is_hold AND number = 0) AS is_first_of_hold,
           bool_or(NOT (is_hold AND number = 0)) AS is_covered
    FROM span
    JOIN patients_pause AS pause
        ON pause.patient_id = span.patient_id AND pause.starts_on <= span.last
    CROSS JOIN LATERAL (
        SELECT pause.reason = 'safety_hold' AS is_hold, pause.starts_on AS first_on,
               CASE WHEN pause.reason = 'safety_hold' AND pause.ends_on < pause.starts_on
                    THEN pause.starts_on ELSE coalesce(pause.ends_on, span.last) END AS last_on
    ) AS covered
    CROSS JOIN LATERAL generate_series(
        greatest(span.first - first_on, 0), least(last_on, span.last) - first_on
    ) AS number
    GROUP BY span.patient_id, first_on + number
),
stop_day AS (
    SELECT session.patient_id, session.performed_on AS day
    FROM span
    JOIN rehab_sessions_exercisesession AS session
        ON session.patient_id = span.patient_id
        AND session.performed_on BETWEEN span.first AND span.last
    WHERE session.has_red_flag AND session.status = 'counted'
    UNION
    SELECT safety_check.patient_id, safety_check.checked_on
    FROM span
    JOIN rehab_sessions_safetycheck AS safety_check
        ON safety_check.patient_id = span.patient_id
        AND safety_check.checked_on BETWEEN span.first AND span.last
    WHERE safety_check.has_red_flag
),
judged_day AS (
    SELECT line_day.*,
           coalesce(pause_day.is_covered, false) AS is_paused,
           coalesce(pause_day.is_first_of_hold, false) OR stop_day.day IS NOT NULL
               OR coalesce(result_day.is_stopped, false) AS is_excused,
           coalesce(result_day.denominator, 1) AS denominator,
           coalesce(CASE WHEN is_each
               THEN least(left_credit, most) + least(right_credit, most)
               ELSE least(both_credit, most) END, 0) AS credited,
           coalesce(CASE WHEN is_each
               THEN greatest(left_times, right_times) ELSE both_times END, 0) AS times_done,
           coalesce(result_day.sets_on_plan, 0) AS sets_on_plan
    FROM line_day
    LEFT JOIN result_day ON result_day.line_id = line_day.line_id
        AND result_day.patient_id = line_day.patient_id AND result_day.day = line_day.day
    LEFT JOIN pause_day ON pause_day.patient_id = line_day.patient_id AND pause_day.day = line_day.day
    LEFT JOIN stop_day ON stop_day.patient_id = line_day.patient_id AND stop_day.day = line_day.day
    CROSS JOIN LATERAL (
        SELECT line_day.sets * coalesce(times_per_day, 1) * denominator AS most
    ) AS dose
),
-- Fixed weekdays: each due date by itself.
occurrence AS (
    SELECT patient_id, today, line_id, day, week, is_excused, denominator, credited,
           set_size * times_per_day * denominator AS prescribed,
           least(times_done, times_per_day) AS done, times_per_day AS expected
    FROM judged_day
    WHERE schedule = 'weekdays' AND is_weekday AND NOT is_paused
),
-- Some days a week: all rows of a line that meet in the week share one quota.
quota_day AS (
    SELECT patient_id, today, line_id, day, week, denominator, credited, set_size,
           least((2 * sum(times_per_week) OVER of_week + 7) / 14, count(*) OVER of_week) AS expected,
           lcm_of(denominator) OVER of_week AS common,
           first_value(set_size) OVER (PARTITION BY line_id, week ORDER BY day DESC) AS last_size,
           CASE WHEN credited > 0 THEN row_number() OVER (
               PARTITION BY line_id, week, credited > 0 ORDER BY day) END AS nth_done
    FROM judged_day
    WHERE schedule = 'times_per_week' AND NOT is_paused AND (credited > 0 OR NOT is_excused)
    WINDOW of_week AS (PARTITION BY line_id, week)
),
quota AS (
    SELECT patient_id, today, line_id, week, common AS denominator, expected,
           least(count(nth_done), expected) AS done,
           sum(credited * div(common, denominator)) AS earned,
           common * (coalesce(sum(set_size) FILTER (WHERE nth_done <= expected), 0)
               + (expected - least(count(nth_done), expected)) * max(last_size)) AS prescribed
    FROM quota_day
    GROUP BY patient_id, today, line_id, week, common, expected
)
