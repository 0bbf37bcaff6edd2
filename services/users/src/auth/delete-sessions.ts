import type pg from 'pg'
import type { Tell } from '../commit-facts.ts'

/** Which of a person's sessions: one of them, or all but one. */
export type SessionChoice = { userId: string } & ({ only: string } | { except: string })

/** Ends sessions and tells so, which closes their sockets. Returns how many there were. */
export async function deleteSessions(tx: pg.PoolClient, choice: SessionChoice, tell: Tell): Promise<number> {
  const { userId } = choice
  const { rows } = await tx.query<{ id: string }>(
    `DELETE FROM sessions WHERE user_id = $1 AND ${'only' in choice ? 'id = $2' : 'id <> $2'} RETURNING id`,
    [userId, 'only' in choice ? choice.only : choice.except],
  )
  for (const { id } of rows) tell(userId, 'session.ended', { userId, sessionId: id })
  return rows.length
}
