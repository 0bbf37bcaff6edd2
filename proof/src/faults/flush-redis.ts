import { connect } from 'node:net'

/** Empties a Redis of everything it holds; rejects when it does not answer within five seconds. */
export async function flushRedis(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(5_000, () => socket.destroy(new Error('Redis does not answer')))
  socket.write(`AUTH ${password}\r\nFLUSHALL\r\n`)
  let answer = ''
  for await (const bytes of socket) {
    answer += String(bytes)
    if (answer.split('\r\n').length > 2) break
  }
  if (answer !== '+OK\r\n+OK\r\n') throw new Error(`Redis was not emptied: ${answer}`)
}
