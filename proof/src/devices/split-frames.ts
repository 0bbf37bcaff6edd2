import type { Random } from '../generator/random.ts'

/** A whole WebSocket frame (RFC 6455), with its text when it is an unfragmented text frame. */
export interface Frame {
  bytes: Buffer
  text: string | null
}

/**
 * Cuts what one side sends over an upgraded connection into frames. Returns those that are whole;
 * the rest waits for the next call.
 */
export function createFrameSplitter(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Frame[] = []
    for (let place = placeOf(rest); place !== null && place.end <= rest.length; place = placeOf(rest)) {
      const bytes = rest.subarray(0, place.end)
      frames.push({ bytes, text: bytes[0] === 0x81 ? textOf(bytes, place) : null })
      rest = rest.subarray(place.end)
    }
    return frames
  }
}

interface Place {
  /** Of the mask, which clients use and servers do not. */
  mask: number | null
  start: number
  end: number
}

/**
 * Where the payload of the first frame starts and ends; null when even its head is not there yet.
 */
function placeOf(bytes: Buffer): Place | null {
  const second = bytes[1]
  if (second === undefined) return null
  const short = second & 0x7f
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < head) return null
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const isMasked = second >= 0x80
  const start = isMasked ? head + 4 : head
  return { mask: isMasked ? head : null, start, end: start + length }
}

function textOf(bytes: Buffer, { mask, start }: Place): string {
  if (mask === null) return bytes.toString('utf8', start)
  const payload = Buffer.from(bytes.subarray(start))
  for (let index = 0; index < payload.length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (bytes[mask + (index % 4)] ?? 0)
  }
  return payload.toString('utf8')
}

export interface Shuffler {
  /** While true, news is doubled and comes out of order. */
  isOn: boolean
  pass(frame: Frame): void
  close(): void
}

/**
 * News that Socket.IO tells without waiting for an answer; the handshake and answers stay as they
 * are.
 */
const isNews = (text: string) => /^42\["(events|marker|account|typing|presence)"/.test(text)

/** How long a frame waits to be overtaken, in milliseconds, before it goes on all the same. */
const longestWaitMs = 200

/**
 * Passes frames on, some of them twice and some behind the next one. None is ever left out: TCP
 * leaves none out either.
 */
export function createShuffler(random: Random, passOn: (bytes: Buffer) => void): Shuffler {
  let held: Buffer | null = null
  let timer: NodeJS.Timeout | undefined
  const release = () => {
    clearTimeout(timer)
    if (held) passOn(held)
    held = null
  }
  return {
    isOn: false,
    pass({ bytes, text }) {
      const kind = this.isOn && text !== null && isNews(text) ? random() : 1
      if (kind < 0.15 && !held) {
        held = Buffer.from(bytes)
        timer = setTimeout(release, longestWaitMs)
        return
      }
      passOn(bytes)
      if (kind < 0.35) passOn(bytes)
      if (kind < 1) release()
    },
    close: () => clearTimeout(timer),
  }
}
