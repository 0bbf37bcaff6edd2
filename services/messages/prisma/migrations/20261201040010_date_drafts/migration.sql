-- Apart from the change of the table, whose lock would keep everyone waiting for this.

-- Drafts from before were typed when their settings last changed, at the latest.
UPDATE "participants" SET "draft_at" = "me_at" WHERE "draft" IS NOT NULL AND "draft_at" IS NULL;
