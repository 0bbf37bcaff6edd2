export { isEmailAddress, mostAddressBytes, normalizeEmail } from './email-address.ts'
export { fold } from './fold.ts'
export { findTextParts, type TextPart } from './text-parts.ts'
