import { connect, createServer, type Socket } from 'node:net'
import { freePort, startRedis, type TestRedis } from '@finnigram/testing'
import { Redis } from 'ioredis'

/**
 * A way to a server on this machine that can be pointed elsewhere, or hold back what it is given.
 */
export interface Forwarder extends AsyncDisposable {
  readonly url: string
  /** From now on connections go there; those that are open are cut. */
  aim(port: number): void
  /**
   * Nothing passes towards the server until this is disposed of: then everything that came
   * meanwhile does.
   */
  hold(): Disposable
}

export async function startForwarder(target: number): Promise<Forwarder> {
  const port = await freePort()
  const open = new Set<Socket>()
  let aimed = target
  let held: (() => void)[] | undefined
  const server = createServer((near) => {
    const far = connect(aimed, '127.0.0.1')
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
    }
    near.on('data', (bytes) => {
      if (held) held.push(() => far.write(bytes))
      else far.write(bytes)
    })
    far.on('data', (bytes) => near.write(bytes))
    near.on('close', () => {
      if (held) held.push(() => far.end())
      else far.destroy()
    })
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of open) socket.destroy()
    open.clear()
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    aim(to) {
      aimed = to
      cut()
    },
    hold() {
      const waiting: (() => void)[] = []
      held = waiting
      return {
        [Symbol.dispose]() {
          held = undefined
          for (const pass of waiting) pass()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
    },
  }
}

const portOf = ({ url }: { url: string }) => Number(new URL(url).port)

export interface FailoverPair extends AsyncDisposable {
  /** Where clients connect. */
  readonly url: string
  readonly replica: TestRedis
  /** What is written from now on is not replicated. */
  lag(): void
  /** Kills the primary, promotes the replica, and points clients at it. */
  failOver(): Promise<void>
}

/** A Redis and a replica of it, as a failover needs them. */
export async function startFailoverPair(): Promise<FailoverPair> {
  await using parts = new AsyncDisposableStack()
  const primary = parts.use(await startRedis())
  const replica = parts.use(await startRedis())
  const link = parts.use(await startForwarder(portOf(primary)))
  const way = parts.use(await startForwarder(portOf(primary)))
  const [toPrimary, toReplica] = [new Redis(primary.url), new Redis(replica.url)]
  parts.defer(() => toReplica.disconnect())
  await toPrimary.config('SET', 'repl-diskless-sync-delay', '0')
  toPrimary.disconnect()
  await toReplica.replicaof('127.0.0.1', portOf(link))
  while (!/master_link_status:up/.test(await toReplica.info('replication')))
    await new Promise((resolve) => setTimeout(resolve, 20))
  const kept = parts.move()
  return {
    url: way.url,
    replica,
    // The port answers nobody: the replica keeps what it has.
    lag: () => link.aim(1),
    async failOver() {
      await primary.stop('SIGKILL')
      await toReplica.replicaof('NO', 'ONE')
      way.aim(portOf(replica))
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
