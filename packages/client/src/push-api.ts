import { realtimeApi, usersApi } from '@finnigram/contracts'
import type { Api } from './api/create-api.ts'
import type { PushPart } from './client.ts'

/** The server waits for a push service before it answers. */
const testTimeoutMs = 30_000

export const pushPart = (api: Api): PushPart => ({
  getKey: async () => (await api.call(realtimeApi.getPushKey, {})).publicKey,
  async putDevice(deviceId, device) {
    await api.call(usersApi.putDevice, { params: { deviceId }, body: device })
  },
  async deleteDevice(deviceId) {
    await api.call(usersApi.deleteDevice, { params: { deviceId } })
  },
  test: (deviceId) => api.call(realtimeApi.testPush, { body: { deviceId }, timeoutMs: testTimeoutMs }),
})
