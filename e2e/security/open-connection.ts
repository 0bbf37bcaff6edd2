import { connect } from 'node:net'

/** A TCP connection to the server, on which a test writes what no HTTP client would. */
export interface OpenConnection extends Disposable {
  write(text: string): void
  /** All that the server answers until it hangs up, or falls silent for `silenceMs`. */
  answer(silenceMs?: number): Promise<string>
}

export async function openConnection(url: string): Promise<OpenConnection> {
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  let text = ''
  let isClosed = false
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
  })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return {
    write: (bytes) => void socket.write(bytes, 'latin1'),
    async answer(silenceMs = 1_500) {
      let known = -1
      for (let silent = 0; !isClosed && silent < silenceMs; silent += 25) {
        if (text.length !== known) silent = 0
        known = text.length
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      return text
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
