import { mkdir } from 'node:fs/promises'
import { startGateway } from '@finnigram/gateway'
import type { StackConfig } from './config.ts'
import { type DataDirectoryLock, lockDataDirectory } from './data-directory/lock-data-directory.ts'
import { endOrphans } from './data-directory/orphan-processes.ts'
import { prepareHome, readSecrets } from './data-directory/prepare-data-directory.ts'
import { prepareWeb } from './prepare-web.ts'
import { createProcessHandles, type Parts, waitUntilReady } from './process-handles.ts'
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
  /** Ends a start that is under way. */
  signal?: AbortSignal
}

/** A running Finnigram: PostgreSQL, Redis, every service, and the gateway, which runs in this process. */
export interface Stack extends Parts, AsyncDisposable {
  url: string
  home: string
  nodes: readonly ServiceNode[]
  links: Databases['links']
  /** Ada and Grace, where they were asked for. */
  people: SeededPerson[]
}

/** Starts the whole product and resolves when it serves. If any part cannot start, what was started is stopped again and the cause thrown. */
export async function startStack(config: StackConfig, options: StackOptions = {}): Promise<Stack> {
  const { progress = silent, onCrash, reroute, checkoutOf } = options
  const failed = new AbortController()
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])])
  await using started = new AsyncDisposableStack()
  const lock = started.use(await openDataDirectory(config.home))
  const gateway = started.use(await startGateway({ ...config, warn: (text) => progress.say(`\n  ${text}`) }))
  await endOrphans(config.home)
  const secrets = await readSecrets(config.home)
  const context = { config, secrets, progress, signal, onCrash }
  const web = config.web ? prepareWeb(gateway, context) : undefined
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
      home: config.home,
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

async function openDataDirectory(home: string): Promise<DataDirectoryLock> {
  try {
    await mkdir(home, { recursive: true })
    await prepareHome(home)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    if (code === 'ENOSPC') throw error
    throw new StartFailure(
      `${home} cannot be used (${code}): set FINNIGRAM_HOME to a folder that this user can write to.`,
    )
  }
  return lockDataDirectory(home)
}

/** The databases and the generated clients, side by side; when one fails the other is waited for, so that nothing is left running. */
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

/** Whoever runs this wants the product; two demo people are no reason to refuse it. */
async function seed(url: string, { config, secrets, progress }: StartContext): Promise<SeededPerson[]> {
  try {
    return await seedPeople(url, { home: config.home, secrets })
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
