import type { Client } from '@finnigram/client'
import { newId, type SignedIn } from '@finnigram/contracts'
import { type Cluster, type ClusterOptions, startCluster } from '@finnigram/proof'
import { vi } from 'vitest'
import { callApi, logInByApi } from '../src/prepare-by-api.ts'
import { startDevice } from '../src/start-device.ts'

/**
 * How often a device without a socket asks, on average, in milliseconds: more often than it usually
 * does, for the rest as always.
 */
const pollMs = 2_000

/**
 * A cluster on which two people talk, each with a device that knows nothing of what is done to it.
 */
export interface RunningProduct extends AsyncDisposable {
  cluster: Cluster
  /** Direct conversation of the two. */
  conversationId: string
  ada: Client
  grace: Client
  /** A session of Ada's for plain calls. */
  session: SignedIn
  /**
   * Ada's device sends a text, whatever is away; resolves when Grace's shows it, with how long that
   * took, in milliseconds.
   */
  tell(text: string): Promise<number>
  /** All texts told so far. */
  readonly told: readonly string[]
}

export async function startRunningProduct(options: ClusterOptions = {}): Promise<RunningProduct> {
  await using started = new AsyncDisposableStack()
  const cluster = started.use(await startCluster(options))
  const [ada, grace] = await Promise.all([
    startDevice(cluster.url, 'ada', { pollMs }),
    startDevice(cluster.url, 'grace', { pollMs }),
  ])
  for (const client of [ada, grace]) started.defer(() => client.stop())
  const { id } = await ada.conversations.createDirect(grace.session.state.user?.id ?? '')
  await vi.waitUntil(() => grace.conversations.get(id) !== undefined, { timeout: 30_000 })
  ada.presence.watch([grace.session.state.user?.id ?? ''])
  const session = await logInByApi(cluster.url, 'ada')
  await callApi(cluster.url, `/v1/conversations/${id}/messages`, {
    token: session.accessToken,
    body: { id: newId(), text: 'a word to search for' },
  })
  const told: string[] = []
  const running = started.move()
  return {
    cluster,
    conversationId: id,
    ada,
    grace,
    session,
    told,
    async tell(text) {
      told.push(text)
      const begun = performance.now()
      ada.messages(id).send({ text })
      const shown = () =>
        grace
          .messages(id)
          .snapshot()
          .items.some((item) => item.text === text)
      await vi.waitUntil(shown, { timeout: 60_000 })
      return performance.now() - begun
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
