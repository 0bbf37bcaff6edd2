-- Trigger `messages_search_changed`: queues one edited or deleted message for the search index.
CREATE OR REPLACE FUNCTION queue_changed_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_queue (conversation_ids, seq) VALUES (ARRAY[NEW.conversation_id], NEW.seq);
    RETURN NULL;
END
$$;
