-- The copy of the people has preferences and blocks now: it is made anew from the users service's snapshots once.
DELETE FROM "replica_state";
