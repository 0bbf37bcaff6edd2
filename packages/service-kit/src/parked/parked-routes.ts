import { messagesApi } from '@finnigram/contracts'
import { AppError } from '../errors/app-error.ts'
import { type Route, route } from '../http/route.ts'
import type { Parked } from './parked.ts'
import { reasonOf } from './parked-table.ts'

type Ask = () => Parked | Promise<Parked>

/** What an operator asks of any service, by `npm run parked`. */
export const parkedRoutes = (ask: Ask): Route[] => [
  route(messagesApi.listParked, async ({ query }) => {
    const parked = await ask()
    const [counts, items] = await Promise.all([parked.counts(), parked.list(query)])
    return { counts, items }
  }),
  route(messagesApi.retryParked, async ({ body }) => retry(await ask(), body)),
  route(messagesApi.dropParked, async ({ body }) => {
    if (!(await (await ask()).drop(body))) throw new AppError('not_found')
  }),
]

async function retry(parked: Parked, item: { kind: string; id: string }) {
  const outcome = await parked.retry(item).then(
    (isKnown) => ({ isKnown, reason: null }),
    (error: unknown) => ({ isKnown: true, reason: reasonOf(error) }),
  )
  if (!outcome.isKnown) throw new AppError('not_found')
  return { isDone: outcome.reason === null, reason: outcome.reason }
}
