// Files by way of WASI preview 1. Descriptor 3 is the directory `/`, in which `in` and `out` are.
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(dir: i32, follow: u32, path: usize, length: usize, how: u32, rights: u64, inherited: u64, flags: u32, file: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(file: i32, buffers: usize, count: usize, got: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(file: i32, buffers: usize, count: usize, put: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(file: i32): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: u32): void;

const ROOT: i32 = 3;
const RIGHT_READ: u64 = 1 << 1;
const RIGHT_WRITE: u64 = 1 << 6;
const CREATE: u32 = 1;
const TRUNCATE: u32 = 8;

// The buffer list of one buffer (address, length), and behind it where a count comes back.
const call = memory.data(12);

function open(path: string, how: u32, rights: u64): i32 {
  const name = String.UTF8.encode(path);
  const failed = path_open(ROOT, 0, changetype<usize>(name), name.byteLength, how, rights, 0, 0, call);
  return failed ? -1 : load<i32>(call);
}

/** Opens a file for reading. A negative number means that it could not be opened. */
export function openInput(path: string): i32 {
  return open(path, 0, RIGHT_READ);
}

/** Opens a file for writing from its beginning. A negative number means that it could not be opened. */
export function openOutput(path: string): i32 {
  return open(path, CREATE | TRUNCATE, RIGHT_WRITE);
}

/** Reads the next bytes into `chunk`: how many, 0 at the end, a negative number on failure. */
export function readSome(file: i32, chunk: Uint8Array): i32 {
  store<usize>(call, chunk.dataStart);
  store<usize>(call, chunk.length, 4);
  return fd_read(file, call, 1, call + 8) ? -1 : load<i32>(call, 8);
}

/** Writes the text as UTF-8. */
export function writeAll(file: i32, text: string): bool {
  const bytes = String.UTF8.encode(text);
  let done = 0;
  while (done < bytes.byteLength) {
    store<usize>(call, changetype<usize>(bytes) + done);
    store<usize>(call, bytes.byteLength - done, 4);
    if (fd_write(file, call, 1, call + 8) || load<i32>(call, 8) == 0) return false;
    done += load<i32>(call, 8);
  }
  return true;
}

/** Closes a file. */
export function closeFile(file: i32): bool {
  return fd_close(file) == 0;
}

/** Ends the program. */
export function exit(code: u32): void {
  proc_exit(code);
}
