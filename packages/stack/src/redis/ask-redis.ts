import { connect } from 'node:net'

/** Sends one command to the Redis on `port`, and resolves with the line it answers. Rejects when it does not within two seconds. */
export async function askRedis(port: number, password: string, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(2_000, () => socket.destroy(new Error('Redis does not answer')))
  try {
    socket.write(`AUTH ${password}\r\n${command}\r\n`)
    let answer = ''
    for await (const chunk of socket) {
      answer += String(chunk)
      const [, second, end] = answer.split('\r\n')
      if (second !== undefined && end !== undefined) return second
    }
    throw new Error('Redis does not answer')
  } finally {
    socket.destroy()
  }
}

/** Whether the Redis on `port` takes this password and has loaded its data. */
export const pingRedis = (port: number, password: string): Promise<boolean> =>
  askRedis(port, password, 'PING').then(
    (answer) => answer === '+PONG',
    () => false,
  )
