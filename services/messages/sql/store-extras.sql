-- Stores what messages carry besides their row: files and mentions. Called by `send_messages`.
--
-- It handles only messages that this transaction inserted (`xmin`). One that was stored before may
-- have been edited since. `told` are the people whose count of unread mentions goes up.
CREATE OR REPLACE FUNCTION store_extras(sends json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attachment_uses (attachment_id, message_id, conversation_id, seq)
    SELECT a.id, m.id, m.conversation_id, m.seq
    FROM json_to_recordset(sends) AS s (id uuid, attachment_ids uuid[])
    CROSS JOIN LATERAL unnest(s.attachment_ids) AS a (id)
    CROSS JOIN LATERAL (SELECT q.* FROM messages q WHERE q.id = s.id AND q.xmin = pg_current_xact_id()::xid OFFSET 0) m
    ORDER BY a.id;

    INSERT INTO mentions (conversation_id, user_id, seq, sender_id)
    SELECT m.conversation_id, t.id, m.seq, m.sender_id
    FROM json_to_recordset(sends) AS s (id uuid, told uuid[])
    CROSS JOIN LATERAL unnest(s.told) AS t (id)
    CROSS JOIN LATERAL (SELECT q.* FROM messages q WHERE q.id = s.id AND q.xmin = pg_current_xact_id()::xid OFFSET 0) m;
END
$$;
