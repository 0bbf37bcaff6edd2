import { createBrowserNetwork, type NetworkSource } from '@finnigram/client'

export const deviceNetwork: NetworkSource = createBrowserNetwork()
