import { problemCodes } from '@finnigram/contracts'
import { escapeHtml, propertyTable, type Schema, typeOf } from './describe-schema.ts'

interface OpenApi {
  info: { title: string; description: string }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

interface SocketMessage {
  name: string
  summary: string
  payload: Schema
  'x-acknowledgement'?: Schema
}

interface AsyncApi {
  info: { description: string }
  channels: { socket: { messages: Record<string, SocketMessage> } }
  components: { schemas: Record<string, Schema> }
}

/**
 * The readable reference: one page without scripts, generated from the OpenAPI and AsyncAPI
 * documents.
 */
export function referencePage(documents: { openApi: object; asyncApi: object }): string {
  const openApi = documents.openApi as OpenApi
  const asyncApi = documents.asyncApi as AsyncApi
  const calls = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
  const messages = Object.entries(asyncApi.channels.socket.messages)
  const schemas = Object.entries({ ...asyncApi.components.schemas, ...openApi.components.schemas })
  const chapters = openApi.tags.map(({ name, description }) => ({
    name,
    description,
    // The document groups by path; the reference has a reading order of its own.
    calls: calls
      .filter(({ operation }) => operation.tags.includes(name))
      .toSorted((a, b) => a.operation['x-order'] - b.operation['x-order']),
  }))
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(openApi.info.title)} API</title><style>${referenceStyle}</style></head><body>
<nav aria-label="Contents"><a class="brand" href="#top">${escapeHtml(openApi.info.title)}</a>
${chapters.map(({ name, calls }) => navGroup(name, calls.map(callLink))).join('')}
${navGroup('Realtime', messages.map(messageLink))}
${navGroup('Reference', [
  '<a href="#errors">Errors</a>',
  ...schemas.map(([name]) => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`),
])}</nav>
<main id="top"><h1>${escapeHtml(openApi.info.title)} API</h1>
<p>${escapeHtml(openApi.info.description)}</p>
<p>At <code>${escapeHtml(openApi.servers[0]?.url ?? '/')}</code>, described for programs by
<a href="/v1/openapi.json">openapi.json</a> and <a href="/v1/asyncapi.json">asyncapi.json</a>.</p>
${chapters
  .map(
    ({ name, description, calls }) =>
      `<h2>${escapeHtml(name)}</h2><p>${escapeHtml(description)}</p>${calls
        .map(({ method, path, operation }) => operationSection(method, path, operation))
        .join('')}`,
  )
  .join('')}
<h2>Realtime</h2><p>${escapeHtml(asyncApi.info.description)}</p>${messages.map(messageSection).join('')}
<h2 id="errors">Errors</h2><p>Every error is <code>application/problem+json</code>.</p>${errorTable()}
<h2>Schemas</h2>${schemas.map(schemaSection).join('')}</main></body></html>`
}

const navGroup = (tag: string, links: string[]) => `<h2>${escapeHtml(tag)}</h2>${links.join('')}`

const callLink = ({ method, path, operation }: { method: string; path: string; operation: Operation }) =>
  `<a href="#${escapeHtml(operation.operationId)}" title="${escapeHtml(path)}"><span class="method ${method}">${method.toUpperCase()}</span>${escapeHtml(operation.summary)}</a>`

/** Keys are `server.ready`, `client.send`: who sends it, and its name. */
const senderOf = (key: string) => (key.startsWith('server.') ? 'from the server' : 'from the client')

const messageLink = ([key, { name }]: [string, SocketMessage]) =>
  `<a href="#${escapeHtml(key)}"><code>${escapeHtml(name)}</code><span class="optional">${senderOf(key)}</span></a>`

function messageSection([key, message]: [string, SocketMessage]) {
  const acknowledgement = message['x-acknowledgement']
  return `<section id="${escapeHtml(key)}" class="call"><h3><span class="path">${escapeHtml(message.name)}</span>
<span class="optional">${senderOf(key)}</span></h3><p>${escapeHtml(message.summary)}.</p>${propertyTable(message.payload)}
${acknowledgement ? `<h4>Acknowledged with</h4>${propertyTable(acknowledgement)}` : ''}</section>`
}

function errorTable() {
  const rows = Object.entries(problemCodes).map(
    ([code, { status, title: meaning }]) =>
      `<tr id="problem-${code}"><th scope="row"><code>${code}</code></th><td><b>${status}</b> ${escapeHtml(meaning)}</td></tr>`,
  )
  return `<table>${rows.join('')}</table>`
}

const schemaSection = ([name, schema]: [string, Schema]) =>
  `<section id="schema-${escapeHtml(name)}" class="call"><h3><span class="path">${escapeHtml(name)}</span></h3>
<p class="meaning">${escapeHtml(schema.description ?? '')}</p>${propertyTable(schema)}</section>`

interface Content {
  content?: Record<string, { schema?: Schema }>
  description?: string
}

/** One call as OpenAPI describes it. */
interface Operation {
  operationId: string
  tags: string[]
  summary: string
  /** Its place in the reading order of all calls. */
  'x-order': number
  /** Empty where no sign-in is needed. */
  security: unknown[]
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: Content
  responses: Record<string, Content>
}

/** One call: what it does, what it takes, what it answers, how it fails. */
function operationSection(method: string, path: string, operation: Operation): string {
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

/** Style of the API reference; the colours are those of the app. */
const referenceStyle = `
:root{color-scheme:light dark;--bg:#fff;--surface:#f5f6f4;--raised:#fff;--line:#e2e5e0;--text:#15201b;--muted:#5b6a62;--accent:#0b7a5b;--on-accent:#fff;--link:#0a6b8a;--danger:#b3261e;--warning:#8a5a00}
@media(prefers-color-scheme:dark){:root{--bg:#0e1412;--surface:#151d1a;--raised:#1c2622;--line:#2a3631;--text:#e8efeb;--muted:#9dada5;--accent:#3fcb9b;--on-accent:#06231a;--link:#6cc7e6;--danger:#ff8a80;--warning:#f2c14e}}
*{box-sizing:border-box}
html{scroll-padding-top:24px}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;display:grid;grid-template-columns:300px minmax(0,1fr)}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
code,.path,.type,.method{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:24px 16px 48px;background:var(--surface);border-right:1px solid var(--line)}
nav h2{font-size:12px;letter-spacing:.06em;text-transform:uppercase;color:var(--muted);margin:24px 8px 4px}
nav a{display:flex;gap:8px;align-items:baseline;padding:5px 8px;border-radius:8px;color:var(--text);font-size:13px}
nav a:hover{background:var(--raised);text-decoration:none}
nav .brand{font-size:20px;font-weight:650;color:var(--accent)}
main{max-width:860px;padding:40px 40px 120px}
h1{font-size:28px;line-height:1.2;margin:0 0 8px}
main>h2{font-size:20px;margin:56px 0 8px}
h3{font-size:15px;margin:0 0 4px;display:flex;gap:10px;align-items:center;flex-wrap:wrap}
h4{font-size:12px;letter-spacing:.05em;text-transform:uppercase;color:var(--muted);margin:16px 0 4px}
p{margin:4px 0}
.call{background:var(--raised);border:1px solid var(--line);border-radius:12px;padding:16px 20px;margin:12px 0}
.call:target{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.path{font-size:14px;font-weight:600;overflow-wrap:anywhere}
.method{font-size:11px;font-weight:700;padding:2px 8px;border-radius:999px;background:var(--accent);color:var(--on-accent)}
.method.get{background:none;color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}
.method.delete{background:none;color:var(--danger);box-shadow:inset 0 0 0 1px var(--danger)}
.method.put,.method.patch{background:none;color:var(--warning);box-shadow:inset 0 0 0 1px var(--warning)}
nav .method{min-width:52px;text-align:center;font-size:10px;padding:1px 4px}
.open,.optional{color:var(--muted);font-size:12px;font-weight:400}
.meaning{color:var(--muted);font-size:13px}
.type{color:var(--accent);overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:4px 0}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-top:1px solid var(--line);font-weight:400}
th{width:32%}
td table{margin:8px 0 0;border-left:2px solid var(--line)}td table th{padding-left:12px}
.or{color:var(--muted);font-style:italic}
.errors{margin:4px 0;padding:0;list-style:none;font-size:13px;color:var(--muted)}.errors b{color:var(--danger)}
summary{cursor:pointer}
@media(max-width:820px){body{display:block}nav{position:static;height:auto;max-height:45vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:24px 16px 80px}th{width:42%}}
`
