-- Whether the planner has anything to do in the context's clinic: what it does next, asked at once.
SELECT EXISTS (
    SELECT FROM reminders_delivery AS late
    WHERE late.state = 'waiting' AND late.next_at < %(now)s AND late.expires_at < %(now)s
      AND NOT EXISTS (SELECT FROM reminders_receipt AS receipt WHERE receipt.delivery_id = late.id)
) OR EXISTS (
    SELECT FROM reminders_delivery AS old WHERE old.settled_at < %(kept_since)s
) OR EXISTS (
    {missing}
) OR EXISTS (
    {to_plan}
)
