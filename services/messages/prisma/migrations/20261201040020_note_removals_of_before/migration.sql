-- Nodes of the version before neither note who was removed by somebody else nor end the invites of who is gone.

-- The event that tells who did it is written after the row: at the commit both are there.
CREATE FUNCTION "note_removal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "participants" p SET "was_removed" = true
  FROM "conversation_events" e
  WHERE p."conversation_id" = NEW."conversation_id" AND p."user_id" = NEW."user_id" AND NOT p."was_removed"
    AND p."left_version" = NEW."left_version"
    AND e."conversation_id" = NEW."conversation_id" AND e."version" = NEW."left_version"
    AND e."payload"::json->>'actorId' <> NEW."user_id"::text;
  UPDATE "invites" SET "revoked_at" = now()
  WHERE "conversation_id" = NEW."conversation_id" AND "created_by" = NEW."user_id" AND "revoked_at" IS NULL;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER "participants_note_removal" AFTER UPDATE OF "left_version" ON "participants"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (OLD."left_version" IS NULL AND NEW."left_version" IS NOT NULL AND NOT NEW."was_removed")
EXECUTE FUNCTION "note_removal"();

-- Whoever is in again, as an admin let them in, may leave and come back by themselves.
CREATE FUNCTION "forget_removal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."was_removed" := false;
  RETURN NEW;
END $$;

CREATE TRIGGER "participants_forget_removal" BEFORE UPDATE OF "left_version" ON "participants" FOR EACH ROW
WHEN (OLD."left_version" IS NOT NULL AND NEW."left_version" IS NULL AND NEW."was_removed")
EXECUTE FUNCTION "forget_removal"();
