-- AlterTable
ALTER TABLE "users" ADD COLUMN     "reachable" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "push_keys" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "public_key" TEXT NOT NULL,
    "private_key" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "push_keys_pkey" PRIMARY KEY ("id")
);

-- Whoever has a device by now is reachable; the other services copy everyone anew for it.
UPDATE "users" u SET "reachable" = true, "version" = "version" + 1 WHERE EXISTS (SELECT FROM "devices" d WHERE d."user_id" = u."id");
