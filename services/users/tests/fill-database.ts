import type pg from 'pg'

/** Statements that fill every table that grows: 20,000 people, and what each of them may have. */
const statements = [
  `INSERT INTO users (id, username, username_looks, display_name, email, email_key, password_hash, preferences, search_words)
SELECT gen_random_uuid(), 'filler' || n, 'filler' || n, 'Filler ' || n, n || '@filler.example', n || '@filler.example', '', '{}',
  array_to_tsvector(ARRAY['filler' || n, 'filler', 'w' || n % 500, '~w' || n % 500, '~filler' || n, '~fillr' || n])
FROM generate_series(1, 20000) n`,
  `INSERT INTO sessions (id, user_id, family_hash, secret_hash, expires_at)
SELECT gen_random_uuid(), id, sha256((id || n::text)::bytea), '', now() + make_interval(days => 1 + n)
FROM users, generate_series(1, 2) n`,
  `INSERT INTO ended_sessions (id, ended_at) SELECT gen_random_uuid(), now() - make_interval(secs => n / 10)
FROM generate_series(1, 20000) n`,
  `INSERT INTO blocks (user_id, blocked_id, at)
SELECT u.id, gen_random_uuid(), now() - make_interval(secs => n) FROM users u, generate_series(1, 2) n`,
  `INSERT INTO devices (user_id, id, session_id, kind, name, target, target_key)
SELECT s.user_id, 'phone', s.id, 'expo', 'Phone', '{"token":"x"}', sha256(s.id::text::bytea)
FROM (SELECT DISTINCT ON (user_id) user_id, id FROM sessions) s`,
  `INSERT INTO security_events (id, user_id, type, at)
SELECT gen_random_uuid(), u.id, 'signed_in', now() - make_interval(hours => n * 1000) FROM users u, generate_series(1, 3) n`,
  `INSERT INTO former_usernames (id, user_id, username_looks, given_up_at)
SELECT gen_random_uuid(), id, 'former' || n || username, now() - make_interval(days => n) FROM users, generate_series(1, 2) n`,
  `INSERT INTO recovery_codes (user_id, hash) SELECT id, sha256(n::text::bytea) FROM users, generate_series(1, 2) n`,
  `INSERT INTO mailed_tokens (hash, user_id, purpose, email_key, expires_at)
SELECT sha256(id::text::bytea), id, 'verify_email', email_key, now() + interval '1 day' FROM users`,
  `INSERT INTO mails (id, user_id, job, due_at) SELECT gen_random_uuid(), id, 'sealed', now() + interval '1 hour' FROM users`,
  `INSERT INTO avatars (user_id, size, etag, bytes)
SELECT id, 64 * n, repeat('0', 64), 'picture' FROM users, generate_series(1, 2) n`,
  `INSERT INTO exports (user_id, leased_until) SELECT id, now() + interval '1 minute' FROM users`,
]

export async function fillDatabase(pool: pg.Pool): Promise<void> {
  for (const statement of statements) await pool.query(statement)
  await pool.query('VACUUM ANALYZE')
}
