/** A condition on `users AS u`: neither they nor `me`, an SQL expression such as `$1`, blocked the other. Two look-ups by index. */
export const notBlocked = (me: string): string =>
  `NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = ${me} AND b.blocked_id = u.id AND b.in_force)
  AND NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = ${me} AND b.in_force)`
