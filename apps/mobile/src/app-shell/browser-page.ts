/** Phones keep no address bar: after signing in the app begins at its list. */
export function saveReturnPath(): void {}

export function clearReturnPath(): void {}

export function restoreReturnPath(): void {}

export type EmailLink = { page: 'reset-password' | 'verify-email'; token: string }

/** Links in mails open in a browser, whose app reads them. */
export const readEmailLink = (): EmailLink | null => null

/** Phones have no page title. */
export function setPageTitle(_title: string): void {}
