import { connect } from 'node:net'

/** Whether the Redis on `port` takes this password and has loaded its data. */
export async function pingRedis(port: number, password: string): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(2_000, () => socket.destroy())
  try {
    socket.write(`AUTH ${password}\r\nPING\r\n`)
    let answer = ''
    for await (const chunk of socket) {
      answer += String(chunk)
      if (answer.includes('PONG')) return true
      if (answer.includes('LOADING')) return false
    }
    return false
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
