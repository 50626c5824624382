-- The rows whose range holds the day, each with its exercise and with what its line's history says.
SELECT prescribed.id, prescribed.line_id, line.position, line.note, assignment.title,
       version.content::text, ({history})::text,
       prescribed.side, prescribed.measure, prescribed.sets, prescribed.repetitions,
       prescribed.repetitions_max, prescribed.hold_seconds, prescribed.duration_seconds,
       prescribed.distance_m, prescribed.steps, prescribed.load_kg, prescribed.rest_seconds,
       prescribed.tempo, prescribed.device, prescribed.effort_ceiling, prescribed.schedule,
       prescribed.weekdays, prescribed.times_per_day, prescribed.times_per_week
FROM patients_prescribedexercise AS prescribed
JOIN patients_line AS line ON line.id = prescribed.line_id
JOIN patients_assignment AS assignment ON assignment.id = line.assignment_id
JOIN programs_exerciseversion AS version ON version.id = prescribed.exercise_version_id
WHERE prescribed.patient_id = %s AND prescribed.in_force_from <= %s
  AND (prescribed.in_force_until IS NULL OR prescribed.in_force_until > %s)
ORDER BY assignment.starts_on, line.assignment_id, line.position, prescribed.line_id
