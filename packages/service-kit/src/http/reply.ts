/** A reply of a route that knows several. The status stays a literal, so that the contract can say which body belongs to it. */
export function reply<const S extends number>(status: S): { status: S; body: undefined }
export function reply<const S extends number, B>(status: S, body: B): { status: S; body: B }
export function reply(status: number, body?: unknown): { status: number; body: unknown } {
  return { status, body }
}
