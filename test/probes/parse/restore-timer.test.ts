import { describe, expect, test } from 'vitest';
import { RESTORE_UNIT } from '../../../src/actions/catalog.ts';
import { parseRestoreTimer, RESTORE_UNITS, spanSeconds } from '../../../src/probes/parse/restore-timer.ts';
import { parseSystemctlShow } from '../../../src/probes/parse/systemctl-show.ts';
import { sample, samples } from '../samples.ts';

const shown = (state: string): string => sample(`lb2.systemctl-show-restore.${state}`).text;
/** As the agent brings it: blank lines are lost on the way. */
const dense = (text: string): string => text.replace(/\n{2,}/g, '\n');
/** The node's uptime, s, when the sample was taken. */
const uptime = { armed: 14900.42, day: 14913.4 };

describe.each([
  ['as systemctl prints it', (text: string) => text],
  ['without blank lines', dense],
])('the restore timer, %s', (_, form) => {
  test('is armed: when it fires, what it starts, who armed it and when', () => {
    const found = parseRestoreTimer(form(shown('armed')), uptime.armed);
    expect(found).toMatchObject({
      ok: true,
      value: { units: ['nginx', 'keepalived'], by: 'ops@laptop, 2026-11-23 18:42:48 UTC' },
    });
    const left = found.ok && found.value ? found.value.left : 0;
    expect(left).toBeGreaterThan(297);
    expect(left).toBeLessThan(300);
  });

  test('may fire a day from now', () => {
    const found = parseRestoreTimer(form(shown('day')), uptime.day);
    expect(found).toMatchObject({ ok: true, value: { units: ['apache2'], by: 'ops@laptop' } });
    expect(Math.round((found.ok && found.value?.left) || 0)).toBe(86_400);
  });

  test.each(['absent', 'failed'])('is not there: %s', (state) => {
    expect(parseRestoreTimer(form(shown(state)), 14900)).toEqual({ ok: true, value: null });
  });

  test('is somebody else’s: what it starts is no service', () => {
    expect(parseRestoreTimer(form(shown('running-foreign')), 14905)).toMatchObject({ ok: false });
  });

  test('has fired, and what it starts is still starting: no time is left', () => {
    const text = shown('running-foreign').replace('/usr/bin/sleep 3', '/usr/bin/systemctl start nginx');
    expect(parseRestoreTimer(form(text), 14905)).toMatchObject({ ok: true, value: { left: 0, units: ['nginx'] } });
  });

  test('takes no property from the services before it, and gives them none', () => {
    for (const { text } of samples('systemctl-show-restore')) {
      const units = parseSystemctlShow(form(text), 14900);
      expect(units.ok && units.value.slice(0, 2).map(({ unit }) => [unit.id, unit.active, unit.mainPid > 0])).toEqual([
        ['nginx.service', 'active', true],
        ['keepalived.service', 'active', true],
      ]);
    }
  });
});

describe('the restore timer', () => {
  test('that cannot be timed is unknown, not absent', () => {
    const armed = shown('armed');
    expect(parseRestoreTimer(armed, undefined)).toMatchObject({ ok: false, failure: { step: 'parse' } });
    expect(parseRestoreTimer(armed, 20)).toMatchObject({ ok: false });
    expect(parseRestoreTimer(armed, 99_999)).toMatchObject({ ok: false });
    expect(parseRestoreTimer(armed.replace(/^NextElapse.*$/m, ''), uptime.armed)).toMatchObject({ ok: false });
    expect(parseRestoreTimer('', 1)).toMatchObject({ ok: false });
  });

  test('that has fired stays loaded before systemd 229, and is not armed', () => {
    const old = shown('armed').replace('SubState=waiting', 'SubState=elapsed');
    expect(parseRestoreTimer(old, uptime.armed)).toEqual({ ok: true, value: null });
  });

  test('is called by one name where it is armed and where it is read', () => {
    expect(RESTORE_UNITS).toEqual([`${RESTORE_UNIT}.service`, `${RESTORE_UNIT}.timer`]);
  });

  test('says who armed it without control signs', () => {
    const evil = shown('armed').replaceAll(/^Description=.*$/gm, 'Description=\u001b]0;owned\u0007 x');
    expect(JSON.stringify(parseRestoreTimer(evil, uptime.armed))).not.toMatch(/\\u00[01]/);
  });
});

test.each([
  ['3h 37min 37.936260s', 13_057.93626],
  ['1d 3h 34min 46.446519s', 99_286.446519],
  ['1month 2w 1d', 2_629_800 + 15 * 86_400],
  ['500ms', 0.5],
  ['1y 30us', 31_557_600.00003],
  ['infinity', undefined],
  ['', undefined],
  ['5 min', undefined],
])('a time span of systemd is read: %s', (text, seconds) => {
  const read = spanSeconds(text);
  if (seconds === undefined) expect(read).toBeUndefined();
  else expect(read).toBeCloseTo(seconds, 5);
});
