import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@finnigram/contracts'

import { messageText } from './frames.ts'
import type { Group } from './people.ts'
import { openSockets, type PersonSocket } from './people.ts'
import { cpuSeconds } from './process-usage.ts'
import { type LatencySummary, summarise } from './report.ts'

export interface LoadPlan {
  groups: readonly Group[]
  /** Sends a second, over all groups. */
  rate: number
  seconds: number
  serverPids: readonly number[]
}

export interface LoadResult {
  sends: number
  refused: number
  deliveries: number
  missing: number
  doubled: number
  seconds: number
  latency: LatencySummary
  acknowledged: LatencySummary
  cpuPerThousandDeliveries: number
}

/** How long the last messages may take to arrive before they count as lost. */
const patienceMs = 10_000

/**
 * Sends on a fixed schedule that no slow answer delays (open loop), each from the next member of
 * the next group, and measures from the scheduled time to the arrival at every member.
 */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const count = Math.round(plan.rate * plan.seconds)
  const groupSize = plan.groups[0]?.members.length ?? 0
  const scheduledAt = new Float64Array(count)
  const ledger = createDeliveryLedger(scheduledAt, groupSize)
  const latencies: number[] = []
  const note = (number: number, member: number, at: number) => {
    const latency = ledger.note(number, member, at)
    if (latency !== null) latencies.push(latency)
  }

  const lanes = await connectGroups(plan, note)
  const cpuBefore = cpuSeconds(plan.serverPids)
  const start = performance.now()
  const acknowledgements = await sendOnSchedule({ lanes, rate: plan.rate, scheduledAt })
  await arrival(() => ledger.missing() === 0)
  const seconds = (performance.now() - start) / 1000
  const cpu = cpuSeconds(plan.serverPids) - cpuBefore
  for (const { sockets } of lanes) for (const socket of sockets) socket.close()

  const taken = acknowledgements.filter((latency) => latency !== null)
  return {
    sends: taken.length,
    refused: count - taken.length,
    deliveries: ledger.delivered(),
    missing: ledger.missing(),
    doubled: ledger.doubled(),
    seconds,
    latency: summarise(latencies),
    acknowledged: summarise(taken),
    cpuPerThousandDeliveries: (cpu / ledger.delivered()) * 1000,
  }
}

interface Lane {
  conversationId: string
  sockets: PersonSocket[]
}

async function connectGroups(
  plan: LoadPlan,
  note: (number: number, member: number, at: number) => void,
): Promise<Lane[]> {
  const lanes: Lane[] = []
  for (const { id, members } of plan.groups) {
    const sockets = await openSockets(members, (member, numbers, at) => {
      for (const number of numbers) note(number, member, at)
    })
    lanes.push({ conversationId: id, sockets })
  }
  return lanes
}

interface Schedule {
  lanes: readonly Lane[]
  rate: number
  scheduledAt: Float64Array
}

/** Settles with the acknowledgement latency of each send, null for a refused one. */
async function sendOnSchedule({ lanes, rate, scheduledAt }: Schedule): Promise<(number | null)[]> {
  const start = performance.now()
  const acknowledgements: Promise<number | null>[] = []
  for (let number = 0; number < scheduledAt.length; ) {
    const due = Math.min(scheduledAt.length, Math.floor(((performance.now() - start) / 1000) * rate) + 1)
    for (; number < due; number += 1) {
      scheduledAt[number] = start + (number / rate) * 1000
      acknowledgements.push(sendOne(lanes, number, scheduledAt))
    }
    await sleep(1)
  }
  return Promise.all(acknowledgements)
}

async function sendOne(
  lanes: readonly Lane[],
  number: number,
  scheduledAt: Float64Array,
): Promise<number | null> {
  const lane = lanes[number % lanes.length]
  const sender = lane?.sockets[Math.floor(number / lanes.length) % lane.sockets.length]
  if (lane === undefined || sender === undefined) throw new Error('There is nobody to send')
  const body = { conversationId: lane.conversationId, id: newId(), text: messageText(number) }
  const ok = await Promise.race([sender.emit('send', body), sleep(patienceMs, false, { ref: false })])
  return ok ? performance.now() - (scheduledAt[number] ?? 0) : null
}

async function arrival(everythingIsThere: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!everythingIsThere() && performance.now() < deadline) await sleep(20)
}

/**
 * What each member of each group received of each message: every message must reach everyone once.
 */
interface DeliveryLedger {
  /**
   * Notes that a member got a message; answers its latency in milliseconds from the scheduled time,
   * or null for a double.
   */
  note(number: number, member: number, at: number): number | null
  /** How many deliveries are missing so far. */
  missing(): number
  doubled(): number
  delivered(): number
}

/** `scheduledAt[n]` is when message n was due; every one of them has `groupSize` receivers. */
function createDeliveryLedger(scheduledAt: Float64Array, groupSize: number): DeliveryLedger {
  const seen = new Uint8Array(scheduledAt.length * groupSize)
  let delivered = 0
  let doubled = 0
  return {
    note(number, member, at) {
      const slot = number * groupSize + member
      if (seen[slot] === 1) {
        doubled += 1
        return null
      }
      seen[slot] = 1
      delivered += 1
      return at - (scheduledAt[number] ?? at)
    },
    missing: () => seen.length - delivered,
    doubled: () => doubled,
    delivered: () => delivered,
  }
}
