import { streamPartitions, type UserEventData, type UserEventType } from '@finnigram/contracts'
import { appendToOutbox, type OutboxEntry, type Relay, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { type Audit, type AuditEntry, insertAuditEntries, logAuditEntries } from './audit/audit-log.ts'
import type { WithLog, WithMetrics, WithPool } from './deps.ts'
import type { WithSealer } from './keys/sealer.ts'
import type { EnqueueMail, MailJob } from './mail/mail-job.ts'
import { enqueueMails } from './mail/mail-queue.ts'

/** Adds an event about a user. The other services receive it once the transaction is committed. */
export type Emit = <T extends UserEventType>(userId: string, type: T, data: UserEventData[T]) => void

/** What else takes effect with the commit: entries of the audit log, and mails. */
export interface AfterCommit {
  audit: Audit
  enqueueMail: EnqueueMail
}

export interface TransactionDeps extends WithPool, WithLog, WithMetrics, WithSealer {
  readonly relay: Pick<Relay, 'wake'>
  readonly mailer: { wake(): void }
}

/**
 * Runs one transaction together with its events, audit entries and mails (transactional outbox):
 * all are committed, or none is. After the commit the relay and the mailer are woken; both also
 * poll, so a process that dies in between loses nothing.
 */
export async function transactionWithOutbox<T>(
  { pool, relay, log, sealer, mailer, metrics }: TransactionDeps,
  work: (tx: pg.PoolClient, emit: Emit, afterCommit: AfterCommit) => Promise<T>,
): Promise<T> {
  const events: OutboxEntry[] = []
  const entries: AuditEntry[] = []
  const mails: MailJob[] = []
  let partitions: number[] = []
  const result = await withTransaction(pool, async (tx) => {
    const value = await work(
      tx,
      (key, type, data) => events.push({ key, type, payload: JSON.stringify(data) }),
      { audit: (entry) => entries.push(entry), enqueueMail: (job) => mails.push(job) },
    )
    await insertAuditEntries(tx, entries)
    await enqueueMails(tx, { sealer, metrics }, mails)
    partitions = await appendToOutbox(tx, events, streamPartitions.users)
    return value
  })
  logAuditEntries(log, entries)
  if (mails.length > 0) mailer.wake()
  if (partitions.length > 0) relay.wake(partitions)
  return result
}
