/** How far somebody says to have read, or received, in a conversation. */
export interface NewMarker {
  userId: string
  conversationId: string
  kind: 'read' | 'delivered'
  seq: number
}
