export { type Avatar, toAvatar } from './to-avatar.ts'
export { UnreadableImage } from './unreadable-image.ts'
