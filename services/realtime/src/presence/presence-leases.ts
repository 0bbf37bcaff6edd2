import { fleetingChannel, newId, type ServerEventData } from '@finnigram/contracts'
import { listen, type RedisLink } from '@finnigram/service-kit'

export type PresenceStatus = Exclude<ServerEventData['presence']['status'], 'unknown'>

/** Where nodes write down, for a limited time, who is connected to them. */
export interface PresenceLeases extends Disposable {
  /** This node has devices of the person, for the time of a lease; publishes when that changes how the person stands. */
  renew(userId: string, status: 'online' | 'away'): Promise<unknown>
  /** This node has none any more, since `seenAt` (RFC 3339); how the person stands then. */
  release(userId: string, seenAt: string): Promise<PresenceStatus>
  /** How someone stands, over all nodes; undefined when that is not known: a Redis that was away, or emptied, may have forgotten leases that nodes have yet to renew. */
  read(userId: string): Promise<PresenceStatus | undefined>
  /** Whether Redis has forgotten everything since this was last asked: all leases of this node are then to be renewed. Asked every few seconds. */
  hasForgotten(): Promise<boolean>
}

/** A killed node's people are gone after this time, and with the look at it (`reviewMs`) look so within a minute. */
const leaseMs = 40_000

/** This long after an outage of Redis, every node has renewed its leases, in milliseconds. */
export const settleMs = 3500

/** Set by the first node that finds it missing, to something new: a Redis that forgot leases has forgotten this, too. */
const memoryKey = 'finnigram:presence:memory'

/** How a person stands by the leases that are still good; those that are not are thrown away. Redis's clock decides, so that nodes need not agree on theirs. */
const statusFunction = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function status()
  local best = 'offline'
  local leases = redis.call('HGETALL', KEYS[1])
  for i = 1, #leases, 2 do
    local ends, kind = string.match(leases[i + 1], '^(%d+) (%a+)$')
    if tonumber(ends) <= now then redis.call('HDEL', KEYS[1], leases[i])
    elseif kind == 'online' or best == 'offline' then best = kind end
  end
  return best
end`

/** KEYS: the person's leases. ARGV: node, status (empty to release), lease in ms, channel, person, when they were last seen (empty while they are). */
const renewScript = `${statusFunction}
local before = status()
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', now + ARGV[3], ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
local after = status()
if after ~= before then
  local seen = 'null'
  if after == 'offline' and ARGV[6] ~= '' then seen = '"' .. ARGV[6] .. '"' end
  redis.call('PUBLISH', ARGV[4], '{"t":"presence","data":{"userId":"' .. ARGV[5] .. '","status":"' .. after .. '","lastSeenAt":' .. seen .. '}}')
end
return after`

const readScript = `${statusFunction}
return status()`

type Command = (key: string, ...values: (string | number)[]) => Promise<unknown>

export function openPresenceLeases({ commands }: RedisLink, nodeId: string): PresenceLeases {
  const define = (name: string, lua: string): Command => {
    commands.defineCommand(name, { numberOfKeys: 1, lua })
    const command = Reflect.get(commands, name) as Command
    return (...args) => command.apply(commands, args)
  }
  let trustedFrom = 0
  const listening = listen(commands, {
    close() {
      trustedFrom = Number.POSITIVE_INFINITY
    },
    ready() {
      if (trustedFrom === Number.POSITIVE_INFINITY) trustedFrom = performance.now() + settleMs
    },
  })
  let memory: string | null | undefined
  const hasForgotten = async () => {
    await commands.set(memoryKey, newId(), 'NX')
    const before = memory
    memory = await commands.get(memoryKey)
    if (before === undefined || before === memory) return false
    trustedFrom = performance.now() + settleMs
    return true
  }
  /** Whether a lease that is not there was not given. */
  const canTrust = async () => {
    if (memory === undefined) await hasForgotten()
    return performance.now() >= trustedFrom && (await commands.get(memoryKey)) === memory
  }
  const renew = define('finnigramRenewPresence', renewScript)
  const read = define('finnigramReadPresence', readScript)
  return {
    renew: (userId, status) => renew(leasesOf(userId), nodeId, status, leaseMs, fleetingChannel, userId, ''),
    release: async (userId, seenAt) =>
      (await renew(leasesOf(userId), nodeId, '', leaseMs, fleetingChannel, userId, seenAt)) as PresenceStatus,
    async read(userId) {
      const status = (await read(leasesOf(userId))) as PresenceStatus
      return status === 'offline' && !(await canTrust()) ? undefined : status
    },
    hasForgotten,
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}

const leasesOf = (userId: string) => `finnigram:presence:{${userId}}`
