-- Says whether one of the two people of a direct conversation blocked the other.
--
-- `pair_key` names the conversation: both ids, 36 characters each.
CREATE OR REPLACE FUNCTION is_blocked(pair_key text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT b.in_force FROM blocks b
        WHERE b.user_id = left(pair_key, 36)::uuid AND b.blocked_id = right(pair_key, 36)::uuid
    ), false) OR coalesce((
        SELECT b.in_force FROM blocks b
        WHERE b.user_id = right(pair_key, 36)::uuid AND b.blocked_id = left(pair_key, 36)::uuid
    ), false)
$$;
