import { AppError } from '@finnigram/service-kit'

/** As Expo writes them: in brackets, or a UUID. */
const expoToken =
  /^(Expo(nent)?PushToken\[[^\s[\]]+\]|[\da-z]{8}-[\da-z]{4}-[\da-z]{4}-[\da-z]{4}-[\da-z]{12})$/i

/** Expo takes many people's notifications in one call, and refuses the whole call for what is no token. Throws `validation_failed`. */
export function requireExpoToken(token: string): void {
  if (expoToken.test(token)) return
  const error = { path: 'body.token', message: 'Must be an Expo push token, such as ExponentPushToken[…]' }
  throw new AppError('validation_failed', { errors: [error] })
}
