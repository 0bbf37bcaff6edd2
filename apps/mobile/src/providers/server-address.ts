/** Origin of the server; phones are built with it. */
export const serverAddress = process.env.EXPO_PUBLIC_API_URL ?? 'http://localhost:8080'

/** How the server is called on screen. */
export const serverName = serverAddress.replace(/^https?:\/\//, '').replace(/\/+$/, '')
