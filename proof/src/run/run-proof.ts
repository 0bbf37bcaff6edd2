import { checkEvidence } from '../checker/check-history.ts'
import type { Violation } from '../checker/differences.ts'
import { startCluster } from '../cluster/start-cluster.ts'
import type { Device } from '../devices/device.ts'
import { letDevicesDiffer } from '../devices/device-clock.ts'
import { startRunClock } from '../devices/run-clock.ts'
import { collectAnswer } from '../history/collect-answers.ts'
import { collectRows, collectTexts } from '../history/collect-rows.ts'
import type { Answer, DeviceEvidence, Evidence } from '../history/history.ts'
import type { MarkerSamples } from '../history/sample-markers.ts'
import { sampleMarkers } from '../history/sample-markers.ts'
import { planFaults } from '../nemesis/plan-faults.ts'
import { makePlan } from '../generator/make-plan.ts'
import { startPushTargets } from '../cluster/start-push-services.ts'
import { countFigures } from '../report/count-metrics.ts'
import { printReport } from '../report/print-report.ts'
import { writeReport } from '../report/write-report.ts'
import { foundWorld } from '../operations/create-environment.ts'
import type { World } from '../operations/operation.ts'

import { play, saySchedule } from './play.ts'
import type { ProofOptions } from './read-options.ts'
import { settle, untilSilent } from './settle.ts'
import { say, showProgress, watchBusy } from './show-progress.ts'
import type { CatchUp } from './watch-catch-up.ts'

/** Workload and faults by one seed, then the checker over all that was seen. Resolves with whether every promise was kept. */
export async function runProof(options: ProofOptions): Promise<boolean> {
  const { seed, seconds } = options
  const now = startRunClock()
  await using parts = new AsyncDisposableStack()
  parts.use(letDevicesDiffer())
  say(`Seed ${seed}: ${seconds} s of faults, ${options.people} people, about ${options.rate} sends a second`)
  const plan = makePlan(options)
  const targets = parts.use(await startPushTargets(now))
  const { expoPort: pushPort, settings } = targets
  const cluster = parts.use(await startCluster({ pushPort, settings, previous: options.previous }))
  const ending = new AbortController()
  parts.defer(() => ending.abort())
  const world = await foundWorld({ plan, seed, url: cluster.url, now, signal: ending.signal })
  for (const device of world.devices) parts.use(device)
  await targets.register(world)
  await untilSilent(world)
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
  using _ = showProgress(world)
  const busySince = watchBusy()
  const { faults, catchUps, errors } = await play(world, { cluster, schedule })
  const busy = busySince()
  await cluster.heal()
  const healedAt = now()
  say('All is healed; waiting until everything is everywhere and every notification is due')
  await targets.untilAllSent(healedAt)
  catchUps.push(await settle(world, databaseUrl))

  const stalls = await cluster.stalls()
  const spans = faults.map(({ from, to }) => ({ from, to }))
  const pushes = targets.evidence()
  const isMixed = options.previous !== undefined
  const known = { faults: spans, pushes, healedAt, isMixed }
  const evidence = await collectEvidence(world, { databaseUrl, samples, ...known })
  const violations = [
    ...checkEvidence(evidence),
    ...cluster.crashes.map(({ name, code, at }) => crash(`${name} ended by itself with ${code} at ${at}`)),
    ...errors.map((error) => crash(`The harness: ${error}`)),
    ...catchUps.flatMap(unfinished),
  ]
  const figures = countFigures(evidence)
  const report = { options, faults, catchUps, stalls, busy, figures, violations }
  const folder = await writeReport(report, violations.length > 0 || options.evidence ? evidence : undefined)
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
  faults: Evidence['faults']
  pushes: Evidence['pushes']
  healedAt: number
  isMixed: boolean
}

/** Gathers what the API answers everybody, what every device was told and shows, and the rows. Everything rests by now. */
async function collectEvidence(
  world: World,
  { databaseUrl, samples, ...known }: CollectOptions,
): Promise<Evidence> {
  const answers: Answer[] = []
  for (const { id } of world.people) {
    const device = world.devices.find(({ person }) => person.id === id)
    if (device) answers.push(await collectAnswer(device))
  }
  const devices = await eachInTurn(world.devices)
  const conversations = await collectRows(databaseUrl, { now: world.now, samples })
  const people = world.people.map(({ id, username: name }) => ({ id, name }))
  const texts = collectTexts(world)
  return { people, devices, conversations, answers, texts, changes: world.changes, ...known }
}

async function eachInTurn(devices: readonly Device[]): Promise<DeviceEvidence[]> {
  const all: DeviceEvidence[] = []
  for (const device of devices) all.push(await device.evidence())
  return all
}
