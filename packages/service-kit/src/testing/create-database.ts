import { inject } from 'vitest'
// What the run provides is declared there.
import type {} from './global-setup.ts'
import { createDatabaseOn } from './start-postgres.ts'

/** Makes an empty database on the PostgreSQL that the whole test run shares, and returns its URL. */
export async function createDatabase(): Promise<string> {
  const response = await fetch(inject('postgresDesk'))
  const text = await response.text()
  if (!response.ok) throw new Error(`PostgreSQL did not start: ${text}`)
  return createDatabaseOn(text)
}
