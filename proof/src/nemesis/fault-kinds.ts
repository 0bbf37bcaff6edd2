import { connect } from 'node:net'
import type { Disturbance, LinkName, Target } from '../cluster/cluster.ts'
import type { Random } from '../generator/random.ts'
import type { Fault } from './fault.ts'

/** What a kind of fault may choose from. */
export interface Scene {
  random: Random
  targets: readonly Target[]
  links: readonly LinkName[]
}

/** Chooses one fault of its kind; `undefined` where the cluster has nothing it could befall. */
type FaultKind = (operation: Scene) => Fault | undefined

/** Every kind of fault, by name. */
export const faultKinds = {
  'users node killed': ofPart('users', kill('SIGKILL')),
  'messages node killed': ofPart('messages', kill('SIGKILL')),
  'realtime node killed': ofPart('realtime', kill('SIGKILL')),
  'node frozen': ({ random, targets }) =>
    freeze(random.pick(targets.filter((target) => 'index' in target)), random),
  'postgres frozen': ({ random, targets }) => freeze(random.pick(targets.filter(isPostgres)), random),
  'redis frozen': ofPart('redis', freeze),
  'redis restarted': ofPart('redis', kill('SIGTERM')),
  'redis killed': ofPart('redis', kill('SIGKILL')),
  'redis emptied': ({ targets }) =>
    targets.some(({ part }) => part === 'redis') ? { kind: 'flush-redis' } : undefined,
  'redis failover': ofPart(
    'redis',
    (target, random) => target && { kind: 'fail-over-redis', lagMs: Math.round(random.between(500, 3_000)) },
  ),
  'postgres shut down fast': ofPostgres('SIGINT'),
  'postgres shut down at once': ofPostgres('SIGQUIT'),
  'postgres killed': ofPostgres('SIGKILL'),
  'connections cut': onLink((link) => ({ kind: 'cut', link })),
  'connections slow': onLink((link, random) =>
    disturb(link, { delayMs: Math.round(random.between(20, 250)) }, random.between(2_000, 6_000)),
  ),
  'connections narrow': onLink((link, random) =>
    disturb(
      link,
      { bytesPerSecond: Math.round(random.between(20_000, 200_000)) },
      random.between(2_000, 5_000),
    ),
  ),
  'bytes sliced': onLink((link, random) =>
    disturb(link, { sliceBytes: 1 + random.below(60) }, random.between(2_000, 5_000)),
  ),
  'connections half-open': onLink((link, random) =>
    disturb(link, { isSilent: true }, random.between(1_000, 6_000)),
  ),
  'connections refused': onLink((link, random) =>
    disturb(link, { isClosed: true }, random.between(1_000, 4_000)),
  ),
  'answers to devices lost': losesAnswers('clients'),
  'answers between services lost': losesAnswers('messages', 'users'),
  'answers of postgres lost after commit': losesAnswers('messages-postgres', 'users-postgres'),
  'answers of redis lost': losesAnswers('redis'),
} satisfies Record<string, FaultKind>

export type FaultKindName = keyof typeof faultKinds
export const faultKindNames = Object.keys(faultKinds) as FaultKindName[]

function ofPart(
  part: Target['part'],
  choose: (target: Target | undefined, random: Random) => Fault | undefined,
) {
  return ({ random, targets }: Scene) =>
    choose(random.pick(targets.filter((target) => target.part === part)), random)
}

function kill(signal: NodeJS.Signals) {
  return (target: Target | undefined): Fault | undefined => target && { kind: 'kill', target, signal }
}

function freeze(target: Target | undefined, random: Random): Fault | undefined {
  return target && { kind: 'freeze', target, forMs: Math.round(random.between(1_000, 8_000)) }
}

const isPostgres = ({ part }: Target) => part === 'users-postgres' || part === 'messages-postgres'

function ofPostgres(signal: NodeJS.Signals) {
  return ({ random, targets }: Scene) => kill(signal)(random.pick(targets.filter(isPostgres)))
}

function onLink(choose: (link: LinkName, random: Random) => Fault) {
  return ({ random, links }: Scene) => {
    const link = random.pick(links)
    return link && choose(link, random)
  }
}

function losesAnswers(...names: LinkName[]) {
  return ({ random, links }: Scene) => {
    const link = random.pick(links.filter((name) => names.includes(name)))
    return link && disturb(link, { losesAnswers: true }, random.between(200, 1_200))
  }
}

const disturb = (link: LinkName, disturbance: Disturbance, forMs: number): Fault => ({
  kind: 'disturb',
  link,
  disturbance,
  forMs: Math.round(forMs),
})

/** Empties a Redis of everything it holds; rejects when it does not answer within five seconds. */
export async function flushRedis(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(5_000, () => socket.destroy(new Error('Redis does not answer')))
  socket.write(`AUTH ${password}\r\nFLUSHALL\r\n`)
  let answer = ''
  for await (const bytes of socket) {
    answer += String(bytes)
    if (answer.split('\r\n').length > 2) break
  }
  if (answer !== '+OK\r\n+OK\r\n') throw new Error(`Redis was not emptied: ${answer}`)
}
