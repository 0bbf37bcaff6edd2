/** The web app uses the server it was loaded from. */
export const serverAddress = window.location.origin

/** Name of the server on screen. */
export const serverName = window.location.host
