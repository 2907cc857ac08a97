/**
 * The whole body of an answer as text, or undefined when it is not there in time: then the connection is dropped. A
 * time-out of ky's ends with the head of an answer, and an abort signal handed to `fetch` is held weakly after that: with
 * it alone, one body in so many that dripped was read for ever.
 */
export async function readBody(response: Response, patienceMs: number): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // An end that is wanted; why it was not a clean one is of no use to anybody.
    reader.cancel().catch(() => undefined);
  }, patienceMs);
  try {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) return undefined;
      if (done) return text + decoder.decode();
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
  }
}
