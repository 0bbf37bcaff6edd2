import type { PublicUser } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { findShowing } from './last-seen-visibility.ts'
import type { UserRow } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

/** People as one person may see them, in the same order. */
export async function showPeople(
  ctx: Pick<UsersContext, 'contacts'>,
  viewerId: string,
  rows: readonly UserRow[],
): Promise<PublicUser[]> {
  const showing = await findShowing(ctx, viewerId, rows)
  return rows.map((row) => toPublicUser(row, showing.has(row.id)))
}
