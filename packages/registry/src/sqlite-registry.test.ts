import { existsSync } from 'node:fs'
import { describeRegistry } from './registry.contract.js'
import { openSqliteRegistry } from './index.js'
describeRegistry('sqlite in memory', openSqliteRegistry)
