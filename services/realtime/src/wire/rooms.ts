/** A person's own devices. */
export const userRoom = (userId: string) => `u:${userId}`

const conversationPrefix = 'c:'

/** Everyone here who takes part in a conversation. */
export const conversationRoom = (conversationId: string) => `${conversationPrefix}${conversationId}`

/** The conversation of a room; undefined for any other room. */
export const conversationOf = (room: string) =>
  room.startsWith(conversationPrefix) ? room.slice(conversationPrefix.length) : undefined

/** Everyone here who watches a person's presence. */
export const watchRoom = (userId: string) => `w:${userId}`
