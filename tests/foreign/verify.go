// verify checks an audit log, and proofs from it, with Go's own sumdb packages: nothing of ours is
// linked in.
//
//	verify log KEY DIR                    the signature, and the root derived from the entries
//	verify record KEY PROOF [WITNESS]     a tlog-proof, and the witness's cosignature
//	verify growth KEY CHECKPOINT GROWTH   a consistency proof from an older signed head
//
// The tree is derived from the entries: tlog.TileHashReader of this version has CVE-2026-56865.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path string) []byte {
	content, err := os.ReadFile(path)
	check(err)
	return content
}

// open takes a signed note apart after Go's own check of its signature.
func open(text []byte, verifiers ...note.Verifier) (origin string, tree tlog.Tree) {
	opened, err := note.Open(text, note.VerifierList(verifiers...))
	check(err)
	if len(opened.Sigs) != len(verifiers) {
		log.Fatalf("signed by %d of %d keys", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	copy(tree.Hash[:], root)
	return lines[0], tree
}

func logKey(path string) note.Verifier {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(path))))
	check(err)
	return verifier
}

// cosigner verifies C2SP cosignature/v1, which sumdb/note knows as an interface only.
type cosigner struct {
	name string
	key  ed25519.PublicKey
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(c.name+"\n\x04"), c.key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func witnessKey(path string) note.Verifier {
	parts := strings.SplitN(strings.TrimSpace(string(read(path))), "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	if key[0] != 4 {
		log.Fatal("not the key of a witness")
	}
	return cosigner{parts[0], key[1:]}
}

// stored is every hash of the tree in the order of sumdb/tlog.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(s)) {
			return nil, errors.New("the log is too short")
		}
		out = append(out, s[index])
	}
	return out, nil
}

// entries reads the bundles of the first size records (C2SP tlog-tiles).
func entries(dir string, size int64) (records [][]byte) {
	for bundle := int64(0); bundle*256 < size; bundle++ {
		name := fmt.Sprintf("%03d", bundle%1000)
		for rest := bundle / 1000; rest > 0; rest /= 1000 {
			name = fmt.Sprintf("x%03d/%s", rest%1000, name)
		}
		path := filepath.Join(dir, "tile", "entries", name)
		if _, err := os.Stat(path); err != nil {
			path += fmt.Sprintf(".p/%d", size%256)
		}
		for rest := read(path); len(rest) > 0; {
			end := 2 + int(binary.BigEndian.Uint16(rest))
			records = append(records, rest[2:end])
			rest = rest[end:]
		}
	}
	return records
}

func verifyLog(key note.Verifier, dir string) {
	_, tree := open(read(filepath.Join(dir, "checkpoint")), key)
	var hashes stored
	records := entries(dir, tree.N)
	if int64(len(records)) < tree.N {
		log.Fatalf("%d entries, %d were signed", len(records), tree.N)
	}
	for n, record := range records[:tree.N] {
		more, err := tlog.StoredHashesForRecordHash(int64(n), tlog.RecordHash(record), hashes)
		check(err)
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	check(err)
	if root != tree.Hash {
		log.Fatal("the entries are not those that were signed")
	}
	// Go's own proofs over our entries, and its own check of them.
	for n := int64(0); n < tree.N; n += 37 {
		proof, err := tlog.ProveRecord(tree.N, n, hashes)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(records[n])))
	}
	fmt.Printf("%d %s\n", tree.N, root)
}

// hashLines takes hashes up to the blank line; what follows is the note.
func hashLines(text []byte) (hashes []tlog.Hash, rest []byte) {
	for {
		line, after, found := bytes.Cut(text, []byte("\n"))
		if !found {
			log.Fatal("no blank line")
		}
		text = after
		if len(line) == 0 {
			return hashes, text
		}
		bytes, err := base64.StdEncoding.DecodeString(string(line))
		check(err)
		if len(bytes) != tlog.HashSize {
			log.Fatal("not a hash")
		}
		hashes = append(hashes, tlog.Hash(*(*[32]byte)(bytes)))
	}
}

func field(text []byte, word string) (value string, rest []byte) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if !strings.HasPrefix(string(line), word) {
		log.Fatalf("not %q: %q", word, line)
	}
	return strings.TrimPrefix(string(line), word), rest
}

func verifyRecord(proof []byte, verifiers ...note.Verifier) {
	_, rest := field(proof, "c2sp.org/tlog-proof@v1")
	extra, rest := field(rest, "extra ")
	index, rest := field(rest, "index ")
	hashes, signed := hashLines(rest)
	_, tree := open(signed, verifiers...)
	record, err := base64.StdEncoding.DecodeString(extra)
	check(err)
	n, err := strconv.ParseInt(index, 10, 64)
	check(err)
	check(tlog.CheckRecord(hashes, tree.N, tree.Hash, n, tlog.RecordHash(record)))
	fmt.Printf("%d of %d\n", n, tree.N)
}

func verifyGrowth(key note.Verifier, old, growth []byte) {
	_, before := open(old, key)
	_, rest := field(growth, fmt.Sprintf("old %d", before.N))
	hashes, signed := hashLines(rest)
	_, after := open(signed, key)
	check(tlog.CheckTree(hashes, after.N, after.Hash, before.N, before.Hash))
	fmt.Printf("%d to %d\n", before.N, after.N)
}

func main() {
	log.SetFlags(0)
	key := logKey(os.Args[2])
	switch os.Args[1] {
	case "log":
		verifyLog(key, os.Args[3])
	case "record":
		verifiers := []note.Verifier{key}
		if len(os.Args) > 4 {
			verifiers = append(verifiers, witnessKey(os.Args[4]))
		}
		verifyRecord(read(os.Args[3]), verifiers...)
	case "growth":
		verifyGrowth(key, read(os.Args[3]), read(os.Args[4]))
	default:
		log.Fatal("log, record or growth")
	}
}
