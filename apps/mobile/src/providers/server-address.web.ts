/** The web app belongs to the server it came from. */
export const serverAddress = window.location.origin

/** How the server is called on screen. */
export const serverName = window.location.host
