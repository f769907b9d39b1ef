import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { aptInstall, build, built, isBuilt, run, which } from './install-tools.mjs'

const name = 'tls-1'

/** What of the test certificates is missing here. */
export function missingCertificates() {
  return isBuilt(name) ? undefined : 'its test certificates'
}

/** A test CA, and a certificate for a server on loopback and one for a client, all with P-256 keys. */
export async function makeCertificates() {
  if (isBuilt(name)) return
  if (which('openssl') === undefined) await aptInstall('openssl')
  await build(name, async (cwd) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    await run('openssl', ['req', '-x509', ...key, '-days', '3650', '-subj', '/CN=frontier test CA', '-keyout', 'ca.key', '-out', 'ca.pem'], { cwd })
    writeFileSync(path.join(cwd, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1')
    for (const who of ['server', 'client']) {
      await run('openssl', ['req', ...key, '-subj', `/CN=${who}`, '-keyout', `${who}.key`, '-out', `${who}.csr`], { cwd })
      const files = ['-in', `${who}.csr`, '-out', `${who}.pem`, '-extfile', 'names']
      await run('openssl', ['x509', '-req', '-days', '3650', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', ...files], { cwd })
    }
    for (const file of ['server.key', 'client.key']) chmodSync(path.join(cwd, file), 0o644) // brokers in containers are other users
    const parts = ['server.key', 'server.pem', 'ca.pem'].map((file) => readFileSync(path.join(cwd, file), 'utf8'))
    writeFileSync(path.join(cwd, 'server-all.pem'), parts.join(''))
  })
}

/** The path of `ca.pem`, `server.pem`, `server.key`, `server-all.pem`, `client.pem` or `client.key`. */
export function certificate(/** @type {string} */ file) {
  return built(name, file)
}
