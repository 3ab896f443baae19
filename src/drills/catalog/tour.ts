import type { DrillSource } from '../drill.ts';

/** The tutorial's five cases in its own order, each going on from where the one before ended. */
export const tour: DrillSource = {
  name: 'tour',
  title: 'The tutorial’s five cases in a row',
  shows: 'The whole life of the pair: normal, failover, outage, return, failback. One restore stands for all of it.',
  parts: ['all-normal', 'lb1-down', 'both-down', 'backup-returns', 'master-returns'],
  gate: { check: 'needed' },
};
