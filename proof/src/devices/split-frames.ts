/** A whole WebSocket frame from the server (RFC 6455), with its text when it is an unfragmented text frame. */
export interface Frame {
  bytes: Buffer
  text: string | null
}

/** Cuts what a server sends over an upgraded connection into frames. Returns those that are whole; the rest waits for the next call. */
export function createFrameSplitter(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Frame[] = []
    for (let size = frameSize(rest); size !== null && size.end <= rest.length; size = frameSize(rest)) {
      const bytes = rest.subarray(0, size.end)
      const isText = bytes[0] === 0x81
      frames.push({ bytes, text: isText ? bytes.toString('utf8', size.start) : null })
      rest = rest.subarray(size.end)
    }
    return frames
  }
}

/** Where the payload of the first frame starts and ends; null when even its head is not there yet. What a server sends is never masked. */
function frameSize(bytes: Buffer): { start: number; end: number } | null {
  if (bytes.length < 2) return null
  const short = (bytes[1] ?? 0) & 0x7f
  if (short < 126) return { start: 2, end: 2 + short }
  if (short === 126) return bytes.length < 4 ? null : { start: 4, end: 4 + bytes.readUInt16BE(2) }
  return bytes.length < 10 ? null : { start: 10, end: 10 + Number(bytes.readBigUInt64BE(2)) }
}
