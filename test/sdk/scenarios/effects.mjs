import { CallError } from '../clients/client.mjs';
import { ProtocolError } from '../backend.mjs';
import { equal, that } from '../report.mjs';

/**
 * Does something and waits until every device named has told of it.
 * @param {() => Promise<any>} action
 * @param {[device: any, event: string | string[], match?: (data: any) => boolean][]} effects Matched against what came after the action began.
 * @returns {Promise<any>} What the action answered.
 */
export async function causes(action, effects) {
  const points = effects.map(([device]) => device.timeline.now);
  const answer = await action();
  await Promise.all(effects.map(([device, event, match], i) => device.timeline.until(event, { from: points[i], match })));
  return answer;
}

/** Holds an action to fail with one of these codes of the server. */
export async function refused(action, ...codes) {
  const error = await action().then(() => null, error => error);
  that(error !== null, `what should be refused with ${codes.join(' or ')} was carried out`);
  if (!(error instanceof CallError || error instanceof ProtocolError)) throw error;
  that(codes.includes(error.code), `refused with "${error.message}" (code ${error.code}), expected ${codes.join(' or ')}`);
}

/** A message told or kept, held to what was sent. Both SDKs fill the elements with defaults of their own, so only what was asked for is compared. */
export function holds(actual, expected, what) {
  for (const [key, value] of Object.entries(expected)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) holds(actual?.[key], value, `${what}.${key}`);
    else equal(actual?.[key], value, `${what}.${key}`);
  }
}

/** The same members, in whatever order. */
export function sameSet(actual, expected, what) {
  equal([...actual].sort(), [...expected].sort(), what);
}

/** Steps that make sense for one of the SDKs only. */
export const only = (isThere, ...steps) => (isThere ? steps : []);

/** Some events tell one thing, some a list of them. */
export const some = match => told => [told].flat().some(match);
