import type { Bytes, Id } from '@frontier/wire'

/** Which part of the matches to hand out: a page by its number, or the one that follows another. */
export interface Paging {
  /** From 1 (default). A page behind the last is empty. */
  page?: number | undefined
  /**
   * The `next` of the page before, given together with the same query. Pages that follow one another this way never show a peer twice and
   * miss none that was online when the first was asked for and stayed, whoever comes and goes meanwhile; who came later is not in them.
   */
  after?: string | undefined
  /** Entries per page, 1 or more (default 100); `Infinity` = all on one page. */
  pageSize?: number | undefined
}

/** Which peers; what is absent does not matter, what is given holds together (AND). Prefixes are case-sensitive and have no wildcards. */
export interface PeerFilter {
  addressPrefix?: string | undefined
  /** Those that have registered exactly this method. */
  method?: string | undefined
  /** Those that have at least these labels, with these values. */
  labels?: Readonly<Record<string, string>> | undefined
  /** Those that came online at this moment or later, in Unix milliseconds. */
  startAt?: number | undefined
  /** Those that came online before this moment, in Unix milliseconds. */
  endAt?: number | undefined
}

/** Which edges. */
export interface EdgeFilter extends PeerFilter {
  edgeId?: Id | undefined
  /** A string stands for its UTF-8 bytes. */
  metaPrefix?: Bytes | undefined
  /** Those whose meta has these bytes anywhere. Has to look at every meta: tens of milliseconds among 100,000 edges. */
  metaContains?: Bytes | undefined
}

/** Which services. */
export interface ServiceFilter extends PeerFilter {
  serviceId?: Id | undefined
  /** Exactly this name. */
  name?: string | undefined
  namePrefix?: string | undefined
  /** Those that receive exactly this topic. */
  topic?: string | undefined
}

/** Ascending or descending. */
export type Direction = 'asc' | 'desc'

/** What edges can be ordered by; `meta` bytewise, by its first 256 bytes. */
export type EdgeOrder = 'at' | 'edgeId' | 'address' | 'meta'

/** What services can be ordered by; text by its code points. */
export type ServiceOrder = 'at' | 'serviceId' | 'address' | 'name'

/** Which edges, in which order (default: who came last comes first). Equals are ordered by id, so that pages never overlap. */
export interface EdgeQuery extends EdgeFilter, Paging {
  /** 'at' by default. */
  orderBy?: EdgeOrder | undefined
  /** 'desc' by default, whatever the field. */
  direction?: Direction | undefined
}

/** Which services, in which order; as {@link EdgeQuery}. */
export interface ServiceQuery extends ServiceFilter, Paging {
  orderBy?: ServiceOrder | undefined
  direction?: Direction | undefined
}

/** Distinct names among some edges, in the order of their code points, ascending unless said otherwise. */
export interface EdgeNamesQuery extends EdgeFilter, Paging {
  direction?: Direction | undefined
}

/** Distinct names among some services; as {@link EdgeNamesQuery}. */
export interface ServiceNamesQuery extends ServiceFilter, Paging {
  direction?: Direction | undefined
}

/** One page of an answer. */
export interface Page<T> {
  items: T[]
  /** How many matches there are now on all pages together. */
  count: number
  /** What to ask for the page that follows with (`after`); undefined on the last one. */
  next: string | undefined
}
