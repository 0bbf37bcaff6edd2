-- CreateTable
CREATE TABLE "search_blocks" (
    "conversation_id" UUID NOT NULL,
    "from_seq" INTEGER NOT NULL,
    "to_seq" INTEGER NOT NULL,
    "oldest_at" TIMESTAMPTZ(3) NOT NULL,
    "newest_at" TIMESTAMPTZ(3) NOT NULL,
    "languages" TEXT[],
    "lines" TEXT NOT NULL,
    "grams" SMALLINT[],

    CONSTRAINT "search_blocks_pkey" PRIMARY KEY ("conversation_id","from_seq")
);

-- CreateTable
CREATE TABLE "search_queue" (
    "is_backfill" BOOLEAN NOT NULL DEFAULT false,
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "conversation_id" UUID NOT NULL,
    "seq" INTEGER,
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "search_queue_pkey" PRIMARY KEY ("is_backfill","id")
);

-- A full block is found by its grams. A block that still grows has none, is rewritten often and always read: the
-- index of those holds it to one per conversation.
CREATE INDEX "search_blocks_grams" ON "search_blocks" USING GIN ("grams") WITH (fastupdate = off) WHERE "grams" IS NOT NULL;
CREATE UNIQUE INDEX "search_blocks_open" ON "search_blocks" ("conversation_id") WHERE "grams" IS NULL;

-- What is long lies beside the table, as it is: the table stays small enough to be listed, and a text is read without
-- being unpacked.
ALTER TABLE "search_blocks" ALTER COLUMN "lines" SET STORAGE EXTERNAL;
ALTER TABLE "search_blocks" ALTER COLUMN "grams" SET STORAGE EXTERNAL;
ALTER TABLE "search_blocks" SET (toast_tuple_target = 128, fillfactor = 80);

-- Every row is soon deleted: vacuum by count, not by share of a table that is nearly empty.
ALTER TABLE "search_queue" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- Whoever writes a message, and however: what search has to look at again is queued in the same transaction.
CREATE FUNCTION queue_new_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_queue (conversation_id) SELECT DISTINCT conversation_id FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER "messages_search_new" AFTER INSERT ON "messages" REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION queue_new_messages();

CREATE FUNCTION queue_changed_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_queue (conversation_id, seq) VALUES (NEW.conversation_id, NEW.seq);
    RETURN NULL;
END
$$;
CREATE TRIGGER "messages_search_changed" AFTER UPDATE OF "text", "attachments", "has_link", "deleted_at" ON "messages"
FOR EACH ROW WHEN (
    OLD.text IS DISTINCT FROM NEW.text OR OLD.attachments IS DISTINCT FROM NEW.attachments
    OR OLD.has_link IS DISTINCT FROM NEW.has_link OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at
) EXECUTE FUNCTION queue_changed_message();

-- Everything that was said before.
INSERT INTO "search_queue" ("is_backfill", "conversation_id") SELECT true, "id" FROM "conversations" WHERE "last_seq" > 0;
