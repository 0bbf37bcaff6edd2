import type { PublicUser } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { findShowing } from './find-showing.ts'
import { toPublicUser } from './to-public-user.ts'
import type { UserRow } from './user-row.ts'

/** People as one person may see them, in the same order. */
export async function showPeople(
  ctx: Pick<UsersContext, 'contacts'>,
  viewerId: string,
  rows: readonly UserRow[],
): Promise<PublicUser[]> {
  const showing = await findShowing(ctx, viewerId, rows)
  return rows.map((row) => toPublicUser(row, showing.has(row.id)))
}
