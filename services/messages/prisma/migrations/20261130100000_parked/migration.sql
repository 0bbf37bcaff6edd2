-- CreateTable
CREATE TABLE "search_rounds" (
    "id" INTEGER NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,

    CONSTRAINT "search_rounds_pkey" PRIMARY KEY ("id")
);
INSERT INTO "search_rounds" ("id") VALUES (1);

-- CreateTable
CREATE TABLE "parked" (
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "data" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "parked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parked_pkey" PRIMARY KEY ("kind","id")
);

-- AlterTable
ALTER TABLE "outbox" ADD COLUMN "tries" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "uploads" ADD COLUMN "finish_tries" INTEGER NOT NULL DEFAULT 0;

-- A block of the longest messages has ten thousand grams, each a place in this index. Gathered first and sorted in
-- together they cost a quarter; search reads what is gathered, so that is kept short, and sorted in when there is time.
ALTER INDEX "search_blocks_grams" SET (fastupdate = on);
