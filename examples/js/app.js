// Counts the lines and bytes of /in/data and writes them to /out/result.
import { getDirectories } from "wasi:filesystem/preopens@0.2.0";

// What stands outside of `run` happens when the program is built, not when it runs.
export const run = {
  run() {
    const [[root]] = getDirectories(); // one directory, `/`
    const input = root.openAt({}, "in/data", {}, { read: true });
    let lines = 0, size = 0n;
    for (let end = false; !end; ) {
      let bytes;
      [bytes, end] = input.read(65536n, size);
      size += BigInt(bytes.length);
      for (const byte of bytes) if (byte === 10) lines++;
    }
    const output = root.openAt({}, "out/result", { create: true, truncate: true }, { write: true });
    const text = new TextEncoder().encode(`lines: ${lines}\nbytes: ${size}\n`);
    for (let done = 0n; done < text.length; ) done += output.write(text.subarray(Number(done)), done);
  },
};
