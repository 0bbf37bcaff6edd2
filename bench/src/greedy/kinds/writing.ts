import { type Message, newId, type SendResult } from '@finnigram/contracts'
import { longest, randomTexts } from '../../random.ts'
import { insistOn } from '../caller.ts'
import { flood, type GreedyKind, type Push } from '../greedy-kind.ts'

const emoji = [...'👍👎🎉🔥🤔😀😂🥲😍🙏👏💯🚀👀🍀🌍🍕🎈🐢🦊']

const pathOf = ({ scene }: Push) => `/v1/conversations/${scene.conversationId}/messages`

/** Sends so many messages at once; their ids. */
export async function sendSome(push: Push, texts: readonly string[]): Promise<string[]> {
  const { caller, scene } = push
  const { token } = scene.account
  const sent: string[] = []
  for (let start = 0; start < texts.length; start += 10) {
    const messages = texts.slice(start, start + 10).map((text) => ({
      conversationId: scene.conversationId,
      id: newId(),
      text,
    }))
    const { items } = await insistOn<{ items: SendResult[] }>(caller, 'POST /v1/messages', {
      token,
      body: { messages },
    })
    sent.push(...items.flatMap(({ message }) => (message ? [message.id] : [])))
    await new Promise((resolve) => setTimeout(resolve, 210))
  }
  return sent
}

export const longTexts: GreedyKind = {
  name: 'long texts',
  async prepare(push) {
    const texts = randomTexts(60, longest)
    const { token } = push.scene.account
    const what = `POST ${pathOf(push)}`
    return () =>
      flood(push, 16, (n) =>
        push.caller.ask(what, { token, body: { id: newId(), text: texts[n % texts.length] } }),
      )
  },
}

export const manySends: GreedyKind = {
  name: 'many sends',
  async prepare(push) {
    const { conversationId, account } = push.scene
    const messages = () =>
      Array.from({ length: 50 }, (_, n) => ({ conversationId, id: newId(), text: `One more, ${n}` }))
    return () =>
      flood(push, 8, () =>
        push.caller.ask('POST /v1/messages', { token: account.token, body: { messages: messages() } }),
      )
  },
}

/** Edits long texts that many answers quote. */
export const hugeEdits: GreedyKind = {
  name: 'huge edits',
  async prepare(push) {
    const { token } = push.scene.account
    const [quoted = ''] = await sendSome(push, ['To be quoted'])
    for (let n = 0; n < 40; n += 1) {
      const body = { id: newId(), text: `An answer, ${n}`, replyToId: quoted }
      await insistOn<Message>(push.caller, `POST ${pathOf(push)}`, { token, body })
    }
    const ids = [quoted, ...(await sendSome(push, randomTexts(10, 200)))]
    const texts = randomTexts(30, longest, 8)
    return () =>
      flood(push, 16, (n) =>
        push.caller.ask(`PATCH /v1/messages/${ids[n % ids.length]}`, {
          token,
          body: { text: texts[n % texts.length] },
        }),
      )
  },
}

export const reactions: GreedyKind = {
  name: 'reactions',
  async prepare(push) {
    const { token } = push.scene.account
    const ids = await sendSome(push, ['React to this', 'And to that'])
    return () =>
      flood(push, 16, (n) => {
        const method = Math.floor(n / emoji.length) % 2 === 0 ? 'PUT' : 'DELETE'
        const path = `/v1/messages/${ids[n % ids.length]}/reactions/${encodeURIComponent(emoji[n % emoji.length] ?? '')}`
        return push.caller.ask(`${method} ${path}`, { token })
      })
  },
}
