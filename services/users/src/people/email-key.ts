/** The form in which e-mail addresses are compared: providers that tell letter case apart are a museum piece, people who mistype it are not. */
export const emailKey = (email: string): string => email.trim().normalize('NFKC').toLowerCase()
