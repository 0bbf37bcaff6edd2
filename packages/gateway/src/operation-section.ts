import { propertyTable, type Schema, typeOf } from './describe-schema.ts'
import { escapeHtml } from './escape-html.ts'

interface Content {
  content?: Record<string, { schema?: Schema }>
  description?: string
}

/** One call as OpenAPI describes it. */
export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  /** Its place among all calls, as a reader wants them. */
  'x-order': number
  /** Empty where nobody need sign in. */
  security: unknown[]
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: Content
  responses: Record<string, Content>
}

/** One call: what it does, what it takes, what it answers, how it fails. */
export function operationSection(method: string, path: string, operation: Operation): string {
  const replies = Object.entries(operation.responses)
  const body = schemaIn(operation.requestBody)
  return `<section id="${escapeHtml(operation.operationId)}" class="call">
<h3><span class="method ${method}">${method.toUpperCase()}</span> <span class="path">${escapeHtml(path)}</span></h3>
<p>${escapeHtml(operation.summary)}.${operation.security.length > 0 ? '' : ' <span class="open">no sign-in</span>'}</p>
${parameters(operation)}
${body ? `<h4>Body</h4>${body.$ref ? `<p class="type">${typeOf(body)}</p>` : propertyTable(body)}` : ''}
${replies
  .filter(([status]) => status < '300')
  .map(reply)
  .join('')}
<h4>Errors</h4><ul class="errors">${replies
    .filter(([status]) => status >= '300')
    .map(([status, { description = '' }]) => `<li><b>${status}</b> ${escapeHtml(description)}</li>`)
    .join('')}</ul></section>`
}

function parameters({ parameters: list }: Operation) {
  if (list.length === 0) return ''
  const rows = list.map(
    ({ name, in: place, required, schema }) =>
      `<tr><th scope="row"><code>${escapeHtml(name)}</code> <span class="optional">${place}${required || place === 'path' ? '' : ', optional'}</span></th>
<td><span class="type">${typeOf(schema)}</span> <span class="meaning">${escapeHtml(schema.description ?? '')}</span></td></tr>`,
  )
  return `<h4>Parameters</h4><table>${rows.join('')}</table>`
}

function reply([status, content]: [string, Content]) {
  const schema = schemaIn(content)
  if (!schema) return `<h4>Reply ${status}</h4><p class="meaning">No content.</p>`
  return `<h4>Reply ${status}</h4>${schema.$ref ? `<p class="type">${typeOf(schema)}</p>` : propertyTable(schema)}`
}

const schemaIn = (content: Content | undefined) => Object.values(content?.content ?? {})[0]?.schema
