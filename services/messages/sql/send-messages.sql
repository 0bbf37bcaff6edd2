-- Saves a batch of messages, each with its event and its outbox entry, in one round trip.
--
-- `sends` is a JSON array in the order of acceptance. No two elements have the same id.
-- `message_rest` and `event_rest` are the inside of the JSON text of message and event, without
-- `seq` and `version`: only the lock can tell those. What a plain text does not have (`reply_to`,
-- `forward_of`, `attachments`, `mentions`, …) is left out. `has_extras` says whether any element
-- has files or mentions.
--
-- Returns one row per element, with its `status`:
--   201  stored now, at this `seq` and `version`
--   200  this very message is stored already
--   400  `refused` by the service
--   403  a direct conversation in which one person blocked the other
--   404  the sender is no participant
--   409  the id belongs to another message
-- What is stored already is answered before anything that changed since could refuse it.
--
-- The order of the statements matters:
-- 1. Conversations are locked in the order of their ids. So two batches cannot deadlock.
-- 2. Only the next statement reads participants and earlier messages. Its snapshot is newer than
--    the locks, so it sees a removal or an earlier try that was committed before. It also sees an
--    edit of the message replied to: `reply_edition` is the version whose event last carried the
--    text.
-- 3. Counters move only for what is inserted, so `seq` has no holes. Messages are inserted by id:
--    two nodes that store the same ids in different conversations wait in one direction only. The
--    loser fails as a whole with a unique violation, and its retry finds the id taken.
--
-- The streamed event of a reply lists in `unquotedFor` the participants who joined after the quoted
-- message: delivery leaves the quote out for them.
--
-- Look-ups are LATERAL with OFFSET 0, which keeps each an index look-up per row. A join planned
-- while the tables were small would be cached and later read a grown table whole.
CREATE OR REPLACE FUNCTION send_messages(sends json, has_extras boolean DEFAULT true) RETURNS TABLE (place int, status int, seq int, version int)
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
                created_at timestamptz, message_rest text, event_rest text, partition smallint, request_id text,
                reply_to_id uuid, reply_edition int, forward_of uuid, attachments text,
                mentions uuid[], mentions_all boolean, has_link boolean
            )
        ) WITH ORDINALITY AS s (
            id, conversation_id, sender_id, body, reply_to, refused,
            created_at, message_rest, event_rest, partition, request_id,
            reply_to_id, reply_edition, forward_of, attachments,
            mentions, mentions_all, has_link, place
        )
    ), judged AS (
        SELECT s.*, c.last_seq AS seq_before, c.version AS version_before, CASE
            WHEN participant.user_id IS NULL THEN 404
            WHEN earlier.conversation_id = s.conversation_id AND earlier.sender_id = s.sender_id THEN 200
            WHEN earlier.id IS NOT NULL THEN 409
            WHEN c.pair_key IS NOT NULL AND is_blocked(c.pair_key) THEN 403
            WHEN s.refused THEN 400
            WHEN s.reply_to_id IS NOT NULL AND s.reply_edition IS DISTINCT FROM (
                SELECT m.text_versions[cardinality(m.text_versions)] FROM messages m WHERE m.id = s.reply_to_id
            ) THEN prepare_again()
            ELSE 201
        END AS status
        FROM send s
        LEFT JOIN LATERAL (
            SELECT q.last_seq, q.version, q.pair_key FROM conversations q WHERE q.id = s.conversation_id OFFSET 0
        ) c ON true
        LEFT JOIN LATERAL (
            SELECT p.user_id FROM participants p
            WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id AND p.left_version IS NULL
            OFFSET 0
        ) participant ON true
        LEFT JOIN LATERAL (
            SELECT m.id, m.conversation_id, m.sender_id FROM messages m WHERE m.id = s.id OFFSET 0
        ) earlier ON true
    ), placed AS (
        SELECT j.*, j.seq_before + j.nth AS seq, j.version_before + j.nth AS version
        FROM (
            SELECT judged.*,
                row_number() OVER (PARTITION BY judged.conversation_id ORDER BY judged.place)::int AS nth
            FROM judged WHERE judged.status = 201
        ) j
    ), written AS (
        SELECT p.*,
            '{"version":' || p.version || ',"data":{"message":{"seq":' || p.seq || ',"version":' || p.version || ','
            || p.message_rest || '}},' || p.event_rest || '}' AS payload
        FROM placed p
    ), stored AS (
        INSERT INTO messages (
            id, conversation_id, seq, version, sender_id, text, reply_to, forward_of, attachments,
            mentions, mentions_all, has_link, text_versions, created_at
        )
        SELECT w.id, w.conversation_id, w.seq, w.version, w.sender_id, w.body, w.reply_to::jsonb, w.forward_of,
            coalesce(w.attachments::jsonb, '[]'), coalesce(w.mentions, '{}'), coalesce(w.mentions_all, false),
            coalesce(w.has_link, false), ARRAY[w.version], w.created_at
        FROM written w ORDER BY w.id
    ), told AS (
        INSERT INTO conversation_events (conversation_id, version, payload)
        SELECT w.conversation_id, w.version, w.payload FROM written w
    ), to_publish AS (
        INSERT INTO outbox (partition, key, type, payload, request_id)
        SELECT w.partition, w.conversation_id::text, 'message.created',
            CASE WHEN w.reply_to_id IS NULL THEN w.payload ELSE coalesce((
                SELECT left(w.payload, -1) || ',"unquotedFor":' || json_agg(p.user_id)::text || '}' FROM participants p
                WHERE p.conversation_id = w.conversation_id AND p.left_version IS NULL
                    AND p.joined_seq >= (w.reply_to::json ->> 'seq')::int
            ), w.payload) END, w.request_id
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

    IF has_extras THEN
        PERFORM store_extras(sends);
    END IF;
END
$$;
