import { certificate } from './certificates.mjs'
import { host, password, username } from './setting.mjs'

/** The environment of what compose.yaml starts: the same variables that the brokers of this machine have. */
export const composeEnv = {
  KAFKA_BROKERS: host(29092),
  KAFKA_SASL_BROKERS: host(29094),
  KAFKA_SASL_USERNAME: username,
  KAFKA_SASL_PASSWORD: password,
  RABBITMQ_URL: `amqp://guest:guest@${host(29672)}`,
  RABBITMQ_TLS_URL: `amqps://guest:guest@${host(29671, 'localhost')}`,
  NATS_URL: `nats://${host(29222)}`,
  NATS_MONITOR: `http://${host(29223)}`,
  NATS_USER_URL: `nats://${host(29224)}`,
  NATS_USER: username,
  NATS_PASSWORD: password,
  NATS_TOKEN_URL: `nats://${host(29225)}`,
  NATS_TOKEN: password,
  NATS_TLS_URL: `tls://${host(29226, 'localhost')}`,
  NSQD_TCP: `${host(29150)},${host(29152)}`,
  NSQD_HTTP: `${host(29151)},${host(29153)}`,
  NSQLOOKUPD_HTTP: host(29161),
  REDIS_URL: `redis://${host(29379)}`,
  REDIS_AUTH_URL: `redis://${username}:${password}@${host(29380)}`,
  REDIS_DEFAULT_PASSWORD: 'default-secret',
  REDIS_TLS_URL: `rediss://${host(29381, 'localhost')}`,
  BROKERS_CA: certificate('ca.pem'),
}
