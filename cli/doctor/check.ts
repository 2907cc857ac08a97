import { UserError } from '../../config/user-error.ts';

/** What one look found. `cure` says what to do, in words that can be typed. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly cure: string | null;
}

export function good(check: string, detail: string): Finding {
  return { check, ok: true, detail, cure: null };
}

export function bad(check: string, detail: string, cure: string): Finding {
  return { check, ok: false, detail, cure };
}

/** Runs one look; what it throws is a finding too, so that one fault does not hide the next. */
export async function look(check: string, cure: string, work: () => Promise<Finding | string>): Promise<Finding> {
  try {
    const found = await work();
    return typeof found === 'string' ? good(check, found) : found;
  } catch (error) {
    const why = error instanceof UserError || error instanceof Error ? error.message : String(error);
    return bad(check, why, cure);
  }
}
