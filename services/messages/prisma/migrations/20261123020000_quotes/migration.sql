-- Finds the answers that quote a message, so that the quote changes with it and goes with it. One that quotes nothing
-- any more is no longer in it.
DROP INDEX "messages_replies";
CREATE INDEX "messages_quotes" ON "messages" (("reply_to" ->> 'id'), "seq") WHERE "reply_to" ->> 'excerpt' <> '';
