import * as z from 'zod';
import { verdictOrder } from '../cluster/finding.ts';
import type { VerdictCode } from '../cluster/state.ts';

// Convention as in the cluster file: the error text of every rule is the phrase that follows "expected" in a message.

const text = (expected: string, max: number) =>
  z
    .string(expected)
    .min(1, expected)
    .max(max, expected)
    .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/, expected);

const name = () =>
  z
    .string('a name of small letters, digits and dashes')
    .max(40, 'a name of at most 40 letters')
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'a name of small letters, digits and dashes');

const rolePhrase = 'master, backup, web.first, web.second, web.last or the name of a node';
const role = () =>
  z.string(rolePhrase).regex(/^(?:web\.(?:first|second|last)|[A-Za-z0-9][A-Za-z0-9._-]{0,62})$/, rolePhrase);

/** The figures that can be computed from the pair's own settings; what each means stands in `budget.ts`. */
export const BUDGETS = [
  'failover',
  'crash',
  'start',
  'restart',
  'failback',
  'lowered',
  'check',
  'give-up',
  'notice',
  'split',
] as const;
export type BudgetName = (typeof BUDGETS)[number];

const durationPhrase = 'a duration such as 300ms, 5s or 2m';
const duration = () =>
  z.union(
    [
      z.number(durationPhrase).nonnegative(durationPhrase).max(3600, 'at most an hour'),
      z.string(durationPhrase).regex(/^\d{1,6}(?:\.\d{1,3})?\s*(?:ms|s|m)$/, durationPhrase),
    ],
    durationPhrase,
  );
const withinPhrase = `${durationPhrase}, or a budget (${BUDGETS.join(', ')})`;
const within = () => z.union([z.enum(BUDGETS, withinPhrase), duration()], withinPhrase);

const services = ['nginx', 'keepalived', 'web'] as const;
const verbs = ['start', 'stop', 'restart', 'reload', 'kill', 'freeze', 'thaw'] as const;
const special = [
  'out-of-service',
  'back-in-service',
  'set-aside-nginx-conf',
  'put-back-nginx-conf',
  'lower-priority',
  'restore-priority',
] as const;
type ActWord = `${(typeof verbs)[number]} ${(typeof services)[number]}` | (typeof special)[number];
/** Everything a step can do, as it is written. */
export const ACTS: readonly ActWord[] = [
  ...verbs.flatMap((verb) => services.map((service) => `${verb} ${service}` as const)),
  ...special,
];

const act = () => z.enum(ACTS as [ActWord, ...ActWord[]], `an act (${ACTS.join(', ')})`);

const codes = verdictOrder.map((row) => row.code) as [VerdictCode, ...VerdictCode[]];
const verdictPhrase = `a verdict (${codes.join(', ')})`;
const verdict = () => z.enum(codes, verdictPhrase);
const verdicts = () => z.array(verdict(), 'a list of verdicts').min(1, 'at least one verdict');
const lines = ['restart', 'killall', 'gave-up', 'note'] as const;
const line = () => z.enum(lines, `a kind of check-log line (${lines.join(', ')})`);
const service = () => z.enum(services, 'nginx, keepalived or web');
const holder = () => z.union([z.literal('nobody'), role()], `${rolePhrase}, or nobody`);
const flag = () => z.boolean('true or false');
const stepId = () => name().describe('name of a step');

const condition = z.union(
  [
    z.strictObject({ holder: holder().describe('all VIPs proven there and nowhere else; nobody: proven on none') }),
    z.strictObject({
      both: z.literal(true, 'true').describe('two load balancers hold the VIPs for more than a second'),
    }),
    z.strictObject({ verdict: verdicts().describe('the console’s verdict is one of these') }),
    z.strictObject({ running: service().describe('it runs'), on: role() }),
    z.strictObject({ stopped: service().describe('it does not run, and no process is left'), on: role() }),
    z.strictObject({ answers: z.enum(['good', 'bad'], 'good or bad').describe('every VIP answers so') }),
    z.strictObject({ line: line().describe('such a line came into the check log since the step began'), on: role() }),
  ],
  'a mapping with holder, both, verdict, running, stopped, answers or line',
);

const id = { id: stepId().optional() };
const stepSchema = z.union(
  [
    z.strictObject({
      act: act().describe('what is done'),
      on: role().describe('on which node'),
      ...id,
    }),
    z.strictObject({
      wait: condition.describe('what is waited for; when it does not come the drill ends here and is restored'),
      within: within().describe('at most so long'),
      ...id,
    }),
    z.strictObject({ hold: duration().describe('nothing is done for so long'), ...id }),
  ],
  'a step: a mapping with act, wait or hold',
);
const steps = () => z.array(stepSchema, 'a list of steps').max(40, 'at most 40 steps');

const bounds = (of: () => z.ZodType<number | string>, expected: string) =>
  z.strictObject({ atLeast: of().optional(), atMost: of().optional() }, expected);
const count = () => z.int('a whole number').min(0, 'a whole number').max(1_000_000, 'a whole number');
const share = () => z.number('a share from 0 to 1').min(0, 'a share from 0 to 1').max(1, 'a share from 0 to 1');

const common = {
  after: stepId().optional().describe('counted from the begin of this step; default: the first act of the method'),
  until: stepId().optional().describe('up to the begin of this step; default: the end of the method'),
  tolerance: duration().optional().describe('by how much a time may miss its bounds; default: 100ms'),
  check: z
    .enum(['moves', 'kills'], 'moves or kills')
    .optional()
    .describe(
      'only where the check script can move the VIPs by its weight (moves), or only by killing keepalived (kills)',
    ),
};
const expectationSchema = z.union(
  [
    z.strictObject({ holder: holder(), within: within(), ...common }),
    z.strictObject({
      outage: z.union(
        [z.enum(BUDGETS, withinPhrase), bounds(duration, 'a mapping with atLeast and atMost')],
        withinPhrase,
      ),
      ...common,
    }),
    z.strictObject({
      lost: z.strictObject({
        atMost: count().optional(),
        shareAtLeast: share().optional(),
        shareAtMost: share().optional(),
      }),
      ...common,
    }),
    z.strictObject({
      rotation: z.union(
        [
          z.literal('all'),
          z.strictObject({ served: z.array(role()).default([]), absent: z.array(role()).default([]) }),
        ],
        'all, or a mapping with served and absent',
      ),
      ...common,
    }),
    z.strictObject({ line: line(), on: role(), within: within().optional(), ...common }),
    z.strictObject({
      service: service(),
      on: role(),
      is: z.array(z.enum(['active', 'inactive', 'failed'], 'active, inactive or failed')).min(1, 'at least one state'),
      frozen: flag().optional(),
      within: within().optional(),
      ...common,
    }),
    z.strictObject({
      moves: z.union(
        [count(), bounds(count as never, 'a mapping with atLeast and atMost')],
        'a number, or a mapping with atLeast and atMost',
      ),
      ...common,
    }),
    z.strictObject({ splitBrain: flag(), ...common }),
    z.strictObject({ blip: duration().describe('no answer lost for longer than this around each move'), ...common }),
    z.strictObject({ verdict: verdicts(), within: within().optional(), ...common }),
    z.strictObject({ download: z.enum(['cut', 'whole'], 'cut or whole'), ...common }),
  ],
  'an expectation: a mapping with holder, outage, lost, rotation, line, service, moves, splitBrain, blip, verdict or download',
);

const tolerances = ['outage', 'no-holder', 'split-brain', 'web-down'] as const;

/** A drill as it is written: the one source of the type, the checks and the published JSON schema. */
export const drillSchema = z
  .strictObject(
    {
      $schema: z.string('the address of a JSON schema').optional().describe('for editors; ignored'),
      name: name().describe('what it is called: drill run NAME'),
      title: text('a title of one line, at most 120 letters', 120).describe('one line'),
      shows: text('a text of at most 1000 letters', 1000).describe('what it teaches'),
      tutorial: text('a text of at most 1000 letters', 1000)
        .optional()
        .describe('what the tutorial says should be seen'),
      reality: text('a text of at most 1000 letters', 1000).optional().describe('what keepalived really does'),
      gate: z
        .strictObject(
          {
            verdicts: verdicts().default(['healthy']).describe('the verdicts with which it may begin'),
            backup: z
              .enum(['ready', 'any'], 'ready or any')
              .default('ready')
              .describe('whether a backup must stand ready'),
            steady: duration().default('30s').describe('for how long nothing may have changed'),
            check: z
              .enum(['needed', 'any'], 'needed or any')
              .default('any')
              .describe('whether the load balancers must have a check script'),
          },
          'a mapping of conditions',
        )
        .prefault({})
        .describe('the state in which it may begin'),
      steady: z
        .strictObject(
          {
            verdicts: verdicts().default(['healthy']).describe('the verdict before, and again after the restore'),
            rotation: flag().default(true).describe('whether every web node must serve'),
          },
          'a mapping of conditions',
        )
        .prefault({})
        .describe('the steady-state hypothesis: every VIP answers, before and after'),
      parts: z
        .array(name(), 'a list of drills')
        .min(1, 'at least one drill')
        .max(12, 'at most 12 drills')
        .optional()
        .describe('other drills in a row, one restore at the end; then it has no steps of its own'),
      setup: steps()
        .default([])
        .describe('brings about the state in which the method begins; as part of a tour it is left out'),
      start: z
        .strictObject(
          { verdicts: verdicts().optional(), holder: holder().optional() },
          'a mapping with verdicts and holder',
        )
        .optional()
        .describe('the state after the setup; also what a tour must have come to before this part'),
      method: steps().default([]).describe('what is done'),
      expect: z
        .array(expectationSchema, 'a list of expectations')
        .max(40, 'at most 40 expectations')
        .default([])
        .describe('what must be found'),
      restore: z
        .array(z.strictObject({ act: act(), on: role() }, 'a mapping with act and on'), 'a list of acts')
        .max(20, 'at most 20 acts')
        .default([])
        .describe('done after the computed restore, which undoes what was done'),
      tolerates: z
        .array(z.enum(tolerances, `one of ${tolerances.join(', ')}`), 'a list')
        .default([])
        .describe('what does not end the drill, because it is meant'),
      download: flag().default(false).describe('a long download runs through the first VIP meanwhile'),
    },
    'a mapping with name, title, shows and method',
  )
  .describe('haconsole drill');

/** A drill after parsing: defaults filled in, roles and durations not yet resolved. */
export type Drill = z.infer<typeof drillSchema>;
/** A drill as a person writes it: what has a default may be left out. */
export type DrillSource = z.input<typeof drillSchema>;
export type DrillStep = Drill['method'][number];
export type DrillExpectation = Drill['expect'][number];
export type DrillWait = Extract<DrillStep, { wait: unknown }>['wait'];
export type Act = (typeof ACTS)[number];
