-- Nodes of the version before may take what the migration before this one queued, and write blocks the old way for as long
-- as they run. An hour later none of them is there, nor would know this kind of work: then all blocks are looked through.
INSERT INTO "jobs" ("id", "kind", "subject", "due_at")
VALUES (gen_random_uuid(), 'search.unfolded', '00000000-0000-0000-0000-000000000000', now() + interval '1 hour');
