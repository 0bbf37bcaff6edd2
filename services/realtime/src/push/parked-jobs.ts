import type { ParkedItem, ParkedStore, RedisLink } from '@finnigram/service-kit'

/** On the same cluster node as the queue. */
const parkedStream = '{finnigram:push}:parked'
/**
 * Most parked jobs, and how long they stay: they hold texts, and nobody wants an old notification.
 */
const keptAtMost = 1000
const keptForMs = 24 * 3600_000

/** A job that cannot be read, or was delivered too often. */
export interface FailedJob {
  /** The entry as it was on the queue. */
  text: string
  reason: string
}

/** Parks jobs. The caller finishes them on the queue afterwards. */
export async function parkJobs({ commands }: RedisLink, jobs: readonly FailedJob[]): Promise<void> {
  for (const { text, reason } of jobs)
    await commands.xadd(parkedStream, 'MAXLEN', '~', keptAtMost, '*', 'job', text, 'reason', reason)
  await commands.pexpire(parkedStream, keptForMs)
}

/** The parked jobs. A retry puts one on the queue again. */
export function parkedJobs({ commands }: RedisLink): ParkedStore {
  const find = async (id: string) => {
    if (!/^\d+-\d+$/.test(id)) return undefined
    const [found] = await commands.xrange(parkedStream, id, id)
    return found?.[1]
  }
  const drop = async (id: string) =>
    (await find(id)) !== undefined && (await commands.xdel(parkedStream, id)) === 1
  return {
    kind: 'push',
    async count() {
      await commands.xtrim(parkedStream, 'MINID', Date.now() - keptForMs)
      return commands.xlen(parkedStream)
    },
    async list(most) {
      const entries = await commands.xrange(parkedStream, '-', '+', 'COUNT', most)
      return entries.map(
        ([id, fields]): ParkedItem => ({
          ...{ kind: 'push', id, what: 'a notification', reason: fieldOf(fields, 'reason') },
          at: new Date(Number(id.split('-', 1)[0])).toISOString(),
        }),
      )
    },
    async retry(id) {
      const fields = await find(id)
      if (!fields) return false
      await commands.xadd('finnigram:push', '*', 'job', fieldOf(fields, 'job'))
      return drop(id)
    },
    drop,
  }
}

const fieldOf = (fields: readonly string[], name: string) => fields[fields.indexOf(name) + 1] ?? ''
