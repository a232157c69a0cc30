/** Picture files in Node: read as every viewer shows them, alone and in folders; PNG written. */
export type { PictureClass, PictureFolder, SkippedEntry } from './picture-folder.ts'
export { pictureFolder } from './picture-folder.ts'
export { decodePicture, readPicture, writePng } from './pictures.ts'
