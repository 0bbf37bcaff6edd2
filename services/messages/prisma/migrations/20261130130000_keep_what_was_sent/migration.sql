-- AlterTable
ALTER TABLE "replica_state" ADD COLUMN     "compared_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "outbox_sent" (
    "token" BIGINT NOT NULL,
    "id" BIGINT NOT NULL,
    "partition" SMALLINT NOT NULL,
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "request_id" TEXT,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_sent_pkey" PRIMARY KEY ("token","id")
);

-- Every row is soon deleted: vacuum by count, not by share of the table.
ALTER TABLE "outbox_sent" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
