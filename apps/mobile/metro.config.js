const { getDefaultConfig } = require('expo/metro-config')

const config = getDefaultConfig(__dirname)

/**
 * Imports name their file in full (`./store.ts`); Metro would then take exactly that file and never look for
 * `store.web.ts`. Without the ending it tries the platform's file first, as it does for every other app.
 */
config.resolver.resolveRequest = (context, name, platform) =>
  context.resolveRequest(context, name.replace(/^(\.{1,2}\/.*)\.tsx?$/, '$1'), platform)

module.exports = config
