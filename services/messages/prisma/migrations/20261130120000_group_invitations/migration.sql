-- AlterTable
ALTER TABLE "participants" ADD COLUMN     "was_removed" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "group_invitations" (
    "conversation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "invited_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "was_declined" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "group_invitations_pkey" PRIMARY KEY ("conversation_id","user_id")
);

-- CreateTable
CREATE TABLE "stranger_additions" (
    "user_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stranger_additions_pkey" PRIMARY KEY ("user_id","conversation_id")
);

-- CreateIndex
CREATE INDEX "group_invitations_user_id_created_at_idx" ON "group_invitations"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "group_invitations_invited_by_created_at_idx" ON "group_invitations"("invited_by", "created_at");
