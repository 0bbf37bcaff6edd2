-- People whose search words were made before they were made in this way; empty once all have been made anew.
CREATE INDEX "users_searched_as_before" ON "users" ("id") WHERE "deleted_at" IS NULL AND NOT "search_words" @@ '''~~2'''::tsquery;
