import type pg from 'pg'
import { writeNotes } from '../audit/audit-log.ts'
import type { Sealer } from './sealer.ts'
import { deleteKeys, generateSigningKey, publishedAheadMs, storeKey, withStoredKeys } from './signing-keys.ts'

export interface Rotation {
  /** The key that comes next, and when it begins to sign. */
  kid: string
  activeFrom: Date
  /** Another rotation is under way already, so none was begun. */
  wasWaiting: boolean
  /** Keys that stay until their last token has ended. */
  kept: string[]
  /** Keys that are no more: every access token they signed is void. */
  removed: string[]
}

/**
 * Begins to replace the signing key: the new one is published now and signs 15 minutes later, so that no verifier ever
 * meets a key it does not know. With `atOnce`, for when a key was stolen, it signs now and all others are removed.
 */
export function rotateKeys(
  store: { pool: pg.Pool; sealer: Sealer },
  { atOnce = false } = {},
): Promise<Rotation> {
  return withStoredKeys(store, async (tx, stored) => {
    const present = stored.map(({ kid }) => kid)
    const newest = stored.at(-1)
    if (!atOnce && newest && newest.activeFrom.getTime() > Date.now()) {
      const { kid, activeFrom } = newest
      return { kid, activeFrom, wasWaiting: true, kept: present.filter((one) => one !== kid), removed: [] }
    }
    const isFirst = newest === undefined
    const activeFrom = new Date(atOnce || isFirst ? Date.now() : Date.now() + publishedAheadMs)
    const { kid } = await storeKey(tx, store.sealer, await generateSigningKey(activeFrom))
    await writeNotes(tx, [{ type: 'key_made', userId: null }])
    if (!atOnce) return { kid, activeFrom, wasWaiting: false, kept: present, removed: [] }
    await deleteKeys(tx, present)
    await writeNotes(tx, [{ type: 'keys_removed', userId: null }])
    return { kid, activeFrom, wasWaiting: false, kept: [], removed: present }
  })
}
