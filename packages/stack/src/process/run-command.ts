import { spawn } from 'node:child_process'
import { access, appendFile, constants, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Environment } from '../config.ts'
import { StartFailure } from '../start-failure.ts'

export interface CommandOptions {
  cwd?: string
  environment: Readonly<Record<string, string | undefined>>
  user?: { uid: number; gid: number } | undefined
  /** Ends the command and its children when the stack is stopped. */
  signal?: AbortSignal | undefined
  /** Where the whole output is kept. */
  logPath?: string
  /** Called with each line of output. */
  onLine?: (line: string) => void
}

/** A command failed. The message ends with the last lines it printed. */
export class CommandFailure extends StartFailure {
  override name = 'CommandFailure'
  readonly tail: string

  constructor(command: string, { how, tail }: { how: string; tail: string }) {
    super(`${command} ${how}:\n${tail}`)
    this.tail = tail
  }
}

/** Runs a command and returns its output; throws a `CommandFailure` unless it ends with 0. */
export async function runCommand(command: string, args: string[], options: CommandOptions): Promise<string> {
  const { cwd, environment, user, signal, logPath, onLine } = options
  signal?.throwIfAborted()
  if (logPath) await writeFile(logPath, '')
  const child = spawn(command, args, {
    cwd,
    env: { ...environment },
    ...user,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const endGroup = () => child.pid !== undefined && process.kill(-child.pid, 'SIGTERM')
  signal?.addEventListener('abort', endGroup, { once: true })
  let output = ''
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8')
    for (const line of chunk.toString('utf8').split('\n')) if (line.trim()) onLine?.(line.trim())
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  try {
    const how = await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`))
      child.once('close', (code, by) =>
        resolve(code === 0 ? undefined : by ? `was ended by ${by}` : `ended with code ${code}`),
      )
    })
    if (logPath) await appendFile(logPath, output)
    signal?.throwIfAborted()
    if (how)
      throw new CommandFailure(command, { how, tail: output.trimEnd().split('\n').slice(-15).join('\n') })
    return output
  } finally {
    signal?.removeEventListener('abort', endGroup)
  }
}

/**
 * The first of `names` on the `PATH` or in administrators' folders, which many a `PATH` leaves out.
 */
export async function findOnPath(
  names: readonly string[],
  environment: Environment,
): Promise<string | undefined> {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const name of names) {
    for (const folder of [...folders, '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']) {
      const path = join(folder, name)
      const found = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (found) return path
    }
  }
  return undefined
}
