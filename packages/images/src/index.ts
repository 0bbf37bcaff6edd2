export {
  type ImageType,
  imageType,
  type MovieType,
  mediaType,
  movieType,
  type RareImageType,
  rareImageType,
  UnreadableImage,
} from './image-type.ts'
export { createPictures, type PictureHost, type Pictures } from './pictures.ts'
export type { PreparedImage } from './prepare-image.ts'
export { type Avatar, avatarVersion, largestAvatar, type StoredPicture } from './to-avatar.ts'
