import type { ServerResponse } from 'node:http'
import { type Actor, FileBody, whenOver } from '@finnigram/service-kit'
import { requireRecentSignIn } from '../auth/require-recent-sign-in.ts'
import type { UsersContext } from '../context.ts'
import { exportLimit } from '../limits.ts'
import { getMe } from '../people/get-me.ts'
import { describeFiles } from './describe-files.ts'
import { takeExportLease } from './export-lease.ts'
import { ownFiles } from './exported-files.ts'
import { uploadedFiles } from './uploaded-files.ts'
import { writtenFiles } from './written-files.ts'
import { zipFiles } from './zip-archive.ts'

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
