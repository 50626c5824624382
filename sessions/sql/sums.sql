-- What each line's week adds to its patient's figures. Needs row_weeks.
-- What is not over, and what was excused, is asked for only as far as it was done.
part AS (
    SELECT patient_id, line_id, week, 1 AS denominator, 0 AS credited,
           set_size * times_per_day * asked AS prescribed, 0 AS done,
           times_per_day * asked AS expected, 0 AS sets_logged, 0 AS amount_logged
    FROM row_state
    CROSS JOIN LATERAL (
        SELECT bit_count((due & ~(excused | ahead))::bit(7))::integer AS asked
    ) AS days
    UNION ALL
    SELECT patient_id, line_id, week, denominator, sum(credited),
           sum(CASE WHEN forgiven & bit <> 0 THEN credited ELSE 0 END),
           sum(least(times_done, times_per_day)),
           sum(CASE WHEN forgiven & bit <> 0 THEN least(times_done, times_per_day) ELSE 0 END), 0, 0
    FROM done_day
    WHERE due & bit <> 0
    GROUP BY patient_id, line_id, week, denominator
    UNION ALL
    SELECT patient_id, line_id, week, denominator, least(earned, prescribed),
           CASE WHEN week + 6 >= today THEN least(earned, prescribed) ELSE prescribed END,
           done, CASE WHEN week + 6 >= today THEN done ELSE expected END, 0, 0
    FROM quota
    UNION ALL
    SELECT patient_id, line_id, week, 1, 0, 0, 0, 0, sets_logged, amount_logged
    FROM result_week
)
