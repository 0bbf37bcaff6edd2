import type { SignedIn } from '@finnigram/contracts'
import { applyFault } from '@finnigram/proof'
import { expect } from 'vitest'
import { ask } from '../src/ask.ts'
import { logInByApi } from '../src/prepare-by-api.ts'
import type { OutageCase } from './outage-case.ts'
import { seeGraceOnline, seeNobodyOffline } from './presence.ts'

let ended: SignedIn

/**
 * Redis is there and has forgotten everything: streams, leases, limits, what nodes have told each
 * other.
 */
export const emptiedRow: OutageCase = {
  title: 'redis is emptied',
  async begin({ cluster }) {
    ended = await logInByApi(cluster.url, 'grace')
    await ask(cluster.url, 'POST /v1/auth/logout', { token: ended.accessToken })
    await applyFault(cluster, { kind: 'flush-redis' })
  },
  end: () => {},
  meanwhile: seeNobodyOffline,
  async afterwards(product) {
    await seeGraceOnline(product)
    const { status } = await ask(product.cluster.url, 'GET /v1/users/me', { token: ended.accessToken })
    expect(status).toBe(401)
  },
}
