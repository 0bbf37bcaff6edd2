import { expect, test } from 'vitest'
import { chapters } from './api-reference-order.ts'
import { asyncApiDocument } from './asyncapi.ts'
import { openApiDocument, publicRoutes } from './openapi.ts'
import { clientEvents, serverEvents } from './socket.ts'

const references = (document: object) =>
  [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '')

const resolve = (document: object, path: string) =>
  path
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document)

test.each([
  ['OpenAPI', openApiDocument()],
  ['AsyncAPI', asyncApiDocument()],
])('every reference in the %s description leads somewhere', (_, document) => {
  const broken = references(document).filter((path) => resolve(document, path) === undefined)
  expect(broken).toEqual([])
  expect(references(document).length).toBeGreaterThan(10)
})

test('every public route and every socket event is described, and nothing internal', () => {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, { operationId: string }>> }
  const described = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map((operation) => operation.operationId),
  )
  expect(described.toSorted()).toEqual(publicRoutes.map(({ name }) => name).toSorted())
  expect(Object.keys(paths).filter((path) => path.startsWith('/internal'))).toEqual([])

  const { operations } = asyncApiDocument() as { operations: object }
  expect(Object.keys(operations)).toHaveLength(
    Object.keys(serverEvents).length + Object.keys(clientEvents).length,
  )
})

test('every operation says who may call it, each under a name of its own, and the licence is told', () => {
  const { paths, info, servers } = openApiDocument('https://chat.example.org') as {
    paths: Record<string, Record<string, { operationId: string; security: object[] }>>
    info: object
    servers: object
  }
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  const open = operations.filter(({ security }) => security.length === 0)
  const names = (all: { operationId: string }[]) => all.map(({ operationId }) => operationId).toSorted()
  expect(names(open)).toEqual(
    publicRoutes
      .filter(({ route }) => route.auth === 'none')
      .map(({ name }) => name)
      .toSorted(),
  )
  expect(operations.filter((operation) => !open.includes(operation)).map(({ security }) => security)).toEqual(
    Array.from({ length: operations.length - open.length }, () => [{ bearer: [] }]),
  )
  expect(info).toMatchObject({ license: { name: 'MIT', identifier: 'MIT' } })
  expect(servers).toEqual([{ url: 'https://chat.example.org' }])
  expect(asyncApiDocument()).toMatchObject({ info: { license: { name: 'MIT' } } })
})

test('the calls come in the order of a reader, each in one chapter, which says in a line what it is about', () => {
  const named = chapters.flatMap(({ calls }) => calls)
  expect(publicRoutes.map(({ name }) => name)).toEqual(named)
  expect(new Set(named).size).toBe(named.length)
  const { tags, paths } = openApiDocument() as {
    tags: { name: string; description: string }[]
    paths: Record<string, Record<string, { tags: string[] }>>
  }
  expect(tags.map(({ name }) => name).slice(0, 5)).toEqual([
    'Signing in',
    'My profile',
    'People',
    'Conversations',
    'Participants',
  ])
  for (const { description } of tags) expect(description).toMatch(/^[A-Z][^\n]{20,120}\.$/)
  const used = Object.values(paths).flatMap((methods) => Object.values(methods).flatMap((one) => one.tags))
  expect(new Set(used)).toEqual(new Set(tags.map(({ name }) => name)))
})
