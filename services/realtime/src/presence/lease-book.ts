import { fleetingChannel, type ServerEventData } from '@finnigram/contracts'
import type { RedisLink } from '@finnigram/service-kit'

export type PresenceStatus = ServerEventData['presence']['status']

/** Where nodes write down, for a limited time, who is connected to them. */
export interface LeaseBook {
  /** This node has devices of the person, for another minute; publishes when that changes how the person stands. */
  renew(userId: string, status: 'online' | 'away'): Promise<unknown>
  /** This node has none any more. */
  release(userId: string): Promise<unknown>
  /** How someone stands, over all nodes. */
  read(userId: string): Promise<PresenceStatus>
}

/** A killed node's people go offline after this time. */
const leaseMs = 60_000

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

/** KEYS: the person's leases. ARGV: node, status (empty to release), lease in ms, channel, person. */
const renewScript = `${statusFunction}
local before = status()
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', now + ARGV[3], ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
local after = status()
if after ~= before then
  redis.call('PUBLISH', ARGV[4], '{"t":"presence","data":{"userId":"' .. ARGV[5] .. '","status":"' .. after .. '","lastSeenAt":null}}')
end
return after`

const readScript = `${statusFunction}
return status()`

type Command = (key: string, ...values: (string | number)[]) => Promise<unknown>

export function openLeaseBook({ commands }: RedisLink, nodeId: string): LeaseBook {
  const define = (name: string, lua: string): Command => {
    commands.defineCommand(name, { numberOfKeys: 1, lua })
    const command = Reflect.get(commands, name) as Command
    return (...args) => command.apply(commands, args)
  }
  const renew = define('finnigramRenewPresence', renewScript)
  const read = define('finnigramReadPresence', readScript)
  const write = (userId: string, status: string) =>
    renew(leasesOf(userId), nodeId, status, leaseMs, fleetingChannel, userId)

  return {
    renew: write,
    release: (userId) => write(userId, ''),
    read: async (userId) => (await read(leasesOf(userId))) as PresenceStatus,
  }
}

const leasesOf = (userId: string) => `finnigram:presence:{${userId}}`
