import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messagesApi, type RouteReply } from '@finnigram/contracts'
import { readConfig, readEnvironment, type StackConfig } from './config.ts'
import { readOwner, type ServiceUrls } from './data-directory/lock-data-directory.ts'
import { readSecrets } from './data-directory/prepare-data-directory.ts'
import type { ServiceName } from './services/service-environment.ts'
import { StartFailure } from './start-failure.ts'

/**
 * `npm run parked`: lists what the running services have parked (their dead letters), retries it or
 * drops it.
 *
 * It asks every service over its internal routes, so it works while the stack runs, on the stack's
 * own services or on those that USERS_URL, MESSAGES_URL, REALTIME_URL and INTERNAL_TOKEN name. It
 * never touches a database or Redis itself, and retries one item after another.
 */
type Page = RouteReply<typeof messagesApi.listParked>
type Item = Page['items'][number] & { service: ServiceName }

export interface ParkedOptions extends FoundServices {
  write: (text: string) => unknown
}

const usage = `
  npm run parked                         what is set aside because it kept failing
  npm run parked -- --json               the same as JSON
  npm run parked -- retry <id or kind>   tries one of it again, or all of a kind
  npm run parked -- drop <id>            forgets one of it for good

  Exit codes: 0 done, 1 something failed or cannot be reached, 2 no such command, id or kind.
`

/** Items listed of one service. */
const most = 1000
const requestTimeoutMs = 30_000

/**
 * Runs the command and returns its exit code; throws a `StartFailure` if a service is unreachable.
 */
export async function runParked(args: readonly string[], options: ParkedOptions): Promise<number> {
  const isJson = args.includes('--json')
  const [command = 'list', target, ...rest] = args.filter((arg) => arg !== '--json')
  const isKnown =
    (command === 'list' && target === undefined) ||
    ((command === 'retry' || command === 'drop') && target !== undefined && rest.length === 0)
  if (!isKnown) {
    options.write(usage)
    return command === 'help' ? 0 : 2
  }
  const { items, counts } = await listAll(options)
  if (command === 'list') {
    options.write(isJson ? `${JSON.stringify({ counts, items }, null, 2)}\n` : describe(items, counts))
    return 0
  }
  const chosen = items.filter(({ id, kind }) => id === target || (command === 'retry' && kind === target))
  if (chosen.length === 0) {
    options.write(isJson ? '{ "results": [] }\n' : `  Nothing is parked under ${target}.\n`)
    return 2
  }
  const results = await runEach(command === 'retry' ? retry : drop, { chosen, options })
  options.write(isJson ? `${JSON.stringify({ results }, null, 2)}\n` : describeResults(results))
  return results.every(({ isDone }) => isDone) ? 0 : 1
}

async function listAll(
  options: ParkedOptions,
): Promise<{ items: Item[]; counts: Record<string, Record<string, number>> }> {
  const names = Object.keys(options.urls) as ServiceName[]
  const pages = await Promise.all(
    names.map(async (service) => {
      const { status, body } = await callService<Page>(options, {
        service,
        path: `/internal/parked?limit=${most}`,
      })
      if (status !== 200)
        throw new StartFailure(`${service} answered ${status} instead of what it has parked.`)
      return { service, ...body }
    }),
  )
  return {
    items: pages.flatMap(({ service, items }) => items.map((item) => ({ service, ...item }))),
    counts: Object.fromEntries(pages.map(({ service, counts }) => [service, counts])),
  }
}

interface Result {
  id: string
  isDone: boolean
  reason: string | null
}

type Action = (options: ParkedOptions, item: Item) => Promise<Result>

/** One after the other: an item that failed before may be heavy. */
async function runEach(
  action: Action,
  { chosen, options }: { chosen: readonly Item[]; options: ParkedOptions },
): Promise<Result[]> {
  const results: Result[] = []
  for (const item of chosen) results.push(await action(options, item))
  return results
}

const retry: Action = async (options, { service, kind, id }) => {
  type Reply = RouteReply<typeof messagesApi.retryParked>
  const path = messagesApi.retryParked.path
  const { status, body } = await callService<Reply>(options, { service, path, body: { kind, id } })
  return status === 200 ? { id, ...body } : { id, isDone: false, reason: `${service} answered ${status}` }
}

const drop: Action = async (options, { service, kind, id }) => {
  const path = messagesApi.dropParked.path
  const { status } = await callService(options, { service, path, body: { kind, id } })
  return { id, isDone: status === 204, reason: status === 204 ? null : `${service} answered ${status}` }
}

async function callService<T>(
  { urls, internalToken }: ParkedOptions,
  { service, path, body }: { service: ServiceName; path: string; body?: object },
): Promise<{ status: number; body: T }> {
  const url = new URL(path, urls[service])
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-internal-token': internalToken, ...(body ? { 'content-type': 'application/json' } : {}) },
    signal: AbortSignal.timeout(requestTimeoutMs),
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch((cause) => {
    throw new StartFailure(
      `${service} cannot be reached at ${url.origin} (${reasonOf(cause)}): is it running?`,
    )
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T }
}

const reasonOf = (error: unknown) => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}

function describe(items: readonly Item[], counts: Record<string, Record<string, number>>): string {
  if (items.length === 0) return '  Nothing is parked.\n'
  const total = Object.values(counts).flatMap((own) => Object.values(own))
  const lines = items.map(
    ({ service, kind, id, at, what, reason }) =>
      `  ${service} ${kind}  ${id}\n    ${at}  ${what}\n    ${reason.split('\n', 1)[0]}\n`,
  )
  const sum = total.reduce((a, b) => a + b, 0)
  return `${lines.join('\n')}\n  ${sum} parked. Try again with \`npm run parked -- retry <id or kind>\`.\n`
}

const describeResults = (results: readonly Result[]) =>
  results
    .map(({ id, isDone, reason }) =>
      isDone ? `  ${id}: done\n` : `  ${id}: failed again: ${reason?.split('\n', 1)[0]}\n`,
    )
    .join('')

interface FoundServices {
  urls: ServiceUrls
  internalToken: string
}

/**
 * The services' URLs and internal token: of the stack in the data directory, or of the environment.
 */
export async function findServices({ dataDirectory, environment }: StackConfig): Promise<FoundServices> {
  const { USERS_URL, MESSAGES_URL, REALTIME_URL, INTERNAL_TOKEN } = environment
  if (USERS_URL && MESSAGES_URL && REALTIME_URL && INTERNAL_TOKEN) {
    const urls = { users: USERS_URL, messages: MESSAGES_URL, realtime: REALTIME_URL }
    return { urls, internalToken: INTERNAL_TOKEN }
  }
  if (!(await readFile(join(dataDirectory, 'secrets.json')).catch(() => undefined))) {
    throw new StartFailure(
      `${dataDirectory} holds no Finnigram: set FINNIGRAM_HOME to its folder, or USERS_URL, MESSAGES_URL, REALTIME_URL and INTERNAL_TOKEN.`,
    )
  }
  const urls = (await readOwner(dataDirectory))?.services
  if (!urls)
    throw new StartFailure(
      `The Finnigram in ${dataDirectory} does not run: start it first, with \`npm start\`.`,
    )
  return { urls, internalToken: (await readSecrets(dataDirectory)).internalToken }
}

if (import.meta.main) {
  try {
    const write = (text: string) => process.stdout.write(text)
    process.exitCode = await runParked(process.argv.slice(2), {
      ...(await findServices(readConfig(readEnvironment()))),
      write,
    })
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    process.stderr.write(`\n  ${error.message}\n\n`)
    process.exitCode = 1
  }
}
