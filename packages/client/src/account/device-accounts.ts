import type { Me } from '@finnigram/contracts'
import { createSerial } from '../serial.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Database, Store } from '../store/store.ts'
import { type Account, type AccountOptions, openAccount } from './open-account.ts'

type Shared = Omit<AccountOptions, 'me' | 'database'>

/** The one account that is open on this device, or none. Opening and closing happen one after the other. */
export interface DeviceAccounts {
  readonly current: Account | null
  open(me: Me): Promise<Account>
  /** Whose data is here already, from an earlier run. */
  storedProfile(userId: string): Promise<Me | null>
  keepProfile(me: Me): Promise<void>
  close(how: { wipe: boolean }): Promise<void>
}

const profileKey = 'me'

export function createDeviceAccounts(store: Store, shared: Shared): DeviceAccounts {
  const serial = createSerial()
  const { topics, onError } = shared
  let current: Account | null = null
  let database: Database | null = null
  let owner: string | null = null

  /** A browser that refuses storage gets a client that remembers nothing, not one that does not work. */
  const databaseOf = async (userId: string): Promise<Database> => {
    if (database && owner === userId) return database
    await database?.close()
    database = await store.open(userId).catch((error: unknown) => {
      onError(error)
      return createMemoryStore().open(userId)
    })
    owner = userId
    return database
  }
  const close = async () => {
    const closing = current
    current = null
    if (closing) await closing.close()
    else await database?.close()
    database = null
    topics.publishAll()
  }
  const keep = async (me: Me) => {
    const kept = await databaseOf(me.id)
    await kept.write([{ op: 'put', table: 'meta', key: profileKey, value: me }]).catch(onError)
  }
  return {
    get current() {
      return current
    },
    open: (me) =>
      serial(async () => {
        if (current) await close()
        await keep(me)
        current = await openAccount({ ...shared, me, database: await databaseOf(me.id) })
        topics.publishAll()
        return current
      }),
    storedProfile: (userId) =>
      serial(async () => {
        const profile = await (await databaseOf(userId)).get('meta', profileKey)
        return (profile as Me | undefined) ?? null
      }),
    keepProfile: (me) => serial(() => keep(me)),
    close: ({ wipe }) =>
      serial(async () => {
        const userId = owner
        await close()
        owner = null
        if (wipe && userId) await store.destroy(userId).catch(onError)
      }),
  }
}
