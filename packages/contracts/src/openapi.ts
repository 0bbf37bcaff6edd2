import { z } from 'zod'
import * as messages from './http/messages-service.ts'
import * as realtime from './http/realtime-service.ts'
import * as users from './http/users-service.ts'
import { createSchemaWriter, type JsonObject } from './json-schema.ts'
import { type ErrorCode, Problem, problemCodes } from './problem.ts'
import type { FileReply, RouteContract } from './route.ts'

const isRoute = (value: unknown): value is RouteContract =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'reply' in value

const routesOf = (module: object, tag: string) =>
  Object.entries(module).flatMap(([name, value]) => (isRoute(value) ? [{ name, tag, route: value }] : []))

/** Every call a client may make, with the name the SDK knows it by. */
export const publicRoutes = [
  ...routesOf(users, 'users'),
  ...routesOf(messages, 'messages'),
  ...routesOf(realtime, 'realtime'),
].filter(({ route }) => route.auth !== 'internal')

const sharedErrors: ErrorCode[] = ['validation_failed', 'rate_limited', 'internal', 'unavailable']

/** The OpenAPI 3.1 description of the HTTP API, generated from the route contracts. */
export function openApiDocument(publicUrl = '/'): JsonObject {
  const writer = createSchemaWriter()
  const paths: Record<string, JsonObject> = {}
  for (const { name, tag, route } of publicRoutes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation({ name, tag, route }, writer) }
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
    paths,
    components: {
      schemas: writer.components,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

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
