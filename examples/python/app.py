"""Counts the lines and bytes of /in/data and writes them to /out/result."""

from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        lines = size = 0
        with open("/in/data", "rb") as data:
            while chunk := data.read(65536):
                lines += chunk.count(b"\n")
                size += len(chunk)
        with open("/out/result", "w") as result:
            result.write(f"lines: {lines}\nbytes: {size}\n")
