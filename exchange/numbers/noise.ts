/** Spreads 32 bits over 32 bits; the finaliser of MurmurHash3, so equal inputs agree on every machine. */
function mix(input: number): number {
  let hash = input | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number of 32 bits from a text. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return mix(hash);
}

/** A number of 32 bits that depends on all three: which generator, which of its streams, which position. */
export function hashAt(generator: number, stream: number, position: number): number {
  return mix(mix(mix(generator) ^ Math.imul(stream + 1, 0x9e3779b1)) ^ position);
}

/** A whole number from -amplitude to amplitude. */
function spread(generator: number, stream: number, position: number, amplitude: number): number {
  return (hashAt(generator, stream, position) % (2 * amplitude + 1)) - amplitude;
}

/** Each octave lasts four times as long as the one before and swings twice as far, as a random walk would. */
const OCTAVES = 9;
const SHORTEST_AMPLITUDE_PPM = 220;

/**
 * How far a wandering price is from its base at a position, in parts per million: the sum of nine straight-lined
 * noises. Unlike a walk that adds steps, any position is computed alone, whole numbers throughout; it stays within
 * about ±11 % for ever.
 */
export function wanderPpm(generator: number, position: number): number {
  let ppm = 0;
  let period = 1;
  let amplitude = SHORTEST_AMPLITUDE_PPM;
  for (let octave = 0; octave < OCTAVES; octave += 1) {
    const knot = Math.floor(position / period);
    const into = position - knot * period;
    const left = spread(generator, octave, knot, amplitude);
    const right = spread(generator, octave, knot + 1, amplitude);
    ppm += Math.trunc((left * (period - into) + right * into) / period);
    period *= 4;
    amplitude *= 2;
  }
  return ppm;
}
