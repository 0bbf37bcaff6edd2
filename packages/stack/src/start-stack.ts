import { mkdir } from 'node:fs/promises'
import { type Gateway, startGateway as startUsualGateway } from '@finnigram/gateway'
import type { StackConfig } from './config.ts'
import { type DataDirectoryLock, lockDataDirectory } from './data-directory/lock-data-directory.ts'
import { endOrphans } from './data-directory/orphan-processes.ts'
import { prepareDataDirectory, readSecrets } from './data-directory/prepare-data-directory.ts'
import { prepareWeb } from './prepare-web.ts'
import { createProcessHandles, type ProcessHandles, waitUntilReady } from './process-handles.ts'
import { type Progress, silent } from './progress.ts'
import { type SeededPerson, seedPeople } from './seed-people.ts'
import { generateClients } from './services/generate-clients.ts'
import type { ServiceName } from './services/service-environment.ts'
import {
  type ServiceNode,
  type ServicesOptions,
  type StartedServices,
  startServices,
} from './services/start-services.ts'
import { type Databases, type StartContext, startDatabases } from './start-databases.ts'
import { StartFailure } from './start-failure.ts'

export interface StackOptions extends ServicesOptions {
  progress?: Progress
  /** Aborts a start that is under way. */
  signal?: AbortSignal
  /** In place of the usual gateway, for development. */
  startGateway?: typeof startUsualGateway
  /** In place of building and serving the web app, for development. */
  prepareApp?: (gateway: Gateway, context: StartContext) => Promise<void>
}

/**
 * A running Finnigram: PostgreSQL, Redis, every service, and the gateway, which runs in this
 * process.
 */
export interface Stack extends ProcessHandles, AsyncDisposable {
  url: string
  dataDirectory: string
  nodes: readonly ServiceNode[]
  links: Databases['links']
  /** Ada and Grace, where they were asked for. */
  people: SeededPerson[]
}

/**
 * Starts the whole product; resolves when it serves. If a part fails, stops what was started and
 * throws.
 *
 * Procedure: lock the data directory → open the public port → end orphans → databases, generated
 * clients and web app side by side → services → connect the gateway → create the first two people.
 * Disposal goes the other way: services drain first, databases close last.
 *
 * Called by `main.ts` for a terminal, and by tests, bench and proof as their fixture.
 */
export async function startStack(config: StackConfig, options: StackOptions = {}): Promise<Stack> {
  const { progress = silent, onCrash, reroute, checkoutOf } = options
  const { startGateway = startUsualGateway, prepareApp = prepareWeb } = options
  const failed = new AbortController()
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])])
  await using started = new AsyncDisposableStack()
  const lock = started.use(await openDataDirectory(config.dataDirectory))
  const gateway = started.use(await startGateway({ ...config, warn: (text) => progress.say(`\n  ${text}`) }))
  await endOrphans(config.dataDirectory)
  const secrets = await readSecrets(config.dataDirectory)
  const context = { config, secrets, progress, signal, onCrash }
  const web = config.web ? prepareApp(gateway, context) : undefined
  try {
    const databases = await prepare(started, context)
    const publicUrl = config.publicUrl ?? gateway.url
    const { internalToken, secretsKey } = secrets
    const links = { ...databases.links, publicUrl, internalToken, secretsKey }
    const services = started.use(await startServices(config, links, { onCrash, reroute, checkoutOf }))
    await progress.step('Services', () => allReady(services, signal))
    gateway.connect(services.pools)
    const people = config.seed ? await seed(gateway.url, context) : []
    await web
    signal.throwIfAborted()
    await lock.announce(publicUrl, firstOf(services))
    const processes = [...databases.processes, ...services.nodes.map(({ process }) => process)]
    const running = started.move()
    return {
      ...createProcessHandles(processes, services.nodes),
      url: gateway.url,
      dataDirectory: config.dataDirectory,
      nodes: services.nodes,
      links: databases.links,
      people,
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    }
  } catch (error) {
    failed.abort(error)
    await web
    throw options.signal?.aborted ? options.signal.reason : error
  }
}

/** A node of each service. */
function firstOf({ nodes }: StartedServices) {
  const urlOf = (name: ServiceName) => nodes.find(({ service }) => service === name)?.url ?? ''
  return { users: urlOf('users'), messages: urlOf('messages'), realtime: urlOf('realtime') }
}

async function openDataDirectory(dataDirectory: string): Promise<DataDirectoryLock> {
  try {
    await mkdir(dataDirectory, { recursive: true })
    await prepareDataDirectory(dataDirectory)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    if (code === 'ENOSPC') throw error
    throw new StartFailure(
      `${dataDirectory} cannot be used (${code}): set FINNIGRAM_HOME to a folder that this user can write to.`,
    )
  }
  return lockDataDirectory(dataDirectory)
}

/**
 * Starts databases and generates clients side by side; waits for both, so that nothing is left
 * running.
 */
async function prepare(started: AsyncDisposableStack, context: StartContext): Promise<Databases> {
  const { config, progress, signal } = context
  const databases = startDatabases(context).then((value) => started.use(value))
  const clients = progress.step('Database clients', () =>
    generateClients({ environment: config.environment, signal }),
  )
  await Promise.allSettled([databases, clients])
  await clients
  return databases
}

/** A failure to create the two people does not stop the product. */
async function seed(url: string, { config, secrets, progress }: StartContext): Promise<SeededPerson[]> {
  try {
    return await seedPeople(url, { dataDirectory: config.dataDirectory, secrets })
  } catch (error) {
    progress.say(
      `  Ada and Grace could not be made (the next start tries again): ${error instanceof Error ? error.message : error}`,
    )
    return []
  }
}

async function allReady(services: StartedServices, signal: AbortSignal) {
  await Promise.all(services.nodes.map((node) => waitUntilReady(node, { signal })))
}
