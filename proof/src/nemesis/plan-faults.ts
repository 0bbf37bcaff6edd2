import { type LinkName, linkNames, nameOf, type Target } from '../cluster/cluster.ts'
import { createRandom, type Random } from '../generator/random.ts'
import type { Fault, ScheduledFault } from './fault.ts'
import { type FaultKindName, faultKindNames, faultKinds, type Scene } from './fault-kinds.ts'

export interface FaultPlan {
  seed: number
  /** For how long faults begin, in milliseconds. */
  forMs: number
  targets: readonly Target[]
  /** Links that may be disturbed; all but `push` when not said. */
  links?: readonly LinkName[]
  /** All when not said. */
  kinds?: readonly FaultKindName[] | undefined
}

/** Time that a process needs to be back. */
const restartMs = 3_000
/** From the end of one fault to the next. */
const restMs = { from: 500, to: 3_000 }
/** How often a fault strikes before the one before is over. */
const togetherChance = 0.25

/**
 * A schedule of faults, the same for the same seed. Every kind comes once before any comes again;
 * some overlap, but none two on one part.
 */
export function planFaults({
  seed,
  forMs,
  targets,
  links,
  kinds = faultKindNames,
}: FaultPlan): ScheduledFault[] {
  const random = createRandom(seed, 'faults')
  const operation: Scene = { random, targets, links: links ?? linkNames.filter((name) => name !== 'push') }
  const busyUntil = new Map<string, number>()
  const schedule: ScheduledFault[] = []
  const deck: FaultKindName[] = []
  if (kinds.length === 0) return schedule
  let atMs = random.between(restMs.from, restMs.to)

  while (atMs < forMs) {
    if (deck.length === 0) deck.push(...shuffled(kinds, random))
    const kind = deck.pop()
    const fault = kind && faultKinds[kind](operation)
    if (!fault) {
      if (kind && targets.length === 0 && operation.links.length === 0) break
      continue
    }
    const subject = subjectOf(fault)
    const startMs = Math.round(Math.max(atMs, busyUntil.get(subject) ?? 0))
    const endMs = startMs + lengthOf(fault)
    busyUntil.set(subject, endMs + restMs.from)
    schedule.push({ atMs: startMs, fault })
    const isTogether = random.chance(togetherChance)
    atMs = (isTogether ? startMs : endMs) + random.between(restMs.from, restMs.to)
  }
  return schedule.filter((one) => one.atMs < forMs).sort((one, other) => one.atMs - other.atMs)
}

/** What a fault befalls: a link to a database and that database are one. */
function subjectOf(fault: Fault): string {
  if (fault.kind === 'flush-redis' || fault.kind === 'fail-over-redis') return 'redis'
  return 'target' in fault ? nameOf(fault.target) : fault.link
}

function lengthOf(fault: Fault): number {
  if ('forMs' in fault) return fault.forMs
  if (fault.kind === 'fail-over-redis') return fault.lagMs + restartMs
  return fault.kind === 'kill' ? restartMs : 0
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item)
}
