import { z } from 'zod'

/** RFC 3339, UTC, with milliseconds. Order never depends on it. */
export const Timestamp = z.iso.datetime({ precision: 3 }).describe('RFC 3339 in UTC with milliseconds')

/** A point in time as people send it: RFC 3339 with any offset; kept in UTC with milliseconds. */
export const Instant = z.iso
  .datetime({ offset: true })
  .overwrite((text) => (Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString()))
  .describe('RFC 3339')
