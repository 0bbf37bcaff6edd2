-- Stores a batch of messages, each with its event and its outbox entry, in one round trip.
--
-- `sends` is a JSON array, in the order of acceptance; no two elements have the same id. `message_rest` and
-- `event_rest` are the inside of the message's and the event's JSON text without what only the lock can tell: seq
-- and version. Answers one row per element: 201 with its place, 200 (this very message is stored already), 404 (not
-- a participant), 400 (`refused`, and not stored before), 409 (the id is another message's).
--
-- Three statements' worth of order matter here:
-- 1. The conversations are locked in the order of their ids, so that two batches never wait for each other.
-- 2. Only the next statement looks at participants and earlier messages: its snapshot is newer than the locks, so a
--    removal or an earlier try that was committed before is seen.
-- 3. Counters move only for what is inserted: no hole. Messages go in by id, so that two nodes that store the same
--    ids into different conversations wait for each other in one direction only; the loser fails as a whole with a
--    unique violation, and its second try finds the id taken.
--
-- The look-ups are LATERAL with OFFSET 0, which keeps them index look-ups per row: a join planned while the tables
-- were small would be kept and read all of a table that has grown since.
CREATE FUNCTION send_messages(sends json) RETURNS TABLE (place int, status int, seq int, version int)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM (
        SELECT DISTINCT s.conversation_id FROM json_to_recordset(sends) AS s (conversation_id uuid)
        ORDER BY s.conversation_id
    ) wanted
    CROSS JOIN LATERAL (
        SELECT c.id FROM conversations c WHERE c.id = wanted.conversation_id OFFSET 0 FOR NO KEY UPDATE
    ) locked;

    RETURN QUERY
    WITH send AS (
        SELECT s.* FROM ROWS FROM (
            json_to_recordset(sends) AS (
                id uuid, conversation_id uuid, sender_id uuid, body text, reply_to text, refused boolean,
                created_at timestamptz, message_rest text, event_rest text, partition smallint, request_id text
            )
        ) WITH ORDINALITY AS s (
            id, conversation_id, sender_id, body, reply_to, refused,
            created_at, message_rest, event_rest, partition, request_id, place
        )
    ), judged AS (
        SELECT s.*, CASE
            WHEN participant.user_id IS NULL THEN 404
            WHEN earlier.id IS NULL AND s.refused THEN 400
            WHEN earlier.id IS NULL THEN 201
            WHEN earlier.conversation_id = s.conversation_id AND earlier.sender_id = s.sender_id THEN 200
            ELSE 409
        END AS status
        FROM send s
        LEFT JOIN LATERAL (
            SELECT p.user_id FROM participants p
            WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id AND p.left_version IS NULL
            OFFSET 0
        ) participant ON true
        LEFT JOIN LATERAL (
            SELECT m.id, m.conversation_id, m.sender_id FROM messages m WHERE m.id = s.id OFFSET 0
        ) earlier ON true
    ), placed AS (
        SELECT j.*, c.last_seq + j.nth AS seq, c.version + j.nth AS version
        FROM (
            SELECT judged.*,
                row_number() OVER (PARTITION BY judged.conversation_id ORDER BY judged.place)::int AS nth
            FROM judged WHERE judged.status = 201
        ) j
        CROSS JOIN LATERAL (
            SELECT q.last_seq, q.version FROM conversations q WHERE q.id = j.conversation_id OFFSET 0
        ) c
    ), written AS (
        SELECT p.*,
            '{"version":' || p.version || ',"data":{"message":{"seq":' || p.seq || ',"version":' || p.version || ','
            || p.message_rest || '}},' || p.event_rest || '}' AS payload
        FROM placed p
    ), stored AS (
        INSERT INTO messages (id, conversation_id, seq, version, sender_id, text, reply_to, created_at)
        SELECT w.id, w.conversation_id, w.seq, w.version, w.sender_id, w.body, w.reply_to::jsonb, w.created_at
        FROM written w ORDER BY w.id
    ), told AS (
        INSERT INTO conversation_events (conversation_id, version, payload)
        SELECT w.conversation_id, w.version, w.payload FROM written w
    ), to_publish AS (
        INSERT INTO outbox (partition, key, type, payload, request_id)
        SELECT w.partition, w.conversation_id::text, 'message.created', w.payload, w.request_id
        FROM written w ORDER BY w.place
    ), counted AS (
        UPDATE conversations c
        SET last_seq = n.last_seq, version = n.last_version, last_activity_at = n.last_at
        FROM (
            SELECT w.conversation_id, max(w.seq) AS last_seq, max(w.version) AS last_version,
                max(w.created_at) AS last_at
            FROM written w GROUP BY w.conversation_id
        ) n
        WHERE c.id = n.conversation_id
    )
    SELECT j.place::int, j.status, w.seq, w.version
    FROM judged j LEFT JOIN written w ON w.place = j.place
    ORDER BY j.place;
END
$$;
