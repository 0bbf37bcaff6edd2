import { newId } from '@finnigram/contracts'
import type { openPool } from '@finnigram/service-kit'
import { searchWords } from '@finnigram/users/search-words'
import { namePerson, seededNumbers } from './people-names.ts'

const atOnce = 1000

/** Writes `count` people straight into the database of the users service, as the service itself would write them, and gathers statistics as autovacuum would. */
export async function fillPeople(pool: ReturnType<typeof openPool>, count: number): Promise<void> {
  const pick = seededNumbers(7)
  for (let start = 0; start < count; start += atOnce) {
    const people = Array.from({ length: atOnce }, (_, i) => namePerson(start + i, pick))
    // An array of arrays would have to be rectangular, so that each person's words travel as JSON.
    await pool.query(
      `INSERT INTO users (id, username, display_name, password_hash, preferences, search_words)
SELECT id, username, display_name, '', '{}',
  array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(words::jsonb)))
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS person (id, username, display_name, words)`,
      [
        people.map(() => newId()),
        people.map(({ username }) => username),
        people.map(({ displayName }) => displayName),
        people.map((person) => JSON.stringify(searchWords(person))),
      ],
    )
  }
  await pool.query('VACUUM ANALYZE users')
}
