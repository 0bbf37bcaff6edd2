import { setTimeout } from 'node:timers/promises'
import { Problem, publicRoutes, type RouteContract } from '@finnigram/contracts'
import { ask, type Question, type Reply } from '../src/ask.ts'
import { unzip } from '../src/unzip.ts'
import type { Actor } from './actors.ts'
import type { Ask } from './cases/fixture.ts'
import { createFixture, isDone } from './create-fixture.ts'
import type { Environment } from './environment/environment.ts'
import type { Outcome } from './expectations/outcomes.ts'
import { findLeaks } from './find-leaks.ts'

export interface Try {
  name: string
  actor: Actor
  make: Ask
  expected: Outcome
}

export interface Tried {
  outcome: Outcome
  /** What is wrong with the reply besides its outcome. */
  faults: string[]
  /** A refusal without the id of its request. */
  refusal: string
}

/** Lets one actor try one thing on one route. */
export async function tryRoute(
  environment: Environment,
  { name, actor, make, expected }: Try,
): Promise<Tried> {
  const route = routeOf(name)
  const fixture = createFixture(environment, actor, {
    changesGroup: route.method !== 'GET' && isDone(expected),
  })
  const { params = {}, as = fixture.me, read, ...question } = await make(fixture)
  const path = route.path.replace(/:(\w+)/g, (_, param: string) => encodeURIComponent(params[param] ?? ''))
  const reply = await askPatiently(environment.url, `${route.method} ${path}`, {
    ...question,
    token: as.token,
  })
  const leaks = findLeaks(environment, visible(reply), { actor, name, asked: [params, question] })
  const faults = leaks.map((leak) => `tells ${leak}`)
  if (reply.status < 400) return { outcome: read?.(reply) ?? reply.status, faults, refusal: '' }
  const refused = readRefusal(reply, route.method)
  return { ...refused, faults: [...faults, ...refused.faults] }
}

/** Costly calls are served a few at a time: those that have to wait come again. */
async function askPatiently(url: string, request: string, question: Question): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    const reply = await ask(url, request, question)
    const mayComeAgain = reply.status === 503 && reply.headers.has('retry-after')
    if (!mayComeAgain || tries === 100) return reply
    await setTimeout(100)
  }
}

const routes = new Map<string, RouteContract>(publicRoutes.map(({ name, route }) => [name, route]))

function routeOf(name: string): RouteContract {
  const route = routes.get(name)
  if (!route) throw new Error(`There is no route ${name}`)
  return route
}

/** All that the caller gets to see, archives unpacked. */
function visible({ headers, text }: Reply): string {
  const lines = [...headers].map(([header, value]) => `${header}: ${value}`)
  const isZip = headers.get('content-type') === 'application/zip'
  const files = isZip ? [...unzip(Buffer.from(text, 'latin1'))] : []
  return [...lines, text, ...files.map(([name, content]) => `${name} ${content}`)].join('\n')
}

const byStatus: Readonly<Record<number, Outcome>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
}

function readRefusal(reply: Reply, method: string): Tried {
  if (method === 'HEAD') return { outcome: byStatus[reply.status] ?? reply.status, faults: [], refusal: '' }
  const problem = Problem.strict().safeParse(reply.body)
  if (!problem.success) {
    return {
      outcome: reply.status,
      faults: [`is no problem: ${reply.text.slice(0, 200)}`],
      refusal: reply.text,
    }
  }
  const { requestId, ...rest } = problem.data
  const faults = [
    ...(rest.status === reply.status ? [] : ['says another status than it has']),
    ...(reply.headers.get('x-request-id') === requestId ? [] : ['names another request']),
    ...(reply.headers.get('content-type')?.startsWith('application/problem+json')
      ? []
      : ['has another type']),
  ]
  return { outcome: rest.code, faults, refusal: JSON.stringify(rest) }
}
