import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning, processIdentity } from './process-identity.ts'

/** A server process as noted in `run/<name>.json`, so that the next start can end it if this one is killed. */
export interface ProcessRecord {
  name: string
  pid: number
  identity: string
  stopSignal: NodeJS.Signals
}

/** Notes a server process that has just been started. */
export async function recordProcess(home: string, process: Omit<ProcessRecord, 'identity'>): Promise<void> {
  const identity = await processIdentity(process.pid)
  if (identity === undefined) return
  await writeFile(recordPath(home, process.name), JSON.stringify({ ...process, identity }))
}

/** Strikes a process off once it has ended. */
export async function forgetProcess(home: string, name: string): Promise<void> {
  await rm(recordPath(home, name), { force: true })
}

/** The server processes of `home` that run now. */
export async function listProcesses(home: string): Promise<ProcessRecord[]> {
  const names = await readdir(join(home, 'run')).catch(() => [])
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const text = await readFile(join(home, 'run', name), 'utf8').catch(() => '')
        return text === '' ? undefined : (JSON.parse(text) as ProcessRecord)
      }),
  )
  const known = records.filter((record) => record !== undefined)
  const alive = await Promise.all(known.map(isRunning))
  return known.filter((_, index) => alive[index])
}

/** Ends what a killed earlier run left behind, politely first; returns the names of what was ended. */
export async function endLeftovers(home: string, patienceMs = 10_000): Promise<string[]> {
  const leftovers = await listProcesses(home)
  await Promise.all(leftovers.map((leftover) => endProcess(leftover, patienceMs)))
  const names = await readdir(join(home, 'run')).catch(() => [])
  await Promise.all(names.map((name) => rm(join(home, 'run', name), { force: true })))
  return leftovers.map(({ name }) => name)
}

/** Sends `stopSignal`, and SIGKILL when the process still runs after `patienceMs`. */
export async function endProcess(
  target: Pick<ProcessRecord, 'pid' | 'identity' | 'stopSignal'>,
  patienceMs: number,
): Promise<void> {
  signal(target.pid, target.stopSignal)
  const deadline = Date.now() + patienceMs
  while (await isRunning(target)) {
    if (Date.now() > deadline) signal(target.pid, 'SIGKILL')
    await sleep(20)
  }
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch {
    // It ended in between.
  }
}

const recordPath = (home: string, name: string) => join(home, 'run', `${name}.json`)
