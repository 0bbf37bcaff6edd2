import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig, type Stack, startStack } from '@finnigram/stack'

export interface ServerSide {
  url: string
  stack: Stack
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * The whole product on a fresh home and a free port, its limits out of a test's way; `environment`
 * adds to its settings.
 */
export async function startServerSide(environment: Record<string, string> = {}): Promise<ServerSide> {
  const home = await mkdtemp(join(tmpdir(), 'finnigram-e2e-'))
  const stack = await startStack(
    readConfig({
      PATH: process.env['PATH'],
      PORT: '0',
      FINNIGRAM_HOME: home,
      FINNIGRAM_SEED: 'off',
      FINNIGRAM_WEB: 'off',
      RATE_LIMIT_SCALE: '1000',
      CONNECTIONS_PER_SECOND: '100000',
      CONNECTIONS_AT_ONCE: '100000',
      // Notifications of a test do not leave this machine: nobody listens there.
      EXPO_PUSH_URL: 'http://127.0.0.1:9',
      ...environment,
    }),
  )
  return {
    url: stack.url,
    stack,
    async [Symbol.asyncDispose]() {
      await stack[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    },
  }
}
