-- With messages_by_sender this is what unread counts leave out: one's own messages, and of others what is deleted or tells
-- of a change. It has all that messages_deleted had, so the version before, which asks for deleted ones, reads it, too.
CREATE INDEX "messages_uncounted" ON "messages"("conversation_id", "seq") INCLUDE ("sender_id") WHERE "deleted_at" IS NOT NULL OR "kind" = 'system';
DROP INDEX "messages_deleted";
