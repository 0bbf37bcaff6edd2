import './src/providers/crypto-polyfill.ts'
import { registerRootComponent } from 'expo'
import { createElement } from 'react'
import { App } from './src/app.tsx'
import { createAppClient } from './src/providers/client-provider.tsx'

const client = createAppClient()
registerRootComponent(() => createElement(App, { client }))
