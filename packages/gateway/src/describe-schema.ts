/** A JSON Schema as the two documents hold it. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  default?: unknown
  additionalProperties?: Schema | boolean
}

/**
 * A schema's type in a few words, with links to the named ones: `Message[]`, `string · 3–32`,
 * `"direct" | "group"`.
 */
export function typeOf(schema: Schema): string {
  if (schema.$ref) {
    const name = escapeHtml(schema.$ref.split('/').at(-1) ?? '')
    return `<a href="#schema-${name}">${name}</a>`
  }
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map(typeOf).join(' | ')
  if (schema.allOf) return schema.allOf.map(typeOf).join(' &amp; ')
  if (schema.type === 'array') return `${arrayItem(schema.items ?? {})}[]${bounds(schema)}`
  if (schema.type === 'object' && isMap(schema)) return `{ [key]: ${typeOf(schema.additionalProperties)} }`
  const name =
    schema.format ?? (Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any'))
  return `${escapeHtml(name)}${bounds(schema)}`
}

/**
 * The properties of an object schema as rows of name, type and meaning; objects inside it are
 * nested.
 */
export function propertyTable(schema: Schema): string {
  const choices = (schema.anyOf ?? schema.oneOf ?? []).filter((choice) => choice.properties)
  if (choices.length > 0) return choices.map(propertyTable).join('<p class="or">or</p>')
  const rows = Object.entries(schema.properties ?? {})
  if (rows.length === 0) return `<p class="type">${typeOf(schema)}</p>`
  return `<table>${rows.map(([name, value]) => row(name, value, schema.required ?? [])).join('')}</table>`
}

function row(name: string, value: Schema, required: readonly string[]) {
  const optional = required.includes(name) ? '' : ' <span class="optional">optional</span>'
  const inner = value.properties ? value : value.items?.properties ? value.items : undefined
  const fallback = value.default === undefined ? '' : ` Default ${literal(value.default)}.`
  return `<tr><th scope="row"><code>${escapeHtml(name)}</code>${optional}</th><td><span class="type">${typeOf(value)}</span>
<span class="meaning">${escapeHtml(value.description ?? '')}${fallback}</span>${inner ? propertyTable(inner) : ''}</td></tr>`
}

function arrayItem(items: Schema) {
  const text = typeOf(items)
  return text.includes(' | ') ? `(${text})` : text
}

const isMap = (schema: Schema): schema is Schema & { additionalProperties: Schema } =>
  typeof schema.additionalProperties === 'object' && !schema.properties

const literal = (value: unknown) => `<code>${escapeHtml(JSON.stringify(value))}</code>`

/** Limits worth reading; the bounds every JSON integer has are not. */
function bounds({ minimum, maximum, minLength, maxLength, minItems, maxItems }: Schema) {
  const from = minLength ?? minItems ?? minimum
  const to = maxLength ?? maxItems ?? (maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum)
  const lowest = from === Number.MIN_SAFE_INTEGER ? undefined : from
  if (lowest !== undefined && to !== undefined) return ` · ${lowest}–${to}`
  if (to !== undefined) return ` · ≤ ${to}`
  return lowest === undefined ? '' : ` · ≥ ${lowest}`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/**
 * Makes text safe between tags and in quoted attributes; `code` in backticks becomes an element.
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign).replace(/`([^`]+)`/g, '<code>$1</code>')
}
