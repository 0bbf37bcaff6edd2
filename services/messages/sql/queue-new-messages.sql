-- Trigger `messages_search_new`: queues conversations with new messages for the search index.
--
-- It runs once a statement, with the inserted rows as `written`. One row for all conversations
-- costs a batch less than half of a row for each.
CREATE OR REPLACE FUNCTION queue_new_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_queue (conversation_ids) SELECT array_agg(DISTINCT conversation_id) FROM written HAVING count(*) > 0;
    RETURN NULL;
END
$$;
