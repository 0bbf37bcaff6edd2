import { setTimeout as sleep } from 'node:timers/promises'
import { type Disturbance, type LinkName, linkNames } from '@finnigram/proof'
import { all, ofRealtime } from './capabilities.ts'
import type { OutageCase } from './outage-case.ts'
import type { RunningProduct } from './running-product.ts'

const inner = linkNames.filter((name) => name !== 'clients' && name !== 'push')

const disturb = (names: readonly LinkName[], disturbance: Disturbance) => ({
  begin({ cluster }: RunningProduct) {
    for (const name of names) cluster.links[name].disturb(disturbance)
  },
  end({ cluster }: RunningProduct) {
    for (const name of names) cluster.links[name].heal()
  },
})

/** Everything works over a bad network; over one that is silent, what does not need it. */
export const networkRows: OutageCase[] = [
  {
    title: 'the network of devices is slow and narrow',
    ...disturb(['clients'], { delayMs: 300, bytesPerSecond: 50_000 }),
    hearsNews: true,
  },
  {
    title: 'the network between all servers is slow',
    ...disturb(inner, { delayMs: 50 }),
    hearsNews: true,
  },
  {
    title: 'every connection passes a few bytes at a time',
    ...disturb([...inner, 'clients'], { sliceBytes: 11 }),
    hearsNews: true,
  },
  {
    title: 'connections of devices are half-open for two seconds',
    ...disturb(['clients'], { isSilent: true }),
    waits: all,
    meanwhile: () => sleep(2_000),
  },
  {
    title: 'connections to Redis are half-open',
    ...disturb(['redis'], { isSilent: true }),
  },
  { title: 'connections to users are half-open', ...disturb(['users'], { isSilent: true }), hearsNews: true },
  {
    title: 'connections to messages are half-open',
    ...disturb(['messages'], { isSilent: true }),
    waits: ofRealtime,
  },
  {
    title: 'all connections between servers are cut at once',
    begin({ cluster }) {
      for (const name of inner) cluster.links[name].cut()
    },
    end: () => {},
    refused: 'anything',
  },
]
