import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { memoryEnvironment } from '@finnigram/service-kit/gateway-exports'
import { inRoot, type StackConfig } from '../config.ts'

export const serviceNames = ['users', 'messages', 'realtime'] as const
export type ServiceName = (typeof serviceNames)[number]

/** URLs and secrets that a node needs. */
export interface ServiceLinks {
  usersDatabase: string
  messagesDatabase: string
  redis: string
  users: string
  messages: string
  publicUrl: string
  internalToken: string
  secretsKey: string
}

/** The environment of one node: that of the stack, overridden by what the stack decides. */
export function serviceEnvironment(
  node: { service: ServiceName; name: string; port: number },
  { config, links }: { config: StackConfig; links: ServiceLinks },
): Record<string, string | undefined> {
  const database = { users: links.usersDatabase, messages: links.messagesDatabase, realtime: undefined }
  return {
    NODE_ENV: 'production',
    // Caches compiled sources, so that a node restarts faster.
    NODE_COMPILE_CACHE: inRoot('node_modules', '.cache', 'compile'),
    ...memoryEnvironment,
    ...config.environment,
    PORT: String(node.port),
    HOST: '127.0.0.1',
    DATABASE_URL: database[node.service],
    REDIS_URL: links.redis,
    USERS_URL: links.users,
    MESSAGES_URL: links.messages,
    PUBLIC_URL: links.publicUrl,
    INTERNAL_TOKEN: links.internalToken,
    ...(node.service === 'users' ? identity(config, links) : {}),
    ...(node.service === 'messages' ? files(config) : {}),
    RATE_LIMIT_SCALE: String(config.rateLimitScale),
    // Every request comes through the gateway, which sets the client's address.
    TRUST_PROXY: node.service === 'realtime' ? anyAddress : 'loopback',
    NODE_ID: `${node.name}-${fingerprint(`${hostname()} ${config.dataDirectory}`)}`,
  }
}

/**
 * A handed-off socket keeps its peer, which may be a proxy. Only this machine reaches these ports.
 */
const anyAddress = '0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1'

/** What only the users service needs. Several stacks on one database need the same key. */
const identity = ({ dataDirectory, environment }: StackConfig, { secretsKey }: ServiceLinks) => ({
  SECRETS_KEY: environment['SECRETS_KEY'] || secretsKey,
  MAIL_DIR: environment['MAIL_DIR'] || join(dataDirectory, 'mail'),
})

/** Where attachments are, unless in a bucket; all nodes of messages share it. */
const files = ({ dataDirectory, environment }: StackConfig) => ({
  FILES_DIR: environment['FILES_DIR'] || join(dataDirectory, 'files'),
})

/** Distinguishes the nodes of stacks that share one Redis; stable over restarts. */
const fingerprint = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)
