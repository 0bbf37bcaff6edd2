import { type HandshakeError, maxPacketBytes } from './socket.ts'

/** The first packet of Engine.IO. Its session is never used. */
const open = `0${JSON.stringify({ sid: 'none', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: maxPacketBytes })}`
const finalText = 0x81
/** A close frame with 1013, "Try Again Later". */
const close = '\x88\x02\x03\xf5'

/**
 * All that a server says on a WebSocket it has just accepted, in order that a Socket.IO client hears that it is not let in:
 * WebSocket frames, a character for each byte. A plain HTTP refusal costs less, but browsers show what it says to nobody.
 */
export function refusalFrames(error: HandshakeError): string {
  const refusal = `44${JSON.stringify({ message: error.code, data: error })}`
  return textFrame(open) + textFrame(refusal) + close
}

/** RFC 6455 §5.2; for less than 126 characters of ASCII. */
const textFrame = (text: string) => String.fromCharCode(finalText, text.length) + text
