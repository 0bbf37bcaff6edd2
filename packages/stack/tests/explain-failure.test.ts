import { expect, test } from 'vitest'
import { explainFailure, StartFailure } from '../src/start-failure.ts'

const withCode = (code: string, path = '/data') =>
  Object.assign(new Error(`${code}: it failed`), { code, path })

test.each([
  ['a full disk', withCode('ENOSPC'), /The disk is full: free some space where \/home\/x lies/],
  ['a full disk seen by PostgreSQL', new StartFailure('… No space left on device'), /The disk is full/],
  ['a folder of somebody else', withCode('EACCES', '/home/x/logs'), /\/home\/x\/logs cannot be written/],
  ['too many files', withCode('EMFILE'), /ulimit -n/],
  ['what the start itself says', new StartFailure('Do this.'), /^Do this\.$/],
])('%s is told in a sentence that says what to do', (_name, error, sentence) => {
  expect(explainFailure(error, '/home/x')).toMatch(sentence)
})
