-- An address belongs to whoever has proven it; until then several people may have given it.
CREATE UNIQUE INDEX "users_proven_email_key" ON "users"("email_key") WHERE "email_verified";

-- DropIndex
DROP INDEX "users_email_key_key";

-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "mailbox" BYTEA;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "email_was_proven" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "pending_email" TEXT,
ADD COLUMN     "pending_email_key" TEXT;

-- CreateIndex
CREATE INDEX "mails_mailbox_idx" ON "mails"("mailbox");

-- CreateIndex
CREATE INDEX "users_email_key_email_verified_created_at_id_idx" ON "users"("email_key", "email_verified" DESC, "created_at", "id");

-- CreateIndex
CREATE INDEX "users_pending_email_key_idx" ON "users"("pending_email_key");
