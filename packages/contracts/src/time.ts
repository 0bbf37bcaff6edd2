import { z } from 'zod'

/** RFC 3339, UTC, with milliseconds. Order never depends on it. */
export const Timestamp = z.iso.datetime({ precision: 3 }).describe('RFC 3339 in UTC with milliseconds')

/** A point in time as people send it: RFC 3339 with any offset; kept in UTC with milliseconds. */
export const Instant = z.iso
  .datetime({ offset: true })
  .overwrite((text) => (Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString()))
  // An offset may lead out of the years that have four digits; there is no year 0 to databases.
  .refine((text) => isInYears(text), 'Must lie in the years 1 to 9999')
  .describe('RFC 3339')

/** What is no time at all is a mistake that is told already. */
const isInYears = (text: string) => Number.isNaN(Date.parse(text)) || /^(?!0000)\d{4}-/.test(text)
