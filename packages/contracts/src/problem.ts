import { z } from 'zod'

/**
 * Every error code a client may meet, with the HTTP status it travels under and the title that
 * explains it.
 */
export const problemCodes = {
  validation_failed: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  token_expired: { status: 401, title: 'The access token has expired' },
  invalid_credentials: { status: 401, title: 'The name or the password is wrong' },
  totp_required: { status: 401, title: 'A code of your authenticator app is needed, too' },
  forbidden: { status: 403, title: 'You may not do this' },
  reauthentication_required: { status: 403, title: 'Give your password again' },
  removed_from_group: { status: 403, title: 'You were removed; only an admin adds you again' },
  not_found: { status: 404, title: 'There is nothing here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'This conflicts with the present state' },
  username_taken: { status: 409, title: 'This username is taken' },
  email_taken: { status: 409, title: 'This e-mail address is taken' },
  message_id_taken: { status: 409, title: 'This message id belongs to another message' },
  conversation_id_taken: { status: 409, title: 'This conversation id belongs to somebody else' },
  last_owner: { status: 409, title: 'A group needs an owner' },
  gone: { status: 410, title: 'This is no longer kept' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  quota_exceeded: { status: 413, title: 'Your space is used up' },
  unsupported_media_type: { status: 415, title: 'This media type is not supported' },
  range_not_satisfiable: { status: 416, title: 'The file has no such part' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on the server' },
  unavailable: { status: 503, title: 'The service is not available right now' },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof problemCodes
export const errorCodes = Object.keys(problemCodes) as ErrorCode[]

export const FieldError = z.object({
  path: z.string().describe('Where the mistake is, such as `body.username`'),
  message: z.string(),
})
export type FieldError = z.infer<typeof FieldError>

/** RFC 9457 problem details; clients switch on `code`. */
export const Problem = z
  .object({
    type: z.string().describe('A URI reference that names the kind of problem'),
    title: z.string(),
    status: z.int(),
    code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
    detail: z.string().optional(),
    errors: z.array(FieldError).optional().describe('Every mistake of the request at once'),
    requestId: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' })
export type Problem = z.infer<typeof Problem>

/** The problem a reply carries for `code`; `requestId` ties it to the server's logs. */
export function toProblem(
  code: ErrorCode,
  {
    requestId,
    detail,
    errors,
  }: { requestId: string; detail?: string | undefined; errors?: FieldError[] | undefined },
): Problem {
  const { status, title } = problemCodes[code]
  return {
    type: `/problems/${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined ? {} : { errors }),
    requestId,
  }
}
