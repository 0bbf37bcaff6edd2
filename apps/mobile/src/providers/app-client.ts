import { type Client, createClient } from '@finnigram/client'
import { deviceNetwork } from './device.ts'
import { createLocalStore } from './local-store.ts'
import { serverAddress } from './server-address.ts'
import { sessionStorage } from './session-storage.ts'
import { thisDevice } from './this-device.ts'

/** The client of this app on this device, not yet started. */
export const createAppClient = (): Client =>
  createClient({
    baseUrl: serverAddress,
    store: createLocalStore(),
    sessionStorage,
    device: thisDevice,
    network: deviceNetwork,
  })
