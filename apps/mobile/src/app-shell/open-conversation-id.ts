type Routes = { routes: readonly { name: string; params?: object | undefined }[] }

/** The conversation that is open, on top or beside the list. */
export function openConversationId({ routes }: Routes): string | undefined {
  const params = routes.findLast(({ name }) => name === 'chat' || name === 'details')?.params
  return params !== undefined && 'id' in params && typeof params.id === 'string' ? params.id : undefined
}
