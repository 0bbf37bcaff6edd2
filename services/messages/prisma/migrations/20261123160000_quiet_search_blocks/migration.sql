-- AlterTable
ALTER TABLE "search_blocks" ADD COLUMN     "is_quiet" BOOLEAN NOT NULL DEFAULT false;

-- Those that grow and have been left alone for a while, the longest first.
CREATE INDEX "search_blocks_open_by_time" ON "search_blocks" ("newest_at") WHERE "grams" IS NULL;
