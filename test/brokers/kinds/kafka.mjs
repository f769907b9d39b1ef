import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { certificate } from '../certificates.mjs'
import { aptInstall, build, built, isBuilt, run, which } from '../install-tools.mjs'
import { dataFolder, takePorts } from '../ports.mjs'
import { kafka } from '../probes.mjs'
import { host, password, username } from '../setting.mjs'

export const names = ['kafka']
const VERSION = '3.9.2'
const dist = `kafka-${VERSION}`
const classes = `${dist}-classes`

// The published broker comes without a log backend.
const pom = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>frontier.test</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`
const log4j = `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c{2} %m%n
`

export function missing() {
  if (!isBuilt(dist)) return `kafka ${VERSION}`
  return which('java') === undefined ? 'java' : undefined
}

export async function install() {
  if (which('java') === undefined) await aptInstall('openjdk-17-jre-headless')
  await build(dist, async (folder) => {
    if (which('mvn') === undefined) await aptInstall('maven')
    writeFileSync(path.join(folder, 'pom.xml'), pom)
    const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${path.join(folder, 'jars')}`]
    await run('mvn', ['-q', '-B', '-f', path.join(folder, 'pom.xml'), ...copy])
    writeFileSync(path.join(folder, 'log4j.properties'), log4j)
    // The log is formatted once, users included: each broker begins with a copy of that.
    const properties = path.join(folder, 'format.properties')
    writeFileSync(properties, configuration([1, 2, 3, 4, 5], path.join(folder, 'formatted')))
    const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((kind) => ['--add-scram', `${kind}=[name=${username},password=${password}]`])
    await run('java', [...java(folder), 'kafka.tools.StorageTool', 'format', '-t', 'RnJvbnRpZXJCcm9rZXJzMQ', '-c', properties, ...users])
  })
  await build(classes, keepClasses)
}

/** Keeps the classes that a broker loads as the JVM has them in memory: a start takes 2.0 s with them, 4.4 s without, on two busy cores. */
async function keepClasses(/** @type {string} */ folder) {
  const base = await takePorts()
  const data = dataFolder(base)
  try {
    const [plan] = describe('kafka', { ports: Array.from({ length: 5 }, (_, index) => base + index), data }).processes
    const [program = '', ...args] = plan?.command ?? []
    await plan?.prepare?.()
    const child = spawn(program, [`-XX:ArchiveClassesAtExit=${path.join(folder, 'archive')}`, ...args], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
    while (child.exitCode === null && child.signalCode === null && !(await plan?.ready().then(() => true, () => false))) await delay(100)
    child.kill()
    await ended
    clearTimeout(late)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** The serial collector and the first compiler alone keep the JVM small, and its start short. */
function java(/** @type {string} */ folder) {
  const log = `-Dlog4j.configuration=file:${path.join(folder, 'log4j.properties')}`
  return [log, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx512m', '-cp', path.join(folder, 'jars', '*')]
}

function configuration(/** @type {readonly number[]} */ [plain = 0, sasl = 0, tls = 0, controller = 0, mtls = 0], /** @type {string} */ log) {
  const login = 'org.apache.kafka.common.security'
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${host(controller)}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAIN
listeners=PLAIN://${host(plain)},SASL://${host(sasl)},TLS://${host(tls)},MTLS://${host(mtls)},CONTROLLER://${host(controller)}
advertised.listeners=PLAIN://${host(plain)},SASL://${host(sasl)},TLS://${host(tls, 'localhost')},MTLS://${host(mtls, 'localhost')}
listener.security.protocol.map=PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,MTLS:SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${username}="${password}";
listener.name.sasl.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.mtls.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location=${certificate('server-all.pem')}
ssl.truststore.type=PEM
ssl.truststore.location=${certificate('ca.pem')}
log.dirs=${log}
# one copy, few partitions, no waiting for more members, members missed soon: quick starts and rebalances
default.replication.factor=1
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=4000
log.cleaner.dedupe.buffer.size=4194304
`
}

/** @type {import('../kind.d.ts').Describe} */
export function describe(_name, { ports, data }) {
  const [plain = 0, sasl = 0, tls = 0, , mtls = 0] = ports
  const properties = path.join(data, 'server.properties')
  const log = path.join(data, 'log')
  const secure = host(tls, 'localhost')
  // Old Javas write none; another Java than the one that wrote it goes on without.
  const archive = built(classes, 'archive')
  const shared = existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xshare:auto', '-Xlog:cds=off', '-Xlog:cds+dynamic=off'] : []
  return {
    processes: [
      {
        name: 'kafka',
        prepare() {
          cpSync(built(dist, 'formatted'), log, { recursive: true })
          writeFileSync(properties, configuration(ports, log))
        },
        command: [which('java') ?? 'java', ...shared, ...java(built(dist)), 'kafka.Kafka', properties],
        ready: () => kafka(plain),
      },
    ],
    address: host(plain),
    credentials: { username, password },
    tls: secure,
    env: {
      KAFKA_BROKERS: host(plain),
      KAFKA_SASL_BROKERS: host(sasl),
      KAFKA_SASL_USERNAME: username,
      KAFKA_SASL_PASSWORD: password,
      KAFKA_TLS_BROKERS: secure,
      KAFKA_MTLS_BROKERS: host(mtls, 'localhost'),
    },
  }
}
