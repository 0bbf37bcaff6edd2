export { type ImageType, imageType } from './image-type.ts'
export { type PreparedImage, prepareImage } from './prepare-image.ts'
export { type Avatar, toAvatar } from './to-avatar.ts'
export { UnreadableImage } from './unreadable-image.ts'
