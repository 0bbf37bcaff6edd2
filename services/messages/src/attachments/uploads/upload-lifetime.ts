/** How long a file may be on its way, and how long its sender may ask how it went, in milliseconds. */
export const uploadLifetimeMs = 24 * 60 * 60 * 1000
