import { listenAddress, readListenTls, readTokens, type ControlPlaneConfig } from '@frontier/config'
import type { ControlPlaneLogger, ControlPlaneOptions } from '@frontier/controlplane'

/** What the control plane is made with; undefined = it is off. @throws INVALID_ARGUMENT for a file that cannot be read. */
export async function controlSettings(config: ControlPlaneConfig, logger: ControlPlaneLogger): Promise<ControlPlaneOptions | undefined> {
  if (!config.enable) return undefined
  const { listen, auth, audit, max_body_bytes: maxBodyBytes } = config
  return {
    address: listenAddress(listen),
    tls: await readListenTls(listen.tls),
    tokens: await readTokens(auth.tokens),
    certificates: auth.certificates,
    ...(audit.file !== '' && { auditFile: audit.file }),
    maxBodyBytes,
    logger,
  }
}
