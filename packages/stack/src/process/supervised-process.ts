import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { forgetProcess, recordProcess } from '../data-directory/orphan-processes.ts'
import type { RotatingLog } from '../data-directory/rotating-log.ts'
import { StartFailure } from '../start-failure.ts'
import { type RestartSemaphore, restartDelayMs } from './restart-limiter.ts'

export interface ProcessSpec {
  /** Unique in its data directory: names the log, the record and the crash report. */
  name: string
  dataDirectory: string
  command: string
  args: string[]
  environment: Readonly<Record<string, string | undefined>>
  cwd?: string
  user?: { uid: number; gid: number } | undefined
  /** Opens an IPC channel to the child, which closes when this process dies. */
  ipc?: boolean
  stopSignal: NodeJS.Signals
  /** How long a graceful stop may take before SIGKILL, in milliseconds. */
  stopTimeoutMs: number
  /** Whether the process serves; polled from its start until it does. */
  isHealthy: () => Promise<boolean>
  log: RotatingLog
  /** Bounds how many processes restart at once. */
  restartSemaphore?: RestartSemaphore | undefined
  /** Called for every exit that was not asked for. */
  onCrash?: ((crash: Crash) => void) | undefined
}

export interface Crash {
  name: string
  /** Such as "ended with code 1". */
  how: string
  restartInMs: number
  /** How many deaths in a row, from 1; a process that served for a while begins again. */
  count: number
  /** The last lines of the log. */
  tail: string
}

/** Deaths in a row after which `healthy()` gives up on a process that has never served. */
const giveUpAfterFailures = 5
/** A process that has served this long is stable: its next backoff is the shortest. */
const stableAfterMs = 2_000

type State = 'starting' | 'healthy' | 'waiting' | 'stopped'

/**
 * The supervisor: one server process, which is restarted whenever it dies.
 *
 *     stopped → starting → healthy → (dies) waiting → starting → …
 *
 * - After a death it waits with exponential backoff (100 ms to 5 s), then for the restart
 *   semaphore. A process that served for two seconds begins with the shortest backoff again.
 * - `healthy()` resolves when it serves. It rejects when the process was stopped, did not come up
 *   in time, or died five times without ever serving.
 * - `stop()` sends the stop signal, then SIGKILL after a timeout, and keeps the process away until
 *   `start()`.
 * - Each process is recorded in the data directory, so that the next start ends it if this process
 *   is killed. With `ipc` the child sees the channel close then and ends by itself.
 *
 * It never probes a process again once that is healthy: liveness is the gateway's concern, a dead
 * process is seen by its exit.
 */
export class SupervisedProcess implements AsyncDisposable {
  readonly spec: ProcessSpec
  state: State = 'stopped'
  restarts = 0
  #child: ChildProcess | undefined
  #exited: Promise<unknown> = Promise.resolve()
  #failures = 0
  #healthySince = 0
  #everHealthy = false
  #fault: unknown
  #stateChange: { wake: () => void; until: Promise<void> } = newWakeSignal()
  #restartTimer: NodeJS.Timeout | undefined

  constructor(spec: ProcessSpec) {
    this.spec = spec
  }

  get name(): string {
    return this.spec.name
  }

  /** Number of the running process, `undefined` between a death and the restart. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  get child(): ChildProcess | undefined {
    return this.#child
  }

  /** Starts the process; it serves once `healthy()` resolves. */
  start(): void {
    clearTimeout(this.#restartTimer)
    if (this.#child) return
    const { command, args, environment, cwd, user, ipc } = this.spec
    this.#enter('starting')
    // A session of its own keeps the terminal's Ctrl-C from it: the stack decides who stops when.
    const child = spawn(command, args, {
      cwd,
      env: { ...environment },
      ...user,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    })
    this.#child = child
    child.stdout?.on('data', (chunk: Buffer) => this.spec.log.write(chunk))
    child.stderr?.on('data', (chunk: Buffer) => this.spec.log.write(chunk))
    this.#exited = ended(child).then((how) => this.#afterExit(child, how))
    if (child.pid !== undefined) void this.#follow(child, child.pid)
  }

  /** Resolves when the process serves; rejects when it is stopped, keeps dying, or is too slow. */
  async healthy(timeoutMs = 60_000): Promise<void> {
    const deadline = sleep(timeoutMs, 'late' as const, { ref: false })
    while (this.state !== 'healthy') {
      if (this.#fault) throw this.#fault
      if (this.state === 'stopped') throw new StartFailure(`${this.name} was stopped before it served.`)
      if (!this.#everHealthy && this.#failures >= giveUpAfterFailures)
        throw this.#neverServed('ends as soon as it starts')
      if ((await Promise.race([this.#stateChange.until, deadline])) === 'late') {
        throw this.#neverServed(`did not come up within ${timeoutMs / 1000} s`)
      }
    }
  }

  #neverServed(how: string) {
    const { path } = this.spec.log
    return new StartFailure(`${this.name} ${how}. Its log, ${path}, ends with:\n${this.spec.log.tail()}`)
  }

  /** Sends a signal; resolves when the process has ended. It starts again by itself. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const exited = this.#exited
    this.#child?.kill(signal)
    await exited
  }

  /** Ends the process and leaves it ended until `start()`. */
  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer)
    this.#enter('stopped')
    const child = this.#child
    if (!child) return
    child.kill(this.spec.stopSignal)
    const timer = setTimeout(() => child.kill('SIGKILL'), this.spec.stopTimeoutMs)
    await this.#exited
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.spec.log[Symbol.asyncDispose]()
  }

  async #follow(child: ChildProcess, pid: number) {
    const { dataDirectory, name, stopSignal, isHealthy } = this.spec
    try {
      await recordProcess(dataDirectory, { name, pid, stopSignal })
      for (let waitMs = 10; child === this.#child; waitMs = Math.min(waitMs * 1.5, 250)) {
        if ((await isHealthy()) && child === this.#child && this.state === 'starting') {
          this.#healthySince = Date.now()
          this.#everHealthy = true
          this.#enter('healthy')
          return
        }
        await sleep(waitMs)
      }
    } catch (error) {
      this.#fault = error
      await this.stop()
    }
  }

  async #afterExit(child: ChildProcess, how: string) {
    if (child !== this.#child) return
    this.#child = undefined
    // A stale record does no harm: the next start checks it.
    await forgetProcess(this.spec.dataDirectory, this.name).catch(() => undefined)
    if (this.state === 'stopped') return
    const servedMs = this.state === 'healthy' ? Date.now() - this.#healthySince : 0
    if (servedMs >= stableAfterMs) this.#failures = 0
    const restartInMs = restartDelayMs(this.#failures)
    this.#failures += 1
    this.restarts += 1
    this.#enter('waiting')
    this.#restartTimer = setTimeout(() => void this.#restart(), restartInMs)
    this.spec.onCrash?.({
      name: this.name,
      how,
      restartInMs,
      count: this.#failures,
      tail: this.spec.log.tail(),
    })
  }

  async #restart() {
    const release = await this.spec.restartSemaphore?.acquire()
    // It may have been stopped, or started, while it waited.
    if (this.state === 'waiting') {
      this.start()
      await this.#leaves('starting')
    }
    release?.()
  }

  async #leaves(state: State) {
    while (this.state === state) await this.#stateChange.until
  }

  #enter(state: State) {
    this.state = state
    const { wake } = this.#stateChange
    this.#stateChange = newWakeSignal()
    wake()
  }
}

function newWakeSignal() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { wake: resolve, until: promise }
}

/** How the process ended, once it has and its output is read. */
async function ended(child: ChildProcess) {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return signal ? `was ended by ${signal}` : `ended with code ${code}`
  } catch (error) {
    return `could not be started: ${error instanceof Error ? error.message : error}`
  }
}
