-- One row for all conversations of a statement costs a batch of sends less than half of what a row for each did.
ALTER TABLE "search_queue" DROP COLUMN "conversation_id", ADD COLUMN "conversation_ids" UUID[];

CREATE OR REPLACE FUNCTION queue_new_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_queue (conversation_ids) SELECT array_agg(DISTINCT conversation_id) FROM written HAVING count(*) > 0;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION queue_changed_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_queue (conversation_ids, seq) VALUES (ARRAY[NEW.conversation_id], NEW.seq);
    RETURN NULL;
END
$$;

-- What was queued is not known any more: everything is read anew.
TRUNCATE "search_queue", "search_blocks";
INSERT INTO "search_queue" ("is_backfill", "conversation_ids") SELECT true, ARRAY["id"] FROM "conversations" WHERE "last_seq" > 0;
