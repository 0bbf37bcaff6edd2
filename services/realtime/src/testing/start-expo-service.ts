import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import type { ExpoPushMessage, ExpoPushReceipt, ExpoPushTicket } from 'expo-server-sdk'
import type { PushPayload } from '../push/push-job.ts'
import { giveAnswer, type PushAnswer } from './push-answer.ts'
import { serveOnPort } from './serve-on-port.ts'
import { shownBy } from './visible-notifications.ts'

type ExpoError = NonNullable<NonNullable<Extract<ExpoPushReceipt, { status: 'error' }>['details']>['error']>

/** A phone with the app, known to Expo. */
export interface TestPhone {
  /** `ExponentPushToken[…]`. */
  readonly token: string
  readonly received: ExpoPushMessage[]
  /** Given to the next messages instead of a ticket, one each. */
  readonly ticketErrors: ExpoError[]
  /** Told in the receipts from now on, while it is set: the phone did not get them. */
  receiptError: ExpoError | undefined
  /** What stands on the screen, by tag. */
  shown(): Map<string, PushPayload>
}

export interface ExpoService extends AsyncDisposable {
  /** For `EXPO_PUSH_URL`. */
  readonly url: string
  /** A phone; those of different projects may not be sent to in one request. */
  newPhone(project?: string): TestPhone
  /** Requests so far: how many messages or ids each had, and whether it was compressed. */
  readonly requests: { path: string; size: number; isCompressed: boolean }[]
  /** Given to the next requests of any kind, one each. */
  readonly answers: PushAnswer[]
  /** Whether receipts are there yet. */
  hasReceipts: boolean
  /** Gone, as after a kill. */
  stop(): Promise<void>
  start(): Promise<void>
}

interface Installed extends TestPhone {
  readonly project: string
}

interface State {
  readonly phones: Map<string, Installed>
  readonly receipts: Map<string, ExpoPushReceipt>
}

const longestData = 4096

/**
 * Speaks Expo's push API (`/--/api/v2/push/send` and `/getReceipts`) on the loopback interface;
 * with `accessToken` it wants that.
 */
export async function startExpoService({
  port = 0,
  accessToken,
}: {
  port?: number
  accessToken?: string
} = {}): Promise<ExpoService> {
  const state: State = { phones: new Map(), receipts: new Map() }
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const isCompressed = request.headers['content-encoding'] === 'gzip'
    const bytes = await buffer(request)
    const content: unknown = JSON.parse((isCompressed ? gunzipSync(bytes) : bytes).toString())
    const path = request.url ?? ''
    const size = Array.isArray(content) ? content.length : idsOf(content).length
    service.requests.push({ path, size, isCompressed })
    const scripted = service.answers.shift()
    if (scripted !== undefined) return giveAnswer(response, scripted)
    if (accessToken !== undefined && request.headers.authorization !== `Bearer ${accessToken}`)
      return giveAnswer(response, problem(401, 'UNAUTHORIZED', {}))
    if (path === '/--/api/v2/push/send' && Array.isArray(content))
      giveAnswer(response, takeMessages(state, content as ExpoPushMessage[]))
    else if (path === '/--/api/v2/push/getReceipts')
      giveAnswer(response, giveReceipts(state, service.hasReceipts ? idsOf(content) : []))
    else giveAnswer(response, 404)
  }
  const server = await serveOnPort(
    (request, response) => {
      serve(request, response).catch(() => response.destroy())
    },
    { port },
  )
  const service: ExpoService = {
    url: `http://127.0.0.1:${server.port}`,
    newPhone(project = '@finnigram/app') {
      const phone = installOn(project)
      state.phones.set(phone.token, phone)
      return phone
    },
    requests: [],
    answers: [],
    hasReceipts: true,
    stop: server.stop,
    start: server.start,
    [Symbol.asyncDispose]: server.stop,
  }
  return service
}

function installOn(project: string): Installed {
  const received: ExpoPushMessage[] = []
  return {
    project,
    token: `ExponentPushToken[${randomBytes(12).toString('base64url')}]`,
    received,
    ticketErrors: [],
    receiptError: undefined,
    shown: () => shownBy(received.map(({ data }) => data as unknown).filter(isPayload)),
  }
}

const isPayload = (data: unknown): data is PushPayload =>
  typeof data === 'object' && data !== null && 'tag' in data

const idsOf = (content: unknown): string[] =>
  typeof content === 'object' && content !== null && 'ids' in content && Array.isArray(content.ids)
    ? content.ids
    : []

const ok = (data: unknown): PushAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ data }),
})

const problem = (status: number, code: string, details: object): PushAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errors: [{ code, message: code, details }] }),
})

function takeMessages({ phones, receipts }: State, messages: ExpoPushMessage[]): PushAnswer {
  if (messages.length > 100) return problem(400, 'PUSH_TOO_MANY_NOTIFICATIONS', {})
  const tokens = messages.map(({ to }) => String(to))
  const byProject = Object.groupBy(tokens, (token) => phones.get(token)?.project ?? '')
  delete byProject['']
  if (Object.keys(byProject).length > 1) return problem(400, 'PUSH_TOO_MANY_EXPERIENCE_IDS', byProject)
  return ok(messages.map((message) => takeOne(phones.get(String(message.to)), { message, receipts })))
}

function takeOne(
  phone: Installed | undefined,
  { message, receipts }: { message: ExpoPushMessage; receipts: State['receipts'] },
): ExpoPushTicket {
  const isTooBig = Buffer.byteLength(JSON.stringify(message)) > longestData
  const error = phone ? (phone.ticketErrors.shift() ?? (isTooBig ? 'MessageTooBig' : undefined)) : gone
  if (!phone || error) return failure(error ?? gone)
  const id = randomBytes(8).toString('hex')
  receipts.set(id, phone.receiptError ? failure(phone.receiptError) : { status: 'ok' })
  if (!phone.receiptError) phone.received.push(message)
  return { status: 'ok', id }
}

const gone: ExpoError = 'DeviceNotRegistered'
const failure = (error: ExpoError) => ({ status: 'error', message: error, details: { error } }) as const

function giveReceipts({ receipts }: State, ids: readonly string[]): PushAnswer {
  return ok(
    Object.fromEntries(
      ids.flatMap((id) => {
        const receipt = receipts.get(id)
        return receipt ? [[id, receipt]] : []
      }),
    ),
  )
}
