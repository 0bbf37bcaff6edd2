import { problemCodes } from '@finnigram/contracts'
import { propertyTable, type Schema } from './describe-schema.ts'
import { docsStyle } from './docs-style.ts'
import { escapeHtml } from './escape-html.ts'
import { type Operation, operationSection } from './operation-section.ts'

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

/** The readable reference: one page without scripts, generated from the OpenAPI and AsyncAPI documents. */
export function docsPage(documents: { openApi: object; asyncApi: object }): string {
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
    // Methods of one path stand together in the document, whatever a reader wants first.
    calls: calls
      .filter(({ operation }) => operation.tags.includes(name))
      .toSorted((a, b) => a.operation['x-order'] - b.operation['x-order']),
  }))
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(openApi.info.title)} API</title><style>${docsStyle}</style></head><body>
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
