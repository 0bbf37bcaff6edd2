import { expect, test } from 'vitest'
import { propertyTable, typeOf } from './describe-schema.ts'

test.each([
  [{ type: 'string' }, 'string'],
  [{ type: 'string', minLength: 3, maxLength: 32 }, 'string · 3–32'],
  [{ type: 'string', format: 'uuid' }, 'uuid'],
  [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'integer · ≥ 0'],
  [
    { type: 'array', items: { $ref: '#/components/schemas/Message' }, maxItems: 100 },
    '<a href="#schema-Message">Message</a>[] · ≤ 100',
  ],
  [
    { type: 'array', items: { enum: ['a', 'b'] } },
    '(<code>&quot;a&quot;</code> | <code>&quot;b&quot;</code>)[]',
  ],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
  [{ type: 'object', additionalProperties: { type: 'integer' } }, '{ [key]: integer }'],
  [{}, 'any'],
])('%j reads as %s', (schema, text) => {
  expect(typeOf(schema)).toBe(text)
})

test('properties are rows: name, optional or not, type, meaning, default', () => {
  const table = propertyTable({
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', description: 'Which <one>' },
      limit: { type: 'integer', default: 50 },
      inner: { type: 'object', properties: { deep: { type: 'boolean' } } },
    },
  })
  expect(table).toContain('<code>id</code></th>')
  expect(table).toContain('Which &lt;one&gt;')
  expect(table).toMatch(
    /<code>limit<\/code> <span class="optional">optional<\/span>.*Default <code>50<\/code>/s,
  )
  expect(table.match(/<table>/g)).toHaveLength(2)
})

test('alternatives follow each other', () => {
  const direct = { type: 'object', properties: { userId: { type: 'string' } } }
  const group = { type: 'object', properties: { title: { type: 'string' } } }
  expect(propertyTable({ oneOf: [direct, group] })).toMatch(/userId.*class="or".*title/s)
})
