-- AlterTable
ALTER TABLE "uploads" ADD COLUMN     "as_file" BOOLEAN NOT NULL DEFAULT false;
