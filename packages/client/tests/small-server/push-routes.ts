import { realtimeApi, usersApi } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import { ok, type Row } from './request.ts'

export const pushRoutes: Row[] = [
  [realtimeApi.getPushKey, () => ok({ publicKey: 'B-a-point' })],
  [
    usersApi.putDevice,
    ({ serverState, me, params, body }) => {
      serverState.devices.set(`${me.id} ${params['deviceId']}`, body)
      return { status: 204 }
    },
  ],
  [
    usersApi.deleteDevice,
    ({ serverState, me, params }) => {
      serverState.devices.delete(`${me.id} ${params['deviceId']}`)
      return { status: 204 }
    },
  ],
  [
    realtimeApi.testPush,
    ({ serverState, me, body }) => {
      if (!serverState.devices.has(`${me.id} ${body['deviceId']}`)) throw new Refusal('not_found')
      return ok({ ok: true, hops: [{ hop: 'device', state: 'passed', detail: 'It is there' }] })
    },
  ],
]
