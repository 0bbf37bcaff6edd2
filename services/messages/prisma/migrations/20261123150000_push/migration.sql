-- AlterTable
ALTER TABLE "users_replica" ADD COLUMN     "reachable" BOOLEAN NOT NULL DEFAULT false;

-- The copy of the people says now who may be notified: it is made anew from the users service's snapshots once.
DELETE FROM "replica_state";
