import { newId } from '@finnigram/contracts'
import type { Metrics } from '@finnigram/service-kit'
import { parkedCounter } from '@finnigram/service-kit'
import type pg from 'pg'
import { emailKey } from '../auth/email-key.ts'
import type { Sealer } from '../keys/sealer.ts'

import { MailJob } from './mail-job.ts'
import { mailboxKey } from './mailbox-key.ts'

const purpose = (id: string) => `mail ${id}`

/**
 * Mails of a kind that may wait for one address or mailbox: while the mail server is away, nobody
 * fills the queue.
 */
const mostWaiting = 20

/**
 * With which others a mail shares its waiting places. Resets and notices: with those for the very same address, so that
 * strangers with other spellings of a mailbox take no place of its owner's. Links that prove an address: by mailbox.
 */
function placesOf(job: MailJob): [purpose: string, key: string] {
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
 * Writes mails to the queue, sealed: they say who has which address. What is too much is dropped.
 */
export async function queueMails(
  db: pg.Pool | pg.PoolClient,
  { sealer, metrics }: { sealer: Sealer; metrics: Metrics },
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
      rows.map(({ job }) => sealer.digest(...placesOf(job))),
      rows.map(({ id, job }) => sealer.seal(purpose(id), Buffer.from(JSON.stringify(job)))),
      mostWaiting,
    ],
  )
  const dropped = rows.length - (rowCount ?? 0)
  if (dropped > 0) mailFigures(metrics).heldBack.inc({ reason: 'queue' }, dropped)
}

/** What a row of the queue asks for. */
export const openJob = (sealer: Sealer, { id, job }: { id: string; job: Uint8Array }): MailJob =>
  MailJob.parse(JSON.parse(sealer.open(purpose(id), job).toString()))

export interface QueuedMail {
  id: string
  job: Uint8Array
  /** Which try this is, from 1. */
  tries: number
  /** Tries that were begun and came to no end, this one among them. */
  begun: number
  /** What the last of them failed with, if its process lived to tell. */
  reason: string | null
  createdAt: Date
}

/** Longer than a mail server may take. */
const leaseSeconds = 180

/** Takes mails that are due, oldest first. They are this node's for three minutes; if it dies, another node takes them then. */
export async function takeMails(pool: pg.Pool, atMost: number): Promise<QueuedMail[]> {
  const { rows } = await pool.query<QueuedMail>(
    `UPDATE mails SET due_at = now() + make_interval(secs => $2), tries = tries + 1, begun = begun + 1
WHERE id IN (SELECT id FROM mails WHERE due_at <= now() AND parked_at IS NULL ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, job, tries, begun, reason, created_at AS "createdAt"`,
    [atMost, leaseSeconds],
  )
  return rows
}

/** Strikes a mail off the queue: sent, in vain, or given up. */
export async function dropMail(pool: pg.Pool, id: string): Promise<void> {
  await pool.query('DELETE FROM mails WHERE id = $1', [id])
}

/** Puts a mail back for another try in `ms` milliseconds. */
export async function putBackMail(pool: pg.Pool, id: string, ms: number): Promise<void> {
  await pool.query('UPDATE mails SET due_at = now() + make_interval(secs => $2), begun = 0 WHERE id = $1', [
    id,
    ms / 1000,
  ])
}

/** What the metrics say of mails. */
export const mailFigures = (metrics: Metrics) => ({
  sent: metrics.counter('mails_sent_total', 'Mails that the mail server took'),
  parked: parkedCounter(metrics),
  failed: metrics.counter('mails_failed_total', 'Tries to send a mail that failed'),
  heldBack: metrics.counter(
    'mails_held_back_total',
    'Mails not sent, or not yet: too many for one mailbox, one domain, or one sender, or too many waiting',
    ['reason'],
  ),
})
