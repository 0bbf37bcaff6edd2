-- AlterTable
ALTER TABLE "users" ADD COLUMN     "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

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

-- CreateIndex
CREATE INDEX "blocks_at_idx" ON "blocks"("at");

-- CreateIndex
CREATE INDEX "users_changed_at_idx" ON "users"("changed_at");

-- Every row is soon deleted: vacuum by count, not by share of the table.
ALTER TABLE "outbox_sent" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

-- By a trigger, so that nodes of the version before note it, too.
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := now();
  RETURN NEW;
END $$;

CREATE TRIGGER users_note_change BEFORE UPDATE ON "users" FOR EACH ROW
WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION note_change();
