import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { noteNow } from '../audit/audit-log.ts'
import { emailKey } from '../auth/email-key.ts'
import type { UsersContext } from '../context.ts'
import type { Letter } from './email-templates.ts'
import { noticeLetter, resetLetter, verifyLetter } from './email-templates.ts'
import type { MailJob } from './mail-job.ts'
import { storeToken, tokenHash, voidTokens } from './mailed-token.ts'

export interface PreparedMail {
  to: string
  /** Whether the address is proven to be whose account it is about. */
  isProven: boolean
  userIds: string[]
  letter: Letter
  /** Takes back what was prepared: the mail was not sent. */
  undo(): Promise<void>
}

type PrepareContext = Pick<UsersContext, 'pool' | 'log' | 'config'>
type JobOf<K extends MailJob['kind']> = Extract<MailJob, { kind: K }>

/** A person may have so many links that set a password: enough for who lost one, too few to flood them. None voids another, or a stranger could keep a person from ever using theirs. */
const mostResetTokens = 5
/** Accounts with one unproven address that one mail names. */
const mostAccounts = 3

/** Makes the mail that a job asks for, with a fresh token where it needs one; undefined where there is nothing (any more) to send. */
export async function prepareMail(ctx: PrepareContext, job: MailJob): Promise<PreparedMail | undefined> {
  switch (job.kind) {
    case 'reset_password':
      return prepareReset(ctx, job)
    case 'verify_email':
      return prepareVerification(ctx, job)
    case 'notice':
      return {
        to: job.email,
        // Only proven addresses are told (`mailNotice`).
        isProven: true,
        userIds: [job.userId],
        letter: noticeLetter(job.about, { publicUrl: ctx.config.PUBLIC_URL, ...job }),
        undo: async () => {},
      }
  }
}

async function prepareReset(ctx: PrepareContext, { email, ip }: JobOf<'reset_password'>) {
  const key = emailKey(email)
  const accounts: (Holder & { token: string })[] = []
  for (const holder of await findHolders(ctx.pool, key)) {
    const token = await storeResetToken(ctx.pool, holder.id, key)
    if (token === undefined) continue
    accounts.push({ ...holder, token })
    await noteNow(ctx, { type: 'password_reset_requested', userId: holder.id, ip })
  }
  if (!accounts[0]) return undefined
  return {
    to: accounts[0].email,
    isProven: accounts[0].isProven,
    userIds: accounts.map(({ id }) => id),
    letter: resetLetter(ctx.config.PUBLIC_URL, accounts),
    undo: async () => {
      for (const { token } of accounts) await forget(ctx.pool, token)
    },
  }
}

interface Holder {
  id: string
  username: string
  email: string
  isProven: boolean
}

/**
 * Whose password the address may set: its proven owner's, else of those who gave it and never had a
 * proven one, the first.
 */
async function findHolders(pool: pg.Pool, key: string): Promise<Holder[]> {
  const { rows } = await pool.query<Holder>(
    `SELECT id, username, email, email_verified AS "isProven" FROM users
WHERE email_key = $1 AND deleted_at IS NULL AND (email_verified OR NOT email_was_proven)
ORDER BY email_verified DESC, email_given_at, created_at, id LIMIT $2`,
    [key, mostAccounts],
  )
  const proven = rows.filter(({ isProven }) => isProven)
  return proven.length > 0 ? proven : rows
}

/** Undefined where the person has as many as they may. */
const storeResetToken = (pool: pg.Pool, userId: string, key: string): Promise<string | undefined> =>
  withTransaction(pool, async (tx) => {
    await tx.query('SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId])
    if ((await countLive(tx, userId)) >= mostResetTokens) return undefined
    return storeToken(tx, { userId, purpose: 'reset_password', emailKey: key })
  })

async function countLive(tx: pg.PoolClient, userId: string): Promise<number> {
  const { rows } = await tx.query<{ live: number }>(
    `SELECT count(*)::int AS live FROM mailed_tokens
WHERE user_id = $1 AND purpose = 'reset_password' AND expires_at > now()`,
    [userId],
  )
  return rows[0]?.live ?? 0
}

async function prepareVerification(ctx: PrepareContext, { userId, email }: JobOf<'verify_email'>) {
  const key = emailKey(email)
  const { rows } = await ctx.pool.query<{ username: string }>(
    `SELECT username FROM users u WHERE id = $1 AND (email_key = $2 AND NOT email_verified OR pending_email_key = $2)
  AND NOT EXISTS (SELECT FROM users WHERE email_key = $2 AND email_verified)`,
    [userId, key],
  )
  if (!rows[0]) return undefined
  await voidTokens(ctx.pool, userId, 'verify_email')
  const token = await storeToken(ctx.pool, { userId, purpose: 'verify_email', emailKey: key })
  const letter = verifyLetter({ publicUrl: ctx.config.PUBLIC_URL, username: rows[0].username, token })
  return { to: email, isProven: false, userIds: [userId], letter, undo: () => forget(ctx.pool, token) }
}

async function forget(pool: pg.Pool, token: string): Promise<void> {
  await pool.query('DELETE FROM mailed_tokens WHERE hash = $1', [tokenHash(token)])
}
