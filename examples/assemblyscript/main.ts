// Counts the lines and bytes of /in/data and writes them to /out/result.
import { closeFile, exit, openInput, openOutput, readSome, writeAll } from "./files";

export function _start(): void {
  const input = openInput("in/data");
  const output = openOutput("out/result");
  if (input < 0 || output < 0) exit(1);
  let lines: u64 = 0;
  let bytes: u64 = 0;
  const chunk = new Uint8Array(65536);
  for (let got = readSome(input, chunk); got != 0; got = readSome(input, chunk)) {
    if (got < 0) exit(1);
    bytes += got;
    for (let i = 0; i < got; i++) if (chunk[i] == 10) lines++;
  }
  if (!writeAll(output, `lines: ${lines}\nbytes: ${bytes}\n`) || !closeFile(output)) exit(1);
}
