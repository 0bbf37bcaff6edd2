export type MailedLink = { page: 'reset-password' | 'verify-email'; token: string }

/** Links in mails open in a browser, whose app reads them. */
export const takeMailedLink = (): MailedLink | null => null
