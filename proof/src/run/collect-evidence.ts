import type { Device } from '../devices/device.ts'
import { collectAnswer } from '../evidence/collect-answers.ts'
import { collectRows } from '../evidence/collect-rows.ts'
import { collectTexts } from '../evidence/collect-texts.ts'
import type { Answer, DeviceEvidence, Evidence } from '../evidence/evidence.ts'
import type { MarkerSamples } from '../evidence/sample-markers.ts'
import type { World } from '../workload/world.ts'

export interface CollectOptions {
  databaseUrl: string
  samples: MarkerSamples
  faults: Evidence['faults']
  pushes: Evidence['pushes']
  healedAt: number
  isMixed: boolean
}

/** Gathers what the API answers everybody, what every device was told and shows, and the rows. Everything rests by now. */
export async function collectEvidence(
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
