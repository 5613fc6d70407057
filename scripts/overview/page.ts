/** The overview as Markdown: all names in README, and a page that says what each is. */

import type { Item, Member } from './exports.ts';
import { type Kind, kinds, kindsOf } from './kinds.ts';

/** The page, as README links to it. */
export const PAGE = 'docs/overview.md';

/** All there is: the exports, and the members of `Tensor`. */
export interface Contents {
  readonly items: readonly Item[];
  readonly members: readonly Member[];
}

/** A heading, a sentence about it, and what stands below. */
interface Group {
  readonly title: string;
  readonly about: string;
  readonly items: readonly Item[];
}

/** Upper and lower case are one in a link, so a class and a function of one name need more than the name. */
const anchorOf = ({ kind, from, name }: Item): string =>
  (kind === 'class' ? `class-${name}` : kind === 'function' || kind === 'value' ? name : `${from}-${name}`).toLowerCase();

function groupsOf({ items, members }: Contents): Group[] {
  const callable = items.filter(({ kind }) => kind !== 'type');
  const group = (kind: Kind): Group => ({ ...kind, items: callable.filter((item) => kindsOf(item).includes(kind)) });
  const [tensors, ...others] = kinds.map(group);
  const sections = [...new Set(members.map(({ section }) => section))];
  const methods = sections.map((section): Group => {
    const own = members.filter((member) => member.section === section);
    return { title: section === '' ? 'Properties' : section, about: '', items: own };
  });
  return [tensors!, ...methods.map((each) => ({ ...each, title: `Tensor: ${lowered(each.title)}` })), ...others];
}

const lowered = (title: string): string => title[0]!.toLowerCase() + title.slice(1);

/** How something is written: with `Tensor.` before a static method, and a dot before a method. */
const written = ({ kind, name }: Item): string =>
  kind === 'static' ? `Tensor.${name}` : kind === 'method' || kind === 'getter' ? `.${name}` : name;

/** The list of all names that stands in README. */
export function shortList(contents: Contents): string {
  const line = ({ title, items }: Group) =>
    `- **${title}**: ${items.map((item) => `[\`${written(item)}\`](${PAGE}#${anchorOf(item)})`).join(' ')}`;
  return groupsOf(contents).map(line).join('\n');
}

/** The page with a line for each. */
export function page(contents: Contents): string {
  const groups = groupsOf(contents).flatMap(({ title, about, items }) =>
    [`## ${title}`, about, items.map(line).join('\n')].filter(Boolean),
  );
  const types = contents.items.filter(({ kind }) => kind === 'type');
  return `${[
    '<!-- Made by `npm run overview` from the doc comments in src/: edit those, not this page. -->',
    '# All that exists',
    'Each name links to its doc comment: formula, shapes, defaults, errors, and an example that runs as a test. [coming-from.md](coming-from.md) has the names of PyTorch, JAX, NumPy and TensorFlow.js beside these, [operations.md](operations.md) the measured error of each operation.',
    ...groups,
    '## Types',
    'For annotations; they do not exist at run time.',
    types.map(linked).join(' '),
  ].join('\n\n')}\n`;
}

const linked = (item: Item): string => `[\`${written(item)}\`](../${item.file}#L${item.line})`;
const line = (item: Item): string => `- <a id="${anchorOf(item)}"></a>${linked(item)}: ${item.sentence}`;

const BEGIN = '<!-- overview: made by npm run overview -->';
const END = '<!-- end of overview -->';

/** A text with the list of all names between its marks. */
export function withShortList(text: string, list: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`expected the marks ${BEGIN} and ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${list}\n\n${text.slice(end)}`;
}
