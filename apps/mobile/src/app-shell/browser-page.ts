/** Phones keep no address bar: after signing in the app begins at its list. */
export function rememberAddress(): void {}

export function forgetAddress(): void {}

export function restoreAddress(): void {}
