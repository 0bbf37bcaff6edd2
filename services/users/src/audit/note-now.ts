import type { UsersContext } from '../context.ts'
import { logNotes } from './log-notes.ts'
import type { SecurityNote } from './security-note.ts'
import { writeNotes } from './write-notes.ts'

/** Keeps a note of what is part of no transaction, such as a refused sign-in. */
export async function noteNow(
  { pool, log }: Pick<UsersContext, 'pool' | 'log'>,
  note: SecurityNote,
): Promise<void> {
  await writeNotes(pool, [note])
  logNotes(log, [note])
}
