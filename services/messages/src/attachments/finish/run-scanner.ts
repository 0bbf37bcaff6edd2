import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Finding } from './scan-file.ts'

const patienceMs = 120_000

/** Runs a command, with its own arguments if it has some, on a file. Like ClamAV's: 0 is clean, 1 harmful; rejects for anything else. */
export async function runScanner(command: string, path: string): Promise<Finding> {
  const [program = '', ...given] = command.split(/\s+/).filter(Boolean)
  const child = spawn(program, [...given, path], {
    stdio: 'ignore',
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  })
  const [code, signal] = await once(child, 'exit')
  if (code === 0) return undefined
  if (code === 1) return 'harmful'
  throw new Error(`The virus scanner ended with ${code ?? signal}`)
}
