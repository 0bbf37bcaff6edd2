import { expect, test } from 'vitest'
import { checkMigrations, judge, type Landing } from './check-migrations.ts'

const at = (name: string, more: Partial<Landing> = {}): Landing => ({
  service: 'messages',
  name,
  now: 'a',
  landed: 'a',
  ...more,
})

test('the migrations of this repository are apart, recorded and unchanged', () => {
  expect(checkMigrations()).toEqual([])
})

test('two of one service that share a timestamp are named, but for pairs of before', () => {
  const [fault] = judge([at('20270101000000_one'), at('20270101000000_other'), at('20270101000001_next')])
  expect(fault).toMatch(/20270101000000_one and .*20270101000000_other share a timestamp/)
  expect(judge([at('20270101000000_one'), at('20270101000000_other', { service: 'users' })])).toEqual([])
  const pair = [at('20261123010000_one'), at('20261123010000_other')]
  expect(judge(pair)).toEqual([])
  expect(judge([...pair, at('20261123010000_third')])).toHaveLength(1)
})

test.each([
  ['was changed', { now: 'b' }, /was changed, though databases have applied it/],
  ['is gone', { now: undefined }, /is gone, though databases have applied it/],
  ['is new', { landed: undefined }, /is not recorded: run `node scripts\/record-migrations.ts`/],
])('one that %s is named', (_name, more, fault) => {
  expect(judge([at('20270101000000_one', more)])).toEqual([expect.stringMatching(fault)])
})
