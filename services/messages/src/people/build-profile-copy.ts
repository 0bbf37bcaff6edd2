import { usersApi } from '@finnigram/contracts'
import { type InternalClient, type Logger, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { PrismaClient } from '../generated/client.ts'
import type { Jobs } from '../jobs/start-jobs.ts'
import { buildBlocks } from './copy-blocks.ts'
import { copyProfiles, type VersionedProfile } from './copy-profiles.ts'
import { queueEndings } from './end-account.ts'

export const replicaName = 'users'

export interface ReplicaSources {
  pool: pg.Pool
  prisma: PrismaClient
  users: InternalClient
  jobs: Pick<Jobs, 'wake'>
  log: Logger
}

/** Copies every profile and every block from the users service. Take the position of its events first: what changes meanwhile comes by them. Rejects when that service is away. */
export async function buildReplica({ pool, prisma, users, jobs, log }: ReplicaSources): Promise<void> {
  let after: string | null | undefined
  let count = 0
  while (after !== null) {
    const query = after === undefined ? {} : { after }
    const { items, nextAfter } = await users.call(usersApi.snapshotUsers, { query })
    await copyPage(pool, items)
    jobs.wake()
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

/** Who has left something here and ended unheard, or did not get out of all groups then, is queued with the page. */
const selectEnded = `SELECT e.id FROM unnest($1::uuid[]) AS e (id)
WHERE (NOT EXISTS (SELECT FROM users_replica u WHERE u.id = e.id AND u.deleted) AND (
  EXISTS (SELECT FROM participants p WHERE p.user_id = e.id) OR EXISTS (SELECT FROM uploads q WHERE q.owner_id = e.id)
  OR EXISTS (SELECT FROM attachments q WHERE q.owner_id = e.id)
)) OR EXISTS (
  SELECT FROM participants p JOIN conversations c ON c.id = p.conversation_id
  WHERE p.user_id = e.id AND p.left_version IS NULL AND c.kind = 'group'
)`

/** Copies profiles by their versions; what follows for those that ended is queued in the same transaction. */
export const copyPage = (pool: pg.Pool, items: readonly VersionedProfile[]): Promise<void> =>
  withTransaction(pool, async (tx) => {
    const ended = items.filter(({ user }) => user.deleted).map(({ user }) => user.id)
    const { rows } = await tx.query<{ id: string }>(selectEnded, [ended])
    await copyProfiles(tx, items)
    await queueEndings(
      tx,
      rows.map(({ id }) => id),
    )
  })

/** Whether this database ever had a complete copy. */
export async function isReplicaBuilt({ prisma }: Pick<ReplicaSources, 'prisma'>): Promise<boolean> {
  const state = await prisma.replicaState.findUnique({ where: { name: replicaName } })
  return Boolean(state?.builtAt)
}
