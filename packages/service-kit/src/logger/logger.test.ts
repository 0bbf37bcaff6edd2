import { expectLog, logLines } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'
import { withRequestId } from './request-context.ts'

const log = createLogger({ service: 'users', nodeId: 'n1', level: 'debug' })

test('a line is JSON with time, level, service, node, and the id of the request it belongs to', async () => {
  await withRequestId('req-1', async () => {
    await Promise.resolve()
    log.info('Inside', { count: 1 })
  })
  log.info('Outside')
  const [inside, outside] = logLines()
  expect(inside).toMatchObject({
    level: 'info',
    service: 'users',
    node: 'n1',
    message: 'Inside',
    requestId: 'req-1',
    count: 1,
  })
  expect(Date.parse(String(inside?.['time']))).not.toBeNaN()
  expect(outside).not.toHaveProperty('requestId')
})

test('errors keep their stack and every cause', () => {
  expectLog(/Failed/)
  const error = new Error('outer', { cause: new AggregateError([new Error('inner')], 'many') })
  log.error('Failed', { error: Object.assign(error, { code: 'E1' }) })
  expect(logLines()[0]).toMatchObject({
    error: {
      message: 'outer',
      code: 'E1',
      stack: expect.any(String),
      cause: { message: 'many', errors: [{ message: 'inner' }] },
    },
  })
})

test('passwords and tokens are redacted, by name and by pattern', () => {
  const jwt = `eyJhbGciOiJFZERTQSJ9.${'a'.repeat(20)}.${'b'.repeat(20)}`
  log.info(`Got ${jwt}`, {
    body: {
      password: 'hunter2',
      newPassword: 'hunter2',
      refreshToken: 'hunter2',
      deep: [{ authorization: 'hunter2' }],
    },
    url: 'postgresql://admin:hunter2@db:5432/x',
    error: new Error(`bad token ${jwt}`),
  })
  const text = JSON.stringify(logLines())
  expect(text).not.toContain('hunter2')
  expect(text).not.toContain(jwt)
  expect(text).toContain('db:5432/x')
})

test('values that JSON does not know are logged all the same', () => {
  const circular: Record<string, unknown> = { big: 10n, bytes: new Uint8Array(3) }
  circular['self'] = circular
  log.info('Odd', { circular })
  expect(logLines()[0]).toMatchObject({ circular: { big: '10', bytes: '[3 bytes]' } })
})
