import { usersApi } from '@finnigram/contracts'
import type { InternalClient, Logger, Relay } from '@finnigram/service-kit'
import type pg from 'pg'
import type { PrismaClient } from '../generated/client.ts'
import { buildBlocks } from './build-blocks.ts'
import { copyProfiles } from './copy-profiles.ts'
import { endAccounts } from './end-accounts.ts'

export const replicaName = 'users'

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
    await endAccounts({ pool, relay }, ended)
    count += items.length
    after = nextAfter
  }
  const blocks = await buildBlocks({ pool, users })
  const builtAt = new Date()
  await prisma.replicaState.upsert({
    where: { name: replicaName },
    create: { name: replicaName, builtAt },
    update: { builtAt },
  })
  log.info('The copy of the profiles is complete', { people: count, blocks })
}

/** Whether this database ever had a complete copy. */
export async function isReplicaBuilt({ prisma }: Pick<ReplicaSources, 'prisma'>): Promise<boolean> {
  const state = await prisma.replicaState.findUnique({ where: { name: replicaName } })
  return Boolean(state?.builtAt)
}
