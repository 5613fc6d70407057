/**
 * As much WebAssembly as the kernels need. An instruction is a function from its operands to code,
 * and code is bytes, nested as they were written: `sum.set(v.add(sum, v.mul(x, y)))`.
 */

export type Code = number | Local | readonly Code[];

/** A local variable of a function. Where code is wanted, it stands for its value. */
export class Local {
  constructor(readonly index: number) {}

  set(value: Code): Code {
    return [value, 0x21, unsigned(this.index)];
  }
}

/** Instructions of one and of two operands. */
export type Unary = (a: Code) => Code;
export type Binary = (a: Code, b: Code) => Code;
export const one =
  (opcode: Code): Unary =>
  (a) => [a, opcode];
export const two =
  (opcode: Code): Binary =>
  (a, b) => [a, b, opcode];

/** Integers, which are addresses and counts. */
export const i32: { readonly [name in 'add' | 'sub' | 'mul' | 'and' | 'shiftRight' | 'less']: Binary } & {
  constant(n: number): Code;
  load(address: Code, offset?: number): Code;
} = {
  constant: (n) => [0x41, signed(n)],
  load: (address, offset = 0) => [address, 0x28, 0, unsigned(offset)],
  add: two(0x6a),
  sub: two(0x6b),
  mul: two(0x6c),
  and: two(0x71),
  shiftRight: two(0x76),
  less: two(0x49),
};

/** Adds to an integer. */
export const advance = (local: Local, by: Code): Code => local.set(i32.add(local, typeof by === 'number' ? i32.constant(by) : by));

/** Runs `body` at least once, and again while `condition` is not 0. */
export const repeatWhile = (condition: Code, body: Code): Code => [0x03, NOTHING, body, condition, 0x0d, 0, END];

/** Runs `body` if `condition` is not 0. */
export const when = (condition: Code, body: Code): Code => [condition, 0x04, NOTHING, body, END];

/** Runs `yes` if `condition` is not 0, else `no`. */
export const either = (condition: Code, yes: Code, no: Code): Code => [condition, 0x04, NOTHING, yes, 0x05, no, END];

/** Runs `body` while `condition` is not 0, perhaps never. */
export const loopWhile = (condition: Code, body: Code): Code => when(condition, repeatWhile(condition, body));

/** Runs `body` as many times as `count` says, at least once, and leaves `count` at 0. */
export const repeat = (count: Local, body: Code): Code => repeatWhile(count, [body, advance(count, -1)]);

/** The locals of a function, made as they are needed. */
export class Scope {
  readonly types: number[] = [];
  constructor(readonly parameters: number) {}

  integer(): Local {
    return this.#local(I32);
  }
  vector(): Local {
    return this.#local(V128);
  }

  #local(type: number): Local {
    return new Local(this.parameters + this.types.push(type) - 1);
  }
}

/** The address of a few bytes that nobody else uses while a kernel runs: each instance of a module is told its own. */
export const TOTALS: Code = [0x23, 0];

/** A compiled module: a function of integers, which are addresses, strides and counts, in the order in which `assemble` named them. */
export type Kernel = (...integers: number[]) => void;

/** A module of one function, `run`, over a memory that it imports, with the address `TOTALS`. `write` gets its integer parameters by the names that are listed in their order. */
export function assemble<const Name extends string>(
  names: readonly Name[],
  write: (parameters: { readonly [name in Name]: Local }, scope: Scope) => Code,
): Uint8Array<ArrayBuffer> {
  const scope = new Scope(names.length);
  const parameters = Object.fromEntries(names.map((name, index) => [name, new Local(index)])) as { readonly [name in Name]: Local };
  const body = write(parameters, scope);
  const declared = list(scope.types.map((type) => [1, type]));
  return Uint8Array.from(
    flatten([
      MAGIC,
      VERSION,
      section(1, [0x60, list(names.map(() => I32)), 0]), // its type: integers in, nothing out
      [2, sized([2, text('host'), text('memory'), 2, 0, 1, text('host'), text('totals'), 3, I32, 0])], // the memory and the address it imports
      section(3, 0), // a function of that type
      section(7, [text('run'), 0, 0]), // its name
      section(10, sized([declared, body, END])), // its code
    ]),
  );
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const VERSION = [1, 0, 0, 0];
const I32 = 0x7f;
const V128 = 0x7b;
const NOTHING = 0x40;
const END = 0x0b;

const list = (items: readonly Code[]): Code => [unsigned(items.length), items];
const sized = (code: Code): Code => list(flatten(code));
const section = (id: number, item: Code): Code => [id, sized([1, item])];
const text = (name: string): Code => list([...new TextEncoder().encode(name)]);

/** LEB128: seven bits a byte, the least first; all bytes but the last are marked. */
export const unsigned = (n: number): Code => (n < 128 ? n : [(n & 127) | 128, unsigned(n >>> 7)]);
const signed = (n: number): Code => (n >= -64 && n < 64 ? n & 127 : [(n & 127) | 128, signed(n >> 7)]);

/** Code as the bytes of a file: no longer nested, and a local as the instruction that reads it. */
function flatten(code: Code, into: number[] = []): number[] {
  if (typeof code === 'number') into.push(code);
  else if (code instanceof Local) flatten([0x20, unsigned(code.index)], into);
  else for (const part of code) flatten(part, into);
  return into;
}
