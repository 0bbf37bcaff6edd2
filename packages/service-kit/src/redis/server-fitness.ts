import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** What decides whether, and how safely, a Redis can be used. */
export interface Fitness {
  version: string
  /** Its `maxmemory-policy`. */
  policy: string
  /** Whether it writes an append-only file: `yes`, `no` or `unknown`. */
  appendonly: string
}

/** Streams of 7.0 count the entries ever added, by which gaps are noticed. */
const neededMajor = 7

/**
 * Checks each Redis once: refuses a version that is too old, warns of settings that may lose
 * events.
 */
export function createFitness({ log, metrics }: { log: Logger; metrics: Metrics | undefined }) {
  const shown = metrics?.gauge(
    'redis_info',
    'What Redis says of itself; `unknown` where it may not be asked',
    { labels: ['version', 'policy', 'appendonly'] },
  )
  let noted = ''
  let fault: string | undefined
  return {
    get fault() {
      return fault
    },
    note(found: Fitness | 'forbidden') {
      const text = JSON.stringify(found)
      if (text === noted) return
      noted = text
      const isKnown = found !== 'forbidden'
      shown?.reset()
      shown?.set(isKnown ? { ...found } : { version: 'unknown', policy: 'unknown', appendonly: 'unknown' }, 1)
      fault = isKnown ? faultOf(found) : undefined
      if (fault !== undefined) log.error(fault)
      for (const warning of isKnown ? warningsOf(found) : [infoForbidden]) log.warn(warning)
    },
  }
}

const infoForbidden =
  'Redis could not be asked for its version, eviction policy and persistence (INFO is forbidden)'

function faultOf({ version }: Fitness): string | undefined {
  const major = Number.parseInt(version, 10)
  if (Number.isNaN(major) || major >= neededMajor) return undefined
  return `Redis ${version} is too old: version ${neededMajor} or later is needed.`
}

function warningsOf({ policy, appendonly }: Fitness): string[] {
  return [
    ...(policy === 'noeviction' || policy === 'unknown'
      ? []
      : [
          `Redis may throw events away when it is full: set its maxmemory-policy to noeviction, not ${policy}`,
        ]),
    ...(appendonly === 'no'
      ? ['Redis keeps nothing when it restarts (appendonly no): notifications that wait are lost then']
      : []),
  ]
}
