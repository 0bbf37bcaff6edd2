import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '@finnigram/testing'

/**
 * A way to a server on which connections go half-open: nothing passes any more, and neither side is
 * told.
 */
export interface Wire extends AsyncDisposable {
  readonly url: string
  /** How many connections went silent by `silenceAt`. */
  readonly silenced: number
  /** From now on nothing passes over the connections that are open. */
  silence(): void
  /**
   * Of those opened from now on, each goes silent instead of passing on an answer that has `text`
   * in it; none when not said.
   */
  silenceAt(text?: string): void
  /** Passes on other text of the same length in place of some that the server says. */
  rewrite(from: string, to: string): void
  /** Resets all connections. */
  cut(): void
}

/** Opens a TCP proxy on a free loopback port before the server at `url`, a Redis or the like. */
export async function startWire(url: string): Promise<Wire> {
  const { port: farPort, hostname } = new URL(url)
  const pairs = new Set<readonly [near: Socket, far: Socket]>()
  let silentAt: string | undefined
  let silenced = 0
  let pass = (bytes: Buffer): Buffer => bytes
  const server = createServer((near) => {
    const end = silentAt
    const far = connect(Number(farPort), hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => {
      if (end === undefined || !bytes.includes(end)) return void near.write(pass(bytes))
      silence(pair)
      silenced += 1
    })
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('error', () => {})
      // The other side of a silent one goes on to know nothing.
      one.on('close', () => {
        if (one.isPaused()) return
        pairs.delete(pair)
        other.destroy()
      })
    }
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const own = new URL(url)
  own.port = String(port)
  const forAll = (act: (pair: readonly [Socket, Socket]) => void) => {
    for (const pair of pairs) act(pair)
  }
  return {
    url: own.href,
    get silenced() {
      return silenced
    },
    silence: () => forAll(silence),
    silenceAt(text) {
      silentAt = text
    },
    rewrite(from, to) {
      pass = (bytes) => Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')
    },
    cut: () => forAll(([near, far]) => [near, far].forEach((side) => void side.resetAndDestroy())),
    async [Symbol.asyncDispose]() {
      server.close()
      forAll(([near, far]) => [near, far].forEach((side) => void side.destroy()))
    },
  }
}

function silence(pair: readonly [Socket, Socket]) {
  for (const side of pair) side.removeAllListeners('data').pause()
}
