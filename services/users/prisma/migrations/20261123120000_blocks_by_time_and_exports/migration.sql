-- CreateTable
CREATE TABLE "exports" (
    "user_id" UUID NOT NULL,
    "leased_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "exports_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "blocks_user_id_at_blocked_id_idx" ON "blocks"("user_id", "at", "blocked_id");

-- AddForeignKey
ALTER TABLE "exports" ADD CONSTRAINT "exports_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
