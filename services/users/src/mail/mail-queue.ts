import { newId } from '@finnigram/contracts'
import { type Metrics, parkedCounter } from '@finnigram/service-kit'
import type pg from 'pg'
import { emailKey } from '../auth/email-key.ts'
import type { WithMetrics } from '../deps.ts'
import type { Sealer, WithSealer } from '../keys/sealer.ts'
import { MailJob } from './mail-job.ts'
import { mailboxKey } from './mailbox-key.ts'

const purpose = (id: string) => `mail ${id}`

/** Mails of one kind that may wait for one address or mailbox, so that nobody fills the queue. */
const mostWaiting = 20

/**
 * The key that waiting mails are counted by. Resets and notices count by exact address: strangers
 * with other spellings of a mailbox must not use up its owner's share. Links that prove an address
 * count by mailbox.
 */
function quotaKeyOf(job: MailJob): [purpose: string, key: string] {
  switch (job.kind) {
    case 'reset_password':
      return ['reset', emailKey(job.email)]
    case 'verify_email':
      return ['verification', mailboxKey(job.email)]
    case 'notice':
      return [`notice ${job.about}`, emailKey(job.email)]
  }
}

/**
 * Writes mails to the queue, encrypted: they tell who has which address. Drops those over quota.
 */
export async function enqueueMails(
  db: pg.Pool | pg.PoolClient,
  { sealer, metrics }: WithSealer & WithMetrics,
  jobs: readonly MailJob[],
): Promise<void> {
  if (jobs.length === 0) return
  const rows = jobs.map((job) => ({ id: newId(), job }))
  const { rowCount } = await db.query(
    `INSERT INTO mails (id, user_id, mailbox, job)
SELECT id, user_id, mailbox, job
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[]) AS asked (id, user_id, mailbox, job)
WHERE (SELECT count(*) FROM (SELECT FROM mails m WHERE m.mailbox = asked.mailbox AND m.parked_at IS NULL LIMIT $5) waiting) < $5`,
    [
      rows.map(({ id }) => id),
      rows.map(({ job }) => ('userId' in job ? job.userId : null)),
      rows.map(({ job }) => sealer.digest(...quotaKeyOf(job))),
      rows.map(({ id, job }) => sealer.seal(purpose(id), Buffer.from(JSON.stringify(job)))),
      mostWaiting,
    ],
  )
  const dropped = rows.length - (rowCount ?? 0)
  if (dropped > 0) mailMetrics(metrics).heldBack.inc({ reason: 'queue' }, dropped)
}

/** The job in a row of the queue. */
export const decryptJob = (sealer: Sealer, { id, job }: { id: string; job: Uint8Array }): MailJob =>
  MailJob.parse(JSON.parse(sealer.open(purpose(id), job).toString()))

export interface QueuedMail {
  id: string
  job: Uint8Array
  /** The number of this attempt, from 1. */
  tries: number
  /** Attempts that began and never finished, this one included. */
  begun: number
  /** What the last attempt failed with, if its process survived. */
  reason: string | null
  createdAt: Date
}

/** A lease outlasts the slowest mail server. */
const leaseSeconds = 180

/**
 * Claims mails that are due, oldest first, for three minutes. A dead node's mails are claimed
 * again.
 */
export async function claimMails(pool: pg.Pool, atMost: number): Promise<QueuedMail[]> {
  const { rows } = await pool.query<QueuedMail>(
    `UPDATE mails SET due_at = now() + make_interval(secs => $2), tries = tries + 1, begun = begun + 1
WHERE id IN (SELECT id FROM mails WHERE due_at <= now() AND parked_at IS NULL ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, job, tries, begun, reason, created_at AS "createdAt"`,
    [atMost, leaseSeconds],
  )
  return rows
}

/** Removes a mail that was sent, refused or given up. */
export async function deleteMail(pool: pg.Pool, id: string): Promise<void> {
  await pool.query('DELETE FROM mails WHERE id = $1', [id])
}

/** Returns a mail to the queue for another attempt in `ms` milliseconds. */
export async function retryMailIn(pool: pg.Pool, id: string, ms: number): Promise<void> {
  await pool.query('UPDATE mails SET due_at = now() + make_interval(secs => $2), begun = 0 WHERE id = $1', [
    id,
    ms / 1000,
  ])
}

export const mailMetrics = (metrics: Metrics) => ({
  sent: metrics.counter('mails_sent_total', 'Mails that the mail server took'),
  parked: parkedCounter(metrics),
  failed: metrics.counter('mails_failed_total', 'Failed attempts to send a mail'),
  heldBack: metrics.counter(
    'mails_held_back_total',
    'Mails not sent, or not yet: too many for one mailbox, one domain, or one sender, or too many waiting',
    ['reason'],
  ),
})
