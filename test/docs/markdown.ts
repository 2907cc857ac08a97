/** What a page says, as far as tests look at it. */
export interface Page {
  /** Level and text of each heading, in order. */
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  /** Targets of links and images outside code, in order. */
  readonly links: readonly string[];
  /** Fenced code blocks, in order. */
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
  /** The page without its fenced code blocks. */
  readonly prose: string;
}

const BLOCK = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;
const LINK = /\[(?:[^\]`]|`[^`]*`)*\]\(([^)\s]+)\)/g;

export function readMarkdown(text: string): Page {
  const prose = text.replace(BLOCK, '');
  return {
    prose,
    blocks: [...text.matchAll(BLOCK)].map(([, indent = '', language = '', body = '']) => ({
      language,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    })),
    headings: [...prose.matchAll(/^(#{1,6}) (.+)$/gm)].map(([, marks = '', words = '']) => ({
      level: marks.length,
      text: words,
    })),
    // An image that is a link is two links.
    links: [...prose.matchAll(LINK)].map(([, target = '']) => target),
  };
}

/** The anchors that GitHub gives a page's headings; the second of two equal ones ends in `-1`. */
export function anchorsOf({ headings }: Page): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { text } of headings) {
    const words = text.replaceAll(LINK, (link) => link.slice(1, link.indexOf(']')));
    const slug = words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}
