import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@finnigram/testing'
import type { UpstreamNode } from '../src/upstream-pool.ts'

const program = join(import.meta.dirname, 'programs', 'echo-server.ts')
const receiveSocket = resolve(import.meta.dirname, '../src/receive-socket.ts')

/** A process with `programs/echo-server.ts`, which keeps its port over restarts. */
export class EchoNode implements AsyncDisposable {
  readonly name: string
  readonly port: number
  #child: ChildProcess | undefined
  #isHealthy = false

  private constructor(name: string, port: number) {
    this.name = name
    this.port = port
  }

  static async start(name: string): Promise<EchoNode> {
    const node = new EchoNode(name, await freePort())
    node.start()
    await node.healthy()
    return node
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The node as a pool takes it. */
  get upstream(): UpstreamNode {
    return {
      host: '127.0.0.1',
      port: this.port,
      isUp: () => this.#isHealthy,
      child: () => this.#child,
    }
  }

  start(): void {
    if (this.#child) return
    this.#child = spawn(
      process.execPath,
      ['--import', receiveSocket, program, this.name, String(this.port)],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { PATH: process.env['PATH'] } },
    )
  }

  /** Resolves when it serves. */
  async healthy(): Promise<void> {
    while (!this.#isHealthy) {
      this.#isHealthy = await fetch(`http://127.0.0.1:${this.port}/`).then(
        async (answer) => (await answer.text()) !== '',
        () => false,
      )
      if (!this.#isHealthy) await sleep(20)
    }
  }

  /** Ends it until it is started again. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Ends it like a crash, after which it is started again. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.#end(signal)
    this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals) {
    const child = this.#child
    this.#child = undefined
    this.#isHealthy = false
    if (!child) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }
}
