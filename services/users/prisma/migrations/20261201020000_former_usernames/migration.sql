-- CreateTable
CREATE TABLE "former_usernames" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "username_looks" TEXT NOT NULL,
    "given_up_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "former_usernames_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "former_usernames_user_id_idx" ON "former_usernames"("user_id");

-- CreateIndex
CREATE INDEX "former_usernames_username_looks_idx" ON "former_usernames"("username_looks");

-- CreateIndex
CREATE INDEX "former_usernames_given_up_at_idx" ON "former_usernames"("given_up_at");

-- AddForeignKey
ALTER TABLE "former_usernames" ADD CONSTRAINT "former_usernames_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
