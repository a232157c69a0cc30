export const tensorflowjsModel = async () => {
  throw new Error('todo')
}
