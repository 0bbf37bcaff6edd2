/** Phones have no page title. */
export function setPageTitle(_title: string): void {}
