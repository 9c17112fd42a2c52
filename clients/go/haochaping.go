// The signature of the haochaping interface in one file; needs Go and nothing else.
// Try it:            go run haochaping.go https://hcp.example.gov.cn KEY-ID SECRET /api/v1/evaluations '{"project_no": …}'
// Check the vectors: go run haochaping.go ../vectors.json
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

// text returns what is signed: eight lines, as docs/integrate/signing.md has it.
func text(method, path, query string, body []byte, moment, nonce, kid string) string {
	pairs := []string{}
	for _, pair := range strings.Split(query, "&") {
		if pair != "" {
			plain, _ := url.QueryUnescape(pair)
			pairs = append(pairs, plain)
		}
	}
	name := func(at int) string { before, _, _ := strings.Cut(pairs[at], "="); return before }
	sort.SliceStable(pairs, func(i, j int) bool { return name(i) < name(j) })
	digest := sha256.Sum256(body)
	lines := []string{"HCP1", method, path, strings.Join(pairs, "&"), hex.EncodeToString(digest[:]), moment, nonce, kid}
	return strings.Join(lines, "\n")
}

func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func check(file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	var vectors []map[string]string
	if err := json.Unmarshal(content, &vectors); err != nil {
		panic(err)
	}
	good := 0
	for _, v := range vectors {
		if v["algorithm"] != "sha256" {
			continue
		}
		made := text(v["method"], v["path"], v["query"], []byte(v["body"]), v["time"], v["nonce"], v["kid"])
		if made != v["text"] || sign(v["secret"], made) != v["signature"] {
			panic(made)
		}
		good++
	}
	fmt.Println(good, "vectors agree")
}

func main() {
	given := os.Args[1:]
	if len(given) == 1 {
		check(given[0])
		return
	}
	address, kid, secret, path, body := given[0], given[1], given[2], given[3], given[4]
	random := make([]byte, 12)
	if _, err := rand.Read(random); err != nil {
		panic(err)
	}
	moment, nonce := strconv.FormatInt(time.Now().Unix(), 10), hex.EncodeToString(random)
	request, err := http.NewRequest("POST", address+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-HCP-Key", kid)
	request.Header.Set("X-HCP-Time", moment)
	request.Header.Set("X-HCP-Nonce", nonce)
	request.Header.Set("X-HCP-Signature", sign(secret, text("POST", path, "", []byte(body), moment, nonce, kid)))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, string(said))
	if answer.StatusCode >= 400 {
		os.Exit(1)
	}
}
