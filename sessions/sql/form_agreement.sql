-- What the therapist saw beside what the patient said, of one patient: how often each pair occurs.
-- To each check that was scored belongs the patient's nearest answer to it on that line, within the
-- window: the nearest date, of two equally near the earlier one, of one date the first. "unsure" is
-- no answer, and what the care team logged is not the patient's.
SELECT scored.line_id, scored.exercise_version_id, seen.check_id, seen.answer, said.answer, count(*)
FROM rehab_sessions_formcheck scored
CROSS JOIN LATERAL jsonb_each_text(scored.answers) AS seen(check_id, answer)
LEFT JOIN LATERAL (
    SELECT result.checks ->> seen.check_id AS answer
    FROM rehab_sessions_exerciseresult result
    JOIN rehab_sessions_exercisesession session ON session.id = result.session_id
    WHERE result.line_id = scored.line_id
      AND result.counts
      AND result.performed_on BETWEEN scored.seen_on - %(window)s AND scored.seen_on + %(window)s
      AND result.checks ->> seen.check_id IN ('yes', 'no')
      AND session.logged_as <> 'therapist'
    ORDER BY abs(result.performed_on - scored.seen_on), result.performed_at, result.id
    LIMIT 1
) AS said ON true
WHERE scored.patient_id = %(patient_id)s AND scored.withdrawn_at IS NULL
GROUP BY 1, 2, 3, 4, 5
