import { useNavigationState } from '@react-navigation/native'
import { openConversationId } from './open-conversation-id.ts'

export const useOpenConversationId = (): string | undefined => useNavigationState(openConversationId)
