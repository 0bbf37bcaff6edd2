-- Out of the way of whoever looks for usernames by their beginning: no username has a colon.
UPDATE "users" SET "username" = ':' || "id" WHERE "deleted_at" IS NOT NULL;
