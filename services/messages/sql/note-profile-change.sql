-- Trigger `users_replica_note_change`: stamps a profile copy when what others see of it changed.
--
-- Sync asks by this stamp. It is the time of the write, not of the transaction, so the row becomes
-- visible soon after its stamp. A trigger also covers nodes of the previous version.
CREATE OR REPLACE FUNCTION note_profile_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END $$;
