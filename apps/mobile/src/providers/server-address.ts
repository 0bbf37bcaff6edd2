/** Origin of the server, set at build time. */
export const serverAddress = process.env.EXPO_PUBLIC_API_URL ?? 'http://localhost:8080'

/** Name of the server on screen. */
export const serverName = serverAddress.replace(/^https?:\/\//, '').replace(/\/+$/, '')
