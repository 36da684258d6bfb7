// The adapter protocol as a Go adapter speaks it: one JSON object a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const method = "imopenlines.session.join"

type answer map[string]any

type caller func(ctx context.Context, params map[string]any) answer

type setup struct {
	Portal struct {
		Webhook string `json:"webhook"`
	} `json:"portal"`
	Deadline float64 `json:"deadline_s"`
}

func refused(code string) answer { return answer{"refused": code, "via": "field"} }

func broken(what string) answer { return answer{"broken": what} }

// result is the answer to a call that returned value: nothing but true is a success.
func result(value json.RawMessage) answer {
	if strings.TrimSpace(string(value)) == "true" {
		return answer{"joined": true}
	}
	return broken(fmt.Sprintf("the call returned %s", value))
}

// serve answers every call on standard input until it ends.
func serve(adapter string, makeCaller func(setup) caller) {
	out := json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr // standard output is for the protocol; whatever else is printed is not
	in := bufio.NewReader(os.Stdin)
	var given setup
	read(in, &given)
	call := makeCaller(given)
	out.Encode(answer{"adapter": adapter, "client": nil})
	for {
		var line struct{ Call map[string]any }
		if !read(in, &line) {
			return
		}
		out.Encode(within(given.Deadline*0.9, call, line.Call))
	}
}

// within tells what the caller saw, also of a call that does not keep its context's limit.
func within(seconds float64, call caller, params map[string]any) answer {
	limit := time.Duration(seconds * float64(time.Second))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	told := make(chan answer, 1)
	go func() { told <- call(ctx, params) }()
	select {
	case seen := <-told:
		return seen
	case <-time.After(limit + limit/20):
		return broken(fmt.Sprintf("the call did not return within %g s", seconds))
	}
}

// read takes one line; numbers stay as they are written.
func read(in *bufio.Reader, into any) bool {
	line, err := in.ReadString('\n')
	if err == io.EOF && line == "" {
		return false
	}
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		panic(err)
	}
	return true
}
