import { inject } from 'vitest'
// What the run provides is declared there.
import type {} from './global-setup.ts'
import { createDatabaseOn } from './start-postgres.ts'

/**
 * Makes a database on the PostgreSQL that the whole test run shares, and returns its URL. It is
 * empty, or a copy of one that was brought up to date once with the migrations of a folder, which
 * takes a tenth of the time.
 */
export async function createDatabase({ migrations }: { migrations?: string } = {}): Promise<string> {
  const asked = migrations === undefined ? '' : `?migrations=${encodeURIComponent(migrations)}`
  const response = await fetch(`${inject('postgresOffer')}/${asked}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`PostgreSQL did not start, or a migration failed: ${text}`)
  const { url, template } = JSON.parse(text) as { url: string; template?: string }
  return createDatabaseOn(url, template)
}
