/** A chapter as Markdown. */

import type { Chapter, Part } from './chapter.ts';

/** The page of a chapter, with links to the chapters before and after it. */
export function pageOf(chapter: Chapter, all: readonly Chapter[]): string {
  const chapters = all.filter(({ number }) => number !== undefined);
  const at = chapters.indexOf(chapter);
  const [before, after] = at < 0 ? [] : [chapters[at - 1], chapters[at + 1]];
  const links = [before && `← ${linkTo(before)}`, '[Contents](README.md)', after && `${linkTo(after)} →`].filter(Boolean).join(' · ');
  const deep = chapter.parts.some(({ kind }) => kind === 'section');
  return `${[
    `<!-- Made by \`npm run book\` from test/book/${chapter.file}: edit that file, not this one. -->`,
    `# ${headingOf(chapter)}`,
    links,
    chapter.opening,
    aboutCode(chapter, all),
    ...chapter.parts.map((part) => write(part, deep ? '###' : '##')),
    '---',
    links,
  ]
    .filter(Boolean)
    .join('\n\n')}\n`;
}

/** The table of contents. */
export function contentsOf(introduction: string, all: readonly Chapter[]): string {
  const lines = all.filter(({ number }) => number !== undefined).map((chapter) => `${chapter.number}. ${entryOf(chapter)}`);
  const others = all.filter(({ number }) => number === undefined).map((chapter) => `- ${entryOf(chapter)}`);
  return `<!-- Made by \`npm run book\`. -->\n\n${introduction}\n\n## Chapters\n\n${lines.join('\n')}\n\nShared by the chapters:\n\n${others.join('\n')}\n`;
}

const headingOf = ({ number, title }: Chapter): string => (number === undefined ? title : `${number}. ${title}`);
const linkTo = (chapter: Chapter): string => `[${headingOf(chapter)}](${chapter.page})`;

function entryOf({ title, page, opening }: Chapter): string {
  const [sentence] = /^[\s\S]*?[.:](?=\s|$)/.exec(opening) ?? [opening];
  return `[${title}](${page}). ${sentence.replaceAll('\n', ' ').replace(/:$/, '.')}`;
}

/** How to run the chapter, and what its code takes from elsewhere. */
function aboutCode({ file, number, imports, borrowed }: Chapter, all: readonly Chapter[]): string {
  const run = `npx vitest run test/book/${file.replace(/\.test\.ts$/, '')}`;
  const how = number === undefined ? '' : `Run this chapter: \`${run}\`\n\n`;
  const from = [...borrowed].map(([other, names]) => {
    const page = all.find((chapter) => chapter.file === other);
    const list = names.map((name) => `\`${name}\``).join(', ');
    return page ? `${list} from [${page.title.toLowerCase()}](${page.page})` : `${list} from \`${other}\``;
  });
  const said = from.length > 0 ? `, with ${from.join(' and ')}` : '';
  return `${how}<details><summary>Imports</summary>\n\n${fence(imports)}\n\n</details>${said ? `\n\nThe code below uses the library${said}.` : ''}`;
}

function write(part: Part, level: string): string {
  if (part.kind === 'prose') return part.text;
  if (part.kind === 'code') return fence(part.text);
  if (part.kind === 'section') return `## ${sentence(part.title)}`;
  return [`${level} ${sentence(part.title)}`, part.prose, fence(part.code)].filter(Boolean).join('\n\n');
}

/** A title as Markdown. Its first word gets a capital letter if it is a word: symbols such as `dA`, `yᵢ` and `x` stay as they are. */
const sentence = (title: string): string => {
  const escaped = title.replaceAll(/[\\`*_<>[\]]/g, (sign) => `\\${sign}`);
  return /^(?:\p{Ll}{2,}|a)(?![\p{L}\p{N}])/u.test(escaped) ? escaped[0]!.toUpperCase() + escaped.slice(1) : escaped;
};

// Marked `no-test` for the doctests, since this code runs as a test already.
const fence = (code: string): string => `\`\`\`ts no-test\n${code}\n\`\`\``;
