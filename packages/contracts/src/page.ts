import { z } from 'zod'

/** How many items a list call returns: 1–100, 50 when not said. */
export const Limit = z.coerce.number().int().min(1).max(100).default(50)

/** The query of every cursor-paged list. */
export const PageQuery = z.object({ limit: Limit, cursor: z.string().max(512).optional() })

/** A page of `item`; `nextCursor` is null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
