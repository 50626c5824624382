-- The run alone, of what is known of the week that goes on.
WITH this_week AS (SELECT %(unit)s::text AS unit, %(here)s::integer AS here, false AS begins_here),
{run}
SELECT length, not_kept FROM run
