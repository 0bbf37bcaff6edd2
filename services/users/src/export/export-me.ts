import type { ServerResponse } from 'node:http'
import { type Actor, AppError, FileBody, whenOver } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireRecentSignIn } from '../auth/step-up.ts'
import type { UsersContext } from '../context.ts'
import { exportLimit } from '../limits.ts'
import { getMe } from '../people/get-users.ts'
import { ownFiles, uploadedFiles, writtenFiles } from './exported-files.ts'
import { describeFiles, zipFiles } from './zip-archive.ts'

/**
 * Everything of the caller's as a zip, made while it is sent, for who signed in lately. Throws `rate_limited` after ten in
 * a day and while another of theirs is under way, and `unavailable` when the messages service is away or too many are
 * exporting fast; if the messages service goes midway, or others wait and this reader is the slowest, the answer breaks off.
 */
export async function exportMe(ctx: UsersContext, actor: Actor, response: ServerResponse): Promise<FileBody> {
  await requireRecentSignIn(ctx.pool, actor)
  const me = await getMe(ctx, actor)
  const lease = await takeExportLease(ctx.pool, actor.userId)
  whenOver(response, () => {
    lease.release().catch((error) => ctx.log.warn('An export ends only with its lease', { error }))
  })
  const files = [
    ...ownFiles(ctx, actor, me),
    ...(await writtenFiles(ctx, actor)),
    ...(await uploadedFiles(ctx, actor)),
  ]
  await ctx.limits.consume(exportLimit, actor.userId)
  // Only who may export at all has somebody slower make room.
  const place = ctx.exports.take(response)
  whenOver(response, () => place[Symbol.dispose]())
  const all = [describeFiles(files, ctx.config.PUBLIC_URL), ...files]
  return new FileBody({
    mediaType: 'application/zip',
    headers: { 'content-disposition': `attachment; filename="finnigram-${me.username}.zip"` },
    open: () => zipFiles(all),
  })
}

/** How long the lease of a process that died keeps others out, in seconds. */
const leaseSeconds = 60
const renewMs = 20_000

/** The right to send a person their export. */
interface ExportLease {
  /** Gives it back; safe to call twice. */
  release(): Promise<void>
}

/** Takes the one export a person may have under way, over all nodes, and renews it until it is released. Throws `rate_limited` when there is another. */
async function takeExportLease(pool: pg.Pool, userId: string): Promise<ExportLease> {
  const { rowCount } = await pool.query(
    `INSERT INTO exports (user_id, leased_until) VALUES ($1, now() + make_interval(secs => $2))
ON CONFLICT (user_id) DO UPDATE SET leased_until = excluded.leased_until WHERE exports.leased_until < now()`,
    [userId, leaseSeconds],
  )
  if (rowCount === 0)
    throw new AppError('rate_limited', {
      detail: 'Another export of yours is under way',
      retryAfter: leaseSeconds,
    })
  // One that could not be renewed ends by itself, and the next try may renew it.
  const renewing = setInterval(() => void renew(pool, userId).catch(() => {}), renewMs)
  renewing.unref()
  return {
    async release() {
      clearInterval(renewing)
      await pool.query('DELETE FROM exports WHERE user_id = $1', [userId])
    },
  }
}

const renew = (pool: pg.Pool, userId: string) =>
  pool.query('UPDATE exports SET leased_until = now() + make_interval(secs => $2) WHERE user_id = $1', [
    userId,
    leaseSeconds,
  ])
