import { ConfigError } from '../config.ts'
import { within } from './wait.ts'

/** The longest a process takes to finish its work before it ends anyway. */
const hardLimitMs = 10_000

/**
 * Runs a service until SIGTERM, SIGINT, or the end of the process that started it; then disposes of it and exits.
 * `start` gets a signal that aborts when stopping begins, so that waiting for a database does not hold the exit up.
 * A second signal, or ten seconds, ends the process at once. Wrong settings, and servers that are too old, are printed and
 * exit with 78 (EX_CONFIG).
 */
export async function runUntilSignal(
  start: (signal: AbortSignal) => Promise<AsyncDisposable> | AsyncDisposable,
): Promise<void> {
  const stopping = new AbortController()
  const stop = (reason: string) => {
    if (stopping.signal.aborted) process.exit(130)
    stopping.abort(reason)
    setTimeout(() => end('Stopping took too long', undefined), hardLimitMs).unref()
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('uncaughtException', (error) => end('Uncaught exception', error))
  process.on('unhandledRejection', (error) => end('Unhandled rejection', error))
  watchParent(() => {
    if (!stopping.signal.aborted) stop('the parent is gone')
  })

  // A start that waits for something may hold nothing else that keeps the process alive.
  setInterval(() => {}, 2 ** 30)
  try {
    const service = await start(stopping.signal)
    await aborted(stopping.signal)
    const inTime = await within(hardLimitMs, Promise.resolve(service[Symbol.asyncDispose]()))
    process.exit(inTime ? 0 : 1)
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0)
    end('The service could not run', error)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The logger belongs to the service, which may not exist yet or any more: the last words go to standard error. */
function end(message: string, error: unknown): never {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`)
    process.exit(78)
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : error
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), level: 'error', message, error: text })}\n`,
  )
  process.exit(1)
}

const checkEveryMs = 1000

/** Calls `onGone` once when the process that started this one ends: its IPC channel closes, or the process named by `FINNIGRAM_PARENT_PID` is no more. */
function watchParent(onGone: () => void): void {
  if (process.channel) {
    process.once('disconnect', onGone)
    process.channel.unref()
  }
  const parent = Number(process.env['FINNIGRAM_PARENT_PID'])
  if (!Number.isInteger(parent) || parent <= 0) return
  const timer = setInterval(() => {
    if (isAlive(parent)) return
    clearInterval(timer)
    onGone()
  }, checkEveryMs)
  timer.unref()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
