import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testAfterRemoval } from './after-removal.ts'
import { testBlocks } from './blocks.ts'
import { type Environment, startEnvironment } from './environment/environment.ts'
import { readPrivateGroup } from './environment/read-private-group.ts'
import { testInternalRoutes } from './internal-routes.ts'
import { testLastSeen } from './last-seen.ts'
import { testEvents, testRoutes } from './matrix.ts'
import { testReferences } from './references.ts'

let environment: Environment
let before: unknown

beforeAll(async () => {
  environment = await startEnvironment()
  before = await readPrivateGroup(environment)
})
afterAll(async () => {
  await environment?.[Symbol.asyncDispose]()
})

describe('who gets what from each route', () => testRoutes(() => environment))
describe('who gets what from each event of a socket', () => testEvents(() => environment))
test('nothing that was refused has changed the group', async () => {
  expect(await readPrivateGroup(environment)).toEqual(before)
})
describe('who is out or came late', () => testAfterRemoval(() => environment))
describe('what messages point to', () => testReferences(() => environment))
describe('blocks', () => testBlocks(() => environment))
describe('when people were last seen', () => testLastSeen(() => environment))
describe('what services ask each other', () => testInternalRoutes(() => environment))
