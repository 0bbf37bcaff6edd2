-- CreateEnum
CREATE TYPE "attachment_kind" AS ENUM ('image', 'video', 'audio', 'file');

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "shares_history" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "attachments" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "has_link" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "mentions" UUID[] DEFAULT ARRAY[]::UUID[],
ADD COLUMN     "mentions_all" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "reactions" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "system" JSONB,
ADD COLUMN     "text_versions" INTEGER[] DEFAULT ARRAY[]::INTEGER[];

-- AlterTable
ALTER TABLE "users_replica" ADD COLUMN     "hides_reads" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "preferences" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "username" TEXT;

-- CreateTable
CREATE TABLE "mentions" (
    "conversation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "sender_id" UUID NOT NULL,

    CONSTRAINT "mentions_pkey" PRIMARY KEY ("conversation_id","user_id","seq")
);

-- CreateTable
CREATE TABLE "pins" (
    "conversation_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "pinned_by" UUID NOT NULL,
    "pinned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pins_pkey" PRIMARY KEY ("message_id")
);

-- CreateTable
CREATE TABLE "stars" (
    "user_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "starred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stars_pkey" PRIMARY KEY ("user_id","message_id")
);

-- CreateTable
CREATE TABLE "invites" (
    "code" TEXT NOT NULL,
    "conversation_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "max_uses" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invites_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "conversation_avatars" (
    "conversation_id" UUID NOT NULL,
    "size" INTEGER NOT NULL,
    "etag" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "conversation_avatars_pkey" PRIMARY KEY ("conversation_id","size")
);

-- CreateTable
CREATE TABLE "blobs" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,
    "size" BIGINT NOT NULL,
    "thumbnails" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attachments" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "blob_id" UUID NOT NULL,
    "kind" "attachment_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "thumb_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attachments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attachment_uses" (
    "attachment_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "attachment_uses_pkey" PRIMARY KEY ("attachment_id","message_id")
);

-- CreateTable
CREATE TABLE "blocks" (
    "user_id" UUID NOT NULL,
    "blocked_id" UUID NOT NULL,
    "in_force" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL,

    CONSTRAINT "blocks_pkey" PRIMARY KEY ("user_id","blocked_id")
);

-- CreateIndex
CREATE INDEX "pins_conversation_id_pinned_at_message_id_idx" ON "pins"("conversation_id", "pinned_at", "message_id");

-- CreateIndex
CREATE INDEX "stars_user_id_starred_at_message_id_idx" ON "stars"("user_id", "starred_at", "message_id");

-- CreateIndex
CREATE INDEX "stars_message_id_idx" ON "stars"("message_id");

-- CreateIndex
CREATE INDEX "invites_conversation_id_created_at_code_idx" ON "invites"("conversation_id", "created_at", "code");

-- CreateIndex
CREATE UNIQUE INDEX "blobs_owner_id_sha256_key" ON "blobs"("owner_id", "sha256");

-- CreateIndex
CREATE INDEX "attachments_owner_id_idx" ON "attachments"("owner_id");

-- CreateIndex
CREATE INDEX "attachments_blob_id_idx" ON "attachments"("blob_id");

-- CreateIndex
CREATE INDEX "attachments_created_at_idx" ON "attachments"("created_at");

-- CreateIndex
CREATE INDEX "attachment_uses_message_id_idx" ON "attachment_uses"("message_id");

-- CreateIndex
CREATE INDEX "blocks_blocked_id_idx" ON "blocks"("blocked_id");

-- CreateIndex
CREATE INDEX "users_replica_username_idx" ON "users_replica"("username");

-- AddForeignKey
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_blob_id_fkey" FOREIGN KEY ("blob_id") REFERENCES "blobs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attachment_uses" ADD CONSTRAINT "attachment_uses_attachment_id_fkey" FOREIGN KEY ("attachment_id") REFERENCES "attachments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the new columns say of the rows that are there.
UPDATE "messages" SET "text_versions" = ARRAY["version"];
UPDATE "users_replica" SET "username" = "profile"->>'username' WHERE NOT "deleted";
