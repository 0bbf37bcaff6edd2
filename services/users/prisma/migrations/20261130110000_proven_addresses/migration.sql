-- An address belongs to whoever has proven it; until then several people may have given it.
CREATE UNIQUE INDEX "users_proven_email_key" ON "users"("email_key") WHERE "email_verified";

-- DropIndex
DROP INDEX "users_email_key_key";

-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "mailbox" BYTEA;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "email_was_proven" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "email_given_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "pending_email" TEXT,
ADD COLUMN     "pending_email_key" TEXT;

-- CreateIndex
CREATE INDEX "mails_mailbox_idx" ON "mails"("mailbox");

-- CreateIndex
CREATE INDEX "users_by_email" ON "users"("email_key", "email_verified" DESC, "email_given_at", "created_at", "id");

-- CreateIndex
CREATE INDEX "users_pending_email_key_idx" ON "users"("pending_email_key");

-- Whoever gave an address first, and who gave up a proven one: noted for nodes of the version before, too.
CREATE FUNCTION note_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email_key IS DISTINCT FROM OLD.email_key THEN
    NEW.email_given_at := now();
    IF OLD.email_verified AND NOT NEW.email_verified AND NEW.deleted_at IS NULL THEN
      NEW.email_was_proven := true;
    END IF;
  END IF;
  RETURN NEW;
END;
$$;
CREATE TRIGGER note_email BEFORE UPDATE OF email_key ON "users" FOR EACH ROW EXECUTE FUNCTION note_email();
