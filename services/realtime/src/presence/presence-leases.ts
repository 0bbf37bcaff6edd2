import { fleetingChannel, newId, type ServerEventData } from '@finnigram/contracts'
import { listen, type RedisLink } from '@finnigram/service-kit'

export type PresenceStatus = Exclude<ServerEventData['presence']['status'], 'unknown'>

/** Presence leases in Redis: which node holds devices of a person, for a limited time. */
export interface PresenceLeases extends Disposable {
  /**
   * Renews the lease of this node for a person. Publishes the person's status if that changes it.
   */
  renew(userId: string, status: 'online' | 'away'): Promise<unknown>
  /**
   * Releases the lease of this node; the person was there until `seenAt` (RFC 3339). Returns their
   * status.
   */
  release(userId: string, seenAt: string): Promise<PresenceStatus>
  /**
   * The status over all nodes; undefined while unknown, because Redis may have lost leases that are
   * not renewed yet.
   */
  read(userId: string): Promise<PresenceStatus | undefined>
  /**
   * Whether Redis has lost its data since the last call: all leases must be renewed. Called every
   * few seconds.
   */
  hasForgotten(): Promise<boolean>
}

/**
 * A killed node's leases expire after this time; with `reviewMs` its people look offline within a
 * minute.
 */
const leaseMs = 40_000

/** After an outage of Redis every node has renewed its leases within this time, in milliseconds. */
export const settleMs = 3500

/**
 * Set to a new value by the first node that finds it missing: a Redis that lost leases has lost it,
 * too.
 */
const memoryKey = 'finnigram:presence:memory'

/**
 * Status by the leases that have not expired; the others are deleted. The clock of Redis decides,
 * not those of nodes.
 */
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

/**
 * KEYS: the person's leases. ARGV: node, status (empty to release), lease in ms, channel, person,
 * when they were last seen (empty while they are).
 */
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
  /** Whether a missing lease means that nobody holds one. */
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
