import { z } from 'zod'

/** RFC 3339, UTC, with milliseconds. Order never depends on it. */
export const Timestamp = z.iso.datetime({ precision: 3 }).describe('RFC 3339 in UTC with milliseconds')
