-- Events that are committed and not yet published. Copy into the migration of a service that has an outbox;
-- in its Prisma schema the same table reads:
--
-- model Outbox {
--   id        BigInt   @id @default(autoincrement())
--   partition Int      @db.SmallInt
--   key       String
--   type      String
--   payload   String
--   requestId String?  @map("request_id")
--   createdAt DateTime @default(now()) @map("created_at") @db.Timestamptz(3)
--
--   @@map("outbox")
-- }
--
-- model OutboxSent {
--   token     BigInt
--   id        BigInt
--   partition Int      @db.SmallInt
--   key       String
--   type      String
--   payload   String
--   requestId String?  @map("request_id")
--   sentAt    DateTime @default(now()) @map("sent_at") @db.Timestamptz(3)
--
--   @@id([token, id])
--   @@map("outbox_sent")
-- }
CREATE TABLE "outbox" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "partition" SMALLINT NOT NULL,
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- Every row is soon deleted: vacuum by count, not by share of a table that is nearly empty.
ALTER TABLE "outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- Events that were published in the last minutes, in the order of their rounds (`token`) and their ids.
CREATE TABLE "outbox_sent" (
    "token" BIGINT NOT NULL,
    "id" BIGINT NOT NULL,
    "partition" SMALLINT NOT NULL,
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "request_id" TEXT,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_sent_pkey" PRIMARY KEY ("token", "id")
);

ALTER TABLE "outbox_sent" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
