import type { z } from 'zod'
import { createSchemaWriter, type JsonObject } from './openapi.ts'
import { clientEvents, serverEvents } from './socket.ts'

/** The AsyncAPI 3 description of the Socket.IO events, generated from the socket contracts. */
export function asyncApiDocument(publicHost = 'localhost:8080'): JsonObject {
  const writer = createSchemaWriter()
  const messages: JsonObject = {}
  const operations: JsonObject = {}

  const add = (name: string, direction: 'send' | 'receive', message: JsonObject) => {
    const key = direction === 'send' ? `server.${name}` : `client.${name}`
    messages[key] = message
    operations[key] = {
      action: direction,
      channel: { $ref: '#/channels/socket' },
      messages: [{ $ref: `#/channels/socket/messages/${key}` }],
    }
  }

  for (const [name, schema] of Object.entries(serverEvents)) {
    add(name, 'send', { name, summary: schema.description ?? name, payload: writer.write(schema, 'output') })
  }
  for (const [name, { data, ack, summary }] of Object.entries(clientEvents)) {
    add(name, 'receive', {
      name,
      summary,
      payload: writer.write(data as z.ZodType, 'input'),
      'x-acknowledgement': writer.write(ack, 'output'),
    })
  }

  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Finnigram realtime',
      version: '1',
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
      description:
        'Socket.IO over WebSocket at `/socket.io`, handshake `auth: { token }`. The server sends `ready`, the client then calls `/v1/sync`. Every client event is acknowledged with `{ ok: true, … }` or `{ ok: false, error: Problem }`.',
    },
    servers: { origin: { host: publicHost, protocol: 'wss', pathname: '/socket.io' } },
    channels: { socket: { address: '/socket.io', messages } },
    operations,
    components: { schemas: writer.components },
  }
}
