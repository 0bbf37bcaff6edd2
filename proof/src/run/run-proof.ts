import { checkHistory } from '../checker/check-history.ts'
import type { Violation } from '../checker/differences.ts'
import { startCluster } from '../cluster/start-cluster.ts'
import { startPushServices } from '../cluster/start-push-services.ts'
import type { Device } from '../devices/device.ts'
import { isolateDevices } from '../devices/device-clock.ts'
import { startRunClock } from '../devices/run-clock.ts'
import { makePlan } from '../generator/make-plan.ts'
import { collectAnswer } from '../history/collect-answers.ts'
import { collectRows, collectTexts } from '../history/collect-rows.ts'
import type { Answer, DeviceHistory, RunHistory } from '../history/history.ts'
import type { MarkerSamples } from '../history/sample-markers.ts'
import { sampleMarkers } from '../history/sample-markers.ts'
import { planFaults } from '../nemesis/plan-faults.ts'
import { createEnvironment } from '../operations/create-environment.ts'
import type { Environment } from '../operations/operation.ts'
import { countMetrics } from '../report/count-metrics.ts'
import { printReport } from '../report/print-report.ts'
import { writeReport } from '../report/write-report.ts'
import { quiesce, untilSilent } from './quiesce.ts'
import type { ProofOptions } from './read-options.ts'
import { runWorkload, saySchedule } from './run-workload.ts'
import { say, showProgress, watchBusy, watchStandstills } from './show-progress.ts'
import type { CatchUp } from './watch-catch-up.ts'

/**
 * Workload and faults by one seed, then the checker over all that was seen. Resolves with whether
 * every promise was kept.
 */
export async function runProof(options: ProofOptions): Promise<boolean> {
  const { seed, seconds } = options
  const now = startRunClock()
  await using parts = new AsyncDisposableStack()
  parts.use(isolateDevices())
  say(`Seed ${seed}: ${seconds} s of faults, ${options.people} people, about ${options.rate} sends a second`)
  const plan = makePlan(options)
  const pushServices = parts.use(await startPushServices(now))
  const { expoPort: pushPort, settings } = pushServices
  const cluster = parts.use(await startCluster({ pushPort, settings, previous: options.previous }))
  const ending = new AbortController()
  parts.defer(() => ending.abort())
  const environment = await createEnvironment({ plan, seed, url: cluster.url, now, signal: ending.signal })
  for (const device of environment.devices) parts.use(device)
  await pushServices.register(environment)
  await untilSilent(environment)
  const databaseUrl = cluster.messagesDatabase
  const samples = parts.use(sampleMarkers(databaseUrl))
  const schedule = planFaults({
    seed,
    forMs: seconds * 1000,
    targets: cluster.targets,
    kinds: options.faults,
  })
  saySchedule(schedule)
  await cluster.stalls()

  now.begin()
  using _ = showProgress(environment)
  const busySince = watchBusy()
  const standstills = parts.use(watchStandstills(now))
  const { faults, catchUps, errors } = await runWorkload(environment, { cluster, schedule })
  const busy = busySince()
  await cluster.heal()
  const healedAt = now()
  say('All is healed; waiting until everything is everywhere and every notification is due')
  await pushServices.untilAllSent(healedAt, cluster.pushBacklog)
  catchUps.push(await quiesce(environment, databaseUrl))

  const stalls = await cluster.stalls()
  const spans = [...faults.map(({ from, to }) => ({ from, to })), ...standstills.spans]
  const pushes = pushServices.history()
  const isMixed = options.previous !== undefined
  const known = { faults: spans, pushes, healedAt, isMixed }
  const history = await collectHistory(environment, { databaseUrl, samples, ...known })
  const violations = [
    ...checkHistory(history),
    ...cluster.crashes.map(({ name, code, at }) => crash(`${name} ended by itself with ${code} at ${at}`)),
    ...errors.map((error) => crash(`The harness: ${error}`)),
    ...catchUps.flatMap(unfinished),
  ]
  const metrics = countMetrics(history)
  const report = { options, faults, catchUps, stalls, busy, metrics, violations }
  const folder = await writeReport(report, violations.length > 0 || options.history ? history : undefined)
  printReport(report, folder)
  return violations.length === 0
}

const crash = (what: string): Violation => ({ kind: 'crash', what })

function unfinished({ name, ms, behind }: CatchUp): Violation[] {
  if (ms !== null) return []
  return [{ kind: 'never caught up', what: `${behind.join(', ')} still lacked something long after ${name}` }]
}

interface CollectOptions {
  databaseUrl: string
  samples: MarkerSamples
  faults: RunHistory['faults']
  pushes: RunHistory['pushes']
  healedAt: number
  isMixed: boolean
}

/**
 * Gathers what the API answers everybody, what every device was told and shows, and the rows.
 * Everything rests by now.
 */
async function collectHistory(
  environment: Environment,
  { databaseUrl, samples, ...known }: CollectOptions,
): Promise<RunHistory> {
  const answers: Answer[] = []
  for (const { id } of environment.people) {
    const device = environment.devices.find(({ person }) => person.id === id)
    if (device) answers.push(await collectAnswer(device))
  }
  const devices = await eachInTurn(environment.devices)
  const conversations = await collectRows(databaseUrl, { now: environment.now, samples })
  const people = environment.people.map(({ id, username: name }) => ({ id, name }))
  const texts = collectTexts(environment)
  return { people, devices, conversations, answers, texts, changes: environment.changes, ...known }
}

async function eachInTurn(devices: readonly Device[]): Promise<DeviceHistory[]> {
  const all: DeviceHistory[] = []
  for (const device of devices) all.push(await device.history())
  return all
}
