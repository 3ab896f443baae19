import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/terminal/gate.ts';

describe('the gate', () => {
  it('lets one frame go and the next when the terminal has answered', () => {
    const gate = new Gate();
    expect(gate.wait(0)).toBe(0);
    gate.asked(0);
    expect(gate.wait(10)).toBeGreaterThan(0);
    gate.answered(120);
    expect(gate.wait(120)).toBe(0);
    expect(gate.roundTrip).toBe(120);
  });

  it('goes on without answers when the terminal has never given one within three seconds', () => {
    const gate = new Gate();
    gate.asked(0);
    expect(gate.wait(2999)).toBe(1);
    expect(gate.wait(3000)).toBe(0);
    expect(gate.mute).toBe(true);
    expect(gate.wait(3001)).toBe(0);
  });

  it('asks a mute terminal again now and then, and waits again once it has answered', () => {
    const gate = new Gate();
    gate.asked(0);
    gate.wait(3000);
    expect(gate.shouldAsk(3000)).toBe(true);
    gate.asked(3000);
    expect(gate.shouldAsk(3100)).toBe(false);
    expect(gate.shouldAsk(6000)).toBe(true);
    gate.answered(6100);
    expect(gate.mute).toBe(false);
    expect(gate.outstanding).toBe(0);
    gate.asked(6200);
    expect(gate.wait(6300)).toBeGreaterThan(0);
  });

  it('takes a terminal that has answered before for slow, and lets one frame go each three seconds', () => {
    const gate = new Gate();
    gate.asked(0);
    gate.answered(10);
    gate.asked(1000);
    expect(gate.wait(4000)).toBe(0);
    expect(gate.mute).toBe(false);
    gate.asked(4000);
    expect(gate.wait(4001)).toBe(2999);
    gate.answered(5000);
    expect(gate.wait(5000)).toBeGreaterThan(0);
    gate.answered(5500);
    expect(gate.wait(5500)).toBe(0);
    expect(gate.roundTrip).toBe(1500);
  });

  it('gives up on a terminal that has answered before only after several silences', () => {
    const gate = new Gate();
    gate.asked(0);
    gate.answered(10);
    for (let i = 1; i <= 4; i++) {
      expect(gate.mute).toBe(false);
      gate.asked(i * 10_000);
      expect(gate.wait(i * 10_000 + 3000)).toBe(0);
    }
    expect(gate.mute).toBe(true);
  });
});
