import { openSocket, Refused } from '../src/open-socket.ts'
import type { Actor } from './actors.ts'
import type { Scene } from './cases/fixture.ts'
import { createFixture, isDone } from './create-fixture.ts'
import type { Environment } from './environment/environment.ts'
import type { Outcome } from './expectations/outcomes.ts'
import { findLeaks } from './find-leaks.ts'
import type { Tried } from './try-route.ts'

export interface TryEvent {
  name: string
  actor: Actor
  make: (fixture: Scene) => unknown
  expected: Outcome
}

interface Answer {
  ok: boolean
  error?: { code: Outcome; requestId: string }
}

/** Lets one actor say one thing over a socket of their own. */
export async function tryEvent(
  environment: Environment,
  { name, actor, make, expected }: TryEvent,
): Promise<Tried> {
  const fixture = createFixture(environment, actor, { changesGroup: isDone(expected) })
  const data = await make(fixture)
  try {
    using socket = await openSocket(environment.url, { token: fixture.me.token })
    await socket.hears('ready')
    const answer = (await socket.request(name, data)) as Answer
    const faults = findLeaks(environment, JSON.stringify([answer, socket.heard]), {
      actor,
      name,
      asked: data,
    })
    if (!answer.error) return { outcome: answer.ok ? 'ok' : 'internal', faults, refusal: '' }
    const { requestId: _, ...refusal } = answer.error
    return { outcome: refusal.code, faults, refusal: JSON.stringify(refusal) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { outcome: error.code as Outcome, faults: [], refusal: error.code }
  }
}
