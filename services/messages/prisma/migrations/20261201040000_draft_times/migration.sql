-- AlterTable
ALTER TABLE "participants" ADD COLUMN     "draft_at" TIMESTAMPTZ(3),
ADD COLUMN     "draft_device" TEXT;

-- A node of the version before writes a draft without its time: it was typed just now.
CREATE FUNCTION "date_draft"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."draft_at" := clock_timestamp();
  NEW."draft_device" := NULL;
  RETURN NEW;
END $$;

CREATE TRIGGER "participants_date_draft" BEFORE UPDATE OF "draft" ON "participants" FOR EACH ROW
WHEN (NEW."draft" IS DISTINCT FROM OLD."draft" AND NEW."draft_at" IS NOT DISTINCT FROM OLD."draft_at"
  AND NEW."draft_device" IS NOT DISTINCT FROM OLD."draft_device")
EXECUTE FUNCTION "date_draft"();
