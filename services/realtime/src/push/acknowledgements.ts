import { acknowledgedForMs, acknowledgedKey } from '@finnigram/contracts'
import { type Logger, pause, type RedisLink } from '@finnigram/service-kit'
import { defineScript } from './redis-script.ts'

/** What a session's device has got or read of a conversation, up to `seq`. */
export interface Acknowledgement {
  conversationId: string
  sessionId: string
  seq: number
}

/** Which devices acknowledged what lately: nobody need be notified of that. */
export interface Acknowledgements extends AsyncDisposable {
  /** Costs nothing: it is written down now and then, with all others; what is noted while Redis is away, as soon as it is back. */
  note(acknowledgement: Acknowledgement): void
  /** How far these sessions came; 0 where nothing is known. */
  read(asked: readonly { conversationId: string; sessionId: string }[]): Promise<number[]>
}

export interface WithAcknowledgements {
  readonly acknowledgements: Acknowledgements
}

/** Conversations written in one go; between two, other work may run. */
const atOnce = 500
/** Sessions in conversations that are noted while Redis is away; those that are noted later are lost. */
const mostQueued = 100_000

/** KEYS: the conversation's hash. ARGV: how long it is kept (ms), then session and seq by turns. Only moves forward. */
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
  /** How often what was noted is written down. */
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

/** The furthest of each session, by conversation, since they were last taken. */
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
