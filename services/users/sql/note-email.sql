-- Trigger `note_email`: dates a changed e-mail address, and marks who gave up a proven one.
--
-- The earliest date decides who of several people with an unproven address is meant. A trigger also
-- covers nodes of the previous version.
CREATE OR REPLACE FUNCTION note_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email_key IS DISTINCT FROM OLD.email_key THEN
    NEW.email_given_at := now();
    IF OLD.email_verified AND NOT NEW.email_verified AND NEW.deleted_at IS NULL THEN
      NEW.email_was_proven := true;
    END IF;
  END IF;
  RETURN NEW;
END;
$$;
