import { channel } from 'node:diagnostics_channel'
import { createServer } from 'node:http'

/**
 * A service as small as one can be: says who it is and what it was asked; upgrades echo bytes, and
 * are judged as they ask to be.
 */
const [name, port] = process.argv.slice(2)
let healthAsked = 0
let connections = 0
const server = createServer((request, response) => {
  if (request.url === '/health/ready') healthAsked += 1
  if (request.url === '/v1/users/stranger') {
    response.writeHead(401).end()
    return
  }
  if (request.url === '/v1/users/slow') return
  if (request.url === '/v1/users/hasty') {
    response.writeHead(413, { connection: 'close' }).end()
    return
  }
  if (request.url === '/v1/users/half') {
    response.writeHead(200).write('the first half')
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const { url, headers } = request
    // As services say of a token that they have looked at.
    const isVerified = url === '/v1/users/me' && headers.authorization !== undefined
    const verified = isVerified ? { 'x-token-verified': '1' } : {}
    response.writeHead(200, { 'content-type': 'application/json', 'x-answered-by': name, ...verified })
    response.end(JSON.stringify({ name, url, headers, bytes: body.length, healthAsked, connections }))
  })
})
server.on('connection', () => {
  connections += 1
})
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  const outcome = /[?&]judged=(\w+)/.exec(request.url ?? '')?.[1]
  if (outcome) channel('finnigram.handshake').publish({ socket, outcome })
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Answered-By: ${name}\r\n`,
  )
  socket.write(`X-Request-Id: ${request.headers['x-request-id']}\r\n\r\n`)
  socket.write(head)
  socket.pipe(socket)
})
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'))
process.once('SIGTERM', () => process.exit(0))
process.once('disconnect', () => process.exit(0))
