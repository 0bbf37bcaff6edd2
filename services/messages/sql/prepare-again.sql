-- Aborts a batch whose references changed after the service resolved them (SQLSTATE 40001).
--
-- `send_messages` calls it when a message replied to was edited meanwhile. The service resolves the
-- references again and retries. It returns int only so that it fits into a CASE.
CREATE OR REPLACE FUNCTION prepare_again() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What a message answers to has just changed' USING ERRCODE = 'serialization_failure';
END
$$;
