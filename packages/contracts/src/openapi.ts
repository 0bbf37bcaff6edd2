import { z } from 'zod'
import { chapters } from './api-reference-order.ts'
import * as messages from './http/messages-service.ts'
import * as realtime from './http/realtime-service.ts'
import * as users from './http/users-service.ts'

import { type ErrorCode, Problem, problemCodes } from './problem.ts'
import type { FileReply, RouteContract } from './route.ts'

const isRoute = (value: unknown): value is RouteContract =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'reply' in value

const rank = (chapter: number) => (chapter < 0 ? chapters.length : chapter)

const others = 'Others'

/** Where a call stands for a reader; one that no chapter names stands last. */
const placeOf = (name: string) => {
  const chapter = chapters.findIndex(({ calls }) => calls.includes(name))
  return { chapter, call: chapters[chapter]?.calls.indexOf(name) ?? 0 }
}

/** Every call a client may make, with the name the SDK knows it by, in the order of a reader. */
export const publicRoutes = [users, messages, realtime]
  .flatMap((module) => Object.entries<unknown>(module))
  .flatMap(([name, route]) => (isRoute(route) && route.auth !== 'internal' ? [{ name, route }] : []))
  .map(({ name, route }) => ({ name, route, place: placeOf(name) }))
  .toSorted((a, b) => rank(a.place.chapter) - rank(b.place.chapter) || a.place.call - b.place.call)
  .map(({ name, route, place }) => ({ name, route, tag: chapters[place.chapter]?.name ?? others }))

const sharedErrors: ErrorCode[] = ['validation_failed', 'rate_limited', 'internal', 'unavailable']

/** The OpenAPI 3.1 description of the HTTP API, generated from the route contracts. */
export function openApiDocument(publicUrl = '/'): JsonObject {
  const writer = createSchemaWriter()
  const paths: Record<string, JsonObject> = {}
  for (const [order, described] of publicRoutes.entries()) {
    const { path, method } = described.route
    const template = path.replace(/:(\w+)/g, '{$1}')
    const written = { ...operation(described, writer), 'x-order': order }
    paths[template] = { ...paths[template], [method.toLowerCase()]: written }
  }
  writer.write(Problem, 'output')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Finnigram',
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'The HTTP API of a Finnigram server. Every error is an RFC 9457 problem; clients switch on its `code`.',
    },
    servers: [{ url: publicUrl }],
    tags: tagsOf(publicRoutes),
    paths,
    components: {
      schemas: writer.components,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

/** The chapters, and one for calls that no chapter names. */
const tagsOf = (routes: readonly NamedRoute[]) => [
  ...chapters.map(({ name, description }) => ({ name, description })),
  ...(routes.some(({ tag }) => tag === others) ? [{ name: others, description: 'What else there is.' }] : []),
]

type NamedRoute = (typeof publicRoutes)[number]
type SchemaWriter = ReturnType<typeof createSchemaWriter>

function operation({ name, tag, route }: NamedRoute, writer: SchemaWriter): JsonObject {
  return {
    operationId: name,
    tags: [tag],
    summary: route.summary,
    security: route.auth === 'user' ? [{ bearer: [] }] : [],
    parameters: [
      ...parametersOf(route.params, 'path', writer),
      ...parametersOf(route.query, 'query', writer),
    ],
    ...requestBodyOf(route, writer),
    responses: { ...repliesOf(route, writer), ...errorsOf(route) },
  }
}

function parametersOf(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  writer: SchemaWriter,
): JsonObject[] {
  return Object.entries(schema?.shape ?? {}).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(value as z.ZodType, undefined).success,
    schema: writer.write(value as z.ZodType, 'input'),
  }))
}

function requestBodyOf({ body, bytes, raw, method }: RouteContract, writer: SchemaWriter): JsonObject {
  if (body) {
    const required = !z.safeParse(body, undefined).success
    return {
      requestBody: { required, content: { 'application/json': { schema: writer.write(body, 'input') } } },
    }
  }
  if (bytes) return { requestBody: { required: true, content: asContent(bytes.mediaTypes) } }
  if (raw && method === 'PATCH')
    return { requestBody: { required: true, content: asContent(['application/offset+octet-stream']) } }
  return {}
}

const asContent = (mediaTypes: readonly string[]): JsonObject =>
  Object.fromEntries(mediaTypes.map((type) => [type, {}]))

function repliesOf(route: RouteContract, writer: SchemaWriter): JsonObject {
  return Object.fromEntries(
    Object.entries(route.reply).map(([status, schema]) => [
      status,
      schema ? { description: route.summary, content: contentOf(schema, writer) } : { description: 'Done' },
    ]),
  )
}

const contentOf = (schema: z.ZodType | FileReply, writer: SchemaWriter): JsonObject =>
  'file' in schema
    ? asContent(schema.file)
    : { 'application/json': { schema: writer.write(schema, 'output') } }

function errorsOf(route: RouteContract): JsonObject {
  const signIn: ErrorCode[] = route.auth === 'user' ? ['unauthenticated', 'token_expired'] : []
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of new Set([...sharedErrors, ...signIn, ...route.errors])) {
    const { status } = problemCodes[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${problemCodes[code].title}`).join(' · '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

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
