-- Apart from the change of the table, whose lock would keep everyone waiting for this.

-- Who was removed before this was written down, as far as the event that told it is kept.
UPDATE "participants" p SET "was_removed" = true
FROM "conversation_events" e
WHERE e."conversation_id" = p."conversation_id" AND e."version" = p."left_version"
  AND e."payload"::json->>'type' = 'participant.removed' AND e."payload"::json->>'actorId' <> p."user_id"::text;

-- Invites of people who no longer manage their group.
UPDATE "invites" i SET "revoked_at" = now()
WHERE i."revoked_at" IS NULL AND NOT EXISTS (
  SELECT FROM "participants" p WHERE p."conversation_id" = i."conversation_id" AND p."user_id" = i."created_by"
    AND p."left_version" IS NULL AND p."role" <> 'member'
);
