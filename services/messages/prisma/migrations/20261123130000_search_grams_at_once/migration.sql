-- A full block has more than a thousand grams, most of which the block before had too: some blocks together go into the
-- index for little more than one. What waits is read by every search, so it is kept short (kB).
ALTER INDEX "search_blocks_grams" SET (fastupdate = on, gin_pending_list_limit = 256);

-- Which words are small, and so the language of a block, is told in another way now: everything is read anew.
TRUNCATE "search_blocks";
INSERT INTO "search_queue" ("is_backfill", "conversation_id") SELECT true, "id" FROM "conversations" WHERE "last_seq" > 0;
