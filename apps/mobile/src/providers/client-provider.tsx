/**
 * The SDK client in React: session and all server data come through it.
 *
 * - One client per app. `index.ts` creates it (`createAppClient`), `App` starts and stops it,
 *   `useClient` hands it to components.
 * - Session: the client signs in, refreshes tokens, keeps the session in `sessionStorage` of
 *   `device.ts`, and signs out. `useSession` in `use-client-data.ts` gives its state;
 *   `app-shell/root.tsx` shows the sign-in forms or the app by it. No access or refresh token
 *   reaches a component.
 * - Server data: hooks in `use-client-data.ts` read the SDK's local store and render again when it
 *   changes. Components call the client's methods to change anything.
 * - What differs by platform (storage, network, device name) is in `device.ts` and `device.web.ts`.
 *
 * The app itself never speaks HTTP. Only results that no event updates, such as a people search or
 * the sent invitations, are kept in component state.
 */

import { type Client, createClient } from '@finnigram/client'
import { createContext, type ReactNode, useContext } from 'react'
import { createLocalStore, deviceNetwork, sessionStorage, thisDevice } from './device.ts'
import { serverAddress } from './server-address.ts'

const ClientContext = createContext<Client | null>(null)

/** Provides the app's client. */
export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>
}

export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client === null) throw new Error('useClient needs a ClientProvider above it')
  return client
}

/** Creates the client for this device, not yet started. */
export const createAppClient = (): Client =>
  createClient({
    baseUrl: serverAddress,
    store: createLocalStore(),
    sessionStorage,
    device: thisDevice,
    network: deviceNetwork,
  })
