/** Phones keep no address bar: after signing in the app begins at its list. */
export function rememberAddress(): void {}

export function forgetAddress(): void {}

export function restoreAddress(): void {}

export type MailedLink = { page: 'reset-password' | 'verify-email'; token: string }

/** Links in mails open in a browser, whose app reads them. */
export const takeMailedLink = (): MailedLink | null => null

/** Phones have no page title. */
export function setPageTitle(_title: string): void {}
