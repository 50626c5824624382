-- What one line's history says about its next session, as one JSON value. Each part is found in an
-- index and reads a bounded number of rows, however long the history is: three sessions hold at
-- most twelve results of a line, one on each of four sides. The quarter's sessions are counted in an
-- index alone, in its order: the results of a session have its moment, and stand side by side.
SELECT jsonb_build_object(
    'sessions', (
        SELECT count(*) FROM (
            SELECT FROM rehab_sessions_exerciseresult AS result
            WHERE result.line_id = {line} AND result.counts AND result.total > 0
              AND result.performed_at >= %s::timestamptz
            GROUP BY result.performed_at, result.session_id
        ) AS of_quarter),
    'not_yet', last.checks,
    'since', (
        SELECT count(DISTINCT session_id) FROM (
            SELECT result.session_id FROM rehab_sessions_exerciseresult AS result
            WHERE result.line_id = {line} AND result.counts AND result.total > 0
              AND result.performed_at > last.performed_at
            ORDER BY result.performed_at DESC LIMIT 12
        ) AS after_it),
    'bests', coalesce((
        SELECT jsonb_object_agg(sides.side, top.total)
        FROM (VALUES ('left'), ('right'), ('both'), ('alternating')) AS sides (side)
        CROSS JOIN LATERAL (
            SELECT result.total FROM rehab_sessions_exerciseresult AS result
            WHERE result.line_id = {line} AND result.side = sides.side AND result.counts
              AND result.total > 0
            ORDER BY result.total DESC LIMIT 1
        ) AS top), '{}'))
FROM (VALUES (1)) AS once
LEFT JOIN LATERAL (
    SELECT result.checks, result.performed_at FROM rehab_sessions_exerciseresult AS result
    WHERE result.line_id = {line} AND result.counts AND result.has_check_not_yet
    ORDER BY result.performed_at DESC, result.id DESC LIMIT 1
) AS last ON true
