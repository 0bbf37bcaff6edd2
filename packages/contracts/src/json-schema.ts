import { z } from 'zod'

export type JsonObject = { [key: string]: unknown }

/**
 * Turns Zod schemas into JSON Schema (2020-12), gathering every named schema under
 * `#/components/schemas`.
 */
export function createSchemaWriter() {
  const components: JsonObject = {}

  const write = (schema: z.ZodType, io: 'input' | 'output'): JsonObject => {
    const {
      $defs,
      $schema: _,
      ...root
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as JsonObject
    for (const [name, definition] of Object.entries(($defs ?? {}) as JsonObject)) {
      components[name] ??= rewriteReferences(definition)
    }
    const id = z.globalRegistry.get(schema)?.id
    if (id === undefined) return rewriteReferences(root) as JsonObject
    components[id] ??= rewriteReferences(root)
    return { $ref: `#/components/schemas/${id}` }
  }

  return { components, write }
}

function rewriteReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rewriteReferences)
  if (node === null || typeof node !== 'object') return node
  const entries = Object.entries(node).flatMap(([key, value]) => {
    if (key === 'id' && typeof value === 'string') return []
    if (key === '$ref' && typeof value === 'string')
      return [[key, value.replace('#/$defs/', '#/components/schemas/')]]
    return [[key, rewriteReferences(value)]]
  })
  return Object.fromEntries(entries)
}
