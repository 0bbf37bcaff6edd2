import { setTimeout as sleep } from 'node:timers/promises'
import { askRedis, type StartedRedis, type SupervisedProcess } from '@finnigram/stack'

/** A Redis and another that takes over when it fails. */
export interface RedisPair extends AsyncDisposable {
  /** The one that clients are to use. */
  readonly url: string
  readonly process: SupervisedProcess
  /**
   * Has the other copy this one, stops the copying for `lagMs` while clients go on writing, then
   * kills this one and promotes the other: all that was written meanwhile is lost.
   */
  failOver(lagMs: number): Promise<void>
}

/** Nobody listens there: a replica that is pointed at it keeps what it has. */
const nowhere = 'REPLICAOF 127.0.0.1 1'
const syncWithinMs = 10_000

export function pairRedis([first, second]: [StartedRedis, StartedRedis]): RedisPair {
  let [primary, standby] = [first, second]
  return {
    get url() {
      return primary.url
    },
    get process() {
      return primary.process
    },
    async failOver(lagMs) {
      standby.process.start()
      await standby.process.healthy()
      await ask(primary, 'CONFIG SET repl-diskless-sync-delay 0')
      await ask(standby, `CONFIG SET masterauth ${new URL(primary.url).password}`)
      await ask(standby, `REPLICAOF 127.0.0.1 ${new URL(primary.url).port}`)
      await untilSynced(standby)
      await ask(standby, nowhere)
      await sleep(lagMs)
      const old = primary
      const ended = old.process.kill('SIGKILL')
      await ask(standby, 'REPLICAOF NO ONE')
      primary = standby
      standby = old
      await ended
      await old.process.stop()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([first, second].map(({ process }) => process[Symbol.asyncDispose]()))
    },
  }
}

const ask = ({ url }: StartedRedis, command: string) => {
  const { port, password } = new URL(url)
  return askRedis(Number(port), password, command)
}

async function untilSynced(replica: StartedRedis): Promise<void> {
  const deadline = performance.now() + syncWithinMs
  // WAITAOF and INFO answer in many lines; this one says in its second field whether the copy is
  // whole.
  while (
    !(
      await ask(
        replica,
        "EVAL \"return redis.call('INFO','replication'):match('master_link_status:(%a+)')\" 0",
      )
    ).startsWith('$2')
  ) {
    if (performance.now() > deadline) throw new Error('The standby of Redis did not get a copy')
    await sleep(50)
  }
}
