import type pg from 'pg'
import type { Tell } from '../transaction-with-outbox.ts'
import { removeSessions } from './remove-sessions.ts'

/** Which of a person's sessions: one of them, all but one, or all. */
export type SessionChoice = { userId: string } & ({ only: string } | { except: string } | { all: true })

/** Ends sessions of a person: their tokens stop working and their sockets close. Returns how many there were. */
export async function deleteSessions(tx: pg.PoolClient, choice: SessionChoice, tell: Tell): Promise<number> {
  const [which, values] = condition(choice)
  const removed = await removeSessions(
    tx,
    { condition: `user_id = $1 ${which}`, values: [choice.userId, ...values] },
    tell,
  )
  return removed.length
}

function condition(choice: SessionChoice): [sql: string, values: string[]] {
  if ('only' in choice) return ['AND id = $2', [choice.only]]
  if ('except' in choice) return ['AND id <> $2', [choice.except]]
  return ['', []]
}
