import { streamPartitions, type UserEventData, type UserEventType } from '@finnigram/contracts'
import { appendToOutbox, type OutboxEntry, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Note, SecurityNote } from './audit/audit-log.ts'
import { logNotes, writeNotes } from './audit/audit-log.ts'
import type { UsersContext } from './context.ts'
import type { MailJob, Post } from './mail/mail-job.ts'
import { queueMails } from './mail/mail-queue.ts'

/** Says what became true about a person; the other services are told once the transaction is committed. */
export type Tell = <T extends UserEventType>(userId: string, type: T, data: UserEventData[T]) => void

/** What a transaction may leave besides facts: security notes and mails. */
export interface Besides {
  note: Note
  post: Post
}

export type FactsContext = Pick<UsersContext, 'pool' | 'relay' | 'log' | 'sealer' | 'mailer' | 'metrics'>

/** Runs one transaction together with the facts it tells, its notes and its mails: all are committed, or none is. */
export async function commitFacts<T>(
  { pool, relay, log, sealer, mailer, metrics }: FactsContext,
  work: (tx: pg.PoolClient, tell: Tell, besides: Besides) => Promise<T>,
): Promise<T> {
  const facts: OutboxEntry[] = []
  const notes: SecurityNote[] = []
  const mails: MailJob[] = []
  let dirty: number[] = []
  const result = await withTransaction(pool, async (tx) => {
    const made = await work(
      tx,
      (key, type, data) => facts.push({ key, type, payload: JSON.stringify(data) }),
      { note: (note) => notes.push(note), post: (job) => mails.push(job) },
    )
    await writeNotes(tx, notes)
    await queueMails(tx, { sealer, metrics }, mails)
    dirty = await appendToOutbox(tx, facts, streamPartitions.users)
    return made
  })
  logNotes(log, notes)
  if (mails.length > 0) mailer.wake()
  if (dirty.length > 0) relay.wake(dirty)
  return result
}
