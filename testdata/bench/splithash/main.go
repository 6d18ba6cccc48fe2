// Command splithash splits an mbox file and digests each message, and nothing more: for make bench, beside "openssl dgst -sha256" on the same file.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"

	"onrecord/pkg/mbox"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: splithash FILE")
		os.Exit(2)
	}
	n, err := splitHash(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "splithash: error:", err)
		os.Exit(1)
	}
	fmt.Println(n)
}

func splitHash(name string) (messages int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	for p, err := range mbox.Split(f, info.Size(), mbox.MboxRD, mbox.Options{Reuse: true}) {
		if err != nil {
			return messages, err
		}
		sha256.Sum256(p.Raw)
		messages++
	}
	return messages, nil
}
