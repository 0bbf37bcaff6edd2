import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { noteNow } from '../audit/note-now.ts'
import type { UsersContext } from '../context.ts'
import { emailKey } from '../people/email-key.ts'
import type { Letter } from './letter.ts'
import { noticeLetter, resetLetter, verifyLetter } from './letters.ts'
import type { MailJob } from './mail-job.ts'
import { storeToken, tokenHash, voidTokens } from './mailed-token.ts'

export interface PreparedMail {
  to: string
  letter: Letter
  /** Takes back what was prepared: the mail was not sent. */
  undo(): Promise<void>
}

type PrepareContext = Pick<UsersContext, 'pool' | 'log' | 'config'>
type JobOf<K extends MailJob['kind']> = Extract<MailJob, { kind: K }>

/** A person may have so many links that set a password: enough for who lost one, too few to flood them. None voids another, or a stranger could keep a person from ever using theirs. */
const mostResetTokens = 5

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
        letter: noticeLetter(job.about, { publicUrl: ctx.config.PUBLIC_URL, ...job }),
        undo: async () => {},
      }
  }
}

async function prepareReset(ctx: PrepareContext, { email, ip }: JobOf<'reset_password'>) {
  const key = emailKey(email)
  const made = await withTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<{ id: string; username: string; email: string }>(
      'SELECT id, username, email FROM users WHERE email_key = $1 AND deleted_at IS NULL FOR NO KEY UPDATE',
      [key],
    )
    const user = rows[0]
    if (!user || (await countLive(tx, user.id)) >= mostResetTokens) return undefined
    return {
      user,
      token: await storeToken(tx, { userId: user.id, purpose: 'reset_password', emailKey: key }),
    }
  })
  if (!made) return undefined
  const { user, token } = made
  await noteNow(ctx, { type: 'password_reset_requested', userId: user.id, ip })
  const letter = resetLetter({ publicUrl: ctx.config.PUBLIC_URL, username: user.username, token })
  return { to: user.email, letter, undo: () => forget(ctx.pool, token) }
}

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
    'SELECT username FROM users WHERE id = $1 AND email_key = $2 AND NOT email_verified',
    [userId, key],
  )
  if (!rows[0]) return undefined
  await voidTokens(ctx.pool, userId, 'verify_email')
  const token = await storeToken(ctx.pool, { userId, purpose: 'verify_email', emailKey: key })
  const letter = verifyLetter({ publicUrl: ctx.config.PUBLIC_URL, username: rows[0].username, token })
  return { to: email, letter, undo: () => forget(ctx.pool, token) }
}

async function forget(pool: pg.Pool, token: string): Promise<void> {
  await pool.query('DELETE FROM mailed_tokens WHERE hash = $1', [tokenHash(token)])
}
