import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endProcess } from '../data-directory/orphan-processes.ts'
import { commandLine, processIdentity } from '../data-directory/process-identity.ts'

/**
 * Makes a data directory ready for a start after an earlier one was killed: a server that still runs there is shut
 * down, and a `postmaster.pid` whose number now belongs to a stranger is removed, since PostgreSQL would refuse to start.
 */
export async function clearStaleCluster(data: string): Promise<void> {
  const path = join(data, 'postmaster.pid')
  const text = await readFile(path, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!Number.isInteger(pid)) return
  const identity = await processIdentity(pid)
  if (identity === undefined) return
  if (!(await commandLine(pid)).includes('postgres')) {
    await rm(path, { force: true })
    return
  }
  await endProcess({ pid, identity, stopSignal: 'SIGINT' }, 15_000)
}
