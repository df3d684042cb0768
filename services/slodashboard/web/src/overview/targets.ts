// The targets that the slider of an objective offers: from an eighth of its own target to eight times it, in equal ratios.

export const steps = 21; // on each side of the objective's own target

const doublings = 3;

/** Returns the target, in the unit of own, at a step from -steps to steps, with two significant digits. Step 0 is exactly own. */
export function targetAt(own: number, step: number): number {
  return step === 0 ? own : Number((own * 2 ** ((doublings * step) / steps)).toPrecision(2));
}
