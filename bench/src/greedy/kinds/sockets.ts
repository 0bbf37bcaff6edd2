import { newId } from '@finnigram/contracts'
import { WebSocket } from 'ws'
import { frames } from '../../frames.ts'
import { type GreedyKind, type Push, rest } from '../greedy-kind.ts'

/**
 * So many may be held before older ones are let go of: what one process of the attacker can keep.
 */
const mostHeld = 3_000

/** Opens `perSecond` sockets; `greet` says what is sent first once one is open. */
async function openMany(push: Push, perSecond: number, greet: (socket: WebSocket) => void): Promise<void> {
  const { scene, tally, signal } = push
  const held: WebSocket[] = []
  const url = `${scene.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`
  const began = performance.now()
  for (let opened = 0; !signal.aborted; await rest(5, signal)) {
    for (const due = ((performance.now() - began) / 1_000) * perSecond; opened < due; opened += 1) {
      const socket = new WebSocket(url, {
        perMessageDeflate: false,
        localAddress: scene.account.address,
        handshakeTimeout: 15_000,
      })
      let isCounted = false
      const countOnce = (what: 'taken' | 'refused' | 'broken') => {
        if (!isCounted) tally[what] += 1
        isCounted = true
      }
      socket.on('error', () => countOnce('broken'))
      socket.on('close', () => countOnce('refused'))
      socket.on('message', (data) => {
        const frame = data.toString()
        if (frame === frames.ping) socket.send(frames.pong)
        else if (frame.startsWith('0')) greet(socket)
        else if (frames.isReady(frame)) countOnce('taken')
        else if (frames.isRefused(frame)) countOnce('refused')
      })
      held.push(socket)
      if (held.length > mostHeld) held.shift()?.terminate()
    }
  }
  for (const socket of held) socket.terminate()
}

export const socketsWithToken: GreedyKind = {
  name: 'sockets, token',
  async prepare(push) {
    const { token } = push.scene.account
    return () => openMany(push, 400, (socket) => socket.send(frames.connect(token)))
  },
}

export const socketsWithoutToken: GreedyKind = {
  name: 'sockets, no token',
  prepare: async (push) => () => openMany(push, 400, () => {}),
}

/** Everything a socket may say, as often as it may and more. */
export const socketEvents: GreedyKind = {
  name: 'socket events',
  async prepare(push) {
    const { scene, tally, signal } = push
    const { conversationId } = scene
    const said = [
      ['typing', { conversationId, active: true }],
      ['read', { conversationId, seq: 1 }],
      ['delivered', { conversationId, seq: 1 }],
      ['watch', { userIds: scene.strangerIds.slice(0, 100) }],
      ['unwatch', { userIds: scene.strangerIds.slice(0, 100) }],
      ['away', {}],
      ['back', {}],
    ] as const
    const url = `${scene.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`
    const talk = async () => {
      const socket = new WebSocket(url, { localAddress: scene.account.address })
      let isReady = false
      const ended = new Promise<void>((resolve) => {
        socket.once('close', () => resolve())
        socket.on('error', () => resolve())
      })
      socket.on('message', (data) => {
        const frame = data.toString()
        if (frame === frames.ping) socket.send(frames.pong)
        else if (frame.startsWith('0')) socket.send(frames.connect(scene.account.token))
        else if (frames.isReady(frame)) isReady = true
        else if (frame.startsWith('43')) tally[frame.includes('"ok":true') ? 'taken' : 'limited'] += 1
      })
      const until = Promise.race([ended, rest(1e9, signal)])
      let isOver = false
      void until.then(() => {
        isOver = true
      })
      for (let n = 0; !isOver; await rest(5, signal)) {
        if (!isReady) continue
        for (let burst = 0; burst < 10; burst += 1, n += 1) {
          const [name, data] = said[n % said.length] ?? ['send', { conversationId, id: newId(), text: 'x' }]
          socket.send(frames.event(name, data, n))
        }
      }
      socket.terminate()
      await rest(200, signal)
    }
    const talkOn = async () => {
      while (!signal.aborted) await talk()
    }
    return async () => void (await Promise.all(Array.from({ length: 10 }, talkOn)))
  },
}
