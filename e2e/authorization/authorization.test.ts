import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testAfterRemoval } from './after-removal.ts'
import { testBlocks } from './blocks.ts'
import { type Environment, startEnvironment } from './environment/environment.ts'
import { readPrivateGroup } from './environment/read-private-group.ts'
import { testInternalRoutes } from './internal-routes.ts'
import { testLastSeen } from './last-seen.ts'
import { testEvents, testRoutes } from './matrix.ts'
import { testReferences } from './references.ts'

let world: Environment
let before: unknown

beforeAll(async () => {
  world = await startEnvironment()
  before = await readPrivateGroup(world)
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
})

describe('who gets what from each route', () => testRoutes(() => world))
describe('who gets what from each event of a socket', () => testEvents(() => world))
test('nothing that was refused has changed the group', async () => {
  expect(await readPrivateGroup(world)).toEqual(before)
})
describe('who is out or came late', () => testAfterRemoval(() => world))
describe('what messages point to', () => testReferences(() => world))
describe('blocks', () => testBlocks(() => world))
describe('when people were last seen', () => testLastSeen(() => world))
describe('what services ask each other', () => testInternalRoutes(() => world))
