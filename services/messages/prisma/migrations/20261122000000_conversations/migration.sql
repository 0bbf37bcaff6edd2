-- CreateEnum
CREATE TYPE "conversation_kind" AS ENUM ('direct', 'group');

-- CreateEnum
CREATE TYPE "role" AS ENUM ('owner', 'admin', 'member');

-- CreateEnum
CREATE TYPE "notify" AS ENUM ('all', 'mentions', 'none');

-- CreateEnum
CREATE TYPE "message_kind" AS ENUM ('text', 'system');

-- CreateTable
CREATE TABLE "conversations" (
    "id" UUID NOT NULL,
    "kind" "conversation_kind" NOT NULL,
    "title" TEXT,
    "description" TEXT,
    "avatar_url" TEXT,
    "pair_key" TEXT,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 0,
    "compacted_version" INTEGER NOT NULL DEFAULT 0,
    "participant_count" INTEGER NOT NULL,
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "participants" (
    "conversation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "role" NOT NULL,
    "joined_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "joined_seq" INTEGER NOT NULL,
    "joined_version" INTEGER NOT NULL,
    "left_version" INTEGER,
    "last_read_seq" INTEGER NOT NULL DEFAULT 0,
    "last_delivered_seq" INTEGER NOT NULL DEFAULT 0,
    "marker_at" TIMESTAMPTZ(3),
    "muted_until" TIMESTAMPTZ(3),
    "archived" BOOLEAN NOT NULL DEFAULT false,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "notify" "notify" NOT NULL DEFAULT 'all',
    "draft" TEXT,
    "me_at" TIMESTAMPTZ(3),

    CONSTRAINT "participants_pkey" PRIMARY KEY ("conversation_id","user_id")
);

-- CreateTable
CREATE TABLE "messages" (
    "id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "sender_id" UUID NOT NULL,
    "kind" "message_kind" NOT NULL DEFAULT 'text',
    "text" TEXT,
    "reply_to" JSONB,
    "forward_of" UUID,
    "edited_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "conversation_events" (
    "conversation_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "payload" TEXT NOT NULL,

    CONSTRAINT "conversation_events_pkey" PRIMARY KEY ("conversation_id","version")
);

-- CreateTable
CREATE TABLE "users_replica" (
    "id" UUID NOT NULL,
    "profile" JSONB NOT NULL,
    "version" INTEGER NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "users_replica_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replica_state" (
    "name" TEXT NOT NULL,
    "built_at" TIMESTAMPTZ(3),

    CONSTRAINT "replica_state_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "partition" SMALLINT NOT NULL,
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "conversations_pair_key_key" ON "conversations"("pair_key");

-- CreateIndex
CREATE INDEX "participants_user_id_conversation_id_idx" ON "participants"("user_id", "conversation_id");

-- CreateIndex
CREATE UNIQUE INDEX "messages_conversation_id_seq_key" ON "messages"("conversation_id", "seq");

-- CreateIndex
CREATE INDEX "messages_by_sender" ON "messages"("conversation_id", "sender_id", "seq");

-- AddForeignKey
ALTER TABLE "participants" ADD CONSTRAINT "participants_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Both are updated often, in columns without an index: room on the page keeps the new row beside the old one.
ALTER TABLE "conversations" SET (fillfactor = 70);
ALTER TABLE "participants" SET (fillfactor = 70);

-- Every row is soon deleted: vacuum by count, not by share of a table that is nearly empty.
ALTER TABLE "outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- With messages_by_sender this is what unread counts leave out: one's own messages, and deleted ones.
CREATE INDEX "messages_deleted" ON "messages"("conversation_id", "seq") INCLUDE ("sender_id") WHERE "deleted_at" IS NOT NULL;
