import {
  type Ack,
  type ClientEvent,
  type ClientEventData,
  clientEvents,
  newId,
  toProblem,
} from '@finnigram/contracts'
import { AppError, isUnavailable } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { WithLog, WithRealtimeMetrics } from '../deps.ts'
import { closeSlowSocket, isFull } from '../wire/backpressure.ts'
import { consumeAllowance } from './event-rate-limit.ts'
import {
  type ClientEventDeps,
  type ClientEventHandlers,
  clientEventHandlers,
  isClientEvent,
} from './handlers.ts'

type Reply = Ack<Record<string, unknown>>
type Acknowledge = (reply: Reply) => void

/** Rate-limit cost of an event that does not exist. */
const unknownCost = 20

type DispatchDeps = ClientEventDeps & WithLog & WithRealtimeMetrics

/**
 * One listener for all events of all sockets: limits, validates and handles each, and always
 * acknowledges.
 */
export function createDispatch(ctx: DispatchDeps) {
  const scale = ctx.config.RATE_LIMIT_SCALE

  return function dispatch(this: RealtimeSocket, event: unknown, ...args: unknown[]): void {
    const isKnown = isClientEvent(event)
    const acknowledge = toAcknowledge(args.at(-1))
    const cost = isKnown ? 1 : unknownCost
    const spending = consumeAllowance(this.data, { cost, scale, now: performance.now() })
    if (isFull(this)) {
      // The client sends and does not read its acknowledgements.
      closeSlowSocket(this)
    } else if (spending === 'abusive') {
      ctx.realtimeMetrics.closed.inc({ reason: 'flood' })
      this.disconnect(true)
    } else if (spending === 'refused') {
      // No error object: its stack costs as much as an answer, and floods are refused most often.
      acknowledge({ ok: false, error: toProblem('rate_limited', { requestId: newId() }) })
    } else if (isKnown) {
      void answer(ctx, this, { event, data: args[0] }).then((reply) => {
        if (!isFull(this)) acknowledge(reply)
        else if (this.connected) closeSlowSocket(this)
      })
    } else {
      const errors = [{ path: 'event', message: 'There is no such event' }]
      acknowledge(toRefusal(ctx, new AppError('validation_failed', { errors }), newId()))
    }
  }
}

/** A client that wants no acknowledgement sends no callback. */
function toAcknowledge(last: unknown): Acknowledge {
  return typeof last === 'function' ? (reply) => void last(reply) : () => {}
}

async function answer<E extends ClientEvent>(
  ctx: DispatchDeps,
  socket: RealtimeSocket,
  { event, data }: { event: E; data: unknown },
): Promise<Reply> {
  const requestId = newId()
  try {
    // An absent object arrives as the acknowledgement's place or as null.
    const given = typeof data === 'function' || data === null ? undefined : data
    const handler: ClientEventHandlers[E] = clientEventHandlers[event]
    const checked = checkData(event, given)
    const reply = await handler(ctx, { socket, requestId }, checked)
    ctx.realtimeMetrics.clientEvents.inc({ event, outcome: 'ok' })
    return { ok: true, ...reply }
  } catch (error) {
    const refusal = toRefusal(ctx, error, requestId)
    if (!refusal.ok) ctx.realtimeMetrics.clientEvents.inc({ event, outcome: refusal.error.code })
    return refusal
  }
}

function toRefusal({ log }: WithLog, error: unknown, requestId: string): Reply {
  if (error instanceof AppError && error.code !== 'internal') {
    const { code, detail, errors } = error
    return { ok: false, error: toProblem(code, { requestId, detail, errors }) }
  }
  if (isUnavailable(error)) return { ok: false, error: toProblem('unavailable', { requestId }) }
  log.error('A client event failed', { error, requestId })
  return { ok: false, error: toProblem('internal', { requestId }) }
}

/** Most mistakes that a problem lists. */
const listed = 100

/**
 * Validates the data of a client's event. Throws `validation_failed` with every mistake, at paths
 * such as `data.seq`.
 */
function checkData<E extends ClientEvent>(event: E, data: unknown): ClientEventData[E] {
  const result = clientEvents[event].data.safeParse(data)
  if (result.success) return result.data as ClientEventData[E]
  const errors = result.error.issues.slice(0, listed).map(({ path, message }) => ({
    path: ['data', ...path.map(String)].join('.'),
    message,
  }))
  throw new AppError('validation_failed', { errors })
}
