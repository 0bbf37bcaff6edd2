/** Phones have no address bar: after sign-in the app opens its conversation list. */
export function saveReturnPath(): void {}

export function clearReturnPath(): void {}

export function restoreReturnPath(): void {}

export type EmailLink = { page: 'reset-password' | 'verify-email'; token: string }

/** Email links open in a browser; the web app reads them. */
export const readEmailLink = (): EmailLink | null => null

/** Phones have no page title. */
export function setPageTitle(_title: string): void {}
