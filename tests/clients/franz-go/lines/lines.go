// Package lines has what the programs here share: how records look on their output, and how they end when something fails.
package lines

import (
	"encoding/base64"
	"fmt"
	"os"
)

// Field is a key or a value as a word: "-" for none, "=" for an empty one, base64 for others.
func Field(data []byte) string {
	switch {
	case data == nil:
		return "-"
	case len(data) == 0:
		return "="
	}
	return base64.StdEncoding.EncodeToString(data)
}

// Bytes is what Field has made a word of.
func Bytes(word string) []byte {
	switch word {
	case "-":
		return nil
	case "=":
		return []byte{}
	}
	data, err := base64.StdEncoding.DecodeString(word)
	Check(err)
	return data
}

// Check ends the program where there is an error.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
