import { within } from '@finnigram/service-kit'
import { Expo, type ExpoPushErrorReceipt, type ExpoPushMessage, type ExpoPushTicket } from 'expo-server-sdk'
import { Agent, type Dispatcher, interceptors } from 'undici'
import { keptForSeconds, type Outcome, type PushJob, patienceMs, retryAfterMs } from '../push-job.ts'

/** Sends to phones through Expo, a hundred at most in one call; one outcome per job, in order. */
export async function sendByExpo(expo: Expo, jobs: readonly PushJob[]): Promise<Outcome[]> {
  try {
    const sending = expo.sendPushNotificationsAsync(jobs.map(toMessage))
    if (!(await within(patienceMs, sending))) return jobs.map(() => away)
    return (await sending).map(toOutcome)
  } catch (error) {
    const parts = jobs.length > 1 && isRefusal(error) ? partsOf(jobs, error) : []
    if (parts.length < 2) return jobs.map(() => failureOf(error))
    const outcomes = await Promise.all(parts.map((part) => sendByExpo(expo, part)))
    const byJob = new Map(parts.flatMap((part, i) => part.map((job, j) => [job, outcomes[i]?.[j]] as const)))
    return jobs.map((job) => byJob.get(job) ?? away)
  }
}

const away: Outcome = {
  kind: 'later',
  reason: 'away',
  detail: 'Expo, which carries it to phones, does not answer.',
}

function toMessage({ target, payload, sound }: PushJob): ExpoPushMessage {
  const to = target.kind === 'expo' ? target.token : ''
  const { type, title, body, badge, tag } = payload
  const always = { to, data: { ...payload }, badge, ttl: keptForSeconds[type] }
  // A silent notification wakes the app, which removes what is shown.
  if (type === 'clear') return { ...always, contentAvailable: true, priority: 'normal' }
  return {
    ...always,
    title,
    body,
    sound: sound ? 'default' : null,
    priority: 'high',
    tag,
    collapseId: tag,
    threadId: tag,
  }
}

type ExpoError = NonNullable<NonNullable<ExpoPushErrorReceipt['details']>['error']>

function toOutcome(ticket: ExpoPushTicket): Outcome {
  if (ticket.status === 'ok') {
    return { kind: 'sent', receiptId: ticket.id, detail: 'Expo, which carries it to phones, has taken it.' }
  }
  return toFailure(ticket.details?.error)
}

/** Maps an error of an Expo ticket or receipt to an outcome. */
export function toFailure(error: ExpoError | undefined): Exclude<Outcome, { kind: 'sent' }> {
  const detail = `Expo, which carries it to phones, answered: ${error ?? 'an error'}.`
  if (error === 'DeviceNotRegistered')
    return { kind: 'gone', detail: `${detail} The app is not there any more, or may not notify.` }
  if (error === 'MessageRateExceeded') return { kind: 'later', reason: 'limited', detail }
  if (error === 'ExpoError' || error === 'ProviderError') return { kind: 'later', reason: 'failing', detail }
  return { kind: 'refused', reason: error ?? 'unknown', detail }
}

interface Answer {
  statusCode: number
  headers: Record<string, unknown>
  errors: { code?: unknown; details?: unknown }[]
}

/** The response that Expo gave instead of tickets; undefined for none. */
function answerOf(error: unknown): Answer | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('statusCode' in error && typeof error.statusCode === 'number') {
    const { statusCode } = error
    const headers = 'headers' in error && typeof error.headers === 'object' ? { ...error.headers } : {}
    return { statusCode, headers, errors: errorsOf('body' in error ? error.body : undefined) }
  }
  return 'cause' in error ? answerOf(error.cause) : undefined
}

const errorsOf = (body: unknown): Answer['errors'] =>
  typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors)
    ? body.errors
    : []

function failureOf(error: unknown): Outcome {
  const answer = answerOf(error)
  if (!answer) return away
  const { statusCode, headers } = answer
  const detail = `Expo, which carries it to phones, answered ${statusCode}.`
  if (isRefusal(error)) return { kind: 'refused', reason: String(statusCode), detail }
  // Also 401 for a wrong access token: the operator can fix it, and no notification is lost.
  const afterMs = retryAfterMs(headers['retry-after'])
  const reason = statusCode === 429 ? 'limited' : 'failing'
  return { kind: 'later', reason, detail, ...(afterMs === undefined ? {} : { afterMs }) }
}

/** Whether a retry would be refused, too: one message spoils the whole request. */
function isRefusal(error: unknown): boolean {
  const { statusCode = 0 } = answerOf(error) ?? {}
  return statusCode === 400 || statusCode === 413 || statusCode === 422
}

/** Splits a refused request: by project if Expo names that reason, otherwise in halves. */
function partsOf(jobs: readonly PushJob[], error: unknown): PushJob[][] {
  const mixed = answerOf(error)?.errors.find(({ code }) => code === 'PUSH_TOO_MANY_EXPERIENCE_IDS')?.details
  const projectOf = new Map<unknown, string>()
  for (const [project, tokens] of Object.entries(mixed ?? {})) {
    if (Array.isArray(tokens)) for (const token of tokens) projectOf.set(token, project)
  }
  const byProject = Map.groupBy(jobs, ({ target }) =>
    target.kind === 'expo' ? (projectOf.get(target.token) ?? '') : '',
  )
  const half = Math.ceil(jobs.length / 2)
  return byProject.size > 1 ? [...byProject.values()] : [jobs.slice(0, half), jobs.slice(half)]
}

/** Expo's client. Disposing closes its connections. */
export interface ExpoClient extends AsyncDisposable {
  readonly expo: Expo
}

export interface WithExpo {
  readonly expo: ExpoClient
}

/** The library's origin, which it lets one change for a whole process only. */
const libraryOrigin = 'https://exp.host'

/**
 * Expo's own client for its push API at `url`, without its retries: a status from 400 on fails at
 * once, for the queue to retry.
 */
export function openExpoClient(url: string, accessToken: string | undefined): ExpoClient {
  const agent = new Agent({
    connect: { timeout: patienceMs / 2 },
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
    maxResponseSize: 2 ** 20,
  })
  const httpAgent = agent.compose(interceptors.responseError(), sendingTo(new URL(url)))
  return {
    expo: new Expo({ httpAgent, ...(accessToken === undefined ? {} : { accessToken }) }),
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

const sendingTo =
  ({ origin, pathname }: URL): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) =>
    String(options.origin) === libraryOrigin
      ? dispatch({ ...options, origin, path: pathname.replace(/\/$/, '') + options.path }, handler)
      : dispatch(options, handler)
