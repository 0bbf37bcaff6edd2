import { newId } from '@finnigram/contracts'
import type pg from 'pg'
import type { Sealer } from '../secrets/sealer.ts'
import { MailJob } from './mail-job.ts'

const purpose = (id: string) => `mail ${id}`

/** Writes mails to the queue, sealed: they say who has which address. */
export async function queueMails(
  db: pg.Pool | pg.PoolClient,
  sealer: Sealer,
  jobs: readonly MailJob[],
): Promise<void> {
  if (jobs.length === 0) return
  const rows = jobs.map((job) => ({ id: newId(), job }))
  await db.query(
    'INSERT INTO mails (id, user_id, job) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[])',
    [
      rows.map(({ id }) => id),
      rows.map(({ job }) => ('userId' in job ? job.userId : null)),
      rows.map(({ id, job }) => sealer.seal(purpose(id), Buffer.from(JSON.stringify(job)))),
    ],
  )
}

/** What a row of the queue asks for. */
export const openJob = (sealer: Sealer, { id, job }: { id: string; job: Uint8Array }): MailJob =>
  MailJob.parse(JSON.parse(sealer.open(purpose(id), job).toString()))
