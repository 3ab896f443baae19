/** Milliseconds of skew: (256 − priority)/256 of a second. RFC 3768 6.1; keepalived `VRRP_TIMER_SKEW` for VRRPv2. */
export const skewMs = (priority: number): number => ((256 - priority) / 256) * 1000;

/** Milliseconds without an advert after which a backup takes over: 3 × advert interval + skew. */
export const masterDownMs = (advertSeconds: number, priority: number): number =>
  3 * advertSeconds * 1000 + skewMs(priority);

/**
 * How long a VIP may be without a holder before that is an outage and not a failover: 3 × advert + the largest skew
 * (that of the lowest priority known, else of 100) + 1 s.
 */
export const failoverBudgetMs = (advertSeconds: number, priorities: number[]): number =>
  masterDownMs(advertSeconds, priorities.length > 0 ? Math.min(...priorities) : 100) + 1000;
