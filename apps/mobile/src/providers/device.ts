import type { NetworkSource } from '@finnigram/client'
import { AppState } from 'react-native'

/** Phones tell when the app comes to the front; whether the network is there shows by trying. */
export const deviceNetwork: NetworkSource = {
  current: () => ({ online: true, foreground: AppState.currentState !== 'background' }),
  subscribe(listener) {
    const subscription = AppState.addEventListener('change', listener)
    return () => subscription.remove()
  },
}
