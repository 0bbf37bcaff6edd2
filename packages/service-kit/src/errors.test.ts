import { expect, test } from 'vitest'
import { AppError, isOvertime, isUnavailable } from './errors.ts'

const withCode = (code: string) => Object.assign(new Error('x'), { code })

test.each([
  ['PostgreSQL refuses connections', withCode('ECONNREFUSED')],
  ['PostgreSQL shuts down', withCode('57P01')],
  ['PostgreSQL has no room for connections', withCode('53300')],
  ['a statement ran out of time', withCode('57014')],
  ['a lock was not to be had', withCode('55P03')],
  ['a replica was promoted elsewhere', withCode('25006')],
  ['the pool is full', new Error('timeout exceeded when trying to connect')],
  ['Redis is away', new Error("Stream isn't writeable and enableOfflineQueue options is false")],
  ['Redis hangs', new Error('Command timed out')],
  ['Redis cannot write', new Error('MISCONF Errors writing to the AOF file: No space left on device')],
  ['a disk is full', withCode('ENOSPC')],
  ['fetch wraps it', new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') })],
  [
    'Prisma wraps it',
    Object.assign(new Error('x'), {
      code: 'P2010',
      meta: { driverAdapterError: { cause: { originalCode: '57P01' } } },
    }),
  ],
  ['Node tried several addresses', new AggregateError([withCode('ECONNREFUSED')])],
])('it may work later when %s', (_, error) => {
  expect(isUnavailable(error)).toBe(true)
})

test.each([
  ['a unique key is taken', withCode('23505')],
  ['a column does not exist', withCode('42703')],
  ['a record is not found', withCode('P2025')],
  ['it is no error', 'ECONNREFUSED'],
  ['it is nothing', null],
])('it will not get better when %s', (_, error) => {
  expect(isUnavailable(error)).toBe(false)
})

test.each([
  ['a statement ran out of time', withCode('57014')],
  ['a lock was not to be had in time', withCode('55P03')],
  ['a transaction stood still for too long', withCode('25P03')],
  ['work needed too much memory', withCode('53200')],
  ['the pool is full', new Error('timeout exceeded when trying to connect')],
  ['an answer did not come in time', new Error('Query read timeout')],
  ['Redis does not answer in time', new Error('Command timed out')],
  ['one stopped waiting oneself', new DOMException('The operation timed out', 'TimeoutError')],
  [
    'another service did not answer in time',
    new AppError('unavailable', { cause: new Error('No answer in time') }),
  ],
])('it is our own work that took too long when %s', (_, error) => {
  expect([isUnavailable(error), isOvertime(error)]).toEqual([true, true])
})

test.each([
  ['PostgreSQL refuses connections', withCode('ECONNREFUSED')],
  ['a race was lost', withCode('40001')],
  ['another service says that it is starting', new AppError('unavailable')],
  ['another service cannot be reached', new AppError('unavailable', { cause: withCode('ECONNREFUSED') })],
  ['Redis is full', new Error("OOM command not allowed when used memory > 'maxmemory'.")],
])('it is not our own work when %s', (_, error) => {
  expect([isUnavailable(error), isOvertime(error)]).toEqual([true, false])
})
