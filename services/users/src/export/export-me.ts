import type { ServerResponse } from 'node:http'
import { type Actor, FileBody } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { getMe } from '../people/get-me.ts'
import { describeFiles } from './describe-files.ts'
import { takeExportLease } from './export-lease.ts'
import { ownFiles } from './own-files.ts'
import { writtenFiles } from './written-files.ts'
import { zipFiles } from './zip-files.ts'

/**
 * Everything of the caller's as a zip, made while it is sent. Throws `rate_limited` while another export of theirs is
 * under way, and `unavailable` when the messages service is away; if that goes midway, the answer breaks off.
 */
export async function exportMe(ctx: UsersContext, actor: Actor, response: ServerResponse): Promise<FileBody> {
  const me = await getMe(ctx, actor)
  const lease = await takeExportLease(ctx.pool, actor.userId)
  const release = () =>
    void lease.release().catch((error) => ctx.log.warn('An export ends only with its lease', { error }))
  if (response.destroyed) release()
  else response.once('close', release)
  const files = [...ownFiles(ctx, actor, me), ...(await writtenFiles(ctx, actor))]
  const all = [describeFiles(files, ctx.config.PUBLIC_URL), ...files]
  return new FileBody({
    mediaType: 'application/zip',
    headers: { 'content-disposition': `attachment; filename="finnigram-${me.username}.zip"` },
    open: () => zipFiles(all),
  })
}
