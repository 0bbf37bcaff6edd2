import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { memoryEnvironment } from '@finnigram/service-kit/edge'
import type { StackConfig } from '../config.ts'
import { inRoot } from '../config.ts'

export const serviceNames = ['users', 'messages', 'realtime'] as const
export type ServiceName = (typeof serviceNames)[number]

/** Where a node finds everything it needs. */
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

/** The settings of one node: those of the stack's environment, with what the stack decides laid over them. */
export function serviceEnvironment(
  node: { service: ServiceName; name: string; port: number },
  { config, links }: { config: StackConfig; links: ServiceLinks },
): Record<string, string | undefined> {
  const database = { users: links.usersDatabase, messages: links.messagesDatabase, realtime: undefined }
  return {
    NODE_ENV: 'production',
    // Keeps compiled and type-stripped sources, so that a node that died is back sooner.
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
    // Every request comes through the gateway, which says who the client is.
    TRUST_PROXY: node.service === 'realtime' ? anyone : 'loopback',
    NODE_ID: `${node.name}-${fingerprint(`${hostname()} ${config.home}`)}`,
  }
}

/** A connection that the gateway gave keeps its own address, which may be a proxy's. Nobody else reaches these ports. */
const anyone = '0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1'

/** What only the users service needs. Whoever runs several stacks on one database gives them one key. */
const identity = ({ home, environment }: StackConfig, { secretsKey }: ServiceLinks) => ({
  SECRETS_KEY: environment['SECRETS_KEY'] || secretsKey,
  MAIL_DIR: environment['MAIL_DIR'] || join(home, 'mail'),
})

/** Where attachments lie, unless in a bucket; all nodes of messages share it. */
const files = ({ home, environment }: StackConfig) => ({
  FILES_DIR: environment['FILES_DIR'] || join(home, 'files'),
})

/** Tells apart the nodes of two stacks that share one Redis, and stays the same over restarts. */
const fingerprint = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)
