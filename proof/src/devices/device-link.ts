import { connect, createServer, type Server, type Socket } from 'node:net'
import type { NetworkSignals, NetworkSource } from '@finnigram/client'
import type { Random } from '../generator/random.ts'
import { createTextScanner } from './flight-recorder.ts'
import { createFrameSplitter, createShuffler, type Shuffler } from './split-frames.ts'
import { type OnAcknowledged, watchAcknowledgements } from './watch-acknowledgements.ts'

export interface DeviceLinkOptions {
  /** Where the server is. */
  url: string
  random: Random
  /** A text came in, by REST or over the socket: its number. */
  onText: (number: number) => void
  onAcknowledged: OnAcknowledged
}

/** The one way from a device to the server: everything that it ever hears passes here. */
export interface DeviceLink extends AsyncDisposable {
  /** For the client's `baseUrl`. */
  readonly url: string
  /** Without it, open connections are reset and new ones refused. */
  isUp: boolean
  /**
   * Whether news over sockets is doubled and comes out of order, on connections made from now on
   * and on those that are open.
   */
  shuffles: boolean
  /** Resets every open connection. */
  cut(): void
}

/**
 * A proxy of its own for each device. The faults are on the wire, outside of the client, so that
 * the client that is tested is the one that ships; and what a device was told is seen here,
 * whatever the client makes of it.
 */
export async function openDeviceLink(options: DeviceLinkOptions): Promise<DeviceLink> {
  const { hostname, port } = new URL(options.url)
  const open = new Set<{ cut: () => void; shuffler: Shuffler }>()
  const state = { isUp: true, shuffles: false }
  const server = createServer({ noDelay: true }, (device) => {
    if (!state.isUp) return device.resetAndDestroy()
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
    const shuffler = createShuffler(options.random, (bytes) => device.write(bytes))
    shuffler.isOn = state.shuffles
    const one = { cut: () => cutBoth(device, upstream), shuffler }
    open.add(one)
    join({ ...options, device, upstream, shuffler }, () => open.delete(one))
  })
  await listening(server)
  const address = server.address()
  const cut = () => {
    for (const one of [...open]) one.cut()
  }
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    get isUp() {
      return state.isUp
    },
    set isUp(isUp) {
      state.isUp = isUp
      if (!isUp) cut()
    },
    get shuffles() {
      return state.shuffles
    },
    set shuffles(shuffles) {
      state.shuffles = shuffles
      for (const { shuffler } of open) shuffler.isOn = shuffles
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}

interface Ends extends Pick<DeviceLinkOptions, 'onText' | 'onAcknowledged'> {
  device: Socket
  upstream: Socket
  shuffler: Shuffler
}

function join({ device, upstream, shuffler, onText, onAcknowledged }: Ends, onClosed: () => void): void {
  const scan = createTextScanner(onText)
  const [splitNews, splitRequests] = [createFrameSplitter(), createFrameSplitter()]
  const watch = watchAcknowledgements(onAcknowledged)
  let isUpgraded = false
  const news = (chunk: Buffer) => {
    for (const frame of splitNews(chunk)) {
      if (frame.text !== null) watch.answered(frame.text)
      shuffler.pass(frame)
    }
  }
  upstream.on('data', (chunk: Buffer) => {
    scan(chunk)
    if (isUpgraded) return news(chunk)
    const head = headOfUpgrade(chunk)
    if (head === null) watch.answeredByCall(chunk)
    isUpgraded = head !== null
    device.write(chunk.subarray(0, head ?? chunk.length))
    if (head !== null) news(chunk.subarray(head))
  })
  device.on('data', (chunk: Buffer) => {
    upstream.write(chunk)
    if (!isUpgraded) return watch.askedByCall(chunk)
    for (const { text } of splitRequests(chunk)) if (text !== null) watch.asked(text)
  })
  const ended = () => {
    shuffler.close()
    cutBoth(device, upstream)
    onClosed()
  }
  for (const socket of [device, upstream]) {
    socket.on('error', () => undefined)
    socket.on('close', ended)
  }
}

/** Where the answer to an upgrade ends; null when this is the answer to something else. */
function headOfUpgrade(chunk: Buffer): number | null {
  if (!chunk.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) return null
  const end = chunk.indexOf('\r\n\r\n')
  return end === -1 ? null : end + 4
}

/** A reset, as of a network that went away: nobody says goodbye. */
function cutBoth(device: Socket, upstream: Socket): void {
  device.resetAndDestroy()
  upstream.resetAndDestroy()
}

/** Signals of a device, switched by hand. */
export interface SwitchedNetwork extends NetworkSource {
  set(signals: Partial<NetworkSignals>): void
}

export function switchedNetwork(): SwitchedNetwork {
  let current: NetworkSignals = { online: true, foreground: true }
  const listeners = new Set<() => void>()
  return {
    current: () => current,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(signals) {
      current = { ...current, ...signals }
      for (const listener of listeners) listener()
    },
  }
}
