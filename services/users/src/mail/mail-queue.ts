import { newId } from '@finnigram/contracts'
import type { Metrics } from '@finnigram/service-kit'
import type pg from 'pg'
import { emailKey } from '../auth/email-key.ts'
import type { Sealer } from '../keys/sealer.ts'
import { mailFigures } from './mail-figures.ts'
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
