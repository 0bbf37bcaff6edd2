import { realtimeApi, usersApi } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import { ok, type Row } from './request.ts'

export const pushAnswers: Row[] = [
  [realtimeApi.getPushKey, () => ok({ publicKey: 'B-a-point' })],
  [
    usersApi.putDevice,
    ({ world, me, params, body }) => {
      world.devices.set(`${me.id} ${params['deviceId']}`, body)
      return { status: 204 }
    },
  ],
  [
    usersApi.deleteDevice,
    ({ world, me, params }) => {
      world.devices.delete(`${me.id} ${params['deviceId']}`)
      return { status: 204 }
    },
  ],
  [
    realtimeApi.testPush,
    ({ world, me, body }) => {
      if (!world.devices.has(`${me.id} ${body['deviceId']}`)) throw new Refusal('not_found')
      return ok({ ok: true, hops: [{ hop: 'device', state: 'passed', detail: 'It is there' }] })
    },
  ],
]
