-- Trigger `participants_date_draft`: dates a draft that a node of the previous version wrote.
--
-- Such a node writes no time: the draft counts as typed now, on an unknown device.
CREATE OR REPLACE FUNCTION date_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."draft_at" := clock_timestamp();
  NEW."draft_device" := NULL;
  RETURN NEW;
END $$;
