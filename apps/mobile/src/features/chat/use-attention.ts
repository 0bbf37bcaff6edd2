import { useSyncExternalStore } from 'react'
import { AppState } from 'react-native'

const subscribe = (listener: () => void) => {
  const subscription = AppState.addEventListener('change', listener)
  return () => subscription.remove()
}

/** Whether the person is looking at the app. */
export const useAttention = () => useSyncExternalStore(subscribe, () => AppState.currentState === 'active')
