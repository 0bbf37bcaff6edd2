import type { Target } from '@finnigram/proof'
import { ofMessages, ofRealtime, ofUsers } from './capabilities.ts'
import { seeNobodyOffline } from './presence.ts'
import type { Row } from './row.ts'
import type { Stage } from './stage.ts'

type Part = Target['part']

/** What each part is needed for. While messages is away, a socket waits for the list of its conversations. */
const needs: Record<Part, Pick<Row, 'refused' | 'waits' | 'meanwhile'>> = {
  users: { refused: ofUsers },
  messages: { refused: ofMessages, waits: ofRealtime },
  realtime: { refused: ofRealtime },
  'users-postgres': { refused: ofUsers },
  'messages-postgres': { refused: ofMessages, waits: ofRealtime },
  redis: { meanwhile: seeNobodyOffline },
}
const parts = Object.keys(needs) as Part[]

/** In this time the gateway knows of a node that hangs, in milliseconds. A socket that it was given before is its client's to give up. */
const noticedMs = 2_500

/** Does something to all processes of a part. */
const each = (part: Part, act: (stage: Stage, target: Target) => unknown) => (stage: Stage) =>
  Promise.all(
    stage.cluster.targets.filter((target) => target.part === part).map((target) => act(stage, target)),
  )

/** Every part, stopped for as long as it is looked at. */
export const stoppedRows: Row[] = parts.map((part) => ({
  ...needs[part],
  title: `${part} is stopped`,
  begin: each(part, ({ cluster }, target) => cluster.stop(target)),
  end: each(part, ({ cluster }, target) => cluster.start(target)),
}))

/** Every part, standing still with all its connections open. */
export const hungRows: Row[] = parts.map((part) => ({
  ...needs[part],
  title: `${part} hangs`,
  begin: each(part, ({ cluster }, target) => cluster.freeze(target)),
  end: each(part, ({ cluster }, target) => cluster.thaw(target)),
  settleMs: part === 'realtime' ? noticedMs : 0,
}))

/** Every part, killed without warning: all its nodes at once, and they come back by themselves. */
export const killedRows: Row[] = parts.map((part) => ({
  title: `${part} is killed`,
  refused: 'anything',
  begin: each(part, ({ cluster }, target) => cluster.kill(target)),
  end: each(part, ({ cluster }, target) => cluster.ready(target)),
}))

/** One of two nodes, frozen: the other does all there is to do. */
export const halfRows: Row[] = (['users', 'messages', 'realtime'] as const).map((part) => ({
  title: `one node of ${part} hangs`,
  begin: ({ cluster }) => cluster.freeze({ part, index: 0 }),
  end: ({ cluster }) => cluster.thaw({ part, index: 0 }),
  settleMs: noticedMs,
}))
