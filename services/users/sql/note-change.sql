-- Trigger `users_note_change`: stamps a user's row when its version changes.
--
-- The messages service compares its copy of the profiles by this stamp. A trigger also covers nodes
-- of the previous version.
CREATE OR REPLACE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := now();
  RETURN NEW;
END $$;
