-- AlterTable
ALTER TABLE "participants" ADD COLUMN     "shown_delivered_seq" INTEGER,
ADD COLUMN     "shown_read_seq" INTEGER;

-- Where one has blocked the other already, markers stand still from now on.
UPDATE "participants" p SET "shown_read_seq" = p."last_read_seq", "shown_delivered_seq" = p."last_delivered_seq"
FROM "blocks" b
JOIN "conversations" c ON c."pair_key" = least(b."user_id", b."blocked_id")::text || ':' || greatest(b."user_id", b."blocked_id")::text
WHERE b."in_force" AND p."conversation_id" = c."id";
