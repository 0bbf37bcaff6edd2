import { expect, test } from 'vitest'
import { type Actor, actors } from './actors.ts'
import { socketCases } from './cases/socket.ts'
import type { Environment } from './environment/environment.ts'
import type { Cells, Outcome } from './expectations/outcomes.ts'
import { routeCases, routeExpectations } from './expectations/routes.ts'
import { socketExpectations } from './expectations/socket.ts'
import { tryEvent } from './try-event.ts'
import { type Tried, tryRoute } from './try-route.ts'

type Rows<T> = Record<string, Record<string, T>>

/** One test for every route: each actor tries each thing, and the whole row is compared. */
export const testRoutes = (environment: () => Environment): void =>
  testRows(environment, routeCases, routeExpectations, tryRoute)

/** The same for every event of a client. */
export const testEvents = (environment: () => Environment): void =>
  testRows(environment, socketCases, socketExpectations, tryEvent)

interface Try<Make> {
  name: string
  actor: Actor
  make: Make
  expected: Outcome
}

function testRows<Make>(
  environment: () => Environment,
  allCases: Rows<Make>,
  allExpected: Rows<Cells>,
  tryOne: (environment: Environment, one: Try<Make>) => Promise<Tried>,
): void {
  test.each(Object.keys(allCases))('%s', async (name) => {
    const cases = allCases[name] ?? {}
    const expected = allExpected[name] ?? {}
    const tried = await tryAll(cases, (thing, make, actor) =>
      tryOne(environment(), { name, actor, make, expected: expected[thing]?.[actor] ?? 'internal' }),
    )
    expect(mapCells(tried, ({ outcome }) => outcome)).toEqual(expected)
    expect(mapCells(tried, ({ faults }) => faults)).toEqual(mapCells(tried, () => []))
    expectAlike(tried)
  })
}

/** What belongs to others and what does not exist is refused in the same words. */
function expectAlike(tried: Rows<Tried>): void {
  const { missing, ...rest } = tried
  for (const [thing, cells] of Object.entries(rest)) {
    for (const [actor, { outcome, refusal }] of Object.entries(cells)) {
      const none = missing?.[actor]
      if (outcome !== 'not_found' || none?.outcome !== 'not_found') continue
      expect({ thing, actor, refusal }).toEqual({ thing, actor, refusal: none.refusal })
    }
  }
}

async function tryAll<Make>(
  cases: Record<string, Make>,
  tryOne: (thing: string, make: Make, actor: Actor) => Promise<Tried>,
): Promise<Rows<Tried>> {
  const rows = Object.entries(cases).map(async ([thing, make]) => {
    const cells = actors.map(async (actor) => [actor, await tryOne(thing, make, actor)] as const)
    return [thing, Object.fromEntries(await Promise.all(cells))] as const
  })
  return Object.fromEntries(await Promise.all(rows))
}

const mapCells = <T>(rows: Rows<Tried>, map: (tried: Tried) => T): Rows<T> =>
  Object.fromEntries(
    Object.entries(rows).map(([thing, cells]) => [
      thing,
      Object.fromEntries(Object.entries(cells).map(([actor, tried]) => [actor, map(tried)])),
    ]),
  )
