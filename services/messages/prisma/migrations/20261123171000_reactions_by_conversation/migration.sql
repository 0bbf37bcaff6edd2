-- Only what somebody reacted to: who wants what they gave must not read everything that was said. A send pays a comparison.
CREATE INDEX "messages_reacted" ON "messages"("conversation_id", "seq") WHERE "reactions" <> '[]';
