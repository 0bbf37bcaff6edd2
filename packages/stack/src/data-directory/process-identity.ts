import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * What tells this process from a later one that got the same number: its start time. `undefined` when nothing runs
 * under `pid`, or only a zombie.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid)
}

/** Whether the process that once had this identity still runs. */
export async function isRunning({ pid, identity }: { pid: number; identity: string }): Promise<boolean> {
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
  // The second field is the name in brackets and may hold anything; field 3 is the state, field 22 the start time.
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
