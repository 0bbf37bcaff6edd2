/**
 * The few Engine.IO 4 and Socket.IO 5 frames a load generator needs, read and written without
 * parsing whole packets.
 */
export const frames = {
  /** Engine.IO ping and the pong that answers it. */
  ping: '2',
  pong: '3',
  connect: (token: string) => `40${JSON.stringify({ token })}`,
  isConnected: (frame: string) => frame.startsWith('40'),
  isRefused: (frame: string) => frame.startsWith('44'),
  isReady: (frame: string) => frame.startsWith('42["ready"'),
  isEvents: (frame: string) => frame.startsWith('42["events"'),
  event: (name: string, data: unknown, ackId: number) => `42${ackId}${JSON.stringify([name, data])}`,
}

/** The acknowledgement's id and body, or null when the frame is none. */
export function readAck(frame: string): { id: number; ok: boolean } | null {
  if (!frame.startsWith('43')) return null
  const end = frame.indexOf('[')
  return { id: Number(frame.slice(2, end)), ok: frame.startsWith('[{"ok":true', end) }
}

const marker = '"text":"#'

/** The numbers of all benchmark messages that an `events` frame carries. */
export function messageNumbers(frame: string): number[] {
  const numbers: number[] = []
  let at = frame.indexOf(marker)
  while (at !== -1) {
    numbers.push(Number.parseInt(frame.slice(at + marker.length, at + marker.length + 12), 10))
    at = frame.indexOf(marker, at + marker.length)
  }
  return numbers
}

/** A body of `bytes` that carries its number where `messageNumbers` looks for it. */
export const messageText = (number: number, bytes = 200) => `#${number} `.padEnd(bytes, 'finnigram ')
