/** A Socket.IO connection spoken by hand, so that a test may say on it whatever it wants. */
export interface OpenSocket extends Disposable {
  /** Events of the server with their data, in the order they came. */
  readonly heard: { event: string; data: unknown }[]
  /** Sends one event and waits for its acknowledgement; `undefined` when the socket ends before. */
  request(event: string, data?: unknown): Promise<unknown>
  /** Sends a packet as it is. */
  say(packet: string | Uint8Array<ArrayBuffer>): void
  /** Resolves with the data of the first such event that `matches`, also of those heard already. */
  hears(event: string, matches?: (data: unknown) => boolean): Promise<unknown>
  /** Whether the connection has ended. */
  isClosed(): boolean
  /** Resolves when the connection ends. */
  readonly closed: Promise<void>
}

/** Why a handshake was refused: the server's `data.code`, or `closed` when it said nothing. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string) {
    super(`The handshake was refused: ${code}`)
    this.code = code
  }
}

/**
 * Connects to the server at `url` with `auth` as the handshake's data, `query` added to its
 * address; throws `Refused`.
 */
export async function openSocket(url: string, auth: unknown, { query = '' } = {}): Promise<OpenSocket> {
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket${query}`)
  const heard: OpenSocket['heard'] = []
  const waiting = new Map<number, (reply: unknown) => void>()
  const listeners = new Set<() => void>()
  const connected = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  let lastId = 0
  let isClosed = false

  const take: Record<string, (rest: string) => void> = {
    0: () => ws.send(`40${JSON.stringify(auth)}`),
    2: () => ws.send('3'),
    40: () => connected.resolve(),
    42: (rest) => {
      const [event, data] = JSON.parse(rest.slice(rest.indexOf('['))) as [string, unknown]
      heard.push({ event, data })
      for (const listener of listeners) listener()
    },
    43: (rest) => {
      const start = rest.indexOf('[')
      const [reply] = JSON.parse(rest.slice(start)) as [unknown]
      waiting.get(Number(rest.slice(0, start)))?.(reply)
    },
    44: (rest) => connected.reject(new Refused(codeOf(JSON.parse(rest)))),
  }
  ws.addEventListener('message', ({ data }) => {
    const packet = String(data)
    const kind = packet.startsWith('4') ? packet.slice(0, 2) : packet.slice(0, 1)
    take[kind]?.(packet.slice(kind.length))
  })
  ws.addEventListener('close', () => {
    isClosed = true
    connected.reject(new Refused('closed'))
    for (const answer of waiting.values()) answer(undefined)
    closed.resolve()
  })
  await connected.promise
  return {
    heard,
    request(event, data) {
      lastId += 1
      const id = lastId
      const reply = new Promise<unknown>((resolve) => waiting.set(id, resolve))
      if (isClosed) return Promise.resolve(undefined)
      ws.send(`42${id}${JSON.stringify(data === undefined ? [event] : [event, data])}`)
      return reply
    },
    say: (packet) => ws.send(packet),
    hears: (event, matches = () => true) =>
      new Promise((resolve) => {
        const look = () => {
          const found = heard.find((entry) => entry.event === event && matches(entry.data))
          if (!found) return
          listeners.delete(look)
          resolve(found.data)
        }
        listeners.add(look)
        look()
      }),
    isClosed: () => isClosed,
    closed: closed.promise,
    [Symbol.dispose]: () => ws.close(),
  }
}

function codeOf(refusal: unknown): string {
  const { data } = refusal as { data?: { code?: string } }
  return data?.code ?? 'without a code'
}
