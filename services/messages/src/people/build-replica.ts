import { usersApi } from '@finnigram/contracts'
import {
  type InternalClient,
  isOvertime,
  isUnavailable,
  type Logger,
  type ParkedStore,
  park,
  parkedTable,
  type Relay,
  reasonOf,
} from '@finnigram/service-kit'
import type pg from 'pg'
import type { PrismaClient } from '../generated/client.ts'
import { buildBlocks } from './build-blocks.ts'
import { copyProfiles } from './copy-profiles.ts'
import { endAccounts } from './end-accounts.ts'

const replica = 'users'

export interface ReplicaSources {
  pool: pg.Pool
  prisma: PrismaClient
  users: InternalClient
  relay: Relay
  log: Logger
}

/** Copies every profile and every block from the users service. Take the position of its events first: what changes meanwhile comes by them. Rejects when that service is away. */
export async function buildReplica({ pool, prisma, users, relay, log }: ReplicaSources): Promise<void> {
  let after: string | null | undefined
  let count = 0
  while (after !== null) {
    const query = after === undefined ? {} : { after }
    const { items, nextAfter } = await users.call(usersApi.snapshotUsers, { query })
    await copyProfiles(pool, items)
    const ended = items.filter(({ user }) => user.deleted).map(({ user }) => user.id)
    await endEach({ pool, relay, log }, ended)
    count += items.length
    after = nextAfter
  }
  const blocks = await buildBlocks({ pool, users })
  const builtAt = new Date()
  await prisma.replicaState.upsert({
    where: { name: replica },
    create: { name: replica, builtAt },
    update: { builtAt },
  })
  log.info('The copy of the profiles is complete', { people: count, blocks })
}

/** One whose leftovers cannot be removed is parked: the copy of everyone else must not wait for it. */
async function endEach(
  { pool, relay, log }: Pick<ReplicaSources, 'pool' | 'relay' | 'log'>,
  userIds: readonly string[],
): Promise<void> {
  try {
    await endAccounts({ pool, relay }, userIds)
  } catch (error) {
    if (isUnavailable(error) && !isOvertime(error)) throw error
    if (userIds.length > 1) {
      for (const userId of userIds) await endEach({ pool, relay, log }, [userId])
      return
    }
    const [userId = ''] = userIds
    await park(pool, { kind: 'account', id: userId, data: { userId }, reason: reasonOf(error) })
    log.error('What a deleted account left could not be removed and is parked', { userId, error })
  }
}

/** Accounts that were deleted and whose leftovers could not be removed. */
export const parkedAccounts = (sources: Pick<ReplicaSources, 'pool' | 'relay'>): ParkedStore =>
  parkedTable<{ userId: string }>({
    pool: sources.pool,
    kind: 'account',
    describe: ({ userId }) => `leftovers of the deleted account ${userId}`,
    retry: (_tx, { userId }) => endAccounts(sources, [userId]),
  })

/** Whether this database ever had a complete copy. */
export async function isReplicaBuilt({ prisma }: Pick<ReplicaSources, 'prisma'>): Promise<boolean> {
  const state = await prisma.replicaState.findUnique({ where: { name: replica } })
  return Boolean(state?.builtAt)
}
