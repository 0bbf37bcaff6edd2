import { longest, randomTexts } from '../../random.ts'
import { flood, type GreedyKind } from '../greedy-kind.ts'
import { sendSome } from './writing.ts'

/** Searches for what is everywhere, nowhere, and long. */
export const searches: GreedyKind = {
  name: 'searches',
  async prepare(push) {
    const { token } = push.scene.account
    await sendSome(push, randomTexts(40, longest, 9))
    const words = ['a', 'e', '的', ...randomTexts(30, 200, 10), ...randomTexts(30, 3, 11)]
    return () =>
      flood(push, 16, (n) => {
        const q = encodeURIComponent(words[n % words.length] ?? 'a')
        const what =
          n % 4 === 3 ? `/v1/users?query=${q.slice(0, 90)}` : `/v1/search/messages?limit=100&q=${q}`
        return push.caller.ask(`GET ${what.replace(/%[\dA-F]?$/, '')}`, { token })
      })
  },
}

/** History, events, syncs and lists, each page as large as it goes. */
export const reads: GreedyKind = {
  name: 'reads',
  async prepare(push) {
    const { account, conversationId } = push.scene
    const { token } = account
    await sendSome(push, randomTexts(60, longest, 12))
    const inside = `/v1/conversations/${conversationId}`
    const paths = [
      `GET ${inside}/messages?limit=100`,
      `GET ${inside}/events?limit=1000`,
      `GET ${inside}/participants?limit=100`,
      'GET /v1/conversations?limit=100',
    ]
    return () =>
      flood(push, 32, (n) => {
        const what = paths[n % (paths.length + 1)]
        if (what) return push.caller.ask(what, { token })
        return push.caller.ask('POST /v1/sync', { token, body: { known: {} } })
      })
  },
}

/** What anyone may read without an account. */
export const documents: GreedyKind = {
  name: 'documents',
  async prepare(push) {
    const paths = ['/v1/docs', '/v1/openapi.json', '/v1/asyncapi.json', '/v1/docs', '/']
    return () => flood(push, 32, (n) => push.caller.ask(`GET ${paths[n % paths.length]}`))
  },
}

export const exportsKind: GreedyKind = {
  name: 'exports',
  async prepare(push) {
    const { token } = push.scene.account
    await sendSome(push, randomTexts(60, longest, 13))
    return () => flood(push, 8, () => push.caller.ask('GET /v1/users/me/export', { token }))
  },
}
