import { acknowledgedForMs, acknowledgedKey } from '@finnigram/contracts'
import { type Logger, pause, type RedisLink } from '@finnigram/service-kit'
import { defineScript } from './redis-script.ts'

/** A session's device has received or read a conversation up to `seq`. */
export interface Acknowledgement {
  conversationId: string
  sessionId: string
  seq: number
}

/** Recent acknowledgements of devices, which need no notification of those messages. */
export interface Acknowledgements extends AsyncDisposable {
  /** Notes one in memory. All are written to Redis periodically, or once it is back. */
  note(acknowledgement: Acknowledgement): void
  /** The acknowledged seq of each session; 0 for none. */
  read(asked: readonly { conversationId: string; sessionId: string }[]): Promise<number[]>
}

export interface WithAcknowledgements {
  readonly acknowledgements: Acknowledgements
}

/** Conversations written at once; other work runs in between. */
const atOnce = 500
/** Most acknowledgements in memory while Redis is down; further ones are dropped. */
const mostQueued = 100_000

/**
 * KEYS: the conversation's hash. ARGV: how long it is kept (ms), then session and seq by turns.
 * Only moves forward.
 */
const noteScript = `
local news = {}
for i = 2, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if not known or tonumber(known) < tonumber(ARGV[i + 1]) then
    news[#news + 1] = ARGV[i]
    news[#news + 1] = ARGV[i + 1]
    if #news >= 1000 then
      redis.call('HSET', KEYS[1], unpack(news))
      news = {}
    end
  end
end
if #news > 0 then redis.call('HSET', KEYS[1], unpack(news)) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])`

export function createAcknowledgements({
  redis,
  log,
  everyMs,
}: {
  redis: RedisLink
  log: Logger
  /** How often they are written to Redis. */
  everyMs: number
}): Acknowledgements {
  const write = defineScript(redis, 'finnigramAcknowledge', { keys: 1, lua: noteScript })
  const notes = createNotes()
  const flush = async () => {
    const batch = notes.take()
    for (let i = 0; i < batch.length; i += atOnce) {
      const writes = batch
        .slice(i, i + atOnce)
        .map(([id, sessions]) => write(acknowledgedKey(id), acknowledgedForMs, ...[...sessions].flat()))
      await Promise.all(writes).catch((error) => {
        notes.putBack(batch.slice(i))
        throw error
      })
    }
  }
  const ending = new AbortController()
  const run = async () => {
    while (!ending.signal.aborted) {
      await pause(everyMs, ending.signal)
      await flush().catch((error) => log.debug('Acknowledgements wait until Redis is back', { error }))
    }
  }
  const running = run()
  return {
    note: notes.add,
    async read(asked) {
      const values = await Promise.all(
        asked.map(({ conversationId, sessionId }) =>
          redis.commands.hget(acknowledgedKey(conversationId), sessionId),
        ),
      )
      return values.map((value) => Number(value ?? 0))
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await running
      await flush().catch((error) => log.debug('Acknowledgements are lost', { error }))
    },
  }
}

/** The furthest seq of each session, by conversation, since the last flush. */
function createNotes() {
  let noted = new Map<string, Map<string, number>>()
  let size = 0
  const add = ({ conversationId, sessionId, seq }: Acknowledgement) => {
    const sessions = noted.get(conversationId) ?? new Map<string, number>()
    const known = sessions.get(sessionId)
    if (known === undefined && size >= mostQueued) return
    if (known === undefined) size += 1
    noted.set(conversationId, sessions.set(sessionId, Math.max(known ?? 0, seq)))
  }
  return {
    add,
    putBack(batch: readonly [conversationId: string, sessions: Map<string, number>][]): void {
      for (const [conversationId, sessions] of batch)
        for (const [sessionId, seq] of sessions) add({ conversationId, sessionId, seq })
    },
    take(): [conversationId: string, sessions: Map<string, number>][] {
      const taken = [...noted]
      noted = new Map()
      size = 0
      return taken
    },
  }
}
