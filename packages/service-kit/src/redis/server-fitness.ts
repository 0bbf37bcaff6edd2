import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** What of a Redis decides whether, and how well, one can work with it. */
export interface Fitness {
  version: string
  /** Its `maxmemory-policy`. */
  policy: string
  /** Whether it writes an append-only file: `yes`, `no` or `unknown`. */
  appendonly: string
}

/** Streams of 7.0 count what was ever added, by which a gap is noticed. */
const neededMajor = 7

/**
 * Judges a Redis once, and again when it has become another: refuses what is too old, warns of what
 * may lose events.
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
    note(found: Fitness | 'not told') {
      const text = JSON.stringify(found)
      if (text === noted) return
      noted = text
      const isTold = found !== 'not told'
      shown?.reset()
      shown?.set(isTold ? { ...found } : { version: 'unknown', policy: 'unknown', appendonly: 'unknown' }, 1)
      fault = isTold ? faultOf(found) : undefined
      if (fault !== undefined) log.error(fault)
      for (const warning of isTold ? warningsOf(found) : [notTold]) log.warn(warning)
    },
  }
}

const notTold =
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
