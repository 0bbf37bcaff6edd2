import { clientEvents, publicRoutes } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { actors } from './actors.ts'
import { socketCases } from './cases/socket.ts'
import { routeCases, routeExpectations } from './expectations/routes.ts'
import { socketExpectations } from './expectations/socket.ts'

const sorted = (names: Iterable<string>) => [...names].sort()
const routeNames = sorted(publicRoutes.map(({ name }) => name))

test('every public route has a row in the matrix, and no row is about a route that is gone', () => {
  expect(sorted(Object.keys(routeExpectations))).toEqual(routeNames)
  expect(sorted(Object.keys(routeCases))).toEqual(routeNames)
})

test('every event of a client has a row in the matrix', () => {
  expect(sorted(Object.keys(socketExpectations))).toEqual(sorted(Object.keys(clientEvents)))
  expect(sorted(Object.keys(socketCases))).toEqual(sorted(Object.keys(clientEvents)))
})

test('every row says what every actor gets', () => {
  for (const row of [...Object.values(routeExpectations), ...Object.values(socketExpectations)]) {
    for (const cells of Object.values(row)) expect(sorted(Object.keys(cells))).toEqual(sorted(actors))
  }
})

test('every route about a thing is tried with one’s own, another’s and none', () => {
  for (const { name, route } of publicRoutes) {
    const things = Object.keys(routeCases[name as keyof typeof routeCases])
    expect(things, name).toContain('own')
    if (route.params) expect(things, name).toEqual(expect.arrayContaining(['others', 'missing']))
  }
})
