-- Constraint trigger `participants_note_removal`: marks a removal by somebody else.
--
-- It also revokes the invites of whoever is no participant any more.
--
-- For nodes of the previous version, which do neither. The trigger is deferred to the commit: the
-- event that names the actor is written after the participant's row.
CREATE OR REPLACE FUNCTION note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
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
