import type { EdgeFilter, Paging, PeerFilter, ServiceFilter } from '@frontier/registry'

const DEFAULT_PAGE_SIZE = 10
const SECOND_MS = 1000
/** Largest moment of a Date, in seconds: times beyond it are as good as it. */
const LAST_SECOND = 8_640_000_000_000n

interface PagedRequest {
  page: bigint
  pageSize: bigint
}

interface TimedRequest {
  startTime?: bigint | undefined
  endTime?: bigint | undefined
}

/** What is not above 0 has its default, each for itself. */
export function pagingOf({ page, pageSize }: PagedRequest): Paging {
  return { page: page > 0n ? Number(page) : 1, pageSize: pageSize > 0n ? Number(pageSize) : DEFAULT_PAGE_SIZE }
}

/** An end of 0 is no end: clients that always send both mean "any time". */
export function timesOf({ startTime, endTime }: TimedRequest): Pick<PeerFilter, 'startAt' | 'endAt'> {
  return {
    startAt: startTime === undefined ? undefined : milliseconds(startTime),
    endAt: endTime === undefined || endTime === 0n ? undefined : milliseconds(endTime),
  }
}

/** The conditions of a request about edges; empty ones are none. */
export function edgeFilterOf(
  request: TimedRequest & { meta?: string | undefined; addr?: string | undefined; rpc?: string | undefined; edgeId?: bigint | undefined },
): EdgeFilter {
  const { meta, addr, rpc, edgeId } = request
  return { ...timesOf(request), metaPrefix: given(meta), addressPrefix: given(addr), method: given(rpc), edgeId }
}

/** As {@link edgeFilterOf}. */
export function serviceFilterOf(
  request: TimedRequest & {
    service?: string | undefined
    addr?: string | undefined
    rpc?: string | undefined
    topic?: string | undefined
    serviceId?: bigint | undefined
  },
): ServiceFilter {
  const { service, addr, rpc, topic, serviceId } = request
  return { ...timesOf(request), namePrefix: given(service), addressPrefix: given(addr), method: given(rpc), topic: given(topic), serviceId }
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function milliseconds(seconds: bigint): number {
  const bounded = seconds > LAST_SECOND ? LAST_SECOND : seconds < -LAST_SECOND ? -LAST_SECOND : seconds
  return Number(bounded) * SECOND_MS
}
