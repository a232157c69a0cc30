/**
 * What differs between Node and a browser, as types only. Portable rooms take a `Host`; `host/node` and `host/browser` make one.
 */

export interface WorkerHandle {
  post(message: unknown, transfer?: readonly unknown[]): void
  onMessage(listener: (message: unknown) => void): void
  onError(listener: (error: Error) => void): void
  /** Keeps the process alive while a step runs (Node only; nothing elsewhere). */
  hold(held: boolean): void
  terminate(): Promise<void>
}

/** What differs between Node and a browser. */
export interface Host {
  readonly name: 'node' | 'browser'
  /** Cores the machine offers to this process. */
  readonly cores: number
  /** Whether several threads can share one memory here (in a browser: the page is cross-origin isolated). */
  readonly sharedMemory: boolean
  /** Bytes of memory that can still be had; missing where nobody says it. */
  memoryLeft?(): number
  /** Milliseconds since some fixed moment, by a clock that nobody sets. */
  now(): number
  /** Starts a worker whose whole program is this JavaScript source (it talks through `post` and `onMessage`, see runtime/wasm/worker.ts). */
  startWorker(source: string): WorkerHandle | Promise<WorkerHandle>
  /** Switches relaxed SIMD on in an engine that has it behind a flag; called only where it is missing. */
  enableRelaxedSimd?(): void
  /** Lets pending events (pointer, Ctrl-C, timers) be handled. */
  yieldToEvents(): Promise<void>
}

/** What is expected in a file: it says how large it may be. `text`: configurations and tables; `events`: the story of a run. */
export type FileKind = 'picture' | 'text' | 'events' | 'data' | 'model'

/** Files of a device that has some (Node's disk; in a browser a program can bring its own). Paths are the host's. */
export interface Files {
  /** Throws UserError when there is no such file, or none that a file of this kind (a model by default) can be. */
  read(path: string, kind?: FileKind): Promise<Uint8Array>
  /**
   * Replaces the file as a whole or not at all; makes the folders it needs. `former`: a path beside it, which the file that was there
   * keeps, as soon as the new one was read back.
   */
  write(path: string, bytes: Uint8Array, former?: string): Promise<void>
  /** Adds text (UTF-8) or bytes at the end of the file (created when missing), all or nothing. */
  append(path: string, content: string | Uint8Array): Promise<void>
  exists(path: string): Promise<boolean>
  /** Nothing happens when there is no such file. */
  remove(path: string): Promise<void>
  /** Names in a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<string[]>
  /**
   * Keeps other processes from training into a folder, until the function it gives is called. Throws UserError where one does. Missing
   * where there is one process.
   */
  lock?(folder: string): Promise<() => Promise<void>>
  /** Whether a file lies in a folder once links are followed. Missing where there are no links. */
  isWithin?(folder: string, path: string): Promise<boolean>
  join(...parts: string[]): string
}

/** Where lines for a person go: a terminal, a pipe, the browser's console. */
export interface TextOutput {
  write(text: string): void
  /** Whether a line can be drawn again (carriage return) and coloured. */
  readonly isTerminal: boolean
  /** Characters in a line; 80 where that is not known. */
  readonly columns: number
  /** Whether the reader has left (`| head`), so that nobody sees what is written. */
  readonly isClosed?: boolean
}
