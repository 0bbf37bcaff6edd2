/** A whole WebSocket frame (RFC 6455), with its text when it is an unfragmented text frame. */
export interface Frame {
  bytes: Buffer
  text: string | null
}

/** Cuts what one side sends over an upgraded connection into frames. Returns those that are whole; the rest waits for the next call. */
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

/** Where the payload of the first frame starts and ends; null when even its head is not there yet. */
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
