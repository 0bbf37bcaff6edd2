import type { ServerEvent } from '@finnigram/contracts'

/** One or several events as bytes of WebSocket frames: encoded once, written to many sockets. */
export interface Frame {
  readonly list: readonly [Buffer]
  /** The same, as Engine.IO takes it. */
  readonly options: { readonly compress: false; readonly wsPreEncodedFrame: readonly [Buffer] }
}

/** Final frame with text, RFC 6455 §5.2. */
const textFrame = 0x81

/**
 * Encodes an event whose data is JSON text already: Engine.IO message (4), Socket.IO event (2),
 * unmasked text frame.
 */
export function encodeFrame(event: ServerEvent, json: string): Frame {
  const text = `42["${event}",${json}]`
  const length = Buffer.byteLength(text)
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.allocUnsafe(headerLength + length)
  bytes[0] = textFrame
  if (headerLength === 2) bytes[1] = length
  else if (headerLength === 4) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(length), 2)
  }
  bytes.write(text, headerLength)
  return toFrame(bytes)
}

/** Several frames that are written in one go. */
export function joinFrames(frames: readonly Frame[]): Frame {
  const [only] = frames
  if (only && frames.length === 1) return only
  return toFrame(Buffer.concat(frames.map(({ list: [bytes] }) => bytes)))
}

function toFrame(bytes: Buffer): Frame {
  const list = [bytes] as const
  return { list, options: { compress: false, wsPreEncodedFrame: list } }
}
