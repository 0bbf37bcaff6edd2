import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/**
 * A server process as recorded in `run/<name>.json`, so that the next start can end it as an
 * orphan.
 */
export interface ProcessRecord {
  name: string
  pid: number
  identity: string
  stopSignal: NodeJS.Signals
}

/** Records a server process that has just been started. */
export async function recordProcess(
  dataDirectory: string,
  process: Omit<ProcessRecord, 'identity'>,
): Promise<void> {
  const identity = await processIdentity(process.pid)
  if (identity === undefined) return
  await writeFile(recordPath(dataDirectory, process.name), JSON.stringify({ ...process, identity }))
}

/** Deletes the record of a process that has ended. */
export async function forgetProcess(dataDirectory: string, name: string): Promise<void> {
  await rm(recordPath(dataDirectory, name), { force: true })
}

/** The recorded processes of a data directory that run now. */
export async function listProcesses(dataDirectory: string): Promise<ProcessRecord[]> {
  const names = await readdir(join(dataDirectory, 'run')).catch(() => [])
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const text = await readFile(join(dataDirectory, 'run', name), 'utf8').catch(() => '')
        return text === '' ? undefined : (JSON.parse(text) as ProcessRecord)
      }),
  )
  const known = records.filter((record) => record !== undefined)
  const alive = await Promise.all(known.map(isRunning))
  return known.filter((_, index) => alive[index])
}

/** Ends the orphans of a killed run, gracefully first; returns their names. */
export async function endOrphans(dataDirectory: string, timeoutMs = 10_000): Promise<string[]> {
  const orphans = await listProcesses(dataDirectory)
  await Promise.all(orphans.map((orphan) => endProcess(orphan, timeoutMs)))
  const names = await readdir(join(dataDirectory, 'run')).catch(() => [])
  await Promise.all(names.map((name) => rm(join(dataDirectory, 'run', name), { force: true })))
  return orphans.map(({ name }) => name)
}

/** Sends `stopSignal`, and SIGKILL when the process still runs after `timeoutMs`. */
export async function endProcess(
  target: Pick<ProcessRecord, 'pid' | 'identity' | 'stopSignal'>,
  timeoutMs: number,
): Promise<void> {
  signal(target.pid, target.stopSignal)
  const deadline = Date.now() + timeoutMs
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

const recordPath = (dataDirectory: string, name: string) => join(dataDirectory, 'run', `${name}.json`)

/**
 * Tells a process from a later one with the same number: by its start time. `undefined` when
 * nothing runs under `pid`, or only a zombie.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid)
}

/** Whether the process that once had this identity still runs. */
async function isRunning({ pid, identity }: { pid: number; identity: string }): Promise<boolean> {
  return (await processIdentity(pid)) === identity
}

/** The command line of a process, empty when there is none. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return text.replaceAll('\0', ' ').trim()
  }
  return ps(pid, 'command=')
}

async function identityFromProc(pid: number) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The second field is the name in brackets and may hold anything; field 3 is the state, field 22
  // the start time.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${boot.trim()}/${fields[19]}`
}

async function identityFromPs(pid: number) {
  const started = await ps(pid, 'lstart=')
  return started === '' ? undefined : started
}

async function ps(pid: number, field: string) {
  const { stdout } = await promisify(execFile)('ps', ['-o', field, '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout.trim()
}
