import { expect, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { fromCursor, toCursor } from './cursor.ts'

const Place = z.tuple([z.boolean(), z.int()])

test('a cursor carries its position', () => {
  expect(fromCursor(Place, toCursor([true, 3]), 'query.cursor')).toEqual([true, 3])
  expect(toCursor([true, 3])).toMatch(/^[\w-]+$/)
})

test.each(['', 'x', toCursor([1, 2]), toCursor(null), '%%%'])('%j is no cursor', (cursor) => {
  expect(() => fromCursor(Place, cursor, 'query.cursor')).toThrow(AppError)
})

test.each(['a\0b', '\ud800'])('text that no database can hold is in no cursor: %j', (text) => {
  expect(() => fromCursor(z.array(z.string()), toCursor(['a', text]), 'query.cursor')).toThrow(AppError)
})
