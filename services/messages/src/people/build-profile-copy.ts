import { usersApi } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithLog, WithPool, WithPrisma, WithUsers } from '../deps.ts'
import type { WithJobs } from '../jobs/start-jobs.ts'
import { copyAllBlocks } from './copy-blocks.ts'
import { copyProfiles, type VersionedProfile } from './copy-profiles.ts'
import { enqueueAccountEndings } from './end-account.ts'

/** The name of the copy in `replica_state`. */
export const profileCopyName = 'users'

export type ProfileCopyDeps = WithPool & WithPrisma & WithUsers & WithJobs & WithLog

/**
 * Copies every profile and block from the snapshots of the users service. Take the position in its
 * events first: what changes meanwhile arrives as an event. Rejects while that service is away.
 */
export async function buildProfileCopy({ pool, prisma, users, jobs, log }: ProfileCopyDeps): Promise<void> {
  let after: string | null | undefined
  let count = 0
  while (after !== null) {
    const query = after === undefined ? {} : { after }
    const { items, nextAfter } = await users.call(usersApi.snapshotUsers, { query })
    await copyProfilePage(pool, items)
    jobs.wake()
    count += items.length
    after = nextAfter
  }
  const blocks = await copyAllBlocks({ pool, users })
  const builtAt = new Date()
  await prisma.replicaState.upsert({
    where: { name: profileCopyName },
    create: { name: profileCopyName, builtAt },
    update: { builtAt },
  })
  log.info('The profile copy is complete', { people: count, blocks })
}

/** Accounts whose end was missed and that own something here, or are still in a group. */
const selectEnded = `SELECT e.id FROM unnest($1::uuid[]) AS e (id)
WHERE (NOT EXISTS (SELECT FROM users_replica u WHERE u.id = e.id AND u.deleted) AND (
  EXISTS (SELECT FROM participants p WHERE p.user_id = e.id) OR EXISTS (SELECT FROM uploads q WHERE q.owner_id = e.id)
  OR EXISTS (SELECT FROM attachments q WHERE q.owner_id = e.id)
)) OR EXISTS (
  SELECT FROM participants p JOIN conversations c ON c.id = p.conversation_id
  WHERE p.user_id = e.id AND p.left_version IS NULL AND c.kind = 'group'
)`

/** Copies profiles; for accounts that have ended it enqueues the job in the same transaction. */
export const copyProfilePage = (pool: pg.Pool, items: readonly VersionedProfile[]): Promise<void> =>
  withTransaction(pool, async (tx) => {
    const ended = items.filter(({ user }) => user.deleted).map(({ user }) => user.id)
    const { rows } = await tx.query<{ id: string }>(selectEnded, [ended])
    await copyProfiles(tx, items)
    await enqueueAccountEndings(
      tx,
      rows.map(({ id }) => id),
    )
  })

/** Whether this database has ever had a complete copy. */
export async function isProfileCopyBuilt({ prisma }: WithPrisma): Promise<boolean> {
  const state = await prisma.replicaState.findUnique({ where: { name: profileCopyName } })
  return Boolean(state?.builtAt)
}
