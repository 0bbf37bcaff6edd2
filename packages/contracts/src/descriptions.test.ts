import { expect, test } from 'vitest'
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
