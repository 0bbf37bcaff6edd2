const { getDefaultConfig } = require('expo/metro-config')

const config = getDefaultConfig(__dirname)

/**
 * Imports name their file in full (`./store.ts`); Metro would then take exactly that file and never
 * look for `store.web.ts`. Without the ending it tries the platform's file first, as it does for
 * every other app.
 *
 * Zod brings the messages of all its languages as one module, a fifth of the bundle; its English
 * ones come by themselves.
 */
config.resolver.resolveRequest = (context, name, platform) =>
  name === '../locales/index.js' && /[\\/]zod[\\/]/.test(context.originModulePath)
    ? { type: 'empty' }
    : context.resolveRequest(context, name.replace(/^(\.{1,2}\/.*)\.tsx?$/, '$1'), platform)

module.exports = config
