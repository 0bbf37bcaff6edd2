import { ConfigError } from '../config.ts'
import { within } from './wait.ts'

/** Longest graceful shutdown before the process exits anyway. */
const hardLimitMs = 10_000

/**
 * Lifecycle of a service process: start, run, graceful shutdown.
 *
 * Promise: SIGTERM, SIGINT or the end of the parent process disposes of the service and exits. The
 * process never outlives ten seconds of stopping, and never runs on after an uncaught exception.
 *
 * Procedure:
 *   1. `start` opens everything and returns what disposes of it in reverse order. It gets a signal
 *      that aborts when stopping begins, so that waiting for a database does not delay the exit.
 *   2. On a signal: dispose (stop taking work, finish it, close the database), then exit with 0.
 *   3. A second signal exits at once with 130; a shutdown that takes too long exits with 1.
 *
 * Wrong settings, and a server that is too old, are printed and exit with 78 (EX_CONFIG). The
 * parent is known by its IPC channel or `FINNIGRAM_PARENT_PID`: a killed supervisor leaves no
 * orphans. Each service's `main.ts` is one call of this.
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

  // Keeps the process alive while `start` waits for something.
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

/** Writes to standard error: the service and its logger may not exist yet, or any more. */
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

/** Calls `onGone` once when the parent process ends. */
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
