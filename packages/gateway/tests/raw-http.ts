import { request as openRequest } from 'node:http'
import { connect } from 'node:net'

/** Asks for a path as it stands, which fetch would tidy up. */
export function raw(url: string, path: string): Promise<{ status: number | undefined; body: string }> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    openRequest({ host: '127.0.0.1', port, path }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode, body }))
    })
      .once('error', reject)
      .end()
  })
}

/** All that comes back for bytes that no HTTP client would write. */
export function exchange(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.once('close', () => resolve(received)).once('error', reject)
    socket.write(text)
  })
}

/** All that comes back on an upgrade to which `text` is sent. */
export function upgrade(
  url: string,
  { path, text, from }: { path: string; text: string; from?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url)
    const socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      ...(from === undefined ? {} : { localAddress: from }),
    })
    let received = ''
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${text}`,
    )
    socket.on('data', (chunk) => {
      received += chunk
      if (text !== '' && received.endsWith(text)) socket.destroy()
    })
    socket.once('close', () => resolve(received)).once('error', reject)
  })
}
