import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLogger, migrate } from '@finnigram/service-kit'
import type { TestProject } from 'vitest/node'
import { createDatabaseOn, startPostgres, type TestPostgres } from './start-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's shared PostgreSQL is asked for. */
    postgresOffer: string
  }
}

/**
 * Offers one PostgreSQL to the whole test run, and in it a migrated database of each service to
 * copy. Both are made when the first test asks for them, so that runs without one cost nothing.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<TestPostgres> | undefined
  const templates = new Map<string, Promise<string>>()
  const offer = async (dir: string | null) => {
    starting ??= startPostgres()
    const { url } = await starting
    if (dir === null) return { url }
    const template = templates.get(dir) ?? makeTemplate(url, dir)
    templates.set(dir, template)
    return { url, template: await template }
  }
  const offering = createServer((request, response) => {
    offer(new URL(request.url ?? '/', 'http://templates').searchParams.get('migrations')).then(
      (offered) => response.end(JSON.stringify(offered)),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => offering.listen(0, '127.0.0.1', resolve))
  const { port } = offering.address() as AddressInfo
  project.provide('postgresOffer', `http://127.0.0.1:${port}`)
  return async () => {
    offering.closeAllConnections()
    offering.close()
    if (starting) await (await starting)[Symbol.asyncDispose]()
  }
}

async function makeTemplate(url: string, dir: string): Promise<string> {
  const own = await createDatabaseOn(url)
  await migrate({
    url: own,
    dir,
    log: createLogger({ service: 'tests', nodeId: 'template', level: 'error' }),
  })
  return new URL(own).pathname.slice(1)
}
