import type { Client } from '@finnigram/client'
import { createClient } from '@finnigram/client'
import { createContext, type ReactNode, useContext } from 'react'
import { createLocalStore, deviceNetwork, sessionStorage, thisDevice } from './device.ts'
import { serverAddress } from './server-address.ts'

const ClientContext = createContext<Client | null>(null)

/** Gives the app its one client: all server data comes through it. */
export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>
}

export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client === null) throw new Error('useClient needs a ClientProvider above it')
  return client
}

/** The client of this app on this device, not yet started. */
export const createAppClient = (): Client =>
  createClient({
    baseUrl: serverAddress,
    store: createLocalStore(),
    sessionStorage,
    device: thisDevice,
    network: deviceNetwork,
  })
