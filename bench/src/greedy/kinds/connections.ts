import { connect, type Socket } from 'node:net'
import { count, type GreedyKind, type Push, rest } from '../greedy-kind.ts'

/** A connection of one's own, and what it is answered; counted by status line. */
function open({ scene, tally }: Push): Socket {
  const { hostname: host, port } = new URL(scene.url)
  const socket = connect({ host, port: Number(port), localAddress: scene.account.address })
  socket.on('error', () => {
    tally.broken += 1
  })
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('data', (text) => {
    const seen = rest + text
    for (const [, status] of seen.matchAll(/HTTP\/1\.1 (\d{3}) /g)) count(tally, Number(status))
    rest = seen.slice(-12)
  })
  return socket
}

const settled = (socket: Socket, event: 'close' | 'connect') =>
  new Promise<void>((resolve) => {
    socket.once(event, () => resolve())
    socket.once('close', () => resolve())
  })

/** Four connections, each with thousands of requests that do not wait for one another. */
export const pipelined: GreedyKind = {
  name: 'pipelined',
  async prepare(push) {
    const { scene, signal } = push
    const one = (path: string, token = '') =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}\r\n`
    const asked = [one('/health'), one('/v1/users/me', scene.account.token), one('/v1/conversations')]
    const burst = Array.from({ length: 5_000 }, (_, n) => asked[n % asked.length]).join('')
    const ask = async () => {
      while (!signal.aborted) {
        const socket = open(push)
        await settled(socket, 'connect')
        socket.write(burst)
        await Promise.race([settled(socket, 'close'), rest(2_000, signal)])
        socket.destroy()
        await rest(50, signal)
      }
    }
    return async () => void (await Promise.all(Array.from({ length: 4 }, ask)))
  },
}

/** Connections that say little, or half of something, and stay. */
export const slowConnections: GreedyKind = {
  name: 'slow connections',
  async prepare(push) {
    const { scene, signal } = push
    const beginnings = [
      '',
      'GET /v1/users/me HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      `POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${scene.account.token}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"messages":`,
      'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{',
    ]
    const hold = async (_: unknown, n: number) => {
      while (!signal.aborted) {
        const socket = open(push)
        await settled(socket, 'connect')
        socket.write(beginnings[n % beginnings.length] ?? '')
        const dribble = setInterval(() => socket.write(' '), 3_000)
        await Promise.race([settled(socket, 'close'), rest(1e9, signal)])
        clearInterval(dribble)
        socket.destroy()
        await rest(100, signal)
      }
    }
    return async () => void (await Promise.all(Array.from({ length: 1_000 }, hold)))
  },
}
