// Counts the lines and bytes of /in/data and writes them to /out/result.
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
)

func main() {
	in, err := os.Open("/in/data")
	if err != nil {
		log.Fatal(err)
	}
	lines, size := 0, 0
	chunk := make([]byte, 65536)
	for {
		got, err := in.Read(chunk)
		lines += bytes.Count(chunk[:got], []byte{'\n'})
		size += got
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	result := fmt.Sprintf("lines: %d\nbytes: %d\n", lines, size)
	if err := os.WriteFile("/out/result", []byte(result), 0o600); err != nil {
		log.Fatal(err)
	}
}
