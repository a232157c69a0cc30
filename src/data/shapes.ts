export function generateShapes(): never {
  throw new Error()
}
