-- AlterTable
ALTER TABLE "users_replica" ADD COLUMN     "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone;

-- CreateIndex
CREATE INDEX "users_replica_changed_at_id_idx" ON "users_replica"("changed_at", "id");

-- By a trigger, so that nodes of the version before note it, too. What nobody is shown, such as whether somebody may have
-- a device, is no change. The moment of the write, not of the transaction: it is seen that much sooner after its stamp.
CREATE FUNCTION note_profile_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER users_replica_note_change BEFORE UPDATE ON "users_replica" FOR EACH ROW
WHEN (OLD.profile - 'version' IS DISTINCT FROM NEW.profile - 'version' OR OLD.deleted IS DISTINCT FROM NEW.deleted)
EXECUTE FUNCTION note_profile_change();
