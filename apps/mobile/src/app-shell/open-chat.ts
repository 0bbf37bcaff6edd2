import { StackActions, useNavigation, useNavigationState } from '@react-navigation/native'
import { useCallback } from 'react'
import { openConversationId } from './routes.ts'

/** Opens a conversation: on top, or in place of the screen that found it. */
export function useOpenChat() {
  const navigation = useNavigation()
  return useCallback(
    (id: string, { replace = false }: { replace?: boolean } = {}) =>
      navigation.dispatch(replace ? StackActions.replace('chat', { id }) : StackActions.push('chat', { id })),
    [navigation],
  )
}

export const useOpenConversationId = (): string | undefined => useNavigationState(openConversationId)
