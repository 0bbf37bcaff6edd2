import { searchWords } from '@finnigram/users/search-words'
import type { Database } from '../archive-fill.ts'

/** Writes people straight into the database of the users service. */
export async function fillUsers(users: Database, userIds: readonly string[]): Promise<void> {
  const people = userIds.map((id, i) => ({
    id,
    username: `storm${i}`,
    displayName: `Storm ${i}`,
  }))
  await users.query(
    `INSERT INTO users (id, username, display_name, password_hash, preferences, search_words)
SELECT id, username, display_name, '', '{}',
  array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(words::jsonb)))
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS person (id, username, display_name, words)`,
    [
      people.map(({ id }) => id),
      people.map(({ username }) => username),
      people.map(({ displayName }) => displayName),
      people.map((person) => JSON.stringify(searchWords(person))),
    ],
  )
  await users.query('VACUUM ANALYZE users')
}
