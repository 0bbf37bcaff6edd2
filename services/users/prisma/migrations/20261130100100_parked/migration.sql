-- AlterTable
ALTER TABLE "mails" ADD COLUMN "begun" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "parked_at" TIMESTAMPTZ(3),
ADD COLUMN "reason" TEXT;

-- AlterTable
ALTER TABLE "outbox" ADD COLUMN "tries" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "parked" (
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "data" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "parked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parked_pkey" PRIMARY KEY ("kind","id")
);

-- CreateIndex
CREATE INDEX "mails_parked_at_idx" ON "mails"("parked_at");
