// A gateway in a process of its own.
import { loopbackGateway } from '../loopback-gateway.js'
import { serveCommands } from './program.js'

const gateway = await loopbackGateway()

serveCommands({
  addresses: () => ({ edges: gateway.edgeAddress, services: gateway.serviceAddress }),
})
