import { newId } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { NetworkProblem } from '../src/index.ts'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, idOf, signUp, textsOf } from './start-device.ts'

test('two people find each other and talk both ways', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  await using grace = await signUp(server.url, 'grace')

  const [found] = await ada.client.people.search('gra')
  const { id, displayTitle } = await ada.client.conversations.createDirect(found?.id ?? '')
  expect(displayTitle).toBe('grace')
  ada.client.messages(id).send({ text: 'hello' })
  await eventually(() => textsOf(grace, id), ['hello'])
  grace.client.messages(id).send({ text: 'hi' })
  await eventually(() => textsOf(ada, id), ['hello', 'hi'])
  expect(ada.client.conversations.get(id)?.peer?.id).toBe(idOf(grace))
  expect([...ada.errors, ...grace.errors]).toEqual([])
})

test('creating a group is idempotent: without an answer, the next try makes no second group', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { conversations } = ada.client
  const group = { id: newId(), title: 'us', userIds: [] }
  server.faultOf = (path, method) =>
    method === 'POST' && path === '/v1/conversations' ? 'unanswered' : undefined
  await expect(conversations.createGroup(group)).rejects.toBeInstanceOf(NetworkProblem)
  server.faultOf = () => undefined
  expect(await conversations.createGroup(group)).toMatchObject({ id: group.id, title: 'us' })
  expect(await conversations.createGroup({ title: 'us', userIds: [] })).not.toMatchObject({ id: group.id })
  expect(server.state.conversations.size).toBe(2)
})
