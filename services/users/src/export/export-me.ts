import type { ServerResponse } from 'node:http'
import { type Actor, AppError, FileBody, onResponseClosed } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireRecentSignIn } from '../auth/step-up.ts'
import type { WithConfig, WithLimits, WithLog } from '../deps.ts'
import { exportLimit } from '../limits.ts'
import { getMe } from '../people/get-users.ts'
import type { WithExportSlots } from './export-slots.ts'
import { accountFiles, attachmentFiles, messageFiles, type SourceDeps } from './exported-files.ts'
import { readmeFile, zipFiles } from './zip-archive.ts'

type ExportDeps = SourceDeps & WithLog & WithLimits & WithConfig<'PUBLIC_URL'> & WithExportSlots

/**
 * Everything of the caller's as a zip, streamed while it is made. Needs a recent sign-in. Throws
 * `rate_limited` after ten a day and during another export of theirs, `unavailable` without the
 * messages service or without a free slot.
 *
 * The response breaks off, so that it is not a valid zip, if the messages service fails midway or
 * the slot is evicted.
 */
export async function exportMe(ctx: ExportDeps, actor: Actor, response: ServerResponse): Promise<FileBody> {
  await requireRecentSignIn(ctx.pool, actor)
  const me = await getMe(ctx, actor)
  const lease = await acquireExportLease(ctx.pool, actor.userId)
  onResponseClosed(response, () => {
    lease
      .release()
      .catch((error) =>
        ctx.log.warn('An export lease could not be released and expires by itself', { error }),
      )
  })
  const files = [
    ...accountFiles(ctx, actor, me),
    ...(await messageFiles(ctx, actor)),
    ...(await attachmentFiles(ctx, actor)),
  ]
  await ctx.limits.consume(exportLimit, actor.userId)
  // Acquired last: a refused export must not evict another one.
  const slot = ctx.exportSlots.acquire(response)
  onResponseClosed(response, () => slot[Symbol.dispose]())
  const all = [readmeFile(files, ctx.config.PUBLIC_URL), ...files]
  return new FileBody({
    mediaType: 'application/zip',
    headers: { 'content-disposition': `attachment; filename="finnigram-${me.username}.zip"` },
    open: () => zipFiles(all),
  })
}

/** Seconds for which the lease of a process that died blocks another export. */
const leaseSeconds = 60
const renewMs = 20_000

/** The right to send a user their export. */
interface ExportLease {
  /** Safe to call twice. */
  release(): Promise<void>
}

/**
 * Leases the one export a user may have, over all nodes, until released. Throws `rate_limited` if
 * there is one.
 */
async function acquireExportLease(pool: pg.Pool, userId: string): Promise<ExportLease> {
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
  // If renewing fails, the lease expires or the next renewal succeeds.
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
