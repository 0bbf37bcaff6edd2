import { expect, test } from 'vitest'
import { readOptions } from './read-options.ts'

test('without arguments a run has a minute, two dozen people and every kind of fault', () => {
  expect(readOptions([])).toEqual({
    seconds: 60,
    seed: 1,
    people: 24,
    rate: 20,
    out: '.proof',
    history: false,
  })
})

test('faults are chosen by words of their names', () => {
  expect(readOptions(['--faults', 'redis killed, half-open'])).toMatchObject({
    faults: ['redis killed', 'connections half-open'],
  })
  expect(readOptions(['--faults', 'none'])).toMatchObject({ faults: [] })
})

test('what is wrong with the arguments is said, all at once', () => {
  expect(readOptions(['--seconds', '1', '--rate', 'many'])).toBe(
    '--seconds must be a whole number from 5 to 86400\n--rate must be a whole number from 1 to 5000',
  )
  expect(readOptions(['--faults', 'rain'])).toBe('--faults names no kind of fault')
  expect(readOptions(['--wishes', '3'])).toMatch(/wishes/)
})

test('another version takes part only from a checkout that is installed', () => {
  expect(readOptions(['--previous', '/nowhere'])).toBe('--previous must be an installed checkout')
  expect(readOptions(['--previous', '.'])).toMatchObject({ previous: process.cwd() })
})
