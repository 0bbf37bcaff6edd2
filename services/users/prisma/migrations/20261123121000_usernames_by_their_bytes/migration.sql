-- Usernames are of a-z, 0-9, _ and . only: in the order of their bytes, which is the same on every system, the unique
-- index also answers what they begin with.
ALTER TABLE "users" ALTER COLUMN "username" TYPE TEXT COLLATE "C";
