/** When a UUIDv7 was made, in milliseconds since 1970 (RFC 9562, 5.7). */
export const bornAt = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
