// Checks a ledger with golang.org/x/mod/sumdb, which shares no code with the platform.
//
//	main folder FOLDER VKEY   a published log: signature, every tile, every entry, proofs
//	main proofs               proofs on standard input, one JSON object a line
//
// Says how much held as JSON; ends with 1 and the reason where something does not.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type files string

func (f files) Height() int { return 8 }

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// the paths of C2SP tlog-tiles lack the height; a part may stand within its whole
func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		place := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), place))
		if err != nil {
			whole, _, _ := strings.Cut(place, ".p/")
			if data, err = os.ReadFile(filepath.Join(string(f), whole)); err != nil {
				return nil, err
			}
			data = data[:tile.W*tlog.HashSize]
		}
		found = append(found, data)
	}
	return found, nil
}

func bundle(folder string, number, size int64) [][]byte {
	tile := tlog.Tile{H: 8, L: 0, N: number, W: 256}
	if left := size - number*256; left < 256 {
		tile.W = int(left)
	}
	place := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(folder, place))
	must(err)
	var found [][]byte
	for len(data) > 0 {
		length := int(data[0])<<8 | int(data[1])
		found, data = append(found, data[2:2+length]), data[2+length:]
	}
	return found
}

func folder(path, vkey string) map[string]int {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	signed, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	must(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	plain, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	var root tlog.Hash
	copy(root[:], plain)
	at := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, files(path))
	held := map[string]int{}
	for number := int64(0); number*256 < size; number++ {
		for offset, entry := range bundle(path, number, size) {
			index := number*256 + int64(offset)
			hashes, err := at.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			must(err)
			if hashes[0] != tlog.RecordHash(entry) {
				must(fmt.Errorf("entry %d is another", index))
			}
			held["entries"]++
			if index%97 == 0 {
				proof, err := tlog.ProveRecord(size, index, at)
				must(err)
				must(tlog.CheckRecord(proof, size, root, index, hashes[0]))
				before, err := tlog.TreeHash(index+1, at)
				must(err)
				since, err := tlog.ProveTree(size, index+1, at)
				must(err)
				must(tlog.CheckTree(since, size, root, index+1, before))
				held["proofs"]++
			}
		}
	}
	return held
}

type claim struct {
	Size, Index int64
	Old         bool
	Root, Part  []byte
	Proof       [][]byte
}

func hashOf(data []byte) (found tlog.Hash) {
	copy(found[:], data)
	return found
}

func proofs() map[string]int {
	held, lines := map[string]int{}, json.NewDecoder(bufio.NewReader(os.Stdin))
	for lines.More() {
		var one claim
		must(lines.Decode(&one))
		var path []tlog.Hash
		for _, node := range one.Proof {
			path = append(path, hashOf(node))
		}
		if one.Old {
			must(tlog.CheckTree(path, one.Size, hashOf(one.Root), one.Index, hashOf(one.Part)))
			held["consistency"]++
		} else {
			must(tlog.CheckRecord(path, one.Size, hashOf(one.Root), one.Index, hashOf(one.Part)))
			held["inclusion"]++
		}
	}
	return held
}

func main() {
	held := map[string]int{}
	if os.Args[1] == "folder" {
		held = folder(os.Args[2], os.Args[3])
	} else {
		held = proofs()
	}
	must(json.NewEncoder(os.Stdout).Encode(held))
}
