-- What each goal of an exercise has reached: its best set, day or week so far, the first date on
-- which the target was met, and where the day or the week of today stands. Of results that count,
-- on all lines of the exercise in that measure, from the goal's first to its last date.
WITH wanted AS (
    SELECT goal.id AS goal_id, goal.patient_id, goal.exercise_id, goal.exercise_measure AS measure,
           goal.amount, goal.target, goal.starts_on, coalesce(goal.ended_on, 'infinity') AS last_on,
           clock.today
    FROM unnest(%(goals)s::uuid[], %(todays)s::date[]) AS clock (goal_id, today)
    JOIN patients_goal AS goal ON goal.id = clock.goal_id AND goal.kind = 'exercise'
),
day AS (
    SELECT goal_id, amount, target, today, result.performed_on,
           CASE amount WHEN 'best_set' THEN max(result.best_set) ELSE sum(result.total) END AS done
    FROM wanted
    JOIN patients_line AS line
        ON line.patient_id = wanted.patient_id AND line.exercise_id = wanted.exercise_id
        AND line.measure = wanted.measure
    JOIN rehab_sessions_exerciseresult AS result
        ON result.line_id = line.id AND result.counts
        AND result.performed_on BETWEEN wanted.starts_on AND wanted.last_on
    GROUP BY goal_id, amount, target, today, result.performed_on
),
run AS (
    SELECT goal_id, amount, target, today, performed_on,
           CASE amount WHEN 'week_total' THEN sum(done) OVER (
               PARTITION BY goal_id, date_trunc('week', performed_on)
               ORDER BY performed_on) ELSE done END AS reached
    FROM day
)
SELECT goal_id, max(reached), min(performed_on) FILTER (WHERE reached >= target),
       coalesce(max(reached) FILTER (WHERE CASE amount
           WHEN 'week_total' THEN date_trunc('week', performed_on) = date_trunc('week', today)
           ELSE performed_on = today END), 0)
FROM run
GROUP BY goal_id
