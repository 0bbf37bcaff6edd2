import { newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import { type OpenSocket, openSocket, Refused } from '../src/open-socket.ts'
import type { Attack } from './attack.ts'
import type { Target } from './target.ts'

async function enter({ url }: Target, { token }: { token: string | undefined }): Promise<OpenSocket> {
  const socket = await openSocket(url, { token })
  await socket.hears('ready')
  return socket
}

const invalid = { ok: false, error: { code: 'validation_failed', status: 400 } }
const alive = { ok: true }

/** What is said to the socket. */
export const socketAttacks: Attack[] = [
  {
    holds: 'nobody is let in without a token, whatever stands in its place',
    reference: 'ASVS 4.4.3, ASVS 15.3.5, API2:2023',
    async run({ url, ada }) {
      const { token } = ada
      const others = [{}, { token: null }, { token: '' }, { token: [token] }, { token: { token } }]
      const alike = [{ token: `Bearer ${token}` }, { Token: token }, { userId: ada.userId }]
      for (const auth of [...others, ...alike])
        await expect(openSocket(url, auth)).rejects.toMatchObject({ code: 'unauthenticated' })
      const inQuery = { query: `&token=${token}&auth[token]=${token}` }
      await expect(openSocket(url, {}, inQuery)).rejects.toMatchObject({ code: 'unauthenticated' })
      // What is no object is no handshake: the connection ends without a word.
      for (const auth of [null, [], 'x', 7]) await expect(openSocket(url, auth)).rejects.toThrow(Refused)
    },
  },
  {
    holds: 'what only the server says is no event when a client says it, and nobody hears it',
    reference: 'ASVS 8.3.1, API5:2023',
    async run(target) {
      using adas = await enter(target, target.ada)
      using mallorys = await enter(target, target.mallory)
      const fact = { conversationId: target.chat, version: 99, type: 'message.created', data: {} }
      const session = { type: 'session.ended', data: { sessionId: target.ada.sessionId } }
      for (const [event, data] of [
        ['events', [fact]],
        ['ready', { userId: target.ada.userId }],
        ['account', session],
        ['marker', { conversationId: target.chat, userId: target.ada.userId, readSeq: 99 }],
        ['presence', { userId: target.ada.userId, status: 'offline' }],
        ['resync', { reason: 'x' }],
        ['goodbye', { retryAfterMs: 1 }],
        ['join', `conversation:${target.chat}`],
        ['subscribe', target.chat],
      ] as const)
        expect(await mallorys.request(event, data)).toMatchObject(invalid)
      expect(await adas.request('away')).toEqual(alive)
      expect(adas.heard.map(({ event }) => event)).toEqual(['ready'])
    },
  },
  {
    holds: 'names that every object has are no events',
    reference: 'ASVS 15.3.6',
    async run(target) {
      using socket = await enter(target, target.mallory)
      for (const name of [
        '__proto__',
        'constructor',
        'toString',
        'hasOwnProperty',
        'valueOf',
        '',
        ' ',
        'SEND',
      ])
        expect(await socket.request(name, {})).toMatchObject(invalid)
      expect(await socket.request('away')).toEqual(alive)
    },
  },
  {
    holds: 'data of any other shape is refused with all that is wrong, and what it adds is ignored',
    reference: 'ASVS 2.2.1, ASVS 15.3.3',
    async run(target) {
      const { chat, ada, grace } = target
      using socket = await enter(target, ada)
      for (const data of [
        null,
        1,
        'x',
        [],
        {},
        { conversationId: chat },
        { conversationId: [chat], id: {}, text: 7 },
      ])
        expect(await socket.request('send', data)).toMatchObject(invalid)
      for (const seq of [-1, 1.5, '1', null, 1e300])
        expect(await socket.request('read', { conversationId: chat, seq })).toMatchObject(invalid)
      for (const userIds of [null, 'x', [1], Array.from({ length: 501 }, () => newId())])
        expect(await socket.request('watch', { userIds })).toMatchObject(invalid)
      const forged = {
        conversationId: chat,
        id: newId(),
        text: 'Mine',
        senderId: grace.userId,
        seq: 1,
        kind: 'system',
      }
      const reply = { ok: true, message: { senderId: ada.userId, kind: 'text' } }
      expect(await socket.request('send', forged)).toMatchObject(reply)
    },
  },
  {
    holds: 'a packet beyond 100 kB ends that connection alone',
    reference: 'API4:2023, ASVS 15.2.2',
    async run(target) {
      using adas = await enter(target, target.ada)
      using mallorys = await enter(target, target.mallory)
      mallorys.say(`42["send",{"text":"${'x'.repeat(1_000_000)}"}]`)
      await mallorys.closed
      expect(await adas.request('away')).toEqual(alive)
    },
  },
  {
    holds: 'packets that are none, other namespaces and made-up acknowledgements harm nobody',
    reference: 'ASVS 1.5.2, ASVS 2.2.1',
    async run(target) {
      using adas = await enter(target, target.ada)
      const odd = [
        '40/admin,',
        '40/../,{"token":"x"}',
        '42["disconnect"]',
        '42[null]',
        '4299999999999999999999["away"]',
        '42-1["away"]',
        '43999["an answer to nothing"]',
        '4599-["send",{"_placeholder":true,"num":0}]',
        '451-["send",{"_placeholder":true,"num":9}]',
        `42${'['.repeat(40_000)}`,
        '41',
        '1',
        'garbage',
        new Uint8Array([1, 2, 3]),
      ]
      for (const packet of odd) {
        using mallorys = await enter(target, target.mallory)
        mallorys.say(packet)
        mallorys.say('42["away"]')
      }
      expect(await adas.request('away')).toEqual(alive)
      expect(adas.heard.filter(({ event }) => event === 'goodbye')).toEqual([])
    },
  },
  {
    holds: 'nobody hears typing, markers or messages of a conversation that is not theirs',
    reference: 'API1:2023, ASVS 8.2.2',
    async run(target) {
      const { chat, ada, grace, mallory } = target
      using adas = await enter(target, ada)
      using graces = await enter(target, grace)
      using mallorys = await enter(target, mallory)
      await adas.request('typing', { conversationId: chat, active: true })
      await adas.request('send', { conversationId: chat, id: newId(), text: 'For Grace alone' })
      await adas.request('read', { conversationId: chat, seq: 1 })
      await graces.hears('typing')
      await graces.hears('events', (data) => JSON.stringify(data).includes('For Grace alone'))
      await mallorys.request('away')
      expect(JSON.stringify(mallorys.heard)).not.toContain(chat)
    },
  },
]
