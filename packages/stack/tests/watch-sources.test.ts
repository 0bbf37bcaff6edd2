import { expect, test } from 'vitest'
import { createTargetFinder } from '../src/dev/watch-sources.ts'

const targetsOf = createTargetFinder()

test.each([
  ['services/users/src/main.ts', ['users']],
  ['services/messages/prisma/schema.prisma', ['messages']],
  ['packages/gateway/src/forward.ts', ['gateway']],
  ['packages/gateway/src/receive-socket.ts', ['users', 'messages', 'realtime']],
  ['packages/contracts/src/message.ts', ['users', 'messages', 'realtime', 'gateway']],
  ['packages/service-kit/src/index.ts', ['users', 'messages', 'realtime', 'gateway']],
  ['packages/client/src/index.ts', []],
  ['packages/stack/src/main.ts', []],
])('a change of %s restarts %j', (path, targets) => {
  expect(targetsOf(path)).toEqual(targets)
})
