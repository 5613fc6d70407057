/** Protocol Buffers, written: the part of the encoding that ONNX needs (protobuf.dev/programming-guides/encoding). */

/** The kinds of what follows a field's number. */
const WIRE = { varint: 0, bytes: 2 } as const;

/** A message: fields in the order in which they are added. Bytes are not copied until all is joined. */
export class Message {
  readonly parts: Uint8Array[] = [];
  /** How many bytes it has. */
  length = 0;

  /** A whole number, up to 2⁵³ on either side of 0. */
  int(field: number, value: number): this {
    return this.#add(varint(field * 8 + WIRE.varint)).#add(varint(value));
  }

  bytes(field: number, bytes: Uint8Array): this {
    return this.#add(varint(field * 8 + WIRE.bytes))
      .#add(varint(bytes.length))
      .#add(bytes);
  }

  text(field: number, text: string): this {
    return this.bytes(field, new TextEncoder().encode(text));
  }

  message(field: number, message: Message): this {
    this.#add(varint(field * 8 + WIRE.bytes)).#add(varint(message.length));
    for (const part of message.parts) this.#add(part);
    return this;
  }

  /** All of it in one array. */
  joined(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  #add(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }
}

/** Seven bits a byte, the low ones first; a negative number as its two's complement of 64 bits. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
