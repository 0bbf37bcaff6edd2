import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A server program that a test started. */
export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** Ends it with `signal` and waits for that. */
  kill(signal: NodeJS.Signals): Promise<void>
}

/**
 * Starts a program and waits until `isReady` says yes; rejects with its output when it ends before,
 * or after ten seconds.
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  { isReady, uid, gid }: { isReady: () => Promise<boolean>; uid?: number; gid?: number },
): Promise<ServerProcess> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
  })
  let output = ''
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject))
  // A test that runs out of time never disposes of anything.
  const killWithUs = () => void child.kill('SIGKILL')
  process.once('exit', killWithUs)
  child.once('exit', () => process.off('exit', killWithUs))
  const exited = once(child, 'exit')
  exited.catch(() => {})
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await exited
  }
  const deadline = performance.now() + 10_000
  while (!(await Promise.race([isReady(), failed]))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await kill('SIGKILL')
      throw new Error(`${command} did not start:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return { child, kill, [Symbol.asyncDispose]: () => kill('SIGINT') }
}
