import type pg from 'pg'
import type { Tell } from '../commit-facts.ts'

/** Which of a person's sessions: one of them, all but one, or all. */
export type SessionChoice = { userId: string } & ({ only: string } | { except: string } | { all: true })

/** Ends sessions and tells so, which closes their sockets. Returns how many there were. */
export async function deleteSessions(tx: pg.PoolClient, choice: SessionChoice, tell: Tell): Promise<number> {
  const { userId } = choice
  const [which, values] = condition(choice)
  const { rows } = await tx.query<{ id: string }>(
    `DELETE FROM sessions WHERE user_id = $1 ${which} RETURNING id`,
    [userId, ...values],
  )
  for (const { id } of rows) tell(userId, 'session.ended', { userId, sessionId: id })
  return rows.length
}

function condition(choice: SessionChoice): [sql: string, values: string[]] {
  if ('only' in choice) return ['AND id = $2', [choice.only]]
  if ('except' in choice) return ['AND id <> $2', [choice.except]]
  return ['', []]
}
