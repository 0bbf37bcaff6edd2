-- Trigger `participants_forget_removal`: clears the removal mark of somebody who takes part again.
--
-- An admin added them, so they may again leave and come back by themselves.
CREATE OR REPLACE FUNCTION forget_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."was_removed" := false;
  RETURN NEW;
END $$;
