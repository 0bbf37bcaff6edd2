import { insertAuditEntries } from '../audit/audit-log.ts'
import type { WithPool } from '../deps.ts'
import type { WithSealer } from './sealer.ts'
import { deleteKeys, generateSigningKey, publishedAheadMs, storeKey, withStoredKeys } from './signing-keys.ts'

export interface Rotation {
  /** The key that comes next, and when it begins to sign. */
  kid: string
  activeFrom: Date
  /** Another rotation is in progress, so none was started. */
  wasWaiting: boolean
  /** Keys that stay until their last token has expired. */
  kept: string[]
  /** Deleted keys. The access tokens they signed are invalid. */
  removed: string[]
}

/**
 * Replaces the signing key. The new key is published now and signs in 15 minutes, so that verifiers
 * know it in time. With `atOnce`, for a stolen key, it signs now and all others are deleted.
 */
export function rotateKeys(store: WithPool & WithSealer, { atOnce = false } = {}): Promise<Rotation> {
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
    await insertAuditEntries(tx, [{ type: 'key_made', userId: null }])
    if (!atOnce) return { kid, activeFrom, wasWaiting: false, kept: present, removed: [] }
    await deleteKeys(tx, present)
    await insertAuditEntries(tx, [{ type: 'keys_removed', userId: null }])
    return { kid, activeFrom, wasWaiting: false, kept: [], removed: present }
  })
}
