import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { StartFailure } from './start-failure.ts'

/** The folder of the repository. */
export const root = resolve(import.meta.dirname, '../../..')

/** A path inside the repository. */
export const inRoot = (...parts: string[]) => join(root, ...parts)

const url = (protocols: RegExp, example: string) =>
  z.string().regex(protocols, `must look like ${example}`).refine(URL.canParse, `must look like ${example}`)
const postgresUrl = url(/^postgres(ql)?:\/\//, 'postgresql://user:password@host:5432/database')
const integer = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`)
const count = integer(1, 32).default(1)
const onOff = z.enum(['on', 'off'], 'must be on or off')

/** The settings of `npm start`; those of the services are passed on. */
export const stackSettings = {
  PORT: integer(0, 65_535).default(8080).describe('Port of the public address. 0 takes a free one.'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. 0.0.0.0 lets other devices in.'),
  FINNIGRAM_HOME: z.string().min(1).default('.finnigram').describe('Folder of all data, logs and secrets.'),
  PUBLIC_URL: url(/^https?:\/\//, 'https://chat.example.org')
    .optional()
    .describe(
      'The address people type, such as https://chat.example.org, where it is not the one listened on.',
    ),
  TRUST_PROXY: onOff
    .default('off')
    .describe('on where a proxy of yours, such as one for TLS, stands before the server.'),
  USERS_DATABASE_URL: postgresUrl
    .optional()
    .describe('Your PostgreSQL for the users service, in place of the embedded one.'),
  MESSAGES_DATABASE_URL: postgresUrl
    .optional()
    .describe('Your PostgreSQL for the messages service, in place of the embedded one.'),
  REDIS_URL: url(/^rediss?:\/\//, 'redis://localhost:6379')
    .optional()
    .describe('Your Redis, in place of the one that is started.'),
  RATE_LIMIT_SCALE: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number; above 1 loosens every limit')
    .transform(Number)
    .default(1)
    .describe('Multiplies every rate limit, for load tests.'),
  CONNECTIONS_PER_SECOND: integer(1, 100_000)
    .optional()
    .describe(
      'New sockets that each realtime node takes up each second; 60 when not said. The others are told when to come back.',
    ),
  CONNECTIONS_AT_ONCE: integer(1, 100_000)
    .optional()
    .describe('New sockets that each realtime node takes up at once, after a quiet time; 500 when not said.'),
  METRICS_PORT: integer(1, 65_535)
    .optional()
    .describe("Where this machine can read the gateway's metrics: http://127.0.0.1:<port>/metrics."),
  USERS_NODES: count.describe('Processes of the users service.'),
  MESSAGES_NODES: count.describe('Processes of the messages service.'),
  REALTIME_NODES: count.describe('Processes of the realtime service.'),
  FINNIGRAM_WEB: onOff.default('on').describe('Whether to build and serve the web app.'),
  FINNIGRAM_SEED: onOff
    .optional()
    .describe(
      'Whether to make Ada and Grace, two people to try it with; on when not said, off with a database of yours.',
    ),
}
const Settings = z.object(stackSettings)

export type Environment = Readonly<Record<string, string | undefined>>

/** The configuration of one stack. Services read their own settings from `environment`. */
export interface StackConfig {
  /** Public port; 0 takes a free one. */
  port: number
  /** Address to listen on; `0.0.0.0` lets other devices in. */
  host: string
  /** Folder of all data, absolute. */
  dataDirectory: string
  /** The origin people type; the address listened on when not given. */
  publicUrl?: string | undefined
  /** Whether a proxy in front may say who the client is. */
  trustProxy: boolean
  usersDatabaseUrl?: string | undefined
  messagesDatabaseUrl?: string | undefined
  redisUrl?: string | undefined
  /** Multiplies every rate limit. */
  rateLimitScale: number
  /** Where this machine can read the gateway's metrics. */
  metricsPort?: number | undefined
  /** New sockets each realtime node takes up; its own default when not said. */
  connectionsPerSecond?: number | undefined
  /** New sockets that each of them takes up at once, after a quiet time. */
  connectionsAtOnce?: number | undefined
  nodes: { users: number; messages: number; realtime: number }
  /** Whether to build and serve the web app. */
  web: boolean
  /** Whether to make the two people of the first start. */
  seed: boolean
  environment: Environment
}

/** Reads the settings; a `StartFailure` names all mistakes at once. */
export function readConfig(environment: Environment): StackConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Settings.safeParse(given)
  if (!parsed.success) {
    // Without the values: a database's URL holds its password.
    const mistakes = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`)
    throw new StartFailure(`Some settings are wrong; correct them and start again:\n${mistakes.join('\n')}`)
  }
  const settings = parsed.data
  return {
    port: settings.PORT,
    host: settings.HOST,
    dataDirectory: resolve(root, settings.FINNIGRAM_HOME),
    publicUrl: settings.PUBLIC_URL?.replace(/\/+$/, ''),
    trustProxy: settings.TRUST_PROXY === 'on',
    usersDatabaseUrl: settings.USERS_DATABASE_URL,
    messagesDatabaseUrl: settings.MESSAGES_DATABASE_URL,
    redisUrl: settings.REDIS_URL,
    rateLimitScale: settings.RATE_LIMIT_SCALE,
    metricsPort: settings.METRICS_PORT,
    connectionsPerSecond: settings.CONNECTIONS_PER_SECOND,
    connectionsAtOnce: settings.CONNECTIONS_AT_ONCE,
    nodes: {
      users: settings.USERS_NODES,
      messages: settings.MESSAGES_NODES,
      realtime: settings.REALTIME_NODES,
    },
    web: settings.FINNIGRAM_WEB === 'on',
    seed: settings.FINNIGRAM_SEED ? settings.FINNIGRAM_SEED === 'on' : !settings.USERS_DATABASE_URL,
    environment,
  }
}

/** The environment, over the repository's `.env` if there is one. */
export function readEnvironment(path = inRoot('.env'), environment: Environment = process.env): Environment {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // There need not be one.
  }
  return { ...parseEnv(text), ...environment }
}
