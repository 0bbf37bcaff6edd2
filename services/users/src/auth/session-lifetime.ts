/** Days an unused session lasts; each refresh begins them anew. */
export const sessionDays = 30
/** Seconds for which the refresh token just replaced still answers, with the same successor. */
export const graceSeconds = 20
/** Sessions one person may have; one more ends the one unused for longest. */
export const mostSessions = 100
/** Minutes for which it is known that a session ended: an access token lives 15, and clocks may differ a little. */
export const endedMinutes = 16
