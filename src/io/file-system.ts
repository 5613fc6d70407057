/** As much of `node:fs/promises` as whole files need. */

/** An open file of `node:fs/promises`. */
interface FileHandle {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The functions that are used. */
export interface Disk {
  open(path: string, flags: string): Promise<FileHandle>;
  readFile(path: string | URL): Promise<Uint8Array>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<{ readonly mode: number; readonly mtimeMs: number }>;
  chmod(path: string, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  copyFile(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
}
