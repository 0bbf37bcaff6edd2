import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { recordAuditEntry } from '../audit/audit-log.ts'
import { emailKey } from '../auth/email-key.ts'
import type { WithConfig, WithLog, WithPool } from '../deps.ts'
import { type EmailContent, noticeEmail, passwordResetEmail, verificationEmail } from './email-templates.ts'
import type { MailJob } from './mail-job.ts'
import { createToken, revokeTokens, tokenHash } from './mailed-token.ts'

export interface PreparedMail {
  to: string
  /** Whether the account's owner has proven the address. */
  isProven: boolean
  userIds: string[]
  content: EmailContent
  /** Deletes the tokens that were made: the mail was not sent. */
  undo(): Promise<void>
}

export type PrepareDeps = WithPool & WithLog & WithConfig<'PUBLIC_URL'>
type JobOf<K extends MailJob['kind']> = Extract<MailJob, { kind: K }>

/**
 * Valid links that set a password, per person: enough for someone who lost one, too few to flood a
 * mailbox. A new link revokes none: otherwise a stranger could keep a person from using theirs.
 */
const mostResetTokens = 5
/** Accounts that share an unproven address and are named in one mail. */
const mostAccounts = 3

/**
 * Makes the mail of a job, with a fresh token where it needs one. Undefined if nothing is to be
 * sent.
 */
export async function prepareMail(ctx: PrepareDeps, job: MailJob): Promise<PreparedMail | undefined> {
  switch (job.kind) {
    case 'reset_password':
      return prepareReset(ctx, job)
    case 'verify_email':
      return prepareVerification(ctx, job)
    case 'notice':
      return {
        to: job.email,
        // `enqueueNotice` skips unproven addresses.
        isProven: true,
        userIds: [job.userId],
        content: noticeEmail(job.about, { publicUrl: ctx.config.PUBLIC_URL, ...job }),
        undo: async () => {},
      }
  }
}

async function prepareReset(ctx: PrepareDeps, { email, ip }: JobOf<'reset_password'>) {
  const key = emailKey(email)
  const accounts: (Holder & { token: string })[] = []
  for (const holder of await findHolders(ctx.pool, key)) {
    const token = await storeResetToken(ctx.pool, holder.id, key)
    if (token === undefined) continue
    accounts.push({ ...holder, token })
    await recordAuditEntry(ctx, { type: 'password_reset_requested', userId: holder.id, ip })
  }
  if (!accounts[0]) return undefined
  return {
    to: accounts[0].email,
    isProven: accounts[0].isProven,
    userIds: accounts.map(({ id }) => id),
    content: passwordResetEmail(ctx.config.PUBLIC_URL, accounts),
    undo: async () => {
      for (const { token } of accounts) await deleteToken(ctx.pool, token)
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
 * The accounts whose password an address may reset: its proven owner's. If nobody proved it, the
 * oldest of those that gave it and never had a proven address.
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

/** Undefined where the person has as many valid tokens as allowed. */
const storeResetToken = (pool: pg.Pool, userId: string, key: string): Promise<string | undefined> =>
  withTransaction(pool, async (tx) => {
    await tx.query('SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId])
    if ((await countLive(tx, userId)) >= mostResetTokens) return undefined
    return createToken(tx, { userId, purpose: 'reset_password', emailKey: key })
  })

async function countLive(tx: pg.PoolClient, userId: string): Promise<number> {
  const { rows } = await tx.query<{ live: number }>(
    `SELECT count(*)::int AS live FROM mailed_tokens
WHERE user_id = $1 AND purpose = 'reset_password' AND expires_at > now()`,
    [userId],
  )
  return rows[0]?.live ?? 0
}

async function prepareVerification(ctx: PrepareDeps, { userId, email }: JobOf<'verify_email'>) {
  const key = emailKey(email)
  const { rows } = await ctx.pool.query<{ username: string }>(
    `SELECT username FROM users u WHERE id = $1 AND (email_key = $2 AND NOT email_verified OR pending_email_key = $2)
  AND NOT EXISTS (SELECT FROM users WHERE email_key = $2 AND email_verified)`,
    [userId, key],
  )
  if (!rows[0]) return undefined
  await revokeTokens(ctx.pool, userId, 'verify_email')
  const token = await createToken(ctx.pool, { userId, purpose: 'verify_email', emailKey: key })
  const content = verificationEmail({ publicUrl: ctx.config.PUBLIC_URL, username: rows[0].username, token })
  return { to: email, isProven: false, userIds: [userId], content, undo: () => deleteToken(ctx.pool, token) }
}

async function deleteToken(pool: pg.Pool, token: string): Promise<void> {
  await pool.query('DELETE FROM mailed_tokens WHERE hash = $1', [tokenHash(token)])
}
