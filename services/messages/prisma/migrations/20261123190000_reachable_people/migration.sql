-- Whom a message may call is asked of everyone who takes part, about once a second: this holds no one else.
CREATE INDEX "users_replica_reachable" ON "users_replica"("id") WHERE "reachable";
