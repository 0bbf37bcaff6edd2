import type { Target } from '@finnigram/proof'
import { ofMessages, ofRealtime, ofUsers } from './capabilities.ts'
import type { OutageCase } from './outage-case.ts'
import { awaitGraceShown, seeGraceUnknown, seeNobodyOffline } from './presence.ts'
import { seeOtherName, takeAnotherName } from './profile.ts'
import type { RunningProduct } from './running-product.ts'

type Part = Target['part']

/**
 * What each part is needed for. While messages is away, a socket waits for the list of its
 * conversations.
 */
const needs: Record<Part, Pick<OutageCase, 'refused' | 'waits' | 'hearsNews' | 'meanwhile'>> = {
  users: { refused: ofUsers, hearsNews: true },
  messages: { refused: ofMessages, waits: ofRealtime },
  realtime: { refused: ofRealtime },
  'users-postgres': { refused: ofUsers, hearsNews: true },
  'messages-postgres': { refused: ofMessages, waits: ofRealtime },
  redis: { meanwhile: seeNobodyOffline },
}
/**
 * Profiles that are changed while messages, or what tells it of them, is away reach it afterwards.
 */
const catchesUp = { meanwhile: takeAnotherName, afterwards: seeOtherName }
/**
 * What can be waited for where it is known at once that a part is away: devices without a socket,
 * or told that theirs hears nothing, ask by themselves.
 */
const whileStopped: Partial<Record<Part, Partial<OutageCase>>> = {
  messages: catchesUp,
  'messages-postgres': catchesUp,
  realtime: { hearsNews: true },
  redis: {
    hearsNews: true,
    beforehand: awaitGraceShown,
    async meanwhile(product) {
      await Promise.all([takeAnotherName(product), seeNobodyOffline(product), seeGraceUnknown(product)])
    },
    afterwards: seeOtherName,
  },
}
const parts = Object.keys(needs) as Part[]

/**
 * In this time the gateway knows of a node that hangs, in milliseconds that are given. A socket
 * that it was given before is its client's to give up.
 */
const noticedMs = 2_500

/** Does something to all processes of a part. */
const each =
  (part: Part, act: (product: RunningProduct, target: Target) => unknown) => (product: RunningProduct) =>
    Promise.all(
      product.cluster.targets.filter((target) => target.part === part).map((target) => act(product, target)),
    )

/** Every part, stopped for as long as it is looked at. */
export const stoppedRows: OutageCase[] = parts.map((part) => ({
  ...needs[part],
  ...whileStopped[part],
  title: `${part} is stopped`,
  renews: part,
  begin: each(part, ({ cluster }, target) => cluster.stop(target)),
  end: each(part, ({ cluster }, target) => cluster.start(target)),
}))

/** Every part, standing still with all its connections open. */
export const hungRows: OutageCase[] = parts.map((part) => ({
  ...needs[part],
  title: `${part} hangs`,
  begin: each(part, ({ cluster }, target) => cluster.freeze(target)),
  end: each(part, ({ cluster }, target) => cluster.thaw(target)),
  settleMs: part === 'realtime' ? noticedMs : 0,
}))

/** Every part, killed without warning: all its nodes at once, and they come back by themselves. */
export const killedRows: OutageCase[] = parts.map((part) => ({
  title: `${part} is killed`,
  renews: part,
  refused: 'anything',
  begin: each(part, ({ cluster }, target) => cluster.kill(target)),
  end: each(part, ({ cluster }, target) => cluster.ready(target)),
}))

/** One of two nodes, frozen: the other does all there is to do. */
export const halfRows: OutageCase[] = (['users', 'messages', 'realtime'] as const).map((part) => ({
  title: `one node of ${part} hangs`,
  begin: ({ cluster }) => cluster.freeze({ part, index: 0 }),
  end: ({ cluster }) => cluster.thaw({ part, index: 0 }),
  settleMs: noticedMs,
  // Devices on a node of realtime that hangs wait for it until their sockets find out.
  hearsNews: part !== 'realtime',
}))
